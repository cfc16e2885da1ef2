//! Expressions in words, as an operator would say them.

use super::field::{Days, Weekdays, Years, values};
use super::{Cron, Expression, Rate, Unit};

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY_NAMES: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// More times of day than this are not listed one by one.
const LISTED: usize = 4;

impl Expression {
    /// The expression in words: "Mon–Fri at 08:30", "every 15 minutes", "once, on 20 Nov 2026 at 17:00".
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Cron(cron) => cron.describe(),
            Self::Rate(rate) => rate.describe(),
            Self::At(time) => time.format("once, on %-d %b %Y at %H:%M").to_string(),
        }
    }
}

impl Rate {
    fn describe(self) -> String {
        match (self.value, self.unit) {
            (1, Unit::Minute) => "every minute".into(),
            (1, Unit::Hour) => "every hour".into(),
            (1, Unit::Day) => "every 24 hours".into(),
            (value, Unit::Day) => format!("every {} hours ({value} days)", u64::from(value) * 24),
            (value, _) => format!("every {value} {}", self.unit_word()),
        }
    }
}

impl Cron {
    fn describe(&self) -> String {
        let times = self.times_of_day();
        let mut words = match (&self.days, &self.weekdays) {
            (Days::Open, Weekdays::Set(days)) if *days != every(1, 7) => match &times {
                Times::At(at) => format!("{} {at}", weekday_list(*days)),
                Times::Every(every) => format!("{every}, {}", weekday_list(*days)),
            },
            (Days::Open, Weekdays::Set(_)) | (Days::Set(_), _) if self.is_daily() => match &times {
                Times::At(at) => format!("every day {at}"),
                Times::Every(every) => every.clone(),
            },
            _ => {
                let (Times::At(times) | Times::Every(times)) = &times;
                format!("{times} {}", self.day_words())
            }
        };
        if self.months != every(1, 12) {
            words += &format!(" in {}", runs(self.months, 1, 12, |month| name(&MONTHS, month - 1)));
        }
        if let Years::Set(years) = &self.years {
            words += &format!(", {}", year_words(years));
        }
        words
    }

    pub(super) fn is_daily(&self) -> bool {
        self.days == Days::Set(every(1, 31)) || self.weekdays == Weekdays::Set(every(1, 7))
    }

    fn day_words(&self) -> String {
        match (&self.days, &self.weekdays) {
            (Days::Last, _) => "on the last day of the month".into(),
            (Days::LastWeekday, _) => "on the last weekday (Mon–Fri) of the month".into(),
            (Days::Near(day), _) => format!("on the weekday (Mon–Fri) nearest to the {} of the month", ordinal(*day)),
            (Days::Set(days), _) => {
                format!("on the {} of the month", runs(*days, 1, 31, ordinal))
            }
            (Days::Open, Weekdays::Last(day)) => format!("on the last {} of the month", name(&DAY_NAMES, day - 1)),
            (Days::Open, Weekdays::Nth(day, nth)) => {
                format!("on the {} {} of the month", ordinal(*nth), name(&DAY_NAMES, day - 1))
            }
            (Days::Open, Weekdays::Set(days)) => weekday_list(*days),
            (Days::Open, Weekdays::Open) => String::new(),
        }
    }

    fn times_of_day(&self) -> Times {
        let minutes: Vec<u32> = values(self.minutes).collect();
        let hours: Vec<u32> = values(self.hours).collect();
        let (all_hours, first, last) = (hours.len() == 24, hours.first(), hours.last());
        let (Some(first), Some(last), Some(minute)) = (first, last, minutes.first()) else {
            return Times::At(String::new());
        };
        if minutes.len() * hours.len() <= LISTED {
            let times =
                hours.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
            return Times::At(format!("at {}", listed(&times.collect::<Vec<_>>())));
        }
        let contiguous = step(&hours, 0) == Some(1) && hours.len() as u32 == last - first + 1;
        if let ([minute], false, Some(step)) = (minutes.as_slice(), contiguous, step(&hours, 24)) {
            return Times::Every(format!("every {step} hours from {first:02}:{minute:02} on"));
        }
        let every = match (minutes.len(), step(&minutes, 60)) {
            (60, _) => "every minute".to_owned(),
            (1, _) if !contiguous => format!("at :{minute:02}"),
            (1, _) if *minute == 0 => "every hour".to_owned(),
            (1, _) => format!("every hour at :{minute:02}"),
            (_, Some(step)) if *minute == 0 => format!("every {step} minutes"),
            (_, Some(step)) => format!("every {step} minutes from :{minute:02} on"),
            _ => {
                format!("at :{} of every hour", listed(&minutes.iter().map(|m| format!("{m:02}")).collect::<Vec<_>>()))
            }
        };
        let end = minutes.last().copied().unwrap_or(*minute);
        Times::Every(match (all_hours, contiguous || hours.len() == 1) {
            (true, _) => every,
            (false, true) => format!("{every} from {first:02}:{minute:02} to {last:02}:{end:02}"),
            (false, false) => format!("{every} in the hours {}", runs(self.hours, 0, 23, |hour| format!("{hour:02}"))),
        })
    }
}

/// Fixed times of the day, or a rhythm.
enum Times {
    At(String),
    Every(String),
}

/// The step between values that are evenly spaced; with a `ring` above zero they must also reach its end.
fn step(values: &[u32], ring: u32) -> Option<u32> {
    let step = values.get(1)? - values.first()?;
    let even = values.windows(2).all(|pair| matches!(pair, [a, b] if b - a == step));
    let full = ring == 0 || values.last().is_some_and(|last| last + step >= ring);
    (even && full).then_some(step)
}

fn every(first: u32, last: u32) -> u64 {
    (first..=last).fold(0, |set, value| set | 1 << value)
}

fn name(names: &[&str], at: u32) -> String {
    names.get(at as usize).copied().unwrap_or("?").to_owned()
}

/// Days of the week, Monday first, as people list them.
fn weekday_list(days: u64) -> String {
    // AWS's week begins on Sunday (1); moved behind Saturday it becomes 8.
    let monday_first = (days & !0b11) | (days >> 1 & 1) << 8;
    runs(monday_first, 2, 8, |day| name(&DAYS, (day - 1) % 7))
}

/// The values of a set, runs of three and more as `first–last`.
fn runs(set: u64, first: u32, last: u32, name: impl Fn(u32) -> String) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut value = first;
    while value <= last {
        let length = (value..=last).take_while(|v| set >> v & 1 == 1).count() as u32;
        match length {
            0 => {}
            1 => parts.push(name(value)),
            2 => parts.extend([name(value), name(value + 1)]),
            _ => parts.push(format!("{}–{}", name(value), name(value + length - 1))),
        }
        value += length + 1;
    }
    listed(&parts)
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn year_words(years: &[u32]) -> String {
    let (Some(first), Some(last)) = (years.first(), years.last()) else { return String::new() };
    let whole = (last - first) as usize + 1 == years.len();
    match years.len() {
        1 => format!("only in {first}"),
        _ if whole => format!("{first}–{last}"),
        2..=LISTED => format!("in {}", listed(&years.iter().map(u32::to_string).collect::<Vec<_>>())),
        count => format!("in {count} years from {first} to {last}"),
    }
}
