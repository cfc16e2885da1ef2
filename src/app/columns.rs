//! The columns of each screen, as data: sorting and drawing go by the same list.

use super::screen::Screen;

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnId {
    /// What the row is called: a model's project and version, a schedule's path, a mapping's function.
    Name,
    /// A model's status, a schedule's or mapping's state.
    Status,
    /// A model's inference units.
    Units,
    /// Messages that wait.
    Backlog,
    /// The day strip: planned and run.
    Day,
    /// What happens next, and when.
    Next,
    /// The F1 score.
    F1,
    /// When training ended.
    Trained,
    /// When a schedule fires, in words.
    Fires,
    /// The time zone.
    Zone,
    /// What a schedule does.
    Effect,
    /// Which model the row serves.
    Model,
    /// The queue that a mapping reads.
    Queue,
    /// The age of the oldest message.
    Oldest,
    /// How long the queue keeps messages.
    Retention,
    /// The batch size.
    Batch,
    /// The UUID.
    Uuid,
    /// How much a finding matters.
    Severity,
    /// What a finding is about.
    Subject,
    /// What a finding says.
    Sentence,
    /// Which rule found it.
    Rule,
    /// When something was asked for.
    When,
    /// What was asked for.
    What,
    /// Who asked.
    Who,
    /// What came of it.
    Outcome,
    /// How long it took.
    Took,
}

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// At the right: numbers.
    Right,
}

/// The priority from which on a column is a luxury.
pub const LUXURY: u8 = 6;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it shows.
    pub id: ColumnId,
    /// Its heading.
    pub title: &'static str,
    /// The least width, in cells, at which it is of use.
    pub min: u16,
    /// The width, in cells, that it would like.
    pub ideal: u16,
    /// Its share of what is left over; 0: it does not grow.
    pub grow: u16,
    /// When it goes: the highest number goes first, 0 stays to the last. From [`LUXURY`] on it comes only where the
    /// others have all the width that they would like.
    pub priority: u8,
    /// Where its text stands.
    pub align: Align,
    /// Whether the table can be sorted by it.
    pub sortable: bool,
}

const fn left(id: ColumnId, title: &'static str, min: u16, ideal: u16, grow: u16, priority: u8) -> Column {
    Column { id, title, min, ideal, grow, priority, align: Align::Left, sortable: true }
}

const fn right(id: ColumnId, title: &'static str, min: u16, ideal: u16, priority: u8) -> Column {
    Column { id, title, min, ideal, grow: 0, priority, align: Align::Right, sortable: true }
}

const MODELS: [Column; 8] = [
    left(ColumnId::Name, "MODEL", 14, 20, 2, 0),
    left(ColumnId::Status, "STATUS", 11, 17, 1, 1),
    right(ColumnId::Units, "UNITS", 5, 5, 5),
    right(ColumnId::Backlog, "BACKLOG", 7, 7, 4),
    Column { sortable: false, ..left(ColumnId::Day, "DAY", 24, 24, 0, 3) },
    left(ColumnId::Next, "NEXT", 16, 25, 1, 2),
    right(ColumnId::F1, "F1", 4, 4, 6),
    left(ColumnId::Trained, "TRAINED", 11, 11, 0, 7),
];

const SCHEDULES: [Column; 7] = [
    left(ColumnId::Name, "SCHEDULE", 18, 22, 2, 0),
    left(ColumnId::Status, "STATE", 10, 10, 0, 5),
    left(ColumnId::Fires, "FIRES", 18, 20, 2, 1),
    left(ColumnId::Zone, "ZONE", 8, 13, 0, 6),
    left(ColumnId::Effect, "DOES", 7, 8, 0, 4),
    left(ColumnId::Model, "MODEL", 10, 12, 1, 3),
    left(ColumnId::Next, "NEXT", 10, 19, 0, 2),
];

const MAPPINGS: [Column; 9] = [
    left(ColumnId::Name, "FUNCTION", 15, 18, 2, 0),
    left(ColumnId::Status, "STATE", 11, 12, 0, 1),
    left(ColumnId::Queue, "QUEUE", 14, 18, 2, 3),
    right(ColumnId::Backlog, "BACKLOG", 7, 7, 2),
    right(ColumnId::Oldest, "OLDEST", 8, 8, 4),
    right(ColumnId::Retention, "KEEPS", 8, 8, 6),
    right(ColumnId::Batch, "BATCH", 5, 5, 7),
    left(ColumnId::Model, "MODEL", 11, 14, 1, 5),
    left(ColumnId::Uuid, "UUID", 36, 36, 0, 8),
];

const FINDINGS: [Column; 4] = [
    left(ColumnId::Severity, "WEIGHT", 9, 9, 0, 1),
    left(ColumnId::Subject, "ABOUT", 14, 20, 1, 2),
    left(ColumnId::Sentence, "FINDING", 20, 60, 4, 0),
    left(ColumnId::Rule, "RULE", 10, 26, 0, 6),
];

const JOURNAL: [Column; 6] = [
    left(ColumnId::When, "WHEN", 9, 16, 0, 2),
    left(ColumnId::What, "WHAT", 7, 15, 0, 3),
    left(ColumnId::Name, "SUBJECT", 14, 22, 1, 0),
    left(ColumnId::Outcome, "OUTCOME", 18, 30, 4, 1),
    right(ColumnId::Took, "TOOK", 7, 7, 4),
    left(ColumnId::Who, "WHO", 8, 12, 0, 5),
];

impl Screen {
    /// The columns of its table, from left to right.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Models => &MODELS,
            Self::Schedules => &SCHEDULES,
            Self::Mappings => &MAPPINGS,
            Self::Findings => &FINDINGS,
            Self::Journal => &JOURNAL,
        }
    }

    /// The column of that id, if this screen has it.
    #[must_use]
    pub fn column(self, id: ColumnId) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.id == id)
    }
}
