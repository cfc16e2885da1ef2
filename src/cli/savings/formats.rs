//! `rekotui savings` as a table, as CSV, as JSON and as Markdown.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::super::text::{Table, clean};
use super::super::views::{self, instant};
use super::view::{HoursView, assumptions, bound, clock, number, percent, round, title, whose};
use crate::domain::fleet::Fleet;
use crate::domain::price::dollars;
use crate::domain::savings::{Hours, ModelSavings, Savings, Step};
use crate::domain::trouble::{Trouble, together};
use crate::domain::usage::Span;

/// How savings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns for a terminal.
    #[default]
    Table,
    /// Comma-separated values (RFC 4180), one line for each model and period.
    Csv,
    /// One JSON object.
    Json,
    /// Tables of Markdown.
    Markdown,
}

/// Prints savings. `fleet` says whose they are, `troubles` what could not be read for them.
///
/// # Errors
/// When `out` cannot be written to.
pub fn print(
    savings: &Savings,
    fleet: &Fleet,
    format: Format,
    troubles: &[Trouble],
    out: &mut impl Write,
) -> io::Result<()> {
    match format {
        Format::Table => table(savings, fleet, troubles, out),
        Format::Csv => csv(savings, out),
        Format::Json => writeln!(out, "{:#}", as_json(savings, fleet, troubles)?),
        Format::Markdown => markdown(savings, fleet, troubles, out),
    }
}

fn as_json(savings: &Savings, fleet: &Fleet, troubles: &[Trouble]) -> io::Result<Value> {
    let terms = &savings.terms;
    let forecast = savings.month_end.map(|end| {
        let (used, baseline, unknown) = (round(end.used), round(end.baseline), round(end.unknown));
        let saved = round(baseline - used - unknown);
        json!({"month_end": {
            "used_hours": used, "baseline_hours": baseline, "unknown_hours": unknown, "saved_hours": saved,
            "saved_money": round(savings.money(saved)),
        }})
    });
    let models: io::Result<Vec<Value>> = savings.models.iter().map(|model| model_json(model, savings)).collect();
    let periods = savings.steps.iter().enumerate().map(|(at, step)| period_json(at, step, savings));
    Ok(json!({
        "account": fleet.identity.as_ref().map(|identity| &identity.account),
        "region": fleet.region,
        "from": instant(savings.span.from),
        "to": instant(savings.span.to),
        "until": savings.until.map(instant),
        "zone": terms.zone.name(),
        "price": {"usd": terms.price.usd, "source": terms.price.source, "assumption": !terms.price.own},
        "by": terms.by.word(),
        "baseline": terms.baseline.word(),
        "models": models?,
        "total": hours_json(&savings.total, savings)?,
        "forecast": forecast,
        "periods": periods.collect::<io::Result<Vec<Value>>>()?,
        "troubles": views::troubles(troubles),
    }))
}

fn hours_json(hours: &Hours, savings: &Savings) -> io::Result<Value> {
    Ok(serde_json::to_value(HoursView::of(hours, savings.terms.price.usd))?)
}

/// The keys of `hours` behind those of `head`.
fn with_hours(mut head: Value, hours: &Hours, savings: &Savings) -> io::Result<Value> {
    if let (Some(head), Value::Object(hours)) = (head.as_object_mut(), hours_json(hours, savings)?) {
        head.extend(hours);
    }
    Ok(head)
}

fn model_json(model: &ModelSavings, savings: &Savings) -> io::Result<Value> {
    let head = json!({
        "arn": model.arn.as_str(),
        "name": model.arn.name(),
        "gone": model.gone,
        "units": round(model.units),
        "comparable": model.comparable,
        "counted_from": model.counted.map(|span| instant(span.from)),
        "counted_to": model.counted.map(|span| instant(span.to)),
    });
    with_hours(head, &model.hours, savings)
}

fn period_json(at: usize, step: &Step, savings: &Savings) -> io::Result<Value> {
    let of_model = |model: &ModelSavings| {
        let hours = model.steps.get(at).copied().unwrap_or_default();
        with_hours(json!({"arn": model.arn.as_str()}), &hours, savings)
    };
    let models: io::Result<Vec<Value>> = savings.models.iter().map(of_model).collect();
    let sum = savings.by_step.get(at).copied().unwrap_or_default();
    let head = json!({"from": instant(step.span.from), "to": instant(step.span.to), "date": step.date.to_string()});
    let mut period = with_hours(head, &sum, savings)?;
    if let Some(period) = period.as_object_mut() {
        period.insert("models".into(), Value::Array(models?));
    }
    Ok(period)
}

const CSV_HEAD: &str = "model,arn,date,from,to,running_hours,inference_hours,baseline_hours,saved_hours,planned_hours,\
                        overrun_hours,missed_hours,unknown_hours,error_hours,saved_money,saved_share";

fn csv(savings: &Savings, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{CSV_HEAD}\r\n")?;
    for model in &savings.models {
        for (step, hours) in savings.steps.iter().zip(&model.steps) {
            let Span { from, to } = step.span;
            let (name, arn) = (cell(&model.arn.name()), cell(model.arn.as_str()));
            write!(out, "{name},{arn},{},{},{},", step.date, instant(from), instant(to))?;
            let view = HoursView::of(hours, savings.terms.price.usd);
            let figures = [
                view.running_hours,
                view.inference_hours,
                view.baseline_hours,
                view.saved_hours,
                view.planned_hours,
                view.overrun_hours,
                view.missed_hours,
                view.unknown_hours,
                view.error_hours,
                view.saved_money,
            ];
            for figure in figures {
                write!(out, "{figure},")?;
            }
            write!(out, "{}\r\n", view.saved_share.map(|share| share.to_string()).unwrap_or_default())?;
        }
    }
    Ok(())
}

/// A text from the account as a cell: quoted where CSV needs it, and never a formula where a spreadsheet looks for one.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    let text = format!("{guard}{}", clean(text));
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Rows under headings: the first column is text, the others are figures.
struct Grid<const N: usize> {
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Grid<N> {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain(self.head.get(column).map(|head| head.chars().count())).max().unwrap_or(0)
        };
        let padded = |column: usize, text: &str| match column {
            0 => text.to_owned(),
            _ => format!("{text:>wide$}", wide = width(column)),
        };
        let head: Vec<String> = self.head.iter().enumerate().map(|(at, text)| padded(at, text)).collect();
        let mut table = Table::new(&head.iter().map(String::as_str).collect::<Vec<_>>());
        for row in &self.rows {
            table.row(std::array::from_fn::<String, N, _>(|at| {
                row.get(at).map(|cell| padded(at, cell)).unwrap_or_default()
            }));
        }
        table.write(out)
    }

    fn markdown(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "| {} |", self.head.join(" | "))?;
        writeln!(out, "|---{}|", "|---:".repeat(N.saturating_sub(1)))?;
        for row in &self.rows {
            writeln!(out, "| {} |", row.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(" | "))?;
        }
        Ok(())
    }
}

/// A text that Markdown takes as it is.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in clean(text).chars() {
        match letter {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' | '!' => plain.extend(['\\', letter]),
            letter => plain.push(letter),
        }
    }
    plain
}

const FIGURES: [&str; 10] =
    ["MODEL", "BASELINE", "USED", "SAVED", "SHARE", "MONEY", "OVERRUN", "MISSED", "UNKNOWN", "±"];

fn row(name: String, hours: &Hours, savings: &Savings) -> [String; 10] {
    let saved = hours.saved();
    [
        name,
        number(hours.baseline),
        number(hours.inference),
        number(saved),
        percent(hours.share()),
        dollars(savings.money(saved)),
        number(hours.overrun),
        number(hours.missed),
        number(hours.unknown),
        bound(hours.error),
    ]
}

fn by_model(savings: &Savings) -> Grid<10> {
    let gone = |model: &ModelSavings| if model.gone { " (gone)" } else { "" };
    let of_model = |model: &ModelSavings| row(format!("{}{}", model.arn.name(), gone(model)), &model.hours, savings);
    let mut rows: Vec<[String; 10]> = savings.models.iter().map(of_model).collect();
    rows.push(row("Total".into(), &savings.total, savings));
    Grid { head: FIGURES, rows }
}

/// The periods; nothing if there is but one.
fn by_period(savings: &Savings) -> Option<Grid<10>> {
    let mut head = FIGURES;
    head[0] = match savings.terms.by.word() {
        "day" => "DAY",
        "week" => "WEEK FROM",
        _ => "MONTH FROM",
    };
    let of_step = |(step, hours): (&Step, &Hours)| row(step.date.format("%a %-d %b %Y").to_string(), hours, savings);
    let rows: Vec<[String; 10]> = savings.steps.iter().zip(&savings.by_step).map(of_step).collect();
    (rows.len() > 1).then_some(Grid { head, rows })
}

fn headline(savings: &Savings, fleet: &Fleet) -> String {
    let total = &savings.total;
    let until = savings.until.filter(|until| *until < savings.span.to);
    let until = until.map(|until| format!(", up to {}", clock(until, savings.terms.zone))).unwrap_or_default();
    format!(
        "{}, {}{until}: {} inference hours saved (± {}), {} of the baseline, {}.",
        title(savings),
        whose(fleet),
        number(total.saved()),
        bound(total.error),
        percent(total.share()),
        dollars(savings.money(total.saved()))
    )
}

fn table(savings: &Savings, fleet: &Fleet, troubles: &[Trouble], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}\n", clean(&headline(savings, fleet)))?;
    by_model(savings).write(out)?;
    if let Some(periods) = by_period(savings) {
        writeln!(out)?;
        periods.write(out)?;
    }
    writeln!(out, "\nHours are inference hours: inference units × hours.")?;
    for (word, sentence) in assumptions(savings) {
        writeln!(out, "{word}: {}", clean(&sentence))?;
    }
    for (sentence, remedy) in together(troubles) {
        writeln!(out, "\n{} {}", clean(&sentence), clean(&remedy))?;
    }
    Ok(())
}

fn markdown(savings: &Savings, fleet: &Fleet, troubles: &[Trouble], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# Savings: {}\n\n{}\n", plain(&title(savings)), plain(&headline(savings, fleet)))?;
    by_model(savings).markdown(out)?;
    if let Some(periods) = by_period(savings) {
        writeln!(out)?;
        periods.markdown(out)?;
    }
    writeln!(out, "\n## What these figures rest on\n\nHours are inference hours: inference units × hours.\n")?;
    for (word, sentence) in assumptions(savings) {
        writeln!(out, "- **{word}**: {}", plain(&sentence))?;
    }
    for (sentence, remedy) in together(troubles) {
        writeln!(out, "- **Could not be read**: {} {}", plain(&sentence), plain(&remedy))?;
    }
    Ok(())
}
