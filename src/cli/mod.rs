//! The sub-commands: what the screens show, for scripts and for terminals that cannot hold a screen.
//!
//! Each command reads the account afresh, prints to standard output, and answers with one of the codes of [`Outcome`].

pub mod cron;
pub mod gather;
pub mod report;
mod text;
mod views;

pub use report::{What, print};

/// How a command ended, as its exit code tells scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0: everything was read.
    Whole,
    /// 1: nothing could be read; the reason is on standard error.
    Nothing,
    /// 2: the command was given something that it cannot use.
    Usage,
    /// 3: with `--check`, everything was read and there are findings that warn.
    Findings,
    /// 4: a part could not be read; `troubles` says which and why.
    Partly,
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
        }
    }
}
