//! How the week editor is opened, saved and left.

use super::{Ask, WeekEditor};
use crate::app::act::{Kind, Target};
use crate::app::command::{Command, Context};
use crate::app::dialog::Dialog;
use crate::app::key::Key;
use crate::app::state::State;
use crate::domain::operation::{Operation, Standing};
use crate::domain::plan::Intent;

impl State {
    /// The week editor, if it is open; dialogs may lie over it.
    #[must_use]
    pub fn week(&self) -> Option<&WeekEditor> {
        self.dialogs.iter().rev().find_map(|dialog| match dialog {
            Dialog::Week(editor) => Some(editor.as_ref()),
            _ => None,
        })
    }

    /// Whether the week editor is in front and nothing is asked within it: then the mouse is for its grid.
    #[must_use]
    pub fn wants_mouse(&self) -> bool {
        matches!(self.dialogs.last(), Some(Dialog::Week(editor)) if editor.ask.is_none())
    }

    /// Does something with the week editor, which may look at everything else.
    pub(in crate::app) fn with_week<R>(&mut self, change: impl FnOnce(&mut WeekEditor, &Self) -> R) -> Option<R> {
        let at = self.dialogs.iter().rposition(|dialog| matches!(dialog, Dialog::Week(_)))?;
        let Dialog::Week(mut editor) = self.dialogs.remove(at) else { return None };
        let result = change(&mut editor, self);
        self.dialogs.insert(at, Dialog::Week(editor));
        Some(result)
    }

    /// Opens the week editor for the model in question.
    pub(in crate::app) fn open_week(&mut self) {
        if self.week().is_some() || matches!(self.dialogs.last(), Some(Dialog::Act(_) | Dialog::Leave { .. })) {
            return;
        }
        let Some(subject) = self.subject() else { return };
        let models = self.models_meant(std::slice::from_ref(&subject));
        let Some(Target::Model(model)) = models.first().cloned() else {
            return self.say("No model belongs to it whose week could be edited.");
        };
        // Without the picture nothing shows which schedules are the model's: it would look like one without any.
        if !self.picture.models.contains_key(&model) {
            return self.say("What starts and stops it is still being worked out: try again in a moment.");
        }
        if self.lacks_scheduled_side(&model) {
            return;
        }
        match WeekEditor::new(&model, self) {
            Ok(editor) => self.dialogs.push(Dialog::Week(Box::new(editor))),
            Err(why) => {
                let key = self.keys.shown(&[Context::Rows], Command::Expression);
                let hint = key.filter(|_| matches!(subject, Key::Schedule(_)));
                let hint = hint.map(|key| format!(" {key} edits this one by itself.")).unwrap_or_default();
                self.say(format!("{why}{hint}"));
            }
        }
    }

    /// Shows what would be done, if anything would.
    pub(super) fn review_week(&mut self) {
        let Some(Dialog::Week(editor)) = self.dialogs.last() else { return };
        let refusal = if self.read_only {
            Some("Nothing is saved: rekotui was started read-only.".to_owned())
        } else if editor.saving {
            Some("It is being saved.".to_owned())
        } else if !editor.is_changed() {
            Some("Nothing is changed yet: there is nothing to save.".to_owned())
        } else {
            editor.outlook.refused.clone()
        };
        let (draft, model) = (editor.draft.clone(), editor.model.clone());
        match refusal {
            Some(why) => self.with_week(|editor, _| editor.said = Some(why)).unwrap_or_default(),
            None => self.open(Kind::Week(Box::new(draft)), vec![Target::Model(model)]),
        }
    }

    /// Leaves what is asked, then the editor; if something would be lost, that is asked once.
    pub(in crate::app) fn close_week(&mut self) {
        let read_only = self.read_only;
        let close = self.with_week(|editor, _| {
            if editor.ask.take().is_some() {
                return false;
            }
            let asks = editor.is_changed() && !editor.leaving && !editor.saving && !read_only;
            editor.leaving = asks;
            editor.said = None;
            !asks
        });
        if close == Some(true) {
            self.dialogs.retain(|dialog| !matches!(dialog, Dialog::Week(_)));
        }
    }

    /// The draft was confirmed: the editor stays until its operation begins.
    pub(in crate::app) fn week_confirmed(&mut self) {
        self.with_week(|editor, _| editor.saving = true);
    }

    /// The draft was not taken: it stays open.
    pub(in crate::app) fn week_refused(&mut self) {
        self.with_week(|editor, _| editor.saving = false);
    }

    /// Closes the editor whose draft is being saved; one that was refused stays open.
    pub(in crate::app) fn week_begun(&mut self, operation: &Operation) {
        let Intent::Week { model, .. } = &operation.plan.intent else { return };
        if !self.week().is_some_and(|editor| editor.saving && editor.model == *model) {
            return;
        }
        match operation.standing {
            Standing::Refused(_) => self.week_refused(),
            Standing::Unfinished if !operation.checked && operation.rests.is_none() => {}
            _ => self.dialogs.retain(|dialog| !matches!(dialog, Dialog::Week(_))),
        }
    }

    /// Which of its contexts the editor is in.
    pub(in crate::app) fn week_context(editor: &WeekEditor) -> Context {
        match editor.ask {
            None => Context::Week,
            Some(Ask::Line { .. }) => Context::WeekLine,
            Some(Ask::Presets { .. }) => Context::WeekList,
        }
    }
}
