//! What AWS gives for a call that changed something.

use aws_smithy_types::retry::RetryConfig;

use crate::domain::schedule::{Kind, Schedule};
use crate::domain::trouble::{Trouble, TroubleKind};

/// The answer to a call that changed something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// AWS's request id, for the journal.
    pub request_id: Option<String>,
}

impl Receipt {
    pub(super) fn of(request_id: Option<&str>) -> Self {
        Self { request_id: request_id.map(str::to_owned) }
    }
}

/// The trouble with a schedule that belongs to another service than the one that is about to be asked. A rule on the bus
/// `default` and a schedule in the group `default` may share a name: without this, a mistake of ours would change the
/// wrong one.
pub(super) fn wrong_kind(action: &str, wanted: Kind, schedule: &Schedule) -> Option<Trouble> {
    let detail = Some(format!("{} is a {}", schedule.path(), schedule.kind.word()));
    let trouble =
        || Trouble { subject: Some(schedule.arn.clone()), detail, ..Trouble::new(TroubleKind::Invalid, action) };
    (schedule.kind != wanted).then(trouble)
}

/// Calls that change something are tried once: whether a lost answer took effect is settled by reading, and a start that
/// is tried again after its answer was lost would meet itself (aws-sdk retries even `LimitExceededException`).
pub(super) fn once() -> RetryConfig {
    RetryConfig::disabled()
}
