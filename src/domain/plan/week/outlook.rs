//! What a draft means, beside the draft.

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::family::Family;
use super::save::timings;
use super::wanted::{Entry, Role, entries};
use super::{Crowd, Draft, Ground, Habits};
use crate::domain::cron::{Expression, gaps};
use crate::domain::model::ModelArn;
use crate::domain::plan::{Note, Tone, Units};
use crate::domain::price::{Price, dollars};
use crate::domain::schedule::Schedule;
use crate::domain::timing::Timing;
use crate::domain::usage::Span;
use crate::domain::week::{Pattern, Window, windows};
use crate::domain::words;

/// How many next fires are shown.
const NEXT: usize = 5;
/// A stop and a start that are nearer than this are hardly worth it: a start takes up to half an hour (the scheduler
/// sample's README).
const HARDLY_WORTH: TimeDelta = TimeDelta::minutes(60);
/// Days in a month, on average.
const MONTH: f64 = 365.25 / 12.0;

/// Hours and money of a week like every other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Hours a week in which it runs: from when a start is usually done to the stop.
    pub hours: f64,
    /// Dollars a month, at the price of its region, with the least inference units.
    pub money: f64,
    /// The share of always-on that is saved, from nought to one.
    pub saved: f64,
}

impl Sums {
    fn of(pattern: &Pattern, takes: TimeDelta, units: u32, usd: f64) -> Self {
        let fire_to_stop: u32 = pattern.openings().iter().map(|opening| u32::from(opening.planned())).sum();
        let starting = takes.num_minutes().max(0) as f64 * pattern.openings().len() as f64;
        let hours = if pattern.is_always() { 168.0 } else { (f64::from(fire_to_stop) - starting).max(0.0) / 60.0 };
        Self { hours, money: hours / 7.0 * MONTH * f64::from(units) * usd, saved: (1.0 - hours / 168.0).max(0.0) }
    }
}

/// What becomes of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays as it is.
    Unchanged,
    /// It is edited.
    Edited,
    /// It is new.
    New,
    /// It is deleted.
    Deleted,
    /// It is switched off.
    Paused,
    /// It is none of every week, and stays as it is.
    Other,
}

impl Fate {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Edited => "edited",
            Self::New => "new",
            Self::Deleted => "deleted",
            Self::Paused => "paused",
            Self::Other => "left alone",
        }
    }
}

/// A schedule, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Its expression before, with what else changes.
    pub before: Option<String>,
    /// Its expression after, with what else changes.
    pub after: Option<String>,
}

/// What a draft means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// The week before.
    pub before: Sums,
    /// The week after.
    pub after: Sums,
    /// Every schedule of the model.
    pub lines: Vec<Line>,
    /// The next starts, exceptions included.
    pub starts: Vec<DateTime<Utc>>,
    /// The next stops.
    pub stops: Vec<DateTime<Utc>>,
    /// What should be known, the worst first; what was looked at and is well stands as an info.
    pub notes: Vec<Note>,
    /// Why it cannot be saved as it is.
    pub refused: Option<String>,
}

pub(super) fn of(ground: Ground<'_>, model: &ModelArn, draft: &Draft, habits: Habits, crowd: &Crowd) -> Outlook {
    let family = match Family::of(ground, model, habits.lead) {
        Ok(family) => family,
        Err(why) => return Outlook { refused: Some(why.to_string()), ..Outlook::default() },
    };
    let (units, usd) = (Units::usual(ground, model).min, ground.price().usd);
    let mut outlook = Outlook {
        before: Sums::of(&family.reading.pattern, habits.takes, units, usd),
        after: Sums::of(&draft.pattern, habits.takes, units, usd),
        ..Outlook::default()
    };
    let entries = match entries(ground, &family, draft) {
        Ok(entries) => entries,
        Err(why) => {
            outlook.refused = Some(why.to_string());
            family.members().for_each(|member| outlook.lines.push(unchanged(member.schedule, Fate::Unchanged)));
            return outlook;
        }
    };
    outlook.lines = entries.iter().map(line).collect();
    outlook.lines.extend(family.others.iter().chain(&family.switches).map(|other| unchanged(other, Fate::Other)));
    let (mut starts, mut stops) =
        (timings(ground, &entries, Role::Start, true), timings(ground, &entries, Role::Stop, true));
    if draft.pattern.is_always() && !family.reading.pattern.is_always() {
        outlook.notes.push(Note::danger(
            "No schedule will stop it any more: it runs, and costs money, around the clock until somebody stops it.",
        ));
    }
    if family.paused {
        outlook.notes.push(Note::warning("Its schedules are paused: nothing of this happens until they are resumed."));
    }
    outlook.starts = next(&starts, ground.now);
    outlook.stops = next(&stops, ground.now);
    let ahead = Span { from: ground.now, to: ground.now + TimeDelta::days(42) };
    let (mut other_starts, mut other_stops) = (Vec::new(), Vec::new());
    for other in family.others.iter().filter(|other| other.enabled) {
        let Some(timing) = Timing::of(other) else { continue };
        let aims = ground.picture.wiring.aims_of_schedule(&other.arn);
        let is_start = aims.iter().any(|aim| aim.effect.is_start());
        let own = if is_start { &mut other_starts } else { &mut other_stops };
        own.push((other.arn.clone(), timing));
    }
    let apart = (windows(&starts, &stops, ahead), windows(&other_starts, &other_stops, ahead));
    outlook.notes.extend(meeting(ground, draft, &apart.0, &apart.1));
    starts.extend(other_starts);
    stops.extend(other_stops);
    let planned = windows(&starts, &stops, ahead);
    clocks(&mut outlook.notes, ground, draft, &entries);
    close_together(&mut outlook.notes, &planned, ground, draft);
    backlog(&mut outlook.notes, &planned, ground, model);
    outlook.notes.extend(crowd.note(&planned, ground));
    outlook.notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    outlook
}

fn next(timings: &[(String, Timing)], now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut all: Vec<DateTime<Utc>> = timings
        .iter()
        .flat_map(|(_, timing)| {
            std::iter::successors(timing.next_after(now), |last| timing.next_after(*last)).take(NEXT)
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(NEXT);
    all
}

fn line(entry: &Entry) -> Line {
    let either = entry.after.as_ref().or(entry.before.as_ref());
    let name = either.map(|schedule| schedule.name.clone()).unwrap_or_default();
    let fate = match (&entry.before, &entry.after) {
        (None, _) => Fate::New,
        (_, None) => Fate::Deleted,
        (Some(before), Some(after)) if before == after => Fate::Unchanged,
        (Some(before), Some(after)) if before.enabled && !after.enabled => Fate::Paused,
        _ => Fate::Edited,
    };
    let before = entry.before.as_ref().map(|schedule| said(schedule, entry.after.as_ref()));
    let after = entry.after.as_ref().map(|schedule| {
        let waits = |one: &Schedule| one.start.is_some();
        let at_once = !waits(schedule) && entry.before.as_ref().is_some_and(waits);
        said(schedule, entry.before.as_ref()) + if at_once { ", at once" } else { "" }
    });
    Line { name, fate, before, after }
}

fn unchanged(schedule: &Schedule, fate: Fate) -> Line {
    let said = schedule.expression.clone();
    Line { name: schedule.name.clone(), fate, before: said.clone(), after: said }
}

/// The expression, and what else differs from the other side.
fn said(schedule: &Schedule, versus: Option<&Schedule>) -> String {
    let mut text = schedule.expression.clone().unwrap_or_default();
    let zone = schedule.tz();
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).format("%a %-d %b %H:%M").to_string();
    if versus.is_none_or(|versus| versus.tz() != zone) {
        text += &format!(" {zone}");
    }
    match (schedule.start, versus) {
        (Some(start), versus) if versus.is_none_or(|versus| versus.start != schedule.start) => {
            text += &format!(", from {} on", day(start));
        }
        _ => {}
    }
    if let Some(end) = schedule.end.filter(|_| versus.is_none_or(|versus| versus.end != schedule.end)) {
        text += &format!(", until {}", day(end));
    }
    if versus.is_some_and(|versus| versus.enabled != schedule.enabled) {
        text += if schedule.enabled { ", ENABLED" } else { ", DISABLED" };
    }
    text
}

/// Fires that the clocks skip within the coming year.
fn clocks(notes: &mut Vec<Note>, ground: Ground<'_>, draft: &Draft, entries: &[Entry]) {
    let today = ground.now.with_timezone(&draft.zone).date_naive();
    let gaps = gaps(draft.zone, today, today + Days::new(400));
    let mut well = true;
    for entry in entries {
        let Some(after) = entry.after.as_ref().filter(|after| after.enabled) else { continue };
        let Some(Ok(expression @ Expression::Cron(_))) = after.parsed() else { continue };
        let Some(at) = gaps.iter().find_map(|gap| expression.skipped_in(gap)) else { continue };
        well = false;
        let what = if entry.role == Role::Start { "it is not started" } else { "nothing stops it" };
        notes.push(Note::warning(format!(
            "{} {}: the clocks skip that time, and {what} then.",
            after.name,
            at.format("%a %-d %b %Y %H:%M")
        )));
    }
    if well && !gaps.is_empty() {
        notes.push(Note::info("No start and no stop in a daylight-saving gap."));
    }
}

/// A window of the week that meets one of other schedules of the model: whichever stop comes first ends both.
fn meeting(ground: Ground<'_>, draft: &Draft, weekly: &[Window], others: &[Window]) -> Option<Note> {
    // What others only start, the week stops.
    let others: Vec<(&Window, DateTime<Utc>)> =
        others.iter().filter_map(|other| Some((other, other.closes?))).collect();
    let (first, other, ends) = weekly.iter().find_map(|window| {
        let closes = window.closes?;
        let meets = others.iter().find(|(other, ends)| other.opens < closes && window.opens < *ends)?;
        Some((closes, meets.0, meets.1))
    })?;
    let by = other.closed_by.as_deref().unwrap_or(&other.opened_by);
    let path = ground.fleet.schedule(by).map_or_else(|| by.to_owned(), Schedule::path);
    Some(Note::warning(format!(
        "On {} a window of the week meets one that {path} closes: the stop of {} ends both.",
        other.opens.with_timezone(&draft.zone).format("%a %-d %b"),
        first.min(ends).with_timezone(&draft.zone).format("%H:%M")
    )))
}

/// Windows that follow each other so closely that it hardly pays to stop in between.
fn close_together(notes: &mut Vec<Note>, planned: &[Window], ground: Ground<'_>, draft: &Draft) {
    let near = planned.windows(2).find_map(|pair| {
        let [first, second] = pair else { return None };
        let closes = first.closes?;
        (second.opens - closes < HARDLY_WORTH).then_some((closes, second.opens))
    });
    if let Some((closes, opens)) = near {
        notes.push(Note::warning(format!(
            "It is stopped at {} and started again {} later, which takes up to 30 min and saves next to nothing.",
            words::when(closes, ground.now, draft.zone),
            words::span(opens - closes)
        )));
    }
    // Lead times that reach into the window before join both.
    let openings = draft.pattern.openings();
    let joined = openings.iter().find(|opening| {
        opening.lead > 0
            && !draft.pattern.is_always()
            && openings.iter().any(|other| {
                other != *opening && {
                    let to = (other.closes() + 10_080 - opening.fires()) % 10_080;
                    to <= opening.lead && other.length > 0
                }
            })
    });
    if joined.is_some() {
        notes.push(Note::warning(format!(
            "A pause no longer than the lead time of {} min is none: the model runs through it.",
            draft.lead
        )));
    }
}

/// What waits over the longest gap, against how long the queue keeps it.
fn backlog(notes: &mut Vec<Note>, planned: &[Window], ground: Ground<'_>, model: &ModelArn) {
    let gap = planned
        .windows(2)
        .filter_map(|pair| match pair {
            [first, second] => Some((second.opens - first.closes?, first.closes?)),
            _ => None,
        })
        .max();
    let wires = ground.picture.wiring.mappings_of(model).iter();
    let queues = wires.filter_map(|wire| {
        ground.fleet.mappings.rows.get(&wire.uuid).and_then(|mapping| ground.fleet.queue_of(mapping))
    });
    let Some(queue) = queues.min_by_key(|queue| queue.retention_seconds) else { return };
    let keeps = TimeDelta::seconds(i64::try_from(queue.retention_seconds).unwrap_or(i64::MAX / 1_000));
    match gap {
        None if planned.is_empty() => notes.push(Note::warning(format!(
            "No window in the next six weeks: {} loses what waits longer than {}.",
            queue.name(),
            words::span(keeps)
        ))),
        Some((gap, from)) if gap > keeps => notes.push(Note::danger(format!(
            "{} keeps messages for {}, and from {} on it is off for {}: the first of them are lost.",
            queue.name(),
            words::span(keeps),
            words::when(from, ground.now, ground.zone),
            words::span(gap)
        ))),
        Some((gap, _)) => notes.push(Note::info(format!(
            "The queue keeps {}, the longest gap is {}.",
            words::span(keeps),
            words::span(gap)
        ))),
        None => {}
    }
}

impl Outlook {
    /// The worst of its notes.
    #[must_use]
    pub fn tone(&self) -> Option<Tone> {
        self.notes.iter().map(|note| note.tone).max()
    }

    /// What a plan says of it: the sums where they change, and every warning.
    pub(super) fn told(self, price: &Price) -> impl Iterator<Item = Note> {
        let hours = |hours: f64| format!("{hours:.1}");
        let (before, after) = (self.before, self.after);
        let sums = (before != after).then(|| {
            Note::info(format!(
                "{} h a week in place of {}: about {} a month in place of {} at {} an inference hour, which is \
                 {}; {:.0} % less than always on.",
                hours(after.hours),
                hours(before.hours),
                dollars(after.money),
                dollars(before.money),
                dollars(price.usd),
                price.kind(),
                after.saved * 100.0
            ))
        });
        sums.into_iter().chain(self.notes.into_iter().filter(|note| note.tone > Tone::Info))
    }

    /// Whether anything would be changed.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.lines.iter().any(|line| !matches!(line.fate, Fate::Unchanged | Fate::Other))
    }
}
