//! S3: objects that are written.

use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;

use super::account::Account;
use super::receipt::Receipt;
use crate::domain::trouble::Trouble;
use crate::operation::permit::Permit;

const PUT: &str = "s3:PutObject";

impl Account {
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
