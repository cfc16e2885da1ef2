//! A terminal of our own with the real program in it: what it draws is read back through a terminal emulator.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use vt100::{Parser, Screen};

/// How long anything may take on a machine that is busy with something else.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the terminal shows, and a bell for whoever waits for it to change.
struct Shown {
    parser: Mutex<(Parser, bool)>,
    changed: Condvar,
}

impl Shown {
    fn lock(&self) -> MutexGuard<'_, (Parser, bool)> {
        self.parser.lock().unwrap()
    }
}

/// A terminal with a program in it.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shown: Arc<Shown>,
    /// The home of the program, so that it meets nobody's settings.
    _home: TempDir,
}

fn some(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

fn sized(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

impl Pty {
    /// Starts rekotui with these arguments in a terminal of that size.
    pub fn rekotui(size: (u16, u16), arguments: &[&str]) -> Self {
        Self::start(size, env!("CARGO_BIN_EXE_rekotui"), arguments, &[])
    }

    /// Starts a program.
    pub fn start((cols, rows): (u16, u16), program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(sized(cols, rows)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.cwd(home.path());
        for (name, value) in settings(home.path()).iter().map(|(name, value)| (*name, value.as_str())) {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = Mutex::new((Parser::new(some(rows), some(cols), 0), true));
        let shown = Arc::new(Shown { parser, changed: Condvar::new() });
        read(pair.master.try_clone_reader().unwrap(), shown.clone());
        let writer = pair.master.take_writer().unwrap();
        Self { master: pair.master, writer, child, shown, _home: home }
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits until the screen is as it should be; panics with what is on it if it never is.
    pub fn wait(&self, what: &str, is: impl Fn(&Screen) -> bool) {
        let end = Instant::now() + DEADLINE;
        let mut guard = self.shown.lock();
        while !is(guard.0.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            let (open, contents) = (guard.1, guard.0.screen().contents());
            assert!(open && !left.is_zero(), "waited for {what} in vain; on the screen is:\n{contents}");
            guard = self.shown.changed.wait_timeout(guard, left).unwrap().0;
        }
    }

    /// Waits until a text is on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Looks at the screen as it is now.
    pub fn look<T>(&self, at: impl Fn(&Screen) -> T) -> T {
        at(self.shown.lock().0.screen())
    }

    /// Changes the size of the terminal.
    pub fn resize(&self, cols: u16, rows: u16) {
        // The emulator first, so that nothing is read with the former size.
        self.shown.lock().0.screen_mut().set_size(some(rows), some(cols));
        self.master.resize(sized(cols, rows)).unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits until the program has ended and everything that it wrote has been read; returns its exit code.
    pub fn end(&mut self) -> u32 {
        let end = Instant::now() + DEADLINE;
        let mut guard = self.shown.lock();
        while guard.1 {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it does not end; on the screen is:\n{}", guard.0.screen().contents());
            guard = self.shown.changed.wait_timeout(guard, left).unwrap().0;
        }
        drop(guard);
        self.child.wait().unwrap().exit_code()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It has most often ended by itself.
        let _ = self.child.kill();
    }
}

/// An environment in which nothing of the machine's own is found.
fn settings(home: &Path) -> Vec<(&'static str, String)> {
    let folder = |name: &str| home.join(name).display().to_string();
    vec![
        ("HOME", home.display().to_string()),
        ("XDG_CONFIG_HOME", folder("config")),
        ("XDG_STATE_HOME", folder("state")),
        ("AWS_CONFIG_FILE", folder("no-aws-config")),
        ("AWS_SHARED_CREDENTIALS_FILE", folder("no-aws-credentials")),
        ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ("TERM", "xterm-256color".into()),
        ("TZ", "Europe/Berlin".into()),
        ("PATH", std::env::var("PATH").unwrap_or_default()),
    ]
}

/// Reads what the program writes, until it has ended.
fn read(mut reader: Box<dyn Read + Send>, shown: Arc<Shown>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            shown.lock().0.process(&bytes[..count]);
            shown.changed.notify_all();
        }
        shown.lock().1 = false;
        shown.changed.notify_all();
    });
}
