//! Widgets that know a little of our things but nothing of the program's state.

pub mod bars;
pub mod day_strip;
pub mod frame;
pub mod spark;
pub mod table;
pub mod week_grid;
