//! Windows that are far wider than the work in them, and the tighter ones that would hold it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::desk::{Desk, shared};
use super::{Case, Finding, Rule, Severity};
use crate::domain::usage::{Span, less};
use crate::domain::week::{Pattern, midnight};
use crate::domain::work::hours_of;

/// On so many days in two weeks it must be known what was worked off.
const DAYS: usize = 10;
/// The least share of the planned hours that is worth a change.
const SHARE: f64 = 0.2;
/// How much is left before the first and after the last hour with work, in minutes: it also holds the start.
const MARGIN: i64 = 60;
/// A model takes a while to stop: what it works off meanwhile needs no window.
const RUN_OUT: TimeDelta = TimeDelta::minutes(15);
/// The minutes of a day.
const DAY: i64 = 1_440;

/// A window of the week: the weekday, when it opens in minutes after midnight, and how long it is in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shift {
    day: u32,
    from: i64,
    length: i64,
}

impl Shift {
    /// A window as its zone has it: by the clock, so that a change of clocks does not make it another one.
    fn of(window: Span, zone: Tz) -> Self {
        let (from, to) = (window.from.with_timezone(&zone).naive_local(), window.to.with_timezone(&zone).naive_local());
        let minute = i64::from(from.hour() * 60 + from.minute());
        Self { day: from.weekday().num_days_from_monday(), from: minute, length: (to - from).num_minutes() }
    }

    /// What windows share whose hours are the same.
    fn hours(self) -> (i64, i64) {
        (self.from, self.length)
    }
}

/// From when to when there was work in windows of the same hours, in minutes after their opening. `None`: none at all.
type Use = Option<(i64, i64)>;

/// A tighter week that would have held all of the work of two weeks.
struct Tighter {
    pattern: Pattern,
    /// The hours of the week that are planned now, and that would be.
    planned: (f64, f64),
    days: usize,
}

pub(super) fn too_wide(desk: &Desk<'_>, case: &Case<'_>) -> Option<Finding> {
    if !case.view.judged || case.view.paused || !case.view.scheduled {
        return None;
    }
    let tighter = tighter(desk, case)?;
    let saved = tighter.planned.0 - tighter.planned.1;
    if saved < SHARE * tighter.planned.0 {
        return None;
    }
    let worth = desk.worth(saved * case.book.units);
    let (name, price) = (case.name(), desk.at_price());
    let finding = case.finding(Rule::WindowTooWide, Severity::Info);
    let known = format!("It is known for each hour of {} days what was worked off", tighter.days);
    if tighter.pattern.is_never() {
        return Some(Finding {
            severity: Severity::Warning,
            sentence: format!(
                "{name} had nothing to do in any of its windows of the last two weeks; without them it would save {worth} \
                 a week, {price}."
            ),
            reason: format!("{known}: nothing."),
            remedy: "Pause its schedules until it is needed, and start it by hand when it is.".into(),
            ..finding
        });
    }
    let week = tighter.pattern.sentence();
    Some(Finding {
        sentence: format!(
            "The windows of {name} are far wider than its work: {week} would hold all of the work of the last two weeks \
             and save {worth} a week, {price}."
        ),
        reason: format!("{known}; an hour is left before the first and after the last one with work."),
        remedy: format!("Make its week {week} in the week editor."),
        ..finding
    })
}

fn tighter(desk: &Desk<'_>, case: &Case<'_>) -> Option<Tighter> {
    let (zone, shifts) = plan(desk, case)?;
    let queues = desk.queues(case.book.arn).filter(|queues| !queues.is_empty())?;
    let fortnight = desk.fortnight(zone);
    if !desk.is_asked(fortnight) {
        return None;
    }
    let windows = windows(desk, case, zone, fortnight.from);
    let mut uses: BTreeMap<(i64, i64), Use> = BTreeMap::new();
    let mut days: BTreeSet<NaiveDate> = BTreeSet::new();
    for window in &windows {
        let shift = Shift::of(*window, zone);
        // Another plan than the present one says nothing about it.
        if !shifts.contains(&shift) {
            return None;
        }
        let ran = desk.runs(case, *window);
        if 2.0 * shared(&ran, &[*window]) < super::desk::length(&[*window]) && window.to <= desk.now() {
            continue;
        }
        let used = used(desk, case, &queues, *window)?;
        let entry = uses.entry(shift.hours()).or_default();
        *entry = match (*entry, used) {
            (Some((from, to)), Some((first, last))) => Some((from.min(first), to.max(last))),
            (one, other) => one.or(other),
        };
        if window.to <= desk.work.until(desk.now())? {
            days.insert(window.from.with_timezone(&zone).date_naive());
        }
    }
    if days.len() < DAYS || works_outside(desk, case, &queues, &windows, fortnight) {
        return None;
    }
    let mut pattern = Pattern::never();
    let mut planned = (0, 0);
    for shift in &shifts {
        planned.0 += shift.length;
        // Of hours that never ran in these weeks nothing is known.
        let Some((first, last)) = *uses.get(&shift.hours())? else { continue };
        let (from, to) = ((first - MARGIN).max(0), (last + MARGIN).min(shift.length));
        planned.1 += to - from;
        let minute = u16::try_from((i64::from(shift.day) * DAY + shift.from + from) % (7 * DAY)).ok()?;
        pattern.paint(minute, u16::try_from(to - from).ok()?, 0);
    }
    let hours = |minutes: i64| TimeDelta::minutes(minutes).as_seconds_f64() / 3_600.0;
    Some(Tighter { pattern, planned: (hours(planned.0), hours(planned.1)), days: days.len() })
}

/// The week that is planned now, in the zone of its schedules. `None` where a window has no end or is longer than a day.
fn plan(desk: &Desk<'_>, case: &Case<'_>) -> Option<(Tz, BTreeSet<Shift>)> {
    let week = desk.books.picture.week(case.book.arn, desk.books.fleet, desk.now())?;
    let span = |window: &crate::domain::week::Window| Some(Span { from: window.opens, to: window.closes? });
    let windows: Vec<Span> = week.windows.iter().map(span).collect::<Option<_>>()?;
    let shifts: BTreeSet<Shift> = windows.iter().map(|window| Shift::of(*window, week.zone)).collect();
    let whole = shifts.iter().all(|shift| (1..DAY).contains(&shift.length));
    (whole && !shifts.is_empty()).then_some((week.zone, shifts))
}

/// The windows that opened since `from`; that of now, if one is open, up to its end.
fn windows(desk: &Desk<'_>, case: &Case<'_>, zone: Tz, from: DateTime<Utc>) -> Vec<Span> {
    let today = desk.now().with_timezone(&zone).date_naive();
    let wide = Span { from: from - TimeDelta::days(2), to: midnight(zone, today + Days::new(2)) };
    let windows = case.book.windows(wide).into_iter();
    windows.filter(|window| window.from >= from && window.from < desk.now()).collect()
}

/// From when to when there was work in a window. `None` where an hour of it is not known; those to come are none of it.
fn used(desk: &Desk<'_>, case: &Case<'_>, queues: &[&str], window: Span) -> Option<Use> {
    let until = desk.work.until(desk.now())?;
    let (mut first, mut last) = (None, None);
    for hour in touched(window).filter(|hour| hour.to <= until) {
        if desk.worked(case, queues, hour)? {
            first = first.or(Some(hour.from));
            last = Some(hour.to);
        }
    }
    let within = |at: DateTime<Utc>| (at.clamp(window.from, window.to) - window.from).num_minutes();
    Some(first.zip(last).map(|(first, last)| (within(first), within(last))))
}

fn touched(window: Span) -> impl Iterator<Item = Span> {
    let almost = TimeDelta::seconds(3_599);
    hours_of(Span { from: window.from - almost, to: window.to + almost })
}

/// Whether messages were worked off outside of all windows: then there is work that no window holds.
fn works_outside(desk: &Desk<'_>, case: &Case<'_>, queues: &[&str], windows: &[Span], span: Span) -> bool {
    let held: BTreeSet<DateTime<Utc>> =
        windows.iter().flat_map(|window| touched(*window)).map(|hour| hour.from).collect();
    // A window that opened before reaches into the first day.
    let begin = windows.first().map_or(span.from, |first| first.from);
    let ran = desk.runs(case, Span { from: begin, to: span.to });
    let outside = less(&ran, windows).into_iter().filter(|part| part.length() > RUN_OUT);
    let mut hours = outside.flat_map(touched).filter(|hour| !held.contains(&hour.from));
    hours.any(|hour| desk.done(queues, hour).is_some_and(|done| done > 0))
}
