//! The zone of a week, and the days on which it starts nothing.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rekotui::app::calendar::Calendar;
use rekotui::app::zones::{Purpose, Zones};
use rekotui::app::{Dialog, Setup, WeekEditor};
use rekotui::domain::plan::Step;
use rekotui::domain::wiring::Wishes;

use super::stage::{Flow, REGION};

/// The week of logos_2 v3, Monday to Friday from nine to five in Berlin, with two holidays in the configuration.
fn open() -> Flow {
    let holidays = ["2026-12-25", "2026-12-26"].map(date).into();
    let mut flow = Flow::start(Setup { wishes: Wishes { holidays, ..Wishes::default() }, ..Setup::default() });
    flow.connect(REGION);
    flow.read();
    flow.effects.clear();
    flow.keys("j w");
    flow
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn dates<const N: usize>(texts: [&str; N]) -> BTreeSet<NaiveDate> {
    texts.map(date).into()
}

fn editor(flow: &Flow) -> &WeekEditor {
    flow.state.week().unwrap()
}

fn hours(flow: &Flow) -> Vec<(u16, u16)> {
    editor(flow).draft.pattern.openings().iter().map(|one| (one.ready / 60 % 24, one.closes() / 60 % 24)).collect()
}

fn zones(flow: &Flow) -> &Zones {
    match flow.state.dialogs.last() {
        Some(Dialog::Zones(zones)) => zones,
        other => panic!("no zone is chosen: {other:?}"),
    }
}

fn calendar(flow: &Flow) -> &Calendar {
    match flow.state.dialogs.last() {
        Some(Dialog::Calendar(calendar)) => calendar,
        other => panic!("no calendar: {other:?}"),
    }
}

#[test]
fn a_week_keeps_its_times_of_day_in_another_zone() {
    let mut flow = open();
    assert_eq!(hours(&flow), [(9, 17); 5]);
    flow.keys("z");
    assert_eq!((zones(&flow).purpose, zones(&flow).current), (Purpose::Week, Some(Tz::Europe__Berlin)));
    flow.text("new york").keys("<enter>");
    assert_eq!(editor(&flow).draft.zone, Tz::America__New_York);
    assert_eq!(hours(&flow), [(9, 17); 5]);
    flow.keys("u");
    assert_eq!(editor(&flow).draft.zone, Tz::Europe__Berlin, "it can be taken back");
}

#[test]
fn or_its_instants() {
    for key in ["<c-k>", "<a-enter>"] {
        let mut flow = open();
        flow.keys("z").text("new york").keys(key);
        assert_eq!(editor(&flow).draft.zone, Tz::America__New_York);
        assert_eq!(hours(&flow), [(3, 11); 5], "{key}");
    }
}

#[test]
fn leaving_the_list_leaves_the_week() {
    let mut flow = open();
    flow.keys("z").text("tokyo").keys("<esc>");
    assert_eq!(editor(&flow).draft, editor(&flow).original);
    flow.keys("z <enter>");
    assert!(!editor(&flow).is_changed(), "the zone that it has is selected at first");
}

#[test]
fn days_are_skipped_in_the_calendar_and_kept_with_enter() {
    let mut flow = open();
    flow.keys("x");
    assert_eq!(calendar(&flow).cursor, date("2026-11-20"));
    flow.keys("<right> <right> <right> <space> <down> <space> <page-down> <left> <space> <space>");
    assert_eq!(calendar(&flow).cursor, date("2026-12-29"));
    assert_eq!(calendar(&flow).skipped, dates(["2026-11-23", "2026-11-30"]));
    assert!(editor(&flow).draft.skipped.is_empty(), "nothing is kept yet");
    flow.keys("<enter>");
    assert_eq!(editor(&flow).draft.skipped, dates(["2026-11-23", "2026-11-30"]));
    flow.keys("x <esc>");
    assert_eq!(editor(&flow).draft.skipped.len(), 2);
    flow.keys("x <right> <right> <right> <space> <esc>");
    assert_eq!(editor(&flow).draft.skipped.len(), 2, "what was not kept is thrown away");
}

#[test]
fn holidays_are_skipped_at_once_and_saved_as_start_dates() {
    let mut flow = open();
    flow.keys("x h <enter>");
    assert_eq!(editor(&flow).draft.skipped, dates(["2026-12-25"]), "the other one is a Saturday");
    flow.keys("<enter>");
    let Some(Dialog::Act(act)) = flow.state.dialogs.last() else { panic!("{:?}", flow.state.dialogs) };
    let [plan] = act.plans.as_slice() else { panic!("{:?}", act.left_out) };
    let waits = plan.steps.iter().any(|planned| {
        matches!(&planned.step, Step::Replace { before, after } if before.start.is_none() && after.start.is_some())
    });
    assert!(waits, "{plan:#?}");
}

#[test]
fn neither_opens_over_what_is_asked_within_the_editor() {
    let mut flow = open();
    flow.keys("t z x");
    assert!(matches!(flow.state.dialogs.last(), Some(Dialog::Week(_))));
}
