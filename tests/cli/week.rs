//! `window`, `edit` and `migrate`: what they show, ask, write and answer.

use serde_json::Value;

use super::served::{Served, workshop};

const STILL: f64 = 1.0;

fn account() -> Served {
    Served::new(&workshop("STOPPED", "Disabled", 1), STILL)
}

#[test]
fn a_week_is_shown_as_lines_and_as_json() {
    let account = account();
    let shown = account.run(&["window", "logos"]);
    assert_eq!(shown.code(), 0, "{}", shown.said());
    for line in [
        "logos v3: ready Mon–Fri 09:00–17:00, Europe/Berlin, started 30 min earlier",
        "40.0 h a week, about $1,391 a month at $4.00 an inference hour",
        "logos-start  cron(30 8 ? * MON-FRI *)",
        "old-start    cron(0 7 ? * SUN *)       not of every week",
    ] {
        assert!(shown.out().contains(line), "{line}\n{}", shown.out());
    }
    assert_eq!(account.run(&["window", "logos", "--show"]).out(), shown.out());
    let json: Value = serde_json::from_str(&account.run(&["window", "logos", "--json"]).out()).unwrap();
    assert_eq!(json["week"], "Mon–Fri 09:00–17:00");
    assert_eq!((&json["zone"], &json["lead_minutes"]), (&"Europe/Berlin".into(), &30.into()));
    assert_eq!(
        json["windows"][4],
        serde_json::json!({"ready": "Fri 09:00", "closes": "Fri 17:00", "lead_minutes": 30})
    );
    assert_eq!(json["next_starts"][0], "2026-11-23T07:30:00Z");
    assert!(account.writes().is_empty());
}

#[test]
fn a_week_is_planned_confirmed_written_and_undone() {
    let account = account();
    let set = ["window", "logos", "--set", "Mon-Thu 09:00-17:00, Fri 09:00-13:00"];
    let dry = account.run(&[&set[..], &["--dry-run"]].concat());
    assert_eq!(dry.code(), 0, "{}", dry.said());
    assert!(dry.out().contains("1. Create office/logos-stop-2: cron(0 13 ? * FRI *)"), "{}", dry.out());
    assert!(dry.out().contains("36.0 h a week in place of 40.0"), "{}", dry.out());
    let unasked = account.run(&set);
    assert_eq!(unasked.code(), 5, "nobody to ask: {}", unasked.said());
    assert!(account.writes().is_empty());
    let json = account.run(&[&set[..], &["--yes", "--json"]].concat());
    assert_eq!(json.code(), 0, "{}", json.said());
    let events: Vec<Value> = json.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&events[0]["event"], &events[0]["kind"]), (&"plan".into(), &"week edit".into()));
    assert_eq!(events.last().unwrap()["outcome"], "done");
    assert!(account.run(&["window", "logos"]).out().contains("Mon–Thu 09:00–17:00, Fri 09:00–13:00"));
    let again = account.run(&[&set[..], &["--yes"]].concat());
    assert_eq!(again.code(), 0);
    assert!(again.out().contains("is as it is already"), "{}", again.said());
    let id = account.journal()[0]["id"].as_str().unwrap().to_owned();
    let undone = account.run(&["undo", &id, "--yes"]);
    assert_eq!(undone.code(), 0, "{}", undone.said());
    assert!(account.run(&["window", "logos"]).out().contains("ready Mon–Fri 09:00–17:00"));
}

#[test]
fn zone_lead_and_exceptions_are_set() {
    let account = account();
    let set =
        ["--zone", "America/New_York", "--lead", "45m", "--skip", "2026-12-24", "--once", "2026-11-28 10:00-14:00"];
    let ran = account.run(&[&["window", "logos", "--yes"], &set[..]].concat());
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let shown = account.run(&["window", "logos"]);
    for line in [
        "ready Mon–Fri 09:00–17:00, America/New_York, started 45 min earlier",
        "Skipped: Thu 24 Dec 2026",
        "One-off: Sat 28 Nov 10:00–14:00",
    ] {
        assert!(shown.out().contains(line), "{line}\n{}", shown.out());
    }
    let json: Value = serde_json::from_str(&account.run(&["window", "logos", "--json"]).out()).unwrap();
    assert_eq!((&json["skipped"][0], &json["once"][0]["ready"]), (&"2026-12-24".into(), &"2026-11-28T10:00:00".into()));
    let back = account.run(&["window", "logos", "--unskip", "all", "--drop-once", "2026-11-28 10:00-14:00", "--yes"]);
    assert_eq!(back.code(), 0, "{}", back.said());
    let shown = account.run(&["window", "logos"]).out().to_owned();
    assert!(!shown.contains("Skipped") && !shown.contains("One-off"), "{shown}");
}

#[test]
fn what_is_no_use_is_a_usage_error_that_says_what_would_be() {
    let account = account();
    for (arguments, told) in [
        (&["window", "logos", "--set", "Mon 9-25"][..], "write it like 'Mon-Fri 09:00-17:00"),
        (&["window", "logos", "--skip", "soon"], "one looks like 2026-12-25"),
        (&["window", "logos", "--skip", "2026-01-01"], "has passed already"),
        (&["window", "logos", "--unskip", "2026-12-24"], "is not skipped"),
        (&["window", "logos", "--once", "Saturday"], "one looks like 2026-11-28 10:00-14:00"),
        (&["window", "logos", "--drop-once", "2026-11-28 10:00-14:00"], "There is no one-off window"),
        (&["window", "logos", "--lead", "13h"], "makes no sense"),
        (&["edit", "logos-start"], "--expression, --zone"),
        (&["edit", "logos-start", "--expression", "cron(0 8 * * * *)"], "For every day write cron(0 8 * * ? *)"),
        (&["migrate", "nothing"], "rule/old-start"),
    ] {
        let ran = account.run(arguments);
        assert_eq!(ran.code(), 2, "{arguments:?}: {}", ran.said());
        assert!(ran.err().contains(told), "{arguments:?}: {}", ran.err());
    }
    let refused = account.run(&["window", "logos", "--once", "2026-11-27 15:00-19:00", "--yes"]);
    assert_eq!(refused.code(), 5, "{}", refused.said());
    assert!(refused.err().contains("meets a window of the week"), "{}", refused.said());
    assert!(account.writes().is_empty());
}

#[test]
fn one_expression_is_edited_and_a_rule_is_moved() {
    let account = account();
    let edit = account.run(&["edit", "logos-stop", "--expression", "cron(30 17 ? * MON-FRI *)", "--yes"]);
    assert_eq!(edit.code(), 0, "{}", edit.said());
    assert!(edit.out().contains("Mon–Fri at 17:30, Europe/Berlin; before: Mon–Fri at 17:00"), "{}", edit.out());
    let dry = account.run(&["migrate", "old-start", "--dry-run", "--json"]);
    assert_eq!((dry.code(), account.writes().len()), (0, 1), "{}", dry.said());
    let moved = account.run(&["migrate", "old-start", "--zone", "Europe/Berlin", "--yes"]);
    assert_eq!(moved.code(), 0, "{}", moved.said());
    let world = account.sim.world();
    let new = world.schedules.values().find(|one| one.name == "old-start").unwrap();
    assert_eq!((new.expression.as_str(), new.zone.as_str()), ("cron(0 8 ? * SUN *)", "Europe/Berlin"));
    assert_eq!((new.state.as_str(), world.rules["old-start"].state.as_str()), ("ENABLED", "DISABLED"));
}

const UNSCHEDULED: &str = r#"
[[projects]]
name = "parts"
created = "2025-01-01T00:00:00Z"
[[models]]
project = "parts"
version = "v1"
created = "2026-01-01T00:00:00Z"
status = "STOPPED"
min_units = 1
labels = ["a"]
[[groups]]
name = "windows"
tags = { "rekotui:startup" = "${function:startup}", "rekotui:shutdown" = "${function:shutdown}", "rekotui:role" = "arn:aws:iam::${account}:role/r" }
"#;

#[test]
fn a_model_without_schedules_gets_its_pair_from_the_tags_or_is_told_what_hides_them() {
    let account = Served::new(&(workshop("STOPPED", "Disabled", 1) + UNSCHEDULED), STILL);
    let set = ["window", "parts", "--set", "office hours"];
    let dry = account.run(&[&set[..], &["--dry-run"]].concat());
    assert!(dry.out().contains("made from the tags of the group windows"), "{}", dry.said());
    assert!(dry.out().contains("1. Create windows/parts-v1-stop: cron(0 17 ? * MON-FRI *)"), "{}", dry.said());
    account.sim.faults().deny("scheduler", "ListTagsForResource");
    let hidden = account.run(&[&set[..], &["--dry-run"]].concat());
    assert!(hidden.out().contains("made from what office/logos-start"), "{}", hidden.said());
    assert!(hidden.out().contains("scheduler:ListTagsForResource is missing"), "{}", hidden.said());
    account.sim.faults().clear();
    assert_eq!(account.run(&[&set[..], &["--yes"]].concat()).code(), 0);
    assert!(account.run(&["window", "parts"]).out().contains("ready Mon–Fri 09:00–17:00"));
}
