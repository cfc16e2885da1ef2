//! EventBridge: scheduled rules, the older way to run something by the clock.

mod parameters;

use aws_sdk_eventbridge::config::Builder as Config;
use aws_sdk_eventbridge::operation::RequestId;
use aws_sdk_eventbridge::types::{Rule, RuleState, Target as AwsTarget};
use futures_util::{Stream, TryStreamExt};

use super::account::Account;
use super::convert::count;
use super::novelty::{self, Novelty};
use super::page::{Page, pages};
use super::receipt::{Receipt, once, wrong_kind};
use super::scheduler::Replacing;
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

/// The largest page that ListRules and ListTargetsByRule give (botocore's service model).
const PAGE: i32 = 100;

const LIST: &str = "events:ListRules";
const DESCRIBE: &str = "events:DescribeRule";
const ENABLE: &str = "events:EnableRule";
const DISABLE: &str = "events:DisableRule";
const PUT: &str = "events:PutRule";
const TARGETS: &str = "events:ListTargetsByRule";

impl Account {
    /// All rules with an expression, page by page, without their targets. Only the default bus can have them.
    pub(super) fn rules(&self) -> impl Stream<Item = Result<Vec<Schedule>, Trouble>> + Send + '_ {
        pages(LIST, move |token| async move {
            let sent = self.eventbridge().list_rules().limit(PAGE).set_next_token(token).send();
            let page = self.call(LIST, None, sent).await?;
            let rows = page.rules.unwrap_or_default().into_iter().filter_map(rule).collect();
            Ok(Page { rows, next: page.next_token })
        })
    }

    /// The targets of a rule. `None`: the rule is gone.
    pub(super) async fn targets(&self, rule: &Schedule) -> Result<Option<Vec<Target>>, Trouble> {
        let found = pages(TARGETS, move |token| async move {
            let sent = self
                .eventbridge()
                .list_targets_by_rule()
                .rule(&rule.name)
                .event_bus_name(&rule.group)
                .limit(PAGE)
                .set_next_token(token)
                .send();
            let page = self.call(TARGETS, Some(&rule.arn), sent).await?;
            let rows = page.targets.unwrap_or_default().into_iter().map(target).collect();
            Ok(Page { rows, next: page.next_token })
        });
        match found.try_concat().await {
            Ok(targets) => Ok(Some(targets)),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }
}

impl Account {
    /// A rule as it is now, with its targets. `None`: it is gone.
    pub(super) async fn rule(&self, known: &Schedule) -> Result<Option<Schedule>, Trouble> {
        self.heard_rule(known, &Novelty::beside(&novelty::RULE)).await
    }

    async fn heard_rule(&self, known: &Schedule, novelty: &Novelty) -> Result<Option<Schedule>, Trouble> {
        let asked = self.eventbridge().describe_rule().name(&known.name).event_bus_name(&known.group);
        let sent = asked.customize().interceptor(novelty.clone()).send();
        let found = match self.call(DESCRIBE, Some(&known.arn), sent).await {
            Ok(found) => found,
            Err(trouble) if trouble.kind == TroubleKind::NotFound => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let found = Rule::builder()
            .set_arn(found.arn)
            .set_name(found.name)
            .set_event_bus_name(found.event_bus_name)
            .set_schedule_expression(found.schedule_expression)
            .set_state(found.state)
            .set_description(found.description)
            .set_managed_by(found.managed_by)
            .set_role_arn(found.role_arn)
            .set_event_pattern(found.event_pattern)
            .build();
        let Some(rule) = rule(found) else { return Ok(None) };
        Ok(self.targets(&rule).await?.map(|targets| Schedule { targets, ..rule }))
    }

    /// Replaces a rule, which is what PutRule does: every member that is not sent goes back to its default. Its targets are
    /// not touched.
    ///
    /// So it is read first, has to be `before` in every field, and is sent back as it was read, with the expression, state
    /// and description of `after`. Does not read back; tried once.
    ///
    /// # Errors
    /// When it was changed in between, has members that this version does not know, belongs to a service, or a call goes
    /// wrong. One that has lost its expression counts as gone.
    pub async fn replace_rule(&self, _: &Permit, before: &Schedule, after: &Schedule) -> Result<Receipt, Replacing> {
        if let Some(trouble) = wrong_kind(PUT, Kind::Rule, before) {
            return Err(trouble.into());
        }
        let novelty = Novelty::beside(&novelty::RULE);
        let now = self.heard_rule(before, &novelty).await?.ok_or(Replacing::Gone)?;
        if now != *before {
            return Err(Replacing::Changed(Box::new(now)));
        }
        let garbled = || self.about(Trouble::new(TroubleKind::Garbled, DESCRIBE), Some(&before.arn));
        let unknown = novelty.heard().ok_or_else(garbled)?;
        if !unknown.is_empty() {
            return Err(Replacing::Unknown(unknown));
        }
        if let Some(detail) = mistake(before, after) {
            let trouble = Trouble { detail: Some(detail), ..Trouble::new(TroubleKind::Invalid, PUT) };
            return Err(Replacing::Trouble(self.about(trouble, Some(&before.arn))));
        }
        let sent = self
            .eventbridge()
            .put_rule()
            .name(&now.name)
            .event_bus_name(&now.group)
            .set_schedule_expression(after.expression.clone())
            .set_event_pattern(now.event_pattern)
            .state(RuleState::from(after.state.as_str()))
            .set_description(after.description.clone())
            .set_role_arn(now.role_arn)
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        match self.call(PUT, Some(&before.arn), sent).await {
            Ok(answer) => Ok(Receipt::of(answer.request_id())),
            // PutRule creates a rule that is not there: what is missing is the bus.
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Err(Replacing::Gone),
            Err(trouble) => Err(Replacing::Trouble(trouble)),
        }
    }

    /// EnableRule or DisableRule, which change nothing else; tried once.
    ///
    /// # Errors
    /// When EventBridge refuses it or does not answer; before anything is sent, when it is no rule.
    pub async fn switch_rule(&self, _: &Permit, rule: &Schedule, enabled: bool) -> Result<Receipt, Trouble> {
        if let Some(trouble) = wrong_kind(if enabled { ENABLE } else { DISABLE }, Kind::Rule, rule) {
            return Err(trouble);
        }
        let override_with = Config::default().retry_config(once());
        if enabled {
            let asked = self.eventbridge().enable_rule().name(&rule.name).event_bus_name(&rule.group);
            let sent = asked.customize().config_override(override_with).send();
            let answer = self.call(ENABLE, Some(&rule.arn), sent).await?;
            Ok(Receipt::of(answer.request_id()))
        } else {
            let asked = self.eventbridge().disable_rule().name(&rule.name).event_bus_name(&rule.group);
            let sent = asked.customize().config_override(override_with).send();
            let answer = self.call(DISABLE, Some(&rule.arn), sent).await?;
            Ok(Receipt::of(answer.request_id()))
        }
    }
}

/// Why `before` cannot become `after` by PutRule.
fn mistake(before: &Schedule, after: &Schedule) -> Option<String> {
    if let Some(owner) = &before.managed_by {
        return Some(format!("it belongs to {owner}, which alone may change it"));
    }
    let fixed = Schedule {
        expression: before.expression.clone(),
        enabled: before.enabled,
        state: before.state.clone(),
        description: before.description.clone(),
        ..after.clone()
    };
    if fixed != *before {
        return Some("PutRule changes its expression, state and description alone".into());
    }
    if after.expression.is_none() {
        return Some("it would have no expression".into());
    }
    let disabled = after.state == RuleState::Disabled.as_str();
    if !RuleState::values().contains(&after.state.as_str()) || disabled == after.enabled {
        return Some(format!("{} is no state for it", after.state));
    }
    None
}

fn rule(found: Rule) -> Option<Schedule> {
    let expression = found.schedule_expression.filter(|expression| !expression.is_empty())?;
    let state = found.state.unwrap_or(RuleState::Enabled);
    Some(Schedule {
        expression: Some(expression),
        enabled: state != RuleState::Disabled,
        state: state.as_str().to_owned(),
        description: found.description,
        managed_by: found.managed_by,
        role_arn: found.role_arn,
        event_pattern: found.event_pattern,
        ..Schedule::new(found.arn?, found.name?, found.event_bus_name.unwrap_or_else(|| "default".into()), Kind::Rule)
    })
}

fn target(found: AwsTarget) -> Target {
    let parameters = parameters::of(&found);
    let retry = found.retry_policy;
    Target {
        id: Some(found.id),
        arn: found.arn,
        role_arn: found.role_arn,
        input: found.input,
        max_event_age_seconds: count(retry.as_ref().and_then(|retry| retry.maximum_event_age_in_seconds)),
        max_retries: count(retry.as_ref().and_then(|retry| retry.maximum_retry_attempts)),
        dead_letter_arn: found.dead_letter_config.and_then(|config| config.arn),
        parameters,
    }
}
