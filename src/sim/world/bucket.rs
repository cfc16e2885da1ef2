//! Buckets: objects that somebody put, and who is told of it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};

use super::World;
use super::agenda::Event;
use super::queue::Batch;

/// A bucket.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// When it was created.
    pub created: DateTime<Utc>,
    /// What is in it, by key.
    pub objects: BTreeMap<String, Object>,
    /// Who is told when something is put.
    pub notices: Vec<Notice>,
    /// Whether EventBridge is told of everything.
    pub tells_event_bridge: bool,
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its bytes.
    pub body: Arc<[u8]>,
    /// What it is said to be: `image/jpeg`.
    pub content_type: String,
    /// The digest of its bytes, in hexadecimal.
    pub etag: String,
    /// When it was put.
    pub modified: DateTime<Utc>,
}

/// A queue or a function that is told of what is put into a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// The ARN of the queue or function.
    pub to: String,
    /// What it is told of: `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// What keys begin with.
    pub prefix: String,
    /// What keys end in.
    pub suffix: String,
}

impl Notice {
    /// Whether it goes to a function.
    #[must_use]
    pub fn is_for_function(&self) -> bool {
        self.to.split(':').nth(2) == Some("lambda")
    }

    /// Whether it is about what is put under a key.
    fn hears_put(&self, key: &str) -> bool {
        let heard = |event: &String| matches!(event.as_str(), "s3:ObjectCreated:*" | "s3:ObjectCreated:Put");
        self.events.iter().any(heard) && key.starts_with(&self.prefix) && key.ends_with(&self.suffix)
    }

    /// Whether an object could be heard of by both: S3 allows that for no two of a bucket.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let either = |one: &str, other: &str, within: fn(&str, &str) -> bool| within(one, other) || within(other, one);
        let kinds = |notice: &Self| -> Vec<String> {
            notice.events.iter().map(|event| event.split(':').take(2).collect::<Vec<_>>().join(":")).collect()
        };
        let (mine, theirs) = (kinds(self), kinds(other));
        mine.iter().any(|kind| theirs.contains(kind))
            && either(&self.prefix, &other.prefix, |long, short| long.starts_with(short))
            && either(&self.suffix, &other.suffix, |long, short| long.ends_with(short))
    }
}

/// What S3 leaves as it is when it writes a key into an event: letters, digits and these; a space becomes `+`.
const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

impl World {
    /// Puts an object into a bucket that is there, and tells whoever is to be told.
    pub fn put_object(&mut self, bucket: &str, key: &str, body: Vec<u8>, content_type: &str) -> Option<String> {
        let now = self.now;
        let size = body.len();
        let etag = hex(&Md5::digest(&body));
        let room = self.buckets.get_mut(bucket)?;
        let content_type = content_type.to_owned();
        room.objects
            .insert(key.to_owned(), Object { body: body.into(), content_type, etag: etag.clone(), modified: now });
        let heard: Vec<Notice> = room.notices.iter().filter(|notice| notice.hears_put(key)).cloned().collect();
        for notice in heard {
            let sequencer = format!("{:018X}", self.next_serial());
            let record = json!({
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": self.region,
                "eventTime": now.to_rfc3339_opts(SecondsFormat::Millis, true),
                "eventName": "ObjectCreated:Put",
                "userIdentity": { "principalId": "AWS:SIMULATED" },
                "requestParameters": { "sourceIPAddress": "127.0.0.1" },
                "responseElements": { "x-amz-request-id": sequencer, "x-amz-id-2": sequencer },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": notice.id,
                    "bucket": {
                        "name": bucket,
                        "ownerIdentity": { "principalId": "SIMULATED" },
                        "arn": format!("arn:aws:s3:::{bucket}"),
                    },
                    "object": { "key": encoded(key), "size": size, "eTag": etag, "sequencer": sequencer },
                },
            });
            // What a function that is told makes of it is not known here.
            if !notice.is_for_function() {
                self.send_to(&notice.to, &json!({ "Records": [record] }));
            }
        }
        Some(etag)
    }

    /// Whether S3 would take these notices for a bucket; with `unseen` it does not look whether it reaches whom they are for.
    ///
    /// # Errors
    /// Why not, in its words.
    pub fn check_notices(&self, bucket: &str, notices: &[Notice], unseen: bool) -> Result<(), String> {
        for (at, notice) in notices.iter().enumerate() {
            if notices.iter().skip(at + 1).any(|other| notice.overlaps(other)) {
                return Err(
                    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the \
                            prefixes are overlapping for the same event type."
                        .to_owned(),
                );
            }
            if !unseen && !self.is_reached(bucket, notice) {
                return Err("Unable to validate the following destination configurations".to_owned());
            }
        }
        Ok(())
    }

    /// Whether S3 could tell whom a notice is for. Functions are taken to admit it.
    fn is_reached(&self, bucket: &str, notice: &Notice) -> bool {
        if notice.is_for_function() {
            return self.functions.values().any(|function| function.arn == notice.to);
        }
        let name = notice.to.rsplit(':').next().unwrap_or_default();
        let admitted = self.queues.get(name).is_some_and(|queue| admits_s3(queue.policy.as_ref(), bucket));
        notice.to == self.arn("sqs", name) && admitted
    }

    /// Sets who is told of what is put into a bucket. Each queue gets a message that tries it.
    pub fn set_notices(&mut self, bucket: &str, notices: Vec<Notice>) {
        let (now, serial) = (self.now, self.next_serial());
        let Some(room) = self.buckets.get_mut(bucket) else { return };
        let known: Vec<String> = room.notices.iter().map(|notice| notice.to.clone()).collect();
        room.notices.clone_from(&notices);
        let mut told = known;
        for notice in notices {
            if notice.is_for_function() || told.contains(&notice.to) {
                continue;
            }
            let test = json!({
                "Service": "Amazon S3",
                "Event": "s3:TestEvent",
                "Time": now.to_rfc3339_opts(SecondsFormat::Millis, true),
                "Bucket": bucket,
                "RequestId": format!("{serial:016X}"),
                "HostId": format!("{serial:032X}"),
            });
            self.send_to(&notice.to, &test);
            told.push(notice.to);
        }
    }

    /// Sends a message to a queue by its ARN, if it is there.
    pub fn send_to(&mut self, queue: &str, body: &Value) {
        let name = queue.rsplit(':').next().unwrap_or_default().to_owned();
        let (id, now) = (self.next_uuid(), self.now);
        self.settle(&name);
        if let Some(queue) = self.queues.get_mut(&name) {
            queue.put(Batch::single(now, id, body.to_string()));
        }
        self.later(TimeDelta::zero(), Event::Reflow(name));
    }
}

/// Whether a queue's policy lets S3 send to it in the name of a bucket. Who sends is looked at, and for which bucket;
/// other conditions are taken as met.
fn admits_s3(policy: Option<&Value>, bucket: &str) -> bool {
    let Some(policy) = policy else { return true };
    let named = |value: Option<&Value>, wanted: &[&str]| match value {
        Some(Value::String(text)) => wanted.contains(&text.as_str()),
        Some(Value::Array(list)) => list.iter().any(|one| one.as_str().is_some_and(|text| wanted.contains(&text))),
        _ => false,
    };
    let arn = format!("arn:aws:s3:::{bucket}");
    let admits = |statement: &Value| {
        let principal = statement.get("Principal");
        let who = named(principal, &["*"])
            || named(principal.and_then(|one| one.get("Service")), &["s3.amazonaws.com"])
            || named(principal.and_then(|one| one.get("AWS")), &["*"]);
        let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flat_map(|all| all.values());
        let mut sources = conditions.filter_map(|one| one.get("aws:SourceArn"));
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && who
            && named(statement.get("Action"), &["sqs:SendMessage", "SQS:SendMessage", "sqs:*", "SQS:*", "*"])
            && sources.all(|source| named(Some(source), &[&arn, "arn:aws:s3:::*", "arn:aws:s3:*:*:*"]))
    };
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(admits),
        Some(statement) => admits(statement),
        None => false,
    }
}

/// A key as events spell it.
fn encoded(key: &str) -> String {
    percent_encode(key.as_bytes(), &KEPT).to_string().replace(' ', "+")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(prefix: &str, suffix: &str) -> Notice {
        Notice {
            id: "a".into(),
            to: "arn:aws:sqs:eu-central-1:1:q".into(),
            events: vec!["s3:ObjectCreated:*".into()],
            prefix: prefix.into(),
            suffix: suffix.into(),
        }
    }

    #[test]
    fn keys_are_spelled_as_in_an_html_form() {
        assert_eq!(encoded("a b/über+1.jpg"), "a+b/%C3%BCber%2B1.jpg");
    }

    #[test]
    fn notices_overlap_where_one_object_would_be_told_of_twice() {
        assert!(notice("", ".jpg").overlaps(&notice("in/", ".jpg")));
        assert!(notice("", "").overlaps(&notice("", ".jpg")));
        assert!(!notice("", ".jpg").overlaps(&notice("", ".png")));
        assert!(!notice("a/", ".jpg").overlaps(&notice("b/", ".jpg")));
    }

    #[test]
    fn what_is_put_is_told_to_those_alone_who_asked_for_it() {
        let mut world = World { account: "1".into(), region: "eu-central-1".into(), ..World::default() };
        let now = world.now;
        world.queues.insert("q".into(), super::super::Queue::new("q", now, now));
        world.buckets.insert("images".into(), Bucket::default());
        world.set_notices("images", vec![notice("", ".jpg")]);
        world.put_object("images", "a.jpg", b"x".to_vec(), "image/jpeg").expect("a bucket");
        world.put_object("images", "a.jpg.labels.json", b"{}".to_vec(), "application/json").expect("a bucket");
        let queue = world.queues.get_mut("q").expect("a queue");
        let bodies: Vec<String> =
            queue.receive(10, TimeDelta::seconds(30)).into_iter().map(|message| message.body).collect();
        assert_eq!(bodies.len(), 2, "{bodies:?}");
        assert!(bodies[0].contains("s3:TestEvent") && bodies[1].contains("\"key\":\"a.jpg\""), "{bodies:?}");
    }
}
