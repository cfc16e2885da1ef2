//! Event source mappings and their transitions.

use chrono::{DateTime, TimeDelta, Utc};

use super::agenda::Event;
use super::{World, hash, scatter};

/// An event source mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Its UUID.
    pub uuid: String,
    /// The ARN of its function, maybe with an alias.
    pub function_arn: String,
    /// The ARN of its queue.
    pub queue_arn: String,
    /// Its state, in AWS's words.
    pub state: String,
    /// AWS's reason for the state.
    pub reason: String,
    /// How many messages a batch has.
    pub batch_size: u32,
    /// How long it gathers a batch, in seconds.
    pub window_seconds: u32,
    /// How many functions may work at once.
    pub max_concurrency: Option<u32>,
    /// Whether the function reports each failed message by itself.
    pub report_failures: bool,
    /// The patterns of its filter.
    pub filters: Vec<String>,
    /// When it was last modified.
    pub modified: DateTime<Utc>,
    /// The model that its messages go to, where the function's environment names none.
    pub model: Option<String>,
    /// The state that its transition leads to.
    pub becomes: String,
    /// Counts its transitions: an event of an earlier one is void.
    pub generation: u64,
}

impl Mapping {
    /// Whether it is in a transition: then AWS refuses any update.
    #[must_use]
    pub fn in_transition(&self) -> bool {
        matches!(self.state.as_str(), "Creating" | "Enabling" | "Disabling" | "Updating" | "Deleting")
    }

    /// Whether it takes messages from its queue.
    #[must_use]
    pub fn polls(&self) -> bool {
        self.state == "Enabled" || (self.state == "Updating" && self.becomes == "Enabled")
    }

    /// The name of its queue.
    #[must_use]
    pub fn queue(&self) -> &str {
        self.queue_arn.rsplit(':').next().unwrap_or_default()
    }
}

impl World {
    /// Puts a mapping into a transition that leads to `becomes`.
    pub fn mapping_begins(&mut self, uuid: &str, state: &str, becomes: &str) {
        let now = self.now;
        let Some(mapping) = self.mappings.get_mut(uuid) else { return };
        state.clone_into(&mut mapping.state);
        becomes.clone_into(&mut mapping.becomes);
        "USER_INITIATED".clone_into(&mut mapping.reason);
        mapping.modified = now;
        mapping.generation += 1;
        self.jobs.touch(uuid);
        let generation = mapping.generation;
        let queue = mapping.queue().to_owned();
        // Enabling takes longer than disabling, and neither is at once.
        let (least, span) = if becomes == "Enabled" { (6, 15) } else { (4, 9) };
        let seconds = least + i64::try_from(scatter(hash(uuid) ^ generation) % span).unwrap_or(0);
        let after = TimeDelta::seconds(seconds);
        self.later(after, Event::MappingSettles { uuid: uuid.to_owned(), generation });
        self.reflow(&queue);
    }

    pub(super) fn mapping_settles(&mut self, uuid: &str, generation: u64) {
        let Some(mapping) = self.mappings.get_mut(uuid).filter(|mapping| mapping.generation == generation) else {
            return;
        };
        self.jobs.touch(uuid);
        let queue = mapping.queue().to_owned();
        if mapping.becomes == "Deleted" {
            self.mappings.remove(uuid);
            self.relink();
        } else {
            mapping.state = mapping.becomes.clone();
        }
        self.reflow(&queue);
    }
}
