//! Typing the expression of a schedule or rule, up to the dialog that shows what would change.

use tui_input::InputRequest;

use super::commands::type_in;
use crate::app::act::{Kind, Target};
use crate::app::dialog::Dialog;
use crate::app::key::Key;
use crate::app::state::State;
use crate::app::wording::Wording;
use crate::app::zones::{Purpose, Zones};

impl State {
    /// Opens the expression of the schedule in question; asks first which one if there are several.
    pub(super) fn ask_for_wording(&mut self) {
        let key = self.subject();
        let all = self.schedules_meant(key.as_slice());
        match all.as_slice() {
            [] => self.say("No schedule and no rule belongs to it whose expression could be edited."),
            [one] => self.open_wording(one),
            _ => {
                let targets = all.into_iter().map(Key::Schedule).collect();
                self.dialogs.push(Dialog::Which { targets, selected: 0 });
            }
        }
    }

    /// The one that was chosen of several.
    pub(super) fn take_which(&mut self) {
        let Some(Dialog::Which { targets, selected }) = self.dialogs.pop() else { return };
        if let Some(Key::Schedule(arn)) = targets.get(selected) {
            self.open_wording(arn);
        }
    }

    fn open_wording(&mut self, arn: &str) {
        match self.fleet.schedule(arn) {
            Some(schedule) if schedule.expression.is_some() => {
                let wording = Wording::new(schedule, self.moment.now);
                self.dialogs.push(Dialog::Expression(Box::new(wording)));
            }
            Some(schedule) => {
                let path = schedule.path();
                self.say(format!("The expression of {path} has not been read; r reads again."));
            }
            None => {}
        }
    }

    /// Does something with the dialog on top, which may look at everything else.
    pub(super) fn with_wording(&mut self, change: impl FnOnce(&mut Wording, &Self)) {
        match self.dialogs.pop() {
            Some(Dialog::Expression(mut wording)) => {
                change(&mut wording, self);
                self.dialogs.push(Dialog::Expression(wording));
            }
            other => self.dialogs.extend(other),
        }
    }

    pub(super) fn edit_wording(&mut self, request: InputRequest) {
        self.with_wording(|wording, state| {
            type_in(if wording.in_zone { &mut wording.zone } else { &mut wording.expression }, request);
            wording.said = None;
            wording.judge(state);
        });
    }

    /// Enter: in a zone that was not typed whole it offers the list, elsewhere it shows what would change.
    pub(super) fn accept_wording(&mut self) {
        let Some(Dialog::Expression(wording)) = self.dialogs.last() else { return };
        if wording.in_zone && !matches!(wording.verdict.zone, Ok(Some(_))) {
            return self.pick_zone_of_wording();
        }
        let arn = wording.schedule.clone();
        let refused = match (&wording.verdict.editing, self.fleet.schedule(&arn)) {
            (_, None) => Some("It is not there any more."),
            (None, _) => Some("Nothing can be saved as it stands; the reason is above."),
            (Some(editing), Some(schedule)) if editing.says(schedule) => Some("It says that already."),
            (Some(_), Some(_)) => None,
        };
        match (refused, wording.verdict.editing.clone()) {
            (None, Some(editing)) => self.open(Kind::Edit(editing), vec![Target::Schedule(arn)]),
            (refused, _) => self.with_wording(|wording, _| wording.said = refused.map(str::to_owned)),
        }
    }

    /// Offers all zones; a text that is none is what is looked for.
    pub(super) fn pick_zone_of_wording(&mut self) {
        let Some(Dialog::Expression(wording)) = self.dialogs.last() else { return };
        if wording.rule {
            return self.with_wording(|wording, _| {
                wording.said =
                    Some("A rule knows UTC alone. Move it to a schedule first; then its zone can be chosen.".into());
            });
        }
        let typed = wording.zone.value().trim();
        // What the schedule says already is nothing that was looked for, even where it is no zone.
        let typed = if wording.verdict.zone.is_err() { typed } else { "" };
        let current = wording.zone.value().trim().parse().ok();
        let zones = Zones::new(Purpose::Expression, current, typed, self);
        self.dialogs.push(Dialog::Zones(Box::new(zones)));
    }
}

impl Wording {
    /// Goes to the other field; a rule has one only.
    pub(super) fn step(&mut self) {
        self.in_zone = !self.in_zone && !self.rule;
    }
}
