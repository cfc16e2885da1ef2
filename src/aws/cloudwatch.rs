//! CloudWatch: what models ran and how old a queue's oldest message is. Each metric that is asked for costs money.

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;

use super::account::Account;
use super::convert::{smithy, time};
use super::page::{Page, pages};
use crate::domain::model::ModelArn;
use crate::domain::queue::name_in;
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::domain::usage::{Sample, Span};

/// As many metrics as GetMetricData takes in one call (botocore's service model).
const MOST_QUERIES: i64 = 500;
/// As many points as it gives in one answer.
const MOST_POINTS: i64 = 100_800;

const GET: &str = "cloudwatch:GetMetricData";

/// A metric, and how to sum up its points.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) namespace: &'static str,
    pub(super) metric: &'static str,
    pub(super) dimensions: Vec<(&'static str, String)>,
    pub(super) statistic: &'static str,
}

impl Series {
    /// The inference units of a model in service. CloudWatch knows it by the names of project and version, so one that
    /// was deleted and made anew shares them; `since` of its ARN tells the two apart.
    pub(super) fn units(model: &ModelArn) -> Self {
        Self {
            namespace: "AWS/Rekognition",
            metric: "InServiceInferenceUnits",
            dimensions: vec![("ProjectName", model.project().to_owned()), ("VersionName", model.version().to_owned())],
            statistic: "Average",
        }
    }

    /// How many samples each of its averages is made of.
    pub(super) fn unit_samples(model: &ModelArn) -> Self {
        Self { statistic: "SampleCount", ..Self::units(model) }
    }

    /// The age of a queue's oldest message, in seconds. An idle queue has none.
    pub(super) fn oldest(queue_arn: &str) -> Self {
        Self {
            namespace: "AWS/SQS",
            metric: "ApproximateAgeOfOldestMessage",
            dimensions: vec![("QueueName", name_in(queue_arn).to_owned())],
            statistic: "Maximum",
        }
    }
}

impl Series {
    /// What Lambda counts of a function, over all its aliases: `Invocations`, `Errors` or `Throttles`. There are no points
    /// where it was not invoked.
    pub(super) fn of_function(name: &str, metric: &'static str) -> Self {
        Self { namespace: "AWS/Lambda", metric, dimensions: vec![("FunctionName", name.to_owned())], statistic: "Sum" }
    }
}

impl Account {
    /// The points of each series in `span`, oldest first, in the order of `series`.
    ///
    /// `period` is in seconds and must suit the age of `span`: 60 up to 15 days back, 300 up to 63 days.
    pub(super) async fn metric_data(
        &self,
        series: &[Series],
        span: Span,
        period: i32,
    ) -> Result<Vec<Vec<Sample>>, Trouble> {
        let points = ((span.to - span.from).num_seconds() / i64::from(period)).max(1);
        let batch = usize::try_from((MOST_POINTS / points).clamp(1, MOST_QUERIES)).unwrap_or(1);
        let mut all = Vec::with_capacity(series.len());
        for some in series.chunks(batch) {
            all.extend(self.metric_batch(some, span, period).await?);
        }
        Ok(all)
    }

    async fn metric_batch(&self, series: &[Series], span: Span, period: i32) -> Result<Vec<Vec<Sample>>, Trouble> {
        let queries: Vec<MetricDataQuery> =
            series.iter().enumerate().map(|(place, series)| query(place, series, period)).collect();
        let queries = &queries;
        let answers = pages(GET, move |token| async move {
            // Each page is a call of its own, and charged for as such.
            self.note_asked(queries.len());
            let sent = self
                .cloudwatch()
                .get_metric_data()
                .set_metric_data_queries(Some(queries.clone()))
                .start_time(smithy(span.from))
                .end_time(smithy(span.to))
                .scan_by(ScanBy::TimestampAscending)
                .set_next_token(token)
                .send();
            let page = self.call(GET, None, sent).await?;
            Ok(Page { rows: page.metric_data_results.unwrap_or_default(), next: page.next_token })
        });
        let results: Vec<MetricDataResult> = answers.try_concat().await?;
        sorted(&results, series.len()).map_err(|kind| self.about(Trouble::new(kind, GET), None))
    }
}

/// The points of each series in its place. One metric may come in several pieces.
fn sorted(results: &[MetricDataResult], places: usize) -> Result<Vec<Vec<Sample>>, TroubleKind> {
    let mut sorted: Vec<Vec<Sample>> = vec![Vec::new(); places];
    for result in results {
        if let Some(kind) = failure(result.status_code.as_ref()) {
            return Err(kind);
        }
        let place = result.id.as_deref().and_then(|id| id.strip_prefix('m')?.parse::<usize>().ok());
        if let Some(samples) = place.and_then(|place| sorted.get_mut(place)) {
            samples.extend(points(result));
        }
    }
    for samples in &mut sorted {
        samples.sort_by_key(|sample| sample.at);
        samples.dedup_by_key(|sample| sample.at);
    }
    Ok(sorted)
}

fn failure(status: Option<&StatusCode>) -> Option<TroubleKind> {
    match status {
        Some(StatusCode::Forbidden) => Some(TroubleKind::Denied(GET.into())),
        Some(StatusCode::InternalError) => Some(TroubleKind::ServiceFault),
        _ => None,
    }
}

fn points(result: &MetricDataResult) -> impl Iterator<Item = Sample> + '_ {
    let times = result.timestamps().iter().map(|at| time(Some(at)));
    let points = times.zip(result.values());
    points.filter_map(|(at, &units): (Option<DateTime<Utc>>, &f64)| Some(Sample { at: at?, units }))
}

fn query(place: usize, series: &Series, period: i32) -> MetricDataQuery {
    let dimensions =
        series.dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(value).build());
    let metric = Metric::builder()
        .namespace(series.namespace)
        .metric_name(series.metric)
        .set_dimensions(Some(dimensions.collect()))
        .build();
    let statistic = MetricStat::builder().metric(metric).period(period).stat(series.statistic).build();
    MetricDataQuery::builder().id(format!("m{place}")).metric_stat(statistic).return_data(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_metric_are_joined_in_the_order_of_time() {
        let piece = |id: &str, seconds: &[i64]| {
            let times = seconds.iter().map(|&at| aws_smithy_types::DateTime::from_secs(at)).collect();
            let values = seconds.iter().map(|&at| at as f64).collect();
            MetricDataResult::builder().id(id).set_timestamps(Some(times)).set_values(Some(values)).build()
        };
        let results = [piece("m1", &[600, 300]), piece("m0", &[]), piece("m1", &[900]), piece("other", &[1])];
        let sorted = sorted(&results, 2).unwrap();
        assert!(sorted[0].is_empty());
        assert_eq!(sorted[1].iter().map(|sample| sample.units).collect::<Vec<_>>(), [300.0, 600.0, 900.0]);
    }

    #[test]
    fn a_forbidden_metric_is_a_denial() {
        let result = MetricDataResult::builder().id("m0").status_code(StatusCode::Forbidden).build();
        assert_eq!(sorted(&[result], 1), Err(TroubleKind::Denied(GET.into())));
    }
}
