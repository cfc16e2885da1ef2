//! What CloudWatch keeps: one-minute samples out of the world, summed up by period, for as long as AWS keeps them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::past::{self, Minute};
use crate::sim::world::{Queue, World, hash, scatter};

/// The seconds of a minute: how often AWS services put their metrics down.
const MINUTE: i64 = 60;

/// A metric as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its namespace, e.g. `AWS/Rekognition`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions, by name. A metric is found by all of its dimensions and no others.
    pub dimensions: BTreeMap<String, String>,
}

/// A time span in epoch seconds, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first second.
    pub from: i64,
    /// The first second after it.
    pub to: i64,
}

/// All samples of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// When the period begins, in epoch seconds.
    pub at: i64,
    /// How many samples there are.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The least of them.
    pub least: f64,
    /// The greatest of them.
    pub most: f64,
}

/// How a period's samples become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// How many samples there are.
    SampleCount,
    /// Their mean.
    Average,
    /// Their sum.
    Sum,
    /// The least of them.
    Minimum,
    /// The greatest of them.
    Maximum,
}

impl Statistic {
    /// The statistic of a name, as AWS writes it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "SampleCount" => Some(Self::SampleCount),
            "Average" => Some(Self::Average),
            "Sum" => Some(Self::Sum),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            _ => None,
        }
    }

    /// Its name, as AWS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SampleCount => "SampleCount",
            Self::Average => "Average",
            Self::Sum => "Sum",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
        }
    }

    /// The number of a period.
    #[must_use]
    pub fn of(self, bucket: &Bucket) -> f64 {
        match self {
            Self::SampleCount => bucket.count,
            Self::Average => bucket.sum / bucket.count,
            Self::Sum => bucket.sum,
            Self::Minimum => bucket.least,
            Self::Maximum => bucket.most,
        }
    }
}

impl Metric {
    fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.get(name).map(String::as_str)
    }

    /// The unit that its samples have; `None` for a metric that nobody keeps.
    #[must_use]
    pub fn unit(&self) -> Option<&'static str> {
        match (self.namespace.as_str(), self.name.as_str()) {
            ("AWS/SQS", "ApproximateAgeOfOldestMessage") => Some("Seconds"),
            ("AWS/Rekognition" | "AWS/SQS" | "AWS/Lambda", _) => Some("Count"),
            _ => None,
        }
    }

    /// Its periods in `range`, oldest first, as far as AWS still keeps them and has already put them down.
    ///
    /// A period that is too fine for the age of the range's beginning has no data, as with AWS: it is not an error.
    #[must_use]
    pub fn buckets(&self, world: &World, period: i64, range: Range) -> Vec<Bucket> {
        let range = Range { from: range.from.div_euclid(period) * period, to: range.to };
        if period <= 0 || !keeps(world.now, period, range.from) {
            return Vec::new();
        }
        let oldest = (world.now - YEAR_AND_QUARTER).timestamp();
        // A period that begins before the end is told whole.
        let last = (range.to - 1).div_euclid(period) * period + period;
        let asked = Range { from: range.from.max(oldest), to: last.min(world.now.timestamp()) };
        let seed = hash(&format!("{self:?}"));
        let now = world.now.timestamp();
        let samples = self.samples(world, asked).into_iter().filter(|(at, _)| at + lateness(seed, *at) <= now);
        gather(samples, period)
    }

    fn samples(&self, world: &World, range: Range) -> Vec<(i64, f64)> {
        match self.namespace.as_str() {
            "AWS/Rekognition" if self.dimension("Operation").is_some() => self.requests(world, range),
            "AWS/Rekognition" => self.units(world, range),
            "AWS/SQS" => self.messages(world, range),
            "AWS/Lambda" => self.invocations(world, range),
            _ => Vec::new(),
        }
    }

    /// Inference units of a model. CloudWatch knows it by names: who deletes a model and makes it anew has one metric.
    fn units(&self, world: &World, range: Range) -> Vec<(i64, f64)> {
        let (Some(project), Some(version), 2) =
            (self.dimension("ProjectName"), self.dimension("VersionName"), self.dimensions.len())
        else {
            return Vec::new();
        };
        let key = (project.to_owned(), version.to_owned());
        let Some(log) = world.history.get(&key) else { return Vec::new() };
        let model = world.models.values().find(|model| model.project == project && model.version == version);
        if model.and_then(|model| model.trained).is_some_and(|trained| trained.timestamp() < FIRST_TRAINED) {
            return Vec::new();
        }
        let ceiling = model.and_then(|model| model.max_units).unwrap_or(0);
        let value = |units: u32| match self.name.as_str() {
            "InServiceInferenceUnits" | "DesiredInferenceUnits" | "MinInferenceUnits" => Some(f64::from(units)),
            "MaxInferenceUnits" => Some(f64::from(units.max(ceiling))),
            _ => None,
        };
        log.minutes(range.from, range.to).into_iter().filter_map(|(at, units)| Some((at, value(units)?))).collect()
    }

    /// Requests to models, all of the account's together: CloudWatch tells them apart by operation only. There are points
    /// in minutes with requests; whether AWS has zeros in others is not documented.
    fn requests(&self, world: &World, range: Range) -> Vec<(i64, f64)> {
        if self.dimension("Operation") != Some("DetectCustomLabels") || self.dimensions.len() != 1 {
            return Vec::new();
        }
        let value = |minute: &Minute| match self.name.as_str() {
            "SuccessfulRequestCount" => Some(minute.done),
            "ThrottledCount" => Some(minute.throttled),
            // A model that does not run is no fault of the service.
            "UserErrorCount" => Some(minute.refused),
            "ServerErrorCount" => Some(0.0),
            _ => None,
        };
        past::of_models(world, range).iter().filter_map(|(at, minute)| Some((*at, value(minute)?))).collect()
    }

    /// What a queue held and gave. Since its oldest message was sent, what waits is reckoned back from what it holds now,
    /// as if nothing but new messages had come; before that, and for what was worked off, by the past that `past` tells.
    fn messages(&self, world: &World, range: Range) -> Vec<(i64, f64)> {
        let (Some(name), 1) = (self.dimension("QueueName"), self.dimensions.len()) else { return Vec::new() };
        let Some(queue) = world.queues.get(name) else { return Vec::new() };
        let (visible, in_flight, delayed) = queue.counts();
        let oldest = queue.oldest().map(|at| at.timestamp());
        let now = world.now.timestamp();
        let held = |at: i64| oldest.filter(|oldest| *oldest <= at);
        let grown = |count: u64, at: i64| {
            held(at).map(|from| (real(count) * whole(at - from) / whole((now - from).max(1))).round())
        };
        let value = |at: i64, past: &Minute| -> Option<f64> {
            match self.name.as_str() {
                "ApproximateAgeOfOldestMessage" => held(at).map(|from| whole(at - from)),
                "ApproximateNumberOfMessagesVisible" => {
                    Some(grown(visible, at).unwrap_or_else(|| past.waiting.round()))
                }
                "ApproximateNumberOfMessagesNotVisible" => Some(held(at).map_or(0.0, |_| real(in_flight))),
                "ApproximateNumberOfMessagesDelayed" => Some(grown(delayed, at).unwrap_or_default()),
                "NumberOfMessagesSent" => Some(sent(queue, at)),
                "NumberOfMessagesReceived" => Some(past.done + past.refused),
                "NumberOfMessagesDeleted" => Some(past.done),
                _ => None,
            }
        };
        let begun = Range { from: range.from.max(queue.created.timestamp()), to: range.to };
        let all = past::of_queue(world, queue, begun);
        let active = all.iter().filter(|(at, past)| past.active || held(*at).is_some());
        active.filter_map(|(at, past)| Some((*at, value(*at, past)?))).collect()
    }

    /// Invocations that the world remembers: those of functions that start and stop models.
    fn invocations(&self, world: &World, range: Range) -> Vec<(i64, f64)> {
        let (Some(name), 1) = (self.dimension("FunctionName"), self.dimensions.len()) else { return Vec::new() };
        let mut minutes: BTreeMap<i64, f64> = BTreeMap::new();
        for invoked in world.invocations.iter().filter(|invoked| invoked.function == name) {
            let at = invoked.at.timestamp().div_euclid(MINUTE) * MINUTE;
            let count = match (self.name.as_str(), &invoked.error) {
                ("Invocations", _) | ("Errors", Some(_)) => 1.0,
                // Nothing is ever refused here for want of concurrency.
                ("Errors", None) | ("Throttles", _) => 0.0,
                _ => continue,
            };
            if range.from <= at && at < range.to {
                *minutes.entry(at).or_default() += count;
            }
        }
        minutes.into_iter().collect()
    }
}

/// CloudWatch keeps one-minute samples for 15 days, five-minute ones for 63 and hourly ones for 455; a question that
/// begins earlier than its period is kept for has no answer (documentation of GetMetricData, `Period`).
fn keeps(now: DateTime<Utc>, period: i64, from: i64) -> bool {
    let age = TimeDelta::seconds((now.timestamp() - from).max(0));
    let step = match age {
        age if age <= TimeDelta::hours(3) => 1,
        age if age <= TimeDelta::days(15) => MINUTE,
        age if age <= TimeDelta::days(63) => 300,
        _ => 3600,
    };
    period % step == 0
}

/// How long CloudWatch keeps anything at all.
const YEAR_AND_QUARTER: TimeDelta = TimeDelta::days(455);
/// Models that were trained before September 2022 have no metric of their own (developer guide, "model usage").
const FIRST_TRAINED: i64 = 1_661_990_400;

/// How long after its minute began a sample can be seen: three to five minutes, another time for each.
fn lateness(seed: u64, at: i64) -> i64 {
    let dice = scatter(seed ^ at.unsigned_abs()) % 3;
    3 * MINUTE + i64::try_from(dice).unwrap_or(0) * MINUTE
}

/// Sums samples up by periods that begin at multiples of their length.
fn gather(samples: impl Iterator<Item = (i64, f64)>, period: i64) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for (at, value) in samples {
        let at = at.div_euclid(period) * period;
        match buckets.last_mut().filter(|bucket| bucket.at == at) {
            Some(bucket) => {
                bucket.count += 1.0;
                bucket.sum += value;
                bucket.least = bucket.least.min(value);
                bucket.most = bucket.most.max(value);
            }
            None => buckets.push(Bucket { at, count: 1.0, sum: value, least: value, most: value }),
        }
    }
    buckets
}

/// The whole minutes that begin in a range.
pub(super) fn minutes(range: Range) -> impl Iterator<Item = i64> {
    let first = (range.from + MINUTE - 1).div_euclid(MINUTE);
    let last = (range.to + MINUTE - 1).div_euclid(MINUTE);
    (first..last).map(|minute| minute * MINUTE)
}

/// Messages that arrived by themselves in a minute.
fn sent(queue: &Queue, at: i64) -> f64 {
    let Some(at) = DateTime::from_timestamp(at, 0) else { return 0.0 };
    let per_hour: f64 = queue.arrivals.iter().filter(|arrivals| arrivals.cover(at)).map(|some| some.per_hour).sum();
    per_hour / 60.0
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages stay far below 2^53")]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "spans in seconds stay far below 2^53")]
pub(super) fn whole(seconds: i64) -> f64 {
    seconds as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::history::{Run, RunLog};

    const NOW: &str = "2026-11-20T13:09:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn empty() -> World {
        let mut world = World::default();
        world.now = at(NOW);
        world
    }

    fn world(runs: &[(&str, Option<&str>, u32)]) -> World {
        let runs = runs.iter().map(|&(from, to, units)| Run { from: at(from), to: to.map(at), units });
        let log = RunLog { runs: runs.collect(), gaps: Vec::new() };
        let history = [(("parts".to_owned(), "v9".to_owned()), log)].into();
        let mut world = empty();
        world.history = history;
        world
    }

    fn units() -> Metric {
        let dimensions = [("ProjectName", "parts"), ("VersionName", "v9")];
        Metric {
            namespace: "AWS/Rekognition".to_owned(),
            name: "InServiceInferenceUnits".to_owned(),
            dimensions: dimensions.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        }
    }

    fn range(from: &str, to: &str) -> Range {
        Range { from: at(from).timestamp(), to: at(to).timestamp() }
    }

    #[test]
    fn a_coarse_period_sums_up_what_the_fine_ones_hold() {
        let world = world(&[("2026-11-19T08:07:00Z", Some("2026-11-19T09:10:00Z"), 2)]);
        let day = range("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z");
        for period in [60, 300, 3600, 86_400] {
            let buckets = units().buckets(&world, period, day);
            assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<f64>(), 63.0, "at {period}");
            assert_eq!(buckets.iter().map(|bucket| bucket.sum).sum::<f64>(), 126.0, "at {period}");
            assert!(buckets.iter().all(|bucket| bucket.at % period == 0 && Statistic::Average.of(bucket) == 2.0));
        }
        assert_eq!(units().buckets(&world, 3600, day).len(), 2, "no points while it does not run");
    }

    #[test]
    fn a_period_too_fine_for_its_age_has_no_data() {
        let world = world(&[("2026-09-01T00:00:00Z", Some("2026-11-20T00:00:00Z"), 1)]);
        let asked = |period, from| units().buckets(&world, period, range(from, "2026-11-19T00:00:00Z")).len();
        assert_eq!(asked(60, "2026-11-05T13:00:00Z"), 0, "more than 15 days back");
        assert!(asked(60, "2026-11-05T14:00:00Z") > 0);
        assert!(asked(300, "2026-11-05T13:00:00Z") > 0);
        assert_eq!(asked(300, "2026-09-18T13:00:00Z"), 0, "more than 63 days back");
        assert!(asked(300, "2026-09-18T14:00:00Z") > 0);
        assert!(asked(3600, "2026-09-01T00:00:00Z") > 0);
    }

    #[test]
    fn the_last_minutes_are_late() {
        let world = world(&[("2026-11-20T12:00:00Z", None, 1)]);
        let buckets = units().buckets(&world, 60, range("2026-11-20T12:30:00Z", NOW));
        let newest = buckets.last().expect("points").at;
        let late = at(NOW).timestamp() - newest;
        assert!((180..=300).contains(&late), "the newest point is {late} s old");
        let settled = buckets.iter().filter(|bucket| bucket.at < at("2026-11-20T13:04:00Z").timestamp()).count();
        assert_eq!(settled, 34, "what is older than five minutes is whole");
    }

    #[test]
    fn a_model_trained_before_the_metric_existed_has_none() {
        let scenario = "[scenario]\nname = \"t\"\nstart = \"2026-11-20T13:09:00Z\"\n\
            [[projects]]\nname = \"parts\"\ncreated = \"2022-01-01T00:00:00Z\"\n\
            [[models]]\nproject = \"parts\"\nversion = \"v9\"\ncreated = \"2022-08-01T00:00:00Z\"\nstatus = \"RUNNING\"\n\
            since = \"2026-11-20T08:00:00Z\"\n";
        let hours = range("2026-11-20T08:00:00Z", "2026-11-20T12:00:00Z");
        let count = |text: &str| {
            let scenario = crate::sim::scenario::Scenario::parse("t", text).expect("a scenario");
            units().buckets(&World::build(&scenario).expect("a world"), 300, hours).len()
        };
        assert_eq!(count(scenario), 0);
        assert_eq!(count(&scenario.replace("2022-08-01", "2022-09-01")), 48);
    }

    #[test]
    fn an_idle_queue_has_no_points() {
        let queue = Queue::new("quiet", at("2026-01-01T00:00:00Z"), at(NOW));
        let mut world = empty();
        world.queues.insert("quiet".to_owned(), queue);
        let metric = Metric {
            namespace: "AWS/SQS".to_owned(),
            name: "ApproximateNumberOfMessagesVisible".to_owned(),
            dimensions: [("QueueName".to_owned(), "quiet".to_owned())].into(),
        };
        let hour = range("2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z");
        assert_eq!(metric.buckets(&world, 60, hour), []);
        let waiting = crate::sim::world::queue::Batch::bulk(at("2026-11-20T12:30:00Z"), at(NOW), 39);
        world.queues.get_mut("quiet").expect("the queue").put(waiting);
        let counts: Vec<f64> = metric.buckets(&world, 60, hour).iter().map(|bucket| bucket.sum).collect();
        assert_eq!(counts, (0..30).map(f64::from).collect::<Vec<_>>(), "one more each minute since 12:30");
        let age = Metric { name: "ApproximateAgeOfOldestMessage".to_owned(), ..metric };
        let ages = age.buckets(&world, 60, hour);
        assert_eq!(ages.last().map(|bucket| (bucket.most, ages.len())), Some((29.0 * 60.0, 30)));
    }
}
