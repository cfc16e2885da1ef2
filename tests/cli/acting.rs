//! The commands that change something: exit codes, lines of JSON, and what is never written.

use serde_json::Value;

use super::served::{Served, denied, workshop};

const QUICK: f64 = 120.0;

#[test]
fn a_start_and_a_stop_end_where_they_should_and_are_no_error_a_second_time() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 1), QUICK);
    let start = account.run(&["start", "logos", "--yes"]);
    assert_eq!(start.code(), 0, "{}", start.said());
    assert!(start.out().ends_with("Done: start of logos v3.\n"), "{}", start.out());
    assert_eq!((account.status().as_str(), account.state().as_str()), ("RUNNING", "Enabled"));
    let stop = account.run(&["stop", "logos/v3", "--yes"]);
    assert_eq!(stop.code(), 0, "{}", stop.said());
    assert_eq!((account.status().as_str(), account.state().as_str()), ("STOPPED", "Disabled"));
    assert!(!account.sim.world().schedules.values().any(|one| one.name.starts_with("rekotui-stop-")));
    let writes = account.writes().len();
    let again = account.run(&["stop", "logos/v3", "--yes"]);
    assert_eq!((again.code(), account.writes().len()), (0, writes));
    assert!(again.out().contains("nothing to stop"), "{}", again.said());
}

#[test]
fn names_that_fit_nothing_or_several_things_are_usage_errors_that_list_what_there_is() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 1), QUICK);
    for (arguments, told) in [
        (&["start", "nothing", "--yes"][..], "logos/v3"),
        (&["pause", "office/logos", "--yes"], "office/logos-start, office/logos-stop"),
        (&["pause", "nothing", "--yes"], "rule/old-start"),
        (&["start", "logos", "--for", "soon", "--yes"], "'soon' is not a length of time"),
        (&["resume", "nothing", "--yes"], "rekotui journal"),
        (&["undo", "nothing", "--yes"], "rekotui journal"),
        (&["journal", "nothing"], "rekotui journal"),
    ] {
        let ran = account.run(arguments);
        assert_eq!(ran.code(), 2, "{arguments:?}: {}", ran.said());
        assert!(ran.err().contains(told), "{arguments:?}: {}", ran.err());
    }
    assert!(account.writes().is_empty());
}

#[test]
fn what_was_not_read_is_not_said_to_be_missing() {
    let account =
        Served::new(&(workshop("STOPPED", "Disabled", 1) + &denied("scheduler", "ListSchedules", None)), QUICK);
    let ran = account.run(&["pause", "office/logos-start", "--yes"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.err().contains("scheduler:ListSchedules is missing"), "{}", ran.err());
}

/// Every command that writes, on an account where each of them would have something to do.
const WRITING: [&[&str]; 12] = [
    &["start", "logos", "--yes"],
    &["start", "logos", "--yes", "--emergency"],
    &["start", "logos", "--yes", "--no-stop", "--no-wait"],
    &["stop", "logos", "--yes"],
    &["pause", "office/logos-start", "office/logos-stop", "rule/old-start", "--yes"],
    &["pause", "office/logos-start", "--until", "2026-12-27", "--yes"],
    &["unpause", "office/off", "rule/off", "--yes"],
    &["window", "logos", "--set", "Mon-Thu 9-17", "--yes"],
    &["edit", "office/logos-start", "--expression", "cron(0 8 ? * MON *)", "--yes"],
    &["migrate", "rule/old-start", "--yes"],
    &["resume", "--yes"],
    &["undo", "OPERATION", "--yes"],
];

const OFF: &str = r#"
[[schedules]]
name = "off"
group = "office"
expression = "cron(30 8 ? * SAT *)"
state = "DISABLED"
target = { function = "startup", input = { action = "start", model = "${model:logos/v3}" } }
[[schedules]]
name = "done"
group = "office"
expression = "cron(30 8 ? * SUN *)"
target = { function = "startup", input = { action = "start", model = "${model:logos/v3}" } }
[[rules]]
name = "off"
expression = "cron(0 7 ? * SAT *)"
state = "DISABLED"
targets = [{ id = "one", function = "startup", input = { action = "start", model = "${model:logos/v3}" } }]
"#;

#[test]
fn read_only_by_flag_variable_setting_or_profile_writes_nothing_whatever_the_command() {
    let account = Served::new(&(workshop("STOPPED", "Disabled", 30) + OFF), 60.0);
    assert_eq!(account.run(&["pause", "office/done", "--yes"]).code(), 0);
    let undo = account.journal()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(account.run(&["start", "logos", "--yes", "--no-wait"]).code(), 7);
    account.sim.clear_log();
    for way in ["flag", "variable", "setting", "profile"] {
        account.settings(match way {
            "setting" => "read_only = true\n",
            "profile" => "read_only_profiles = [\"default\"]\n",
            _ => "",
        });
        for arguments in WRITING {
            let mut arguments: Vec<&str> =
                arguments.iter().map(|one| if *one == "OPERATION" { undo.as_str() } else { one }).collect();
            if way == "flag" {
                arguments.insert(0, "--read-only");
            }
            let mut command = account.command(&arguments);
            if way == "variable" {
                command.env("REKOTUI_READ_ONLY", "true");
            }
            let output = command.output().unwrap();
            let err = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(5), "{way} {arguments:?}: {err}");
            assert!(err.contains("read-only"), "{way} {arguments:?}: {err}");
        }
        if way == "setting" {
            // One pass over the plans is enough: they do not depend on how it came to be read-only.
            for arguments in WRITING {
                let dry = arguments.iter().map(|one| if *one == "OPERATION" { undo.as_str() } else { one });
                let dry: Vec<&str> = dry.chain(["--dry-run"]).collect();
                let ran = account.run(&dry);
                assert_eq!(ran.code(), 0, "{dry:?}: {}", ran.said());
            }
        }
    }
    assert_eq!(account.writes().iter().map(|call| call.operation.clone()).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_changed() {
    let account = Served::new(&(workshop("STOPPED", "Disabled", 30) + OFF), 60.0);
    assert_eq!(account.run(&["pause", "office/done", "--yes"]).code(), 0);
    let undo = account.journal()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(account.run(&["start", "logos", "--yes", "--no-wait"]).code(), 7);
    account.sim.clear_log();
    for arguments in WRITING.iter().copied().chain([&["abandon", "--yes"][..]]) {
        let arguments = arguments.iter().map(|one| if *one == "OPERATION" { undo.as_str() } else { one });
        let arguments: Vec<&str> = arguments.filter(|one| *one != "--yes").collect();
        let ran = account.run(&arguments);
        assert_eq!(ran.code(), 5, "{arguments:?}: {}", ran.said());
        assert!(ran.err().contains("--yes"), "{arguments:?}: {}", ran.err());
    }
    assert!(account.writes().is_empty());
    assert_eq!(account.journal()[0]["outcome"], "unfinished");
}

#[test]
fn what_fails_says_so_by_its_exit_code_and_of_several_some() {
    let refused = denied("rekognition", "StartProjectVersion", None);
    let account = Served::new(&(workshop("STOPPED", "Disabled", 1) + &refused), QUICK);
    let start = account.run(&["start", "logos", "--yes"]);
    assert_eq!(start.code(), 6, "{}", start.said());
    assert!(start.out().contains("rekognition:StartProjectVersion is missing"), "{}", start.out());
    assert!(!account.sim.world().schedules.values().any(|one| one.name.starts_with("rekotui-stop-")), "taken back");

    let once = denied("scheduler", "UpdateSchedule", Some(1));
    let account = Served::new(&(workshop("STOPPED", "Disabled", 1) + &once), QUICK);
    let pause = account.run(&["pause", "office/logos-start", "office/logos-stop", "--yes"]);
    assert_eq!(pause.code(), 4, "{}", pause.said());
    let rest = account.run(&["pause", "office/logos-start", "office/logos-stop", "--yes"]);
    assert_eq!(rest.code(), 0, "{}", rest.said());
    assert!(rest.out().contains("office/logos-stop is paused already."), "{}", rest.out());
}

#[test]
fn a_model_that_nobody_would_stop_is_started_in_an_emergency_only_and_stopped_while_rekotui_is_open() {
    let dark = denied("scheduler", "*", None);
    let account = Served::new(&(workshop("STOPPED", "Disabled", 1) + &dark), 300.0);
    let start = account.run(&["start", "logos", "--yes"]);
    assert_eq!(start.code(), 5, "{}", start.said());
    assert!(start.err().contains("No automatic stop can be arranged"), "{}", start.err());
    assert!(account.writes().is_empty());
    let left = account.run(&["start", "logos", "--yes", "--emergency", "--for", "30m", "--no-wait"]);
    assert_eq!(left.code(), 7, "{}", left.said());
    assert!(left.out().contains("NOBODY STOPS THE MODEL until"), "{}", left.out());
    let held = account.run(&["resume", "--yes"]);
    assert_eq!(held.code(), 0, "{}", held.said());
    assert_eq!((account.status().as_str(), account.state().as_str()), ("STOPPED", "Disabled"));
}

#[test]
fn an_operation_whose_login_lapses_rests_and_can_be_resumed() {
    let lapsed =
        "[[faults]]\nservice = \"rekognition\"\noperation = \"StartProjectVersion\"\nkind = \"expired\"\ntimes = 1\n";
    let account = Served::new(&(workshop("STOPPED", "Disabled", 1) + lapsed), QUICK);
    let start = account.run(&["start", "logos", "--yes"]);
    assert_eq!(start.code(), 7, "{}", start.said());
    assert!(start.out().contains("has expired") && start.out().contains("rekotui resume"), "{}", start.out());
    let resumed = account.run(&["resume", "--yes"]);
    assert_eq!(resumed.code(), 0, "{}", resumed.said());
    assert_eq!((account.status().as_str(), account.state().as_str()), ("RUNNING", "Enabled"));
}

fn has_keys(object: &Value, keys: &str) {
    for key in keys.split(' ') {
        assert!(object.get(key).is_some(), "no {key} in {object}");
    }
}

/// The last line, after lines that are all as they should be.
fn end(lines: &[Value]) -> &Value {
    let (last, before) = lines.split_last().unwrap();
    for line in before {
        match line["event"].as_str().unwrap() {
            "plan" => has_keys(line, "kind subject arn grade steps notes"),
            "progress" => has_keys(line, "id done of step words"),
            other => panic!("{other} before the end"),
        }
    }
    has_keys(last, "outcome why");
    assert_eq!(last["event"], "end");
    last
}

#[test]
fn lines_of_json_keep_their_contract() {
    let account = Served::new(&workshop("STOPPED", "Disabled", 1), QUICK);
    let dry = account.run(&["start", "logos", "--json", "--dry-run"]);
    assert_eq!((dry.code(), &end(&dry.lines())["outcome"]), (0, &"planned".into()));
    let asked = account.run(&["start", "logos", "--json"]);
    assert_eq!((asked.code(), &end(&asked.lines())["outcome"]), (5, &"refused".into()));
    assert!(account.writes().is_empty());

    let left = account.run(&["start", "logos", "--json", "--yes", "--no-wait"]);
    let lines = left.lines();
    assert_eq!((left.code(), &end(&lines)["outcome"], &lines[0]["event"]), (7, &"unfinished".into(), &"plan".into()));
    let resumed = account.run(&["resume", "--json", "--yes"]);
    let lines = resumed.lines();
    let last = end(&lines);
    assert_eq!((resumed.code(), &last["outcome"]), (0, &"done".into()));
    has_keys(last, "id kind subject arn who account region asked ended rests steps commands");
    for step in last["steps"].as_array().unwrap() {
        has_keys(step, "title state words began ended before after tries request_ids");
    }
    assert!(lines.windows(2).all(|pair| pair[0] != pair[1]), "nothing is said twice");
    let progress: Vec<u64> = lines.iter().filter_map(|line| line["done"].as_u64()).collect();
    assert!(progress.is_sorted() && progress.last() == Some(&5), "{progress:?}");

    let already = account.run(&["unpause", "office/logos-start", "--json", "--yes"]);
    assert_eq!((already.code(), &end(&already.lines())["outcome"]), (0, &"done".into()));
    let journal = account.run(&["journal", "--json"]).json();
    has_keys(&journal["operations"][0], "id kind subject arn who account region asked ended outcome why rests steps");
}
