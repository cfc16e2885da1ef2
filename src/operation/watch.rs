//! What is done about calls that go wrong: which are tried again, after how long, and when it is enough.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use chrono::TimeDelta;

use crate::domain::trouble::{Trouble, TroubleKind};

/// How long troubles that pass by themselves are waited out, before the operation is left to be resumed.
pub(super) const PATIENCE: TimeDelta = TimeDelta::minutes(15);

/// The same for what an emergency can do without.
pub(super) const LITTLE_PATIENCE: TimeDelta = TimeDelta::seconds(45);

/// What a trouble means to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// It passes by itself: look again after a while.
    Again,
    /// Nothing can be done before the operator has done something: leave it, to be resumed.
    Rest,
    /// The step cannot be done.
    Fail,
}

impl Means {
    /// What a trouble means.
    #[must_use]
    pub fn of(trouble: &Trouble) -> Self {
        match &trouble.kind {
            TroubleKind::Throttled
            | TroubleKind::Conflict
            | TroubleKind::ServiceFault
            | TroubleKind::Garbled
            | TroubleKind::TimedOut(_)
            | TroubleKind::Unreachable(_) => Self::Again,
            _ if trouble.is_about_access() => Self::Rest,
            _ => Self::Fail,
        }
    }
}

/// How long to wait before the `n`th look after a trouble (from 1): doubled each time up to a minute, and between half of
/// that and all of it by chance, so that several programs do not come back at once.
pub(super) fn pause(n: u32) -> TimeDelta {
    let full = TimeDelta::seconds(2i64.saturating_pow(n.min(6))).min(TimeDelta::seconds(60));
    let half = full / 2;
    half + half * chance(100) / 100
}

/// A number below `bound`, by chance.
pub(super) fn chance(bound: i32) -> i32 {
    // The standard library seeds each of these anew; that is all the chance that jitter and names need.
    let number = RandomState::new().build_hasher().finish();
    i32::try_from(number % u64::from(bound.unsigned_abs().max(1))).unwrap_or(0)
}

/// A few letters by chance.
pub(super) fn letters(count: usize) -> String {
    (0..count).filter_map(|_| char::from_digit(u32::try_from(chance(36)).unwrap_or(0), 36)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_are_never_alike_by_rule() {
        for n in 1..20 {
            let pause = pause(n);
            assert!(pause >= TimeDelta::seconds(1) && pause <= TimeDelta::seconds(60), "{n}: {pause}");
        }
        assert!((0..50).map(|_| pause(6)).collect::<std::collections::HashSet<_>>().len() > 1);
    }

    #[test]
    fn what_passes_by_itself_is_waited_for_and_what_needs_the_operator_rests() {
        let means = |kind| Means::of(&Trouble::new(kind, "x"));
        assert_eq!(means(TroubleKind::Throttled), Means::Again);
        assert_eq!(means(TroubleKind::Expired), Means::Rest);
        assert_eq!(means(TroubleKind::Denied("x".into())), Means::Fail);
        assert_eq!(means(TroubleKind::LimitExceeded), Means::Fail);
    }
}
