//! `savings` and `report`, as scripts and finance teams get them.

use std::process::{Command, Output};

use serde_json::Value;

use super::served::Served;
use super::{err, has_keys, json, out, run};
use rekotui::sim::scenario::FaultKind;

/// The office's October by the hours that its file gives: in service, and times units.
const OCTOBER: [(&str, f64, f64); 6] = [
    ("bottles v1", 184.0 + 8.0 / 60.0, 368.0 + 16.0 / 60.0),
    ("bottles v2", 150.0 + 52.0 / 60.0, 150.0 + 52.0 / 60.0),
    ("logos_2 v3", 177.0 + 59.0 / 60.0, 177.0 + 59.0 / 60.0),
    ("parts v9", 159.0 + 26.0 / 60.0, 209.0 + 44.0 / 60.0),
    ("parts v10", 0.0, 0.0),
    ("shelf v12", 240.0 + 10.0 / 60.0, 240.0 + 10.0 / 60.0),
];

const HOURS: &str = "running_hours inference_hours baseline_hours planned_hours saved_hours overrun_hours missed_hours \
                     unknown_hours error_hours saved_share saved_money";

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, not {value}"))
}

#[test]
fn the_demo_s_october_is_told_to_the_minute() {
    let savings = json(&["savings", "--demo", "--from", "2026-10-01", "--to", "2026-10-31", "--by", "week", "--json"]);
    has_keys(&savings, "from to until price by baseline models total periods forecast troubles");
    has_keys(&savings["price"], "usd source assumption");
    has_keys(&savings["total"], HOURS);
    assert_eq!(savings["from"], "2026-09-30T22:00:00Z");
    let models = savings["models"].as_array().unwrap();
    for (name, running, inference) in OCTOBER {
        let model = models.iter().find(|model| model["name"] == name).unwrap_or_else(|| panic!("{name}"));
        has_keys(model, &format!("arn gone units counted_from counted_to {HOURS}"));
        assert!((number(&model["running_hours"]) - running).abs() < 0.001, "{name}: {}", model["running_hours"]);
        assert!((number(&model["inference_hours"]) - inference).abs() < 0.001, "{name}: {}", model["inference_hours"]);
    }
    for row in models.iter().chain([&savings["total"]]).chain(savings["periods"].as_array().unwrap()) {
        let sum = number(&row["saved_hours"]) + number(&row["inference_hours"]) + number(&row["unknown_hours"]);
        assert!((sum - number(&row["baseline_hours"])).abs() < 0.001, "{row}");
        assert!((number(&row["saved_money"]) - 4.0 * number(&row["saved_hours"])).abs() < 0.01, "{row}");
    }
    assert_eq!(savings["periods"].as_array().unwrap().len(), 5);
    has_keys(&savings["periods"][0], &format!("from to models {HOURS}"));
}

#[test]
fn one_model_and_every_format() {
    let asked = |more: &[&str]| {
        let mut arguments = vec!["savings", "--demo", "--range", "2026-10", "--model", "logos"];
        arguments.extend(more);
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    let table = asked(&[]);
    assert!(table.contains("logos_2 v3") && table.contains("assumption") && !table.contains("shelf"), "{table}");
    let csv = asked(&["--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 32, "a heading and 31 days");
    assert!(lines.iter().all(|line| line.split(',').count() == lines[0].split(',').count()));
    let markdown = asked(&["--format", "markdown"]);
    assert!(markdown.contains("| ") && markdown.contains("|--"), "{markdown}");
}

#[test]
fn what_is_no_range_or_no_model_is_refused() {
    for (arguments, said) in [
        (vec!["savings", "--demo", "--range", "soon"], "not a range"),
        (vec!["savings", "--demo", "--from", "2026-11-02", "--to", "2026-11-01"], "after"),
        (vec!["savings", "--demo", "--model", "nobody"], "There is no model 'nobody'"),
        (vec!["report", "--demo", "--month", "2026-13"], "not a month"),
        (vec!["report", "--demo", "--month", "2027-01"], "lies ahead"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
    }
}

#[test]
fn a_report_is_one_file_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("october.html");
    let output = run(&["report", "--demo", "--month", "2026-10", "--output", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output).trim(), file.to_str().unwrap());
    let page = std::fs::read_to_string(&file).unwrap();
    for said in ["October 2026", "3,828.2", "$15,313", "logos_2 v3", "<svg", "assumption", "± 28.", "SampleCount"] {
        assert!(page.contains(said), "no {said}");
    }
    for foreign in ["<script", "src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let markdown = out(&run(&["report", "--demo", "--month", "2026-10", "--format", "markdown", "-o", "-"]));
    assert!(markdown.starts_with("# ") && markdown.contains("3,828.2") && markdown.contains("data:image/svg"));
    let nowhere = run(&["report", "--demo", "-o", "/nowhere/at/all.html"]);
    assert!(err(&nowhere).contains("--output"), "{}", err(&nowhere));
}

const SHOP: &str = r#"
[scenario]
name = "shop"
start = "2026-11-20T13:09:00Z"
[[projects]]
name = "parts"
created = "2025-01-01T00:00:00Z"
[[models]]
project = "parts"
version = "v1"
created = "2026-01-01T00:00:00Z"
status = "STOPPED"
min_units = 1
[[history]]
project = "parts"
version = "v1"
days = 10
zone = "UTC"
week = [{ from = "08:00", to = "10:00" }]
"#;

fn ask(served: &Served, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekotui"));
    command.args(arguments).env_clear().envs(served.environment());
    command.output().unwrap()
}

#[test]
fn hours_are_asked_once_and_what_they_cost_is_told() {
    let served = Served::new(SHOP, 0.0);
    let first = ask(&served, &["savings", "--range", "30d", "--json"]);
    let second = ask(&served, &["savings", "--range", "30d", "--json"]);
    assert_eq!((first.status.code(), &first.stdout), (Some(0), &second.stdout), "{}", err(&first));
    let savings: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(savings["total"]["running_hours"], 22.0);
    let asked = served.sim.log().iter().filter(|call| call.operation == "GetMetricData").count();
    assert_eq!(asked, 3, "one for each period, and none the second time");
    let calls: Value = serde_json::from_slice(&ask(&served, &["savings", "--calls", "--json"]).stdout).unwrap();
    assert_eq!((&calls["calls"], &calls["metrics"], &calls["charged_usd"]), (&3.into(), &5.into(), &0.00005.into()));
    let told = out(&ask(&served, &["savings", "--calls"]));
    assert!(told.contains("5 metrics in 3 calls") && told.contains("$0.00005"), "{told}");
    // What status asks is charged as well.
    ask(&served, &["status"]);
    let calls: Value = serde_json::from_slice(&ask(&served, &["savings", "--calls", "--json"]).stdout).unwrap();
    assert_eq!(calls["metrics"], 6);
}

#[test]
fn without_the_permission_what_is_known_is_told_all_the_same() {
    // Between two commands more than five minutes pass.
    let served = Served::new(SHOP, 20_000.0);
    ask(&served, &["savings"]);
    served.sim.faults().put("cloudwatch", "GetMetricData", FaultKind::Denied, None);
    let output = ask(&served, &["savings", "--range", "30d"]);
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    assert!(err(&output).contains("cloudwatch:GetMetricData"), "{}", err(&output));
    assert!(out(&output).contains("22.0"), "{}", out(&output));
}

#[test]
fn without_an_account_there_is_no_table_of_nothing() {
    let served = Served::new(SHOP, 0.0);
    served.sim.faults().expire();
    let output = ask(&served, &["savings"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""), "{}", err(&output));
    let output = ask(&served, &["savings", "--json"]);
    let savings: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!savings["troubles"].as_array().unwrap().is_empty() && savings["until"].is_null());
}

#[test]
fn a_damaged_store_of_hours_is_set_aside_and_the_journal_stays() {
    let served = Served::new(SHOP, 0.0);
    ask(&served, &["savings"]);
    let folder = served.home.path().join("rekotui");
    for beside in ["usage.sqlite-wal", "usage.sqlite-shm"] {
        let _ = std::fs::remove_file(folder.join(beside));
    }
    std::fs::write(folder.join("usage.sqlite"), "this is no database, however long it may be ".repeat(200)).unwrap();
    let output = ask(&served, &["savings", "--range", "30d", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(err(&output).contains("set aside") && err(&output).contains("journal is untouched"), "{}", err(&output));
    let savings: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(savings["total"]["running_hours"], 22.0, "asked anew");
    let aside = |name: &str| folder.join(name).exists();
    assert!(aside("usage.set-aside-1.sqlite") && !aside("journal.set-aside-1.sqlite"));
    assert_eq!(ask(&served, &["journal", "--json"]).status.code(), Some(0));
}
