//! `rekotui journal`.

use std::io::{self, Write};

use chrono_tz::Tz;
use serde_json::json;

use super::{Outcome, show};
use crate::cli::text::{Table, clean};
use crate::domain::operation::{Operation, OperationId};
use crate::domain::words;
use crate::store::Journal;

/// Prints the latest operations, or one of them with its steps. It needs no account: what was left unfinished is told
/// without credentials as well.
///
/// # Errors
/// When the journal cannot be read, or has no such operation.
pub fn print(journal: &Journal, only: Option<&str>, last: usize, as_json: bool, zone: Tz) -> Result<Outcome, String> {
    let operations = match only {
        Some(id) => {
            let id = OperationId(id.to_owned());
            let found = journal.read(&id).map_err(|error| error.to_string())?;
            vec![found.ok_or_else(|| format!("The journal has no operation {id}. See 'rekotui journal'."))?]
        }
        None => journal.latest(last).map_err(|error| error.to_string())?,
    };
    let mut out = io::stdout().lock();
    let written = if as_json {
        let all: Vec<_> = operations.iter().map(show::operation_json).collect();
        writeln!(out, "{:#}", json!({ "operations": all }))
    } else if only.is_some() {
        operations.iter().try_for_each(|operation| one(operation, zone, &mut out))
    } else {
        table(&operations, zone, &mut out)
    };
    written.map_err(|error| error.to_string())?;
    Ok(Outcome::Whole)
}

fn table(operations: &[Operation], zone: Tz, out: &mut impl Write) -> io::Result<()> {
    if operations.is_empty() {
        return writeln!(out, "Nothing has been asked for on this workstation yet.");
    }
    let mut table = Table::new(&["OPERATION", "ASKED", "WHAT", "OUTCOME", "TOOK", "WHY"]);
    for operation in operations {
        table.row([
            operation.id.0.clone(),
            operation.asked.with_timezone(&zone).format("%a %-d %b %Y %H:%M").to_string(),
            operation.plan.title(),
            operation.standing.word().to_owned(),
            operation.ended.map_or_else(|| "-".into(), |ended| words::span(ended - operation.asked)),
            operation.standing.why().or(operation.rests.as_deref()).unwrap_or_default().to_owned(),
        ]);
    }
    table.write(out)
}

fn one(operation: &Operation, zone: Tz, out: &mut impl Write) -> io::Result<()> {
    let asked = operation.asked.with_timezone(&zone).format("%a %-d %b %Y %H:%M:%S %Z");
    let who = operation.who.as_deref().unwrap_or("somebody whom STS did not name");
    writeln!(out, "{}  {}", operation.id, clean(&operation.plan.title()))?;
    writeln!(out, "asked for {asked} by {} in {} {}", clean(who), operation.account, operation.region)?;
    writeln!(
        out,
        "{}{}",
        operation.standing.word(),
        match operation.standing.why().or(operation.rests.as_deref()) {
            Some(why) => format!(": {}", clean(why)),
            None => String::new(),
        }
    )?;
    for (step, record) in operation.of_steps() {
        let took = record.ended.zip(record.began).map(|(ended, began)| ended - began);
        let took = took.map(|took| format!(" [{} s]", took.num_seconds())).unwrap_or_default();
        let seen = match (&record.before, &record.after) {
            (Some(before), Some(after)) => format!(" ({} → {})", before.words(), after.words()),
            _ => String::new(),
        };
        let words = if record.words.is_empty() { String::new() } else { format!(": {}", record.words) };
        let line = format!("{} {}{words}{seen}{took}", show::mark(record.standing), step.title());
        writeln!(out, "{}", clean(&line))?;
        for id in &record.request_ids {
            writeln!(out, "     request {}", clean(id))?;
        }
    }
    let commands = operation.aws_commands();
    if !commands.is_empty() {
        writeln!(out, "\nThe same with the AWS CLI:\n{commands}")?;
    }
    Ok(())
}
