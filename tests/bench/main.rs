//! How long the operator waits: for what schedules mean, for a picture of the fleet, for a frame, and for a sweep.
//!
//! `cargo bench --bench house`, or with a part of a name behind it for some of them. Nothing here fails on a slow machine;
//! the figures are there to be read.
#![expect(clippy::unwrap_used, reason = "a benchmark whose account cannot be built has nothing to measure")]

mod account;
mod fires;
mod frames;
mod savings;
mod sweep;
mod tail;
mod windows;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    fires::measure(&mut criterion);
    windows::measure(&mut criterion);
    frames::measure(&mut criterion);
    savings::measure(&mut criterion);
    sweep::measure(&mut criterion);
    criterion.final_summary();
}
