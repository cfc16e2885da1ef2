//! What identifies a row, so that a selection survives every refresh.

use super::screen::Screen;
use crate::domain::finding::Finding;
use crate::domain::model::ModelArn;
use crate::domain::operation::OperationId;

/// What identifies a finding: a rule says at most a few things about one subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey {
    /// The rule's id.
    pub rule: &'static str,
    /// The ARN or UUID of what it is about.
    pub subject: String,
    /// Which of the same rule's findings about the same subject, from 0.
    pub nth: usize,
}

impl FindingKey {
    /// The key of a finding, as the first of its kind.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self { rule: finding.rule.as_str(), subject: finding.subject.id().to_owned(), nth: 0 }
    }
}

/// A row of any screen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A model, by ARN.
    Model(ModelArn),
    /// A schedule or rule, by ARN.
    Schedule(String),
    /// A mapping, by UUID.
    Mapping(String),
    /// A finding.
    Finding(FindingKey),
    /// An operation in the journal.
    Operation(OperationId),
}

impl Key {
    /// The screen that lists it.
    #[must_use]
    pub fn screen(&self) -> Screen {
        match self {
            Self::Model(_) => Screen::Models,
            Self::Schedule(_) => Screen::Schedules,
            Self::Mapping(_) => Screen::Mappings,
            Self::Finding(_) => Screen::Findings,
            Self::Operation(_) => Screen::Journal,
        }
    }
}
