//! When expressions fire.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::cron::Expression;

/// An expression in its zone.
#[derive(Clone, Debug)]
pub struct Fires {
    expression: Expression,
    zone: Tz,
}

impl Fires {
    /// Reads an expression and the name of its zone.
    ///
    /// # Errors
    /// If AWS would refuse one of them.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, String> {
        let parsed = expression.parse::<Expression>().map_err(|error| format!("`{expression}`: {error}"))?;
        let zone = zone.parse().map_err(|_| format!("`{zone}` is no time zone"))?;
        Ok(Self { expression: parsed, zone })
    }

    /// Whether it fires once: an `at()`.
    #[must_use]
    pub fn is_one_time(&self) -> bool {
        self.expression.is_once()
    }

    /// The next time after `after`; `anchor` is when a `rate()` fires first.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>, anchor: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.expression.next_after(after, self.zone, anchor)
    }
}
