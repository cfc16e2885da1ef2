//! Schedules of EventBridge Scheduler and scheduled rules of EventBridge, under one roof, with every field kept.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cron::{Expression, ExpressionError};

/// Which of the two services owns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A schedule of EventBridge Scheduler, with a time zone.
    Schedule,
    /// A scheduled rule of EventBridge: the older way, UTC only.
    Rule,
}

impl Kind {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Rule => "rule",
        }
    }
}

/// A schedule or a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its ARN.
    pub arn: String,
    /// Its name, unique in its group or on its bus.
    pub name: String,
    /// The schedule group; for a rule the event bus.
    pub group: String,
    /// Which service owns it.
    pub kind: Kind,
    /// The expression as AWS keeps it. `None` until GetSchedule has answered: ListSchedules does not carry it.
    pub expression: Option<String>,
    /// The name of its time zone as AWS keeps it; `None` means UTC.
    pub zone: Option<String>,
    /// Whether it fires.
    pub enabled: bool,
    /// AWS's word for its state, e.g. `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` for a rule.
    pub state: String,
    /// It does not fire before this. Ignored for `at()`.
    pub start: Option<DateTime<Utc>>,
    /// It does not fire after this. Ignored for `at()`.
    pub end: Option<DateTime<Utc>>,
    /// The flexible window in minutes; `None`: off. It fires somewhere in that long after each of its times.
    pub flexible_minutes: Option<u32>,
    /// What it invokes. A schedule has one target; a rule up to five.
    pub targets: Vec<Target>,
    /// What its owner wrote about it.
    pub description: Option<String>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed: what tells us to read it again, and that someone else wrote it.
    pub modified: Option<DateTime<Utc>>,
    /// Whether it deletes itself after its last run (`ActionAfterCompletion`).
    pub deletes_itself: bool,
    /// The key that encrypts it.
    pub kms_key_arn: Option<String>,
    /// The service that owns the rule and alone may change it.
    pub managed_by: Option<String>,
    /// A rule's own role.
    pub role_arn: Option<String>,
    /// A rule may have an event pattern beside its expression.
    pub event_pattern: Option<String>,
}

/// What a schedule or rule invokes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// A rule's name for it.
    pub id: Option<String>,
    /// A function's ARN, or a universal target `arn:aws:scheduler:::aws-sdk:<service>:<action>`, or something else.
    pub arn: String,
    /// The role that invokes it.
    pub role_arn: Option<String>,
    /// The text that it is given, most often JSON.
    pub input: Option<String>,
    /// How long an event is retried, in seconds.
    pub max_event_age_seconds: Option<u32>,
    /// How often it is retried.
    pub max_retries: Option<u32>,
    /// Where events go that could not be delivered.
    pub dead_letter_arn: Option<String>,
    /// The parameters of templated targets (ECS, Kinesis, SQS, SageMaker, EventBridge, input transformers), under
    /// AWS's own names, kept so that no edit loses them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
}

impl Target {
    /// For a universal target, the service and the action: `("rekognition", "startProjectVersion")`.
    #[must_use]
    pub fn universal(&self) -> Option<(&str, &str)> {
        let rest = self.arn.split_once(":scheduler:::aws-sdk:")?.1;
        rest.split_once(':')
    }

    /// The function that it invokes: its own ARN, or the `FunctionName` of a universal `lambda:invoke`.
    #[must_use]
    pub fn function(&self) -> Option<String> {
        if self.arn.split(':').nth(2) == Some("lambda") {
            return Some(self.arn.clone());
        }
        match self.universal()? {
            ("lambda", "invoke") => self.input_json()?.get("FunctionName")?.as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Its input as JSON, if it is JSON.
    #[must_use]
    pub fn input_json(&self) -> Option<Value> {
        serde_json::from_str(self.input.as_deref()?).ok()
    }
}

impl Schedule {
    /// An enabled one that says nothing yet.
    #[must_use]
    pub fn new(arn: String, name: String, group: String, kind: Kind) -> Self {
        Self {
            arn,
            name,
            group,
            kind,
            expression: None,
            zone: None,
            enabled: true,
            state: "ENABLED".into(),
            start: None,
            end: None,
            flexible_minutes: None,
            targets: Vec::new(),
            description: None,
            created: None,
            modified: None,
            deletes_itself: false,
            kms_key_arn: None,
            managed_by: None,
            role_arn: None,
            event_pattern: None,
        }
    }

    /// What scripts and people call it: `group/name`, or `rule/name`.
    #[must_use]
    pub fn path(&self) -> String {
        match self.kind {
            Kind::Schedule => format!("{}/{}", self.group, self.name),
            Kind::Rule => format!("rule/{}", self.name),
        }
    }

    /// Its zone: UTC for rules, for schedules without one, and (so that something can be shown) for a name that the
    /// compiled-in zone table does not have; [`Schedule::zone_is_known`] tells the last apart.
    #[must_use]
    pub fn tz(&self) -> Tz {
        self.zone.as_deref().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
    }

    /// Whether its zone is in the compiled-in zone table.
    #[must_use]
    pub fn zone_is_known(&self) -> bool {
        self.zone.as_deref().is_none_or(|name| name.parse::<Tz>().is_ok())
    }

    /// Its expression, parsed; `None` while it has not been read.
    #[must_use]
    pub fn parsed(&self) -> Option<Result<Expression, ExpressionError>> {
        self.expression.as_deref().map(str::parse)
    }
}
