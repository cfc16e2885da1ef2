//! S3: objects that are written, and what buckets tell of them.

use std::time::Duration;

use aws_sdk_s3::config::Builder as Config;
use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    Event, EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration,
    NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter, TopicConfiguration,
};
use aws_smithy_types::timeout::TimeoutConfig;

use super::account::Account;
use super::receipt::Receipt;
use crate::domain::deploy::Code;
use crate::domain::notification::{Listener, Notification, Notifications};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

const PUT: &str = "s3:PutObject";
const HEAD: &str = "s3:GetObject";
const TELLS: &str = "s3:GetBucketNotification";
const TELL: &str = "s3:PutBucketNotification";

/// How long the upload of code may take: some megabytes over a slow line.
const UPLOAD: Duration = Duration::from_secs(300);

impl Account {
    /// Whether an object is there. S3 tells it to those alone who may read it; to others it seems not to be.
    ///
    /// # Errors
    /// Whatever else keeps S3 from answering.
    pub async fn has_object(&self, bucket: &str, key: &str) -> Result<bool, Trouble> {
        let subject = format!("s3://{bucket}/{key}");
        let sent = self.s3().head_object().bucket(bucket).key(key).send();
        match self.call(HEAD, Some(&subject), sent).await {
            Ok(_) => Ok(true),
            Err(trouble) if matches!(trouble.kind, TroubleKind::NotFound | TroubleKind::Denied(_)) => Ok(false),
            Err(trouble) => Err(trouble),
        }
    }

    /// PutObject for the code of functions.
    ///
    /// # Errors
    /// When S3 refuses it or does not answer.
    pub async fn upload(&self, _: &Permit, code: &Code, bytes: Vec<u8>) -> Result<Receipt, Trouble> {
        let subject = format!("s3://{}/{}", code.bucket, code.key);
        let slowly = TimeoutConfig::builder()
            .operation_timeout(UPLOAD)
            .operation_attempt_timeout(UPLOAD)
            .read_timeout(UPLOAD)
            .build();
        let sent = self
            .s3()
            .put_object()
            .bucket(&code.bucket)
            .key(&code.key)
            .content_type("application/zip")
            .body(ByteStream::from(bytes))
            .customize()
            .config_override(Config::default().timeout_config(slowly))
            .send();
        let answer = self.call(PUT, Some(&subject), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }

    /// PutObject. It replaces an object of this key, so that trying it again changes nothing.
    ///
    /// # Errors
    /// When S3 refuses it or does not answer.
    pub async fn put_object(
        &self,
        _: &Permit,
        bucket: &str,
        key: &str,
        body: Vec<u8>,
        content_type: &str,
    ) -> Result<Receipt, Trouble> {
        let subject = format!("s3://{bucket}/{key}");
        let body = ByteStream::from(body);
        let sent = self.s3().put_object().bucket(bucket).key(key).content_type(content_type).body(body).send();
        let answer = self.call(PUT, Some(&subject), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }

    /// What a bucket tells, and whom; nothing where there is no such bucket. `owner` is the account that it must be of.
    ///
    /// # Errors
    /// When S3 refuses it or does not answer, and when there is something in it that is not known here.
    pub async fn notifications(&self, bucket: &str, owner: &str) -> Result<Option<Notifications>, Trouble> {
        let sent = self.s3().get_bucket_notification_configuration().bucket(bucket).expected_bucket_owner(owner).send();
        let answer = match self.call(TELLS, Some(bucket), sent).await {
            Ok(answer) => answer,
            Err(trouble) if trouble.kind == TroubleKind::NotFound => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let queues = answer.queue_configurations().iter();
        let queues = queues.map(|one| row(Listener::Queue, one.queue_arn(), one.id(), one.events(), one.filter()));
        let topics = answer.topic_configurations().iter();
        let topics = topics.map(|one| row(Listener::Topic, one.topic_arn(), one.id(), one.events(), one.filter()));
        let functions = answer.lambda_function_configurations().iter();
        let functions = functions
            .map(|one| row(Listener::Function, one.lambda_function_arn(), one.id(), one.events(), one.filter()));
        let rows = queues.chain(topics).chain(functions).collect::<Result<_, _>>().map_err(|detail| Trouble {
            subject: Some(bucket.to_owned()),
            detail: Some(detail),
            ..Trouble::new(TroubleKind::Garbled, TELLS)
        })?;
        Ok(Some(Notifications { rows, event_bridge: answer.event_bridge_configuration().is_some() }))
    }

    /// PutBucketNotificationConfiguration, which replaces all that the bucket tells. `owner` is the account that the bucket
    /// must be of.
    ///
    /// # Errors
    /// When S3 refuses it or does not answer.
    pub async fn set_notifications(
        &self,
        _: &Permit,
        bucket: &str,
        owner: &str,
        wanted: &Notifications,
    ) -> Result<Receipt, Trouble> {
        let configuration = configuration(wanted).map_err(|error| Trouble {
            subject: Some(bucket.to_owned()),
            detail: Some(error.to_string()),
            ..Trouble::new(TroubleKind::Invalid, TELL)
        })?;
        let sent = self
            .s3()
            .put_bucket_notification_configuration()
            .bucket(bucket)
            .expected_bucket_owner(owner)
            .notification_configuration(configuration)
            // Else S3 refuses the whole list for one line of somebody else's whose queue or function is gone by now.
            .skip_destination_validation(true)
            .send();
        let answer = self.call(TELL, Some(bucket), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }
}

/// A line of the list.
fn row(
    to: Listener,
    arn: &str,
    id: Option<&str>,
    events: &[Event],
    filter: Option<&NotificationConfigurationFilter>,
) -> Result<Notification, String> {
    let (mut prefix, mut suffix) = (String::new(), String::new());
    for rule in filter.and_then(NotificationConfigurationFilter::key).map(S3KeyFilter::filter_rules).unwrap_or_default()
    {
        let value = rule.value().unwrap_or_default().to_owned();
        // S3 is known to give back `Prefix` where `prefix` was put.
        match rule.name().map(FilterRuleName::as_str).unwrap_or_default().to_ascii_lowercase().as_str() {
            "prefix" => prefix = value,
            "suffix" => suffix = value,
            // To write the list again without it would tell of more than was wanted.
            other => {
                return Err(format!(
                    "it filters what it tells by '{other}', which this version of rekotui does not know"
                ));
            }
        }
    }
    let events = events.iter().map(|event| event.as_str().to_owned()).collect();
    Ok(Notification { id: id.map(str::to_owned), to, arn: arn.to_owned(), events, prefix, suffix })
}

/// The list as S3 takes it.
fn configuration(wanted: &Notifications) -> Result<NotificationConfiguration, BuildError> {
    let mut all = NotificationConfiguration::builder();
    for row in &wanted.rows {
        let events = Some(row.events.iter().map(|event| Event::from(event.as_str())).collect());
        let (id, filter) = (row.id.clone(), filter(row));
        all = match row.to {
            Listener::Queue => {
                let one = QueueConfiguration::builder().queue_arn(&row.arn).set_id(id).set_events(events);
                all.queue_configurations(one.set_filter(filter).build()?)
            }
            Listener::Topic => {
                let one = TopicConfiguration::builder().topic_arn(&row.arn).set_id(id).set_events(events);
                all.topic_configurations(one.set_filter(filter).build()?)
            }
            Listener::Function => {
                let one =
                    LambdaFunctionConfiguration::builder().lambda_function_arn(&row.arn).set_id(id).set_events(events);
                all.lambda_function_configurations(one.set_filter(filter).build()?)
            }
        };
    }
    let event_bridge = wanted.event_bridge.then(|| EventBridgeConfiguration::builder().build());
    Ok(all.set_event_bridge_configuration(event_bridge).build())
}

fn filter(row: &Notification) -> Option<NotificationConfigurationFilter> {
    let rules = [(FilterRuleName::Prefix, &row.prefix), (FilterRuleName::Suffix, &row.suffix)];
    let rules = rules.into_iter().filter(|(_, value)| !value.is_empty());
    let rules: Vec<FilterRule> =
        rules.map(|(name, value)| FilterRule::builder().name(name).value(value).build()).collect();
    if rules.is_empty() {
        return None;
    }
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules)).build();
    Some(NotificationConfigurationFilter::builder().key(key).build())
}
