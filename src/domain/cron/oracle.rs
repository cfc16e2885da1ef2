//! Properties of random expressions, held against a second evaluator that works in civil time.
//!
//! The oracle (croner) knows neither zones as AWS treats them nor ranges that wrap, a bare `L` for Saturday, or year
//! steps that count from 1970. So every field is generated twice: as AWS writes it, and spelt out for the oracle; and
//! the zone is resolved here, minute by minute.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron as Oracle;
use croner::parser::{CronParser, Seconds, Year};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::Expression;

/// A field as AWS writes it and as the oracle understands it.
type Twice = (String, String);

const ZONES: [Tz; 7] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kolkata,
    Tz::Africa__Cairo,
    Tz::America__Havana,
];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn oracle(spelt: &str) -> Oracle {
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build();
    let text = format!("0 {spelt}");
    parser.parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn same(text: String) -> Twice {
    (text.clone(), text)
}

fn listed(values: &BTreeSet<u32>) -> String {
    values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

/// `a-b/n`, spelt out where it wraps.
fn range(a: u32, b: u32, step: u32, first: u32, last: u32) -> Twice {
    let around: Vec<u32> = if a <= b { (a..=b).collect() } else { (a..=last).chain(first..=b).collect() };
    let values: BTreeSet<u32> = around.into_iter().step_by(step as usize).collect();
    let text = if step == 1 { format!("{a}-{b}") } else { format!("{a}-{b}/{step}") };
    (text, listed(&values))
}

fn field(first: u32, last: u32) -> impl Strategy<Value = Twice> {
    let value = first..=last;
    prop_oneof![
        2 => Just(same("*".into())),
        4 => value.clone().prop_map(|v| same(v.to_string())),
        2 => (value.clone(), value.clone(), 1..=5_u32).prop_map(move |(a, b, n)| range(a, b, n, first, last)),
        2 => (value.clone(), 1..=12_u32).prop_map(move |(a, n)| {
            (format!("{a}/{n}"), listed(&(a..=last).step_by(n as usize).collect()))
        }),
        1 => (2..=15_u32).prop_map(move |n| {
            let n = n.min(last - first);
            (format!("*/{n}"), listed(&(first..=last).step_by(n as usize).collect()))
        }),
        2 => proptest::collection::btree_set(value, 2..4).prop_map(|values| same(listed(&values))),
    ]
}

fn day_of_month() -> impl Strategy<Value = Twice> {
    prop_oneof![
        6 => field(1, 31),
        1 => Just(same("L".into())),
        1 => Just(same("LW".into())),
        2 => (1..=31_u32).prop_map(|day| same(format!("{day}W"))),
    ]
}

fn day_of_week() -> impl Strategy<Value = Twice> {
    let day = 1..=7_u32;
    prop_oneof![
        1 => Just(("L".to_owned(), "7".to_owned())),
        2 => (day.clone(), any::<bool>()).prop_map(|(day, named)| {
            let name = if named { WEEKDAYS[day as usize - 1].to_owned() } else { day.to_string() };
            (format!("{name}L"), format!("{day}L"))
        }),
        2 => (day.clone(), 1..=5_u32).prop_map(|(day, nth)| same(format!("{day}#{nth}"))),
        3 => (day.clone(), day.clone()).prop_map(|(a, b)| range(a, b, 1, 1, 7)),
        2 => (day.clone(), day).prop_map(|(a, b)| {
            let named = |day: u32| WEEKDAYS[day as usize - 1];
            (format!("{}-{}", named(a), named(b)), range(a, b, 1, 1, 7).1)
        }),
        2 => subsequence(WEEKDAYS.to_vec(), 1..=4).prop_map(|days| same(days.join(","))),
    ]
}

fn year() -> impl Strategy<Value = Twice> {
    prop_oneof![
        5 => Just(same("*".into())),
        1 => (2025..=2030_u32).prop_map(|year| same(year.to_string())),
        1 => (2020..=2027_u32, 0..=4_u32).prop_map(|(year, more)| same(format!("{year}-{}", year + more))),
        1 => (2..=4_u32).prop_map(|n| (format!("*/{n}"), listed(&(1970..=2199).step_by(n as usize).collect()))),
    ]
}

/// Day of month and day of week, month, and year.
fn dates() -> impl Strategy<Value = ((Twice, Twice), Twice, Twice)> {
    let days = prop_oneof![
        (day_of_month(), Just(same("?".into()))),
        // On this side `*` is the oracle's word for what AWS writes as `?`.
        (Just(("?".to_owned(), "*".to_owned())), day_of_week()),
    ];
    (days, field(1, 12), year())
}

/// The text for AWS and the six fields for the oracle.
fn expression() -> impl Strategy<Value = Twice> {
    // Every day in most cases, or a stretch of two days would hardly ever see a fire.
    let daily = || ((same("*".into()), same("?".into())), same("*".into()), same("*".into()));
    let dates = prop_oneof![2 => Just(daily()), 1 => dates()];
    let hour = prop_oneof![1 => field(0, 23), 1 => (0..=3_u32).prop_map(|hour| same(hour.to_string()))];
    (field(0, 59), hour, dates).prop_map(|(minute, hour, ((day, weekday), month, year))| {
        let all = [minute, hour, day, month, weekday, year];
        let aws = all.each_ref().map(|(aws, _)| aws.as_str()).join(" ");
        (format!("cron({aws})"), all.map(|(_, spelt)| spelt).join(" "))
    })
}

/// Zones and the instants at which they turn their clocks back.
fn autumn() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    select(vec![
        (Tz::Europe__Berlin, "2026-10-25T01:00:00Z"),
        (Tz::America__New_York, "2026-11-01T06:00:00Z"),
        (Tz::Australia__Lord_Howe, "2026-04-04T15:00:00Z"),
        (Tz::America__Havana, "2026-11-01T05:00:00Z"),
        (Tz::Africa__Cairo, "2026-10-29T21:00:00Z"),
    ])
    .prop_map(|(zone, at)| (zone, at.parse().unwrap()))
}

/// Midnights (UTC) on and around which clocks change in one of the zones, and one without any change.
fn midnight() -> impl Strategy<Value = DateTime<Utc>> {
    let dates = [
        "2026-03-08",
        "2026-03-29",
        "2026-04-05",
        "2026-04-24",
        "2026-10-04",
        "2026-10-25",
        "2026-10-29",
        "2026-11-01",
        "2027-03-14",
        "2027-03-28",
        "2026-12-31",
        "2028-02-28",
        "2026-07-15",
    ];
    (select(dates.to_vec()), -1..=1_i64)
        .prop_map(|(date, days)| format!("{date}T00:00:00Z").parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(days))
}

fn local(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// Whether AWS fires at this minute: the fields match its local time, and it is the first time that the clocks show it.
fn due(oracle: &Oracle, zone: Tz, at: DateTime<Utc>) -> bool {
    let local = local(zone, at);
    let first = zone.from_local_datetime(&local).earliest().is_some_and(|first| first == at);
    first && oracle.is_time_matching(&local).unwrap()
}

fn fires(expression: &Expression, zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let next = |after| expression.next_after(after, zone, DateTime::UNIX_EPOCH);
    let first = next(from - TimeDelta::nanoseconds(1));
    std::iter::successors(first, |last| next(*last)).take_while(|at| *at < to).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_as_the_same((text, _) in expression()) {
        let read: Expression = text.parse().unwrap();
        prop_assert_eq!(&read.to_string().parse::<Expression>().unwrap(), &read);
        prop_assert_eq!(read.to_string(), text);
        prop_assert!(!read.describe().is_empty());
    }

    #[test]
    fn small_letters_and_a_missing_year_change_nothing((text, _) in expression()) {
        let read: Expression = text.parse().unwrap();
        let inner = text.strip_prefix("cron(").unwrap().to_ascii_lowercase();
        prop_assert_eq!(&format!("cron({inner}").parse::<Expression>().unwrap(), &read);
        if let Some(five) = text.strip_suffix(" *)") {
            prop_assert_eq!(&format!("{five})").parse::<Expression>().unwrap(), &read);
        }
    }

    #[test]
    fn every_minute_of_two_days_fires_or_not_as_the_fields_say(
        (text, spelt) in expression(), zone in select(ZONES.to_vec()), from in midnight(),
    ) {
        let (expression, oracle): (Expression, _) = (text.parse().unwrap(), oracle(&spelt));
        let minutes = (0..2 * 1440).map(|minute| from + TimeDelta::minutes(minute));
        let expected: Vec<_> = minutes.filter(|at| due(&oracle, zone, *at)).collect();
        prop_assert_eq!(fires(&expression, zone, from, from + TimeDelta::days(2)), expected, "{} {}", text, zone);
    }

    #[test]
    fn the_right_dates_are_found_over_years((days, month, year) in dates(), zone in select(ZONES.to_vec())) {
        // No clock changes at noon: what is left is the calendar.
        let spelt = format!("30 12 {} {} {} {}", days.0.1, month.1, days.1.1, year.1);
        let text = format!("cron(30 12 {} {} {} {})", days.0.0, month.0, days.1.0, year.0);
        let (expression, oracle): (Expression, _) = (text.parse().unwrap(), oracle(&spelt));
        let from: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        let noons = (0..800).map(|day| from.date_naive() + Days::new(day)).map(|day| day.and_hms_opt(12, 30, 0).unwrap());
        let expected: Vec<_> = noons.filter(|noon| oracle.is_time_matching(noon).unwrap()).collect();
        let found = fires(&expression, zone, from - TimeDelta::days(2), from + TimeDelta::days(803));
        let found: Vec<_> = found.into_iter().map(|at| local(zone, at))
            .filter(|noon| (0..800).contains(&(noon.date() - from.date_naive()).num_days())).collect();
        prop_assert_eq!(found, expected, "{} {}", text, zone);
    }

    #[test]
    fn the_last_fire_is_the_one_before_the_next(
        (text, _) in expression(), (zone, turned) in autumn(), minute in -60..240_i64,
    ) {
        let expression: Expression = text.parse().unwrap();
        let until = turned + TimeDelta::minutes(minute);
        let begin = until - TimeDelta::days(3);
        let expected = fires(&expression, zone, begin, until + TimeDelta::seconds(1)).pop();
        let found = expression.last_until(until, zone, DateTime::UNIX_EPOCH).filter(|at| *at >= begin);
        prop_assert_eq!(found, expected, "{} {} until {}", text, zone, until);
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in "(cron|rate|at|)\\(?[-0-9A-Za-z*?/,#+L: \u{e9}]{0,40}\\)?") {
        if let Err(error) = text.parse::<Expression>() {
            prop_assert!(text.get(error.at.clone()).is_some(), "{:?} of {:?}", error.at, text);
            prop_assert!(!error.message.is_empty());
        }
    }
}

#[test]
fn the_last_fire_within_the_repeated_hour_is_the_later_reading_of_the_clock() {
    // In Berlin 02:00 to 03:00 comes twice on this day: 02:45 first at 00:45 UTC, and 02:30 again at 01:30 UTC.
    let expression: Expression = "cron(45 2 * * ? *)".parse().unwrap();
    let until: DateTime<Utc> = "2026-10-25T01:30:00Z".parse().unwrap();
    let last = expression.last_until(until, Tz::Europe__Berlin, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(last.to_rfc3339(), "2026-10-25T00:45:00+00:00");
}

#[test]
fn the_longest_rates_neither_overflow_nor_fire() {
    let at: DateTime<Utc> = "2026-11-20T13:00:00Z".parse().unwrap();
    for text in ["rate(4294967295 days)", "rate(4294967295 hours)", "rate(4294967295 minutes)"] {
        let expression: Expression = text.parse().unwrap();
        let next = expression.next_after(at, Tz::UTC, at);
        assert!(next.is_none_or(|next| next > at), "{text}: {next:?}");
        assert_eq!(expression.last_until(at, Tz::UTC, at), Some(at), "{text}");
        assert!(!expression.describe().is_empty());
    }
}
