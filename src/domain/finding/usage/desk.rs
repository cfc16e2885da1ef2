//! What the rules about usage ask, and the words that they have in common.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Case;
use crate::domain::finding::Rule;
use crate::domain::model::ModelArn;
use crate::domain::price::{Price, dollars};
use crate::domain::savings::{Baseline, Books, By, Hours, Range, Step, Terms};
use crate::domain::usage::{Span, common, joined, less};
use crate::domain::week::midnight;
use crate::domain::work::{HORIZON, Workload, hours_of};

/// Everything that the rules look at.
pub(super) struct Desk<'a> {
    pub books: Books<'a>,
    pub work: &'a Workload,
    pub zone: Tz,
    terms: Terms,
    /// How many models ran in each hour, by its begin, or may have run for all that is known.
    ran: BTreeMap<DateTime<Utc>, u32>,
    /// What was worked off in each hour, all queues together.
    done: BTreeMap<DateTime<Utc>, u64>,
    /// Whether there are models that may have run and of which nothing is known.
    strangers: bool,
}

impl<'a> Desk<'a> {
    pub fn new(books: Books<'a>, work: &'a Workload, price: &Price, zone: Tz) -> Self {
        let terms = Terms {
            range: Range::Days(7),
            by: By::Day,
            baseline: Baseline::AlwaysOn,
            since: None,
            zone,
            week_start: chrono::Weekday::Mon,
            price: price.clone(),
        };
        let horizon = Span { from: books.now - HORIZON, to: books.now };
        let mut ran: BTreeMap<DateTime<Utc>, u32> = BTreeMap::new();
        for history in books.histories.values() {
            let runs: Vec<Span> = history.ran.iter().filter_map(|one| one.span().within(horizon)).collect();
            let maybe = joined([runs, less(&[horizon], &history.asked)].concat());
            let touched: BTreeSet<DateTime<Utc>> =
                maybe.iter().flat_map(|span| hours_of(widened(*span))).map(|hour| hour.from).collect();
            for hour in touched {
                *ran.entry(hour).or_default() += 1;
            }
        }
        let mut done: BTreeMap<DateTime<Utc>, u64> = BTreeMap::new();
        for (hour, count) in work.queues.values().flat_map(|work| work.done.iter()) {
            *done.entry(hour).or_default() += count;
        }
        let strangers = books.fleet.models.as_of.is_none()
            || books
                .fleet
                .models
                .rows
                .values()
                .any(|one| one.status.can_have_run() && !books.histories.contains_key(&one.arn));
        Self { books, work, zone, terms, ran, done, strangers }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.books.now
    }

    /// Whether the picture tells this of the model already.
    pub fn is_told(&self, model: &ModelArn, rule: Rule) -> bool {
        self.books.picture.findings_of(model).any(|finding| finding.rule == rule)
    }

    /// What a model used and ran over in a stretch of time.
    pub fn hours(&self, case: &Case<'_>, span: Span) -> Hours {
        let date = span.from.with_timezone(&self.zone).date_naive();
        Hours::sum(&case.book.hours(&self.terms, &[Step { date, span }]))
    }

    /// The stretches in which a model ran.
    pub fn runs(&self, case: &Case<'_>, span: Span) -> Vec<Span> {
        joined(case.book.history.ran.iter().filter_map(|one| one.span().within(span)).collect())
    }

    /// The queues that a model works off. `None` where that is not known, or somebody else works them off as well.
    pub fn queues(&self, model: &ModelArn) -> Option<Vec<&'a str>> {
        let (fleet, wiring) = (self.books.fleet, &self.books.picture.wiring);
        fleet.mappings.as_of?;
        let mut queues = Vec::new();
        for wire in wiring.mappings_of(model) {
            let queue = fleet.mappings.rows.get(&wire.uuid)?.queue_arn()?;
            let mut readers = fleet.mappings.rows.values().filter(|mapping| mapping.queue_arn() == Some(queue));
            if !readers.all(|reader| wiring.model_by_mapping.get(&reader.uuid) == Some(model)) {
                return None;
            }
            queues.push(queue);
        }
        queues.sort_unstable();
        queues.dedup();
        Some(queues)
    }

    /// How many messages were worked off these queues in an hour; `None` where one of them tells nothing.
    pub fn done(&self, queues: &[&str], hour: Span) -> Option<u64> {
        queues.iter().map(|queue| self.work.queues.get(*queue)?.done.at(hour.from)).sum()
    }

    /// The most that waited in an hour, all of these queues together.
    pub fn waited(&self, queues: &[&str], hour: Span) -> Option<u64> {
        queues.iter().map(|queue| self.work.queues.get(*queue)?.waited.at(hour.from)).sum()
    }

    /// Whether a model that works off these queues had anything to do in an hour. Who asks it without a queue shows up in
    /// the requests of the account only; `None` where those may be its own or another model's.
    pub fn worked(&self, case: &Case<'_>, queues: &[&str], hour: Span) -> Option<bool> {
        let done = if queues.is_empty() { None } else { Some(self.done(queues, hour)?) };
        let answered = self.work.answered.at(hour.from);
        match (done, answered) {
            (Some(1..), _) => Some(true),
            (Some(0), None) | (_, Some(0)) => Some(false),
            (None, None) => None,
            // Another queue was worked off, so that explains the requests.
            (Some(0), Some(_)) if self.done.get(&hour.from).is_some_and(|all| *all > 0) => Some(false),
            _ => self.is_alone(case, hour).then_some(true),
        }
    }

    /// Whether no other model ran in an hour.
    pub fn is_alone(&self, case: &Case<'_>, hour: Span) -> bool {
        let span = Span { from: hour.from, to: hour.to };
        let own = !self.runs(case, span).is_empty() || !less(&[span], &case.book.history.asked).is_empty();
        !self.strangers && self.ran.get(&hour.from).copied().unwrap_or_default() <= u32::from(own)
    }

    /// The whole hours of `span` that lie in a run which began `after` before them at least.
    pub fn full_hours(&self, case: &Case<'_>, span: Span, after: TimeDelta) -> Vec<Span> {
        let runs = self.runs(case, Span { from: span.from - after, to: span.to });
        let late = runs.into_iter().map(|run| Span { from: run.from + after, to: run.to });
        late.filter(|run| run.from < run.to).flat_map(hours_of).collect()
    }

    /// The last fourteen days that are over in a zone, as far as work is known: just after midnight yesterday may not be.
    pub fn fortnight(&self, zone: Tz) -> Span {
        let until = self.work.until(self.now()).unwrap_or(self.now());
        let today = until.with_timezone(&zone).date_naive();
        Span { from: midnight(zone, today - Days::new(14)), to: midnight(zone, today) }
    }

    /// Whether work was asked about in all of a stretch of time, and has been told for good.
    pub fn is_asked(&self, span: Span) -> bool {
        let until = self.work.until(self.now());
        self.work.asked.zip(until).is_some_and(|(asked, until)| asked.from <= span.from && span.to <= until)
    }

    /// The day of the zone on which an instant lies.
    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// `12 h, about $48`: inference hours and what they cost.
    pub fn worth(&self, inference: f64) -> String {
        format!("{}, about {}", hours_words(inference), round_dollars(inference * self.terms.price.usd))
    }

    /// `at an assumed $4.00 an inference hour`.
    pub fn at_price(&self) -> String {
        let whose = if self.terms.price.own { "your own" } else { "an assumed" };
        format!("at {whose} {} an inference hour", dollars(self.terms.price.usd))
    }
}

/// All the hours that a stretch of time touches, whole.
fn widened(span: Span) -> Span {
    Span { from: span.from - TimeDelta::seconds(3_599), to: span.to + TimeDelta::seconds(3_599) }
}

/// `12 h`, `4 h 08`, `45 min`: hours as people say them, the minutes where they matter.
pub(super) fn hours_words(hours: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "hours of a few weeks")]
    let minutes = (hours * 60.0).round() as i64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (10.., _) => format!("{hours:.0} h"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}

/// Dollars without cents, from ten on.
fn round_dollars(amount: f64) -> String {
    if amount < 10.0 { dollars(amount) } else { dollars(amount.round()).trim_end_matches(".00").to_owned() }
}

/// How long some stretches are together, in hours.
pub(super) fn length(spans: &[Span]) -> f64 {
    let length: TimeDelta = spans.iter().map(|span| span.length()).sum();
    length.as_seconds_f64() / 3_600.0
}

/// How long two sets of stretches are in common, in hours.
pub(super) fn shared(one: &[Span], other: &[Span]) -> f64 {
    length(&common(one, other))
}
