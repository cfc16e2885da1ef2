//! The book of one model: what it ran, what was planned, and what the two come to.

use chrono::{DateTime, TimeDelta, Utc};

use super::deed::Deed;
use super::hours::Hours;
use super::planned::{past, paused};
use super::range::Step;
use super::{Baseline, Terms};
use crate::domain::fleet::Fleet;
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::picture::Picture;
use crate::domain::timing::Timing;
use crate::domain::usage::{History, Span, Stretch, common, joined, less};
use crate::domain::week::{self, Timings};

/// A model takes a while to stop: what runs over by no more than this is no overrun.
const RUN_OUT: TimeDelta = TimeDelta::minutes(15);
/// A start takes up to this long (README of AWS's scheduler sample): a window that begins later is not missed yet.
pub(super) const START: TimeDelta = TimeDelta::minutes(30);
/// Neither clocks nor samples are more exact than this.
pub(super) const BLUR: TimeDelta = TimeDelta::minutes(5);
/// The week before scheduling.
pub(super) const WEEK: TimeDelta = TimeDelta::days(7);

/// All that is known of one model.
#[derive(Clone, Debug)]
pub struct Book<'a> {
    /// The model.
    pub arn: &'a ModelArn,
    /// Whether it is not listed any more.
    pub gone: bool,
    /// The inference units that it is configured to start with, and that always-on would have used.
    pub units: f64,
    /// What it ran.
    pub history: &'a History,
    /// Whether it is running now.
    pub(super) on: bool,
    pub(super) starts: Timings,
    pub(super) stops: Timings,
    /// Since when its schedules have been there. `None`: nothing starts it.
    pub(super) planned: Option<DateTime<Utc>>,
    /// Since when all of its schedules are disabled: no window goes beyond that.
    pub(super) paused: Option<DateTime<Utc>>,
    pub(super) deeds: &'a [Deed],
}

/// What the book says of a stretch of time, before it is summed up.
struct Pages {
    ran: Vec<Stretch>,
    windows: Vec<Span>,
    overrun: Vec<Span>,
    missed: Vec<Span>,
    unknown: Vec<Span>,
}

impl<'a> Book<'a> {
    /// The book of a model of a fleet, or of one that is there no more.
    #[must_use]
    pub fn of(arn: &'a ModelArn, fleet: &Fleet, picture: &Picture, history: &'a History, deeds: &'a [Deed]) -> Self {
        let model = fleet.models.rows.get(arn);
        let seen = history.ran.last().map_or(1.0, |last| last.units.round().max(1.0));
        let (starts, stops) = past(arn, fleet, picture);
        // Before the first fire of all there is a window that nothing opened.
        let first = |timing: &Timing| match timing.start {
            Some(start) => timing.next_after(start - TimeDelta::nanoseconds(1)),
            None => Some(DateTime::UNIX_EPOCH),
        };
        let planned = starts.iter().filter_map(|(_, timing)| first(timing)).min();
        Self {
            arn,
            gone: model.is_none(),
            units: model.and_then(|model: &Model| model.min_units).map_or(seen, f64::from),
            history,
            on: model.is_some_and(|model| model.status == Status::Running),
            starts,
            stops,
            planned,
            paused: paused(arn, fleet, picture),
            deeds,
        }
    }

    /// Whether a schedule starts it, or did.
    #[must_use]
    pub fn is_scheduled(&self) -> bool {
        self.planned.is_some() || self.history.noted.over.is_some()
    }

    /// When its first known run began.
    #[must_use]
    pub fn first(&self) -> Option<DateTime<Utc>> {
        self.history.ran.first().map(|first| first.from)
    }

    /// Up to when it is known what it did. Of a model that is gone nothing can be saved after its last run.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        let known = self.history.until();
        if self.gone { self.history.ran.last().map(|last| last.to).min(known) } else { known }
    }

    fn pages(&self, span: Span) -> Pages {
        let stretches = self.history.ran.iter();
        let ran: Vec<Stretch> = stretches
            .filter_map(|one| {
                let part = one.span().within(span)?;
                Some(Stretch { from: part.from, to: part.to, ..*one })
            })
            .collect();
        // Patience goes by whole runs and windows, which may begin before.
        let wide = Span { from: span.from - WEEK, to: span.to };
        let planned = self.planned_over(wide);
        let windows = self.windows(wide);
        let runs = joined(self.history.ran.iter().filter_map(|one| one.span().within(wide)).collect());
        let unknown = self.unknown(wide, &runs, &windows);
        let over = less(&runs, &windows).into_iter().filter(|part| !is_run_out(*part, &windows)).collect::<Vec<_>>();
        let known = joined([runs, unknown.clone()].concat());
        let missed = less(&windows, &known).into_iter().filter(|part| !is_start_up(*part, &windows));
        let here = |spans: Vec<Span>| common(&spans, &[span]);
        Pages {
            ran,
            overrun: here(common(&over, &planned)),
            missed: here(common(&missed.collect::<Vec<_>>(), &planned)),
            unknown: here(unknown),
            windows: here(windows),
        }
    }

    /// The time of which nobody knows whether it ran: nothing was asked, or its silence cannot have been a stop.
    fn unknown(&self, span: Span, runs: &[Span], windows: &[Span]) -> Vec<Span> {
        let mut unknown = less(&[span], &self.history.asked);
        for pair in runs.windows(2) {
            let [one, next] = pair else { continue };
            let silence = Span { from: one.to, to: next.from };
            // Nothing stops it in the middle of a window and starts it again, unless a hand did.
            let around = windows.partition_point(|window| window.from < silence.from).checked_sub(1);
            // What nothing closes says nothing about when it should have run.
            let within = around
                .and_then(|place| windows.get(place))
                .is_some_and(|window| silence.to < window.to && window.length() <= WEEK);
            if within && !self.by_hand(silence) {
                unknown.push(silence);
            }
        }
        unknown.extend(self.silent_tail().and_then(|tail| tail.within(span)));
        let unknown = joined(unknown);
        // Before its first run it owes nothing.
        let since = self.first().map_or(span.to, |first| first.max(span.from));
        less(&common(&unknown, &[Span { from: since, to: span.to }]), runs)
    }

    /// It runs and is silent: since when, only the windows can tell.
    fn silent_tail(&self) -> Option<Span> {
        let last = self.history.ran.last().filter(|_| self.on)?.to;
        let tail = Span { from: last, to: self.until()? };
        if tail.length() <= BLUR {
            return None;
        }
        let windows = self.windows(Span { from: last - TimeDelta::days(1), to: tail.to });
        let broken = windows.iter().any(|window| window.from < last && last + BLUR < window.to);
        let opened = windows.iter().rev().find(|window| window.from > last);
        let from = if broken { last } else { opened.map_or(last, |window| window.from + START) };
        (from < tail.to).then_some(Span { from, to: tail.to })
    }

    fn by_hand(&self, silence: Span) -> bool {
        let near = |deed: &&Deed| {
            let at = if deed.starts { silence.to } else { silence.from };
            (deed.at - START..=deed.at + START).contains(&at)
        };
        self.deeds.iter().any(|deed| near(&deed))
    }

    /// What always-on, or the week before scheduling, would have used: inference units at any time. The second is `None`
    /// where that week is not known.
    #[must_use]
    pub fn rate(&self, baseline: Baseline) -> Option<f64> {
        match baseline {
            Baseline::AlwaysOn => Some(self.units),
            Baseline::BeforeScheduling => {
                let to = self.planned.filter(|planned| *planned > DateTime::UNIX_EPOCH)?;
                let before = Span { from: to - WEEK, to };
                let known: TimeDelta = common(&self.history.asked, &[before]).iter().map(|span| span.length()).sum();
                let used: f64 = self.used(before);
                (known == WEEK && self.first()? <= before.from + WEEK).then_some(used / hours(WEEK))
            }
        }
    }

    /// The inference hours of `span`.
    #[must_use]
    pub fn used(&self, span: Span) -> f64 {
        let parts =
            self.history.ran.iter().filter_map(|one| Some(hours(one.span().within(span)?.length()) * one.units));
        parts.sum()
    }

    /// The part of a stretch of time in which the baseline counts.
    #[must_use]
    pub fn counted(&self, span: Span, since: Option<DateTime<Utc>>) -> Option<Span> {
        let from = self.first()?.max(span.from).max(since.unwrap_or(span.from));
        let to = self.until()?.min(span.to);
        (from < to).then_some(Span { from, to })
    }

    /// The sums of each step.
    #[must_use]
    pub fn hours(&self, terms: &Terms, steps: &[Step]) -> Vec<Hours> {
        let mut sums = vec![Hours::default(); steps.len()];
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return sums };
        let whole = Span { from: first.span.from, to: last.span.to };
        let Some(span) = self.counted(whole, terms.since) else { return sums };
        let pages = self.pages(span);
        let rate = self.rate(terms.baseline).unwrap_or(self.units);
        let mut add = |part: Span, add: &dyn Fn(&mut Hours, f64)| spread(steps, &mut sums, part, add);
        add(span, &|sum, hours| sum.baseline += hours * rate);
        for stretch in &pages.ran {
            add(stretch.span(), &|sum, hours| {
                sum.running += hours;
                sum.inference += hours * stretch.units;
            });
        }
        for part in &pages.overrun {
            let first = pages.ran.partition_point(|stretch| stretch.to <= part.from);
            for stretch in pages.ran.iter().skip(first).take_while(|stretch| stretch.from < part.to) {
                if let Some(over) = part.within(stretch.span()) {
                    add(over, &|sum, hours| sum.overrun += hours * stretch.units);
                }
            }
        }
        for part in &pages.missed {
            add(*part, &|sum, hours| sum.missed += hours * self.units);
        }
        for part in &pages.unknown {
            add(*part, &|sum, hours| sum.unknown += hours * rate);
        }
        for part in &pages.windows {
            add(*part, &|sum, hours| sum.planned += hours * self.units);
        }
        self.blur(span, steps, &mut sums);
        sums
    }

    /// Adds to each step by how much its figures may be wrong: each start and each stop by its bucket.
    fn blur(&self, span: Span, steps: &[Step], sums: &mut [Hours]) {
        let mut edge = |at: DateTime<Utc>, stretch: &Stretch| {
            if span.from <= at && at <= span.to && self.is_edge(at) {
                let step = steps.partition_point(|step| step.span.to <= at).min(steps.len().saturating_sub(1));
                if let Some(sum) = sums.get_mut(step) {
                    sum.error += f64::from(stretch.grain) / 3600.0 * stretch.units.max(1.0);
                }
            }
        };
        for run in self.history.runs() {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                edge(first.from, first);
                edge(last.to, last);
            }
        }
    }

    /// Whether a run really began or ended there, and it is not just where we stopped asking.
    fn is_edge(&self, at: DateTime<Utc>) -> bool {
        let asked = self.history.asked.iter().any(|asked| asked.from < at && at + BLUR < asked.to);
        asked && self.until().is_none_or(|until| at < until)
    }

    /// What it will have used in `span`, which lies ahead, if everything goes as planned and each start takes `takes`.
    #[must_use]
    pub fn forecast(&self, span: Span, takes: TimeDelta) -> f64 {
        let planned = week::forecast(&self.starts, &self.stops, span, takes);
        // What runs now, runs until something stops it, whatever the windows say.
        let stop = self.stops.iter().filter_map(|(_, timing)| timing.next_after(span.from)).min();
        let on = Span { from: span.from, to: stop.unwrap_or(span.to).min(span.to) };
        let beyond = if self.on && on.from < on.to { less(&[on], &self.windows(span)) } else { Vec::new() };
        let beyond: TimeDelta = beyond.iter().map(|span| span.length()).sum();
        hours(planned + beyond) * self.units
    }
}

/// Whether a part of a run outside of the windows is no more than what starting ahead and running out take.
pub(super) fn is_run_out(part: Span, windows: &[Span]) -> bool {
    let next = windows.partition_point(|window| window.from < part.from);
    let before = next.checked_sub(1).and_then(|last| windows.get(last));
    before.is_some_and(|window| window.to == part.from && part.length() <= RUN_OUT)
        || windows.get(next).is_some_and(|window| window.from == part.to && part.length() <= BLUR)
}

/// Whether a part of a window without a run is no more than what a start takes, or too short to tell.
fn is_start_up(part: Span, windows: &[Span]) -> bool {
    part.length() <= BLUR
        || (part.length() <= START && windows.binary_search_by_key(&part.from, |window| window.from).is_ok())
}

/// Gives each step its share of a stretch of time.
fn spread(steps: &[Step], sums: &mut [Hours], part: Span, add: &dyn Fn(&mut Hours, f64)) {
    let first = steps.partition_point(|step| step.span.to <= part.from);
    for (step, sum) in steps.iter().zip(sums).skip(first) {
        let Some(share) = step.span.within(part) else { break };
        add(sum, hours(share.length()));
    }
}

/// A length of time in hours.
#[must_use]
pub(super) fn hours(length: TimeDelta) -> f64 {
    length.num_milliseconds() as f64 / 3_600_000.0
}
