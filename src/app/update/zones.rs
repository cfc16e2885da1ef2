//! Choosing a zone, for an expression or for a week.

use chrono_tz::Tz;
use tui_input::Input;

use crate::app::dialog::Dialog;
use crate::app::state::State;
use crate::app::week::WeekEditor;
use crate::app::zones::{Purpose, Zones};

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
    /// Offers all zones: for the week that is being edited, or for the expression.
    pub(super) fn pick_zone(&mut self, for_week: bool) {
        if !for_week {
            return self.pick_zone_of_wording();
        }
        if let Some(current) = self.week_in_front().map(|editor| editor.draft.zone) {
            let zones = Zones::new(Purpose::Week, Some(current), "", self);
            self.dialogs.push(Dialog::Zones(Box::new(zones)));
        }
    }

    /// The week editor, if nothing lies over it and nothing is asked within it.
    pub(super) fn week_in_front(&self) -> Option<&WeekEditor> {
        self.week().filter(|_| self.wants_mouse())
    }

    /// Moves the week that is being edited to another zone.
    fn move_week(&mut self, zone: Tz, instants: bool) {
        self.with_week(|editor, state| {
            let from = editor.draft.zone;
            (editor.said, editor.leaving) = (None, false);
            editor.change(state, |draft| draft.move_to(zone, instants, state.now()));
            if zone != from {
                let kept = if instants { "starts and stops stay when they are" } else { "the times of day stay" };
                editor.said = Some(format!("{from} became {zone}: {kept}."));
            }
        });
    }

    /// What was asked for has begun: the dialog in which an expression was put together closes. A week's does so itself.
    pub(super) fn leave_editors(&mut self) {
        if matches!(self.dialogs.last(), Some(Dialog::Expression(_))) {
            self.dialogs.pop();
        }
    }
}
