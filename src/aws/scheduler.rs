//! EventBridge Scheduler: schedules, with every field that GetSchedule tells.

mod writes;

use std::collections::BTreeMap;

use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, EcsParameters, FlexibleTimeWindowMode, ScheduleGroupState, ScheduleState, ScheduleSummary,
    Target as AwsTarget,
};
use futures_util::Stream;
use serde_json::Value;

use super::account::Account;
use super::convert::{Fields, count, time};
use super::page::{Page, pages};
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::stack::Group;
use crate::domain::trouble::{Trouble, TroubleKind};

pub use writes::Replacing;

/// The largest page that ListSchedules gives (botocore's service model).
const PAGE: i32 = 100;

const LIST: &str = "scheduler:ListSchedules";
const GET: &str = "scheduler:GetSchedule";
const GROUPS: &str = "scheduler:ListScheduleGroups";
const TAGS: &str = "scheduler:ListTagsForResource";

impl Account {
    /// All schedules of all groups, page by page, as far as ListSchedules knows them: without expression, zone or input.
    pub(super) fn schedules(&self) -> impl Stream<Item = Result<Vec<Schedule>, Trouble>> + Send + '_ {
        pages(LIST, move |token| async move {
            let sent = self.scheduler().list_schedules().max_results(PAGE).set_next_token(token).send();
            let page = self.call(LIST, None, sent).await?;
            let rows = page.schedules.into_iter().filter_map(summary).collect();
            Ok(Page { rows, next: page.next_token })
        })
    }

    /// A schedule with all its fields. `None`: it is gone, as one that deletes itself may be between List and Get.
    pub(super) async fn schedule(&self, listed: &Schedule) -> Result<Option<Schedule>, Trouble> {
        // Without its group AWS would look in `default` alone.
        let sent = self.scheduler().get_schedule().name(&listed.name).group_name(&listed.group).send();
        match self.call(GET, Some(&listed.arn), sent).await {
            Ok(answer) => Ok(Some(whole(listed, answer))),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }
}

impl Account {
    /// All schedule groups but `default`, page by page, without their tags; none that is being deleted.
    pub(super) fn groups(&self) -> impl Stream<Item = Result<Vec<Group>, Trouble>> + Send + '_ {
        pages(GROUPS, move |token| async move {
            let sent = self.scheduler().list_schedule_groups().max_results(PAGE).set_next_token(token).send();
            let page = self.call(GROUPS, None, sent).await?;
            let kept = page.schedule_groups.into_iter().filter(|group| group.state == Some(ScheduleGroupState::Active));
            let rows =
                kept.filter_map(|group| Some(Group { arn: group.arn?, name: group.name?, tags: BTreeMap::new() }));
            // Nobody can tag the group that is always there.
            Ok(Page { rows: rows.filter(|group| group.name != "default").collect(), next: page.next_token })
        })
    }

    /// The tags of a schedule group. `None`: it is gone.
    pub(super) async fn group_tags(&self, arn: &str) -> Result<Option<BTreeMap<String, String>>, Trouble> {
        let sent = self.scheduler().list_tags_for_resource().resource_arn(arn).send();
        match self.call(TAGS, Some(arn), sent).await {
            Ok(answer) => {
                let tags = answer.tags.unwrap_or_default();
                Ok(Some(tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
            }
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// A schedule or rule as it is now, with all its fields. `None`: it is gone.
    ///
    /// # Errors
    /// Whatever keeps AWS from answering.
    pub async fn schedule_now(&self, schedule: &Schedule) -> Result<Option<Schedule>, Trouble> {
        match schedule.kind {
            Kind::Schedule => self.schedule(schedule).await,
            Kind::Rule => self.rule(schedule).await,
        }
    }
}

fn summary(found: ScheduleSummary) -> Option<Schedule> {
    let state = found.state.unwrap_or(ScheduleState::Enabled);
    let target = found.target.map(|target| Target { arn: target.arn, ..Target::default() });
    Some(Schedule {
        enabled: state == ScheduleState::Enabled,
        state: state.as_str().to_owned(),
        targets: target.into_iter().collect(),
        created: time(found.creation_date.as_ref()),
        modified: time(found.last_modification_date.as_ref()),
        ..Schedule::new(found.arn?, found.name?, found.group_name.unwrap_or_else(|| "default".into()), Kind::Schedule)
    })
}

fn whole(listed: &Schedule, found: GetScheduleOutput) -> Schedule {
    let state = found.state.unwrap_or(ScheduleState::Enabled);
    let window = found.flexible_time_window.filter(|window| window.mode == FlexibleTimeWindowMode::Flexible);
    Schedule {
        arn: found.arn.unwrap_or_else(|| listed.arn.clone()),
        name: found.name.unwrap_or_else(|| listed.name.clone()),
        group: found.group_name.unwrap_or_else(|| listed.group.clone()),
        kind: Kind::Schedule,
        expression: found.schedule_expression,
        zone: found.schedule_expression_timezone,
        enabled: state == ScheduleState::Enabled,
        state: state.as_str().to_owned(),
        start: time(found.start_date.as_ref()),
        end: time(found.end_date.as_ref()),
        flexible_minutes: window.and_then(|window| count(window.maximum_window_in_minutes)),
        targets: found.target.map(target).into_iter().collect(),
        description: found.description,
        created: time(found.creation_date.as_ref()),
        modified: time(found.last_modification_date.as_ref()),
        deletes_itself: found.action_after_completion == Some(ActionAfterCompletion::Delete),
        kms_key_arn: found.kms_key_arn,
        managed_by: None,
        role_arn: None,
        event_pattern: None,
    }
}

fn target(found: AwsTarget) -> Target {
    let parameters = parameters(&found);
    let retry = found.retry_policy;
    Target {
        id: None,
        arn: found.arn,
        role_arn: Some(found.role_arn),
        input: found.input,
        max_event_age_seconds: count(retry.as_ref().and_then(|retry| retry.maximum_event_age_in_seconds)),
        max_retries: count(retry.as_ref().and_then(|retry| retry.maximum_retry_attempts)),
        dead_letter_arn: found.dead_letter_config.and_then(|config| config.arn),
        parameters,
    }
}

fn parameters(target: &AwsTarget) -> BTreeMap<String, Value> {
    let kinesis = target.kinesis_parameters.as_ref();
    let sqs = target.sqs_parameters.as_ref();
    let bus = target.event_bridge_parameters.as_ref();
    let pipeline = target.sage_maker_pipeline_parameters.as_ref();
    Fields::default()
        .with("EcsParameters", target.ecs_parameters.as_ref().map(ecs))
        .with(
            "EventBridgeParameters",
            bus.map(|bus| {
                Fields::default()
                    .with("DetailType", Some(bus.detail_type.as_str()))
                    .with("Source", Some(bus.source.as_str()))
            }),
        )
        .with(
            "KinesisParameters",
            kinesis.map(|kinesis| Fields::default().with("PartitionKey", Some(kinesis.partition_key.as_str()))),
        )
        .with(
            "SageMakerPipelineParameters",
            pipeline.map(|pipeline| {
                let list = pipeline.pipeline_parameter_list.as_deref();
                Fields::default().with_all("PipelineParameterList", list, |one| {
                    Fields::default()
                        .with("Name", Some(one.name.as_str()))
                        .with("Value", Some(one.value.as_str()))
                        .into()
                })
            }),
        )
        .with("SqsParameters", sqs.map(|sqs| Fields::default().with("MessageGroupId", sqs.message_group_id.as_deref())))
        .into()
}

fn ecs(ecs: &EcsParameters) -> Fields {
    let network = ecs.network_configuration.as_ref().and_then(|network| network.awsvpc_configuration.as_ref());
    let text = |text: &String| Value::from(text.as_str());
    let network = network.map(|vpc| {
        let inner = Fields::default()
            .with_all("Subnets", Some(vpc.subnets.as_slice()), text)
            .with_all("SecurityGroups", vpc.security_groups.as_deref(), text)
            .with("AssignPublicIp", vpc.assign_public_ip.as_ref().map(|assign| assign.as_str()));
        Fields::default().with("awsvpcConfiguration", Some(inner))
    });
    Fields::default()
        .with("TaskDefinitionArn", Some(ecs.task_definition_arn.as_str()))
        .with("TaskCount", ecs.task_count)
        .with("LaunchType", ecs.launch_type.as_ref().map(|launch| launch.as_str()))
        .with("NetworkConfiguration", network)
        .with("PlatformVersion", ecs.platform_version.as_deref())
        .with("Group", ecs.group.as_deref())
        .with_all("CapacityProviderStrategy", ecs.capacity_provider_strategy.as_deref(), |item| {
            Fields::default()
                .with("capacityProvider", Some(item.capacity_provider.as_str()))
                .with("weight", Some(item.weight))
                .with("base", Some(item.base))
                .into()
        })
        .with("EnableECSManagedTags", ecs.enable_ecs_managed_tags)
        .with("EnableExecuteCommand", ecs.enable_execute_command)
        .with_all("PlacementConstraints", ecs.placement_constraints.as_deref(), |constraint| {
            Fields::default()
                .with("type", constraint.r#type.as_ref().map(|kind| kind.as_str()))
                .with("expression", constraint.expression.as_deref())
                .into()
        })
        .with_all("PlacementStrategy", ecs.placement_strategy.as_deref(), |strategy| {
            Fields::default()
                .with("type", strategy.r#type.as_ref().map(|kind| kind.as_str()))
                .with("field", strategy.field.as_deref())
                .into()
        })
        .with("PropagateTags", ecs.propagate_tags.as_ref().map(|tags| tags.as_str()))
        .with("ReferenceId", ecs.reference_id.as_deref())
        .with_all("Tags", ecs.tags.as_deref(), |tags| {
            let mut tags: Vec<(&String, &String)> = tags.iter().collect();
            tags.sort();
            let tags = tags.into_iter();
            tags.fold(Fields::default(), |fields, (name, value)| fields.with(name, Some(value.as_str()))).into()
        })
}

#[cfg(test)]
mod tests {
    use aws_sdk_scheduler::types::{
        AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, KinesisParameters, NetworkConfiguration,
    };
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parameters_of_templated_targets_keep_aws_names() {
        let vpc = AwsVpcConfiguration::builder().subnets("s-1").assign_public_ip(AssignPublicIp::Disabled).build();
        let item = CapacityProviderStrategyItem::builder().capacity_provider("FARGATE").weight(1).build().unwrap();
        let ecs = EcsParameters::builder()
            .task_definition_arn("arn:task")
            .task_count(2)
            .enable_ecs_managed_tags(true)
            .network_configuration(NetworkConfiguration::builder().awsvpc_configuration(vpc.unwrap()).build())
            .capacity_provider_strategy(item)
            .build()
            .unwrap();
        let found = AwsTarget::builder()
            .arn("arn:cluster")
            .role_arn("arn:role")
            .ecs_parameters(ecs)
            .kinesis_parameters(KinesisParameters::builder().partition_key("p").build().unwrap())
            .build()
            .unwrap();
        let parameters = serde_json::to_value(target(found).parameters).unwrap();
        let expected = json!({
            "EcsParameters": {
                "TaskDefinitionArn": "arn:task",
                "TaskCount": 2,
                "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s-1"], "AssignPublicIp": "DISABLED"}},
                "CapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
                "EnableECSManagedTags": true
            },
            "KinesisParameters": {"PartitionKey": "p"}
        });
        assert_eq!(parameters, expected);
    }
}
