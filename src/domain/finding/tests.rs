//! Each rule, with a fleet that raises it and the nearest one that must not.

use super::super::schedule::Target;
use super::super::testing::{BERLIN, LOGOS, Small, UUID, at, function_arn, input, model_arn, now, queue_arn};
use super::super::trouble::{Trouble, TroubleKind};
use super::super::wiring::Wishes;
use super::*;

const DAILY: &str = "cron(0 9 * * ? *)";
/// Friday 19:00 in Berlin: the office has closed.
const EVENING: &str = "2026-11-20T18:00:00Z";
const DAY: u64 = 86_400;

fn findings_at(small: &Small, now: DateTime<Utc>) -> Vec<Finding> {
    Picture::of(&small.0, &Wishes::default(), now, BERLIN).findings
}

fn raised_at(small: &Small, rule: Rule, now: DateTime<Utc>) -> Option<Finding> {
    findings_at(small, now).into_iter().find(|finding| finding.rule == rule)
}

#[track_caller]
fn raised(small: &Small, rule: Rule) -> Finding {
    let told = findings_at(small, now());
    told.iter().find(|finding| finding.rule == rule).cloned().unwrap_or_else(|| panic!("only {told:#?}"))
}

#[track_caller]
fn silent(small: &Small, rule: Rule) {
    assert_eq!(raised_at(small, rule, now()), None);
}

fn denied(subject: &str) -> Trouble {
    let kind = TroubleKind::Denied("scheduler:GetSchedule".into());
    Trouble { subject: Some(subject.into()), ..Trouble::new(kind, "scheduler:GetSchedule") }
}

fn evening() -> Small {
    Small::new().office("logos", "RUNNING").ran("logos", "2026-11-20T08:10:00Z", EVENING)
}

#[test]
fn a_healthy_fleet_has_no_findings() {
    let small = Small::new().office("logos", "RUNNING").ran("logos", "2026-11-20T08:10:00Z", "2026-11-20T13:05:00Z");
    let small = small.mapping(UUID, "Enabled").serves("logos").queue(3, Some(60), 4 * DAY);
    assert_eq!(findings_at(&small, now()), []);
}

#[test]
fn running_on_after_the_window_is_told_with_its_hours_and_units() {
    let finding = raised_at(&evening(), Rule::RunningOutsideWindows, at(EVENING)).unwrap();
    assert_eq!(finding.subject, Subject::Model(model_arn("logos")));
    assert!(finding.sentence.contains("since 17:00 (2 h) with 1 inference unit"), "{}", finding.sentence);
    assert!(finding.sentence.contains("Mon 17:00"), "{}", finding.sentence);
    assert_eq!(finding.severity, Severity::Danger, "the whole weekend");
    assert_eq!(
        raised_at(&evening(), Rule::RunningOutsideWindows, at("2026-11-20T16:10:00Z")),
        None,
        "it may be stopping"
    );
    let off = Small::new().office("logos", "STOPPED");
    assert_eq!(raised_at(&off, Rule::RunningOutsideWindows, at(EVENING)), None);
}

#[test]
fn a_window_that_closed_before_midnight_may_still_be_stopping_after_it() {
    let small = Small::new().model("logos", "RUNNING").starts("logos", DAILY).stops("logos", "cron(55 23 * * ? *)");
    assert_eq!(raised_at(&small, Rule::RunningOutsideWindows, at("2026-11-20T23:05:00Z")), None);
    assert!(raised_at(&small, Rule::RunningOutsideWindows, at("2026-11-21T00:00:00Z")).is_some());
}

#[test]
fn running_on_until_an_arranged_stop_is_no_more_than_good_to_know() {
    let stop = input("stop", LOGOS, &[]);
    let small = evening().schedule("tonight", "at(2026-11-20T21:00:00)", &function_arn("shutdown"), &stop);
    let finding = raised_at(&small, Rule::RunningOutsideWindows, at(EVENING)).unwrap();
    assert_eq!(finding.severity, Severity::Info);
}

#[test]
fn running_without_any_stop() {
    let small = Small::new().model("logos", "RUNNING");
    assert_eq!(raised(&small, Rule::RunningWithoutStop).severity, Severity::Danger);
    silent(&Small::new().model("logos", "STOPPED"), Rule::RunningWithoutStop);
    silent(&Small::new().office("logos", "RUNNING"), Rule::RunningWithoutStop);
    let paused = Small::new().office("logos", "RUNNING").paused("logos-start").paused("logos-stop");
    assert!(raised(&paused, Rule::RunningWithoutStop).reason.contains("paused"));
}

#[test]
fn a_guess_stops_nothing() {
    let small = Small::new().model("logos", "RUNNING").function("ops", &[]);
    raised(&small.schedule("logos-stop", DAILY, &function_arn("ops"), "{}"), Rule::RunningWithoutStop);
}

#[test]
fn a_stop_that_is_not_understood_is_not_a_missing_stop() {
    for broken in ["cron(0 17 * * MON-FRI *)", "soon"] {
        let small = Small::new().office("logos", "RUNNING");
        let small = small.change("logos-stop", |stop| stop.expression = Some(broken.into()));
        raised(&small, Rule::ExpressionInvalid);
        silent(&small, Rule::RunningWithoutStop);
        silent(&small, Rule::StartsNeverStops);
    }
    let small = Small::new().office("logos", "RUNNING");
    let small = small.change("logos-stop", |stop| stop.zone = Some("Europe/Atlantis".into()));
    raised(&small, Rule::ZoneUnknown);
    silent(&small, Rule::RunningWithoutStop);
}

#[test]
fn somebody_elses_schedule_may_be_as_broken_as_it_likes() {
    let small = Small::new().schedule("tidy", "soon", &queue_arn("tidy"), "{}");
    assert_eq!(findings_at(&small, now()), []);
}

#[test]
fn what_has_not_been_read_is_not_missing() {
    let dark = |part: fn(&mut Fleet)| Small::new().model("logos", "RUNNING").starts("logos", DAILY).with(part);
    let parts: [fn(&mut Fleet); 2] = [|fleet| fleet.schedules.as_of = None, |fleet| fleet.rules.as_of = None];
    for part in parts {
        assert_eq!(findings_at(&dark(part), now()), [], "it is being read");
    }
    let small = dark(|fleet| {
        fleet.rules.as_of = None;
        fleet.rules.troubles = vec![Trouble::new(TroubleKind::Denied("events:ListRules".into()), "events:ListRules")];
    });
    let told = findings_at(&small, now());
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((told[0].rule, told[0].subject.id()), (Rule::PlansUnclear, "rules"));
}

#[test]
fn an_unread_schedule_silences_what_it_may_concern_and_no_more() {
    let unread = |target: String| {
        let small = Small::new().model("logos", "RUNNING").function("ops", &[]).schedule("secret", DAILY, &target, "");
        let small = small.change("secret", |schedule| {
            schedule.expression = None;
            schedule.targets = vec![Target { arn: schedule.targets[0].arn.clone(), ..Target::default() }];
        });
        small.with(|fleet| fleet.schedules.troubles = vec![denied("secret")])
    };
    let any = unread(function_arn("ops"));
    silent(&any, Rule::RunningWithoutStop);
    assert!(raised(&any, Rule::PlansUnclear).reason.contains("default/secret"));
    let other = unread(queue_arn("tidy"));
    raised(&other, Rule::RunningWithoutStop);
    silent(&other, Rule::PlansUnclear);
    let named = any.function("ops", &[("MODEL_ARN", LOGOS)]).model("labels", "RUNNING");
    let told = raised(&named, Rule::RunningWithoutStop);
    assert_eq!(told.subject, Subject::Model(model_arn("labels")), "the function names the other model");
    silent(&named, Rule::PlansUnclear);
}

#[test]
fn a_failed_refresh_does_not_silence_what_was_read_before() {
    let throttled = Trouble::new(TroubleKind::Throttled, "scheduler:ListSchedules");
    let small = Small::new().model("logos", "RUNNING").with(|fleet| fleet.schedules.troubles = vec![throttled]);
    raised(&small, Rule::RunningWithoutStop);
}

#[test]
fn a_schedule_of_a_function_that_is_dark_may_do_anything() {
    let small = Small::new().model("logos", "RUNNING").schedule("ops", DAILY, &function_arn("ops"), "{}");
    silent(&small.with(|fleet| fleet.functions.as_of = None), Rule::RunningWithoutStop);
    let told = Small::new().office("logos", "RUNNING").model("labels", "RUNNING");
    raised(&told.with(|fleet| fleet.functions.as_of = None), Rule::RunningWithoutStop);
}

#[test]
fn a_failed_model_tells_what_aws_says() {
    let small = Small::new().model("logos", "FAILED");
    let small = small.with(|fleet| {
        let model = fleet.models.rows.values_mut().next().unwrap();
        model.status_message = Some("Amazon Rekognition experienced an internal error".into());
    });
    assert!(raised(&small, Rule::ModelFailed).sentence.ends_with("experienced an internal error"));
    silent(&Small::new().model("logos", "STOPPED"), Rule::ModelFailed);
}

#[test]
fn more_models_at_once_than_aws_lets_run() {
    let morning = at("2026-11-20T06:00:00Z");
    let two = Small::new().office("logos", "STOPPED").office("labels", "STOPPED");
    assert_eq!(raised_at(&two, Rule::TooManyAtOnce, morning), None);
    let gone = Small::new().office("logos", "STOPPED").office("labels", "STOPPED").starts("former", DAILY);
    assert_eq!(raised_at(&gone, Rule::TooManyAtOnce, morning), None, "the third does not exist");
    let finding = raised_at(&two.office("parts", "STOPPED"), Rule::TooManyAtOnce, morning).unwrap();
    assert!(finding.sentence.starts_with("3 models are to run at once from 09:00 on"), "{}", finding.sentence);
}

#[test]
fn a_mapping_that_feeds_a_model_that_is_off() {
    let small = |status: &str, state: &str| Small::new().office("logos", status).mapping(UUID, state).serves("logos");
    let finding = raised(&small("STOPPED", "Enabled").queue(7, None, 4 * DAY), Rule::MappingOnModelOff);
    assert!(finding.sentence.contains("logos v3 is stopped") && finding.sentence.contains("7 messages"));
    silent(&small("RUNNING", "Enabled"), Rule::MappingOnModelOff);
    silent(&small("STOPPED", "Disabled"), Rule::MappingOnModelOff);
    silent(&Small::new().model("logos", "STOPPED").mapping(UUID, "Enabled"), Rule::MappingOnModelOff);
}

#[test]
fn a_mapping_that_is_off_while_its_model_runs() {
    let small = |state: &str, since: &str| {
        let small = Small::new().office("logos", "RUNNING").ran("logos", since, "2026-11-20T13:05:00Z");
        small.mapping(UUID, state).serves("logos")
    };
    raised(&small("Disabled", "2026-11-20T08:10:00Z"), Rule::MappingOffModelOn);
    silent(&small("Enabled", "2026-11-20T08:10:00Z"), Rule::MappingOffModelOn);
    silent(&small("Enabling", "2026-11-20T08:10:00Z"), Rule::MappingOffModelOn);
    silent(&small("Disabled", "2026-11-20T13:00:00Z"), Rule::MappingOffModelOn);
    let closing = small("Disabled", "2026-11-20T08:10:00Z").with(|fleet| {
        let mapping = fleet.mappings.rows.get_mut(UUID).unwrap();
        mapping.modified = Some(now() - chrono::TimeDelta::minutes(3));
    });
    silent(&closing, Rule::MappingOffModelOn);
    let target = "arn:aws:scheduler:::aws-sdk:lambda:updateEventSourceMapping";
    let off = serde_json::json!({"UUID": UUID, "Enabled": false}).to_string();
    let planned = |at: &str| small("Disabled", "2026-11-20T08:10:00Z").schedule("noon", at, target, &off);
    silent(&planned("cron(0 12 * * ? *)"), Rule::MappingOffModelOn);
    raised(&planned("cron(0 8 * * ? *)"), Rule::MappingOffModelOn);
}

#[test]
fn what_lambda_did_to_a_mapping() {
    let reason = |text: &str| {
        let small = Small::new().mapping(UUID, "Disabled");
        small.with(|fleet| fleet.mappings.rows.get_mut(UUID).unwrap().reason = Some(text.into()))
    };
    let finding = raised(&reason("Lambda lost access to the queue"), Rule::MappingTrouble);
    assert!(finding.sentence.ends_with("Lambda lost access to the queue"));
    silent(&reason("USER_INITIATED"), Rule::MappingTrouble);
    silent(&reason("User action"), Rule::MappingTrouble);
}

#[test]
fn a_mapping_that_two_models_claim() {
    let small = Small::new().office("logos", "RUNNING").office("labels", "RUNNING").mapping(UUID, "Enabled");
    let labels = model_arn("labels");
    let small = small.serves("logos");
    silent(&small, Rule::MappingContested);
    let finding = raised(&small.function("inference", &[("OTHER", labels.as_str())]), Rule::MappingContested);
    assert!(finding.sentence.contains("labels v3 or logos v3"), "{}", finding.sentence);
}

#[test]
fn a_backlog_that_will_not_live_to_see_monday() {
    let evening = at(EVENING);
    let small = |oldest: u64, retention: u64| {
        let small = Small::new().office("logos", "STOPPED").mapping(UUID, "Disabled").serves("logos");
        small.queue(5, Some(oldest), retention)
    };
    // From Friday 19:00 to Monday 09:00 it is 62 hours; four days are 96.
    let finding = raised_at(&small(35 * 3600, 4 * DAY), Rule::BacklogOutlivesRetention, evening).unwrap();
    assert_eq!(finding.severity, Severity::Danger);
    assert!(
        finding.sentence.contains("in 2 d 13 h") && finding.sentence.contains("in 2 d 14 h"),
        "{}",
        finding.sentence
    );
    assert_eq!(raised_at(&small(33 * 3600, 4 * DAY), Rule::BacklogOutlivesRetention, evening), None);
    let empty = small(0, 4 * DAY).queue(0, None, 4 * DAY);
    assert_eq!(raised_at(&empty, Rule::BacklogOutlivesRetention, evening), None);
    let dark = small(35 * 3600, 4 * DAY).with(|fleet| fleet.schedules.as_of = None);
    assert_eq!(raised_at(&dark, Rule::BacklogOutlivesRetention, evening), None);
}

#[test]
fn enabling_the_mapping_of_a_model_that_is_off_is_no_opening() {
    let target = "arn:aws:scheduler:::aws-sdk:lambda:updateEventSourceMapping";
    let enable = serde_json::json!({"UUID": UUID, "Enabled": true}).to_string();
    let small = Small::new().office("logos", "STOPPED").mapping(UUID, "Disabled").serves("logos");
    let small = small.queue(5, Some(35 * 3600), 4 * DAY).schedule("daily", DAILY, target, &enable);
    assert!(raised_at(&small, Rule::BacklogOutlivesRetention, at(EVENING)).is_some());
}

#[test]
fn a_backlog_that_nothing_will_take() {
    let small = |project: &str| Small::new().model(project, "STOPPED").mapping(UUID, "Disabled").serves(project);
    raised(&small("logos").queue(5, Some(60), 4 * DAY), Rule::BacklogWithoutOpening);
    silent(&small("logos").queue(0, None, 4 * DAY), Rule::BacklogWithoutOpening);
    silent(&small("logos").queue(5, Some(60), 4 * DAY).starts("logos", DAILY), Rule::BacklogWithoutOpening);
}

#[test]
fn a_weekend_longer_than_the_queue_remembers() {
    let small = |retention: u64| {
        let small = Small::new().office("logos", "RUNNING").mapping(UUID, "Enabled").serves("logos");
        small.queue(0, None, retention)
    };
    let finding = raised(&small(2 * DAY), Rule::ClosedBeyondRetention);
    assert!(finding.sentence.contains("closed for 2 d 16 h from 17:00 on"), "{}", finding.sentence);
    assert_eq!(finding.severity, Severity::Info);
    silent(&small(3 * DAY), Rule::ClosedBeyondRetention);
}

#[test]
fn halves_of_a_pair() {
    let office = || Small::new().office("logos", "STOPPED");
    let model = || Small::new().model("logos", "STOPPED");
    assert_eq!(raised(&model().starts("logos", DAILY), Rule::StartsNeverStops).severity, Severity::Danger);
    assert_eq!(raised(&model().stops("logos", DAILY), Rule::StopWithoutStart).severity, Severity::Info);
    silent(&model().stops("logos", "at(2026-11-20T21:00:00)"), Rule::StopWithoutStart);
    assert_eq!(raised(&office().paused("logos-stop"), Rule::StopPausedStartNot).severity, Severity::Danger);
    assert_eq!(raised(&office().paused("logos-start"), Rule::StartPaused).severity, Severity::Info);
    let paused = office().paused("logos-start").paused("logos-stop");
    assert_eq!(raised(&paused, Rule::SchedulesPaused).severity, Severity::Info);
    for small in [office(), paused, office().paused("logos-stop")] {
        silent(&small, Rule::StartsNeverStops);
        silent(&small, Rule::StopWithoutStart);
    }
    assert_eq!(findings_at(&office(), now()), []);
}

#[test]
fn a_schedule_of_a_model_that_is_gone() {
    let small = || Small::new().stops("logos", DAILY);
    let finding = raised(&small(), Rule::TargetMissing);
    assert!(finding.sentence.contains("default/logos-stop aims at the model logos v3"), "{}", finding.sentence);
    silent(&small().model("logos", "STOPPED"), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.models.as_of = None), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.models.reading = true), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.projects.troubles = vec![denied("logos")]), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.region = Some("eu-west-1".into())), Rule::TargetMissing);
    raised(&small().with(|fleet| fleet.region = None), Rule::TargetMissing);
}

#[test]
fn a_schedule_of_a_mapping_that_is_gone() {
    let told = input("start", LOGOS, &[UUID]);
    let small = || {
        let small = Small::new().model("logos", "STOPPED").function("startup", &[]);
        small.schedule("morning", DAILY, &function_arn("startup"), &told)
    };
    assert!(raised(&small(), Rule::TargetMissing).sentence.contains(UUID));
    silent(&small().mapping(UUID, "Disabled"), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.mappings.as_of = None), Rule::TargetMissing);
}

#[test]
fn a_schedule_of_a_function_that_is_gone() {
    let stop = input("stop", LOGOS, &[]);
    let small = || Small::new().model("logos", "STOPPED").schedule("evening", DAILY, &function_arn("gone:live"), &stop);
    assert!(raised(&small(), Rule::TargetMissing).sentence.contains("the function gone"));
    silent(&small().function("gone", &[]), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.functions.as_of = None), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.functions.reading = true), Rule::TargetMissing);
    silent(&small().with(|fleet| fleet.functions.troubles = vec![denied(&function_arn("gone"))]), Rule::TargetMissing);
}

#[test]
fn a_stop_in_the_hour_that_spring_skips() {
    let small = |expression: &str| {
        let small = Small::new().model("logos", "STOPPED").starts("logos", "cron(0 1 * * ? *)");
        small.stops("logos", expression)
    };
    let finding = raised(&small("cron(30 2 * * ? *)"), Rule::SkippedByClocks);
    assert!(finding.sentence.contains("Sun 28 Mar 2027") && finding.sentence.contains("02:30"), "{}", finding.sentence);
    assert!(finding.sentence.contains("logos v3 then runs on"), "{}", finding.sentence);
    silent(&small("cron(30 3 * * ? *)"), Rule::SkippedByClocks);
    silent(&small("cron(30 2 ? * MON-FRI *)"), Rule::SkippedByClocks);
    silent(&small("cron(30 2 * * ? *)").paused("logos-stop"), Rule::SkippedByClocks);
    let ended = small("cron(30 2 * * ? *)").change("logos-stop", |stop| stop.end = Some(at("2027-01-01T00:00:00Z")));
    silent(&ended, Rule::SkippedByClocks);
}

#[test]
fn a_rule_keeps_utc_when_the_clocks_change() {
    let stop = input("stop", LOGOS, &[]);
    let small = |expression: &str| {
        let small = Small::new().model("logos", "STOPPED").function("shutdown", &[]);
        small.rule("evening", expression, &function_arn("shutdown"), &stop)
    };
    let finding = raised(&small("cron(0 16 ? * MON-FRI *)"), Rule::RuleInUtc);
    assert!(finding.sentence.contains("what is 17:00 in Europe/Berlin now will be 18:00"), "{}", finding.sentence);
    silent(&small("rate(6 hours)"), Rule::RuleInUtc);
    silent(&Small::new().model("logos", "STOPPED").stops("logos", DAILY), Rule::RuleInUtc);
    let in_utc = Picture::of(&small("cron(0 16 ? * MON-FRI *)").0, &Wishes::default(), now(), Tz::UTC);
    assert!(in_utc.findings.iter().all(|finding| finding.rule != Rule::RuleInUtc));
}

#[test]
fn the_gravest_comes_first() {
    let small = Small::new().model("logos", "RUNNING").office("labels", "STOPPED").paused("labels-start");
    let severities: Vec<Severity> = findings_at(&small, now()).iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Danger, Severity::Info]);
}
