//! `rekotui cron`: explains and checks an expression, offline.

use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::Outcome;
use crate::domain::cron::{Expression, ExpressionError};
use crate::domain::timing::Timing;

/// What is asked about an expression.
#[derive(Debug)]
pub struct Ask {
    /// `cron(…)`, `rate(…)`, `at(…)`, or the bare fields of a cron expression.
    pub expression: String,
    /// The zone that its times are in.
    pub zone: Tz,
    /// From when on to tell the next fires; a `rate()` counts from here.
    pub from: DateTime<Utc>,
    /// How many of them.
    pub count: usize,
    /// As JSON.
    pub json: bool,
}

/// Explains the expression, or says what is wrong with it.
///
/// # Errors
/// When standard output cannot be written to.
pub fn explain(ask: &Ask, out: &mut impl Write) -> io::Result<Outcome> {
    let whole = wrapped(&ask.expression);
    match whole.parse::<Expression>() {
        Ok(expression) => {
            let next = fires(&expression, ask);
            if ask.json {
                writeln!(out, "{:#}", valid(&expression, &next))?;
            } else {
                print_valid(&expression, &next, ask, out)?;
            }
            Ok(Outcome::Whole)
        }
        Err(error) if ask.json => {
            writeln!(out, "{:#}", invalid(&whole, &error))?;
            Ok(Outcome::Usage)
        }
        Err(error) => {
            print_invalid(&whole, &error, out)?;
            Ok(Outcome::Usage)
        }
    }
}

/// People write the fields alone as often as the whole.
fn wrapped(text: &str) -> String {
    let text = text.trim();
    if text.contains('(') { text.to_owned() } else { format!("cron({text})") }
}

fn fires(expression: &Expression, ask: &Ask) -> Vec<DateTime<Utc>> {
    let timing = Timing::new(expression.clone(), ask.zone).anchored(ask.from);
    let mut next = Vec::new();
    let mut last = ask.from;
    while next.len() < ask.count {
        let Some(fire) = timing.next_after(last) else { break };
        next.push(fire);
        last = fire;
    }
    next
}

fn valid(expression: &Expression, next: &[DateTime<Utc>]) -> Value {
    let next: Vec<String> = next.iter().map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).collect();
    json!({
        "valid": true,
        "expression": expression.to_string(),
        "words": expression.describe(),
        "next": next,
    })
}

/// `at` counts characters of `expression`, which is whole also where only the fields were given.
fn invalid(whole: &str, error: &ExpressionError) -> Value {
    let letters = |bytes: usize| whole.char_indices().take_while(|(at, _)| *at < bytes).count();
    json!({
        "valid": false,
        "expression": whole,
        "error": {
            "field": error.field.as_str(),
            "message": error.message,
            "at": [letters(error.at.start), letters(error.at.end)],
        },
    })
}

fn print_valid(expression: &Expression, next: &[DateTime<Utc>], ask: &Ask, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{expression}  {}", ask.zone)?;
    writeln!(out, "{}", expression.describe())?;
    if next.is_empty() {
        return writeln!(out, "It will not fire again.");
    }
    for at in next {
        let local = at.with_timezone(&ask.zone);
        writeln!(out, "  {}   {}", local.format("%a %-d %b %Y %H:%M %Z"), at.format("%Y-%m-%dT%H:%MZ"))?;
    }
    Ok(())
}

fn print_invalid(whole: &str, error: &ExpressionError, out: &mut impl Write) -> io::Result<()> {
    let before = whole.char_indices().take_while(|(at, _)| *at < error.at.start).count();
    let wrong = whole.char_indices().filter(|(at, _)| error.at.contains(at)).count().max(1);
    writeln!(out, "{whole}")?;
    writeln!(out, "{}{}", " ".repeat(before), "^".repeat(wrong))?;
    writeln!(out, "{error}")
}
