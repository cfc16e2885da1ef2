//! Staying under AWS's call rates: a bucket of tokens for each rate that AWS counts.
//!
//! A bucket lets a burst through and then one call at a time. When AWS throttles all the same (others call too), the
//! rate is halved and comes back slowly.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// All buckets of an account.
#[derive(Debug)]
pub(super) struct Pace {
    on: bool,
    buckets: Mutex<HashMap<&'static str, Bucket>>,
}

impl Pace {
    /// A pace that holds calls back, or (for tests and benchmarks) one that does not.
    pub(super) fn new(on: bool) -> Self {
        Self { on, buckets: Mutex::default() }
    }

    /// Waits until `action` may be called.
    pub(super) async fn wait(&self, action: &'static str) {
        let delay = self.with(action, |bucket| bucket.take(Instant::now())).unwrap_or_default();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }

    /// AWS answered.
    pub(super) fn went_well(&self, action: &'static str) {
        self.with(action, Bucket::quicken);
    }

    /// AWS wants us to be slower.
    pub(super) fn was_throttled(&self, action: &'static str) {
        self.with(action, |bucket| bucket.slow(Instant::now()));
    }

    fn with<T>(&self, action: &'static str, change: impl FnOnce(&mut Bucket) -> T) -> Option<T> {
        if !self.on {
            return None;
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = limit_of(action);
        Some(change(buckets.entry(limit.counts).or_insert_with(|| Bucket::new(limit, Instant::now()))))
    }
}

/// A rate that AWS counts.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// What AWS counts together.
    counts: &'static str,
    /// Calls a second.
    rate: f64,
    /// Calls at once.
    burst: f64,
}

/// AWS's default quotas (see each service's quota page), a little below where others share them.
fn limit_of(action: &'static str) -> Limit {
    let (counts, rate, burst) = match action.split(':').next() {
        // The one that is not for control: 50 a second.
        Some("rekognition") if action == "rekognition:DetectCustomLabels" => (action, 48.0, 50.0),
        // 5 calls a second for each operation by itself.
        Some("rekognition") => (action, 4.8, 5.0),
        // 15 a second for all control-plane calls together.
        Some("lambda") => ("lambda", 14.0, 15.0),
        // 250 a second for GetSchedule outside the primary regions.
        Some("scheduler") => (action, 200.0, 50.0),
        Some("events") => ("events", 20.0, 20.0),
        // Not documented; the console asks as often.
        Some("cloudformation") => (action, 5.0, 10.0),
        // SQS has no such quota for standard queues; this is courtesy.
        Some("sqs") => ("sqs", 300.0, 100.0),
        _ => (action, 20.0, 20.0),
    };
    Limit { counts, rate, burst }
}

#[derive(Debug)]
struct Bucket {
    limit: Limit,
    rate: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn new(limit: Limit, now: Instant) -> Self {
        Self { limit, rate: limit.rate, tokens: limit.burst, at: now }
    }

    /// Takes a token and says how long to wait for it: whoever comes first goes first.
    fn take(&mut self, now: Instant) -> Duration {
        self.refill(now);
        self.tokens -= 1.0;
        if self.tokens >= 0.0 { Duration::ZERO } else { Duration::from_secs_f64(-self.tokens / self.rate) }
    }

    fn refill(&mut self, now: Instant) {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + gained).min(self.limit.burst);
        self.at = now;
    }

    fn slow(&mut self, now: Instant) {
        self.refill(now);
        self.rate = (self.rate / 2.0).max(self.limit.rate / 8.0);
        self.tokens = self.tokens.min(0.0);
    }

    fn quicken(&mut self) {
        self.rate = (self.rate + self.limit.rate / 40.0).min(self.limit.rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(now: Instant) -> Bucket {
        Bucket::new(Limit { counts: "x", rate: 5.0, burst: 3.0 }, now)
    }

    #[test]
    fn after_a_burst_calls_are_spread_over_the_second() {
        let now = Instant::now();
        let mut bucket = bucket(now);
        let delays: Vec<u128> = (0..6).map(|_| bucket.take(now).as_millis()).collect();
        assert_eq!(delays, [0, 0, 0, 200, 400, 600]);
        assert_eq!(bucket.take(now + Duration::from_secs(60)), Duration::ZERO, "a rest fills the bucket again");
    }

    #[test]
    fn throttling_halves_the_rate_down_to_an_eighth_and_success_brings_it_back() {
        let now = Instant::now();
        let mut bucket = bucket(now);
        bucket.slow(now);
        assert_eq!(bucket.take(now), Duration::from_millis(400));
        for _ in 0..10 {
            bucket.slow(now);
        }
        assert!((bucket.rate - 0.625).abs() < 1e-9);
        for _ in 0..50 {
            bucket.quicken();
        }
        assert!((bucket.rate - 5.0).abs() < 1e-9);
    }

    #[test]
    fn rekognition_counts_each_operation_and_lambda_all_together() {
        assert_ne!(limit_of("rekognition:DescribeProjects").counts, limit_of("rekognition:StartProjectVersion").counts);
        assert_eq!(limit_of("lambda:GetFunctionConfiguration").counts, limit_of("lambda:GetEventSourceMapping").counts);
    }
}
