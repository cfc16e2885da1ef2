//! The fields of a cron: which values each one holds.

use chrono::{Datelike, NaiveDate, Weekday};

/// The first year that AWS takes.
pub(super) const FIRST_YEAR: u32 = 1970;
/// The last year that AWS takes.
pub(super) const LAST_YEAR: u32 = 2199;

/// The day-of-month field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Days {
    /// `?`: the day of the week decides.
    Open,
    /// These days: bit 1 to bit 31.
    Set(u64),
    /// `L`: the last day of the month.
    Last,
    /// `LW`: the last weekday of the month.
    LastWeekday,
    /// `15W`: the weekday nearest to that day, in the same month.
    Near(u32),
}

/// The day-of-week field. Sunday is 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Weekdays {
    /// `?`: the day of the month decides.
    Open,
    /// These days: bit 1 (Sunday) to bit 7 (Saturday).
    Set(u64),
    /// `6L`: the last such day of the month.
    Last(u32),
    /// `2#1`: the n-th such day of the month.
    Nth(u32, u32),
}

/// The year field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Years {
    /// `*`.
    Every,
    /// These years, rising.
    Set(Vec<u32>),
}

impl Years {
    pub(super) fn holds(&self, year: i32) -> bool {
        let Ok(year) = u32::try_from(year) else { return false };
        match self {
            Self::Every => (FIRST_YEAR..=LAST_YEAR).contains(&year),
            Self::Set(years) => years.binary_search(&year).is_ok(),
        }
    }
}

/// Whether bit `value` is set.
pub(super) fn has(set: u64, value: u32) -> bool {
    value < 64 && set >> value & 1 == 1
}

/// The values of a set, rising.
pub(super) fn values(set: u64) -> impl DoubleEndedIterator<Item = u32> + Clone {
    (0..64).filter(move |value| has(set, *value))
}

/// The day of the week as AWS counts: 1 is Sunday.
pub(super) fn aws_weekday(date: NaiveDate) -> u32 {
    date.weekday().num_days_from_sunday() + 1
}

impl Days {
    pub(super) fn holds(&self, date: NaiveDate) -> bool {
        match self {
            Self::Open => true,
            Self::Set(days) => has(*days, date.day()),
            Self::Last => date.day() == days_of_month(date),
            Self::LastWeekday => nearest_weekday(date, days_of_month(date)) == Some(date.day()),
            Self::Near(day) => nearest_weekday(date, *day) == Some(date.day()),
        }
    }
}

impl Weekdays {
    pub(super) fn holds(&self, date: NaiveDate) -> bool {
        match self {
            Self::Open => true,
            Self::Set(days) => has(*days, aws_weekday(date)),
            Self::Last(day) => aws_weekday(date) == *day && date.day() + 7 > days_of_month(date),
            Self::Nth(day, nth) => aws_weekday(date) == *day && (date.day() - 1) / 7 + 1 == *nth,
        }
    }
}

fn days_of_month(date: NaiveDate) -> u32 {
    u32::from(date.num_days_in_month())
}

/// The weekday nearest to `day` of the month that `date` is in; it never leaves that month. `None` if the month has no
/// such day.
fn nearest_weekday(date: NaiveDate, day: u32) -> Option<u32> {
    let last = days_of_month(date);
    let near = date.with_day(day)?;
    Some(match near.weekday() {
        Weekday::Sat if day == 1 => 3,
        Weekday::Sat => day - 1,
        Weekday::Sun if day == last => day - 2,
        Weekday::Sun => day + 1,
        _ => day,
    })
}
