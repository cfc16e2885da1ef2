//! What a message of the queue tells: the images that were uploaded.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::domain::inference::Image;

/// Reads the body of a message: an S3 notification, by itself or as SNS wraps it. What is no upload of an image (a test
/// event, a deletion, a result of ours) gives none.
///
/// # Errors
/// When it is no S3 notification, in words.
pub(super) fn images(body: &str) -> Result<Vec<Image>, String> {
    let told: Value = serde_json::from_str(body).map_err(|_| "it is no JSON".to_owned())?;
    // Without raw delivery, SNS sends the notification as a text in an object of its own.
    let inner = told.get("Message").and_then(Value::as_str).filter(|_| told.get("Type").is_some());
    let told = match inner {
        Some(inner) => serde_json::from_str(inner).map_err(|_| "what SNS carries in it is no JSON".to_owned())?,
        None => told,
    };
    // S3 tries a queue with it when the notification is set up.
    if told.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(Vec::new());
    }
    let Some(records) = told.get("Records").and_then(Value::as_array) else {
        return Err("it is no notification of S3".into());
    };
    let uploads = records.iter().filter(|record| is_upload(record));
    let images = uploads.map(image).collect::<Result<Vec<Image>, String>>()?;
    Ok(images.into_iter().filter(|image| !image.is_result()).collect())
}

fn is_upload(record: &Value) -> bool {
    let name = record.get("eventName").and_then(Value::as_str).unwrap_or_default();
    // A record that does not say what happened is taken for an upload: to look at an image once more harms nobody.
    name.is_empty() || name.trim_start_matches("s3:").starts_with("ObjectCreated:")
}

fn image(record: &Value) -> Result<Image, String> {
    let text = |path: &str| record.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let bucket = text("/s3/bucket/name").ok_or("it names no bucket")?;
    let key = text("/s3/object/key").ok_or("it names no object")?;
    // S3 encodes keys as HTML forms do (Amazon S3 user guide, event message structure).
    let spaced = key.replace('+', " ");
    let key = percent_decode_str(&spaced).decode_utf8().map_err(|_| "the object's key is no UTF-8".to_owned())?;
    let version = text("/s3/object/versionId").map(str::to_owned);
    Ok(Image { bucket: bucket.to_owned(), key: key.into_owned(), version })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(event: &str, key: &str) -> Value {
        json!({ "eventSource": "aws:s3", "eventName": event,
            "s3": { "bucket": { "name": "images" }, "object": { "key": key, "size": 7 } } })
    }

    fn keys(body: &Value) -> Result<Vec<String>, String> {
        images(&body.to_string()).map(|images| images.into_iter().map(|image| image.key).collect())
    }

    #[test]
    fn keys_are_decoded_as_s3_encodes_them() {
        let body = json!({ "Records": [record("ObjectCreated:Put", "a+b/%C3%BCber%2B1.jpg")] });
        assert_eq!(keys(&body), Ok(vec!["a b/über+1.jpg".to_owned()]));
        let sns = json!({ "Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": body.to_string() });
        assert_eq!(keys(&sns), Ok(vec!["a b/über+1.jpg".to_owned()]));
        let versioned = json!({ "Records": [{ "eventName": "ObjectCreated:Copy",
            "s3": { "bucket": { "name": "images" }, "object": { "key": "a.png", "versionId": "v1" } } }] });
        assert_eq!(images(&versioned.to_string()).unwrap()[0].version.as_deref(), Some("v1"));
    }

    #[test]
    fn what_is_no_upload_of_an_image_is_ignored() {
        let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "images" });
        assert_eq!(keys(&test), Ok(vec![]));
        let wrapped = json!({ "Type": "Notification", "Message": test.to_string() });
        assert_eq!(keys(&wrapped), Ok(vec![]));
        let others = json!({ "Records": [record("ObjectRemoved:Delete", "a.jpg"),
            record("ObjectCreated:Put", "a.jpg.labels.json"), record("ObjectCreated:CompleteMultipartUpload", "b.jpg")] });
        assert_eq!(keys(&others), Ok(vec!["b.jpg".to_owned()]));
    }

    #[test]
    fn what_nobody_can_read_is_told_in_words() {
        for (body, said) in [
            ("nonsense", "no JSON"),
            ("{}", "no notification of S3"),
            (r#"{"Type":"Notification","Message":"hello"}"#, "what SNS carries"),
            (r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"a"}}}]}"#, "no object"),
            (r#"{"Records":[{"s3":{"bucket":{"name":"a"},"object":{"key":"%FF"}}}]}"#, "no UTF-8"),
        ] {
            assert!(images(body).unwrap_err().contains(said), "{body}");
        }
    }
}
