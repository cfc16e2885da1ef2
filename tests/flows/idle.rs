//! The program sleeps unless something on screen counts.

use std::time::Duration;

use rekotui::app::{Effect, Message, Reading};

use super::stage::Flow;

/// Lets `span` pass as the loop would, waking only when the program asked for it; a reading is answered at once.
/// Returns how often it woke, and how often for nothing.
fn sleep(flow: &mut Flow, span: Duration) -> (usize, usize) {
    let (mut woke, mut in_vain) = (0, 0);
    let end = flow.state.moment.real + span;
    while let Some(wake) = flow.state.wake().filter(|wake| *wake < end) {
        let before = flow.state.moment.real;
        assert!(wake > before, "it would spin");
        flow.state.redraw = false;
        flow.pass(wake - before);
        woke += 1;
        in_vain += usize::from(!flow.state.redraw);
        if flow.asked().contains(&Effect::Read(Reading::Everything)) {
            flow.read();
        }
    }
    (woke, in_vain)
}

#[test]
fn an_idle_program_wakes_only_for_what_counts_on_screen() {
    let mut flow = Flow::ready();
    let (woke, in_vain) = sleep(&mut flow, Duration::from_secs(3_600));
    // Each minute: ten steps of the age by seconds, five by tens, the reading, and the turn of the clock's minute.
    assert!((600..=60 * 18).contains(&woke), "{woke}");
    assert_eq!(in_vain, 0);
}

#[test]
fn without_an_interval_the_age_is_told_ever_more_seldom() {
    let mut flow = Flow::ready();
    flow.state.refresh.interval = None;
    flow.state.refresh.due = None;
    sleep(&mut flow, Duration::from_secs(60));
    let (woke, in_vain) = sleep(&mut flow, Duration::from_secs(3_600));
    assert!(woke <= 121, "{woke}");
    assert_eq!(in_vain, 0);
}

#[test]
fn a_hurried_account_does_not_hurry_the_screen() {
    let mut flow = Flow::ready();
    let moment = rekotui::app::Moment { speed: 600.0, ..flow.state.moment };
    flow.send(Message::Tick(moment));
    let (woke, _) = sleep(&mut flow, Duration::from_secs(60));
    assert!(woke <= 60 + 12, "{woke}");
}

#[test]
fn a_clock_that_stands_still_wakes_nobody() {
    let mut flow = Flow::ready();
    flow.state.refresh.interval = None;
    flow.state.refresh.due = None;
    let moment = rekotui::app::Moment { speed: 0.0, ..flow.state.moment };
    flow.send(Message::Tick(moment));
    assert_eq!(flow.state.wake(), None);
}
