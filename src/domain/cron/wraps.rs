//! Ranges of hours that go around midnight, which are easily misread.

use super::{Cron, Expression};

impl Expression {
    /// The first range of hours that goes around midnight, as it is written: `22-2`, if it matters. Its hours after midnight
    /// are those of the day that the other fields name, hours before its evening, and not of the day after.
    #[must_use]
    pub fn over_midnight(&self) -> Option<&str> {
        match self {
            Self::Cron(cron) => cron.over_midnight(),
            Self::Rate(_) | Self::At(_) => None,
        }
    }
}

impl Cron {
    fn over_midnight(&self) -> Option<&str> {
        let [_, hours, ..] = &self.texts;
        hours.split(',').filter(|_| !self.is_daily()).find(|item| {
            let range = item.split_once('/').map_or(*item, |(range, _)| range);
            let ends = range.split_once('-').and_then(|(from, to)| Some((from.parse::<u32>().ok()?, to.parse().ok()?)));
            ends.is_some_and(|(from, to)| from > to)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hours_that_end_before_they_begin_go_over_midnight() {
        for (hours, found) in [
            ("22-2", Some("22-2")),
            ("8,20-3/2", Some("20-3/2")),
            ("8-18", None),
            ("5-5", None),
            ("*", None),
            ("0/4", None),
            ("9,17", None),
        ] {
            let expression: Expression = format!("cron(50-10 {hours} ? * FRI-MON *)").parse().unwrap();
            assert_eq!(expression.over_midnight(), found, "{hours}");
        }
        let daily: Expression = "cron(0 22-2 * * ? *)".parse().unwrap();
        assert_eq!(daily.over_midnight(), None, "every day has the same hours");
        assert_eq!("rate(5 minutes)".parse::<Expression>().unwrap().over_midnight(), None);
    }
}
