//! Keeping what is derived up to date: the picture from the fleet, the rows from both.

use std::time::Duration;

use crate::app::effect::Effect;
use crate::app::screen::Screen;
use crate::app::state::State;
use crate::domain::picture::Picture;

/// A fleet with more rows than this is large: what follows from it takes many milliseconds to work out, in which no key
/// would be answered. So that is done elsewhere; the rows themselves appear at once.
const LARGE: usize = 400;

/// How long to wait between two pictures of a large fleet, in real time.
const PAUSE: Duration = Duration::from_millis(500);

/// How long to wait after one could not be drawn.
const LONG_PAUSE: Duration = Duration::from_secs(60);

impl State {
    /// Brings the picture (of a small fleet) and the rows of the screen in front up to date.
    pub(in crate::app) fn settle(&mut self) {
        if self.stale.picture && !self.is_large() {
            self.draw_picture();
        }
        self.settle_rows(self.screen);
    }

    /// Draws the picture here and now.
    pub(in crate::app) fn draw_picture(&mut self) {
        self.stale.picture = false;
        self.forget_asked();
        self.hang(Picture::of(&self.fleet, &self.wishes, self.moment.now, self.zone));
    }

    /// Asks for the picture of a large fleet, if it is out of date and none is being drawn.
    pub(super) fn ask_for_picture(&mut self) -> Option<Effect> {
        let due = self.stale.picture && !self.stale.drawing && self.moment.real >= self.stale.not_before;
        due.then(|| {
            self.stale.picture = false;
            self.stale.drawing = true;
            self.stale.number += 1;
            Effect::Picture(self.stale.number)
        })
    }

    pub(super) fn pictured(&mut self, number: u32, picture: Picture) {
        if self.stale.drawing && number == self.stale.number {
            self.stale.drawing = false;
            self.stale.not_before = self.moment.real + PAUSE;
            self.stale.dialog = true;
            self.hang(picture);
        }
    }

    pub(super) fn picture_lost(&mut self) {
        self.forget_asked();
        self.stale.picture = true;
        self.stale.not_before = self.moment.real + LONG_PAUSE;
    }

    /// The fleet is another one: nothing that followed from the former holds.
    pub(super) fn forget_picture(&mut self) {
        self.forget_asked();
        self.stale.picture = true;
        self.ledger.forget();
        self.hang(Picture::default());
    }

    /// All workers are let go: one that was to draw may never have begun.
    pub(super) fn ask_again_for_picture(&mut self) {
        if self.stale.drawing {
            self.forget_asked();
            self.stale.picture = true;
        }
    }

    fn forget_asked(&mut self) {
        self.stale.drawing = false;
        self.stale.number += 1;
    }

    fn hang(&mut self, picture: Picture) {
        self.picture = picture.into();
        if let Some(reckoned) = &self.ledger.reckoned {
            self.picture.add_findings(reckoned.findings.clone());
        }
        self.stale.rows = [true; Screen::ALL.len()];
        self.no_longer_lacks();
    }

    pub(in crate::app) fn settle_rows(&mut self, screen: Screen) {
        if let Some(stale) = self.stale.rows.get_mut(screen.index())
            && std::mem::take(stale)
        {
            self.arrange(screen);
        }
    }

    /// When the picture of a large fleet can be asked for again, if that is what it waits for.
    pub(super) fn picture_due(&self) -> Option<Duration> {
        (self.stale.picture && !self.stale.drawing).then_some(self.stale.not_before)
    }

    fn is_large(&self) -> bool {
        Screen::ALL
            .into_iter()
            .filter(|screen| !matches!(screen, Screen::Savings | Screen::Findings | Screen::Journal))
            .map(|screen| self.count(screen))
            .sum::<usize>()
            > LARGE
    }

    /// The rows of a screen have to be arranged anew.
    pub(super) fn rearrange(&mut self, screen: Screen) {
        if let Some(stale) = self.stale.rows.get_mut(screen.index()) {
            *stale = true;
        }
    }
}
