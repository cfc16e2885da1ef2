//! EventBridge: scheduled rules, the older way to run something by the clock.

mod parameters;

use aws_sdk_eventbridge::types::{Rule, RuleState, Target as AwsTarget};
use futures_util::{Stream, TryStreamExt};

use super::account::Account;
use super::convert::count;
use super::page::{Page, pages};
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::trouble::{Trouble, TroubleKind};

/// The largest page that ListRules and ListTargetsByRule give (botocore's service model).
const PAGE: i32 = 100;

const LIST: &str = "events:ListRules";
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

fn rule(found: Rule) -> Option<Schedule> {
    let expression = found.schedule_expression.filter(|expression| !expression.is_empty())?;
    let state = found.state.unwrap_or(RuleState::Enabled);
    Some(Schedule {
        arn: found.arn?,
        name: found.name?,
        group: found.event_bus_name.unwrap_or_else(|| "default".into()),
        kind: Kind::Rule,
        expression: Some(expression),
        zone: None,
        enabled: state != RuleState::Disabled,
        state: state.as_str().to_owned(),
        start: None,
        end: None,
        flexible_minutes: None,
        targets: Vec::new(),
        description: found.description,
        created: None,
        modified: None,
        deletes_itself: false,
        kms_key_arn: None,
        managed_by: found.managed_by,
        role_arn: found.role_arn,
        event_pattern: found.event_pattern,
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
