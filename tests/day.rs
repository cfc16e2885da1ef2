//! A day of an account that had nothing but a trained model and a bucket: deployed by the program's own commands, run by the
//! real binary of the functions, which a runtime starts as Lambda does, against the account on a port.
//!
//! The account's clock leaps over the hours in which nothing is to happen.

use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command as Process;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_lambda::primitives::Blob;
use chrono::{DateTime, Utc};
use rekotui::clock::Clock;
use rekotui::sim::account::Sim;
use rekotui::sim::runner::{Host, Real};
use rekotui::sim::scenarios;
use rekotui::sim::serve::serve;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// How many times faster than the world the days pass: what a function has to say near its end, 20 s before it, must still
/// arrive on a machine that has other things to do.
const SPEED: f64 = 150.0;

/// How long anything may take, in real time, before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

const JPEG: &[u8] = b"\xff\xd8\xff an image";

/// The account with one trained model, on a port, running what is uploaded.
struct Plant {
    sim: Arc<Sim>,
    address: SocketAddr,
    folder: TempDir,
    lines: Arc<Mutex<Vec<String>>>,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A zip whose bootstrap is this script.
fn zipped(script: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.write_all(script.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The functions themselves. Lambda takes a script for a bootstrap: so nobody has to pack a debug build.
fn functions() -> Vec<u8> {
    zipped(&format!("#!/bin/sh\nexec {}\n", env!("CARGO_BIN_EXE_bootstrap")))
}

impl Plant {
    async fn open() -> Self {
        let scenario = scenarios::named("first").unwrap();
        let sim = Sim::new(&scenario, Clock::fast(scenario.scenario.start, SPEED)).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let written = lines.clone();
        let listening = Arc::new(move |name: &str, line: &str| written.lock().unwrap().push(format!("{name}: {line}")));
        let real = Real::new(sim.clone(), Host::Here(folder.path().to_owned(), address), listening);
        tokio::spawn(serve(Arc::new(real.clone()), listener, std::future::pending()));
        tokio::spawn(real.run());
        Self { sim, address, folder, lines }
    }

    /// Runs one of the program's commands as an operator does, and gives back what it said.
    async fn operator(&self, arguments: &[&str]) -> String {
        let mut command = Process::new(env!("CARGO_BIN_EXE_rekotui"));
        command.args(arguments).args(["--endpoint-url", &format!("http://{}", self.address)]);
        command.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any").env("AWS_REGION", "eu-central-1");
        command.env("REKOTUI_ZONE", "Europe/Berlin").env("REKOTUI_STATE_DIR", self.folder.path().join("state"));
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {text}");
        text
    }

    fn leap_to(&self, time: &str) {
        let by = at(time) - self.sim.clock().now();
        assert!(by > chrono::TimeDelta::zero(), "it is {} already", self.sim.clock().now());
        self.sim.clock().step(by);
    }

    fn put(&self, keys: &[&str]) {
        for key in keys {
            self.sim.world().put_object("parts-camera-1", key, JPEG.to_vec(), "image/jpeg").expect("a bucket");
        }
    }

    /// The results so far, by the image's key.
    fn results(&self) -> Vec<String> {
        let world = self.sim.world();
        let keys = world.buckets["parts-camera-1"].objects.keys();
        keys.filter_map(|key| key.strip_suffix(".labels.json")).map(str::to_owned).collect()
    }

    fn status(&self) -> String {
        self.sim.world().models.values().next().unwrap().status.clone()
    }

    fn mapping(&self) -> String {
        self.sim.world().mappings.values().next().unwrap().state.clone()
    }

    /// How many invocations of a function have ended.
    fn invocations(&self, function: &str) -> usize {
        self.sim.world().invocations.iter().filter(|run| run.function == function).count()
    }

    /// How many messages a queue holds, in flight or not.
    fn held(&self, queue: &str) -> u64 {
        let mut world = self.sim.world();
        world.settle(queue);
        let (waiting, in_flight, delayed) = world.queues[queue].counts();
        waiting + in_flight + delayed
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            let lines = || self.lines.lock().unwrap().join("\n");
            assert!(begun.elapsed() < PATIENCE, "never {what}; it is {}\n{}", self.sim.clock().now(), lines());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_are_looked_at_in_the_window_wait_outside_of_it_and_none_is_lost() {
    let plant = Plant::open().await;
    let code = write(plant.folder.path(), "rekotui-x86_64.zip", &functions());
    let from = ["--code", &code, "--bucket", "plant-7-images", "--model", "parts/v1", "--yes"];
    // It is Monday, and about the time at which a start would fire: nothing is to be in doubt.
    let week = ["--set", "Tue-Fri 08:00-17:00"];
    let scheduler = [&["deploy", "scheduler"], from.as_slice(), week.as_slice()].concat();
    let said = plant.operator(&scheduler).await;
    assert!(said.contains("Create rekotui-scheduler/parts-v1-start"), "{said}");
    let pipeline = [&["deploy", "pipeline", "--images", "parts-camera-1"], from.as_slice()].concat();
    let said = plant.operator(&pipeline).await;
    assert!(said.contains("Done: deployment of the pipeline stack rekotui-parts-v1."), "{said}");
    // The schedules were there before the mapping: from now on they switch it as well.
    assert!(said.contains("Done: week edit of parts v1."), "{said}");
    let uuid = plant.sim.world().mappings.keys().next().unwrap().clone();
    let inputs = |world: &rekotui::sim::world::World| -> Vec<String> {
        world.schedules.values().map(|one| one.target["Input"].as_str().unwrap().to_owned()).collect()
    };
    let inputs = inputs(&plant.sim.world());
    assert!(inputs.len() == 2 && inputs.iter().all(|input| input.contains(&uuid)), "{inputs:?}");
    assert_eq!(plant.mapping(), "Disabled", "nothing is taken before the first start");

    // Tuesday morning, in Berlin half past seven is half past six.
    plant.put(&["before opening 1.jpg"]);
    plant.leap_to("2026-11-17T06:29:00Z");
    plant.until("running", || plant.status() == "RUNNING").await;
    plant.until("taken", || plant.mapping() == "Enabled").await;
    plant.put(&["line 1/a b.jpg", "line 1/größe+1.png", "line 2/c.JPEG", "readme.txt"]);
    plant.until("looked at", || plant.results().len() == 4).await;
    let seen: Value = {
        let world = plant.sim.world();
        let result = &world.buckets["parts-camera-1"].objects["line 1/größe+1.png.labels.json"];
        serde_json::from_slice(&result.body).unwrap()
    };
    assert_eq!(seen["key"], "line 1/größe+1.png", "{seen}");

    // Tuesday evening.
    plant.leap_to("2026-11-17T15:59:00Z");
    plant.until("stopped", || plant.status() == "STOPPED").await;
    assert_eq!(plant.mapping(), "Disabled");
    plant.leap_to("2026-11-17T19:00:00Z");
    plant.put(&["night/1.jpg", "night/2.jpg", "night/3.jpg"]);
    plant.leap_to("2026-11-18T03:00:00Z");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((plant.results().len(), plant.held("rekotui-parts-v1-images")), (4, 3), "they wait");

    // Wednesday morning.
    plant.leap_to("2026-11-18T06:29:00Z");
    plant.until("looked at", || plant.results().len() == 7).await;
    plant.until("taken out", || plant.held("rekotui-parts-v1-images") == 0).await;
    assert_eq!(plant.held("rekotui-parts-v1-dead-letters"), 0);
    assert_eq!(plant.held("rekotui-scheduler-dead-letters"), 0);
    let logged = plant.lines.lock().unwrap().clone();
    let told = |name: &str, outcome: &str| {
        let lines = logged.iter().filter_map(|line| line.strip_prefix(&format!("{name}: ")));
        lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()).any(|line| line["outcome"] == outcome)
    };
    assert!(told("rekotui-scheduler-startup", "done") && told("rekotui-scheduler-shutdown", "done"), "{logged:#?}");
}

/// The functions with one stack, a model that is left alone, and a schedule group.
async fn with_functions(code: &[u8]) -> Plant {
    let plant = Plant::open().await;
    let code = write(plant.folder.path(), "rekotui-x86_64.zip", code);
    plant.operator(&["deploy", "scheduler", "--code", &code, "--bucket", "plant-7-images", "--yes"]).await;
    plant
}

impl Plant {
    fn lambda(&self) -> aws_sdk_lambda::Client {
        let config = aws_sdk_lambda::Config::builder()
            .behavior_version(aws_sdk_lambda::config::BehaviorVersion::latest())
            .region(aws_sdk_lambda::config::Region::new("eu-central-1"))
            .credentials_provider(aws_sdk_lambda::config::Credentials::new("any", "any", None, None, "test"))
            .endpoint_url(format!("http://{}", self.address));
        aws_sdk_lambda::Client::from_conf(config.build())
    }

    /// Invokes a function and waits for it: the error that Lambda tells of, and what the function said.
    fn invoked(&self, function: &str, event: &Value) -> impl Future<Output = (Option<String>, Value)> + use<> {
        let call = self.lambda().invoke().function_name(function).payload(Blob::new(event.to_string()));
        async move {
            let answer = call.send().await.unwrap();
            let said = serde_json::from_slice(answer.payload().unwrap().as_ref()).unwrap();
            (answer.function_error().map(str::to_owned), said)
        }
    }

    fn event(&self, action: &str) -> Value {
        let world = self.sim.world();
        json!({ "action": action, "model": world.models.keys().next().unwrap(), "mappings": [] })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_invokes_a_function_gets_its_answer() {
    let plant = with_functions(&functions()).await;
    let (error, said) = plant.invoked("rekotui-scheduler-startup", &plant.event("check")).await;
    assert_eq!(error, None, "{said}");
    assert_eq!(plant.status(), "TRAINING_COMPLETED", "a check changes nothing: {said}");
    let (error, said) = plant.invoked("rekotui-scheduler-startup", &json!({ "action": "start", "model": 1 })).await;
    assert_eq!(error.as_deref(), Some("Unhandled"));
    assert!(said["errorMessage"].as_str().is_some_and(|message| message.contains("model")), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_outlasts_the_function_goes_on_in_the_next_one() {
    let plant = with_functions(&functions()).await;
    // Less than half of what a start takes.
    plant.sim.world().functions.get_mut("rekotui-scheduler-startup").unwrap().timeout_seconds = 240;
    let event = plant.event("start");
    let (error, said) = plant.invoked("rekotui-scheduler-startup", &event).await;
    assert_eq!(error.as_deref(), Some("Unhandled"));
    assert_eq!(said["errorType"], "StillStarting", "{said}");
    plant.sim.clock().step(chrono::TimeDelta::minutes(20));
    plant.until("running", || plant.status() == "RUNNING").await;
    plant.sim.world().functions.get_mut("rekotui-scheduler-startup").unwrap().timeout_seconds = 900;
    let (error, said) = plant.invoked("rekotui-scheduler-startup", &event).await;
    assert_eq!(error, None, "already running: {said}");
    let starts = plant.sim.log().iter().filter(|call| call.operation == "StartProjectVersion").count();
    assert_eq!(starts, 1, "a second delivery starts nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_is_a_failed_invocation() {
    let plant = with_functions(&zipped("#!/bin/sh\nexit 3\n")).await;
    let (error, said) = plant.invoked("rekotui-scheduler-startup", &plant.event("check")).await;
    assert_eq!(
        (error.as_deref(), said["errorType"].as_str()),
        (Some("Unhandled"), Some("Runtime.ExitError")),
        "{said}"
    );
    let call = plant.lambda().invoke().function_name("rekotui-scheduler-shutdown");
    let call = call.invocation_type(aws_sdk_lambda::types::InvocationType::Event);
    call.payload(Blob::new(plant.event("stop").to_string())).send().await.unwrap();
    // Twice more, after one and after two minutes; then whoever is named in the stack is told.
    plant.until("given up", || plant.held("rekotui-scheduler-dead-letters") == 1).await;
    assert_eq!(plant.invocations("rekotui-scheduler-shutdown"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_without_a_bootstrap_cannot_run() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("main", zip::write::SimpleFileOptions::default()).unwrap();
    let plant = Plant::open().await;
    // The program itself would not take it: somebody else has put it there.
    let code = zip.finish().unwrap().into_inner();
    plant.sim.world().put_object("plant-7-images", "f.zip", code, "application/zip").unwrap();
    plant.operator(&["deploy", "scheduler", "--code", "s3://plant-7-images/f.zip", "--yes"]).await;
    let (_, said) = plant.invoked("rekotui-scheduler-startup", &plant.event("check")).await;
    assert_eq!(said["errorType"], "Runtime.InvalidEntrypoint", "{said}");
}
