//! Findings: what an operator should know, each with its reason and its remedy.
//!
//! A rule speaks only about parts of the fleet that were read: what is unknown is not the same as what is off.

mod mappings;
mod models;
mod schedules;
mod sight;
#[cfg(test)]
mod tests;
mod times;
mod usage;

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::fleet::{Fleet, PartName};
use super::model::{Model, ModelArn};
use super::picture::{ModelView, Picture};
use super::schedule::Schedule;
use super::wiring::{Aim, Effect};
use super::words;
use sight::Sight;
pub use usage::of_usage;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Needs a look.
    Warning,
    /// Wrong, costing money, or about to lose messages.
    Danger,
}

impl Severity {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// The rule that found something.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// The name that scripts get.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

rules! {
    /// A model runs outside every one of its windows.
    RunningOutsideWindows "running_outside_windows",
    /// A model runs and nothing will stop it.
    RunningWithoutStop "running_without_stop",
    /// A start or a training failed.
    ModelFailed "model_failed",
    /// More models are planned at once than the default quota lets run.
    TooManyAtOnce "too_many_at_once",
    /// A mapping feeds a function whose model does not run.
    MappingOnModelOff "mapping_on_model_off",
    /// A model runs and its mapping is off.
    MappingOffModelOn "mapping_off_model_on",
    /// Lambda changed a mapping by itself.
    MappingTrouble "mapping_trouble",
    /// Several models have equally good claims to a mapping.
    MappingContested "mapping_contested",
    /// Messages will be deleted before the next opening.
    BacklogOutlivesRetention "backlog_outlives_retention",
    /// The mapping is off for longer at a time than the queue keeps a message.
    ClosedBeyondRetention "closed_beyond_retention",
    /// Messages wait and nothing will take them.
    BacklogWithoutOpening "backlog_without_opening",
    /// A model is started by schedule and never stopped.
    StartsNeverStops "starts_never_stops",
    /// A model is stopped by schedule and never started.
    StopWithoutStart "stop_without_start",
    /// The stop is paused and the start is not.
    StopPausedStartNot "stop_paused_start_not",
    /// The start is paused and the stop is not.
    StartPaused "start_paused",
    /// All schedules of a model are paused.
    SchedulesPaused "schedules_paused",
    /// Some schedules could not be read, so it is not known what is missing.
    PlansUnclear "plans_unclear",
    /// A schedule aims at something that does not exist.
    TargetMissing "target_missing",
    /// An expression that AWS would not take.
    ExpressionInvalid "expression_invalid",
    /// A time zone that is not in the zone table.
    ZoneUnknown "zone_unknown",
    /// A fire that the spring's change of clocks will skip.
    SkippedByClocks "skipped_by_clocks",
    /// A rule in UTC whose local time will move.
    RuleInUtc "rule_in_utc",
    /// A model ran outside its windows this week.
    OverrunThisWeek "overrun_this_week",
    /// A model ran a whole weekend for which nothing was planned.
    RanAllWeekend "ran_all_weekend",
    /// A model runs and has had nothing to do for hours.
    IdleWhileRunning "idle_while_running",
    /// The windows of a model are far wider than its work.
    WindowTooWide "window_too_wide",
    /// A model has more inference units than its work shows a need for.
    UnitsAboveNeed "units_above_need",
    /// A model does not keep up with its queue.
    UnitsBelowNeed "units_below_need",
}

impl Rule {
    /// Whether it follows from measured usage ([`of_usage`]) rather than from the fleet alone.
    #[must_use]
    pub fn is_of_usage(self) -> bool {
        matches!(
            self,
            Self::OverrunThisWeek
                | Self::RanAllWeekend
                | Self::IdleWhileRunning
                | Self::WindowTooWide
                | Self::UnitsAboveNeed
                | Self::UnitsBelowNeed
        )
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A model.
    Model(ModelArn),
    /// A schedule or rule, by ARN.
    Schedule(String),
    /// A mapping, by UUID.
    Mapping(String),
    /// A part of the fleet as a whole.
    Part(PartName),
}

impl Subject {
    /// Its ARN or UUID; for a part its name.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Model(arn) => arn.as_str(),
            Self::Schedule(id) | Self::Mapping(id) => id,
            Self::Part(PartName::Projects) => "projects",
            Self::Part(PartName::Models) => "models",
            Self::Part(PartName::Mappings) => "mappings",
            Self::Part(PartName::Schedules) => "schedules",
            Self::Part(PartName::Rules) => "rules",
            Self::Part(PartName::Queues) => "queues",
            Self::Part(PartName::Functions) => "functions",
            Self::Part(PartName::Groups) => "groups",
            Self::Part(PartName::Activity) => "activity",
        }
    }
}

/// Something that an operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What is so, and what it means.
    pub sentence: String,
    /// How we know.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// Tells of a model whether everything that may be planned for it is known. The picture's wiring and timings are looked at,
/// nothing else of it.
pub(super) fn plans_known(fleet: &Fleet, picture: &Picture) -> impl Fn(&ModelArn) -> bool + use<> {
    let sight = Sight::of(fleet, picture);
    move |model| sight.of_plan(model)
}

/// All findings about a fleet, the worst first. The picture's own findings are not looked at.
pub(super) fn all(fleet: &Fleet, picture: &Picture, now: DateTime<Utc>, zone: Tz) -> Vec<Finding> {
    let context = Context { fleet, picture, sight: Sight::of(fleet, picture), now, zone };
    let mut findings = Vec::new();
    models::find(&context, &mut findings);
    mappings::find(&context, &mut findings);
    schedules::find(&context, &mut findings);
    times::find(&context, &mut findings);
    findings.sort_by(by_severity);
    findings
}

/// The order of findings: the worst first.
pub(super) fn by_severity(a: &Finding, b: &Finding) -> Ordering {
    (b.severity, a.rule, &a.subject).cmp(&(a.severity, b.rule, &b.subject))
}

/// What the rules look at.
struct Context<'a> {
    fleet: &'a Fleet,
    picture: &'a Picture,
    sight: Sight,
    now: DateTime<Utc>,
    zone: Tz,
}

impl<'a> Context<'a> {
    fn models(&self) -> impl Iterator<Item = (&'a Model, &'a ModelView)> {
        let picture = self.picture;
        self.fleet.models.rows.values().filter_map(|model| Some((model, picture.models.get(&model.arn)?)))
    }

    /// Whether what is planned for a model is known well enough to say that something is not there.
    fn knows_plan(&self, model: &ModelArn) -> bool {
        self.sight.of_plan(model)
    }

    /// The aims at a model with their schedules, enabled or not.
    fn aims(&self, model: &ModelArn) -> Vec<(&'a Aim, &'a Schedule)> {
        let aims = self.picture.wiring.aims_of(model).into_iter();
        aims.filter_map(|aim| Some((aim, self.fleet.schedule(&aim.schedule)?))).collect()
    }

    /// Those of a model's schedules that have this effect and will still fire once enabled.
    fn with_effect(&self, model: &ModelArn, wanted: fn(Effect) -> bool) -> Vec<&'a Schedule> {
        let aims = self.aims(model).into_iter().filter(|(aim, _)| wanted(aim.effect));
        aims.filter(|(_, schedule)| !self.picture.fires(&schedule.arn, self.now, 1).is_empty())
            .map(|(_, schedule)| schedule)
            .collect()
    }

    fn when(&self, at: DateTime<Utc>, zone: Tz) -> String {
        words::when(at, self.now, zone)
    }

    fn left(&self, at: DateTime<Utc>) -> String {
        words::span(at - self.now)
    }
}

fn is_start(effect: Effect) -> bool {
    matches!(effect, Effect::Start { .. })
}

fn is_stop(effect: Effect) -> bool {
    effect == Effect::Stop
}

fn units(model: &Model) -> String {
    words::count(model.min_units.unwrap_or(1).into(), "inference unit")
}

fn names(schedules: &[&Schedule]) -> String {
    schedules.iter().map(|schedule| schedule.path()).collect::<Vec<_>>().join(", ")
}
