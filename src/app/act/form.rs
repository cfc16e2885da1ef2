//! What can be typed and chosen in the dialog.

use tui_input::{Input, InputRequest};

use super::Act;

/// How many characters a field takes.
const LONGEST: usize = 140;

/// When a start ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndChoice {
    /// At the next stop of its schedules.
    Scheduled,
    /// After a length of time.
    After,
    /// At a time.
    Until,
    /// Nobody arranges anything.
    Never,
}

impl EndChoice {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Scheduled, Self::After, Self::Until, Self::Never];
}

/// A field of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The inference units to start with.
    Min,
    /// The ceiling of inference units.
    Max,
    /// How a start ends.
    End,
    /// After how long.
    Length,
    /// At which time.
    Time,
    /// Until when a pause lasts.
    Until,
    /// At which date it ends.
    Date,
    /// The name that has to be typed.
    Name,
    /// Nothing is done.
    Cancel,
    /// It is done.
    Go,
}

impl Field {
    /// Whether keys that mean nothing are text in it.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::Length | Self::Time | Self::Date | Self::Name)
    }
}

/// What was typed and chosen.
#[derive(Clone, Debug)]
pub struct Form {
    /// The inference units to start with.
    pub min: Input,
    /// The ceiling of inference units; empty: none.
    pub max: Input,
    /// How a start ends.
    pub end: EndChoice,
    /// The ways that are offered.
    pub ends: Vec<EndChoice>,
    /// After how long: `2h`, `90m`.
    pub length: Input,
    /// At which time: `20:00`, `2026-11-21 08:00`.
    pub time: Input,
    /// Whether a pause ends by itself.
    pub until_date: bool,
    /// When it does.
    pub date: Input,
    /// The name that has to be typed.
    pub name: Input,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            min: Input::default(),
            max: Input::default(),
            end: EndChoice::After,
            ends: EndChoice::ALL.to_vec(),
            length: Input::new("2h".into()),
            time: Input::default(),
            until_date: false,
            date: Input::default(),
            name: Input::default(),
        }
    }
}

impl Form {
    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&Input> {
        match field {
            Field::Min => Some(&self.min),
            Field::Max => Some(&self.max),
            Field::Length => Some(&self.length),
            Field::Time => Some(&self.time),
            Field::Date => Some(&self.date),
            Field::Name => Some(&self.name),
            Field::End | Field::Until | Field::Cancel | Field::Go => None,
        }
    }

    fn text_mut(&mut self, field: Field) -> Option<&mut Input> {
        match field {
            Field::Min => Some(&mut self.min),
            Field::Max => Some(&mut self.max),
            Field::Length => Some(&mut self.length),
            Field::Time => Some(&mut self.time),
            Field::Date => Some(&mut self.date),
            Field::Name => Some(&mut self.name),
            Field::End | Field::Until | Field::Cancel | Field::Go => None,
        }
    }
}

impl Act {
    /// Goes to the next field, or to the one before; after the last the first comes.
    pub(in crate::app) fn step(&mut self, forward: bool) {
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        let next = if forward { at + 1 } else { at + fields.len().saturating_sub(1) };
        self.focus = fields.get(next % fields.len().max(1)).copied().unwrap_or(Field::Cancel);
    }

    /// Chooses to the left or to the right, or goes from one button to the other. Whether the form was changed.
    pub(in crate::app) fn choose(&mut self, right: bool) -> bool {
        match self.focus {
            Field::End => {
                let ends = &self.form.ends;
                let at = ends.iter().position(|end| *end == self.form.end).unwrap_or(0);
                let next = if right { at + 1 } else { at.saturating_sub(1) };
                let next = ends.get(next).copied().unwrap_or(self.form.end);
                std::mem::replace(&mut self.form.end, next) != next
            }
            Field::Until => std::mem::replace(&mut self.form.until_date, right) != right,
            Field::Cancel | Field::Go => {
                self.focus = if right { Field::Go } else { Field::Cancel };
                false
            }
            _ => false,
        }
    }

    /// Takes in a key that is text. Whether the plans depend on it.
    pub(in crate::app) fn edit(&mut self, request: InputRequest) -> bool {
        let focus = self.focus;
        let Some(input) = self.form.text_mut(focus) else { return false };
        let inserts = matches!(request, InputRequest::InsertChar(_) | InputRequest::Yank);
        let before = input.value().to_owned();
        if !inserts || before.chars().count() < LONGEST {
            input.handle(request);
        }
        self.said = None;
        focus != Field::Name && self.form.text(focus).is_some_and(|input| input.value() != before)
    }

    /// The focus never stands on a field that is gone.
    pub(super) fn keep_focus(&mut self) {
        if !self.fields().contains(&self.focus) {
            self.focus = Field::Cancel;
        }
    }
}
