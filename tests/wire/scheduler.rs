//! EventBridge Scheduler through the SDK: every call, page and refusal.

use aws_sdk_scheduler::operation::update_schedule::builders::UpdateScheduleFluentBuilder;
use aws_sdk_scheduler::primitives::DateTime;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, ScheduleState,
    Tag, Target,
};

use super::bench::{Bench, PARTS, at, code, message};

const ROLE: &str = "arn:aws:iam::123456789012:role/scheduler";
const STARTUP: &str = "arn:aws:lambda:eu-central-1:123456789012:function:startup";

fn off() -> FlexibleTimeWindow {
    FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().expect("a window")
}

fn target(arn: &str) -> Target {
    Target::builder().arn(arn).role_arn(ROLE).build().expect("a target")
}

fn many_schedules() -> String {
    let schedule = |n: usize| {
        format!(
            "[[schedules]]\nname = \"s{n}\"\ngroup = \"{}\"\nexpression = \"rate(1 hour)\"\nstate = \"{}\"\ntarget = {{ function = \"startup\" }}\n",
            if n < 4 { "default" } else { "night" },
            if n == 5 { "DISABLED" } else { "ENABLED" },
        )
    };
    format!("{PARTS}[[groups]]\nname = \"night\"\n{}", (0..7).map(schedule).collect::<String>())
}

#[tokio::test]
async fn schedules_come_in_pages_and_without_their_expression() {
    let bench = Bench::new("page_cap = 3", &many_schedules());
    let client = bench.scheduler();
    let all: Vec<_> =
        client.list_schedules().into_paginator().items().send().collect::<Result<_, _>>().await.expect("schedules");
    assert_eq!((all.len(), bench.calls("ListSchedules")), (7, 3));
    assert_eq!(all[0].target().map(|target| target.arn()), Some(STARTUP));
    let names = async |group: Option<&str>, prefix: Option<&str>, state: Option<ScheduleState>| {
        let asked =
            client.list_schedules().set_group_name(group.map(str::to_owned)).set_name_prefix(prefix.map(str::to_owned));
        let found = asked.set_state(state).into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        found.expect("schedules").iter().filter_map(|one| one.name().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(names(Some("night"), None, None).await, ["s4", "s5", "s6"]);
    assert_eq!(names(None, Some("s5"), None).await, ["s5"]);
    assert_eq!(names(None, None, Some(ScheduleState::Disabled)).await, ["s5"]);
    assert_eq!(code(client.list_schedules().group_name("none").send().await), "ResourceNotFoundException");
    assert_eq!(code(client.list_schedules().next_token("made-up").send().await), "ValidationException");
    assert_eq!(code(client.list_schedules().max_results(101).send().await), "ValidationException");
}

#[tokio::test]
async fn a_schedule_without_a_group_is_looked_for_in_the_default_one() {
    let bench = Bench::new("", &many_schedules());
    let client = bench.scheduler();
    assert_eq!(code(client.get_schedule().name("s4").send().await), "ResourceNotFoundException");
    let found = client.get_schedule().name("s4").group_name("night").send().await.expect("a schedule");
    assert_eq!((found.group_name(), found.schedule_expression()), (Some("night"), Some("rate(1 hour)")));
    let policy = found
        .target()
        .and_then(|target| target.retry_policy())
        .map(|policy| (policy.maximum_event_age_in_seconds(), policy.maximum_retry_attempts()));
    assert_eq!(policy, Some((Some(86_400), Some(185))), "the default is told");
}

#[tokio::test]
async fn every_field_of_a_schedule_comes_back() {
    let bench = Bench::new("", PARTS);
    let client = bench.scheduler();
    let dead = DeadLetterConfig::builder().arn("arn:aws:sqs:eu-central-1:123456789012:images-dead").build();
    let retry = RetryPolicy::builder().maximum_event_age_in_seconds(60).maximum_retry_attempts(0).build();
    let target = Target::builder()
        .arn(STARTUP)
        .role_arn(ROLE)
        .input("{\"action\":\"start\"}")
        .dead_letter_config(dead)
        .retry_policy(retry);
    let target = target.build().expect("a target");
    let window =
        FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Flexible).maximum_window_in_minutes(15).build();
    let window = window.expect("a window");
    let (start, end) = (at("2026-11-16T05:00:00Z").timestamp(), at("2027-11-16T05:00:00Z").timestamp());
    let out = client
        .create_schedule()
        .name("whole")
        .schedule_expression("cron(0 8 ? * MON-FRI *)")
        .schedule_expression_timezone("America/New_York")
        .state(ScheduleState::Disabled)
        .description("the whole of it")
        .start_date(DateTime::from_secs(start))
        .end_date(DateTime::from_secs(end))
        .kms_key_arn("arn:aws:kms:eu-central-1:123456789012:key/one")
        .action_after_completion(ActionAfterCompletion::Delete)
        .flexible_time_window(window.clone())
        .target(target.clone())
        .send()
        .await
        .expect("a schedule");
    assert_eq!(out.schedule_arn(), "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/whole");
    let found = client.get_schedule().name("whole").send().await.expect("a schedule");
    assert_eq!(found.schedule_expression(), Some("cron(0 8 ? * MON-FRI *)"));
    assert_eq!(found.schedule_expression_timezone(), Some("America/New_York"));
    assert_eq!((found.state(), found.description()), (Some(&ScheduleState::Disabled), Some("the whole of it")));
    assert_eq!(
        (found.start_date().map(DateTime::secs), found.end_date().map(DateTime::secs)),
        (Some(start), Some(end))
    );
    assert_eq!(found.kms_key_arn(), Some("arn:aws:kms:eu-central-1:123456789012:key/one"));
    assert_eq!(found.action_after_completion(), Some(&ActionAfterCompletion::Delete));
    assert_eq!((found.flexible_time_window(), found.target()), (Some(&window), Some(&target)));
}

#[tokio::test]
async fn an_update_replaces_everything() {
    let bench = Bench::new("", PARTS);
    let client = bench.scheduler();
    client
        .create_schedule()
        .name("one")
        .schedule_expression("cron(0 8 ? * MON-FRI *)")
        .schedule_expression_timezone("Europe/Berlin")
        .state(ScheduleState::Disabled)
        .description("a word")
        .flexible_time_window(off())
        .target(target(STARTUP))
        .send()
        .await
        .expect("a schedule");
    let before = client.get_schedule().name("one").send().await.expect("a schedule");
    let update = || -> UpdateScheduleFluentBuilder {
        client
            .update_schedule()
            .name("one")
            .schedule_expression("rate(2 hours)")
            .flexible_time_window(off())
            .target(target(STARTUP))
    };
    update().send().await.expect("an update");
    let after = client.get_schedule().name("one").send().await.expect("a schedule");
    assert_eq!((after.state(), after.schedule_expression_timezone()), (Some(&ScheduleState::Enabled), Some("UTC")));
    assert_eq!((after.description(), after.creation_date()), (None, before.creation_date()));
    assert!(after.last_modification_date() > before.last_modification_date(), "even at the same instant");
    assert_eq!(code(update().name("none").send().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let bench = Bench::new("", PARTS);
    let client = bench.scheduler();
    let create = |expression: &str, arn: &str| {
        client
            .create_schedule()
            .name("one")
            .schedule_expression(expression)
            .flexible_time_window(off())
            .target(target(arn))
    };
    let bad = message(create("cron(0 8 * * 1-5)", STARTUP).send().await);
    assert_eq!(bad, "Invalid Schedule Expression cron(0 8 * * 1-5).");
    assert_eq!(code(create("rate(0 hours)", STARTUP).send().await), "ValidationException");
    let good = || create("rate(1 hour)", STARTUP);
    assert_eq!(code(good().schedule_expression_timezone("Europe/Berlln").send().await), "ValidationException");
    assert_eq!(code(create("rate(1 hour)", "startup").send().await), "ValidationException");
    let reads = "arn:aws:scheduler:::aws-sdk:rekognition:describeProjects";
    assert_eq!(code(create("rate(1 hour)", reads).send().await), "ValidationException");
    let words = Target::builder().arn(STARTUP).role_arn(ROLE).input("words").build().expect("a target");
    assert_eq!(code(good().target(words).send().await), "ValidationException");
    let past = DateTime::from_secs(at("2026-11-16T04:50:00Z").timestamp());
    assert_eq!(code(good().start_date(past).send().await), "ValidationException");
    let (early, late) = (at("2026-11-17T05:00:00Z"), at("2026-11-18T05:00:00Z"));
    let (early, late) = (DateTime::from_secs(early.timestamp()), DateTime::from_secs(late.timestamp()));
    assert_eq!(code(good().start_date(late).end_date(early).send().await), "ValidationException");
    assert_eq!(code(good().start_date(late).end_date(late).send().await), "ValidationException");
    let now = DateTime::from_secs(at("2026-11-16T05:00:00Z").timestamp());
    assert_eq!(code(good().end_date(now).send().await), "ValidationException", "it would never fire");
    assert_eq!(code(good().group_name("none").send().await), "ResourceNotFoundException");
    let endless = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Flexible).build().expect("a window");
    assert_eq!(code(good().flexible_time_window(endless).send().await), "ValidationException");
    assert_eq!(bench.sim.world().schedules.len(), 0);
}

#[tokio::test]
async fn a_schedule_that_has_ended_is_not_updated_with_its_old_end() {
    let bench = Bench::new("", PARTS);
    let client = bench.scheduler();
    let end = DateTime::from_secs(at("2026-11-17T05:00:00Z").timestamp());
    let create = |name: &str, expression: &str| {
        client.create_schedule().name(name).schedule_expression(expression).flexible_time_window(off())
    };
    create("one", "rate(1 hour)").end_date(end).target(target(STARTUP)).send().await.expect("a schedule");
    create("once", "at(2026-11-19T05:00:00)").end_date(end).target(target(STARTUP)).send().await.expect("a schedule");
    bench.step(2 * 24 * 3600);
    let update = |name: &str, expression: &str| {
        let asked = client.update_schedule().name(name).schedule_expression(expression);
        asked.flexible_time_window(off()).target(target(STARTUP))
    };
    let refused = message(update("one", "rate(2 hours)").end_date(end).send().await);
    assert_eq!(refused, "The EndDate you specify must come after the current time.");
    let found = client.get_schedule().name("one").send().await.expect("a schedule");
    assert_eq!(found.schedule_expression(), Some("rate(1 hour)"), "it is as it was");
    update("one", "rate(2 hours)").send().await.expect("an update without an end");
    update("once", "at(2026-11-20T05:00:00)").end_date(end).send().await.expect("one that fires once has no dates");
}

#[tokio::test]
async fn the_same_call_with_the_same_token_takes_effect_once() {
    let bench = Bench::new("", PARTS);
    let client = bench.scheduler();
    let create = |token: &str, expression: &str| {
        let call = client.create_schedule().name("one").client_token(token).schedule_expression(expression);
        call.flexible_time_window(off()).target(target(STARTUP)).send()
    };
    create("a", "rate(1 hour)").await.expect("a schedule");
    create("a", "rate(1 hour)").await.expect("the same again");
    assert_eq!(code(create("a", "rate(2 hours)").await), "ConflictException");
    assert_eq!(code(create("b", "rate(1 hour)").await), "ConflictException");
    client.delete_schedule().name("one").send().await.expect("gone");
    assert_eq!(code(client.delete_schedule().name("one").send().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn groups_are_created_once_and_listed_in_pages() {
    let bench = Bench::new("page_cap = 2", PARTS);
    let client = bench.scheduler();
    for name in ["night", "day", "weekend"] {
        client.create_schedule_group().name(name).send().await.expect("a group");
    }
    assert_eq!(code(client.create_schedule_group().name("day").send().await), "ConflictException");
    let all: Vec<_> =
        client.list_schedule_groups().into_paginator().items().send().collect::<Result<_, _>>().await.expect("groups");
    let names: Vec<&str> = all.iter().filter_map(|group| group.name()).collect();
    assert_eq!((names, bench.calls("ListScheduleGroups")), (vec!["day", "default", "night", "weekend"], 2));
    let out = client.list_schedule_groups().name_prefix("d").send().await.expect("groups");
    assert_eq!(out.schedule_groups().len(), 2);
}

#[tokio::test]
async fn groups_have_tags_and_nothing_else_has() {
    let bench = Bench::new("", PARTS);
    let client = bench.scheduler();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    let made =
        client.create_schedule_group().name("windows").tags(tag("team", "vision")).send().await.expect("a group");
    let arn = made.schedule_group_arn();
    client.tag_resource().resource_arn(arn).tags(tag("rekotui:role", "arn:x")).send().await.expect("a tag");
    let told = async || {
        let out = client.list_tags_for_resource().resource_arn(arn).send().await.expect("tags");
        out.tags().iter().map(|tag| format!("{}={}", tag.key(), tag.value())).collect::<Vec<_>>()
    };
    assert_eq!(told().await, ["rekotui:role=arn:x", "team=vision"]);
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await.expect("one less");
    assert_eq!(told().await, ["rekotui:role=arn:x"]);
    let none = arn.replace("windows", "none");
    let missing = client.list_tags_for_resource().resource_arn(none).send().await;
    assert_eq!(code(missing), "ResourceNotFoundException");
    let schedule = "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/one";
    assert_eq!(code(client.list_tags_for_resource().resource_arn(schedule).send().await), "ValidationException");
}
