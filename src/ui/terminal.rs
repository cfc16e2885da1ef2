//! Entering and leaving the terminal. Whatever is switched on is switched off again, on every way out.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue, style};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;

/// Puts the terminal's title aside, and takes it back: XTWINOPS, ignored where it is not known.
const SAVE_TITLE: &str = "\x1b[22;2t";
const RESTORE_TITLE: &str = "\x1b[23;2t";

/// Room for a whole frame, so that it goes out in one piece.
const FRAME_BYTES: usize = 64 * 1024;

/// Whether the terminal is ours.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is told to us, and not to the terminal's own selection.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// The thread that draws.
static DRAWS: OnceLock<ThreadId> = OnceLock::new();

/// The terminal while it is ours. Dropped, it is given back.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal,
}

type Terminal = ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// A terminal that is believed to show nothing.
fn blank() -> io::Result<Terminal> {
    ratatui::Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout())))
}

impl Screen {
    /// Takes the terminal: alternate screen, raw keys, bracketed paste, no cursor, a title.
    ///
    /// # Errors
    /// When standard input or output is no terminal, or has gone away.
    pub fn enter() -> io::Result<Self> {
        // A look without colours is a theme of its own, so NO_COLOR is honoured by choosing it. The library's own way,
        // empty colour sequences, would reset reversed and bold text as well.
        style::force_color_output(true);
        take()?;
        let terminal = blank().inspect_err(|_| leave())?;
        Ok(Self { terminal })
    }

    /// The terminal's columns and rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |size| (size.width, size.height))
    }

    /// Draws a frame, all at once.
    ///
    /// # Errors
    /// When the terminal has gone away.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(draw)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Has the mouse told to us, or gives it back to the terminal.
    ///
    /// # Errors
    /// When the terminal has gone away.
    pub fn mouse(&mut self, wanted: bool) -> io::Result<()> {
        match (wanted, MOUSE.swap(wanted, Ordering::SeqCst)) {
            (true, false) => execute!(self.terminal.backend_mut(), EnableMouseCapture),
            (false, true) => execute!(self.terminal.backend_mut(), DisableMouseCapture),
            _ => Ok(()),
        }
    }

    /// Puts a text into the clipboard of whoever sits at the terminal, however far away that is (OSC 52).
    ///
    /// # Errors
    /// When the terminal has gone away.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        write!(out, "\x1b]52;c;{}\x07", base64(text.as_bytes()))?;
        Write::flush(out)
    }

    /// Takes the terminal back after someone else had it, and forgets what it showed.
    ///
    /// # Errors
    /// When the terminal has gone away.
    pub fn enter_again(&mut self) -> io::Result<()> {
        take()?;
        // The library's own way to forget asks the terminal where its cursor is, and the answer would come in between
        // the keys.
        execute!(self.terminal.backend_mut(), Clear(ClearType::All))?;
        self.terminal = blank()?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    let taken = out
        .write_all(SAVE_TITLE.as_bytes())
        .and_then(|()| execute!(out, EnterAlternateScreen, SetTitle("rekotui"), EnableBracketedPaste, cursor::Hide));
    taken.inspect_err(|_| leave())
}

/// Gives the terminal back as it was. Does nothing if it is not ours.
///
/// Whatever fails here fails because the terminal is gone: there is nobody to tell.
pub fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    if MOUSE.swap(false, Ordering::SeqCst) {
        let _ = execute!(out, DisableMouseCapture);
    }
    let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, cursor::Show, LeaveAlternateScreen);
    let _ = out.write_all(RESTORE_TITLE.as_bytes()).and_then(|()| out.flush());
    let _ = disable_raw_mode();
}

/// From now on a panic of this thread gives the terminal back before it is reported; one of a worker is only a lost
/// answer, and reporting it would write across the screen.
pub fn guard_panics() {
    if DRAWS.set(thread::current().id()).is_err() {
        return;
    }
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let draws = DRAWS.get() == Some(&thread::current().id());
        if draws {
            leave();
        }
        if draws || !ENTERED.load(Ordering::SeqCst) {
            report(panic);
        }
    }));
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 (RFC 4648), in which OSC 52 wants its text.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let group = (0..3).fold(0u32, |group, at| group << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let six = (group >> (18 - 6 * at)) & 0x3f;
            let letter = ALPHABET.get(six as usize).copied().unwrap_or(b'=');
            text.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let told: Vec<String> = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|t| base64(t.as_bytes())).into();
        assert_eq!(told, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }
}
