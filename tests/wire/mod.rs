//! The simulated account, call by call.

mod life;
