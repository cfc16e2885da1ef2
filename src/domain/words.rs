//! Numbers and times in words, the same everywhere.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// A length of time by its two largest units: `12 min`, `2 h 51`, `3 d 4 h`. A negative one counts as none.
#[must_use]
pub fn span(delta: TimeDelta) -> String {
    let minutes = delta.num_minutes().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes:02}"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// A local time as short as it can be told from `now`: `17:00` today, `Mon 08:30` within a week, else `Mon 8 Mar 08:30`,
/// with the year where it is another one.
#[must_use]
pub fn when(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (local, today) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let days = (local.date_naive() - today.date_naive()).num_days();
    let format = match days {
        0 => "%H:%M",
        -6..=6 => "%a %H:%M",
        _ if local.format("%Y").to_string() == today.format("%Y").to_string() => "%a %-d %b %H:%M",
        _ => "%a %-d %b %Y %H:%M",
    };
    local.format(format).to_string()
}

/// `1 message`, `2 messages`: a count with its noun.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_by_their_two_largest_units() {
        let told: Vec<String> = [-5, 0, 59, 60, 171, 1440, 4 * 1440 + 125].map(|m| span(TimeDelta::minutes(m))).into();
        assert_eq!(told, ["0 min", "0 min", "59 min", "1 h", "2 h 51", "1 d", "4 d 2 h"]);
    }

    #[test]
    fn a_time_is_as_short_as_it_can_be() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-20T13:09:00Z");
        let told = ["2026-11-20T16:00:00Z", "2026-11-23T07:30:00Z", "2026-12-24T07:30:00Z", "2027-03-28T01:00:00Z"]
            .map(|text| when(at(text), now, Tz::Europe__Berlin));
        assert_eq!(told, ["17:00", "Mon 08:30", "Thu 24 Dec 08:30", "Sun 28 Mar 2027 03:00"]);
    }
}
