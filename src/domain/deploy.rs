//! What is deployed: the stacks of the templates, what CloudFormation says of them, and what it would change.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::ModelArn;
use super::notification::queue_of;

/// One of the two templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The functions that start and stop models, and what invokes them: once for an account and region.
    Scheduler,
    /// Bucket, queue, mapping and inference function: once for each model.
    Pipeline,
}

/// The tag by which a stack says which of the templates it is of.
pub const TAG: &str = "rekotui";

/// Functions are named after their stack, and Lambda takes 64 characters for that (`FunctionName` in its API reference).
const LONGEST_FUNCTION: usize = 64;

impl Part {
    /// The word for it, in commands and as the value of the tag.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Pipeline => "pipeline",
        }
    }

    /// Its template, YAML.
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Self::Scheduler => include_str!("../../assets/deploy/scheduler.yaml"),
            Self::Pipeline => include_str!("../../assets/deploy/pipeline.yaml"),
        }
    }

    /// What its stack is called if nobody says otherwise. A pipeline is called after its model, and no two models give one
    /// name: what a name leaves out or changes stands for itself in a few digits at its end.
    #[must_use]
    pub fn stack_name(self, model: Option<&ModelArn>) -> String {
        let Some(model) = model.filter(|_| self == Self::Pipeline) else { return format!("rekotui-{}", self.word()) };
        let plain = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric());
        let name = format!("rekotui-{}-{}", model.project(), model.version());
        if plain(model.project()) && plain(model.version()) && name.len() <= self.longest_name() {
            return name;
        }
        let digest = Sha256::digest(model.as_str().as_bytes());
        let digits: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
        let sane = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let room = self.longest_name() - digits.len() - 1;
        let name: String = name.chars().map(sane).take(room).collect();
        format!("{}-{digits}", name.trim_end_matches('-'))
    }

    /// How long the name of its stack may be.
    fn longest_name(self) -> usize {
        let longest_suffix = match self {
            Self::Scheduler => "-shutdown",
            Self::Pipeline => "-inference",
        };
        LONGEST_FUNCTION - longest_suffix.len()
    }

    /// What keeps a stack of this template from having a name.
    #[must_use]
    pub fn fault_of_name(self, name: &str) -> Option<String> {
        let longest = self.longest_name();
        if name.len() > longest {
            return Some(format!(
                "'{name}' is too long for a {} stack: its functions are named after it, which leaves {longest} characters.",
                self.word()
            ));
        }
        let sane = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        (!sane).then(|| format!("'{name}' cannot be the name of a stack: letters, digits and '-', a letter first."))
    }
}

/// A stack, as CloudFormation has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Its ARN, which no other stack ever had.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its status, in CloudFormation's words.
    pub status: String,
    /// What CloudFormation says beside it.
    pub reason: Option<String>,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// What it gives: ARNs and names.
    pub outputs: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it must not be deleted (termination protection). Only known of a stack that was asked for by itself.
    #[serde(default)]
    pub protected: bool,
}

impl Stack {
    /// Whether something is going on in it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        // A stack that exists for a change set only waits for that.
        self.status.ends_with("_IN_PROGRESS") && self.status != REVIEW
    }

    /// Whether it exists for a change set only, and has no resource yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.status == REVIEW
    }

    /// Whether it was left behind by a creation or a deletion that failed: it can only be deleted then.
    #[must_use]
    pub fn is_ruin(&self) -> bool {
        matches!(self.status.as_str(), "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED")
    }

    /// Whether a change has failed and could not be put back either: it works on, and takes no other change before.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.status == "UPDATE_ROLLBACK_FAILED"
    }

    /// The ARN of the model that its parameters name.
    #[must_use]
    pub fn model(&self) -> Option<ModelArn> {
        self.parameters.get("ModelArn")?.parse().ok()
    }

    /// The bucket that its parameters name for the images, and the queue that is told of them. Parameters are there
    /// whatever became of the stack; outputs are not.
    #[must_use]
    pub fn bucket_and_queue(&self) -> Option<(String, String)> {
        if self.part() != Some(Part::Pipeline) {
            return None;
        }
        Some((self.parameters.get("BucketName")?.clone(), queue_of(&self.name, &self.model()?)))
    }

    /// The template that it is of, if its tag says so.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        [Part::Scheduler, Part::Pipeline]
            .into_iter()
            .find(|part| self.tags.get(TAG).is_some_and(|tag| tag == part.word()))
    }
}

const REVIEW: &str = "REVIEW_IN_PROGRESS";

/// Something that has happened in a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackEvent {
    /// What tells it from all others.
    pub id: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// The resource's name in the template; for the stack itself the stack's.
    pub resource: String,
    /// What the resource is: `AWS::Lambda::Function`.
    pub kind: String,
    /// Its status since then.
    pub status: String,
    /// What CloudFormation says beside it.
    pub reason: Option<String>,
}

impl StackEvent {
    /// Whether it tells of something that went wrong by itself, and not because something else did.
    #[must_use]
    pub fn is_cause(&self) -> bool {
        let cancelled = self.reason.as_deref().is_some_and(|reason| reason.starts_with("Resource creation cancelled"));
        self.status.ends_with("_FAILED") && !cancelled && self.kind != STACK
    }

    /// In one line: `CREATE_COMPLETE  Startup (AWS::Lambda::Function)`.
    #[must_use]
    pub fn words(&self) -> String {
        let reason = self.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{:<28} {} ({}){reason}", self.status, self.resource, self.kind)
    }
}

const STACK: &str = "AWS::CloudFormation::Stack";

/// What went wrong first in a stack, `events` being the newest first.
#[must_use]
pub fn cause(events: &[StackEvent]) -> Option<String> {
    let first = events.iter().rev().find(|event| event.is_cause())?;
    let reason = first.reason.as_deref().unwrap_or("CloudFormation does not say why");
    Some(format!("{} ({}) is {}: {reason}", first.resource, first.kind, first.status))
}

/// How far a stack is, in a few words, `events` being the newest first.
#[must_use]
pub fn progress(events: &[StackEvent]) -> String {
    let ended = events.iter().filter(|event| event.kind != STACK && event.status.ends_with("_COMPLETE")).count();
    let now = events.iter().find(|event| event.kind != STACK);
    let now = now.map(|event| format!("; {} {}", event.resource, event.status)).unwrap_or_default();
    format!("{ended} resources at their end{now}")
}

/// What a change set would do to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceChange {
    /// `Add`, `Modify` or `Remove`.
    pub action: String,
    /// The resource's name in the template.
    pub resource: String,
    /// What it is.
    pub kind: String,
    /// Whether it is made anew: `True`, `False` or `Conditional`.
    pub replacement: Option<String>,
    /// Whether what the stack has no longer is left where it is.
    #[serde(default)]
    pub stays: bool,
}

impl ResourceChange {
    /// Whether what is there now is deleted or may be.
    #[must_use]
    pub fn loses(&self) -> bool {
        self.action == "Remove" && !self.stays || matches!(self.replacement.as_deref(), Some("True" | "Conditional"))
    }

    /// In one line.
    #[must_use]
    pub fn words(&self) -> String {
        let made_anew = match self.replacement.as_deref() {
            Some("True") => ", made anew",
            Some("Conditional") => ", perhaps made anew",
            _ if self.stays => ", which stays by itself",
            _ => "",
        };
        format!("{:<6} {} ({}{made_anew})", self.action, self.resource, self.kind)
    }
}

/// A change set: what CloudFormation would change, if it was told to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Its ARN.
    pub arn: String,
    /// The ARN of the stack.
    pub stack: String,
    /// Whether the stack is new.
    pub creates: bool,
    /// What it would do.
    pub changes: Vec<ResourceChange>,
}

/// The code of the functions: a file here and an object there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The path of the zip.
    pub file: String,
    /// The SHA-256 of its bytes, as hexadecimal digits.
    pub digest: String,
    /// The bucket that it is put into.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Whether the file is the program itself, which is packed on its way.
    #[serde(default)]
    pub bare: bool,
}

impl Code {
    /// The upload as a command of the AWS CLI.
    #[must_use]
    pub fn aws_command(&self) -> String {
        let (file, place) = (quoted(&self.file), format!("s3://{}/{}", self.bucket, self.key));
        if self.bare {
            // Lambda starts what is called `bootstrap` in the zip.
            return format!(
                "install -m 755 {file} ./bootstrap && zip -q functions.zip bootstrap && aws s3 cp functions.zip {place}"
            );
        }
        format!("aws s3 cp {file} {place}")
    }
}

/// What somebody wants to be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which template.
    pub part: Part,
    /// The name of the stack.
    pub stack: String,
    /// The parameters that are given; the others stay as they are, or get the template's defaults.
    pub parameters: BTreeMap<String, String>,
    /// The code, if it is brought along.
    pub code: Option<Code>,
}

impl Wanted {
    /// The same as commands of the AWS CLI, the template being in `file`.
    #[must_use]
    pub fn aws_commands(&self, file: &str) -> Vec<String> {
        let mut commands = Vec::new();
        commands.extend(self.code.as_ref().map(Code::aws_command));
        let mut deploy = format!(
            "aws cloudformation deploy --stack-name {} --template-file {} --capabilities CAPABILITY_IAM --tags {TAG}={}",
            self.stack,
            quoted(file),
            self.part.word()
        );
        if !self.parameters.is_empty() {
            deploy.push_str(" --parameter-overrides");
        }
        for (key, value) in &self.parameters {
            // Writing to a text cannot fail.
            let _ = write!(deploy, " {}", quoted(&format!("{key}={value}")));
        }
        commands.push(deploy);
        commands
    }
}

/// A text as one word for a shell.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::LOGOS;

    #[test]
    fn a_pipeline_is_called_after_its_model() {
        let model: ModelArn = LOGOS.parse().unwrap();
        let name = Part::Pipeline.stack_name(Some(&model));
        assert!(name.starts_with("rekotui-logos"), "{name}");
        assert_eq!(Part::Scheduler.stack_name(Some(&model)), "rekotui-scheduler");
    }

    #[test]
    fn no_two_models_have_a_stack_of_one_name() {
        let name = |project: &str, version: &str| {
            let arn = format!("arn:aws:rekognition:eu-central-1:123456789012:project/{project}/version/{version}/1");
            let name = Part::Pipeline.stack_name(Some(&arn.parse().unwrap()));
            assert_eq!(Part::Pipeline.fault_of_name(&name), None, "{name}");
            name
        };
        assert_eq!(name("parts", "v1"), "rekotui-parts-v1");
        assert!(name("parts", "v1.1").starts_with("rekotui-parts-v1-1-"));
        assert_ne!(name("parts", "v1.1"), name("parts", "v1-1"));
        assert_ne!(name("a-b", "c"), name("a", "b-c"));
        // What the Rekognition console proposes as a version.
        let project = "plant-7-parts-camera";
        let long = |second: &str| name(project, &format!("{project}.2026-11-02T08.15.{second}"));
        assert_ne!(long("01"), long("02"));
        assert_eq!(long("01").len(), 54);
    }

    #[test]
    fn a_name_that_cannot_be_is_refused_with_the_reason() {
        let fault = |name: &str| Part::Scheduler.fault_of_name(name).unwrap_or_default();
        assert_eq!(fault("rekotui-scheduler"), "");
        for name in ["1st", "a_b", ""] {
            assert!(fault(name).contains("letters, digits"), "{name}");
        }
        assert_eq!(fault(&"a".repeat(55)), "");
        assert!(fault(&"a".repeat(56)).contains("leaves 55 characters"));
    }

    #[test]
    fn a_program_is_packed_before_it_is_uploaded() {
        let code = Code {
            file: "/a b/startup".into(),
            digest: String::new(),
            bucket: "code".into(),
            key: "k.zip".into(),
            bare: true,
        };
        assert!(code.aws_command().starts_with("install -m 755 '/a b/startup' ./bootstrap && zip"));
        let zip = Code { bare: false, ..code };
        assert_eq!(zip.aws_command(), "aws s3 cp '/a b/startup' s3://code/k.zip");
    }

    #[test]
    fn the_cause_is_what_failed_first_and_by_itself() {
        let event = |resource: &str, kind: &str, status: &str, reason: Option<&str>| StackEvent {
            id: resource.into(),
            at: None,
            resource: resource.into(),
            kind: kind.into(),
            status: status.into(),
            reason: reason.map(str::to_owned),
        };
        let newest_first = [
            event(
                "stack",
                STACK,
                "ROLLBACK_IN_PROGRESS",
                Some("The following resource(s) failed to create: [Startup]."),
            ),
            event("Other", "AWS::SQS::Queue", "CREATE_FAILED", Some("Resource creation cancelled")),
            event("Startup", "AWS::Lambda::Function", "CREATE_FAILED", Some("NoSuchKey")),
            event("Role", "AWS::IAM::Role", "CREATE_COMPLETE", None),
        ];
        assert_eq!(cause(&newest_first).unwrap(), "Startup (AWS::Lambda::Function) is CREATE_FAILED: NoSuchKey");
        assert_eq!(progress(&newest_first[2..]), "1 resources at their end; Startup CREATE_FAILED");
    }

    #[test]
    fn the_commands_are_those_that_a_shell_takes() {
        let wanted = Wanted {
            part: Part::Scheduler,
            stack: "rekotui-scheduler".into(),
            parameters: [("Models".to_owned(), "project/*".to_owned()), ("AlarmTopic".to_owned(), String::new())]
                .into(),
            code: Some(Code {
                file: "a b.zip".into(),
                digest: "0".into(),
                bucket: "code".into(),
                key: "k.zip".into(),
                bare: false,
            }),
        };
        let commands = wanted.aws_commands("scheduler.yaml");
        assert_eq!(commands[0], "aws s3 cp 'a b.zip' s3://code/k.zip");
        assert!(commands[1].contains("--parameter-overrides AlarmTopic= 'Models=project/*'"), "{}", commands[1]);
    }
}
