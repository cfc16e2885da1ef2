//! One part of the fleet being read: what was seen, what went wrong, and when to give up.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};

use super::Task;
use crate::domain::fleet::{News, PartName};
use crate::domain::trouble::{Trouble, TroubleKind};

/// How many calls of a part may find nobody at the other end before the rest is not tried any more.
const PATIENCE: usize = 3;

/// Stops a part's remaining calls once they are in vain.
#[derive(Debug, Default)]
pub(super) struct Brake(AtomicUsize);

impl Brake {
    /// Takes note of a failed call.
    pub(super) fn note(&self, trouble: &Trouble) {
        let weight = match trouble.kind {
            _ if trouble.is_about_access() => PATIENCE,
            TroubleKind::Unreachable(_) | TroubleKind::TimedOut(_) => 1,
            _ => 0,
        };
        self.0.fetch_add(weight, Ordering::Relaxed);
    }

    /// Whether there is no use in going on.
    pub(super) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= PATIENCE
    }
}

/// What became of one row.
pub(super) enum Row<T> {
    /// It was read, or is known to be unchanged.
    Read(T),
    /// It is there, but could not be read: the rows that stand in for it, and why. No reason: it was not tried.
    Failed(Vec<T>, Option<Trouble>),
    /// It is gone.
    Gone,
    /// The list that it stands in broke off.
    ListFailed(Trouble),
}

/// What a part has come to so far.
#[derive(Debug)]
pub(super) struct Tally<T> {
    part: PartName,
    /// The rows, read or kept.
    pub(super) rows: Vec<T>,
    single: Vec<Trouble>,
    whole: Option<Trouble>,
    good: usize,
    skipped: usize,
}

impl<T: Clone> Tally<T> {
    /// Begins with nothing.
    pub(super) fn new(part: PartName) -> Self {
        Self { part, rows: Vec::new(), single: Vec::new(), whole: None, good: 0, skipped: 0 }
    }

    /// Takes in what became of a row, and gives back what there is to tell.
    pub(super) fn take(&mut self, row: Row<T>) -> Option<T> {
        match row {
            Row::Read(row) => {
                self.good += 1;
                self.rows.push(row.clone());
                return Some(row);
            }
            Row::Failed(kept, trouble) => {
                self.rows.extend(kept);
                match trouble {
                    Some(trouble) => self.single.push(trouble),
                    None => self.skipped += 1,
                }
            }
            Row::Gone => self.good += 1,
            Row::ListFailed(trouble) => self.whole = Some(trouble),
        }
        None
    }

    /// Many rows at once that were read.
    pub(super) fn take_all(&mut self, rows: &[T]) {
        self.good += 1;
        self.rows.extend_from_slice(rows);
    }

    /// The part as a whole has failed.
    pub(super) fn fail(&mut self, trouble: Trouble) {
        self.whole = Some(trouble);
    }

    /// Whether the part as a whole has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.whole.is_some()
    }

    /// Ends the part. `at` is the age of its rows.
    pub(super) async fn finish(self, task: &Task<'_>, key: impl Fn(&T) -> &str, at: DateTime<Utc>) -> Vec<T> {
        let seen = self.rows.iter().map(|row| key(row).to_owned()).collect();
        let troubles = verdict(self.whole, self.single, self.good, self.skipped);
        task.tell(News::Done { part: self.part, seen, troubles, at }).await;
        self.rows
    }
}

/// One trouble for all if everything failed alike or was given up; otherwise one for each row.
fn verdict(whole: Option<Trouble>, single: Vec<Trouble>, good: usize, skipped: usize) -> Vec<Trouble> {
    if let Some(whole) = whole {
        return vec![whole];
    }
    let Some(last) = single.last() else { return Vec::new() };
    let alike = last.kind != TroubleKind::NotFound && single.iter().all(|trouble| trouble.kind == last.kind);
    if skipped > 0 || (good == 0 && alike) {
        let worst = single.iter().find(|trouble| trouble.is_about_access()).unwrap_or(last);
        return vec![Trouble { subject: None, ..worst.clone() }];
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(subject: &str, kind: TroubleKind) -> Trouble {
        Trouble { subject: Some(subject.into()), ..Trouble::new(kind, "x:Get") }
    }

    fn denied(subject: &str) -> Trouble {
        about(subject, TroubleKind::Denied("x:Get".into()))
    }

    #[test]
    fn single_rows_speak_for_themselves() {
        let troubles = verdict(None, vec![denied("a"), denied("b")], 3, 0);
        assert_eq!(troubles, [denied("a"), denied("b")]);
    }

    #[test]
    fn what_fails_for_all_is_said_once() {
        let troubles = verdict(None, vec![denied("a"), denied("b")], 0, 0);
        assert_eq!(troubles.len(), 1);
        assert_eq!(troubles[0].subject, None);
    }

    #[test]
    fn what_does_not_exist_is_always_named() {
        let troubles = verdict(None, vec![about("a", TroubleKind::NotFound)], 0, 0);
        assert_eq!(troubles[0].subject.as_deref(), Some("a"));
    }

    #[test]
    fn giving_up_is_said_once_with_the_reason_that_counts() {
        let single = vec![about("a", TroubleKind::Expired), about("b", TroubleKind::TimedOut(10))];
        let troubles = verdict(None, single, 5, 7);
        assert_eq!(troubles.len(), 1);
        assert_eq!((&troubles[0].kind, &troubles[0].subject), (&TroubleKind::Expired, &None));
    }

    #[test]
    fn the_brake_comes_on_at_once_without_access_and_after_three_dead_calls() {
        let brake = Brake::default();
        brake.note(&denied("a"));
        brake.note(&about("a", TroubleKind::TimedOut(10)));
        brake.note(&about("a", TroubleKind::Unreachable(String::new())));
        assert!(!brake.is_on());
        brake.note(&about("a", TroubleKind::TimedOut(10)));
        assert!(brake.is_on());
        let brake = Brake::default();
        brake.note(&about("a", TroubleKind::Expired));
        assert!(brake.is_on());
    }
}
