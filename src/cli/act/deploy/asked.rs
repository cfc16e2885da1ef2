//! What is asked for: the arguments of `rekotui deploy`, and what they come to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};

use super::undeploy::switching;
use crate::cli::act::args::Manner;
use crate::cli::act::week::Window;
use crate::cli::act::{Bench, model};
use crate::domain::asked;
use crate::domain::deploy::{Code, Part, Wanted};
use crate::domain::week::Pattern;
use crate::operation::{Machine, digest, package};

/// What is to be deployed.
#[derive(Args, Clone, Debug)]
pub struct Deploy {
    /// Which part.
    #[command(subcommand)]
    pub what: What,
}

/// The parts that can be deployed.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// The functions that start and stop models, and what invokes them: once for an account and region
    Scheduler {
        /// What all parts have in common.
        #[command(flatten)]
        common: Common,
        /// The first model: an alarm watches how long it is in service, and with --set it gets its windows
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
        /// Its windows: 'Mon-Fri 09:00-17:00', 'office hours'
        #[arg(long, value_name = "WEEK", requires = "model")]
        set: Option<String>,
        /// The zone of its windows [default: the display zone]
        #[arg(long = "zone", value_name = "ZONE", requires = "set")]
        zone_wanted: Option<Tz>,
        /// How long before opening the start fires [default: 30m]
        #[arg(long, value_name = "LENGTH", value_parser = asked::length, requires = "set")]
        lead: Option<TimeDelta>,
    },
    /// The way of images to a model: bucket, queue, mapping, inference function; once for each model
    Pipeline {
        /// What all parts have in common.
        #[command(flatten)]
        common: Common,
        /// The model that looks at the images
        #[arg(long, value_name = "MODEL")]
        model: String,
        /// The bucket that images are uploaded to; it is created, unless it is there already
        #[arg(long, value_name = "BUCKET")]
        images: Option<String>,
        /// Where results go: beside (the image), s3://BUCKET/PREFIX, or the URL of a queue
        #[arg(long, value_name = "PLACE")]
        output: Option<String>,
        /// Leave labels out that the model is less sure of, in percent [default: the model's own thresholds]
        #[arg(long, value_name = "PERCENT")]
        min_confidence: Option<String>,
    },
}

/// What all parts are given.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The name of the stack [default: rekotui-scheduler, or rekotui-PROJECT-VERSION for a pipeline]
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The functions, as a zip or as the program itself, which is uploaded to --bucket; or where their zip is already:
    /// s3://BUCKET/KEY.zip
    #[arg(long, value_name = "FILE")]
    pub code: Option<String>,
    /// The bucket that the code is uploaded to
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// What the code was built for [default: what it says itself, or else its name]
    #[arg(long, value_name = "NAME")]
    pub architecture: Option<Architecture>,
    /// The ARN of an SNS topic that alarms tell
    #[arg(long, value_name = "ARN")]
    pub alarm_topic: Option<String>,
    /// Another parameter of the template: NAME=VALUE; several may be given
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub parameter: Vec<(String, String)>,
    /// Print the template and the same as commands of the AWS CLI, and do nothing
    #[arg(long, conflicts_with_all = ["yes", "dry_run"])]
    pub print: bool,
    /// How to go about it.
    #[command(flatten)]
    pub manner: Manner,
}

/// What Lambda runs the functions on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// Graviton: cheaper.
    Arm64,
    /// Intel and AMD.
    #[value(name = "x86_64")]
    X86,
}

impl Architecture {
    fn word(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }

    /// By the name of a file.
    fn of(file: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().any(|word| file.contains(word));
        match (has(&["arm64", "aarch64"]), has(&["x86_64", "x86-64", "amd64"])) {
            (true, false) => Some(Self::Arm64),
            (false, true) => Some(Self::X86),
            _ => None,
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it looks like NAME=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl Deploy {
    pub(super) fn common(&self) -> &Common {
        match &self.what {
            What::Scheduler { common, .. } | What::Pipeline { common, .. } => common,
        }
    }

    pub(in crate::cli::act) fn manner(&self) -> &Manner {
        &self.common().manner
    }

    /// Whether the account's models have to be read first.
    pub(in crate::cli::act) fn needs_fleet(&self) -> bool {
        match &self.what {
            What::Scheduler { model, .. } => model.is_some(),
            What::Pipeline { .. } => true,
        }
    }

    /// What is wanted, as far as the command says; with the path of the code's file, if it is to be uploaded.
    pub(super) fn wanted(&self, bench: &Bench<'_>) -> Result<Wanted, String> {
        let common = self.common();
        let mut parameters: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |key: &str, value: String| parameters.insert(key.to_owned(), value);
        let (part, arn) = match &self.what {
            What::Scheduler { model: said, set: week, .. } => {
                // What is wrong with it is better said before anything is made.
                week.as_deref().map(|week| Pattern::parse(week, 0)).transpose()?;
                // The windows are schedules of our own, which can be edited without the stack.
                for key in ["StartExpression", "StopExpression"].into_iter().filter(|_| said.is_some()) {
                    set(key, String::new());
                }
                (Part::Scheduler, said.as_deref().map(|said| model(bench, said)).transpose()?)
            }
            What::Pipeline { model: said, images, output, min_confidence, .. } => {
                let given = [("BucketName", images), ("Output", output), ("MinConfidence", min_confidence)];
                for (key, value) in given {
                    value.clone().map(|value| set(key, value));
                }
                if let Some((key, value)) = output.as_deref().and_then(allowed) {
                    set(key, value);
                }
                (Part::Pipeline, Some(model(bench, said)?))
            }
        };
        arn.as_ref().map(|arn| set("ModelArn", arn.to_string()));
        common.alarm_topic.clone().map(|topic| set("AlarmTopic", topic));
        let code = match common.code.as_deref() {
            Some(said) => {
                let (place, machine) = place(said, common)?;
                let named = common.architecture.or_else(|| Architecture::of(said));
                if let (Some(named), Some(machine)) = (common.architecture, machine)
                    && named != machine
                {
                    return Err(format!(
                        "{said} is made for {}: on {} Lambda could not start it.",
                        machine.word(),
                        named.word()
                    ));
                }
                // Where nothing says it, it is that of the stack or of the template.
                machine.or(named).map(|architecture| set("Architecture", architecture.word().into()));
                set("Version", env!("CARGO_PKG_VERSION").into());
                set("CodeBucket", place.bucket.clone());
                set("CodeKey", place.key.clone());
                // What is there already has no file here.
                Some(place).filter(|place| !place.file.is_empty())
            }
            None => None,
        };
        parameters.extend(common.parameter.iter().cloned());
        let stack = common.stack.clone().unwrap_or_else(|| part.stack_name(arn.as_ref()));
        if let Some(fault) = part.fault_of_name(&stack) {
            return Err(fault);
        }
        Ok(Wanted { part, stack, parameters, code })
    }

    /// The windows that the first model is to get.
    pub(super) fn window(&self) -> Option<Window> {
        match &self.what {
            What::Scheduler { model: Some(model), set: Some(set), zone_wanted, lead, common } => Some(Window {
                set: Some(set.clone()),
                zone_wanted: *zone_wanted,
                lead: *lead,
                ..switching(model.clone(), common.manner.clone())
            }),
            // The windows stay as they are; their schedules switch the new mapping too.
            What::Pipeline { model, common, .. } => Some(switching(model.clone(), common.manner.clone())),
            What::Scheduler { .. } => None,
        }
    }
}

/// The parameter of the template by which the function may write to that place.
fn allowed(output: &str) -> Option<(&'static str, String)> {
    if let Some(place) = output.strip_prefix("s3://") {
        return Some(("OutputBucket", place.split('/').next().unwrap_or_default().to_owned()));
    }
    // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
    let mut parts = output.strip_prefix("https://sqs.")?.split('/');
    let (host, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let region = host.split('.').next()?;
    Some(("OutputQueueArn", format!("arn:aws:sqs:{region}:{account}:{name}")))
}

/// Where the code is, and where it goes; and what it is made for, as far as it says so itself.
fn place(said: &str, common: &Common) -> Result<(Code, Option<Architecture>), String> {
    if let Some((bucket, key)) = said.strip_prefix("s3://").and_then(|place| place.split_once('/')) {
        let (bucket, key) = (bucket.into(), key.into());
        let there = Code { file: String::new(), digest: String::new(), bucket, key, bare: false };
        return Ok((there, None));
    }
    let bucket = common.bucket.clone().ok_or("Say which bucket the code is to be uploaded to: --bucket.")?;
    let bytes = std::fs::read(said).map_err(|error| {
        format!("{said} cannot be read: {error}. 'The functions' in the README says how to make it.")
    })?;
    // Named after its content: what Lambda runs never changes under a key, and CloudFormation sees that it is another one.
    let digest = digest(&bytes);
    let short: String = digest.chars().take(16).collect();
    let stem =
        Path::new(said).file_stem().map_or_else(|| "bootstrap".into(), |stem| stem.to_string_lossy().into_owned());
    let file = std::path::absolute(said).unwrap_or_else(|_| PathBuf::from(said)).display().to_string();
    let bare = bytes.starts_with(b"\x7fELF");
    let package = package(bytes).map_err(|why| format!("{said} {why} 'The functions' in the README says more."))?;
    let architecture = package.machine.map(|machine| match machine {
        Machine::Arm64 => Architecture::Arm64,
        Machine::X86 => Architecture::X86,
    });
    Ok((Code { file, digest, bucket, key: format!("rekotui/{stem}-{short}.zip"), bare }, architecture))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_architecture_stands_in_the_name() {
        for (file, known) in [
            ("target/lambda/bootstrap-arm64.zip", Some(Architecture::Arm64)),
            ("bootstrap-x86_64.zip", Some(Architecture::X86)),
            ("bootstrap.zip", None),
            ("arm64-or-x86_64.zip", None),
        ] {
            assert_eq!(Architecture::of(file), known, "{file}");
        }
    }
}
