//! Choosing the days on which the week starts nothing: a calendar over the draft of the week editor.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use chrono_tz::Tz;

use super::state::State;
use crate::domain::plan::week::Draft;

/// How many days ahead can be chosen: further ahead a skipped day would not be read back.
const AHEAD: u64 = 399;

/// The dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The zone of the week, whose dates these are.
    pub zone: Tz,
    /// The date in that zone: the first that can be chosen.
    pub today: NaiveDate,
    /// The day in question.
    pub cursor: NaiveDate,
    /// The days that are skipped.
    pub skipped: BTreeSet<NaiveDate>,
    /// The days on which nobody works, by the user's own configuration.
    pub holidays: BTreeSet<NaiveDate>,
    /// The day with which a week begins on screen.
    pub first: Weekday,
    /// What came of the last key, where that is not seen.
    pub said: Option<String>,
    /// The days of the week on which a window opens, Monday first.
    opens: [bool; 7],
}

/// What a day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// It lies before today or further ahead than can be chosen.
    pub beyond: bool,
    /// A window opens on it.
    pub opens: bool,
    /// Nobody works.
    pub holiday: bool,
    /// It is skipped.
    pub skipped: bool,
}

impl Calendar {
    /// The calendar of a draft.
    #[must_use]
    pub fn new(draft: &Draft, state: &State) -> Self {
        let today = state.now().with_timezone(&draft.zone).date_naive();
        let mut opens = [false; 7];
        // What never stops is never started either.
        for opening in draft.pattern.openings().iter().filter(|_| !draft.pattern.is_always()) {
            if let Some(day) = opens.get_mut(usize::from(opening.day())) {
                *day = true;
            }
        }
        Self {
            zone: draft.zone,
            today,
            cursor: today,
            skipped: draft.skipped.clone(),
            holidays: state.wishes.holidays.clone(),
            first: state.week_start,
            said: None,
            opens,
        }
    }

    /// What a day is.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> Day {
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0);
        Day {
            beyond: date < self.today || date > self.last(),
            opens: self.opens.get(weekday).copied().unwrap_or(false),
            holiday: self.holidays.contains(&date),
            skipped: self.skipped.contains(&date),
        }
    }

    /// The last day that can be chosen.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        self.today + Days::new(AHEAD)
    }

    /// The first days of so many months next to each other, such that the cursor's is among them and they stay while it
    /// moves within them.
    #[must_use]
    pub fn months(&self, count: u32) -> Vec<NaiveDate> {
        let number = |date: NaiveDate| u32::try_from(date.year()).unwrap_or(0) * 12 + date.month0();
        let passed = number(self.cursor).saturating_sub(number(self.today));
        let first = first_of(self.today) + Months::new(passed - passed % count.max(1));
        (0..count).map(|month| first + Months::new(month)).collect()
    }

    /// The weeks of a month: seven days each, nothing where the day belongs to another month.
    #[must_use]
    pub fn weeks(&self, month: NaiveDate) -> Vec<[Option<NaiveDate>; 7]> {
        let month = first_of(month);
        let lead = month.weekday().days_since(self.first);
        let Some(begin) = month.checked_sub_days(Days::new(lead.into())) else { return Vec::new() };
        let same = |date: &NaiveDate| (date.year(), date.month()) == (month.year(), month.month());
        let weeks = (0..6).map(|week| begin + Days::new(7 * week));
        weeks
            .map(|week| std::array::from_fn(|day| Some(week + Days::new(day as u64)).filter(same)))
            .filter(|week: &[Option<NaiveDate>; 7]| week.iter().any(Option::is_some))
            .collect()
    }

    /// Moves the cursor by days.
    pub(super) fn by_days(&mut self, days: i64) {
        let moved = self.cursor.checked_add_signed(chrono::TimeDelta::days(days));
        self.go(moved.unwrap_or(self.cursor));
    }

    /// Moves the cursor by months; the 31st of a short month is its last day.
    pub(super) fn by_months(&mut self, months: i32) {
        let by = Months::new(months.unsigned_abs());
        let moved = if months < 0 { self.cursor.checked_sub_months(by) } else { self.cursor.checked_add_months(by) };
        self.go(moved.unwrap_or(self.cursor));
    }

    fn go(&mut self, date: NaiveDate) {
        self.cursor = date.clamp(self.today, self.last());
        self.said = None;
    }

    /// Skips the day, or no longer.
    pub(super) fn toggle(&mut self) {
        self.said = None;
        let date = self.cursor;
        if self.skipped.remove(&date) {
            return;
        }
        if self.day(date).opens {
            self.skipped.insert(date);
        } else {
            self.said = Some("No window opens on that day: nothing would be skipped.".into());
        }
    }

    /// Skips all holidays on which a window opens; if all are skipped already, none of them.
    pub(super) fn toggle_holidays(&mut self) {
        let coming: BTreeSet<NaiveDate> = self.holidays.range(self.today..=self.last()).copied().collect();
        let open: BTreeSet<NaiveDate> = coming.iter().copied().filter(|date| self.day(*date).opens).collect();
        let said = if coming.is_empty() {
            "The configuration names no holidays of the coming year.".into()
        } else if open.is_empty() {
            "No window opens on any of the holidays of the coming year.".into()
        } else if open.is_subset(&self.skipped) {
            self.skipped.retain(|date| !open.contains(date));
            "No holiday is skipped any more.".into()
        } else {
            self.skipped.extend(&open);
            let holidays = crate::domain::words::count(open.len() as u64, "holiday");
            format!("{holidays} of the coming year skipped.")
        };
        self.said = Some(said);
    }
}

fn first_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Weekdays, on a Friday in November; three holidays ahead, one of them a Sunday, one past.
    fn calendar() -> Calendar {
        let holidays = ["2026-10-03", "2026-12-25", "2026-12-27", "2027-01-01"];
        Calendar {
            zone: Tz::Europe__Berlin,
            today: date("2026-11-20"),
            cursor: date("2026-11-20"),
            skipped: BTreeSet::new(),
            holidays: holidays.map(date).into(),
            first: Weekday::Mon,
            said: None,
            opens: [true, true, true, true, true, false, false],
        }
    }

    #[test]
    fn the_weeks_of_a_month_begin_with_the_first_day_of_the_week() {
        let days = |calendar: &Calendar| {
            let weeks = calendar.weeks(date("2026-11-20"));
            let first = weeks[0].map(|day| day.map_or(0, |day| day.day()));
            (weeks.len(), first, weeks.iter().flatten().flatten().count())
        };
        assert_eq!(days(&calendar()), (6, [0, 0, 0, 0, 0, 0, 1], 30), "the first is a Sunday");
        let sunday = Calendar { first: Weekday::Sun, ..calendar() };
        assert_eq!(days(&sunday), (5, [1, 2, 3, 4, 5, 6, 7], 30));
        assert_eq!(calendar().weeks(date("2027-02-10")).len(), 4, "four whole weeks");
    }

    #[test]
    fn months_stay_while_the_cursor_moves_within_them() {
        let mut calendar = calendar();
        let shown = |calendar: &Calendar| calendar.months(3).iter().map(|month| month.month()).collect::<Vec<_>>();
        for (months, expected) in [(0, [11, 12, 1]), (1, [11, 12, 1]), (1, [11, 12, 1]), (1, [2, 3, 4])] {
            calendar.by_months(months);
            assert_eq!(shown(&calendar), expected, "{}", calendar.cursor);
        }
        assert_eq!(calendar.months(1), [date("2027-02-01")]);
    }

    #[test]
    fn the_cursor_never_leaves_the_days_that_can_be_chosen() {
        let mut calendar = calendar();
        calendar.by_days(-1);
        assert_eq!(calendar.cursor, calendar.today);
        calendar.by_days(7);
        assert_eq!(calendar.cursor, date("2026-11-27"));
        calendar.by_months(-1);
        assert_eq!(calendar.cursor, calendar.today);
        for _ in 0..20 {
            calendar.by_months(1);
        }
        assert_eq!(calendar.cursor, calendar.last());
        let mut short = Calendar { cursor: date("2027-01-31"), ..calendar };
        short.by_months(1);
        assert_eq!(short.cursor, date("2027-02-28"));
    }

    #[test]
    fn a_day_is_skipped_and_taken_back_where_a_window_opens() {
        let mut calendar = calendar();
        calendar.toggle();
        assert_eq!(calendar.skipped, [date("2026-11-20")].into());
        calendar.toggle();
        assert!(calendar.skipped.is_empty());
        calendar.by_days(1);
        calendar.toggle();
        assert!(calendar.skipped.is_empty() && calendar.said.is_some(), "a Saturday");
        // What is skipped by the account's own schedules can always be taken back.
        calendar.skipped.insert(calendar.cursor);
        calendar.toggle();
        assert!(calendar.skipped.is_empty());
    }

    #[test]
    fn all_holidays_to_come_on_which_a_window_opens_are_skipped_at_once() {
        let mut calendar = calendar();
        calendar.skipped.insert(date("2026-11-23"));
        calendar.toggle_holidays();
        assert_eq!(calendar.skipped, ["2026-11-23", "2026-12-25", "2027-01-01"].map(date).into());
        calendar.toggle_holidays();
        assert_eq!(calendar.skipped, [date("2026-11-23")].into());
        let mut none = Calendar { holidays: BTreeSet::new(), ..calendar };
        none.toggle_holidays();
        assert!(none.said.unwrap().contains("names no holidays"));
    }
}
