//! Widgets that know a little of our things but nothing of the program's state.

pub mod day_strip;
pub mod frame;
pub mod table;
pub mod week_grid;
