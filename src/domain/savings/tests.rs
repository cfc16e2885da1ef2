//! What books come to: exact where minutes are known, within the stated bound where they are not.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::fleet::Fleet;
use crate::domain::testing::{BERLIN, LOGOS, Small, at, now};
use crate::domain::usage::{Bucket, Noted};
use crate::domain::wiring::Wishes;

/// One minute of units, or none.
type Minute = Option<u32>;

/// What CloudWatch would tell of these minutes, of which the first is `from`.
fn buckets(from: DateTime<Utc>, minutes: &[Minute], period: u32) -> Vec<Bucket> {
    let mut buckets: BTreeMap<DateTime<Utc>, (f64, f64)> = BTreeMap::new();
    for (place, units) in minutes.iter().enumerate() {
        let Some(units) = units else { continue };
        let at = from.timestamp() + 60 * place as i64;
        let begin = DateTime::from_timestamp(at.div_euclid(i64::from(period)) * i64::from(period), 0).unwrap();
        let (count, sum) = buckets.entry(begin).or_default();
        *count += 1.0;
        *sum += f64::from(*units);
    }
    let bucket = |(at, (count, sum)): (DateTime<Utc>, (f64, f64))| Bucket {
        at,
        period,
        units: sum / count,
        count: (period > 60).then_some(count),
    };
    buckets.into_iter().map(bucket).collect()
}

fn history(from: DateTime<Utc>, minutes: &[Minute], period: u32) -> History {
    let to = from + TimeDelta::minutes(minutes.len() as i64);
    let mut history = History::default();
    history.take(Span { from, to }, &buckets(from, minutes, period), to);
    history
}

/// Stretches of minutes with so many units, or none.
fn minutes(stretches: &[(usize, Minute)]) -> Vec<Minute> {
    stretches.iter().flat_map(|(count, units)| std::iter::repeat_n(*units, *count)).collect()
}

/// Schedules of weekdays, 08:30 to 17:00 in Berlin, for a model that runs with so many units.
fn fleet(status: &str, units: u32) -> Fleet {
    let mut small = Small::new()
        .model("logos", status)
        .starts("logos", "cron(30 8 ? * MON-FRI *)")
        .stops("logos", "cron(0 17 ? * MON-FRI *)")
        .0;
    for model in small.models.rows.values_mut() {
        model.min_units = Some(units);
    }
    small
}

fn savings_of(fleet: &Fleet, history: History, terms: Terms) -> Savings {
    let picture = Picture::of(fleet, &Wishes::default(), now(), BERLIN);
    let histories = BTreeMap::from([(LOGOS.parse().unwrap(), history)]);
    let deeds = BTreeMap::new();
    Savings::of(Books { fleet, picture: &picture, histories: &histories, deeds: &deeds, now: now() }, terms)
}

fn terms(range: &str, by: By) -> Terms {
    Terms { by, ..Terms::new(range.parse().unwrap(), &Wishes::default(), Some("eu-central-1"), now(), BERLIN) }
}

fn about(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found}, and not {expected}");
}

/// The minutes of October 2026 in Berlin: 08:41 to 17:02 on weekdays.
fn october(units: u32) -> (DateTime<Utc>, Vec<Minute>) {
    let from = at("2026-09-30T22:00:00Z");
    let minute = |place: i64| {
        let local = (from + TimeDelta::minutes(place)).with_timezone(&BERLIN);
        let clock = chrono::Timelike::hour(&local) * 60 + chrono::Timelike::minute(&local);
        let works = local.weekday().num_days_from_monday() < 5 && (521..1022).contains(&clock);
        works.then_some(units)
    };
    (from, (0..745 * 60).map(minute).collect())
}

#[test]
fn a_month_with_a_change_of_clocks_is_counted_to_the_minute_at_every_period() {
    for units in [1, 2, 4] {
        for period in [60, 300, 3_600] {
            let (from, minutes) = october(units);
            let savings =
                savings_of(&fleet("STOPPED", units), history(from, &minutes, period), terms("2026-10", By::Day));
            let (hours, units) = (savings.total, f64::from(units));
            about(hours.running, 22.0 * 501.0 / 60.0);
            about(hours.inference, units * 22.0 * 501.0 / 60.0);
            // It counts from the first run, on Thursday at 08:41.
            about(hours.baseline, units * (745.0 - (8.0 * 60.0 + 41.0) / 60.0));
            about(hours.planned, units * (22.0 * 8.5 - 11.0 / 60.0));
            about(hours.error, units * 44.0 * f64::from(period) / 3_600.0);
            assert_eq!((hours.overrun, hours.missed, hours.unknown), (0.0, 0.0, 0.0), "at {period}");
            assert_eq!(savings.steps.len(), 31);
            about(savings.by_step[24].baseline, 25.0 * units);
        }
    }
}

#[test]
fn in_march_an_hour_is_missing() {
    let from = at("2026-02-28T23:00:00Z");
    let ran = minutes(&[(60, Some(1)), (31 * 1_440 - 60 - 60, None), (200, None)]);
    let savings = savings_of(&fleet("STOPPED", 1), history(from, &ran, 60), terms("2026-03", By::Day));
    about(savings.total.baseline, 743.0);
    about(savings.by_step[28].baseline, 23.0);
    assert_eq!(savings.steps.len(), 31);
}

#[test]
fn units_that_change_in_mid_run_are_weighed_by_their_time() {
    let from = at("2026-11-10T07:00:00Z");
    let ran = minutes(&[(41, None), (120, Some(1)), (90, Some(4)), (33, Some(2)), (600, None)]);
    for period in [60, 300, 3_600] {
        let savings = savings_of(&fleet("STOPPED", 1), history(from, &ran, period), terms("2026-11-10", By::Day));
        about(savings.total.running, 243.0 / 60.0);
        about(savings.total.inference, (120.0 + 4.0 * 90.0 + 2.0 * 33.0) / 60.0);
    }
}

#[test]
fn what_runs_out_of_its_windows_and_what_they_miss_is_told() {
    let from = at("2026-11-09T00:00:00Z");
    // Monday from 08:41 to 21:10, Tuesday not at all, Wednesday from 09:30 on, and Saturday.
    let ran = minutes(&[
        (7 * 60 + 41, None),
        (749, Some(1)),
        (2 * 1_440 - (7 * 60 + 41) - 749 + 8 * 60 + 30, None),
        (452, Some(1)),
        (2 * 1_440 + 930 - 452, None),
        (60, Some(1)),
        (1_000, None),
    ]);
    let savings = savings_of(&fleet("STOPPED", 1), history(from, &ran, 60), terms("2026-11-09 2026-11-15", By::Day));
    about(savings.total.overrun, 4.0 + 10.0 / 60.0 + 1.0);
    about(savings.by_step[0].overrun, 4.0 + 10.0 / 60.0);
    about(savings.by_step[0].missed, 0.0);
    about(savings.by_step[1].missed, 8.5);
    about(savings.by_step[2].missed, 1.0);
    let runs = {
        let (fleet, history) = (fleet("STOPPED", 1), history(from, &ran, 60));
        let picture = Picture::of(&fleet, &Wishes::default(), now(), BERLIN);
        let arn: ModelArn = LOGOS.parse().unwrap();
        Book::of(&arn, &fleet, &picture, &history, &[]).runs(savings.span)
    };
    let told: Vec<(String, Placed)> = runs.iter().map(|run| (run.began.words(), run.placed)).collect();
    let expected = [
        ("logos-start".to_owned(), Placed::Over(TimeDelta::minutes(250))),
        ("not in the journal".to_owned(), Placed::In),
        ("not in the journal".to_owned(), Placed::Out),
    ];
    assert_eq!(told, expected);
}

#[test]
fn who_started_a_run_is_told_by_the_journal_first() {
    let from = at("2026-11-10T07:00:00Z");
    let history = history(from, &minutes(&[(41, None), (300, Some(1)), (600, None)]), 60);
    let fleet = fleet("STOPPED", 1);
    let picture = Picture::of(&fleet, &Wishes::default(), now(), BERLIN);
    let arn: ModelArn = LOGOS.parse().unwrap();
    let deed = Deed { at: at("2026-11-10T07:32:00Z"), starts: true, who: Some("anna".into()), word: "emergency start" };
    let deeds = [deed];
    let book = Book::of(&arn, &fleet, &picture, &history, &deeds);
    let runs = book.runs(Span { from, to: now() });
    assert_eq!(runs[0].began.words(), "emergency start by anna");
    assert!(!runs[0].goes_on && runs[0].grain == TimeDelta::minutes(1));
}

#[test]
fn a_silence_that_nothing_explains_is_not_saved() {
    // An hour and a half in the middle of a window.
    let from = at("2026-11-10T07:00:00Z");
    let ran = minutes(&[(41, None), (100, Some(1)), (90, None), (200, Some(1)), (900, None)]);
    let of = |deeds: Vec<Deed>| {
        let (fleet, history) = (fleet("STOPPED", 1), history(from, &ran, 60));
        let picture = Picture::of(&fleet, &Wishes::default(), now(), BERLIN);
        let arn: ModelArn = LOGOS.parse().unwrap();
        let (histories, deeds) = (BTreeMap::from([(arn.clone(), history)]), BTreeMap::from([(arn, deeds)]));
        let books = Books { fleet: &fleet, picture: &picture, histories: &histories, deeds: &deeds, now: now() };
        Savings::of(books, terms("2026-11-10", By::Day)).total
    };
    let hours = of(vec![]);
    about(hours.unknown, 1.5);
    about(hours.saved(), hours.baseline - 5.0 - 1.5);
    // Somebody stopped it for that time: that is saved.
    let by_hand = of(vec![Deed { at: at("2026-11-10T09:20:00Z"), starts: false, who: None, word: "stop" }]);
    assert_eq!(by_hand.unknown, 0.0);
}

#[test]
fn what_was_never_asked_and_what_runs_in_silence_is_unknown() {
    let from = at("2026-11-10T00:00:00Z");
    let ran = minutes(&[(7 * 60 + 41, None), (501, Some(1)), (478, None)]);
    let mut known = history(from, &ran, 60);
    known.take(
        Span { from: at("2026-11-12T00:00:00Z"), to: at("2026-11-13T00:00:00Z") },
        &[],
        at("2026-11-13T00:00:00Z"),
    );
    let total = |status: &str, range: &str| savings_of(&fleet(status, 1), known.clone(), terms(range, By::Day)).total;
    about(total("STOPPED", "2026-11-10 2026-11-12").unknown, 24.0);
    // It is said to run, and there has been no sample since its window of the 12th should have opened.
    about(total("RUNNING", "2026-11-12").unknown, 1.0 + 24.0 - 9.0);
    about(total("STOPPED", "2026-11-12").unknown, 1.0);
}

#[test]
fn windows_are_those_of_their_time() {
    let from = at("2026-11-10T00:00:00Z");
    let ran = minutes(&[(7 * 60 + 41, None), (501, Some(1)), (478, None)]);
    let mut known = history(from, &ran, 60);
    let overrun =
        |known: &History| savings_of(&fleet("STOPPED", 1), known.clone(), terms("2026-11-10", By::Day)).total.overrun;
    assert_eq!(overrun(&known), 0.0);
    // Until today it should have stopped at noon.
    let over = Some(Span { from, to: at("2026-11-11T00:00:00Z") });
    let windows = vec![Span { from: at("2026-11-10T07:30:00Z"), to: at("2026-11-10T11:00:00Z") }];
    known.noted = Noted { over, windows };
    about(overrun(&known), 5.0 + 2.0 / 60.0);
}

#[test]
fn whoever_pauses_in_the_middle_of_a_window_ends_it() {
    let mut fleet = fleet("STOPPED", 1);
    for schedule in fleet.schedules.rows.values_mut() {
        (schedule.enabled, schedule.modified) = (false, Some(at("2026-11-10T11:00:00Z")));
    }
    let from = at("2026-11-10T00:00:00Z");
    let ran = minutes(&[(7 * 60 + 41, None), (199, Some(1)), (3 * 1_440, None)]);
    let hours = savings_of(&fleet, history(from, &ran, 60), terms("2026-11-10 2026-11-12", By::Day)).total;
    about(hours.planned, 3.0 + 19.0 / 60.0);
    assert_eq!((hours.missed, hours.overrun, hours.unknown), (0.0, 0.0, 0.0));
}

#[test]
fn a_chosen_day_and_another_baseline_change_what_it_is_compared_with() {
    let (from, minutes) = october(1);
    let mut fleet = fleet("STOPPED", 1);
    let known = history(from, &minutes, 60);
    let since = Terms { since: Some(at("2026-10-25T23:00:00Z")), ..terms("2026-10", By::Day) };
    let hours = savings_of(&fleet, known.clone(), since).total;
    about(hours.baseline, 6.0 * 24.0);
    about(hours.running, 5.0 * 501.0 / 60.0);
    // Scheduling began on the 19th: the week before it ran five times 8 h 21.
    for schedule in fleet.schedules.rows.values_mut() {
        schedule.created = Some(at("2026-10-18T22:00:00Z"));
    }
    let before = Terms { baseline: Baseline::BeforeScheduling, ..terms("2026-10-19 2026-10-24", By::Day) };
    let savings = savings_of(&fleet, known, before);
    assert!(savings.models[0].comparable);
    // The first fire is on Monday at 08:30: the seven days up to then hold five runs.
    about(savings.total.baseline, 6.0 * 24.0 / 168.0 * 5.0 * 501.0 / 60.0);
}

#[test]
fn a_month_is_forecast_from_what_is_planned() {
    let from = at("2026-11-02T00:00:00Z");
    let ran = minutes(&[(7 * 60 + 41, None), (60, Some(2)), (18 * 1_440 + 13 * 60 + 9 - 7 * 60 - 41 - 60, None)]);
    let savings = savings_of(&fleet("STOPPED", 2), history(from, &ran, 60), terms("month", By::Day));
    let forecast = savings.month_end.unwrap();
    // Today until 17:00 from 14:09 on, since a window is open, and six whole days of 8 h 19.
    about(forecast.used, 2.0 + 2.0 * (2.0 * 60.0 + 51.0) / 60.0 + 2.0 * 6.0 * (510.0 - 11.0) / 60.0);
    about(forecast.baseline, 2.0 * (29.0 * 24.0 - 8.0 - 41.0 / 60.0));
}

#[test]
fn a_model_that_is_gone_saves_nothing_after_its_last_run() {
    let (from, minutes) = october(2);
    let savings = savings_of(&Small::new().0, history(from, &minutes, 300), terms("2026-10", By::Month));
    let model = &savings.models[0];
    assert!(model.gone && model.units == 2.0);
    assert_eq!(model.counted.unwrap().to, at("2026-10-30T16:02:00Z"));
    let quiet = savings_of(&Small::new().0, history(from, &minutes, 300), terms("month", By::Month));
    assert_eq!(quiet.models, []);
}

/// Runs and pauses: at least ten minutes each, since AWS can neither stop nor start a model faster.
fn anything() -> impl Strategy<Value = Vec<Minute>> {
    let stretch = (10usize..2_000, 1u32..5, prop::bool::ANY);
    prop::collection::vec(stretch, 1..30).prop_map(|stretches| {
        let mut running = false;
        let mut all = vec![None; 20];
        for (long, units, more) in stretches {
            // Now and then the units change without a pause.
            running = !running || more;
            all.extend(std::iter::repeat_n(running.then_some(units), long));
        }
        all.extend([None; 200]);
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn saved_and_used_are_the_baseline_and_errors_stay_within_their_bound(
        ran in anything(),
        units in prop::sample::select(vec![1u32, 2, 4]),
        period in prop::sample::select(vec![60u32, 300, 3_600]),
    ) {
        let from = at("2026-09-15T00:00:00Z");
        let fleet = Small::new().model("logos", "STOPPED").0;
        let mut fleet = fleet;
        fleet.models.rows.values_mut().for_each(|model| model.min_units = Some(units));
        let savings = savings_of(&fleet, history(from, &ran, period), terms("2026-09-15 2026-11-19", By::Day));
        let hours = savings.total;
        prop_assert_eq!(hours.unknown, 0.0);
        prop_assert!((hours.saved() + hours.inference - hours.baseline).abs() < 1e-6);
        let running = ran.iter().flatten().count() as f64 / 60.0;
        let inference = f64::from(ran.iter().flatten().sum::<u32>()) / 60.0;
        prop_assert!((hours.running - running).abs() <= hours.error + 1e-6, "{} and {running} ± {}", hours.running, hours.error);
        prop_assert!((hours.inference - inference).abs() <= hours.error + 1e-6);
        if period == 60 {
            prop_assert!((hours.running - running).abs() < 1e-6);
            prop_assert!((hours.inference - inference).abs() < 1e-6);
        }
        // However it is cut, it comes to the same.
        for by in [By::Week, By::Month] {
            let again = savings_of(&fleet, history(from, &ran, period), terms("2026-09-15 2026-11-19", by)).total;
            prop_assert!((again.saved() - hours.saved()).abs() < 1e-6 && (again.error - hours.error).abs() < 1e-6);
        }
    }
}
