//! Plans and operations as lines and as JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::cli::text::clean;
use crate::domain::operation::{Operation, StepStanding};
use crate::domain::plan::{Guard, Plan, Step, Tone};

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// With a capital letter.
fn headed(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    clean(&format!("{first}{}", letters.as_str()))
}

/// A plan in lines: what, the notes, the steps.
pub(super) fn plan_lines(plan: &Plan) -> Vec<String> {
    let mut lines = vec![headed(&plan.title())];
    for note in &plan.notes {
        let mark = match note.tone {
            Tone::Info => "  ",
            Tone::Warning => "! ",
            Tone::Danger => "!!",
        };
        lines.push(format!("{mark} {}", clean(&note.text)));
    }
    lines.extend(
        plan.shown().enumerate().map(|(at, planned)| format!("{:>4}. {}", at + 1, clean(&planned.step.title()))),
    );
    lines
}

/// A plan as JSON.
pub(super) fn plan_json(plan: &Plan) -> Value {
    json!({
        "event": "plan",
        "kind": plan.intent.word(),
        "subject": plan.subject,
        "arn": plan.intent.arn(),
        "grade": plan.grade,
        "steps": plan.shown().map(|planned| planned.step.title()).collect::<Vec<_>>(),
        "notes": plan.notes,
    })
}

/// An operation as JSON.
pub(super) fn operation_json(operation: &Operation) -> Value {
    let steps: Vec<Value> = operation
        .of_steps()
        .map(|(step, record)| {
            json!({
                "title": step.title(),
                "state": record.standing,
                "words": record.words,
                "began": record.began.map(instant),
                "ended": record.ended.map(instant),
                "before": record.before.as_ref().map(|seen| seen.words()),
                "after": record.after.as_ref().map(|seen| seen.words()),
                "tries": record.writes,
                "request_ids": record.request_ids,
            })
        })
        .collect();
    json!({
        "id": operation.id,
        "kind": operation.plan.intent.word(),
        "subject": operation.plan.subject,
        "arn": operation.plan.intent.arn(),
        "who": operation.who,
        "account": operation.account,
        "region": operation.region,
        "asked": instant(operation.asked),
        "ended": operation.ended.map(instant),
        "outcome": operation.standing.word(),
        "why": operation.standing.why(),
        "rests": operation.rests,
        "steps": steps,
        "commands": operation.aws_commands().lines().collect::<Vec<_>>(),
    })
}

/// A line of progress as JSON.
pub(super) fn progress_json(operation: &Operation) -> Value {
    let (ended, all) = operation.progress();
    json!({
        "event": "progress",
        "id": operation.id,
        "done": ended,
        "of": all,
        "step": operation.current().map(|(_, step, _)| step.title()),
        "words": operation.current().map(|(_, _, record)| record.words.clone()),
    })
}

/// The last line about an operation as JSON.
pub(super) fn end_json(operation: &Operation) -> Value {
    let mut line = serde_json::Map::new();
    line.insert("event".into(), "end".into());
    if let Value::Object(rest) = operation_json(operation) {
        line.extend(rest);
    }
    line.into()
}

/// Whether the model was started and only this operation would stop it.
pub(super) fn is_unheld(operation: &Operation) -> bool {
    let started = operation.of_steps().any(|(step, record)| matches!(step, Step::Start { .. }) && record.writes > 0);
    let holds = operation.of_steps().any(|(step, _)| matches!(step, Step::Hold { .. }));
    started && holds && !operation.is_arranged()
}

/// The steps that an operation has still to take, as lines.
pub(super) fn left_lines(operation: &Operation) -> Vec<String> {
    let mut lines = vec![format!("{}, of which is left:", headed(&operation.plan.title()))];
    let left = operation.of_steps().zip(&operation.plan.steps).filter(|((_, record), planned)| {
        planned.guard != Guard::IfFailed
            && !(planned.guard == Guard::IfUnarranged && operation.is_arranged())
            && matches!(record.standing, StepStanding::Waiting | StepStanding::Going)
    });
    lines.extend(left.map(|((step, _), _)| format!("   - {}", clean(&step.title()))));
    lines
}

/// One line about where an operation is: `2/6 Wait until it is RUNNING: starting`.
pub(super) fn place(operation: &Operation) -> String {
    let (ended, all) = operation.progress();
    format!("{}/{all} {}", (ended + 1).min(all), clean(&operation.sentence()))
}

/// The mark of a step.
pub(super) fn mark(standing: StepStanding) -> &'static str {
    match standing {
        StepStanding::Waiting => "  ",
        StepStanding::Going => "..",
        StepStanding::Done => "ok",
        StepStanding::Skipped => "--",
        StepStanding::Failed => "!!",
    }
}
