//! `rekotui functions`: what the functions are that schedules and mappings use, how they fare, and a test of one.

use std::io::{self, Write};

use chrono_tz::Tz;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use super::Outcome;
use super::gather::Gathered;
use super::text::{Table, clean};
use super::{report, views};
use crate::aws::Account;
use crate::domain::fleet::Fleet;
use crate::domain::functions::{Answer, Check, Counts, Used, checks, used};
use crate::domain::trouble::Trouble;
use crate::domain::words;
use crate::operation::Engine;

/// What is asked about the functions.
#[derive(Args, Clone, Debug)]
pub struct FunctionsArgs {
    /// Invoke this function, by its name, its ARN, or a part of the name that fits one alone, so that it only looks at what its
    /// schedules would start or stop, and show what it answers
    #[arg(long, value_name = "NAME")]
    pub test: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The functions as they are told.
#[derive(Debug)]
pub struct Functions {
    rows: Vec<Used>,
    /// In the order of the rows; nothing where CloudWatch could not be asked.
    counts: Vec<Option<Counts>>,
}

/// One function, for scripts.
#[derive(Debug, Serialize)]
struct FunctionView<'a> {
    arn: &'a str,
    name: &'a str,
    role: &'static str,
    version: Option<&'a str>,
    modified: Option<String>,
    schedules: &'a [String],
    mappings: &'a [String],
    invocations: Option<u64>,
    errors: Option<u64>,
    throttles: Option<u64>,
}

impl Functions {
    /// The functions of what was gathered, with what CloudWatch counted; why it could not be asked joins the troubles.
    pub async fn of(account: &Account, gathered: &mut Gathered) -> Self {
        let rows = used(&gathered.fleet, &gathered.picture);
        let names: Vec<&str> = rows.iter().map(Used::name).collect();
        let counted = if names.is_empty() { Ok(Vec::new()) } else { account.function_counts(&names).await };
        let counts = counted.unwrap_or_else(|trouble: Trouble| {
            gathered.troubles.push(trouble);
            vec![None; rows.len()]
        });
        Self { rows, counts }
    }

    fn each(&self) -> impl Iterator<Item = (&Used, Option<Counts>)> {
        self.rows.iter().zip(self.counts.iter().copied().chain(std::iter::repeat(None)))
    }

    /// Prints them.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn print(&self, gathered: &Gathered, json: bool, zone: Tz, out: &mut impl Write) -> io::Result<Outcome> {
        let outcome = report::outcome(gathered, false);
        if json {
            let rows: Vec<FunctionView<'_>> = self.each().map(|(used, counts)| view(used, counts)).collect();
            writeln!(out, "{:#}", report::framed(gathered, "functions", serde_json::to_value(rows)))?;
        } else if outcome != Outcome::Nothing {
            writeln!(out, "{}\n", report::headline(&gathered.fleet, gathered.now, zone))?;
            self.table(gathered, zone, out)?;
            report::not_read(&gathered.troubles, out)?;
        }
        Ok(outcome)
    }

    fn table(&self, gathered: &Gathered, zone: Tz, out: &mut impl Write) -> io::Result<()> {
        let fleet = &gathered.fleet;
        if self.rows.is_empty() {
            let unread =
                [fleet.schedules.is_whole(), fleet.rules.is_whole(), fleet.mappings.is_whole()].contains(&false);
            return writeln!(out, "{}", report::none("functions that have to do with models", unread));
        }
        let headings = ["FUNCTION", "ROLE", "VERSION", "CHANGED", "INVOKED 24 h", "ERRORS", "THROTTLED", "USED BY"];
        let mut table = Table::new(&headings);
        for (used, counts) in self.each() {
            let count = |of: fn(Counts) -> u64| counts.map_or_else(|| "-".to_owned(), |counts| of(counts).to_string());
            let changed = used.modified.map(|at| at.with_timezone(&zone).format("%-d %b %Y %H:%M").to_string());
            table.row([
                used.name().to_owned(),
                used.role_word().to_owned(),
                used.version_word().to_owned(),
                changed.unwrap_or_else(|| "-".into()),
                count(|counts| counts.invocations),
                count(|counts| counts.errors),
                count(|counts| counts.throttles),
                users(fleet, used),
            ]);
        }
        table.write(out)
    }
}

fn view(used: &Used, counts: Option<Counts>) -> FunctionView<'_> {
    FunctionView {
        arn: &used.arn,
        name: used.name(),
        role: used.role_word(),
        version: used.version.as_deref(),
        modified: used.modified.map(views::instant),
        schedules: &used.schedules,
        mappings: &used.mappings,
        invocations: counts.map(|counts| counts.invocations),
        errors: counts.map(|counts| counts.errors),
        throttles: counts.map(|counts| counts.throttles),
    }
}

/// What uses it, by name as long as it is little.
fn users(fleet: &Fleet, used: &Used) -> String {
    let mut parts = match used.schedules.as_slice() {
        few @ ([] | [_] | [_, _]) => few.iter().map(|arn| path(fleet, arn)).collect(),
        many => vec![words::count(many.len() as u64, "schedule")],
    };
    match used.mappings.as_slice() {
        [] => {}
        [one] => parts.push(format!("mapping {one}")),
        many => parts.push(words::count(many.len() as u64, "mapping")),
    }
    parts.join(", ")
}

fn path(fleet: &Fleet, arn: &str) -> String {
    fleet.schedule(arn).map_or_else(|| arn.to_owned(), |schedule| schedule.path())
}

/// Tests the function of that name, once for each Input that its schedules send it, and prints what it answered.
///
/// # Errors
/// In words, when there is no such function, and when `out` cannot be written to.
pub async fn test(
    name: &str,
    gathered: &Gathered,
    engine: &Engine,
    json: bool,
    out: &mut impl Write,
) -> Result<Outcome, String> {
    let fleet = &gathered.fleet;
    let rows = used(fleet, &gathered.picture);
    let whole = rows.iter().find(|used| used.name() == name || used.arn == name);
    let parts: Vec<&Used> = rows.iter().filter(|used| used.name().contains(name)).collect();
    let Some(one) = whole.or_else(|| parts.first().copied().filter(|_| parts.len() == 1)) else {
        if !parts.is_empty() {
            let names: Vec<&str> = parts.iter().map(|used| used.name()).collect();
            return Err(format!("'{name}' fits several functions: {}. Say more of the name.", names.join(", ")));
        }
        let known: Vec<&str> = rows.iter().map(Used::name).collect();
        let known =
            if known.is_empty() { "none is known".to_owned() } else { format!("there are {}", known.join(", ")) };
        return Err(format!("No schedule and no mapping uses a function named '{name}': {known}."));
    };
    let mut told = Vec::new();
    for check in checks(fleet, one) {
        let answer = match engine.may_write().map_err(|refusal| refusal.to_string()).and_then(|()| one.testable()) {
            Ok(()) => engine.check(&check).await.map_err(|why| (Outcome::Failed, why)),
            Err(why) => Err((Outcome::Refused, why)),
        };
        let refused = matches!(answer, Err((Outcome::Refused, _)));
        told.push((check, answer));
        if refused {
            // It would be refused alike for every Input.
            break;
        }
    }
    let outcome = told.iter().map(|(_, answer)| ended(answer)).find(|ended| *ended != Outcome::Whole);
    let written = if json {
        let tests: Vec<Value> = told.iter().map(|(check, answer)| as_json(check, answer)).collect();
        writeln!(out, "{:#}", report::framed(gathered, "tests", Ok(tests.into())))
    } else {
        told.iter().try_for_each(|(check, answer)| as_text(fleet, one, check, answer, out))
    };
    written.map_err(|error| error.to_string())?;
    Ok(outcome.unwrap_or(Outcome::Whole))
}

type Answered = Result<Answer, (Outcome, String)>;

fn ended(answer: &Answered) -> Outcome {
    match answer {
        Ok(answer) if answer.is_good() => Outcome::Whole,
        Ok(_) => Outcome::Failed,
        Err((outcome, _)) => *outcome,
    }
}

fn word(answer: &Answered) -> &'static str {
    match ended(answer) {
        Outcome::Whole => "good",
        Outcome::Refused => "refused",
        _ => "bad",
    }
}

fn said(answer: &Answered) -> String {
    match answer {
        Ok(answer) => answer.sentence(),
        Err((_, why)) => why.clone(),
    }
}

fn as_json(check: &Check, answer: &Answered) -> Value {
    let body = answer.as_ref().ok().map(|answer| &answer.body);
    json!({
        "function": check.function,
        "schedules": check.schedules,
        "outcome": word(answer),
        "said": said(answer),
        "answer": body.map(|body| serde_json::from_str(body).unwrap_or_else(|_| Value::from(body.as_str()))),
    })
}

fn as_text(fleet: &Fleet, used: &Used, check: &Check, answer: &Answered, out: &mut impl Write) -> io::Result<()> {
    let by: Vec<String> = check.schedules.iter().map(|arn| path(fleet, arn)).collect();
    let by = if by.is_empty() { "no schedule".into() } else { by.join(", ") };
    writeln!(out, "{:<8} {} as for {}", word(answer), clean(used.name()), clean(&by))?;
    writeln!(out, "{:<8} {}", "", clean(&said(answer)))
}
