//! Weeks, expressions and rules, changed in an account through the real SDK.

use chrono::{DateTime, TimeDelta, Utc};
use rekotui::domain::operation::{Operation, Standing};
use rekotui::domain::plan::week::{Draft, Habits, one_off, save};
use rekotui::domain::plan::{self, Editing, Plan, Step, Unplannable};
use rekotui::domain::week::Pattern;
use rekotui::sim::scenario::FaultKind;

use super::lab::{Lab, ground, model, schedule_arn};

const RULE: &str = "arn:aws:events:eu-central-1:123456789012:rule/old-start";

async fn edited(lab: &Lab, change: impl FnOnce(&mut Draft)) -> Result<Plan, Unplannable> {
    let seen = lab.look().await;
    let mut draft = Draft::read(ground(&seen), &model(), Habits::default())?;
    change(&mut draft);
    save(ground(&seen), &model(), &draft, Habits::default())
}

async fn week(lab: &Lab, text: &str) -> Operation {
    let pattern = Pattern::parse(text, 30).unwrap();
    let operation = lab.carry(edited(lab, |draft| draft.pattern = pattern).await.unwrap()).await;
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    operation
}

async fn now(lab: &Lab) -> String {
    let seen = lab.look().await;
    Draft::read(ground(&seen), &model(), Habits::default()).unwrap().pattern.sentence()
}

/// Every schedule and rule that fires, with its expression.
fn firing(lab: &Lab) -> Vec<String> {
    let world = lab.sim.world();
    let schedules = world.schedules.values().filter(|one| one.state == "ENABLED");
    let rules = world.rules.values().filter(|one| one.state == "ENABLED");
    let schedules = schedules.map(|one| format!("{} {}", one.name, one.expression));
    let rules = rules.map(|one| format!("{} {}", one.name, one.expression.clone().unwrap_or_default()));
    schedules.chain(rules).collect()
}

async fn undo(lab: &Lab, done: &Operation) -> Operation {
    let seen = lab.look().await;
    lab.carry(plan::put_back(ground(&seen), done).unwrap()).await
}

#[tokio::test]
async fn a_shorter_friday_is_saved_read_back_and_undone() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let before = firing(&lab);
    let done = week(&lab, "Mon-Thu 9-17, Fri 9-13").await;
    assert_eq!(lab.written(), ["CreateSchedule", "UpdateSchedule"], "the new stop first");
    assert_eq!(now(&lab).await, "Mon–Thu 09:00–17:00, Fri 09:00–13:00");
    assert!(firing(&lab).contains(&"logos-stop-2 cron(0 13 ? * FRI *)".to_owned()), "{:?}", firing(&lab));
    let undone = undo(&lab, &done).await;
    assert_eq!(undone.standing, Standing::Done, "{undone:#?}");
    assert_eq!(firing(&lab), before);
    let again = undo(&lab, &undone).await;
    assert_eq!(again.standing, Standing::Done, "{again:#?}");
    assert_eq!(now(&lab).await, "Mon–Thu 09:00–17:00, Fri 09:00–13:00");
}

#[tokio::test]
async fn a_friday_is_removed_and_the_model_stays_off_on_it() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let ran = |lab: &Lab| lab.status() == "RUNNING";
    // Friday evening: the next Friday at noon is a week and some hours away.
    let noon: DateTime<Utc> = "2026-11-27T11:00:00Z".parse().unwrap();
    week(&lab, "Mon-Thu 9-17").await;
    lab.pass(noon - TimeDelta::days(1) - lab.now());
    assert!(ran(&lab), "Thursday, and {}", lab.status());
    lab.pass(TimeDelta::days(1));
    assert!(!ran(&lab), "Friday, and {}", lab.status());
}

#[tokio::test]
async fn another_zone_moves_the_hours_with_it() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = edited(&lab, |draft| draft.move_to(chrono_tz::America::New_York, false, lab.now())).await.unwrap();
    assert_eq!(lab.carry(plan).await.standing, Standing::Done);
    // Tuesday, 10:00 in New York, is 15:00 UTC; 10:30 in Berlin is 09:30 UTC.
    lab.pass("2026-11-24T09:30:00Z".parse::<DateTime<Utc>>().unwrap() - lab.now());
    assert_eq!(lab.status(), "STOPPED");
    lab.pass("2026-11-24T15:00:00Z".parse::<DateTime<Utc>>().unwrap() - lab.now());
    assert_eq!((lab.status(), lab.state()), ("RUNNING".into(), "Enabled".into()));
}

#[tokio::test]
async fn a_holiday_is_skipped_and_the_bridge_before_it_deletes_itself() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let wednesday: chrono::NaiveDate = "2026-11-25".parse().unwrap();
    let plan = edited(&lab, |draft| draft.skipped = [wednesday].into()).await.unwrap();
    let done = lab.carry(plan).await;
    assert_eq!(done.standing, Standing::Done, "{done:#?}");
    let noon = |day: u32| format!("2026-11-{day}T11:00:00Z").parse::<DateTime<Utc>>().unwrap();
    let mut ran = Vec::new();
    for day in 23..=26 {
        lab.pass(noon(day) - lab.now());
        ran.push(lab.status());
    }
    assert_eq!(ran, ["RUNNING", "RUNNING", "STOPPED", "RUNNING"]);
    let names: Vec<String> = lab.sim.world().schedules.values().map(|one| one.name.clone()).collect();
    assert_eq!(names, ["logos-start", "logos-stop"], "nothing is left of it");
}

#[tokio::test]
async fn a_one_off_window_opens_closes_and_is_gone() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = edited(&lab, |draft| draft.once.push(one_off("2026-11-28 10:00-14:00").unwrap())).await.unwrap();
    assert_eq!(lab.carry(plan).await.standing, Standing::Done);
    lab.pass("2026-11-28T09:05:00Z".parse::<DateTime<Utc>>().unwrap() - lab.now());
    assert_eq!((lab.status(), lab.state()), ("RUNNING".into(), "Enabled".into()));
    lab.pass(TimeDelta::hours(5));
    assert_eq!((lab.status(), lab.state()), ("STOPPED".into(), "Disabled".into()));
    assert_eq!(lab.sim.world().schedules.len(), 2);
}

#[tokio::test]
async fn a_rule_is_moved_between_two_fires_and_never_both_fire() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    // The rule fires on Sundays at 07:00 UTC: it is asked for a minute before.
    lab.pass("2026-11-22T06:59:00Z".parse::<DateTime<Utc>>().unwrap() - lab.now());
    let seen = lab.look().await;
    let plan = plan::migrate(ground(&seen), RULE, None).unwrap();
    let done = lab.carry(plan).await;
    assert_eq!(done.standing, Standing::Done, "{done:#?}");
    assert_eq!(lab.written(), ["CreateSchedule", "UpdateSchedule", "DisableRule"]);
    let switched = done.of_steps().find(|(step, _)| matches!(step, Step::Switch { .. })).unwrap().1.ended.unwrap();
    assert!(switched >= "2026-11-22T07:02:00Z".parse::<DateTime<Utc>>().unwrap(), "{switched}");
    let fired = |name: &str| lab.sim.world().deliveries.iter().filter(|one| one.source.contains(name)).count();
    assert_eq!(fired("old-start"), 1);
    lab.pass(TimeDelta::days(7));
    assert_eq!(fired("old-start"), 2, "once a week, as before");
    let back = undo(&lab, &done).await;
    assert_eq!(back.standing, Standing::Done, "{back:#?}");
    assert!(firing(&lab).contains(&"old-start cron(0 7 ? * SUN *)".to_owned()));
}

#[tokio::test]
async fn a_move_that_may_not_disable_the_rule_takes_the_schedule_back() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    lab.sim.faults().deny("events", "DisableRule");
    let before = firing(&lab);
    let seen = lab.look().await;
    let done = lab.carry(plan::migrate(ground(&seen), RULE, None).unwrap()).await;
    assert!(
        matches!(&done.standing, Standing::Failed(why) if why.contains("events:DisableRule")),
        "{:?}",
        done.standing
    );
    assert_eq!(firing(&lab), before, "never both");
}

#[tokio::test]
async fn a_rule_is_edited_with_every_member_kept() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let before = lab.sim.world().rules["old-start"].clone();
    let seen = lab.look().await;
    let ask = Editing { expression: Some("cron(30 6 ? * SUN *)".into()), zone: None };
    assert_eq!(lab.carry(plan::edit(ground(&seen), RULE, &ask).unwrap()).await.standing, Standing::Done);
    let after = lab.sim.world().rules["old-start"].clone();
    assert_eq!(after.expression.as_deref(), Some("cron(30 6 ? * SUN *)"));
    assert_eq!((after.targets, after.state, after.description), (before.targets, before.state, before.description));
    let seen = lab.look().await;
    for (expression, told) in [("cron(0 8 * * * *)", "must be '?'"), ("at(2026-12-01T08:00:00)", "knows no at(")] {
        let ask = Editing { expression: Some(expression.into()), zone: None };
        let why = plan::edit(ground(&seen), RULE, &ask).unwrap_err().to_string();
        assert!(why.contains(told), "{why}");
    }
    let zone = Editing { expression: None, zone: Some(chrono_tz::Europe::Berlin) };
    assert!(plan::edit(ground(&seen), RULE, &zone).unwrap_err().to_string().contains("UTC alone"));
}

#[tokio::test]
async fn a_schedule_says_anything_that_aws_takes() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let seen = lab.look().await;
    let arn = schedule_arn("logos-start");
    let ask = Editing { expression: Some("cron(0 6 L * ? *)".into()), zone: Some(chrono_tz::UTC) };
    let done = lab.carry(plan::edit(ground(&seen), &arn, &ask).unwrap()).await;
    assert_eq!(done.standing, Standing::Done);
    let seen = lab.look().await;
    let now = seen.fleet.schedule(&arn).unwrap();
    assert_eq!((now.expression.as_deref(), now.zone.as_deref()), (Some("cron(0 6 L * ? *)"), Some("UTC")));
    // The same in other words is nothing to write.
    let same = Editing { expression: Some("cron(0 6 l * ? *)".into()), zone: None };
    assert!(plan::edit(ground(&seen), &arn, &same).unwrap_err().is_already());
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_the_model_stopping() {
    // The new stop is there, the old one cannot be written: it stops as before, and on Friday earlier.
    let lab = Lab::new("STOPPED", "Disabled").await;
    lab.sim.faults().deny("scheduler", "UpdateSchedule");
    let pattern = Pattern::parse("Mon-Thu 9-17, Fri 9-13", 30).unwrap();
    let done = lab.carry(edited(&lab, |draft| draft.pattern = pattern).await.unwrap()).await;
    assert!(matches!(&done.standing, Standing::Failed(why) if why.contains("UpdateSchedule")), "{:?}", done.standing);
    let told = done.standing.why().unwrap();
    assert!(told.contains("Done before: Create office/logos-stop-2"), "{told}");
    assert_eq!(now(&lab).await, "Mon–Thu 09:00–17:00, Fri 09:00–13:00", "what was written holds");
    lab.sim.faults().clear();
    let undone = undo(&lab, &done).await;
    assert_eq!(undone.standing, Standing::Done, "{undone:#?}");
    assert_eq!(now(&lab).await, "Mon–Fri 09:00–17:00");
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_shown_and_not_overwritten() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let pattern = Pattern::parse("Mon-Thu 9-17, Fri 9-13", 30).unwrap();
    let plan = edited(&lab, |draft| draft.pattern = pattern).await.unwrap();
    week(&lab, "Mon-Fri 9-18").await;
    let before = firing(&lab);
    let late = lab.carry(plan).await;
    let Standing::Refused(why) = &late.standing else { panic!("{late:#?}") };
    assert!(why.contains("office/logos-stop was changed") && why.contains("cron(0 18 ? * MON-FRI *)"), "{why}");
    assert_eq!(firing(&lab), before);
}

#[tokio::test]
async fn lost_answers_create_nothing_twice() {
    for mishap in [FaultKind::DroppedBefore, FaultKind::DroppedAfter] {
        let lab = Lab::new("STOPPED", "Disabled").await;
        lab.sim.faults().put("scheduler", "CreateSchedule", mishap, Some(1));
        lab.sim.faults().put("scheduler", "UpdateSchedule", mishap, Some(1));
        week(&lab, "Mon-Thu 9-17, Fri 9-13").await;
        assert_eq!(now(&lab).await, "Mon–Thu 09:00–17:00, Fri 09:00–13:00");
        assert_eq!(lab.sim.world().schedules.len(), 3, "{mishap:?}");
        assert!(lab.took_effect("CreateSchedule") <= 2, "{mishap:?}");
    }
}

#[tokio::test]
async fn what_runs_now_keeps_the_stop_that_moves_away() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    // Monday noon.
    lab.pass("2026-11-23T11:00:00Z".parse::<DateTime<Utc>>().unwrap() - lab.now());
    assert_eq!(lab.status(), "RUNNING");
    let pattern = Pattern::parse("Sat 9-17", 30).unwrap();
    let plan = edited(&lab, |draft| draft.pattern = pattern).await.unwrap();
    assert!(matches!(&plan.steps[0].step, Step::Create { schedule } if schedule.name.starts_with("rekotui-stop-")));
    assert_eq!(lab.carry(plan).await.standing, Standing::Done);
    lab.pass(TimeDelta::hours(6));
    assert_eq!((lab.status(), lab.state()), ("STOPPED".into(), "Disabled".into()));
}

#[tokio::test]
async fn a_start_date_that_has_passed_does_not_stand_in_the_way() {
    // AWS takes no StartDate of the past in an update, not even the one that a schedule has.
    let lab = Lab::new("STOPPED", "Disabled").await;
    let monday: chrono::NaiveDate = "2026-11-23".parse().unwrap();
    let plan = edited(&lab, |draft| draft.skipped = [monday].into()).await.unwrap();
    assert_eq!(lab.carry(plan).await.standing, Standing::Done);
    lab.pass(TimeDelta::days(5));
    let start = |lab: &Lab| lab.sim.world().schedules.values().find(|one| one.name == "logos-start").unwrap().start;
    assert!(start(&lab).unwrap() < lab.now());
    let done = week(&lab, "Mon-Fri 10-17").await;
    assert_eq!(start(&lab), None, "it says nothing any more");
    assert_eq!(undo(&lab, &done).await.standing, Standing::Done);
    let seen = lab.look().await;
    let pause = plan::pause(ground(&seen), &schedule_arn("logos-start"), &plan::Pausing::default()).unwrap();
    assert_eq!(lab.carry(pause).await.standing, Standing::Done);
}
