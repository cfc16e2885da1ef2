//! The workers: what asks the account, beside the loop. Their answers come through one bounded channel.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use super::operations::Operations;
use crate::app::{Connected, Message, Reading, Reckoned, State, Work};
use crate::aws::{Account, Connect, Scope, Survey};
use crate::domain::fleet::{Fleet, News};
use crate::domain::function::name_in;
use crate::domain::functions::{Answer as Tested, Counts};
use crate::domain::operation::Operation;
use crate::domain::picture::Picture;
use crate::domain::savings::{Books, deeds};
use crate::domain::trouble::Trouble;
use crate::meter::{self, Meter, Metered};
use crate::store::UsageStore;

/// How many pieces of news a survey may be ahead of the loop.
const AHEAD: usize = 64;

/// Where an answer comes from: answers of an earlier way into the account are of no interest any more.
type Session = u32;

/// An answer of a worker.
pub(super) enum Answer {
    /// The way into the account.
    Connected(Session, Result<Account, Trouble>),
    /// A piece of the fleet.
    News(Session, News),
    /// A reading has ended.
    Surveyed(Session, Reading),
    /// What follows from the fleet, by the number of the question.
    Pictured(u32, Box<Picture>),
    /// What models ran; whether CloudWatch was asked for it.
    Metered(Session, Metered, bool),
    /// What was saved, by the number of the question.
    Reckoned(u32, Box<Reckoned>),
    /// The fleet could not be kept.
    NotSaved(String),
    /// An operation has moved.
    Operation(Box<Operation>),
    /// How functions fare, by ARN.
    Counted(Session, Result<Vec<(String, Option<Counts>)>, Trouble>),
    /// What a function (by ARN) answered to which of its tests.
    Tested(String, usize, Result<Tested, String>),
    /// What the journal holds.
    Journal(Vec<Operation>),
    /// Something was not begun.
    NotBegun {
        /// What.
        title: String,
        /// Why.
        why: String,
    },
}

/// The workers of one loop.
pub(super) struct Workers {
    connect: Connect,
    answers: mpsc::Sender<Answer>,
    session: Session,
    survey: Option<Arc<Survey>>,
    account: Option<Account>,
    /// What is carried out; it outlives every session.
    pub(super) operations: Operations,
    usage: Option<UsageStore>,
    meter: Option<Meter>,
    tasks: JoinSet<()>,
    doing: HashMap<Id, Work>,
}

impl Workers {
    pub(super) fn new(
        connect: Connect,
        operations: Operations,
        usage: Option<UsageStore>,
        answers: mpsc::Sender<Answer>,
    ) -> Self {
        let (tasks, doing) = (JoinSet::new(), HashMap::new());
        Self { operations, usage, meter: None, connect, answers, session: 0, survey: None, account: None, tasks, doing }
    }

    /// Looks for the way into the account, anew if there was one.
    pub(super) fn connect(&mut self) {
        self.session += 1;
        self.survey = None;
        self.account = None;
        self.tasks.abort_all();
        let (session, connect, answers) = (self.session, self.connect.clone(), self.answers.clone());
        self.spawn(Work::Connecting, async move {
            let account = Account::connect(connect).await;
            // The loop has ended if nobody listens any more, here and below.
            let _ = answers.send(Answer::Connected(session, account)).await;
        });
    }

    /// Reads the fleet. What is already known of it need not be asked again.
    pub(super) fn read(&mut self, reading: Reading, fleet: &Fleet) {
        let Some(survey) = self.survey.clone() else { return };
        let (session, answers, known) = (self.session, self.answers.clone(), fleet.clone());
        let scope = match reading {
            Reading::Everything => Scope::Everything,
            Reading::Watch => Scope::Watch,
        };
        self.spawn(Work::Reading, async move {
            let (sender, mut news) = mpsc::channel(AHEAD);
            let forward = async {
                while let Some(item) = news.recv().await {
                    if answers.send(Answer::News(session, item)).await.is_err() {
                        break;
                    }
                }
            };
            tokio::join!(survey.run(scope, &known, sender), forward);
            let _ = answers.send(Answer::Surveyed(session, reading)).await;
        });
    }

    /// Works out what follows from the fleet, on a thread where that may take as long as it takes.
    pub(super) fn picture(&mut self, number: u32, state: &State) {
        let (answers, fleet, wishes) = (self.answers.clone(), state.fleet.clone(), state.wishes.clone());
        let (now, zone) = (state.now(), state.zone);
        let drawing = self.tasks.spawn_blocking(move || {
            let picture = Box::new(Picture::of(&fleet, &wishes, now, zone));
            let _ = answers.blocking_send(Answer::Pictured(number, picture));
        });
        self.doing.insert(drawing.id(), Work::Picturing);
    }

    /// Asks CloudWatch what models ran that is not known yet.
    pub(super) fn meter(&mut self, state: &State) {
        let Some(meter) = self.meter.clone() else { return };
        let (session, answers) = (self.session, self.answers.clone());
        let (fleet, picture) = (state.fleet.clone(), state.picture.clone());
        self.spawn(Work::Metering, async move {
            // Boxed, because the compiler gives up on futures that are nested as deeply as this one.
            let reading: Pin<Box<dyn Future<Output = Metered> + Send>> =
                Box::pin(async move { meter.read(&fleet, &picture).await });
            let metered = reading.await;
            let _ = answers.send(Answer::Metered(session, metered, true)).await;
        });
    }

    /// Asks CloudWatch how functions fare.
    pub(super) fn count_functions(&mut self, arns: Vec<String>) {
        let Some(account) = self.account.clone() else { return };
        let (session, answers) = (self.session, self.answers.clone());
        self.spawn(Work::Counting, async move {
            let names: Vec<&str> = arns.iter().map(|arn| name_in(arn)).collect();
            let counts = account.function_counts(&names).await;
            let counts = counts.map(|counts| arns.iter().cloned().zip(counts).collect());
            let _ = answers.send(Answer::Counted(session, counts)).await;
        });
    }

    /// Finds what an earlier run has measured: beside the keys, since it may be years.
    pub(super) fn recall_usage(&mut self, state: &State) {
        let Some(usage) = self.usage.clone() else { return };
        let (session, answers) = (self.session, self.answers.clone());
        let (fleet, now) = (state.fleet.clone(), state.now());
        let recalling = self.tasks.spawn_blocking(move || {
            let metered = meter::recall(&usage, &fleet, now);
            let _ = answers.blocking_send(Answer::Metered(session, metered, false));
        });
        self.doing.insert(recalling.id(), Work::Reckoning);
    }

    /// Works out what was saved, on a thread where that may take as long as it takes.
    pub(super) fn reckon(&mut self, number: u32, state: &State) {
        let (answers, fleet, picture) = (self.answers.clone(), state.fleet.clone(), state.picture.clone());
        let (histories, work) = (state.ledger.histories.clone(), state.ledger.work.clone());
        let (question, now) = (state.savings_question(), state.now());
        let deeds = deeds(state.operations.values());
        let reckoning = self.tasks.spawn_blocking(move || {
            let books = Books { fleet: &fleet, picture: &picture, histories: &histories, deeds: &deeds, now };
            let reckoned = Box::new(Reckoned::of(books, &work, &question));
            let _ = answers.blocking_send(Answer::Reckoned(number, reckoned));
        });
        self.doing.insert(reckoning.id(), Work::Reckoning);
    }

    fn spawn(&mut self, work: Work, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(task).id();
        self.doing.insert(id, work);
    }

    /// What a worker was doing when it died. Waits until one does, for ever if none does.
    pub(super) async fn lost(&mut self) -> Work {
        loop {
            match self.tasks.join_next_with_id().await {
                Some(Ok((id, ()))) => {
                    self.doing.remove(&id);
                }
                Some(Err(error)) => {
                    let doing = self.doing.remove(&error.id());
                    if let Some(work) = doing.filter(|_| error.is_panic()) {
                        return work;
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// What an answer means to the program; nothing, if it comes from an earlier session.
    pub(super) fn message(&mut self, answer: Answer) -> Option<Message> {
        match answer {
            Answer::Connected(session, account) if session == self.session => {
                Some(Message::Connected(account.map(|account| self.enter(account))))
            }
            Answer::News(session, news) if session == self.session => Some(Message::News(news)),
            Answer::Surveyed(session, reading) if session == self.session => Some(Message::Surveyed(reading)),
            Answer::Pictured(number, picture) => Some(Message::Pictured(number, picture)),
            // What was kept is found before there is a way into the account, and is none of a session's business.
            Answer::Metered(session, metered, live) if session == self.session || !live => Some(Message::Metered {
                histories: metered.histories,
                work: metered.work,
                trouble: metered.trouble,
                said: metered.said,
                live,
            }),
            Answer::Reckoned(number, reckoned) => Some(Message::Reckoned(number, reckoned)),
            Answer::NotSaved(why) => Some(Message::NotSaved(why)),
            Answer::Operation(operation) => {
                self.operations.note(&operation);
                Some(Message::Operation(operation))
            }
            Answer::Counted(session, counts) if session == self.session => Some(Message::FunctionsCounted(counts)),
            Answer::Tested(function, at, answer) => Some(Message::FunctionTested { function, at, answer }),
            Answer::Journal(operations) => Some(Message::Journal { operations }),
            Answer::NotBegun { title, why } => Some(Message::NotBegun { title, why }),
            Answer::Connected(..)
            | Answer::News(..)
            | Answer::Surveyed(..)
            | Answer::Metered(..)
            | Answer::Counted(..) => None,
        }
    }

    fn enter(&mut self, account: Account) -> Connected {
        let connected =
            Connected { profile: account.profile().map(str::to_owned), region: account.region().to_owned() };
        self.operations.enter(account.clone());
        self.meter = self.usage.clone().map(|usage| Meter::new(account.clone(), usage));
        self.survey = Some(Arc::new(Survey::new(account.clone())));
        self.account = Some(account);
        connected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::trouble::TroubleKind;

    fn workers() -> (Workers, mpsc::Receiver<Answer>) {
        let (sender, answers) = mpsc::channel(4);
        let operations = Operations::new(None, false, sender.clone());
        (Workers::new(Connect::new(Clock::real()), operations, None, sender), answers)
    }

    #[tokio::test]
    async fn a_worker_that_panics_is_told_by_what_it_did() {
        let (mut workers, _answers) = workers();
        workers.spawn(Work::Connecting, async {});
        workers.spawn(Work::Reading, async { panic!("a mistake") });
        assert_eq!(workers.lost().await, Work::Reading);
    }

    #[tokio::test]
    async fn answers_of_an_earlier_session_are_of_no_interest() {
        let (mut workers, _answers) = workers();
        workers.session = 2;
        let trouble = || Trouble::new(TroubleKind::Expired, "");
        let news = || News::Identity(Err(trouble()));
        assert_eq!(workers.message(Answer::News(1, news())), None);
        assert_eq!(workers.message(Answer::Surveyed(1, Reading::Everything)), None);
        assert_eq!(workers.message(Answer::Connected(1, Err(trouble()))), None);
        assert_eq!(workers.message(Answer::News(2, news())), Some(Message::News(news())));
        assert_eq!(workers.message(Answer::Connected(2, Err(trouble()))), Some(Message::Connected(Err(trouble()))));
    }

    #[tokio::test]
    async fn nothing_is_read_before_there_is_a_way_in() {
        let (mut workers, _answers) = workers();
        workers.read(Reading::Everything, &Fleet::default());
        assert!(workers.tasks.is_empty());
    }
}
