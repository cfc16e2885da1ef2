//! What CloudWatch counted of functions in the last 24 hours.

use chrono::TimeDelta;

use super::account::Account;
use super::cloudwatch::Series;
use crate::domain::functions::Counts;
use crate::domain::trouble::Trouble;
use crate::domain::usage::{Sample, Span};

/// The seconds of a period: a day has 288 of them, so that one call has room for more than a hundred functions.
const PERIOD: i32 = 300;
const METRICS: [&str; 3] = ["Invocations", "Errors", "Throttles"];

impl Account {
    /// What was counted of each of these functions (by name), in their order. `None`: CloudWatch has nothing of it, which
    /// is so of a function that was not invoked, or not longer than the few minutes ago that its numbers are late.
    ///
    /// # Errors
    /// Whatever keeps CloudWatch from answering.
    pub async fn function_counts(&self, names: &[&str]) -> Result<Vec<Option<Counts>>, Trouble> {
        let now = self.clock().now();
        let series: Vec<Series> =
            names.iter().flat_map(|name| METRICS.map(|metric| Series::of_function(name, metric))).collect();
        let points = self.metric_data(&series, Span { from: now - TimeDelta::hours(24), to: now }, PERIOD).await?;
        Ok(points.chunks(METRICS.len()).map(counts).collect())
    }
}

fn counts(metrics: &[Vec<Sample>]) -> Option<Counts> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts is a whole number")]
    let sum = |at: usize| {
        let points = metrics.get(at).into_iter().flatten();
        points.map(|point| point.units).sum::<f64>().max(0.0).round() as u64
    };
    let known = metrics.iter().any(|points| !points.is_empty());
    known.then(|| Counts { invocations: sum(0), errors: sum(1), throttles: sum(2) })
}
