//! CloudFormation: stacks, what would change in them, and what happens in them.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::config::Builder as Config;
use aws_sdk_cloudformation::operation::RequestId;
use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeSetStatus, ChangeSetType, EventFilter, Parameter, PolicyAction, Stack as Described,
    StackEvent as Happened, Tag,
};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;

use super::account::Account;
use super::convert::time;
use super::page::{Page, pages};
use super::receipt::{Receipt, once};
use crate::domain::deploy::{ChangeSet, ResourceChange, Stack, StackEvent, TAG, Wanted};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

const STACKS: &str = "cloudformation:DescribeStacks";
const REASONS: &str = "cloudformation:DescribeEvents";
const EVENTS: &str = "cloudformation:DescribeStackEvents";
const RESOURCES: &str = "cloudformation:ListStackResources";
const PROPOSE: &str = "cloudformation:CreateChangeSet";
const PROPOSED: &str = "cloudformation:DescribeChangeSet";
const EXECUTE: &str = "cloudformation:ExecuteChangeSet";
const WITHDRAW: &str = "cloudformation:DeleteChangeSet";
const DELETE: &str = "cloudformation:DeleteStack";

/// So many pages of events are read at most: a hundred each, the newest first.
const EVENT_PAGES: usize = 5;

/// How a change set that was asked for stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// CloudFormation is still working it out.
    Pending,
    /// It is there; without a change if nothing would change.
    Ready(ChangeSet),
    /// CloudFormation cannot make it, in its own words.
    Refused(String),
}

impl Account {
    /// All stacks that exist. This wants the right to describe all of them, not those of rekotui alone.
    ///
    /// # Errors
    /// Whatever keeps CloudFormation from answering.
    pub async fn stacks(&self) -> Result<Vec<Stack>, Trouble> {
        let all = pages(STACKS, move |token| async move {
            let page =
                self.call(STACKS, None, self.cloudformation().describe_stacks().set_next_token(token).send()).await?;
            let rows = page.stacks.unwrap_or_default().into_iter().filter_map(stack).collect();
            Ok(Page { rows, next: page.next_token })
        });
        all.try_concat().await
    }

    /// The stack of this name or ARN, if it exists.
    ///
    /// # Errors
    /// Whatever keeps CloudFormation from answering.
    pub async fn stack_named(&self, name: &str) -> Result<Option<Stack>, Trouble> {
        match self.stack_now(name).await {
            Ok(found) => Ok(found.filter(|stack| stack.status != "DELETE_COMPLETE")),
            // That there is none is no error of its own in this service, but one of the request (ValidationError).
            Err(trouble) if trouble.kind == TroubleKind::Invalid => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// A stack by its ARN, also for a while after it was deleted.
    ///
    /// # Errors
    /// Whatever keeps CloudFormation from answering.
    pub async fn stack_now(&self, arn: &str) -> Result<Option<Stack>, Trouble> {
        let sent = self.cloudformation().describe_stacks().stack_name(arn).send();
        let answer = self.call(STACKS, Some(arn), sent).await?;
        Ok(answer.stacks.unwrap_or_default().into_iter().find_map(stack))
    }

    /// What has happened in a stack since then, the newest first.
    ///
    /// # Errors
    /// Whatever keeps CloudFormation from answering.
    pub async fn stack_events(&self, arn: &str, since: DateTime<Utc>) -> Result<Vec<StackEvent>, Trouble> {
        let (mut events, mut token) = (Vec::new(), None);
        for _ in 0..EVENT_PAGES {
            let sent = self.cloudformation().describe_stack_events().stack_name(arn).set_next_token(token).send();
            let page = self.call(EVENTS, Some(arn), sent).await?;
            let rows: Vec<StackEvent> = page.stack_events.unwrap_or_default().into_iter().filter_map(event).collect();
            let enough = rows.last().is_none_or(|oldest| oldest.at.is_some_and(|at| at < since));
            events.extend(rows.into_iter().filter(|event| event.at.is_none_or(|at| at >= since)));
            token = page.next_token;
            if token.is_none() || enough {
                break;
            }
        }
        Ok(events)
    }

    /// What a stack has made: the type and the physical id of each resource that is there.
    ///
    /// # Errors
    /// Whatever keeps CloudFormation from answering.
    pub async fn stack_resources(&self, arn: &str) -> Result<Vec<(String, String)>, Trouble> {
        let all = pages(RESOURCES, move |token| async move {
            let sent = self.cloudformation().list_stack_resources().stack_name(arn).set_next_token(token).send();
            let page = self.call(RESOURCES, Some(arn), sent).await?;
            let rows = page.stack_resource_summaries.unwrap_or_default().into_iter();
            let there = |status: &str| !matches!(status, "DELETE_COMPLETE" | "CREATE_FAILED");
            let rows = rows.filter(|row| row.resource_status.as_ref().is_some_and(|status| there(status.as_str())));
            let rows = rows.filter_map(|row| Some((row.resource_type?, row.physical_resource_id?))).collect();
            Ok(Page { rows, next: page.next_token })
        });
        all.try_concat().await
    }

    /// CreateChangeSet, which changes nothing but says what would be. The ARNs of the change set and of the stack; a new
    /// stack exists from now on, without a resource.
    ///
    /// # Errors
    /// When CloudFormation refuses the parameters or does not answer.
    pub async fn propose(
        &self,
        _: &Permit,
        wanted: &Wanted,
        existing: Option<&Stack>,
        name: &str,
    ) -> Result<(String, String), Trouble> {
        let creates = existing.is_none_or(Stack::is_empty);
        let kept = existing.filter(|_| !creates).into_iter().flat_map(|stack| stack.parameters.keys());
        let kept = kept.filter(|key| !wanted.parameters.contains_key(*key) && takes(wanted.part.template(), key));
        let kept = kept.map(|key| Parameter::builder().parameter_key(key).use_previous_value(true).build());
        let given = wanted.parameters.iter();
        let given = given.map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build());
        let sent = self
            .cloudformation()
            .create_change_set()
            .stack_name(&wanted.stack)
            .change_set_name(name)
            .change_set_type(if creates { ChangeSetType::Create } else { ChangeSetType::Update })
            .template_body(wanted.part.template())
            .set_parameters(Some(kept.chain(given).collect()))
            .capabilities(Capability::CapabilityIam)
            .set_tags(Some(tags(wanted, existing)))
            .send();
        let answer = self.call(PROPOSE, Some(&wanted.stack), sent).await?;
        let garbled = || self.about(Trouble::new(TroubleKind::Garbled, PROPOSE), Some(&wanted.stack));
        answer.id.zip(answer.stack_id).ok_or_else(garbled)
    }

    /// How a change set stands.
    ///
    /// # Errors
    /// When it is gone, or CloudFormation does not answer.
    pub async fn proposed(&self, arn: &str, stack: &str, creates: bool) -> Result<Proposed, Trouble> {
        let (mut changes, mut token) = (Vec::new(), None);
        loop {
            let sent = self.cloudformation().describe_change_set().change_set_name(arn).set_next_token(token).send();
            let page = self.call(PROPOSED, Some(arn), sent).await?;
            match page.status {
                Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress) => {
                    return Ok(Proposed::Pending);
                }
                Some(ChangeSetStatus::CreateComplete) => {}
                // Whether there is nothing to change, or something wrong, is said in words alone; a stack that stays as
                // it is has no change either way.
                _ => {
                    let said = failed(page.status_reason.as_deref().unwrap_or_default(), arn, stack, creates);
                    let Proposed::Refused(why) = said else { return Ok(said) };
                    // What is wrong stands in events, which are gone with the change set. Without them there is still a reason.
                    let reasons = self.reasons(arn).await.unwrap_or_default();
                    return Ok(Proposed::Refused(if reasons.is_empty() { why } else { reasons.join(" ") }));
                }
            }
            changes.extend(page.changes.unwrap_or_default().into_iter().filter_map(change));
            token = page.next_token;
            if token.is_none() {
                let (arn, stack) = (arn.to_owned(), stack.to_owned());
                return Ok(Proposed::Ready(ChangeSet { arn, stack, creates, changes }));
            }
        }
    }

    /// What early validation found wrong with a change set, a sentence for each resource.
    async fn reasons(&self, change_set: &str) -> Result<Vec<String>, Trouble> {
        let failed = EventFilter::builder().failed_events(true).build();
        let sent = self.cloudformation().describe_events().change_set_name(change_set).filters(failed).send();
        let answer = self.call(REASONS, Some(change_set), sent).await?;
        let reasons = answer.operation_events.unwrap_or_default().into_iter().filter_map(|event| {
            let said = event.validation_status_reason.or(event.hook_status_reason).or(event.resource_status_reason)?;
            let said = super::error::clean(said.trim_end_matches('.'))?;
            Some(format!("{}: {said}.", event.logical_resource_id.as_deref().unwrap_or("The stack")))
        });
        Ok(reasons.collect())
    }

    /// How far a change set has been carried out: CloudFormation's ExecutionStatus. `None`: it is gone.
    ///
    /// # Errors
    /// Whatever keeps CloudFormation from answering.
    pub async fn execution(&self, change_set: &str) -> Result<Option<String>, Trouble> {
        let sent = self.cloudformation().describe_change_set().change_set_name(change_set).send();
        match self.call(PROPOSED, Some(change_set), sent).await {
            Ok(answer) => Ok(answer.execution_status.map(|status| status.as_str().to_owned())),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// ExecuteChangeSet, tried once.
    ///
    /// # Errors
    /// When CloudFormation refuses it or does not answer.
    pub async fn apply(&self, _: &Permit, change_set: &str, token: &str) -> Result<Receipt, Trouble> {
        let sent = self
            .cloudformation()
            .execute_change_set()
            .change_set_name(change_set)
            .client_request_token(token)
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        let answer = self.call(EXECUTE, Some(change_set), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }

    /// DeleteChangeSet.
    ///
    /// # Errors
    /// When CloudFormation refuses it or does not answer.
    pub async fn withdraw(&self, _: &Permit, change_set: &str) -> Result<Receipt, Trouble> {
        let sent = self.cloudformation().delete_change_set().change_set_name(change_set).send();
        let answer = self.call(WITHDRAW, Some(change_set), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }

    /// DeleteStack, tried once.
    ///
    /// # Errors
    /// When CloudFormation refuses it or does not answer.
    pub async fn delete_stack(&self, _: &Permit, stack: &str, token: &str) -> Result<Receipt, Trouble> {
        let sent = self
            .cloudformation()
            .delete_stack()
            .stack_name(stack)
            .client_request_token(token)
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        let answer = self.call(DELETE, Some(stack), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }
}

/// The tags that a stack is to have: ours, and those that somebody else has given it. What is not named here is taken away.
fn tags(wanted: &Wanted, existing: Option<&Stack>) -> Vec<Tag> {
    let others = existing.into_iter().flat_map(|stack| &stack.tags);
    let others = others.filter(|(key, _)| *key != TAG && !key.starts_with("aws:"));
    let others = others.map(|(key, value)| Tag::builder().key(key).value(value).build());
    others.chain([Tag::builder().key(TAG).value(wanted.part.word()).build()]).collect()
}

/// Whether a template has a parameter: one that an older version of it had is not passed on.
fn takes(template: &str, parameter: &str) -> bool {
    template.lines().any(|line| line.trim_end() == format!("  {parameter}:"))
}

/// CloudFormation has no code for a change set without a change, only this sentence (API reference, CreateChangeSet).
fn failed(reason: &str, arn: &str, stack: &str, creates: bool) -> Proposed {
    if reason.contains("didn't contain changes") || reason.contains("No updates are to be performed") {
        let (arn, stack) = (arn.to_owned(), stack.to_owned());
        return Proposed::Ready(ChangeSet { arn, stack, creates, changes: Vec::new() });
    }
    Proposed::Refused(super::error::clean(reason).unwrap_or_else(|| "It does not say why.".into()))
}

fn stack(described: Described) -> Option<Stack> {
    let parameters = described.parameters.unwrap_or_default().into_iter();
    let outputs = described.outputs.unwrap_or_default().into_iter();
    let tags = described.tags.unwrap_or_default().into_iter();
    Some(Stack {
        arn: described.stack_id?,
        name: described.stack_name?,
        status: described.stack_status?.as_str().to_owned(),
        reason: described.stack_status_reason,
        parameters: parameters.filter_map(|one| one.parameter_key.zip(one.parameter_value)).collect(),
        outputs: outputs.filter_map(|one| one.output_key.zip(one.output_value)).collect(),
        tags: tags.filter_map(|one| one.key.zip(one.value)).collect::<BTreeMap<_, _>>(),
        protected: described.enable_termination_protection.unwrap_or(false),
    })
}

fn event(happened: Happened) -> Option<StackEvent> {
    Some(StackEvent {
        id: happened.event_id?,
        at: time(happened.timestamp.as_ref()),
        resource: happened.logical_resource_id.unwrap_or_default(),
        kind: happened.resource_type.unwrap_or_default(),
        status: happened.resource_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: happened.resource_status_reason.as_deref().and_then(super::error::clean),
    })
}

fn change(change: Change) -> Option<ResourceChange> {
    let change = change.resource_change?;
    Some(ResourceChange {
        action: change.action?.as_str().to_owned(),
        resource: change.logical_resource_id?,
        kind: change.resource_type.unwrap_or_default(),
        replacement: change.replacement.map(|replacement| replacement.as_str().to_owned()),
        stays: change.policy_action == Some(PolicyAction::Retain),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_template_took_is_not_passed_on() {
        let template = "Parameters:\n  CodeKey:\n    Type: String\n";
        assert!(takes(template, "CodeKey") && !takes(template, "Code") && !takes(template, "Type"));
    }

    #[test]
    fn a_change_set_without_changes_is_told_from_one_that_cannot_be_made() {
        let none =
            "The submitted information didn't contain changes. Submit different information to create a change set.";
        assert!(matches!(failed(none, "a", "s", false), Proposed::Ready(set) if set.changes.is_empty()));
        assert_eq!(failed("Transform failed", "a", "s", false), Proposed::Refused("Transform failed".into()));
    }
}
