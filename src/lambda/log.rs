//! One line of JSON for each step that begins or ends: CloudWatch Logs finds its keys by itself.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::domain::operation::{Operation, StepStanding};

/// Takes the lines of a function.
pub trait Log: Send + Sync {
    /// Takes one line.
    fn line(&self, line: &Value);
}

impl<F: Fn(&Value) + Send + Sync> Log for F {
    fn line(&self, line: &Value) {
        self(line);
    }
}

/// Writes a line to standard output, which Lambda sends to CloudWatch Logs.
pub fn to_stdout(line: &Value) {
    // There is nobody to tell if that is closed.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Tells of each step once when it begins and once when it ends.
pub(super) struct Steps<'a> {
    log: &'a dyn Log,
    told: Mutex<BTreeMap<usize, StepStanding>>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(log: &'a dyn Log) -> Self {
        Self { log, told: Mutex::default() }
    }

    /// Looks at how an operation stands now.
    pub(super) fn note(&self, operation: &Operation, now: DateTime<Utc>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, (step, record)) in operation.of_steps().enumerate() {
            let known = told.get(&place).copied().unwrap_or(StepStanding::Waiting);
            if known == record.standing {
                continue;
            }
            told.insert(place, record.standing);
            self.log.line(&json!({
                "at": now.to_rfc3339_opts(SecondsFormat::Millis, true),
                "operation": operation.id.to_string(),
                "model": operation.plan.intent.arn(),
                "step": step.title(),
                "state": state(record.standing),
                "tries": record.writes,
                "words": record.words,
                "seconds": record.took(now).map(|took| took.num_seconds()),
                "request_ids": record.request_ids,
            }));
        }
    }
}

fn state(standing: StepStanding) -> &'static str {
    match standing {
        StepStanding::Waiting => "waiting",
        StepStanding::Going => "going",
        StepStanding::Done => "done",
        StepStanding::Skipped => "skipped",
        StepStanding::Failed => "failed",
    }
}
