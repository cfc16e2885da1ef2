//! An account to try calls on, through the real SDK clients.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use chrono::{DateTime, TimeDelta, Utc};
use rekotui::clock::Clock;
use rekotui::sim::account::Sim;
use rekotui::sim::scenario::Scenario;

/// The mapping of `parts/v3`.
pub const UUID: &str = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d";

/// An account on a clock that is held at Monday 2026-11-16, 05:00 UTC.
pub struct Bench {
    pub sim: Arc<Sim>,
    pub clock: Clock,
    http: SharedHttpClient,
    scenario: Scenario,
}

macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub fn $name(&self) -> $sdk::Client {
            let config = $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new("eu-central-1"))
                .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
                .retry_config(RetryConfig::disabled())
                .http_client(self.http.clone());
            $sdk::Client::from_conf(config.build())
        }
    };
}

impl Bench {
    /// The account of `toml`, to which a header is added; `header` holds further keys of it.
    pub fn new(header: &str, toml: &str) -> Self {
        let head = format!("[scenario]\nname = \"bench\"\nstart = \"2026-11-16T05:00:00Z\"\n{header}\n");
        let scenario = Scenario::parse("bench", &format!("{head}{toml}")).expect("a scenario");
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(&scenario, clock.clone()).expect("an account");
        let http = super::door::client(&sim);
        Self { sim, clock, http, scenario }
    }

    /// The same on a clock that stands by itself, as at a speed of nought.
    pub fn standing(header: &str, toml: &str) -> Self {
        let bench = Self::new(header, toml);
        let (scenario, clock) = (bench.scenario, Clock::fast(bench.clock.now(), 0.0));
        let sim = Sim::new(&scenario, clock.clone()).expect("an account");
        let http = super::door::client(&sim);
        Self { sim, clock, http, scenario }
    }

    client!(rekognition, aws_sdk_rekognition);
    client!(lambda, aws_sdk_lambda);
    client!(scheduler, aws_sdk_scheduler);
    client!(events, aws_sdk_eventbridge);
    client!(sqs, aws_sdk_sqs);
    client!(cloudwatch, aws_sdk_cloudwatch);
    client!(sts, aws_sdk_sts);
    client!(cloudformation, aws_sdk_cloudformation);

    client!(s3, aws_sdk_s3);

    /// Puts an object into a bucket, which is made if it is not there.
    pub fn put(&self, bucket: &str, key: &str, body: &[u8]) {
        let mut world = self.sim.world();
        world.buckets.entry(bucket.to_owned()).or_default();
        world.put_object(bucket, key, body.to_vec(), "application/octet-stream").expect("a bucket");
    }

    pub fn step(&self, seconds: i64) {
        self.clock.step(TimeDelta::seconds(seconds));
    }

    /// How many calls of an operation came in so far.
    pub fn calls(&self, operation: &str) -> usize {
        self.sim.log().iter().filter(|call| call.operation == operation).count()
    }
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    match result {
        Ok(answer) => panic!("this was not refused: {answer:?}"),
        Err(error) => error.code().unwrap_or("no code").to_owned(),
    }
}

/// The message of a refusal.
pub fn message<T: std::fmt::Debug, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    match result {
        Ok(answer) => panic!("this was not refused: {answer:?}"),
        Err(error) => error.message().unwrap_or_default().to_owned(),
    }
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// One project with models in many states, a function of each role, a mapping and a queue.
pub const PARTS: &str = r#"
[[projects]]
name = "parts"
created = "2026-01-10T08:00:00Z"

[[models]]
project = "parts"
version = "v1"
created = "2026-02-01T08:00:00Z"
trained = "2026-02-01T09:30:00Z"
f1 = 0.875
description = "the first one"
min_units = 1
max_units = 4
[[models]]
project = "parts"
version = "v2"
created = "2026-03-01T08:00:00Z"
status = "TRAINING_IN_PROGRESS"
[[models]]
project = "parts"
version = "v3"
created = "2026-04-01T08:00:00Z"
status = "TRAINING_COMPLETED"
labels = ["scratch", "dent", "stain"]
[[models]]
project = "parts"
version = "v4"
created = "2026-05-01T08:00:00Z"

[[projects]]
name = "comments"
created = "2026-01-11T08:00:00Z"
feature = "CONTENT_MODERATION"
[[models]]
project = "comments"
version = "a1"
created = "2026-02-01T08:00:00Z"

[[queues]]
name = "images"
visible = 200
oldest_minutes = 90
dead_letter = { queue = "images-dead", max_receives = 5 }
[[queues]]
name = "images-dead"

[[functions]]
name = "startup"
role = "startup"
environment = { REKOTUI_ROLE = "startup", MODEL_ARN = "${model:parts/v3}", EVENT_SOURCE_MAPPING_UUID = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d" }
[[functions]]
name = "shutdown"
role = "shutdown"
[[functions]]
name = "inference"
role = "inference"
environment = { MODEL_ARN = "${model:parts/v3}" }

[[mappings]]
uuid = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d"
function = "inference"
queue = "images"
state = "Disabled"
batch_size = 10
max_concurrency = 4
filters = ["{\"body\":{}}"]
"#;
