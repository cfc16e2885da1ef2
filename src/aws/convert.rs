//! From the SDK's types to those of the domain.

use std::collections::BTreeMap;

use aws_smithy_types::DateTime as SmithyTime;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// An instant, to the nanosecond; none for one that the calendar does not have.
pub(super) fn time(at: Option<&SmithyTime>) -> Option<DateTime<Utc>> {
    let at = at?;
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}

/// The other way round.
pub(super) fn smithy(at: DateTime<Utc>) -> SmithyTime {
    SmithyTime::from_secs_and_nanos(at.timestamp(), at.timestamp_subsec_nanos())
}

/// A count, which AWS types as signed.
pub(super) fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// A structure of AWS's under AWS's own member names, without the members that are absent.
#[derive(Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    pub(super) fn with_all<T>(self, name: &str, items: Option<&[T]>, each: impl Fn(&T) -> Value) -> Self {
        self.with(name, items.map(|items| items.iter().map(each).collect::<Vec<Value>>()))
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Object(fields.0)
    }
}

impl From<Fields> for BTreeMap<String, Value> {
    fn from(fields: Fields) -> Self {
        fields.0.into_iter().collect()
    }
}
