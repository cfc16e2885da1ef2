//! A simulated AWS account at the HTTP level: as strict as the real one, on a clock that can be held, stepped or sped up.
//!
//! A [`scenario`] says what the account holds when it begins; the [`world`] holds it and lets time pass.

pub mod history;
pub mod scenario;
pub mod world;
