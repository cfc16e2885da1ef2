//! Mappings: Lambda event source mappings, which feed a queue to an inference function.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The state of a mapping. Lambda documents these words but types them as free text, so an unknown one is kept and
/// treated as a transition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MappingState {
    /// Being created.
    Creating,
    /// On its way to enabled.
    Enabling,
    /// Polling its queue.
    Enabled,
    /// On its way to disabled.
    Disabling,
    /// At rest: messages wait in the queue.
    Disabled,
    /// Being changed.
    Updating,
    /// Being deleted.
    Deleting,
    /// A state that this version of rekotui does not know, as Lambda spells it.
    Other(String),
}

const STATES: [(MappingState, &str); 7] = [
    (MappingState::Creating, "Creating"),
    (MappingState::Enabling, "Enabling"),
    (MappingState::Enabled, "Enabled"),
    (MappingState::Disabling, "Disabling"),
    (MappingState::Disabled, "Disabled"),
    (MappingState::Updating, "Updating"),
    (MappingState::Deleting, "Deleting"),
];

impl MappingState {
    /// Lambda's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => STATES.iter().find(|(state, _)| state == known).map_or("", |(_, text)| text),
        }
    }

    /// Whether it takes messages off the queue, or is about to.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self, Self::Enabled | Self::Enabling)
    }

    /// Whether Lambda is about to change it by itself; until then it refuses updates.
    #[must_use]
    pub fn in_transition(&self) -> bool {
        !matches!(self, Self::Enabled | Self::Disabled)
    }
}

impl From<String> for MappingState {
    fn from(text: String) -> Self {
        STATES
            .iter()
            .find(|(_, spelling)| *spelling == text)
            .map_or_else(|| Self::Other(text), |(state, _)| state.clone())
    }
}

impl From<MappingState> for String {
    fn from(state: MappingState) -> Self {
        state.as_str().to_owned()
    }
}

impl fmt::Display for MappingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An event source mapping, as ListEventSourceMappings tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its UUID, the only name that it has.
    pub uuid: String,
    /// Its state.
    pub state: MappingState,
    /// Why it is in that state. For a queue `USER_INITIATED` is the healthy answer; anything else is Lambda's doing.
    pub reason: Option<String>,
    /// The most messages that one invocation gets.
    pub batch_size: Option<u32>,
    /// How long Lambda gathers a batch, in seconds.
    pub batching_window_seconds: Option<u32>,
    /// The most invocations at once, if limited.
    pub max_concurrency: Option<u32>,
    /// The function that it feeds, as Lambda gives it: an ARN, maybe with an alias.
    pub function_arn: String,
    /// Where it reads: a queue's ARN for the mappings that concern us, a stream's for others.
    pub source_arn: Option<String>,
    /// When it was last changed.
    pub modified: Option<DateTime<Utc>>,
}

impl Mapping {
    /// The ARN of its queue, if it reads one.
    #[must_use]
    pub fn queue_arn(&self) -> Option<&str> {
        self.source_arn.as_deref().filter(|arn| arn.split(':').nth(2) == Some("sqs"))
    }

    /// The name of its function, without account and alias.
    #[must_use]
    pub fn function_name(&self) -> &str {
        super::function::name_in(&self.function_arn)
    }

    /// The name of what it reads, the last part of its source's ARN.
    #[must_use]
    pub fn source_name(&self) -> &str {
        self.source_arn.as_deref().map_or("", super::queue::name_in)
    }
}
