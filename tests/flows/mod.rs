//! Flows: what an operator types and what the account answers, replayed through `update`, and what comes of it.

mod account;
mod browsing;
mod chance;
mod idle;
pub mod stage;
