//! rekotui: the terminal console for Rekognition Custom Labels models that run only when they are needed.
//!
//! The rooms of the house, and who may know whom (`tests/rooms.rs` holds the code to it):
//!
//! | room          | what lives there                                               | may know                          |
//! |---------------|----------------------------------------------------------------|-----------------------------------|
//! | [`domain`]    | models, mappings, schedules, windows, findings: pure           | nothing                           |
//! | [`aws`]       | the only room that names the AWS SDK                           | `domain`, `operation::permit`     |
//! | [`operation`] | carries a plan out; the only place that writes                 | `domain`, `aws`, `store`          |
//! | [`store`]     | SQLite on the workstation: the last known fleet, hours, journal | `domain`                          |
//! | [`app`]       | the program as data: state, message, update, effects           | `domain`                          |
//! | [`ui`]        | the terminal: keys to commands, state to frame                 | `app`, `domain`                   |
//! | [`meter`]     | what models ran: asked once, kept for good                     | `domain`, `aws`, `store`          |
//! | [`run`]       | the loop: the one place where screen and account meet          | `app`, `ui`, `operation`, `meter`, `aws`, `store` |
//! | [`cli`]       | the sub-commands                                               | `domain`, `operation`, `meter`, `aws`, `store` |
//! | [`lambda`]    | the functions that schedules invoke: the same plans, carried out | `domain`, `operation`, `aws`, `store` |
//! | [`sim`]       | a simulated AWS account at the HTTP level                      | `domain::cron` alone              |
//! | [`config`]    | defaults ← file ← environment ← flags, merged in one place     | `domain`                          |
//!
//! [`clock`] is common ground: time is handed in everywhere, and nothing else asks what time it is.

pub mod app;
pub mod aws;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod lambda;
pub mod meter;
pub mod operation;
pub mod run;
pub mod sim;
pub mod store;
pub mod ui;
