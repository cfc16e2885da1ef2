//! The book of one model: what it ran, what was planned, and what the two come to.

use chrono::{DateTime, TimeDelta, Utc};

use super::deed::{Began, Deed};
use super::hours::Hours;
use super::range::Step;
use super::{Baseline, Terms};
use crate::domain::fleet::Fleet;
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::picture::Picture;
use crate::domain::timing::Timing;
use crate::domain::usage::{History, Noted, Span, Stretch, common, joined, less};
use crate::domain::week::{self, Timings};

/// A model takes a while to stop: what runs over by no more than this is no overrun.
const RUN_OUT: TimeDelta = TimeDelta::minutes(15);
/// A start takes up to this long (README of AWS's scheduler sample): a window that begins later is not missed yet.
pub(super) const START: TimeDelta = TimeDelta::minutes(30);
/// Neither clocks nor samples are more exact than this.
const BLUR: TimeDelta = TimeDelta::minutes(5);
/// The week before scheduling.
const WEEK: TimeDelta = TimeDelta::days(7);

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
    on: bool,
    starts: Timings,
    stops: Timings,
    /// Since when its schedules have been there. `None`: nothing starts it.
    planned: Option<DateTime<Utc>>,
    /// Since when all of its schedules are disabled: no window goes beyond that.
    paused: Option<DateTime<Utc>>,
    deeds: &'a [Deed],
}

/// How a run lies to the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Within a window.
    In,
    /// So long of it outside of any.
    Over(TimeDelta),
    /// All of it outside.
    Out,
    /// What was planned then is not known, or nothing starts this model.
    Unplanned,
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended, or up to when it is known to have gone on.
    pub to: DateTime<Utc>,
    /// Whether it goes on.
    pub goes_on: bool,
    /// The average of its inference units.
    pub units: f64,
    /// Its inference hours.
    pub inference: f64,
    /// To how much its begin and its end are known, each.
    pub grain: TimeDelta,
    /// Who began it.
    pub began: Began,
    /// How it lies to the windows.
    pub placed: Placed,
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

    /// Since when its windows are known: an instant and a set of stretches before it.
    fn planned_over(&self, span: Span) -> Vec<Span> {
        let noted = self.history.noted.over.and_then(|over| over.within(span));
        let from = self.planned.map(|from| Span { from: from.max(span.from), to: span.to });
        joined(noted.into_iter().chain(from.filter(|after| after.from < after.to)).collect())
    }

    /// The windows in `span`: as they were noted when they came, else as they are planned now.
    #[must_use]
    pub fn windows(&self, span: Span) -> Vec<Span> {
        let Noted { over, windows: noted } = &self.history.noted;
        let over: Vec<Span> = over.and_then(|over| over.within(span)).into_iter().collect();
        let mut all = common(noted, &over);
        for part in less(&[span], &over) {
            all.extend(self.planned_now(part));
        }
        joined(all)
    }

    /// What is planned in `span` according to the present schedules alone: to be noted once that time is past.
    #[must_use]
    pub fn to_note(&self, span: Span) -> Noted {
        let over = self.planned.and_then(|from| Span { from, to: span.to }.within(span));
        Noted { over, windows: joined(over.map(|over| self.planned_now(over)).unwrap_or_default()) }
    }

    /// The windows in `span` by the present schedules. Whoever pauses them in the middle of a window ends it.
    fn planned_now(&self, span: Span) -> Vec<Span> {
        let span = Span { to: self.paused.map_or(span.to, |paused| span.to.min(paused)), ..span };
        if span.from >= span.to {
            return Vec::new();
        }
        week::windows(&self.starts, &self.stops, span).iter().filter_map(|window| window.within(span)).collect()
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

    /// The runs that touch `span`, oldest first.
    #[must_use]
    pub fn runs(&self, span: Span) -> Vec<Run> {
        let until = self.until().unwrap_or(span.to);
        let touching = self.history.runs().into_iter().filter_map(|run| {
            let whole = Span { from: run.first()?.from, to: run.last()?.to };
            whole.within(span).map(|_| (run, whole))
        });
        let touching: Vec<(&[Stretch], Span)> = touching.collect();
        let Some(wide) = touching
            .first()
            .zip(touching.last())
            .map(|(first, last)| Span { from: first.1.from - WEEK, to: last.1.to + WEEK })
        else {
            return Vec::new();
        };
        let (windows, planned) = (self.windows(wide), self.planned_over(wide));
        let run = |(stretches, whole): (&[Stretch], Span)| {
            let inference: f64 = stretches.iter().map(|one| hours(one.span().length()) * one.units).sum();
            Run {
                from: whole.from,
                to: whole.to,
                goes_on: self.on && until - whole.to <= BLUR,
                units: inference / hours(whole.length()),
                inference,
                grain: TimeDelta::seconds(stretches.iter().map(|one| i64::from(one.grain)).max().unwrap_or(0)),
                began: Began::of(whole.from, self.deeds, &self.starts),
                placed: placed(whole, &windows, &planned),
            }
        };
        touching.into_iter().map(run).collect()
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

/// The timings of what starts and of what stops a model, each for as long as it has been there and enabled, as far as the
/// schedules themselves tell.
fn past(arn: &ModelArn, fleet: &Fleet, picture: &Picture) -> (Timings, Timings) {
    let aims: Vec<_> = picture.wiring.aims_of(arn);
    let (starts, stops) = picture.pair(&aims);
    let bound = |timings: Timings| -> Timings {
        timings.into_iter().filter_map(|(arn, timing)| Some((arn.clone(), bounded(&arn, timing, fleet)?))).collect()
    };
    (bound(starts), bound(stops))
}

fn paused(arn: &ModelArn, fleet: &Fleet, picture: &Picture) -> Option<DateTime<Utc>> {
    let aims = picture.wiring.aims_of(arn);
    let schedules: Vec<_> = aims.iter().filter_map(|aim| fleet.schedule(&aim.schedule)).collect();
    let all = !schedules.is_empty() && schedules.iter().all(|schedule| !schedule.enabled);
    schedules.iter().filter_map(|schedule| schedule.modified).max().filter(|_| all)
}

fn bounded(arn: &str, timing: Timing, fleet: &Fleet) -> Option<Timing> {
    let schedule = fleet.schedule(arn)?;
    let start = timing.start.max(schedule.created);
    if schedule.enabled {
        return Some(Timing { start, ..timing });
    }
    // It was most probably disabled when it was last changed.
    let end = Some(schedule.modified?.min(timing.end.unwrap_or(DateTime::<Utc>::MAX_UTC)));
    Some(Timing { start, end, ..timing })
}

/// Whether a part of a run outside of the windows is no more than what starting ahead and running out take.
fn is_run_out(part: Span, windows: &[Span]) -> bool {
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

fn placed(run: Span, windows: &[Span], planned: &[Span]) -> Placed {
    if common(&[run], planned).iter().map(|span| span.length()).sum::<TimeDelta>() < run.length() {
        return Placed::Unplanned;
    }
    let over: TimeDelta =
        less(&[run], windows).into_iter().filter(|part| !is_run_out(*part, windows)).map(Span::length).sum();
    match over {
        over if over.is_zero() => Placed::In,
        over if over == run.length() => Placed::Out,
        over => Placed::Over(over),
    }
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
