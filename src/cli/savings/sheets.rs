//! The tables of the report, the same for HTML and for Markdown.

use chrono::TimeDelta;

use super::page::Report;
use super::view::{bound, clock, number, percent};
use crate::domain::model::ModelArn;
use crate::domain::price::dollars;
use crate::domain::savings::{By, Hours, Placed, Run, Savings};
use crate::domain::words::span;

/// A table: what it is, its headings, and its rows. From column `text` on it holds figures.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) caption: String,
    pub(super) head: Vec<&'static str>,
    /// How many columns, from the first, are text.
    pub(super) text: usize,
    pub(super) rows: Vec<Vec<String>>,
    /// Whether the last row is a sum.
    pub(super) summed: bool,
}

/// How many overruns are told.
const LONGEST: usize = 20;

const FIGURES: [&str; 10] =
    ["Running h", "Baseline", "Used", "Saved", "Share", "Money", "Overrun", "Missed", "Unknown", "±"];

fn figures(hours: &Hours, savings: &Savings) -> Vec<String> {
    vec![
        number(hours.running),
        number(hours.baseline),
        number(hours.inference),
        number(hours.saved()),
        percent(hours.share()),
        dollars(savings.money(hours.saved())),
        number(hours.overrun),
        number(hours.missed),
        number(hours.unknown),
        bound(hours.error),
    ]
}

fn row(name: String, hours: &Hours, savings: &Savings) -> Vec<String> {
    let mut row = vec![name];
    row.extend(figures(hours, savings));
    row
}

fn head(first: &'static str) -> Vec<&'static str> {
    std::iter::once(first).chain(FIGURES).collect()
}

/// Every model, with since when it counts, and the total.
pub(super) fn models(savings: &Savings) -> Sheet {
    let zone = savings.terms.zone;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for model in &savings.models {
        let gone = if model.gone { " (gone)" } else { "" };
        let mut row = row(format!("{}{gone}", model.arn.name()), &model.hours, savings);
        let since = model.counted.map_or_else(|| "nothing known".into(), |counted| clock(counted.from, zone));
        row.insert(1, since);
        rows.push(row);
    }
    let mut total = row("Total".into(), &savings.total, savings);
    total.insert(1, String::new());
    rows.push(total);
    let mut head = head("Model");
    head.insert(1, "Counts from");
    Sheet { caption: "Models, in inference hours".into(), head, text: 2, rows, summed: true }
}

/// Every step, and the total.
pub(super) fn steps(savings: &Savings) -> Sheet {
    let (first, form) = match savings.terms.by {
        By::Day => ("Day", "%a %-d %b %Y"),
        By::Week => ("Week from", "%-d %b %Y"),
        By::Month => ("Month", "%B %Y"),
    };
    let of_step = savings.steps.iter().zip(&savings.by_step);
    let mut rows: Vec<Vec<String>> =
        of_step.map(|(step, hours)| row(step.date.format(form).to_string(), hours, savings)).collect();
    rows.push(row("Total".into(), &savings.total, savings));
    let caption = format!("Each {}, in inference hours", savings.terms.by.word());
    Sheet { caption, head: head(first), text: 1, rows, summed: true }
}

/// The runs that ran longest outside of their windows, longest first.
pub(super) fn overruns(report: &Report<'_>) -> Sheet {
    let (span_of_month, zone) = (report.month.span, report.month.terms.zone);
    let mut over: Vec<(&ModelArn, &Run, TimeDelta)> = Vec::new();
    for (arn, runs) in report.runs {
        let touching = runs.iter().filter(|run| run.from < span_of_month.to && span_of_month.from < run.to);
        over.extend(touching.filter_map(|run| Some((arn, run, overran(run)?))));
    }
    over.sort_by_key(|(arn, run, long)| (std::cmp::Reverse(*long), run.from, arn.as_str()));
    let all = over.len();
    let rows = over.iter().take(LONGEST).map(|(arn, run, long)| {
        let end = if run.goes_on { "still running".into() } else { clock(run.to, zone) };
        vec![
            arn.name(),
            clock(run.from, zone),
            end,
            run.began.words(),
            span(*long),
            span(run.to - run.from),
            number(run.units),
        ]
    });
    let caption = match all {
        all if all > LONGEST => format!("The {LONGEST} longest overruns of {all}"),
        _ => "Overruns, the longest first".into(),
    };
    Sheet {
        caption,
        head: vec!["Model", "Started", "Ended", "Started by", "Outside", "Ran", "Units"],
        text: 4,
        rows: rows.collect(),
        summed: false,
    }
}

fn overran(run: &Run) -> Option<TimeDelta> {
    match run.placed {
        Placed::Over(long) => Some(long),
        Placed::Out => Some(run.to - run.from),
        Placed::In | Placed::Unplanned => None,
    }
}
