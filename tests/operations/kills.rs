//! The program is killed at every point at which it can be, and the next one carries on to the same end.

use chrono::TimeDelta;
use rekotui::domain::operation::Standing;
use rekotui::domain::plan::week::{Draft, Habits};
use rekotui::domain::plan::{self, End, Pausing, Plan, Starting};
use rekotui::domain::week::Pattern;

use super::lab::{Lab, ground, killed_after, model, schedule_arn};

/// What is the same at the end, however often the program was killed.
type End_ = (String, String, Vec<String>, Vec<(String, String, Option<chrono::DateTime<chrono::Utc>>)>, u32);

fn end(lab: &Lab) -> End_ {
    let (status, state, automatic) = (lab.status(), lab.state(), lab.automatic());
    let world = lab.sim.world();
    let schedules = world.schedules.values();
    let words = |schedule: &rekotui::sim::world::Schedule| format!("{} {}", schedule.state, schedule.expression);
    let schedules = schedules.map(|schedule| (schedule.name.clone(), words(schedule), schedule.start));
    let rules = world.rules.values();
    let said =
        |rule: &rekotui::sim::world::Rule| format!("{} {}", rule.state, rule.expression.clone().unwrap_or_default());
    let schedules = schedules.chain(rules.map(|rule| (rule.name.clone(), said(rule), None))).collect();
    let units = world.models[&model().to_string()].min_units.unwrap_or(0);
    (status, state, automatic, schedules, units)
}

async fn kill_everywhere(status: &str, state: &str, make: impl Fn(&rekotui::cli::gather::Gathered) -> Plan) {
    kill_everywhere_in(|_| {}, status, state, make).await;
}

/// The same in an account that was prepared.
async fn kill_everywhere_in(
    prepare: impl Fn(&Lab),
    status: &str,
    state: &str,
    make: impl Fn(&rekotui::cli::gather::Gathered) -> Plan,
) {
    let whole = Lab::quick(status, state).await;
    prepare(&whole);
    let plan = make(&whole.look().await);
    let operation = whole.carry(plan.clone()).await;
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    let wanted = end(&whole);

    let (mut polls, mut killed) = (1, 0);
    loop {
        let lab = Lab::quick(status, state).await;
        prepare(&lab);
        let going = async {
            let driver = lab.engine().begin(plan.clone()).await.unwrap();
            driver.carry(|_| {}).await
        };
        if let Some(operation) = killed_after(polls, going).await {
            assert_eq!(operation.standing, Standing::Done);
            break;
        }
        killed += 1;
        let unfinished = lab.journal.unfinished().unwrap();
        match unfinished.as_slice() {
            [] => match lab.journal.latest(1).unwrap().first() {
                // Killed before it was written down: then nothing may have been done.
                None => assert_eq!(lab.written(), Vec::<String>::new(), "killed after {polls} polls"),
                Some(operation) => assert_eq!(operation.standing, Standing::Done),
            },
            [one] => {
                let noted: u32 = one.steps.iter().map(|record| record.writes).sum();
                let tried = u32::try_from(lab.written().len()).unwrap();
                assert!(tried <= noted, "{tried} calls and {noted} notes, killed after {polls} polls");
                let driver = lab.engine().resume(&one.id).await.unwrap();
                let operation = driver.carry(|_| {}).await;
                assert_eq!(operation.standing, Standing::Done, "killed after {polls} polls: {operation:#?}");
                assert_eq!(end(&lab), wanted, "killed after {polls} polls");
                // How long it lay there says nothing of how long starts take.
                assert_eq!(operation.start_took(&model()), None, "killed after {polls} polls");
                for once in ["StartProjectVersion", "StopProjectVersion"] {
                    assert!(lab.took_effect(once) <= 1, "{once} twice, killed after {polls} polls");
                }
            }
            several => panic!("{} unfinished", several.len()),
        }
        polls += 1;
    }
    assert!(killed > 8, "only {killed} places to be killed at");
}

#[tokio::test]
async fn a_start_killed_anywhere_is_carried_on_to_the_same_end() {
    kill_everywhere("STOPPED", "Disabled", |seen| {
        let ask = Starting { units: None, end: End::At(seen.now + TimeDelta::hours(2)), emergency: false };
        plan::start(ground(seen), &model(), &ask).unwrap()
    })
    .await;
}

#[tokio::test]
async fn an_emergency_that_is_held_by_the_program_alone_is_stopped_by_the_next_one() {
    let denied = |lab: &Lab| lab.sim.faults().deny("scheduler", "CreateSchedule");
    kill_everywhere_in(denied, "STOPPED", "Disabled", |seen| {
        let ask = Starting { units: None, end: End::At(seen.now + TimeDelta::minutes(4)), emergency: true };
        plan::start(ground(seen), &model(), &ask).unwrap()
    })
    .await;
}

#[tokio::test]
async fn a_stop_killed_anywhere_is_carried_on_to_the_same_end() {
    kill_everywhere("RUNNING", "Enabled", |seen| plan::stop(ground(seen), &model()).unwrap()).await;
}

#[tokio::test]
async fn a_pause_killed_anywhere_is_carried_on_to_the_same_end() {
    kill_everywhere("STOPPED", "Disabled", |seen| {
        plan::pause(ground(seen), &schedule_arn("logos-start"), &Pausing::default()).unwrap()
    })
    .await;
}

#[tokio::test]
async fn a_week_edit_killed_anywhere_is_carried_on_to_the_same_end() {
    // One schedule is created, one switched off for a moment, one edited.
    kill_everywhere("STOPPED", "Disabled", |seen| {
        let mut draft = Draft::read(ground(seen), &model(), Habits::default()).unwrap();
        draft.pattern = Pattern::parse("Tue-Thu 10:00-18:00, Sat 10:00-14:00", 30).unwrap();
        plan::week::save(ground(seen), &model(), &draft, Habits::default()).unwrap()
    })
    .await;
}

#[tokio::test]
async fn the_move_of_a_rule_killed_anywhere_is_carried_on_to_the_same_end() {
    let rule = "arn:aws:events:eu-central-1:123456789012:rule/old-start";
    kill_everywhere("STOPPED", "Disabled", |seen| plan::migrate(ground(seen), rule, None).unwrap()).await;
}
