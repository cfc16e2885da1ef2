//! The sub-commands of the real binary: what scripts rely on.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The binary in an environment that knows no account and no settings.
fn rekotui(arguments: &[&str]) -> Command {
    let home = env!("CARGO_TARGET_TMPDIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekotui"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_STATE_HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("REKOTUI_ZONE", "Europe/Berlin")
        .stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    rekotui(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", out(&output), err(&output)))
}

fn has_keys(object: &Value, keys: &str) {
    for key in keys.split(' ') {
        assert!(object.get(key).is_some(), "no {key} in {object}");
    }
}

#[test]
fn status_keeps_its_contract() {
    let status = json(&["status", "--json", "--demo"]);
    has_keys(&status, "account region as_of models schedules mappings findings troubles");
    assert_eq!(status["account"], "123456789012");
    assert_eq!(status["models"].as_array().unwrap().len(), 7);
    for model in status["models"].as_array().unwrap() {
        has_keys(model, "arn project version status min_units max_units mappings schedules next findings");
    }
    for schedule in status["schedules"].as_array().unwrap() {
        has_keys(schedule, "arn name group kind expression zone state next effect model");
    }
    for mapping in status["mappings"].as_array().unwrap() {
        has_keys(mapping, "uuid state function queue model backlog");
    }
    for finding in status["findings"].as_array().unwrap() {
        has_keys(finding, "rule subject sentence remedy severity");
    }
    let kinds: Vec<&str> =
        status["models"].as_array().unwrap().iter().filter_map(|model| model["next"]["kind"].as_str()).collect();
    assert!(kinds.contains(&"start") && kinds.contains(&"stop"), "{kinds:?}");
    let at = status["models"].as_array().unwrap().iter().find_map(|model| model["next"]["at"].as_str()).unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(at).is_ok() && at.ends_with('Z'), "{at}");
}

#[test]
fn the_demo_leaves_out_moderation_projects() {
    let status = json(&["status", "--json", "--demo"]);
    assert!(
        status["models"]
            .as_array()
            .unwrap()
            .iter()
            .all(|model| !model["project"].as_str().unwrap().contains("moderation"))
    );
}

#[test]
fn every_report_has_words_and_json() {
    for (command, key) in [("schedules", "schedules"), ("mappings", "mappings"), ("next", "events")] {
        assert!(!json(&[command, "--json", "--demo"])[key].as_array().unwrap().is_empty(), "{command}");
        let output = run(&[command, "--demo"]);
        assert!(output.status.success() && out(&output).contains("1234-5678-9012"), "{}", out(&output));
    }
}

#[test]
fn check_tells_by_the_exit_code_that_a_finding_warns() {
    assert_eq!(run(&["status", "--demo"]).status.code(), Some(0));
    assert_eq!(run(&["status", "--demo", "--check"]).status.code(), Some(3));
}

#[test]
fn without_a_terminal_the_status_is_printed_and_the_reason_told() {
    let output = run(&["--demo"]);
    assert!(output.status.success());
    assert!(err(&output).contains("needs a terminal"), "{}", err(&output));
    assert!(out(&output).contains("MODEL") && out(&output).contains("Findings:"), "{}", out(&output));
}

#[test]
fn without_credentials_or_region_the_remedy_is_told_at_once() {
    let output = run(&["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("--region"), "{}", err(&output));
    let output = run(&["status", "--region", "eu-central-1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("No AWS credentials were found."), "{}", err(&output));
    let output = run(&["status", "--region", "eu-central-1", "--profile", "nobody"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("There is no AWS profile named 'nobody'."), "{}", err(&output));
}

#[test]
fn settings_that_make_the_sdk_panic_do_not_reach_it() {
    for (name, value) in [("AWS_RETRY_MODE", "legacy"), ("AWS_MAX_ATTEMPTS", "0")] {
        let output = rekotui(&["status", "--region", "eu-central-1"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {}", err(&output));
        assert!(!err(&output).contains("panicked"), "{}", err(&output));
    }
}

#[test]
fn cron_explains_an_expression() {
    let told = json(&[
        "cron",
        "cron(30 8 ? * MON-FRI *)",
        "--zone",
        "Europe/Berlin",
        "--from",
        "2026-11-20T13:09:00Z",
        "--next",
        "2",
        "--json",
    ]);
    assert_eq!(told["valid"], true);
    assert_eq!(told["next"], serde_json::json!(["2026-11-23T07:30:00Z", "2026-11-24T07:30:00Z"]));
    assert!(told["words"].as_str().unwrap().contains("08:30"), "{told}");
}

#[test]
fn cron_points_at_the_wrong_field() {
    let output = run(&["cron", "cron(30 8 ? * 8 *)", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["valid"], &told["error"]["field"]), (&Value::Bool(false), &Value::from("day_of_week")));
    let output = run(&["cron", "30 8 ? * 8 *"]);
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<String> = out(&output).lines().map(str::to_owned).collect();
    assert_eq!(lines[0].find('8').map(|_| lines[1].trim_start()), Some("^"), "{lines:?}");
    assert_eq!(lines[1].len() - 1, lines[0].rfind('8').unwrap(), "{lines:?}");
}

/// A simulated account on a port of its own, ended with the test.
struct Simulated {
    child: Child,
    url: String,
}

impl Simulated {
    fn begin(arguments: &[&str]) -> Self {
        let mut command = rekotui(&["simulate", "--port", "0"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().last().unwrap().to_owned();
        Self { child, url }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_simulated_account_in_another_process_shows_the_same_as_the_demo() {
    let simulated = Simulated::begin(&["--speed", "0"]);
    let there = json(&["status", "--json", "--endpoint-url", &simulated.url]);
    let here = json(&["status", "--json", "--demo"]);
    assert_eq!(there["troubles"], serde_json::json!([]));
    assert_eq!(there["schedules"], here["schedules"]);
    assert_eq!(there["findings"].as_array().unwrap().len(), here["findings"].as_array().unwrap().len());
    let named = |status: &Value| -> Vec<(Value, Value, Value)> {
        let models = status["models"].as_array().unwrap();
        models.iter().map(|model| (model["arn"].clone(), model["status"].clone(), model["next"].clone())).collect()
    };
    assert_eq!(named(&there), named(&here));
}

#[test]
fn a_speed_that_cannot_be_is_refused() {
    let output = run(&["simulate", "--port", "0", "--speed", "-1"]);
    assert_eq!(output.status.code(), Some(2));
}
