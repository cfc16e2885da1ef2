//! Functions: what GetFunctionConfiguration tells, as far as wiring needs it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A Lambda function that a schedule or a mapping invokes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its unqualified ARN.
    pub arn: String,
    /// Those of its environment variables that wiring can use: values that hold an ARN or a UUID, and `REKOTUI_ROLE`.
    /// The others may be secrets and never leave the `aws` room.
    pub mentions: BTreeMap<String, String>,
    /// Its timeout, in seconds.
    pub timeout_seconds: Option<u32>,
    /// Its `REKOTUI_VERSION`: the version of rekotui that it is a part of. `None`: it is none of ours.
    #[serde(default)]
    pub version: Option<String>,
    /// When its code or its configuration was last changed.
    #[serde(default)]
    pub modified: Option<DateTime<Utc>>,
}

/// What a function is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It starts its models.
    Startup,
    /// It stops its models.
    Shutdown,
    /// It asks a model about what a queue brings.
    Inference,
}

impl Role {
    /// The word in `REKOTUI_ROLE`, which screens and scripts use as well.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Shutdown => "shutdown",
            Self::Inference => "inference",
        }
    }
}

impl Function {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        name_in(&self.arn)
    }

    /// What it says of itself in `REKOTUI_ROLE`.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        let said = self.mentions.get("REKOTUI_ROLE")?.trim().to_ascii_lowercase();
        [Role::Startup, Role::Shutdown, Role::Inference].into_iter().find(|role| role.word() == said)
    }
}

/// The name in a function's ARN, without account and alias; a bare name is its own.
#[must_use]
pub fn name_in(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or(arn)
}

/// A function's ARN without version or alias: what GetFunctionConfiguration and wiring compare by.
#[must_use]
pub fn unqualified(arn: &str) -> String {
    arn.splitn(8, ':').take(7).collect::<Vec<_>>().join(":")
}

/// The unqualified ARN of a function that may be given by its name, or by account and name, as Lambda's API allows: then
/// it lives where `beside` (the ARN of the schedule that names it) lives.
#[must_use]
pub fn full_arn(function: &str, beside: &str) -> Option<String> {
    if function.starts_with("arn:") {
        return Some(unqualified(function));
    }
    let mut place = beside.split(':').skip(1);
    let (partition, _, region, account) = (place.next()?, place.next()?, place.next()?, place.next()?);
    let (account, name) = match function.split_once(":function:") {
        Some((account, name)) => (account, name),
        None => (account, function),
    };
    let name = name.split(':').next().filter(|name| !name.is_empty())?;
    Some(format!("arn:{partition}:lambda:{region}:{account}:function:{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_whatever_lambda_would_find_it_by() {
        let schedule = "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/morning";
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:startup";
        for given in [arn, &format!("{arn}:live"), "startup", "startup:live", "123456789012:function:startup"] {
            assert_eq!(full_arn(given, schedule).as_deref(), Some(arn), "{given}");
        }
        assert_eq!(full_arn("", schedule), None);
        assert_eq!(full_arn("startup", ""), None);
    }

    #[test]
    fn an_alias_is_not_part_of_the_name() {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:startup:live";
        assert_eq!(name_in(arn), "startup");
        assert_eq!(unqualified(arn), "arn:aws:lambda:eu-central-1:123456789012:function:startup");
        assert_eq!(name_in("startup"), "startup");
    }
}
