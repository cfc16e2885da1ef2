//! When the fleet is read: one reading at a time, one more may wait.

use std::time::Duration;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// Only what is on its way from one state to another.
    Watch,
    /// Everything.
    Everything,
}

/// How long to wait between two looks at what is on its way, in real time.
const WATCH: Duration = Duration::from_secs(5);

/// The same in a simulated account whose time is hurried: nobody pays for its calls.
const HURRIED_WATCH: Duration = Duration::from_secs(2);

/// A start takes up to half an hour. What has been on its way for longer is looked at less closely.
const PATIENT_AFTER: Duration = Duration::from_secs(40 * 60);

/// How long to wait then.
const PATIENT_WATCH: Duration = Duration::from_secs(30);

/// No hurried account is read as a whole more often than this.
const HURRIED_LEAST: Duration = Duration::from_secs(5);

/// The plan of readings. Durations are real time; instants are real time since the start.
#[derive(Clone, Debug, Default)]
pub struct Refresh {
    /// How long to wait between two readings of everything; `None`: only when asked.
    pub interval: Option<Duration>,
    /// When everything is due again.
    pub due: Option<Duration>,
    /// When what is on its way is due again.
    pub watch_due: Option<Duration>,
    /// What is being read.
    pub running: Option<Reading>,
    waiting: Option<Reading>,
    watching_since: Option<Duration>,
}

impl Refresh {
    /// A reading every `interval`.
    #[must_use]
    pub fn every(interval: Option<Duration>) -> Self {
        Self { interval, ..Self::default() }
    }

    /// Asks for a reading. It begins at once if none is running; else it waits, and the larger of two that wait stays.
    pub(super) fn ask(&mut self, reading: Reading) -> Option<Reading> {
        if self.running.is_some() {
            self.waiting = self.waiting.max(Some(reading));
            return None;
        }
        self.running = Some(reading);
        if reading == Reading::Everything {
            self.due = None;
        }
        self.watch_due = None;
        Some(reading)
    }

    /// A reading has ended: the one that waited begins.
    pub(super) fn ended(&mut self) -> Option<Reading> {
        self.running = None;
        self.waiting.take().and_then(|reading| self.ask(reading))
    }

    /// Nothing runs any more, and nothing waits.
    pub(super) fn forget(&mut self) {
        *self = Self::every(self.interval);
    }

    /// Plans the next readings from `real` on, in an account whose time runs `speed` times as fast as the world.
    pub(super) fn plan(&mut self, real: Duration, speed: f64, moving: bool) {
        if self.running.is_some() {
            return;
        }
        if self.due.is_none() {
            self.due = self.interval.map(|interval| real + hurried(interval, speed));
        }
        if !moving {
            self.watching_since = None;
            self.watch_due = None;
            return;
        }
        let since = *self.watching_since.get_or_insert(real);
        let wait = match () {
            () if speed > 1.0 => HURRIED_WATCH,
            () if real.saturating_sub(since) > PATIENT_AFTER => PATIENT_WATCH,
            () => WATCH,
        };
        self.watch_due = Some(self.watch_due.unwrap_or(real + wait));
    }

    /// What is due at `real`, the larger first.
    pub(super) fn due(&self, real: Duration) -> Option<Reading> {
        if self.running.is_some() {
            return None;
        }
        let passed = |due: Option<Duration>| due.is_some_and(|due| due <= real);
        match (passed(self.due), passed(self.watch_due)) {
            (true, _) => Some(Reading::Everything),
            (false, true) => Some(Reading::Watch),
            (false, false) => None,
        }
    }

    /// When it next has something to do.
    pub(super) fn next(&self) -> Option<Duration> {
        if self.running.is_some() { None } else { self.due.into_iter().chain(self.watch_due).min() }
    }
}

fn hurried(interval: Duration, speed: f64) -> Duration {
    if speed > 1.0 { interval.div_f64(speed).max(HURRIED_LEAST.min(interval)) } else { interval }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_runs_and_the_larger_of_those_that_wait_comes_next() {
        let mut refresh = Refresh::every(Some(60 * SECOND));
        assert_eq!(refresh.ask(Reading::Watch), Some(Reading::Watch));
        assert_eq!(refresh.ask(Reading::Everything), None);
        assert_eq!(refresh.ask(Reading::Watch), None);
        assert_eq!(refresh.ended(), Some(Reading::Everything));
        assert_eq!(refresh.ended(), None);
        assert_eq!(refresh.running, None);
    }

    #[test]
    fn what_moves_is_watched_closely_and_what_rests_is_not() {
        let mut refresh = Refresh::every(Some(60 * SECOND));
        refresh.plan(10 * SECOND, 1.0, true);
        assert_eq!(refresh.due(14 * SECOND), None);
        assert_eq!(refresh.due(15 * SECOND), Some(Reading::Watch));
        assert_eq!(refresh.due(70 * SECOND), Some(Reading::Everything));
        refresh.plan(20 * SECOND, 1.0, false);
        assert_eq!(refresh.due(69 * SECOND), None);
    }

    #[test]
    fn a_watch_does_not_put_off_the_whole() {
        let mut refresh = Refresh::every(Some(60 * SECOND));
        let mut real = Duration::ZERO;
        refresh.plan(real, 1.0, true);
        while let Some(Reading::Watch) = refresh.next().and_then(|next| refresh.due(next)) {
            real = refresh.next().unwrap();
            refresh.ask(Reading::Watch);
            refresh.ended();
            refresh.plan(real, 1.0, true);
        }
        assert_eq!(refresh.next(), Some(60 * SECOND));
    }

    #[test]
    fn what_never_settles_is_watched_less_closely_in_time() {
        let mut refresh = Refresh::every(None);
        refresh.plan(Duration::ZERO, 1.0, true);
        refresh.ask(Reading::Watch);
        refresh.ended();
        refresh.plan(3_000 * SECOND, 1.0, true);
        assert_eq!(refresh.next(), Some(3_030 * SECOND));
    }

    #[test]
    fn a_hurried_account_is_read_more_often() {
        let mut refresh = Refresh::every(Some(60 * SECOND));
        refresh.plan(Duration::ZERO, 60.0, false);
        assert_eq!(refresh.next(), Some(5 * SECOND));
    }
}
