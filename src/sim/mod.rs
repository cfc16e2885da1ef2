//! A simulated AWS account at the HTTP level: as strict as the real one, on a clock that can be held, stepped or sped up.
//!
//! A [`scenario`] says what the account holds when it begins; the [`world`] holds it and lets time pass; each service
//! has a handler that answers its calls out of the world and changes it; [`faults`] go wrong on purpose.
//!
//! Calls come in by a [`client`] in this process or a [`serve`]r on a port; both hand them to the [`front`], which finds
//! out by the [`protocol`] what is asked, [`check`]s it against the [`shapes`] of the service, and spells the answer.
//! Handlers know no protocol: values in, values out, times as seconds since 1970, bytes as base64.

pub mod account;
pub mod args;
pub mod check;
pub mod client;
pub mod cloudformation;
pub mod cloudwatch;
pub mod events;
pub mod fault;
pub mod faults;
pub mod front;
pub mod history;
pub mod lambda;
pub mod protocol;
pub mod rekognition;
pub mod runner;
pub mod s3;
pub mod scenario;
pub mod scenarios;
pub mod scheduler;
pub mod serve;
pub mod shapes;
pub mod sqs;
pub mod sts;
pub mod world;

/// What answers the calls of a service: the world, the operation and its input in, the output or an error out.
pub type Handler = fn(&mut world::World, &str, &serde_json::Value) -> Result<serde_json::Value, fault::Fault>;
