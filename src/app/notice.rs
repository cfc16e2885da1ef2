//! Notices: short lines about what just happened.

use std::time::Duration;

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Good to know; it goes by itself.
    Info,
    /// Something went wrong; it stays until it is dismissed.
    Trouble,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it goes by itself, as real time since the start; `None`: it stays until it is dismissed.
    pub until: Option<Duration>,
}

/// How long a notice of [`Tone::Info`] stays.
pub(super) const STAYS: Duration = Duration::from_secs(4);

/// How many notices are kept: a flood of them says no more than its last ones.
pub(super) const KEPT: usize = 4;
