//! Expressions that fire at the same times every week, and the fewest of them for given times.

use std::collections::{BTreeMap, BTreeSet};

use super::field::{Days, Weekdays, Years, values};
use super::{Cron, Expression};

/// The minutes of a day.
const DAY: u16 = 1_440;
/// More fires a week than these are a rhythm and no plan of anybody's week.
const MOST: usize = 7 * 24;
/// So many products are tried at most before the better of the two simple ways is taken.
const TRIES: u32 = 40_000;

/// Minutes of the week, Monday 00:00 being 0, in local time.
pub type Minutes = BTreeSet<u16>;

impl Expression {
    /// The minutes of the week at which it fires, if it fires at the same ones every week. `None` for everything that has
    /// to do with dates: `at`, `rate`, days of the month, months, years, the n-th or last weekday; and for a rhythm that
    /// fires more often than once an hour.
    #[must_use]
    pub fn weekly(&self) -> Option<Minutes> {
        let Self::Cron(cron) = self else { return None };
        let weekdays = cron.weekdays()?;
        let per_day = cron.minutes.count_ones() as usize * cron.hours.count_ones() as usize;
        if per_day * weekdays.len() > MOST {
            return None;
        }
        let times = values(cron.hours).flat_map(|hour| values(cron.minutes).map(move |minute| hour * 60 + minute));
        let times: Vec<u16> = times.filter_map(|time| u16::try_from(time).ok()).collect();
        Some(weekdays.into_iter().flat_map(|day| times.iter().map(move |time| day * DAY + time)).collect())
    }
}

impl Cron {
    /// Its days, Monday being 0, if nothing but the day of the week decides.
    fn weekdays(&self) -> Option<Vec<u16>> {
        const ALL_MONTHS: u64 = 0b1_1111_1111_1110;
        const ALL_DAYS: u64 = 0xFFFF_FFFE;
        if self.years != Years::Every || self.months != ALL_MONTHS {
            return None;
        }
        match (&self.days, &self.weekdays) {
            (Days::Open, Weekdays::Set(days)) => {
                // AWS's week begins on Sunday (1).
                let monday_first = values(*days).filter_map(|day| u16::try_from((day + 5) % 7).ok());
                Some(monday_first.collect())
            }
            (Days::Set(days), Weekdays::Open) if *days == ALL_DAYS => Some((0..7).collect()),
            _ => None,
        }
    }
}

/// Every one of some days, at every one of some hours and minutes: what one cron can say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Product {
    /// The days, Monday being bit 0.
    days: u8,
    /// The times of day, in minutes.
    times: BTreeSet<u16>,
}

impl Product {
    /// The minutes of the week that it holds.
    #[must_use]
    pub fn minutes(&self) -> Minutes {
        let days = (0..7u16).filter(|day| self.days >> day & 1 == 1);
        days.flat_map(|day| self.times.iter().map(move |time| day * DAY + time)).collect()
    }

    /// The cron that says it.
    #[must_use]
    pub fn cron(&self) -> String {
        let listed = |values: BTreeSet<u16>| values.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
        let minutes = listed(self.times.iter().map(|time| time % 60).collect());
        let hours = listed(self.times.iter().map(|time| time / 60).collect());
        match self.days {
            0b111_1111 => format!("cron({minutes} {hours} * * ? *)"),
            days => format!("cron({minutes} {hours} ? * {} *)", day_list(days)),
        }
    }

    fn is_product(times: &BTreeSet<u16>) -> bool {
        let hours: BTreeSet<u16> = times.iter().map(|time| time / 60).collect();
        let minutes: BTreeSet<u16> = times.iter().map(|time| time % 60).collect();
        times.len() == hours.len() * minutes.len()
    }
}

/// `MON-FRI`, `SAT,SUN`. A range never goes over the end of AWS's week, which is Saturday: those are easily misread.
fn day_list(days: u8) -> String {
    const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let has = |day: usize| days >> ((day + 6) % 7) & 1 == 1;
    let mut parts: Vec<String> = Vec::new();
    let mut day = 0;
    while day < 7 {
        let length = (day..7).take_while(|day| has(*day)).count();
        let name = |day: usize| NAMES.get(day).copied().unwrap_or_default().to_owned();
        match length {
            0 => {}
            1 | 2 => parts.extend((day..day + length).map(name)),
            _ => parts.push(format!("{}-{}", name(day), name(day + length - 1))),
        }
        day += length + 1;
    }
    // People's week ends on Sunday.
    if parts.first().is_some_and(|part| part == "SUN") {
        parts.rotate_left(1);
    }
    parts.join(",")
}

/// The days of each time of day.
type Grid = BTreeMap<u16, u8>;

fn grid(minutes: &Minutes) -> Grid {
    let mut grid = Grid::new();
    for minute in minutes {
        *grid.entry(minute % DAY).or_default() |= 1 << (minute / DAY);
    }
    grid
}

/// One product for each time of day: what people write who think of one time after the other.
#[must_use]
pub fn by_time(minutes: &Minutes) -> Vec<Product> {
    grid(minutes).into_iter().map(|(time, days)| Product { days, times: [time].into() }).collect()
}

/// The fewest products that hold these minutes, each of them once.
#[must_use]
pub fn fewest(minutes: &Minutes) -> Vec<Product> {
    let grid = grid(minutes);
    let times_first = merged_by_days(&grid);
    let days_first = merged_by_times(minutes);
    let simple = if days_first.len() < times_first.len() { days_first } else { times_first };
    let mut search = Search { left: TRIES };
    for most in 1..simple.len() {
        let mut found = Vec::new();
        if search.cover(&grid, most, &mut found) {
            return found;
        }
    }
    simple
}

/// Times that share their days, gathered by their minute.
fn merged_by_days(grid: &Grid) -> Vec<Product> {
    let mut by_days: BTreeMap<u8, BTreeSet<u16>> = BTreeMap::new();
    for (time, days) in grid {
        by_days.entry(*days).or_default().insert(*time);
    }
    let mut all: Vec<Product> = by_days.into_iter().flat_map(|(days, times)| products_of(&times, days)).collect();
    all.sort_by_key(|product| (product.times.first().copied(), product.days));
    all
}

/// Days that share their times, each set of times in as few products as its hours and minutes allow.
fn merged_by_times(minutes: &Minutes) -> Vec<Product> {
    let mut by_times: BTreeMap<BTreeSet<u16>, u8> = BTreeMap::new();
    for day in 0..7u16 {
        let times: BTreeSet<u16> = minutes.range(day * DAY..(day + 1) * DAY).map(|minute| minute % DAY).collect();
        if !times.is_empty() {
            *by_times.entry(times).or_default() |= 1 << day;
        }
    }
    by_times.into_iter().flat_map(|(times, days)| products_of(&times, days)).collect()
}

fn products_of(times: &BTreeSet<u16>, days: u8) -> Vec<Product> {
    if Product::is_product(times) {
        return vec![Product { days, times: times.clone() }];
    }
    let gathered = |key: fn(u16) -> u16| {
        let mut groups: BTreeMap<u16, BTreeSet<u16>> = BTreeMap::new();
        for time in times {
            groups.entry(key(*time)).or_default().insert(*time);
        }
        groups.into_values().map(|times| Product { days, times }).collect::<Vec<_>>()
    };
    let (by_minute, by_hour) = (gathered(|time| time % 60), gathered(|time| time / 60));
    if by_hour.len() < by_minute.len() { by_hour } else { by_minute }
}

/// Looks for a partition into few products.
struct Search {
    left: u32,
}

impl Search {
    fn cover(&mut self, grid: &Grid, most: usize, found: &mut Vec<Product>) -> bool {
        let Some((&time, &days)) = grid.iter().find(|(_, days)| **days != 0) else { return true };
        if most == 0 {
            return false;
        }
        let first = 1 << days.trailing_zeros();
        // Every choice of days with the first among them, the largest ones first.
        let mut choice = days;
        loop {
            if choice & first != 0 && self.with_days(grid, time, choice, most, found) {
                return true;
            }
            if choice == 0 || self.left == 0 {
                return false;
            }
            choice = (choice - 1) & days;
        }
    }

    fn with_days(&mut self, grid: &Grid, time: u16, days: u8, most: usize, found: &mut Vec<Product>) -> bool {
        let others: Vec<u16> = grid
            .iter()
            .filter(|(other, own)| **other != time && **own & days == days)
            .map(|(other, _)| *other)
            .collect();
        let others = others.get(..others.len().min(8)).unwrap_or_default();
        for choice in (0..1u32 << others.len()).rev() {
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            let chosen = others.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1).map(|(_, time)| *time);
            let times: BTreeSet<u16> = std::iter::once(time).chain(chosen).collect();
            if !Product::is_product(&times) {
                continue;
            }
            let mut rest = grid.clone();
            for (_, own) in rest.iter_mut().filter(|(time, _)| times.contains(time)) {
                *own &= !days;
            }
            found.push(Product { days, times });
            if self.cover(&rest, most - 1, found) {
                return true;
            }
            found.pop();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    fn weekly(text: &str) -> Option<Minutes> {
        text.parse::<Expression>().unwrap().weekly()
    }

    fn crons(minutes: &Minutes) -> Vec<String> {
        fewest(minutes).iter().map(Product::cron).collect()
    }

    fn all(texts: &[&str]) -> Minutes {
        texts.iter().flat_map(|text| weekly(text).unwrap()).collect()
    }

    #[test]
    fn what_fires_every_week_alike_is_told_in_minutes_of_the_week() {
        assert_eq!(weekly("cron(30 8 ? * MON,SUN *)"), Some([510, 6 * DAY + 510].into()));
        assert_eq!(weekly("cron(0 0 * * ? *)").map(|minutes| minutes.len()), Some(7));
        assert_eq!(weekly("cron(0 8 1-31 * ? *)").map(|minutes| minutes.len()), Some(7));
        for other in [
            "cron(0 8 1 * ? *)",
            "cron(0 8 L * ? *)",
            "cron(0 8 15W * ? *)",
            "cron(0 8 ? * MON#1 *)",
            "cron(0 8 ? * 6L *)",
            "cron(0 8 ? 1-6 MON *)",
            "cron(0 8 ? * MON 2026)",
            "cron(0/15 * * * ? *)",
            "rate(1 day)",
            "at(2026-11-20T17:00:00)",
        ] {
            assert_eq!(weekly(other), None, "{other}");
        }
    }

    #[test]
    fn a_week_takes_the_fewest_crons() {
        for texts in [
            vec!["cron(30 8 ? * MON-FRI *)"],
            vec!["cron(0 17 ? * MON-THU *)", "cron(0 13 ? * FRI *)"],
            vec!["cron(30 8,13 ? * MON-FRI *)"],
            vec!["cron(30 8 * * ? *)"],
            vec!["cron(0 9 ? * SAT,SUN *)"],
            vec!["cron(0,30 8,20 ? * MON-SAT *)"],
        ] {
            let mut told = crons(&all(&texts));
            told.sort_unstable();
            let mut texts = texts.clone();
            texts.sort_unstable();
            assert_eq!(told, texts);
        }
        assert_eq!(crons(&Minutes::new()), Vec::<String>::new());
    }

    #[test]
    fn days_are_split_where_that_saves_one() {
        // Three times, each on other days: by days they are two.
        let minutes = all(&["cron(0 8,12 ? * MON *)", "cron(0 12,16 ? * TUE *)"]);
        assert_eq!(by_time(&minutes).len(), 3);
        assert_eq!(fewest(&minutes).len(), 2);
    }

    #[test]
    fn no_range_of_days_goes_over_the_end_of_the_week() {
        let said = |days: u8| day_list(days);
        assert_eq!(said(0b001_1111), "MON-FRI");
        assert_eq!(said(0b111_0000), "FRI,SAT,SUN");
        assert_eq!(said(0b100_1111), "SUN-THU");
        assert_eq!(said(0b110_0001), "MON,SAT,SUN");
        assert_eq!(said(0b101_0101), "MON,WED,FRI,SUN");
    }

    proptest! {
        #[test]
        fn the_fewest_hold_each_minute_once(minutes in btree_set((0u16..7, 0u16..4, 0u16..3), 0..24)) {
            let minutes: Minutes =
                minutes.into_iter().map(|(day, hour, minute)| day * DAY + (8 + hour * 3) * 60 + minute * 15).collect();
            let products = fewest(&minutes);
            let each: Vec<Minutes> =
                products.iter().map(|product| product.cron().parse::<Expression>().unwrap().weekly().unwrap()).collect();
            prop_assert_eq!(each.iter().map(BTreeSet::len).sum::<usize>(), minutes.len());
            prop_assert_eq!(each.into_iter().flatten().collect::<Minutes>(), minutes.clone());
            prop_assert!(products.len() <= by_time(&minutes).len());
        }
    }
}
