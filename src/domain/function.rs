//! Functions: what GetFunctionConfiguration tells, as far as wiring needs it.

use std::collections::BTreeMap;

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
}

impl Function {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        name_in(&self.arn)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_not_part_of_the_name() {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:startup:live";
        assert_eq!(name_in(arn), "startup");
        assert_eq!(unqualified(arn), "arn:aws:lambda:eu-central-1:123456789012:function:startup");
        assert_eq!(name_in("startup"), "startup");
    }
}
