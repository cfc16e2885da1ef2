//! What asks before a change, what goes on, and the journal.

use chrono::TimeDelta;
use rekotui::app::{Message, Theme};
use rekotui::domain::mapping::MappingState;
use rekotui::domain::model::Status;
use rekotui::domain::operation::{Operation, OperationId, Standing, StepStanding};
use rekotui::domain::plan::{self, End, Observed, Pausing, Plan, Starting};

use super::office::{Account, arn, friday, odd, office};
use super::pictures::picture;
use super::stage::{SMALL, Stage, USUAL, WIDE};

/// An operation that was asked for `ago` minutes ago, whose first `done` steps are done, two minutes each.
fn so_far(id: &str, plan: Plan, ago: i64, done: usize) -> Operation {
    let asked = friday() - TimeDelta::minutes(ago);
    let who = Some("arn:aws:sts::123456789012:assumed-role/operators/anna".to_owned());
    let mut operation = Operation::new(OperationId(id.into()), plan, who, asked);
    operation.checked = true;
    for (at, record) in operation.steps.iter_mut().enumerate().take(done + 1) {
        let minutes = |at: usize| TimeDelta::minutes(2 * i64::try_from(at).unwrap());
        record.began = Some(asked + minutes(at));
        record.standing = StepStanding::Going;
        record.words = "starting".into();
        if at < done {
            record.standing = StepStanding::Done;
            record.words = "done".into();
            record.ended = Some(asked + minutes(at + 1));
        }
        if operation.plan.steps[at].step.writes() {
            record.writes = 1;
            record.wrote = record.began;
            record.accepted = at < done;
            record.request_ids = vec![format!("5f1c7a52-0000-4d3e-9b7a-{at:012}")];
        }
    }
    operation
}

fn start(stage: &Stage, project: &str, version: &str) -> Plan {
    let end = End::At(friday() + TimeDelta::hours(2));
    let ask = Starting { units: None, end, emergency: false };
    plan::start(stage.state.ground(), &arn(project, version), &ask).unwrap()
}

fn pause(stage: &Stage, name: &str) -> Plan {
    let schedule = stage.state.fleet.all_schedules().find(|schedule| schedule.name == name).unwrap();
    plan::pause(stage.state.ground(), &schedule.arn, &Pausing::default()).unwrap()
}

/// A start that took so many minutes to RUNNING, some days ago.
fn earlier(stage: &Stage, id: &str, minutes: i64) -> Operation {
    let plan = start(stage, "welds", "v4");
    let count = plan.steps.len();
    let mut operation = so_far(id, plan, 3 * 1_440, count);
    let called = operation.asked + TimeDelta::minutes(2);
    let names: Vec<bool> =
        operation.plan.steps.iter().map(|planned| matches!(planned.step, plan::Step::AwaitRunning { .. })).collect();
    for (record, awaits) in operation.steps.iter_mut().zip(names) {
        if awaits {
            record.ended = Some(called + TimeDelta::minutes(minutes));
        }
    }
    operation.standing = Standing::Done;
    operation.ended = Some(called + TimeDelta::minutes(minutes));
    operation
}

/// A past in which everything happened once.
fn journal(stage: &Stage) -> Vec<Operation> {
    let mut paused = so_far("20261120T120000-b", pause(stage, "parts-start"), 69, 1);
    paused.standing = Standing::Done;
    paused.ended = Some(paused.asked + TimeDelta::seconds(2));
    paused.steps[0].before = Some(Observed::Mapping { state: MappingState::Enabled, reason: None });
    paused.steps[0].after = Some(Observed::Mapping { state: MappingState::Disabled, reason: None });
    let stop = plan::stop(stage.state.ground(), &arn("plants", "v2")).unwrap();
    let mut refused = so_far("20261120T110000-c", stop, 129, 0);
    refused.steps[0] = Default::default();
    refused.standing = Standing::Refused("plants v2 was RUNNING when you looked and is STOPPING now.".into());
    refused.ended = Some(refused.asked + TimeDelta::seconds(1));
    let mut failed = so_far("20261119T080000-d", start(stage, "parts", "v9"), 1_809, 2);
    failed.steps[2].standing = StepStanding::Failed;
    failed.steps[2].ended = Some(failed.asked + TimeDelta::minutes(9));
    failed.steps[2].before = Some(Observed::Model { status: Status::Starting, message: None });
    failed.steps[2].after = Some(Observed::Model { status: Status::Failed, message: None });
    failed.steps[2].words = "The start has failed.".into();
    failed.standing =
        Standing::Failed("The start has failed. AWS says: Amazon Rekognition experienced a service issue.".into());
    failed.ended = Some(failed.asked + TimeDelta::minutes(9));
    let left = Operation {
        rests: Some("rekotui was closed".into()),
        ..so_far("20261120T125000-a", start(stage, "shelf", "v12"), 19, 2)
    };
    vec![left, paused, refused, earlier(stage, "20261117T080000-e", 11), earlier(stage, "20261117T070000-f", 8), failed]
}

fn with_journal() -> Stage {
    let mut stage = Stage::quiet(&office());
    let operations = journal(&stage);
    stage.send(Message::Journal { operations });
    stage
}

/// Two operations go on, and one was left.
fn busy() -> Stage {
    let mut stage = with_journal();
    let starts = so_far("20261120T130000-g", start(&stage, "welds", "v4"), 7, 2);
    let stop = plan::stop(stage.state.ground(), &arn("logos_2", "v3")).unwrap();
    let mut stops = so_far("20261120T130500-h", stop, 4, 2);
    stops.steps[2].words = "2 messages in flight".into();
    stops.steps[2].began = Some(friday() - TimeDelta::seconds(40));
    stage.send(Message::Operation(Box::new(starts)));
    stage.send(Message::Operation(Box::new(stops)));
    stage
}

#[test]
fn what_asks_before_a_change() {
    for size in [SMALL, USUAL] {
        picture!("act-start", Stage::quiet(&office()).keys("G s"), size);
        picture!("act-emergency", Stage::quiet(&office()).keys("j j S"), size);
        picture!("act-emergency-production", Stage::live(&office()).keys("j j S"), size);
        picture!("act-stop", Stage::live(&office()).keys("j x l o g o s"), size);
        picture!("act-pause-stop-only", Stage::quiet(&office()).keys("2 / l o g o s - s t o p <enter> p"), size);
        let typed = "o f f i c e / l o g o s - s t o p <enter>";
        let ways = format!("2 / l o g o s - s t o p <enter> p {typed}");
        picture!("act-pause-asked-twice", Stage::quiet(&office()).keys(&ways), size);
        picture!("act-bulk", Stage::quiet(&office()).keys("j <space> j <space> <space> x"), size);
        picture!("act-abandon", with_journal().keys("A"), size);
        picture!("act-leave", busy().keys("q"), size);
    }
    picture!("act-start", Stage::quiet(&office()).keys("G s"), WIDE);
    picture!("act-pause-until", Stage::quiet(&office()).keys("2 p <up> <right> <tab> 2 0 2 6 - 1 2 - 2 7"), USUAL);
    picture!("act-unplannable", Stage::quiet(&office()).keys("G s <up> x <tab>"), USUAL);
    picture!("act-ascii", Stage::ascii(&office()).keys("j x"), USUAL);
}

#[test]
fn nobody_stops_it_once_the_screen_is_closed() {
    let mut dark = office();
    dark.schedules.clear();
    dark.rules.clear();
    picture!("act-emergency-alone", Stage::quiet(&dark).keys("j j S"), USUAL);
    let mut stage = Stage::quiet(&dark);
    let ask = Starting { units: None, end: End::At(friday() + TimeDelta::hours(2)), emergency: true };
    let plan = plan::start(stage.state.ground(), &arn("parts", "v9"), &ask).unwrap();
    stage.send(Message::Operation(Box::new(so_far("20261120T130000-g", plan, 7, 1))));
    picture!("act-leave-alone", stage.keys("q"), USUAL);
}

#[test]
fn what_goes_on_and_what_was_left() {
    for size in [SMALL, USUAL, WIDE] {
        picture!("operations", busy(), size);
    }
    picture!("operations-left", with_journal(), SMALL);
    picture!("marks", Stage::quiet(&office()).keys("j <space> <space>"), USUAL);
}

#[test]
fn the_journal() {
    for size in [SMALL, USUAL, WIDE] {
        picture!("journal", with_journal().keys("5"), size);
    }
    picture!("journal-empty", Stage::quiet(&office()).keys("5"), USUAL);
    for size in [SMALL, USUAL] {
        picture!("journal-details", with_journal().keys("5 / f a i l e d <enter> <enter>"), size);
    }
}

#[test]
fn dialogs_and_strips_draw_at_any_size_in_any_look() {
    let odd_account: fn() -> Account = odd;
    let makes: [fn() -> Stage; 3] = [busy, || Stage::quiet(&office()), || Stage::live(&odd())];
    assert!(!odd_account().models.is_empty());
    for make in makes {
        for way in ["s", "S", "j x", "j p", "2 p", "3 x", "5 A", "5 <enter>", "5", "q", "<space> <space> <space> s"] {
            for theme in [Theme::Night, Theme::Mono] {
                let mut stage = make().keys(way).with_theme(theme);
                for size in [(1, 1), (39, 8), (40, 8), (59, 14), (60, 15), (66, 18), (80, 24), (120, 36), (200, 60)] {
                    stage.buffer(size);
                }
            }
        }
    }
}

#[test]
fn the_buttons_stay_in_sight_from_a_small_terminal_on() {
    for way in ["s", "S", "j x", "j p", "2 p", "j <space> <space> <space> s"] {
        for size in [(80, 24), (60, 16), (120, 36)] {
            let shown = Stage::live(&office()).keys(way).text(size);
            assert!(shown.contains("Cancel"), "{way} at {size:?}:\n{shown}");
        }
    }
}
