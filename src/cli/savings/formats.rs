//! What was saved, as a table for people, as CSV for spreadsheets, as JSON for scripts, and as Markdown.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use crate::cli::text::clean;
use crate::cli::views::{self, instant};
use crate::domain::price::dollars;
use crate::domain::savings::{Hours, ModelSavings, Savings};
use crate::domain::trouble::Trouble;

/// How it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For spreadsheets: a line for each model and step.
    Csv,
    /// For scripts: one object.
    Json,
    /// For a wiki or a mail.
    Markdown,
}

/// Prints it.
///
/// # Errors
/// When it cannot be written.
pub fn print(savings: &Savings, format: Format, troubles: &[Trouble], out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => table(savings, out),
        Format::Csv => csv(savings, out),
        Format::Json => writeln!(out, "{:#}", as_json(savings, troubles)),
        Format::Markdown => markdown(savings, out),
    }
}

/// Four places of an hour are less than half a second.
fn rounded(hours: f64) -> f64 {
    (hours * 10_000.0).round() / 10_000.0 + 0.0
}

/// The hours of one row, as scripts get them.
fn hours(hours: &Hours, savings: &Savings) -> Map<String, Value> {
    let figures = [
        ("running_hours", hours.running),
        ("inference_hours", hours.inference),
        ("baseline_hours", hours.baseline),
        ("planned_hours", hours.planned),
        ("saved_hours", hours.saved()),
        ("overrun_hours", hours.overrun),
        ("missed_hours", hours.missed),
        ("unknown_hours", hours.unknown),
        ("error_hours", hours.error),
    ];
    let mut map: Map<String, Value> =
        figures.into_iter().map(|(key, figure)| (key.to_owned(), rounded(figure).into())).collect();
    map.insert("saved_share".into(), hours.share().map(rounded).into());
    map.insert("saved_money".into(), ((savings.money(hours.saved()) * 100.0).round() / 100.0 + 0.0).into());
    map
}

fn as_json(savings: &Savings, troubles: &[Trouble]) -> Value {
    let model = |model: &ModelSavings| {
        let mut map = Map::new();
        map.insert("arn".into(), model.arn.as_str().into());
        map.insert("name".into(), model.arn.name().into());
        map.insert("gone".into(), model.gone.into());
        map.insert("units".into(), model.units.into());
        map.insert("counted_from".into(), model.counted.map(|span| instant(span.from)).into());
        map.insert("counted_to".into(), model.counted.map(|span| instant(span.to)).into());
        map.extend(hours(&model.hours, savings));
        Value::Object(map)
    };
    let period = |(place, step): (usize, &crate::domain::savings::Step)| {
        let mut map = Map::new();
        map.insert("from".into(), instant(step.span.from).into());
        map.insert("to".into(), instant(step.span.to).into());
        map.extend(savings.by_step.get(place).map(|sum| hours(sum, savings)).unwrap_or_default());
        let of_models = savings.models.iter().filter_map(|model| {
            let sum = model.steps.get(place).filter(|sum| **sum != Hours::default())?;
            let mut map = Map::new();
            map.insert("arn".into(), model.arn.as_str().into());
            map.extend(hours(sum, savings));
            Some(Value::Object(map))
        });
        map.insert("models".into(), of_models.collect());
        Value::Object(map)
    };
    let forecast = savings.month_end.map(|forecast| {
        json!({
            "used_hours": rounded(forecast.used),
            "baseline_hours": rounded(forecast.baseline),
            "unknown_hours": rounded(forecast.unknown),
            "saved_hours": rounded(forecast.saved()),
            "saved_money": (savings.money(forecast.saved()) * 100.0).round() / 100.0,
        })
    });
    let price = &savings.terms.price;
    json!({
        "from": instant(savings.span.from),
        "to": instant(savings.span.to),
        "until": savings.until.map(instant),
        "by": savings.terms.by.word(),
        "baseline": savings.terms.baseline.word().replace(' ', "_"),
        "price": { "usd": price.usd, "source": price.source, "assumption": !price.own },
        "models": savings.models.iter().map(model).collect::<Vec<_>>(),
        "total": hours(&savings.total, savings),
        "periods": savings.steps.iter().enumerate().map(period).collect::<Vec<_>>(),
        "forecast": forecast,
        "troubles": views::troubles(troubles),
    })
}

/// The headings of both tables.
const HEADINGS: [&str; 10] =
    ["MODEL", "RAN", "USED", "BASELINE", "SAVED", "SHARE", "OVERRUN", "MISSED", "UNKNOWN", "MONEY"];

fn number(hours: f64) -> String {
    format!("{:.1}", if hours.abs() < 0.05 { 0.0 } else { hours })
}

/// A dash where there is nothing to compare.
fn or_dash(hours: f64) -> String {
    if hours.abs() < 0.05 { "–".into() } else { number(hours) }
}

fn cells(name: String, hours: &Hours, savings: &Savings) -> [String; 10] {
    [
        name,
        number(hours.running),
        number(hours.inference),
        number(hours.baseline),
        format!("{} ±{}", number(hours.saved()), number(hours.error)),
        hours.share().map_or_else(|| "–".into(), |share| format!("{:.0} %", share * 100.0)),
        or_dash(hours.overrun),
        or_dash(hours.missed),
        or_dash(hours.unknown),
        dollars(savings.money(hours.saved())),
    ]
}

fn rows(savings: &Savings) -> Vec<[String; 10]> {
    let name = |model: &ModelSavings| {
        let gone = if model.gone { " (gone)" } else { "" };
        clean(&format!("{}{gone}", model.arn.name()))
    };
    let models = savings.models.iter().map(|model| cells(name(model), &model.hours, savings));
    models.chain([cells("total".into(), &savings.total, savings)]).collect()
}

/// The steps, if there are several: each as the sum over all models.
fn steps(savings: &Savings) -> Vec<[String; 10]> {
    let sums = savings.steps.iter().zip(&savings.by_step);
    sums.filter(|(step, _)| savings.until.is_some_and(|until| step.span.from < until))
        .map(|(step, sum)| cells(step.date.to_string(), sum, savings))
        .collect()
}

/// The text in a column so wide, to the left or to the right.
fn padded(text: &str, width: usize, left: bool) -> String {
    let blank = " ".repeat(width.saturating_sub(text.width()));
    if left { format!("{text}{blank}") } else { format!("{blank}{text}") }
}

fn lines(rows: &[[String; 10]], between: &str, ends: (&str, &str)) -> Vec<String> {
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    let line = |row: &[String; 10]| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| padded(cell, *width, column == 0))
            .collect();
        format!("{}{}{}", ends.0, cells.join(between), ends.1)
    };
    rows.iter().map(line).collect()
}

fn table(savings: &Savings, out: &mut impl Write) -> io::Result<()> {
    let headed = |first: &str, rows: Vec<[String; 10]>| {
        let mut headings = HEADINGS.map(str::to_owned);
        first.clone_into(&mut headings[0]);
        [vec![headings], rows].concat()
    };
    writeln!(out, "{}\n", title(savings))?;
    for line in lines(&headed("MODEL", rows(savings)), "  ", ("", "")) {
        writeln!(out, "{}", line.trim_end())?;
    }
    let steps = steps(savings);
    if steps.len() > 1 {
        writeln!(out)?;
        let first = savings.terms.by.word().to_uppercase();
        for line in lines(&headed(&first, steps), "  ", ("", "")) {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    writeln!(out)?;
    assumptions(savings).iter().try_for_each(|sentence| writeln!(out, "{sentence}"))
}

fn markdown(savings: &Savings, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## {}\n", title(savings))?;
    markdown_table("Model", rows(savings), out)?;
    let steps = steps(savings);
    if steps.len() > 1 {
        writeln!(out)?;
        let word = savings.terms.by.word();
        let first = word.chars().next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        markdown_table(&format!("{first}{}", word.chars().skip(1).collect::<String>()), steps, out)?;
    }
    writeln!(out)?;
    assumptions(savings).iter().try_for_each(|sentence| writeln!(out, "- {}", escaped(sentence)))
}

fn markdown_table(first: &str, rows: Vec<[String; 10]>, out: &mut impl Write) -> io::Result<()> {
    let mut headings = HEADINGS.map(|heading| heading.to_lowercase());
    first.clone_into(&mut headings[0]);
    let rows: Vec<[String; 10]> =
        [vec![headings], rows].concat().into_iter().map(|row| row.map(|cell| escaped(&cell))).collect();
    let lines = lines(&rows, " | ", ("| ", " |"));
    let mut lines = lines.into_iter();
    if let Some(head) = lines.next() {
        writeln!(out, "{head}\n|---{}", "|--:".repeat(HEADINGS.len() - 1) + "|")?;
    }
    lines.try_for_each(|line| writeln!(out, "{line}"))
}

/// What Markdown would take for its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// From when to when, in words.
fn title(savings: &Savings) -> String {
    let zone = savings.terms.zone;
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%-d %b %Y").to_string();
    let last = day(savings.span.to - chrono::TimeDelta::seconds(1));
    let first = day(savings.span.from);
    let days = if first == last { first } else { format!("{first} to {last}") };
    format!("Saved from {days} ({zone}), in inference hours")
}

/// What the figures rest on, in sentences.
pub(super) fn assumptions(savings: &Savings) -> Vec<String> {
    let zone = savings.terms.zone;
    let mut said = vec![match savings.until {
        Some(until) if until < savings.span.to => format!(
            "Measured by CloudWatch up to {}; what came after its last whole hour may still change.",
            until.with_timezone(&zone).format("%-d %b %Y %H:%M")
        ),
        Some(_) => "Measured by CloudWatch.".into(),
        None => "Nothing is known yet of what these models ran.".into(),
    }];
    if let Some(forecast) = savings.month_end {
        said.push(format!(
            "At the end of the month about {} h will have been saved, {}, if everything goes as planned: an estimate.",
            number(forecast.saved()),
            dollars(savings.money(forecast.saved()))
        ));
    }
    let since = match savings.terms.since {
        Some(since) => format!("from {} on", since.with_timezone(&zone).format("%-d %b %Y")),
        None => "from each model's first known run on".into(),
    };
    said.push(format!(
        "Baseline: {}, with the configured units, {since}. Saved is the baseline less what was used and what is not known.",
        savings.terms.baseline.word()
    ));
    let incomparable: Vec<String> = savings
        .models
        .iter()
        .filter(|model| !model.comparable && model.hours.baseline > 0.0)
        .map(|model| clean(&model.arn.name()))
        .collect();
    if !incomparable.is_empty() {
        said.push(format!(
            "The week before scheduling is not known for {}: compared with always on.",
            incomparable.join(", ")
        ));
    }
    let unscheduled: Vec<&ModelSavings> =
        savings.models.iter().filter(|model| !model.scheduled && model.hours.baseline > 0.0).collect();
    if !unscheduled.is_empty() {
        let hours: f64 = unscheduled.iter().map(|model| model.hours.saved()).sum();
        let names: Vec<String> = unscheduled.iter().map(|model| clean(&model.arn.name())).collect();
        said.push(format!(
            "{} h of it are of {}, which no schedule starts: whether they would have run otherwise, nobody can say.",
            number(hours),
            names.join(", ")
        ));
    }
    said.push(format!("Price, an assumption: {}.", savings.terms.price.words()));
    said.push(format!(
        "± is the most by which a figure may be wrong: the length of a sampling period, times the units, for each start and \
         each stop; ±{} h in all.",
        number(savings.total.error)
    ));
    if savings.total.unknown > 0.0 {
        said.push(format!(
            "Of {} h nothing is known: no samples, and neither a schedule nor the journal says that the model stopped. They \
             are not counted as saved.",
            number(savings.total.unknown)
        ));
    }
    said
}

fn csv(savings: &Savings, out: &mut impl Write) -> io::Result<()> {
    let keys: Vec<String> = hours(&savings.total, savings).keys().cloned().collect();
    write!(out, "from,to,arn,model,{}\r\n", keys.join(","))?;
    for (place, step) in savings.steps.iter().enumerate() {
        for model in &savings.models {
            let Some(sum) = model.steps.get(place).filter(|sum| **sum != Hours::default()) else { continue };
            let figures = hours(sum, savings);
            let figures: Vec<String> =
                figures.values().map(|value| value.as_f64().map(|it| it.to_string()).unwrap_or_default()).collect();
            write!(
                out,
                "{},{},{},{},{}\r\n",
                instant(step.span.from),
                instant(step.span.to),
                cell(model.arn.as_str()),
                cell(&model.arn.name()),
                figures.join(",")
            )?;
        }
    }
    Ok(())
}

/// A cell of CSV (RFC 4180). What a spreadsheet would take for a formula is given as text: names come from the account.
fn cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}
