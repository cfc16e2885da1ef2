//! Inference: images that were put into a bucket, what a model sees in them, and where that is written down.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::model::ModelArn;

/// What a result's name ends in, beside its image. Objects that are named so are results, never images: where both are in
/// one bucket, each result is an upload as well.
pub const RESULT: &str = ".labels.json";

/// An image in S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, as it is: not as notifications encode it.
    pub key: String,
    /// The version that was uploaded, in a bucket that keeps versions.
    pub version: Option<String>,
}

impl Image {
    /// Whether it is a result of ours rather than an image.
    #[must_use]
    pub fn is_result(&self) -> bool {
        self.key.ends_with(RESULT)
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Something that a model sees in an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// How sure the model is, in percent.
    pub confidence: f64,
    /// Where it is, if the model finds places: left, top, width and height as shares of the image's size.
    pub place: Option<[f64; 4]>,
}

/// How an image is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// Labels that the model is less sure of are left out, in percent. `None`: the model's own threshold for each label.
    pub least: Option<f32>,
    /// No more labels than these.
    pub most: Option<u32>,
}

/// What a model saw in an image, as it is written down: one JSON object.
#[must_use]
pub fn result(image: &Image, model: &ModelArn, look: &Look, labels: &[Label], at: DateTime<Utc>) -> Value {
    let labels: Vec<Value> = labels
        .iter()
        .map(|label| {
            let place = label.place.map(
                |[left, top, width, height]| json!({ "left": left, "top": top, "width": width, "height": height }),
            );
            json!({ "name": label.name, "confidence": label.confidence, "place": place })
        })
        .collect();
    json!({
        "bucket": image.bucket,
        "key": image.key,
        "version": image.version,
        "model": model.as_str(),
        "min_confidence": look.least,
        "at": at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "labels": labels,
    })
}

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Into the image's own bucket, as `<key>.labels.json`.
    Beside,
    /// Into another bucket.
    Bucket {
        /// Its name.
        bucket: String,
        /// What the keys begin with; empty, or ending in a slash.
        prefix: String,
    },
    /// Into an SQS queue of this URL, a message for each image.
    Queue(String),
}

impl Output {
    /// Reads `beside`, `s3://bucket/prefix` or the URL of a queue.
    ///
    /// # Errors
    /// When it is none of these; the text says what would be.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text == "beside" {
            return Ok(Self::Beside);
        }
        if let Some(place) = text.strip_prefix("s3://") {
            let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
            let prefix = prefix.trim_matches('/');
            let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
            if !bucket.is_empty() {
                return Ok(Self::Bucket { bucket: bucket.to_owned(), prefix });
            }
        }
        if text.ends_with(".fifo") {
            return Err(format!(
                "The queue '{text}' is of the FIFO kind, which results have no order for: name another one."
            ));
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            return Ok(Self::Queue(text.to_owned()));
        }
        Err(format!(
            "The output '{text}' is no place for results: say 'beside', 's3://BUCKET/PREFIX', or the URL of an SQS queue."
        ))
    }

    /// The bucket and the key of an image's result, if it becomes an object.
    #[must_use]
    pub fn object(&self, image: &Image) -> Option<(String, String)> {
        match self {
            Self::Beside => Some((image.bucket.clone(), format!("{}{RESULT}", image.key))),
            Self::Bucket { bucket, prefix } => Some((bucket.clone(), format!("{prefix}{}{RESULT}", image.key))),
            Self::Queue(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_read_as_people_write_it() {
        let bucket = |bucket: &str, prefix: &str| Output::Bucket { bucket: bucket.into(), prefix: prefix.into() };
        let queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/results";
        for (text, output) in [
            ("", Output::Beside),
            (" beside ", Output::Beside),
            ("s3://results", bucket("results", "")),
            ("s3://results/", bucket("results", "")),
            ("s3://results/a/b/", bucket("results", "a/b/")),
            (queue, Output::Queue(queue.into())),
        ] {
            assert_eq!(Output::read(text), Ok(output), "{text}");
        }
        for text in ["s3://", "s3:///a", "results", "arn:aws:s3:::results"] {
            assert!(Output::read(text).unwrap_err().contains("s3://BUCKET"), "{text}");
        }
    }

    #[test]
    fn a_result_is_told_from_an_image_by_its_name() {
        let image = Image { bucket: "images".into(), key: "a b/c.jpg".into(), version: None };
        let place = |output: &str| Output::read(output).unwrap().object(&image);
        assert_eq!(place("beside"), Some(("images".into(), "a b/c.jpg.labels.json".into())));
        assert_eq!(place("s3://out/x"), Some(("out".into(), "x/a b/c.jpg.labels.json".into())));
        assert_eq!(place("https://queue"), None);
        let (bucket, key) = place("beside").unwrap();
        assert!(Image { bucket, key, version: None }.is_result() && !image.is_result());
    }
}
