//! Lengths and times as people type them.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::week::midnight;

/// The longest length that makes sense for a start by hand.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// A length of time: `3h`, `90m`, `1h30m`, `2d`, `1:30`.
///
/// # Errors
/// When the text is no length, is nothing, or is more than a year.
pub fn length(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("'{}' is not a length of time; one looks like 3h, 90m, 1h30m or 2d.", text.trim());
    let compact: String = text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
    let mut total = TimeDelta::zero();
    if let Some((hours, minutes)) = compact.split_once(':') {
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| (0..100_000).contains(number));
        let (hours, minutes) =
            (number(hours).ok_or_else(wrong)?, number(minutes).filter(|m| *m < 60).ok_or_else(wrong)?);
        total = TimeDelta::hours(hours) + TimeDelta::minutes(minutes);
    } else {
        let mut digits = String::new();
        let mut letters = compact.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter.is_ascii_digit() {
                digits.push(letter);
                continue;
            }
            let mut unit = String::from(letter);
            while let Some(more) = letters.next_if(|letter| !letter.is_ascii_digit()) {
                unit.push(more);
            }
            let number: i64 = digits.parse().ok().filter(|number| *number < 100_000).ok_or_else(wrong)?;
            digits.clear();
            total += match unit.as_str() {
                "m" | "min" | "mins" | "minute" | "minutes" => TimeDelta::minutes(number),
                "h" | "hour" | "hours" => TimeDelta::hours(number),
                "d" | "day" | "days" => TimeDelta::days(number),
                _ => return Err(wrong()),
            };
        }
        if !digits.is_empty() {
            return Err(wrong());
        }
    }
    match total {
        total if total <= TimeDelta::zero() => Err(wrong()),
        total if total > LONGEST => Err("More than a year is not a length for this.".into()),
        total => Ok(total),
    }
}

/// A time: `20:00` (the next one), `2026-12-27`, `2026-12-27 08:00`, both in `zone`, or an instant of RFC 3339.
///
/// # Errors
/// When the text is no time, or one that the clocks skip in that zone.
pub fn time(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let local = |naive: NaiveDateTime| {
        naive.and_local_timezone(zone).earliest().map(|at| at.to_utc()).ok_or_else(|| {
            format!("{} does not exist in {zone}: the clocks are put forward over it.", naive.format("%Y-%m-%d %H:%M"))
        })
    };
    if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
        let today = now.with_timezone(&zone).date_naive();
        let on = |date: NaiveDate| local(date.and_time(time));
        return match on(today) {
            Ok(at) if at > now => Ok(at),
            _ => on(today + Days::new(1)),
        };
    }
    for format in ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"] {
        if let Ok(naive) = NaiveDateTime::parse_from_str(text, format) {
            return local(naive);
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(midnight(zone, date));
    }
    Err(format!("'{text}' is not a time; one looks like 20:00, 2026-12-27 or 2026-12-27 08:00."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{BERLIN, at, now};

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, minutes) in [("3h", 180), ("90m", 90), ("1h30m", 90), (" 2 d ", 2_880), ("1:30", 90), ("5 min", 5)] {
            assert_eq!(length(text), Ok(TimeDelta::minutes(minutes)), "{text}");
        }
        for text in ["", "3", "h", "-3h", "3 weeks", "0m", "1:75", "900d", "99999999999999999999h"] {
            assert!(length(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_without_a_day_is_the_next_one() {
        // It is 14:09 in Berlin.
        assert_eq!(time("20:00", now(), BERLIN), Ok(at("2026-11-20T19:00:00Z")));
        assert_eq!(time("08:00", now(), BERLIN), Ok(at("2026-11-21T07:00:00Z")));
        assert_eq!(time("2026-12-27", now(), BERLIN), Ok(at("2026-12-26T23:00:00Z")));
        assert_eq!(time("2026-12-27 08:00", now(), BERLIN), Ok(at("2026-12-27T07:00:00Z")));
        assert_eq!(time("2026-12-27T08:00:00Z", now(), BERLIN), Ok(at("2026-12-27T08:00:00Z")));
        assert!(time("soon", now(), BERLIN).is_err());
        assert!(time("2027-03-28 02:30", now(), BERLIN).unwrap_err().contains("does not exist"));
    }
}
