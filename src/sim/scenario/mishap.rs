//! Calls that go wrong from the beginning.

use serde::Deserialize;

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// `AccessDeniedException`, naming the action.
    Denied,
    /// `ExpiredTokenException`.
    Expired,
    /// The service's throttling error.
    Throttled,
    /// The answer takes some real seconds.
    Slow,
    /// The connection breaks before the call takes effect.
    DroppedBefore,
    /// The connection breaks after the call took effect.
    DroppedAfter,
    /// The answer breaks off in the middle.
    Truncated,
    /// The service's internal error.
    Internal,
    /// The answer has a member `Quux` that no model lists, at its top level and in its `Target`: AWS grows.
    Novelty,
}

/// A call that goes wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// The service: `rekognition`, `lambda`, `scheduler`, `events`, `cloudwatch`, `sqs`, `sts`; `*` for all.
    pub service: String,
    /// The operation, e.g. `ListSchedules`; `*` (the default) for all.
    #[serde(default = "all")]
    pub operation: String,
    /// How it goes wrong.
    pub kind: FaultKind,
    /// How often; always, if absent.
    #[serde(default)]
    pub times: Option<u32>,
    /// For `slow`: by how many real seconds.
    #[serde(default)]
    pub seconds: f64,
}

fn all() -> String {
    "*".to_owned()
}
