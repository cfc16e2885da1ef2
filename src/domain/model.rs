//! Models: trained project versions, their status and their legal moves.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The ARN of a model: `arn:P:rekognition:R:ACCT:project/<project>/version/<version>/<created ms>`.
///
/// Rekognition's answers carry no names: project and version are read from here (botocore's service model gives the
/// pattern). Holding one means that it has been parsed. It is the key of most of what is known, so copies of it are cheap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelArn {
    arn: Arc<str>,
    project: Range,
    version: Range,
    created_ms: i64,
}

/// Where a name stands in an ARN, in bytes.
type Range = (u16, u16);

impl ModelArn {
    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// The account's twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }

    /// The name of the project.
    #[must_use]
    pub fn project(&self) -> &str {
        self.part(self.project)
    }

    /// The name of the version.
    #[must_use]
    pub fn version(&self) -> &str {
        self.part(self.version)
    }

    fn part(&self, (from, to): Range) -> &str {
        self.arn.get(usize::from(from)..usize::from(to)).unwrap_or_default()
    }

    /// When this version was created. It tells two models of the same name apart.
    #[must_use]
    pub fn created(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.created_ms)
    }

    /// `project version`, as people say it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.project(), self.version())
    }
}

impl fmt::Display for ModelArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

/// Why a text is not the ARN of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAModelArn(String);

impl fmt::Display for NotAModelArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is not the ARN of a model; one looks like \
             arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v3/1669852800000",
            self.0
        )
    }
}

impl std::error::Error for NotAModelArn {}

impl FromStr for ModelArn {
    type Err = NotAModelArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let mut parts = text.splitn(6, ':');
            let (scheme, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
            let (_region, _account, resource) = (parts.next()?, parts.next()?, parts.next()?);
            if scheme != "arn" || service != "rekognition" {
                return None;
            }
            let pieces: Vec<&str> = resource.split('/').collect();
            let ["project", project, "version", version, ms] = pieces[..] else { return None };
            if project.is_empty() || version.is_empty() {
                return None;
            }
            let from = text.len() - resource.len() + "project/".len();
            let place =
                |from: usize, length: usize| Some((u16::try_from(from).ok()?, u16::try_from(from + length).ok()?));
            Some(Self {
                arn: text.into(),
                project: place(from, project.len())?,
                version: place(from + project.len() + "/version/".len(), version.len())?,
                created_ms: ms.parse().ok()?,
            })
        };
        parse().ok_or_else(|| NotAModelArn(text.to_owned()))
    }
}

impl TryFrom<String> for ModelArn {
    type Error = NotAModelArn;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ModelArn> for String {
    fn from(arn: ModelArn) -> Self {
        arn.arn.as_ref().to_owned()
    }
}

/// The status of a model, in AWS's words (`ProjectVersionStatus` in the service model).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Status {
    /// Being trained.
    TrainingInProgress,
    /// Trained, never started.
    TrainingCompleted,
    /// Training failed; it can never run.
    TrainingFailed,
    /// On its way to running; up to 30 minutes.
    Starting,
    /// Running, and paid for.
    Running,
    /// A start failed; the message says why.
    Failed,
    /// On its way to stopped.
    Stopping,
    /// Stopped.
    Stopped,
    /// Being deleted.
    Deleting,
    /// Being copied from another project.
    CopyingInProgress,
    /// Copied; can be started.
    CopyingCompleted,
    /// The copy failed.
    CopyingFailed,
    /// A moderation adapter whose base model has a successor.
    Deprecated,
    /// A moderation adapter past its grace.
    Expired,
    /// A status that this version of rekotui does not know, as AWS spells it.
    Other(String),
}

/// Each status that AWS has, with its spelling.
const STATUSES: [(Status, &str); 14] = [
    (Status::TrainingInProgress, "TRAINING_IN_PROGRESS"),
    (Status::TrainingCompleted, "TRAINING_COMPLETED"),
    (Status::TrainingFailed, "TRAINING_FAILED"),
    (Status::Starting, "STARTING"),
    (Status::Running, "RUNNING"),
    (Status::Failed, "FAILED"),
    (Status::Stopping, "STOPPING"),
    (Status::Stopped, "STOPPED"),
    (Status::Deleting, "DELETING"),
    (Status::CopyingInProgress, "COPYING_IN_PROGRESS"),
    (Status::CopyingCompleted, "COPYING_COMPLETED"),
    (Status::CopyingFailed, "COPYING_FAILED"),
    (Status::Deprecated, "DEPRECATED"),
    (Status::Expired, "EXPIRED"),
];

impl Status {
    /// AWS's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => STATUSES.iter().find(|(status, _)| status == known).map_or("", |(_, text)| text),
        }
    }

    /// The word that screens show.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::TrainingInProgress => "training".into(),
            Self::TrainingCompleted => "trained".into(),
            Self::TrainingFailed => "training failed".into(),
            Self::CopyingInProgress => "copying".into(),
            Self::CopyingCompleted => "copied".into(),
            Self::CopyingFailed => "copy failed".into(),
            other => other.as_str().to_lowercase().replace('_', " "),
        }
    }

    /// Whether a model in this status may have run at any time.
    #[must_use]
    pub fn can_have_run(&self) -> bool {
        !matches!(
            self,
            Self::TrainingInProgress
                | Self::TrainingCompleted
                | Self::TrainingFailed
                | Self::CopyingInProgress
                | Self::CopyingCompleted
                | Self::CopyingFailed
                | Self::Deleting
                | Self::Deprecated
                | Self::Expired
        )
    }

    /// Whether AWS is about to change it by itself, so that it is worth a close watch.
    #[must_use]
    pub fn in_transition(&self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Stopping | Self::Deleting | Self::TrainingInProgress | Self::CopyingInProgress
        )
    }

    /// Whether the model is up or coming up, and so costs money or is about to.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self, Self::Starting | Self::Running)
    }

    /// Whether StartProjectVersion is accepted from here (TRAINING_COMPLETED, STOPPED, COPYING_COMPLETED, FAILED;
    /// AWS documents the first two, the others follow from its state diagram).
    #[must_use]
    pub fn can_start(&self) -> bool {
        matches!(self, Self::TrainingCompleted | Self::Stopped | Self::CopyingCompleted | Self::Failed)
    }

    /// Whether StopProjectVersion is accepted from here.
    #[must_use]
    pub fn can_stop(&self) -> bool {
        matches!(self, Self::Running)
    }
}

impl From<String> for Status {
    fn from(text: String) -> Self {
        STATUSES
            .iter()
            .find(|(_, spelling)| *spelling == text)
            .map_or_else(|| Self::Other(text), |(status, _)| status.clone())
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.as_str().to_owned()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A trained project version, as DescribeProjectVersions tells of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Its ARN, and in it the names.
    pub arn: ModelArn,
    /// The ARN of its project.
    pub project_arn: String,
    /// Its status.
    pub status: Status,
    /// What AWS says beside the status, most often why it failed.
    pub status_message: Option<String>,
    /// The floor of inference units, and what it starts with. Only known once it has been started.
    pub min_units: Option<u32>,
    /// The ceiling to which AWS may scale it. `None`: no autoscaling.
    pub max_units: Option<u32>,
    /// The F1 score of its evaluation, 0 to 1.
    pub f1: Option<f64>,
    /// When the version was created.
    pub created: Option<DateTime<Utc>>,
    /// When its training ended.
    pub trained: Option<DateTime<Utc>>,
    /// The training time that was billed, in seconds.
    pub billed_training_seconds: Option<u64>,
    /// What its owner wrote about it.
    pub description: Option<String>,
}

impl Model {
    /// `project version`, as people say it.
    #[must_use]
    pub fn name(&self) -> String {
        self.arn.name()
    }
}

/// A project: what DescribeProjects tells of it. Only Custom Labels projects are kept; moderation adapters can be
/// neither started nor stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// `arn:P:rekognition:R:ACCT:project/<project>/<created ms>`.
    pub arn: String,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// `CREATING`, `CREATED` or `DELETING`.
    pub status: String,
}

impl Project {
    /// The project's name, read from its ARN.
    #[must_use]
    pub fn name(&self) -> &str {
        self.arn.split('/').nth(1).unwrap_or(&self.arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGOS: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/logos_2/version/v3.1-a/1669852800000";

    #[test]
    fn names_are_read_from_the_arn() {
        let arn: ModelArn = LOGOS.parse().unwrap();
        assert_eq!((arn.project(), arn.version()), ("logos_2", "v3.1-a"));
        assert_eq!(arn.created().unwrap().timestamp(), 1_669_852_800);
        assert_eq!(arn.name(), "logos_2 v3.1-a");
    }

    #[test]
    fn what_is_no_model_arn_is_refused_with_an_example() {
        for text in [
            "",
            "logos",
            "arn:aws:rekognition:eu-central-1:123456789012:project/logos/1669852800000",
            "arn:aws:lambda:eu-central-1:123456789012:function:startup",
            "arn:aws:rekognition:eu-central-1:123456789012:project//version/v/1",
            "arn:aws:rekognition:eu-central-1:123456789012:project/p/version/v/then",
        ] {
            let error = text.parse::<ModelArn>().unwrap_err().to_string();
            assert!(error.contains("project/logos/version"), "{text}: {error}");
        }
    }

    #[test]
    fn every_status_survives_the_way_to_aws_spelling_and_back() {
        for (status, text) in STATUSES {
            assert_eq!(Status::from(text.to_owned()), status);
            assert_eq!(status.as_str(), text);
        }
        assert_eq!(Status::from("NAPPING".to_owned()).as_str(), "NAPPING");
    }
}
