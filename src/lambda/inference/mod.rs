//! The function that mappings invoke: a batch of messages in, labels of the images that they tell of out.
//!
//! A message is done when all of its images are. Whatever is not done goes back to the queue by itself and waits there, until
//! the model runs again or the queue gives it to its dead-letter queue: no message is deleted whose image was not looked at.

mod message;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::event::{CHECK, EventError};
use super::log::Log;
use super::work::{Failure, Shift};
use crate::domain::inference::{Image, Look, Output, result};
use crate::domain::model::ModelArn;
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::hand_over;

/// This much before its deadline nothing more is begun: to look at one image and to hand over what was seen may take as long,
/// each twelve seconds ([`crate::aws::Patience`]).
const BEFORE_THE_END: TimeDelta = TimeDelta::seconds(30);

/// How long to wait when the model has more to do than its units can, after the calls' own short retries.
const BACKOFF: [TimeDelta; 4] =
    [TimeDelta::seconds(1), TimeDelta::seconds(2), TimeDelta::seconds(4), TimeDelta::seconds(8)];

/// What the function is set up for.
#[derive(Clone, Debug, PartialEq)]
pub struct Duty {
    /// The model.
    pub model: ModelArn,
    /// How images are looked at.
    pub look: Look,
    /// Where results go.
    pub output: Output,
}

impl Duty {
    /// What the environment says: `MODEL_ARN`, `MIN_CONFIDENCE`, `MAX_RESULTS`, `OUTPUT`.
    ///
    /// # Errors
    /// When a variable is missing or cannot be meant.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EventError> {
        let told = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let model = told("MODEL_ARN").or_else(|| told("PROJECT_VERSION_ARN"));
        let model = model.ok_or_else(|| EventError::of("The environment variable MODEL_ARN names no model."))?;
        let model = model.parse::<ModelArn>().map_err(|error| EventError::of(format!("MODEL_ARN: {error}.")))?;
        let least = told("MIN_CONFIDENCE").map(|text| percent(&text)).transpose()?;
        let most = told("MAX_RESULTS").map(|text| results(&text)).transpose()?;
        let output = Output::read(&told("OUTPUT").unwrap_or_default()).map_err(EventError::of)?;
        Ok(Self { model, look: Look { least, most }, output })
    }
}

fn percent(text: &str) -> Result<f32, EventError> {
    let known = text.parse::<f32>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    known.ok_or_else(|| EventError::of(format!("MIN_CONFIDENCE is to be from 0 to 100 percent, not '{text}'.")))
}

fn results(text: &str) -> Result<u32, EventError> {
    let known = text.parse::<u32>().ok().filter(|most| *most > 0);
    known.ok_or_else(|| EventError::of(format!("MAX_RESULTS is to be a whole number above 0, not '{text}'.")))
}

/// Why a message goes back to its queue, and whether the ones after it have to as well.
struct Back {
    why: String,
    all: bool,
    /// The image that it was about.
    image: Option<String>,
    /// The request's id, as AWS told it.
    request_id: Option<String>,
}

impl Back {
    fn of(why: impl Into<String>, all: bool) -> Self {
        Self { why: why.into(), all, image: None, request_id: None }
    }
}

/// Looks at the images that a batch of messages tells of. The answer is what Lambda needs to keep the messages that were not
/// done (`batchItemFailures`; the mapping must have `ReportBatchItemFailures`).
///
/// # Errors
/// When the event is no batch of messages: then Lambda keeps them all.
pub async fn inference(payload: &Value, duty: &Duty, shift: &Shift, log: &dyn Log) -> Result<Value, Failure> {
    if payload.get("action").and_then(Value::as_str) == Some(CHECK) {
        let model = duty.model.as_str();
        return Ok(json!({ "outcome": "checked", "version": env!("CARGO_PKG_VERSION"), "model": model }));
    }
    let no_batch = || Failure::Event(EventError::of("The event is no batch of messages from SQS."));
    let records = payload.get("Records").and_then(Value::as_array).ok_or_else(no_batch)?;
    let mut kept = Vec::new();
    let mut stop: Option<String> = None;
    for record in records {
        let text = |key: &str| record.get(key).and_then(Value::as_str);
        let (id, body) = (text("messageId").ok_or_else(no_batch)?, text("body").unwrap_or_default());
        let done = match &stop {
            Some(why) => Err(Back::of(why.clone(), true)),
            None => one(body, duty, shift).await,
        };
        let receives = record.pointer("/attributes/ApproximateReceiveCount").cloned().unwrap_or_default();
        let mut line = json!({ "at": at(shift), "message": id, "receives": receives });
        match done {
            Ok(looked) => {
                line["outcome"] = if looked.is_empty() { "ignored".into() } else { "done".into() };
                line["images"] = looked.into();
            }
            Err(back) => {
                line["outcome"] = "kept".into();
                line["why"] = back.why.clone().into();
                line["image"] = back.image.into();
                line["request_id"] = back.request_id.into();
                kept.push(json!({ "itemIdentifier": id }));
                stop = stop.or(back.all.then_some(back.why));
            }
        }
        log.line(&line);
    }
    Ok(json!({ "batchItemFailures": kept }))
}

fn at(shift: &Shift) -> String {
    now(shift).to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn now(shift: &Shift) -> DateTime<Utc> {
    shift.account.clock().now()
}

/// Looks at the images of one message. What was looked at, for the log.
async fn one(body: &str, duty: &Duty, shift: &Shift) -> Result<Vec<Value>, Back> {
    let images =
        message::images(body).map_err(|why| Back::of(format!("Nobody can read this message: {why}."), false))?;
    let mut looked = Vec::new();
    for image in images {
        let looked_at = look(&image, duty, shift).await;
        let count = looked_at.map_err(|back| Back { image: Some(image.to_string()), ..back })?;
        looked.push(json!({ "image": image.to_string(), "labels": count }));
    }
    Ok(looked)
}

/// Looks at an image and hands over what is seen: how many labels.
async fn look(image: &Image, duty: &Duty, shift: &Shift) -> Result<usize, Back> {
    let mut waits = BACKOFF.into_iter();
    let labels = loop {
        if now(shift) + BEFORE_THE_END > shift.deadline {
            return Err(Back::of("The time of this invocation is over.", true));
        }
        match shift.account.labels(&duty.model, image, &duty.look).await {
            Ok(labels) => break labels,
            Err(trouble) if trouble.kind == TroubleKind::Throttled => match waits.next() {
                Some(wait) if now(shift) + wait + BEFORE_THE_END <= shift.deadline => (shift.manner.wait)(wait).await,
                _ => return Err(back(&trouble)),
            },
            Err(trouble) => return Err(back(&trouble)),
        }
    };
    let told = result(image, &duty.model, &duty.look, &labels, now(shift));
    hand_over(&shift.account, &shift.manner, &duty.output, image, &told).await.map_err(|trouble| back(&trouble))?;
    Ok(labels.len())
}

/// One image that cannot be read says nothing of the others; whatever else is wrong is wrong for all.
fn back(trouble: &Trouble) -> Back {
    let alone = matches!(trouble.kind, TroubleKind::Invalid | TroubleKind::Other(_));
    let why = match trouble.kind {
        TroubleKind::Conflict => "The model does not run now. The message waits until it does.".into(),
        _ => trouble.to_string(),
    };
    Back { request_id: trouble.request_id.clone(), ..Back::of(why, !alone) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::LOGOS;

    fn read(environment: &[(&str, &str)]) -> Result<Duty, String> {
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Duty::read(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_says_what_to_do() {
        let duty = read(&[("MODEL_ARN", LOGOS)]).unwrap();
        assert_eq!((duty.look, duty.output), (Look::default(), Output::Beside));
        let environment =
            [("MODEL_ARN", LOGOS), ("MIN_CONFIDENCE", "62.5"), ("MAX_RESULTS", "3"), ("OUTPUT", "s3://out/labels")];
        let duty = read(&environment).unwrap();
        assert_eq!(duty.look, Look { least: Some(62.5), most: Some(3) });
        assert_eq!(duty.output, Output::Bucket { bucket: "out".into(), prefix: "labels/".into() });
    }

    #[test]
    fn a_variable_that_cannot_be_meant_is_refused_in_words() {
        let model = ("MODEL_ARN", LOGOS);
        for (environment, said) in [
            (vec![], "names no model"),
            (vec![("MODEL_ARN", "logos")], "not the ARN of a model"),
            (vec![model, ("MIN_CONFIDENCE", "half")], "from 0 to 100"),
            (vec![model, ("MIN_CONFIDENCE", "101")], "from 0 to 100"),
            (vec![model, ("MAX_RESULTS", "0")], "above 0"),
            (vec![model, ("OUTPUT", "somewhere")], "s3://BUCKET"),
        ] {
            assert!(read(&environment).unwrap_err().contains(said), "{environment:?}");
        }
    }
}
