//! Commands that may change something: each opens a dialog, or says why nothing happens.

use tui_input::InputRequest;

use crate::app::act::{Act, Kind, Target};
use crate::app::act::{Confirmed, Field, drains};
use crate::app::command::Command;
use crate::app::dialog::Dialog;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::screen::Screen;
use crate::app::state::State;
use crate::app::week::WeekEditor;
use crate::app::wording::Wording;
use crate::domain::operation::Operation;
use crate::domain::schedule::Kind as ScheduleKind;

impl State {
    /// Asks before a change.
    pub(super) fn act(&mut self, command: Command, effects: &mut Vec<Effect>) {
        if self.read_only {
            return self.say("Nothing happens: rekotui was started read-only.");
        }
        // One question at a time.
        if self.is_asked() {
            return;
        }
        match command {
            Command::Start => self.ask_for_models(Kind::Start),
            Command::EmergencyStart => self.ask_for_models(Kind::EmergencyStart),
            Command::Stop => self.ask_for_models(Kind::Stop),
            Command::Pause => self.ask_for_schedules(),
            Command::Expression => self.ask_for_wording(),
            Command::Migrate => self.ask_for_rules(),
            Command::Undo => match self.undo_meant() {
                Some(id) => self.open(Kind::Undo(id.clone()), vec![Target::Operation(id)]),
                None => self.say("The journal has nothing about it that could be undone."),
            },
            Command::Abandon => match self.operation_meant(Operation::is_unfinished) {
                Some(id) => self.open(Kind::Abandon(id.clone()), vec![Target::Operation(id)]),
                None => self.say("No operation is unfinished: there is nothing to abandon."),
            },
            Command::CarryOn => self.carry_on(effects),
            Command::Test => self.test_function(effects),
            Command::GoOn => {
                let driving = self.driving.clone();
                match self.operation_meant(|one| drains(one) && driving.contains(&one.id)) {
                    Some(id) => effects.push(Effect::GoOn(id)),
                    None => self.say("No operation waits for messages in flight."),
                }
            }
            _ => {}
        }
    }

    fn ask_for_models(&mut self, kind: Kind) {
        let targets = self.models_meant(&self.meant());
        if targets.is_empty() {
            return self.say("No model belongs to it that could be started or stopped.");
        }
        self.open(kind, targets);
    }

    /// What fires is paused; if nothing of it fires, all of it is resumed.
    fn ask_for_schedules(&mut self) {
        let all = self.schedules_meant(&self.meant());
        if all.is_empty() {
            return self.say("No schedule and no rule belongs to it that could be paused.");
        }
        let firing: Vec<String> = all.iter().filter(|arn| self.fires(arn)).cloned().collect();
        let (kind, all) = if firing.is_empty() { (Kind::Unpause, all) } else { (Kind::Pause, firing) };
        self.open(kind, all.into_iter().map(Target::Schedule).collect());
    }

    fn ask_for_rules(&mut self) {
        let all = self.schedules_meant(&self.meant());
        let rules =
            all.into_iter().filter(|arn| self.fleet.schedule(arn).is_some_and(|one| one.kind == ScheduleKind::Rule));
        let rules: Vec<Target> = rules.map(Target::Schedule).collect();
        if rules.is_empty() {
            return self.say("No rule belongs to it: it is run by schedules already.");
        }
        self.open(Kind::Migrate, rules);
    }

    fn carry_on(&mut self, effects: &mut Vec<Effect>) {
        let driving = self.driving.clone();
        match self.operation_meant(|one| one.is_unfinished() && !driving.contains(&one.id)) {
            Some(id) if self.operations.get(&id).is_some_and(|one| !self.is_here(one)) => {
                let place = self.operations.get(&id).map(|one| format!("{} in {}", one.account, one.region));
                let place = place.unwrap_or_default();
                self.say(format!("It belongs to the account {place}: start rekotui for that one to carry it on."));
            }
            Some(id) => {
                let title = self.operations.get(&id).map(|one| one.plan.title()).unwrap_or_default();
                self.say(format!("Carrying the {title} on."));
                effects.push(Effect::ResumeOperation(id));
            }
            None => self.say("No operation waits to be carried on."),
        }
    }

    pub(in crate::app) fn open(&mut self, kind: Kind, targets: Vec<Target>) {
        let act = Act::new(kind, targets, self);
        self.dialogs.push(Dialog::Act(Box::new(act)));
    }

    /// Does something with the dialog on top, which may look at everything else.
    fn with_act(&mut self, change: impl FnOnce(&mut Act, &Self)) {
        match self.dialogs.pop() {
            Some(Dialog::Act(mut act)) => {
                change(&mut act, self);
                self.dialogs.push(Dialog::Act(act));
            }
            other => self.dialogs.extend(other),
        }
    }

    /// The dialog in front shows what is known now.
    pub(super) fn refresh_dialog(&mut self) {
        if std::mem::take(&mut self.stale.dialog) {
            self.with_week(WeekEditor::refresh);
            self.with_act(Act::refresh);
            self.with_wording(Wording::judge);
            self.refresh_functions();
        }
    }

    pub(super) fn step_field(&mut self, forward: bool) {
        if let Some(Dialog::Leave { leave }) = self.dialogs.last_mut() {
            *leave = !*leave;
        }
        self.with_act(|act, _| act.step(forward));
        self.with_wording(|wording, _| wording.step());
    }

    pub(super) fn choose(&mut self, right: bool) {
        if let Some(Dialog::Leave { leave }) = self.dialogs.last_mut() {
            *leave = right;
        }
        self.with_calendar(|calendar| calendar.by_days(if right { 1 } else { -1 }));
        self.with_act(|act, state| {
            if act.choose(right) {
                act.plan(state);
            }
        });
    }

    pub(super) fn edit_act(&mut self, request: InputRequest) {
        self.with_act(|act, state| {
            if act.edit(request) {
                act.plan(state);
            }
        });
    }

    /// Enter: on Cancel it closes, on the other button and in a name that was typed it confirms, elsewhere it goes on.
    pub(super) fn accept_field(&mut self, effects: &mut Vec<Effect>) {
        let Some(Dialog::Act(act)) = self.dialogs.last() else { return };
        match act.focus {
            Field::Cancel => {
                self.dialogs.pop();
            }
            Field::Go | Field::Name => self.confirm(effects),
            _ => self.step_field(true),
        }
    }

    pub(super) fn confirm(&mut self, effects: &mut Vec<Effect>) {
        let Some(Dialog::Act(mut act)) = self.dialogs.pop() else { return };
        match act.confirm(self) {
            Confirmed::Do(effect) if !self.read_only => {
                let screen = self.screen;
                self.marks.retain(|key| key.screen() != screen);
                if matches!(act.kind, Kind::Week(_)) {
                    self.week_confirmed();
                }
                effects.push(effect);
                self.leave_editors();
            }
            Confirmed::Do(_) => {}
            Confirmed::NotYet => self.dialogs.push(Dialog::Act(act)),
        }
    }

    /// Marks the selected row, or takes its mark away, and goes on to the next.
    pub(super) fn mark(&mut self) {
        let Some(key) = self.selected() else { return };
        if !self.can_be_marked(&key) {
            return;
        }
        if !self.marks.remove(&key) {
            self.marks.insert(key);
        }
        self.command(Command::Down, &mut Vec::new());
    }

    /// Marks every row that the filter shows; takes all marks away if there is none left to set.
    pub(super) fn mark_all(&mut self) {
        let Some(first) = self.selected() else { return };
        if !self.can_be_marked(&first) {
            return;
        }
        let shown: Vec<Key> = match first.screen() {
            Screen::Models | Screen::Savings => self.models.rows().iter().cloned().map(Key::Model).collect(),
            Screen::Schedules => self.schedules.rows().iter().cloned().map(Key::Schedule).collect(),
            Screen::Mappings => self.mappings.rows().iter().cloned().map(Key::Mapping).collect(),
            Screen::Findings | Screen::Journal => Vec::new(),
        };
        if shown.iter().all(|key| self.marks.contains(key)) {
            self.marks.retain(|key| key.screen() != first.screen());
        } else {
            self.marks.extend(shown);
        }
    }

    fn can_be_marked(&mut self, key: &Key) -> bool {
        let can = matches!(key, Key::Model(_) | Key::Schedule(_) | Key::Mapping(_));
        if !can {
            self.say("Models, schedules and mappings can be marked.");
        }
        can
    }

    /// Leaves at once if nothing is going on, or if that was asked already.
    pub(super) fn leave(&mut self, effects: &mut Vec<Effect>) {
        let asked = matches!(self.dialogs.last(), Some(Dialog::Leave { .. }));
        if self.driving.is_empty() || asked {
            effects.push(Effect::Quit);
        } else {
            self.dialogs.push(Dialog::Leave { leave: false });
        }
    }
}
