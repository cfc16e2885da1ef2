//! The one place that asks what time it is.
//!
//! A [`Clock`] is handed to whatever needs the time, so that a test can hold it, the demo can hurry it, and a simulated
//! account on another port can lend its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// A shared clock: real, held, or running faster than the world.
///
/// Clones show the same time. All times are UTC.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<Pace>>);

#[derive(Clone, Copy, Debug)]
enum Pace {
    Real,
    Held(DateTime<Utc>),
    Fast { since: Instant, start: DateTime<Utc>, speed: f64 },
}

impl Clock {
    /// The workstation's own clock.
    #[must_use]
    pub fn real() -> Self {
        Self::with(Pace::Real)
    }

    /// A clock that stands at `at` until it is moved.
    #[must_use]
    pub fn held(at: DateTime<Utc>) -> Self {
        Self::with(Pace::Held(at))
    }

    /// A clock that shows `start` now and runs `speed` times as fast as the world.
    #[must_use]
    pub fn fast(start: DateTime<Utc>, speed: f64) -> Self {
        Self::with(Pace::Fast { since: Instant::now(), start, speed })
    }

    fn with(pace: Pace) -> Self {
        Self(Arc::new(Mutex::new(pace)))
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // A poisoned lock still holds a whole `Pace`: it is copied in and out, never changed in place.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time that this clock shows.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match *self.pace() {
            Pace::Real => Utc::now(),
            Pace::Held(at) => at,
            Pace::Fast { since, start, speed } => start + scaled(since.elapsed(), speed),
        }
    }

    /// How many times faster than the world this clock runs: 1 for the real one, 0 while it is held.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match *self.pace() {
            Pace::Real => 1.0,
            Pace::Held(_) => 0.0,
            Pace::Fast { speed, .. } => speed,
        }
    }

    /// For how long, in real time, a clock of its own speed has been running. `None` for the real and for a held one.
    #[must_use]
    pub fn running(&self) -> Option<Duration> {
        match *self.pace() {
            Pace::Fast { since, .. } => Some(since.elapsed()),
            Pace::Real | Pace::Held(_) => None,
        }
    }

    /// Whether this clock shows something else than the workstation's time.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        !matches!(*self.pace(), Pace::Real)
    }

    /// Moves a held clock forward by `by`, and lets one of a speed of its own leap so far. The real one is left alone.
    pub fn step(&self, by: TimeDelta) {
        let mut pace = self.pace();
        *pace = match *pace {
            Pace::Real => Pace::Real,
            Pace::Held(at) => Pace::Held(at + by),
            Pace::Fast { since, start, speed } => Pace::Fast { since, start: start + by, speed },
        };
    }

    /// Takes on the time of a simulated account: `at` now, running `speed` times as fast as the world.
    ///
    /// A difference of less than what one second is worth at that speed is not a reason to jump, so that the time on
    /// screen does not shiver with each answer's way through the network.
    pub fn adopt(&self, at: DateTime<Utc>, speed: f64) {
        if matches!(*self.pace(), Pace::Held(_)) {
            // Whoever holds it moves it; an answer that was on its way meanwhile would turn it back.
            return;
        }
        let slack = scaled(Duration::from_secs(1), speed.max(1.0));
        let same = self.is_simulated() && (self.speed() - speed).abs() < 1e-9 && (self.now() - at).abs() <= slack;
        if !same {
            *self.pace() = Pace::Fast { since: Instant::now(), start: at, speed };
        }
    }

    /// The real time that passes while this clock moves by `span`: how long to sleep until then.
    ///
    /// For a held clock the answer is `span` itself, unscaled.
    #[must_use]
    pub fn real_duration(&self, span: TimeDelta) -> Duration {
        let span = span.to_std().unwrap_or_default();
        let speed = self.speed();
        if speed > 0.0 { span.div_f64(speed) } else { span }
    }
}

fn scaled(real: Duration, speed: f64) -> TimeDelta {
    TimeDelta::from_std(real.mul_f64(speed.max(0.0))).unwrap_or(TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_176_000, 0).unwrap_or_default()
    }

    #[test]
    fn a_held_clock_moves_only_when_it_is_stepped() {
        let clock = Clock::held(noon());
        assert_eq!(clock.now(), noon());
        clock.clone().step(TimeDelta::minutes(5));
        assert_eq!(clock.now(), noon() + TimeDelta::minutes(5));
    }

    #[test]
    fn a_fast_clock_leaps_and_runs_on() {
        let clock = Clock::fast(noon(), 60.0);
        clock.step(TimeDelta::hours(2));
        assert!(clock.now() >= noon() + TimeDelta::hours(2));
        assert!((clock.speed() - 60.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_clock_adopts_the_time_of_a_simulated_account_once() {
        let clock = Clock::real();
        clock.adopt(noon(), 60.0);
        assert!(clock.is_simulated());
        assert!(clock.now() - noon() < TimeDelta::minutes(1));
        let before = format!("{clock:?}");
        clock.adopt(clock.now() - TimeDelta::seconds(20), 60.0);
        assert_eq!(format!("{clock:?}"), before, "a small difference is not a reason to jump");
    }

    #[test]
    fn real_durations_shrink_with_speed() {
        let clock = Clock::fast(noon(), 60.0);
        assert_eq!(clock.real_duration(TimeDelta::minutes(1)), Duration::from_secs(1));
    }
}
