//! `rekotui functions`: the table, its JSON, and the exit codes of a test.

use serde_json::Value;

use super::served::{Served, denied, workshop};
use crate::operations::lab::ours;

const QUICK: f64 = 120.0;

fn account(more: &str) -> Served {
    Served::new(&(ours(&workshop("STOPPED", "Disabled", 1)) + more), QUICK)
}

#[test]
fn the_functions_are_listed_with_what_uses_them() {
    let account = account("");
    let ran = account.run(&["functions"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let line = |name: &str| ran.out().lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    let startup: Vec<String> = line("startup").split("  ").map(|cell| cell.trim().to_owned()).collect();
    let startup: Vec<&String> = startup.iter().filter(|cell| !cell.is_empty()).collect();
    assert_eq!((startup[1].as_str(), startup[2].as_str()), ("startup", "0.1.0"), "{}", ran.out());
    assert_eq!(startup.last().unwrap().as_str(), "office/logos-start, rule/old-start");
    assert!(line("inference").contains("mapping 14e0db71"), "{}", ran.out());
    assert!(account.writes().is_empty());
}

#[test]
fn scripts_get_every_key() {
    let ran = account("").run(&["functions", "--json"]);
    let told: Value = serde_json::from_str(&ran.out()).unwrap();
    let functions = told["functions"].as_array().unwrap();
    assert_eq!(functions.len(), 3);
    for function in functions {
        for key in "arn name role version modified schedules mappings invocations errors throttles".split(' ') {
            assert!(function.get(key).is_some(), "no {key} in {function}");
        }
    }
    assert!(functions.iter().all(|function| function["invocations"].is_null()), "nothing was invoked: {told}");
    assert!(told["troubles"].as_array().unwrap().is_empty() && told.get("as_of").is_some());
}

#[test]
fn a_test_says_what_the_function_sees_and_its_exit_code_whether_that_is_good() {
    let good = account("");
    let ran = good.run(&["functions", "--test", "startup"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("good     startup as for office/logos-start"), "{}", ran.out());
    assert!(ran.out().contains("sees logos v3 STOPPED"), "{}", ran.out());
    good.sim.world().mappings.clear();
    let ran = good.run(&["functions", "--test", "shutdown", "--json"]);
    assert_eq!(ran.code(), 6, "{}", ran.said());
    let told: Value = serde_json::from_str(&ran.out()).unwrap();
    assert_eq!(told["tests"][0]["outcome"], "bad");
    assert!(told["tests"][0]["said"].as_str().unwrap().contains("does not exist any more"), "{told}");
}

#[test]
fn what_is_not_tested_says_why() {
    let foreign = Served::new(&workshop("STOPPED", "Disabled", 1), QUICK);
    let ours = account(&denied("lambda", "Invoke", None));
    for (account, arguments, code, told) in [
        (&foreign, &["functions", "--test", "startup"][..], 5, "no REKOTUI_VERSION"),
        (&foreign, &["functions", "--test", "start"], 5, "no REKOTUI_VERSION"),
        (&foreign, &["functions", "--test", "s"], 2, "fits several functions: shutdown, startup"),
        (&ours, &["functions", "--test", "inference"], 5, "works on images"),
        (&ours, &["functions", "--test", "startup", "--read-only"], 5, "read-only"),
        (&ours, &["functions", "--test", "startup"], 6, "lambda:InvokeFunction"),
        (&ours, &["functions", "--test", "nothing"], 2, "there are inference, shutdown, startup"),
    ] {
        let ran = account.run(arguments);
        assert_eq!(ran.code(), code, "{arguments:?}: {}", ran.said());
        assert!(ran.said().contains(told), "{arguments:?}: {}", ran.said());
        assert!(account.sim.world().invocations.is_empty());
    }
}

#[test]
fn counts_that_may_not_be_read_leave_the_rest() {
    let ran = account(&denied("cloudwatch", "GetMetricData", None)).run(&["functions"]);
    assert_eq!(ran.code(), 4, "{}", ran.said());
    assert!(ran.out().contains("startup") && ran.out().contains("cloudwatch:GetMetricData"), "{}", ran.out());
}
