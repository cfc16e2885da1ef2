//! `status`, `schedules`, `mappings` and `next`: the fleet in words or as JSON.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::Outcome;
use super::gather::Gathered;
use super::text::{Table, clean};
use super::views;
use crate::domain::finding::Severity;
use crate::domain::fleet::{Fleet, Part};
use crate::domain::model::Model;
use crate::domain::picture::{Event, Picture};
use crate::domain::trouble::{Trouble, together};
use crate::domain::words::span;

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Models, next events and findings.
    Status,
    /// Schedules and rules.
    Schedules,
    /// Mappings and their queues.
    Mappings,
    /// The events of the coming 24 hours.
    Next,
}

/// How to print it.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// As one JSON object.
    pub json: bool,
    /// Let findings that warn decide the exit code.
    pub check: bool,
    /// The zone that times are shown in.
    pub zone: Tz,
}

/// Prints one report about what was gathered.
///
/// # Errors
/// When standard output cannot be written to.
pub fn print(what: What, gathered: &Gathered, manner: Manner, out: &mut impl Write) -> io::Result<Outcome> {
    let outcome = outcome(gathered, manner.check);
    if manner.json {
        writeln!(out, "{:#}", as_json(what, gathered))?;
    } else if outcome != Outcome::Nothing {
        as_text(what, gathered, manner.zone, out)?;
    }
    Ok(outcome)
}

pub(super) fn outcome(gathered: &Gathered, check: bool) -> Outcome {
    let warns = gathered.picture.findings.iter().any(|finding| finding.severity >= Severity::Warning);
    let fleet = &gathered.fleet;
    let blank = fleet.models.as_of.is_none()
        && fleet.mappings.as_of.is_none()
        && fleet.schedules.as_of.is_none()
        && fleet.rules.as_of.is_none();
    match (blank, gathered.troubles.is_empty()) {
        (true, _) => Outcome::Nothing,
        (false, false) => Outcome::Partly,
        (false, true) if check && warns => Outcome::Findings,
        (false, true) => Outcome::Whole,
    }
}

/// What every report begins with.
fn frame(gathered: &Gathered) -> Value {
    let fleet = &gathered.fleet;
    json!({
        "account": fleet.identity.as_ref().map(|identity| &identity.account),
        "region": fleet.region,
        "as_of": views::instant(fleet.as_of().unwrap_or(gathered.now)),
    })
}

/// One thing under its key, in the frame that every report has.
pub(super) fn framed(gathered: &Gathered, key: &str, value: Result<Value, serde_json::Error>) -> Value {
    let mut object = frame(gathered);
    let troubles = serde_json::to_value(views::troubles(&gathered.troubles));
    if let Some(object) = object.as_object_mut() {
        let parts = [(key, value), ("troubles", troubles)];
        object.extend(parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.ok()?))));
    }
    object
}

fn as_json(what: What, gathered: &Gathered) -> Value {
    let Gathered { fleet, picture, troubles, now, .. } = gathered;
    let mut object = frame(gathered);
    let mut put = |key: &str, value: Result<Value, serde_json::Error>| {
        if let (Some(object), Ok(value)) = (object.as_object_mut(), value) {
            object.insert(key.to_owned(), value);
        }
    };
    match what {
        What::Status => {
            put("models", serde_json::to_value(views::models(fleet, picture)));
            put("schedules", serde_json::to_value(views::schedules(fleet, picture, *now)));
            put("mappings", serde_json::to_value(views::mappings(fleet, picture)));
            put("findings", serde_json::to_value(views::findings(picture)));
        }
        What::Schedules => put("schedules", serde_json::to_value(views::schedules(fleet, picture, *now))),
        What::Mappings => put("mappings", serde_json::to_value(views::mappings(fleet, picture))),
        What::Next => put("events", serde_json::to_value(views::events(picture))),
    }
    put("troubles", serde_json::to_value(views::troubles(troubles)));
    object
}

fn as_text(what: What, gathered: &Gathered, zone: Tz, out: &mut impl Write) -> io::Result<()> {
    let Gathered { fleet, picture, troubles, now, .. } = gathered;
    writeln!(out, "{}", headline(fleet, *now, zone))?;
    writeln!(out)?;
    match what {
        What::Status => {
            models(fleet, picture, *now, zone, out)?;
            findings(picture, troubles.is_empty(), out)?;
        }
        What::Schedules => schedules(fleet, picture, *now, zone, out)?,
        What::Mappings => mappings(fleet, picture, out)?,
        What::Next => next(fleet, picture, *now, zone, out)?,
    }
    not_read(troubles, out)
}

/// What could not be read, if anything could not.
pub(super) fn not_read(troubles: &[Trouble], out: &mut impl Write) -> io::Result<()> {
    if !troubles.is_empty() {
        writeln!(out, "\nNot read:")?;
        for (sentence, remedy) in together(troubles) {
            writeln!(out, "! {}\n  {}", clean(&sentence), clean(&remedy))?;
        }
    }
    Ok(())
}

pub(super) fn headline(fleet: &Fleet, now: DateTime<Utc>, zone: Tz) -> String {
    let account = fleet.identity.as_ref().map_or_else(|| "account unknown".to_owned(), |identity| identity.grouped());
    let region = fleet.region.as_deref().unwrap_or("region unknown");
    let as_of = fleet.as_of().unwrap_or(now).with_timezone(&zone);
    format!("{account}  {region}  as of {}", as_of.format("%a %-d %b %Y %H:%M %Z"))
}

fn models(fleet: &Fleet, picture: &Picture, now: DateTime<Utc>, zone: Tz, out: &mut impl Write) -> io::Result<()> {
    if fleet.models.rows.is_empty() {
        return writeln!(out, "{}", none("Custom Labels models", unread(&fleet.models) || unread(&fleet.projects)));
    }
    let mut table = Table::new(&["MODEL", "STATUS", "UNITS", "BACKLOG", "NEXT"]);
    for model in fleet.models.rows.values() {
        let view = picture.models.get(&model.arn);
        let backlog = view.and_then(|view| view.backlog).map_or_else(|| "-".into(), |backlog| backlog.to_string());
        let next = match view.and_then(|view| view.next_for(&model.status)) {
            Some(event) => when(event, now, zone),
            None => view.map_or_else(String::new, |view| view.without_next(&model.status).to_owned()),
        };
        table.row([model.name(), model.status.word(), units(model), backlog, next]);
    }
    table.write(out)
}

fn units(model: &Model) -> String {
    match (model.min_units, model.max_units) {
        (None, _) => "-".into(),
        (Some(min), Some(max)) if max != min => format!("{min}-{max}"),
        (Some(min), _) => min.to_string(),
    }
}

/// `stop Fri 17:00 (in 2 h 51)`.
fn when(event: &Event, now: DateTime<Utc>, zone: Tz) -> String {
    let local = event.at.with_timezone(&zone);
    format!("{} {} (in {})", event.kind.as_str(), local.format("%a %H:%M"), span(event.at - now))
}

/// Whether rows may be missing because they could not be read.
fn unread<K: Ord, V>(part: &Part<K, V>) -> bool {
    !part.is_whole()
}

/// What stands where there are no rows: that there are none, or that nobody knows.
pub(super) fn none(what: &str, unread: bool) -> String {
    if unread {
        format!("The {what} could not be read: see below.")
    } else {
        format!("No {what} in this account and region.")
    }
}

fn findings(picture: &Picture, whole: bool, out: &mut impl Write) -> io::Result<()> {
    if picture.findings.is_empty() {
        let rest = if whole { "" } else { " in what could be read" };
        return writeln!(out, "\nNothing to worry about{rest}.");
    }
    writeln!(out, "\nFindings:")?;
    for finding in &picture.findings {
        writeln!(out, "{:8} {}", finding.severity.as_str(), clean(&finding.sentence))?;
        writeln!(out, "{:8} {}", "", clean(&finding.remedy))?;
    }
    Ok(())
}

fn schedules(fleet: &Fleet, picture: &Picture, now: DateTime<Utc>, zone: Tz, out: &mut impl Write) -> io::Result<()> {
    if fleet.all_schedules().next().is_none() {
        let unread = unread(&fleet.schedules) || unread(&fleet.rules);
        return writeln!(out, "{}", none("schedules and rules", unread));
    }
    let mut table = Table::new(&["SCHEDULE", "STATE", "FIRES", "ZONE", "EFFECT", "MODEL", "NEXT"]);
    for schedule in fleet.all_schedules() {
        let aim = picture.wiring.aims_by_schedule.get(&schedule.arn).and_then(|aims| aims.first());
        let next = picture.next_of_schedule(&schedule.arn, now);
        table.row([
            schedule.path(),
            schedule.state.to_lowercase(),
            fires(schedule),
            views::zone(schedule).unwrap_or("-").to_owned(),
            aim.map_or("unknown", |aim| aim.effect.word()).to_owned(),
            aim.and_then(|aim| aim.model.as_ref()).map_or_else(|| "-".into(), |model| model.name()),
            next.map_or_else(|| "-".into(), |at| at.with_timezone(&zone).format("%a %-d %b %H:%M").to_string()),
        ]);
    }
    table.write(out)
}

fn fires(schedule: &crate::domain::schedule::Schedule) -> String {
    match schedule.parsed() {
        None => "not read".into(),
        Some(Ok(expression)) => expression.describe(),
        Some(Err(error)) => format!("invalid: {error}"),
    }
}

fn mappings(fleet: &Fleet, picture: &Picture, out: &mut impl Write) -> io::Result<()> {
    if fleet.mappings.rows.is_empty() {
        return writeln!(out, "{}", none("mappings", unread(&fleet.mappings)));
    }
    let mut table = Table::new(&["MAPPING", "STATE", "FUNCTION", "QUEUE", "BACKLOG", "MODEL"]);
    for mapping in fleet.mappings.rows.values() {
        let backlog = fleet.queue_of(mapping).map_or_else(|| "-".into(), |queue| queue.backlog().to_string());
        let model = picture.wiring.model_by_mapping.get(&mapping.uuid);
        table.row([
            mapping.uuid.clone(),
            mapping.state.as_str().to_lowercase(),
            mapping.function_name().to_owned(),
            mapping.source_name().to_owned(),
            backlog,
            model.map_or_else(|| "-".into(), |model| model.name()),
        ]);
    }
    table.write(out)
}

fn next(fleet: &Fleet, picture: &Picture, now: DateTime<Utc>, zone: Tz, out: &mut impl Write) -> io::Result<()> {
    if picture.events.is_empty() {
        let whole = fleet.schedules.is_whole() && fleet.rules.is_whole();
        let rest = if whole { "" } else { ", as far as schedules and rules could be read" };
        return writeln!(out, "Nothing is planned for the coming 24 hours{rest}.");
    }
    let mut table = Table::new(&["WHEN", "IN", "WHAT", "MODEL", "BY"]);
    for event in &picture.events {
        table.row([
            event.at.with_timezone(&zone).format("%a %H:%M %Z").to_string(),
            span(event.at - now),
            match event.exception {
                Some(exception) => format!("{} ({})", event.kind.as_str(), exception.word()),
                None => event.kind.as_str().to_owned(),
            },
            event.model.as_ref().map_or_else(|| "-".into(), |model| model.name()),
            fleet.schedule(&event.schedule).map_or_else(|| event.schedule.clone(), |schedule| schedule.path()),
        ]);
    }
    table.write(out)
}
