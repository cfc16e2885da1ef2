//! The plan of a start: its end is arranged before the first cent is spent.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, LocalResult, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Grade, Ground, Guard, Intent, Note, Plan, Planned, Seen, Step, Unplannable, stop};
use crate::domain::cron::Expression;
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::price::dollars;
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::stack::Stack;
use crate::domain::wiring::{Aim, Effect, Evidence};
use crate::domain::words;

/// How the names of automatic stops begin.
pub const AUTOMATIC: &str = "rekotui-stop-";

/// AWS's default quota of models that run at once in an account (AWS General Reference).
const RUNNING_QUOTA: usize = 2;
/// AWS's default quota of inference units of one model (AWS General Reference).
const UNIT_QUOTA: u32 = 5;
/// How long a start takes at most as a rule (the scheduler sample's README).
const START_TAKES: TimeDelta = TimeDelta::minutes(30);
/// The longest name of a schedule (botocore's service model).
const LONGEST_NAME: usize = 64;

/// Inference units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    /// What it starts with, and never goes below.
    pub min: u32,
    /// Up to which AWS may scale it; `None`: no scaling.
    pub max: Option<u32>,
}

impl Units {
    /// What a model is started with if nothing else is said: what its startup schedule says, else what it had last, else
    /// one.
    #[must_use]
    pub fn usual(ground: Ground<'_>, model: &ModelArn) -> Self {
        let starts = ground.picture.wiring.aims_of(model).into_iter();
        let said = starts.filter(|aim| aim.evidence.is_proof()).find_map(|aim| match aim.effect {
            Effect::Start { min_units: Some(min), max_units } => Some(Self { min, max: max_units }),
            _ => None,
        });
        let last = ground
            .fleet
            .models
            .rows
            .get(model)
            .and_then(|model| Some(Self { min: model.min_units.filter(|min| *min > 0)?, max: model.max_units }));
        said.or(last).unwrap_or(Self { min: 1, max: None })
    }

    /// `2` or `2 to 4`.
    #[must_use]
    pub fn words(&self) -> String {
        match self.max {
            Some(max) => format!("{} to {max} inference units", self.min),
            None => words::count(u64::from(self.min), "inference unit"),
        }
    }
}

/// When a start by hand is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Nobody arranges anything.
    Never,
    /// At this time.
    At(DateTime<Utc>),
    /// At the next stop of its schedules.
    Scheduled,
}

/// How long a start by hand lasts if nothing else is said.
pub const USUAL_LENGTH: TimeDelta = TimeDelta::hours(2);

impl End {
    /// How a start ends if nothing else is said: at the stop of the window that is open now, else after
    /// [`USUAL_LENGTH`].
    #[must_use]
    pub fn usual(ground: Ground<'_>, model: &ModelArn) -> Self {
        let view = ground.picture.models.get(model);
        let open = view.is_some_and(|view| view.today.iter().any(|window| window.holds(ground.now)));
        match Coming::of(ground, model).stop {
            Some(_) if open => Self::Scheduled,
            _ => Self::At(ground.now + USUAL_LENGTH),
        }
    }
}

/// What is asked for with a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Starting {
    /// The inference units; `None`: the usual ones.
    pub units: Option<Units>,
    /// When it is to end.
    pub end: End,
    /// Whether it is the emergency start, which goes on where nothing can be arranged.
    pub emergency: bool,
}

/// Whether a schedule is an automatic stop that came with a start by hand.
#[must_use]
pub fn is_automatic(schedule: &Schedule) -> bool {
    schedule.kind == Kind::Schedule
        && schedule.name.starts_with(AUTOMATIC)
        && schedule.deletes_itself
        && matches!(schedule.parsed(), Some(Ok(expression)) if Expression::is_once(&expression))
}

/// The coming fires that matter to a model.
pub(super) struct Coming<'a> {
    /// The next scheduled start.
    pub start: Option<(DateTime<Utc>, &'a Schedule)>,
    /// The next scheduled stop, automatic ones left out.
    pub stop: Option<(DateTime<Utc>, &'a Schedule)>,
    /// The first scheduled stop after the next start.
    pub stop_after_start: Option<(DateTime<Utc>, &'a Schedule)>,
    /// Automatic stops that wait.
    pub automatic: Vec<(Option<DateTime<Utc>>, &'a Schedule)>,
}

impl<'a> Coming<'a> {
    pub(super) fn of(ground: Ground<'a>, model: &ModelArn) -> Self {
        let aims = ground.picture.wiring.aims_of(model);
        let planned: Vec<(&Aim, &Schedule)> = aims
            .into_iter()
            .filter(|aim| aim.is_planned())
            .filter_map(|aim| Some((aim, ground.fleet.schedule(&aim.schedule)?)))
            .collect();
        let (automatic, rest): (Vec<_>, Vec<_>) = planned.into_iter().partition(|(_, schedule)| is_automatic(schedule));
        let next = |wanted: fn(Effect) -> bool, after: DateTime<Utc>| {
            rest.iter()
                .filter(|(aim, schedule)| wanted(aim.effect) && schedule.enabled)
                .filter_map(|(_, schedule)| Some((ground.picture.timing(&schedule.arn)?.next_after(after)?, *schedule)))
                .min_by_key(|(at, _)| *at)
        };
        let start = next(Effect::is_start, ground.now);
        Self {
            start,
            stop: next(|effect| effect == Effect::Stop, ground.now),
            stop_after_start: start.and_then(|(at, _)| next(|effect| effect == Effect::Stop, at)),
            automatic: automatic
                .into_iter()
                .map(|(_, schedule)| (ground.picture.next_of_schedule(&schedule.arn, ground.now), schedule))
                .collect(),
        }
    }
}

/// What ends a start.
enum Ending<'a> {
    /// Nothing.
    Nothing,
    /// A stop of its schedules.
    Own(DateTime<Utc>, Vec<&'a Schedule>),
    /// A schedule that is still to be created.
    Arranged(DateTime<Utc>, Box<Schedule>),
    /// This program, as long as it is open.
    Held(DateTime<Utc>),
}

impl Ending<'_> {
    fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Nothing => None,
            Self::Own(at, _) | Self::Arranged(at, _) | Self::Held(at) => Some(*at),
        }
    }
}

/// The plan of a start.
///
/// # Errors
/// When the model cannot be started from where it is, or the wanted end cannot be arranged.
pub fn start(ground: Ground<'_>, model: &ModelArn, ask: &Starting) -> Result<Plan, Unplannable> {
    let row = ground.fleet.models.rows.get(model);
    let row =
        row.ok_or_else(|| Unplannable::new(format!("{} is not among the models that were read.", model.name())))?;
    startable(row)?;
    let units = ask.units.unwrap_or_else(|| Units::usual(ground, model));
    check(units)?;
    let coming = Coming::of(ground, model);
    let mut notes = Vec::new();
    let ending = ending(ground, row, ask, &coming, &mut notes)?;
    let mappings: Vec<String> = ground.picture.wiring.mappings_of(model).iter().map(|wire| wire.uuid.clone()).collect();
    let mut plan = Plan {
        intent: Intent::Start { model: model.clone(), emergency: ask.emergency, units, end: ending.at() },
        subject: row.name(),
        project_arn: Some(row.project_arn.clone()),
        seen: vec![Seen::Model { model: model.clone(), status: row.status.clone() }],
        steps: Vec::new(),
        notes: Vec::new(),
        grade: if ground.production { Grade::Danger } else { Grade::Change },
    };
    plan.seen.extend(stop::seen_mappings(ground, &mappings));
    if let Ending::Own(_, schedules) = &ending {
        plan.seen.extend(schedules.iter().map(|schedule| Seen::Schedule(Box::new((*schedule).clone()))));
    }
    steps(&mut plan, model, units, &mappings, &ending, ask, &coming, ground);
    cost(&mut notes, row, units, &ending, ground);
    about_units(&mut notes, row, units);
    quota(&mut notes, row, ground);
    about_mappings(&mut notes, &mappings, model, ground);
    notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    plan.notes = notes;
    Ok(plan)
}

fn startable(row: &Model) -> Result<(), Unplannable> {
    if row.status.can_start() || row.status.is_on() || row.status == Status::Stopping {
        return Ok(());
    }
    let name = row.name();
    Err(Unplannable::new(match row.status {
        Status::TrainingInProgress | Status::CopyingInProgress => {
            format!("{name} is still {}; it can be started after that.", row.status.word())
        }
        Status::TrainingFailed | Status::CopyingFailed => {
            format!("{name} can never run: its {}. Train it again.", row.status.word())
        }
        _ => format!("A model that is {} cannot be started.", row.status),
    }))
}

fn check(units: Units) -> Result<(), Unplannable> {
    if units.min == 0 {
        return Err(Unplannable::new("A model needs one inference unit at least."));
    }
    match units.max {
        Some(max) if max < units.min => {
            Err(Unplannable::new(format!("The most inference units ({max}) are fewer than the least ({}).", units.min)))
        }
        _ => Ok(()),
    }
}

fn ending<'a>(
    ground: Ground<'a>,
    row: &Model,
    ask: &Starting,
    coming: &Coming<'a>,
    notes: &mut Vec<Note>,
) -> Result<Ending<'a>, Unplannable> {
    let say = |at| words::when(at, ground.now, ground.zone);
    let at = match ask.end {
        End::Never => {
            match coming.stop {
                Some((at, by)) => {
                    notes.push(Note::info(format!("The stop of {} ({}) will end this.", say(at), by.path())));
                    return Ok(Ending::Own(at, vec![by]));
                }
                None if coming.automatic.is_empty() => {
                    notes.push(Note::danger("Nobody will stop it: no stop is scheduled, and none is arranged."));
                }
                None => {}
            }
            return Ok(Ending::Nothing);
        }
        End::Scheduled => {
            let (at, by) = coming.stop.ok_or_else(|| {
                Unplannable::new(format!("No stop of {} is scheduled. Say how long it is to run.", row.name()))
            })?;
            notes.push(Note::info(format!("The stop of {} ({}) will end this.", say(at), by.path())));
            soon(notes, at, row, ground);
            return Ok(Ending::Own(at, vec![by]));
        }
        End::At(at) => at.duration_round_up(TimeDelta::minutes(1)).unwrap_or(at),
    };
    if at <= ground.now {
        return Err(Unplannable::new(format!("{} has passed already. Say a later time.", say(at))));
    }
    match (coming.stop, coming.start, coming.stop_after_start) {
        (Some((stop, by)), start, _) if stop <= at && start.is_none_or(|(start, _)| stop <= start) => {
            notes.push(Note::warning(format!(
                "The stop of {} ({}) will end this before {}. Pause it, if the model is to run longer.",
                say(stop),
                by.path(),
                say(at)
            )));
            soon(notes, stop, row, ground);
            Ok(Ending::Own(stop, vec![by]))
        }
        (_, Some((start, opens)), Some((stop, closes))) if start <= at => {
            notes.push(Note::info(format!(
                "The window that {} opens at {} comes before {}: its own stop at {} ({}) does the job.",
                opens.path(),
                say(start),
                say(at),
                say(stop),
                closes.path()
            )));
            Ok(Ending::Own(stop, vec![opens, closes]))
        }
        (stop, ..) => {
            soon(notes, at, row, ground);
            let open = ground.picture.models.get(&row.arn);
            let open = open.is_some_and(|view| view.today.iter().any(|window| window.holds(ground.now)));
            if let Some((stop, by)) = stop.filter(|_| open) {
                notes.push(Note::warning(format!(
                    "{} lies inside the window that is open now, which {} would close at {}: the rest of it is cut off.",
                    say(at),
                    by.path(),
                    say(stop)
                )));
            }
            arranged(ground, row, at, ask.emergency, notes)
        }
    }
}

fn soon(notes: &mut Vec<Note>, stop: DateTime<Utc>, row: &Model, ground: Ground<'_>) {
    if row.status != Status::Running && stop - ground.now < START_TAKES {
        notes.push(Note::warning(format!(
            "A start takes up to {}, and the stop comes in {}: it may never be ready.",
            words::span(START_TAKES),
            words::span(stop - ground.now)
        )));
    }
}

fn arranged<'a>(
    ground: Ground<'a>,
    row: &Model,
    at: DateTime<Utc>,
    emergency: bool,
    notes: &mut Vec<Note>,
) -> Result<Ending<'a>, Unplannable> {
    if let Some(stop) = automatic_stop(ground, row, at) {
        notes.push(Note::info(format!(
            "It stops by itself at {}, with rekotui closed as well: {} is arranged first.",
            words::when(at, ground.now, ground.zone),
            stop.path()
        )));
        return Ok(Ending::Arranged(at, Box::new(stop)));
    }
    let why = if ground.fleet.schedules.is_dark() {
        "the schedules cannot be read"
    } else {
        "no schedule shows which function stops models, and none is deployed ('rekotui deploy scheduler')"
    };
    if !emergency {
        return Err(Unplannable::new(format!(
            "No automatic stop can be arranged: {why}. Start it without an end and stop it by hand, or use the emergency \
             start, which stops it as long as rekotui is open."
        )));
    }
    notes.push(Note::danger(format!(
        "NOBODY WILL STOP IT once rekotui is closed: {why}. While it is open, rekotui stops it at {}.",
        words::when(at, ground.now, ground.zone)
    )));
    Ok(Ending::Held(at))
}

/// The one-time schedule that stops a model: like the model's own stop, or, if it has none, like that of another model
/// whose function takes its orders from the Input.
pub(super) fn automatic_stop(ground: Ground<'_>, row: &Model, at: DateTime<Utc>) -> Option<Schedule> {
    let stops = |aim: &&Aim| aim.effect == Effect::Stop && aim.evidence.is_proof();
    let usable = |aim: &Aim| {
        let schedule = ground.fleet.schedule(&aim.schedule)?;
        (schedule.kind == Kind::Schedule && !is_automatic(schedule) && schedule.targets.len() == 1).then_some(schedule)
    };
    let own = ground.picture.wiring.aims_of(&row.arn).into_iter().filter(stops);
    let own = own.filter(|aim| aim.evidence != Evidence::Config).find_map(usable);
    let wires = ground.picture.wiring.mappings_of(&row.arn);
    let mappings: Vec<&str> = wires.iter().map(|wire| wire.uuid.as_str()).collect();
    let told =
        || Some(serde_json::json!({"action": "stop", "model": row.arn.as_str(), "mappings": mappings}).to_string());
    let (like, input) = match own {
        Some(own) => (Like::of(own)?, own.targets.first()?.input.clone()),
        None => {
            let all = ground.picture.wiring.aims_by_schedule.values().flatten().map(Arc::as_ref);
            let mut others = all.filter(stops).filter(|aim| aim.evidence == Evidence::Input).filter_map(usable);
            let other = others.find(|other| other.targets.first().is_some_and(|target| target.function().is_some()));
            (other.and_then(Like::of).or_else(|| Like::deployed(ground, &row.arn))?, told())
        }
    };
    let name = automatic_name(&row.arn, at);
    let zone = unmistakable(ground.zone, at);
    let local = at.with_timezone(&zone);
    Some(Schedule {
        expression: Some(format!("at({})", local.format("%Y-%m-%dT%H:%M:%S"))),
        zone: Some(zone.name().into()),
        targets: vec![Target { input, ..like.target }],
        description: Some(format!("Stops {} once, arranged with a start by hand", row.name())),
        deletes_itself: true,
        kms_key_arn: like.kms_key_arn,
        ..Schedule::new(format!("{}/{name}", like.place), name, like.group, Kind::Schedule)
    })
}

/// What an automatic stop is made from.
struct Like {
    target: Target,
    group: String,
    /// The ARN of what it belongs to, without its own name.
    place: String,
    kms_key_arn: Option<String>,
}

impl Like {
    /// Another schedule that stops models.
    fn of(schedule: &Schedule) -> Option<Self> {
        Some(Self {
            target: schedule.targets.first()?.clone(),
            group: schedule.group.clone(),
            place: schedule.arn.rsplit_once('/')?.0.to_owned(),
            kms_key_arn: schedule.kms_key_arn.clone(),
        })
    }

    /// What was deployed for schedules, before there is one.
    fn deployed(ground: Ground<'_>, model: &ModelArn) -> Option<Self> {
        let stack = Stack::of(ground.fleet, ground.picture, ground.wishes.stack.as_ref())?;
        let part = |at: usize| model.as_str().split(':').nth(at).unwrap_or_default();
        let place = format!("arn:{}:scheduler:{}:{}:schedule/{}", part(1), part(3), model.account(), stack.group);
        Some(Self { target: stack.shutdown, group: stack.group, place, kms_key_arn: None })
    }
}

/// The zone itself, unless the clocks show the time of `at` twice there: then UTC.
fn unmistakable(zone: Tz, at: DateTime<Utc>) -> Tz {
    match zone.from_local_datetime(&at.with_timezone(&zone).naive_local()) {
        LocalResult::Single(_) => zone,
        _ => Tz::UTC,
    }
}

fn automatic_name(model: &ModelArn, at: DateTime<Utc>) -> String {
    let when = at.format("-%Y%m%dT%H%MZ").to_string();
    let room = LONGEST_NAME.saturating_sub(AUTOMATIC.len() + when.len());
    let said = format!("{}-{}", model.project(), model.version());
    // Names of models have the letters that names of schedules have (botocore's service models).
    let said: String = said.chars().take(room).collect();
    format!("{AUTOMATIC}{said}{when}")
}

#[expect(clippy::too_many_arguments, reason = "each is one thing that the steps depend on, and nobody else calls it")]
fn steps(
    plan: &mut Plan,
    model: &ModelArn,
    units: Units,
    mappings: &[String],
    ending: &Ending<'_>,
    ask: &Starting,
    coming: &Coming<'_>,
    ground: Ground<'_>,
) {
    let arranged = match ending {
        Ending::Arranged(_, stop) => {
            plan.push(Step::Arrange { stop: stop.clone(), optional: ask.emergency });
            Some(stop)
        }
        _ => None,
    };
    // A later end replaces the one that was arranged before.
    for (_, old) in &coming.automatic {
        let same = arranged.is_some_and(|stop| stop.name == old.name && stop.group == old.group);
        if !same && !matches!(ending, Ending::Nothing) {
            plan.push(Step::Remove { stop: Box::new((*old).clone()), unless_on: None });
        }
    }
    plan.push(Step::Start { model: model.clone(), min_units: units.min, max_units: units.max });
    plan.push(Step::AwaitRunning { model: model.clone() });
    plan.steps.extend(mappings.iter().map(|mapping| always(Step::Enable { mapping: mapping.clone() })));
    plan.steps.extend(mappings.iter().map(|mapping| always(Step::AwaitEnabled { mapping: mapping.clone() })));
    let until = match ending {
        Ending::Held(at) => Some(*at),
        Ending::Arranged(at, _) if ask.emergency => Some(*at),
        _ => None,
    };
    if let Some(until) = until {
        plan.push_if(Guard::IfUnarranged, Step::Hold { until });
        for step in stop::steps(ground, model, mappings) {
            plan.push_if(Guard::IfUnarranged, step);
        }
    }
    if let Some(stop) = arranged {
        plan.push_if(Guard::IfFailed, Step::Remove { stop: stop.clone(), unless_on: Some(model.clone()) });
    }
}

fn always(step: Step) -> Planned {
    Planned { step, guard: Guard::Always }
}

fn cost(notes: &mut Vec<Note>, row: &Model, units: Units, ending: &Ending<'_>, ground: Ground<'_>) {
    let min = match (row.status.is_on(), row.min_units) {
        (true, Some(min)) => min,
        _ => units.min,
    };
    let price = ground.price();
    let assumed = format!("at {} an inference hour, which is {}", dollars(price.usd), price.kind());
    let Some(at) = ending.at() else {
        let day = 24.0 * f64::from(min) * price.usd;
        notes.push(Note::info(format!(
            "It costs {} an hour and {} a day, {assumed}.",
            dollars(f64::from(min) * price.usd),
            dollars(day)
        )));
        return;
    };
    let span = at - ground.now;
    let hours = span.as_seconds_f64() / 3_600.0 * f64::from(min);
    let up = match units.max.filter(|max| *max > min) {
        Some(max) => {
            format!(", up to {} if AWS scales it", dollars(hours / f64::from(min) * f64::from(max) * price.usd))
        }
        None => String::new(),
    };
    notes.push(Note::info(format!(
        "{} until {}: {hours:.1} inference hours, about {}{up}, {assumed}.",
        words::span(span),
        words::when(at, ground.now, ground.zone),
        dollars(hours * price.usd),
    )));
}

fn about_units(notes: &mut Vec<Note>, row: &Model, units: Units) {
    if row.status.is_on() {
        let now = Units { min: row.min_units.unwrap_or(units.min), max: row.max_units };
        notes.push(Note::info(format!("It is {} already, with {}.", row.status, now.words())));
        if now != units {
            notes.push(Note::warning(
                "A model that is on keeps its inference units: to change them, stop it first and start it again.",
            ));
        }
    }
    if units.max.unwrap_or(units.min).max(units.min) > UNIT_QUOTA {
        notes.push(Note::warning(format!(
            "AWS's default quota is {UNIT_QUOTA} inference units for a model; it may refuse this."
        )));
    }
}

fn quota(notes: &mut Vec<Note>, row: &Model, ground: Ground<'_>) {
    if row.status.is_on() {
        return;
    }
    let others: Vec<String> =
        ground.fleet.models.rows.values().filter(|model| model.status.is_on()).map(Model::name).collect();
    if others.len() >= RUNNING_QUOTA {
        notes.push(Note::warning(format!(
            "{} are on already ({}); AWS's default quota is {RUNNING_QUOTA}, and beyond an account's quota it refuses.",
            words::count(others.len() as u64, "model"),
            others.join(", ")
        )));
    }
}

fn about_mappings(notes: &mut Vec<Note>, mappings: &[String], model: &ModelArn, ground: Ground<'_>) {
    let wiring = &ground.picture.wiring;
    if mappings.is_empty() {
        notes.push(Note::warning("No mapping is known to serve it: it will run, and nothing will feed it."));
    }
    for (uuid, wire) in &wiring.guesses_by_mapping {
        if wire.model == *model {
            notes.push(Note::warning(format!(
                "The mapping {uuid} may serve it, by its name alone; it is left as it is."
            )));
        }
    }
    for (uuid, models) in &wiring.contested {
        if models.contains(model) {
            notes.push(Note::warning(format!("The mapping {uuid} is claimed by several models; it is left as it is.")));
        }
    }
}
