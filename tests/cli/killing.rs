//! The real program, killed in the middle, and the one that takes up what it left behind.

use rustix::process::Signal;

use super::served::{Served, workshop};

#[test]
fn a_start_that_was_killed_is_carried_on_by_the_next_program() {
    // After the stop was arranged, after the start, and after the mapping was switched.
    for after in ["CreateSchedule", "StartProjectVersion", "UpdateEventSourceMapping"] {
        let account = Served::new(&workshop("STOPPED", "Disabled", 1), 120.0);
        let mut first = account.begin(&["start", "logos", "--yes"]);
        account.wait_for(after);
        first.kill();

        let left = account.journal();
        assert_eq!((left.len(), &left[0]["outcome"]), (1, &"unfinished".into()), "killed after {after}");
        let resumed = account.run(&["resume", "--yes"]);
        assert_eq!(resumed.code(), 0, "killed after {after}: {}", resumed.said());
        assert_eq!(account.took_effect("StartProjectVersion"), 1, "killed after {after}");
        assert_eq!(account.took_effect("CreateSchedule"), 1, "killed after {after}");
        assert_eq!((account.status().as_str(), account.state().as_str()), ("RUNNING", "Enabled"));
        let journal = account.journal();
        assert_eq!((journal.len(), &journal[0]["outcome"]), (1, &"done".into()));

        let nothing = account.run(&["resume", "--yes"]);
        assert_eq!(nothing.code(), 2);
        assert!(nothing.err().contains("Nothing is unfinished."), "{}", nothing.err());
    }
}

#[test]
fn two_programs_never_drive_one_operation() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 30), 60.0);
    let mut first = account.begin(&["start", "logos", "--yes"]);
    account.wait_for("StartProjectVersion");
    let id = account.journal()[0]["id"].as_str().unwrap().to_owned();
    for arguments in [&["resume", "--yes"][..], &["resume", &id, "--yes"], &["abandon", "--yes"]] {
        let second = account.run(arguments);
        assert_eq!(second.code(), 5, "{arguments:?}: {}", second.said());
        assert!(second.err().contains("Another rekotui"), "{arguments:?}: {}", second.err());
    }
    let again = account.run(&["start", "logos", "--yes"]);
    assert_eq!(again.code(), 5);
    assert!(again.err().contains(&format!("rekotui resume {id}")), "{}", again.err());
    first.kill();
    let given_up = account.run(&["abandon", "--yes"]);
    assert_eq!(given_up.code(), 0, "{}", given_up.said());
    assert!(given_up.out().contains("StartProjectVersion"), "it says what stays done: {}", given_up.out());
    assert_eq!(account.took_effect("StartProjectVersion"), 1);
}

#[test]
fn whoever_asks_it_to_end_is_told_how_to_carry_on() {
    for signal in [Signal::INT, Signal::TERM] {
        let account = Served::new(&workshop("STOPPED", "Disabled", 30), 60.0);
        let going = account.begin(&["start", "logos", "--yes"]);
        account.wait_for("StartProjectVersion");
        going.signal(signal);
        let ended = going.end();
        assert_eq!(ended.code(), 7, "{}", ended.said());
        let id = account.journal()[0]["id"].as_str().unwrap().to_owned();
        assert!(ended.out().contains(&format!("Carry it on with: rekotui resume {id}")), "{}", ended.out());
    }
}

#[test]
fn the_journal_needs_no_account() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 1), 120.0);
    let waits = account.run(&["start", "logos", "--yes", "--no-wait"]);
    assert_eq!(waits.code(), 7, "{}", waits.said());
    let mut journal = account.command(&["journal"]);
    journal.env_remove("AWS_REGION").env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let told = String::from_utf8(journal.output().unwrap().stdout).unwrap();
    assert!(told.contains("start of logos v3") && told.contains("unfinished"), "{told}");
}
