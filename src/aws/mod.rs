//! The account: the only room that names the AWS SDK.
//!
//! [`Connect`] says how to get in, [`Account`] is the way in, and [`Survey`] reads the whole fleet through it. What comes
//! out is `domain` types and `Trouble`; no type of the SDK leaves this room.

mod account;
mod cloudformation;
mod cloudwatch;
mod convert;
mod credentials;
mod error;
mod eventbridge;
mod functions;
mod lambda;
mod novelty;
mod pace;
mod page;
mod receipt;
mod rekognition;
mod s3;
mod scheduler;
mod sqs;
mod sts;
mod survey;
mod usage;
mod wire;
mod work;

pub use account::{Account, Connect, Patience};
pub use cloudformation::Proposed;
pub use receipt::Receipt;
pub use scheduler::Replacing;
pub use survey::{Scope, Survey};
pub use usage::{Asked, UsageAnswer, UsageQuestion};
