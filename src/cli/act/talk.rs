//! What is said while a command goes on: lines, a moving line on a terminal, or JSON.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use chrono_tz::Tz;
use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::show;
use crate::cli::text::clean;
use crate::clock::Clock;
use crate::domain::deploy::StackEvent;
use crate::domain::operation::{Estimate, Operation, Standing, StepStanding};
use crate::domain::plan::{Guard, Intent, Plan, Step};
use crate::domain::words;

/// How many cells the bar has.
const BAR: usize = 20;

/// How wide a terminal is that does not tell.
const WIDTH: usize = 80;

/// Says what goes on: on standard output, the moving line on standard error.
pub(super) struct Talk {
    json: bool,
    moving: bool,
    clock: Clock,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    ended: usize,
    line: String,
    moving: String,
    /// How long earlier starts of the model took.
    estimate: Option<Estimate>,
}

impl Talk {
    pub(super) fn new(json: bool, terminal: bool, clock: Clock) -> Self {
        let moving = terminal && !json && io::stderr().is_terminal();
        Self { json, moving, clock, said: Mutex::default() }
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

    /// Something has happened in a stack; its time is told in this zone.
    pub(super) fn happened(&self, event: &StackEvent, zone: Tz) {
        if self.json {
            let mut line = json!({ "event": "stack" });
            if let (Some(line), Ok(Value::Object(rest))) = (line.as_object_mut(), serde_json::to_value(event)) {
                line.extend(rest);
            }
            print(&line.to_string());
            return;
        }
        self.wipe();
        let at = event.at.map(|at| at.with_timezone(&zone).format("%H:%M:%S  ").to_string()).unwrap_or_default();
        print(&format!("     {at}{}", clean(&event.words())));
    }

    /// An operation is about to be carried on; `earlier` are those of the journal.
    pub(super) fn begins(&self, operation: &Operation, earlier: &[Operation]) {
        let estimate = match &operation.plan.intent {
            Intent::Start { model, .. } => {
                Some(Estimate::of(earlier.iter().filter_map(|operation| operation.start_took(model))))
            }
            _ => None,
        };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        *said = Said { estimate, ..Said::default() };
        if !self.json {
            print(&format!("Operation {}", operation.id));
        }
    }

    /// The operation has moved: each step that has ended is one line, the one that goes on is the moving line.
    pub(super) fn moved(&self, operation: &Operation) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let line = if self.json { show::progress_json(operation).to_string() } else { show::place(operation) };
        let news = line != said.line;
        if self.json {
            if news {
                print(&line);
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
            if record.standing == StepStanding::Skipped && guard != Some(Guard::Always) {
                continue;
            }
            let took = record.took(operation.asked).filter(|took| took.num_minutes() > 0);
            let took = took.map(|took| format!(" ({})", words::span(took))).unwrap_or_default();
            self.wipe();
            said.moving.clear();
            let words = if record.words.is_empty() { String::new() } else { format!(": {}", clean(&record.words)) };
            print(&format!("{} {}{words}{took}", show::mark(record.standing), clean(&step.title())));
        }
        if self.moving {
            let moving = self.moving_line(operation, said.estimate.as_ref());
            if moving != said.moving {
                let mut err = io::stderr().lock();
                // A terminal that has gone away has nobody to tell.
                let _ = write!(err, "\r\x1b[2K{moving}");
                let _ = err.flush();
            }
            said.moving = moving;
        } else if news && operation.current().is_some_and(|(_, _, now)| !now.words.is_empty()) {
            print(&format!(".. {line}"));
        }
        said.line = line;
    }

    /// The line that moves: one line of the terminal, however narrow, because a line that wraps cannot be wiped.
    fn moving_line(&self, operation: &Operation, estimate: Option<&Estimate>) -> String {
        let (ended, all) = operation.progress();
        let full = BAR * ended / all.max(1);
        let bar = format!("[{}{}]", "#".repeat(full), "-".repeat(BAR - full));
        let mut line = format!("{bar} {}", show::place(operation));
        if let Some((_, step, record)) = operation.current() {
            let passed = record.took(self.clock.now()).filter(|passed| passed.num_minutes() > 0);
            if let Some(passed) = passed.filter(|_| !matches!(step, Step::Hold { .. })) {
                line.push_str(&format!(", for {}", words::span(passed)));
            }
            if let Some(estimate) = estimate.filter(|_| matches!(step, Step::AwaitRunning { .. })) {
                line.push_str(&format!("; {}", estimate.words()));
            }
        }
        let width = crossterm::terminal::size().map_or(WIDTH, |(columns, _)| usize::from(columns));
        // The last column stays free: some terminals wrap as soon as it is written.
        shortened(&line, width.saturating_sub(1))
    }

    pub(super) fn ended(&self, operation: &Operation) {
        self.wipe();
        if self.json {
            print(&show::end_json(operation).to_string());
            return;
        }
        let title = operation.plan.title();
        match &operation.standing {
            Standing::Done => print(&format!("Done: {title}.")),
            Standing::Unfinished => {
                let why = clean(&operation.sentence());
                let verb = if operation.rests.is_some() { "rests" } else { "is not at its end" };
                print(&format!("The {title} {verb}: {}.", why.trim_end_matches('.')));
                if show::is_unheld(operation) {
                    print("!! NOBODY STOPS THE MODEL until the operation is carried on: no stop could be arranged.");
                }
                print(&format!("Nothing is lost. Carry it on with: rekotui resume {}", operation.id));
            }
            Standing::Refused(why) => print(&format!("The {title} was refused: {}", clean(why))),
            Standing::Failed(why) => print(&format!("The {title} has failed: {}", clean(why))),
            Standing::Abandoned(why) => print(&format!("The {title} was given up: {}", clean(why))),
        }
    }

    /// Nothing was changed, and why.
    pub(super) fn refused(&self, why: &str) {
        if self.json {
            print(&end("refused", Some(why)).to_string());
        } else {
            let _ = writeln!(io::stderr().lock(), "rekotui: {}", clean(why));
        }
    }

    /// What was asked for holds already.
    pub(super) fn already(&self, why: &str) {
        if self.json { print(&end("done", Some(why)).to_string()) } else { print(&clean(why)) }
    }

    /// The plan was to be shown only.
    pub(super) fn planned(&self) {
        if self.json {
            print(&end("planned", None).to_string());
        } else {
            print("Nothing was changed: this was a dry run.");
        }
    }

    /// A plan whose turn does not come any more, because the one before it is not at its end.
    pub(super) fn left_out(&self, plan: &Plan) {
        let why = format!("The {} was not begun.", plan.title());
        if self.json { print(&end("refused", Some(&why)).to_string()) } else { print(&clean(&why)) }
    }

    fn wipe(&self) {
        if self.moving {
            let mut err = io::stderr().lock();
            let _ = write!(err, "\r\x1b[2K");
            let _ = err.flush();
        }
    }
}

fn end(outcome: &str, why: Option<&str>) -> Value {
    json!({"event": "end", "outcome": outcome, "why": why})
}

/// As much of a line as fits into so many columns, with an ellipsis if that is not all.
fn shortened(line: &str, columns: usize) -> String {
    if line.width() <= columns {
        return line.to_owned();
    }
    let mut short = String::new();
    let mut used = 0;
    for letter in line.chars() {
        let wide = letter.width().unwrap_or(0);
        if used + wide + 1 > columns {
            break;
        }
        used += wide;
        short.push(letter);
    }
    if columns > 0 {
        short.push('…');
    }
    short
}

/// A reader that has gone away is no reason to stop in the middle of an operation.
fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_to_the_columns_that_there_are() {
        for (columns, told) in [(20, "starting 日本"), (13, "starting 日本"), (12, "starting 日…"), (1, "…"), (0, "")]
        {
            assert_eq!(shortened("starting 日本", columns), told, "{columns}");
        }
    }
}
