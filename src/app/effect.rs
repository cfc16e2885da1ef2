//! What has to be done outside.

use super::refresh::Reading;
use crate::domain::functions::Check;
use crate::domain::operation::OperationId;
use crate::domain::plan::Plan;

/// What `update` asks the loop to do. Answers come back as messages.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Find the way into the account; answered by `Message::Connected`.
    Connect,
    /// Read the fleet; answered by `Message::News`, and by `Message::Surveyed` at the end.
    Read(Reading),
    /// Draw the picture of a large fleet, beside the keys; answered by `Message::Pictured` with the same number.
    Picture(u32),
    /// Ask CloudWatch what models ran that is not known yet; answered by `Message::Metered`.
    Meter,
    /// Find what was kept of that; answered likewise.
    RecallUsage,
    /// Work out what was saved, beside the keys; answered by `Message::Reckoned` with the same number.
    Reckon(u32),
    /// Keep the fleet as the last known one.
    Save,
    /// Put this text into the clipboard, by way of the terminal.
    Copy(String),
    /// Give the terminal back to the shell until it continues us; answered by `Message::Resumed`.
    Suspend,
    /// Carry these confirmed plans out, each as an operation of its own; answered by `Message::Operation` again and again,
    /// or by `Message::NotBegun`.
    Begin(Vec<Plan>),
    /// Carry an unfinished operation on; answered as `Begin` is.
    ResumeOperation(OperationId),
    /// Give an unfinished operation up; answered by `Message::Operation`.
    AbandonOperation(OperationId),
    /// Do not wait longer for messages in flight in this operation.
    GoOn(OperationId),
    /// Ask CloudWatch how these functions (by ARN) fare; answered by `Message::FunctionsCounted`.
    CountFunctions(Vec<String>),
    /// Let a function (by ARN) look at what it would start or stop; each answer comes as `Message::FunctionTested`.
    TestFunction(String, Vec<Check>),
    /// Read the journal; answered by `Message::Journal`.
    ReadJournal,
    /// End the program.
    Quit,
}

impl Effect {
    /// Whether it may change something in the account or in the journal, or invokes what could.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(
            self,
            Self::Begin(_)
                | Self::ResumeOperation(_)
                | Self::AbandonOperation(_)
                | Self::GoOn(_)
                | Self::TestFunction(..)
        )
    }
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It looks for the way into the account.
    Connecting,
    /// It reads the account.
    Reading,
    /// It draws the picture of a large fleet.
    Picturing,
    /// It asks CloudWatch what models ran.
    Metering,
    /// It works out what was saved.
    Reckoning,
    /// It asks CloudWatch how functions fare.
    Counting,
}

impl Work {
    /// What it was doing, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Connecting => "looking for the way into the account",
            Self::Reading => "reading the account",
            Self::Picturing => "working out what happens next",
            Self::Metering => "asking CloudWatch what models ran",
            Self::Reckoning => "working out what was saved",
            Self::Counting => "asking CloudWatch how the functions fare",
        }
    }
}
