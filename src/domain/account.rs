//! Whose account this is.

use serde::{Deserialize, Serialize};

/// Who we are, as STS GetCallerIdentity says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The twelve digits of the account.
    pub account: String,
    /// The ARN of the caller: a user, or a role's session.
    pub arn: String,
}

impl Identity {
    /// The account's number in groups of four, as the AWS console prints it: `1234-5678-9012`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let digits: Vec<char> = self.account.chars().collect();
        digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// The last part of the caller's ARN: a user's name, or a role's session name.
    #[must_use]
    pub fn who(&self) -> &str {
        self.arn.rsplit(['/', ':']).next().unwrap_or(&self.arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_grouped_as_the_console_does() {
        let identity =
            Identity { account: "123456789012".into(), arn: "arn:aws:sts::123456789012:assumed-role/ops/anna".into() };
        assert_eq!(identity.grouped(), "1234-5678-9012");
        assert_eq!(identity.who(), "anna");
    }
}
