//! Windows of random starts and stops, held against a walk that looks at every minute.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use chrono::Datelike;

use super::*;

const LOOK_BACK: TimeDelta = TimeDelta::days(20);

/// An expression that fires at least once in a fortnight, whatever the clocks do.
fn weekly() -> impl Strategy<Value = String> {
    let days = subsequence(vec!["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1..=7);
    (select(vec![0, 15, 30, 59]), 0..24_u32, days)
        .prop_map(|(minute, hour, days)| format!("cron({minute} {hour} ? * {} *)", days.join(",")))
}

fn timings(zone: Tz, texts: &[String]) -> Vec<(String, Timing)> {
    texts.iter().map(|text| (text.clone(), Timing::new(text.parse().unwrap(), zone))).collect()
}

fn fires(timings: &[(String, Timing)], from: DateTime<Utc>, to: DateTime<Utc>) -> BTreeSet<DateTime<Utc>> {
    timings.iter().flat_map(|(_, timing)| timing.fires(from, to)).collect()
}

/// Minute by minute: a stop closes what is open, then a start opens what is not. Windows that end by `span.from` or
/// begin at `span.to` do not count.
fn naive(
    starts: &[(String, Timing)],
    stops: &[(String, Timing)],
    span: Span,
) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    let (from, to) = (span.from - LOOK_BACK, span.to + LOOK_BACK);
    let (starts, stops) = (fires(starts, from, to), fires(stops, from, to));
    let (mut windows, mut open, mut minute) = (Vec::new(), None, from);
    while minute < to {
        if stops.contains(&minute)
            && let Some(opens) = open.take()
        {
            windows.push((opens, Some(minute)));
        }
        if starts.contains(&minute) && minute < span.to {
            open = open.or(Some(minute));
        }
        minute += TimeDelta::minutes(1);
    }
    windows.extend(open.map(|opens| (opens, None)));
    windows.retain(|(_, closes)| closes.is_none_or(|closes| closes > span.from));
    windows
}

fn mondays() -> impl Strategy<Value = NaiveDate> {
    // The weeks in which Berlin and New York change their clocks, and one in which neither does.
    select(vec!["2026-10-19", "2026-10-26", "2027-03-08", "2027-03-22", "2026-11-16"])
        .prop_map(|date| date.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_are_those_of_the_minute_by_minute_walk(
        starts in proptest::collection::vec(weekly(), 1..4),
        stops in proptest::collection::vec(weekly(), 1..4),
        zone in select(vec![Tz::Europe__Berlin, Tz::America__New_York, Tz::Asia__Kolkata]),
        monday in mondays(),
        hours in 1..168_i64,
    ) {
        let (starts, stops) = (timings(zone, &starts), timings(zone, &stops));
        let from = Week::span(zone, monday).from;
        let span = Span { from, to: from + TimeDelta::hours(hours) };
        let found: Vec<_> = windows(&starts, &stops, span).iter()
            .map(|window| (window.opens, window.closes))
            .filter(|(_, closes)| closes.is_none_or(|closes| closes > span.from))
            .collect();
        prop_assert_eq!(found, naive(&starts, &stops, span));
    }

    #[test]
    fn the_picture_of_a_week_rises_through_each_day(
        starts in proptest::collection::vec(weekly(), 1..4),
        stops in proptest::collection::vec(weekly(), 1..4),
        (zone, stop_zone) in select(vec![(Tz::Europe__Berlin, Tz::Europe__Berlin), (Tz::Europe__Berlin, Tz::UTC)]),
        monday in mondays(),
    ) {
        let (starts, stops) = (timings(zone, &starts), timings(stop_zone, &stops));
        let span = Week::span(zone, monday);
        let windows = windows(&starts, &stops, span);
        let week = Week::of(&windows, zone, monday);
        for day in &week.days {
            prop_assert!(day.iter().all(|(from, to)| from < to && *to <= 1440), "{:?}", week.days);
            // Stops of another zone may end a window within the repeated hour, and the next one then begins "earlier".
            prop_assert!(zone != stop_zone || day.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{:?}", week.days);
        }
        let seconds: i64 = windows.iter().filter_map(|w| w.within(span)).map(|s| (s.to - s.from).num_seconds()).sum();
        prop_assert!((week.hours - seconds as f64 / 3600.0).abs() < 1e-9);
    }
}

#[test]
fn a_window_that_ends_in_the_repeated_hour_is_not_drawn_backwards() {
    // Berlin shows 02:45 at 00:45 UTC, and 02:15 for the second time half an hour later.
    let starts = timings(Tz::Europe__Berlin, &["cron(45 2 ? * SUN *)".to_owned()]);
    let stops = timings(Tz::UTC, &["cron(15 1 ? * SUN *)".to_owned()]);
    let monday = "2026-10-19".parse().unwrap();
    let span = Week::span(Tz::Europe__Berlin, monday);
    let week = Week::of(&windows(&starts, &stops, span), Tz::Europe__Berlin, monday);
    assert!(week.days.iter().flatten().all(|(from, to)| from < to), "{:?}", week.days);
    assert!((week.hours - 0.5).abs() < 1e-9);
}

/// The minutes of a year in which a weekly pattern has the model on, by the calendar alone: each day, each window, with
/// AWS's rules for the clocks.
fn by_calendar(pattern: &Pattern, zone: Tz, from: NaiveDate, takes: i64) -> i64 {
    let fire = |minute: u16, date: NaiveDate| {
        let at = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute % 1440));
        at.and_local_timezone(zone).earliest().map(|at| at.timestamp() / 60)
    };
    let (starts, stops) = pattern.fires(&Reading::default());
    // Three weeks before, so that what is open at the begin is known.
    let dates = (from - Days::new(21)).iter_days().take(21 + 365);
    let mut events: Vec<(i64, bool)> = Vec::new();
    for date in dates {
        let today = |minute: &&u16| u32::from(**minute / 1440) == date.weekday().num_days_from_monday();
        events.extend(starts.iter().filter(today).filter_map(|minute| Some((fire(*minute, date)?, true))));
        events.extend(stops.iter().filter(today).filter_map(|minute| Some((fire(*minute, date)?, false))));
    }
    events.sort_unstable();
    let (begin, end) = (midnight(zone, from).timestamp() / 60, midnight(zone, from + Days::new(365)).timestamp() / 60);
    let (mut open, mut sum) = (None, 0);
    let counted = |open: i64, to: i64| (to.min(end) - (open + takes).max(begin)).max(0);
    for (at, is_start) in events {
        match (is_start, open) {
            (true, None) => open = Some(at),
            (false, Some(since)) => {
                sum += counted(since, at);
                open = None;
            }
            _ => {}
        }
    }
    sum + open.map_or(0, |since| counted(since, end))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_forecast_of_a_year_is_the_sum_over_its_days(
        painted in proptest::collection::vec((0u16..672, 1u16..60), 1..8),
        lead in select(vec![0u16, 30]),
        zone in select(vec![Tz::Europe__Berlin, Tz::America__New_York, Tz::Asia__Kolkata, Tz::UTC, Tz::Australia__Lord_Howe]),
        takes in select(vec![0i64, 11]),
    ) {
        let mut pattern = Pattern::never();
        painted.into_iter().for_each(|(from, length)| pattern.paint(from * 15, length * 15, lead));
        prop_assume!(!pattern.is_always());
        let (starts, stops) = pattern.fires(&Reading::default());
        prop_assume!(!stops.is_empty());
        let crons = |minutes: &crate::domain::cron::Minutes| -> Vec<String> {
            crate::domain::cron::fewest(minutes).iter().map(crate::domain::cron::Product::cron).collect()
        };
        let from: NaiveDate = "2026-11-16".parse().unwrap();
        let span = Span { from: midnight(zone, from), to: midnight(zone, from + Days::new(365)) };
        let (starts, stops) = (timings(zone, &crons(&starts)), timings(zone, &crons(&stops)));
        let told = forecast(&starts, &stops, span, TimeDelta::minutes(takes));
        prop_assert_eq!(told.num_minutes(), by_calendar(&pattern, zone, from, takes));
    }
}
