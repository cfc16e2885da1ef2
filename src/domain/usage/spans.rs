//! Sets of stretches of time: rising and apart from each other.

use chrono::TimeDelta;

use super::Span;

impl Span {
    /// How long it is.
    #[must_use]
    pub fn length(self) -> TimeDelta {
        self.to - self.from
    }

    /// What both have in common.
    #[must_use]
    pub fn within(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from < both.to).then_some(both)
    }
}

/// The same time, in stretches that rise and are apart.
#[must_use]
pub fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| span.from);
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.into_iter().filter(|span| span.from < span.to) {
        match joined.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => joined.push(span),
        }
    }
    joined
}

/// The time of `all` that is not in `but`; both rise and are apart.
#[must_use]
pub fn less(all: &[Span], but: &[Span]) -> Vec<Span> {
    let mut rest = Vec::new();
    let mut first = 0;
    for span in all {
        let mut from = span.from;
        while but.get(first).is_some_and(|cut| cut.to <= from) {
            first += 1;
        }
        for cut in but.iter().skip(first).take_while(|cut| cut.from < span.to) {
            if from < cut.from {
                rest.push(Span { from, to: cut.from });
            }
            from = from.max(cut.to);
        }
        if from < span.to {
            rest.push(Span { from, to: span.to });
        }
    }
    rest
}

/// The time that is in both; both rise and are apart.
#[must_use]
pub fn common(one: &[Span], other: &[Span]) -> Vec<Span> {
    let (mut at, mut common) = (0, Vec::new());
    for span in one {
        while other.get(at).is_some_and(|there| there.to <= span.from) {
            at += 1;
        }
        let touching = other.iter().skip(at).take_while(|there| there.from < span.to);
        common.extend(touching.filter_map(|there| span.within(*there)));
    }
    common
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn spans(pairs: &[(i64, i64)]) -> Vec<Span> {
        joined(pairs.iter().map(|&(from, to)| Span { from: at(from), to: at(to) }).collect())
    }

    fn minutes(spans: &[Span]) -> Vec<i64> {
        (0..100).filter(|minute| spans.iter().any(|span| span.from <= at(*minute) && at(*minute) < span.to)).collect()
    }

    proptest! {
        #[test]
        fn sets_of_time_are_sets_of_minutes(
            one in prop::collection::vec((0i64..60, 0i64..30), 0..8),
            other in prop::collection::vec((0i64..60, 0i64..30), 0..8),
        ) {
            let set = |pairs: &[(i64, i64)]| spans(&pairs.iter().map(|&(at, long)| (at, at + long)).collect::<Vec<_>>());
            let (one, other) = (set(&one), set(&other));
            let (in_one, in_other) = (minutes(&one), minutes(&other));
            let (both, rest): (Vec<i64>, Vec<i64>) = in_one.iter().partition(|minute| in_other.contains(minute));
            prop_assert_eq!(minutes(&common(&one, &other)), both);
            prop_assert_eq!(minutes(&less(&one, &other)), rest);
        }
    }
}
