//! Tables and properties for expressions.

use chrono::{DateTime, Utc};

use super::*;

fn ok(text: &str) -> Expression {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fires(text: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
    let zone: chrono_tz::Tz = zone.parse().unwrap();
    let expression = ok(text);
    let from: DateTime<Utc> = from.parse().unwrap();
    let first = expression.next_after(from, zone, from);
    std::iter::successors(first, |last| expression.next_after(*last, zone, from))
        .take(count)
        .map(|at| at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string())
        .collect()
}

#[test]
fn words() {
    for (text, words) in [
        ("cron(0 10 * * ? *)", "every day at 10:00"),
        ("cron(15 12 * * ? *)", "every day at 12:15"),
        ("cron(0 18 ? * MON-FRI *)", "Mon–Fri at 18:00"),
        ("cron(30 8 ? * 2,4,6 *)", "Mon, Wed and Fri at 08:30"),
        ("cron(0 9 ? * SAT,SUN *)", "Sat and Sun at 09:00"),
        ("cron(0 9 ? * SAT-MON *)", "Mon, Sat and Sun at 09:00"),
        ("cron(0 8 1 * ? *)", "at 08:00 on the 1st of the month"),
        ("cron(0 8 1,15 * ? *)", "at 08:00 on the 1st and 15th of the month"),
        ("cron(0/15 * * * ? *)", "every 15 minutes"),
        ("cron(0/10 * ? * MON-FRI *)", "every 10 minutes, Mon–Fri"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "every 5 minutes from 08:00 to 17:55, Mon–Fri"),
        ("cron(0/30 20-2 ? * MON-FRI *)", "every 30 minutes in the hours 00–02 and 20–23, Mon–Fri"),
        ("cron(0 0/2 * * ? *)", "every 2 hours from 00:00 on"),
        ("cron(15 1/3 ? * MON-FRI *)", "every 3 hours from 01:15 on, Mon–Fri"),
        ("cron(0 22-6/2 * * ? *)", "at :00 in the hours 00, 02, 04, 06 and 22"),
        ("cron(30 8-16/2 * * ? *)", "at :30 in the hours 08, 10, 12, 14 and 16"),
        ("cron(5,35 14 * * ? *)", "every day at 14:05 and 14:35"),
        ("cron(15 10 ? * 6L 2022-2023)", "at 10:15 on the last Friday of the month, 2022–2023"),
        ("cron(0 18 ? * 2#1 *)", "at 18:00 on the 1st Monday of the month"),
        ("cron(0 8 L * ? *)", "at 08:00 on the last day of the month"),
        ("cron(0 8 LW * ? *)", "at 08:00 on the last weekday (Mon–Fri) of the month"),
        ("cron(0 8 15W * ? *)", "at 08:00 on the weekday (Mon–Fri) nearest to the 15th of the month"),
        ("cron(0 0 1 1 ? 2030)", "at 00:00 on the 1st of the month in Jan, only in 2030"),
        ("cron(0 * * * ? *)", "every hour"),
        ("cron(* * * * ? *)", "every minute"),
        ("cron(7 * ? * * *)", "every hour at :07"),
        ("rate(1 minutes)", "every minute"),
        ("rate(5 minutes)", "every 5 minutes"),
        ("rate(2 days)", "every 48 hours (2 days)"),
        ("at(2026-11-20T17:00:00)", "once, on 20 Nov 2026 at 17:00"),
    ] {
        assert_eq!(ok(text).describe(), words, "{text}");
    }
}

#[test]
fn fires_follow_the_rules() {
    let table: [(&str, &str, &str, &[&str]); 12] = [
        (
            "cron(0 9 ? * MON-FRI *)",
            "America/New_York",
            "2026-11-20T13:00:00Z",
            &["2026-11-20 09:00 EST", "2026-11-23 09:00 EST"],
        ),
        (
            "cron(15 10 ? * 6L 2026)",
            "America/New_York",
            "2026-11-20T13:00:00Z",
            &["2026-11-27 10:15 EST", "2026-12-25 10:15 EST"],
        ),
        ("cron(0 8 1W * ? *)", "UTC", "2026-07-20T00:00:00Z", &["2026-08-03 08:00 UTC", "2026-09-01 08:00 UTC"]),
        ("cron(0 18 ? * L *)", "UTC", "2026-11-20T13:00:00Z", &["2026-11-21 18:00 UTC", "2026-11-28 18:00 UTC"]),
        ("cron(0 0 31 2 ? *)", "UTC", "2026-11-20T13:00:00Z", &[]),
        ("cron(0 0 1 1 ? */4)", "UTC", "2026-11-20T13:00:00Z", &["2030-01-01 00:00 UTC", "2034-01-01 00:00 UTC"]),
        ("cron(0 0 29 2 ? *)", "UTC", "2097-01-01T00:00:00Z", &["2104-02-29 00:00 UTC", "2108-02-29 00:00 UTC"]),
        // The spring's gap is skipped, not moved.
        (
            "cron(30 2 * * ? *)",
            "America/New_York",
            "2027-03-13T12:00:00Z",
            &["2027-03-15 02:30 EDT", "2027-03-16 02:30 EDT"],
        ),
        // In autumn the first of the two counts, and only that.
        (
            "cron(30 1 * * ? *)",
            "America/New_York",
            "2026-10-31T12:00:00Z",
            &["2026-11-01 01:30 EDT", "2026-11-02 01:30 EST"],
        ),
        (
            "cron(0 * * * ? *)",
            "America/New_York",
            "2026-11-01T04:30:00Z",
            &["2026-11-01 01:00 EDT", "2026-11-01 02:00 EST"],
        ),
        ("at(2026-11-20T17:00:00)", "Europe/Berlin", "2026-11-20T13:00:00Z", &["2026-11-20 17:00 CET"]),
        ("rate(1 days)", "Europe/Berlin", "2027-03-27T11:00:00Z", &["2027-03-28 13:00 CEST", "2027-03-29 13:00 CEST"]),
    ];
    for (text, zone, from, expected) in table {
        assert_eq!(fires(text, zone, from, expected.len().clamp(1, 2)), expected, "{text} {zone}");
    }
}

#[test]
fn the_field_that_is_wrong_is_named() {
    for (text, field, says) in [
        ("cron(60 8 ? * MON-FRI *)", Field::Minutes, "0 to 59"),
        ("cron(0 24 ? * MON-FRI *)", Field::Hours, "midnight is 0"),
        ("cron(0 8 32 * ? *)", Field::DayOfMonth, "1 to 31"),
        ("cron(0 8 ? 13 MON *)", Field::Month, "1 (JAN) to 12 (DEC)"),
        ("cron(0 8 ? * 8 *)", Field::DayOfWeek, "1 (SUN) to 7 (SAT)"),
        ("cron(0 8 ? * 0 *)", Field::DayOfWeek, "Sunday is 1"),
        ("cron(0 8 ? * MON 1969)", Field::Year, "1970 to 2199"),
        ("cron(0 8 * * * *)", Field::DayOfWeek, "cron(0 8 * * ? *)"),
        ("cron(0 8 ? * ? *)", Field::DayOfWeek, "cron(0 8 * * ? *)"),
        ("cron(0 8 * * MON-FRI *)", Field::DayOfMonth, "cron(0 8 ? * MON-FRI *)"),
        ("cron(0 8 ? * 2#1,3#2 *)", Field::DayOfWeek, "only one '#'"),
        ("cron(0 8 15W,20 * ? *)", Field::DayOfMonth, "not in a list"),
        ("cron(0 8 +5 * ? *)", Field::DayOfMonth, "'+5'"),
        ("cron(0/0 8 * * ? *)", Field::Minutes, "step of 0"),
        ("cron(0 8 * *)", Field::Expression, "this one has 4"),
        ("rate(0 minutes)", Field::Value, "above zero"),
        ("rate(5 fortnights)", Field::Unit, "minutes, hours and days"),
        ("at(2026-11-20 17:00)", Field::Time, "2026-11-20T17:00:00"),
        ("@daily", Field::Expression, "write cron(…)"),
    ] {
        let error = text.parse::<Expression>().unwrap_err();
        assert_eq!(error.field, field, "{text}: {error}");
        assert!(error.to_string().contains(says), "{text}: {error}");
        assert!(text.get(error.at.clone()).is_some(), "{text}: {:?}", error.at);
    }
}

#[test]
fn gaps_are_found_where_the_clocks_skip() {
    let zone = chrono_tz::Europe::Berlin;
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let found = gaps(zone, day("2026-11-20"), day("2027-11-20"));
    let [gap] = found[..] else { panic!("{found:?}") };
    assert_eq!(gap.from.to_string(), "2027-03-28 02:00:00");
    assert_eq!(gap.to.to_string(), "2027-03-28 03:00:00");
    assert_eq!(ok("cron(30 2 * * ? *)").skipped_in(&gap).unwrap().to_string(), "2027-03-28 02:30:00");
    assert_eq!(ok("cron(30 2 ? * MON *)").skipped_in(&gap), None);
    assert_eq!(ok("cron(0 3 * * ? *)").skipped_in(&gap), None);
}
