//! Pauses: every field survives, and what another has changed is not overwritten.

use chrono::{DateTime, TimeDelta, Utc};
use rekotui::domain::operation::{Operation, Standing};
use rekotui::domain::plan::{self, Grade, Pausing, Plan};
use serde_json::Value;

use super::lab::{Lab, ground, schedule_arn};

/// A schedule with everything that one can say.
const EVERYTHING: &str = r#"
[[schedules]]
name = "full"
group = "office"
expression = "cron(15 7 ? * SAT *)"
zone = "Europe/Berlin"
start = "2026-11-20T23:00:00Z"
end = "2027-12-31T22:59:00Z"
flexible_minutes = 15
description = "Everything"
after_completion = "DELETE"
kms_key = "arn:aws:kms:eu-central-1:123456789012:key/0f5c8a7e-52d1-4b1b-a3a0-6f2f9c1d7e44"
[schedules.target]
function = "startup"
input = { action = "start", model = "${model:logos/v3}", note = "ünïcode \"quoted\"" }
max_age_seconds = 3600
max_retries = 3
dead_letter = "jobs"
"#;

async fn lab() -> Lab {
    Lab::with("STOPPED", "Disabled", EVERYTHING).await
}

/// A schedule as AWS tells of it, without when it was last modified.
fn told(lab: &Lab, name: &str) -> Value {
    let asked = serde_json::json!({"Name": name, "GroupName": "office"});
    let mut told = lab.sim.call("scheduler", "GetSchedule", &asked).outcome.unwrap();
    told.as_object_mut().unwrap().remove("LastModificationDate");
    told
}

async fn pause(lab: &Lab, name: &str, until: Option<DateTime<Utc>>) -> Operation {
    let seen = lab.look().await;
    let arn = schedule_arn(name);
    let ask = Pausing { until, together: vec![arn.clone()] };
    lab.carry(plan::pause(ground(&seen), &arn, &ask).unwrap()).await
}

async fn resume(lab: &Lab, name: &str, former: Option<DateTime<Utc>>) -> Operation {
    let seen = lab.look().await;
    lab.carry(plan::resume(ground(&seen), &schedule_arn(name), former).unwrap()).await
}

async fn undo(lab: &Lab, done: &Operation) -> Result<Plan, plan::Unplannable> {
    let seen = lab.look().await;
    plan::put_back(ground(&seen), done)
}

fn changed(before: &Value, after: &Value) -> Vec<String> {
    let names = before.as_object().unwrap().keys().chain(after.as_object().unwrap().keys());
    let mut names: Vec<String> = names.filter(|name| before[*name] != after[*name]).cloned().collect();
    names.dedup();
    names
}

#[tokio::test]
async fn every_field_survives_a_pause_and_a_resume() {
    let lab = lab().await;
    let before = told(&lab, "full");
    assert_eq!(pause(&lab, "full", None).await.standing, Standing::Done);
    assert_eq!(changed(&before, &told(&lab, "full")), ["State"]);
    assert_eq!(resume(&lab, "full", None).await.standing, Standing::Done);
    assert_eq!(told(&lab, "full"), before);
}

#[tokio::test]
async fn every_field_survives_a_pause_until_a_date_and_its_undoing() {
    let lab = lab().await;
    let before = told(&lab, "full");
    let until = lab.now() + TimeDelta::days(9);
    let paused = pause(&lab, "full", Some(until)).await;
    assert_eq!(paused.standing, Standing::Done, "{paused:#?}");
    assert_eq!(changed(&before, &told(&lab, "full")), ["StartDate"]);
    assert_eq!(lab.carry(undo(&lab, &paused).await.unwrap()).await.standing, Standing::Done);
    assert_eq!(told(&lab, "full"), before);
    assert!(undo(&lab, &paused).await.unwrap_err().to_string().contains("as it was already"));
}

#[tokio::test]
async fn a_resume_gives_the_former_start_date_back() {
    let lab = lab().await;
    let before = told(&lab, "full");
    let paused = pause(&lab, "full", Some(lab.now() + TimeDelta::days(9))).await;
    let former = paused.paused_from().unwrap().0;
    assert_eq!(resume(&lab, "full", former).await.standing, Standing::Done);
    assert_eq!(told(&lab, "full"), before);
}

#[tokio::test]
async fn what_somebody_else_has_changed_is_shown_and_not_overwritten() {
    let lab = lab().await;
    let seen = lab.look().await;
    let arn = schedule_arn("full");
    let plan = plan::pause(ground(&seen), &arn, &Pausing { until: None, together: vec![arn.clone()] }).unwrap();
    lab.pass(TimeDelta::minutes(1));
    let mut theirs = told(&lab, "full");
    let members = theirs.as_object_mut().unwrap();
    for told in ["Arn", "CreationDate"] {
        members.remove(told);
    }
    members.insert("ScheduleExpression".into(), "cron(0 6 ? * SAT *)".into());
    lab.sim.call("scheduler", "UpdateSchedule", &theirs).outcome.unwrap();
    lab.sim.clear_log();
    let operation = lab.carry(plan).await;
    let why = operation.standing.why().unwrap();
    assert!(why.contains("cron(15 7 ? * SAT *) → cron(0 6 ? * SAT *)"), "{why}");
    assert_eq!(lab.written(), Vec::<String>::new());
}

#[tokio::test]
async fn an_undo_does_not_undo_what_came_after() {
    let lab = lab().await;
    let paused = pause(&lab, "full", None).await;
    resume(&lab, "full", None).await;
    pause(&lab, "full", Some(lab.now() + TimeDelta::days(3))).await;
    assert!(undo(&lab, &paused).await.unwrap_err().to_string().contains("was changed since"));
}

#[tokio::test]
async fn a_stop_paused_without_its_start_has_to_be_typed() {
    let lab = lab().await;
    let seen = lab.look().await;
    let (start, stop) = (schedule_arn("logos-start"), schedule_arn("logos-stop"));
    let pause = |arn: &str, together: &[&String]| {
        let together = together.iter().map(|arn| (*arn).clone()).collect();
        plan::pause(ground(&seen), arn, &Pausing { until: None, together }).unwrap().grade
    };
    assert_eq!(pause(&stop, &[&stop]), Grade::Danger);
    assert_eq!(pause(&start, &[&start]), Grade::Change);
}

#[tokio::test]
async fn a_rule_is_switched_and_cannot_be_paused_until_a_date() {
    let lab = lab().await;
    let seen = lab.look().await;
    let arn = "arn:aws:events:eu-central-1:123456789012:rule/old-start";
    let until = Pausing { until: Some(lab.now() + TimeDelta::days(3)), together: vec![] };
    let refused = plan::pause(ground(&seen), arn, &until).unwrap_err().to_string();
    assert!(refused.contains("a rule has no StartDate"), "{refused}");
    let paused = lab.carry(plan::pause(ground(&seen), arn, &Pausing::default()).unwrap()).await;
    assert_eq!((paused.standing, lab.written().as_slice()), (Standing::Done, &["DisableRule".to_owned()][..]));
    let seen = lab.look().await;
    let resumed = lab.carry(plan::resume(ground(&seen), arn, None).unwrap()).await;
    assert_eq!((resumed.standing, lab.sim.world().rules["old-start"].state.as_str()), (Standing::Done, "ENABLED"));
}

#[tokio::test]
async fn a_one_time_schedule_and_a_rate_cannot_be_paused_until_a_date() {
    let more = r#"
[[schedules]]
name = "once"
group = "office"
expression = "at(2026-12-24T17:00:00)"
target = { function = "shutdown" }
[[schedules]]
name = "hourly"
group = "office"
expression = "rate(1 hour)"
target = { function = "startup" }
"#;
    let lab = Lab::with("STOPPED", "Disabled", more).await;
    let seen = lab.look().await;
    let until = Pausing { until: Some(lab.now() + TimeDelta::days(3)), together: vec![] };
    for (name, why) in [("once", "ignores its StartDate"), ("hourly", "counts from its StartDate")] {
        let refused = plan::pause(ground(&seen), &schedule_arn(name), &until).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}
