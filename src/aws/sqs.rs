//! SQS: what waits in a queue.

use std::collections::HashMap;

use aws_sdk_sqs::operation::RequestId;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::Value;

use super::account::Account;
use super::receipt::Receipt;
use crate::domain::queue::{Queue, name_in};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

const URL: &str = "sqs:GetQueueUrl";
const ATTRIBUTES: &str = "sqs:GetQueueAttributes";
const SEND: &str = "sqs:SendMessage";

/// What is asked of a queue: SQS tells nothing that it is not asked for.
const ASKED: [Name; 6] = [
    Name::ApproximateNumberOfMessages,
    Name::ApproximateNumberOfMessagesNotVisible,
    Name::ApproximateNumberOfMessagesDelayed,
    Name::MessageRetentionPeriod,
    Name::VisibilityTimeout,
    Name::RedrivePolicy,
];

impl Account {
    /// The URL of a queue, which never changes. A mapping may read a queue of another account, so its owner is named.
    pub(super) async fn queue_url(&self, arn: &str) -> Result<String, Trouble> {
        let owner = arn.split(':').nth(4).filter(|owner| !owner.is_empty()).map(str::to_owned);
        let sent = self.sqs().get_queue_url().queue_name(name_in(arn)).set_queue_owner_aws_account_id(owner).send();
        let answer = self.call(URL, Some(arn), sent).await?;
        answer.queue_url.ok_or_else(|| self.about(Trouble::new(TroubleKind::Garbled, URL), Some(arn)))
    }

    /// A queue, without the age of its oldest message, which only CloudWatch knows.
    pub(super) async fn queue(&self, arn: &str, url: &str) -> Result<Queue, Trouble> {
        let sent = self.sqs().get_queue_attributes().queue_url(url).set_attribute_names(Some(ASKED.to_vec())).send();
        let answer = self.call(ATTRIBUTES, Some(arn), sent).await?;
        let attributes = answer.attributes.unwrap_or_default();
        queue(arn, &attributes).ok_or_else(|| self.about(Trouble::new(TroubleKind::Garbled, ATTRIBUTES), Some(arn)))
    }
}

impl Account {
    /// A queue as it is now, without the age of its oldest message.
    ///
    /// # Errors
    /// When it is gone, or whatever else keeps SQS from answering.
    pub async fn queue_now(&self, arn: &str) -> Result<Queue, Trouble> {
        let url = self.queue_url(arn).await?;
        self.queue(arn, &url).await
    }

    /// SendMessage to the queue of this URL.
    ///
    /// # Errors
    /// When SQS refuses it or does not answer.
    pub async fn send_message(&self, _: &Permit, url: &str, body: &str) -> Result<Receipt, Trouble> {
        let sent = self.sqs().send_message().queue_url(url).message_body(body).send();
        let answer = self.call(SEND, Some(url), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }
}

fn queue(arn: &str, attributes: &HashMap<Name, String>) -> Option<Queue> {
    // Every number comes as text.
    let number = |name: &Name| attributes.get(name)?.parse::<u64>().ok();
    Some(Queue {
        arn: arn.to_owned(),
        visible: number(&Name::ApproximateNumberOfMessages)?,
        in_flight: number(&Name::ApproximateNumberOfMessagesNotVisible)?,
        delayed: number(&Name::ApproximateNumberOfMessagesDelayed).unwrap_or_default(),
        retention_seconds: number(&Name::MessageRetentionPeriod)?,
        visibility_seconds: number(&Name::VisibilityTimeout),
        oldest_seconds: None,
        dead_letter_arn: attributes.get(&Name::RedrivePolicy).and_then(|policy| dead_letter(policy)),
    })
}

fn dead_letter(policy: &str) -> Option<String> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    policy.get("deadLetterTargetArn")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_whole_and_none_is_made_up() {
        let mut attributes = HashMap::from([
            (Name::ApproximateNumberOfMessages, "105".to_owned()),
            (Name::ApproximateNumberOfMessagesNotVisible, "7".to_owned()),
            (Name::MessageRetentionPeriod, "345600".to_owned()),
            (Name::RedrivePolicy, r#"{"deadLetterTargetArn":"arn:dlq","maxReceiveCount":"5"}"#.to_owned()),
        ]);
        let read = queue("arn:aws:sqs:eu-central-1:1:logos", &attributes).unwrap();
        assert_eq!((read.visible, read.in_flight, read.retention_seconds), (105, 7, 345_600));
        assert_eq!(read.dead_letter_arn.as_deref(), Some("arn:dlq"));
        attributes.remove(&Name::MessageRetentionPeriod);
        assert_eq!(queue("arn:aws:sqs:eu-central-1:1:logos", &attributes), None);
    }
}
