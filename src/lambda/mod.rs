//! The functions that schedules invoke (startup in the morning, shutdown in the evening) and the one that mappings invoke
//! (inference). Starting and stopping are the same plans and the same engine as of the screen and the commands, so that a model
//! is started in one way only, whoever asks.
//!
//! A start can take longer than a function may run. So a function that is near its deadline ends with an error that says so:
//! Lambda invokes it again, and since every step looks before it writes, the next one goes on where this one was.

mod event;
mod inference;
mod log;
mod work;

pub use event::{Event, EventError};
pub use inference::{Duty, inference};
pub use log::{Log, to_stdout};
pub use work::{Failure, Memory, Shift, shutdown, startup};
