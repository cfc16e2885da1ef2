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

    /// Opens the calendar over the week that is being edited.
    pub(super) fn open_calendar(&mut self) {
        if let Some(calendar) = self.week_in_front().map(|editor| Calendar::new(&editor.draft, self)) {
            self.dialogs.push(Dialog::Calendar(Box::new(calendar)));
        }
    }

    /// Gives the skipped days to the week that is being edited.
    pub(super) fn keep_skipped(&mut self) {
        let Some(Dialog::Calendar(calendar)) = self.dialogs.pop() else { return };
        self.with_week(|editor, state| {
            (editor.said, editor.leaving) = (None, false);
            editor.change(state, |draft| draft.skipped = calendar.skipped);
        });
    }
}
