//! An account that this test serves to programs of its own, so that what they asked for can be looked up afterwards.

use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rekotui::clock::Clock;
use rekotui::sim::account::{Call, Sim};
use rekotui::sim::scenario::{FaultKind, Scenario};
use rekotui::sim::serve::serve;
use serde_json::Value;
use tempfile::TempDir;

use crate::operations::lab::{UUID, WORKSHOP, WRITES, model};

/// How long anything may take on a machine that is busy with something else.
const DEADLINE: Duration = Duration::from_secs(60);

/// A served account, and a workstation whose journal starts empty.
pub struct Served {
    pub sim: Arc<Sim>,
    pub url: String,
    pub home: TempDir,
    _runtime: tokio::runtime::Runtime,
}

/// The workshop with its model in `status` and its mapping in `state`; a start takes `minutes`.
pub fn workshop(status: &str, state: &str, minutes: u32) -> String {
    let text = WORKSHOP.replace("STATUS", status).replace("STATE", state);
    text.replace("[9, 9]", &format!("[{minutes}, {minutes}]")).replace("[2, 2]", "[1, 1]")
}

/// Calls of this operation are not allowed.
pub fn denied(service: &str, operation: &str, times: Option<u32>) -> String {
    let times = times.map(|times| format!("times = {times}\n")).unwrap_or_default();
    format!("[[faults]]\nservice = \"{service}\"\noperation = \"{operation}\"\nkind = \"denied\"\n{times}")
}

impl Served {
    /// An account whose clock runs `speed` times as fast as ours.
    pub fn new(scenario: &str, speed: f64) -> Self {
        let scenario = Scenario::parse("served", scenario).unwrap();
        let sim = Sim::new(&scenario, Clock::fast(scenario.scenario.start, speed)).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(serve(sim.clone(), listener, std::future::pending()));
        Self { sim, url, home: tempfile::tempdir().unwrap(), _runtime: runtime }
    }

    /// The variables with which a program finds this account and this workstation, and nothing else.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let home = self.home.path().display().to_string();
        vec![
            ("HOME", home.clone()),
            ("XDG_CONFIG_HOME", home.clone()),
            ("XDG_STATE_HOME", home),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("REKOTUI_ZONE", "Europe/Berlin".into()),
            ("AWS_ENDPOINT_URL", self.url.clone()),
            ("AWS_REGION", "eu-central-1".into()),
            ("AWS_ACCESS_KEY_ID", "any".into()),
            ("AWS_SECRET_ACCESS_KEY", "any".into()),
        ]
    }

    /// Settings for the programs that follow.
    pub fn settings(&self, text: &str) {
        let folder = self.home.path().join("rekotui");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rekotui"));
        command.args(arguments).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Runs a command, says how it ended and what it printed.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran(self.command(arguments).output().unwrap())
    }

    /// Starts a command that goes on beside the test.
    pub fn begin(&self, arguments: &[&str]) -> Going {
        Going(self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits until the account has been asked for this.
    pub fn wait_for(&self, operation: &str) {
        let end = Instant::now() + DEADLINE;
        while !self.sim.log().iter().any(|call| call.operation == operation) {
            assert!(Instant::now() < end, "{operation} was never called");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The calls that change something, whether they were allowed or not.
    pub fn writes(&self) -> Vec<Call> {
        self.sim.log().into_iter().filter(|call| WRITES.contains(&call.operation.as_str())).collect()
    }

    /// How often a call took effect.
    pub fn took_effect(&self, operation: &str) -> usize {
        let effective = |call: &&Call| {
            call.operation == operation && call.error.is_none() && call.mishap != Some(FaultKind::DroppedBefore)
        };
        self.writes().iter().filter(effective).count()
    }

    pub fn status(&self) -> String {
        self.sim.world().models[&model().to_string()].status.clone()
    }

    pub fn state(&self) -> String {
        self.sim.world().mappings[UUID].state.clone()
    }

    /// The journal, as a script reads it: the newest first.
    pub fn journal(&self) -> Vec<Value> {
        self.run(&["journal", "--json"]).json()["operations"].as_array().unwrap().clone()
    }
}

/// A command that has ended.
pub struct Ran(Output);

impl Ran {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap_or_else(|| panic!("{}: {}", self.0.status, self.said()))
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    pub fn said(&self) -> String {
        self.out() + &self.err()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.said()))
    }

    /// Each line as an object.
    pub fn lines(&self) -> Vec<Value> {
        let parsed = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out().lines().map(parsed).collect()
    }
}

/// A command that goes on; killed with the test if it has not ended before.
pub struct Going(Child);

impl Going {
    /// As `kill -9` does: it gets no chance to say or save anything.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Asks it to end.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits until it has ended by itself.
    pub fn end(mut self) -> Ran {
        use std::io::Read;
        let status = self.0.wait().unwrap();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        self.0.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
        self.0.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
        Ran(Output { status, stdout, stderr })
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
