//! The large account, in this process, and a program that has read it.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use chrono_tz::Tz;
use rekotui::app::{Connected, Effect, Message, Moment, Reading, Setup, State, update, update_all};
use rekotui::aws::{Account, Connect, Scope, Survey};
use rekotui::clock::Clock;
use rekotui::domain::fleet::{Fleet, News};
use rekotui::domain::picture::Picture;
use rekotui::sim::account::Sim;
use rekotui::sim::client::Simulated;
use rekotui::sim::scenarios;
use tokio::runtime::Runtime;

/// The zone that days are cut in.
pub const ZONE: Tz = Tz::Europe__Berlin;
/// How many pieces of news a survey may be ahead of its reader, as in the program.
const AHEAD: usize = 64;

/// As many threads as the program has.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A simulated account on a held clock: the scenario `large`, or the same with fewer models.
pub struct Lab {
    pub sim: Arc<Sim>,
    pub clock: Clock,
}

impl Lab {
    /// An account of so many models, as many mappings, twice as many schedules, and a project for every five models.
    pub fn of(models: usize) -> Self {
        let mut scenario = scenarios::named("large").unwrap();
        let generate = scenario.generate.as_mut().unwrap();
        (generate.projects, generate.models) = (models / 5, models);
        (generate.mappings, generate.schedules) = (models, models * 2);
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(&scenario, clock.clone()).unwrap();
        Self { sim, clock }
    }

    /// A survey that knows nothing yet and is not held back by AWS's call rates.
    pub async fn survey(&self) -> Survey {
        let client = SharedHttpClient::new(Simulated::new(self.sim.clone()));
        let connect = Connect { paced: false, ..Connect::in_process(client, self.clock.clone()) };
        Survey::new(Account::connect(connect).await.unwrap())
    }

    pub fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), real: Duration::ZERO, speed: 1.0 }
    }
}

/// Reads everything; gives what the survey told.
pub async fn sweep(survey: &Survey, known: &Arc<Fleet>) -> Vec<News> {
    let (sender, mut heard) = tokio::sync::mpsc::channel(AHEAD);
    let (survey, known) = (survey.clone(), known.clone());
    let run = tokio::spawn(async move { survey.run(Scope::Everything, &known, sender).await });
    let mut told = Vec::new();
    while let Some(piece) = heard.recv().await {
        told.push(piece);
    }
    run.await.unwrap();
    told
}

/// The fleet that all this news makes.
pub fn fleet(news: &[News]) -> Fleet {
    let mut fleet = Fleet { region: Some("eu-central-1".into()), ..Fleet::default() };
    news.iter().cloned().for_each(|piece| fleet.take(piece));
    assert_eq!(fleet.troubles().count(), 0);
    fleet
}

/// What a sweep of an account of so many models tells, and when that was.
pub fn reading(models: usize) -> (Vec<News>, Moment) {
    let lab = Lab::of(models);
    let news = runtime().block_on(async { sweep(&lab.survey().await, &Arc::default()).await });
    (news, lab.moment())
}

/// A program that has just read this, on a terminal of that size.
pub fn program(news: Vec<News>, moment: Moment, size: (u16, u16)) -> State {
    let setup = Setup { zone: ZONE, stored: Some(fleet(&news)), ..Setup::default() };
    let mut state = State::new(setup, moment, size);
    let mut effects = state.begin();
    let connected = Connected { profile: None, region: "eu-central-1".into() };
    effects.extend(update(&mut state, Message::Connected(Ok(connected))));
    effects.extend(update_all(&mut state, news.into_iter().map(Message::News)));
    effects.extend(update(&mut state, Message::Surveyed(Reading::Everything)));
    // One picture may be asked for while another is drawn.
    while let Some(effect) = effects.pop() {
        if let Effect::Picture(number) = effect {
            let picture = Box::new(Picture::of(&state.fleet, &state.wishes, state.now(), state.zone));
            effects.extend(update(&mut state, Message::Pictured(number, picture)));
        }
    }
    state
}
