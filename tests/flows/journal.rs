//! Operations that go on, come to their end, or were left; and leaving while they go on.

use chrono::TimeDelta;
use rekotui::app::{Dialog, Effect, Message, Notice, Reading, Screen, Setup, State, Tone};
use rekotui::domain::operation::{Operation, OperationId, Standing, StepStanding};
use rekotui::domain::plan::{self, End, Intent, Pausing, Starting, Step};

use super::stage::{Flow, arn, friday, queue};

/// An operation that has come so far: `done` steps are done and the next is going on.
fn so_far(id: &str, plan: plan::Plan, done: usize) -> Operation {
    let who = Some("arn:aws:iam::123456789012:user/anna".to_owned());
    let mut operation = Operation::new(OperationId(id.into()), plan, who, friday());
    for (at, record) in operation.steps.iter_mut().enumerate() {
        if at <= done {
            record.began = Some(friday() + TimeDelta::seconds(at as i64));
            record.standing = StepStanding::Going;
            record.words = "starting".into();
        }
        if at < done {
            record.standing = StepStanding::Done;
            record.ended = Some(friday() + TimeDelta::seconds(at as i64 + 1));
            record.writes = 1;
        }
    }
    operation
}

/// A start of bottles, for two hours.
pub fn started(state: &State, id: &str, done: usize) -> Operation {
    let ask = Starting { units: None, end: End::At(friday() + TimeDelta::hours(2)), emergency: false };
    so_far(id, plan::start(state.ground(), &arn("bottles", "v1"), &ask).unwrap(), done)
}

/// A stop of logos.
fn stopping(state: &State, id: &str, done: usize) -> Operation {
    so_far(id, plan::stop(state.ground(), &arn("logos_2", "v3")).unwrap(), done)
}

/// The start schedule of logos was paused.
pub fn paused(state: &State, id: &str) -> Operation {
    let schedule = state.fleet.all_schedules().find(|schedule| schedule.name == "logos-start").unwrap();
    let plan = plan::pause(state.ground(), &schedule.arn.clone(), &Pausing::default()).unwrap();
    let mut operation = so_far(id, plan, 1);
    operation.standing = Standing::Done;
    operation.ended = Some(friday() + TimeDelta::seconds(2));
    operation
}

fn tell(flow: &mut Flow, operation: &Operation) {
    flow.send(Message::Operation(Box::new(operation.clone())));
}

fn newest(flow: &Flow) -> &Notice {
    flow.state.notices.last().unwrap()
}

#[test]
fn an_operation_is_driven_while_it_moves_and_told_of_at_its_end() {
    let mut flow = Flow::ready();
    let mut operation = started(&flow.state, "0001", 1);
    tell(&mut flow, &operation);
    assert_eq!(flow.state.driven().len(), 1);
    assert!(flow.state.left_unfinished().is_empty());
    flow.asked();
    operation.standing = Standing::Done;
    operation.ended = Some(friday() + TimeDelta::minutes(11));
    tell(&mut flow, &operation);
    assert!(flow.state.driving.is_empty());
    assert_eq!(newest(&flow).tone, Tone::Info);
    assert!(newest(&flow).text.contains("start of bottles v1"), "{:?}", newest(&flow));
    assert!(newest(&flow).text.contains("11 min"));
    tell(&mut flow, &operation);
    assert_eq!(flow.state.notices.len(), 1, "once is enough");
}

#[test]
fn what_an_operation_has_changed_is_read_again() {
    let mut flow = Flow::ready();
    let mut operation = started(&flow.state, "0001", 2);
    tell(&mut flow, &operation);
    assert_eq!(flow.asked(), [Effect::Read(Reading::Watch)]);
    flow.send(Message::Surveyed(Reading::Watch));
    operation.standing = Standing::Done;
    tell(&mut flow, &operation);
    assert_eq!(flow.asked(), [Effect::Read(Reading::Everything)]);
}

#[test]
fn a_failure_stays_on_screen_with_its_sentence() {
    let mut flow = Flow::ready();
    let mut operation = started(&flow.state, "0001", 2);
    tell(&mut flow, &operation);
    operation.standing = Standing::Failed("The start has failed. AWS says: try again.".into());
    tell(&mut flow, &operation);
    assert_eq!((newest(&flow).tone, newest(&flow).until), (Tone::Trouble, None));
    assert!(newest(&flow).text.contains("AWS says: try again"));
}

#[test]
fn while_something_goes_on_it_turns_and_the_keys_work() {
    let mut flow = Flow::ready();
    let operation = started(&flow.state, "0001", 2);
    tell(&mut flow, &operation);
    assert!(flow.state.spins());
    assert!(flow.state.wake().unwrap() <= flow.state.moment.real + std::time::Duration::from_millis(126));
    assert_eq!(flow.keys("j").selected().as_deref(), Some("logos_2 v3"));
}

#[test]
fn two_operations_never_change_one_thing() {
    let mut flow = Flow::ready();
    let operation = started(&flow.state, "0001", 2);
    tell(&mut flow, &operation);
    flow.asked();
    flow.keys("s y");
    let Some(Dialog::Act(act)) = flow.state.dialogs.last() else { panic!("closed") };
    assert!(act.left_out[0].contains("is going on"), "{:?}", act.left_out);
    assert_eq!(flow.asked(), []);
}

#[test]
fn what_was_left_is_carried_on_or_abandoned_with_one_key() {
    let mut flow = Flow::ready();
    let operation = Operation { rests: Some("rekotui was closed".into()), ..started(&flow.state, "0001", 2) };
    flow.send(Message::Journal { operations: vec![operation.clone()] });
    assert_eq!(flow.state.left_unfinished().len(), 1);
    flow.keys("c");
    assert_eq!(flow.asked(), [Effect::ResumeOperation(operation.id.clone())]);
    flow.keys("A <enter>");
    assert_eq!(flow.asked(), [], "the focus stands on Cancel");
    flow.keys("A");
    let Some(Dialog::Act(act)) = flow.state.dialogs.last() else { panic!("not asked") };
    let told: String = act.notes.iter().map(|note| note.text.clone()).collect();
    assert!(told.contains("bottles v1 is STOPPED") && told.contains("Done before"), "{told}");
    flow.keys("y");
    assert_eq!(flow.asked(), [Effect::AbandonOperation(operation.id)]);
}

#[test]
fn what_was_left_is_known_from_the_start() {
    let operation = started(&Flow::ready().state, "0001", 2);
    let mut flow = Flow::start(Setup { journal: vec![operation], ..Setup::default() });
    assert_eq!(flow.state.left_unfinished().len(), 1);
    flow.keys("5");
    assert_eq!(flow.selected().as_deref(), Some("start of bottles v1"));
}

#[test]
fn what_belongs_to_another_account_is_carried_on_there() {
    let mut flow = Flow::ready();
    let here = Operation { rests: Some("left".into()), ..started(&flow.state, "0001", 2) };
    let elsewhere = Operation { id: OperationId("0002".into()), account: "999999999999".into(), ..here.clone() };
    flow.send(Message::Journal { operations: vec![elsewhere.clone(), here.clone()] });
    assert_eq!(flow.state.left_unfinished()[0].id, here.id, "though it is the older one");
    assert_eq!(flow.keys("c").asked(), [Effect::ResumeOperation(here.id)]);
    flow.keys("5");
    assert_eq!(flow.state.subject(), Some(rekotui::app::Key::Operation(elsewhere.id)));
    flow.asked();
    flow.keys("c");
    assert_eq!(flow.asked(), []);
    assert!(newest(&flow).text.contains("999999999999"), "{:?}", newest(&flow));
}

#[test]
fn why_it_was_not_carried_on_is_said_by_its_name() {
    let mut flow = Flow::ready();
    let operation = started(&flow.state, "0001", 2);
    flow.send(Message::Journal { operations: vec![operation] });
    flow.send(Message::NotBegun { title: "operation 0001".into(), why: "Another rekotui carries it on.".into() });
    assert_eq!(newest(&flow).text, "The start of bottles v1 stays as it is: Another rekotui carries it on.");
}

#[test]
fn there_may_be_nothing_to_carry_on() {
    let mut flow = Flow::ready();
    for key in ["c", "A", "u", "W"] {
        flow.keys(key);
        assert!(flow.state.dialogs.is_empty());
        assert_eq!(flow.asked(), [], "{key}");
        assert!(!flow.state.notices.is_empty());
        flow.keys("<esc>");
    }
}

#[test]
fn messages_in_flight_need_not_be_waited_for() {
    let mut flow = Flow::ready();
    let operation = stopping(&flow.state, "0001", 2);
    assert!(matches!(operation.current(), Some((_, Step::Drain { queue: waits }, _)) if *waits == queue().arn));
    tell(&mut flow, &operation);
    flow.asked();
    flow.keys("W");
    assert_eq!(flow.asked(), [Effect::GoOn(operation.id)]);
}

#[test]
fn a_pause_is_undone_from_the_journal_and_from_its_schedule() {
    for way in ["5 u", "2 u"] {
        let mut flow = Flow::ready();
        let operation = paused(&flow.state, "0001");
        let Step::Replace { after, .. } = &operation.plan.steps[0].step else { panic!("{operation:?}") };
        flow.news(vec![rekotui::domain::fleet::News::Schedules(vec![after.as_ref().clone()])]);
        flow.send(Message::Journal { operations: vec![operation.clone()] }).keys(way).keys("y");
        let mut asked = flow.asked();
        asked.retain(|effect| *effect != Effect::ReadJournal);
        let [Effect::Begin(plans)] = asked.as_slice() else { panic!("{way}: {asked:?}") };
        assert!(matches!(&plans[0].intent, Intent::Undo { operation, .. } if operation == "0001"));
        assert!(matches!(&plans[0].steps[0].step, Step::Replace { after, .. } if after.enabled));
    }
}

#[test]
fn the_journal_is_filtered_sorted_and_copied() {
    let mut flow = Flow::ready();
    let operations = vec![started(&flow.state, "0002", 2), paused(&flow.state, "0001")];
    flow.send(Message::Journal { operations }).keys("5");
    assert_eq!(flow.state.screen, Screen::Journal);
    assert_eq!(flow.selected().as_deref(), Some("start of bottles v1"), "the newest first");
    flow.asked();
    flow.keys("Y");
    let asked = flow.asked();
    assert!(matches!(asked.as_slice(), [Effect::Copy(text)] if text.contains("aws rekognition start-project-version")));
    flow.keys("/").text("what:pause").keys("<enter>");
    assert_eq!(flow.selected().as_deref(), Some("pause of office/logos-start"));
    flow.keys("l");
    assert_eq!(flow.selected().as_deref(), Some("office/logos-start"), "what it was about is one key away");
}

#[test]
fn leaving_while_something_goes_on_is_asked() {
    for (keys, leaves) in
        [("q <enter>", false), ("q <esc>", false), ("q q", false), ("q <tab> <enter>", true), ("<c-c> <c-c>", true)]
    {
        let mut flow = Flow::ready();
        let operation = started(&flow.state, "0001", 2);
        tell(&mut flow, &operation);
        flow.asked();
        flow.keys(keys);
        assert_eq!(flow.asked().contains(&Effect::Quit), leaves, "{keys}");
        assert!(leaves || flow.state.dialogs.is_empty(), "{keys}");
    }
    assert_eq!(Flow::ready().keys("q").asked(), [Effect::Quit], "nothing goes on");
}

#[test]
fn what_rests_is_no_reason_to_stay() {
    let mut flow = Flow::ready();
    let operation = started(&flow.state, "0001", 2);
    tell(&mut flow, &operation);
    tell(&mut flow, &Operation { rests: Some("the network is gone".into()), ..operation });
    assert!(newest(&flow).text.contains("the network is gone"));
    flow.asked();
    flow.keys("q");
    assert_eq!(flow.asked(), [Effect::Quit]);
}

#[test]
fn the_journal_is_read_when_it_is_looked_at() {
    for keys in ["5", "<back-tab> <back-tab>"] {
        let mut flow = Flow::ready();
        assert_eq!(flow.keys(keys).asked(), [Effect::ReadJournal]);
        assert_eq!(flow.keys("r").asked(), [Effect::Read(Reading::Everything), Effect::ReadJournal]);
    }
}

#[test]
fn giving_the_move_of_a_rule_up_tells_how_both_stand() {
    let mut flow = Flow::ready();
    let old = super::stage::schedule("logos-late", "cron(0 20 ? * MON-FRI *)", "stop", &arn("logos_2", "v3"));
    let mut role = super::stage::schedule("other", "rate(1 day)", "stop", &arn("logos_2", "v3"));
    role.targets[0].role_arn = Some("arn:aws:iam::123456789012:role/scheduler".into());
    let rule = rekotui::domain::schedule::Schedule {
        arn: "arn:aws:events:eu-central-1:123456789012:rule/logos-late".into(),
        kind: rekotui::domain::schedule::Kind::Rule,
        zone: None,
        ..old
    };
    let arn = rule.arn.clone();
    flow.news(vec![
        rekotui::domain::fleet::News::Rules(vec![rule]),
        rekotui::domain::fleet::News::Schedules(vec![role]),
    ]);
    let plan = plan::migrate(flow.state.ground(), &arn, None).unwrap();
    let left = Operation { rests: Some("rekotui was closed".into()), ..so_far("20261120T130000-m", plan, 1) };
    tell(&mut flow, &left);
    flow.send(Message::Journal { operations: vec![left] }).keys("5 A");
    let Some(Dialog::Act(act)) = flow.state.dialogs.last() else { panic!("{:?}", flow.state.dialogs) };
    let told: Vec<&str> = act.notes.iter().map(|note| note.text.as_str()).collect();
    assert!(told.iter().any(|text| text.starts_with("Done before: Create ")), "{told:?}");
    assert!(told.contains(&"rule/logos-late is ENABLED."), "{told:?}");
    assert!(told.iter().any(|text| text.ends_with("/logos-late is not there.")), "{told:?}");
}
