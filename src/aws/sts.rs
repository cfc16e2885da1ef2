//! STS: who we are.

use super::account::Account;
use crate::domain::account::Identity;
use crate::domain::trouble::Trouble;

impl Account {
    /// GetCallerIdentity, which no policy can deny.
    pub(super) async fn caller(&self) -> Result<Identity, Trouble> {
        let sent = self.sts().get_caller_identity().send();
        let answer = self.call("sts:GetCallerIdentity", None, sent).await?;
        Ok(Identity { account: answer.account.unwrap_or_default(), arn: answer.arn.unwrap_or_default() })
    }
}
