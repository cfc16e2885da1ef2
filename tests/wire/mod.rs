//! The simulated account, call by call.

mod bench;
mod cloudformation;
mod cloudwatch;
mod deploy;
pub mod door;
mod events;
mod lambda;
mod life;
mod mishaps;
mod protocol;
mod rekognition;
mod s3;
mod scheduler;
mod sqs;
mod work;
