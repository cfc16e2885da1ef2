//! SQS and STS through the SDK: every call and refusal.

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use super::bench::{Bench, PARTS, code};

async fn url(bench: &Bench, name: &str) -> String {
    let out = bench.sqs().get_queue_url().queue_name(name).send().await.expect("a URL");
    out.queue_url().expect("a URL").to_owned()
}

#[tokio::test]
async fn a_queue_is_found_by_its_name() {
    let bench = Bench::new("", PARTS);
    assert!(url(&bench, "images").await.ends_with("/123456789012/images"));
    let bad = bench.sqs().get_queue_url().queue_name("none").send().await.expect_err("no queue");
    assert!(bad.into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn attributes_are_texts_and_only_those_that_were_asked_for() {
    let bench = Bench::new("", PARTS);
    let url = url(&bench, "images").await;
    let ask = |names: &[QueueAttributeName]| {
        bench.sqs().get_queue_attributes().queue_url(&url).set_attribute_names(Some(names.to_vec())).send()
    };
    let out = ask(&[QueueAttributeName::ApproximateNumberOfMessages]).await.expect("attributes");
    let found = out.attributes().expect("attributes");
    assert_eq!(found.len(), 1);
    assert_eq!(found.get(&QueueAttributeName::ApproximateNumberOfMessages).map(String::as_str), Some("200"));
    let all = ask(&[QueueAttributeName::All]).await.expect("attributes");
    let all = all.attributes().expect("attributes");
    let of = |name: QueueAttributeName| all.get(&name).map(String::as_str);
    assert_eq!(of(QueueAttributeName::MessageRetentionPeriod), Some("345600"));
    assert_eq!(of(QueueAttributeName::VisibilityTimeout), Some("30"));
    let policy = of(QueueAttributeName::RedrivePolicy).unwrap_or_default();
    assert!(policy.contains("images-dead") && policy.contains("\"maxReceiveCount\":5"), "{policy}");
    let none = bench.sqs().get_queue_attributes().queue_url(&url).send().await.expect("attributes");
    assert!(none.attributes().is_none_or(|found| found.is_empty()));
}

#[tokio::test]
async fn a_message_is_sent_received_hidden_and_received_again() {
    let bench = Bench::new("", PARTS);
    let url = url(&bench, "images-dead").await;
    let client = bench.sqs();
    let sent = client.send_message().queue_url(&url).message_body("hello").send().await.expect("sent");
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    let receive = || {
        let call = client.receive_message().queue_url(&url).max_number_of_messages(10).visibility_timeout(60);
        call.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount).send()
    };
    let first = receive().await.expect("a message");
    let [message] = first.messages() else { panic!("one message") };
    assert_eq!((message.body(), message.message_id()), (Some("hello"), sent.message_id()));
    bench.step(59);
    assert_eq!(receive().await.expect("nothing").messages().len(), 0);
    bench.step(1);
    let again = receive().await.expect("a message");
    let count =
        again.messages()[0].attributes().and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount));
    assert_eq!(count.map(String::as_str), Some("2"));
}

#[tokio::test]
async fn a_delayed_message_waits_and_nonsense_is_refused() {
    let bench = Bench::new("", PARTS);
    let url = url(&bench, "images-dead").await;
    let client = bench.sqs();
    client.send_message().queue_url(&url).message_body("later").delay_seconds(60).send().await.expect("sent");
    let count = async || client.receive_message().queue_url(&url).send().await.expect("an answer").messages().len();
    assert_eq!(count().await, 0);
    bench.step(60);
    assert_eq!(count().await, 1);
    let bad = client.send_message().queue_url(&url).message_body("x").delay_seconds(901).send().await;
    assert_eq!(code(bad), "InvalidParameterValue");
    let bad = client.receive_message().queue_url(&url).max_number_of_messages(11).send().await;
    assert_eq!(code(bad), "InvalidParameterValue");
    let bad =
        client.send_message().queue_url(format!("{url}-none")).message_body("x").send().await.expect_err("no queue");
    assert!(bad.into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn the_caller_is_told_who_it_is() {
    let bench = Bench::new("caller = \"arn:aws:sts::123456789012:assumed-role/Operator/ines\"", PARTS);
    let out = bench.sts().get_caller_identity().send().await.expect("an identity");
    assert_eq!(out.account(), Some("123456789012"));
    assert_eq!(out.arn(), Some("arn:aws:sts::123456789012:assumed-role/Operator/ines"));
    assert!(out.user_id().is_some_and(|id| id.ends_with(":ines")));
}

#[tokio::test]
async fn what_is_out_of_bounds_or_cannot_be_sent_is_refused() {
    let bench = Bench::new("", PARTS);
    let url = url(&bench, "images").await;
    let client = bench.sqs();
    let receive = || client.receive_message().queue_url(&url);
    assert_eq!(code(receive().visibility_timeout(43_201).send().await), "InvalidParameterValue");
    assert_eq!(code(receive().wait_time_seconds(21).send().await), "InvalidParameterValue");
    assert_eq!(receive().visibility_timeout(43_200).send().await.expect("a message").messages().len(), 1);
    let send = |body: &str| client.send_message().queue_url(&url).message_body(body).send();
    assert!(send("a\u{1}b").await.expect_err("not for XML").into_service_error().is_invalid_message_contents());
    send("a\tb\n\u{1f600}").await.expect("sent");
}
