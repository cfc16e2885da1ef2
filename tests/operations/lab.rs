//! A workshop with one model, its mapping and its schedules, on a clock that moves when somebody waits.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rekotui::aws::{Account, Connect};
use rekotui::cli::gather::{Gathered, gather};
use rekotui::clock::Clock;
use rekotui::domain::model::ModelArn;
use rekotui::domain::operation::Operation;
use rekotui::domain::plan::Ground;
use rekotui::domain::wiring::Wishes;
use rekotui::lambda::{Memory, Shift};
use rekotui::operation::{Engine, Manner, Refusal, Wait};
use rekotui::sim::account::{Call, Sim};
use rekotui::sim::client::Simulated;
use rekotui::sim::scenario::Scenario;
use rekotui::store::Journal;

pub const BERLIN: Tz = chrono_tz::Europe::Berlin;
pub const UUID: &str = "14e0db71-5d35-4eb5-b481-8945cf9d10c2";

/// The calls that change something.
pub const WRITES: [&str; 10] = [
    "StartProjectVersion",
    "StopProjectVersion",
    "UpdateEventSourceMapping",
    "CreateSchedule",
    "UpdateSchedule",
    "DeleteSchedule",
    "EnableRule",
    "DisableRule",
    "PutRule",
    "Invoke",
];

/// One model of one project, as people have it; `STATUS` and `STATE` are filled in.
pub const WORKSHOP: &str = r#"
[scenario]
name = "workshop"
start = "2026-11-20T19:30:00Z"

[[projects]]
name = "logos"
created = "2025-01-01T00:00:00Z"

[[models]]
project = "logos"
version = "v3"
created = "2026-01-01T00:00:00Z"
status = "STATUS"
min_units = 2
start_minutes = [9, 9]
stop_minutes = [2, 2]
labels = ["a"]

[[queues]]
name = "jobs"
visible = 20
visibility_seconds = 120

[[functions]]
name = "startup"
role = "startup"
environment = { REKOTUI_ROLE = "startup" }
[[functions]]
name = "shutdown"
role = "shutdown"
environment = { REKOTUI_ROLE = "shutdown" }
[[functions]]
name = "inference"
role = "inference"
timeout_seconds = 30
environment = { REKOTUI_ROLE = "inference", PROJECT_VERSION_ARN = "${model:logos/v3}" }

[[mappings]]
uuid = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
function = "inference"
queue = "jobs"
state = "STATE"

[[groups]]
name = "office"

[[schedules]]
name = "logos-start"
group = "office"
expression = "cron(30 8 ? * MON-FRI *)"
zone = "Europe/Berlin"
target = { function = "startup", input = { action = "start", model = "${model:logos/v3}", mappings = ["14e0db71-5d35-4eb5-b481-8945cf9d10c2"], min_inference_units = 2 } }

[[schedules]]
name = "logos-stop"
group = "office"
expression = "cron(0 17 ? * MON-FRI *)"
zone = "Europe/Berlin"
target = { function = "shutdown", input = { action = "stop", model = "${model:logos/v3}", mappings = ["14e0db71-5d35-4eb5-b481-8945cf9d10c2"] } }

[[rules]]
name = "old-start"
expression = "cron(0 7 ? * SUN *)"
targets = [{ id = "one", function = "startup", input = { action = "start", model = "${model:logos/v3}" } }]
"#;

/// The same account, where the functions say that they are those of this program.
pub fn ours(scenario: &str) -> String {
    scenario.replace("REKOTUI_ROLE =", "REKOTUI_VERSION = \"0.1.0\", REKOTUI_ROLE =")
}

/// An account, a workstation's journal, and programs that come and go.
pub struct Lab {
    pub sim: Arc<Sim>,
    pub clock: Clock,
    pub journal: Journal,
    account: Account,
}

impl Lab {
    /// The workshop with its model in `status` and its mapping in `state`, on Friday evening, 20:30 in Berlin.
    pub async fn new(status: &str, state: &str) -> Self {
        Self::with(status, state, "").await
    }

    /// The same, with more in the account.
    pub async fn with(status: &str, state: &str, more: &str) -> Self {
        Self::of(&(WORKSHOP.replace("STATUS", status).replace("STATE", state) + more)).await
    }

    /// The same without the old rule in UTC: its schedules make a week.
    pub async fn weekly(status: &str, state: &str) -> Self {
        let text = WORKSHOP.replace("STATUS", status).replace("STATE", state);
        Self::of(text.split("[[rules]]").next().unwrap()).await
    }

    /// The same, where starts and stops take a minute only.
    pub async fn quick(status: &str, state: &str) -> Self {
        let text = WORKSHOP.replace("STATUS", status).replace("STATE", state);
        Self::of(&text.replace("[9, 9]", "[1, 1]").replace("[2, 2]", "[1, 1]")).await
    }

    /// The same, where the functions are those of this program.
    pub async fn ours(status: &str, state: &str, more: &str) -> Self {
        Self::of(&(ours(&WORKSHOP.replace("STATUS", status).replace("STATE", state)) + more)).await
    }

    async fn of(text: &str) -> Self {
        let scenario = Scenario::parse("workshop", text).unwrap();
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(&scenario, clock.clone()).unwrap();
        let client = SharedHttpClient::new(Stepwise(SharedHttpClient::new(Simulated::new(sim.clone()))));
        let connect = Connect { paced: false, ..Connect::in_process(client, clock.clone()) };
        let account = Account::connect(connect).await.unwrap();
        Self { sim, clock, journal: Journal::in_memory().unwrap(), account }
    }

    pub fn account(&self) -> &Account {
        &self.account
    }

    /// A new program on the same workstation.
    pub fn engine(&self) -> Engine {
        Engine::new(self.account.clone(), self.journal.clone(), Manner { read_only: false, wait: self.waiting() })
    }

    /// One that may not write.
    pub fn reader(&self) -> Engine {
        Engine::new(self.account.clone(), self.journal.clone(), Manner { read_only: true, wait: self.waiting() })
    }

    pub fn waiting(&self) -> Wait {
        let clock = self.clock.clone();
        Arc::new(move |span| {
            let clock = clock.clone();
            Box::pin(async move {
                tokio::task::yield_now().await;
                clock.step(span);
            })
        })
    }

    /// What a function works with that has so much time.
    pub fn shift(&self, time: TimeDelta) -> Shift {
        let manner = Manner { read_only: false, wait: self.waiting() };
        let (account, deadline) = (self.account.clone(), self.now() + time);
        Shift { account, manner, deadline, request: "one".into(), memory: Memory::default() }
    }

    /// What an operator sees now.
    pub async fn look(&self) -> Gathered {
        gather(&self.account, &Wishes::default(), BERLIN).await
    }

    pub fn pass(&self, span: TimeDelta) {
        self.clock.step(span);
        drop(self.sim.world());
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn status(&self) -> String {
        self.sim.world().models[&model().to_string()].status.clone()
    }

    pub fn state(&self) -> String {
        self.sim.world().mappings[UUID].state.clone()
    }

    /// The names of the automatic stops that wait.
    pub fn automatic(&self) -> Vec<String> {
        let world = self.sim.world();
        let names = world.schedules.values().map(|schedule| schedule.name.clone());
        names.filter(|name| name.starts_with("rekotui-stop-")).collect()
    }

    /// The calls that changed something, or were to.
    pub fn writes(&self) -> Vec<Call> {
        self.sim.log().into_iter().filter(|call| WRITES.contains(&call.operation.as_str())).collect()
    }

    /// Their names, in order.
    pub fn written(&self) -> Vec<String> {
        self.writes().into_iter().map(|call| call.operation).collect()
    }

    /// How often a call took effect.
    pub fn took_effect(&self, operation: &str) -> usize {
        use rekotui::sim::scenario::FaultKind;
        let effective = |call: &&Call| {
            call.operation == operation && call.error.is_none() && call.mishap != Some(FaultKind::DroppedBefore)
        };
        self.writes().iter().filter(effective).count()
    }

    /// Begins a plan and carries it out to its end or rest.
    pub async fn carry(&self, plan: rekotui::domain::plan::Plan) -> Operation {
        self.try_carry(plan).await.unwrap()
    }

    pub async fn try_carry(&self, plan: rekotui::domain::plan::Plan) -> Result<Operation, Refusal> {
        Ok(self.engine().begin(plan).await?.carry(|_| {}).await)
    }
}

pub fn ground(seen: &Gathered) -> Ground<'_> {
    Ground {
        fleet: &seen.fleet,
        picture: &seen.picture,
        wishes: &seen.wishes,
        now: seen.now,
        zone: BERLIN,
        production: false,
    }
}

pub fn model() -> ModelArn {
    "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v3/1767225600000".parse().unwrap()
}

pub fn schedule_arn(name: &str) -> String {
    format!("arn:aws:scheduler:eu-central-1:123456789012:schedule/office/{name}")
}

/// Lets a future be polled so many times, and then drops it, as a program is killed in the middle of whatever it does.
/// `None`: it was killed.
pub async fn killed_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future: Pin<Box<F>> = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// A way into the account that stops before each request is sent and before each answer arrives, so that a program can
/// be killed there.
#[derive(Clone, Debug)]
struct Stepwise(SharedHttpClient);

impl HttpClient for Stepwise {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(StepwiseLine(self.0.http_connector(settings, parts)))
    }
}

#[derive(Debug)]
struct StepwiseLine(SharedHttpConnector);

impl HttpConnector for StepwiseLine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let line = self.0.clone();
        HttpConnectorFuture::new(async move {
            tokio::task::yield_now().await;
            let answer = line.call(request).await;
            tokio::task::yield_now().await;
            answer
        })
    }
}
