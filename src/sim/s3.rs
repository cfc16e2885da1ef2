//! S3: buckets, what is in them, and who is told of it. What is not honoured here is refused, not ignored.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::args::{number, page, text};
use super::fault::{Fault, blob, unblob};
use super::world::bucket::{Notice, Object};
use super::world::{Bucket, World, epoch};

/// Answers a call.
///
/// # Errors
/// As S3 does.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    honoured(operation, input)?;
    match operation {
        "ListBuckets" => return Ok(list_buckets(world, input)),
        "CreateBucket" => return create(world, input),
        _ => {}
    }
    let name = text(input, "Bucket").unwrap_or_default().to_owned();
    if text(input, "ExpectedBucketOwner").is_some_and(|owner| owner != world.account) {
        return Err(Fault::new("AccessDenied", 403, "Access Denied"));
    }
    if !world.buckets.contains_key(&name) {
        return Err(Fault::new("NoSuchBucket", 404, "The specified bucket does not exist").with("BucketName", name));
    }
    match operation {
        "HeadBucket" => Ok(json!({ "BucketRegion": world.region, "BucketArn": arn(&name) })),
        "DeleteBucket" => delete(world, &name),
        // The oldest region has no name here.
        "GetBucketLocation" => Ok(match world.region.as_str() {
            "us-east-1" => json!({}),
            region => json!({ "LocationConstraint": region }),
        }),
        "ListObjectsV2" => list(world, &name, input),
        "PutObject" => put(world, &name, input),
        "GetObject" => object(world, &name, input).map(|object| {
            let mut out = described(object);
            out.insert("Body".to_owned(), blob(&object.body));
            out.into()
        }),
        "HeadObject" => object(world, &name, input).map(|object| described(object).into()),
        "DeleteObject" => {
            if let Some(bucket) = world.buckets.get_mut(&name) {
                bucket.objects.remove(text(input, "Key").unwrap_or_default());
            }
            Ok(json!({}))
        }
        "GetBucketNotificationConfiguration" => Ok(notices(world, &name)),
        "PutBucketNotificationConfiguration" => notify(world, &name, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

/// Members that change what a call does, and are known here. Checksums are believed.
const HONOURED: [&str; 22] = [
    "Bucket",
    "Key",
    "Body",
    "ContentType",
    "ContentLength",
    "ContentMD5",
    "ContentEncoding",
    "CreateBucketConfiguration",
    "ExpectedBucketOwner",
    "Prefix",
    "Delimiter",
    "MaxKeys",
    "MaxBuckets",
    "BucketRegion",
    "ContinuationToken",
    "StartAfter",
    "FetchOwner",
    "EncodingType",
    "IfNoneMatch",
    "NotificationConfiguration",
    "SkipDestinationValidation",
    "RequestPayer",
];

fn honoured(operation: &str, input: &Value) -> Result<(), Fault> {
    let given = input.as_object().into_iter().flat_map(Map::keys);
    let known = |member: &&String| {
        HONOURED.contains(&member.as_str()) && (operation == "PutObject" || *member != "IfNoneMatch")
            || member.starts_with("Checksum")
    };
    match given.into_iter().find(|member| !known(member)) {
        None => Ok(()),
        Some(member) => {
            let message = format!("A header you provided implies functionality that is not implemented: {member}");
            Err(Fault::new("NotImplemented", 501, message))
        }
    }
}

fn arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

fn argument(message: impl Into<String>) -> Fault {
    Fault::new("InvalidArgument", 400, message)
}

fn list_buckets(world: &World, input: &Value) -> Value {
    let prefix = text(input, "Prefix").unwrap_or_default();
    let rows = world.buckets.iter().filter(|(name, _)| name.starts_with(prefix));
    let rows: Vec<Value> = rows
        .map(|(name, bucket)| {
            json!({ "Name": name, "CreationDate": epoch(bucket.created), "BucketRegion": world.region,
                    "BucketArn": arn(name) })
        })
        .collect();
    json!({ "Buckets": rows, "Owner": { "ID": world.account } })
}

/// Whether S3 takes a name for a bucket ("General purpose bucket naming rules").
#[must_use]
pub fn may_be_named(name: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let inside = |one: char| letter(one) || matches!(one, '.' | '-');
    (3..=63).contains(&name.len())
        && name.chars().all(inside)
        && name.starts_with(letter)
        && name.ends_with(letter)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

fn create(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let name = text(input, "Bucket").unwrap_or_default().to_owned();
    if !may_be_named(&name) {
        return Err(Fault::new("InvalidBucketName", 400, "The specified bucket is not valid.").with("BucketName", name));
    }
    let asked = input.pointer("/CreateBucketConfiguration/LocationConstraint").and_then(Value::as_str);
    if asked.unwrap_or("us-east-1") != world.region {
        let place = asked.unwrap_or("unspecified");
        let message = format!(
            "The {place} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        return Err(Fault::new("IllegalLocationConstraintException", 400, message));
    }
    if world.buckets.contains_key(&name) {
        let message = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Fault::new("BucketAlreadyOwnedByYou", 409, message).with("BucketName", name));
    }
    world.buckets.insert(name.clone(), Bucket { created: world.now, ..Bucket::default() });
    Ok(json!({ "Location": format!("/{name}") }))
}

fn delete(world: &mut World, name: &str) -> Result<Value, Fault> {
    if world.buckets.get(name).is_some_and(|bucket| !bucket.objects.is_empty()) {
        let message = "The bucket you tried to delete is not empty";
        return Err(Fault::new("BucketNotEmpty", 409, message).with("BucketName", name));
    }
    world.buckets.remove(name);
    Ok(json!({}))
}

fn object<'a>(world: &'a World, bucket: &str, input: &Value) -> Result<&'a Object, Fault> {
    let key = text(input, "Key").unwrap_or_default();
    let found = world.buckets.get(bucket).and_then(|bucket| bucket.objects.get(key));
    found.ok_or_else(|| Fault::new("NoSuchKey", 404, "The specified key does not exist.").with("Key", key))
}

fn described(object: &Object) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("ETag".to_owned(), format!("\"{}\"", object.etag).into());
    out.insert("ContentType".to_owned(), object.content_type.clone().into());
    out.insert("ContentLength".to_owned(), object.body.len().into());
    out.insert("LastModified".to_owned(), epoch(object.modified));
    out.insert("AcceptRanges".to_owned(), "bytes".into());
    out
}

fn put(world: &mut World, bucket: &str, input: &Value) -> Result<Value, Fault> {
    let key = text(input, "Key").unwrap_or_default();
    if key.len() > 1_024 {
        return Err(Fault::new("KeyTooLongError", 400, "Your key is too long").with("Size", key.len()));
    }
    let body = input.get("Body").and_then(unblob).unwrap_or_default();
    if let Some(condition) = text(input, "IfNoneMatch") {
        if condition != "*" {
            return Err(Fault::new("NotImplemented", 501, "If-None-Match is known with * only."));
        }
        if world.buckets.get(bucket).is_some_and(|bucket| bucket.objects.contains_key(key)) {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(Fault::new("PreconditionFailed", 412, message).with("Condition", "If-None-Match"));
        }
    }
    let kind = text(input, "ContentType").unwrap_or("binary/octet-stream");
    let etag = world.put_object(bucket, key, body, kind).unwrap_or_default();
    Ok(json!({ "ETag": format!("\"{etag}\"") }))
}

/// What stays as it is where a client asks for keys in the spelling of URLs.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

fn list(world: &World, bucket: &str, input: &Value) -> Result<Value, Fault> {
    let prefix = text(input, "Prefix").unwrap_or_default();
    let delimiter = text(input, "Delimiter").filter(|delimiter| !delimiter.is_empty());
    let after = text(input, "StartAfter").unwrap_or_default();
    let objects = world.buckets.get(bucket).map(|bucket| &bucket.objects);
    let spelled = |key: &str| match text(input, "EncodingType") {
        Some(_) => utf8_percent_encode(key, &PLAIN).to_string(),
        None => key.to_owned(),
    };
    let mut rows: Vec<(String, Option<&Object>)> = Vec::new();
    for (key, object) in objects.into_iter().flatten() {
        if !key.starts_with(prefix) || key.as_str() <= after {
            continue;
        }
        let rest = key.strip_prefix(prefix).unwrap_or_default();
        let folder = delimiter.and_then(|delimiter| Some((rest.split_once(delimiter)?.0, delimiter)));
        match folder.map(|(folder, delimiter)| format!("{prefix}{folder}{delimiter}")) {
            Some(folder) if rows.last().is_some_and(|(last, object)| object.is_none() && *last == folder) => {}
            Some(folder) => rows.push((folder, None)),
            None => rows.push((key.clone(), Some(object))),
        }
    }
    let most = number(input, "MaxKeys").unwrap_or(1_000).min(1_000);
    let scope = format!("ListObjectsV2 {bucket} {prefix} {delimiter:?} {after}");
    let size = usize::try_from(most).ok();
    let (rows, next) = page(world, rows, &scope, text(input, "ContinuationToken"), size, 1_000)
        .map_err(|_| argument("The continuation token provided is incorrect"))?;
    let (mut contents, mut folders) = (Vec::new(), Vec::new());
    let count = rows.len();
    for (key, object) in rows {
        match object {
            Some(object) => contents.push(json!({
                "Key": spelled(&key),
                "LastModified": epoch(object.modified),
                "ETag": format!("\"{}\"", object.etag),
                "Size": object.body.len(),
                "StorageClass": "STANDARD",
            })),
            None => folders.push(json!({ "Prefix": spelled(&key) })),
        }
    }
    Ok(json!({
        "Name": bucket,
        "Prefix": spelled(prefix),
        "Delimiter": delimiter,
        "MaxKeys": most,
        "KeyCount": count,
        "IsTruncated": next.is_some(),
        "NextContinuationToken": next,
        "ContinuationToken": text(input, "ContinuationToken"),
        "EncodingType": text(input, "EncodingType"),
        "StartAfter": text(input, "StartAfter"),
        "Contents": contents,
        "CommonPrefixes": folders,
    }))
}

/// The members of a configuration of notifications that are known here, each with the one that names who is told.
const TOLD: [(&str, &str); 2] =
    [("QueueConfigurations", "QueueArn"), ("LambdaFunctionConfigurations", "LambdaFunctionArn")];
const EVENT_BRIDGE: &str = "EventBridgeConfiguration";

fn notices(world: &World, bucket: &str) -> Value {
    let Some(bucket) = world.buckets.get(bucket) else { return json!({}) };
    let mut out = Map::new();
    for (list, who) in TOLD {
        let rows = bucket.notices.iter().filter(|notice| notice.is_for_function() == (list != TOLD[0].0));
        let rows: Vec<Value> = rows.map(|notice| notice_out(notice, who)).collect();
        out.insert(list.to_owned(), rows.into());
    }
    if bucket.tells_event_bridge {
        out.insert(EVENT_BRIDGE.to_owned(), json!({}));
    }
    out.into()
}

fn notice_out(notice: &Notice, who: &str) -> Value {
    let rules = [("prefix", &notice.prefix), ("suffix", &notice.suffix)];
    let rules = rules.into_iter().filter(|(_, value)| !value.is_empty());
    let rules: Vec<Value> = rules.map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let mut row = json!({ "Id": notice.id, who: notice.to, "Events": notice.events });
    if let (false, Some(fields)) = (rules.is_empty(), row.as_object_mut()) {
        fields.insert("Filter".to_owned(), json!({ "Key": { "FilterRules": rules } }));
    }
    row
}

fn notify(world: &mut World, bucket: &str, input: &Value) -> Result<Value, Fault> {
    let wanted = input.get("NotificationConfiguration").and_then(Value::as_object).cloned().unwrap_or_default();
    let elsewhere = |(key, value): &(&String, &Value)| {
        let known = TOLD.iter().any(|(list, _)| list == key) || *key == EVENT_BRIDGE;
        !known && value.as_array().is_none_or(|v| !v.is_empty())
    };
    if let Some((key, _)) = wanted.iter().find(elsewhere) {
        let message = format!("Of those who can be told only queues, functions and EventBridge are known: {key}");
        return Err(Fault::new("NotImplemented", 501, message));
    }
    let mut told = Vec::new();
    for (list, who) in TOLD {
        for row in wanted.get(list).and_then(Value::as_array).into_iter().flatten() {
            told.push(notice(world, row, who)?);
        }
    }
    let unseen = input.get("SkipDestinationValidation").and_then(Value::as_bool).unwrap_or(false);
    world.check_notices(bucket, &told, unseen).map_err(argument)?;
    world.set_notices(bucket, told);
    if let Some(bucket) = world.buckets.get_mut(bucket) {
        bucket.tells_event_bridge = wanted.contains_key(EVENT_BRIDGE);
    }
    Ok(json!({}))
}

fn notice(world: &mut World, row: &Value, who: &str) -> Result<Notice, Fault> {
    let events = super::args::texts(row, "Events").into_iter().map(str::to_owned).collect();
    let mut notice = Notice {
        id: text(row, "Id").map_or_else(|| world.next_uuid(), str::to_owned),
        to: text(row, who).unwrap_or_default().to_owned(),
        events,
        prefix: String::new(),
        suffix: String::new(),
    };
    let rules = row.pointer("/Filter/Key/FilterRules").and_then(Value::as_array);
    for rule in rules.into_iter().flatten() {
        let value = text(rule, "Value").unwrap_or_default().to_owned();
        match text(rule, "Name").unwrap_or_default().to_ascii_lowercase().as_str() {
            "prefix" if notice.prefix.is_empty() => notice.prefix = value,
            "suffix" if notice.suffix.is_empty() => notice.suffix = value,
            "prefix" | "suffix" => {
                return Err(argument("Cannot specify more than one prefix or suffix rule in a filter."));
            }
            _ => return Err(argument("filter rule name must be either prefix or suffix")),
        }
    }
    Ok(notice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_needs_a_name_that_a_host_could_have() {
        for name in ["abc", "my-images.2026", &"a".repeat(63)] {
            assert!(may_be_named(name), "{name}");
        }
        for name in ["ab", "Images", "a_b", "-abc", "abc.", "a..b", "10.0.0.1", &"a".repeat(64)] {
            assert!(!may_be_named(name), "{name}");
        }
    }
}
