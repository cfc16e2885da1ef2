//! The engine: begins, takes up and gives up operations, and sees to it that no two are at one thing.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::Refusal;
use super::permit::Permit;
use super::run::{Orders, Run};
use super::watch::letters;
use crate::aws::Account;
use crate::clock::Clock;
use crate::domain::operation::{Operation, OperationId, Standing};
use crate::domain::plan::{Guard, Intent, Plan, Planned, Step};
use crate::store::Journal;

/// Waits for so long of the account's time.
pub type Wait = Arc<dyn Fn(TimeDelta) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How long STS may take to say who asks, in real time: it must not hold up an emergency.
const WHO: Duration = Duration::from_secs(3);

/// In which manner operations are carried out.
#[derive(Clone)]
pub struct Manner {
    /// Whether nothing may be written at all.
    pub read_only: bool,
    /// How to wait.
    pub wait: Wait,
}

impl std::fmt::Debug for Manner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manner").field("read_only", &self.read_only).finish_non_exhaustive()
    }
}

impl Manner {
    /// Waits by this clock, as fast as it runs.
    #[must_use]
    pub fn by(clock: Clock, read_only: bool) -> Self {
        let wait: Wait = Arc::new(move |span| Box::pin(tokio::time::sleep(clock.real_duration(span))));
        Self { read_only, wait }
    }
}

/// The engine of one session. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) account: Account,
    pub(super) journal: Journal,
    pub(super) manner: Manner,
    driven: Mutex<HashMap<OperationId, watch::Sender<Orders>>>,
}

impl Inner {
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.account.clock().now()
    }

    pub(super) fn permit(&self) -> Result<Permit, Refusal> {
        if self.manner.read_only { Err(Refusal::ReadOnly) } else { Ok(Permit::granted()) }
    }

    fn driven(&self) -> MutexGuard<'_, HashMap<OperationId, watch::Sender<Orders>>> {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An operation that this process has taken, to be carried out. Given back when it is dropped, wherever that happens.
#[derive(Debug)]
pub struct Driver {
    engine: Engine,
    operation: Operation,
    orders: watch::Receiver<Orders>,
}

impl Driver {
    /// The operation, as it stands before it is carried on.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Carries it out until it ends or has to rest, and tells of every change. Dropping the future at any time is safe:
    /// the operation can be resumed.
    pub async fn carry(mut self, tell: impl Fn(&Operation) + Send + Sync) -> Operation {
        let mut run =
            Run { engine: &self.engine.0, operation: &mut self.operation, orders: &mut self.orders, tell: &tell };
        // Boxed and without its type, because the compiler gives up on futures that are nested as deeply as this one.
        let going: Pin<Box<dyn Future<Output = ()> + Send + '_>> = Box::pin(run.go());
        going.await;
        self.operation.clone()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.engine.0.driven().remove(&self.operation.id);
        self.engine.0.journal.give_back(&self.operation.id, !self.operation.is_unfinished());
    }
}

impl Engine {
    /// The engine of an account.
    #[must_use]
    pub fn new(account: Account, journal: Journal, manner: Manner) -> Self {
        Self(Arc::new(Inner { account, journal, manner, driven: Mutex::default() }))
    }

    /// The account's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.0.account.clock()
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Whether anything may be changed, so that nobody is asked to confirm what will be refused.
    ///
    /// # Errors
    /// In a read-only session.
    pub fn may_write(&self) -> Result<(), Refusal> {
        self.0.permit().map(drop)
    }

    /// Writes a confirmed plan into the journal and takes it for this process. Nothing has been called yet.
    ///
    /// A stop takes the place of an unfinished start of the same model.
    ///
    /// # Errors
    /// In a read-only session, when another operation is at the same thing, and when the journal cannot be written.
    pub async fn begin(&self, mut plan: Plan) -> Result<Driver, Refusal> {
        self.0.permit()?;
        let unfinished = self.0.journal.unfinished()?;
        for other in self.conflicting(&plan, unfinished) {
            if !takes_place_of(&plan, &other) {
                return Err(Refusal::Busy(Box::new(other)));
            }
            let other = self.supersede(&other).await?;
            also_remove(&mut plan, &other);
        }
        let who = tokio::time::timeout(WHO, self.0.account.identity()).await;
        let who = who.ok().and_then(Result::ok).map(|identity| identity.arn);
        let now = self.0.now();
        let id = OperationId(format!("{}-{}", now.format("%Y%m%dT%H%M%S"), letters(5)));
        let operation = Operation::new(id, plan, who, now);
        let driver = self.take(operation)?;
        // Between the look at the journal and here another process may have begun the same.
        if let Some(other) = self.earlier(&driver.operation)? {
            return Err(Refusal::Busy(Box::new(other)));
        }
        Ok(driver)
    }

    /// Takes up an operation that was left unfinished.
    ///
    /// # Errors
    /// In a read-only session, when it has ended, belongs to another account or region, another process has it, or the journal cannot be read or written.
    pub async fn resume(&self, id: &OperationId) -> Result<Driver, Refusal> {
        self.0.permit()?;
        let operation = self.0.journal.read(id)?.ok_or_else(|| none(id))?;
        if !operation.is_unfinished() {
            return Err(over(&operation));
        }
        self.at_home(&operation).await?;
        let mut driver = self.take(operation)?;
        // Whoever had it until now may have brought it further in between.
        match self.0.journal.read(id)? {
            Some(current) if current.is_unfinished() => driver.operation = current,
            Some(current) => return Err(over(&current)),
            None => return Err(none(id)),
        }
        driver.operation.rests = None;
        driver.operation.resumed = true;
        self.0.journal.write(&driver.operation)?;
        Ok(driver)
    }

    /// Gives an operation up: it is not carried on. What it has done stays done.
    ///
    /// # Errors
    /// When it has ended, another process has it, or the journal cannot be read or written.
    pub async fn abandon(&self, id: &OperationId) -> Result<Operation, Refusal> {
        self.let_go(id, "It was given up.").await
    }

    /// The operator does not want to wait any longer for what the step that is going on waits for.
    pub fn go_on(&self, id: &OperationId) {
        if let Some(orders) = self.0.driven().get(id) {
            orders.send_modify(|orders| orders.go_on += 1);
        }
    }

    fn take(&self, operation: Operation) -> Result<Driver, Refusal> {
        if !self.0.journal.take(&operation.id)? {
            return Err(Refusal::Elsewhere);
        }
        let (sender, orders) = watch::channel(Orders::default());
        self.0.driven().insert(operation.id.clone(), sender);
        // From here on the driver gives it back.
        let driver = Driver { engine: self.clone(), operation, orders };
        self.0.journal.write(&driver.operation)?;
        Ok(driver)
    }

    /// An operation of another account or region would find nothing here, and take that for an answer.
    async fn at_home(&self, operation: &Operation) -> Result<(), Refusal> {
        let region = self.0.account.region();
        let there = format!("{} in {}", operation.account, operation.region);
        if operation.region != region {
            return Err(Refusal::Foreign { there, here: region.to_owned() });
        }
        match self.0.account.identity().await {
            Ok(identity) if identity.account == operation.account => Ok(()),
            Ok(identity) => Err(Refusal::Foreign { there, here: format!("{} in {region}", identity.account) }),
            Err(trouble) => Err(Refusal::Unknown(trouble.to_string())),
        }
    }

    fn conflicting(&self, plan: &Plan, unfinished: Vec<Operation>) -> Vec<Operation> {
        let wanted = plan.resources();
        let here = |other: &Operation| other.account == plan.intent.account() && other.region == plan.intent.region();
        let common = |other: &Operation| other.plan.resources().iter().any(|resource| wanted.contains(resource));
        unfinished.into_iter().filter(|other| here(other) && common(other)).collect()
    }

    /// An unfinished operation on the same things that came before: of two that began at once the first goes on. The one
    /// that is given up was never tried.
    fn earlier(&self, mine: &Operation) -> Result<Option<Operation>, Refusal> {
        let unfinished = self.0.journal.unfinished()?;
        let mut others = self.conflicting(&mine.plan, unfinished).into_iter().filter(|other| other.id < mine.id);
        let Some(first) = others.next() else { return Ok(None) };
        let why = "Another operation on the same came first. Nothing was changed.".to_owned();
        let given_up = Operation { standing: Standing::Refused(why), ended: Some(self.0.now()), ..mine.clone() };
        self.0.journal.write(&given_up)?;
        Ok(Some(first))
    }

    async fn supersede(&self, other: &Operation) -> Result<Operation, Refusal> {
        self.let_go(&other.id, "A stop has taken its place.").await
    }

    async fn let_go(&self, id: &OperationId, why: &str) -> Result<Operation, Refusal> {
        let orders = self.0.driven().get(id).cloned();
        if let Some(orders) = orders {
            orders.send_modify(|orders| orders.let_go = Some(why.to_owned()));
            orders.closed().await;
            return self.0.journal.read(id)?.ok_or_else(|| none(id));
        }
        let operation = self.0.journal.read(id)?.ok_or_else(|| none(id))?;
        if !operation.is_unfinished() {
            return Err(over(&operation));
        }
        let mut driver = self.take(operation)?;
        driver.operation.standing = Standing::Abandoned(format!("{why} {}", driver.operation.left_behind()));
        driver.operation.ended = Some(self.0.now());
        self.0.journal.write(&driver.operation)?;
        Ok(driver.operation.clone())
    }
}

fn none(id: &OperationId) -> Refusal {
    Refusal::Over(format!("The journal has no operation {id}. See 'rekotui journal'."))
}

fn over(operation: &Operation) -> Refusal {
    Refusal::Over(format!(
        "The {} has come to its end already: {}.",
        operation.plan.title(),
        operation.sentence().trim_end_matches('.')
    ))
}

fn takes_place_of(plan: &Plan, other: &Operation) -> bool {
    match (&plan.intent, &other.plan.intent) {
        (Intent::Stop { model }, Intent::Start { model: started, .. }) => model == started,
        _ => false,
    }
}

/// The automatic stop of the start that was given up has become pointless, whether the fleet knew of it or not.
fn also_remove(plan: &mut Plan, other: &Operation) {
    for (step, record) in other.of_steps() {
        let Step::Arrange { stop, .. } = step else { continue };
        let known = plan.steps.iter().any(|planned| planned.step.changes().as_deref() == Some(stop.arn.as_str()));
        if record.writes > 0 && !known {
            let step = Step::Remove { stop: stop.clone(), unless_on: None };
            plan.steps.push(Planned { step, guard: Guard::Always });
        }
    }
}
