//! What the README says is held to what the program does.

use std::fmt::Write;
use std::process::Command as Process;

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
        "scheduler:ListScheduleGroups",
        "scheduler:ListTagsForResource",
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
fn every_permission_for_acting_is_listed() {
    for action in [
        "rekognition:StartProjectVersion",
        "rekognition:StopProjectVersion",
        "lambda:UpdateEventSourceMapping",
        "scheduler:CreateSchedule",
        "scheduler:UpdateSchedule",
        "scheduler:DeleteSchedule",
        "iam:PassRole",
        "events:EnableRule",
        "events:DisableRule",
        "events:DescribeRule",
        "events:PutRule",
    ] {
        assert!(readme().contains(&format!("`{action}`")), "{action}");
    }
}

/// What `--help` lists under a heading.
fn helped(arguments: &[&str]) -> String {
    let output = Process::new(env!("CARGO_BIN_EXE_rekotui")).args(arguments).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_commands_are_those_of_the_program() {
    let readme = readme();
    let help = helped(&[]);
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let lines = commands.split("\n\n").next().unwrap().lines();
    // What goes on in a second line is further in.
    let commands = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|word| !word.is_empty()));
    let commands: Vec<&str> = commands.filter(|command| *command != "help").collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        assert!(readme.contains(&format!("| `rekotui {command}")), "{command}");
    }
    let mut helped = ["start", "window", "edit", "migrate", "pause", "savings", "report", "functions", "simulate"]
        .map(|command| helped(&[command]))
        .to_vec();
    helped.extend(["scheduler", "pipeline"].map(|stack| self::helped(&["deploy", stack])));
    for word in readme.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '-')) {
        let everywhere = ["--bin", "--demo", "--check", "--port", "--scenario", "--speed", "--zone", "--path"];
        let of_others = ["--arm", "--body", "--key", "--release"];
        if word.starts_with("--")
            && !word.starts_with("---")
            && word.len() > 2
            && !everywhere.contains(&word)
            && !of_others.contains(&word)
        {
            assert!(helped.iter().any(|help| help.contains(word)), "the README names {word}, which no --help does");
        }
    }
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let readme = readme();
    use rekotui::cli::Outcome;
    for outcome in [
        Outcome::Whole,
        Outcome::Nothing,
        Outcome::Usage,
        Outcome::Findings,
        Outcome::Partly,
        Outcome::Refused,
        Outcome::Failed,
        Outcome::GoesOn,
    ] {
        assert!(readme.contains(&format!("\n| {} | ", outcome.code())), "{outcome:?}");
    }
}
