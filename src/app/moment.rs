//! What time it is, in both senses.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// An instant, as the loop hands it in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The time in the account: the real one, or a simulated account's own.
    pub now: DateTime<Utc>,
    /// How long the program has been running, in real time. Refreshes, notices and spinners go by this one.
    pub real: Duration,
    /// How many times faster than the world the account's time runs: 1 for a real account, 0 while it stands still.
    pub speed: f64,
}
