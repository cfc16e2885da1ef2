//! Buckets, objects and who is told of them, through the SDK.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Event, FilterRule, FilterRuleName, NotificationConfiguration,
    NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
};
use aws_sdk_sqs::types::QueueAttributeName;

use super::bench::{Bench, PARTS, code, message};

const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:images";

/// A queue that anybody may send to.
const OPEN: &str = "[[queues]]\nname = \"images\"\n";

async fn bucket(client: &Client, name: &str) -> Result<(), String> {
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuCentral1).build();
    let made = client.create_bucket().bucket(name).create_bucket_configuration(place).send().await;
    if made.is_ok() { Ok(()) } else { Err(code(made)) }
}

async fn put(client: &Client, key: &str, body: &'static [u8]) {
    client.put_object().bucket("images").key(key).body(ByteStream::from_static(body)).send().await.expect("put");
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let bench = Bench::new("", PARTS);
    let client = bench.s3();
    bucket(&client, "images").await.expect("made");
    assert_eq!(bucket(&client, "images").await, Err("BucketAlreadyOwnedByYou".into()));
    assert_eq!(bucket(&client, "Images").await, Err("InvalidBucketName".into()));
    let elsewhere = client.create_bucket().bucket("others").send().await;
    assert_eq!(code(elsewhere), "IllegalLocationConstraintException");
    let body = ByteStream::from_static(b"\xff\xd8\xff");
    let sent = client.put_object().bucket("images").key("a b/\u{fc}+1.jpg").content_type("image/jpeg").body(body);
    let etag = sent.send().await.expect("put").e_tag().expect("a tag").to_owned();
    let object = client.get_object().bucket("images").key("a b/\u{fc}+1.jpg").send().await.expect("there");
    assert_eq!((object.content_type(), object.e_tag()), (Some("image/jpeg"), Some(etag.as_str())));
    assert_eq!(object.body.collect().await.expect("bytes").to_vec(), b"\xff\xd8\xff");
    let head = client.head_object().bucket("images").key("a b/\u{fc}+1.jpg").send().await.expect("there");
    assert_eq!((head.content_length(), head.last_modified().map(|at| at.secs())), (Some(3), Some(1_794_805_200)));
    let missing = client.head_object().bucket("images").key("b").send().await.expect_err("not there");
    assert!(missing.into_service_error().is_not_found());
    assert_eq!(code(client.get_object().bucket("images").key("b").send().await), "NoSuchKey");
    assert_eq!(code(client.get_object().bucket("others").key("b").send().await), "NoSuchBucket");
    assert_eq!(code(client.delete_bucket().bucket("images").send().await), "BucketNotEmpty");
    client.delete_object().bucket("images").key("a b/\u{fc}+1.jpg").send().await.expect("gone");
    client.delete_bucket().bucket("images").send().await.expect("gone");
    assert!(client.list_buckets().send().await.expect("a list").buckets().is_empty());
}

#[tokio::test]
async fn what_is_not_honoured_is_refused() {
    let bench = Bench::new("", PARTS);
    bench.put("images", "a.jpg", b"a");
    let client = bench.s3();
    let ranged = client.get_object().bucket("images").key("a.jpg").range("bytes=0-0").send().await;
    assert_eq!(code(ranged), "NotImplemented");
    assert_eq!(code(client.get_bucket_versioning().bucket("images").send().await), "NotImplemented");
}

#[tokio::test]
async fn keys_are_listed_in_pages_and_by_folder() {
    let bench = Bench::new("", PARTS);
    for key in ["a/1.jpg", "a/2.jpg", "b/1.jpg", "c.jpg"] {
        bench.put("images", key, b"x");
    }
    let client = bench.s3();
    let list = || client.list_objects_v2().bucket("images");
    let folders = list().delimiter("/").send().await.expect("a list");
    let prefixes: Vec<_> = folders.common_prefixes().iter().filter_map(|one| one.prefix()).collect();
    let keys: Vec<_> = folders.contents().iter().filter_map(|one| one.key()).collect();
    assert_eq!((prefixes, keys), (vec!["a/", "b/"], vec!["c.jpg"]));
    let first = list().max_keys(3).send().await.expect("a list");
    assert_eq!((first.key_count(), first.is_truncated()), (Some(3), Some(true)));
    let token = first.next_continuation_token().expect("more");
    let rest = list().max_keys(3).continuation_token(token).send().await.expect("a list");
    assert_eq!(rest.contents().iter().filter_map(|one| one.key()).collect::<Vec<_>>(), ["c.jpg"]);
    assert_eq!(list().prefix("a/").send().await.expect("a list").key_count(), Some(2));
}

fn told(queue: &str, suffix: &str) -> QueueConfiguration {
    let rule = FilterRule::builder().name(FilterRuleName::Suffix).value(suffix).build();
    let key = S3KeyFilter::builder().filter_rules(rule).build();
    let filter = NotificationConfigurationFilter::builder().key(key).build();
    let notice = QueueConfiguration::builder().queue_arn(queue).events(Event::S3ObjectCreated).filter(filter);
    notice.build().expect("a notice")
}

async fn notify(client: &Client, notices: Vec<QueueConfiguration>) -> Result<(), String> {
    let wanted = NotificationConfiguration::builder().set_queue_configurations(Some(notices)).build();
    let call = client.put_bucket_notification_configuration().bucket("images").notification_configuration(wanted);
    let sent = call.send().await;
    if sent.is_ok() { Ok(()) } else { Err(message(sent)) }
}

#[tokio::test]
async fn a_queue_is_told_of_what_it_asked_for_after_a_test() {
    let bench = Bench::new("", OPEN);
    let client = bench.s3();
    bucket(&client, "images").await.expect("made");
    notify(&client, vec![told(QUEUE, ".jpg")]).await.expect("set");
    let read = client.get_bucket_notification_configuration().bucket("images").send().await.expect("read");
    assert_eq!(read.queue_configurations().len(), 1);
    assert_eq!(read.queue_configurations()[0].queue_arn(), QUEUE);
    put(&client, "in/a b.jpg", b"x").await;
    put(&client, "in/a b.jpg.labels.json", b"{}").await;
    let sqs = bench.sqs();
    let url =
        sqs.get_queue_url().queue_name("images").send().await.expect("a queue").queue_url().expect("a URL").to_owned();
    let got = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.expect("messages");
    let bodies: Vec<serde_json::Value> =
        got.messages().iter().map(|one| serde_json::from_str(one.body().expect("a body")).expect("JSON")).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert_eq!((bodies[0]["Event"].as_str(), bodies[0]["Bucket"].as_str()), (Some("s3:TestEvent"), Some("images")));
    assert_eq!(bodies[1].pointer("/Records/0/s3/object/key"), Some(&"in/a+b.jpg".into()));
    let handle = got.messages()[1].receipt_handle().expect("a handle");
    sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.expect("deleted");
    let other = got.messages()[0].receipt_handle().expect("a handle");
    sqs.change_message_visibility()
        .queue_url(&url)
        .receipt_handle(other)
        .visibility_timeout(0)
        .send()
        .await
        .expect("back");
    let again = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.expect("messages");
    assert_eq!(
        again.messages().iter().map(|one| one.message_id()).collect::<Vec<_>>(),
        [got.messages()[0].message_id()]
    );
    let late = sqs.change_message_visibility().queue_url(&url).receipt_handle(other).visibility_timeout(5).send().await;
    assert_eq!(code(late), "MessageNotInflight", "it was received again: the old handle is void");
    assert_eq!(code(sqs.delete_message().queue_url(&url).receipt_handle("x").send().await), "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn notices_that_s3_would_not_take_are_refused() {
    let bench = Bench::new("", OPEN);
    let client = bench.s3();
    bucket(&client, "images").await.expect("made");
    let both = notify(&client, vec![told(QUEUE, ".jpg"), told(QUEUE, "g")]).await.expect_err("two for one object");
    assert!(both.starts_with("Configuration is ambiguously defined"), "{both}");
    let nowhere = told(&QUEUE.replace("images", "others"), ".jpg");
    let refused = notify(&client, vec![nowhere.clone()]).await;
    assert_eq!(refused, Err("Unable to validate the following destination configurations".to_owned()));
    let wanted = NotificationConfiguration::builder().queue_configurations(nowhere).build();
    let unseen = client.put_bucket_notification_configuration().bucket("images").notification_configuration(wanted);
    unseen.skip_destination_validation(true).send().await.expect("taken as it is");
    notify(&client, vec![]).await.expect("nobody is told any more");
    bench.sim.world().queues.get_mut("images").expect("a queue").policy = Some(serde_json::json!({}));
    let closed = notify(&client, vec![told(QUEUE, ".jpg")]).await;
    assert_eq!(closed, Err("Unable to validate the following destination configurations".to_owned()), "no policy");
}

#[tokio::test]
async fn a_message_that_comes_back_too_often_goes_to_the_dead_letters() {
    let queues = "[[queues]]\nname = \"images\"\ndead_letter = { queue = \"dead\", max_receives = 2 }\n[[queues]]\nname = \"dead\"\n";
    let bench = Bench::new("", queues);
    let sqs = bench.sqs();
    let url = |name: &str| format!("https://sqs.eu-central-1.amazonaws.com/123456789012/{name}");
    sqs.send_message().queue_url(url("images")).message_body("a").send().await.expect("sent");
    for turn in 0..3 {
        let got = sqs.receive_message().queue_url(url("images")).send().await.expect("messages");
        assert_eq!(got.messages().len(), usize::from(turn < 2), "turn {turn}");
        bench.step(31);
    }
    let held = sqs.get_queue_attributes().queue_url(url("dead"));
    let held = held.attribute_names(QueueAttributeName::ApproximateNumberOfMessages).send().await.expect("attributes");
    assert_eq!(held.attributes().and_then(|all| all.values().next()).map(String::as_str), Some("1"));
}
