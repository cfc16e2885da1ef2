//! What follows from schedules: the windows of a year, and the picture of a fleet.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use criterion::{BenchmarkId, Criterion};
use rekotui::domain::picture::Picture;
use rekotui::domain::timing::Timing;
use rekotui::domain::usage::Span;
use rekotui::domain::week::{Timings, windows};
use rekotui::domain::wiring::Wishes;

use super::account::{ZONE, fleet, reading};

pub fn measure(criterion: &mut Criterion) {
    year(criterion);
    pictures(criterion);
}

/// One model with a pair of schedules for weekdays and one for Saturdays.
fn year(criterion: &mut Criterion) {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let of = |name: &str, expression: &str| (name.to_owned(), Timing::new(expression.parse().unwrap(), ZONE));
    let starts: Timings = vec![of("a", "cron(30 7 ? * MON-FRI *)"), of("b", "cron(0 9 ? * SAT *)")];
    let stops: Timings = vec![of("c", "cron(0 18 ? * MON-FRI *)"), of("d", "cron(0 13 ? * SAT *)")];
    let year = Span { from: at("2026-01-01T00:00:00Z"), to: at("2027-01-01T00:00:00Z") };
    assert_eq!(windows(&starts, &stops, year).len(), 261 + 52);
    criterion.bench_function("windows/a year of one model", |bencher| {
        bencher.iter(|| windows(black_box(&starts), black_box(&stops), black_box(year)));
    });
}

fn pictures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("picture");
    group.sample_size(20);
    for models in [100, 1_000] {
        let (news, moment) = reading(models);
        let (fleet, wishes) = (fleet(&news), Wishes::default());
        assert_eq!(fleet.models.rows.len(), models);
        group.bench_function(BenchmarkId::new("models", models), |bencher| {
            bencher.iter(|| Picture::of(black_box(&fleet), &wishes, moment.now, ZONE));
        });
    }
    group.finish();
}
