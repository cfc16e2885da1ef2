//! Typing the expression of a schedule: what is said of it at every key, and the plan that comes of it.

use chrono_tz::Tz;
use rekotui::app::act::{Act, Kind};
use rekotui::app::wording::{Verdict, Wording};
use rekotui::app::zones::Zones;
use rekotui::app::{Dialog, Effect, Key};
use rekotui::domain::cron::Field;
use rekotui::domain::fleet::News;
use rekotui::domain::plan::{Plan, Step};
use rekotui::domain::schedule::{Kind as ScheduleKind, Schedule};

use super::stage::{Flow, arn, schedule};

/// The stop of logos_2 v3, second on the screen of schedules, with its expression open.
fn open() -> Flow {
    let mut flow = Flow::ready();
    flow.keys("2 j e");
    flow
}

fn wording(flow: &Flow) -> &Wording {
    match flow.state.dialogs.last() {
        Some(Dialog::Expression(wording)) => wording,
        other => panic!("no expression is typed: {other:?}"),
    }
}

fn verdict(flow: &Flow) -> &Verdict {
    &wording(flow).verdict
}

fn zones(flow: &Flow) -> &Zones {
    match flow.state.dialogs.last() {
        Some(Dialog::Zones(zones)) => zones,
        other => panic!("no zone is chosen: {other:?}"),
    }
}

fn act(flow: &Flow) -> &Act {
    match flow.state.dialogs.last() {
        Some(Dialog::Act(act)) => act,
        other => panic!("no dialog about a change: {other:?}"),
    }
}

fn after(plan: &Plan) -> &Schedule {
    match plan.steps.as_slice() {
        [only] => match &only.step {
            Step::Replace { after, .. } => after,
            other => panic!("another step: {other:?}"),
        },
        other => panic!("not one step: {other:?}"),
    }
}

fn local(flow: &Flow, zone: Tz) -> Vec<String> {
    verdict(flow).fires.iter().map(|at| at.with_timezone(&zone).format("%a %-d %b %H:%M").to_string()).collect()
}

#[test]
fn it_opens_with_what_the_schedule_says_and_when_it_fires() {
    let flow = open();
    assert_eq!(wording(&flow).expression.value(), "cron(0 17 ? * MON-FRI *)");
    assert_eq!(wording(&flow).zone.value(), "Europe/Berlin");
    let fires = local(&flow, Tz::Europe__Berlin);
    assert_eq!(fires.len(), 10);
    assert_eq!(fires[..2], ["Fri 20 Nov 17:00", "Mon 23 Nov 17:00"]);
    assert_eq!(verdict(&flow).cautions, [""; 0]);
}

#[test]
fn a_new_expression_is_shown_as_a_change_and_saved_as_one_step() {
    let mut flow = open();
    flow.keys("<c-u>").text("cron(30 17 ? * MON-FRI *)").keys("<enter>");
    assert_eq!(act(&flow).title(), "Edit office/logos-stop");
    flow.keys("<esc>");
    assert_eq!(wording(&flow).expression.value(), "cron(30 17 ? * MON-FRI *)", "what was typed is still there");
    // It would have stopped a model that is on: that takes its name.
    flow.keys("<enter>").text("office/logos-stop").keys("<enter>");
    let asked = flow.asked();
    let [Effect::Begin(plans)] = asked.as_slice() else { panic!("not begun: {asked:?}") };
    let [plan] = plans.as_slice() else { panic!("{plans:?}") };
    assert_eq!(after(plan).expression.as_deref(), Some("cron(30 17 ? * MON-FRI *)"));
    assert_eq!(after(plan).zone.as_deref(), Some("Europe/Berlin"));
    assert!(flow.state.dialogs.is_empty(), "{:?}", flow.state.dialogs);
}

#[test]
fn what_is_wrong_is_pointed_at_and_cannot_be_saved() {
    let mut flow = open();
    flow.keys("<c-u>").text(" cron(0 25 ? * MON-FRI *)").keys("<enter>");
    let error = verdict(&flow).expression.clone().unwrap_err();
    assert_eq!(error.field, Field::Hours);
    assert_eq!(wording(&flow).expression.value().get(error.at), Some("25"));
    assert!(verdict(&flow).fires.is_empty());
    assert!(wording(&flow).said.as_deref().unwrap().contains("Nothing can be saved"));
    flow.text("x");
    assert_eq!(wording(&flow).said, None, "a key says that it was read");
    flow.keys("<esc>");
    assert!(flow.state.dialogs.is_empty());
    assert_eq!(flow.asked(), []);
}

#[test]
fn the_same_in_other_letters_is_no_change() {
    let mut flow = open();
    flow.keys("<c-u>").text("cron(0 17 ? * mon-fri *)").keys("<enter>");
    assert_eq!(wording(&flow).said.as_deref(), Some("It says that already."));
    let mut flow = open();
    flow.keys("<enter>");
    assert_eq!(wording(&flow).said.as_deref(), Some("It says that already."));
}

#[test]
fn times_that_the_clocks_skip_and_nights_are_cautioned_about() {
    let mut flow = open();
    flow.keys("<c-u>").text("cron(30 2 * * ? *)");
    let [caution] = verdict(&flow).cautions.as_slice() else { panic!("{:?}", verdict(&flow).cautions) };
    assert!(caution.contains("Sun 28 Mar 2027 at 02:30"), "{caution}");
    flow.keys("<c-u>").text("cron(0 22-1 ? * FRI *)");
    let [caution] = verdict(&flow).cautions.as_slice() else { panic!("{:?}", verdict(&flow).cautions) };
    assert!(caution.contains("22-1 go over midnight"), "{caution}");
    assert_eq!(local(&flow, Tz::Europe__Berlin)[..3], ["Fri 20 Nov 22:00", "Fri 20 Nov 23:00", "Fri 27 Nov 00:00"]);
    flow.keys("<c-u>").text("cron(0 9 1 1 ? 2020)");
    assert!(verdict(&flow).cautions.iter().any(|said| said.contains("not fire any more")));
}

#[test]
fn another_zone_is_typed_or_found_in_the_list() {
    let mut flow = open();
    flow.keys("<tab> <c-u>").text("america/new_york").keys("<enter>");
    assert_eq!(after(&act(&flow).plans[0]).zone.as_deref(), Some("America/New_York"));
    let mut flow = open();
    flow.keys("<tab> <c-u>").text("tok").keys("<enter>");
    assert_eq!(zones(&flow).input.value(), "tok", "what was begun goes on");
    assert_eq!(zones(&flow).chosen(), Some(Tz::Asia__Tokyo));
    flow.keys("<enter>");
    assert_eq!(wording(&flow).zone.value(), "Asia/Tokyo");
    assert_eq!(local(&flow, Tz::Asia__Tokyo)[0], "Mon 23 Nov 17:00", "Friday's has passed there");
    flow.keys("<enter>");
    assert_eq!(after(&act(&flow).plans[0]).zone.as_deref(), Some("Asia/Tokyo"));
    assert_eq!(after(&act(&flow).plans[0]).expression.as_deref(), Some("cron(0 17 ? * MON-FRI *)"));
}

#[test]
fn a_zone_that_is_none_is_said_so() {
    let mut flow = open();
    flow.keys("<tab>").text("x");
    assert!(verdict(&flow).zone.clone().unwrap_err().contains("'Europe/Berlinx' is no time zone"));
    flow.keys("<tab> <enter>");
    assert!(wording(&flow).said.is_some());
    flow.keys("<c-t> <esc>");
    assert_eq!(wording(&flow).zone.value(), "Europe/Berlinx", "leaving the list changes nothing");
}

#[test]
fn the_list_of_zones_begins_with_those_in_use() {
    let mut flow = open();
    flow.keys("<c-t>");
    assert_eq!(zones(&flow).rows[..2], [Tz::Europe__Berlin, Tz::UTC]);
    flow.keys("<down> <enter>");
    assert_eq!(wording(&flow).zone.value(), "UTC");
    flow.keys("<c-t>").text("no such place").keys("<enter>");
    assert!(zones(&flow).rows.is_empty(), "Enter on nothing takes nothing");
}

#[test]
fn a_rule_knows_utc_alone_and_no_single_time() {
    let mut flow = Flow::ready();
    let rule = Schedule {
        arn: "arn:aws:events:eu-central-1:123456789012:rule/logos-late".into(),
        kind: ScheduleKind::Rule,
        zone: None,
        ..schedule("logos-late", "cron(0 20 ? * MON-FRI *)", "stop", &arn("logos_2", "v3"))
    };
    flow.news(vec![News::Rules(vec![rule])]).keys("2 G e");
    assert!(wording(&flow).rule);
    flow.keys("<tab>").text("x");
    assert!(wording(&flow).expression.value().ends_with('x'), "there is no other field");
    flow.keys("<c-t>");
    assert!(wording(&flow).said.as_deref().unwrap().contains("UTC alone"));
    flow.keys("<c-u>").text("at(2026-12-01T10:00:00)");
    assert!(verdict(&flow).expression.clone().unwrap_err().message.contains("a rule knows"));
    flow.keys("<c-u>").text("rate(1 hours)").keys("<enter>");
    assert_eq!(after(&act(&flow).plans[0]).expression.as_deref(), Some("rate(1 hour)"));
}

#[test]
fn of_a_models_schedules_one_is_chosen_first() {
    let mut flow = Flow::ready();
    flow.keys("j e");
    let Some(Dialog::Which { targets, .. }) = flow.state.dialogs.last() else { panic!("{:?}", flow.state.dialogs) };
    let names: Vec<String> = targets.iter().map(|key| flow.state.name_of(key)).collect();
    assert_eq!(names, ["office/logos-start", "office/logos-stop"]);
    assert!(targets.iter().all(|key| matches!(key, Key::Schedule(_))));
    flow.keys("<down> <enter>");
    assert!(wording(&flow).schedule.ends_with("logos-stop"));
    let mut flow = Flow::ready();
    flow.keys("e");
    assert!(flow.state.dialogs.is_empty(), "bottles v1 has none");
    assert!(!flow.state.notices.is_empty());
}

#[test]
fn what_is_typed_survives_a_reading_and_is_asked_against_what_is_there_then() {
    let mut flow = open();
    flow.keys("<c-u>").text("cron(30 17 ? * MON-FRI *)");
    let changed = schedule("logos-stop", "cron(30 17 ? * MON-FRI *)", "stop", &arn("logos_2", "v3"));
    flow.news(vec![News::Schedules(vec![changed])]).keys("<enter>");
    assert_eq!(wording(&flow).said.as_deref(), Some("It says that already."));
    flow.keys("<c-u>").text("cron(45 17 ? * MON-FRI *)").keys("<enter>");
    assert!(matches!(&act(&flow).kind, Kind::Edit(editing) if editing.zone.is_none()));
}

#[test]
fn the_next_fires_are_told_from_now_on() {
    let mut flow = open();
    flow.pass(std::time::Duration::from_secs(3 * 3_600));
    assert_eq!(local(&flow, Tz::Europe__Berlin)[0], "Mon 23 Nov 17:00");
    assert_eq!(verdict(&flow).fires.len(), 10);
}

#[test]
fn nothing_is_typed_where_nothing_may_be_changed() {
    let mut flow = Flow::start(rekotui::app::Setup { read_only: true, ..rekotui::app::Setup::default() });
    flow.connect(super::stage::REGION).read();
    flow.keys("2 j e");
    assert!(flow.state.dialogs.is_empty());
    assert!(flow.state.notices.iter().any(|notice| notice.text.contains("read-only")));
}

#[test]
fn a_question_is_not_lost_by_a_key_that_was_meant_as_text() {
    let mut flow = open();
    flow.text("1 2 / q :");
    assert!(wording(&flow).expression.value().ends_with("1 2 / q :"));
    let mut flow = Flow::ready();
    flow.keys("j e 2 3");
    assert!(matches!(flow.state.dialogs.last(), Some(Dialog::Which { .. })));
}

#[test]
fn a_zone_that_the_table_lacks_stays_as_it_is_unless_another_is_chosen() {
    let mut flow = Flow::ready();
    let strange = Schedule {
        zone: Some("Mars/Base".into()),
        ..schedule("logos-stop", "cron(0 17 ? * MON-FRI *)", "stop", &arn("logos_2", "v3"))
    };
    flow.news(vec![News::Schedules(vec![strange])]).keys("2 j e");
    assert_eq!(verdict(&flow).zone, Ok(None));
    assert!(verdict(&flow).fires.is_empty() && verdict(&flow).cautions[0].contains("cannot be told"));
    flow.keys("<c-u>").text("cron(30 17 ? * MON-FRI *)").keys("<enter>");
    assert_eq!(after(&act(&flow).plans[0]).zone.as_deref(), Some("Mars/Base"));
    flow.keys("<esc> <c-t> <enter> <enter>");
    assert_eq!(after(&act(&flow).plans[0]).zone.as_deref(), Some("Europe/Berlin"), "the one that is in use most");
}
