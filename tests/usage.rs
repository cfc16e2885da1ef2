//! The meter against the simulated account: what it finds to the minute, what it never asks twice, and what it keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rekotui::aws::{Account, Connect, Scope, Survey};
use rekotui::clock::Clock;
use rekotui::domain::fleet::Fleet;
use rekotui::domain::model::ModelArn;
use rekotui::domain::picture::Picture;
use rekotui::domain::savings::{Books, By, Savings, Terms};
use rekotui::domain::trouble::TroubleKind;
use rekotui::domain::usage::{History, Span};
use rekotui::domain::wiring::Wishes;
use rekotui::domain::work::{Work, Workload};
use rekotui::meter::{Meter, Metered};
use rekotui::sim::account::Sim;
use rekotui::sim::scenario::Scenario;
use rekotui::sim::scenarios;
use rekotui::store::UsageStore;

use super::wire::door;

const BERLIN: Tz = Tz::Europe__Berlin;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// A simulated account on a held clock, its fleet, and a meter over a store.
struct Lab {
    sim: Arc<Sim>,
    clock: Clock,
    account: Account,
    store: UsageStore,
    fleet: Fleet,
    picture: Picture,
}

impl Lab {
    async fn of(scenario: &Scenario, store: UsageStore) -> Self {
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(scenario, clock.clone()).expect("a world");
        let mut lab = Self::beside(&sim, &clock, store).await;
        lab.survey().await;
        lab
    }

    /// Another process in the same account.
    async fn beside(sim: &Arc<Sim>, clock: &Clock, store: UsageStore) -> Self {
        let connect = Connect { paced: false, ..Connect::in_process(door::client(sim), clock.clone()) };
        let account = Account::connect(connect).await.expect("an account");
        let (fleet, picture) = (Fleet::default(), Picture::default());
        Self { sim: sim.clone(), clock: clock.clone(), account, store, fleet, picture }
    }

    async fn office() -> Self {
        let office = scenarios::named("office").expect("a scenario");
        Self::of(&office, UsageStore::in_memory().expect("a store")).await
    }

    async fn survey(&mut self) {
        let (news, mut heard) = tokio::sync::mpsc::channel(16);
        let (survey, known) = (Survey::new(self.account.clone()), self.fleet.clone());
        let run = tokio::spawn(async move { survey.run(Scope::Plan, &known, news).await });
        while let Some(piece) = heard.recv().await {
            self.fleet.take(piece);
        }
        run.await.expect("an end");
        assert_eq!(self.fleet.troubles().count(), 0);
        self.picture = Picture::of(&self.fleet, &Wishes::default(), self.clock.now(), BERLIN);
    }

    async fn read(&self) -> Metered {
        let metered = Meter::new(self.account.clone(), self.store.clone()).read(&self.fleet, &self.picture).await;
        assert_eq!(metered.said, [""; 0]);
        metered
    }

    fn savings(&self, metered: &Metered, range: &str) -> Savings {
        let now = self.clock.now();
        let terms = Terms::new(range.parse().expect("a range"), &Wishes::default(), Some("eu-central-1"), now, BERLIN);
        let deeds = BTreeMap::new();
        let books =
            Books { fleet: &self.fleet, picture: &self.picture, histories: &metered.histories, deeds: &deeds, now };
        Savings::of(books, Terms { by: By::Day, ..terms })
    }

    /// The questions to CloudWatch: their period, how many metrics, and from when to when.
    fn questions(&self) -> Vec<(i64, usize, DateTime<Utc>, DateTime<Utc>)> {
        let log = self.sim.log();
        // What models were given to do is asked beside it.
        let of_units = |input: &serde_json::Value| input.to_string().contains("InServiceInferenceUnits");
        let calls = log.iter().filter(|call| call.operation == "GetMetricData" && of_units(&call.input));
        let time = |value: &serde_json::Value| DateTime::from_timestamp(value.as_f64().expect("a time") as i64, 0);
        let question = |input: &serde_json::Value| {
            let queries = input["MetricDataQueries"].as_array().expect("queries");
            let period = queries[0]["MetricStat"]["Period"].as_i64().expect("a period");
            let (from, to) = (time(&input["StartTime"]), time(&input["EndTime"]));
            (period, queries.len(), from.expect("a time"), to.expect("a time"))
        };
        calls.map(|call| question(&call.input)).collect()
    }
}

/// A project and a version.
type Name = (&'static str, &'static str);

/// The minutes of October that the office's file gives: in service, and times units.
const TOTALS: [(Name, f64, f64); 6] = [
    (("bottles", "v1"), 184.0 * 60.0 + 8.0, 368.0 * 60.0 + 16.0),
    (("bottles", "v2"), 150.0 * 60.0 + 52.0, 150.0 * 60.0 + 52.0),
    (("logos_2", "v3"), 177.0 * 60.0 + 59.0, 177.0 * 60.0 + 59.0),
    (("parts", "v9"), 159.0 * 60.0 + 26.0, 209.0 * 60.0 + 44.0),
    (("parts", "v10"), 0.0, 0.0),
    (("shelf", "v12"), 240.0 * 60.0 + 10.0, 240.0 * 60.0 + 10.0),
];

fn arn(lab: &Lab, (project, version): Name) -> ModelArn {
    let found = lab.fleet.models.rows.keys().find(|arn| arn.project() == project && arn.version() == version);
    found.expect("the model").clone()
}

#[tokio::test]
async fn october_comes_to_what_the_office_s_file_says() {
    let lab = Lab::office().await;
    let metered = lab.read().await;
    let savings = lab.savings(&metered, "2026-10");
    for (name, running, inference) in TOTALS {
        let hours = savings.model(&arn(&lab, name)).expect("the model").hours;
        assert_eq!((hours.running * 60.0).round(), running, "{name:?} in service");
        assert_eq!((hours.inference * 60.0).round(), inference, "{name:?} times units");
        assert!((hours.saved() + hours.inference + hours.unknown - hours.baseline).abs() < 1e-6);
    }
    let logos = savings.model(&arn(&lab, ("logos_2", "v3"))).expect("the model").hours;
    // 31 days and the hour of 25 October; someone stayed late; one start failed; and an hour and a half is not known.
    assert_eq!((logos.baseline, logos.unknown, logos.missed), (745.0, 1.5, 8.5));
    assert!((logos.overrun - (4.0 + 10.0 / 60.0)).abs() < 1e-6);
    // 21 runs at periods of five minutes, one of them told in two parts.
    assert!((logos.error - 44.0 * 5.0 / 60.0).abs() < 1e-6);
    let november = lab.savings(&metered, "month").model(&arn(&lab, ("logos_2", "v3"))).expect("the model").hours;
    assert!((november.overrun - (63.0 + 20.0 / 60.0)).abs() < 1e-6, "from Friday 17:00 to Monday 08:20");
}

#[tokio::test]
async fn the_last_days_are_known_to_the_minute() {
    let lab = Lab::office().await;
    let savings = lab.savings(&lab.read().await, "2026-11-10 2026-11-19");
    let minutes = |name| {
        let hours = savings.model(&arn(&lab, name)).expect("the model").hours;
        assert!(hours.error <= 2.0 * 20.0 / 60.0 + 1e-9, "at a minute for each start and stop: {}", hours.error);
        (hours.running * 60.0).round()
    };
    assert_eq!(minutes(("logos_2", "v3")), 8.0 * 501.0);
    assert_eq!(minutes(("parts", "v10")), 93.0);
    assert_eq!(minutes(("bottles", "v1")), 8.0 * 526.0);
}

#[tokio::test]
async fn what_is_only_known_by_the_hour_stays_within_its_bound() {
    // Whoever first looks in February finds October by the hour only.
    let office = Lab::office().await;
    let store = UsageStore::in_memory().expect("a store");
    let mut lab = Lab::beside(&office.sim, &Clock::held(at("2027-02-01T08:00:00Z")), store).await;
    (lab.fleet, lab.picture) = (office.fleet.clone(), office.picture.clone());
    let savings = lab.savings(&lab.read().await, "2026-10");
    assert!(lab.questions().iter().any(|question| question.0 == 3_600));
    for (name, running, inference) in TOTALS {
        let hours = savings.model(&arn(&lab, name)).expect("the model").hours;
        let (ran, used) = (running / 60.0, inference / 60.0);
        assert!((hours.running - ran).abs() <= hours.error, "{name:?}: {} and {ran} ± {}", hours.running, hours.error);
        assert!((hours.inference - used).abs() <= hours.error, "{name:?}: {} and {used}", hours.inference);
        // SampleCount leaves nothing of it.
        assert!((hours.running - ran).abs() < 1e-6, "{name:?}: {} and {ran}", hours.running);
    }
}

#[tokio::test]
async fn the_past_is_asked_in_three_periods_and_never_again() {
    let mut lab = Lab::office().await;
    lab.read().await;
    let asked = lab.questions();
    let (fine, middle) = (at("2026-11-05T14:00:00Z"), at("2026-09-18T14:00:00Z"));
    for (period, _, from, to) in &asked {
        let within = match period {
            60 => fine <= *from && *to == at("2026-11-20T13:09:00Z"),
            300 => middle <= *from && *to == fine,
            _ => at("2025-08-22T14:00:00Z") <= *from && *to == middle,
        };
        assert!(within, "{period}: {from} to {to}");
    }
    let metrics =
        |period| asked.iter().filter(|question| question.0 == period).map(|question| question.1).sum::<usize>();
    // Seven models; SampleCount beside the average where a bucket may be filled in part; parts v10 is from November.
    assert_eq!((metrics(60), metrics(300), metrics(3600)), (7, 12, 12));
    // Seven queues serve models: two metrics each, and two of the account.
    let charges = lab.store.charges().expect("charges");
    assert_eq!((charges[0].metrics, charges[0].calls), (31 + 16, asked.len() as u64 + 1));
    // Within five minutes nothing is asked, whoever asks; after that the tail alone.
    lab.sim.clear_log();
    lab.clock.step(TimeDelta::minutes(4));
    lab.read().await;
    assert_eq!(lab.questions(), []);
    lab.clock.step(TimeDelta::minutes(2));
    lab.survey().await;
    let metered = lab.read().await;
    assert_eq!(lab.questions(), [(60, 7, at("2026-11-20T12:00:00Z"), at("2026-11-20T13:15:00Z"))]);
    assert_eq!(metered.histories[&arn(&lab, ("logos_2", "v3"))].closed, Some(at("2026-11-20T13:00:00Z")));
    lab.sim.clear_log();
    lab.clock.step(TimeDelta::hours(1));
    lab.read().await;
    assert_eq!(lab.questions(), [(60, 7, at("2026-11-20T13:00:00Z"), at("2026-11-20T14:15:00Z"))]);
}

#[tokio::test]
async fn what_is_asked_piece_by_piece_is_what_is_asked_at_once() {
    let scenario = scenarios::named("office").expect("a scenario");
    let mut lab = Lab::office().await;
    lab.read().await;
    for _ in 0..30 {
        lab.clock.step(TimeDelta::minutes(47));
        lab.read().await;
    }
    lab.survey().await;
    let pieces = lab.savings(&lab.read().await, "7d");
    let mut whole = Lab::of(&scenario, UsageStore::in_memory().expect("a store")).await;
    whole.clock.step(TimeDelta::minutes(30 * 47));
    whole.survey().await;
    let whole = whole.savings(&whole.read().await, "7d");
    assert!((pieces.total.running - whole.total.running).abs() < 1e-6);
    assert!((pieces.total.inference - whole.total.inference).abs() < 1e-6);
    assert!(pieces.total.running > 100.0);
}

#[tokio::test]
async fn history_outlives_what_cloudwatch_keeps() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || UsageStore::open(folder.path(), "").expect("a store").0;
    let office = scenarios::named("office").expect("a scenario");
    let lab = Lab::of(&office, open()).await;
    let before = lab.savings(&lab.read().await, "2026-10").total;
    // The same account two years later, in which nobody has looked meanwhile.
    let mut later = Lab::beside(&lab.sim, &Clock::held(at("2028-11-20T13:09:00Z")), open()).await;
    later.fleet = lab.fleet.clone();
    later.picture = lab.picture.clone();
    lab.sim.faults().fail("cloudwatch", "GetMetricData", 1_000);
    let metered = later.read().await;
    assert!(metered.trouble.is_some(), "CloudWatch does not answer now");
    assert_eq!(later.savings(&metered, "2026-10").total, before);
    let year = later.savings(&metered, "2027-06").total;
    assert_eq!((year.baseline, year.unknown), (0.0, 0.0), "nothing is said about time that nobody asked about");
}

#[tokio::test]
async fn two_processes_on_one_store_ask_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || UsageStore::open(folder.path(), "").expect("a store").0;
    let office = scenarios::named("office").expect("a scenario");
    let one = Lab::of(&office, open()).await;
    let mut other = Lab::beside(&one.sim, &one.clock, open()).await;
    other.survey().await;
    one.sim.clear_log();
    let (first, second) = tokio::join!(one.read(), other.read());
    assert_eq!(first.histories, second.histories);
    let metrics: usize = one.questions().iter().map(|question| question.1).sum();
    assert_eq!(metrics, 31, "nothing was paid twice");
    assert_eq!(open().charges().expect("charges")[0].metrics, 31 + 16);
}

#[tokio::test]
async fn a_refusal_is_told_and_what_is_known_stays() {
    let lab = Lab::office().await;
    let first = lab.read().await;
    lab.sim.faults().deny("cloudwatch", "GetMetricData");
    lab.clock.step(TimeDelta::hours(2));
    let second = lab.read().await;
    let trouble = second.trouble.expect("a trouble");
    assert_eq!(trouble.kind, TroubleKind::Denied("cloudwatch:GetMetricData".into()));
    assert_eq!(first.histories, second.histories);
}

#[tokio::test]
async fn a_model_of_the_same_name_does_not_inherit_hours() {
    let text = |created: &str| {
        format!(
            "[scenario]\nname = \"t\"\nstart = \"2026-11-20T13:09:00Z\"\n[[projects]]\nname = \"parts\"\n\
             created = \"2024-01-01T00:00:00Z\"\n[[models]]\nproject = \"parts\"\nversion = \"v1\"\n\
             created = \"{created}\"\nstatus = \"STOPPED\"\nmin_units = 1\n[[history]]\nproject = \"parts\"\n\
             version = \"v1\"\ndays = 10\nzone = \"UTC\"\nweek = [{{ from = \"08:00\", to = \"10:00\" }}]\n"
        )
    };
    let hours = async |created: &str| {
        let scenario = Scenario::parse("t", &text(created)).expect("a scenario");
        let lab = Lab::of(&scenario, UsageStore::in_memory().expect("a store")).await;
        lab.savings(&lab.read().await, "30d").total.running
    };
    assert_eq!(hours("2026-01-01T00:00:00Z").await.round(), 22.0);
    assert_eq!(hours("2026-11-15T12:00:00Z").await.round(), 10.0, "the other hours were those of its predecessor");
}

#[tokio::test]
async fn a_thousand_models_are_asked_five_hundred_to_a_call() {
    let large = scenarios::named("large").expect("a scenario");
    let lab = Lab::of(&large, UsageStore::in_memory().expect("a store")).await;
    let closed = lab.clock.now() - TimeDelta::hours(1);
    let asked = vec![Span { from: closed - TimeDelta::days(30), to: closed }];
    let known = History { closed: Some(closed), asked, ..History::default() };
    let all = lab.fleet.models.rows.keys().map(|arn| (arn, closed, &known));
    lab.store.keep(all).expect("it is kept");
    // What they were given to do is known as well: this is about the hours.
    let queues = lab.fleet.mappings.rows.values().filter_map(|mapping| mapping.queue_arn());
    let queues = queues.map(|arn| (arn.to_owned(), Work::default())).collect();
    let hour = DateTime::from_timestamp(lab.clock.now().timestamp().div_euclid(3_600) * 3_600, 0).expect("an hour");
    let asked = Some(Span { from: hour - TimeDelta::days(17), to: hour });
    let work = Workload { asked, queues, ..Workload::default() };
    let account = &lab.fleet.identity.as_ref().expect("an account").account;
    lab.store.keep_work(account, "eu-central-1", &work).expect("it is kept");
    lab.sim.clear_log();
    lab.read().await;
    let sizes: Vec<usize> = lab.questions().iter().map(|question| question.1).collect();
    assert_eq!(sizes, [500, 500]);
}
