//! Days that are skipped and windows that happen once.
//!
//! A start that skips days waits by its StartDate until the day after the last of them; what it would have fired before
//! is done by *bridges*: copies of it that end before a skipped day and then delete themselves. So a skipped day holds
//! with every workstation switched off, and the schedule itself is whole again by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::family::{Family, Member};
use crate::domain::cron::Expression;
use crate::domain::schedule::Schedule;
use crate::domain::timing::Timing;
use crate::domain::week::midnight;

/// How the names of bridges begin.
pub(super) const BRIDGE: &str = "rekotui-until-";
/// How the names of the starts of one-off windows begin.
pub(super) const ONCE_START: &str = "rekotui-once-start-";
/// How the names of the stops of one-off windows begin.
pub(super) const ONCE_STOP: &str = "rekotui-once-stop-";

/// How far ahead skipped days are looked for.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// How the key of a one-off window ends: when it is ready, in local time.
pub(super) const KEY: &str = "%Y%m%dT%H%M";

/// What a schedule is besides the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exception {
    /// It makes a window that happens once.
    OneOff,
    /// It does not fire although the week says so.
    Skipped,
}

impl Exception {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OneOff => "one-off",
            Self::Skipped => "skipped",
        }
    }
}

/// What exception a schedule makes by itself, if it makes one.
#[must_use]
pub fn exception(schedule: &Schedule) -> Option<Exception> {
    let once = schedule.name.starts_with(ONCE_START) || schedule.name.starts_with(ONCE_STOP);
    once.then_some(Exception::OneOff)
}

/// A window that happens once, in local times of the week's zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OneOff {
    /// From when on the model is to be ready.
    pub ready: NaiveDateTime,
    /// When it is stopped.
    pub closes: NaiveDateTime,
}

impl OneOff {
    /// As its two schedules make it.
    pub(super) fn of(start: &Schedule, stop: &Schedule) -> Option<Self> {
        let said = start.name.get(start.name.len().checked_sub("20261128T1000".len())?..)?;
        let ready = NaiveDateTime::parse_from_str(said, KEY).ok()?;
        match stop.parsed()?.ok()? {
            Expression::At(closes) => Some(Self { ready, closes }),
            _ => None,
        }
    }

    /// `Sat 28 Nov 10:00–14:00`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}–{}", self.ready.format("%a %-d %b %H:%M"), self.closes.format("%H:%M"))
    }
}

/// The dates on which the week would start the model, and nothing does.
pub(super) fn skipped(family: &Family<'_>, now: DateTime<Utc>) -> BTreeSet<NaiveDate> {
    let bridged: BTreeSet<DateTime<Utc>> = family
        .bridges
        .iter()
        .filter(|bridge| bridge.enabled || family.paused)
        .filter_map(|bridge| Timing::of(bridge))
        .flat_map(|timing| timing.fires(now, now + AHEAD).collect::<Vec<_>>())
        .collect();
    let missed = |member: &Member<'_>| -> Vec<NaiveDate> {
        let Some(until) = member.schedule.start.filter(|start| *start > now) else { return Vec::new() };
        let Some(timing) = unbound(member.schedule) else { return Vec::new() };
        let fires = timing.fires(now, until.min(now + AHEAD)).filter(|fire| !bridged.contains(fire));
        fires.map(|fire| ready_date(fire, family.zone, family.lead)).collect()
    };
    family.starts.iter().flat_map(missed).collect()
}

/// The date on which a start makes the model ready.
pub(super) fn ready_date(fire: DateTime<Utc>, zone: Tz, lead: u16) -> NaiveDate {
    (fire.with_timezone(&zone).naive_local() + TimeDelta::minutes(lead.into())).date()
}

/// The timing of a schedule as if it had neither begin nor end.
pub(super) fn unbound(schedule: &Schedule) -> Option<Timing> {
    Some(Timing { start: None, end: None, ..Timing::of(schedule)? })
}

/// The stretches in which no start may fire, in order: the skipped days on which one would, each begun earlier by the
/// lead time. With the first date of each.
fn closed(
    skipped: &BTreeSet<NaiveDate>,
    zone: Tz,
    lead: u16,
    fires: impl Fn(DateTime<Utc>, DateTime<Utc>) -> bool,
) -> Vec<(DateTime<Utc>, DateTime<Utc>, NaiveDate)> {
    let lead = TimeDelta::minutes(lead.into());
    let mut all: Vec<(DateTime<Utc>, DateTime<Utc>, NaiveDate)> = Vec::new();
    for date in skipped {
        let (from, to) = (midnight(zone, *date) - lead, midnight(zone, *date + Days::new(1)) - lead);
        if !fires(from, to) {
            continue;
        }
        match all.last_mut() {
            Some((_, end, _)) if !fires(*end, from) => *end = to,
            _ => all.push((from, to, *date)),
        }
    }
    all
}

/// A start as it is while days are skipped, and the bridges before them.
pub(super) fn with_skips(
    start: &Schedule,
    skipped: &BTreeSet<NaiveDate>,
    lead: u16,
    now: DateTime<Utc>,
) -> (Schedule, Vec<Schedule>) {
    let Some(timing) = unbound(start) else { return (start.clone(), Vec::new()) };
    let fires = |from: DateTime<Utc>, to: DateTime<Utc>| from < to && timing.fires(from, to).next().is_some();
    let closed = closed(skipped, timing.zone, lead, |from, to| fires(from.max(now), to));
    let Some((_, last, _)) = closed.last().copied() else {
        let waits = start.start.filter(|start| *start > now);
        let same = waits.is_some_and(|waits| !fires(now, waits));
        let kept = if same { start.start } else { start.start.filter(|start| *start <= now) };
        return (Schedule { start: kept, ..start.clone() }, Vec::new());
    };
    // What it waits for already may be another instant to the same effect.
    let waits = start.start.filter(|waits| *waits > now && !fires(last.min(*waits), last.max(*waits)));
    let waiting = Schedule { start: Some(waits.unwrap_or(last)), ..start.clone() };
    let mut bridges = Vec::new();
    let mut from = now;
    for (to, next, date) in closed {
        if fires(from, to) {
            bridges.push(bridge(start, (from > now).then_some(from), to, date));
        }
        from = next;
    }
    (waiting, bridges)
}

fn bridge(start: &Schedule, from: Option<DateTime<Utc>>, to: DateTime<Utc>, date: NaiveDate) -> Schedule {
    let name = named(BRIDGE, &start.name, &format!("-{}", date.format("%Y%m%d")));
    Schedule {
        arn: sibling(start, &name),
        name,
        start: from,
        end: Some(to - TimeDelta::seconds(1)),
        description: Some(format!("{} until {date}, which it skips", start.name)),
        created: None,
        modified: None,
        deletes_itself: true,
        ..start.clone()
    }
}

/// The ARN of another schedule of the same group.
pub(super) fn sibling(schedule: &Schedule, name: &str) -> String {
    format!("{}/{name}", schedule.arn.rsplit_once('/').map_or("", |(group, _)| group))
}

/// The longest name of a schedule (botocore's service model).
const LONGEST_NAME: usize = 64;

/// A name with a prefix and an ending, the middle cut to what a name may have; where it is cut, a checksum keeps two apart.
pub(super) fn named(prefix: &str, middle: &str, ending: &str) -> String {
    let room = LONGEST_NAME.saturating_sub(prefix.len() + ending.len());
    // Names of models and of schedules have ASCII letters only (botocore's service models).
    if middle.len() <= room {
        return format!("{prefix}{middle}{ending}");
    }
    let sum = middle.bytes().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let cut: String = middle.chars().take(room.saturating_sub(5)).collect();
    format!("{prefix}{cut}-{:04x}{ending}", sum & 0xFFFF)
}

/// The zone and the local time in which an instant can be said without doubt: UTC where the clocks show it twice.
pub(super) fn said_once(zone: Tz, local: NaiveDateTime) -> Option<(Tz, NaiveDateTime)> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(_) => Some((zone, local)),
        LocalResult::Ambiguous(first, _) => Some((Tz::UTC, first.naive_utc())),
        LocalResult::None => None,
    }
}
