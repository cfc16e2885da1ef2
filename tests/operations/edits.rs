//! One expression or zone is edited: what is written, and that every other field survives.

use chrono::TimeDelta;
use chrono_tz::Tz;
use rekotui::domain::operation::{Operation, Standing};
use rekotui::domain::plan::{self, Editing, Plan, Unplannable};
use serde_json::Value;

use super::lab::{Lab, ground, schedule_arn};
use super::theatre::Theatre;

async fn plan(lab: &Lab, arn: &str, expression: Option<&str>, zone: Option<Tz>) -> Result<Plan, Unplannable> {
    let seen = lab.look().await;
    plan::edit(ground(&seen), arn, &Editing { expression: expression.map(str::to_owned), zone })
}

async fn edit(lab: &Lab, arn: &str, expression: Option<&str>, zone: Option<Tz>) -> Operation {
    lab.carry(plan(lab, arn, expression, zone).await.unwrap()).await
}

fn told(lab: &Lab, service: &str, action: &str, asked: &Value) -> Value {
    let mut told = lab.sim.call(service, action, asked).outcome.unwrap();
    told.as_object_mut().unwrap().remove("LastModificationDate");
    told
}

fn schedule(lab: &Lab) -> Value {
    told(lab, "scheduler", "GetSchedule", &serde_json::json!({"Name": "logos-stop", "GroupName": "office"}))
}

fn rule_state(lab: &Lab) -> Value {
    told(lab, "events", "DescribeRule", &serde_json::json!({"Name": "old-start"}))["State"].clone()
}

fn changed(before: &Value, after: &Value) -> Vec<String> {
    let names = before.as_object().unwrap().keys().chain(after.as_object().unwrap().keys());
    let mut names: Vec<String> = names.filter(|name| before[*name] != after[*name]).cloned().collect();
    names.sort();
    names.dedup();
    names
}

#[tokio::test]
async fn an_expression_and_a_zone_are_all_that_is_written_and_can_be_undone() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let before = schedule(&lab);
    let done = edit(&lab, &schedule_arn("logos-stop"), Some("cron(30 17 ? * mon-fri *)"), Some(Tz::Asia__Tokyo)).await;
    assert_eq!(done.standing, Standing::Done, "{done:#?}");
    let after = schedule(&lab);
    assert_eq!(changed(&before, &after), ["ScheduleExpression", "ScheduleExpressionTimezone"]);
    assert_eq!(after["ScheduleExpression"], "cron(30 17 ? * MON-FRI *)");
    assert_eq!(lab.written(), ["UpdateSchedule"]);
    let seen = lab.look().await;
    let undone = lab.carry(plan::put_back(ground(&seen), &done).unwrap()).await;
    assert_eq!(undone.standing, Standing::Done, "{undone:#?}");
    assert_eq!(schedule(&lab), before);
}

#[tokio::test]
async fn a_text_that_says_the_same_is_never_rewritten() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    for said in ["cron(0 17 ? * MON-FRI *)", "cron(0 17 ? * mon-fri *)", " cron(0  17 ? * MON-FRI) "] {
        let refused = plan(&lab, &schedule_arn("logos-stop"), Some(said), None).await.unwrap_err();
        assert!(refused.is_already(), "{said}: {refused}");
    }
    let before = schedule(&lab);
    edit(&lab, &schedule_arn("logos-stop"), Some("cron(0 17 ? * mon-fri *)"), Some(Tz::UTC)).await;
    assert_eq!(changed(&before, &schedule(&lab)), ["ScheduleExpressionTimezone"]);
}

#[tokio::test]
async fn what_somebody_else_has_written_meanwhile_is_not_overwritten() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mine = plan(&lab, &schedule_arn("logos-stop"), Some("cron(30 17 ? * MON-FRI *)"), None).await.unwrap();
    lab.pass(TimeDelta::minutes(1));
    edit(&lab, &schedule_arn("logos-stop"), Some("cron(0 18 ? * MON-FRI *)"), None).await;
    let operation = lab.try_carry(mine).await.unwrap();
    assert!(matches!(operation.standing, Standing::Refused(_)), "{operation:#?}");
    assert_eq!(schedule(&lab)["ScheduleExpression"], "cron(0 18 ? * MON-FRI *)");
}

#[tokio::test]
async fn from_keys_to_the_world_an_expression_is_shown_saved_and_seen() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("2 / type:logos-stop <enter> e <c-u> type:cron(0_25_?_*_MON-FRI_*)").await;
    let screen = theatre.screen();
    assert!(screen.contains("stops logos v3") && screen.contains("hours: '25' is not 0 to 23"), "{screen}");
    let at = |text: &str| {
        let line = screen.lines().find(|line| line.contains(text)).unwrap();
        line.split(text).next().unwrap().chars().count()
    };
    assert_eq!(at("25 ?"), at("^^"), "{screen}");
    theatre.keys("<enter>").await;
    assert!(theatre.carry().await.is_empty(), "what is wrong cannot be saved");
    theatre.keys("<c-u> type:cron(30_17_?_*_MON-FRI_*) <enter>").await;
    let screen = theatre.screen();
    assert!(screen.contains("Update office/logos-stop: cron(30 17 ? * MON-FRI *)"), "{screen}");
    assert_eq!(lab.written(), [""; 0], "nothing is written before it is confirmed");
    theatre.keys("y").await;
    assert_eq!(theatre.carry().await[0].standing, Standing::Done);
    assert_eq!(schedule(&lab)["ScheduleExpression"], "cron(30 17 ? * MON-FRI *)");
    let screen = theatre.screen();
    assert!(screen.contains("Mon–Fri at 17:30"), "{screen}");
    theatre.keys("u y").await;
    assert_eq!(theatre.carry().await[0].standing, Standing::Done);
    assert_eq!(schedule(&lab)["ScheduleExpression"], "cron(0 17 ? * MON-FRI *)");
}

#[tokio::test]
async fn from_keys_to_the_world_a_rule_becomes_a_schedule() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("2 / type:old-start <enter> m").await;
    let screen = theatre.screen();
    for said in ["Move rule/old-start to a schedule", "Create office/old-start", "Disable rule/old-start", "[ Move ]"] {
        assert!(screen.contains(said), "{said}:\n{screen}");
    }
    theatre.keys("y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{ended:#?}");
    assert_eq!(lab.written(), ["CreateSchedule", "UpdateSchedule", "DisableRule"]);
    theatre.keys("5 <enter>").await;
    let screen = theatre.screen();
    assert!(screen.contains("Wait until rule/old-start does not fire"), "{screen}");
    // The schedule that took its place is above the rule, and knows how it came to be.
    theatre.keys("<esc> 2 g u").await;
    let screen = theatre.screen();
    assert!(screen.contains("Enable rule/old-start") && screen.contains("Delete office/old-start"), "{screen}");
    theatre.keys("y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{ended:#?}");
    assert_eq!(rule_state(&lab), "ENABLED");
}

#[tokio::test]
async fn from_keys_to_the_world_a_day_is_skipped() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    // It is Friday, 20:30: Monday is three days on.
    theatre.keys("w x <right> <right> <right> <space> <enter>").await;
    assert!(theatre.screen().contains("skipped Mon 23 Nov"), "{}", theatre.screen());
    theatre.keys("<enter> y").await;
    assert_eq!(theatre.carry().await[0].standing, Standing::Done);
    let fired = || lab.sim.world().deliveries.iter().filter(|one| one.source.contains("logos-start")).count();
    lab.pass(TimeDelta::hours(2 * 24 + 16));
    assert_eq!(fired(), 0, "Monday, 12:30");
    lab.pass(TimeDelta::days(1));
    assert_eq!(fired(), 1, "Tuesday, 12:30");
}
