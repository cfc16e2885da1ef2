//! The columns of each screen, as data: sorting and drawing go by the same list.

use super::screen::Screen;
use super::state::State;

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
    /// The hours of the last seven days.
    Week,
    /// How long a model ran.
    Ran,
    /// What it used, in inference hours.
    Used,
    /// What it would have used.
    Baseline,
    /// What was saved.
    Saved,
    /// The share of the baseline that was saved.
    Share,
    /// What it used outside of its windows.
    Overrun,
    /// What its windows held without a run.
    Missed,
    /// What is not known.
    Unknown,
    /// By how much the figures may be wrong.
    Error,
    /// What was saved, in dollars.
    Money,
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
const LUXURY: u8 = 8;

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
    /// When it goes: the highest number goes first, 0 stays to the last. From eight on it comes only where the
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

const MODELS: [Column; 11] = [
    left(ColumnId::Name, "MODEL", 14, 20, 2, 0),
    left(ColumnId::Status, "STATUS", 11, 17, 1, 1),
    right(ColumnId::Units, "UNITS", 5, 5, 5),
    right(ColumnId::Backlog, "BACKLOG", 7, 7, 4),
    Column { sortable: false, ..left(ColumnId::Day, "DAY", 24, 24, 0, 3) },
    left(ColumnId::Next, "NEXT", 16, 25, 1, 2),
    left(ColumnId::Week, "7 DAYS", 7, 7, 0, 8),
    right(ColumnId::Saved, "SAVED 30 d", 10, 10, 6),
    right(ColumnId::Money, "", 7, 7, 9),
    right(ColumnId::F1, "F1", 4, 4, 10),
    left(ColumnId::Trained, "TRAINED", 11, 11, 0, 11),
];

const SAVINGS: [Column; 11] = [
    left(ColumnId::Name, "MODEL", 13, 20, 2, 0),
    right(ColumnId::Ran, "RAN", 6, 7, 5),
    right(ColumnId::Used, "USED", 6, 7, 4),
    right(ColumnId::Baseline, "BASELINE", 8, 8, 9),
    right(ColumnId::Saved, "SAVED", 7, 7, 1),
    right(ColumnId::Error, "ERROR", 6, 6, 10),
    right(ColumnId::Share, "SHARE", 5, 5, 6),
    right(ColumnId::Overrun, "OVERRUN", 7, 7, 2),
    right(ColumnId::Missed, "MISSED", 6, 6, 8),
    right(ColumnId::Unknown, "UNKNOWN", 7, 7, 7),
    right(ColumnId::Money, "MONEY", 7, 8, 3),
];

const SCHEDULES: [Column; 7] = [
    left(ColumnId::Name, "SCHEDULE", 18, 22, 2, 0),
    left(ColumnId::Status, "STATE", 10, 10, 0, 5),
    left(ColumnId::Fires, "FIRES", 18, 20, 2, 1),
    left(ColumnId::Zone, "ZONE", 8, 13, 0, 8),
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
    right(ColumnId::Retention, "KEEPS", 8, 8, 8),
    right(ColumnId::Batch, "BATCH", 5, 5, 9),
    left(ColumnId::Model, "MODEL", 11, 14, 1, 5),
    left(ColumnId::Uuid, "UUID", 36, 36, 0, 10),
];

const FINDINGS: [Column; 4] = [
    left(ColumnId::Severity, "WEIGHT", 9, 9, 0, 1),
    left(ColumnId::Subject, "ABOUT", 14, 20, 1, 2),
    left(ColumnId::Sentence, "FINDING", 20, 60, 4, 0),
    left(ColumnId::Rule, "RULE", 10, 26, 0, 8),
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
            Self::Savings => &SAVINGS,
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

/// One cell more for each hour of the day strip.
const DAY: u16 = 24;

/// The columns that fit into a table, from left to right.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Each with the cells that it got.
    pub columns: Vec<(&'static Column, u16)>,
    /// The blanks between two of them.
    pub gap: u16,
}

/// Which columns fit into `width` cells, and how wide each is: first all get their least, the last in priority going
/// first; then what they would like; what is left goes to those that grow. Luxuries come only where nobody else has to
/// make room for them, and the day strip grows by whole hours.
#[must_use]
pub fn place(columns: &'static [Column], width: u16) -> Placed {
    let gap = if width < 90 { 1 } else { 2 };
    let room = |kept: &[&Column], cells: fn(&Column) -> u16| {
        kept.iter().map(|column| cells(column)).sum::<u16>() + gap * u16::try_from(kept.len().max(1) - 1).unwrap_or(0)
    };
    let mut kept: Vec<&'static Column> = columns.iter().filter(|column| column.priority < LUXURY).collect();
    let needed = kept.len();
    while kept.len() > 1 && room(&kept, |column| column.min) > width {
        let last = kept.iter().enumerate().max_by_key(|(_, column)| column.priority).map_or(0, |(at, _)| at);
        kept.remove(last);
    }
    let mut luxuries: Vec<&'static Column> = columns.iter().filter(|column| column.priority >= LUXURY).collect();
    luxuries.sort_by_key(|column| column.priority);
    for luxury in luxuries.into_iter().take(if kept.len() == needed { usize::MAX } else { 0 }) {
        kept.push(luxury);
        if room(&kept, |column| column.ideal) > width {
            kept.pop();
            break;
        }
    }
    kept.sort_by_key(|column| columns.iter().position(|own| own.id == column.id));
    let left = width.saturating_sub(room(&kept, |column| column.min));
    let columns = kept.into_iter().map(|column| (column, column.min.min(width))).collect();
    let mut placed = Placed { columns, gap };
    placed.fill(left);
    placed
}

impl Placed {
    /// Hands out the cells that are left.
    fn fill(&mut self, mut left: u16) {
        let mut by_priority: Vec<usize> = (0..self.columns.len()).collect();
        by_priority.sort_by_key(|at| self.columns.get(*at).map_or(0, |(column, _)| column.priority));
        for at in by_priority {
            if let Some((column, width)) = self.columns.get_mut(at) {
                let more = column.ideal.saturating_sub(*width).min(left);
                *width += more;
                left -= more;
            }
        }
        let day = self.columns.iter_mut().find(|(column, _)| column.id == ColumnId::Day);
        if let Some((_, width)) = day.filter(|_| left >= DAY) {
            *width += DAY;
            left -= DAY;
        }
        let shares: u16 = self.columns.iter().map(|(column, _)| column.grow).sum();
        for (column, width) in &mut self.columns {
            *width += (left * column.grow).checked_div(shares).unwrap_or(0);
        }
    }
}

/// Below this many columns or rows of the terminal there is no room for a box around the table.
const BARE: (u16, u16) = (60, 15);

/// How wide the table is on a terminal of this size, and whether a box is around it, which takes two cells on either side.
#[must_use]
pub fn table_width((width, height): (u16, u16)) -> (u16, bool) {
    let boxed = width >= BARE.0 && height >= BARE.1;
    (width.saturating_sub(if boxed { 4 } else { 2 }), boxed)
}

impl State {
    /// The columns by which the table in front can be sorted: those that are in sight.
    fn sortable(&self) -> Vec<ColumnId> {
        let placed = place(self.screen.columns(), table_width(self.size).0);
        placed.columns.iter().filter(|(column, _)| column.sortable).map(|(column, _)| column.id).collect()
    }

    /// The column that is marked; where that is out of sight, the next to its left, or else the first.
    #[must_use]
    pub fn marked_column(&self) -> ColumnId {
        let own = match self.screen {
            Screen::Models => self.models.cursor,
            Screen::Schedules => self.schedules.cursor,
            Screen::Mappings => self.mappings.cursor,
            Screen::Savings => self.savings.cursor,
            Screen::Findings => self.findings.cursor,
            Screen::Journal => self.journal.cursor,
        };
        let shown = self.sortable();
        let place = |id: ColumnId| self.screen.columns().iter().position(|column| column.id == id);
        let left = shown.iter().rev().find(|id| place(**id) <= place(own));
        left.or(shown.first()).copied().unwrap_or(own)
    }

    /// The column beside the marked one, if there is one.
    pub(super) fn column_beside(&self, right: bool) -> Option<ColumnId> {
        let (shown, marked) = (self.sortable(), self.marked_column());
        let at = shown.iter().position(|id| *id == marked)?;
        shown.get(if right { at + 1 } else { at.checked_sub(1)? }).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_take_more_than_there_is_and_go_by_priority() {
        for screen in Screen::ALL {
            for width in 1..220 {
                let placed = place(screen.columns(), width);
                let (columns, gap) = (placed.columns, placed.gap);
                let used: u16 = columns.iter().map(|(_, width)| *width).sum::<u16>() + gap * (columns.len() as u16 - 1);
                assert!(used <= width.max(1), "{screen:?} {width}: {used}");
                let worst = columns.iter().map(|(column, _)| column.priority).max().unwrap();
                let gone = screen.columns().iter().filter(|own| !columns.iter().any(|(column, _)| column.id == own.id));
                assert!(gone.map(|column| column.priority).all(|priority| priority > worst));
            }
        }
    }

    #[test]
    fn the_day_is_drawn_in_whole_or_half_hours() {
        for width in 30..300 {
            let placed = place(Screen::Models.columns(), width);
            let day = placed.columns.iter().find(|(column, _)| column.id == ColumnId::Day);
            assert!(day.is_none_or(|(_, cells)| cells % DAY == 0), "{width}");
        }
    }

    #[test]
    fn a_wide_table_shows_everything() {
        for screen in Screen::ALL {
            assert_eq!(place(screen.columns(), 196).columns.len(), screen.columns().len(), "{screen:?}");
        }
    }
}
