//! Stops: nothing more comes, nothing is in flight, then the model stops.

use chrono::TimeDelta;
use rekotui::domain::operation::Standing;
use rekotui::domain::plan::{self, End, Grade, Starting};

use super::lab::{Lab, ground, model};

#[tokio::test]
async fn the_mapping_is_disabled_and_drained_before_the_model_stops() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    let seen = lab.look().await;
    let plan = plan::stop(ground(&seen), &model()).unwrap();
    assert_eq!(plan.grade, Grade::Change, "it is evening, outside its window");
    let operation = lab.carry(plan).await;
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    assert_eq!(lab.written(), ["UpdateEventSourceMapping", "StopProjectVersion"]);
    let stopped = lab.writes()[1].at;
    let world = lab.sim.world();
    assert_eq!(world.mappings[super::lab::UUID].state, "Disabled");
    assert!(world.mappings[super::lab::UUID].modified <= stopped);
}

#[tokio::test]
async fn a_stop_inside_a_window_has_to_be_typed() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    // Monday, 10:00 in Berlin.
    lab.pass(TimeDelta::minutes(61 * 60 + 30));
    let seen = lab.look().await;
    let plan = plan::stop(ground(&seen), &model()).unwrap();
    assert_eq!(plan.grade, Grade::Danger);
    assert!(plan.notes.iter().any(|note| note.text.contains("inside its window")), "{:#?}", plan.notes);
}

#[tokio::test]
async fn a_stop_takes_the_place_of_a_start_that_is_under_way_and_removes_its_automatic_stop() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let seen = lab.look().await;
    let ask = Starting { units: None, end: End::At(seen.now + TimeDelta::hours(2)), emergency: false };
    let start = plan::start(ground(&seen), &model(), &ask).unwrap();
    let engine = lab.engine();
    let driver = engine.begin(start).await.unwrap();
    let started = driver.operation().id.clone();
    let going = tokio::spawn(driver.carry(|_| {}));
    while lab.status() != "STARTING" {
        tokio::task::yield_now().await;
    }
    let seen = lab.look().await;
    let stop = plan::stop(ground(&seen), &model()).unwrap();
    let operation = engine.begin(stop).await.unwrap().carry(|_| {}).await;
    assert!(matches!(going.await.unwrap().standing, Standing::Abandoned(_)));
    assert!(matches!(lab.journal.read(&started).unwrap().unwrap().standing, Standing::Abandoned(_)));
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    assert_eq!((lab.status().as_str(), lab.automatic()), ("STOPPED", vec![]));
    assert_eq!(lab.journal.unfinished().unwrap(), []);
}

#[tokio::test]
async fn a_model_that_fails_between_is_no_reason_to_forget_its_mapping() {
    let lab = Lab::new("STOPPED", "Enabled").await;
    let seen = lab.look().await;
    let operation = lab.carry(plan::stop(ground(&seen), &model()).unwrap()).await;
    assert_eq!(operation.standing, Standing::Done);
    assert_eq!(
        (lab.state().as_str(), lab.written().as_slice()),
        ("Disabled", &["UpdateEventSourceMapping".to_owned()][..])
    );
}

#[tokio::test]
async fn a_queue_that_cannot_be_read_is_no_reason_to_let_the_model_run_on() {
    let denied = "[[faults]]\nservice = \"sqs\"\noperation = \"GetQueueAttributes\"\nkind = \"denied\"\n";
    let lab = Lab::with("RUNNING", "Enabled", denied).await;
    let seen = lab.look().await;
    let operation = lab.carry(plan::stop(ground(&seen), &model()).unwrap()).await;
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("STOPPED", "Disabled"));
    let drain = operation.of_steps().find(|(_, record)| record.words.contains("without knowing"));
    assert!(drain.is_some_and(|(_, record)| record.words.contains("sqs:GetQueueAttributes")), "{operation:#?}");
}
