//! What the README says is held to what the program does.

use std::fmt::Write;

use rekotui::app::{Command, Context};
use rekotui::ui::Keymap;

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

#[test]
fn the_table_of_keys_is_the_one_that_holds() {
    let keys = Keymap::load(None).unwrap();
    let mut table = String::from("| keys | what they do |\n|---|---|\n");
    for context in [Context::Rows, Context::Global] {
        for spec in Command::all().filter(|spec| spec.contexts.contains(&context)) {
            let names: Vec<String> =
                keys.names().of(context, spec.command).iter().map(|name| format!("`{name}`")).collect();
            writeln!(table, "| {} | {} |", names.join(" "), spec.title()).unwrap();
        }
    }
    assert!(readme().contains(&table), "the README's table of keys should be:\n\n{table}");
}

#[test]
fn every_permission_of_the_survey_is_listed() {
    for action in [
        "rekognition:DescribeProjects",
        "rekognition:DescribeProjectVersions",
        "lambda:ListEventSourceMappings",
        "lambda:GetEventSourceMapping",
        "lambda:GetFunctionConfiguration",
        "scheduler:ListSchedules",
        "scheduler:GetSchedule",
        "events:ListRules",
        "events:ListTargetsByRule",
        "sqs:GetQueueUrl",
        "sqs:GetQueueAttributes",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ] {
        assert!(readme().contains(action), "{action}");
    }
}

#[test]
fn the_commands_and_exit_codes_are_those_of_the_program() {
    let readme = readme();
    for command in ["status", "schedules", "mappings", "next", "cron", "simulate"] {
        assert!(readme.contains(&format!("`rekotui {command}")), "{command}");
    }
    use rekotui::cli::Outcome;
    for outcome in [Outcome::Whole, Outcome::Nothing, Outcome::Usage, Outcome::Findings, Outcome::Partly] {
        assert!(readme.contains(&format!("\n| {} | ", outcome.code())), "{outcome:?}");
    }
}
