//! Reading expressions, with errors that point at the field.

use std::ops::Range;
use std::str::FromStr;

use chrono::NaiveDateTime;

use super::field::{Days, FIRST_YEAR, LAST_YEAR, Weekdays, Years};
use super::{Cron, Expression, ExpressionError, Field, Rate, Unit};

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// What AWS takes at most (the `ScheduleExpression` of the service model).
const LONGEST: usize = 256;

/// A piece of the text and where it stands.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    from: usize,
}

impl<'a> Piece<'a> {
    fn range(self) -> Range<usize> {
        self.from..self.from + self.text.len()
    }

    fn wrong<T>(self, field: Field, message: impl Into<String>) -> Result<T, ExpressionError> {
        Err(ExpressionError { field, message: message.into(), at: self.range() })
    }

    fn split(self, separator: char) -> impl Iterator<Item = Piece<'a>> {
        let mut from = self.from;
        self.text.split(separator).map(move |text| {
            let piece = Piece { text, from };
            from += text.len() + separator.len_utf8();
            piece
        })
    }

    fn halves(self, separator: char) -> Option<(Piece<'a>, Piece<'a>)> {
        let (left, right) = self.text.split_once(separator)?;
        let from = self.from + left.len() + separator.len_utf8();
        Some((Piece { text: left, from: self.from }, Piece { text: right, from }))
    }

    fn words(self) -> Vec<Piece<'a>> {
        self.split(' ').flat_map(|piece| piece.split('\t')).filter(|piece| !piece.text.is_empty()).collect()
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = Piece { text, from: 0 };
        if text.len() > LONGEST {
            return whole
                .wrong(Field::Expression, format!("it is longer than the {LONGEST} characters that AWS takes"));
        }
        let Some((kind, rest)) = whole.halves('(') else {
            return whole.wrong(Field::Expression, "write cron(…), rate(…) or at(…)");
        };
        let Some(inner) = rest.text.strip_suffix(')') else {
            return whole.wrong(Field::Expression, "the closing bracket is missing, or something follows it");
        };
        let inner = Piece { text: inner, from: rest.from };
        match kind.text {
            "cron" => cron(inner).map(|cron| Self::Cron(Box::new(cron))),
            "rate" => rate(inner).map(Self::Rate),
            "at" => at(inner).map(Self::At),
            other => kind.wrong(Field::Expression, format!("'{other}' is none of cron, rate and at, in small letters")),
        }
    }
}

fn at(inner: Piece<'_>) -> Result<NaiveDateTime, ExpressionError> {
    let exact = inner.text.len() == "2026-11-20T17:00:00".len();
    match NaiveDateTime::parse_from_str(inner.text, "%Y-%m-%dT%H:%M:%S") {
        Ok(time) if exact => Ok(time),
        _ => inner.wrong(
            Field::Time,
            "write it as 2026-11-20T17:00:00, without zone or fraction: the schedule's time zone holds",
        ),
    }
}

fn rate(inner: Piece<'_>) -> Result<Rate, ExpressionError> {
    let [value, unit] = inner.words()[..] else {
        return inner.wrong(Field::Expression, "a rate is a number and a unit, such as rate(5 minutes)");
    };
    let number = match value.text.parse::<u32>() {
        Ok(number) if number > 0 && !value.text.starts_with('+') => number,
        _ => return value.wrong(Field::Value, format!("'{}' is not a whole number above zero", value.text)),
    };
    let unit = match unit.text {
        "minute" | "minutes" => Unit::Minute,
        "hour" | "hours" => Unit::Hour,
        "day" | "days" => Unit::Day,
        other => return unit.wrong(Field::Unit, format!("'{other}' is none of minutes, hours and days")),
    };
    Ok(Rate { value: number, unit })
}

fn cron(inner: Piece<'_>) -> Result<Cron, ExpressionError> {
    let pieces = inner.words();
    let (fields, year) = match pieces[..] {
        [minute, hour, day, month, weekday] => ([minute, hour, day, month, weekday], None),
        [minute, hour, day, month, weekday, year] => ([minute, hour, day, month, weekday], Some(year)),
        _ => {
            return inner.wrong(
                Field::Expression,
                format!(
                    "a cron has six fields (minutes hours day-of-month month day-of-week year), this one has {}",
                    pieces.len()
                ),
            );
        }
    };
    let [minute, hour, day, month, weekday] = fields;
    let cron = Cron {
        texts: [minute, hour, day, month, weekday]
            .iter()
            .map(|piece| piece.text.to_ascii_uppercase())
            .chain([year.map_or_else(|| "*".to_owned(), |year| year.text.to_owned())])
            .collect::<Vec<_>>()
            .try_into()
            .unwrap_or_default(),
        minutes: set(minute, &Span { field: Field::Minutes, first: 0, last: 59, names: &[] })?,
        hours: set(hour, &Span { field: Field::Hours, first: 0, last: 23, names: &[] })?,
        days: days(day)?,
        months: set(month, &Span { field: Field::Month, first: 1, last: 12, names: &MONTHS })?,
        weekdays: weekdays(weekday)?,
        years: years(year)?,
    };
    one_open(&cron, day, weekday)?;
    Ok(cron)
}

/// Exactly one of the two day fields is `?`.
fn one_open(cron: &Cron, day: Piece<'_>, weekday: Piece<'_>) -> Result<(), ExpressionError> {
    let [minutes, hours, days, months, weekdays, years] = &cron.texts;
    match (&cron.days, &cron.weekdays) {
        (Days::Open, Weekdays::Open) => weekday.wrong(
            Field::DayOfWeek,
            format!(
                "day of month and day of week cannot both be '?'. For every day write \
                 cron({minutes} {hours} * {months} ? {years})"
            ),
        ),
        (Days::Open, _) | (_, Weekdays::Open) => Ok(()),
        _ if days == "*" && weekdays == "*" => weekday.wrong(
            Field::DayOfWeek,
            format!(
                "one of day of month and day of week must be '?'. For every day write \
                 cron({minutes} {hours} * {months} ? {years})"
            ),
        ),
        _ if days == "*" => day.wrong(
            Field::DayOfMonth,
            format!(
                "it must be '?' where a day of week is given. Write cron({minutes} {hours} ? {months} {weekdays} {years}); \
                 mind that 1 is Sunday here"
            ),
        ),
        _ if weekdays == "*" => weekday.wrong(
            Field::DayOfWeek,
            format!(
                "it must be '?' where a day of month is given. Write cron({minutes} {hours} {days} {months} ? {years})"
            ),
        ),
        _ => weekday.wrong(
            Field::DayOfWeek,
            "AWS cannot combine it with a day of month. Make one of the two '?', or two schedules",
        ),
    }
}

/// The values that a field takes.
struct Span {
    field: Field,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

impl Span {
    fn value(&self, piece: Piece<'_>) -> Result<u32, ExpressionError> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(piece.text));
        if let Some(position) = named {
            return Ok(self.first + u32::try_from(position).unwrap_or_default());
        }
        let digits = !piece.text.is_empty() && piece.text.bytes().all(|byte| byte.is_ascii_digit());
        match piece.text.parse::<u32>() {
            Ok(number) if digits && (self.first..=self.last).contains(&number) => Ok(number),
            _ => piece.wrong(self.field, self.refusal(piece.text)),
        }
    }

    fn refusal(&self, text: &str) -> String {
        let taken = match self.field {
            Field::DayOfWeek => "1 (SUN) to 7 (SAT)".to_owned(),
            Field::Month => "1 (JAN) to 12 (DEC)".to_owned(),
            _ => format!("{} to {}", self.first, self.last),
        };
        let hint = match (self.field, text) {
            (Field::DayOfWeek, "0") => "; Sunday is 1 here, not 0",
            (Field::Hours, "24") => "; midnight is 0",
            (Field::Minutes, "60") => "; the full hour is 0",
            (_, "?") => "; '?' is for day of month and day of week only",
            (_, "L" | "W" | "LW") => "; L and W are for days only",
            _ => "",
        };
        if text.is_empty() {
            format!("a value is missing; it takes {taken}")
        } else {
            format!("'{text}' is not {taken}{hint}")
        }
    }

    /// The values of one item of a list: `*`, `5`, `1-5`, `20-2`, `*/15`, `0/15`, `8-18/2`.
    fn item(&self, piece: Piece<'_>) -> Result<Vec<u32>, ExpressionError> {
        let (range, step) = match piece.halves('/') {
            Some((range, step)) => (range, Some(step)),
            None => (piece, None),
        };
        let (first, last) = if range.text == "*" {
            (self.first, self.last)
        } else if let Some((first, last)) = range.halves('-') {
            (self.value(first)?, self.value(last)?)
        } else {
            let value = self.value(range)?;
            (value, if step.is_some() { self.last } else { value })
        };
        let step = step.map_or(Ok(1), |step| self.step(step))?;
        if self.field == Field::Year && first > last {
            return range.wrong(self.field, format!("{first} is after {last}, and years do not wrap around"));
        }
        // A range that ends before it begins goes around: 20-2 is 20 to 23 and 0 to 2.
        let size = self.last - self.first + 1;
        let length = (last + size - first) % size;
        Ok((0..=length)
            .step_by(step as usize)
            .map(|offset| (first - self.first + offset) % size + self.first)
            .collect())
    }

    fn step(&self, piece: Piece<'_>) -> Result<u32, ExpressionError> {
        let digits = !piece.text.is_empty() && piece.text.bytes().all(|byte| byte.is_ascii_digit());
        match piece.text.parse::<u32>() {
            Ok(0) => piece.wrong(self.field, "a step of 0 never moves on"),
            Ok(step) if digits && step <= self.last - self.first + 1 => Ok(step),
            Ok(step) if digits => piece.wrong(self.field, format!("a step of {step} is longer than the whole range")),
            _ => piece.wrong(self.field, format!("'{}' is not a step; write a whole number after '/'", piece.text)),
        }
    }
}

fn set(piece: Piece<'_>, span: &Span) -> Result<u64, ExpressionError> {
    let mut set = 0;
    for item in piece.split(',') {
        for value in span.item(item)? {
            set |= 1 << value;
        }
    }
    Ok(set)
}

fn days(piece: Piece<'_>) -> Result<Days, ExpressionError> {
    let span = Span { field: Field::DayOfMonth, first: 1, last: 31, names: &[] };
    let text = piece.text.to_ascii_uppercase();
    match text.as_str() {
        "?" => Ok(Days::Open),
        "L" => Ok(Days::Last),
        "LW" => Ok(Days::LastWeekday),
        "WL" => piece.wrong(Field::DayOfMonth, "write LW for the last weekday of the month"),
        text if text.starts_with("L-") => piece
            .wrong(Field::DayOfMonth, "AWS does not document an offset from the last day; give the days themselves"),
        text if text.contains(',') && text.contains(['L', 'W']) => {
            piece.wrong(Field::DayOfMonth, "L and W stand alone, not in a list; make a schedule for each")
        }
        text if text.ends_with('W') => {
            let day = Piece { text: piece.text.get(..piece.text.len() - 1).unwrap_or_default(), from: piece.from };
            if day.text.contains(['-', '/', '*']) {
                return piece.wrong(Field::DayOfMonth, "W follows a single day, such as 15W");
            }
            span.value(day).map(Days::Near)
        }
        text if text.contains('#') => piece.wrong(Field::DayOfMonth, "'#' is for the day of week"),
        _ => set(piece, &span).map(Days::Set),
    }
}

fn weekdays(piece: Piece<'_>) -> Result<Weekdays, ExpressionError> {
    let span = Span { field: Field::DayOfWeek, first: 1, last: 7, names: &WEEKDAYS };
    let text = piece.text.to_ascii_uppercase();
    match text.as_str() {
        "?" => Ok(Weekdays::Open),
        // On its own it is the last day of the week.
        "L" => Ok(Weekdays::Set(1 << 7)),
        text if text.matches('#').count() > 1 => {
            piece.wrong(Field::DayOfWeek, "only one '#' is possible; make a schedule for each")
        }
        text if text.contains(',') && (text.contains('#') || text.split(',').any(|item| item.ends_with('L'))) => {
            piece.wrong(Field::DayOfWeek, "'#' and L stand alone, not in a list; make a schedule for each")
        }
        text if text.contains('/') => {
            piece.wrong(Field::DayOfWeek, "AWS knows no steps here; list the days, such as MON,WED,FRI")
        }
        text if text.contains('W') && !text.contains("WED") => {
            piece.wrong(Field::DayOfWeek, "W is for the day of month")
        }
        text if text.contains('#') => nth(piece, &span),
        text if text.ends_with('L') => {
            let day = Piece { text: piece.text.get(..piece.text.len() - 1).unwrap_or_default(), from: piece.from };
            span.value(day).map(Weekdays::Last)
        }
        _ => set(piece, &span).map(Weekdays::Set),
    }
}

fn nth(piece: Piece<'_>, span: &Span) -> Result<Weekdays, ExpressionError> {
    let Some((day, nth)) = piece.halves('#') else {
        return piece.wrong(Field::DayOfWeek, "write the day and its number, such as MON#1");
    };
    let day = span.value(day)?;
    match nth.text {
        "1" | "2" | "3" | "4" | "5" => Ok(Weekdays::Nth(day, nth.text.parse().unwrap_or(1))),
        other => nth.wrong(Field::DayOfWeek, format!("'{other}' is not 1 to 5: which such day of the month")),
    }
}

fn years(piece: Option<Piece<'_>>) -> Result<Years, ExpressionError> {
    let Some(piece) = piece.filter(|piece| piece.text != "*") else { return Ok(Years::Every) };
    let span = Span { field: Field::Year, first: FIRST_YEAR, last: LAST_YEAR, names: &[] };
    let mut years = Vec::new();
    for item in piece.split(',') {
        years.extend(span.item(item)?);
    }
    years.sort_unstable();
    years.dedup();
    Ok(Years::Set(years))
}
