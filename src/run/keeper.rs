//! Keeping the fleet, on a thread of its own: writing to a disk must not hold up a key.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc as answers;

use super::workers::Answer;
use crate::domain::fleet::Fleet;

/// Keeps a fleet as the last known one. An error says what could not be done and what to do about it.
pub type Keep = Box<dyn FnMut(&Fleet) -> Result<(), String> + Send>;

/// The thread that keeps fleets.
pub(super) struct Keeper {
    fleets: mpsc::Sender<Box<Fleet>>,
    done: mpsc::Receiver<()>,
}

impl Keeper {
    pub(super) fn start(mut keep: Keep, answers: answers::Sender<Answer>) -> io::Result<Self> {
        let (fleets, waiting) = mpsc::channel::<Box<Fleet>>();
        let (ends, done) = mpsc::channel::<()>();
        thread::Builder::new().name("keeper".into()).spawn(move || {
            let _ends = ends;
            while let Ok(fleet) = waiting.recv() {
                // Only the newest is worth keeping.
                let newest = waiting.try_iter().last().unwrap_or(fleet);
                if let Err(why) = keep(&newest) {
                    // A loop that is about to end no longer listens.
                    let _ = answers.try_send(Answer::NotSaved(why));
                }
            }
        })?;
        Ok(Self { fleets, done })
    }

    pub(super) fn keep(&self, fleet: Fleet) {
        // A keeper that has died leaves nothing to be done: the fleet is read anew next time.
        let _ = self.fleets.send(Box::new(fleet));
    }

    /// Waits until everything is kept, but no longer than `patience`. Returns whether it is.
    pub(super) fn finish(self, patience: Duration) -> bool {
        drop(self.fleets);
        self.done.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn fleet(region: &str) -> Fleet {
        Fleet { region: Some(region.into()), ..Fleet::default() }
    }

    #[test]
    fn what_was_last_is_kept_before_the_end() {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let seen = kept.clone();
        let keep: Keep = Box::new(move |fleet| {
            seen.lock().unwrap().push(fleet.region.clone().unwrap());
            Ok(())
        });
        let (sender, _answers) = answers::channel(4);
        let keeper = Keeper::start(keep, sender).unwrap();
        for region in ["a", "b", "c"] {
            keeper.keep(fleet(region));
        }
        assert!(keeper.finish(Duration::from_secs(20)));
        assert_eq!(kept.lock().unwrap().last().map(String::as_str), Some("c"));
    }

    #[test]
    fn a_keeper_that_hangs_does_not_hold_the_end() {
        let (hold, held) = mpsc::channel::<()>();
        let keep: Keep = Box::new(move |_| {
            let _ = held.recv();
            Ok(())
        });
        let (sender, _answers) = answers::channel(4);
        let keeper = Keeper::start(keep, sender).unwrap();
        keeper.keep(fleet("a"));
        assert!(!keeper.finish(Duration::from_millis(1)));
        drop(hold);
    }

    #[test]
    fn a_fleet_that_cannot_be_kept_is_told() {
        let keep: Keep = Box::new(|_| Err("The disk is full.".into()));
        let (sender, mut answers) = answers::channel(4);
        let keeper = Keeper::start(keep, sender).unwrap();
        keeper.keep(fleet("a"));
        assert!(keeper.finish(Duration::from_secs(20)));
        assert!(matches!(answers.try_recv(), Ok(Answer::NotSaved(why)) if why == "The disk is full."));
    }
}
