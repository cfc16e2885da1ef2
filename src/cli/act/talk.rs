//! What is said while a command goes on: lines, a moving line on a terminal, or JSON.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::show;
use crate::cli::text::clean;
use crate::domain::operation::{Operation, OperationId, Standing, StepStanding};
use crate::domain::plan::{Guard, Plan};
use crate::domain::words;

/// How many cells the bar has.
const BAR: usize = 20;

/// Says what goes on: on standard output, the moving line on standard error.
pub(super) struct Talk {
    json: bool,
    moving: bool,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    operation: Option<OperationId>,
    ended: usize,
    line: String,
}

impl Talk {
    pub(super) fn new(json: bool, terminal: bool) -> Self {
        Self { json, moving: terminal && !json && io::stderr().is_terminal(), said: Mutex::default() }
    }

    pub(super) fn plan(&self, plan: &Plan) {
        if self.json {
            print(&show::plan_json(plan).to_string());
        } else {
            show::plan_lines(plan).iter().for_each(|line| print(line));
        }
    }

    pub(super) fn say(&self, text: &str) {
        if !self.json {
            print(&clean(text));
        }
    }

    /// The operation has moved: each step that has ended is one line, the one that goes on is the moving line.
    pub(super) fn moved(&self, operation: &Operation) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.operation.as_ref() != Some(&operation.id) {
            *said = Said { operation: Some(operation.id.clone()), ..Said::default() };
            if !self.json {
                print(&format!("Operation {}", operation.id));
            }
        }
        let line = show::place(operation);
        if self.json {
            if line != said.line {
                let (ended, all) = operation.progress();
                print(
                    &json!({
                        "event": "progress",
                        "id": operation.id,
                        "done": ended,
                        "of": all,
                        "step": operation.current().map(|(_, step, _)| step.title()),
                        "words": operation.current().map(|(_, _, record)| record.words.clone()),
                    })
                    .to_string(),
                );
            }
            said.line = line;
            return;
        }
        let steps: Vec<_> = operation.of_steps().collect();
        while let Some((step, record)) = steps.get(said.ended)
            && matches!(record.standing, StepStanding::Done | StepStanding::Skipped | StepStanding::Failed)
        {
            said.ended += 1;
            let guard = operation.plan.steps.get(said.ended - 1).map(|planned| planned.guard);
            if record.standing == StepStanding::Skipped && guard == Some(Guard::IfFailed) {
                continue;
            }
            let took = record.took(operation.asked).filter(|took| took.num_minutes() > 0);
            let took = took.map(|took| format!(" ({})", words::span(took))).unwrap_or_default();
            self.wipe();
            let words = if record.words.is_empty() { String::new() } else { format!(": {}", clean(&record.words)) };
            print(&format!("{} {}{words}{took}", show::mark(record.standing), clean(&step.title())));
        }
        if self.moving && line != said.line {
            let (ended, all) = operation.progress();
            let full = BAR * ended / all.max(1);
            let bar = format!("[{}{}]", "#".repeat(full), "-".repeat(BAR - full));
            let mut err = io::stderr().lock();
            // A terminal that has gone away has nobody to tell.
            let _ = write!(err, "\r\x1b[2K{bar} {line}");
            let _ = err.flush();
        } else if !self.moving
            && line != said.line
            && operation.current().is_some_and(|(_, _, now)| !now.words.is_empty())
        {
            print(&format!(".. {line}"));
        }
        said.line = line;
    }

    pub(super) fn ended(&self, operation: &Operation) {
        self.wipe();
        if self.json {
            let mut object = show::operation_json(operation);
            if let Some(object) = object.as_object_mut() {
                object.insert("event".into(), "end".into());
            }
            print(&object.to_string());
            return;
        }
        let title = operation.plan.title();
        match &operation.standing {
            Standing::Done => print(&format!("Done: {title}.")),
            Standing::Unfinished => {
                if let Some(rests) = &operation.rests {
                    print(&format!("The {title} rests: {}", clean(rests)));
                } else {
                    print(&format!("The {title} is not at its end: {}.", clean(&operation.sentence())));
                }
                print(&format!("Carry it on with: rekotui resume {}", operation.id));
            }
            other => {
                let why = other.why().unwrap_or_default();
                print(&format!("The {title} was {}: {}", other.word(), clean(why)).replace("was failed", "has failed"));
            }
        }
    }

    pub(super) fn refused(&self, why: &str) {
        if self.json {
            print(&json!({"event": "end", "outcome": "refused", "why": why}).to_string());
        } else {
            let _ = writeln!(io::stderr().lock(), "rekotui: {}", clean(why));
        }
    }

    fn wipe(&self) {
        if self.moving {
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    }
}

/// A reader that has gone away is no reason to stop in the middle of an operation.
fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
