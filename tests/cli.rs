//! The sub-commands of the real binary: what scripts rely on.

mod acting;
mod deploy;
mod functions;
mod killing;
mod savings;
pub mod served;
mod week;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
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
fn without_an_account_the_report_is_an_object_all_the_same() {
    let output = run(&["status", "--region", "eu-central-1", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    has_keys(&told, "account region as_of models schedules mappings findings troubles");
    assert_eq!((&told["account"], &told["region"]), (&Value::Null, &Value::from("eu-central-1")));
    assert_eq!(told["troubles"][0]["sentence"], "No AWS credentials were found.");
}

#[test]
fn a_lapsed_login_is_told_with_the_command_that_renews_it() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("logins");
    let text = "[profile sso]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n\
        [sso-session s]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-central-1\n\
        [profile console]\nlogin_session = arn:aws:iam::123456789012:user/anna\n\
        [profile behind]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = console\n";
    std::fs::write(&file, text).unwrap();
    for (profile, command) in [("sso", "aws sso login"), ("console", "aws login"), ("behind", "aws login")] {
        let mut command_line = rekotui(&["status", "--region", "eu-central-1", "--profile", profile]);
        let output = command_line.env("AWS_CONFIG_FILE", &file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let told = format!("The login of profile '{profile}' has expired. Run: {command} --profile {profile}");
        assert!(err(&output).contains(&told), "{}", err(&output));
    }
}

#[test]
fn a_region_or_endpoint_that_cannot_be_is_told_as_such() {
    for (arguments, told) in [
        (["--region", "eu central"], "'eu central' is not the name of an AWS region."),
        (["--endpoint-url", "localhost:4600"], "'localhost:4600' is not a URL that could be called."),
        (["--endpoint-url", "http://a b"], "'http://a b' is not a URL that could be called."),
    ] {
        let output = rekotui(&["status"]).args(arguments).env("AWS_DEFAULT_REGION", "eu-central-1").output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(err(&output).contains(told) && err(&output).contains(arguments[0]), "{}", err(&output));
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    for arguments in
        [&["status", "--demo"][..], &["next", "--demo", "--json"], &["cron", "* * * * ? *", "--next", "5000"]]
    {
        let mut child = rekotui(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn the_zone_of_a_schedule_that_was_not_read_is_not_made_up() {
    let told = json(&["schedules", "--json", "--demo"]);
    let schedules = told["schedules"].as_array().unwrap();
    let unread: Vec<&Value> = schedules.iter().filter(|schedule| schedule["expression"].is_null()).collect();
    assert!(!unread.is_empty() && unread.iter().all(|schedule| schedule["zone"].is_null()), "{unread:?}");
    assert!(schedules.iter().any(|schedule| schedule["zone"] == "UTC"));
}

#[test]
fn settings_that_make_the_sdk_panic_do_not_reach_it() {
    for (name, value) in [("AWS_RETRY_MODE", "legacy"), ("AWS_MAX_ATTEMPTS", "0")] {
        let output = rekotui(&["status", "--region", "eu-central-1"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {}", err(&output));
        assert!(!err(&output).contains("panicked"), "{}", err(&output));
    }
}

/// The demo's model that is on overnight, on a Friday evening: its start comes before its stop.
#[test]
fn what_comes_next_is_told_to_people_as_on_the_screen_and_to_scripts_in_order() {
    let text = out(&run(&["status", "--demo"]));
    let line = text.lines().find(|line| line.starts_with("bottles v2")).unwrap();
    assert!(line.contains(" stop ") && !line.contains(" start "), "{line}");
    let told = json(&["status", "--demo", "--json"]);
    let model = told["models"].as_array().unwrap().iter().find(|model| model["version"] == "v2").unwrap();
    assert_eq!((&model["project"], &model["next"]["kind"]), (&Value::from("bottles"), &Value::from("start")));
}

#[test]
fn an_endpoint_where_nobody_is_gets_one_line() {
    let keys = [("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any")];
    let url = ["--region", "eu-central-1", "--endpoint-url", "http://127.0.0.1:1"];
    let output = rekotui(&["status"]).args(url).envs(keys).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = err(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    for part in ["127.0.0.1:1 could not be reached", "describe projects", "list schedules", "list rules", " and "] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn what_works_offline_does_not_offer_what_means_nothing_there() {
    let settings = ["--profile", "--region", "--endpoint-url", "--theme", "--config", "--demo", "--read-only"];
    for command in ["cron", "simulate"] {
        let help = out(&run(&[command, "--help"]));
        assert!(settings.iter().all(|setting| !help.contains(&format!("{setting} "))), "{help}");
    }
    let help = out(&run(&["status", "--help"]));
    assert!(settings.iter().all(|setting| help.contains(setting)), "{help}");
    let given = run(&["cron", "--region", "eu-central-1", "--demo", "rate(1 hour)"]);
    assert!(given.status.success(), "they do no harm: {}", err(&given));
    let settings = ["--endpoint-url", "http://127.0.0.1:1", "--region", "eu-central-1"];
    let before = rekotui(&settings).arg("status").output().unwrap();
    assert_eq!(err(&before), err(&run(&[&["status"], &settings[..]].concat())), "before the command and after it");
}

#[test]
fn more_fires_than_anybody_reads_are_refused() {
    let output = run(&["cron", "rate(1 minute)", "--next", "1000000"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no more than 10000 fires"), "{}", err(&output));
    assert!(err(&run(&["cron", "rate(1 minute)", "--next", "many"])).contains("a whole number from 0 to 10000"));
    let most = out(&run(&["cron", "rate(1 minute)", "--next", "10000"]));
    assert_eq!(most.lines().count(), 10_002);
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

#[test]
fn cron_counts_in_the_characters_of_the_expression_that_it_names() {
    for (given, whole, wrong) in [("٣ 8 * * ? *", "cron(٣ 8 * * ? *)", "٣"), (" 0 ٣ * * ? *", "cron(0 ٣ * * ? *)", "٣")]
    {
        let told = json(&["cron", given, "--json"]);
        assert_eq!(told["expression"], whole);
        let [from, to] = [0, 1].map(|at| usize::try_from(told["error"]["at"][at].as_u64().unwrap()).unwrap());
        assert_eq!(whole.chars().skip(from).take(to - from).collect::<String>(), wrong, "{told}");
    }
}

/// A simulated account on a port of its own, ended with the test.
struct Simulated {
    child: Child,
    url: String,
    /// What it says to set for a client.
    exports: String,
}

impl Simulated {
    fn begin(arguments: &[&str]) -> Self {
        let mut command = rekotui(&["simulate", "--port", "0"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().split_whitespace().last().unwrap().to_owned();
        let exports = lines.take(2).collect::<Vec<_>>().join(" ");
        Self { child, url, exports }
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
fn what_the_simulated_account_says_to_set_is_enough_for_every_client() {
    let simulated = Simulated::begin(&["--scenario", "empty"]);
    for (name, value) in [
        ("AWS_ENDPOINT_URL", simulated.url.as_str()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "any"),
        ("AWS_SECRET_ACCESS_KEY", "any"),
    ] {
        let set = format!("{name}={value}");
        assert!(simulated.exports.split_whitespace().any(|word| word == set), "{set}: {}", simulated.exports);
    }
}

#[test]
fn call_rates_can_be_switched_on_for_any_account() {
    let help = out(&run(&["simulate", "--help"]));
    assert!(help.contains("--throttle") && help.contains("5 calls a second"), "{help}");
    for (arguments, enforced) in [(&["--speed", "0"][..], false), (&["--speed", "0", "--throttle"], true)] {
        let simulated = Simulated::begin(arguments);
        let refused = (0..40).any(|_| ask(&simulated.url).contains("ProvisionedThroughputExceededException"));
        assert_eq!(refused, enforced, "{arguments:?}");
    }
}

/// What a call without the SDK is answered, which would wait and try again.
fn ask(url: &str) -> String {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let credentials = "AWS4-HMAC-SHA256 Credential=any/20261116/eu-central-1/rekognition/aws4_request";
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: RekognitionService.DescribeProjects\r\n\
         Authorization: {credentials}, SignedHeaders=host, Signature=any\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("ProjectDescriptions") || answer.contains("Exceeded"), "{answer}");
    answer
}

#[test]
fn a_speed_that_cannot_be_is_refused() {
    let output = run(&["simulate", "--port", "0", "--speed", "-1"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_scenario_of_ones_own_is_served_and_nothing_that_was_not_read_is_said_to_be_none() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("my account.toml");
    let office = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/scenarios/office.toml")).unwrap();
    let denied = |service: &str, operation: &str| {
        format!("[[faults]]\nservice = \"{service}\"\noperation = \"{operation}\"\nkind = \"denied\"\n")
    };
    let faults = ["rekognition DescribeProjects", "lambda ListEventSourceMappings", "events ListRules"]
        .map(|call| call.split_once(' ').map(|(service, operation)| denied(service, operation)).unwrap());
    std::fs::write(&file, format!("{office}\n{}", faults.concat())).unwrap();
    let simulated = Simulated::begin(&["--scenario", file.to_str().unwrap(), "--speed", "0"]);
    for (command, told) in [
        ("status", "The Custom Labels models could not be read"),
        ("mappings", "The mappings could not be read"),
        ("schedules", "events:ListRules is missing"),
    ] {
        let output = run(&[command, "--endpoint-url", &simulated.url]);
        assert_eq!(output.status.code(), Some(4), "{}", err(&output));
        assert!(out(&output).contains(told) && !out(&output).contains("\nNo "), "{}", out(&output));
    }

    std::fs::write(folder.join("broken.toml"), "[scenario]\nname = 1\n").unwrap();
    for (file, told) in [("broken.toml", "line 2"), ("missing.toml", "there is no such file")] {
        let output = run(&["simulate", "--port", "0", "--scenario", folder.join(file).to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(file) && err(&output).contains(told), "{}", err(&output));
    }
}

#[test]
fn an_empty_account_is_said_to_be_empty() {
    let simulated = Simulated::begin(&["--scenario", "empty"]);
    for (command, told) in [
        ("status", "No Custom Labels models in this account and region."),
        ("mappings", "No mappings in this account and region."),
        ("schedules", "No schedules and rules in this account and region."),
        ("next", "Nothing is planned for the coming 24 hours.\n"),
    ] {
        let output = run(&[command, "--endpoint-url", &simulated.url]);
        assert!(output.status.success() && out(&output).contains(told), "{}", out(&output));
    }
}
