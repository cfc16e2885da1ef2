//! Plans: what a start, a stop, a pause or a resume does, step by step, and what it means. Written once, for the screen,
//! the commands and the functions alike.
//!
//! A plan is made from a fleet and carried out by the `operation` room. It holds what the operator saw, so that nothing
//! is written once that no longer holds.

mod change;
mod edit;
mod migrate;
mod pause;
mod scheduled;
mod seen;
mod stack;
mod start;
mod step;
mod stop;
#[cfg(test)]
mod tests;
pub mod week;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::mapping::MappingState;
use super::model::{ModelArn, Status};

pub use change::Change;
pub use edit::{Editing, edit};
pub use migrate::migrate;
pub use pause::{Pausing, pause, put_back, resume};
pub use scheduled::{scheduled_start, scheduled_stop};
pub use seen::{Seen, SeenNow, differences};
pub use stack::{Site, StackStep, deploy, notify, undeploy};
pub use start::{AUTOMATIC, End, Starting, USUAL_LENGTH, Units, is_automatic, start};
pub use step::{Decision, Observed, Situation, Step, as_kept};
pub use stop::stop;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Intent {
    /// Start a model.
    Start {
        /// The model.
        model: ModelArn,
        /// Whether it is the emergency start.
        emergency: bool,
        /// The inference units.
        units: Units,
        /// When it is to end, if that is known.
        end: Option<DateTime<Utc>>,
    },
    /// Stop a model.
    Stop {
        /// The model.
        model: ModelArn,
    },
    /// Pause a schedule or rule.
    Pause {
        /// Its ARN.
        schedule: String,
        /// Until then; `None`: until it is resumed.
        until: Option<DateTime<Utc>>,
    },
    /// Let a paused schedule or rule fire again.
    Resume {
        /// Its ARN.
        schedule: String,
    },
    /// Give a model another week.
    Week {
        /// The model.
        model: ModelArn,
        /// The week in one sentence.
        week: String,
    },
    /// Give a schedule or rule another expression or zone.
    Edit {
        /// Its ARN.
        schedule: String,
    },
    /// Move a rule to a schedule.
    Migrate {
        /// The rule's ARN.
        rule: String,
    },
    /// Create or change a stack.
    Deploy {
        /// The stack's ARN.
        stack: String,
        /// Which of the templates it is of.
        part: super::deploy::Part,
        /// The commands that belong after it: whoever carries it on later is told of them.
        #[serde(default)]
        then: Vec<String>,
    },
    /// Delete a stack.
    Undeploy {
        /// The stack's ARN.
        stack: String,
        /// The commands that belong after it.
        #[serde(default)]
        then: Vec<String>,
    },
    /// Put back what an earlier operation changed.
    Undo {
        /// The ARN of what that was about.
        schedule: String,
        /// The earlier operation.
        operation: String,
    },
}

impl Intent {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Start { emergency: true, .. } => "emergency start",
            Self::Start { .. } => "start",
            Self::Stop { .. } => "stop",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "unpause",
            Self::Week { .. } => "week edit",
            Self::Edit { .. } => "edit",
            Self::Migrate { .. } => "migration",
            Self::Deploy { .. } => "deployment",
            Self::Undeploy { .. } => "removal",
            Self::Undo { .. } => "undo",
        }
    }

    /// The ARN of what it is about.
    #[must_use]
    pub fn arn(&self) -> &str {
        match self {
            Self::Start { model, .. } | Self::Stop { model } | Self::Week { model, .. } => model.as_str(),
            Self::Pause { schedule, .. }
            | Self::Resume { schedule }
            | Self::Edit { schedule }
            | Self::Migrate { rule: schedule }
            | Self::Deploy { stack: schedule, .. }
            | Self::Undeploy { stack: schedule, .. }
            | Self::Undo { schedule, .. } => schedule,
        }
    }

    /// Whether what is found now is what it is after, whoever brought it about: then it is no reason to stop. A model that
    /// somebody else has started is none: its end may be another one than what was asked for.
    #[must_use]
    pub fn is_met_by(&self, now: &SeenNow) -> bool {
        match (self, now) {
            (Self::Start { .. }, SeenNow::Mapping(state)) => state.is_on(),
            (Self::Stop { .. }, SeenNow::Mapping(MappingState::Disabled | MappingState::Disabling)) => true,
            (Self::Stop { .. }, SeenNow::Model(status)) => matches!(status, Status::Stopping | Status::Stopped),
            _ => false,
        }
    }

    /// The twelve digits of the account that it is about, from the ARN.
    #[must_use]
    pub fn account(&self) -> &str {
        self.arn().split(':').nth(4).unwrap_or_default()
    }

    /// The region that it is about, from the ARN.
    #[must_use]
    pub fn region(&self) -> &str {
        self.arn().split(':').nth(3).unwrap_or_default()
    }
}

/// How much an operator has to do to confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// It can be changed back: one key, on a dialog whose focus stands on Cancel.
    Change,
    /// It may cost money or lose work: the name has to be typed.
    Danger,
}

/// How a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It says what will follow.
    Info,
    /// It should be thought about before going on.
    Warning,
    /// It may cost money or lose work.
    Danger,
}

/// Something that the operator should know before confirming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How it is meant.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

impl Note {
    pub(super) fn info(text: impl Into<String>) -> Self {
        Self { tone: Tone::Info, text: text.into() }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self { tone: Tone::Warning, text: text.into() }
    }

    pub(super) fn danger(text: impl Into<String>) -> Self {
        Self { tone: Tone::Danger, text: text.into() }
    }
}

/// When a step is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// In its turn.
    #[default]
    Always,
    /// In its turn, if no automatic stop could be arranged.
    IfUnarranged,
    /// Only if the operation fails: it takes back what would be left behind.
    IfFailed,
}

/// A step in a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// What is done.
    pub step: Step,
    /// When it is carried out.
    #[serde(default)]
    pub guard: Guard,
}

/// Ordered steps to something that was asked for, and what they mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What was asked for.
    pub intent: Intent,
    /// What people call its subject: `logos_2 v3`, `office/logos-start`.
    pub subject: String,
    /// The ARN of the model's project, which AWS wants beside the model's own.
    pub project_arn: Option<String>,
    /// What the operator saw. Nothing is written if it no longer holds.
    pub seen: Vec<Seen>,
    /// The steps, in order.
    pub steps: Vec<Planned>,
    /// What the operator should know.
    pub notes: Vec<Note>,
    /// How much it takes to confirm.
    pub grade: Grade,
}

impl Plan {
    /// What it changes, by ARN or UUID: two operations never change one thing at once.
    #[must_use]
    pub fn resources(&self) -> Vec<String> {
        let mut all: Vec<String> = self.steps.iter().filter_map(|planned| planned.step.changes()).collect();
        all.push(self.intent.arn().to_owned());
        all.sort();
        all.dedup();
        all
    }

    /// `emergency start of logos_2 v3`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} of {}", self.intent.word(), self.subject)
    }

    /// What is typed to confirm it where a key is not enough: the name of what it is about.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.intent {
            Intent::Deploy { stack, .. } | Intent::Undeploy { stack, .. } => stack::name_in(stack),
            _ => &self.subject,
        }
    }

    /// The same, and these commands belong after it.
    #[must_use]
    pub fn followed_by(mut self, commands: Vec<String>) -> Self {
        for command in &commands {
            self.notes.push(Note::info(format!("After that comes, with a plan of its own: {command}")));
        }
        if let Intent::Deploy { then, .. } | Intent::Undeploy { then, .. } = &mut self.intent {
            *then = commands;
        }
        self
    }

    /// The commands that belong after it.
    #[must_use]
    pub fn then(&self) -> &[String] {
        match &self.intent {
            Intent::Deploy { then, .. } | Intent::Undeploy { then, .. } => then,
            _ => &[],
        }
    }

    /// The steps that are shown before confirming: those left out that are only taken when something fails, and of those
    /// that follow when no stop can be arranged all but the first, which says so.
    pub fn shown(&self) -> impl Iterator<Item = &Planned> {
        let arranges = self.steps.iter().any(|planned| matches!(planned.step, Step::Arrange { .. }));
        self.steps.iter().filter(move |planned| match planned.guard {
            Guard::Always => true,
            Guard::IfUnarranged => !arranges || matches!(planned.step, Step::Hold { .. }),
            Guard::IfFailed => false,
        })
    }

    fn push(&mut self, step: Step) {
        self.steps.push(Planned { step, guard: Guard::Always });
    }

    fn push_if(&mut self, guard: Guard, step: Step) {
        self.steps.push(Planned { step, guard });
    }
}

/// Why something cannot be planned, with what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplannable {
    why: String,
    already: bool,
}

impl Unplannable {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), already: false }
    }

    /// What was asked for holds without doing anything.
    pub(super) fn already(why: impl Into<String>) -> Self {
        Self { why: why.into(), already: true }
    }

    /// Whether there is nothing to plan because what was asked for holds already.
    #[must_use]
    pub fn is_already(&self) -> bool {
        self.already
    }
}

impl std::fmt::Display for Unplannable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Unplannable {}

/// What plans are made from.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The fleet as it is shown.
    pub fleet: &'a super::fleet::Fleet,
    /// What follows from it.
    pub picture: &'a super::picture::Picture,
    /// The user's own configuration.
    pub wishes: &'a super::wiring::Wishes,
    /// The account's time.
    pub now: DateTime<Utc>,
    /// The zone that times are said in.
    pub zone: chrono_tz::Tz,
    /// Whether the account is marked as production.
    pub production: bool,
}

impl Ground<'_> {
    /// What an inference hour costs in the fleet's region.
    #[must_use]
    pub fn price(&self) -> super::price::Price {
        super::price::Price::of(self.fleet.region.as_deref(), &self.wishes.prices)
    }
}
