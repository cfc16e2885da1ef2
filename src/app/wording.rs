//! The dialog in which the expression of one schedule or rule is typed, and what it would mean.

use chrono::{DateTime, Days, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use tui_input::Input;

use super::state::State;
use crate::domain::cron::{Expression, ExpressionError, Field, gaps};
use crate::domain::plan::Editing;
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::timing::Timing;

/// How many of the next fires are told.
const FIRES: usize = 10;

/// How far ahead times that the clocks skip are looked for, in days.
const AHEAD_DAYS: u64 = 400;

/// The dialog.
#[derive(Clone, Debug)]
pub struct Wording {
    /// The ARN of the schedule or rule.
    pub schedule: String,
    /// Whether it is a rule, which knows UTC alone.
    pub rule: bool,
    /// The expression as it is typed.
    pub expression: Input,
    /// The zone as it is typed.
    pub zone: Input,
    /// Whether the keys go to the zone.
    pub in_zone: bool,
    /// What is to be said of what was typed.
    pub verdict: Verdict,
    /// Why nothing happened just now.
    pub said: Option<String>,
}

/// What is to be said of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The expression, or what is wrong with it; places count from the begin of the typed text.
    pub expression: Result<Expression, ExpressionError>,
    /// The zone; nothing where it stays one that the compiled-in table does not have.
    pub zone: Result<Option<Tz>, String>,
    /// The next fires.
    pub fires: Vec<DateTime<Utc>>,
    /// What is easily overlooked.
    pub cautions: Vec<String>,
    /// What would be asked for. `None`: something is wrong.
    pub editing: Option<Editing>,
}

impl Wording {
    /// The dialog as it opens.
    #[must_use]
    pub fn new(schedule: &Schedule, now: DateTime<Utc>) -> Self {
        let expression = Input::new(schedule.expression.clone().unwrap_or_default());
        let zone = Input::new(schedule.zone.clone().unwrap_or_else(|| "UTC".into()));
        Self {
            schedule: schedule.arn.clone(),
            rule: schedule.kind == Kind::Rule,
            verdict: Verdict::of(schedule, expression.value(), zone.value(), now),
            expression,
            zone,
            in_zone: false,
            said: None,
        }
    }

    /// Judges anew what was typed.
    pub(super) fn judge(&mut self, state: &State) {
        if let Some(schedule) = state.fleet.schedule(&self.schedule) {
            self.verdict = Verdict::of(schedule, self.expression.value(), self.zone.value(), state.now());
        }
    }
}

impl Verdict {
    fn of(schedule: &Schedule, expression: &str, zone: &str, now: DateTime<Utc>) -> Self {
        let (parsed, zone) = (read(schedule, expression), zone_of(schedule, zone));
        let mut verdict = Self { expression: parsed, zone, fires: Vec::new(), cautions: Vec::new(), editing: None };
        let (Ok(parsed), Ok(zone)) = (&verdict.expression, &verdict.zone) else { return verdict };
        verdict.editing = Some(Editing { expression: Some(expression.trim().to_owned()), zone: *zone });
        let Some(zone) = zone.or_else(|| schedule.zone_is_known().then(|| schedule.tz())) else {
            verdict.cautions.push("Its zone is not in the table of zones here, so its fires cannot be told.".into());
            return verdict;
        };
        let timing = Timing {
            start: schedule.start,
            end: schedule.end,
            flexible_minutes: schedule.flexible_minutes,
            ..Timing::new(parsed.clone(), zone).anchored(schedule.created.unwrap_or(DateTime::UNIX_EPOCH))
        };
        let next = |after: &DateTime<Utc>| timing.next_after(*after);
        verdict.fires = std::iter::successors(next(&now), next).take(FIRES).collect();
        verdict.cautions = cautions(schedule, parsed, &timing, now);
        if verdict.fires.is_empty() {
            verdict.cautions.push("It will not fire any more: no time of it lies ahead.".into());
        }
        verdict
    }
}

/// The expression, with the places of errors as they are in the typed text, blanks around it included.
fn read(schedule: &Schedule, typed: &str) -> Result<Expression, ExpressionError> {
    let before = typed.len() - typed.trim_start().len();
    let text = typed.trim();
    let expression: Expression = text.parse().map_err(|error: ExpressionError| ExpressionError {
        at: error.at.start + before..error.at.end + before,
        ..error
    })?;
    if schedule.kind == Kind::Rule && expression.is_once() {
        let message = "a rule knows cron(…) and rate(…) only".into();
        return Err(ExpressionError { field: Field::Expression, message, at: before..before + text.len() });
    }
    Ok(expression)
}

fn zone_of(schedule: &Schedule, typed: &str) -> Result<Option<Tz>, String> {
    let name = typed.trim();
    if schedule.kind == Kind::Rule || schedule.zone.as_deref() == Some(name) {
        return Ok(None);
    }
    let zone = TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name));
    zone.map(Some).ok_or_else(|| match name {
        "" => "A zone is missing, such as Europe/Berlin or UTC.".into(),
        name => format!("'{name}' is no time zone; one looks like Europe/Berlin."),
    })
}

fn cautions(schedule: &Schedule, expression: &Expression, timing: &Timing, now: DateTime<Utc>) -> Vec<String> {
    let mut said = Vec::new();
    let zone = timing.zone;
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
    let today = local(now).date();
    let gaps = gaps(zone, today, today + Days::new(AHEAD_DAYS));
    // A rhythm loses one beat, and is not slowed down by it; a time of day loses its day.
    let comes = |at: &chrono::NaiveDateTime| {
        *at > local(now)
            && (expression.is_once()
                || (timing.start.is_none_or(|start| local(start) <= *at)
                    && timing.end.is_none_or(|end| *at <= local(end))))
    };
    if let Some(at) = gaps.iter().filter_map(|gap| expression.skipped_in(gap)).find(comes) {
        said.push(format!(
            "It does not fire on {} at {}: the clocks skip that time in {zone}, and AWS does not make up for it.",
            at.format("%a %-d %b %Y"),
            at.format("%H:%M")
        ));
    }
    if let Some(range) = expression.over_midnight() {
        said.push(format!(
            "The hours {range} go over midnight: those after it are the early morning of each day that is named, not of the \
             day after."
        ));
    }
    if let Some(minutes) = schedule.flexible_minutes {
        said.push(format!("It fires somewhere in the {minutes} min after each of these times."));
    }
    if let (Some(start), false) = (schedule.start.filter(|start| *start > now), expression.is_once()) {
        said.push(format!("It waits until {}.", local(start).format("%a %-d %b %Y %H:%M")));
    }
    said
}
