//! Fields of a schedule or a rule that this version does not know: the SDK drops them silently, and UpdateSchedule and
//! PutRule, which replace everything, would too.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

/// What an answer can hold (botocore's service model).
#[derive(Debug)]
pub(super) struct Known {
    /// Every member, lists written as their elements, a map as `*`.
    members: &'static str,
    /// The members whose values are one of a few words, with the words that this version can write back.
    words: &'static [(&'static str, &'static [&'static str])],
}

/// What DescribeRule can answer.
pub(super) const RULE: Known = Known {
    members: "Arn CreatedBy Description EventBusName EventPattern ManagedBy Name RoleArn ScheduleExpression State",
    words: &[("State", &["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"])],
};

/// What GetSchedule can answer.
pub(super) const SCHEDULE: Known = Known { members: SCHEDULE_MEMBERS, words: &SCHEDULE_WORDS };

const SCHEDULE_MEMBERS: &str = "
    ActionAfterCompletion Arn CreationDate Description EndDate GroupName KmsKeyArn LastModificationDate Name
    ScheduleExpression ScheduleExpressionTimezone StartDate State
    FlexibleTimeWindow FlexibleTimeWindow.MaximumWindowInMinutes FlexibleTimeWindow.Mode
    Target Target.Arn Target.Input Target.RoleArn Target.DeadLetterConfig Target.DeadLetterConfig.Arn
    Target.RetryPolicy Target.RetryPolicy.MaximumEventAgeInSeconds Target.RetryPolicy.MaximumRetryAttempts
    Target.EventBridgeParameters Target.EventBridgeParameters.DetailType Target.EventBridgeParameters.Source
    Target.KinesisParameters Target.KinesisParameters.PartitionKey
    Target.SqsParameters Target.SqsParameters.MessageGroupId
    Target.SageMakerPipelineParameters Target.SageMakerPipelineParameters.PipelineParameterList
    Target.SageMakerPipelineParameters.PipelineParameterList.Name
    Target.SageMakerPipelineParameters.PipelineParameterList.Value
    Target.EcsParameters Target.EcsParameters.EnableECSManagedTags Target.EcsParameters.EnableExecuteCommand
    Target.EcsParameters.Group Target.EcsParameters.LaunchType Target.EcsParameters.PlatformVersion
    Target.EcsParameters.PropagateTags Target.EcsParameters.ReferenceId Target.EcsParameters.TaskCount
    Target.EcsParameters.TaskDefinitionArn Target.EcsParameters.Tags Target.EcsParameters.Tags.*
    Target.EcsParameters.CapacityProviderStrategy Target.EcsParameters.CapacityProviderStrategy.base
    Target.EcsParameters.CapacityProviderStrategy.capacityProvider
    Target.EcsParameters.CapacityProviderStrategy.weight
    Target.EcsParameters.NetworkConfiguration Target.EcsParameters.NetworkConfiguration.awsvpcConfiguration
    Target.EcsParameters.NetworkConfiguration.awsvpcConfiguration.AssignPublicIp
    Target.EcsParameters.NetworkConfiguration.awsvpcConfiguration.SecurityGroups
    Target.EcsParameters.NetworkConfiguration.awsvpcConfiguration.Subnets
    Target.EcsParameters.PlacementConstraints Target.EcsParameters.PlacementConstraints.expression
    Target.EcsParameters.PlacementConstraints.type
    Target.EcsParameters.PlacementStrategy Target.EcsParameters.PlacementStrategy.field
    Target.EcsParameters.PlacementStrategy.type
";

const SCHEDULE_WORDS: [(&str, &[&str]); 4] = [
    ("ActionAfterCompletion", &["NONE", "DELETE"]),
    ("FlexibleTimeWindow.Mode", &["OFF", "FLEXIBLE"]),
    ("State", &["ENABLED", "DISABLED"]),
    ("Target.EcsParameters.PropagateTags", &["TASK_DEFINITION"]),
];

/// What an answer holds that this version does not know: paths like `Target.NewParameters`.
fn in_answer(known: &Known, body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(known, body, "", &mut found);
    found.sort();
    found.dedup();
    found
}

fn walk(all: &Known, value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members.iter().filter(|(_, inner)| !inner.is_null()) {
                let inner_path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let known = |path: &str| all.members.split_whitespace().any(|known| known == path);
                if known(&inner_path) {
                    walk(all, inner, &inner_path, found);
                } else if !known(&format!("{path}.*")) {
                    found.push(inner_path);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(all, item, path, found)),
        Value::String(text) => {
            let words = all.words.iter().find(|(member, _)| *member == path);
            if words.is_some_and(|(_, words)| !words.contains(&text.as_str())) {
                found.push(format!("{path}={text}"));
            }
        }
        _ => {}
    }
}

/// Listens to one answer and keeps what it holds that this version does not know.
#[derive(Clone, Debug)]
pub(super) struct Novelty {
    known: &'static Known,
    heard: Arc<Mutex<Option<Vec<String>>>>,
}

impl Novelty {
    /// One that listens for what is not `known`.
    pub(super) fn beside(known: &'static Known) -> Self {
        Self { known, heard: Arc::default() }
    }

    /// What was heard; `None` if the answer could not be looked at.
    pub(super) fn heard(&self) -> Option<Vec<String>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Novelty {
    fn name(&self) -> &'static str {
        "Novelty"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let heard = body.as_ref().map(|body| in_answer(self.known, body));
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = heard;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sim::shapes::{Kind, Service, Table};

    /// The paths of a shape's members, as [`Known`] spells them.
    fn paths(table: &Table, name: &str, path: &str, out: &mut Vec<String>) {
        let shape = table.shape(name);
        match shape.kind {
            Kind::List => paths(table, &shape.of, path, out),
            Kind::Map => out.push(format!("{path}.*")),
            _ => {}
        }
        for (member, inner) in &shape.members {
            let path = if path.is_empty() { member.clone() } else { format!("{path}.{member}") };
            paths(table, &inner.shape, &path, out);
            out.push(path);
        }
    }

    #[test]
    fn what_is_known_is_the_service_model() {
        let answers = [
            (Service::Scheduler, "GetScheduleOutput", SCHEDULE.members),
            (Service::Events, "DescribeRuleResponse", RULE.members),
        ];
        for (service, answer, known) in answers {
            let mut modelled = Vec::new();
            paths(service.table(), answer, "", &mut modelled);
            modelled.sort();
            let mut known: Vec<&str> = known.split_whitespace().collect();
            known.sort_unstable();
            assert_eq!(known, modelled);
        }
        assert_eq!(Service::Events.table().shape("RuleState").choices, RULE.words[0].1);
    }

    #[test]
    fn an_update_takes_whatever_reading_tells() {
        let members = |service: Service, name: &str, without: &[&str]| -> Vec<&str> {
            let members = service.table().shape(name).members.keys().map(String::as_str);
            members.filter(|member| !without.contains(member)).collect()
        };
        let schedule = |name, without| members(Service::Scheduler, name, without);
        let told = schedule("GetScheduleOutput", &["Arn", "CreationDate", "LastModificationDate"]);
        assert_eq!(told, schedule("UpdateScheduleInput", &["ClientToken"]));
        let rule = |name, without| members(Service::Events, name, without);
        // A rule that is there keeps its tags, whatever PutRule says.
        assert_eq!(rule("DescribeRuleResponse", &["Arn", "CreatedBy", "ManagedBy"]), rule("PutRuleRequest", &["Tags"]));
    }

    #[test]
    fn what_is_new_is_named_by_its_path_and_what_is_null_is_nothing() {
        let answer = json!({
            "Name": "n", "Quux": 1, "Nothing": null, "State": "SLEEPING",
            "Target": {"Arn": "a", "NewParameters": {"x": 1}, "EcsParameters": {
                "Tags": [{"team": "vision"}], "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s"], "IPv6": true}}
            }}
        });
        let expected = [
            "Quux",
            "State=SLEEPING",
            "Target.EcsParameters.NetworkConfiguration.awsvpcConfiguration.IPv6",
            "Target.NewParameters",
        ];
        assert_eq!(in_answer(&SCHEDULE, &answer), expected);
    }
}
