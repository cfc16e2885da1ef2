//! What a survey remembers from one run to the next, for as long as the program runs.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Addresses that never change, and when what was last asked.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    queue_urls: HashMap<String, String>,
    queues_read: HashMap<String, DateTime<Utc>>,
    ages_asked: HashMap<String, DateTime<Utc>>,
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL of the queue with this ARN.
    pub(super) fn queue_url(&self, arn: &str) -> Option<String> {
        self.inner().queue_urls.get(arn).cloned()
    }

    pub(super) fn keep_queue_url(&self, arn: &str, url: &str) {
        self.inner().queue_urls.insert(arn.to_owned(), url.to_owned());
    }

    /// When that queue was last read.
    pub(super) fn queue_read(&self, arn: &str) -> Option<DateTime<Utc>> {
        self.inner().queues_read.get(arn).copied()
    }

    pub(super) fn keep_queue_read(&self, arn: &str, at: DateTime<Utc>) {
        self.inner().queues_read.insert(arn.to_owned(), at);
    }

    /// When the age of that queue's oldest message was last asked for.
    pub(super) fn age_asked(&self, arn: &str) -> Option<DateTime<Utc>> {
        self.inner().ages_asked.get(arn).copied()
    }

    pub(super) fn keep_age_asked(&self, arn: &str, at: DateTime<Utc>) {
        self.inner().ages_asked.insert(arn.to_owned(), at);
    }
}

/// Whether something read at `at` is still good at `now`. What was read in the future (a simulated account that began
/// anew) is not.
pub(super) fn is_fresh(at: Option<DateTime<Utc>>, now: DateTime<Utc>, good_for: TimeDelta) -> bool {
    at.is_some_and(|at| at <= now && now - at < good_for)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_or_from_the_future_is_not_fresh() {
        let now = DateTime::from_timestamp(1_795_180_140, 0).unwrap();
        let fresh = |seconds| is_fresh(Some(now + TimeDelta::seconds(seconds)), now, TimeDelta::minutes(1));
        assert!(fresh(-59) && fresh(0));
        assert!(!fresh(-60) && !fresh(1));
        assert!(!is_fresh(None, now, TimeDelta::minutes(1)));
    }
}
