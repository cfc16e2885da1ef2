//! Operations: plans that are being carried out, or were, as the journal keeps them.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::model::ModelArn;
use super::plan::{Change, Guard, Intent, Observed, Plan, Situation, Step};
use super::words;

/// What identifies an operation: the time when it was asked for and a few random letters, so that ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub String);

impl std::fmt::Display for OperationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an operation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "why", rename_all = "snake_case")]
pub enum Standing {
    /// It has not come to its end: it is being carried out, or was interrupted and can be resumed.
    Unfinished,
    /// What was asked for holds.
    Done,
    /// What the operator saw no longer held: nothing was written.
    Refused(String),
    /// It could not be reached.
    Failed(String),
    /// The operator gave it up, or something else took its place.
    Abandoned(String),
}

impl Standing {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Done => "done",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
            Self::Abandoned(_) => "abandoned",
        }
    }

    /// Why, where there is something to say.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Unfinished | Self::Done => None,
            Self::Refused(why) | Self::Failed(why) | Self::Abandoned(why) => Some(why),
        }
    }
}

/// How a step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStanding {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// It is being carried out.
    Going,
    /// Its goal is reached.
    Done,
    /// It was not needed.
    Skipped,
    /// It could not be reached.
    Failed,
}

/// What became of a step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// How it stands.
    pub standing: StepStanding,
    /// When it began.
    pub began: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// How often its call was tried: noted before each try.
    pub writes: u32,
    /// When it was last tried.
    pub wrote: Option<DateTime<Utc>>,
    /// Whether AWS answered the last try with success.
    pub accepted: bool,
    /// What was seen before the first try.
    pub before: Option<Observed>,
    /// What was seen last.
    pub after: Option<Observed>,
    /// What is going on, or how it ended, in a few words.
    pub words: String,
    /// AWS's request ids of its tries.
    pub request_ids: Vec<String>,
}

impl StepRecord {
    /// What deciding about it needs.
    #[must_use]
    pub fn situation(&self, now: DateTime<Utc>, go_on: bool) -> Situation {
        Situation {
            now,
            began: self.began.unwrap_or(now),
            writes: self.writes,
            wrote: self.wrote,
            accepted: self.accepted,
            before: self.before.clone(),
            go_on,
        }
    }

    /// How long it took, or has taken so far.
    #[must_use]
    pub fn took(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        Some(self.ended.unwrap_or(now) - self.began?)
    }
}

/// A plan that is being carried out, or was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The plan.
    pub plan: Plan,
    /// Who asked: the caller's ARN, as STS told it; nothing if STS could not be asked.
    pub who: Option<String>,
    /// The account's twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// When it was asked for.
    pub asked: DateTime<Utc>,
    /// When it came to its end.
    pub ended: Option<DateTime<Utc>>,
    /// How it stands.
    pub standing: Standing,
    /// Whether what the operator saw has been found to hold.
    pub checked: bool,
    /// What became of each step, in the order of the plan.
    pub steps: Vec<StepRecord>,
    /// Why it rests, if it was left unfinished.
    pub rests: Option<String>,
    /// Whether it was left and taken up again: how long its steps took then says nothing.
    #[serde(default)]
    pub resumed: bool,
}

/// A StartDate that there was, or that there was none.
pub type Former = Option<DateTime<Utc>>;

impl Operation {
    /// A plan that was just asked for.
    #[must_use]
    pub fn new(id: OperationId, plan: Plan, who: Option<String>, asked: DateTime<Utc>) -> Self {
        Self {
            id,
            account: plan.intent.account().to_owned(),
            region: plan.intent.region().to_owned(),
            steps: vec![StepRecord::default(); plan.steps.len()],
            plan,
            who,
            asked,
            ended: None,
            standing: Standing::Unfinished,
            checked: false,
            rests: None,
            resumed: false,
        }
    }

    /// Whether it has not come to its end.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.standing == Standing::Unfinished
    }

    /// Whether a schedule was arranged that stops the model.
    #[must_use]
    pub fn is_arranged(&self) -> bool {
        self.of_steps()
            .any(|(step, record)| matches!(step, Step::Arrange { .. }) && record.standing == StepStanding::Done)
    }

    /// Whether anything was written, or may have been.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.steps.iter().any(|record| record.writes > 0)
    }

    /// What it has done and what it leaves as it is now, when it is not carried on.
    #[must_use]
    pub fn left_behind(&self) -> String {
        let done: Vec<String> = self
            .of_steps()
            .filter(|(_, record)| record.writes > 0)
            .map(|(step, record)| match record.standing {
                StepStanding::Done => step.title(),
                _ => format!("{} (tried)", step.title()),
            })
            .collect();
        if done.is_empty() { "Nothing was changed.".into() } else { format!("Done before: {}.", done.join("; ")) }
    }

    /// Each step with what became of it.
    pub fn of_steps(&self) -> impl Iterator<Item = (&Step, &StepRecord)> {
        self.plan.steps.iter().map(|planned| &planned.step).zip(&self.steps)
    }

    /// The step that is being carried out, with its place.
    #[must_use]
    pub fn current(&self) -> Option<(usize, &Step, &StepRecord)> {
        let at = self.steps.iter().position(|record| record.standing == StepStanding::Going)?;
        Some((at, &self.plan.steps.get(at)?.step, self.steps.get(at)?))
    }

    /// How many steps have come to their end, of how many that are not only for failures.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let arranged = self.is_arranged();
        let counted = self.plan.steps.iter().zip(&self.steps).filter(|(planned, _)| match planned.guard {
            Guard::Always => true,
            Guard::IfUnarranged => !arranged,
            Guard::IfFailed => false,
        });
        let (mut ended, mut all) = (0, 0);
        for (_, record) in counted {
            all += 1;
            ended += usize::from(matches!(record.standing, StepStanding::Done | StepStanding::Skipped));
        }
        (ended, all)
    }

    /// What it says about itself now: the step that is going on, why it rests, or how it ended.
    #[must_use]
    pub fn sentence(&self) -> String {
        match (&self.standing, &self.rests, self.current()) {
            (Standing::Unfinished, Some(rests), _) => rests.clone(),
            (Standing::Unfinished, None, Some((_, step, record))) if record.words.is_empty() => step.title(),
            (Standing::Unfinished, None, Some((_, step, record))) => format!("{}: {}", step.title(), record.words),
            (Standing::Unfinished, None, None) => match self.progress() {
                (0, _) => "about to begin".into(),
                (ended, all) => format!("{ended} of {} done", words::count(all as u64, "step")),
            },
            (standing, _, _) => standing.why().unwrap_or(standing.word()).to_owned(),
        }
    }

    /// What it has changed of schedules and rules, in the order in which it did: what can be undone. Nothing while it is
    /// unfinished, and of a start nothing either: what that arranged belongs to the model's end.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let ended = matches!(self.standing, Standing::Done | Standing::Failed(_) | Standing::Abandoned(_));
        if !ended || matches!(self.plan.intent, Intent::Start { .. } | Intent::Stop { .. }) {
            return Vec::new();
        }
        let done = self.of_steps().filter(|(_, record)| record.standing == StepStanding::Done && record.writes > 0);
        done.filter_map(|(step, _)| Change::of(step)).collect()
    }

    /// Whether it is about this ARN, or has changed what has it.
    #[must_use]
    pub fn changed(&self, arn: &str) -> bool {
        self.plan.intent.arn() == arn || self.changes().iter().any(|change| change.arn() == arn)
    }

    /// Whether it has changed anything that can be put back.
    #[must_use]
    pub fn is_undoable(&self) -> bool {
        !self.changes().is_empty()
    }

    /// The StartDate that a pause until a date has found, if there was one, and the one that it has left.
    #[must_use]
    pub fn paused_from(&self) -> Option<(Former, DateTime<Utc>)> {
        match (&self.plan.intent, self.changes().first()) {
            (Intent::Pause { until: Some(_), .. }, Some(Change::Replace { before, after })) => {
                Some((before.start, after.start?))
            }
            _ => None,
        }
    }

    /// How long this start took from the call to RUNNING, if it was one, came so far, and was watched all the time.
    #[must_use]
    pub fn start_took(&self, model: &ModelArn) -> Option<TimeDelta> {
        if self.resumed {
            return None;
        }
        let called = self.of_steps().find_map(|(step, record)| match step {
            Step::Start { model: own, .. } if own == model && record.accepted => record.wrote,
            _ => None,
        })?;
        self.of_steps().find_map(|(step, record)| match step {
            Step::AwaitRunning { model: own } if own == model && record.standing == StepStanding::Done => {
                Some(record.ended? - called)
            }
            _ => None,
        })
    }

    /// What it did, as commands of the AWS CLI, one a line.
    #[must_use]
    pub fn aws_commands(&self) -> String {
        let written = self.of_steps().filter(|(_, record)| record.writes > 0);
        written.filter_map(|(step, _)| step.aws_command()).collect::<Vec<_>>().join("\n")
    }
}

/// How long starts of a model usually take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    sorted: Vec<TimeDelta>,
}

/// From so many earlier starts on, a lead time is taken from them.
const ENOUGH: usize = 3;

impl Estimate {
    /// From how long earlier starts took.
    #[must_use]
    pub fn of(durations: impl IntoIterator<Item = TimeDelta>) -> Self {
        let mut sorted: Vec<TimeDelta> = durations.into_iter().collect();
        sorted.sort();
        Self { sorted }
    }

    /// The middle of the earlier durations.
    #[must_use]
    pub fn usual(&self) -> Option<TimeDelta> {
        self.sorted.get(self.sorted.len() / 2).copied()
    }

    /// The lead time that follows, in minutes: the longest of the earlier durations, rounded up to five minutes. `None` if
    /// too few are known to count on.
    #[must_use]
    pub fn lead(&self) -> Option<u16> {
        let longest = self.sorted.last().filter(|_| self.sorted.len() >= ENOUGH)?;
        u16::try_from((longest.num_seconds() + 299) / 300 * 5).ok().filter(|lead| *lead > 0)
    }

    /// `usually ready after 11 min (9 starts, 8–17 min)`, or that nothing is known.
    #[must_use]
    pub fn words(&self) -> String {
        let (Some(usual), Some(least), Some(most)) = (self.usual(), self.sorted.first(), self.sorted.last()) else {
            return "up to 30 min; no earlier start is known".into();
        };
        let starts = words::count(self.sorted.len() as u64, "start");
        format!("usually ready after {} ({starts}, {}–{})", words::span(usual), least.num_minutes(), words::span(*most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_says_what_it_is_made_from() {
        let minutes = |all: &[i64]| Estimate::of(all.iter().map(|minutes| TimeDelta::minutes(*minutes)));
        assert_eq!(minutes(&[17, 8, 11]).words(), "usually ready after 11 min (3 starts, 8–17 min)");
        assert_eq!(minutes(&[17, 8, 11]).lead(), Some(20));
        assert_eq!(minutes(&[17, 8]).lead(), None, "too few to count on");
        assert_eq!(minutes(&[]).words(), "up to 30 min; no earlier start is known");
    }
}
