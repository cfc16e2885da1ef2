//! When schedules fire next.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput};
use rekotui::domain::timing::Timing;

use super::account::ZONE;

const STEPS: u16 = 2_000;

pub fn measure(criterion: &mut Criterion) {
    let from: DateTime<Utc> = "2026-11-20T13:09:00Z".parse().unwrap();
    let of = |expression: &str| Timing::new(expression.parse().unwrap(), ZONE);

    let mut group = criterion.benchmark_group("fires/2000 steps");
    group.throughput(Throughput::Elements(STEPS.into()));
    for (name, expression) in [
        ("office hours", "cron(30 7 ? * MON-FRI *)"),
        ("last day of the month", "cron(0 18 L * ? *)"),
        ("second monday", "cron(0 9 ? * 2#2 *)"),
    ] {
        let timing = of(expression);
        assert_eq!(steps(&timing, from), usize::from(STEPS), "{expression}");
        group.bench_function(name, |bencher| bencher.iter(|| steps(black_box(&timing), black_box(from))));
    }
    group.finish();

    let mut group = criterion.benchmark_group("fires/one step");
    for (name, expression, fires) in [
        ("office hours", "cron(30 7 ? * MON-FRI *)", true),
        ("leap day, far away", "cron(0 0 29 2 ? 2096)", true),
        ("never", "cron(0 0 30 2 ? *)", false),
    ] {
        let timing = of(expression);
        assert_eq!(timing.next_after(from).is_some(), fires, "{expression}");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(&timing).next_after(black_box(from))));
    }
    group.finish();
}

fn steps(timing: &Timing, from: DateTime<Utc>) -> usize {
    let fires = std::iter::successors(timing.next_after(from), |last| timing.next_after(*last));
    fires.take(STEPS.into()).count()
}
