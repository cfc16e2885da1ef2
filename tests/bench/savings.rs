//! Savings of a large fleet: a year of a thousand models summed up by day and by month, and kept and found again.

use std::collections::BTreeMap;
use std::hint::black_box;

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use criterion::{BenchmarkId, Criterion};
use rekotui::domain::model::ModelArn;
use rekotui::domain::picture::Picture;
use rekotui::domain::savings::{Book, Books, By, Range, Savings, Terms};
use rekotui::domain::usage::{History, Span, Stretch};
use rekotui::domain::week::midnight;
use rekotui::domain::wiring::Wishes;
use rekotui::store::UsageStore;

use super::account::{ZONE, fleet, reading};

/// A model that ran on every weekday of the last year.
fn history(now: DateTime<Utc>) -> History {
    let today = now.with_timezone(&ZONE).date_naive();
    let mut history = History {
        asked: vec![Span { from: now - TimeDelta::days(400), to: now }],
        closed: Some(now - TimeDelta::hours(1)),
        ..History::default()
    };
    for back in (1..366).rev() {
        let date = today - Days::new(back);
        if date.weekday().num_days_from_monday() < 5 {
            let from = midnight(ZONE, date) + TimeDelta::minutes(521);
            history.push(Stretch { from, to: from + TimeDelta::minutes(501), units: 1.0, grain: 300 });
        }
    }
    history
}

pub fn measure(criterion: &mut Criterion) {
    let (news, moment) = reading(1_000);
    let mut fleet = fleet(&news);
    for schedule in fleet.schedules.rows.values_mut() {
        schedule.created = Some(moment.now - TimeDelta::days(800));
    }
    let picture = Picture::of(&fleet, &Wishes::default(), moment.now, ZONE);
    let known = history(moment.now);
    let fresh: BTreeMap<ModelArn, History> = fleet.models.rows.keys().map(|arn| (arn.clone(), known.clone())).collect();
    let noted: BTreeMap<ModelArn, History> = fresh
        .iter()
        .map(|(arn, history)| {
            let mut history = history.clone();
            let over = Span { from: history.asked[0].from, to: history.closed.unwrap() };
            history.noted.go_on(&Book::of(arn, &fleet, &picture, &history, &[]).to_note(over));
            (arn.clone(), history)
        })
        .collect();
    let deeds = BTreeMap::new();
    let mut group = criterion.benchmark_group("savings");
    group.sample_size(10);
    for (name, histories) in [("windows to be worked out", &fresh), ("windows noted", &noted)] {
        for by in [By::Day, By::Month] {
            let books = Books { fleet: &fleet, picture: &picture, histories, deeds: &deeds, now: moment.now };
            let terms = Terms::new(Range::Year, &Wishes::default(), fleet.region.as_deref(), moment.now, ZONE);
            let terms = Terms { by, ..terms };
            let hours = Savings::of(books, terms.clone()).total;
            assert!(hours.running > 1_000.0 * 1_900.0 && hours.planned > 1_000_000.0, "{hours:?}");
            let id = BenchmarkId::new(format!("a year of 1,000 models by {}", by.word()), name);
            group.bench_function(id, |bencher| bencher.iter(|| Savings::of(black_box(books), terms.clone())));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = UsageStore::open(folder.path(), "").unwrap();
    store.keep(noted.iter().map(|(arn, history)| (arn, history.asked[0].from, history))).unwrap();
    store.note(noted.iter().map(|(arn, history)| (arn, &history.noted))).unwrap();
    let account = fleet.identity.as_ref().unwrap().account.clone();
    group.bench_function("a year of 1,000 models found again", |bencher| {
        bencher.iter(|| {
            let found = store.load(&account, "eu-central-1", moment.now).unwrap();
            assert_eq!(found.len(), 1_000);
        });
    });
    group.finish();
}
