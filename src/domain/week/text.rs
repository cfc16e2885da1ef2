//! Weeks as people write them: `Mon-Fri 09:00-17:00`, `Sat 10-14`, `never`.

use super::pattern::{Opening, Pattern, WEEK};
use super::{day_words, stretches};

const DAY: u16 = 1_440;
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A week that many want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Monday to Friday, nine to five.
    Office,
    /// Monday to Saturday, seven to eight.
    Extended,
    /// Not at all.
    Never,
    /// Around the clock.
    Always,
}

impl Preset {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Office, Self::Extended, Self::Never, Self::Always];

    /// What people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Office => "office hours",
            Self::Extended => "extended",
            Self::Never => "never",
            Self::Always => "always",
        }
    }

    /// Its week.
    #[must_use]
    pub fn pattern(self, lead: u16) -> Pattern {
        match self {
            Self::Office => Pattern::daily(0..5, 9 * 60, 17 * 60, lead),
            Self::Extended => Pattern::daily(0..6, 7 * 60, 20 * 60, lead),
            Self::Never => Pattern::never(),
            Self::Always => Pattern::always(),
        }
    }
}

impl Pattern {
    /// The week in one sentence, by when the model is ready: `Mon–Thu 09:00–17:00, Fri 09:00–13:00`. A window over
    /// midnight is told with the day on which it opens. [`Pattern::parse`] reads it back.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.is_never() {
            return "never".into();
        }
        if self.is_always() {
            return "always".into();
        }
        let mut days: [Vec<(u16, u16)>; 7] = Default::default();
        let mut long = Vec::new();
        for opening in self.openings() {
            let from = opening.ready % DAY;
            match days.get_mut(usize::from(opening.day())) {
                Some(day) if from + opening.length.min(WEEK) < 2 * DAY && opening.length < DAY => {
                    day.push((from, from + opening.length));
                }
                _ => long.push(over_days(opening)),
            }
        }
        let mut parts = Vec::new();
        let mut first = 0;
        while first < 7 {
            let same = days.iter().skip(first).take_while(|day| Some(*day) == days.get(first)).count();
            if let Some(day) = days.get(first).filter(|day| !day.is_empty()) {
                parts.push(format!("{} {}", day_words(first, same), stretches(day)));
            }
            first += same;
        }
        parts.extend(long);
        parts.join(", ")
    }

    /// Reads a week by when the model is to be ready: days and hours such as `Mon-Fri 09:00-17:00`, `Sat, Sun 10-14`,
    /// `every day 08:00-12:00 and 13:00-17:00`, `Fri 20:00-Mon 06:00`, several of them with commas between; or the name of
    /// a preset.
    ///
    /// # Errors
    /// The part that is none, and what one looks like.
    pub fn parse(text: &str, lead: u16) -> Result<Self, String> {
        let text = text.trim().to_lowercase().replace(['–', '—'], "-");
        if let Some(preset) = Preset::ALL.into_iter().find(|preset| preset.word() == text) {
            return Ok(preset.pattern(lead));
        }
        let mut pattern = Self::never();
        let mut days: Vec<u16> = Vec::new();
        let mut fresh = true;
        for part in text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let (said, times) = divided(part);
            if !said.is_empty() {
                if !fresh {
                    days.clear();
                }
                days.extend(days_said(said)?);
                fresh = true;
            }
            if times.is_empty() {
                continue;
            }
            if days.is_empty() {
                return Err(format!("'{part}' has no day; {EXAMPLE}"));
            }
            for span in times.split(" and ").map(str::trim) {
                for day in &days {
                    let (from, length) = span_said(span, *day)?;
                    pattern.paint(day * DAY + from, length, lead);
                }
            }
            fresh = false;
        }
        if fresh && !days.is_empty() {
            return Err(format!("'{text}' has a day without hours; {EXAMPLE}"));
        }
        if pattern.is_never() {
            return Err(format!("'{text}' is no week; {EXAMPLE}"));
        }
        Ok(pattern)
    }

    /// Gives one day (Monday being 0) the hours that were typed: `09:00-17:00`, several with `and` between, `never`.
    ///
    /// # Errors
    /// When the text is none of that.
    pub fn retype_day(&mut self, day: u16, text: &str, lead: u16) -> Result<(), String> {
        let text = text.trim().to_lowercase().replace(['–', '—'], "-");
        let spans: Vec<(u16, u16)> = match text.as_str() {
            "" | "never" | "none" | "off" | "-" => Vec::new(),
            text => text
                .split([',', ';'])
                .flat_map(|part| part.split(" and "))
                .map(|span| {
                    let span = span.trim();
                    span_said(span, day).map_err(|_| format!("'{span}' are no hours; {DAY_EXAMPLE}"))
                })
                .collect::<Result<_, _>>()?,
        };
        self.clear_day(day, lead);
        spans.into_iter().for_each(|(from, length)| self.paint(day * DAY + from, length, lead));
        Ok(())
    }

    /// The hours of the windows that open on a day, as [`Pattern::retype_day`] reads them.
    #[must_use]
    pub fn day_text(&self, day: u16) -> String {
        let of_day = self.openings().iter().filter(|opening| opening.day() == day);
        let spans: Vec<String> =
            of_day.map(|opening| format!("{}-{}", clock(opening.ready % DAY), clock_to(opening))).collect();
        spans.join(" and ")
    }
}

const EXAMPLE: &str = "write it like 'Mon-Fri 09:00-17:00, Sat 10:00-14:00', 'never' or 'always'.";
/// How the hours of one day are written.
const DAY_EXAMPLE: &str = "write them like '09:00-12:30 and 13:15-17:00', or 'never'.";

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn clock_to(opening: &Opening) -> String {
    let to = opening.ready % DAY + opening.length;
    if opening.length >= DAY {
        let day = usize::from(opening.closes() / DAY);
        return format!("{} {}", day_words(day, 1), clock(opening.closes() % DAY));
    }
    clock(if to > DAY { to - DAY } else { to })
}

fn over_days(opening: &Opening) -> String {
    let name = |minute: u16| format!("{} {}", day_words(usize::from(minute / DAY), 1), clock(minute % DAY));
    format!("{}–{}", name(opening.ready), name(opening.closes()))
}

/// The days of a part, and what follows them.
fn divided(part: &str) -> (&str, &str) {
    let at = part.find(|letter: char| letter.is_ascii_digit()).unwrap_or(part.len());
    let (days, times) = part.split_at_checked(at).unwrap_or((part, ""));
    (days.trim(), times.trim())
}

fn days_said(text: &str) -> Result<Vec<u16>, String> {
    let mut days = Vec::new();
    for piece in text.split(" and ").map(str::trim).filter(|piece| !piece.is_empty() && *piece != "and") {
        match piece {
            "every day" | "daily" | "all days" | "mon-sun" => days.extend(0..7),
            "weekdays" | "workdays" => days.extend(0..5),
            "weekend" | "weekends" => days.extend(5..7),
            _ => match piece.split_once('-') {
                Some((first, last)) => {
                    let (first, last) = (day_said(first)?, day_said(last)?);
                    days.extend((0..=(last + 7 - first) % 7).map(|offset| (first + offset) % 7));
                }
                None => days.push(day_said(piece)?),
            },
        }
    }
    Ok(days)
}

fn day_said(text: &str) -> Result<u16, String> {
    let text = text.trim();
    let found = DAYS.iter().position(|day| text.len() >= 2 && day.starts_with(text));
    found.and_then(|day| u16::try_from(day).ok()).ok_or_else(|| format!("'{text}' is no day of the week; {EXAMPLE}"))
}

/// The begin and the length of `09:00-17:00`, `22-6`, `20:00-mon 06:00` on a day.
fn span_said(text: &str, day: u16) -> Result<(u16, u16), String> {
    let wrong = || format!("'{text}' are no hours; {EXAMPLE}");
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let (said, to) = divided(to.trim());
    let (from, to) = (clock_said(from).ok_or_else(wrong)?, clock_said(to).ok_or_else(wrong)?);
    let length = match said {
        "" if to > from => to - from,
        "" => to + DAY - from,
        said => match (day_said(said)? * DAY + to + WEEK - (day * DAY + from)) % WEEK {
            0 => WEEK,
            length => length,
        },
    };
    if from >= DAY { Err(wrong()) } else { Ok((from, length)) }
}

fn clock_said(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':').unwrap_or((text.trim(), "00"));
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let minute = number(hours)?.checked_mul(60)? + number(minutes).filter(|minutes| *minutes < 60)?;
    (minute <= DAY && minutes.len() == 2).then_some(minute)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weeks_are_read_as_people_write_them() {
        for (text, said) in [
            ("Mon-Fri 09:00-17:00", "Mon–Fri 09:00–17:00"),
            ("mon–thu 9-17, fri 9:00-13:30", "Mon–Thu 09:00–17:00, Fri 09:00–13:30"),
            ("Sat, Sun 10-14", "Sat and Sun 10:00–14:00"),
            (
                "Monday and Wed 08:00-12:00 and 13:00-17:00",
                "Mon 08:00–12:00 and 13:00–17:00, Wed 08:00–12:00 and 13:00–17:00",
            ),
            ("every day 22:00-06:00", "every day 22:00–06:00"),
            ("Mon-Fri 08:00-12:00, 13:00-17:00", "Mon–Fri 08:00–12:00 and 13:00–17:00"),
            ("Fri 20:00-Mon 06:00", "Fri 20:00–Mon 06:00"),
            ("weekdays 00:00-24:00", "Mon 00:00–Sat 00:00"),
            ("Fri-Mon 10-11", "Mon 10:00–11:00, Fri–Sun 10:00–11:00"),
            ("never", "never"),
            ("Always", "always"),
            ("office hours", "Mon–Fri 09:00–17:00"),
        ] {
            let week = Pattern::parse(text, 30).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(week.sentence(), said, "{text}");
        }
    }

    #[test]
    fn what_is_no_week_is_told_with_an_example() {
        for (text, told) in [
            ("", "is no week"),
            ("09:00-17:00", "has no day"),
            ("Mon-Fri", "without hours"),
            ("Mon 9", "are no hours"),
            ("Mon 9-25", "are no hours"),
            ("Mon 09:60-10:00", "are no hours"),
            ("Mon 24:00-25:00", "are no hours"),
            ("Mo-Xx 9-10", "'xx' is no day"),
            ("m 9-10", "'m' is no day"),
            ("Mon 9:5-10", "are no hours"),
            ("soon", "is no day"),
        ] {
            let why = Pattern::parse(text, 30).expect_err(text);
            assert!(why.contains(told) && (why.contains("Mon-Fri 09:00-17:00")), "{text}: {why}");
        }
    }

    #[test]
    fn one_day_is_typed_anew() {
        let mut week = Preset::Office.pattern(30);
        assert_eq!(week.day_text(4), "09:00-17:00");
        week.retype_day(4, "8:15-12:00, 13:00-16:45", 20).unwrap();
        assert_eq!(week.day_text(4), "08:15-12:00 and 13:00-16:45");
        assert_eq!(week.ready_on(3), [(540, 1_020)]);
        week.retype_day(4, "never", 20).unwrap();
        assert_eq!(week.sentence(), "Mon–Thu 09:00–17:00");
        let before = week.clone();
        let why = week.retype_day(3, "late", 20).unwrap_err();
        assert!(why.contains("'late' are no hours") && why.contains("'09:00-12:30 and"), "{why}");
        assert_eq!(week, before);
    }

    proptest! {
        #[test]
        fn what_is_told_is_read_back(painted in vec((0u16..672, 1u16..200), 0..8)) {
            let mut week = Pattern::never();
            painted.into_iter().for_each(|(from, length)| week.paint(from * 15, length * 15, 30));
            prop_assert_eq!(Pattern::parse(&week.sentence(), 30), Ok(week));
        }
    }
}
