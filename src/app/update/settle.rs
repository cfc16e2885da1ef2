//! Keeping what is derived up to date: the picture from the fleet, the rows from both.

use std::time::Duration;

use crate::app::screen::Screen;
use crate::app::state::State;
use crate::domain::picture::Picture;

/// A fleet with more rows than this is large: its picture is not drawn anew with each piece of news.
const LARGE: usize = 400;

/// How often it is, while news come in, in real time. The rows themselves appear at once; what follows from them for a
/// thousand models takes many milliseconds, in which no key is answered.
const PAUSE: Duration = Duration::from_millis(1_500);

impl State {
    /// Brings the picture and the rows of the screen in front up to date.
    pub(in crate::app) fn settle(&mut self) {
        if self.stale.picture && !self.picture_waits() {
            self.picture = Picture::of(&self.fleet, &self.wishes, self.moment.now, self.zone);
            self.stale.picture = false;
            self.stale.rows = [true; Screen::ALL.len()];
            self.stale.not_before = self.moment.real + if self.is_large() { PAUSE } else { Duration::ZERO };
        }
        self.settle_rows(self.screen);
    }

    pub(in crate::app) fn settle_rows(&mut self, screen: Screen) {
        if let Some(stale) = self.stale.rows.get_mut(screen.index())
            && std::mem::take(stale)
        {
            self.arrange(screen);
        }
    }

    /// Whether the picture is out of date and will be drawn anew later.
    pub(super) fn picture_waits(&self) -> bool {
        self.stale.picture && self.refresh.running.is_some() && self.moment.real < self.stale.not_before
    }

    fn is_large(&self) -> bool {
        let fleet = &self.fleet;
        fleet.models.rows.len() + fleet.mappings.rows.len() + fleet.all_schedules().count() > LARGE
    }

    /// The rows of a screen have to be arranged anew.
    pub(super) fn rearrange(&mut self, screen: Screen) {
        if let Some(stale) = self.stale.rows.get_mut(screen.index()) {
            *stale = true;
        }
    }
}
