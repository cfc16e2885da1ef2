//! What a bucket tells of, and whom: its configuration of notifications. S3 keeps one list of them for each bucket and
//! replaces all of it at once, so whatever else stands there has to be written again as it was.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::ModelArn;
use super::queue::name_in;

/// What keys of images end in. Suffixes are compared letter by letter, so both cases are named. The results,
/// `KEY.labels.json`, must never come back as work.
pub const IMAGES: [&str; 6] = [".jpg", ".JPG", ".jpeg", ".JPEG", ".png", ".PNG"];

/// What is told of images.
const CREATED: &str = "s3:ObjectCreated:*";

/// What is told by a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listener {
    /// An SQS queue.
    Queue,
    /// An SNS topic.
    Topic,
    /// A Lambda function.
    Function,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What it is called; unique in the list.
    pub id: Option<String>,
    /// What is told.
    pub to: Listener,
    /// The ARN of that.
    pub arn: String,
    /// What it is told of: `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// What keys begin with.
    pub prefix: String,
    /// What keys end in.
    pub suffix: String,
}

impl Notification {
    /// Whether both would tell of one object. S3 allows that for no two of a bucket: "Configuring event notifications using
    /// object key name filtering" in its guide.
    fn overlaps(&self, other: &Self) -> bool {
        let kinds = |one: &Self| -> Vec<String> {
            one.events.iter().map(|event| event.split(':').take(2).collect::<Vec<_>>().join(":")).collect()
        };
        let theirs = kinds(other);
        let either = |one: &str, other: &str, holds: fn(&str, &str) -> bool| holds(one, other) || holds(other, one);
        kinds(self).iter().any(|kind| theirs.contains(kind))
            && either(&self.prefix, &other.prefix, |long, short| long.starts_with(short))
            && either(&self.suffix, &other.suffix, |long, short| long.ends_with(short))
    }

    /// In a few words: `the function resize, of keys that end in .jpg`.
    #[must_use]
    pub fn words(&self) -> String {
        let (kind, name) = match self.to {
            Listener::Queue => ("queue", name_in(&self.arn)),
            Listener::Topic => ("topic", name_in(&self.arn)),
            Listener::Function => ("function", self.arn.split(':').nth(6).unwrap_or(&self.arn)),
        };
        let keys = match (self.prefix.as_str(), self.suffix.as_str()) {
            ("", "") => "of all keys".to_owned(),
            ("", suffix) => format!("of keys that end in {suffix}"),
            (prefix, "") => format!("of keys under {prefix}"),
            (prefix, suffix) => format!("of keys under {prefix} that end in {suffix}"),
        };
        format!("the {kind} {name}, {keys}")
    }
}

/// The list of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notifications {
    /// Its lines.
    pub rows: Vec<Notification>,
    /// Whether EventBridge is told of everything.
    pub event_bridge: bool,
}

impl Notifications {
    /// Whether a queue is told of anything.
    #[must_use]
    pub fn reach(&self, queue: &str) -> bool {
        self.rows.iter().any(|row| row.arn == queue)
    }

    /// The same, and a queue is told of new images.
    #[must_use]
    pub fn with(&self, queue: &str) -> Self {
        let mut all = self.clone();
        all.rows.extend(of_images(queue));
        all
    }

    /// The same, and a queue is told of nothing.
    #[must_use]
    pub fn without(&self, queue: &str) -> Self {
        let mut all = self.clone();
        all.rows.retain(|row| row.arn != queue);
        all
    }

    /// What keeps S3 from telling a queue of images: the line that tells somebody else of some of them.
    #[must_use]
    pub fn in_the_way_of(&self, queue: &str) -> Option<&Notification> {
        let images: Vec<Notification> = of_images(queue).collect();
        self.rows.iter().find(|row| row.arn != queue && images.iter().any(|image| image.overlaps(row)))
    }

    /// As `aws s3api put-bucket-notification-configuration` takes it.
    #[must_use]
    pub fn json(&self) -> Value {
        let list = |to: Listener, arn: &str| -> Vec<Value> {
            self.rows.iter().filter(|row| row.to == to).map(|row| row_json(row, arn)).collect()
        };
        let mut all = serde_json::Map::new();
        for (name, rows) in [
            ("QueueConfigurations", list(Listener::Queue, "QueueArn")),
            ("TopicConfigurations", list(Listener::Topic, "TopicArn")),
            ("LambdaFunctionConfigurations", list(Listener::Function, "LambdaFunctionArn")),
        ] {
            if !rows.is_empty() {
                all.insert(name.into(), rows.into());
            }
        }
        if self.event_bridge {
            all.insert("EventBridgeConfiguration".into(), json!({}));
        }
        all.into()
    }
}

fn row_json(row: &Notification, arn: &str) -> Value {
    let mut fields = serde_json::Map::new();
    if let Some(id) = &row.id {
        fields.insert("Id".into(), id.clone().into());
    }
    fields.insert(arn.into(), row.arn.clone().into());
    fields.insert("Events".into(), row.events.clone().into());
    let rules = [("prefix", &row.prefix), ("suffix", &row.suffix)].into_iter().filter(|(_, value)| !value.is_empty());
    let rules: Vec<Value> = rules.map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    if !rules.is_empty() {
        fields.insert("Filter".into(), json!({ "Key": { "FilterRules": rules } }));
    }
    fields.into()
}

fn of_images(queue: &str) -> impl Iterator<Item = Notification> {
    IMAGES.into_iter().map(move |suffix| Notification {
        id: Some(format!("{}{suffix}", name_in(queue))),
        to: Listener::Queue,
        arn: queue.to_owned(),
        events: vec![CREATED.to_owned()],
        prefix: String::new(),
        suffix: suffix.to_owned(),
    })
}

/// A bucket that is there by itself, and the queue of a pipeline that it tells, or is to tell, of new images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name of the bucket.
    pub bucket: String,
    /// The ARN of the queue.
    pub queue: String,
    /// What the bucket tells now.
    pub notifications: Notifications,
}

/// The ARN of the queue in which images for a model wait, in the stack of `pipeline.yaml` of this name.
#[must_use]
pub fn queue_of(stack: &str, model: &ModelArn) -> String {
    let part = |at: usize| model.as_str().split(':').nth(at).unwrap_or_default();
    format!("arn:{}:sqs:{}:{}:{stack}-images", part(1), part(3), model.account())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::LOGOS;

    const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:rekotui-logos-v3-images";

    fn row(to: Listener, arn: &str, events: &str, prefix: &str, suffix: &str) -> Notification {
        let (prefix, suffix) = (prefix.to_owned(), suffix.to_owned());
        Notification { id: None, to, arn: arn.into(), events: vec![events.into()], prefix, suffix }
    }

    fn others() -> Notifications {
        let resize = "arn:aws:lambda:eu-central-1:123456789012:function:resize";
        let rows = vec![
            row(Listener::Function, resize, CREATED, "", ".csv"),
            row(Listener::Topic, "arn:aws:sns:eu-central-1:123456789012:gone", "s3:ObjectRemoved:*", "", ""),
        ];
        Notifications { rows, event_bridge: true }
    }

    #[test]
    fn what_else_a_bucket_tells_stays_as_it_is() {
        let with = others().with(QUEUE);
        assert_eq!(with.rows.len(), 2 + IMAGES.len());
        assert!(with.reach(QUEUE) && !others().reach(QUEUE) && with.event_bridge);
        assert_eq!(with.without(QUEUE), others());
        let json = with.json();
        assert_eq!(json["LambdaFunctionConfigurations"][0]["Filter"]["Key"]["FilterRules"][0]["Value"], ".csv");
        assert_eq!(json["QueueConfigurations"][0]["Id"], "rekotui-logos-v3-images.jpg");
        assert!(
            json["TopicConfigurations"][0].get("Filter").is_none() && json.get("EventBridgeConfiguration").is_some()
        );
    }

    #[test]
    fn nobody_else_may_be_told_of_images() {
        assert_eq!(others().in_the_way_of(QUEUE), None, "neither other files nor what is removed");
        let of = |prefix: &str, suffix: &str, event: &str| {
            let rows = vec![row(Listener::Function, "arn:aws:lambda:r:1:function:resize", event, prefix, suffix)];
            Notifications { rows, event_bridge: false }.in_the_way_of(QUEUE).map(Notification::words)
        };
        assert_eq!(of("", "", CREATED).as_deref(), Some("the function resize, of all keys"));
        assert_eq!(
            of("in/", ".png", "s3:ObjectCreated:Put").as_deref(),
            Some("the function resize, of keys under in/ that end in .png")
        );
        assert_eq!(of("", "1.jpg", CREATED).as_deref(), Some("the function resize, of keys that end in 1.jpg"));
        assert_eq!(of("", ".gif", CREATED), None);
        assert_eq!(others().with(QUEUE).in_the_way_of(QUEUE), None, "the queue itself is not in its own way");
    }

    #[test]
    fn the_queue_of_a_pipeline_is_called_after_its_stack() {
        let model: ModelArn = LOGOS.parse().unwrap();
        let queue = queue_of("rekotui-logos-v3", &model);
        assert!(queue.starts_with("arn:aws:sqs:") && queue.ends_with(":rekotui-logos-v3-images"), "{queue}");
        assert_eq!(queue.split(':').nth(4), model.as_str().split(':').nth(4));
    }

    #[test]
    fn the_template_tells_of_the_same() {
        let template = crate::domain::deploy::Part::Pipeline.template();
        for suffix in IMAGES {
            assert!(template.contains(&format!("Name: suffix, Value: {suffix} }}")), "{suffix}");
        }
        assert_eq!(template.matches("Name: suffix").count(), IMAGES.len());
        assert!(template.contains("QueueName: !Sub '${AWS::StackName}-images'"));
    }
}
