//! A simulated AWS account at the HTTP level: as strict as the real one, on a clock that can be held, stepped or sped up.
//!
//! A [`scenario`] says what the account holds when it begins; the [`world`] holds it and lets time pass; each service
//! has a handler that answers its calls out of the world and changes it; [`faults`] go wrong on purpose.

pub mod account;
pub mod args;
pub mod cloudwatch;
pub mod events;
pub mod fault;
pub mod faults;
pub mod history;
pub mod lambda;
pub mod rekognition;
pub mod scenario;
pub mod scenarios;
pub mod scheduler;
pub mod sqs;
pub mod sts;
pub mod world;

/// What answers the calls of a service: the world, the operation and its input in, the output or an error out.
pub type Handler = fn(&mut world::World, &str, &serde_json::Value) -> Result<serde_json::Value, fault::Fault>;
