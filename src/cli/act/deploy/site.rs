//! What is there when something is deployed: the stack, the bucket for its images, the mapping that feeds.

use crate::aws::Account;
use crate::cli::act::Bench;
use crate::domain::deploy::{Part, Stack, Wanted};
use crate::domain::model::ModelArn;
use crate::domain::notification::{Source, queue_of};

/// The bucket that told the queue of a stack until now, where another one is to do so from now on. One that cannot be looked
/// at any more is left as it is.
pub(super) async fn former(wanted: &Wanted, stack: &Stack, account: &Account) -> Option<Source> {
    let (bucket, queue) = stack.bucket_and_queue()?;
    let other = wanted.parameters.get("BucketName").is_some_and(|wanted| *wanted != bucket);
    let owner = queue.split(':').nth(4).unwrap_or_default();
    let notifications = if other { account.notifications(&bucket, owner).await.ok()?? } else { return None };
    Some(Source { bucket, queue, notifications })
}

/// The UUID of a stack's own mapping, if that is on.
pub(super) fn feeding<'a>(bench: &Bench<'_>, stack: &'a Stack) -> Option<&'a str> {
    let uuid = stack.outputs.get("Mapping")?;
    let mapping = bench.gathered?.fleet.mappings.rows.get(uuid)?;
    mapping.state.is_on().then_some(uuid.as_str())
}

/// What speaks against deploying into a stack that is there; `named` is whether it was named by whoever asks.
pub(super) fn objection(wanted: &Wanted, existing: Option<&Stack>, named: bool) -> Option<String> {
    let name = &wanted.stack;
    let needs_code = !wanted.parameters.contains_key("CodeKey");
    let stands = existing.filter(|stack| !stack.is_empty());
    let images = wanted.parameters.contains_key("BucketName") || stands.is_some();
    if wanted.part == Part::Pipeline && !images {
        return Some("Say which bucket the images come into, whether it is there or to be created: --images.".into());
    }
    let Some(stack) = stands else {
        let why = "it is new, and its functions need their code: give --code FILE --bucket BUCKET";
        return needs_code
            .then(|| format!("The stack {name} cannot be made: {why}. 'The functions' in the README says more."));
    };
    if stack.is_busy() {
        return Some(format!(
            "The stack {name} is {}. Wait until CloudFormation has come to its end with it.",
            stack.status
        ));
    }
    if stack.is_ruin() {
        return Some(format!(
            "The stack {name} is {}: take it out first with 'rekotui undeploy {name}'.",
            stack.status
        ));
    }
    if stack.is_stuck() {
        return Some(format!(
            "The last change of the stack {name} has failed, and could not be put back either ({}). Correct what is in the \
             way, and have CloudFormation go on with putting it back: aws cloudformation continue-update-rollback \
             --stack-name {name}",
            stack.reason.as_deref().unwrap_or("CloudFormation does not say why")
        ));
    }
    if stack.part() != Some(wanted.part) {
        return Some(format!(
            "The stack {name} is there already and was not made from this template. Give this one another name with --stack."
        ));
    }
    let other =
        stack.model().filter(|model| wanted.parameters.get("ModelArn").is_some_and(|arn| model.as_str() != arn));
    if let Some(other) = other.filter(|_| wanted.part == Part::Pipeline && !named) {
        return Some(format!(
            "The stack {name} is there already, for {}. Give this one another name with --stack, or name that one if it is \
             to serve the other model from now on.",
            other.name()
        ));
    }
    None
}

/// The bucket for the images and the model that looks at them, unless the stack makes that bucket itself.
pub(super) fn outside(wanted: &Wanted, existing: Option<&Stack>) -> Result<Option<(String, ModelArn)>, String> {
    let existing = existing.filter(|stack| !stack.is_empty());
    let before = |key: &str| existing.and_then(|stack| stack.parameters.get(key));
    let said = |key: &str| wanted.parameters.get(key).or_else(|| before(key)).cloned();
    let (Some(bucket), Some(model)) = (said("BucketName"), said("ModelArn")) else { return Ok(None) };
    let has_made = before("CreateBucket").is_some_and(|made| made == "true") && before("BucketName") == Some(&bucket);
    let makes = wanted.parameters.get("CreateBucket").map_or(has_made, |makes| makes == "true");
    if makes {
        return Ok(None);
    }
    let model = model.parse().map_err(|_| format!("ModelArn is not the ARN of a model: {model}"))?;
    Ok(Some((bucket, model)))
}

/// What that bucket tells now, if it is there; what is wanted says then that the stack is not to make it.
pub(super) async fn source(
    wanted: &mut Wanted,
    (bucket, model): (String, ModelArn),
    account: &Account,
) -> Result<Option<Source>, String> {
    let there = account.notifications(&bucket, model.account()).await.map_err(|trouble| {
        format!("Whether the bucket {bucket} is there, and what it tells, could not be read. {trouble}")
    })?;
    // Where it was said that the bucket is there and it is not, the queue of a stack would be told by nobody.
    wanted.parameters.insert("CreateBucket".into(), there.is_none().to_string());
    Ok(there.map(|notifications| Source { queue: queue_of(&wanted.stack, &model), bucket, notifications }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn only_a_stack_of_the_same_template_is_changed() {
        let wanted = |code: bool| Wanted {
            part: Part::Scheduler,
            stack: "rekotui-scheduler".into(),
            parameters: if code { [("CodeKey".to_owned(), "k".to_owned())].into() } else { BTreeMap::new() },
            code: None,
        };
        let stack = |status: &str, tag: &str| Stack {
            name: "rekotui-scheduler".into(),
            status: status.into(),
            tags: [("rekotui".to_owned(), tag.to_owned())].into(),
            ..Stack::default()
        };
        let said = |wanted: &Wanted, stack: Option<&Stack>| objection(wanted, stack, false).unwrap_or_default();
        assert_eq!(said(&wanted(true), None), "");
        assert!(said(&wanted(false), None).contains("--code FILE"));
        assert!(said(&wanted(false), Some(&stack("REVIEW_IN_PROGRESS", "scheduler"))).contains("--code FILE"));
        assert_eq!(said(&wanted(false), Some(&stack("UPDATE_COMPLETE", "scheduler"))), "");
        assert!(
            said(&wanted(true), Some(&stack("UPDATE_COMPLETE", "pipeline"))).contains("not made from this template")
        );
        assert!(said(&wanted(true), Some(&stack("ROLLBACK_COMPLETE", "scheduler"))).contains("undeploy"));
        let stuck = said(&wanted(true), Some(&stack("UPDATE_ROLLBACK_FAILED", "scheduler")));
        assert!(stuck.contains("continue-update-rollback") && !stuck.contains("undeploy"), "{stuck}");
        assert!(said(&wanted(true), Some(&stack("UPDATE_IN_PROGRESS", "scheduler"))).contains("Wait"));
    }
}
