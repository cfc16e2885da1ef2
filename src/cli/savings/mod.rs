//! `savings` and `report`: what was saved, for scripts, for spreadsheets and for people.

mod charts;
mod formats;
mod markdown;
mod page;
mod sheets;
mod svg;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use super::Outcome;
use super::gather::{self, Gathered};
use crate::aws::Account;
use crate::domain::finding::of_usage;
use crate::domain::model::ModelArn;
use crate::domain::naming;
use crate::domain::price::{Price, dollars};
use crate::domain::savings::{Baseline, Books, By, Deed, Range, Savings, Terms, deeds, month};
use crate::domain::trouble::Trouble;
use crate::domain::usage::History;
use crate::domain::week::midnight;
use crate::domain::wiring::Wishes;
use crate::domain::words;
use crate::meter::{self, Meter};
use crate::store::{Charge, Journal, UsageStore};

pub use formats::Format;

/// What `savings` is asked.
#[derive(Args, Clone, Debug)]
pub struct SavingsArgs {
    /// Only this model: its ARN, project/version, or a part that fits one alone
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// The first day, in the zone that times are shown in [default: the first of this month]
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// The last day [default: today]
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    /// A range in one word instead: 7d, month, "last month", "12 months", 2026-10
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["from", "to"])]
    pub range: Option<Range>,
    /// The steps of the range [default: what suits its length]
    #[arg(long, value_enum)]
    pub by: Option<Steps>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// What is compared with [default: always-on, or as the settings say]
    #[arg(long, value_enum)]
    pub baseline: Option<BaselineName>,
    /// The first day that counts at all; otherwise each model counts from its first known run
    #[arg(long, value_name = "DATE")]
    pub since: Option<NaiveDate>,
    /// Tell how many metrics CloudWatch was asked for from this workstation, and what it charged for them
    #[arg(long)]
    pub calls: bool,
}

/// What `report` is asked.
#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// The month, such as 2026-10 [default: the last whole one]
    #[arg(long, value_name = "MONTH", value_parser = month)]
    pub month: Option<Range>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = PageFormat::Html)]
    pub format: PageFormat,
    /// The file to write; '-' for standard output [default: rekotui-MONTH.html or .md in this folder]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What is compared with [default: always-on, or as the settings say]
    #[arg(long, value_enum)]
    pub baseline: Option<BaselineName>,
}

/// The steps of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Steps {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
}

/// What is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BaselineName {
    /// Running all the time.
    AlwaysOn,
    /// Running as in the week before the first schedule was created.
    BeforeScheduling,
}

impl From<BaselineName> for Baseline {
    fn from(name: BaselineName) -> Self {
        match name {
            BaselineName::AlwaysOn => Self::AlwaysOn,
            BaselineName::BeforeScheduling => Self::BeforeScheduling,
        }
    }
}

impl From<Steps> for By {
    fn from(steps: Steps) -> Self {
        match steps {
            Steps::Day => Self::Day,
            Steps::Week => Self::Week,
            Steps::Month => Self::Month,
        }
    }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// A page for a browser or a printer, with everything in it.
    Html,
    /// Markdown.
    Markdown,
}

/// What the commands need.
#[derive(Debug)]
pub struct Desk {
    /// The store of hours.
    pub store: UsageStore,
    /// The journal, for who started what.
    pub journal: Journal,
    /// The user's own configuration.
    pub wishes: Wishes,
    /// The zone whose days are meant.
    pub zone: Tz,
    /// The day that weeks begin with.
    pub week_start: chrono::Weekday,
}

/// How many operations of the journal are looked at for who started what.
const LOOKED_AT: usize = 5_000;

/// Everything that was read.
struct Read {
    gathered: Gathered,
    histories: BTreeMap<ModelArn, History>,
    deeds: BTreeMap<ModelArn, Vec<Deed>>,
    troubles: Vec<Trouble>,
    said: Vec<String>,
}

impl Read {
    fn books(&self) -> Books<'_> {
        Books {
            fleet: &self.gathered.fleet,
            picture: &self.gathered.picture,
            histories: &self.histories,
            deeds: &self.deeds,
            now: self.gathered.now,
        }
    }
}

async fn read(account: &Account, desk: &Desk) -> Read {
    let gathered = gather::gather_plan(account, &desk.wishes, desk.zone).await;
    let meter = Meter::new(account.clone(), desk.store.clone());
    let metered = meter.read(&gathered.fleet, &gathered.picture).await;
    let mut troubles = gathered.troubles.clone();
    troubles.extend(metered.trouble);
    let mut said = metered.said;
    let operations = desk.journal.latest(LOOKED_AT).unwrap_or_else(|error| {
        said.push(error.to_string());
        Vec::new()
    });
    let histories = std::sync::Arc::unwrap_or_clone(metered.histories);
    Read { gathered, histories, deeds: deeds(&operations), troubles, said }
}

/// Adds to what was gathered what only usage tells, as far as it has been measured on this workstation. CloudWatch is not
/// asked for it.
pub fn add_findings(gathered: &mut Gathered, store: &UsageStore, journal: Option<&Journal>, zone: Tz) {
    let known = meter::recall(store, &gathered.fleet, gathered.now);
    if known.histories.is_empty() {
        return;
    }
    let operations = journal.and_then(|journal| journal.latest(LOOKED_AT).ok()).unwrap_or_default();
    let deeds = deeds(&operations);
    let Gathered { fleet, picture, wishes, now, .. } = &*gathered;
    let books = Books { fleet, picture, histories: &known.histories, deeds: &deeds, now: *now };
    let price = Price::of(fleet.region.as_deref(), &wishes.prices);
    let findings = of_usage(books, &known.work, &price, zone);
    gathered.picture.add_findings(findings);
}

/// What a command came to: text for standard output, sentences for standard error, and how it ended.
#[derive(Debug)]
pub struct Told {
    /// For standard output.
    pub text: Vec<u8>,
    /// For standard error.
    pub said: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// `rekotui savings`.
///
/// # Errors
/// When the arguments name no model or no range.
pub async fn savings(args: &SavingsArgs, account: &Account, desk: &Desk) -> Result<Told, String> {
    let mut read = read(account, desk).await;
    let now = read.gathered.now;
    if let Some(name) = &args.model {
        let arn = naming::model(&read.gathered.fleet, name).map_err(|error| error.to_string())?;
        read.histories.retain(|known, _| *known == arn);
    }
    let range = range(args, now, desk.zone)?;
    let mut terms = terms(range, args.baseline, &read, desk);
    terms.by = args.by.map_or(terms.by, By::from);
    terms.since = args.since.map(|date| midnight(desk.zone, date)).or(terms.since);
    let savings = Savings::of(read.books(), terms);
    let format = if args.json { Format::Json } else { args.format };
    let mut text = Vec::new();
    if outcome(&read) == Outcome::Nothing && format != Format::Json {
        return Ok(Told { text, outcome: Outcome::Nothing, said: complaints(&read) });
    }
    formats::print(&savings, &read.gathered.fleet, format, &read.troubles, &mut text)
        .map_err(|error| error.to_string())?;
    Ok(Told { text, outcome: outcome(&read), said: complaints(&read) })
}

/// `rekotui savings --calls`: what CloudWatch was asked for. It asks nothing itself.
///
/// # Errors
/// When the store cannot be read.
pub fn calls(store: &UsageStore, json: bool) -> Result<Vec<u8>, String> {
    let charges = store.charges().map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    let written = if json { print_charges_json(&charges, &mut text) } else { print_charges(&charges, &mut text) };
    written.map(|()| text).map_err(|error| error.to_string())
}

/// What CloudWatch charges for a metric that GetMetricData asks for: $0.01 for a thousand (assets/prices.toml has no say in
/// this; the price is quoted by several cost guides and is an assumption as well).
const METRIC_USD: f64 = 0.01 / 1_000.0;

fn print_charges(charges: &[Charge], out: &mut impl Write) -> io::Result<()> {
    let mut table = super::text::Table::new(&["DAY (UTC)", "CALLS", "METRICS", "CHARGED"]);
    for charge in charges.iter().take(31) {
        table.row([
            charge.day.to_string(),
            charge.calls.to_string(),
            charge.metrics.to_string(),
            cents(charge.metrics),
        ]);
    }
    table.write(out)?;
    let (metrics, calls) = sums(charges);
    writeln!(
        out,
        "In all {} in {} of GetMetricData, for which CloudWatch charges about {} ($0.01 for 1,000 metrics, which is an \
         assumption).",
        words::count(metrics, "metric"),
        words::count(calls, "call"),
        cents(metrics)
    )
}

fn print_charges_json(charges: &[Charge], out: &mut impl Write) -> io::Result<()> {
    let (metrics, calls) = sums(charges);
    let day = |charge: &Charge| {
        serde_json::json!({
            "day": charge.day.to_string(),
            "calls": charge.calls,
            "metrics": charge.metrics,
            "charged_usd": usd(charge.metrics),
        })
    };
    let days: Vec<_> = charges.iter().map(day).collect();
    let all = serde_json::json!({ "calls": calls, "metrics": metrics, "charged_usd": usd(metrics), "days": days });
    writeln!(out, "{all:#}")
}

fn sums(charges: &[Charge]) -> (u64, u64) {
    (charges.iter().map(|charge| charge.metrics).sum(), charges.iter().map(|charge| charge.calls).sum())
}

fn usd(metrics: u64) -> f64 {
    (metrics as f64 * METRIC_USD * 1e6).round() / 1e6
}

/// Small change needs more than two places.
fn cents(metrics: u64) -> String {
    let usd = usd(metrics);
    if usd < 0.1 { format!("${usd:.5}") } else { dollars(usd) }
}

/// `rekotui report`.
///
/// # Errors
/// When the file cannot be written.
pub async fn report(args: &ReportArgs, account: &Account, desk: &Desk) -> Result<Told, String> {
    let read = read(account, desk).await;
    let now = read.gathered.now;
    let range = args.month.unwrap_or(Range::LastMonth);
    let (first, _) = range.dates(now, desk.zone);
    if midnight(desk.zone, first) > now {
        return Err(format!("{} lies ahead: nothing can have been saved in it yet.", first.format("%B %Y")));
    }
    let of_month = terms(range, args.baseline, &read, desk);
    let month = Savings::of(read.books(), Terms { by: By::Day, ..of_month.clone() });
    let year = Savings::of(read.books(), Terms { range: twelve(first), by: By::Month, ..of_month });
    let books = read.books();
    let runs: Vec<_> = books.all().map(|book| (book.arn.clone(), book.runs(month.span))).collect();
    let page = page::Report {
        month: &month,
        year: &year,
        runs: &runs,
        account: read.gathered.fleet.identity.as_ref().map(|identity| identity.account.as_str()),
        region: Some(account.region()),
        made: now,
    };
    let (text, ending) = match args.format {
        PageFormat::Html => (page::html(&page), "html"),
        PageFormat::Markdown => (page::markdown(&page), "md"),
    };
    let (outcome, mut said) = (outcome(&read), complaints(&read));
    if outcome == Outcome::Nothing {
        return Ok(Told { text: Vec::new(), said, outcome });
    }
    let file = args.output.clone().unwrap_or_else(|| format!("rekotui-{}.{ending}", first.format("%Y-%m")).into());
    if file.as_os_str() == "-" {
        return Ok(Told { text: text.into_bytes(), said, outcome });
    }
    fs::write(&file, text).map_err(|error| {
        format!("The report cannot be written to {}: {error}. Name another file with --output.", file.display())
    })?;
    said.retain(|said| !said.is_empty());
    Ok(Told { text: format!("{}\n", file.display()).into_bytes(), said, outcome })
}

/// The twelve months that end with the one that begins on `first`.
fn twelve(first: NaiveDate) -> Range {
    let last = first + chrono::Months::new(1) - chrono::Days::new(1);
    Range::Dates(first - chrono::Months::new(11), last)
}

fn terms(range: Range, baseline: Option<BaselineName>, read: &Read, desk: &Desk) -> Terms {
    let fleet = &read.gathered.fleet;
    let terms = Terms::new(range, &desk.wishes, fleet.region.as_deref(), read.gathered.now, desk.zone);
    Terms { baseline: baseline.map_or(terms.baseline, Baseline::from), week_start: desk.week_start, ..terms }
}

fn range(args: &SavingsArgs, now: DateTime<Utc>, zone: Tz) -> Result<Range, String> {
    if let Some(range) = args.range {
        return Ok(range);
    }
    let (first, today) = Range::Month.dates(now, zone);
    match (args.from, args.to) {
        (None, None) => Ok(Range::Month),
        (from, to) => {
            let to = to.unwrap_or(today);
            let from = from.unwrap_or_else(|| if to < first { to } else { first });
            Range::between(from, to)
        }
    }
}

fn outcome(read: &Read) -> Outcome {
    match () {
        () if read.gathered.fleet.models.as_of.is_none() && read.histories.is_empty() => Outcome::Nothing,
        () if read.troubles.is_empty() => Outcome::Whole,
        () => Outcome::Partly,
    }
}

fn complaints(read: &Read) -> Vec<String> {
    let troubles = crate::domain::trouble::together(&read.troubles);
    troubles.into_iter().map(|(what, then)| format!("{what} {then}")).chain(read.said.iter().cloned()).collect()
}
