//! What operations tell of themselves, and what the journal holds.

use std::time::Duration;

use crate::app::effect::Effect;
use crate::app::notice::{Notice, Tone};
use crate::app::refresh::Reading;
use crate::app::screen::Screen;
use crate::app::state::{Connection, State};
use crate::domain::operation::{Operation, OperationId, Standing};
use crate::domain::words;

/// How long it stays on screen that an operation is done: it may end while nobody looks.
const DONE_STAYS: Duration = Duration::from_secs(30);

impl State {
    /// Takes in how an operation stands now.
    pub(super) fn operated(&mut self, operation: Operation, effects: &mut Vec<Effect>) {
        let id = operation.id.clone();
        let drives = operation.is_unfinished() && operation.rests.is_none();
        let drove = if drives { !self.driving.insert(id.clone()) } else { self.driving.remove(&id) };
        let known = self.operations.get(&id);
        let moved = known.is_none_or(|known| known.progress() != operation.progress());
        let news = drove || known.is_none_or(|known| known.standing != operation.standing);
        if !drives && news {
            self.tell(&operation);
        }
        if self.connection == Connection::Live {
            if !drives && news && operation.has_written() {
                self.ask(Reading::Everything, effects);
            } else if moved && operation.has_written() {
                self.ask(Reading::Watch, effects);
            }
        }
        self.week_begun(&operation);
        self.operations.insert(id, operation);
        self.stale.dialog = true;
        self.rearrange(Screen::Journal);
    }

    /// Says how an operation has come to its end, or why it rests.
    fn tell(&mut self, operation: &Operation) {
        let title = operation.plan.title();
        match &operation.standing {
            Standing::Done => {
                let took = words::span(operation.ended.unwrap_or(self.moment.now) - operation.asked);
                let until = Some(self.moment.real + DONE_STAYS);
                self.note(Notice { text: format!("Done: {title}, after {took}."), tone: Tone::Info, until });
            }
            Standing::Refused(why) => self.complain(format!("Refused: {title}. {why}")),
            Standing::Failed(why) => self.complain(format!("Failed: {title}. {why}")),
            Standing::Abandoned(why) => self.say(format!("Abandoned: {title}. {why}")),
            Standing::Unfinished => {
                let why = operation.rests.as_deref().unwrap_or("it was left.");
                self.complain(format!("Not carried on: {title}. {why}"));
            }
        }
    }

    /// Says why nothing came of what was asked for. What was to be resumed or given up is named by its id.
    pub(super) fn not_begun(&mut self, title: &str, why: &str) {
        let known = title.strip_prefix("operation ").and_then(|id| self.operations.get(&OperationId(id.to_owned())));
        let sentence = match known {
            Some(known) => format!("The {} stays as it is: {why}", known.plan.title()),
            None => format!("The {title} was not begun: {why}"),
        };
        self.week_refused();
        self.complain(sentence);
    }

    /// Takes in what the journal holds. What this process drives is known better here.
    pub(super) fn journal_read(&mut self, operations: Vec<Operation>) {
        for operation in operations {
            if !self.driving.contains(&operation.id) {
                self.operations.insert(operation.id.clone(), operation);
            }
        }
        self.rearrange(Screen::Journal);
    }
}

impl State {
    /// The unfinished operations that nobody here carries on, those of this account and region first, then the newest.
    #[must_use]
    pub fn left_unfinished(&self) -> Vec<&Operation> {
        let left = |one: &&Operation| one.is_unfinished() && !self.driving.contains(&one.id);
        let mut all: Vec<&Operation> = self.operations.values().rev().filter(left).collect();
        all.sort_by_key(|one| !self.is_here(one));
        all
    }

    /// Whether an operation is one of the account and region on screen, as far as that is known.
    #[must_use]
    pub fn is_here(&self, operation: &Operation) -> bool {
        let account = self.fleet.identity.as_ref().is_none_or(|identity| identity.account == operation.account);
        let region = self.session.region.as_ref().is_none_or(|region| *region == operation.region);
        account && region
    }

    /// The operations that this process carries on now, the oldest first.
    #[must_use]
    pub fn driven(&self) -> Vec<&Operation> {
        self.driving.iter().filter_map(|id| self.operations.get(id)).collect()
    }
}
