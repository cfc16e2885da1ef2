//! EventBridge rules through the SDK: every call, page and refusal.

use aws_sdk_eventbridge::types::{RuleState, Tag};

use super::bench::{Bench, PARTS, code};

const STARTUP: &str = "arn:aws:lambda:eu-central-1:123456789012:function:startup";

const RULES: &str = r#"
[[rules]]
name = "start-v3"
expression = "cron(0 6 ? * MON-FRI *)"
description = "mornings"
targets = [{ id = "one", function = "startup", input = "{\"action\":\"start\"}", max_retries = 3 }, { id = "two", function = "inference" }]
[[rules]]
name = "stop-v3"
expression = "cron(0 17 ? * MON-FRI *)"
targets = [{ function = "shutdown" }]
[[rules]]
name = "uploads"
pattern = "{\"source\":[\"aws.s3\"]}"
state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
[[rules]]
name = "autoscaling"
pattern = "{\"source\":[\"aws.ec2\"]}"
managed_by = "autoscaling.amazonaws.com"
"#;

fn bench(header: &str) -> Bench {
    Bench::new(header, &format!("{PARTS}{RULES}"))
}

#[tokio::test]
async fn rules_come_in_pages() {
    let bench = bench("page_cap = 3");
    let client = bench.events();
    let first = client.list_rules().send().await.expect("rules");
    let names: Vec<&str> = first.rules().iter().filter_map(|rule| rule.name()).collect();
    assert_eq!(names, ["autoscaling", "start-v3", "stop-v3"]);
    let rest = client.list_rules().set_next_token(first.next_token().map(str::to_owned)).send().await.expect("rules");
    assert_eq!((rest.rules().len(), rest.next_token()), (1, None));
    let out = client.list_rules().name_prefix("start").send().await.expect("rules");
    assert_eq!(out.rules().len(), 1);
    assert_eq!(code(client.list_rules().next_token("made-up").send().await), "ValidationException");
    assert_eq!(code(client.list_rules().event_bus_name("other").send().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_rule_is_found_by_its_target_and_tells_itself() {
    let bench = bench("");
    let client = bench.events();
    let names = client.list_rule_names_by_target().target_arn(STARTUP).send().await.expect("names");
    assert_eq!(names.rule_names(), ["start-v3"]);
    let none = client.list_rule_names_by_target().target_arn(format!("{STARTUP}:live")).send().await.expect("names");
    assert_eq!(none.rule_names().len(), 0, "another alias is another target");
    let rule = client.describe_rule().name("start-v3").send().await.expect("a rule");
    assert_eq!(rule.schedule_expression(), Some("cron(0 6 ? * MON-FRI *)"));
    assert_eq!((rule.state(), rule.description()), (Some(&RuleState::Enabled), Some("mornings")));
    let managed = client.describe_rule().name("autoscaling").send().await.expect("a rule");
    assert_eq!(managed.managed_by(), Some("autoscaling.amazonaws.com"));
    assert_eq!(code(client.describe_rule().name("none").send().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn targets_come_in_pages_with_everything_that_they_say() {
    let bench = bench("page_cap = 1");
    let client = bench.events();
    let first = client.list_targets_by_rule().rule("start-v3").send().await.expect("targets");
    let target = &first.targets()[0];
    assert_eq!((target.id(), target.arn(), target.input()), ("one", STARTUP, Some("{\"action\":\"start\"}")));
    assert_eq!(target.retry_policy().and_then(|policy| policy.maximum_retry_attempts()), Some(3));
    let token = first.next_token().expect("there is more");
    let rest = client.list_targets_by_rule().rule("start-v3").next_token(token).send().await.expect("targets");
    assert_eq!((rest.targets()[0].id(), rest.next_token()), ("two", None));
    let bad = client.list_targets_by_rule().rule("stop-v3").next_token(token).send().await;
    assert_eq!(code(bad), "ValidationException");
}

#[tokio::test]
async fn a_disabled_rule_does_not_fire_until_it_is_enabled() {
    let bench = bench("");
    let client = bench.events();
    client.disable_rule().name("start-v3").send().await.expect("disabled");
    let rule = client.describe_rule().name("start-v3").send().await.expect("a rule");
    assert_eq!((rule.state(), rule.description()), (Some(&RuleState::Disabled), Some("mornings")), "the rest stays");
    bench.step(3600);
    assert_eq!(bench.sim.world().deliveries.len(), 0);
    client.enable_rule().name("start-v3").send().await.expect("enabled");
    bench.step(24 * 3600);
    let fired = bench.sim.world().deliveries.iter().filter(|one| one.target == STARTUP).count();
    assert_eq!(fired, 1);
    assert_eq!(code(client.disable_rule().name("autoscaling").send().await), "ManagedRuleException");
    assert_eq!(code(client.enable_rule().name("none").send().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn putting_a_rule_replaces_it_but_for_its_targets() {
    let bench = bench("");
    let client = bench.events();
    client.disable_rule().name("start-v3").send().await.expect("disabled");
    let out = client.put_rule().name("start-v3").schedule_expression("rate(1 hour)").send().await.expect("a rule");
    assert_eq!(out.rule_arn(), Some("arn:aws:events:eu-central-1:123456789012:rule/start-v3"));
    let rule = client.describe_rule().name("start-v3").send().await.expect("a rule");
    assert_eq!((rule.state(), rule.description()), (Some(&RuleState::Enabled), None));
    assert_eq!(client.list_targets_by_rule().rule("start-v3").send().await.expect("targets").targets().len(), 2);
    let put = |expression: &str| client.put_rule().name("new").schedule_expression(expression).send();
    for bad in ["rate(1 hours)", "rate(2 hour)", "at(2026-12-01T08:00:00)", "cron(0 8 * * 1-5)", "cron(0 8 * * ?)"] {
        assert_eq!(code(put(bad).await), "ValidationException", "{bad}");
    }
    assert_eq!(code(client.put_rule().name("new").send().await), "ValidationException");
    assert_eq!(code(client.put_rule().name("new").event_pattern("words").send().await), "InvalidEventPatternException");
    let bad = client.put_rule().name("autoscaling").schedule_expression("rate(1 hour)").send().await;
    assert_eq!(code(bad), "ManagedRuleException");
}

#[tokio::test]
async fn a_rule_is_held_to_what_aws_takes() {
    let bench = bench("");
    let client = bench.events();
    let put = |name: &str| client.put_rule().name(name).schedule_expression("rate(1 hour)");
    for bad in ["", "two words", "group/name", "straße", &"n".repeat(65)] {
        assert_eq!(code(put(bad).send().await), "ValidationException", "{bad}");
    }
    assert_eq!(code(put("new").description("d".repeat(513)).send().await), "ValidationException");
    assert_eq!(code(put("new").state(RuleState::from("PAUSED")).send().await), "ValidationException");
    assert_eq!(code(put("new").role_arn("r".repeat(1601)).send().await), "ValidationException");
    let long = format!("cron(0 8 * * ? {})", "2026,".repeat(60) + "2027");
    assert_eq!(code(put("new").schedule_expression(long).send().await), "ValidationException");
    let tag = |key: &str| Tag::builder().key(key).value("").build().expect("a tag");
    assert_eq!(code(put("new").tags(tag("")).send().await), "ValidationException");
    assert_eq!(code(put("new").event_bus_name("a bus").send().await), "ValidationException");
    assert_eq!(code(put("new").event_bus_name("other").send().await), "ResourceNotFoundException");
    for bad in ["{}", "[]", "{\"source\":\"aws.s3\"}", "{\"source\":[]}", "{\"detail\":{}}"] {
        assert_eq!(code(put("new").event_pattern(bad).send().await), "InvalidEventPatternException", "{bad}");
    }
    assert_eq!(code(client.describe_rule().name("new").send().await), "ResourceNotFoundException", "nothing was put");
    let bus = "arn:aws:events:eu-central-1:123456789012:event-bus/default";
    put(&"n".repeat(64)).event_bus_name(bus).tags(tag("team")).send().await.expect("a rule");
    put("both").event_pattern("{\"detail\":{\"state\":[\"on\"]}}").send().await.expect("a rule of both kinds");
}

#[tokio::test]
async fn a_bus_holds_so_many_rules() {
    let bench = bench("");
    let client = bench.events();
    let put = |n: usize| client.put_rule().name(format!("n{n}")).schedule_expression("rate(1 hour)").send();
    let there = bench.sim.world().rules.len();
    for n in there..300 {
        put(n).await.expect("a rule");
    }
    assert_eq!(code(put(300).await), "LimitExceededException");
    put(299).await.expect("one that is there is replaced");
}
