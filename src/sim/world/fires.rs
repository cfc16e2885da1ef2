//! When expressions fire.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::build::instant;

/// An expression in its zone. (A part of the dialect, until the whole of it is there.)
#[derive(Clone, Debug)]
pub enum Fires {
    At(DateTime<Utc>),
    Rate(TimeDelta),
    Cron { minute: u32, hour: u32, days: crate::sim::scenario::Days, zone: Tz },
}

impl Fires {
    pub fn parse(expression: &str, zone: &str) -> Result<Self, String> {
        let bad = || format!("`{expression}` is no expression");
        let zone: Tz = zone.parse().map_err(|_| format!("`{zone}` is no time zone"))?;
        let (kind, rest) = expression.split_once('(').ok_or_else(bad)?;
        let rest = rest.strip_suffix(')').ok_or_else(bad)?;
        match kind {
            "at" => {
                let local = NaiveDateTime::parse_from_str(rest, "%Y-%m-%dT%H:%M:%S").map_err(|_| bad())?;
                Ok(Self::At(instant(zone, local)))
            }
            "rate" => {
                let (count, unit) = rest.split_once(' ').ok_or_else(bad)?;
                let count: i64 = count.parse().map_err(|_| bad())?;
                Ok(Self::Rate(match unit.trim_end_matches('s') {
                    "minute" => TimeDelta::minutes(count),
                    "hour" => TimeDelta::hours(count),
                    "day" => TimeDelta::days(count),
                    _ => return Err(bad()),
                }))
            }
            "cron" => {
                let fields: Vec<&str> = rest.split(' ').collect();
                let [minute, hour, _, "*", days, "*"] = fields.as_slice() else { return Err(bad()) };
                let days = if *days == "?" { "*" } else { days };
                Ok(Self::Cron {
                    minute: minute.parse().map_err(|_| bad())?,
                    hour: hour.parse().map_err(|_| bad())?,
                    days: toml::Value::from(days).try_into().map_err(|_| bad())?,
                    zone,
                })
            }
            _ => Err(bad()),
        }
    }

    pub fn is_one_time(&self) -> bool {
        matches!(self, Self::At(_))
    }

    pub fn next(&self, after: DateTime<Utc>, anchor: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(*at).filter(|at| *at > after),
            Self::Rate(every) => {
                if after < anchor {
                    return Some(anchor);
                }
                let passed = (after - anchor).num_milliseconds() / every.num_milliseconds() + 1;
                Some(anchor + TimeDelta::milliseconds(every.num_milliseconds() * passed))
            }
            Self::Cron { minute, hour, days, zone } => {
                let today = after.with_timezone(zone).date_naive();
                (0..8).find_map(|add| {
                    let date = today + TimeDelta::days(add);
                    let at = instant(*zone, date.and_hms_opt(*hour, *minute, 0)?);
                    (days.contains(date.weekday()) && at > after).then_some(at)
                })
            }
        }
    }
}
