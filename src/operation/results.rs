//! What the inference function writes: no plan, no step, one object or message for each image.

use serde_json::Value;

use super::engine::Manner;
use super::permit::Permit;
use crate::aws::{Account, Receipt};
use crate::domain::inference::{Image, Output};
use crate::domain::trouble::{Trouble, TroubleKind};

/// Hands over what was seen in an image. Done twice it writes the same object again, or another message.
///
/// # Errors
/// When the bucket or queue does not take it, or nothing may be written.
pub async fn hand_over(
    account: &Account,
    manner: &Manner,
    output: &Output,
    image: &Image,
    result: &Value,
) -> Result<Receipt, Trouble> {
    if manner.read_only {
        return Err(Trouble::new(TroubleKind::Denied("writing, since this session only reads".into()), "s3:PutObject"));
    }
    let permit = Permit::granted();
    let body = result.to_string();
    match output {
        Output::Queue(url) => account.send_message(&permit, url, &body).await,
        Output::Beside | Output::Bucket { .. } => {
            let (bucket, key) = output.object(image).unwrap_or_default();
            account.put_object(&permit, &bucket, &key, body.into_bytes(), "application/json").await
        }
    }
}
