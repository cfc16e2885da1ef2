//! A model that nothing starts or stops by schedule: what is offered for it, and what to say where the account has
//! nothing yet that schedules could invoke.

use super::dialog::Dialog;
use super::effect::Effect;
use super::state::State;
use crate::domain::model::{ModelArn, Status};
use crate::domain::stack::Stack;

/// The dialog that tells what is missing before a model can get a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unscheduled {
    /// The model.
    pub model: ModelArn,
    /// Which of its commands is copied.
    pub selected: usize,
}

/// A command that deploys the scheduled side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// When it is the right one.
    pub when: &'static str,
    /// What to type into a shell; what only the operator knows stands in capitals.
    pub command: String,
}

/// The week that the commands name: it is only a beginning.
const FIRST_WEEK: &str = "Mon-Fri 08:00-17:00";

impl State {
    /// Whether it is known that nothing starts or stops the model, nor may do so: not even a name suggests it. One that
    /// was never trained to its end, or is on its way out, is no such model: it has no use for a week.
    #[must_use]
    pub fn is_unscheduled(&self, model: &ModelArn) -> bool {
        let wiring = &self.picture.wiring;
        let usable = |status: &Status| status.can_start() || status.is_on() || *status == Status::Stopping;
        let guessed = || wiring.guesses_by_schedule.values().any(|guess| guess.model.as_ref() == Some(model));
        self.fleet.models.rows.get(model).is_some_and(|row| usable(&row.status))
            && self.picture.models.get(model).is_some_and(|view| view.judged)
            && wiring.aims_of(model).is_empty()
            && !guessed()
    }

    /// Whether what the operator stands on is a model that could be given its first week.
    #[must_use]
    pub fn can_schedule(&self) -> bool {
        let subject = self.subject();
        matches!(subject, Some(super::key::Key::Model(model)) if !self.read_only && self.is_unscheduled(&model))
    }

    /// Whether schedules can be made: the functions that they would invoke are known.
    #[must_use]
    pub fn has_scheduled_side(&self) -> bool {
        Stack::of(&self.fleet, &self.picture, self.wishes.stack.as_ref()).is_some()
    }

    /// Where the model has no schedules and none can be made, says what is missing, in front of everything else. Returns
    /// whether it did.
    pub(super) fn lacks_scheduled_side(&mut self, model: &ModelArn) -> bool {
        let asked = matches!(self.dialogs.last(), Some(Dialog::Unscheduled(_)));
        let lacks = self.is_unscheduled(model) && !self.has_scheduled_side();
        if asked && lacks {
            self.say("The account as it was read last has nothing yet that schedules could invoke.");
        } else if asked {
            self.dialogs.pop();
        } else if lacks {
            self.dialogs.push(Dialog::Unscheduled(Box::new(Unscheduled { model: model.clone(), selected: 0 })));
        }
        lacks
    }

    /// Takes away what was said to be missing once it is there.
    pub(super) fn no_longer_lacks(&mut self) {
        let Some(Dialog::Unscheduled(dialog)) = self.dialogs.last() else { return };
        if self.has_scheduled_side() || !self.picture.wiring.aims_of(&dialog.model).is_empty() {
            self.dialogs.pop();
            self.say("What schedules invoke is there now: w edits the week.");
        }
    }

    /// What else there is to say where no scheduled side is known.
    #[must_use]
    pub fn scheduled_side_unknown(&self) -> Option<String> {
        let unread = || {
            let group = self.fleet.groups.as_of.is_none();
            group.then(|| "The schedule groups, whose tags would tell, have not been read yet.".to_owned())
        };
        Stack::hidden(&self.fleet).or_else(unread)
    }

    /// The commands that deploy the scheduled side and give the model its first week: one of them is enough.
    #[must_use]
    pub fn remedies(&self, model: &ModelArn) -> [Remedy; 2] {
        let session = &self.session;
        let given = [("profile", &session.profile), ("region", &session.region), ("endpoint-url", &session.endpoint)];
        let way: String = given
            .into_iter()
            .filter_map(|(name, value)| Some(format!(" --{name} {}", quoted(value.as_deref()?))))
            .collect();
        let (project, version) = (model.project(), model.version());
        let command = |code: &str| {
            format!("rekotui deploy scheduler{way} {code} --model {project}/{version} --set '{FIRST_WEEK}'")
        };
        [
            Remedy {
                when: "where the code of the functions is a file here",
                command: command("--code FILE --bucket BUCKET"),
            },
            Remedy { when: "where it is in a bucket already", command: command("--code s3://BUCKET/KEY.zip") },
        ]
    }

    /// Gives the selected command to the clipboard.
    pub(super) fn copy_remedy(&mut self, dialog: &Unscheduled, effects: &mut Vec<Effect>) {
        if let Some(remedy) = self.remedies(&dialog.model).into_iter().nth(dialog.selected) {
            self.say("Gave the command to the terminal's clipboard. Put what is in capitals in its place.");
            effects.push(Effect::Copy(remedy.command));
        }
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/@%+=".contains(letter);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
