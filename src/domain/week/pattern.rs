//! The week as people think of it: ready at nine, off at five, not on Fridays.
//!
//! Times are minutes of the week in local time, Monday 00:00 being 0; the week is a ring. A pattern keeps when the model
//! is to be *ready*; the start fires earlier, by the lead time of each opening.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::cron::Minutes;

/// The minutes of a week.
pub const WEEK: u16 = 10_080;
const DAY: u16 = 1_440;

/// A window of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opening {
    /// From when on the model is to be ready.
    pub ready: u16,
    /// How many minutes later it is stopped. Zero where the window is no longer than its lead time.
    pub length: u16,
    /// How many minutes before that its start fires.
    pub lead: u16,
}

impl Opening {
    /// When its start fires.
    #[must_use]
    pub fn fires(&self) -> u16 {
        (self.ready + WEEK - self.lead % WEEK) % WEEK
    }

    /// When its stop fires.
    #[must_use]
    pub fn closes(&self) -> u16 {
        (self.ready + self.length) % WEEK
    }

    /// The minutes from its start's fire to its stop's, the whole week at most.
    #[must_use]
    pub fn planned(&self) -> u16 {
        (self.lead + self.length).min(WEEK)
    }

    /// The day on which it opens, Monday being 0.
    #[must_use]
    pub fn day(&self) -> u16 {
        self.ready / DAY
    }
}

/// The weekly pattern of windows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The windows, by when they are ready.
    openings: Vec<Opening>,
}

/// A pattern as schedules make it, and which of their fires it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The pattern.
    pub pattern: Pattern,
    /// The fires that open a window.
    pub opens: Minutes,
    /// The fires that close one.
    pub closes: Minutes,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    // At one and the same time the stop counts first.
    Stop,
    Start,
}

impl Reading {
    /// What these starts and stops do in a week like every other. A start inside an open window opens no other, a stop
    /// with nothing open closes nothing. Starts without a stop mean always.
    #[must_use]
    pub fn of(starts: &Minutes, stops: &Minutes, lead: u16) -> Self {
        let mut events: Vec<(u16, Event)> = starts.iter().map(|at| (*at, Event::Start)).collect();
        events.extend(stops.iter().map(|at| (*at, Event::Stop)));
        events.sort_unstable();
        let before = |at: usize| events.get((at + events.len() - 1) % events.len().max(1)).map(|(_, event)| *event);
        let turns = |wanted: Event| -> Minutes {
            let turning = events
                .iter()
                .enumerate()
                .filter(|(at, (_, event))| *event == wanted && before(*at).is_some_and(|before| before != wanted));
            turning.map(|(_, (at, _))| *at).collect()
        };
        let (opens, closes) = (turns(Event::Start), turns(Event::Stop));
        if stops.is_empty() && !starts.is_empty() {
            return Self { pattern: Pattern::always(), opens: starts.clone(), closes };
        }
        let closing = |open: u16| closes.range(open + 1..).next().or_else(|| closes.first()).copied();
        let openings = opens.iter().filter_map(|open| {
            let planned = match (closing(*open)? + WEEK - open) % WEEK {
                0 => WEEK,
                planned => planned,
            };
            let lead = lead.min(planned);
            Some(Opening { ready: (open + lead) % WEEK, length: planned - lead, lead })
        });
        Self { pattern: Pattern::of(openings), opens, closes }
    }
}

impl Pattern {
    fn of(openings: impl IntoIterator<Item = Opening>) -> Self {
        let mut openings: Vec<Opening> = openings.into_iter().collect();
        openings.sort_unstable();
        Self { openings }
    }

    /// No window at all.
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// One window that never ends.
    #[must_use]
    pub fn always() -> Self {
        Self { openings: vec![Opening { ready: 0, length: WEEK, lead: 0 }] }
    }

    /// The same hours on these days (Monday being 0), in minutes of the day; an end before the begin is of the next day.
    #[must_use]
    pub fn daily(days: impl IntoIterator<Item = u16>, from: u16, to: u16, lead: u16) -> Self {
        let mut pattern = Self::never();
        let length = if to > from { to - from } else { to + DAY - from };
        days.into_iter().for_each(|day| pattern.paint(day * DAY + from, length, lead));
        pattern
    }

    /// The windows, by when they are ready.
    #[must_use]
    pub fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// Whether it has no window.
    #[must_use]
    pub fn is_never(&self) -> bool {
        self.openings.is_empty()
    }

    /// Whether nothing ever stops it.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.openings.iter().any(|opening| opening.planned() >= WEEK)
    }

    /// When starts and stops fire for it: windows whose lead time reaches into the one before are one. Those that only
    /// touch stay two if `kept` has their time both as a start and as a stop already.
    #[must_use]
    pub fn fires(&self, kept: &Reading) -> (Minutes, Minutes) {
        if self.is_always() {
            // A week may be stopped and started again at one and the same minute: untouched it stays so.
            let stops = if *self == kept.pattern { kept.closes.clone() } else { Minutes::new() };
            return (kept_or_midnight(&kept.opens), stops);
        }
        let planned =
            |minute: u16| self.openings.iter().any(|opening| in_ring(opening.fires(), opening.planned(), minute));
        let fires: BTreeSet<u16> = self.openings.iter().map(Opening::fires).collect();
        let closes: BTreeSet<u16> = self.openings.iter().map(Opening::closes).collect();
        let before = |minute: u16| (minute + WEEK - 1) % WEEK;
        let two = |minute: &u16| kept.opens.contains(minute) && kept.closes.contains(minute);
        let starts: Minutes = fires.iter().copied().filter(|at| !planned(before(*at)) || two(at)).collect();
        let stops: Minutes = closes.iter().copied().filter(|at| !planned(*at) || two(at)).collect();
        if starts.is_empty() && !self.is_never() {
            // Lead times join the windows all around the week.
            return (kept_or_midnight(&kept.opens), Minutes::new());
        }
        (starts, stops)
    }

    /// Makes the model ready over a stretch. What it touches grows; what opens anew has this lead time.
    pub fn paint(&mut self, from: u16, length: u16, lead: u16) {
        self.redraw(lead, |ring| ring.set(from, length, true));
    }

    /// Takes a stretch away.
    pub fn erase(&mut self, from: u16, length: u16, lead: u16) {
        self.openings.retain(|opening| opening.length > 0 || !in_ring(from, length, opening.ready));
        self.redraw(lead, |ring| ring.set(from, length, false));
    }

    /// Whether the model is to be ready at a minute of the week.
    #[must_use]
    pub fn is_ready(&self, minute: u16) -> bool {
        self.openings.iter().any(|opening| in_ring(opening.ready, opening.length, minute))
    }

    /// Whether the model is being started at a minute of the week, or ready.
    #[must_use]
    pub fn is_planned(&self, minute: u16) -> bool {
        self.openings.iter().any(|opening| in_ring(opening.fires(), opening.planned(), minute))
    }

    /// How many of the minutes from one of the week on the model is to be ready.
    #[must_use]
    pub fn ready_within(&self, from: u16, minutes: u16) -> u16 {
        let shared = self.openings.iter().map(|opening| shared(opening.ready, opening.length, from, minutes));
        shared.sum::<u16>().min(minutes)
    }

    /// How many of the minutes from one of the week on lie between a start and when it makes the model ready.
    #[must_use]
    pub fn starting_within(&self, from: u16, minutes: u16) -> u16 {
        let shared = self.openings.iter().map(|opening| shared(opening.fires(), opening.lead, from, minutes));
        shared.sum::<u16>().min(minutes)
    }

    /// The window in which, or at whose very end, a minute lies.
    #[must_use]
    pub fn at(&self, minute: u16) -> Option<usize> {
        let inside = |opening: &Opening| in_ring(opening.ready, opening.length, minute);
        self.openings
            .iter()
            .position(inside)
            .or_else(|| self.openings.iter().position(|opening| opening.closes() == minute && opening.length > 0))
    }

    /// Moves a window; returns the minute at which it is ready then.
    pub fn shift(&mut self, at: usize, by: i32) -> Option<u16> {
        self.change(at, |opening| opening.ready = turned(opening.ready, by))
    }

    /// Moves the begin of a window and leaves its end. Nothing happens where nothing would be left.
    pub fn stretch_begin(&mut self, at: usize, by: i32) -> Option<u16> {
        self.change(at, |opening| {
            if let Some(length) = length_of(i32::from(opening.length) - by) {
                opening.ready = turned(opening.ready, by);
                opening.length = length;
            }
        })
    }

    /// Moves the end of a window and leaves its begin. Nothing happens where nothing would be left.
    pub fn stretch_end(&mut self, at: usize, by: i32) -> Option<u16> {
        self.change(at, |opening| {
            if let Some(length) = length_of(i32::from(opening.length) + by) {
                opening.length = length;
            }
        })
    }

    fn change(&mut self, at: usize, change: impl FnOnce(&mut Opening)) -> Option<u16> {
        if at >= self.openings.len() || self.is_always() {
            return None;
        }
        let mut opening = self.openings.remove(at);
        change(&mut opening);
        self.openings.push(opening);
        self.openings.sort_unstable();
        self.redraw(opening.lead, |_| {});
        Some(opening.ready)
    }

    /// Gives a day the windows that open on another one (Monday being 0).
    pub fn copy_day(&mut self, from: u16, to: u16, lead: u16) {
        // Around the clock every day is like the other.
        if self.is_always() {
            return;
        }
        let of = |pattern: &Self, day| -> Vec<Opening> {
            pattern.openings.iter().filter(|opening| opening.day() == day).copied().collect()
        };
        let copied = of(self, from);
        self.clear_day(to, lead);
        for opening in copied {
            let ready = (opening.ready + WEEK + to * DAY - from * DAY) % WEEK;
            self.paint(ready, opening.length.clamp(1, WEEK - 1), opening.lead);
        }
    }

    /// Takes away the windows that open on a day (Monday being 0).
    pub fn clear_day(&mut self, day: u16, lead: u16) {
        if self.is_always() {
            return self.erase(day * DAY, DAY, lead);
        }
        self.openings.retain(|opening| opening.day() != day);
    }

    /// The same hours with another lead time: the starts fire earlier or later, nothing else changes.
    #[must_use]
    pub fn with_lead(&self, lead: u16) -> Self {
        let led = self.openings.iter().map(|opening| match opening.planned() {
            WEEK => *opening,
            _ => Opening { lead, ..*opening },
        });
        Self::of(led)
    }

    /// The same windows so many minutes later, around the ring.
    #[must_use]
    pub fn later(&self, by: i32) -> Self {
        let moved = self.openings.iter().map(|opening| match opening.planned() {
            WEEK => *opening,
            _ => Opening { ready: turned(opening.ready, by), ..*opening },
        });
        Self::of(moved)
    }

    /// The minutes of a week in which the model is to be ready.
    #[must_use]
    pub fn ready_minutes(&self) -> u32 {
        self.openings.iter().map(|opening| u32::from(opening.length)).sum::<u32>().min(u32::from(WEEK))
    }

    /// The minutes of a day (Monday being 0) in which it is to be ready, as stretches up to 1440.
    #[must_use]
    pub fn ready_on(&self, day: u16) -> Vec<(u16, u16)> {
        stretches_on(day, |minute| self.is_ready(minute))
    }

    /// The longest time between a stop and the next start, in minutes; nothing if it is never or always on.
    #[must_use]
    pub fn longest_gap(&self) -> Option<u16> {
        let (starts, stops) = self.fires(&Reading::default());
        let next = |stop: u16| starts.range(stop..).next().or_else(|| starts.first()).copied();
        stops.iter().filter_map(|stop| Some((next(*stop)? + WEEK - stop) % WEEK)).max()
    }

    /// Draws the ready minutes anew.
    fn redraw(&mut self, lead: u16, change: impl FnOnce(&mut Ring)) {
        let mut ring = Ring([false; WEEK as usize]);
        let mut leads = BTreeMap::new();
        for opening in &self.openings {
            ring.set(opening.ready, opening.length, true);
            leads.insert(opening.ready, opening.lead);
        }
        change(&mut ring);
        let short: Vec<Opening> = self.openings.iter().filter(|opening| opening.length == 0).copied().collect();
        let outside = |opening: &Opening| !ring.has(opening.ready);
        let mut openings: Vec<Opening> = short.into_iter().filter(outside).collect();
        openings.extend(ring.runs().into_iter().map(|(ready, length)| Opening {
            ready,
            length,
            lead: if length == WEEK { 0 } else { leads.get(&ready).copied().unwrap_or(lead) },
        }));
        *self = Self::of(openings);
    }
}

fn kept_or_midnight(opens: &Minutes) -> Minutes {
    if opens.is_empty() { (0..7).map(|day| day * DAY).collect() } else { opens.clone() }
}

fn length_of(minutes: i32) -> Option<u16> {
    u16::try_from(minutes).ok().filter(|length| (1..WEEK).contains(length))
}

fn turned(minute: u16, by: i32) -> u16 {
    u16::try_from((i32::from(minute) + by).rem_euclid(i32::from(WEEK))).unwrap_or_default()
}

/// The minutes that two stretches of the ring share.
fn shared(from: u16, length: u16, other: u16, minutes: u16) -> u16 {
    let behind = (other + WEEK - from) % WEEK;
    let tail = length.min(behind.saturating_add(minutes)).saturating_sub(behind);
    let round = behind.saturating_add(minutes).saturating_sub(WEEK);
    tail + round.min(length)
}

fn in_ring(from: u16, length: u16, minute: u16) -> bool {
    (minute + WEEK - from) % WEEK < length
}

/// The stretches of a day in which something holds, minute by minute.
fn stretches_on(day: u16, holds: impl Fn(u16) -> bool) -> Vec<(u16, u16)> {
    let mut found: Vec<(u16, u16)> = Vec::new();
    for minute in (0..DAY).filter(|minute| holds(day * DAY + minute)) {
        match found.last_mut() {
            Some((_, to)) if *to == minute => *to += 1,
            _ => found.push((minute, minute + 1)),
        }
    }
    found
}

/// One bit for each minute of the week.
struct Ring([bool; WEEK as usize]);

impl Ring {
    fn has(&self, minute: u16) -> bool {
        self.0.get(usize::from(minute)).copied().unwrap_or(false)
    }

    fn set(&mut self, from: u16, length: u16, ready: bool) {
        for minute in 0..length.min(WEEK) {
            if let Some(bit) = self.0.get_mut(usize::from((from + minute) % WEEK)) {
                *bit = ready;
            }
        }
    }

    /// The runs of ready minutes, those over the end of the week in one piece.
    fn runs(&self) -> Vec<(u16, u16)> {
        let begins: Vec<u16> =
            (0..WEEK).filter(|minute| self.has(*minute) && !self.has((minute + WEEK - 1) % WEEK)).collect();
        if begins.is_empty() {
            return if self.has(0) { vec![(0, WEEK)] } else { Vec::new() };
        }
        let length = |begin: u16| (0..WEEK).take_while(|minute| self.has((begin + minute) % WEEK)).count();
        begins.into_iter().map(|begin| (begin, u16::try_from(length(begin)).unwrap_or(WEEK))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::cron::{Expression, Product, fewest};

    fn office() -> Pattern {
        Pattern::daily(0..5, 9 * 60, 17 * 60, 30)
    }

    fn minutes(crons: &[&str]) -> Minutes {
        crons.iter().flat_map(|cron| cron.parse::<Expression>().unwrap().weekly().unwrap()).collect()
    }

    #[test]
    fn ready_by_means_that_the_start_fires_earlier() {
        let (starts, stops) = office().fires(&Reading::default());
        assert_eq!(starts, minutes(&["cron(30 8 ? * MON-FRI *)"]));
        assert_eq!(stops, minutes(&["cron(0 17 ? * MON-FRI *)"]));
        assert_eq!(Reading::of(&starts, &stops, 30).pattern, office());
        assert_eq!(office().ready_minutes(), 40 * 60);
        assert_eq!(office().longest_gap(), Some(3_810), "from Friday 17:00 to Monday 08:30");
    }

    #[test]
    fn a_window_is_painted_cut_and_joined() {
        let mut week = office();
        week.erase(4 * DAY + 13 * 60, 4 * 60, 30);
        assert_eq!(week.ready_on(4), [(540, 780)]);
        week.paint(4 * DAY + 13 * 60, 30, 30);
        assert_eq!(week.ready_on(4), [(540, 810)], "what touches grows");
        week.erase(4 * DAY + 9 * 60, 60, 45);
        let friday = week.openings().last().copied().unwrap();
        assert_eq!((friday.ready, friday.lead), (4 * DAY + 600, 45), "a new edge has the lead time of now");
        week.clear_day(4, 30);
        assert_eq!(week, Pattern::daily(0..4, 9 * 60, 17 * 60, 30));
        week.copy_day(0, 6, 30);
        assert_eq!(week.ready_on(6), [(540, 1_020)]);
    }

    #[test]
    fn windows_go_over_midnight_and_over_the_end_of_the_week() {
        let mut week = Pattern::daily([6], 22 * 60, 2 * 60, 30);
        assert_eq!((week.ready_on(6), week.ready_on(0)), (vec![(1_320, 1_440)], vec![(0, 120)]));
        assert_eq!(week.fires(&Reading::default()), ([6 * DAY + 1_290].into(), [120].into()));
        assert_eq!(week.shift(0, 180), Some(60));
        assert_eq!(week.ready_on(0), [(60, 300)]);
    }

    #[test]
    fn a_pause_shorter_than_the_lead_time_is_none() {
        let mut week = office();
        week.erase(12 * 60, 30, 30);
        let (starts, stops) = week.fires(&Reading::default());
        assert_eq!((starts.len(), stops.len()), (5, 5), "to stop and to start at once would lose the afternoon");
        week.erase(12 * 60 + 30, 30, 30);
        assert_eq!(week.fires(&Reading::default()).0.len(), 6);
    }

    #[test]
    fn what_touches_already_stays_as_it_is() {
        let (starts, stops) = (minutes(&["cron(0 8,12 ? * MON *)"]), minutes(&["cron(0 12,17 ? * MON *)"]));
        let reading = Reading::of(&starts, &stops, 30);
        assert_eq!(reading.pattern.fires(&reading), (starts, stops));
    }

    #[test]
    fn starts_that_nothing_ends_are_always_and_nothing_is_never() {
        let starts = minutes(&["cron(0 8 ? * MON *)"]);
        let reading = Reading::of(&starts, &Minutes::new(), 30);
        assert!(reading.pattern.is_always());
        assert_eq!(reading.pattern.fires(&reading), (starts, Minutes::new()));
        assert_eq!(Pattern::always().fires(&Reading::default()).0.len(), 7, "whatever stops it, midnight starts it");
        assert!(Reading::of(&Minutes::new(), &minutes(&["cron(0 17 * * ? *)"]), 30).pattern.is_never());
        let mut full = Pattern::never();
        (0..7).for_each(|day| full.paint(day * DAY, DAY, 30));
        assert!(full.is_always());
    }

    #[test]
    fn minutes_are_counted_around_the_ring() {
        let mut week = Pattern::never();
        week.paint(6 * DAY + 23 * 60, 120, 30);
        assert_eq!((week.ready_within(6 * DAY, DAY), week.ready_within(0, DAY)), (60, 60));
        assert_eq!((week.ready_within(6 * DAY + 22 * 60, 240), week.ready_within(30, 60)), (120, 30));
        assert_eq!((week.starting_within(6 * DAY, DAY), week.starting_within(0, DAY)), (30, 0));
        assert_eq!(Pattern::always().ready_within(3 * DAY, DAY), DAY);
        for from in (0..WEEK).step_by(45) {
            let counted = (from..from + 100).filter(|minute| week.is_ready(minute % WEEK)).count();
            assert_eq!(usize::from(week.ready_within(from, 100)), counted, "{from}");
        }
    }

    #[test]
    fn copying_a_day_of_a_week_around_the_clock_changes_nothing() {
        let mut week = Pattern::always();
        week.copy_day(0, 3, 30);
        assert_eq!(week, Pattern::always());
    }

    #[test]
    fn a_second_shot_opens_no_second_window() {
        let reading = Reading::of(&minutes(&["cron(5,15 13 ? * MON *)"]), &minutes(&["cron(0 22,23 ? * MON *)"]), 30);
        assert_eq!((reading.opens, reading.closes), ([785].into(), [1_320].into()));
        assert_eq!(reading.pattern.openings(), [Opening { ready: 815, length: 505, lead: 30 }]);
    }

    #[test]
    fn a_stop_and_a_start_at_one_minute_of_the_week_stay_until_the_week_is_edited() {
        let at = minutes(&["cron(45 10 ? * MON *)"]);
        for lead in [0, 30] {
            let reading = Reading::of(&at, &at, lead);
            assert!(reading.pattern.is_always());
            assert_eq!(reading.pattern.fires(&reading), (at.clone(), at.clone()), "{lead}");
            assert_eq!(
                Pattern::always().fires(&reading),
                (at.clone(), Minutes::new()),
                "around the clock nothing stops"
            );
        }
    }

    proptest! {
        /// Whatever starts and stops there are: the week that they make is made by the crons that are made from it.
        #[test]
        fn a_week_survives_the_way_through_its_crons(
            starts in btree_set(0u16..672, 0..12),
            stops in btree_set(0u16..672, 0..12),
            lead in prop::sample::select(vec![0u16, 10, 30, 45, 90]),
        ) {
            let (starts, stops): (Minutes, Minutes) =
                (starts.into_iter().map(|at| at * 15).collect(), stops.into_iter().map(|at| at * 15).collect());
            let read = Reading::of(&starts, &stops, lead);
            let (opens, closes) = read.pattern.fires(&read);
            prop_assert_eq!((&opens, &closes), (&read.opens, &read.closes));
            let crons = |minutes: &Minutes| -> Minutes {
                let texts = fewest(minutes).iter().map(Product::cron).collect::<Vec<_>>();
                texts.iter().flat_map(|text| text.parse::<Expression>().unwrap().weekly().unwrap()).collect()
            };
            prop_assert_eq!(Reading::of(&crons(&opens), &crons(&closes), lead), read);
        }

        /// An edit of one day leaves the others alone, except for windows that reach into it.
        #[test]
        fn no_edit_changes_an_untouched_day(
            painted in vec((0u16..336, 1u16..20), 0..10),
            day in 0u16..7,
            from in 0u16..48,
            length in 1u16..48,
            adds in any::<bool>(),
        ) {
            let mut week = Pattern::never();
            painted.into_iter().for_each(|(from, length)| week.paint(from * 30, length * 30, 30));
            prop_assume!(!week.is_always());
            let before = week.clone();
            let (from, length) = (day * DAY + from * 30, (length * 30).min(DAY - from * 30));
            if adds { week.paint(from, length, 30) } else { week.erase(from, length, 30) }
            for minute in 0..WEEK {
                let expected = if in_ring(from, length, minute) { adds } else { before.is_ready(minute) };
                prop_assert_eq!(week.is_ready(minute), expected, "minute {}", minute);
            }
            // A start that was there and whose window still opens at its time fires when it fired.
            for opening in week.openings() {
                if let Some(old) = before.openings().iter().find(|old| old.ready == opening.ready) {
                    prop_assert_eq!(old.lead, opening.lead);
                }
            }
        }
    }
}
