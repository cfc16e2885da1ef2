//! What plans say, and what they refuse.

use chrono::TimeDelta;

use super::*;
use crate::domain::fleet::Fleet;
use crate::domain::model::Status;
use crate::domain::picture::Picture;
use crate::domain::testing::{BERLIN, LOGOS, Small, UUID, at, function_arn, input, model_arn, now};
use crate::domain::wiring::Wishes;

/// A model with its pair, its mapping and its queue, in this status, seen at `when`.
fn fleet(status: &str) -> Fleet {
    Small::new()
        .model("logos", status)
        .mapping(UUID, "Disabled")
        .function("inference", &[("PROJECT_VERSION_ARN", LOGOS)])
        .schedule("up", "cron(30 8 ? * MON-FRI *)", &function_arn("start"), &input("start", LOGOS, &[UUID]))
        .schedule("down", "cron(0 17 ? * MON-FRI *)", &function_arn("stop"), &input("stop", LOGOS, &[UUID]))
        .0
}

fn planned(fleet: &Fleet, when: &str, end: End) -> Result<Plan, Unplannable> {
    let picture = Picture::of(fleet, &Wishes::default(), at(when), BERLIN);
    let wishes = Wishes::default();
    let ground = Ground { fleet, picture: &picture, wishes: &wishes, now: at(when), zone: BERLIN, production: false };
    start(ground, &model_arn("logos"), &Starting { units: None, end, emergency: false })
}

fn said(plan: &Plan) -> String {
    plan.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Friday 20:30 in Berlin.
const EVENING: &str = "2026-11-20T19:30:00Z";

#[test]
fn a_start_in_the_evening_arranges_its_own_end_in_the_zone_of_the_operator() {
    let plan = planned(&fleet("STOPPED"), EVENING, End::At(at(EVENING) + TimeDelta::hours(2))).unwrap();
    let Step::Arrange { stop, .. } = &plan.steps[0].step else { panic!("{:?}", plan.steps) };
    assert_eq!(stop.expression.as_deref(), Some("at(2026-11-20T22:30:00)"));
    assert_eq!(stop.zone.as_deref(), Some("Europe/Berlin"));
    assert!(stop.deletes_itself && is_automatic(stop) && stop.name.len() <= 64);
    assert!(said(&plan).contains("2.0 inference hours, about $8.00"), "{}", said(&plan));
}

#[test]
fn an_end_in_the_hour_that_comes_twice_is_written_in_utc() {
    // 25 October 2026, 02:30 in Berlin, for the second time.
    let plan = planned(&fleet("STOPPED"), "2026-10-24T23:30:00Z", End::At(at("2026-10-25T01:30:00Z"))).unwrap();
    let Step::Arrange { stop, .. } = &plan.steps[0].step else { panic!("{:?}", plan.steps) };
    assert_eq!((stop.expression.as_deref(), stop.zone.as_deref()), (Some("at(2026-10-25T01:30:00)"), Some("UTC")));
}

#[test]
fn a_stop_of_its_own_schedules_that_comes_first_ends_it() {
    // 14:09: the stop of 17:00 comes before 20:00.
    let plan = planned(&fleet("STOPPED"), "2026-11-20T13:09:00Z", End::At(at("2026-11-20T19:00:00Z"))).unwrap();
    assert!(!plan.steps.iter().any(|planned| matches!(planned.step, Step::Arrange { .. })));
    assert!(said(&plan).contains("The stop of 17:00 (default/down) will end this before 20:00"), "{}", said(&plan));
    assert!(plan.seen.iter().any(|seen| matches!(seen, Seen::Schedule(schedule) if schedule.name == "down")));
}

#[test]
fn an_end_that_cuts_the_open_window_says_so() {
    let plan = planned(&fleet("STOPPED"), "2026-11-20T13:09:00Z", End::At(at("2026-11-20T15:00:00Z"))).unwrap();
    assert!(said(&plan).contains("16:00 lies inside the window that is open now"), "{}", said(&plan));
}

#[test]
fn an_end_inside_the_next_window_is_left_to_that_window() {
    // Sunday evening until Monday noon: the window opens at 08:30 and closes at 17:00.
    let plan = planned(&fleet("STOPPED"), "2026-11-22T19:00:00Z", End::At(at("2026-11-23T11:00:00Z"))).unwrap();
    assert!(!plan.steps.iter().any(|planned| matches!(planned.step, Step::Arrange { .. })), "it would cut into it");
    assert!(said(&plan).contains("its own stop at Mon 17:00 (default/down) does the job"), "{}", said(&plan));
}

#[test]
fn a_start_without_an_end_says_who_stops_it_or_that_nobody_does() {
    let own = planned(&fleet("STOPPED"), EVENING, End::Never).unwrap();
    assert!(said(&own).contains("The stop of Mon 17:00"), "{}", said(&own));
    let alone = Small::new().model("logos", "STOPPED").0;
    let alone = planned(&alone, EVENING, End::Never).unwrap();
    assert_eq!(alone.notes[0].tone, Tone::Danger);
    assert!(said(&alone).contains("Nobody will stop it"), "{}", said(&alone));
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let refused = |fleet: &Fleet, end| planned(fleet, EVENING, end).unwrap_err().to_string();
    let hours = End::At(at(EVENING) + TimeDelta::hours(2));
    assert!(refused(&fleet("TRAINING_FAILED"), hours).contains("can never run"));
    assert!(refused(&fleet("DELETING"), hours).contains("DELETING"));
    assert!(refused(&fleet("STOPPED"), End::At(now())).contains("has passed"));
    let alone = Small::new().model("logos", "STOPPED").0;
    assert!(refused(&alone, End::Scheduled).contains("No stop of logos v3 is scheduled"));
    assert!(refused(&alone, hours).contains("emergency start"));
}

#[test]
fn every_plan_comes_back_from_the_journal_as_it_was() {
    let fleet = fleet("RUNNING");
    let picture = Picture::of(&fleet, &Wishes::default(), now(), BERLIN);
    let wishes = Wishes::default();
    let ground =
        Ground { fleet: &fleet, picture: &picture, wishes: &wishes, now: now(), zone: BERLIN, production: true };
    let down = crate::domain::testing::schedule_arn("down");
    let plans = [
        planned(&fleet, EVENING, End::At(at(EVENING) + TimeDelta::hours(2))).unwrap(),
        stop(ground, &model_arn("logos")).unwrap(),
        pause(ground, &down, &Pausing::default()).unwrap(),
        pause(ground, &down, &Pausing { until: Some(now() + TimeDelta::days(3)), together: vec![] }).unwrap(),
    ];
    for plan in plans {
        let kept = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&kept).unwrap(), plan);
    }
}

fn situation(writes: u32, accepted: bool, minutes: i64) -> Situation {
    Situation {
        now: now() + TimeDelta::minutes(minutes),
        began: now(),
        writes,
        wrote: (writes > 0).then(now),
        accepted,
        before: None,
        go_on: false,
    }
}

#[test]
fn a_start_is_never_tried_twice_by_guess() {
    let step = Step::Start { model: model_arn("logos"), min_units: 1, max_units: None };
    let decide = |status: &str, at: Situation| {
        step.decide(&Observed::Model { status: status.to_owned().into(), message: None }, &at)
    };
    assert_eq!(decide("STOPPED", situation(0, false, 0)), Decision::Write);
    assert_eq!(decide("STOPPED", situation(1, false, 1)), Decision::Write, "AWS itself refuses a second start");
    assert!(
        matches!(decide("STOPPED", situation(1, false, 5)), Decision::Fail(why) if why.contains("was not started a second time"))
    );
    assert!(matches!(decide("STOPPED", situation(1, true, 1)), Decision::Wait(..)), "it may not be seen yet");
    assert!(matches!(decide("STOPPED", situation(1, true, 60)), Decision::Fail(why) if why.contains("stopped it")));
    assert!(matches!(decide("FAILED", situation(1, false, 1)), Decision::Fail(_)));
    assert_eq!(decide("FAILED", situation(0, false, 1)), Decision::Write);
    assert_eq!(decide("STARTING", situation(1, false, 60)), Decision::Done("STARTING".into()));
}

#[test]
fn waiting_has_an_end_and_an_operator_need_not_wait_for_it() {
    let drain = Step::Drain { queue: "arn:aws:sqs:eu-central-1:1:jobs".into() };
    let busy = Observed::Queue { in_flight: 3 };
    assert!(matches!(drain.decide(&busy, &situation(0, false, 1)), Decision::Wait(..)));
    assert!(
        matches!(drain.decide(&busy, &situation(0, false, 11)), Decision::Done(how) if how.contains("3 messages still in flight"))
    );
    let go_on = Situation { go_on: true, ..situation(0, false, 1) };
    assert!(matches!(drain.decide(&busy, &go_on), Decision::Done(how) if how.contains("went on")));
    let await_running = Step::AwaitRunning { model: model_arn("logos") };
    let starting = Observed::Model { status: Status::Starting, message: None };
    assert!(matches!(await_running.decide(&starting, &situation(0, false, 46)), Decision::Leave(_)));
}
