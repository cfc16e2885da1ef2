//! What the commands that change something are given.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::deploy::{Deploy, Undeploy};
use super::week::Window;
use crate::domain::asked;
use crate::domain::model::ModelArn;
use crate::domain::plan::{End, Ground, Starting, USUAL_LENGTH, Units};

/// The commands that change something, or tell of it.
#[derive(Clone, Debug, Subcommand)]
pub enum Act {
    /// Start a model: its end is arranged first, its mappings are enabled once it runs
    Start(Start),
    /// Stop a model: its mappings are disabled and drained first
    Stop {
        /// The model: ARN, project/version, or a part of that which fits one alone
        model: String,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Pause a schedule or rule, so that it does not fire
    Pause {
        /// The schedule or rule: ARN, group/name, rule/name, or a part that fits one alone; several may be given
        #[arg(required = true)]
        schedules: Vec<String>,
        /// Until then: 2026-12-27, or '2026-12-27 08:00', in the schedule's own zone [default: until it is unpaused]
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Let a paused schedule or rule fire again
    Unpause {
        /// The schedule or rule: ARN, group/name, rule/name, or a part that fits one alone; several may be given
        #[arg(required = true)]
        schedules: Vec<String>,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Carry on an operation that was left unfinished
    Resume {
        /// Its id [default: the only one there is]
        operation: Option<String>,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Give up an operation that was left unfinished; what it has done stays done
    Abandon {
        /// Its id [default: the only one there is]
        operation: Option<String>,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Show or set the week of a model: when it is ready, in which zone, with which exceptions
    Window(Box<Window>),
    /// Give one schedule or rule another expression or zone, whatever it says
    Edit {
        /// The schedule or rule: ARN, group/name, rule/name, or a part of that which fits one alone
        schedule: String,
        /// Its expression: cron(…), rate(…), at(…)
        #[arg(long, value_name = "EXPRESSION")]
        expression: Option<String>,
        /// The zone of its times
        #[arg(long = "zone", value_name = "ZONE")]
        zone_wanted: Option<Tz>,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Move a rule to a schedule, which has a time zone, skips days and can be paused until a date
    Migrate {
        /// The rule: ARN, rule/name, or a part of that which fits one alone
        rule: String,
        /// Let it follow the clocks of this zone from now on, at the times at which it fires there now [default: UTC]
        #[arg(long = "zone", value_name = "ZONE")]
        zone_wanted: Option<Tz>,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Put back what a pause, an unpause, an edit or a move has changed
    Undo {
        /// Its id
        operation: String,
        /// How to go about it.
        #[command(flatten)]
        manner: Manner,
    },
    /// Put the scheduled side into the account: the functions that start and stop models, or a model's pipeline
    Deploy(Box<Deploy>),
    /// Take a stack out again: models are left stopped
    Undeploy(Undeploy),
    /// What was asked for on this workstation, and what came of it
    Journal {
        /// Only this operation, with its steps
        operation: Option<String>,
        /// How many
        #[arg(long, default_value_t = 20, value_name = "N")]
        last: usize,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

impl Act {
    /// Whether it needs the account to be read first.
    #[must_use]
    pub fn needs_fleet(&self) -> bool {
        match self {
            Self::Resume { .. } | Self::Abandon { .. } | Self::Journal { .. } => false,
            Self::Deploy(ask) => ask.needs_fleet(),
            _ => true,
        }
    }
}

/// What a start is given.
#[derive(Args, Clone, Debug)]
pub struct Start {
    /// The model: ARN, project/version, or a part of that which fits one alone
    pub model: String,
    /// Inference units to start with [default: those of its startup schedule, else of its last run, else 1]
    #[arg(long, value_name = "N")]
    pub units: Option<u32>,
    /// Up to so many inference units if AWS scales it
    #[arg(long, value_name = "N")]
    pub max_units: Option<u32>,
    /// Stop it after so long: 3h, 90m, 1h30m [default: 2h, or the scheduled stop inside a window]
    #[arg(long = "for", value_name = "LENGTH", conflicts_with_all = ["until", "at_scheduled_stop", "no_stop"])]
    pub length: Option<String>,
    /// Stop it at this time: 20:00, or '2026-12-27 08:00'
    #[arg(long, value_name = "TIME", conflicts_with_all = ["at_scheduled_stop", "no_stop"])]
    pub until: Option<String>,
    /// Let its next scheduled stop stop it
    #[arg(long, conflicts_with = "no_stop")]
    pub at_scheduled_stop: bool,
    /// Arrange no stop
    #[arg(long)]
    pub no_stop: bool,
    /// Start it even if no stop can be arranged; then it is stopped as long as rekotui is open
    #[arg(long, conflicts_with = "no_stop")]
    pub emergency: bool,
    /// How to go about it.
    #[command(flatten)]
    pub manner: Manner,
}

/// How a command goes about it.
#[derive(Args, Clone, Debug)]
pub struct Manner {
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Wait until it is done (this is the default)
    #[arg(long, conflicts_with = "no_wait")]
    pub wait: bool,
    /// Leave as soon as there is only waiting left; 'rekotui resume' carries it on
    #[arg(long)]
    pub no_wait: bool,
    /// Leave after so long: 30m, 1h
    #[arg(long, value_name = "LENGTH", value_parser = asked::length)]
    pub timeout: Option<TimeDelta>,
    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON object a line: the plan, each change, the end
    #[arg(long)]
    pub json: bool,
}

impl Start {
    /// What that asks for.
    ///
    /// # Errors
    /// When a length or time is none.
    pub fn asked(&self, ground: Ground<'_>, model: &ModelArn) -> Result<Starting, String> {
        let end = match (&self.length, &self.until) {
            (Some(length), _) => End::At(ground.now + asked::length(length)?),
            (None, Some(until)) => End::At(time(until, ground.now, ground.zone)?),
            (None, None) if self.at_scheduled_stop => End::Scheduled,
            (None, None) if self.no_stop => End::Never,
            (None, None) if self.emergency => End::At(ground.now + USUAL_LENGTH),
            (None, None) => End::usual(ground, model),
        };
        let usual = Units::usual(ground, model);
        let units = match (self.units, self.max_units) {
            (None, None) => usual,
            (Some(min), max) => Units { min, max: max.or(usual.max.filter(|max| *max > min)) },
            (None, Some(max)) => Units { min: usual.min, max: Some(max) },
        };
        Ok(Starting { units: Some(units), end, emergency: self.emergency })
    }
}

/// A time as it was typed.
pub(super) fn time(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, String> {
    asked::time(text, now, zone)
}
