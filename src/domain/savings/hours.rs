//! Hours summed up.

use std::ops::AddAssign;

/// What was used and what was not, in hours. All but `running` are inference hours: units times hours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hours {
    /// How long it ran, whatever the units.
    pub running: f64,
    /// What it used.
    pub inference: f64,
    /// What it would have used by the baseline.
    pub baseline: f64,
    /// What the windows held, at the configured units.
    pub planned: f64,
    /// What it used outside of its windows.
    pub overrun: f64,
    /// What the windows held while it did not run, at the configured units.
    pub missed: f64,
    /// The time of which nothing is known, at the rate of the baseline. It is not counted as saved.
    pub unknown: f64,
    /// By how much `running`, `inference` and `saved` may be wrong at most: the length of a bucket, times its units, for each
    /// start and each stop.
    pub error: f64,
}

impl Hours {
    /// What was saved: the baseline less what was used and what is not known. Less than nothing, if more was used.
    #[must_use]
    pub fn saved(&self) -> f64 {
        self.baseline - self.inference - self.unknown
    }

    /// The share of the baseline that was saved, from 0 to 1; `None` without a baseline.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.baseline > 0.0).then(|| self.saved() / self.baseline)
    }

    /// The sum of many.
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum += *one;
        }
        sum
    }
}

impl AddAssign for Hours {
    fn add_assign(&mut self, other: Self) {
        self.running += other.running;
        self.inference += other.inference;
        self.baseline += other.baseline;
        self.planned += other.planned;
        self.overrun += other.overrun;
        self.missed += other.missed;
        self.unknown += other.unknown;
        self.error += other.error;
    }
}
