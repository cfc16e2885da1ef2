//! The real program in a real terminal: what only shows there.

mod acting;
mod pty;

use pty::Pty;
use rustix::process::Signal;
use vt100::{Color, Screen};

const SIZE: (u16, u16) = (120, 36);

/// A text that only the help shows: what its first line says.
const HELP: &str = "Show everything about the selected row";

fn is_given_back(screen: &Screen) -> bool {
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste() && !has_mouse(screen)
}

fn has_mouse(screen: &Screen) -> bool {
    screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
}

fn is_taken(screen: &Screen) -> bool {
    screen.alternate_screen() && screen.bracketed_paste()
}

fn demo() -> Pty {
    let pty = Pty::rekotui(SIZE, &["--demo"]);
    pty.wait_for("logos_2");
    pty
}

#[test]
fn the_demo_shows_its_models_and_gives_the_terminal_back() {
    let mut pty = demo();
    pty.wait("a terminal that is taken", is_taken);
    pty.send("q");
    assert_eq!(pty.end(), 0);
    assert!(pty.look(is_given_back));
    assert_eq!(pty.look(|screen| screen.contents().trim().to_owned()), "", "nothing is left behind");
}

#[test]
fn keys_lead_from_screen_to_screen() {
    let mut pty = demo();
    pty.send("2");
    pty.wait_for("FIRES");
    pty.send("\t");
    pty.wait_for("FUNCTION");
    pty.send("?");
    pty.wait_for(HELP);
    pty.send("\x1b");
    pty.wait("the help to go", |screen| !screen.contents().contains(HELP));
    pty.send("\x03");
    assert_eq!(pty.end(), 0);
}

/// The week editor of the third model.
fn editor() -> Pty {
    let mut pty = demo();
    pty.send("jjw");
    pty.wait("the mouse in the week editor", |screen| {
        screen.contents().contains("Week of logos_2 v3") && has_mouse(screen)
    });
    pty
}

#[test]
fn the_mouse_paints_a_window_and_is_given_back() {
    let mut pty = editor();
    pty.wait_for("Sat  ╌");
    let row = pty.look(|screen| screen.rows(0, SIZE.0).position(|row| row.contains("Sat  ╌"))).unwrap() + 1;
    // Columns count from 1; the hours begin in the eighth, two cells each.
    for (button, hour, end) in [(0, 10, 'M'), (32, 12, 'M'), (32, 13, 'M'), (0, 13, 'm')] {
        pty.send(&format!("\x1b[<{button};{};{row}{end}", 8 + hour * 2));
    }
    pty.wait_for("Sat 10:00–13:30");
    pty.send("t");
    pty.wait("the mouse to be the terminal's while a line is typed", |screen| !has_mouse(screen));
    pty.send("\x1b");
    pty.wait("the mouse again", has_mouse);
    pty.send("u\x1b");
    pty.wait("the rows", |screen| screen.contents().contains("BACKLOG") && !has_mouse(screen));
    pty.send("q");
    assert_eq!(pty.end(), 0);
    assert!(pty.look(is_given_back));
}

#[test]
fn whichever_way_the_week_editor_is_left_the_mouse_is_given_back() {
    let mut pty = editor();
    pty.send("\x03");
    assert_eq!(pty.end(), 0);
    assert!(pty.look(is_given_back));
    let mut pty = editor();
    pty.signal(Signal::TERM);
    assert_eq!(pty.end(), 143);
    assert!(pty.look(is_given_back));
}

#[test]
fn a_shell_in_between_has_its_mouse_and_the_week_editor_has_it_again() {
    let script = r#""$0" --demo; echo "STOPPED"; read go; fg >/dev/null; echo "ENDED $?""#;
    let mut pty = Pty::start(SIZE, "/bin/sh", &["-m", "-c", script, env!("CARGO_BIN_EXE_rekotui")], &[]);
    pty.wait_for("logos_2");
    pty.send("jjw");
    pty.wait("the mouse in the week editor", has_mouse);
    pty.send("\x1a");
    pty.wait("the shell", |screen| screen.contents().contains("STOPPED") && !has_mouse(screen));
    pty.send("\n");
    pty.wait("the week editor again", |screen| has_mouse(screen) && screen.contents().contains("Week of logos_2 v3"));
    pty.send("\x03");
    pty.wait("the shell", |screen| screen.contents().contains("ENDED 0") && !has_mouse(screen));
    pty.end();
}

#[test]
fn a_filter_is_typed_and_pasted() {
    let mut pty = demo();
    pty.send("/logos");
    pty.wait("the others to go", |screen| !screen.contents().contains("shelf"));
    pty.send("\x1b");
    pty.wait_for("shelf");
    pty.send("/\x1b[200~shelf\x1b[201~");
    pty.wait("the others to go", |screen| !screen.contents().contains("bottles"));
    pty.send("\r\x03");
    assert_eq!(pty.end(), 0);
}

#[test]
fn every_size_is_lived_through() {
    let mut pty = demo();
    for (cols, rows) in [(80, 24), (20, 4), (1, 1), (2, 50), (300, 2), (200, 60)] {
        pty.resize(cols, rows);
        pty.send("jk");
    }
    pty.wait_for("logos_2");
    pty.send("?");
    pty.wait_for(HELP);
    pty.send("\x03");
    assert_eq!(pty.end(), 0);
}

#[test]
fn a_shell_gets_the_terminal_and_gives_it_back() {
    let script = r#"printf '\033[?2004l'; "$0" --demo; echo "STOPPED"; read go; fg >/dev/null; echo "ENDED $?""#;
    let mut pty = Pty::start(SIZE, "/bin/sh", &["-m", "-c", script, env!("CARGO_BIN_EXE_rekotui")], &[]);
    pty.wait_for("logos_2");
    pty.send("\x1a");
    pty.wait("the shell", |screen| screen.contents().contains("STOPPED") && is_given_back(screen));
    pty.send("\n");
    pty.wait("rekotui again", |screen| is_taken(screen) && screen.contents().contains("logos_2"));
    pty.send("q");
    pty.wait("the shell", |screen| screen.contents().contains("ENDED 0") && is_given_back(screen));
    pty.end();
}

#[test]
fn without_a_shell_to_go_back_to_it_stays() {
    let mut pty = demo();
    pty.send("\x1a");
    pty.wait("rekotui again", |screen| is_taken(screen) && screen.contents().contains("no shell"));
    pty.send("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn whoever_ends_it_from_outside_leaves_a_terminal_that_works() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let mut pty = demo();
        pty.signal(signal);
        assert_eq!(pty.end(), code);
        assert!(pty.look(is_given_back), "{signal:?}");
    }
}

#[test]
fn a_stop_from_outside_is_survived() {
    let mut pty = demo();
    pty.signal(Signal::STOP);
    pty.signal(Signal::CONT);
    pty.send("?");
    pty.wait("rekotui again", |screen| is_taken(screen) && screen.contents().contains(HELP));
    pty.send("\x03");
    assert_eq!(pty.end(), 0);
}

#[test]
fn no_color_means_no_colour_at_all() {
    let mut pty = Pty::start(SIZE, env!("CARGO_BIN_EXE_rekotui"), &["--demo"], &[("NO_COLOR", "1")]);
    pty.wait_for("logos_2");
    let coloured = pty.look(|screen| {
        let cells = (0..SIZE.1).flat_map(|row| (0..SIZE.0).map(move |col| (row, col)));
        let cells = cells.filter_map(|(row, col)| screen.cell(row, col));
        cells.filter(|cell| cell.fgcolor() != Color::Default || cell.bgcolor() != Color::Default).count()
    });
    assert_eq!(coloured, 0);
    let marked = pty.look(|screen| {
        let cells = (0..SIZE.1).flat_map(|row| (0..SIZE.0).map(move |col| (row, col)));
        cells.filter_map(|(row, col)| screen.cell(row, col)).any(vt100::Cell::inverse)
    });
    assert!(marked, "the selected row is marked all the same");
    pty.send("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn a_file_of_keys_that_is_wrong_is_said_before_the_screen_opens() {
    let mut pty = Pty::start(
        SIZE,
        "/bin/sh",
        &[
            "-c",
            r#"mkdir -p "$XDG_CONFIG_HOME/rekotui" && printf '[global]\nquitt = "q"\n' > "$XDG_CONFIG_HOME/rekotui/keys.toml" && "$0" --demo"#,
            env!("CARGO_BIN_EXE_rekotui"),
        ],
        &[],
    );
    pty.wait_for("Did you mean 'quit'?");
    assert_eq!(pty.end(), 2);
}
