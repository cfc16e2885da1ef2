//! CloudWatch: GetMetricData and GetMetricStatistics over what models ran and queues held.

pub mod math;
pub mod past;
pub mod series;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta};
use serde_json::{Map, Value, json};

use super::args::{self, number, text, texts};
use super::fault::Fault;
use super::world::{World, epoch, hash, scatter};
use math::{Expression, Line};
use series::{Metric, Range, Statistic};

/// Answers a call.
///
/// # Errors
/// As CloudWatch does. Those that its service model does not list are `ValidationError`, as the real one answers.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "GetMetricData" => data(world, input),
        "GetMetricStatistics" => statistics(world, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", 400, message)
}

fn bad_value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", 400, message)
}

fn bad_combination(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterCombinationException", 400, message)
}

fn missing(what: &str) -> Fault {
    Fault::new("MissingRequiredParameterException", 400, format!("The parameter {what} is required."))
}

/// As many metrics as one GetMetricData may ask for, and as many points as one answer of it holds.
const MOST_QUERIES: usize = 500;
const MOST_POINTS: usize = 100_800;
/// As many points as one GetMetricStatistics may ask for.
const MOST_STATISTICS: i64 = 1_440;

/// One entry of MetricDataQueries.
struct Query {
    id: String,
    label: Option<String>,
    shown: bool,
    source: Source,
}

enum Source {
    Metric { metric: Metric, period: i64, statistic: Statistic, unit: Option<String> },
    Expression(Expression),
}

fn data(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let range = range(input, invalid)?;
    let entries = input.get("MetricDataQueries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let queries = queries(entries)?;
    let most = match number(input, "MaxDatapoints").map(usize::try_from) {
        None if input.get("MaxDatapoints").is_none() => MOST_POINTS,
        Some(Ok(most)) if (1..=MOST_POINTS).contains(&most) => most,
        _ => return Err(invalid("MaxDatapoints must be between 1 and 100800.")),
    };
    settle_queues(world, &queries);
    let lines = lines(world, &queries, range)?;
    let ascending = text(input, "ScanBy") == Some("TimestampAscending");
    let shown: Vec<(&Query, Vec<(i64, f64)>)> = queries
        .iter()
        .filter(|query| query.shown)
        .map(|query| {
            let mut points: Vec<(i64, f64)> = lines
                .get(&query.id)
                .map(|line| line.points.iter().map(|(at, value)| (*at, *value)).collect())
                .unwrap_or_default();
            if !ascending {
                points.reverse();
            }
            (query, points)
        })
        .collect();
    let labels = labels(&queries);
    let scope =
        format!("GetMetricData {} {range:?} {ascending}", input.get("MetricDataQueries").unwrap_or(&Value::Null));
    // AWS hands out no token when an expression is among the queries: all of it comes at once.
    let whole = queries.iter().any(|query| matches!(query.source, Source::Expression(_)));
    paged(world, &shown, &labels, &scope, text(input, "NextToken"), most, whole)
}

/// One page: the points from where the token says, in the order of the queries. An empty metric has its place, too.
fn paged(
    world: &World,
    shown: &[(&Query, Vec<(i64, f64)>)],
    labels: &BTreeMap<String, String>,
    scope: &str,
    token: Option<&str>,
    most: usize,
    whole: bool,
) -> Result<Value, Fault> {
    let places = shown.iter().enumerate().flat_map(|(query, (_, points))| {
        let empty = points.is_empty().then_some((query, None));
        points.iter().map(move |point| (query, Some(*point))).chain(empty)
    });
    let places: Vec<(usize, Option<(i64, f64)>)> = places.collect();
    let (rows, next) = if whole && token.is_none() {
        (places, None)
    } else {
        args::page(world, places, scope, token, Some(most), MOST_POINTS)
            .map_err(|_| Fault::new("InvalidNextToken", 400, "The next token specified is invalid."))?
    };
    let last = rows.last().copied();
    let mut pieces: BTreeMap<usize, Vec<(i64, f64)>> = BTreeMap::new();
    for (query, point) in rows {
        pieces.entry(query).or_default().extend(point);
    }
    let results: Vec<Value> = pieces
        .into_iter()
        .filter_map(|(place, points)| {
            let (query, all) = shown.get(place)?;
            let goes_on =
                next.is_some() && last.is_some_and(|(query, point)| query == place && point != all.last().copied());
            let status = if goes_on { "PartialData" } else { "Complete" };
            let label = labels.get(&query.id).cloned().unwrap_or_default();
            Some(json!({
                "Id": query.id,
                "Label": label,
                "Timestamps": points.iter().map(|(at, _)| stamp(*at)).collect::<Vec<_>>(),
                "Values": points.iter().map(|(_, value)| Value::from(*value)).collect::<Vec<_>>(),
                "StatusCode": status,
            }))
        })
        .collect();
    let mut out = json!({ "MetricDataResults": results, "Messages": [] });
    if let (Some(token), Some(fields)) = (next, out.as_object_mut()) {
        fields.insert("NextToken".to_owned(), token.into());
    }
    Ok(out)
}

fn stamp(at: i64) -> Value {
    DateTime::from_timestamp(at, 0).map_or(Value::Null, epoch)
}

fn queries(entries: &[Value]) -> Result<Vec<Query>, Fault> {
    if entries.is_empty() {
        return Err(missing("MetricDataQueries"));
    }
    if entries.len() > MOST_QUERIES {
        return Err(invalid("The collection MetricDataQueries must not have a size greater than 500."));
    }
    let mut ids = BTreeSet::new();
    let mut queries = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let query = query(entry, &format!("MetricDataQueries.member.{}", index + 1))?;
        if !ids.insert(query.id.clone()) {
            return Err(invalid(format!(
                "The values for parameter id in MetricDataQueries are not unique: {}.",
                query.id
            )));
        }
        queries.push(query);
    }
    if !queries.iter().any(|query| query.shown) {
        return Err(invalid("At least one query must return data: ReturnData is false for all."));
    }
    Ok(queries)
}

fn query(entry: &Value, key: &str) -> Result<Query, Fault> {
    let id = text(entry, "Id").ok_or_else(|| missing(&format!("{key}.Id")))?;
    let starts_lowercase = id.starts_with(|first: char| first.is_ascii_lowercase());
    if !starts_lowercase || !id.chars().all(|one| one.is_ascii_alphanumeric() || one == '_') {
        return Err(invalid(format!(
            "The value {id} for parameter {key}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    let source = match (entry.get("MetricStat"), text(entry, "Expression")) {
        (Some(stat), None) => metric_stat(stat, &format!("{key}.MetricStat"))?,
        (None, Some(expression)) => Source::Expression(
            Expression::parse(expression).map_err(|error| invalid(format!("{key}.Expression: {error}")))?,
        ),
        _ => return Err(invalid(format!("{key}: exactly one of MetricStat and Expression must be given."))),
    };
    let shown = entry.get("ReturnData").and_then(Value::as_bool).unwrap_or(true);
    Ok(Query { id: id.to_owned(), label: text(entry, "Label").map(str::to_owned), shown, source })
}

fn metric_stat(stat: &Value, key: &str) -> Result<Source, Fault> {
    let metric = stat.get("Metric").ok_or_else(|| missing(&format!("{key}.Metric")))?;
    let period = period(stat).ok_or_else(|| invalid(format!("{key}.Period: {PERIODS}")))?;
    let name = text(stat, "Stat").ok_or_else(|| missing(&format!("{key}.Stat")))?;
    let statistic = Statistic::parse(name)
        .ok_or_else(|| invalid(format!("{key}.Stat: the statistic {name} is not one that is simulated.")))?;
    let metric = metric_of(metric).ok_or_else(|| missing(&format!("{key}.Metric.MetricName")))?;
    Ok(Source::Metric { metric, period, statistic, unit: text(stat, "Unit").map(str::to_owned) })
}

fn metric_of(value: &Value) -> Option<Metric> {
    let dimensions = value.get("Dimensions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pair = |one: &Value| Some((text(one, "Name")?.to_owned(), text(one, "Value")?.to_owned()));
    Some(Metric {
        namespace: text(value, "Namespace")?.to_owned(),
        name: text(value, "MetricName")?.to_owned(),
        dimensions: dimensions.iter().filter_map(pair).collect(),
    })
}

const PERIODS: &str = "the period must be 1, 5, 10, 30 or a multiple of 60 seconds.";

fn period(value: &Value) -> Option<i64> {
    let period = i64::from(number(value, "Period").and_then(|period| i32::try_from(period).ok())?);
    (matches!(period, 1 | 5 | 10 | 30) || (period > 0 && period % 60 == 0)).then_some(period)
}

/// The end of the last year that timestamps are written with, in epoch seconds.
const YEAR_9999: f64 = 253_402_300_799.0;

/// StartTime and EndTime in whole seconds: CloudWatch knows nothing finer.
fn range(input: &Value, refuse: fn(String) -> Fault) -> Result<Range, Fault> {
    let seconds = |key: &str| {
        let seconds = input.get(key).and_then(Value::as_f64).ok_or_else(|| missing(key))?;
        #[expect(clippy::cast_possible_truncation, reason = "it is between two years that fit")]
        Ok(seconds.clamp(0.0, YEAR_9999).floor() as i64)
    };
    let range = Range { from: seconds("StartTime")?, to: seconds("EndTime")? };
    match range.from.cmp(&range.to) {
        std::cmp::Ordering::Less => Ok(range),
        std::cmp::Ordering::Equal => {
            Err(refuse("The parameter StartTime must not equal parameter EndTime.".to_owned()))
        }
        std::cmp::Ordering::Greater => {
            Err(refuse("The parameter StartTime must be less than the parameter EndTime.".to_owned()))
        }
    }
}

fn settle_queues(world: &mut World, queries: &[Query]) {
    for query in queries {
        if let Source::Metric { metric, .. } = &query.source {
            settle_queue(world, metric);
        }
    }
}

fn settle_queue(world: &mut World, metric: &Metric) {
    if let Some(queue) = metric.dimensions.get("QueueName").filter(|_| metric.namespace == "AWS/SQS") {
        world.settle(queue);
    }
}

/// The line of each query by its id: first the metrics, then the expressions over them.
fn lines(world: &World, queries: &[Query], range: Range) -> Result<BTreeMap<String, Line>, Fault> {
    let mut lines = BTreeMap::new();
    for query in queries {
        if let Source::Metric { metric, period, statistic, unit } = &query.source {
            let kept = unit.is_none() || unit.as_deref() == metric.unit();
            let buckets = if kept { metric.buckets(world, *period, range) } else { Vec::new() };
            let points = buckets.iter().map(|bucket| (bucket.at, statistic.of(bucket))).collect();
            lines.insert(query.id.clone(), Line { period: *period, points });
        }
    }
    // An expression may use another one, whatever their order: as many rounds as there are expressions suffice.
    let mut open: Vec<&Query> = queries.iter().filter(|query| matches!(query.source, Source::Expression(_))).collect();
    while !open.is_empty() {
        let (ready, rest): (Vec<&Query>, Vec<&Query>) = open.into_iter().partition(|query| match &query.source {
            Source::Expression(expression) => expression.names().iter().all(|name| lines.contains_key(*name)),
            Source::Metric { .. } => true,
        });
        if ready.is_empty() {
            let ids: Vec<&str> = rest.iter().map(|query| query.id.as_str()).collect();
            return Err(invalid(format!("The expressions {} use ids that no other query has.", ids.join(", "))));
        }
        for query in ready {
            if let Source::Expression(expression) = &query.source {
                let line = expression.line(&lines).map_err(|error| invalid(format!("Query {}: {error}", query.id)))?;
                lines.insert(query.id.clone(), line);
            }
        }
        open = rest;
    }
    Ok(lines)
}

/// The label of each query: its own, or else the metric's name, or what tells it from another of the same name.
fn labels(queries: &[Query]) -> BTreeMap<String, String> {
    let names: Vec<&str> = queries.iter().filter_map(|query| Some(query.metric()?.name.as_str())).collect();
    let label = |query: &Query| match (&query.label, query.metric()) {
        (Some(label), _) => label.clone(),
        (None, None) => query.id.clone(),
        (None, Some(metric)) => {
            let alone = names.iter().filter(|name| **name == metric.name).count() == 1;
            let values: Vec<&str> = metric.dimensions.values().map(String::as_str).collect();
            if alone || values.is_empty() { metric.name.clone() } else { values.join(" ") }
        }
    };
    queries.iter().map(|query| (query.id.clone(), label(query))).collect()
}

impl Query {
    fn metric(&self) -> Option<&Metric> {
        match &self.source {
            Source::Metric { metric, .. } => Some(metric),
            Source::Expression(_) => None,
        }
    }
}

fn statistics(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let range = range(input, bad_value)?;
    let metric = metric_of(input).ok_or_else(|| missing("MetricName"))?;
    let period = period(input).ok_or_else(|| bad_value(format!("The parameter Period: {PERIODS}")))?;
    let wanted = statistics_of(input)?;
    let count = TimeDelta::seconds(range.to - range.from).num_seconds().div_euclid(period);
    if count > MOST_STATISTICS {
        return Err(bad_combination(format!(
            "You have requested up to {count} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints \
             requested by increasing Period, or decreasing the time range."
        )));
    }
    settle_queue(world, &metric);
    let unit = metric.unit().unwrap_or("None");
    let kept = text(input, "Unit").is_none_or(|asked| asked == unit);
    let mut buckets = if kept { metric.buckets(world, period, range) } else { Vec::new() };
    // The real one promises no order, and keeps that promise.
    buckets.sort_by_key(|bucket| scatter(hash(&metric.name) ^ bucket.at.unsigned_abs()));
    let points: Vec<Value> = buckets
        .iter()
        .map(|bucket| {
            let mut point = Map::new();
            point.insert("Timestamp".to_owned(), stamp(bucket.at));
            for statistic in &wanted {
                point.insert(statistic.name().to_owned(), statistic.of(bucket).into());
            }
            point.insert("Unit".to_owned(), unit.into());
            Value::Object(point)
        })
        .collect();
    Ok(json!({ "Label": metric.name, "Datapoints": points }))
}

fn statistics_of(input: &Value) -> Result<Vec<Statistic>, Fault> {
    let (names, extended) = (texts(input, "Statistics"), texts(input, "ExtendedStatistics"));
    match (names.is_empty(), extended.is_empty()) {
        (true, true) => return Err(missing("Statistics")),
        (false, false) => {
            return Err(bad_combination("Statistics and ExtendedStatistics must not be given together."));
        }
        (true, false) => {
            return Err(bad_value(format!("ExtendedStatistics: {} are not simulated.", extended.join(", "))));
        }
        (false, true) => {}
    }
    let known = |name: &&str| {
        Statistic::parse(name).ok_or_else(|| bad_value(format!("The parameter Statistics: there is no {name}.")))
    };
    names.iter().map(known).collect()
}

#[cfg(test)]
mod tests;
