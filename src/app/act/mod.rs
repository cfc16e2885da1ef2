//! The dialog before a change: what is asked for, what it means, and whether it is really wanted.
//!
//! It holds a form and the plans that follow from it. They are made anew on every edit, from what is on screen; the plans
//! that are confirmed are the ones that were shown.

mod confirm;
mod form;
mod make;
mod targets;

use super::list::Scroll;
use crate::domain::model::ModelArn;
use crate::domain::operation::OperationId;
use crate::domain::plan::week::Draft;
use crate::domain::plan::{Editing, Grade, Note, Plan, Tone};

pub(super) use confirm::Confirmed;
pub use form::{EndChoice, Field, Form};
pub(super) use targets::drains;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Start models.
    Start,
    /// Start a model at once, even where nothing can be arranged.
    EmergencyStart,
    /// Stop models.
    Stop,
    /// Pause schedules and rules.
    Pause,
    /// Let paused schedules and rules fire again.
    Unpause,
    /// Give a model another week.
    Week(Box<Draft>),
    /// Give a schedule or rule another expression or zone.
    Edit(Editing),
    /// Move rules to schedules.
    Migrate,
    /// Put back what an operation changed.
    Undo(OperationId),
    /// Give an unfinished operation up.
    Abandon(OperationId),
}

impl Kind {
    /// The word on the button.
    #[must_use]
    pub fn button(&self) -> &'static str {
        match self {
            Self::Start | Self::EmergencyStart => "Start",
            Self::Stop => "Stop",
            Self::Pause => "Pause",
            Self::Unpause => "Resume",
            Self::Week(_) | Self::Edit(_) => "Save",
            Self::Migrate => "Move",
            Self::Undo(_) => "Undo",
            Self::Abandon(_) => "Abandon",
        }
    }

    /// Whether it is a start.
    #[must_use]
    pub fn is_start(&self) -> bool {
        matches!(self, Self::Start | Self::EmergencyStart)
    }

    fn noun(&self) -> &'static str {
        match self {
            Self::Start | Self::EmergencyStart | Self::Stop | Self::Week(_) => "models",
            Self::Pause | Self::Unpause | Self::Edit(_) | Self::Undo(_) => "schedules",
            Self::Migrate => "rules",
            Self::Abandon(_) => "operations",
        }
    }
}

/// What a plan is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A model.
    Model(ModelArn),
    /// A schedule or rule, by ARN.
    Schedule(String),
    /// An operation in the journal.
    Operation(OperationId),
}

/// The dialog.
#[derive(Clone, Debug)]
pub struct Act {
    /// What is asked for.
    pub kind: Kind,
    /// What it is asked for.
    pub targets: Vec<Target>,
    /// What can be typed and chosen.
    pub form: Form,
    /// Where the keys go.
    pub focus: Field,
    /// The plans that would be carried out, each as an operation of its own.
    pub plans: Vec<Plan>,
    /// Why there is no plan for the others, a sentence each.
    pub left_out: Vec<String>,
    /// What would be left behind, where something is given up.
    pub notes: Vec<Note>,
    /// Whether it is being asked a second time.
    pub again: bool,
    /// Why it was not confirmed just now.
    pub said: Option<String>,
    /// How far the plans are scrolled.
    pub scroll: Scroll,
    /// What its single subject is called; for several, how many there are.
    pub(super) name: String,
}

impl Act {
    /// `Stop logos_2 v3`, `Pause 2 schedules`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.kind {
            Kind::EmergencyStart => format!("Emergency start of {}", self.name),
            Kind::Week(_) => format!("Save the week of {}", self.name),
            Kind::Edit(_) => format!("Edit {}", self.name),
            Kind::Migrate if self.targets.len() == 1 => format!("Move {} to a schedule", self.name),
            Kind::Undo(_) => format!("Undo: {}", self.name),
            Kind::Abandon(_) => format!("Abandon the {}", self.name),
            kind if self.targets.len() > 1 && self.plans.len() != self.targets.len() => {
                format!("{} {} of {}", kind.button(), self.plans.len(), self.name)
            }
            kind => format!("{} {}", kind.button(), self.name),
        }
    }

    /// Whether it can be confirmed at all.
    #[must_use]
    pub fn is_plannable(&self) -> bool {
        !self.plans.is_empty() || matches!(self.kind, Kind::Abandon(_))
    }

    /// What has to be typed before it is confirmed; `None`: nothing.
    #[must_use]
    pub fn phrase(&self) -> Option<String> {
        match self.plans.as_slice() {
            [] => None,
            [one] => (one.grade == Grade::Danger).then(|| one.subject.clone()),
            all => Some(format!("{} {} {}", self.kind.button().to_lowercase(), all.len(), self.kind.noun())),
        }
    }

    /// Whether the text on which everything depends has not been typed yet, which is no mistake.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let blank = |field: Field| self.form.text(field).is_some_and(|input| input.value().trim().is_empty());
        self.fields()
            .into_iter()
            .any(|field| matches!(field, Field::Length | Field::Time | Field::Date) && blank(field))
    }

    /// Whether what has to be typed has been.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.phrase().is_none_or(|phrase| self.form.name.value().trim() == phrase)
    }

    /// Whether it has to be asked twice: a pause that leaves a model running is easily overlooked.
    fn is_asked_twice(&self) -> bool {
        let mut notes = self.plans.iter().flat_map(|plan| &plan.notes);
        self.kind == Kind::Pause && notes.any(|note| note.tone == Tone::Danger)
    }

    /// The fields that can be reached now, in order.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if self.kind.is_start() {
            if self.targets.len() == 1 {
                fields.extend([Field::Min, Field::Max]);
            }
            fields.push(Field::End);
            match self.form.end {
                EndChoice::After => fields.push(Field::Length),
                EndChoice::Until => fields.push(Field::Time),
                EndChoice::Scheduled | EndChoice::Never => {}
            }
        }
        if self.kind == Kind::Pause {
            fields.push(Field::Until);
            if self.form.until_date {
                fields.push(Field::Date);
            }
        }
        if self.phrase().is_some() {
            fields.push(Field::Name);
        }
        fields.extend([Field::Cancel, Field::Go]);
        fields
    }
}
