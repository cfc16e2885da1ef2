//! Days and times of day, as a scenario writes them.

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de};

/// The zone where none is given.
pub(super) fn utc() -> Tz {
    Tz::UTC
}

/// A set of weekdays, written `"MON-FRI"`, `"SAT,SUN"` or `"*"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days([bool; 7]);

impl Default for Days {
    fn default() -> Self {
        Self([true; 7])
    }
}

impl Days {
    /// Monday to Friday.
    #[must_use]
    pub fn weekdays() -> Self {
        Self([true, true, true, true, true, false, false])
    }

    /// Whether `day` is one of them.
    #[must_use]
    pub fn contains(self, day: Weekday) -> bool {
        let index = day.num_days_from_monday() as usize;
        self.0.get(index).copied().unwrap_or(false)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        const NAMES: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
        if text == "*" {
            return Some(Self::default());
        }
        let index = |name: &str| NAMES.iter().position(|known| *known == name.trim());
        let mut days = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (index(first)?, index(last)?);
            let count = (last + 7 - first) % 7;
            for step in 0..=count {
                if let Some(day) = days.get_mut((first + step) % 7) {
                    *day = true;
                }
            }
        }
        Some(Self(days))
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no set of days like MON-FRI")))
    }
}

pub(super) fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M")
        .map_err(|_| de::Error::custom(format!("`{text}` is no time of day like 08:30")))
}

pub(super) fn maybe_time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveTime>, D::Error> {
    time_of_day(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_ranges_that_may_wrap() {
        let days = Days::parse("SAT-MON,WED").expect("days");
        let is = |day| days.contains(day);
        assert!(is(Weekday::Sat) && is(Weekday::Sun) && is(Weekday::Mon) && is(Weekday::Wed));
        assert!(!is(Weekday::Tue) && !is(Weekday::Thu) && !is(Weekday::Fri));
        assert_eq!(Days::parse("MON-FRY"), None);
    }
}
