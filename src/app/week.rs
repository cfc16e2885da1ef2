//! The week editor: a draft, where the cursor stands, and what it means.

use super::state::State;
use crate::domain::model::ModelArn;
use crate::domain::operation::Estimate;
use crate::domain::plan::week::{Draft, Habits, Outlook, outlook};

/// The week editor. Days count from Monday (0), whatever day the screen begins with; minutes are those of a day.
#[derive(Clone, Debug)]
pub struct WeekEditor {
    /// The model.
    pub model: ModelArn,
    /// The week as it is in the account.
    pub original: Draft,
    /// The week as it is edited.
    pub draft: Draft,
    /// The drafts before, the latest last.
    pub past: Vec<Draft>,
    /// The day that the cursor is on.
    pub day: u16,
    /// The minute of the day at which the cursor's half hour begins.
    pub minute: u16,
    /// What the draft means.
    pub outlook: Outlook,
}

impl WeekEditor {
    /// The editor as it opens.
    ///
    /// # Errors
    /// Why the schedules of the model make no week.
    pub fn new(model: &ModelArn, state: &State) -> Result<Self, String> {
        let draft = Draft::read(state.ground(), model, state.habits(model)).map_err(|why| why.to_string())?;
        let mut editor = Self {
            model: model.clone(),
            original: draft.clone(),
            draft,
            past: Vec::new(),
            day: 0,
            minute: 9 * 60,
            outlook: Outlook::default(),
        };
        editor.look(state);
        Ok(editor)
    }

    /// Whether something was changed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.draft != self.original
    }

    /// Changes the draft; the one before can be taken back.
    pub(super) fn change(&mut self, state: &State, change: impl FnOnce(&mut Draft)) {
        let before = self.draft.clone();
        change(&mut self.draft);
        if self.draft != before {
            self.past.push(before);
            self.look(state);
        }
    }

    /// Works out anew what the draft means.
    pub(super) fn look(&mut self, state: &State) {
        self.outlook = outlook(state.ground(), &self.model, &self.draft, state.habits(&self.model));
    }
}

impl State {
    /// How long the starts of a model take, by the journal.
    #[must_use]
    pub fn habits(&self, model: &ModelArn) -> Habits {
        Habits::of(&Estimate::of(self.operations.values().filter_map(|operation| operation.start_took(model))))
    }

    /// Opens the week editor for the model in question.
    pub(super) fn open_week(&mut self) {
        self.say("Not yet.");
    }
}
