//! What the footer offers: the commands that make sense where the operator stands, under the names that they have there.

use super::act::Field;
use super::command::{Command, Context, Risk, Spec};
use super::dialog::Dialog;
use super::key::Key;
use super::screen::Screen;
use super::state::State;
use super::zones::Purpose;
use crate::domain::operation::Operation;

/// A command in the footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint<'a> {
    /// The command.
    pub command: Command,
    /// The key.
    pub key: &'a str,
    /// What it does, in a word or two.
    pub short: &'static str,
}

/// The place of the week editor where a model has no week yet.
const FIRST_WEEK: u8 = 3;

impl State {
    /// What the footer offers now, the most important first.
    #[must_use]
    pub fn hints(&self) -> Vec<Hint<'_>> {
        let contexts = self.contexts();
        let typing = contexts.first().is_some_and(|context| context.is_typing());
        let open: &[Context] = if typing { contexts.get(..1).unwrap_or_default() } else { &contexts };
        let mut specs: Vec<_> = Command::all()
            .filter(|spec| self.offers(spec))
            .filter(|spec| spec.footer > 0 && spec.contexts.iter().any(|context| open.contains(context)))
            .collect();
        let (scheduling, lacking) = (self.can_schedule(), self.is_told_what_is_missing());
        specs.sort_by_key(|spec| match spec.command {
            // What is missing most comes among the first.
            Command::Week if scheduling => FIRST_WEEK,
            Command::CopyArn if lacking => 1,
            _ => spec.footer,
        });
        let here = contexts.first().copied().unwrap_or(Context::Global);
        specs
            .into_iter()
            .filter(|spec| here != Context::Help || spec.command != Command::Help)
            .filter_map(|spec| {
                let key = open.iter().find_map(|context| self.keys.free(*context, spec.command, here))?;
                Some(Hint { command: spec.command, key, short: self.short(spec) })
            })
            .collect()
    }

    /// Whether a command is worth a place in the footer here.
    fn offers(&self, spec: &Spec) -> bool {
        let operation = self.operation_in_question();
        let in_journal = operation.is_some() || (self.screen == Screen::Journal && self.dialogs.is_empty());
        let is = |holds: fn(&Operation) -> bool| operation.is_some_and(holds);
        match spec.command {
            _ if spec.risk > Risk::Read && self.read_only => false,
            // The editor has enough keys of its own.
            Command::Refresh | Command::Palette | Command::Quit => {
                !matches!(self.dialogs.last(), Some(Dialog::Week(_)))
            }
            // There they work as well, but are not what one came for.
            Command::Start
            | Command::Stop
            | Command::EmergencyStart
            | Command::Pause
            | Command::Mark
            | Command::Week
            | Command::Expression => !in_journal && self.screen != Screen::Savings,
            Command::Migrate => !in_journal && self.screen != Screen::Savings && self.is_run_by_rules(),
            Command::CarryOn => {
                is(Operation::is_unfinished) && operation.is_some_and(|one| !self.driving.contains(&one.id))
            }
            Command::Abandon => is(Operation::is_unfinished),
            Command::Undo => is(Operation::is_undoable),
            Command::ChooseRight => match self.dialogs.last() {
                Some(Dialog::Act(act)) => matches!(act.focus, Field::End | Field::Until),
                _ => false,
            },
            Command::Yes => match self.dialogs.last() {
                Some(Dialog::Act(act)) => act.is_plannable() && act.is_typed(),
                _ => false,
            },
            Command::KeepInstants => match self.dialogs.last() {
                Some(Dialog::Zones(zones)) => zones.purpose == Purpose::Week,
                _ => false,
            },
            Command::PickZone => match self.dialogs.last() {
                Some(Dialog::Expression(wording)) => !wording.rule,
                _ => false,
            },
            Command::Test => self.functions().and_then(|page| page.chosen()).is_some_and(|one| one.testable().is_ok()),
            Command::NextScreen => !self.is_asked(),
            _ => true,
        }
    }

    /// Whether a rule is, or runs, what the operator stands on.
    fn is_run_by_rules(&self) -> bool {
        let rule = |arn: &String| self.fleet.rules.rows.contains_key(arn);
        self.schedules_meant(self.subject().as_slice()).iter().any(rule)
    }

    /// What the footer calls a command here.
    fn short(&self, spec: &Spec) -> &'static str {
        match spec.command {
            Command::Week if self.can_schedule() && !self.is_told_what_is_missing() => "schedule it",
            Command::CopyArn if self.is_told_what_is_missing() => "copy the command",
            Command::Close if self.wants_mouse() => "leave",
            Command::Accept if matches!(self.dialogs.last(), Some(Dialog::Calendar(_))) => "keep",
            Command::CopyArn if self.operation_in_question().is_some() => "copy as aws commands",
            Command::Details if self.screen == Screen::Savings => "every run",
            _ => spec.short,
        }
    }

    fn is_told_what_is_missing(&self) -> bool {
        matches!(self.dialogs.last(), Some(Dialog::Unscheduled(_)))
    }

    /// The operation whose row is selected, or whose details are open.
    fn operation_in_question(&self) -> Option<&Operation> {
        match self.subject() {
            Some(Key::Operation(id)) => self.operations.get(&id),
            _ => None,
        }
    }
}
