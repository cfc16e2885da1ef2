//! The operations that this program carries out, beside the loop and beside the reading: nothing that is read anew, and no
//! new way into the account, breaks one off.

use std::collections::HashMap;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::workers::Answer;
use crate::aws::Account;
use crate::domain::functions::Check;
use crate::domain::operation::{Operation, OperationId};
use crate::domain::plan::Plan;
use crate::operation::{Driver, Engine, Manner, Refusal};
use crate::store::Journal;

/// How many operations of the journal the screen shows.
pub const SHOWN: usize = 200;

/// The operations of one loop.
pub(super) struct Operations {
    journal: Option<Journal>,
    read_only: bool,
    answers: mpsc::Sender<Answer>,
    engine: Option<Engine>,
    /// Which engine carries an operation out: one that was begun before a new way in was found keeps its own.
    driven_by: HashMap<OperationId, Engine>,
    tasks: JoinSet<()>,
}

impl Operations {
    pub(super) fn new(journal: Option<Journal>, read_only: bool, answers: mpsc::Sender<Answer>) -> Self {
        Self { journal, read_only, answers, engine: None, driven_by: HashMap::new(), tasks: JoinSet::new() }
    }

    /// There is a way into the account.
    pub(super) fn enter(&mut self, account: Account) {
        let manner = Manner::by(account.clock().clone(), self.read_only);
        self.engine = self.journal.clone().map(|journal| Engine::new(account, journal, manner));
    }

    pub(super) fn begin(&mut self, plans: Vec<Plan>) {
        for plan in plans {
            let title = plan.title();
            match self.engine() {
                Err(why) => self.not_begun(title, why),
                Ok(engine) => {
                    let answers = self.answers.clone();
                    self.tasks.spawn(async move { carry(engine.begin(plan).await, title, answers).await });
                }
            }
        }
    }

    pub(super) fn resume(&mut self, id: OperationId) {
        match self.engine() {
            Err(why) => self.not_begun(format!("operation {id}"), why),
            Ok(engine) => {
                let answers = self.answers.clone();
                self.tasks.spawn(async move {
                    let driver = engine.resume(&id).await;
                    carry(driver, format!("operation {id}"), answers).await;
                });
            }
        }
    }

    pub(super) fn abandon(&mut self, id: OperationId) {
        let engine = self.driven_by.get(&id).cloned().map_or_else(|| self.engine(), Ok);
        match engine {
            Err(why) => self.not_begun(format!("operation {id}"), why),
            Ok(engine) => {
                let answers = self.answers.clone();
                self.tasks.spawn(async move {
                    let answer = match engine.abandon(&id).await {
                        Ok(operation) => Answer::Operation(Box::new(operation)),
                        Err(refusal) => Answer::NotBegun { title: format!("operation {id}"), why: refusal.to_string() },
                    };
                    let _ = answers.send(answer).await;
                });
            }
        }
    }

    pub(super) fn go_on(&self, id: &OperationId) {
        if let Some(engine) = self.driven_by.get(id) {
            engine.go_on(id);
        }
    }

    /// Lets a function look, once for each of its tests.
    pub(super) fn test(&mut self, arn: String, checks: Vec<Check>) {
        let (engine, answers) = (self.engine(), self.answers.clone());
        self.tasks.spawn(async move {
            for (at, check) in checks.iter().enumerate() {
                let answer = match &engine {
                    Ok(engine) => engine.check(check).await,
                    Err(why) => Err(why.clone()),
                };
                if answers.send(Answer::Tested(arn.clone(), at, answer)).await.is_err() {
                    return;
                }
            }
        });
    }

    pub(super) fn read_journal(&mut self) {
        let (Some(journal), answers) = (self.journal.clone(), self.answers.clone()) else { return };
        self.tasks.spawn_blocking(move || {
            // A journal that cannot be read now is no news: what it held is on screen.
            if let Ok(operations) = journal.latest(SHOWN) {
                let _ = answers.blocking_send(Answer::Journal(operations));
            }
        });
    }

    /// Notes who carries an operation out, as its news come by.
    pub(super) fn note(&mut self, operation: &Operation) {
        if !operation.is_unfinished() || operation.rests.is_some() {
            self.driven_by.remove(&operation.id);
        } else if let Some(engine) = &self.engine {
            self.driven_by.entry(operation.id.clone()).or_insert_with(|| engine.clone());
        }
        while self.tasks.try_join_next().is_some() {}
    }

    fn engine(&self) -> Result<Engine, String> {
        match (&self.engine, &self.journal) {
            (Some(engine), _) => Ok(engine.clone()),
            (None, None) => Err("The journal cannot be used, and what is not written down is not done. Name another \
                                 folder with --state-dir."
                .into()),
            (None, Some(_)) => Err("There is no way into the account yet.".into()),
        }
    }

    fn not_begun(&mut self, title: String, why: String) {
        let answers = self.answers.clone();
        self.tasks.spawn(async move {
            let _ = answers.send(Answer::NotBegun { title, why }).await;
        });
    }
}

async fn carry(driver: Result<Driver, Refusal>, title: String, answers: mpsc::Sender<Answer>) {
    let driver = match driver {
        Ok(driver) => driver,
        Err(refusal) => {
            let _ = answers.send(Answer::NotBegun { title, why: refusal.to_string() }).await;
            return;
        }
    };
    // The engine must not wait for the screen: its news queue up here.
    let (sender, mut moves) = mpsc::unbounded_channel();
    let tell = move |operation: &Operation| {
        let _ = sender.send(operation.clone());
    };
    let forward = async {
        while let Some(operation) = moves.recv().await {
            if answers.send(Answer::Operation(Box::new(operation))).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(driver.carry(tell), forward);
}
