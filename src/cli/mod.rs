//! The sub-commands: what the screens show, for scripts and for terminals that cannot hold a screen.
//!
//! Each command reads the account afresh, prints to standard output, and answers with one of the codes of [`Outcome`].

pub mod act;
pub mod cron;
pub mod functions;
pub mod gather;
pub mod report;
pub mod savings;
mod text;
mod views;

pub use report::{What, print};

/// How a command ended, as its exit code tells scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0: everything was read; what was asked for is done, or held already.
    Whole,
    /// 1: nothing could be read; the reason is on standard error.
    Nothing,
    /// 2: the command was given something that it cannot use.
    Usage,
    /// 3: with `--check`, everything was read and there are findings that warn.
    Findings,
    /// 4: a part could not be read; `troubles` says which and why. Of several operations, some were done.
    Partly,
    /// 5: nothing was changed: not confirmed, not allowed here, or no longer as it was seen.
    Refused,
    /// 6: it has failed; the sentence says what was done before.
    Failed,
    /// 7: it is not at its end and can be carried on with `rekotui resume`.
    GoesOn,
}

impl Outcome {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::Nothing => 1,
            Self::Usage => 2,
            Self::Findings => 3,
            Self::Partly => 4,
            Self::Refused => 5,
            Self::Failed => 6,
            Self::GoesOn => 7,
        }
    }
}
