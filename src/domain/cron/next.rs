//! When an expression fires, by AWS's rules.

use chrono::{DateTime, Datelike, Days as DaySpan, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::field::{LAST_YEAR, Years, has, values};
use super::{Cron, Expression, Rate, Unit};

/// How far back the last fire is looked for. A schedule that has been silent for longer says nothing about today.
const LOOK_BACK_DAYS: u64 = 400;

/// No zone turns its clocks back by more than this.
const TURNED_BACK: TimeDelta = TimeDelta::hours(3);

/// Local times that the clocks skip in spring: from the first that does not exist to the first that does again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first local time that does not exist.
    pub from: NaiveDateTime,
    /// The first local time that exists again.
    pub to: NaiveDateTime,
}

/// The gaps of a zone between two dates.
#[must_use]
pub fn gaps(zone: Tz, from: NaiveDate, to: NaiveDate) -> Vec<Gap> {
    let noon = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12);
    let offset = |at: DateTime<Utc>| (at.with_timezone(&zone).naive_local() - at.naive_utc()).num_seconds();
    let mut found = Vec::new();
    for date in from.iter_days().take_while(|date| *date <= to) {
        let (mut before, mut after) = (noon(date), noon(date + DaySpan::new(1)));
        let (old, new) = (offset(before), offset(after));
        if new <= old {
            continue;
        }
        while after - before > TimeDelta::seconds(1) {
            let middle = before + (after - before) / 2;
            if offset(middle) == old { before = middle } else { after = middle }
        }
        // Binary search leaves a fraction of a second; changes of clocks are on whole seconds.
        let change = DateTime::from_timestamp(after.timestamp(), 0).unwrap_or(after);
        let local = |seconds| change.naive_utc() + TimeDelta::seconds(seconds);
        found.push(Gap { from: local(old), to: local(new) });
    }
    found
}

impl Expression {
    /// The first fire strictly after `after`. `zone` is that of the schedule; a rate counts from `anchor` (its StartDate,
    /// or its creation).
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>, zone: Tz, anchor: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Cron(cron) => cron.next_after(after, zone),
            Self::Rate(rate) => rate.next_after(after, anchor),
            Self::At(time) => resolve(*time, zone).filter(|at| *at > after),
        }
    }

    /// The last fire at or before `until`, if there is one within the last 400 days.
    #[must_use]
    pub fn last_until(&self, until: DateTime<Utc>, zone: Tz, anchor: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Cron(cron) => cron.last_until(until, zone),
            Self::Rate(rate) => rate.last_until(until, anchor),
            Self::At(time) => resolve(*time, zone).filter(|at| *at <= until),
        }
    }

    /// The first of its local times that falls into a gap, and so will not fire.
    #[must_use]
    pub fn skipped_in(&self, gap: &Gap) -> Option<NaiveDateTime> {
        match self {
            Self::Cron(cron) => cron
                .times_on(gap.from.date())
                .chain(
                    // A gap can lead over midnight.
                    cron.times_on(gap.to.date()).filter(|_| gap.to.date() != gap.from.date()),
                )
                .find(|time| (gap.from..gap.to).contains(time)),
            Self::Rate(_) => None,
            Self::At(time) => Some(*time).filter(|time| (gap.from..gap.to).contains(time)),
        }
    }
}

/// The instant of a local time: none in a gap, the first of two in autumn.
fn resolve(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    zone.from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
}

impl Rate {
    fn period(self) -> TimeDelta {
        let value = i64::from(self.value);
        match self.unit {
            Unit::Minute => TimeDelta::minutes(value),
            Unit::Hour => TimeDelta::hours(value),
            Unit::Day => TimeDelta::days(value),
        }
    }

    /// `None` where a rate is so long that its next fire lies beyond every calendar.
    fn next_after(self, after: DateTime<Utc>, anchor: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if after < anchor {
            return Some(anchor);
        }
        let period = self.period().num_seconds();
        let passed = (after - anchor).num_seconds() / period;
        anchor.checked_add_signed(TimeDelta::seconds((passed + 1) * period))
    }

    fn last_until(self, until: DateTime<Utc>, anchor: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let period = self.period().num_seconds();
        (until >= anchor).then(|| anchor + TimeDelta::seconds((until - anchor).num_seconds() / period * period))
    }
}

impl Cron {
    fn holds(&self, date: NaiveDate) -> bool {
        self.years.holds(date.year())
            && has(self.months, date.month())
            && self.days.holds(date)
            && self.weekdays.holds(date)
    }

    /// The times of day, rising.
    fn times(&self) -> impl DoubleEndedIterator<Item = NaiveTime> + Clone {
        let minutes = self.minutes;
        values(self.hours)
            .flat_map(move |hour| values(minutes).filter_map(move |minute| NaiveTime::from_hms_opt(hour, minute, 0)))
    }

    fn times_on(&self, date: NaiveDate) -> impl Iterator<Item = NaiveDateTime> {
        self.times().filter(move |_| self.holds(date)).map(move |time| date.and_time(time))
    }

    fn next_after(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = after.with_timezone(&zone).naive_local();
        // What is earlier than any turning back of the clocks has passed.
        let passed = local - TURNED_BACK;
        let mut date = passed.date();
        loop {
            date = self.next_date(date)?;
            let times = self.times().map(|time| date.and_time(time)).filter(|time| *time > passed);
            let fire = times.filter_map(|time| resolve(time, zone)).find(|at| *at > after);
            if fire.is_some() {
                return fire;
            }
            date = date.checked_add_days(DaySpan::new(1))?;
        }
    }

    fn last_until(&self, until: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        // In the repeated hour of autumn a fire may have passed whose local time is still to come again.
        let latest = until.with_timezone(&zone).naive_local() + TURNED_BACK;
        let mut date = latest.date();
        for _ in 0..LOOK_BACK_DAYS {
            if self.holds(date) {
                let times = self.times().rev().map(|time| date.and_time(time));
                let fire =
                    times.filter(|time| *time <= latest).filter_map(|time| resolve(time, zone)).find(|at| *at <= until);
                if fire.is_some() {
                    return fire;
                }
            }
            date = date.checked_sub_days(DaySpan::new(1))?;
        }
        None
    }

    /// The first date from `from` on that the day fields hold, skipping years and months that cannot.
    fn next_date(&self, from: NaiveDate) -> Option<NaiveDate> {
        let mut date = from;
        while date.year() <= i32::try_from(LAST_YEAR).unwrap_or(i32::MAX) {
            if !self.years.holds(date.year()) {
                date = NaiveDate::from_ymd_opt(self.next_year(date.year())?, 1, 1)?;
            } else if !has(self.months, date.month()) {
                date = first_of_next_month(date)?;
            } else if self.days.holds(date) && self.weekdays.holds(date) {
                return Some(date);
            } else {
                date = date.succ_opt()?;
            }
        }
        None
    }

    fn next_year(&self, after: i32) -> Option<i32> {
        match &self.years {
            Years::Every => (after < 1970).then_some(1970),
            Years::Set(years) => years.iter().filter_map(|year| i32::try_from(*year).ok()).find(|year| *year > after),
        }
    }
}

fn first_of_next_month(date: NaiveDate) -> Option<NaiveDate> {
    let (year, month) = if date.month() == 12 { (date.year() + 1, 1) } else { (date.year(), date.month() + 1) };
    NaiveDate::from_ymd_opt(year, month, 1)
}
