use super::super::testing::{BERLIN, LOGOS, Small, UUID, at, function_arn, input, model_arn, now, schedule_arn};
use super::*;

const SECOND: &str = "0a1b2c3d-0000-4000-8000-000000000002";

fn picture_at(small: &Small, now: DateTime<Utc>) -> Picture {
    Picture::of(&small.0, &Wishes::default(), now, BERLIN)
}

fn view_at(small: &Small, now: DateTime<Utc>) -> ModelView {
    picture_at(small, now).models.remove(&model_arn("logos")).unwrap()
}

#[test]
fn the_next_event_of_a_model_and_the_coming_day() {
    let small = Small::new().office("logos", "RUNNING").mapping(UUID, "Enabled").serves("logos");
    let picture = picture_at(&small, now());
    let next = picture.models[&model_arn("logos")].next.clone().unwrap();
    assert_eq!((next.kind, next.at, next.zone), (EventKind::Stop, at("2026-11-20T16:00:00Z"), BERLIN));
    assert_eq!(next.mappings, [UUID], "a stop disables the mappings of its model");
    assert_eq!(picture.events, [next], "nothing is planned on Saturday");
    assert_eq!(picture.running, 1);
    let thursday = picture_at(&small, at("2026-11-19T13:09:00Z"));
    let kinds: Vec<EventKind> = thursday.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Stop, EventKind::Start]);
}

#[test]
fn neither_a_guess_nor_a_paused_schedule_is_planned() {
    let small = Small::new().model("logos", "RUNNING").function("ops", &[]);
    let small = small.schedule("logos-stop", "cron(0 17 * * ? *)", &function_arn("ops"), "{}");
    let picture = picture_at(&small, now());
    assert!(picture.events.is_empty() && picture.models[&model_arn("logos")].next.is_none());
    assert!(!picture.wiring.guesses_by_schedule.is_empty());
    assert!(picture.next_of_schedule(&schedule_arn("logos-stop"), now()).is_some(), "it fires, whatever it does");
    let paused = Small::new().office("logos", "STOPPED").paused("logos-start").paused("logos-stop");
    let picture = picture_at(&paused, now());
    assert!(picture.events.is_empty() && picture.models[&model_arn("logos")].paused);
    assert_eq!(picture.next_of_schedule(&schedule_arn("logos-stop"), now()), None);
    assert_eq!(picture.fires(&schedule_arn("logos-stop"), now(), 5).len(), 5);
}

#[test]
fn a_queue_of_two_mappings_counts_once_and_one_that_is_not_read_leaves_the_backlog_unknown() {
    let small = Small::new().office("logos", "RUNNING").mapping(UUID, "Enabled").mapping(SECOND, "Enabled");
    let small = small.serves("logos");
    assert_eq!(view_at(&small, now()).backlog, None);
    assert_eq!(view_at(&small.queue(5, None, 3600), now()).backlog, Some(5));
    assert_eq!(view_at(&Small::new().office("logos", "RUNNING"), now()).backlog, None);
}

#[test]
fn what_ran_on_after_the_window_is_an_overrun() {
    let evening = at("2026-11-20T18:00:00Z");
    let small = Small::new().office("logos", "RUNNING").ran("logos", "2026-11-20T08:10:00Z", "2026-11-20T18:00:00Z");
    let overran = view_at(&small, evening).overran;
    assert_eq!(overran.len(), 1);
    assert_eq!(overran[0].to, evening);
    assert!(overran[0].from >= at("2026-11-20T16:00:00Z") && overran[0].from <= at("2026-11-20T16:20:00Z"));
    let in_time = Small::new().office("logos", "STOPPED").ran("logos", "2026-11-20T08:10:00Z", "2026-11-20T16:05:00Z");
    assert!(view_at(&in_time, evening).overran.is_empty());
    let paused = in_time.paused("logos-start").paused("logos-stop");
    assert!(view_at(&paused, evening).overran.is_empty(), "it was not paused when it ran");
    let stops_only = Small::new().model("logos", "RUNNING").stops("logos", "cron(0 17 * * ? *)");
    let stops_only = stops_only.ran("logos", "2026-11-20T08:10:00Z", "2026-11-20T13:05:00Z");
    assert!(view_at(&stops_only, now()).overran.is_empty(), "there is no window to run outside of");
}

#[test]
fn the_week_is_told_in_the_zone_of_the_schedules() {
    let small = Small::new().office("logos", "RUNNING");
    let picture = Picture::of(&small.0, &Wishes::default(), now(), Tz::America__New_York);
    let week = picture.week(&model_arn("logos"), &small.0, now()).unwrap();
    assert_eq!((week.zone, week.week.sentence().as_str()), (BERLIN, "Mon–Fri 09:00–17:00"));
    assert!((week.week.hours - 40.0).abs() < 1e-9);
    assert_eq!(picture.week(&model_arn("labels"), &small.0, now()), None);
}

#[test]
fn what_to_say_where_nothing_comes() {
    let told = |small: &Small| {
        let model = small.0.models.rows.values().next().unwrap();
        view_at(small, now()).without_next(&model.status)
    };
    assert_eq!(told(&Small::new().model("logos", "RUNNING")), "no stop planned");
    assert_eq!(told(&Small::new().model("logos", "STOPPED")), "not scheduled");
    assert_eq!(told(&Small::new().office("logos", "STOPPED").paused("logos-start").paused("logos-stop")), "paused");
    let unread = Small::new().model("logos", "RUNNING").with(|fleet| fleet.rules.as_of = None);
    assert_eq!(told(&unread), "plan not known");
    let rule =
        Small::new().model("logos", "RUNNING").rule("stop-all", "cron(0 17 * * ? *)", &function_arn("stop"), "{}");
    let rule = rule.with(|fleet| fleet.functions.as_of = None);
    assert_eq!(told(&rule), "plan not known", "what the function does stands in its environment, which is not read");
}

#[test]
fn findings_of_a_model_are_also_those_of_its_mappings_and_schedules() {
    let small = Small::new().office("logos", "STOPPED").office("labels", "STOPPED");
    let small = small.mapping(UUID, "Enabled").serves("logos");
    let gone = input("start", LOGOS, &[SECOND]);
    let small = small.schedule("extra", "cron(0 8 * * ? *)", &function_arn("startup"), &gone);
    let picture = picture_at(&small, now());
    let subjects = |project: &str| {
        let of = model_arn(project);
        picture.findings_of(&of).map(|finding| finding.subject.id().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(subjects("logos"), [UUID.to_owned(), schedule_arn("extra")]);
    assert!(subjects("labels").is_empty());
}

#[test]
fn exceptions_are_among_what_comes_marked_as_such() {
    // Friday 14:09: the start of Monday waits for Tuesday, and on Saturday there is a window of its own.
    let start = input("start", LOGOS, &[]);
    let fleet = Small::new()
        .office("logos", "STOPPED")
        .change("logos-start", |schedule| schedule.start = Some(at("2026-11-23T22:30:00Z")))
        .schedule(
            "rekotui-once-start-logos-v3-20261121T1000",
            "at(2026-11-21T09:30:00)",
            &function_arn("startup"),
            &start,
        );
    let of = |when: &str| {
        let picture = Picture::of(&fleet.0, &Wishes::default(), at(when), BERLIN);
        let events =
            picture.events.iter().map(|event| (event.at, event.kind.as_str(), event.exception.map(Exception::word)));
        events.collect::<Vec<_>>()
    };
    assert_eq!(
        of("2026-11-20T16:30:00Z"),
        [(at("2026-11-21T08:30:00Z"), "start", Some("one-off"))],
        "the stop of today has passed"
    );
    assert_eq!(
        of("2026-11-22T20:00:00Z"),
        [(at("2026-11-23T08:00:00Z"), "start", Some("skipped")), (at("2026-11-23T16:00:00Z"), "stop", None)]
    );
}
