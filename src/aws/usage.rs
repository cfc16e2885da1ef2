//! What models ran, for good: everything that CloudWatch still keeps and that is not known yet, at the finest period that
//! its age allows.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::Sender;

use super::account::Account;
use super::cloudwatch::Series;
use crate::domain::model::ModelArn;
use crate::domain::trouble::Trouble;
use crate::domain::usage::{Bucket, Sample, Span};

/// For how long CloudWatch keeps periods of a minute, of five minutes, and of an hour (its documentation of retention).
/// A question that begins earlier than its period is kept has no answer at all, so these stay clear of the edge by
/// [`CLEAR`].
const KEPT: [(u32, TimeDelta); 3] =
    [(60, TimeDelta::days(15)), (300, TimeDelta::days(63)), (3_600, TimeDelta::days(455))];
/// A first question about a large fleet takes its time, and must not slip over an edge meanwhile.
const CLEAR: TimeDelta = TimeDelta::minutes(30);
/// What is older than this has all its samples: an hour that ended before is closed for good.
const SETTLED: TimeDelta = TimeDelta::minutes(15);
/// Models that are asked about together, at most: as many metrics as one call takes. Their answers are told together.
const TOGETHER: usize = 500;
/// And at most so many periods of theirs, so that the first answers of a long past come soon.
const PERIODS: i64 = 300_000;
/// Such groups under way at the same time.
const ABREAST: usize = 3;

/// A question about one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageQuestion {
    /// The model.
    pub arn: ModelArn,
    /// Up to when everything is known. `None`: nothing is.
    pub known: Option<DateTime<Utc>>,
}

/// What CloudWatch says about one model.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageAnswer {
    /// The model.
    pub arn: ModelArn,
    /// The time that was asked about.
    pub asked: Span,
    /// Its buckets in that time, oldest first.
    pub buckets: Vec<Bucket>,
    /// How far this is final.
    pub closed: DateTime<Utc>,
}

/// What CloudWatch was asked for. It charges by the metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Metrics: one series at one period in one call.
    pub metrics: u64,
    /// Calls of GetMetricData.
    pub calls: u64,
}

impl Account {
    /// Asks about each of these models everything that is not known yet, and tells the answers as they come.
    ///
    /// # Errors
    /// What kept a group of models from being answered; the others are told all the same.
    pub async fn usage(&self, questions: Vec<UsageQuestion>, told: &Sender<Vec<UsageAnswer>>) -> Result<(), Trouble> {
        let mut pieces: Vec<Piece> = Vec::with_capacity(questions.len());
        let now = self.clock().now();
        for question in questions {
            let parts = parts(&question, now);
            if !parts.is_empty() {
                pieces.push((question, parts));
            }
        }
        // Those that lack about the same stretch of time are asked together.
        pieces.sort_by_key(|(_, parts)| parts.first().map(|(_, span)| span.from));
        let groups = groups(pieces);
        let closed = hour_of(now - SETTLED);
        let asking = stream::iter(groups).map(|group| self.group(group, closed)).buffer_unordered(ABREAST);
        let mut asking = std::pin::pin!(asking);
        let mut failed = None;
        while let Some(answers) = asking.next().await {
            match answers {
                // Nobody listening is not an error: the questions then run dry.
                Ok(answers) => {
                    if told.send(answers).await.is_err() {
                        break;
                    }
                }
                Err(trouble) => {
                    let hopeless = trouble.is_about_access();
                    failed = Some(trouble);
                    if hopeless {
                        break;
                    }
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn group(&self, group: Vec<Piece>, closed: DateTime<Utc>) -> Result<Vec<UsageAnswer>, Trouble> {
        let mut answers: Vec<UsageAnswer> = group
            .iter()
            .filter_map(|(question, parts)| {
                let asked = Span { from: parts.first()?.1.from, to: parts.last()?.1.to };
                let closed = closed.max(asked.from);
                Some(UsageAnswer { arn: question.arn.clone(), asked, buckets: Vec::new(), closed })
            })
            .collect();
        // From the oldest on, so that each model's buckets come in the order of time.
        for (period, _) in KEPT.into_iter().rev() {
            let asked: Vec<Option<Span>> = group
                .iter()
                .map(|(_, parts)| parts.iter().find(|(its, _)| *its == period).map(|(_, span)| *span))
                .collect();
            let wanted: Vec<(usize, Span)> =
                asked.iter().enumerate().filter_map(|(place, span)| Some((place, (*span)?))).collect();
            let Some(whole) = around(wanted.iter().map(|(_, span)| *span)) else { continue };
            let with_counts = period > 60;
            let mut series = Vec::new();
            for (place, _) in &wanted {
                let Some(answer) = answers.get(*place) else { continue };
                series.push(Series::units(&answer.arn));
                if with_counts {
                    series.push(Series::unit_samples(&answer.arn));
                }
            }
            let points = self.metric_data(&series, whole, i32::try_from(period).unwrap_or(3_600)).await?;
            let each = points.chunks(if with_counts { 2 } else { 1 });
            for ((place, span), points) in wanted.into_iter().zip(each) {
                if let (Some(answer), [units, counts @ ..]) = (answers.get_mut(place), points) {
                    answer.buckets.extend(buckets(units, counts.first(), period, span));
                }
            }
        }
        Ok(answers)
    }
}

/// A question, and from when to when it asks at which period.
type Piece = (UsageQuestion, Vec<(u32, Span)>);

fn groups(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut groups: Vec<Vec<Piece>> = Vec::new();
    let mut periods = 0;
    for piece in pieces {
        let its: i64 = piece.1.iter().map(|(period, span)| span.length().num_seconds() / i64::from(*period)).sum();
        periods += its;
        match groups.last_mut() {
            Some(group) if group.len() < TOGETHER && periods <= PERIODS => group.push(piece),
            _ => {
                periods = its;
                groups.push(vec![piece]);
            }
        }
    }
    groups
}

/// From when to when at which period, oldest first.
fn parts(question: &UsageQuestion, now: DateTime<Utc>) -> Vec<(u32, Span)> {
    let to = minute_of(now);
    // A model of the same name that was deleted before this one was made has the same metric.
    let since = hour_of(question.arn.created().unwrap_or(DateTime::UNIX_EPOCH));
    let mut from = question.known.unwrap_or(since).max(since);
    let mut parts = Vec::new();
    let edges = KEPT.map(|(period, kept)| (period, hour_of(now - kept + CLEAR) + TimeDelta::hours(1)));
    for (place, (period, oldest)) in edges.into_iter().enumerate().rev() {
        // The next finer period takes over where it is kept.
        let end = place.checked_sub(1).and_then(|finer| edges.get(finer)).map_or(to, |(_, begin)| *begin);
        from = from.max(oldest);
        if from < end {
            parts.push((period, Span { from, to: end }));
            from = end;
        }
    }
    parts
}

fn around(spans: impl Iterator<Item = Span>) -> Option<Span> {
    spans.reduce(|one, other| Span { from: one.from.min(other.from), to: one.to.max(other.to) })
}

/// The buckets of one model in its own time. Those that both statistics know, if both were asked.
fn buckets(units: &[Sample], counts: Option<&Vec<Sample>>, period: u32, span: Span) -> Vec<Bucket> {
    let count = |at: DateTime<Utc>| {
        let counts = counts?;
        counts
            .binary_search_by_key(&at, |sample| sample.at)
            .ok()
            .and_then(|place| counts.get(place))
            .map(|one| one.units)
    };
    let within = units.iter().filter(|sample| span.from <= sample.at && sample.at < span.to);
    within.map(|sample| Bucket { at: sample.at, period, units: sample.units, count: count(sample.at) }).collect()
}

fn minute_of(at: DateTime<Utc>) -> DateTime<Utc> {
    whole(at, 60)
}

fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    whole(at, 3_600)
}

fn whole(at: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().div_euclid(seconds) * seconds, 0).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told(created: &str, known: Option<&str>) -> Vec<(u32, String, String)> {
        let ms = at(created).timestamp_millis();
        let arn = format!("arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v3/{ms}");
        let question = UsageQuestion { arn: arn.parse().unwrap(), known: known.map(at) };
        let short = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M").to_string();
        let parts = parts(&question, at("2026-11-20T13:09:40Z"));
        parts.into_iter().map(|(period, span)| (period, short(span.from), short(span.to))).collect()
    }

    fn part(period: u32, from: &str, to: &str) -> (u32, String, String) {
        (period, from.to_owned(), to.to_owned())
    }

    #[test]
    fn the_past_is_asked_at_the_finest_period_that_is_still_kept() {
        let all = [
            part(3600, "2025-08-22T14:00", "2026-09-18T14:00"),
            part(300, "2026-09-18T14:00", "2026-11-05T14:00"),
            part(60, "2026-11-05T14:00", "2026-11-20T13:09"),
        ];
        assert_eq!(told("2022-01-01T00:00:00Z", None), all);
        assert_eq!(
            told("2026-10-01T08:20:00Z", None),
            [part(300, "2026-10-01T08:00", "2026-11-05T14:00"), all[2].clone()]
        );
    }

    #[test]
    fn what_is_known_is_not_asked_again() {
        let known = told("2022-01-01T00:00:00Z", Some("2026-11-20T12:00:00Z"));
        assert_eq!(known, [part(60, "2026-11-20T12:00", "2026-11-20T13:09")]);
        assert_eq!(told("2022-01-01T00:00:00Z", Some("2026-11-20T14:00:00Z")), []);
        // Away for two years: what CloudWatch has forgotten stays unknown.
        assert_eq!(told("2022-01-01T00:00:00Z", Some("2024-01-01T00:00:00Z"))[0].1, "2025-08-22T14:00");
    }

    #[test]
    fn no_part_begins_earlier_than_its_period_is_kept() {
        for minute in 0..1_500 {
            let now = at("2026-11-20T13:09:40Z") + TimeDelta::minutes(minute);
            let arn = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v3/1".parse().unwrap();
            let parts = parts(&UsageQuestion { arn, known: None }, now);
            for ((period, span), (kept_period, kept)) in parts.iter().rev().zip(KEPT) {
                assert_eq!(*period, kept_period);
                assert!(now - span.from <= kept - TimeDelta::minutes(29), "{period} at {now}");
                assert_eq!(span.from.timestamp() % 3_600, 0);
            }
            assert!(parts.windows(2).all(|pair| pair[0].1.to == pair[1].1.from));
        }
    }
}
