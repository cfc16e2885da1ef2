//! The writing calls, through the real SDK, against the simulated account: what each does there, and that it is sent once.

mod rules;
mod schedules;
mod switches;

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use chrono::TimeDelta;
use serde_json::Value;

use super::Permit;
use crate::aws::{Account, Connect};
use crate::clock::Clock;
use crate::domain::model::ModelArn;
use crate::domain::schedule::{Kind, Schedule};
use crate::sim::account::{Call, Sim};
use crate::sim::client::Simulated;
use crate::sim::scenario::Scenario;

const UUID: &str = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d";
const PROJECT: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/parts/1768032000000";

const WORKSHOP: &str = r#"
[scenario]
name = "workshop"
start = "2026-11-16T05:00:00Z"
running_models = 1

[[projects]]
name = "parts"
created = "2026-01-10T08:00:00Z"
[[projects]]
name = "bolts"
created = "2026-01-11T08:00:00Z"
[[models]]
project = "parts"
version = "v1"
created = "2026-02-01T08:00:00Z"
[[models]]
project = "parts"
version = "v2"
created = "2026-03-01T08:00:00Z"
[[models]]
project = "bolts"
version = "v1"
created = "2026-03-01T08:00:00Z"

[[queues]]
name = "images"
visible = 200
[[functions]]
name = "startup"
role = "startup"
[[functions]]
name = "inference"
role = "inference"
environment = { MODEL_ARN = "${model:parts/v1}" }
[[mappings]]
uuid = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d"
function = "inference"
queue = "images"
state = "Disabled"
batch_size = 10
max_concurrency = 4

[[groups]]
name = "models"

[[rules]]
name = "morning"
expression = "cron(0 7 ? * MON-FRI *)"
description = "UTC"
[[rules.targets]]
id = "one"
function = "startup"
input = { action = "start" }
"#;

/// An account on a held clock, and a way in that would try three times if it were let.
struct Lab {
    sim: Arc<Sim>,
    clock: Clock,
    account: Account,
    permit: Permit,
}

impl Lab {
    async fn new() -> Self {
        let scenario = Scenario::parse("workshop", WORKSHOP).unwrap();
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(&scenario, clock.clone()).unwrap();
        let client = SharedHttpClient::new(Simulated::new(sim.clone()));
        let connect = Connect { paced: false, ..Connect::in_process(client, clock.clone()) };
        let account = Account::connect(connect).await.unwrap();
        Self { sim, clock, account, permit: Permit::granted() }
    }

    fn step(&self, seconds: i64) {
        self.clock.step(TimeDelta::seconds(seconds));
    }

    fn model(&self, project: &str, version: &str) -> ModelArn {
        let world = self.sim.world();
        let found = world.models.values().find(|model| model.arn.contains(&format!("{project}/version/{version}/")));
        found.unwrap().arn.parse().unwrap()
    }

    /// The calls since the last time, of one operation; the log is empty then.
    fn calls(&self, operation: &str) -> Vec<Call> {
        let log = self.sim.log();
        self.sim.clear_log();
        log.into_iter().filter(|call| call.operation == operation).collect()
    }

    /// Calls the account directly, as somebody else would.
    fn ask(&self, service: &str, operation: &str, input: &Value) -> Value {
        let answer = self.sim.call(service, operation, input).outcome.unwrap();
        self.sim.clear_log();
        answer
    }
}

/// What must be known of a schedule or rule to read it.
fn named(kind: Kind, group: &str, name: &str) -> Schedule {
    Schedule {
        arn: format!("arn:aws:x:eu-central-1:123456789012:{group}/{name}"),
        name: name.into(),
        group: group.into(),
        kind,
        expression: None,
        zone: None,
        enabled: true,
        state: "ENABLED".into(),
        start: None,
        end: None,
        flexible_minutes: None,
        targets: Vec::new(),
        description: None,
        created: None,
        modified: None,
        deletes_itself: false,
        kms_key_arn: None,
        managed_by: None,
        role_arn: None,
        event_pattern: None,
    }
}
