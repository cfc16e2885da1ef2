//! The slowest of many: a mean hides the one frame in a hundred that the operator notices.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId};

/// Measures `work` on what `prepare` makes, each time by itself; says too how long the slowest took. What `work` gives
/// is dropped after the clock has been stopped.
pub fn measure<P, R>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    mut prepare: impl FnMut() -> P,
    mut work: impl FnMut(P) -> R,
) {
    let mut taken = Vec::new();
    group.bench_function(id, |bencher| {
        bencher.iter_custom(|times| {
            let once = |_| {
                let prepared = prepare();
                let begun = Instant::now();
                let result = black_box(work(black_box(prepared)));
                let time = begun.elapsed();
                drop(result);
                time
            };
            let all: Vec<Duration> = (0..times).map(once).collect();
            let sum = all.iter().sum();
            taken.extend(all);
            sum
        });
    });
    taken.sort_unstable();
    let at = |percent: usize| taken.get(taken.len() * percent / 100).or(taken.last());
    // Nothing was run where another benchmark's name was asked for.
    if let (Some(median), Some(p99), Some(most)) = (at(50), at(99), taken.last()) {
        println!("                        of {}: p50 {median:.2?}, p99 {p99:.2?}, most {most:.2?}", taken.len());
    }
}
