//! Operations: plans carried out against an account. The only place that writes.
//!
//! A step is looked at before anything is done about it, its try is in the journal before the call is made, and its
//! outcome afterwards. So a program that is killed at any instant leaves behind what the next one needs to go on.

mod check;
mod engine;
mod package;
pub mod permit;
mod proposal;
mod refusal;
mod results;
mod run;
mod stack;
mod watch;

pub use engine::{Driver, Engine, Manner, Wait};
pub use package::{Machine, Package, package};
pub use refusal::Refusal;
pub use results::hand_over;
pub use stack::digest;
pub use watch::Means;
