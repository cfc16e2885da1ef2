//! Steps: one goal each, with what is seen of it deciding what to do. So a step that was interrupted anywhere, or whose
//! answer was lost, is settled by reading and never by repeating blindly.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::stack::StackStep;
use super::start::is_automatic;
use crate::domain::mapping::MappingState;
use crate::domain::model::{ModelArn, Status};
use crate::domain::notification::{Notification, Notifications};
use crate::domain::queue::name_in;
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::timing::Timing;
use crate::domain::words;

/// One goal of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// Create the one-time schedule that stops the model by itself.
    Arrange {
        /// The schedule, complete.
        stop: Box<Schedule>,
        /// Whether to go on without it if it is not allowed: then the operation stops the model itself.
        optional: bool,
    },
    /// StartProjectVersion.
    Start {
        /// The model.
        model: ModelArn,
        /// The inference units to start with.
        min_units: u32,
        /// The ceiling of inference units.
        max_units: Option<u32>,
    },
    /// Wait until it is RUNNING.
    AwaitRunning {
        /// The model.
        model: ModelArn,
    },
    /// Enable a mapping.
    Enable {
        /// Its UUID.
        mapping: String,
    },
    /// Wait until it is Enabled.
    AwaitEnabled {
        /// Its UUID.
        mapping: String,
    },
    /// Wait until it is time to stop, as no schedule could be arranged that would.
    Hold {
        /// Until then.
        until: DateTime<Utc>,
    },
    /// Disable a mapping.
    Disable {
        /// Its UUID.
        mapping: String,
    },
    /// Wait until it is Disabled.
    AwaitDisabled {
        /// Its UUID.
        mapping: String,
    },
    /// Wait until nothing is in flight any more; bounded.
    Drain {
        /// The queue's ARN.
        queue: String,
    },
    /// StopProjectVersion.
    Stop {
        /// The model.
        model: ModelArn,
    },
    /// Wait until it is STOPPED.
    AwaitStopped {
        /// The model.
        model: ModelArn,
    },
    /// Delete an automatic stop that has become pointless.
    Remove {
        /// The schedule.
        stop: Box<Schedule>,
        /// Only if this model is not on.
        unless_on: Option<ModelArn>,
    },
    /// Replace a schedule by another state of itself.
    Replace {
        /// As it was seen.
        before: Box<Schedule>,
        /// As it shall be.
        after: Box<Schedule>,
    },
    /// Create a schedule.
    Create {
        /// The schedule, complete.
        schedule: Box<Schedule>,
    },
    /// Delete a schedule.
    Delete {
        /// As it was seen.
        schedule: Box<Schedule>,
    },
    /// Wait for a time in which a rule does not fire, so that what takes its place takes it between two fires.
    AwaitQuiet {
        /// The rule.
        rule: Box<Schedule>,
    },
    /// Enable or disable a rule.
    Switch {
        /// As it was seen.
        rule: Box<Schedule>,
        /// Whether it shall fire.
        enabled: bool,
    },
    /// Something about a stack.
    Stack(StackStep),
    /// Have a bucket tell a queue of new images, or of nothing any more.
    Notify {
        /// The bucket's name.
        bucket: String,
        /// The queue's ARN.
        queue: String,
        /// Whether the queue shall be told.
        told: bool,
        /// What the bucket told when somebody looked; what it tells by then decides.
        seen: Box<Notifications>,
    },
}

/// What a step's goal looks like now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Observed {
    /// A model.
    Model {
        /// Its status.
        status: Status,
        /// What AWS says beside it.
        message: Option<String>,
    },
    /// A mapping.
    Mapping {
        /// Its state.
        state: MappingState,
        /// Why it is in that state.
        reason: Option<String>,
    },
    /// A queue.
    Queue {
        /// Messages that are being worked on.
        in_flight: u64,
    },
    /// A schedule or rule, or that there is none; with whether its model is on, where that matters.
    Schedule {
        /// With every field.
        found: Option<Box<Schedule>>,
        /// Whether the model in question is on.
        on: bool,
    },
    /// A stack.
    Stack {
        /// Its status, in CloudFormation's words.
        status: String,
        /// How far the change set is, if there is one.
        execution: Option<String>,
        /// How far it is, in a few words.
        words: String,
        /// What went wrong first, if something did.
        cause: Option<String>,
    },
    /// An object in S3.
    Object {
        /// Whether it is there, as far as may be seen.
        found: bool,
    },
    /// A bucket.
    Bucket {
        /// What it tells, and whom.
        notifications: Box<Notifications>,
    },
    /// Nothing but the time.
    Time,
    /// It does not exist.
    Gone,
}

impl Observed {
    /// In a few words, for the journal.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Model { status, .. } => status.to_string(),
            Self::Mapping { state, .. } => state.to_string(),
            Self::Queue { in_flight } => format!("{in_flight} in flight"),
            Self::Schedule { found: Some(schedule), .. } => match (&schedule.start, schedule.enabled) {
                (Some(start), true) => format!("{} from {}", schedule.state, start.to_rfc3339()),
                _ => schedule.state.clone(),
            },
            Self::Schedule { found: None, .. } => "not there".into(),
            Self::Stack { status, .. } => status.clone(),
            Self::Object { found } => if *found { "there" } else { "not there" }.into(),
            Self::Bucket { notifications } => words::count(notifications.rows.len() as u64, "notification"),
            Self::Time => String::new(),
            Self::Gone => "gone".into(),
        }
    }
}

/// What is known of a step besides.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The time.
    pub now: DateTime<Utc>,
    /// When the step began.
    pub began: DateTime<Utc>,
    /// How often its write was tried.
    pub writes: u32,
    /// When it was last tried.
    pub wrote: Option<DateTime<Utc>>,
    /// Whether AWS answered the last try with success.
    pub accepted: bool,
    /// What was seen before the first try.
    pub before: Option<Observed>,
    /// Whether the operator wants to go on without waiting longer.
    pub go_on: bool,
}

/// What to do next about a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The goal is reached; how, in a few words.
    Done(String),
    /// Make the call.
    Write,
    /// Look again after so long; what for, in a few words.
    Wait(TimeDelta, String),
    /// It takes unusually long: leave it as unfinished, to be resumed.
    Leave(String),
    /// It cannot be reached; why, and what that means.
    Fail(String),
}

/// After this long without an effect a lost start is not tried again: a model can start and be stopped in less.
const SETTLED: TimeDelta = TimeDelta::minutes(2);
/// A start takes up to half an hour (the scheduler sample's README); longer than this is no longer usual.
const START_PATIENCE: TimeDelta = TimeDelta::minutes(45);
/// How long a stop may take.
const STOP_PATIENCE: TimeDelta = TimeDelta::minutes(30);
/// How long a mapping may be in transition: what other tools wait.
const MAPPING_PATIENCE: TimeDelta = TimeDelta::minutes(10);
/// How long messages in flight are waited for.
pub const DRAIN_PATIENCE: TimeDelta = TimeDelta::minutes(10);
/// How often a write that can be repeated is tried.
const TRIES: u32 = 8;

fn model_pause() -> TimeDelta {
    TimeDelta::seconds(10)
}

fn mapping_pause() -> TimeDelta {
    TimeDelta::seconds(3)
}

impl Step {
    /// What it does, as a line of a plan.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Arrange { stop, .. } => {
                format!("Arrange the automatic stop: {} {}", stop.path(), stop.expression.as_deref().unwrap_or(""))
            }
            Self::Start { min_units, max_units, .. } => match max_units {
                Some(max) => format!("StartProjectVersion with {min_units} to {max} inference units"),
                None => format!("StartProjectVersion with {}", words::count(u64::from(*min_units), "inference unit")),
            },
            Self::AwaitRunning { .. } => "Wait until it is RUNNING".into(),
            Self::Enable { mapping } => format!("Enable the mapping {mapping}"),
            Self::AwaitEnabled { .. } => "Wait until it is Enabled".into(),
            Self::Hold { .. } => "Hold it until it is time to stop, as long as rekotui is open".into(),
            Self::Disable { mapping } => format!("Disable the mapping {mapping}"),
            Self::AwaitDisabled { .. } => "Wait until it is Disabled".into(),
            Self::Drain { queue } => format!("Wait until nothing of {} is in flight", name_in(queue)),
            Self::Stop { .. } => "StopProjectVersion".into(),
            Self::AwaitStopped { .. } => "Wait until it is STOPPED".into(),
            Self::Remove { stop, .. } if is_automatic(stop) => format!("Remove the automatic stop {}", stop.path()),
            Self::Remove { stop: schedule, .. } | Self::Delete { schedule } => format!("Delete {}", schedule.path()),
            Self::Create { schedule } => {
                let off = if schedule.enabled { "" } else { ", DISABLED" };
                format!("Create {}: {}{off}", schedule.path(), schedule.expression.as_deref().unwrap_or_default())
            }
            Self::AwaitQuiet { rule } => format!("Wait until {} does not fire for a few minutes", rule.path()),
            Self::Replace { before, after } => format!("Update {}: {}", before.path(), change(before, after)),
            Self::Switch { rule, enabled: true } => format!("Enable {}", rule.path()),
            Self::Switch { rule, enabled: false } => format!("Disable {}", rule.path()),
            Self::Stack(step) => step.title(),
            Self::Notify { bucket, queue, told: true, .. } => {
                format!("Have the bucket {bucket} tell the queue {} of new images", name_in(queue))
            }
            Self::Notify { bucket, queue, told: false, .. } => {
                format!("Have the bucket {bucket} tell the queue {} of nothing any more", name_in(queue))
            }
        }
    }

    /// The ARN or UUID of what it changes; nothing for a step that only waits.
    #[must_use]
    pub fn changes(&self) -> Option<String> {
        match self {
            Self::Start { model, .. } | Self::Stop { model } => Some(model.to_string()),
            Self::Enable { mapping } | Self::Disable { mapping } => Some(mapping.clone()),
            Self::Arrange { stop, .. } | Self::Remove { stop, .. } => Some(stop.arn.clone()),
            Self::Replace { before, .. } => Some(before.arn.clone()),
            Self::Create { schedule } | Self::Delete { schedule } => Some(schedule.arn.clone()),
            Self::Switch { rule, .. } => Some(rule.arn.clone()),
            Self::Stack(step) => step.changes(),
            Self::Notify { bucket, .. } => Some(format!("s3://{bucket}")),
            _ => None,
        }
    }

    /// Whether it may make a call that changes something.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.changes().is_some()
    }

    /// What to do next, from what is seen.
    #[must_use]
    pub fn decide(&self, seen: &Observed, at: &Situation) -> Decision {
        match (self, seen) {
            (Self::Start { .. }, Observed::Model { status, message }) => start(status, message.as_deref(), at),
            (Self::AwaitRunning { .. }, Observed::Model { status, message }) => running(status, message.as_deref(), at),
            (Self::Stop { .. }, Observed::Model { status, .. }) => stop(status, at),
            (Self::AwaitStopped { .. }, Observed::Model { status, .. }) => match status {
                Status::Stopping | Status::Running => patiently(at, STOP_PATIENCE, model_pause(), "stopping"),
                Status::Starting => Decision::Fail("Somebody has started it again meanwhile.".into()),
                other => Decision::Done(other.to_string()),
            },
            (Self::Enable { .. }, Observed::Mapping { state, .. }) => switch(state, true, at),
            (Self::Disable { .. }, Observed::Mapping { state, .. }) => switch(state, false, at),
            (Self::AwaitEnabled { .. }, Observed::Mapping { state, reason }) => {
                switched(state, reason.as_deref(), true, at)
            }
            (Self::AwaitDisabled { .. }, Observed::Mapping { state, reason }) => {
                switched(state, reason.as_deref(), false, at)
            }
            (Self::Drain { .. }, Observed::Queue { in_flight }) => drained(*in_flight, at),
            (Self::Hold { until }, _) => hold(*until, at),
            (Self::Arrange { stop, .. }, Observed::Schedule { found, .. }) => arranged(stop, found.as_deref(), at),
            (Self::Remove { unless_on, .. }, Observed::Schedule { found, on }) => match found {
                None => Decision::Done("it is not there any more".into()),
                Some(_) if unless_on.is_some() && *on => Decision::Done("kept, because the model is on".into()),
                Some(_) => repeatedly(at),
            },
            (Self::Replace { before, after }, Observed::Schedule { found, .. }) => {
                replaced(before, after, found.as_deref(), at)
            }
            (Self::Create { schedule }, Observed::Schedule { found, .. }) => created(schedule, found.as_deref(), at),
            (Self::Delete { schedule }, Observed::Schedule { found, .. }) => deleted(schedule, found.as_deref(), at),
            (Self::AwaitQuiet { rule }, _) => quiet(rule, at),
            (Self::Stack(step), _) => step.decide(seen, at),
            (Self::Notify { bucket, queue, told, .. }, Observed::Bucket { notifications }) => {
                notified(bucket, queue, *told, notifications, at)
            }
            (Self::Notify { told: false, .. }, Observed::Gone) => Decision::Done("it is gone".into()),
            (Self::Switch { rule, enabled }, Observed::Schedule { found, .. }) => match found {
                None => Decision::Fail(format!("{} is gone.", rule.path())),
                Some(found) if found.enabled == *enabled => Decision::Done(found.state.clone()),
                Some(_) => repeatedly(at),
            },
            (Self::Disable { .. } | Self::AwaitDisabled { .. } | Self::Drain { .. }, Observed::Gone) => {
                Decision::Done("it is gone".into())
            }
            (Self::Stop { .. } | Self::AwaitStopped { .. }, Observed::Gone) => Decision::Done("it is gone".into()),
            (_, Observed::Gone) => Decision::Fail("It does not exist any more.".into()),
            _ => Decision::Fail("Something else was found than what was asked for.".into()),
        }
    }
}

/// What else the bucket tells stays, whoever has put it there since.
fn notified(bucket: &str, queue: &str, told: bool, seen: &Notifications, at: &Situation) -> Decision {
    if seen.reach(queue) == told {
        return Decision::Done(if told { "it tells it" } else { "it tells it nothing" }.into());
    }
    match seen.in_the_way_of(queue).filter(|_| told) {
        Some(other) => Decision::Fail(in_the_way(bucket, other)),
        None => repeatedly(at),
    }
}

/// Why a bucket cannot tell a queue of images.
pub(super) fn in_the_way(bucket: &str, other: &Notification) -> String {
    format!(
        "The bucket {bucket} tells {}, and S3 tells of an object only once. Change that, or take another bucket for the \
         images: --images.",
        other.words()
    )
}

fn failed(message: Option<&str>) -> String {
    match message {
        Some(message) => format!("The start has failed. AWS says: {message}"),
        None => "The start has failed, and AWS does not say why.".into(),
    }
}

fn start(status: &Status, message: Option<&str>, at: &Situation) -> Decision {
    match status {
        Status::Starting | Status::Running if at.writes == 0 => Decision::Done(format!("it is {status} already")),
        Status::Starting | Status::Running => Decision::Done(status.to_string()),
        Status::Stopping => patiently(at, STOP_PATIENCE, model_pause(), "still stopping; it can be started after that"),
        // What AWS has accepted may take a moment to be seen.
        other if at.accepted && other.can_start() && *other != Status::Failed && recent(at) => {
            Decision::Wait(TimeDelta::seconds(5), "accepted, and not seen to start yet".into())
        }
        // The start took effect if AWS said so, or if the status could only come from it.
        Status::Failed if at.writes > 0 => Decision::Fail(failed(message)),
        _ if at.accepted => Decision::Fail(format!("It was started, and is {status} now: somebody has stopped it.")),
        _ if !status.can_start() => Decision::Fail(format!("A model that is {status} cannot be started.")),
        _ if at.writes == 0 => Decision::Write,
        _ if !recent(at) => Decision::Fail(format!(
            "Nobody knows whether the start took effect: its answer was lost, and the model is {status}. It was not \
             started a second time; start it again if it is still wanted."
        )),
        _ => repeatedly(at),
    }
}

fn recent(at: &Situation) -> bool {
    at.wrote.is_some_and(|wrote| at.now - wrote <= SETTLED)
}

fn running(status: &Status, message: Option<&str>, at: &Situation) -> Decision {
    match status {
        Status::Running => Decision::Done("RUNNING".into()),
        Status::Starting => patiently(at, START_PATIENCE, model_pause(), "starting"),
        Status::Failed => Decision::Fail(failed(message)),
        other => Decision::Fail(format!("It is {other}: somebody has stopped it meanwhile.")),
    }
}

fn stop(status: &Status, at: &Situation) -> Decision {
    match status {
        Status::Running => repeatedly(at),
        // StopProjectVersion is refused until then.
        Status::Starting => {
            patiently(at, START_PATIENCE, model_pause(), "still starting; it can be stopped after that")
        }
        other if at.writes == 0 => Decision::Done(format!("it is {other} already")),
        other => Decision::Done(other.to_string()),
    }
}

fn switch(state: &MappingState, on: bool, at: &Situation) -> Decision {
    let (goal, way) = if on {
        (MappingState::Enabled, MappingState::Enabling)
    } else {
        (MappingState::Disabled, MappingState::Disabling)
    };
    match state {
        state if *state == goal && at.writes == 0 => Decision::Done(format!("it is {state} already")),
        state if *state == goal || *state == way => Decision::Done(state.to_string()),
        MappingState::Deleting => Decision::Fail("The mapping is being deleted.".into()),
        state if state.in_transition() => {
            patiently(at, MAPPING_PATIENCE, mapping_pause(), &format!("{state}; Lambda takes no change until then"))
        }
        _ => repeatedly(at),
    }
}

fn switched(state: &MappingState, reason: Option<&str>, on: bool, at: &Situation) -> Decision {
    let (goal, opposite) = if on {
        (MappingState::Enabled, MappingState::Disabled)
    } else {
        (MappingState::Disabled, MappingState::Enabled)
    };
    match state {
        state if *state == goal => Decision::Done(state.to_string()),
        // Lambda may still tell the former state for a moment.
        state if *state == opposite && at.now - at.began > TimeDelta::minutes(1) => {
            let why = reason.map(|reason| format!(" Lambda says: {reason}.")).unwrap_or_default();
            Decision::Fail(format!("The mapping is {state} again: somebody else has switched it.{why}"))
        }
        state => patiently(at, MAPPING_PATIENCE, mapping_pause(), &state.to_string()),
    }
}

fn drained(in_flight: u64, at: &Situation) -> Decision {
    let messages = words::count(in_flight, "message");
    match in_flight {
        0 => Decision::Done("nothing in flight".into()),
        _ if at.go_on => Decision::Done(format!("went on with {messages} in flight; they return to the queue")),
        _ if at.now - at.began > DRAIN_PATIENCE => Decision::Done(format!(
            "{messages} still in flight after {}; they return to the queue",
            words::span(DRAIN_PATIENCE)
        )),
        _ => Decision::Wait(TimeDelta::seconds(5), format!("{messages} in flight")),
    }
}

fn hold(until: DateTime<Utc>, at: &Situation) -> Decision {
    if at.now >= until {
        return Decision::Done("it is time".into());
    }
    let left = until - at.now;
    Decision::Wait(left.min(TimeDelta::seconds(30)), format!("stops in {}, while rekotui is open", words::span(left)))
}

fn arranged(stop: &Schedule, found: Option<&Schedule>, at: &Situation) -> Decision {
    let Some(found) = found else { return repeatedly(at) };
    let same = found.expression == stop.expression
        && found.zone == stop.zone
        && found.enabled
        && found.targets.first().map(|target| (&target.arn, &target.input))
            == stop.targets.first().map(|target| (&target.arn, &target.input));
    if same {
        Decision::Done("arranged".into())
    } else {
        Decision::Fail(format!("There is another schedule named {} already.", found.path()))
    }
}

fn replaced(before: &Schedule, after: &Schedule, found: Option<&Schedule>, at: &Situation) -> Decision {
    let Some(found) = found else { return Decision::Fail(format!("{} is gone.", before.path())) };
    let as_if = |wanted: &Schedule| as_kept(wanted, found);
    if *found == as_if(after) {
        return Decision::Done("read back and compared: every field is as planned".into());
    }
    // A step before this one may have written it too: when it was written last is no difference.
    if *found == as_if(before) {
        return repeatedly(at);
    }
    let lines = super::seen::differences(before, found).join("; ");
    Decision::Fail(format!(
        "{} was changed by somebody else meanwhile ({lines}). Nothing was overwritten.",
        before.path()
    ))
}

fn created(wanted: &Schedule, found: Option<&Schedule>, at: &Situation) -> Decision {
    let Some(found) = found else { return repeatedly(at) };
    let as_found = as_created(wanted, found);
    if *found == as_found {
        return Decision::Done("read back and compared: every field is as planned".into());
    }
    let lines = super::seen::differences(&as_found, found).join("; ");
    Decision::Fail(format!("There is another schedule named {} already ({lines}).", found.path()))
}

/// A wanted state as AWS keeps it: with its times, and, if it was never read but made here, with the retry policy and the
/// zone that AWS fills in where none was given.
#[must_use]
pub fn as_kept(wanted: &Schedule, found: &Schedule) -> Schedule {
    let kept = Schedule { modified: found.modified, ..wanted.clone() };
    if wanted.created.is_some() || wanted.kind == Kind::Rule { kept } else { as_created(&kept, found) }
}

/// What was asked for, with what AWS fills in by itself: times, and a retry policy where none was given.
pub(super) fn as_created(wanted: &Schedule, found: &Schedule) -> Schedule {
    let filled = |(wanted, found): (&Target, &Target)| Target {
        max_event_age_seconds: wanted.max_event_age_seconds.or(found.max_event_age_seconds),
        max_retries: wanted.max_retries.or(found.max_retries),
        ..wanted.clone()
    };
    let mut targets: Vec<Target> = wanted.targets.iter().zip(&found.targets).map(filled).collect();
    targets.extend(wanted.targets.iter().skip(found.targets.len()).cloned());
    Schedule {
        created: found.created,
        modified: found.modified,
        zone: wanted.zone.clone().or_else(|| found.zone.clone().filter(|zone| zone == "UTC")),
        targets,
        ..wanted.clone()
    }
}

fn deleted(seen: &Schedule, found: Option<&Schedule>, at: &Situation) -> Decision {
    let Some(found) = found else { return Decision::Done("it is not there any more".into()) };
    let as_found = Schedule { created: found.created, ..as_created(seen, found) };
    if *found == as_found {
        return repeatedly(at);
    }
    let lines = super::seen::differences(&as_found, found).join("; ");
    Decision::Fail(format!("{} was changed by somebody else meanwhile ({lines}). It was not deleted.", seen.path()))
}

/// Around a fire that is as near as this, nothing takes its place: two calls need a while, and AWS fires up to a minute
/// late (EventBridge Scheduler user guide: one-minute precision).
const QUIET: (TimeDelta, TimeDelta) = (TimeDelta::minutes(2), TimeDelta::minutes(5));

fn quiet(rule: &Schedule, at: &Situation) -> Decision {
    let next = Timing::of(rule).and_then(|timing| timing.next_after(at.now - QUIET.0));
    match next {
        Some(next) if next <= at.now + QUIET.1 => Decision::Wait(
            (next + QUIET.0 - at.now).clamp(TimeDelta::seconds(1), TimeDelta::minutes(1)),
            format!("it fires at {}; after that", next.format("%H:%M UTC")),
        ),
        _ => Decision::Done("no fire is near".into()),
    }
}

/// Makes a call that may be repeated, a few times.
pub(super) fn repeatedly(at: &Situation) -> Decision {
    if at.writes < TRIES {
        return Decision::Write;
    }
    Decision::Leave(format!("It was tried {} times without effect.", at.writes))
}

pub(super) fn patiently(at: &Situation, patience: TimeDelta, pause: TimeDelta, words_for: &str) -> Decision {
    let passed = at.now - at.began;
    if passed > patience {
        return Decision::Leave(format!("It is {words_for}, and has been for {}.", words::span(passed)));
    }
    Decision::Wait(pause, words_for.to_owned())
}

/// What an update changes, in a few words.
fn change(before: &Schedule, after: &Schedule) -> String {
    let mut parts = Vec::new();
    if before.enabled != after.enabled {
        parts.push(if after.enabled { "ENABLED".to_owned() } else { "DISABLED".to_owned() });
    }
    if before.start != after.start {
        parts.push(match after.start {
            Some(start) => format!("not before {}", start.format("%Y-%m-%d %H:%M UTC")),
            None => "without StartDate".into(),
        });
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "UTC".into());
    for (before, after) in [(&before.expression, &after.expression), (&before.zone, &after.zone)] {
        if before != after {
            parts.push(format!("{} → {}", said(before), said(after)));
        }
    }
    let input = |schedule: &Schedule| schedule.targets.first().and_then(|target| target.input.clone());
    if let Some(now) = input(after).filter(|now| input(before).as_ref() != Some(now)) {
        parts.push(format!("Input {now}"));
    }
    if parts.is_empty() { differences_or_nothing(before, after) } else { parts.join(", ") }
}

fn differences_or_nothing(before: &Schedule, after: &Schedule) -> String {
    let lines = super::seen::differences(before, after);
    if lines.is_empty() { "as it is".into() } else { lines.join(", ") }
}

impl Step {
    /// The same as a command of the AWS CLI; nothing for a step that only waits.
    #[must_use]
    pub fn aws_command(&self) -> Option<String> {
        let on = |enabled: bool| if enabled { "--enabled" } else { "--no-enabled" };
        match self {
            Self::Start { model, min_units, max_units } => {
                let max = max_units.map(|max| format!(" --max-inference-units {max}")).unwrap_or_default();
                Some(format!(
                    "aws rekognition start-project-version --project-version-arn {model} --min-inference-units {min_units}{max}"
                ))
            }
            Self::Stop { model } => Some(format!("aws rekognition stop-project-version --project-version-arn {model}")),
            Self::Enable { mapping } => {
                Some(format!("aws lambda update-event-source-mapping --uuid {mapping} {}", on(true)))
            }
            Self::Disable { mapping } => {
                Some(format!("aws lambda update-event-source-mapping --uuid {mapping} {}", on(false)))
            }
            Self::Remove { stop: schedule, .. } | Self::Delete { schedule } => {
                Some(format!("aws scheduler delete-schedule --group-name {} --name {}", schedule.group, schedule.name))
            }
            Self::Switch { rule, enabled } => {
                let verb = if *enabled { "enable-rule" } else { "disable-rule" };
                Some(format!("aws events {verb} --event-bus-name {} --name {}", rule.group, rule.name))
            }
            Self::Arrange { stop: schedule, .. } | Self::Create { schedule } => {
                Some(schedule_command("create-schedule", schedule))
            }
            Self::Stack(step) => step.aws_command(),
            Self::Notify { bucket, queue, told, seen } => {
                let after = if *told { seen.with(queue) } else { seen.without(queue) };
                Some(format!(
                    "aws s3api put-bucket-notification-configuration --bucket {bucket} --notification-configuration {}",
                    quoted(&after.json().to_string())
                ))
            }
            Self::Replace { after, .. } if after.kind == Kind::Rule => Some(rule_command(after)),
            Self::Replace { after, .. } if after.kind == Kind::Schedule => {
                Some(schedule_command("update-schedule", after))
            }
            _ => None,
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn rule_command(rule: &Schedule) -> String {
    let members = [
        ("schedule-expression", &rule.expression),
        ("event-pattern", &rule.event_pattern),
        ("description", &rule.description),
        ("role-arn", &rule.role_arn),
    ];
    let said = members.into_iter().filter_map(|(name, value)| Some(format!(" --{name} {}", quoted(value.as_deref()?))));
    let said: String = said.collect();
    format!("aws events put-rule --event-bus-name {} --name {} --state {}{said}", rule.group, rule.name, rule.state)
}

fn schedule_command(verb: &str, schedule: &Schedule) -> String {
    let mut words = vec![
        format!("aws scheduler {verb} --group-name {} --name {}", schedule.group, schedule.name),
        format!("--schedule-expression {}", quoted(schedule.expression.as_deref().unwrap_or_default())),
        format!("--state {}", schedule.state),
    ];
    if let Some(zone) = &schedule.zone {
        words.push(format!("--schedule-expression-timezone {zone}"));
    }
    if let Some(start) = schedule.start {
        words.push(format!("--start-date {}", start.to_rfc3339()));
    }
    if let Some(end) = schedule.end {
        words.push(format!("--end-date {}", end.to_rfc3339()));
    }
    if let Some(description) = &schedule.description {
        words.push(format!("--description {}", quoted(description)));
    }
    if let Some(key) = &schedule.kms_key_arn {
        words.push(format!("--kms-key-arn {key}"));
    }
    if schedule.deletes_itself {
        words.push("--action-after-completion DELETE".into());
    }
    let window = match schedule.flexible_minutes {
        Some(minutes) => serde_json::json!({"Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes}),
        None => serde_json::json!({"Mode": "OFF"}),
    };
    words.push(format!("--flexible-time-window {}", quoted(&window.to_string())));
    if let Some(target) = schedule.targets.first() {
        words.push(format!("--target {}", quoted(&target_json(target).to_string())));
    }
    words.join(" ")
}

fn target_json(target: &crate::domain::schedule::Target) -> serde_json::Value {
    let mut json = serde_json::Map::new();
    json.insert("Arn".into(), target.arn.clone().into());
    let mut put = |name: &str, value: Option<serde_json::Value>| {
        if let Some(value) = value {
            json.insert(name.into(), value);
        }
    };
    put("RoleArn", target.role_arn.clone().map(Into::into));
    put("Input", target.input.clone().map(Into::into));
    put("DeadLetterConfig", target.dead_letter_arn.as_ref().map(|arn| serde_json::json!({"Arn": arn})));
    let retry: serde_json::Map<String, serde_json::Value> =
        [("MaximumEventAgeInSeconds", target.max_event_age_seconds), ("MaximumRetryAttempts", target.max_retries)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
            .collect();
    put("RetryPolicy", (!retry.is_empty()).then(|| retry.into()));
    for (name, value) in &target.parameters {
        put(name, Some(value.clone()));
    }
    json.into()
}
