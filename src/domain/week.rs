//! Windows: from a start to the stop that ends it; and the week that they make.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::timing::Timing;
use super::usage::Span;

mod pattern;
mod text;

pub use pattern::{Opening, Pattern, Reading, WEEK};
pub use text::Preset;

/// A planned stretch of running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// When the start fires. It may lie before the stretch that was asked about.
    pub opens: DateTime<Utc>,
    /// When the stop fires; `None`: no stop is planned within the stretch that was asked about.
    pub closes: Option<DateTime<Utc>>,
    /// The schedule that opens it.
    pub opened_by: String,
    /// The schedule that closes it.
    pub closed_by: Option<String>,
}

impl Window {
    /// Whether the model is planned to run at `at`.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.opens <= at && self.closes.is_none_or(|closes| at < closes)
    }

    /// The part of it within `span`.
    #[must_use]
    pub fn within(&self, span: Span) -> Option<Span> {
        let from = self.opens.max(span.from);
        let to = self.closes.map_or(span.to, |closes| closes.min(span.to));
        (from < to).then_some(Span { from, to })
    }
}

/// Schedules of one effect: their ARNs and their timings.
pub type Timings = Vec<(String, Timing)>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    // At one and the same instant the stop counts first, so that adjacent windows stay two windows.
    Stop,
    Start,
}

/// The windows that touch `span`, from any mix of schedules that start and stop one model.
///
/// A start inside an open window opens no other, a stop with nothing open closes nothing. What was open at the begin of
/// the span is found from the last fires before it.
#[must_use]
pub fn windows(starts: &[(String, Timing)], stops: &[(String, Timing)], span: Span) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut open = open_at(starts, stops, span.from);
    for (at, kind, by) in events(starts, stops, span) {
        match (kind, &open) {
            (Kind::Start, None) => open = Some((at, by)),
            (Kind::Stop, Some((opens, opened_by))) => {
                windows.push(Window {
                    opens: *opens,
                    closes: Some(at),
                    opened_by: (*opened_by).to_owned(),
                    closed_by: Some(by.to_owned()),
                });
                open = None;
            }
            _ => {}
        }
    }
    if let Some((opens, opened_by)) = open {
        // The stop may come just behind the span: a window that is still open at its end has that one.
        let stop = stops.iter().filter_map(|(by, timing)| Some((timing.next_after(span.to - TICK)?, by))).min();
        windows.push(Window {
            opens,
            closes: stop.map(|(at, _)| at),
            opened_by: opened_by.to_owned(),
            closed_by: stop.map(|(_, by)| by.clone()),
        });
    }
    windows
}

/// How long a model runs in `span` if everything fires as planned and each start takes `takes`: what the windows hold, less
/// the time that it takes until it runs. A window without a stop goes on to the end of the span.
#[must_use]
pub fn forecast(starts: &[(String, Timing)], stops: &[(String, Timing)], span: Span, takes: TimeDelta) -> TimeDelta {
    let runs = windows(starts, stops, span).into_iter().filter_map(|window| {
        let running = Window { opens: window.opens + takes, ..window };
        running.closes.is_none_or(|closes| closes > running.opens).then_some(running)?.within(span)
    });
    runs.map(|run| run.to - run.from).sum()
}

const TICK: TimeDelta = TimeDelta::nanoseconds(1);

fn open_at<'a>(
    starts: &'a [(String, Timing)],
    stops: &[(String, Timing)],
    at: DateTime<Utc>,
) -> Option<(DateTime<Utc>, &'a str)> {
    let before = at - TICK;
    let stopped = stops.iter().filter_map(|(_, timing)| timing.last_until(before)).max();
    // The window began with the first start after the last stop, which is not always the last start.
    let first_since = |timing: &Timing| match stopped {
        Some(stopped) => timing.next_after(stopped - TICK).filter(|start| *start <= before),
        None => timing.last_until(before),
    };
    starts.iter().filter_map(|(by, timing)| Some((first_since(timing)?, by.as_str()))).min()
}

fn events<'a>(
    starts: &'a [(String, Timing)],
    stops: &'a [(String, Timing)],
    span: Span,
) -> Vec<(DateTime<Utc>, Kind, &'a str)> {
    let of = |timings: &'a [(String, Timing)], kind| {
        timings
            .iter()
            .flat_map(move |(by, timing)| timing.fires(span.from, span.to).map(move |at| (at, kind, by.as_str())))
    };
    let mut events: Vec<_> = of(starts, Kind::Start).chain(of(stops, Kind::Stop)).collect();
    events.sort_unstable();
    events
}

/// One week of windows in local time: minutes of the day, Monday first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Week {
    /// For each day from Monday on the stretches `(from, to)` in minutes since midnight, `to` up to 1440.
    pub days: [Vec<(u16, u16)>; 7],
    /// The hours that really pass in all stretches, also where the clocks are changed.
    pub hours: f64,
    /// Whether some window has no stop.
    pub endless: bool,
    /// The same stretches as people tell them: one that goes over midnight is whole, on the day on which it opens.
    told: [Vec<(u16, u16)>; 7],
}

impl Week {
    /// The instants from which and to which the week of `monday` goes in `zone`.
    #[must_use]
    pub fn span(zone: Tz, monday: NaiveDate) -> Span {
        Span { from: midnight(zone, monday), to: midnight(zone, monday + Days::new(7)) }
    }

    /// The picture of the windows of one week; they must have been made for [`Week::span`].
    #[must_use]
    pub fn of(windows: &[Window], zone: Tz, monday: NaiveDate) -> Self {
        let span = Self::span(zone, monday);
        let mut week = Self { endless: windows.iter().any(|window| window.closes.is_none()), ..Self::default() };
        for part in windows.iter().filter_map(|window| window.within(span)) {
            week.hours += (part.to - part.from).num_seconds() as f64 / 3600.0;
            for (day, stretch) in by_day(part, zone, monday) {
                push(&mut week.days, day, stretch);
            }
        }
        week.tell(windows, zone, monday);
        week
    }

    /// Fills in what the sentence says.
    fn tell(&mut self, windows: &[Window], zone: Tz, monday: NaiveDate) {
        let span = Self::span(zone, monday);
        let mut first = None;
        for window in windows {
            let Some(part) = window.within(span) else { continue };
            let whole = Span { from: window.opens, to: window.closes.unwrap_or(span.to) };
            let (from, to) = clock_times(whole, zone);
            let day = (from.date() - monday).num_days();
            let begin = from.date().and_time(NaiveTime::MIN);
            let stretch = (minutes(from - begin), minutes(to - begin));
            if window.closes.is_none() || to - from >= TimeDelta::days(1) {
                by_day(part, zone, monday).for_each(|(day, stretch)| push(&mut self.told, day, stretch));
            } else if day < 0 {
                first = Some(stretch);
            } else {
                push(&mut self.told, usize::try_from(day).unwrap_or(7), stretch);
            }
        }
        // What still runs on Monday morning is told with Sunday, if this Sunday is like the last.
        let [monday, .., sunday] = &mut self.told;
        if let Some((_, to)) = first.filter(|first| sunday.last() != Some(first)) {
            monday.insert(0, (0, to.saturating_sub(DAY)));
        }
    }

    /// The week in one sentence: "Mon–Thu 08:30–17:00, Fri 08:30–13:00". A window over midnight is told with the day on
    /// which it opens, one of a day or more with each of its days.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.days.iter().all(Vec::is_empty) {
            return "never".into();
        }
        if self.days.iter().all(|day| matches!(day[..], [(0, 1440)])) {
            return "always".into();
        }
        let mut parts = Vec::new();
        let mut first = 0;
        while first < 7 {
            let same = self.told.iter().skip(first).take_while(|day| Some(*day) == self.told.get(first)).count();
            if let Some(day) = self.told.get(first).filter(|day| !day.is_empty()) {
                parts.push(format!("{} {}", day_words(first, same), stretches(day)));
            }
            first += same;
        }
        parts.join(", ")
    }
}

/// The minutes of a day.
const DAY: u16 = 1440;

fn push(days: &mut [Vec<(u16, u16)>; 7], day: usize, stretch: (u16, u16)) {
    if let Some(day) = days.get_mut(day) {
        day.push(stretch);
    }
}

/// From when to when, as clocks on the wall show it.
fn clock_times(span: Span, zone: Tz) -> (NaiveDateTime, NaiveDateTime) {
    let (from, to) = (local(zone, span.from), local(zone, span.to));
    // It may end in the hour that autumn repeats: no clock can show that, so show how long it takes.
    (from, if to <= from { from + (span.to - span.from) } else { to })
}

/// A stretch of a week, cut at each midnight: the day from Monday on, and the minutes of that day.
fn by_day(part: Span, zone: Tz, monday: NaiveDate) -> impl Iterator<Item = (usize, (u16, u16))> {
    let (from, to) = clock_times(part, zone);
    monday.iter_days().take(7).enumerate().filter_map(move |(day, date)| {
        let (begin, end) = (date.and_time(NaiveTime::MIN), (date + Days::new(1)).and_time(NaiveTime::MIN));
        let touches = from < end && to > begin;
        touches.then(|| (day, (minutes(from.max(begin) - begin), minutes(to.min(end) - begin))))
    })
}

fn day_words(first: usize, count: usize) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let name = |day: usize| DAYS.get(day).copied().unwrap_or("?");
    match count {
        1 => name(first).to_owned(),
        2 => format!("{} and {}", name(first), name(first + 1)),
        7 => "every day".to_owned(),
        _ => format!("{}–{}", name(first), name(first + count - 1)),
    }
}

fn stretches(day: &[(u16, u16)]) -> String {
    let time = |minute: u16| {
        let minute = if minute > DAY { minute - DAY } else { minute };
        format!("{:02}:{:02}", minute / 60, minute % 60)
    };
    let parts: Vec<String> = day.iter().map(|(from, to)| format!("{}–{}", time(*from), time(*to))).collect();
    parts.join(" and ")
}

fn minutes(delta: TimeDelta) -> u16 {
    u16::try_from(delta.num_minutes()).unwrap_or(0)
}

fn local(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The first instant of a day in a zone, where midnight itself may not exist.
#[must_use]
pub fn midnight(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    (0..=4)
        .find_map(|hours| zone.from_local_datetime(&(midnight + TimeDelta::hours(hours))).earliest())
        .map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod oracle;

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(text: &str, zone: Tz) -> (String, Timing) {
        (text.to_owned(), Timing::new(text.parse().unwrap(), zone))
    }

    fn week(starts: &[&str], stops: &[&str], zone: Tz, monday: &str) -> Week {
        let monday = monday.parse().unwrap();
        let all = |texts: &[&str]| texts.iter().map(|text| timing(text, zone)).collect::<Vec<_>>();
        Week::of(&windows(&all(starts), &all(stops), Week::span(zone, monday)), zone, monday)
    }

    #[test]
    fn a_pair_makes_office_hours() {
        let week = week(&["cron(30 8 ? * MON-FRI *)"], &["cron(0 17 ? * MON-FRI *)"], Tz::Europe__Berlin, "2026-11-16");
        assert_eq!(week.sentence(), "Mon–Fri 08:30–17:00");
        assert!((week.hours - 42.5).abs() < 1e-9 && !week.endless);
    }

    #[test]
    fn a_shorter_friday_is_told_apart() {
        let week = week(
            &["cron(30 8 ? * MON-FRI *)"],
            &["cron(0 17 ? * MON-THU *)", "cron(0 13 ? * FRI *)"],
            Tz::Europe__Berlin,
            "2026-11-16",
        );
        assert_eq!(week.sentence(), "Mon–Thu 08:30–17:00, Fri 08:30–13:00");
    }

    #[test]
    fn windows_go_over_midnight_and_into_the_week() {
        let week = week(&["cron(0 22 ? * SUN,MON *)"], &["cron(0 6 ? * MON,TUE *)"], Tz::UTC, "2026-11-16");
        assert_eq!((&week.days[0], &week.days[6]), (&vec![(0, 360), (1320, 1440)], &vec![(1320, 1440)]));
        assert_eq!(week.sentence(), "Mon 22:00–06:00, Sun 22:00–06:00");
    }

    #[test]
    fn a_window_over_midnight_is_told_in_one_piece() {
        let of = |starts: &[&str], stops: &[&str]| week(starts, stops, Tz::Europe__Berlin, "2026-11-16").sentence();
        assert_eq!(of(&["cron(30 21 * * ? *)"], &["cron(30 2 * * ? *)"]), "every day 21:30–02:30");
        assert_eq!(of(&["cron(0 21 * * ? *)"], &["cron(0 0 * * ? *)"]), "every day 21:00–24:00");
        let weekend = of(&["cron(0 20 ? * FRI *)"], &["cron(0 6 ? * MON *)"]);
        assert_eq!(weekend, "Mon 00:00–06:00, Fri 20:00–24:00, Sat and Sun 00:00–24:00", "longer than a day");
        let noon = of(&["cron(0 0 * * ? *)", "cron(0 12 * * ? *)"], &["cron(0 0 * * ? *)", "cron(0 6 * * ? *)"]);
        assert_eq!(noon, "every day 00:00–06:00 and 12:00–24:00");
    }

    #[test]
    fn a_sunday_unlike_the_last_does_not_swallow_the_monday_morning() {
        let starts = ["at(2026-11-15T22:00:00)", "cron(0 23 ? * SUN *)"];
        let week = week(&starts, &["cron(0 3 ? * MON *)"], Tz::UTC, "2026-11-16");
        assert_eq!(week.sentence(), "Mon 00:00–03:00, Sun 23:00–03:00");
    }

    #[test]
    fn a_start_without_a_stop_is_endless() {
        let week = week(&["cron(0 8 ? * WED *)"], &[], Tz::UTC, "2026-11-16");
        assert!(week.endless);
        assert_eq!(week.sentence(), "always", "it was never stopped after the Wednesday before");
    }

    #[test]
    fn a_stop_alone_plans_nothing() {
        assert_eq!(week(&[], &["cron(0 17 ? * MON-FRI *)"], Tz::UTC, "2026-11-16").sentence(), "never");
    }

    #[test]
    fn the_day_that_loses_an_hour_is_an_hour_shorter() {
        let week = week(&["cron(0 0 ? * SUN *)"], &["cron(0 6 ? * SUN *)"], Tz::Europe__Berlin, "2027-03-22");
        assert!((week.hours - 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_second_start_opens_no_second_window() {
        let (start, zone) = (DateTime::UNIX_EPOCH, Tz::UTC);
        let span = Span { from: start, to: start + TimeDelta::days(1) };
        let starts = [timing("cron(0 8 * * ? *)", zone), timing("cron(0 9 * * ? *)", zone)];
        let found = windows(&starts, &[timing("cron(0 17 * * ? *)", zone)], span);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].opens, found[0].closes),
            (start + TimeDelta::hours(8), Some(start + TimeDelta::hours(17)))
        );
        let noon = Span { from: start + TimeDelta::hours(12), to: start + TimeDelta::hours(13) };
        let found = windows(&starts, &[timing("cron(0 17 * * ? *)", zone)], noon);
        assert_eq!(
            (found[0].opens, found[0].closes),
            (start + TimeDelta::hours(8), Some(start + TimeDelta::hours(17)))
        );
    }
}
