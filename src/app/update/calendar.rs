//! Skipping days in the calendar.

use crate::app::calendar::Calendar;
use crate::app::dialog::Dialog;
use crate::app::state::State;

impl State {
    /// Does something with the calendar on top.
    pub(super) fn with_calendar(&mut self, change: impl FnOnce(&mut Calendar)) {
        if let Some(Dialog::Calendar(calendar)) = self.dialogs.last_mut() {
            change(calendar);
        }
    }

    /// Gives the skipped days to the week that is being edited.
    pub(super) fn keep_skipped(&mut self) {
        let Some(Dialog::Calendar(calendar)) = self.dialogs.pop() else { return };
        self.skip_in_week(calendar.skipped);
    }

    fn skip_in_week(&mut self, _skipped: std::collections::BTreeSet<chrono::NaiveDate>) {}
}
