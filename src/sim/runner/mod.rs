//! Runs the code that was uploaded for functions, as Lambda does: schedules and mappings invoke it, it calls the account as any
//! client does, it is stopped when its time is up, and what fails is tried again.
//!
//! Whoever can reach the account can have code run by it, with the rights of whoever started it: so nothing of this happens
//! unless that was asked for.

mod api;
mod emulator;
mod process;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::account::Sim;
use super::args::text;
use super::fault::blob;
use super::front::{Account, Answer, Call};
use super::shapes::Service;
use super::world::abroad::{Errand, Failed};
use super::world::agenda::Invocation;
use super::world::{Function, World};
use process::Environment;

/// How often somebody looks whether there is something to run, in real time.
const GLANCE: Duration = Duration::from_millis(10);

/// How long this machine may take for what takes no time in Lambda, under a clock that is faster than its own.
const LAG: Duration = Duration::from_secs(1);

/// Where functions run.
#[derive(Clone, Debug)]
pub enum Host {
    /// As processes of this machine: the file `bootstrap` of the zip that was uploaded, unpacked into this folder. They reach
    /// the account at this address.
    Here(PathBuf, SocketAddr),
    /// In an emulator that is invoked as Lambda is, at this URL: it has the code, and runs the function of the handler's name.
    Emulator(String),
}

/// Takes a line that a function has written: its name and the line.
pub type Listener = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// An account whose functions run for real.
pub struct Real {
    sim: Arc<Sim>,
    host: Host,
    listener: Listener,
    /// Processes that wait for their next invocation, by function.
    idle: Mutex<BTreeMap<String, Vec<Environment>>>,
    /// Who waits for an invocation.
    asking: Mutex<BTreeMap<u64, oneshot::Sender<Result<Value, Failed>>>>,
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Real").field("host", &self.host).finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Real {
    /// An account whose functions run in `host`, as long as [`Real::run`] does.
    #[must_use]
    pub fn new(sim: Arc<Sim>, host: Host, listener: Listener) -> Arc<Self> {
        sim.world().open_abroad();
        Arc::new(Self { sim, host, listener, idle: Mutex::default(), asking: Mutex::default() })
    }

    /// Runs whatever is to be run, for as long as it is polled. Dropped, it ends the processes.
    pub async fn run(self: Arc<Self>) {
        let mut going = JoinSet::new();
        let mut glance = tokio::time::interval(GLANCE);
        loop {
            glance.tick().await;
            while going.try_join_next().is_some() {}
            let errands = self.sim.world().errands();
            for errand in errands {
                let this = self.clone();
                going.spawn(async move { this.errand(errand).await });
            }
        }
    }

    async fn errand(&self, errand: Errand) {
        let outcome = match &self.host {
            Host::Emulator(url) => emulator::invoke(url, &errand).await,
            Host::Here(folder, account) => self.in_a_process(&errand, folder, *account).await,
        };
        self.sim.world().come_home(&errand, &outcome);
        if let Some(asking) = locked(&self.asking).remove(&errand.id) {
            // Whoever asked may have gone away.
            let _ = asking.send(outcome);
        }
    }

    async fn in_a_process(&self, errand: &Errand, folder: &Path, account: SocketAddr) -> Result<Value, Failed> {
        let function = &errand.function;
        let idle = locked(&self.idle).get_mut(&function.name).and_then(Vec::pop);
        // One of older code or another environment ends here.
        let mut environment = match idle.filter(|environment| environment.is_of(function)) {
            Some(environment) => environment,
            None => {
                let region = self.sim.world().region.clone();
                Environment::start(function, folder, account, &region, &self.listener).await?
            }
        };
        let patience = self.sim.clock().real_duration(World::patience(function));
        // A fast clock makes minutes of seconds, but this machine no faster: what it needs for an answer is not counted.
        let grace = if self.sim.clock().speed() > 1.0 { LAG } else { Duration::ZERO };
        let outcome = environment.invoke(&errand.payload, &function.arn, patience, grace).await;
        if environment.is_alive() {
            locked(&self.idle).entry(function.name.clone()).or_default().push(environment);
        }
        outcome
    }

    /// The function that a call invokes and waits for, if its code runs for real.
    fn awaited(&self, call: &Call) -> Option<Function> {
        let waits = text(&call.input, "InvocationType").is_none_or(|kind| kind == "RequestResponse");
        if call.service != Service::Lambda || call.operation != "Invoke" || !waits {
            return None;
        }
        let world = self.sim.world();
        let function = world.function(text(&call.input, "FunctionName")?)?;
        world.runs_abroad(function).then(|| function.clone())
    }

    async fn ask(self: Arc<Self>, function: Function, call: Call) -> Answer {
        // Looked at as any other call is: whether the payload is JSON, whether something goes wrong on purpose.
        let mut looked_at = call.clone();
        if let Some(fields) = looked_at.input.as_object_mut() {
            fields.insert("InvocationType".to_owned(), "DryRun".into());
        }
        let answer = Account::call(&*self.sim, &looked_at);
        if answer.outcome.is_err() || answer.breakage.is_some() {
            return answer;
        }
        let payload = call.input.get("Payload").and_then(super::fault::unblob).unwrap_or_default();
        let payload = serde_json::from_slice(&payload).unwrap_or(Value::Null);
        let invocation = Invocation { function: function.name, payload, attempt: 0, waits: true };
        let coming = {
            let mut asking = locked(&self.asking);
            let sent = self.sim.world().send_abroad(invocation);
            sent.map(|id| {
                let (back, coming) = oneshot::channel();
                asking.insert(id, back);
                coming
            })
        };
        let outcome = match coming {
            Some(coming) => coming.await.unwrap_or_else(|_| Err(gone())),
            None => Err(gone()),
        };
        let mut out = json!({ "StatusCode": 200, "ExecutedVersion": "$LATEST" });
        let payload = match outcome {
            Ok(answer) => answer,
            Err(failed) => {
                if let Some(fields) = out.as_object_mut() {
                    fields.insert("FunctionError".to_owned(), "Unhandled".into());
                }
                json!({ "errorType": failed.kind, "errorMessage": failed.message })
            }
        };
        if let Some(fields) = out.as_object_mut() {
            fields.insert("Payload".to_owned(), blob(payload.to_string().as_bytes()));
        }
        Answer { outcome: Ok(out), ..answer }
    }
}

fn gone() -> Failed {
    Failed { kind: "Runtime.Unknown".to_owned(), message: "The function was deleted meanwhile.".to_owned() }
}

impl Account for Arc<Real> {
    fn call(&self, call: &Call) -> Answer {
        Account::call(&*self.sim, call)
    }

    fn wait(&self, call: &Call) -> Option<Pin<Box<dyn Future<Output = Answer> + Send>>> {
        let function = self.awaited(call)?;
        Some(Box::pin(self.clone().ask(function, call.clone())))
    }

    fn time(&self) -> (DateTime<Utc>, f64) {
        Account::time(&*self.sim)
    }
}
