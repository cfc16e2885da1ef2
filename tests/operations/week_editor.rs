//! The week editor from keys to the world: what is written, in which order, and what the account's own schedules do then.

use chrono::TimeDelta;
use rekotui::domain::operation::Standing;

use super::lab::Lab;
use super::theatre::Theatre;

/// The schedules of the account with their expressions, by name.
fn schedules(lab: &Lab) -> Vec<(String, String)> {
    let world = lab.sim.world();
    let mut all: Vec<(String, String)> =
        world.schedules.values().map(|schedule| (schedule.name.clone(), schedule.expression.clone())).collect();
    all.sort();
    all
}

fn pair(name: &str, expression: &str) -> (String, String) {
    (name.into(), expression.into())
}

#[tokio::test]
async fn a_friday_is_removed() {
    let lab = Lab::weekly("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("w j j j j d").await;
    let screen = theatre.screen();
    assert!(screen.contains("– was 8") && screen.contains("+ cron(30 8 ? * MON-THU *)"), "{screen}");
    assert_eq!(lab.written(), Vec::<String>::new(), "a draft is only a draft");
    theatre.keys("<enter> y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{}", theatre.screen());
    assert_eq!(
        schedules(&lab),
        [pair("logos-start", "cron(30 8 ? * MON-THU *)"), pair("logos-stop", "cron(0 17 ? * MON-THU *)")]
    );
    assert!(theatre.state.dialogs.is_empty(), "{}", theatre.screen());
    // It is Friday evening. On Thursday it runs, on the Friday after it does not.
    theatre.later(TimeDelta::hours(5 * 24 + 15)).await;
    assert_eq!(lab.status(), "RUNNING", "Thursday at noon");
    theatre.later(TimeDelta::hours(24)).await;
    assert_eq!(lab.status(), "STOPPED", "Friday at noon");
}

#[tokio::test]
async fn a_window_is_moved() {
    let lab = Lab::weekly("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("w > > c V <enter> y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{}", theatre.screen());
    assert_eq!(
        schedules(&lab),
        [pair("logos-start", "cron(30 9 ? * MON-FRI *)"), pair("logos-stop", "cron(0 18 ? * MON-FRI *)")]
    );
    assert!(lab.written().iter().all(|call| call == "UpdateSchedule"), "{:?}", lab.written());
    theatre.keys("w").await;
    let screen = theatre.screen();
    assert!(screen.contains("Mon 10:00–18:00") && screen.contains("Nothing changes yet"), "{screen}");
}

#[tokio::test]
async fn a_shorter_friday_takes_a_schedule_more_which_stops_the_model() {
    let lab = Lab::weekly("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("w j j j j H H H H H H H H <enter> y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{}", theatre.screen());
    assert_eq!(lab.written(), ["CreateSchedule", "UpdateSchedule"], "the new stop first");
    assert!(schedules(&lab).contains(&pair("logos-stop-2", "cron(0 13 ? * FRI *)")), "{:?}", schedules(&lab));
    theatre.later(TimeDelta::hours(6 * 24 + 15)).await;
    assert_eq!(lab.status(), "RUNNING", "Friday at half past eleven");
    theatre.later(TimeDelta::hours(2)).await;
    assert_eq!(lab.status(), "STOPPED", "Friday at half past one");
    theatre.keys("5 u y").await;
    let ended = theatre.carry().await;
    assert_eq!(ended[0].standing, Standing::Done, "{}", theatre.screen());
    assert_eq!(
        schedules(&lab),
        [pair("logos-start", "cron(30 8 ? * MON-FRI *)"), pair("logos-stop", "cron(0 17 ? * MON-FRI *)")],
        "the journal takes it back"
    );
}

#[tokio::test]
async fn schedules_that_somebody_else_changed_are_not_overwritten() {
    let lab = Lab::weekly("STOPPED", "Disabled").await;
    let mut theatre = Theatre::open(&lab).await;
    theatre.keys("w d").await;
    for schedule in lab.sim.world().schedules.values_mut() {
        schedule.expression = schedule.expression.replace("MON-FRI", "MON-SAT");
    }
    theatre.keys("<enter> y").await;
    let ended = theatre.carry().await;
    assert!(matches!(&ended[0].standing, Standing::Refused(_)), "{:?}", ended[0].standing);
    assert_eq!(lab.written(), Vec::<String>::new());
    let editor = theatre.state.week().expect("the draft is kept");
    assert!(editor.is_changed() && !editor.saving);
}
