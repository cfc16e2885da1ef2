//! Who began a run: somebody by rekotui, as the journal knows, or a schedule, as its times tell.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::book::START;
use crate::domain::model::ModelArn;
use crate::domain::operation::Operation;
use crate::domain::plan::Intent;
use crate::domain::week::Timings;

/// A start or a stop that the journal tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// Whether it starts the model; else it stops it.
    pub starts: bool,
    /// Who asked, as people call them; nothing if that is not known.
    pub who: Option<String>,
    /// The word for it: `emergency start`.
    pub word: &'static str,
}

/// The deeds of a journal, by model, in the order of time.
#[must_use]
pub fn deeds<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> BTreeMap<ModelArn, Vec<Deed>> {
    let mut deeds: BTreeMap<ModelArn, Vec<Deed>> = BTreeMap::new();
    for operation in operations.into_iter().filter(|operation| operation.has_written()) {
        let (model, starts) = match &operation.plan.intent {
            Intent::Start { model, .. } => (model, true),
            Intent::Stop { model } => (model, false),
            _ => continue,
        };
        let who = operation.who.as_deref().and_then(|arn| arn.rsplit(['/', ':']).next()).map(str::to_owned);
        let deed = Deed { at: operation.asked, starts, who, word: operation.plan.intent.word() };
        deeds.entry(model.clone()).or_default().push(deed);
    }
    for of_model in deeds.values_mut() {
        of_model.sort_by_key(|deed| deed.at);
    }
    deeds
}

/// Who began a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Began {
    /// Somebody, by rekotui on this workstation.
    Hand {
        /// Who.
        who: Option<String>,
        /// The word for it.
        word: &'static str,
    },
    /// A schedule that fires at that time now, by its ARN.
    Schedule(String),
    /// Nobody that is known here: by the console, by another tool, or by a schedule that has been changed since.
    Unknown,
}

impl Began {
    /// Who began a run that became visible at `from`.
    pub(super) fn of(from: DateTime<Utc>, deeds: &[Deed], starts: &Timings) -> Self {
        let before = |at: DateTime<Utc>| (TimeDelta::zero()..=START).contains(&(from - at));
        let blur = TimeDelta::minutes(5);
        let hand = deeds.iter().rev().find(|deed| deed.starts && (before(deed.at) || before(deed.at - blur)));
        if let Some(deed) = hand {
            return Self::Hand { who: deed.who.clone(), word: deed.word };
        }
        // A second shot finds the model starting already.
        let fires = starts.iter().filter_map(|(arn, timing)| Some((timing.next_after(from - START)?, arn)));
        match fires.filter(|(at, _)| before(*at)).min() {
            Some((_, arn)) => Self::Schedule(arn.clone()),
            None => Self::Unknown,
        }
    }

    /// Who, in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Hand { who: Some(who), word } => format!("{word} by {who}"),
            Self::Hand { who: None, word } => format!("{word} by rekotui"),
            Self::Schedule(arn) => arn.rsplit('/').next().unwrap_or(arn).to_owned(),
            Self::Unknown => "not in the journal".into(),
        }
    }
}
