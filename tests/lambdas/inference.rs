//! The function that a mapping invokes: images in, labels out, and no message lost that was not done.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use rekotui::lambda::{Duty, Failure, inference};
use rekotui::sim::world::bucket::Notice;
use rekotui::sim::world::{Bucket, Queue};
use serde_json::{Value, json};

use crate::operations::lab::{Lab, model};

const JPEG: &[u8] = b"\xff\xd8\xff an image";

/// What the function has.
const MINUTES: TimeDelta = TimeDelta::minutes(2);

/// An account with a bucket that tells a queue of what is put there.
struct Feed {
    lab: Lab,
    output: &'static str,
}

impl Feed {
    async fn new(status: &str, output: &'static str) -> Self {
        let lab = Lab::new(status, "Disabled").await;
        {
            let mut world = lab.sim.world();
            let now = world.now;
            for name in ["uploads", "results"] {
                world.queues.insert(name.to_owned(), Queue::new(name, now, now));
            }
            for name in ["images", "out"] {
                world.buckets.insert(name.to_owned(), Bucket::default());
            }
            let queue = world.arn("sqs", "uploads");
            let (id, events) = ("all".to_owned(), vec!["s3:ObjectCreated:*".to_owned()]);
            let all = Notice { id, to: queue, events, prefix: String::new(), suffix: String::new() };
            world.set_notices("images", vec![all]);
            world.receive("uploads", 1, Some(TimeDelta::days(1)));
        }
        Self { lab, output }
    }

    fn put(&self, key: &str, body: &[u8]) {
        self.lab.sim.world().put_object("images", key, body.to_vec(), "image/jpeg").unwrap();
    }

    /// The batch that a mapping would hand over now: the messages of what was put.
    fn batch(&self) -> Vec<Value> {
        let received = self.lab.sim.world().receive("uploads", 10, Some(TimeDelta::seconds(1)));
        received.into_iter().map(|one| record(&one.id, &one.body)).collect()
    }

    /// What the function answers, and the lines that it logs.
    async fn invoke(&self, records: &[Value], time: TimeDelta) -> (Result<Value, Failure>, Vec<Value>) {
        let duty = Duty::read(|name| match name {
            "MODEL_ARN" => Some(model().as_str().to_owned()),
            "OUTPUT" => Some(self.output.to_owned()),
            "MIN_CONFIDENCE" => Some("0".to_owned()),
            _ => None,
        });
        let shift = self.lab.shift(time);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        let log = move |line: &Value| kept.lock().unwrap().push(line.clone());
        let answer = inference(&json!({ "Records": records }), &duty.unwrap(), &shift, &log).await;
        let lines = lines.lock().unwrap().clone();
        (answer, lines)
    }

    /// The ids of the messages that go back.
    async fn kept(&self, records: &[Value]) -> Vec<String> {
        let answer = self.invoke(records, MINUTES).await.0.unwrap();
        let failed = answer["batchItemFailures"].as_array().unwrap();
        failed.iter().map(|one| one["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    fn object(&self, bucket: &str, key: &str) -> Option<Value> {
        let world = self.lab.sim.world();
        let object = world.buckets[bucket].objects.get(key)?;
        Some(serde_json::from_slice(&object.body).unwrap())
    }

    fn calls(&self) -> usize {
        self.lab.sim.log().iter().filter(|call| call.operation == "DetectCustomLabels").count()
    }
}

fn record(id: &str, body: &str) -> Value {
    json!({ "messageId": id, "body": body, "eventSource": "aws:sqs", "attributes": { "ApproximateReceiveCount": "1" } })
}

#[tokio::test]
async fn what_is_seen_in_an_image_is_written_beside_it() {
    let feed = Feed::new("RUNNING", "beside").await;
    feed.put("line 1/größe+1.jpg", JPEG);
    assert!(feed.kept(&feed.batch()).await.is_empty());
    let result = feed.object("images", "line 1/größe+1.jpg.labels.json").unwrap();
    assert_eq!((&result["key"], &result["model"]), (&json!("line 1/größe+1.jpg"), &json!(model().as_str())));
    assert_eq!(result["labels"][0]["name"], "a", "{result}");
    // The result is an upload as well, of which the queue is told here: it is not looked at.
    assert_eq!(feed.calls(), 1);
    let (answer, lines) = feed.invoke(&feed.batch(), MINUTES).await;
    assert_eq!(answer.unwrap()["batchItemFailures"], json!([]));
    assert_eq!((feed.calls(), lines.last().unwrap()["outcome"].as_str()), (1, Some("ignored")));
}

#[tokio::test]
async fn results_go_to_another_bucket_or_to_a_queue() {
    let feed = Feed::new("RUNNING", "s3://out/labels").await;
    feed.put("a.jpg", JPEG);
    assert!(feed.kept(&feed.batch()).await.is_empty());
    assert!(feed.object("out", "labels/a.jpg.labels.json").is_some());
    let feed = Feed::new("RUNNING", "https://sqs.eu-central-1.amazonaws.com/123456789012/results").await;
    feed.put("a.jpg", JPEG);
    assert!(feed.kept(&feed.batch()).await.is_empty());
    let sent = feed.lab.sim.world().receive("results", 10, None);
    let told: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!((sent.len(), &told["key"]), (1, &json!("a.jpg")));
}

#[tokio::test]
async fn a_notification_that_sns_carries_is_read_too() {
    let feed = Feed::new("RUNNING", "beside").await;
    feed.put("a b.jpg", JPEG);
    let direct = feed.batch();
    let carried = json!({ "Type": "Notification", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:t",
        "Message": direct[0]["body"] });
    assert!(feed.kept(&[record("1", &carried.to_string())]).await.is_empty());
    assert!(feed.object("images", "a b.jpg.labels.json").is_some());
}

#[tokio::test]
async fn only_the_messages_that_were_not_done_go_back() {
    let feed = Feed::new("RUNNING", "beside").await;
    feed.put("good 1.jpg", JPEG);
    feed.put("text.jpg", b"no image");
    feed.put("gone.jpg", JPEG);
    feed.put("good 2.jpg", JPEG);
    feed.lab.sim.world().buckets.get_mut("images").unwrap().objects.remove("gone.jpg");
    let mut batch = feed.batch();
    batch.insert(0, record("nonsense", "{"));
    let bad = |key: &str| {
        let found = batch.iter().find(|one| one["body"].as_str().unwrap().contains(key)).unwrap();
        found["messageId"].as_str().unwrap().to_owned()
    };
    let wanted = vec!["nonsense".to_owned(), bad("text.jpg"), bad("gone.jpg")];
    assert_eq!(feed.kept(&batch).await, wanted, "the others are not held up");
    assert!(feed.object("images", "good 1.jpg.labels.json").is_some());
    assert!(feed.object("images", "good 2.jpg.labels.json").is_some());
}

#[tokio::test]
async fn every_image_of_a_message_has_to_be_looked_at() {
    let feed = Feed::new("RUNNING", "beside").await;
    feed.put("a.jpg", JPEG);
    feed.put("b.jpg", b"no image");
    let inner = |one: &Value| -> Value {
        serde_json::from_str::<Value>(one["body"].as_str().unwrap()).unwrap()["Records"][0].clone()
    };
    let both = json!({ "Records": feed.batch().iter().map(inner).collect::<Vec<_>>() });
    assert_eq!(feed.kept(&[record("1", &both.to_string())]).await, ["1"]);
}

#[tokio::test]
async fn where_the_model_does_not_run_every_message_goes_back_untouched() {
    let feed = Feed::new("STOPPED", "beside").await;
    feed.put("a.jpg", JPEG);
    feed.put("b.jpg", JPEG);
    let batch = feed.batch();
    let (answer, lines) = feed.invoke(&batch, MINUTES).await;
    assert_eq!(answer.unwrap()["batchItemFailures"].as_array().unwrap().len(), 2);
    assert_eq!(feed.calls(), 1, "what holds for one holds for all");
    assert!(lines.iter().all(|line| line["why"].as_str().unwrap().starts_with("The model does not run")), "{lines:#?}");
    assert!(feed.object("images", "a.jpg.labels.json").is_none());
}

#[tokio::test]
async fn a_model_with_too_much_to_do_is_asked_again_a_little_later() {
    let feed = Feed::new("RUNNING", "beside").await;
    feed.put("a.jpg", JPEG);
    feed.lab.sim.faults().throttle("rekognition", "DetectCustomLabels", 6);
    let before = feed.lab.now();
    assert!(feed.kept(&feed.batch()).await.is_empty());
    assert!(feed.lab.now() - before >= TimeDelta::seconds(1), "it has waited");
    assert!(feed.object("images", "a.jpg.labels.json").is_some());
}

#[tokio::test]
async fn what_is_throttled_for_long_goes_back_and_nothing_is_begun_near_the_end() {
    let feed = Feed::new("RUNNING", "beside").await;
    feed.put("a.jpg", JPEG);
    feed.put("b.jpg", JPEG);
    let batch = feed.batch();
    feed.lab.sim.faults().throttle("rekognition", "DetectCustomLabels", 1_000);
    assert_eq!(feed.kept(&batch).await.len(), 2);
    let asked = feed.calls();
    let (answer, _) = feed.invoke(&batch, TimeDelta::seconds(9)).await;
    assert_eq!((answer.unwrap()["batchItemFailures"].as_array().unwrap().len(), feed.calls()), (2, asked));
}

#[tokio::test]
async fn an_event_of_another_kind_is_no_batch() {
    let feed = Feed::new("RUNNING", "beside").await;
    let (answer, _) = feed.invoke(&[json!({ "s3": {} })], MINUTES).await;
    assert_eq!(answer.unwrap_err().kind(), "WrongEvent");
}
