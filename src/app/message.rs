//! What happens to the program.

use std::sync::Arc;

use tui_input::InputRequest;

use super::command::Command;
use super::effect::Work;
use super::moment::Moment;
use super::refresh::Reading;
use super::savings::{Histories, Reckoned};
use super::week::Press;
use crate::domain::fleet::News;
use crate::domain::functions::{Answer, Counts};
use crate::domain::operation::Operation;
use crate::domain::picture::Picture;
use crate::domain::trouble::Trouble;
use crate::domain::work::Workload;

/// Where the way into the account led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The profile in use, if one was named.
    pub profile: Option<String>,
    /// The region.
    pub region: String,
}

/// Something that happened: a key, an answer, or the passing of time.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A key that means a command.
    Command(Command),
    /// A key while text is being typed.
    Edit(InputRequest),
    /// Text that was pasted.
    Paste(String),
    /// The mouse, at a half hour of the week editor.
    Point {
        /// The day, Monday being 0.
        day: u16,
        /// The minute of the day at which the half hour begins.
        minute: u16,
        /// What its button does.
        press: Press,
    },
    /// The terminal's size, in cells.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// It is later.
    Tick(Moment),
    /// The way into the account was found, or not.
    Connected(Result<Connected, Trouble>),
    /// A piece of the fleet.
    News(News),
    /// That reading has come to its end.
    Surveyed(Reading),
    /// The picture that was asked for by this number.
    Pictured(u32, Box<Picture>),
    /// What is known of what models ran.
    Metered {
        /// By model.
        histories: Arc<Histories>,
        /// What they were given to do.
        work: Arc<Workload>,
        /// Why CloudWatch could not be asked.
        trouble: Option<Trouble>,
        /// What could not be kept, in sentences.
        said: Vec<String>,
        /// Whether CloudWatch was asked; else it is what was kept.
        live: bool,
    },
    /// What was saved, as it was asked for by this number.
    Reckoned(u32, Box<Reckoned>),
    /// A worker died while it did this.
    WorkerLost(Work),
    /// The fleet could not be kept; the text says why and what to do.
    NotSaved(String),
    /// An operation has begun, moved or ended: the whole record each time.
    Operation(Box<Operation>),
    /// What the journal holds, the newest first.
    Journal {
        /// The operations.
        operations: Vec<Operation>,
    },
    /// A plan was refused before it began.
    NotBegun {
        /// The plan's title.
        title: String,
        /// Why, in a sentence.
        why: String,
    },
    /// How the functions fare, by ARN, or why nobody knows.
    FunctionsCounted(Result<Vec<(String, Option<Counts>)>, Trouble>),
    /// What a function answered to one of its tests.
    FunctionTested {
        /// Its ARN.
        function: String,
        /// To which of them, from 0.
        at: usize,
        /// The answer, or why there is none.
        answer: Result<Answer, String>,
    },
    /// We have the terminal again. `false`: there was no shell to give it to.
    Resumed {
        /// Whether the program really stood still.
        stood: bool,
    },
}
