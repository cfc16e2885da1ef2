//! The functions in front: what uses them, how they fare, and tests that only look.

use std::collections::BTreeMap;

use super::dialog::Dialog;
use super::effect::Effect;
use super::key::Key;
use super::list::Scroll;
use super::state::{Connection, State};
use crate::domain::functions::{Answer, Check, Counts, Used, checks, used};
use crate::domain::trouble::Trouble;

/// A test sends so many different Inputs at most: each is an invocation that somebody waits for.
const MOST_CHECKS: usize = 20;

/// The dialog of the functions.
#[derive(Clone, Debug)]
pub struct FunctionsPage {
    /// The functions, by name.
    pub rows: Vec<Used>,
    /// The selected one.
    pub selected: usize,
    /// What CloudWatch counted.
    pub counted: Counted,
    /// The last test.
    pub trial: Option<Trial>,
    /// Why there was no test just now.
    pub said: Option<String>,
    /// How far what is told of the selected one is scrolled.
    pub scroll: Scroll,
}

/// What CloudWatch says, which is only asked when somebody looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Counted {
    /// It could not be asked: there is no way into the account.
    Not,
    /// It is being asked.
    Asked,
    /// By the function's ARN; nothing where it has nothing of it.
    Known(BTreeMap<String, Option<Counts>>),
    /// It could not answer.
    Failed(Trouble),
}

/// A test of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The function's ARN.
    pub arn: String,
    /// What it is given, one after the other.
    pub checks: Vec<Check>,
    /// What came of them so far: its answers, or why there was none.
    pub answers: Vec<Result<Answer, String>>,
    /// How many Inputs were left out.
    pub left_out: usize,
}

impl Trial {
    /// Whether an answer is still to come.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.answers.len() < self.checks.len()
    }
}

impl FunctionsPage {
    /// The selected function.
    #[must_use]
    pub fn chosen(&self) -> Option<&Used> {
        self.rows.get(self.selected)
    }

    /// What CloudWatch counted of a function, if it did.
    #[must_use]
    pub fn counts(&self, arn: &str) -> Option<Counts> {
        match &self.counted {
            Counted::Known(counts) => counts.get(arn).copied().flatten(),
            Counted::Not | Counted::Asked | Counted::Failed(_) => None,
        }
    }

    pub(super) fn select(&mut self, at: usize) {
        self.selected = at;
        self.said = None;
        self.scroll.to_top();
    }
}

impl State {
    /// The functions, if they are in front.
    #[must_use]
    pub fn functions(&self) -> Option<&FunctionsPage> {
        match self.dialogs.last() {
            Some(Dialog::Functions(page)) => Some(page),
            _ => None,
        }
    }

    /// Does something with the functions, wherever in the stack of dialogs they are.
    fn with_functions(&mut self, change: impl FnOnce(&mut FunctionsPage)) {
        let pages = self.dialogs.iter_mut().rev();
        if let Some(page) = pages.into_iter().find_map(|dialog| match dialog {
            Dialog::Functions(page) => Some(page),
            _ => None,
        }) {
            change(page);
        }
    }

    /// Opens the functions, with that of the row in question selected.
    pub(super) fn open_functions(&mut self, effects: &mut Vec<Effect>) {
        if self.is_asked() || self.functions().is_some() {
            return;
        }
        let rows = used(&self.fleet, &self.picture);
        if rows.is_empty() {
            return self.say("No schedule and no mapping that has to do with a model uses a function.");
        }
        let subject = self.subject();
        let selected = rows.iter().position(|row| self.uses(subject.as_ref(), row)).unwrap_or(0);
        let (counted, scroll) = (Counted::Not, Scroll::default());
        let page = FunctionsPage { rows, selected, counted, trial: None, said: None, scroll };
        self.dialogs.push(Dialog::Functions(Box::new(page)));
        self.count_functions(effects);
    }

    fn uses(&self, subject: Option<&Key>, function: &Used) -> bool {
        match subject {
            Some(Key::Mapping(uuid)) => function.mappings.contains(uuid),
            Some(key) => {
                self.schedules_meant(std::slice::from_ref(key)).iter().any(|arn| function.schedules.contains(arn))
            }
            None => false,
        }
    }

    /// Asks CloudWatch about the functions in front, if they are and if there is somebody to ask.
    pub(super) fn count_functions(&mut self, effects: &mut Vec<Effect>) {
        let live = self.connection == Connection::Live;
        let Some(Dialog::Functions(page)) = self.dialogs.last_mut() else { return };
        if live && page.counted != Counted::Asked {
            page.counted = Counted::Asked;
            effects.push(Effect::CountFunctions(page.rows.iter().map(|row| row.arn.clone()).collect()));
        }
    }

    /// Lets the selected function look at what its schedules would start or stop.
    pub(super) fn test_function(&mut self, effects: &mut Vec<Effect>) {
        let live = self.connection == Connection::Live;
        let Some(Dialog::Functions(page)) = self.dialogs.last_mut() else { return };
        let Some(chosen) = page.rows.get(page.selected) else { return };
        let waits = page.trial.as_ref().is_some_and(Trial::waits);
        let refused = match chosen.testable() {
            Err(why) => Some(why),
            Ok(()) if waits => Some("A test is going on: wait for its answers.".to_owned()),
            Ok(()) if !live => Some("There is no way into the account.".to_owned()),
            Ok(()) => None,
        };
        page.said.clone_from(&refused);
        page.scroll.to_top();
        if refused.is_some() {
            return;
        }
        let (arn, mut all) = (chosen.arn.clone(), checks(&self.fleet, chosen));
        let left_out = all.len().saturating_sub(MOST_CHECKS);
        all.truncate(MOST_CHECKS);
        page.trial = Some(Trial { arn: arn.clone(), checks: all.clone(), answers: Vec::new(), left_out });
        effects.push(Effect::TestFunction(arn, all));
    }

    pub(super) fn functions_counted(&mut self, answer: Result<Vec<(String, Option<Counts>)>, Trouble>) {
        self.with_functions(|page| {
            page.counted = match answer {
                Ok(counts) => Counted::Known(counts.into_iter().collect()),
                Err(trouble) => Counted::Failed(trouble),
            };
        });
    }

    /// Nobody will answer any more.
    pub(super) fn counting_lost(&mut self) {
        self.with_functions(|page| page.counted = Counted::Not);
    }

    pub(super) fn function_tested(&mut self, arn: &str, at: usize, answer: Result<Answer, String>) {
        self.with_functions(|page| {
            if let Some(trial) = page.trial.as_mut().filter(|trial| trial.arn == arn && trial.answers.len() == at) {
                trial.answers.push(answer);
            }
        });
    }

    /// The functions follow what was read meanwhile; the selected one stays so.
    pub(super) fn refresh_functions(&mut self) {
        if !self.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Functions(_))) {
            return;
        }
        let rows = used(&self.fleet, &self.picture);
        self.with_functions(|page| {
            let chosen = page.chosen().map(|chosen| chosen.arn.clone());
            let still = rows.iter().position(|row| Some(&row.arn) == chosen.as_ref());
            page.selected = still.unwrap_or_else(|| page.selected.min(rows.len().saturating_sub(1)));
            page.rows = rows;
        });
    }
}
