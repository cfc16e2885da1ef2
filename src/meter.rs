//! The meter: what models ran, asked from CloudWatch once and kept on the workstation for good.
//!
//! It knows the account and the store, and brings the two together: what the store holds is not asked again, what is asked
//! is kept as it comes, and while one process asks, the others wait for what it finds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;

use crate::aws::{Account, UsageAnswer, UsageQuestion};
use crate::domain::fleet::Fleet;
use crate::domain::model::ModelArn;
use crate::domain::picture::Picture;
use crate::domain::savings::Book;
use crate::domain::trouble::Trouble;
use crate::domain::usage::{History, Noted, Span};
use crate::domain::work::Workload;
use crate::store::{AskingLock, StoreError, UsageStore};

/// The live tail is asked no oftener than this.
pub const TAIL: TimeDelta = TimeDelta::minutes(5);
/// How long another process that asks is waited for, in real time, and how often it is looked at.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_millis(100));
/// Answers that may wait to be kept.
const WAITING: usize = 4;

/// What models ran, by model.
pub type Histories = BTreeMap<ModelArn, History>;

/// The meter of one account.
#[derive(Clone, Debug)]
pub struct Meter {
    account: Account,
    store: UsageStore,
}

/// What a reading of the meter came to.
#[derive(Clone, Debug, Default)]
pub struct Metered {
    /// What is known now.
    pub histories: Arc<Histories>,
    /// What the models were given to do lately.
    pub work: Arc<Workload>,
    /// Why some of it could not be asked.
    pub trouble: Option<Trouble>,
    /// Why some of it could not be kept.
    pub said: Vec<String>,
}

impl Meter {
    /// The meter of an account, over a store.
    #[must_use]
    pub fn new(account: Account, store: UsageStore) -> Self {
        Self { account, store }
    }

    /// Asks what is not known yet, if the last answer is older than the tail may be asked, and notes the windows that the
    /// picture plans for the time that has been closed.
    pub async fn read(&self, fleet: &Fleet, picture: &Picture) -> Metered {
        let mut said = Vec::new();
        let _lock = self.lock().await;
        let mut histories = self.load(fleet, &mut said).await;
        let now = self.account.clock().now();
        let questions: Vec<UsageQuestion> = fleet
            .models
            .rows
            .values()
            .filter(|model| model.status.can_have_run())
            .filter_map(|model| {
                let known = histories.get(&model.arn);
                let asked = known.and_then(|known| known.asked.last()).map(|last| last.to);
                let due = asked.is_none_or(|asked| now - asked >= TAIL);
                due.then(|| UsageQuestion { arn: model.arn.clone(), known: known.and_then(|known| known.closed) })
            })
            .collect();
        let trouble = if questions.is_empty() { None } else { self.ask(questions, &mut histories, &mut said).await };
        let mut histories = self.note(fleet, picture, histories, &mut said).await;
        histories.retain(|_, history| !history.asked.is_empty());
        let (work, refused) = match &trouble {
            // Whoever may not ask the one may not ask the other.
            Some(trouble) if trouble.is_about_access() => (self.known_work(fleet, &mut said), None),
            _ => self.work(fleet, picture, &mut said).await,
        };
        self.flush(&mut said);
        Metered { histories: Arc::new(histories), work: Arc::new(work), trouble: trouble.or(refused), said }
    }

    fn known_work(&self, fleet: &Fleet, said: &mut Vec<String>) -> Workload {
        let Some((account, region)) = whose(fleet) else { return Workload::default() };
        self.store.load_work(&account, &region).unwrap_or_else(|error| {
            said.push(error.to_string());
            Workload::default()
        })
    }

    /// What the models were given to do: the hours that came since it was last asked, of the queues that serve them.
    async fn work(&self, fleet: &Fleet, picture: &Picture, said: &mut Vec<String>) -> (Workload, Option<Trouble>) {
        let mut work = self.known_work(fleet, said);
        let Some((account, region)) = whose(fleet) else { return (work, None) };
        let uuids = picture.wiring.model_by_mapping.keys();
        let queues: BTreeSet<&str> = uuids.filter_map(|uuid| fleet.mappings.rows.get(uuid)?.queue_arn()).collect();
        let queues: Vec<String> = queues.into_iter().map(str::to_owned).collect();
        let now = self.account.clock().now();
        if work.asked.is_some_and(|asked| asked.to > now) {
            // A simulated account that began anew.
            work = Workload::default();
        }
        let span = work.to_ask(&queues, now);
        let new = work.asked.is_none_or(|asked| asked.to < span.to) || span.length() > TimeDelta::hours(1);
        if queues.is_empty() || !new {
            return (work, None);
        }
        match self.account.work(&queues, span).await {
            Ok(answer) => {
                work.take(answer);
                note_failure(self.store.keep_work(&account, &region, &work), said);
                (work, None)
            }
            Err(trouble) => (work, Some(trouble)),
        }
    }

    /// Writes down what CloudWatch was asked for since the last time, by whomever: it charges for all of it.
    pub fn flush(&self, said: &mut Vec<String>) {
        let asked = self.account.take_asked();
        let day = self.account.clock().now().date_naive();
        note_failure(self.store.charge(day, asked.metrics, asked.calls), said);
    }

    /// Waits while another process asks, but not for ever: it may have been stopped.
    async fn lock(&self) -> Option<AskingLock> {
        let (patience, look) = PATIENCE;
        let waiting = async {
            loop {
                if let Some(lock) = self.store.lock() {
                    return lock;
                }
                tokio::time::sleep(look).await;
            }
        };
        tokio::time::timeout(patience, waiting).await.ok()
    }

    async fn load(&self, fleet: &Fleet, said: &mut Vec<String>) -> Histories {
        let Some((account, region)) = whose(fleet) else { return Histories::new() };
        let (store, now) = (self.store.clone(), self.account.clock().now());
        match tokio::task::spawn_blocking(move || store.load(&account, &region, now)).await {
            Ok(Ok(histories)) => histories,
            Ok(Err(error)) => {
                said.push(error.to_string());
                Histories::new()
            }
            Err(_) => Histories::new(),
        }
    }

    async fn ask(
        &self,
        questions: Vec<UsageQuestion>,
        histories: &mut Histories,
        said: &mut Vec<String>,
    ) -> Option<Trouble> {
        let (sender, mut answers) = mpsc::channel::<Vec<UsageAnswer>>(WAITING);
        let asking = async move { self.account.usage(questions, &sender).await.err() };
        let taking = async {
            while let Some(answers) = answers.recv().await {
                let since: Vec<(ModelArn, DateTime<Utc>)> =
                    answers.iter().map(|answer| (answer.arn.clone(), answer.asked.from)).collect();
                for answer in answers {
                    let history = histories.entry(answer.arn).or_default();
                    history.take(answer.asked, &answer.buckets, answer.closed);
                }
                let new = since.iter().filter_map(|(arn, from)| Some((arn, *from, histories.get(arn)?)));
                note_failure(self.store.keep(new), said);
            }
        };
        let (trouble, ()) = tokio::join!(asking, taking);
        trouble
    }

    /// Notes what was planned in the hours that are closed, where everything that plans has been read.
    async fn note(
        &self,
        fleet: &Fleet,
        picture: &Picture,
        mut histories: Histories,
        said: &mut Vec<String>,
    ) -> Histories {
        let new: Vec<(ModelArn, Noted)> = histories
            .iter()
            .filter(|(arn, _)| picture.models.get(*arn).is_some_and(|view| view.judged))
            .filter_map(|(arn, history)| {
                let from = history.noted.over.map_or(history.asked.first()?.from, |over| over.to);
                let span = Span { from, to: history.closed? };
                let noted = (span.from < span.to).then(|| Book::of(arn, fleet, picture, history, &[]).to_note(span))?;
                noted.over.map(|_| (arn.clone(), noted))
            })
            .collect();
        if new.is_empty() {
            return histories;
        }
        note_failure(self.store.note(new.iter().map(|(arn, noted)| (arn, noted))), said);
        for (arn, noted) in new {
            if let Some(history) = histories.get_mut(&arn) {
                history.noted.go_on(&noted);
            }
        }
        histories
    }
}

/// What a store knows about the models of a fleet's account, without a way into it.
#[must_use]
pub fn recall(store: &UsageStore, fleet: &Fleet, now: DateTime<Utc>) -> Metered {
    let loaded = whose(fleet).map(|(account, region)| store.load(&account, &region, now));
    let work = whose(fleet).and_then(|(account, region)| store.load_work(&account, &region).ok());
    let work = Arc::new(work.filter(|work| work.asked.is_some_and(|asked| asked.to <= now)).unwrap_or_default());
    match loaded {
        Some(Ok(histories)) => Metered { histories: Arc::new(histories), work, ..Metered::default() },
        Some(Err(error)) => Metered { said: vec![error.to_string()], ..Metered::default() },
        None => Metered::default(),
    }
}

/// The account and the region of a fleet. Without STS the models say it.
fn whose(fleet: &Fleet) -> Option<(String, String)> {
    let of_models =
        fleet.models.rows.keys().next().map(ModelArn::as_str).or(fleet.projects.rows.keys().next().map(String::as_str));
    let part = |place| of_models.and_then(|arn| arn.split(':').nth(place)).map(str::to_owned);
    let account = fleet.identity.as_ref().map(|identity| identity.account.clone()).or_else(|| part(4))?;
    Some((account, part(3).or_else(|| fleet.region.clone())?))
}

fn note_failure(kept: Result<(), StoreError>, said: &mut Vec<String>) {
    if let Err(error) = kept {
        let error = error.to_string();
        if !said.contains(&error) {
            said.push(error);
        }
    }
}
