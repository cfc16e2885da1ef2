//! What queues went through before now, reckoned from when messages arrive and when models ran.
//!
//! The world keeps no book of single messages, so the past is worked out again each time, in steps of five minutes:
//!
//! - Messages arrive as the scenario says. Those with which it begins, and those that someone sent, are not reckoned with.
//! - They are worked off while the model of their mapping was in service, as fast as the mapping's workers and the model's
//!   units can, the oldest first; what had to wait is worked off after the start. A mapping is taken to have followed its
//!   model: on when it ran, off when it did not. One that is off now although its model runs has been off since it was
//!   last modified, and one that is on although it does not run has failed since then.
//! - What is older than the retention is gone. What fails too often is gone to the dead-letter queue.
//! - One message is one request to the model.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::series::{Range, minutes, real, whole};
use crate::sim::history::RunLog;
use crate::sim::world::flow::{IMAGES_PER_UNIT, WORKERS};
use crate::sim::world::{Mapping, Queue, World};

/// How long a step is, in seconds: as long as the world itself settles queues by.
const STEP: i64 = 300;
/// SQS tells of a queue for so long after it last held or was asked for something (developer guide).
const ACTIVE: i64 = 6 * 3_600;

/// A minute in the past of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Minute {
    /// How many waited.
    pub waiting: f64,
    /// How many were worked off.
    pub done: f64,
    /// How many requests the model did not take for want of units.
    pub throttled: f64,
    /// How many were received in vain because the model did not run.
    pub refused: f64,
    /// Whether SQS tells CloudWatch anything about it.
    pub active: bool,
}

/// What works on a queue: a mapping and its model.
struct Server<'a> {
    /// Its model's runs; `None` where no model is behind it.
    log: Option<&'a RunLog>,
    /// How many messages its workers can try in a second.
    per_second: f64,
    in_flight: f64,
    /// Whether it is on now.
    polls: bool,
    modified: i64,
}

/// What a server did in one step.
#[derive(Default)]
struct Effort {
    /// How many messages it can work off.
    can: f64,
    /// How many it would try without a limit of units.
    tries: f64,
    /// How many messages it has at a time that fail; nothing if it does not fail.
    failing: f64,
    polls: bool,
}

impl<'a> Server<'a> {
    fn of(world: &'a World, mapping: &Mapping) -> Option<Self> {
        let function = world.function(&mapping.function_arn)?;
        let model = world.model_of(mapping).map(|arn| world.models.get(&arn));
        let log = match model {
            None => None,
            Some(model) => {
                let model = model?;
                Some(world.history.get(&(model.project.clone(), model.version.clone())).unwrap_or(&NEVER))
            }
        };
        let workers = f64::from(mapping.max_concurrency.unwrap_or(WORKERS));
        Some(Self {
            log,
            per_second: workers / function.seconds_per_message.max(0.001),
            in_flight: workers * f64::from(mapping.batch_size),
            polls: mapping.polls(),
            modified: mapping.modified.timestamp(),
        })
    }

    fn effort(&self, from: i64) -> Effort {
        let Some(log) = self.log else {
            let on = self.polls || from < self.modified;
            let can = if on { self.per_second * whole(STEP) } else { 0.0 };
            return Effort { can, tries: can, failing: 0.0, polls: on };
        };
        let (mut effort, mut runs) = (Effort::default(), false);
        let first = log.runs.partition_point(|run| run.to.is_some_and(|to| to.timestamp() <= from));
        for run in log.runs.iter().skip(first).take_while(|run| run.from.timestamp() < from + STEP) {
            runs = true;
            let mut to = run.to.map_or(from + STEP, |to| to.timestamp().min(from + STEP));
            if run.to.is_none() && !self.polls {
                to = to.min(self.modified);
            }
            let seconds = whole((to - run.from.timestamp().max(from)).max(0));
            effort.can += self.per_second.min(f64::from(run.units) * IMAGES_PER_UNIT) * seconds;
            effort.tries += self.per_second * seconds;
        }
        effort.polls = effort.tries > 0.0;
        if !runs && self.polls && from >= self.modified {
            effort = Effort { failing: self.in_flight, polls: true, ..effort };
        }
        effort
    }
}

static NEVER: RunLog = RunLog { runs: Vec::new(), gaps: Vec::new() };

/// Each minute of `range`, in order: when it begins, and what was then.
#[must_use]
pub fn of_queue(world: &World, queue: &Queue, range: Range) -> Vec<(i64, Minute)> {
    let steps = steps(world, queue, range);
    let Some(first) = steps.first().map(|step| step.from) else { return Vec::new() };
    let at = |at: i64| {
        let step = steps.get(usize::try_from((at - first).div_euclid(STEP)).ok()?)?;
        Some((at, step.minute(at)))
    };
    minutes(range).filter_map(at).collect()
}

/// Each minute of `range` in which models were asked for something, all queues of the account together.
#[must_use]
pub fn of_models(world: &World, range: Range) -> Vec<(i64, Minute)> {
    let mut sums: BTreeMap<i64, Minute> = BTreeMap::new();
    let fed = |queue: &&Queue| {
        let models = world.serving(&queue.name).any(|mapping| world.model_of(mapping).is_some());
        models && !queue.arrivals.is_empty()
    };
    for queue in world.queues.values().filter(fed) {
        for step in steps(world, queue, range) {
            if step.each.done + step.each.throttled + step.each.refused > 0.0 {
                let sum = sums.entry(step.from).or_default();
                sum.done += step.each.done;
                sum.throttled += step.each.throttled;
                sum.refused += step.each.refused;
            }
        }
    }
    let at = |at: i64| Some((at, *sums.get(&(at.div_euclid(STEP) * STEP))?));
    minutes(range).filter_map(at).collect()
}

/// What happened in a step: how many waited when it began and when it ended, and the rest by the minute.
#[derive(Clone, Copy, Default)]
struct Step {
    from: i64,
    waited: f64,
    each: Minute,
}

impl Step {
    fn minute(&self, at: i64) -> Minute {
        let passed = whole(at - self.from) / whole(STEP);
        Minute { waiting: self.waited + (self.each.waiting - self.waited) * passed, ..self.each }
    }
}

/// The steps that touch `range`, in order.
fn steps(world: &World, queue: &Queue, range: Range) -> Vec<Step> {
    let servers: Vec<Server<'_>> = world.serving(&queue.name).filter_map(|one| Server::of(world, one)).collect();
    let retention = queue.retention.num_seconds();
    let tried = queue.dead_letter.as_ref().map(|(_, most)| queue.visibility.num_seconds() * i64::from(*most));
    // Whatever was there a retention ago is gone when the range begins.
    let begin = (range.from - retention).max(queue.created.timestamp()).div_euclid(STEP) * STEP;
    let (mut arrived, mut waiting, mut last_active) = (vec![0.0], 0.0_f64, None);
    let mut steps = Vec::new();
    let mut from = begin;
    while from < range.to {
        let coming = arriving(queue, from + STEP / 2) * whole(STEP);
        let total = arrived.last().copied().unwrap_or_default() + coming;
        arrived.push(total);
        let mut all = Effort::default();
        for effort in servers.iter().map(|server| server.effort(from)) {
            all.can += effort.can;
            all.tries += effort.tries;
            all.failing += effort.failing;
            all.polls |= effort.polls;
        }
        let age = tried.filter(|_| all.failing > 0.0).map_or(retention, |tried| tried.min(retention));
        let kept = usize::try_from(age.div_euclid(STEP).max(1)).unwrap_or(1);
        let gone = arrived.len().checked_sub(1 + kept).and_then(|back| arrived.get(back)).copied();
        let waited = waiting;
        waiting = (waiting + coming).min(total - gone.unwrap_or_default());
        let done = waiting.min(all.can);
        // Only while something waits is anything tried.
        let busy = if all.can > 0.0 { done / all.can } else { 0.0 };
        let refused = waiting.min(all.failing) / queue.visibility.as_seconds_f64().max(1.0) * whole(STEP);
        waiting -= done;
        if coming > 0.0 || waiting > 0.0 || all.polls {
            last_active = Some(from);
        }
        let each = Minute {
            waiting,
            done: by_minute(done),
            throttled: by_minute((all.tries - all.can).max(0.0) * busy),
            refused: by_minute(refused),
            active: last_active.is_some_and(|last| from - last <= ACTIVE),
        };
        if from + STEP > range.from {
            steps.push(Step { from, waited, each });
        }
        from += STEP;
    }
    steps
}

fn by_minute(of_step: f64) -> f64 {
    of_step * 60.0 / whole(STEP)
}

/// How many messages arrive by themselves in a second.
fn arriving(queue: &Queue, at: i64) -> f64 {
    let Some(at) = DateTime::from_timestamp(at, 0) else { return 0.0 };
    queue.arrivals.iter().filter(|arrivals| arrivals.cover(at)).map(|some| some.per_hour).sum::<f64>() / real(3_600)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::cloudwatch::series::{Bucket, Metric, Statistic};
    use crate::sim::scenario::Scenario;

    /// Friday, 13:09. The model ran on weekdays from 08:00 to 12:00; messages come from 06:00 to 14:00, 120 an hour, and
    /// two workers with 6 seconds for each do 1,200.
    const WEEK: &str = r#"
        [scenario]
        name = "t"
        start = "2026-11-20T13:09:00Z"
        [[projects]]
        name = "parts"
        created = "2026-01-01T00:00:00Z"
        [[models]]
        project = "parts"
        version = "v9"
        created = "2026-01-02T00:00:00Z"
        status = "STOPPED"
        [[history]]
        project = "parts"
        version = "v9"
        days = 20
        week = [{ days = "MON-FRI", from = "08:00", to = "12:00" }]
        [[queues]]
        name = "images"
        dead_letter = { queue = "dead", max_receives = 5 }
        arrivals = [{ days = "MON-FRI", from = "06:00", to = "14:00", per_hour = 120 }]
        [[queues]]
        name = "dead"
        [[functions]]
        name = "inference"
        role = "inference"
        seconds_per_message = 6
        [[mappings]]
        uuid = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d"
        function = "inference"
        queue = "images"
        model = "parts/v9"
        state = "Disabled"
        max_concurrency = 2
    "#;

    fn world(text: &str) -> World {
        World::build(&Scenario::parse("t", text).expect("a scenario")).expect("a world")
    }

    fn metric(namespace: &str, name: &str, dimension: (&str, &str)) -> Metric {
        let dimensions = [(dimension.0.to_owned(), dimension.1.to_owned())].into();
        Metric { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }

    fn range(from: &str, to: &str) -> Range {
        let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().expect("a time").timestamp();
        Range { from: at(from), to: at(to) }
    }

    /// The hours of Thursday by their number, rounded; `Sum` or `Maximum`.
    fn thursday(world: &World, metric: &Metric, statistic: Statistic) -> Vec<(i64, i64)> {
        let day = range("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z");
        let told = |bucket: &Bucket| ((bucket.at - day.from) / 3600, statistic.of(bucket).round() as i64);
        metric.buckets(world, 3600, day).iter().map(told).collect()
    }

    fn of_queue(name: &str) -> Metric {
        metric("AWS/SQS", name, ("QueueName", "images"))
    }

    fn of_account(name: &str) -> Metric {
        metric("AWS/Rekognition", name, ("Operation", "DetectCustomLabels"))
    }

    #[test]
    fn what_waited_is_worked_off_after_the_start_and_nothing_while_it_is_closed() {
        let world = world(WEEK);
        // Wednesday's last two hours, and Thursday's first two, wait until 08:00: 480, and 120 more until they are done.
        let done = thursday(&world, &of_queue("NumberOfMessagesDeleted"), Statistic::Sum);
        let told: Vec<i64> = (6..14).map(|hour| done.iter().find(|one| one.0 == hour).expect("a point").1).collect();
        assert_eq!(told, [0, 0, 600, 120, 120, 120, 0, 0]);
        let all = range("2026-11-09T00:00:00Z", "2026-11-20T13:00:00Z");
        let sum = |name: &str| of_queue(name).buckets(&world, 3600, all).iter().map(|hour| hour.sum).sum::<f64>();
        assert!((sum("NumberOfMessagesDeleted") - 10.0 * 960.0).abs() < 1.0, "what comes is worked off, once");
    }

    #[test]
    fn what_waits_grows_until_the_next_start() {
        let world = world(WEEK);
        let waited = thursday(&world, &of_queue("ApproximateNumberOfMessagesVisible"), Statistic::Maximum);
        let told: Vec<i64> = [0, 7, 8, 9, 11, 13, 20].map(|hour| waited[hour].1).into();
        assert_eq!(told, [240, 478, 480, 0, 0, 238, 240]);
    }

    #[test]
    fn retention_ends_what_waits() {
        let world = world(&WEEK.replace("[[functions]]", "[[queues]]\nname = \"idle\"\nretention_seconds = 7200\narrivals = [{ days = \"THU\", from = \"06:00\", to = \"10:00\", per_hour = 60 }]\n[[functions]]"));
        let metric = metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", ("QueueName", "idle"));
        let waited = thursday(&world, &metric, Statistic::Maximum);
        let told: Vec<(i64, i64)> =
            waited.iter().copied().filter(|(hour, _)| [6, 9, 11, 12, 17].contains(hour)).collect();
        assert_eq!(told, [(6, 59), (9, 120), (11, 60), (12, 0), (17, 0)]);
        assert_eq!(waited.last().map(|last| last.0), Some(17), "six hours after it was last in use it falls silent");
    }

    #[test]
    fn requests_are_those_of_all_queues_and_none_while_nothing_runs() {
        let world = world(WEEK);
        let hours = |name: &str| thursday(&world, &of_account(name), Statistic::Sum);
        assert_eq!(hours("SuccessfulRequestCount"), [(8, 600), (9, 120), (10, 120), (11, 120)]);
        assert_eq!(hours("ThrottledCount"), [(8, 0), (9, 0), (10, 0), (11, 0)]);
        let other = metric("AWS/Rekognition", "SuccessfulRequestCount", ("Operation", "DetectLabels"));
        assert_eq!(thursday(&world, &other, Statistic::Sum), []);
    }

    #[test]
    fn workers_that_ask_for_more_than_the_units_can_are_throttled() {
        // Two workers with a tenth of a second each ask 20 times a second, and one unit takes 5 images.
        let fast = WEEK.replace("seconds_per_message = 6", "seconds_per_message = 0.1").replace("120 }", "36000 }");
        let world = world(&fast);
        let sum = |name: &str| thursday(&world, &of_account(name), Statistic::Sum)[1].1;
        assert_eq!((sum("SuccessfulRequestCount"), sum("ThrottledCount")), (18_000, 54_000));
        let waited = thursday(&world, &of_queue("ApproximateNumberOfMessagesVisible"), Statistic::Maximum);
        assert!(waited[10].1 > waited[9].1, "more come than it can do: {waited:?}");
    }

    #[test]
    fn a_mapping_that_is_on_without_its_model_asks_in_vain() {
        let on = WEEK.replace("state = \"Disabled\"", "state = \"Enabled\"\nmodified = \"2026-11-19T12:00:00Z\"");
        let world = world(&on);
        let sum = |name: &str| thursday(&world, &of_account(name), Statistic::Sum);
        let after: i64 = sum("UserErrorCount").iter().filter(|hour| hour.0 >= 12).map(|hour| hour.1).sum();
        assert!(after > 0, "{:?}", sum("UserErrorCount"));
        assert!(sum("UserErrorCount").iter().all(|hour| hour.0 >= 12 || hour.1 == 0));
        let waited = thursday(&world, &of_queue("ApproximateNumberOfMessagesVisible"), Statistic::Maximum);
        assert!(waited[13].1 <= 10, "what failed five times went to the dead-letter queue: {waited:?}");
    }

    #[test]
    fn a_mapping_that_is_off_while_its_model_runs_has_been_off_since_it_was_changed() {
        let on = WEEK.replace("status = \"STOPPED\"", "status = \"RUNNING\"\nsince = \"2026-11-19T08:00:00Z\"");
        let world =
            world(&on.replace("state = \"Disabled\"", "state = \"Disabled\"\nmodified = \"2026-11-19T10:00:00Z\""));
        let done = thursday(&world, &of_queue("NumberOfMessagesDeleted"), Statistic::Sum);
        let told: Vec<i64> = (8..14).map(|hour| done.iter().find(|one| one.0 == hour).expect("a point").1).collect();
        assert_eq!(told, [600, 120, 0, 0, 0, 0]);
    }
}
