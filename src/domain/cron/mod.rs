//! Schedule expressions of EventBridge Scheduler: `cron(…)`, `rate(…)` and `at(…)`.
//!
//! The dialect is AWS's own (EventBridge Scheduler user guide, "Schedule types"): six fields, the year may be left out,
//! 1 is Sunday, exactly one of day-of-month and day-of-week is `?`, ranges wrap around. A local time that the spring's
//! change of clocks skips does not fire that day; one that the autumn repeats fires once, the first time.

mod describe;
mod field;
mod next;
#[cfg(test)]
mod oracle;
mod parse;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod tests;
mod weekly;
mod wraps;

use std::fmt;
use std::ops::Range;

use chrono::NaiveDateTime;

use field::{Days, Weekdays, Years};
pub use next::{Gap, gaps};
pub use weekly::{Minutes, Product, by_time, fewest};

/// A schedule expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expression {
    /// `cron(…)`: fires at local times of its zone.
    Cron(Box<Cron>),
    /// `rate(…)`: fires every so often from its anchor on; a day is 24 hours, whatever the clocks do.
    Rate(Rate),
    /// `at(…)`: fires once, at a local time of its zone.
    At(NaiveDateTime),
}

/// The six fields of a `cron(…)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cron {
    texts: [String; 6],
    minutes: u64,
    hours: u64,
    days: Days,
    months: u64,
    weekdays: Weekdays,
    years: Years,
}

/// The value and unit of a `rate(…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    value: u32,
    unit: Unit,
}

/// The unit of a `rate(…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days of 24 hours.
    Day,
}

/// The part of an expression that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The expression as a whole.
    Expression,
    /// The minutes of a cron.
    Minutes,
    /// The hours of a cron.
    Hours,
    /// The day of the month of a cron.
    DayOfMonth,
    /// The month of a cron.
    Month,
    /// The day of the week of a cron.
    DayOfWeek,
    /// The year of a cron.
    Year,
    /// The number of a rate.
    Value,
    /// The unit of a rate.
    Unit,
    /// The time of an `at`.
    Time,
}

impl Field {
    /// The name that scripts get.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expression => "expression",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::DayOfMonth => "day_of_month",
            Self::Month => "month",
            Self::DayOfWeek => "day_of_week",
            Self::Year => "year",
            Self::Value => "value",
            Self::Unit => "unit",
            Self::Time => "time",
        }
    }

    /// The name that people get.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::DayOfMonth => "day of month",
            Self::DayOfWeek => "day of week",
            other => other.as_str(),
        }
    }
}

/// Why a text is not a schedule expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// The part that is wrong.
    pub field: Field,
    /// What is wrong with it and what would be right.
    pub message: String,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Field::Expression => f.write_str(&self.message),
            field => write!(f, "{}: {}", field.words(), self.message),
        }
    }
}

impl std::error::Error for ExpressionError {}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron(cron) => write!(f, "cron({})", cron.texts.join(" ")),
            Self::Rate(rate) => write!(f, "rate({} {})", rate.value, rate.unit_word()),
            Self::At(at) => write!(f, "at({})", at.format("%Y-%m-%dT%H:%M:%S")),
        }
    }
}

impl Expression {
    /// Whether it fires once and never again.
    #[must_use]
    pub fn is_once(&self) -> bool {
        matches!(self, Self::At(_))
    }
}

impl Rate {
    /// Rules want the singular for one and the plural for more; Scheduler takes both.
    fn unit_word(self) -> &'static str {
        match (self.unit, self.value) {
            (Unit::Minute, 1) => "minute",
            (Unit::Minute, _) => "minutes",
            (Unit::Hour, 1) => "hour",
            (Unit::Hour, _) => "hours",
            (Unit::Day, 1) => "day",
            (Unit::Day, _) => "days",
        }
    }
}
