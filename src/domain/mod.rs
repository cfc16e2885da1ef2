//! What the product is about, in pure values: no AWS SDK, no screen, no clock, no tokio.
//!
//! Times are UTC instants (`DateTime<Utc>`); wherever a local time is meant, the zone stands beside it.

pub mod account;
pub mod asked;
pub mod cron;
pub mod deploy;
pub mod finding;
pub mod fleet;
pub mod function;
pub mod functions;
pub mod inference;
pub mod mapping;
pub mod model;
pub mod naming;
pub mod notification;
pub mod operation;
pub mod picture;
pub mod plan;
pub mod price;
pub mod queue;
pub mod rows;
pub mod savings;
pub mod schedule;
pub mod shared;
pub mod stack;
#[cfg(test)]
pub(crate) mod testing;
pub mod timing;
pub mod trouble;
pub mod usage;
pub mod week;
pub mod wiring;
pub mod words;
pub mod work;
