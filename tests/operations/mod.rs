//! Operations against the simulated account: what they do, in which order, and what is left when they are interrupted.

mod edits;
mod flows;
mod functions;
mod kills;
pub mod lab;
mod pauses;
mod starts;
mod stops;
mod theatre;
mod week_editor;
mod weeks;
mod year;
