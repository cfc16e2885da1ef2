//! Choosing a time zone: all that the compiled-in table has, found by typing.

use chrono::{DateTime, Offset, TimeDelta, Utc};
use chrono_tz::{OffsetComponents, TZ_VARIANTS, Tz};
use tui_input::Input;

use super::state::State;

/// The places in whose names people think. What else there is, such as `EST5EDT` or `US/Pacific`, is kept for old programs.
const PLACES: [&str; 10] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];

/// What a zone is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// For the expression of one schedule.
    Expression,
    /// For a week, whose windows can keep their wall times or their instants.
    Week,
}

/// The dialog.
#[derive(Clone, Debug)]
pub struct Zones {
    /// What it is chosen for.
    pub purpose: Purpose,
    /// The zone as it is now, if the compiled-in table has it.
    pub current: Option<Tz>,
    /// What was typed.
    pub input: Input,
    /// The zones that fit, the likeliest first.
    pub rows: Vec<Tz>,
    /// The selected row.
    pub selected: usize,
    /// UTC and the zones that schedules of the fleet use: they come first.
    pub used: Vec<Tz>,
}

impl Zones {
    /// The dialog as it opens, with a text already typed.
    #[must_use]
    pub fn new(purpose: Purpose, current: Option<Tz>, typed: &str, state: &State) -> Self {
        let used = state.zones_in_use();
        let mut zones =
            Self { purpose, current, input: Input::new(typed.to_owned()), rows: Vec::new(), selected: 0, used };
        zones.search(state.now());
        zones.selected =
            zones.rows.iter().position(|zone| Some(*zone) == current).filter(|_| typed.is_empty()).unwrap_or(0);
        zones
    }

    /// Finds anew what fits.
    pub fn search(&mut self, now: DateTime<Utc>) {
        self.rows = matching(self.input.value(), &self.used, now);
        self.selected = 0;
    }

    /// The selected zone.
    #[must_use]
    pub fn chosen(&self) -> Option<Tz> {
        self.rows.get(self.selected).copied()
    }
}

impl State {
    /// UTC and the zones that schedules use, the most used first.
    fn zones_in_use(&self) -> Vec<Tz> {
        let mut counts: std::collections::BTreeMap<&'static str, usize> = std::collections::BTreeMap::new();
        for schedule in self.fleet.schedules.rows.values().filter(|schedule| schedule.zone_is_known()) {
            *counts.entry(schedule.tz().name()).or_default() += 1;
        }
        let mut used: Vec<(usize, &str)> = counts.into_iter().map(|(name, count)| (count, name)).collect();
        used.sort_by_key(|(count, name)| (std::cmp::Reverse(*count), *name));
        let mut zones: Vec<Tz> = used.into_iter().filter_map(|(_, name)| name.parse().ok()).collect();
        if !zones.contains(&Tz::UTC) {
            zones.push(Tz::UTC);
        }
        zones
    }
}

/// The zones in whose names every typed word occurs, or whose clocks are now as far from UTC as it says (`+5:30`). `first`
/// come first.
#[must_use]
pub fn matching(typed: &str, first: &[Tz], now: DateTime<Utc>) -> Vec<Tz> {
    let typed = plain(typed);
    let words: Vec<&str> = typed.split_whitespace().collect();
    let fits = |zone: &Tz| {
        let name = plain(zone.name());
        words.iter().all(|word| match offset_in(word) {
            Some(wanted) => offset(*zone, now) == wanted,
            None => name.contains(word),
        })
    };
    let mut found: Vec<Tz> = TZ_VARIANTS.into_iter().filter(fits).collect();
    found.sort_by_cached_key(|zone| {
        let name = plain(zone.name());
        let whole = |word: &&str| name.split(' ').any(|part| part.starts_with(word));
        let used = first.iter().position(|own| own == zone).unwrap_or(first.len());
        let kept = !PLACES.iter().any(|place| zone.name().starts_with(place));
        (used, name != typed, !words.iter().all(whole), kept, zone.name())
    });
    found
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace(['_', '/', ','], " ").trim().to_owned()
}

/// How far from UTC a word says: `+5:30`, `-3`, `+0530`, `utc+2`.
fn offset_in(word: &str) -> Option<TimeDelta> {
    let word = word.strip_prefix("utc").or_else(|| word.strip_prefix("gmt")).unwrap_or(word);
    let (back, rest) = match word.strip_prefix('+') {
        Some(rest) => (false, rest),
        None => (true, word.strip_prefix('-').or_else(|| word.strip_prefix('−'))?),
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if rest.len() == 4 => rest.split_at_checked(2)?,
        None => (rest, "0"),
    };
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    let away = TimeDelta::hours(hours.into()) + TimeDelta::minutes(minutes.into());
    (hours <= 14 && minutes < 60).then_some(if back { -away } else { away })
}

/// How far the clocks of a zone are ahead of UTC.
#[must_use]
pub fn offset(zone: Tz, now: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds(now.with_timezone(&zone).offset().fix().local_minus_utc().into())
}

/// The same as it is written: `+05:30`.
#[must_use]
pub fn offset_words(zone: Tz, now: DateTime<Utc>) -> String {
    now.with_timezone(&zone).format("%:z").to_string()
}

/// Whether the clocks of a zone are moved within a year from now.
#[must_use]
pub fn has_daylight_saving(zone: Tz, now: DateTime<Utc>) -> bool {
    // Some turn their clocks for a month only.
    let mut fortnights = (0..27).map(|fortnight| now + TimeDelta::days(14 * fortnight));
    fortnights.any(|at| !at.with_timezone(&zone).offset().dst_offset().is_zero())
}

/// A time of day of `from`, today, that is kept as an instant, as `to` tells it.
#[must_use]
pub fn told_in(time: chrono::NaiveTime, from: Tz, to: Tz, now: DateTime<Utc>) -> chrono::NaiveTime {
    time.overflowing_add_signed(offset(to, now) - offset(from, now)).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn november() -> DateTime<Utc> {
        "2026-11-20T13:09:00Z".parse().unwrap()
    }

    fn found(typed: &str) -> Vec<&'static str> {
        let used = [Tz::Europe__Berlin, Tz::UTC];
        matching(typed, &used, november()).into_iter().map(Tz::name).collect()
    }

    #[test]
    fn nothing_typed_finds_all_with_those_in_use_in_front() {
        let all = found("");
        assert_eq!(all.len(), TZ_VARIANTS.len());
        assert_eq!(&all[..3], ["Europe/Berlin", "UTC", "Africa/Abidjan"]);
    }

    #[test]
    fn a_place_is_found_by_parts_of_its_name_in_any_order() {
        assert_eq!(found("berlin"), ["Europe/Berlin"]);
        assert_eq!(found("new york"), ["America/New_York"]);
        assert_eq!(found("york america"), ["America/New_York"]);
        assert_eq!(found("New_York"), ["America/New_York"]);
        assert_eq!(found("europe/ber"), ["Europe/Berlin"]);
        assert_eq!(found("buenos")[0], "America/Argentina/Buenos_Aires");
        assert_eq!(found("atlantis"), [""; 0]);
    }

    #[test]
    fn the_beginning_of_a_word_comes_before_its_middle_and_a_place_before_an_old_name() {
        assert_eq!(found("rome")[0], "Europe/Rome");
        let pacific = found("pacific");
        assert!(
            pacific.iter().position(|name| *name == "Pacific/Fiji") < pacific.iter().position(|n| *n == "US/Pacific")
        );
        assert_eq!(found("utc")[0], "UTC");
    }

    #[test]
    fn offsets_find_by_what_the_clocks_say_now() {
        for typed in ["+5:30", "+05:30", "+0530", "utc+5:30"] {
            let zones = found(typed);
            assert!(zones.contains(&"Asia/Kolkata") && !zones.contains(&"Asia/Karachi"), "{typed}: {zones:?}");
        }
        // Winter time.
        assert!(found("-5").contains(&"America/New_York"));
        assert!(!found("-4").contains(&"America/New_York"));
        assert_eq!(found("+1 berlin"), ["Europe/Berlin"]);
        assert_eq!(found("+2 berlin"), [""; 0]);
    }

    #[test]
    fn daylight_saving_is_what_the_coming_year_brings() {
        for (zone, moves) in [
            (Tz::Europe__Berlin, true),
            (Tz::Australia__Sydney, true),
            (Tz::Asia__Kolkata, false),
            (Tz::UTC, false),
            (Tz::America__Sao_Paulo, false),
        ] {
            assert_eq!(has_daylight_saving(zone, november()), moves, "{zone}");
        }
    }

    #[test]
    fn an_instant_is_told_in_the_other_zone() {
        let nine = chrono::NaiveTime::from_hms_opt(9, 0, 0).unwrap();
        let told = |zone| told_in(nine, Tz::Europe__Berlin, zone, november()).format("%H:%M").to_string();
        assert_eq!([told(Tz::America__New_York), told(Tz::Asia__Tokyo)], ["03:00", "17:00"]);
    }
}
