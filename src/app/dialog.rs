//! Dialogs: a stack of them lies over the screen, and the topmost gets the keys.

use tui_input::Input;

use super::act::Act;
use super::calendar::Calendar;
use super::functions::FunctionsPage;
use super::key::Key;
use super::list::Scroll;
use super::savings::{RangeLine, RunsPage};
use super::unscheduled::Unscheduled;
use super::week::WeekEditor;
use super::wording::Wording;
use super::zones::Zones;

/// A dialog.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// The keys, from the list of commands.
    Help {
        /// How far it is scrolled.
        scroll: Scroll,
    },
    /// All commands, found by typing.
    Palette {
        /// What was typed.
        input: Input,
        /// The selected row among those that match.
        selected: usize,
    },
    /// Everything about one row.
    Details {
        /// Which row.
        key: Key,
        /// How far it is scrolled.
        scroll: Scroll,
    },
    /// What belongs to a row: where to go from here.
    Related {
        /// The row.
        of: Key,
        /// Where one can go.
        targets: Vec<Key>,
        /// The selected one.
        selected: usize,
    },
    /// Something is to be changed.
    Act(Box<Act>),
    /// The week of a model is edited.
    Week(Box<WeekEditor>),
    /// Leaving while something is going on.
    Leave {
        /// Whether the focus is on leaving, and not on staying.
        leave: bool,
    },
    /// Which of several schedules is meant.
    Which {
        /// Their rows.
        targets: Vec<Key>,
        /// The selected one.
        selected: usize,
    },
    /// The expression of a schedule or rule is typed.
    Expression(Box<Wording>),
    /// A time zone is chosen.
    Zones(Box<Zones>),
    /// Days of a week are skipped.
    Calendar(Box<Calendar>),
    /// Every run of one model.
    Runs(Box<RunsPage>),
    /// A range is typed.
    Range(Box<RangeLine>),
    /// The functions that have to do with models.
    Functions(Box<FunctionsPage>),
    /// What a model without schedules lacks before it can get a week.
    Unscheduled(Box<Unscheduled>),
}
