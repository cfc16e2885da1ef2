//! From keys to the world: what an operator types, what AWS is asked, what the journal and the screen say.

use chrono::TimeDelta;
use rekotui::app::Setup;
use rekotui::domain::operation::Standing;

use super::lab::Lab;
use super::theatre::Theatre;

#[tokio::test]
async fn an_emergency_start_at_night_is_two_keys_and_stops_by_itself() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("S").await;
    let screen = theatre.screen();
    assert!(screen.contains("Emergency start of logos v3") && screen.contains("about $16.00"), "{screen}");
    theatre.keys("y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done);
    assert_eq!(lab.written(), ["CreateSchedule", "StartProjectVersion", "UpdateEventSourceMapping"]);
    assert!(theatre.curtain.contains("Done: emergency start of logos v3"), "{}", theatre.curtain);
    let screen = theatre.screen();
    assert!(screen.contains("running"), "{screen}");
    theatre.later(TimeDelta::minutes(130)).await;
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("STOPPED", "Disabled"));
    assert!(theatre.screen().contains("stopped"));
    theatre.keys("5").await;
    assert!(theatre.screen().contains("emergency start"));
}

#[tokio::test]
async fn a_dialog_whose_focus_stands_on_cancel_changes_nothing_by_enter() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("S <enter>").await;
    assert!(theatre.carry().await.is_empty());
    assert_eq!(lab.written(), Vec::<String>::new());
    assert!(lab.journal.latest(1).unwrap().is_empty());
}

#[tokio::test]
async fn a_digit_that_was_meant_as_text_does_not_lose_the_question() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("S 2 5").await;
    assert!(theatre.screen().contains("Emergency start of logos v3"), "{}", theatre.screen());
}

#[tokio::test]
async fn a_stop_inside_the_window_needs_the_name() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    // Monday, 10:00 in Berlin.
    lab.pass(TimeDelta::minutes(61 * 60 + 30));
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("x type:logos_v4 <enter> <tab> <tab> <enter> <esc>").await;
    assert!(theatre.carry().await.is_empty(), "the wrong name confirms nothing");
    theatre.keys("x type:logos_v3 <enter>").await;
    let ended = theatre.carry().await;
    assert_eq!(ended.len(), 1, "{}", theatre.screen());
    assert_eq!(ended[0].standing, Standing::Done);
    assert_eq!(lab.written(), ["UpdateEventSourceMapping", "StopProjectVersion"]);
}

#[tokio::test]
async fn a_program_that_was_killed_leaves_its_operation_to_the_next() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("S y").await;
    theatre.killed(40).await;
    assert_eq!(lab.took_effect("StartProjectVersion"), 1, "in the middle of the start");
    let mut next = Theatre::open(&lab).await;
    let screen = next.screen();
    assert!(screen.contains("1 unfinished operation: emergency start of logos v3"), "{screen}");
    next.keys("c").await;
    let ended = next.carry().await;
    assert_eq!(ended[0].standing, Standing::Done);
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
    assert_eq!(lab.took_effect("StartProjectVersion"), 1);
    assert!(!next.screen().contains("unfinished"));
}

#[tokio::test]
async fn an_abandoned_operation_says_what_it_leaves() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("S y").await;
    theatre.killed(40).await;
    let mut next = Theatre::open(&lab).await;
    next.keys("A").await;
    let screen = next.screen();
    assert!(screen.contains("STARTING") || screen.contains("starting"), "{screen}");
    next.keys("<esc>").await;
    assert_eq!(lab.journal.unfinished().unwrap().len(), 1);
    next.keys("A <tab> <enter>").await;
    assert_eq!(lab.journal.unfinished().unwrap(), [], "{}", next.screen());
    assert!(matches!(lab.journal.latest(1).unwrap()[0].standing, Standing::Abandoned(_)));
}

#[tokio::test]
async fn a_pause_is_undone_from_the_journal() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let state = |lab: &Lab| {
        let world = lab.sim.world();
        let states = world.schedules.values().map(|schedule| schedule.state.clone());
        states.collect::<Vec<_>>()
    };
    let before = state(&lab);
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("2 / type:logos-start <enter> p y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{}", theatre.screen());
    assert_ne!(state(&lab), before);
    theatre.keys("5 u y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{}", theatre.screen());
    assert_eq!(state(&lab), before);
}

#[tokio::test]
async fn a_read_only_screen_writes_nothing_whatever_is_typed() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    let mut theatre = Theatre::with(&lab, Setup { read_only: true, ..Setup::default() }).await;
    for screen in ["1", "2", "3", "5", "6"] {
        for key in ["s", "S", "x", "p", "<space>", "c", "A", "u", "w"] {
            theatre.keys(&format!("{screen} {key} y <tab> <enter> <esc> <esc>")).await;
        }
    }
    assert!(theatre.carry().await.is_empty());
    assert_eq!(lab.written(), Vec::<String>::new());
}
