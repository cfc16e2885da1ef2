//! Changing something: what is asked, what it takes to confirm, and which plans come of it.

use chrono::{DateTime, TimeDelta, Utc};
use rekotui::app::act::{Act, Field};
use rekotui::app::{Dialog, Effect, Message, Screen, Setup};
use rekotui::domain::fleet::News;
use rekotui::domain::model::Status;
use rekotui::domain::plan::{Intent, Plan, Step};

use super::stage::{Flow, MAPPING, REGION, arn, friday, model};

fn act(flow: &Flow) -> &Act {
    match flow.state.dialogs.last() {
        Some(Dialog::Act(act)) => act,
        other => panic!("no dialog about a change: {other:?}"),
    }
}

/// The plans that were confirmed, if exactly that was asked of the loop.
fn begun(flow: &mut Flow) -> Vec<Plan> {
    match flow.asked().as_slice() {
        [Effect::Begin(plans)] => plans.clone(),
        other => panic!("not begun: {other:?}"),
    }
}

fn steps(plan: &Plan) -> Vec<&Step> {
    plan.shown().map(|planned| &planned.step).collect()
}

fn end(plan: &Plan) -> Option<DateTime<Utc>> {
    match &plan.intent {
        Intent::Start { end, .. } => *end,
        other => panic!("no start: {other:?}"),
    }
}

#[test]
fn a_start_is_shown_first_and_enter_does_nothing_yet() {
    let mut flow = Flow::ready();
    flow.keys("s");
    assert_eq!(act(&flow).focus, Field::Cancel);
    assert_eq!(act(&flow).title(), "Start bottles v1");
    flow.keys("<enter>");
    assert!(flow.state.dialogs.is_empty());
    assert_eq!(flow.asked(), []);
}

#[test]
fn a_start_arranges_its_end_first() {
    let mut flow = Flow::ready();
    flow.keys("s <tab> <enter>");
    let plans = begun(&mut flow);
    let [plan] = plans.as_slice() else { panic!("{plans:?}") };
    assert!(
        matches!(
            steps(plan).as_slice(),
            [
                Step::Arrange { optional: false, .. },
                Step::Start { min_units: 1, max_units: None, .. },
                Step::AwaitRunning { .. }
            ]
        ),
        "{plan:?}"
    );
    assert_eq!(end(plan), Some(friday() + TimeDelta::hours(2)));
    assert!(flow.state.dialogs.is_empty());
}

#[test]
fn an_emergency_start_takes_two_keys() {
    let mut flow = Flow::ready();
    flow.keys("S y");
    let plans = begun(&mut flow);
    assert!(matches!(&plans[0].intent, Intent::Start { emergency: true, .. }));
    assert_eq!(end(&plans[0]), Some(friday() + TimeDelta::hours(2)));
    let mut flow = Flow::ready();
    flow.keys("S <right> <enter>");
    assert_eq!(begun(&mut flow).len(), 1);
}

#[test]
fn units_and_lengths_are_typed_and_the_plan_follows() {
    let mut flow = Flow::ready();
    flow.keys("s <up>");
    assert_eq!(act(&flow).focus, Field::Length);
    flow.keys("<backspace> <backspace>").text("90m").keys("<up> <up>").text("4").keys("<up> <backspace>").text("2");
    flow.keys("<enter> <enter> <enter> <enter>");
    assert_eq!(act(&flow).focus, Field::Cancel);
    flow.keys("y");
    let plans = begun(&mut flow);
    assert_eq!(end(&plans[0]), Some(friday() + TimeDelta::minutes(90)));
    assert!(matches!(&plans[0].intent, Intent::Start { units, .. } if (units.min, units.max) == (2, Some(4))));
}

#[test]
fn a_start_can_end_at_a_time_or_never() {
    let mut flow = Flow::ready();
    flow.keys("s <up> <up> <right> <tab>").text("20:00").keys("<enter> y");
    assert_eq!(end(&begun(&mut flow)[0]), Some("2026-11-20T19:00:00Z".parse().unwrap()));
    let mut flow = Flow::ready();
    flow.keys("s <up> <up> <right> <right> <tab> y");
    let plans = begun(&mut flow);
    assert_eq!(end(&plans[0]), None);
    assert!(!plans[0].steps.iter().any(|planned| matches!(planned.step, Step::Arrange { .. })));
}

#[test]
fn inside_its_window_a_start_ends_with_the_window() {
    let mut flow = Flow::ready();
    flow.news(vec![News::Models(vec![model("logos_2", "v3", Status::Stopped)])]).keys("j s y");
    let plans = begun(&mut flow);
    assert_eq!(end(&plans[0]), Some("2026-11-20T16:00:00Z".parse().unwrap()), "the stop of 17:00");
    let enabled = plans[0].steps.iter().any(|planned| planned.step == Step::Enable { mapping: MAPPING.into() });
    assert!(enabled, "{plans:?}");
}

#[test]
fn what_cannot_be_planned_says_why_and_cannot_be_confirmed() {
    let mut flow = Flow::ready();
    flow.keys("s <up>").text("x").keys("<enter> y");
    assert!(act(&flow).plans.is_empty());
    assert!(act(&flow).left_out[0].contains("2hx"), "{:?}", act(&flow).left_out);
    flow.keys("<tab> <enter>");
    assert_eq!(flow.asked(), []);
    let mut flow = Flow::ready();
    flow.keys("x y");
    assert!(act(&flow).left_out[0].contains("nothing to stop"));
    assert_eq!(flow.asked(), []);
}

#[test]
fn a_stop_inside_the_window_takes_the_name() {
    let mut flow = Flow::ready();
    flow.keys("j x");
    assert_eq!(act(&flow).focus, Field::Name);
    flow.keys("<enter> <tab> <tab> <enter> y");
    assert_eq!(flow.asked(), [], "not without the name");
    assert_eq!(act(&flow).focus, Field::Name);
    flow.text("ogos_2 v3").keys("<enter>");
    assert_eq!(flow.asked(), []);
    flow.keys("<c-u>").text("logos_2 v3").keys("<enter>");
    let plans = begun(&mut flow);
    assert!(
        matches!(
            steps(&plans[0]).as_slice(),
            [
                Step::Disable { .. },
                Step::AwaitDisabled { .. },
                Step::Drain { .. },
                Step::Stop { .. },
                Step::AwaitStopped { .. }
            ]
        ),
        "{plans:?}"
    );
}

#[test]
fn in_production_everything_takes_the_name() {
    let mut flow = Flow::start(Setup { production: vec![super::stage::ACCOUNT.into()], ..Setup::default() });
    flow.connect(REGION).read();
    flow.effects.clear();
    flow.keys("S <enter>");
    assert_eq!(flow.asked(), []);
    flow.text("bottles v1").keys("<enter>");
    assert_eq!(begun(&mut flow).len(), 1);
}

#[test]
fn a_schedule_is_paused_and_resumed() {
    let mut flow = Flow::ready();
    flow.keys("2 p y");
    let plans = begun(&mut flow);
    let Step::Replace { before, after } = &plans[0].steps[0].step else { panic!("{plans:?}") };
    assert!(before.enabled && !after.enabled);
    flow.news(vec![News::Schedules(vec![after.as_ref().clone()])]).keys("p y");
    let plans = begun(&mut flow);
    assert!(matches!(&plans[0].intent, Intent::Resume { .. }), "{plans:?}");
}

#[test]
fn a_pause_can_end_by_itself() {
    let mut flow = Flow::ready();
    flow.keys("2 p <up> <right> <tab>").text("2026-12-27").keys("<enter> y");
    let plans = begun(&mut flow);
    let Step::Replace { after, .. } = &plans[0].steps[0].step else { panic!("{plans:?}") };
    assert_eq!(after.start, Some("2026-12-26T23:00:00Z".parse().unwrap()), "midnight in the schedule's zone");
    assert!(after.enabled);
}

#[test]
fn pausing_a_stop_alone_is_asked_twice() {
    let mut flow = Flow::ready();
    flow.keys("2 j p").text("office/logos-stop").keys("<enter>");
    assert_eq!(flow.asked(), []);
    assert!(act(&flow).again);
    assert_eq!(act(&flow).focus, Field::Cancel);
    flow.keys("<tab> <enter>");
    assert!(matches!(&begun(&mut flow)[0].intent, Intent::Pause { schedule, .. } if schedule.ends_with("logos-stop")));
}

#[test]
fn on_a_model_its_pair_is_paused_together() {
    let mut flow = Flow::ready();
    flow.news(vec![News::Models(vec![model("logos_2", "v3", Status::Stopped)])]).keys("j p");
    assert_eq!(act(&flow).phrase().as_deref(), Some("pause 2 schedules"));
    flow.text("pause 2 schedules").keys("<enter>");
    let plans = begun(&mut flow);
    assert_eq!(
        plans.iter().map(|plan| plan.subject.as_str()).collect::<Vec<_>>(),
        ["office/logos-start", "office/logos-stop"]
    );
}

#[test]
fn marked_rows_make_one_dialog() {
    let mut flow = Flow::ready();
    flow.news(vec![News::Models(vec![model("bottles", "v1", Status::Running)])]);
    flow.keys("<space> <space> <space>");
    assert_eq!(flow.state.marked().count(), 3);
    assert_eq!(flow.selected().as_deref(), Some("shelf v10"));
    flow.keys("x");
    assert_eq!(act(&flow).title(), "Stop 2 of 3 models");
    assert_eq!(act(&flow).left_out.len(), 1, "what has failed cannot be stopped");
    flow.text("stop 2 models").keys("<enter>");
    let plans = begun(&mut flow);
    assert_eq!(plans.iter().map(|plan| plan.subject.as_str()).collect::<Vec<_>>(), ["bottles v1", "logos_2 v3"]);
    assert_eq!(flow.state.marked().count(), 0, "they have done their work");
}

#[test]
fn all_that_the_filter_shows_is_marked_at_once() {
    let mut flow = Flow::ready();
    flow.keys("/").text("shelf").keys("<enter> * <esc>");
    assert_eq!(flow.state.marked().count(), 0, "Esc has cleared them, and the filter is still there");
    flow.keys("* <esc> * *");
    assert_eq!(flow.state.marked().count(), 0, "once more takes them away");
    flow.keys("*");
    assert_eq!(flow.state.marked().count(), 2);
    flow.keys("6 *");
    assert_eq!(flow.state.marks.len(), 2, "a finding cannot be marked");
}

#[test]
fn escape_clears_marks_first() {
    let mut flow = Flow::ready();
    flow.keys("/").text("s").keys("<enter> <space> y <esc>");
    assert_eq!(flow.state.marked().count(), 0);
    assert_eq!(flow.state.notices.len(), 1);
    flow.keys("<esc>");
    assert!(flow.state.notices.is_empty() && flow.state.models.is_filtered());
    flow.keys("<esc>");
    assert!(!flow.state.models.is_filtered());
}

#[test]
fn a_mark_can_be_taken_back_and_stays_on_its_screen() {
    let mut flow = Flow::ready();
    flow.keys("<space> k <space>");
    assert_eq!(flow.state.marked().count(), 0);
    flow.keys("g <space> 2");
    assert_eq!(flow.state.marked().count(), 0, "it is one of another screen");
    flow.keys("p");
    assert_eq!(act(&flow).title(), "Pause office/logos-start");
}

#[test]
fn a_mapping_and_a_schedule_stand_for_their_model() {
    for screen in ["2", "3"] {
        let mut flow = Flow::ready();
        flow.keys(screen).keys("x");
        assert_eq!(act(&flow).title(), "Stop logos_2 v3");
    }
    let mut flow = Flow::ready();
    flow.keys("j <enter> x");
    assert_eq!(act(&flow).title(), "Stop logos_2 v3", "from the details as well");
}

#[test]
fn what_changed_while_the_dialog_was_open_is_shown_before_anything_is_done() {
    let mut flow = Flow::ready();
    flow.keys("s");
    flow.news(vec![News::Models(vec![model("bottles", "v1", Status::Starting)])]).keys("y");
    assert_eq!(flow.asked(), []);
    assert!(act(&flow).said.as_ref().unwrap().contains("changed"));
    flow.keys("y");
    assert_eq!(begun(&mut flow).len(), 1, "now it was seen");
}

#[test]
fn a_reading_brings_the_dialog_up_to_date() {
    let mut flow = Flow::ready();
    let told = |flow: &Flow| act(flow).plans[0].notes.iter().map(|note| note.text.clone()).collect::<String>();
    flow.keys("j x").text("logos_2 v3");
    assert!(told(&flow).contains("2 messages in flight"));
    let queue = rekotui::domain::queue::Queue { in_flight: 9, ..super::stage::queue() };
    flow.news(vec![News::Queues(vec![queue])]).send(Message::Surveyed(rekotui::app::Reading::Everything));
    assert!(told(&flow).contains("9 messages in flight"), "{}", told(&flow));
    assert!(act(&flow).is_typed() && act(&flow).focus == Field::Name, "what was typed stays");
    flow.news(vec![News::Models(vec![model("logos_2", "v3", Status::Stopping)])]);
    flow.send(Message::Surveyed(rekotui::app::Reading::Everything)).effects.clear();
    assert_eq!(act(&flow).focus, Field::Cancel);
    assert!(act(&flow).said.as_ref().unwrap().contains("changed"));
}

#[test]
fn time_alone_changes_nothing() {
    let mut flow = Flow::ready();
    flow.keys("s").seconds(45).effects.clear();
    flow.keys("y");
    assert_eq!(end(&begun(&mut flow)[0]), Some(friday() + TimeDelta::hours(2)), "what was shown is what is done");
}

#[test]
fn a_dialog_is_no_place_for_other_keys() {
    let mut flow = Flow::ready();
    flow.keys("s S x p c A u W");
    assert_eq!(flow.state.dialogs.len(), 1);
    assert_eq!(flow.asked(), []);
    flow.keys("q");
    assert!(flow.state.dialogs.is_empty());
}

#[test]
fn a_plan_that_was_refused_says_so() {
    let mut flow = Flow::ready();
    flow.send(Message::NotBegun { title: "stop of logos_2 v3".into(), why: "Somebody else does it already.".into() });
    assert!(flow.state.notices[0].text.contains("stop of logos_2 v3 was not begun: Somebody else"));
}

#[test]
fn read_only_no_key_ever_asks_for_a_change() {
    let mut flow = Flow::start(Setup { read_only: true, ..Setup::default() });
    flow.connect(REGION).read();
    let operation = super::journal::paused(&flow.state, "0001");
    flow.send(Message::Journal { operations: vec![operation, super::journal::started(&flow.state, "0002", 2)] });
    let letters = ('!'..='~').map(String::from);
    let named = ["<enter>", "<esc>", "<tab>", "<up>", "<down>", "<left>", "<right>", "<space>", "<backspace>"];
    let keys: Vec<String> = letters.chain(named.map(str::to_owned)).collect();
    for screen in Screen::ALL {
        for first in &keys {
            flow.keys("<esc> <esc> <esc>").keys(&screen.number().to_string());
            flow.keys(first);
            assert!(!matches!(flow.state.dialogs.last(), Some(Dialog::Act(_))), "{first}");
            for second in ["y", "<tab> <enter>", "<enter> s y", "<enter> x", "<enter> c", "<enter> A"] {
                flow.keys(second);
            }
        }
    }
    assert!(!flow.asked().iter().any(Effect::writes));
    flow.keys("<esc> <esc> <esc> 1 s");
    assert!(flow.state.notices.last().unwrap().text.contains("read-only"));
    let offered: Vec<&str> = flow.state.hints().iter().map(|hint| hint.short).collect();
    assert!(!offered.contains(&"start"), "{offered:?}");
}

#[test]
fn a_model_that_is_gone_is_no_longer_meant() {
    let mut flow = Flow::ready();
    flow.keys("<space>");
    let now = flow.state.now();
    let others = ["logos_2", "shelf"].map(|project| arn(project, "v3").to_string()).to_vec();
    flow.news(vec![News::Done {
        part: rekotui::domain::fleet::PartName::Models,
        seen: others,
        troubles: vec![],
        at: now,
    }]);
    assert_eq!(flow.state.marked().count(), 0);
}
