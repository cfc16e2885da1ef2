//! Commands that change something, where somebody sits before a terminal and is asked.

use super::pty::Pty;
use crate::cli::served::{Served, workshop};
use crate::operations::lab::ours;

fn typed(account: &Served, size: (u16, u16), arguments: &[&str]) -> Pty {
    let environment = account.environment();
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Pty::start(size, env!("CARGO_BIN_EXE_rekotui"), arguments, &environment)
}

/// The rows of the moving line.
fn bars(pty: &Pty) -> Vec<String> {
    let rows = pty.look(|screen| screen.rows(0, u16::MAX).collect::<Vec<_>>());
    rows.into_iter().filter(|row| row.starts_with("[#") || row.starts_with("[-")).collect()
}

#[test]
fn a_start_is_asked_for_and_its_progress_is_one_line_however_narrow_the_terminal() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 5), 120.0);
    let mut pty = typed(&account, (44, 40), &["start", "logos"]);
    pty.wait_for("Type y to go on:");
    assert!(account.writes().is_empty());
    pty.send("y\n");
    pty.wait_for("3/5 Wait until");
    account.wait_for("StartProjectVersion");
    pty.wait("a minute to have passed", |screen| {
        screen.rows(0, 44).any(|row| row.starts_with('[') && row.contains('…'))
    });
    assert_eq!(bars(&pty).len(), 1, "{:?}", bars(&pty));
    pty.wait_for("Done: start of logos v3.");
    assert_eq!(pty.end(), 0);
    assert_eq!(bars(&pty), Vec::<String>::new(), "nothing of the bar is left");
}

#[test]
fn a_wide_terminal_tells_for_how_long_and_how_long_it_may_take() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 10), 120.0);
    let mut pty = typed(&account, (160, 40), &["start", "logos", "--yes"]);
    pty.wait_for(", for 1 min; up to 30 min; no earlier start is known");
    pty.send("\x03");
    pty.wait_for("Carry it on with: rekotui resume");
    assert_eq!(pty.end(), 7);
    assert_eq!(bars(&pty), Vec::<String>::new());
    assert_eq!(account.journal()[0]["outcome"], "unfinished");
}

#[test]
fn whoever_does_not_confirm_changes_nothing() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 1), 120.0);
    for answer in ["\n", "n\n", "\x04", "\x03"] {
        let mut pty = typed(&account, (100, 30), &["start", "logos"]);
        pty.wait_for("Type y to go on:");
        pty.send(answer);
        assert_ne!(pty.end(), 0, "{answer:?}");
    }
    let mut pty = typed(&account, (100, 30), &["--read-only", "start", "logos"]);
    pty.wait_for("read-only");
    assert_eq!(pty.end(), 5, "nobody is asked for what is refused anyway");
    assert!(account.writes().is_empty());
}

#[test]
fn production_has_its_name_typed_and_several_their_number() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 1), 120.0);
    let mut pty = typed(&account, (100, 30), &["pause", "office/logos-start", "office/logos-stop"]);
    pty.wait_for("Type 2 to do this to all 2:");
    pty.send("y\n");
    pty.wait_for("Nothing was changed.");
    assert_eq!(pty.end(), 5);

    account.settings("production = [\"123456789012\"]\n");
    for (answer, code) in [("y\n", 5), ("logos v3\n", 0)] {
        let mut pty = typed(&account, (100, 30), &["start", "logos", "--emergency"]);
        pty.wait_for("Type logos v3 to go on:");
        pty.send(answer);
        assert_eq!(pty.end(), code, "{answer:?}");
    }
    assert_eq!(account.status(), "RUNNING");
}

#[test]
fn a_function_is_tested_from_the_console() {
    let account = Served::new(&ours(&workshop("STOPPED", "Disabled", 1)), 120.0);
    let mut pty = typed(&account, (120, 36), &[]);
    pty.wait_for("logos v3");
    pty.wait_for("live");
    pty.send("f");
    pty.wait_for("CloudWatch knows of no invocation");
    pty.send("G");
    pty.wait_for("t lets it look");
    pty.send("t");
    pty.wait_for("Version 0.1.0 sees logos v3 STOPPED");
    assert_eq!((account.status().as_str(), account.state().as_str()), ("STOPPED", "Disabled"));
    assert!(account.writes().iter().all(|call| call.operation == "Invoke"), "{:?}", account.writes());
    pty.send("qq");
    assert_eq!(pty.end(), 0);
}
