//! What a deployment would change: asked of CloudFormation, which makes a change set for it, and taken back if nobody wants it.

use chrono::TimeDelta;

use super::engine::Engine;
use crate::aws::Proposed;
use crate::domain::deploy::{ChangeSet, Stack, Wanted};

/// How long CloudFormation may take to say what would change.
const PATIENCE: TimeDelta = TimeDelta::minutes(3);
const PAUSE: TimeDelta = TimeDelta::seconds(2);

impl Engine {
    /// Asks CloudFormation what would change. It makes a change set for that, and of a stack that is new the empty stack.
    ///
    /// # Errors
    /// In words: in a read-only session, when CloudFormation refuses it, and when it takes too long.
    pub async fn propose(&self, wanted: &Wanted, existing: Option<&Stack>) -> Result<ChangeSet, String> {
        let permit = self.0.permit().map_err(|refusal| refusal.to_string())?;
        let clock = self.clock();
        let name = format!("rekotui-{}-{}", clock.now().format("%Y%m%dT%H%M%S"), super::watch::letters(4));
        let creates = existing.is_none_or(Stack::is_empty);
        let asked = self.0.account.propose(&permit, wanted, existing, &name).await;
        let (arn, stack) = asked.map_err(|trouble| trouble.to_string())?;
        let since = clock.now();
        loop {
            match self.0.account.proposed(&arn, &stack, creates).await.map_err(|trouble| trouble.to_string())? {
                Proposed::Ready(set) => return Ok(set),
                Proposed::Refused(why) => {
                    self.withdraw(&ChangeSet { arn, stack, creates, changes: Vec::new() }).await?;
                    return Err(format!("CloudFormation cannot do this with the stack {}: {why}", wanted.stack));
                }
                Proposed::Pending if clock.now() - since > PATIENCE => {
                    return Err(format!(
                        "CloudFormation does not say what would change in the stack {}.",
                        wanted.stack
                    ));
                }
                Proposed::Pending => (self.0.manner.wait)(PAUSE).await,
            }
        }
    }

    /// Takes back what [`propose`](Self::propose) has made.
    ///
    /// # Errors
    /// In words, when CloudFormation does not do so: what stays costs nothing and does nothing.
    pub async fn withdraw(&self, set: &ChangeSet) -> Result<(), String> {
        let permit = self.0.permit().map_err(|refusal| refusal.to_string())?;
        let account = &self.0.account;
        let told = |trouble: crate::domain::trouble::Trouble| {
            format!("The change set {} could not be taken back: {trouble}", set.arn)
        };
        if !set.creates {
            return account.withdraw(&permit, &set.arn).await.map(drop).map_err(told);
        }
        // The stack that was made for it goes with its change sets; one that somebody else has filled meanwhile stays.
        let still = account.stack_now(&set.stack).await.map_err(told)?;
        if still.is_some_and(|stack| stack.is_empty()) {
            let token = super::watch::letters(12);
            return account.delete_stack(&permit, &set.stack, &token).await.map(drop).map_err(told);
        }
        Ok(())
    }
}
