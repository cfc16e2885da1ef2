//! The passing of time, and when there is something to do next.

use std::time::Duration;

use chrono::{TimeDelta, Timelike};

use crate::app::age;
use crate::app::dialog::Dialog;
use crate::app::effect::Effect;
use crate::app::moment::Moment;
use crate::app::refresh::Reading;
use crate::app::state::{SPINNER, State};

/// However hurried the account's time is, what counts on screen is not drawn more often than this.
const LEAST: Duration = Duration::from_secs(1);

impl State {
    pub(super) fn tick(&mut self, moment: Moment, effects: &mut Vec<Effect>) {
        let before = (self.minute(), self.age_text(), self.spins().then(|| self.spinner()), self.notices.len());
        self.moment = moment;
        self.notices.retain(|notice| notice.until.is_none_or(|until| until > moment.real));
        if before.0 != self.minute() {
            self.stale.picture = true;
            // The next starts and stops are told from now on.
            self.stale.dialog |= self.week().is_some() || matches!(self.dialogs.last(), Some(Dialog::Expression(_)));
        }
        if let Some(reading) = self.refresh.due(moment.real) {
            match reading {
                Reading::Everything => self.refresh.due = None,
                Reading::Watch => self.refresh.watch_due = None,
            }
            self.ask(reading, effects);
            self.plan();
        }
        self.ask_meter(effects);
        let after = (self.minute(), self.age_text(), self.spins().then(|| self.spinner()), self.notices.len());
        self.redraw |= before != after || !effects.is_empty();
    }

    fn minute(&self) -> i64 {
        self.moment.now.timestamp().div_euclid(60)
    }

    /// Plans the next readings.
    pub(super) fn plan(&mut self) {
        let moving = self.fleet.models.rows.values().any(|model| model.status.in_transition())
            || self.fleet.mappings.rows.values().any(|mapping| mapping.state.in_transition());
        self.refresh.plan(self.moment.real, self.moment.speed, moving);
    }

    /// When the next tick is needed, as real time since the start; `None`: not before something happens.
    #[must_use]
    pub fn wake(&self) -> Option<Duration> {
        let real = self.moment.real;
        let spin = self.spins().then(|| {
            let steps = u32::try_from(real.as_millis() / SPINNER.as_millis()).unwrap_or(u32::MAX - 1);
            SPINNER * (steps + 1)
        });
        let notices = self.notices.iter().filter_map(|notice| notice.until).min();
        [self.refresh.next(), spin, notices, self.picture_due(), self.counting(), self.meter_due()]
            .into_iter()
            .flatten()
            .min()
    }

    /// When what counts on screen (the age, the minute) says something else.
    fn counting(&self) -> Option<Duration> {
        let speed = self.moment.speed;
        if speed <= 0.0 {
            return None;
        }
        let into = i64::from(self.moment.now.second()) * 1_000 + i64::from(self.moment.now.timestamp_subsec_millis());
        let minute = TimeDelta::milliseconds(60_000 - into.min(59_999));
        let next = self.age().map_or(minute, |age| minute.min(age::until_change(age)));
        let wait = next.to_std().unwrap_or_default().div_f64(speed);
        // A little later than exact: a tick that comes too early would be followed by another.
        Some(self.moment.real + wait.max(if speed > 1.0 { LEAST } else { Duration::ZERO }) + Duration::from_millis(2))
    }
}
