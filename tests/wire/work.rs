//! What models were given to do, through the SDK and the simulated account, and what follows from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use rekotui::aws::{Account, Connect, Scope, Survey};
use rekotui::clock::Clock;
use rekotui::domain::finding::{Finding, Rule, of_usage};
use rekotui::domain::fleet::Fleet;
use rekotui::domain::model::ModelArn;
use rekotui::domain::picture::Picture;
use rekotui::domain::price::Price;
use rekotui::domain::savings::Books;
use rekotui::domain::usage::{Bucket, History, Span};
use rekotui::domain::wiring::Wishes;
use rekotui::domain::work::{HORIZON, Workload};
use rekotui::sim::account::Sim;
use rekotui::sim::scenario::Scenario;

use super::bench::at;
use super::door;

const BERLIN: Tz = Tz::Europe__Berlin;

/// The account of the office on a held clock, all of it read.
struct Office {
    account: Account,
    sim: Arc<Sim>,
    clock: Clock,
    fleet: Fleet,
    now: DateTime<Utc>,
}

impl Office {
    async fn open(change: impl Fn(String) -> String) -> Self {
        let scenario =
            Scenario::parse("office", &change(include_str!("../../assets/scenarios/office.toml").to_owned()))
                .expect("a scenario");
        let now = scenario.scenario.start;
        let clock = Clock::held(now);
        let sim = Sim::new(&scenario, clock.clone()).expect("an account");
        let client: SharedHttpClient = door::client(&sim);
        let connect = Connect { paced: false, ..Connect::in_process(client, clock.clone()) };
        let account = Account::connect(connect).await.expect("a way in");
        let survey = Survey::new(account.clone());
        let (news, mut heard) = tokio::sync::mpsc::channel(16);
        let run = tokio::spawn(async move { survey.run(Scope::Everything, &Fleet::default(), news).await });
        let mut fleet = Fleet::default();
        while let Some(piece) = heard.recv().await {
            fleet.take(piece);
        }
        run.await.expect("a survey");
        Self { account, sim, clock, fleet, now }
    }

    fn queues(&self) -> Vec<String> {
        self.fleet.queues.rows.keys().cloned().collect()
    }

    async fn work(&self) -> Workload {
        let queues = self.queues();
        let mut work = Workload::default();
        work.take(self.account.work(&queues, work.to_ask(&queues, self.now)).await.expect("work"));
        work
    }

    /// What the models ran in the last three weeks, as the simulated account knows it.
    fn histories(&self) -> BTreeMap<ModelArn, History> {
        let asked = Span { from: self.now - TimeDelta::days(21), to: self.now };
        let world = self.sim.world();
        let history = |arn: &ModelArn| {
            let log = world.history.get(&(arn.project().to_owned(), arn.version().to_owned()));
            let minutes = log.map(|log| log.minutes(asked.from.timestamp(), asked.to.timestamp())).unwrap_or_default();
            let bucket = |(at, units): (i64, u32)| Bucket {
                at: DateTime::from_timestamp(at, 0).expect("a time"),
                period: 60,
                units: f64::from(units),
                count: None,
            };
            let mut history = History::default();
            history.take(asked, &minutes.into_iter().map(bucket).collect::<Vec<_>>(), self.now);
            history
        };
        self.fleet.models.rows.keys().map(|arn| (arn.clone(), history(arn))).collect()
    }

    async fn told(&self) -> Vec<Finding> {
        let (work, histories, deeds) = (self.work().await, self.histories(), BTreeMap::new());
        let picture = Picture::of(&self.fleet, &Wishes::default(), self.now, BERLIN);
        let books =
            Books { fleet: &self.fleet, picture: &picture, histories: &histories, deeds: &deeds, now: self.now };
        of_usage(books, &work, &Price::default(), BERLIN)
    }
}

#[tokio::test]
async fn a_queue_is_worked_off_while_its_model_runs_and_grows_while_it_does_not() {
    let office = Office::open(|text| text).await;
    let work = office.work().await;
    let asked = work.asked.expect("hours");
    assert_eq!((asked.to - asked.from, asked.to), (HORIZON, at("2026-11-20T13:00:00Z")));
    let parts = work.queues.iter().find(|(arn, _)| arn.ends_with(":parts-images")).expect("the queue").1;
    // It ran on Thursday from 08:40 to 17:03 in Berlin, and 108 messages an hour came from 06:00 to 20:00.
    let thursday = |hour: u32| at(&format!("2026-11-19T{hour:02}:30:00Z"));
    let (done, waited): (Vec<_>, Vec<_>) = [6, 7, 12, 15, 17]
        .map(|hour| (parts.done.at(thursday(hour)), parts.waited.at(thursday(hour))))
        .into_iter()
        .unzip();
    assert_eq!((done[0], done[2], done[3], done[4]), (Some(0), Some(108), Some(108), Some(0)));
    assert!(done[1] > Some(150), "the night's messages: {done:?}");
    assert!(waited[0] > Some(400) && waited[2] == Some(0) && waited[4] > Some(150), "{waited:?}");
    let day = |at: DateTime<Utc>| at.date_naive() == thursday(0).date_naive();
    let total: u64 = parts.done.iter().filter(|(at, _)| day(*at)).map(|(_, count)| count).sum();
    assert!((1_490..=1_530).contains(&total), "14 hours' messages, each once: {total}");
    // Of the weekend it is not known that there was none: the queue still held Friday's, and told so.
    let shelf = work.queues.iter().find(|(arn, _)| arn.ends_with(":shelf-images")).expect("the queue").1;
    assert!(shelf.done.is_empty() && shelf.waited.is_empty(), "an idle queue tells nothing");
    let at_night = work.answered.iter().filter(|(at, _)| at.hour() == 4).count();
    let noon = work.answered.at(thursday(12)).expect("requests at noon");
    assert!(at_night == 0 && noon > 108 + 500, "{at_night} nights, {noon} at noon");
    assert!(work.throttled.iter().all(|(_, count)| count == 0));
}

#[tokio::test]
async fn the_second_question_is_about_the_last_hours_only_and_a_call_holds_many_queues() {
    let office = Office::open(|text| text).await;
    let (queues, mut work) = (office.queues(), office.work().await);
    let calls = || office.sim.log().iter().filter(|call| call.operation == "GetMetricData").count();
    let before = calls();
    let ask = work.to_ask(&queues, office.now + TimeDelta::hours(2));
    assert_eq!(ask, Span { from: at("2026-11-20T12:00:00Z"), to: at("2026-11-20T15:00:00Z") });
    let whole = work.clone();
    work.take(office.account.work(&queues, Span { to: at("2026-11-20T13:00:00Z"), ..ask }).await.expect("work"));
    assert_eq!((work, calls() - before), (whole, 1), "the same hour again, in one call");
}

#[tokio::test]
async fn what_the_office_learns_from_its_usage() {
    let office = Office::open(|text| text).await;
    let told = office.told().await;
    let rules: Vec<(Rule, &str)> =
        told.iter().map(|one| (one.rule, one.sentence.split(' ').next().unwrap_or_default())).collect();
    let expected = [
        // Nobody sends an image to the Newark warehouse's queue.
        (Rule::WindowTooWide, "shelf"),
        (Rule::RanAllWeekend, "logos_2"),
        (Rule::UnitsAboveNeed, "bottles"),
    ];
    assert_eq!(rules, expected, "{told:#?}");
    let all: Vec<&str> = told.iter().map(|one| one.sentence.as_str()).collect();
    for (at, words) in
        [(0, "55 h, about $220 a week"), (1, "7 and 8 November"), (1, "about $192"), (2, "nothing ever waited")]
    {
        assert!(all[at].contains(words), "no '{words}' in: {}", all[at]);
    }
}

#[tokio::test]
async fn messages_of_the_morning_alone_ask_for_a_tighter_window() {
    // Its window is from 08:30 to 17:00; now messages come until 12:00 only.
    let morning = |text: String| {
        let all = "from = \"11:00\", to = \"17:00\", zone = \"Europe/Berlin\", per_hour = 606";
        assert!(text.contains(all));
        text.replace(all, "from = \"11:00\", to = \"12:00\", zone = \"Europe/Berlin\", per_hour = 400")
    };
    let told = Office::open(morning).await.told().await;
    let of_logos = |one: &&Finding| one.rule == Rule::WindowTooWide && one.sentence.contains("logos_2 v3");
    let finding = told.iter().find(of_logos).unwrap_or_else(|| panic!("only {told:#?}"));
    assert!(
        finding.sentence.contains("logos_2 v3") && finding.sentence.contains("Mon–Fri 08:30–13:00"),
        "{}",
        finding.sentence
    );
    assert!(finding.sentence.contains("20 h, about $80 a week"), "{}", finding.sentence);
}

#[tokio::test]
async fn what_happens_while_it_is_watched_is_told_as_it_happened() {
    let office = Office::open(|text| text).await;
    let span = Span { from: at("2026-11-20T13:00:00Z"), to: at("2026-11-23T12:00:00Z") };
    office.clock.step(span.to + TimeDelta::minutes(10) - office.now);
    let work = office.account.work(&office.queues(), span).await.expect("work");
    for queue in ["parts-images", "logos-images"] {
        let counted = office.sim.world().queues[queue].done as f64;
        let (arn, told) = work.queues.iter().find(|(arn, _)| arn.ends_with(&format!(":{queue}"))).expect("the queue");
        let told = told.done.iter().map(|(_, count)| count).sum::<u64>() as f64;
        assert!(counted > 500.0 && (told - counted).abs() < 0.05 * counted, "{arn}: {told}, and {counted} were done");
    }
}
