//! A sweep of the large account in this process, not held back by AWS's call rates. The simulated account takes its time
//! too: these figures are an upper bound of what the program itself needs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use rekotui::domain::fleet::Fleet;

use super::account::{Lab, fleet, runtime, sweep};

pub fn measure(criterion: &mut Criterion) {
    let runtime = runtime();
    let lab = Lab::of(1_000);
    let mut group = criterion.benchmark_group("sweep of 1,000 models");
    group.sample_size(10);
    for (name, latency) in [("no latency", Duration::ZERO), ("50 ms a call", Duration::from_millis(50))] {
        lab.sim.faults().clear();
        if !latency.is_zero() {
            lab.sim.faults().slow("*", "*", latency);
        }
        let nothing = Arc::new(Fleet::default());
        group.bench_function(format!("first, {name}"), |bencher| {
            bencher.iter_custom(|times| {
                let once = |_| {
                    lab.sim.clear_log();
                    let survey = runtime.block_on(lab.survey());
                    let begun = Instant::now();
                    let told = runtime.block_on(sweep(&survey, &nothing));
                    let time = begun.elapsed();
                    assert_eq!(fleet(&told).models.rows.len(), 1_000);
                    time
                };
                (0..times).map(once).sum()
            });
        });
        println!("                        {} calls", lab.sim.log().len());

        let survey = runtime.block_on(lab.survey());
        let known = Arc::new(fleet(&runtime.block_on(sweep(&survey, &nothing))));
        group.bench_function(format!("later, {name}"), |bencher| {
            bencher.iter_custom(|times| {
                let once = |_| {
                    lab.sim.clear_log();
                    let begun = Instant::now();
                    runtime.block_on(sweep(&survey, &known));
                    begun.elapsed()
                };
                (0..times).map(once).sum()
            });
        });
        println!("                        {} calls", lab.sim.log().len());
    }
    group.finish();
}
