//! Choosing a zone, for an expression or for a week.

use chrono_tz::Tz;
use tui_input::Input;

use crate::app::dialog::Dialog;
use crate::app::state::State;
use crate::app::zones::Purpose;

impl State {
    /// Takes the selected zone. `instants`: a week's starts and stops stay at the instants at which they are now.
    pub(super) fn take_zone(&mut self, instants: bool) {
        let Some(Dialog::Zones(zones)) = self.dialogs.last() else { return };
        let (purpose, chosen) = (zones.purpose, zones.chosen());
        let Some(zone) = chosen else { return };
        self.dialogs.pop();
        match purpose {
            Purpose::Expression => self.with_wording(|wording, state| {
                wording.zone = Input::new(zone.name().into());
                wording.in_zone = false;
                wording.said = None;
                wording.judge(state);
            }),
            Purpose::Week => self.move_week(zone, instants),
        }
    }
}

impl State {
    /// Moves the week that is being edited to another zone.
    fn move_week(&mut self, _zone: Tz, _instants: bool) {}

    /// What was asked for has begun: the dialogs in which it was put together close.
    pub(super) fn leave_editors(&mut self) {
        if matches!(self.dialogs.last(), Some(Dialog::Expression(_))) {
            self.dialogs.pop();
        }
    }
}
