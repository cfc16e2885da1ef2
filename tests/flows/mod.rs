//! Flows: what an operator types and what the account answers, replayed through `update`, and what comes of it.

mod account;
mod acting;
mod browsing;
mod chance;
mod functions;
mod idle;
mod journal;
mod savings;
pub mod stage;
mod unscheduled;
mod week;
mod week_dates;
mod wording;
