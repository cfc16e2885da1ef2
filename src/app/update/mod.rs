//! What each message does to the state.

mod acting;
mod calendar;
mod commands;
mod journal;
mod news;
mod savings;
mod settle;
mod time;
mod wording;
mod zones;

pub(super) use commands::type_in;

use super::effect::Effect;
use super::message::Message;
use super::notice::{KEPT, Notice, STAYS, Tone};
use super::refresh::Reading;
use super::state::{Connection, State};
use crate::domain::fleet::Fleet;

/// Takes in a message; returns what has to be done outside.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    update_all(state, [message])
}

/// Takes in several messages at once, which costs less than one after the other.
pub fn update_all(state: &mut State, messages: impl IntoIterator<Item = Message>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for message in messages {
        take(state, message, &mut effects);
    }
    state.settle();
    state.refresh_dialog();
    effects.extend(state.ask_for_picture());
    effects.extend(state.ask_reckoning());
    effects
}

fn take(state: &mut State, message: Message, effects: &mut Vec<Effect>) {
    match message {
        Message::Tick(moment) => return state.tick(moment, effects),
        Message::Command(command) => {
            // A command means what the operator sees: rows that are up to date.
            state.settle();
            state.command(command, effects);
        }
        Message::Edit(request) => state.edit(request),
        Message::Paste(text) => state.paste(&text),
        Message::Point { day, minute, press } => state.point(day, minute, press),
        Message::Resize { width, height } => state.size = (width, height),
        Message::Connected(answer) => state.connected(answer, effects),
        Message::News(news) => state.hear(news),
        Message::Surveyed(reading) => state.surveyed(reading, effects),
        Message::Pictured(number, picture) => state.pictured(number, *picture),
        Message::Metered { histories, work, trouble, said, live } => {
            state.metered((histories, work), trouble, said, live);
        }
        Message::Reckoned(number, reckoned) => state.reckoned(number, reckoned),
        Message::WorkerLost(work) => state.worker_lost(work, effects),
        Message::NotSaved(why) => state.complain(why),
        Message::Operation(operation) => state.operated(*operation, effects),
        Message::Journal { operations } => state.journal_read(operations),
        Message::NotBegun { title, why } => state.not_begun(&title, &why),
        Message::FunctionsCounted(answer) => state.functions_counted(answer),
        Message::FunctionTested { function, at, answer } => state.function_tested(&function, at, answer),
        Message::Resumed { stood } => state.resumed(stood, effects),
    }
    state.redraw = true;
}

impl State {
    /// What to do first of all: find the way in.
    #[must_use]
    pub fn begin(&mut self) -> Vec<Effect> {
        self.connection = Connection::Connecting;
        // What an earlier run has measured is there at once.
        let recall = (self.fleet != Fleet::default()).then_some(Effect::RecallUsage);
        std::iter::once(Effect::Connect).chain(recall).chain(self.ask_for_picture()).collect()
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        let until = Some(self.moment.real + STAYS);
        self.note(Notice { text: text.into(), tone: Tone::Info, until });
    }

    pub(super) fn complain(&mut self, text: impl Into<String>) {
        self.note(Notice { text: text.into(), tone: Tone::Trouble, until: None });
    }

    fn note(&mut self, notice: Notice) {
        self.notices.retain(|known| known.text != notice.text);
        self.notices.push(notice);
        let surplus = self.notices.len().saturating_sub(KEPT);
        self.notices.drain(..surplus);
    }

    /// Reads, or looks for the way in first if there is none.
    fn ask(&mut self, reading: Reading, effects: &mut Vec<Effect>) {
        let lost = match &self.connection {
            Connection::Connecting => return,
            Connection::Live => false,
            // A login that was renewed meanwhile is only found by looking for it again.
            Connection::Trouble(trouble) => self.survey.lost || trouble.is_about_access(),
        };
        if !lost {
            let begun = self.refresh.ask(reading);
            if begun == Some(Reading::Everything) {
                self.asked_at = self.moment.real;
            }
            effects.extend(begun.map(Effect::Read));
        } else if reading == Reading::Everything {
            self.refresh.forget();
            self.fleet.interrupt();
            self.ask_again_for_picture();
            self.ledger.let_go();
            self.connection = Connection::Connecting;
            self.asked_at = self.moment.real;
            effects.push(Effect::Connect);
        }
    }

    fn resumed(&mut self, stood: bool, effects: &mut Vec<Effect>) {
        if stood {
            self.ask(Reading::Everything, effects);
        } else {
            self.say("There is no shell to go back to, so rekotui stays.");
        }
    }
}
