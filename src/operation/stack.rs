//! The steps about stacks: looking and writing.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::package::package;
use super::permit::Permit;
use crate::aws::{Account, Receipt};
use crate::domain::deploy::{Code, cause, progress};
use crate::domain::plan::{Observed, StackStep};
use crate::domain::trouble::{Trouble, TroubleKind};

/// What a step's goal looks like; `since` is when the operation was asked for.
pub(super) async fn look(account: &Account, step: &StackStep, since: DateTime<Utc>) -> Result<Observed, Trouble> {
    let (stack, change_set) = match step {
        StackStep::Upload(code) => {
            return Ok(Observed::Object { found: account.has_object(&code.bucket, &code.key).await? });
        }
        StackStep::Apply { stack, change_set } | StackStep::Await { stack, change_set } => (stack, Some(change_set)),
        StackStep::Delete { stack } | StackStep::AwaitDeleted { stack } => (stack, None),
    };
    let Some(found) = account.stack_now(stack).await? else { return Ok(Observed::Gone) };
    let execution = match change_set {
        Some(change_set) => account.execution(change_set).await?,
        None => None,
    };
    let waits = matches!(step, StackStep::Await { .. } | StackStep::AwaitDeleted { .. });
    // Events tell how far it is, and nothing that is decided by.
    let events = if waits { account.stack_events(stack, since).await.unwrap_or_default() } else { Vec::new() };
    let cause = cause(&events).or(found.reason);
    Ok(Observed::Stack { status: found.status, execution, words: progress(&events), cause })
}

/// Makes the call of a step.
///
/// # Errors
/// In words, when there is nothing to call, or not what was meant.
pub(super) async fn write(
    account: &Account,
    permit: &Permit,
    step: &StackStep,
    token: &str,
) -> Result<Result<Receipt, Trouble>, String> {
    match step {
        StackStep::Upload(code) => match account.upload(permit, code, read(code)?).await {
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Err(format!(
                "There is no bucket {} that the code could be uploaded to. Name one that is there: --bucket.",
                code.bucket
            )),
            answer => Ok(answer),
        },
        StackStep::Apply { change_set, .. } => Ok(account.apply(permit, change_set, token).await),
        StackStep::Delete { stack } => Ok(account.delete_stack(permit, stack, token).await),
        StackStep::Await { .. } | StackStep::AwaitDeleted { .. } => {
            Err("There is nothing to call in this step.".into())
        }
    }
}

/// The code as a zip, if the file is still the one that the operator saw.
fn read(code: &Code) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(&code.file).map_err(|error| format!("{} cannot be read: {error}.", code.file))?;
    if digest(&bytes) == code.digest {
        return Ok(package(bytes).map_err(|why| format!("{} {why}", code.file))?.zip);
    }
    Err(format!("{} is not the file any more that was to be uploaded. Do the same again with the new one.", code.file))
}

/// The SHA-256 of bytes, as hexadecimal digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
