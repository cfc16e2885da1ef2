//! The state of the simulated account, and how time passes in it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::history::RunLog;

/// Everything that the account holds, at one instant.
#[derive(Debug)]
pub struct World {
    /// The instant that this state is of.
    pub now: DateTime<Utc>,
    /// The account's number.
    pub account: String,
    /// The region.
    pub region: String,
    /// When each model ran, by the names of project and version.
    pub history: BTreeMap<(String, String), RunLog>,
}
