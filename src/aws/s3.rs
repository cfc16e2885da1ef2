//! S3: objects that are written.

use std::time::Duration;

use aws_sdk_s3::config::Builder as Config;
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::timeout::TimeoutConfig;

use super::account::Account;
use super::receipt::Receipt;
use crate::domain::deploy::Code;
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

const PUT: &str = "s3:PutObject";
const HEAD: &str = "s3:GetObject";

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
}
