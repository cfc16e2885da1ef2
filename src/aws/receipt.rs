//! What AWS gives for a call that changed something.

use aws_smithy_types::retry::RetryConfig;

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

/// Calls that change something are tried once: whether a lost answer took effect is settled by reading, and a start that
/// is tried again after its answer was lost would meet itself (aws-sdk retries even `LimitExceededException`).
pub(super) fn once() -> RetryConfig {
    RetryConfig::disabled()
}
