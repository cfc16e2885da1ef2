//! From when to when, and in which steps: always whole days of a zone.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use crate::domain::usage::Span;
use crate::domain::week::midnight;

/// A stretch of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// So many days up to and with today.
    Days(u16),
    /// This month, up to now.
    Month,
    /// The last whole month.
    LastMonth,
    /// Twelve months with this one.
    Year,
    /// From a day to another one, both with.
    Dates(NaiveDate, NaiveDate),
}

/// What separates the columns of bars and the rows of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum By {
    /// Days of the zone.
    #[default]
    Day,
    /// Weeks, each from its first day on.
    Week,
    /// Months.
    Month,
}

impl By {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// One step of a range: a day, a week or a month, cut at the ends of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its first day.
    pub date: NaiveDate,
    /// When it is.
    pub span: Span,
}

impl Range {
    /// Those that a screen offers by a key.
    pub const OFFERED: [Self; 5] = [Self::Days(7), Self::Days(30), Self::Month, Self::LastMonth, Self::Year];

    /// The first and the last day, as `now` and the zone have it.
    #[must_use]
    pub fn dates(self, now: DateTime<Utc>, zone: Tz) -> (NaiveDate, NaiveDate) {
        let today = now.with_timezone(&zone).date_naive();
        let first = today.with_day(1).unwrap_or(today);
        match self {
            Self::Days(days) => (today - Days::new(u64::from(days.max(1)) - 1), today),
            Self::Month => (first, today),
            Self::LastMonth => (first - Months::new(1), first - Days::new(1)),
            Self::Year => (first - Months::new(11), today),
            Self::Dates(from, to) => (from, to),
        }
    }

    /// From the first instant of its first day to the last of its last, which may lie ahead.
    #[must_use]
    pub fn span(self, now: DateTime<Utc>, zone: Tz) -> Span {
        let (first, last) = self.dates(now, zone);
        Span { from: midnight(zone, first), to: midnight(zone, last + Days::new(1)) }
    }

    /// The steps, oldest first. Weeks begin on `week_start`.
    #[must_use]
    pub fn steps(self, by: By, now: DateTime<Utc>, zone: Tz, week_start: Weekday) -> Vec<Step> {
        let (first, last) = self.dates(now, zone);
        let mut steps = Vec::new();
        let mut date = first;
        while date <= last {
            let next = match by {
                By::Day => date + Days::new(1),
                By::Week => date + Days::new(7 - u64::from(date.weekday().days_since(week_start))),
                By::Month => date.with_day(1).unwrap_or(date) + Months::new(1),
            };
            let end = next.min(last + Days::new(1));
            steps.push(Step { date, span: Span { from: midnight(zone, date), to: midnight(zone, end) } });
            date = next;
        }
        steps
    }

    /// The steps that suit it best on a screen: days up to two months, then weeks up to half a year, then months.
    #[must_use]
    pub fn usual(self, now: DateTime<Utc>, zone: Tz) -> By {
        let (first, last) = self.dates(now, zone);
        match last - first {
            long if long < TimeDelta::days(62) => By::Day,
            long if long < TimeDelta::days(186) => By::Week,
            _ => By::Month,
        }
    }

    /// The range in words: `November 2026`, `7 days`, `1 Oct – 15 Nov 2026`.
    #[must_use]
    pub fn title(self, now: DateTime<Utc>, zone: Tz) -> String {
        let (first, last) = self.dates(now, zone);
        match self {
            Self::Days(1) => "today".into(),
            Self::Days(days) => format!("{days} days"),
            Self::Month | Self::LastMonth => first.format("%B %Y").to_string(),
            Self::Year => "12 months".into(),
            Self::Dates(from, to) if from == to => from.format("%-d %b %Y").to_string(),
            Self::Dates(..) if first.day() == 1 && last + Days::new(1) == first + Months::new(1) => {
                first.format("%B %Y").to_string()
            }
            Self::Dates(from, to) => format!("{} – {}", from.format("%-d %b %Y"), to.format("%-d %b %Y")),
        }
    }
}

impl fmt::Display for Range {
    /// As it can be typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::Month => f.write_str("month"),
            Self::LastMonth => f.write_str("last month"),
            Self::Year => f.write_str("12 months"),
            Self::Dates(from, to) => write!(f, "{from} {to}"),
        }
    }
}

/// A month as people type it: `2026-10`.
///
/// # Errors
/// When it is no month.
pub fn month(text: &str) -> Result<Range, String> {
    let first = NaiveDate::parse_from_str(&format!("{}-01", text.trim()), "%Y-%m-%d")
        .map_err(|_| format!("'{}' is not a month; one looks like 2026-10.", text.trim()))?;
    Ok(Range::Dates(first, first + Months::new(1) - Days::new(1)))
}

impl FromStr for Range {
    type Err = String;

    /// `7d`, `month`, `last month`, `12 months`, `2026-10`, `2026-10-01`, or two days: `2026-10-01 2026-11-15`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{}' is not a range; one looks like 30d, month, last month, 12 months, 2026-10 or 2026-10-01 2026-11-15.",
                text.trim()
            )
        };
        let words: Vec<&str> =
            text.split_whitespace().filter(|word| !matches!(*word, "to" | "-" | "–" | "..")).collect();
        match words[..] {
            ["month" | "this"] | ["this", "month"] => Ok(Self::Month),
            ["last" | "last-month"] | ["last", "month"] => Ok(Self::LastMonth),
            ["year" | "12m" | "12months"] | ["12", "months"] => Ok(Self::Year),
            [days] if days.ends_with('d') => days
                .trim_end_matches('d')
                .parse()
                .ok()
                .filter(|days| (1..=3_660).contains(days))
                .map(Self::Days)
                .ok_or_else(wrong),
            [days, "days" | "day" | "d"] => format!("{days}d").parse(),
            [one] => match NaiveDate::parse_from_str(one, "%Y-%m-%d") {
                Ok(date) => Ok(Self::Dates(date, date)),
                Err(_) => month(one).map_err(|_| wrong()),
            },
            [from, to] => {
                let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong());
                Self::between(date(from)?, date(to)?)
            }
            _ => Err(wrong()),
        }
    }
}

impl Range {
    /// From a day to another one, both with.
    ///
    /// # Errors
    /// When the first is after the last, or they are more than ten years apart.
    pub fn between(from: NaiveDate, to: NaiveDate) -> Result<Self, String> {
        if from > to {
            return Err(format!("{from} is after {to}: a range goes from the earlier day to the later one."));
        }
        if to - from > TimeDelta::days(3_660) {
            return Err("More than ten years are not a range for this.".into());
        }
        Ok(Self::Dates(from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{BERLIN, at, now};

    #[test]
    fn ranges_are_whole_days_of_the_zone() {
        let span = |text: &str| text.parse::<Range>().unwrap().span(now(), BERLIN);
        let told = |text: &str| (span(text).from.to_rfc3339(), span(text).to.to_rfc3339());
        let both = |from: &str, to: &str| (at(from).to_rfc3339(), at(to).to_rfc3339());
        assert_eq!(told("7d"), both("2026-11-13T23:00:00Z", "2026-11-20T23:00:00Z"));
        assert_eq!(told("month"), both("2026-10-31T23:00:00Z", "2026-11-20T23:00:00Z"));
        // The clocks were put back on 25 October.
        assert_eq!(told("2026-10"), both("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"));
        assert_eq!(told("last month"), told("2026-10"));
        assert_eq!(told("12 months"), both("2025-11-30T23:00:00Z", "2026-11-20T23:00:00Z"));
        assert_eq!(told("2026-10-01 to 2026-10-02"), both("2026-09-30T22:00:00Z", "2026-10-02T22:00:00Z"));
        for wrong in ["", "soon", "0d", "2026-13", "2026-10-02 2026-10-01", "1900-01-01 2026-01-01", "1 2 3"] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
        for range in Range::OFFERED {
            assert_eq!(range.to_string().parse(), Ok(range));
        }
    }

    #[test]
    fn steps_fill_a_range_without_a_gap() {
        for range in Range::OFFERED {
            for by in [By::Day, By::Week, By::Month] {
                let (span, steps) = (range.span(now(), BERLIN), range.steps(by, now(), BERLIN, Weekday::Mon));
                assert_eq!((steps[0].span.from, steps[steps.len() - 1].span.to), (span.from, span.to));
                assert!(steps.windows(2).all(|pair| pair[0].span.to == pair[1].span.from), "{range} by {by:?}");
            }
        }
        let count = |by| Range::LastMonth.steps(by, now(), BERLIN, Weekday::Mon).len();
        assert_eq!((count(By::Day), count(By::Week), count(By::Month)), (31, 5, 1));
        assert_eq!(Range::LastMonth.steps(By::Week, now(), BERLIN, Weekday::Sun).len(), 5);
        let day = Range::LastMonth.steps(By::Day, now(), BERLIN, Weekday::Mon)[24].span;
        assert_eq!(day.length(), TimeDelta::hours(25), "25 October");
    }

    #[test]
    fn titles_read_well() {
        let title = |text: &str| text.parse::<Range>().unwrap().title(now(), BERLIN);
        assert_eq!(title("month"), "November 2026");
        assert_eq!(title("2026-10"), "October 2026");
        assert_eq!(title("2026-10-01 2026-11-15"), "1 Oct 2026 – 15 Nov 2026");
    }
}
