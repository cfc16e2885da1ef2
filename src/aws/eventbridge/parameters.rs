//! What a rule's target carries beside its input, under AWS's own member names, so that no edit loses it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_eventbridge::types::{
    AwsVpcConfiguration, BatchParameters, EcsParameters, HttpParameters, RedshiftDataParameters, Target,
};
use serde_json::Value;

use super::super::convert::Fields;

/// The parameters of a target.
pub(super) fn of(target: &Target) -> BTreeMap<String, Value> {
    simple(target)
        .with("EcsParameters", target.ecs_parameters.as_ref().map(ecs))
        .with("BatchParameters", target.batch_parameters.as_ref().map(batch))
        .with("HttpParameters", target.http_parameters.as_ref().map(http))
        .with("RedshiftDataParameters", target.redshift_data_parameters.as_ref().map(redshift))
        .into()
}

fn simple(target: &Target) -> Fields {
    let transformer = target.input_transformer.as_ref().map(|transformer| {
        Fields::default()
            .with("InputPathsMap", transformer.input_paths_map.as_ref().map(texts))
            .with("InputTemplate", Some(transformer.input_template.as_str()))
    });
    let kinesis = target.kinesis_parameters.as_ref();
    let run = target.run_command_parameters.as_ref().map(|run| {
        Fields::default().with_all("RunCommandTargets", Some(run.run_command_targets.as_slice()), |one| {
            Fields::default()
                .with("Key", Some(one.key.as_str()))
                .with_all("Values", Some(one.values.as_slice()), |text| Value::from(text.as_str()))
                .into()
        })
    });
    let pipeline = target.sage_maker_pipeline_parameters.as_ref().map(|pipeline| {
        Fields::default().with_all("PipelineParameterList", pipeline.pipeline_parameter_list.as_deref(), |one| {
            Fields::default().with("Name", Some(one.name.as_str())).with("Value", Some(one.value.as_str())).into()
        })
    });
    let sqs = target.sqs_parameters.as_ref();
    let graph = target.app_sync_parameters.as_ref();
    Fields::default()
        .with("InputPath", target.input_path.as_deref())
        .with("InputTransformer", transformer)
        .with(
            "KinesisParameters",
            kinesis.map(|one| Fields::default().with("PartitionKeyPath", Some(one.partition_key_path.as_str()))),
        )
        .with("RunCommandParameters", run)
        .with("SqsParameters", sqs.map(|sqs| Fields::default().with("MessageGroupId", sqs.message_group_id.as_deref())))
        .with("SageMakerPipelineParameters", pipeline)
        .with(
            "AppSyncParameters",
            graph.map(|graph| Fields::default().with("GraphQLOperation", graph.graph_ql_operation.as_deref())),
        )
}

fn ecs(ecs: &EcsParameters) -> Fields {
    let network = ecs.network_configuration.as_ref().and_then(|network| network.awsvpc_configuration.as_ref());
    Fields::default()
        .with("TaskDefinitionArn", Some(ecs.task_definition_arn.as_str()))
        .with("TaskCount", ecs.task_count)
        .with("LaunchType", ecs.launch_type.as_ref().map(|launch| launch.as_str()))
        .with("NetworkConfiguration", network.map(vpc))
        .with("PlatformVersion", ecs.platform_version.as_deref())
        .with("Group", ecs.group.as_deref())
        .with_all("CapacityProviderStrategy", ecs.capacity_provider_strategy.as_deref(), |item| {
            Fields::default()
                .with("capacityProvider", Some(item.capacity_provider.as_str()))
                .with("weight", Some(item.weight))
                .with("base", Some(item.base))
                .into()
        })
        .with("EnableECSManagedTags", Some(ecs.enable_ecs_managed_tags))
        .with("EnableExecuteCommand", Some(ecs.enable_execute_command))
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
        .with_all("Tags", ecs.tags.as_deref(), |tag| {
            Fields::default().with("Key", Some(tag.key.as_str())).with("Value", Some(tag.value.as_str())).into()
        })
}

fn vpc(vpc: &AwsVpcConfiguration) -> Fields {
    let inner = Fields::default()
        .with_all("Subnets", Some(vpc.subnets.as_slice()), |text| Value::from(text.as_str()))
        .with_all("SecurityGroups", vpc.security_groups.as_deref(), |text| Value::from(text.as_str()))
        .with("AssignPublicIp", vpc.assign_public_ip.as_ref().map(|assign| assign.as_str()));
    Fields::default().with("awsvpcConfiguration", Some(inner))
}

fn batch(batch: &BatchParameters) -> Fields {
    let array = batch.array_properties.as_ref();
    let retry = batch.retry_strategy.as_ref();
    Fields::default()
        .with("JobDefinition", Some(batch.job_definition.as_str()))
        .with("JobName", Some(batch.job_name.as_str()))
        .with("ArrayProperties", array.map(|array| Fields::default().with("Size", Some(array.size))))
        .with("RetryStrategy", retry.map(|retry| Fields::default().with("Attempts", Some(retry.attempts))))
}

fn http(http: &HttpParameters) -> Fields {
    Fields::default()
        .with_all("PathParameterValues", http.path_parameter_values.as_deref(), |text| Value::from(text.as_str()))
        .with("HeaderParameters", http.header_parameters.as_ref().map(texts))
        .with("QueryStringParameters", http.query_string_parameters.as_ref().map(texts))
}

fn redshift(redshift: &RedshiftDataParameters) -> Fields {
    Fields::default()
        .with("SecretManagerArn", redshift.secret_manager_arn.as_deref())
        .with("Database", Some(redshift.database.as_str()))
        .with("DbUser", redshift.db_user.as_deref())
        .with("Sql", redshift.sql.as_deref())
        .with("StatementName", redshift.statement_name.as_deref())
        .with("WithEvent", Some(redshift.with_event))
        .with_all("Sqls", redshift.sqls.as_deref(), |text| Value::from(text.as_str()))
}

fn texts(map: &HashMap<String, String>) -> Fields {
    let mut pairs: Vec<(&String, &String)> = map.iter().collect();
    pairs.sort();
    pairs.into_iter().fold(Fields::default(), |fields, (name, value)| fields.with(name, Some(value.as_str())))
}

#[cfg(test)]
mod tests {
    use aws_sdk_eventbridge::types::{BatchRetryStrategy, InputTransformer, RunCommandParameters, RunCommandTarget};
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_a_target_carries_is_lost() {
        let transformer = InputTransformer::builder().input_paths_map("at", "$.time").input_template("<at>");
        let run = RunCommandTarget::builder().key("tag:a").values("b").build().unwrap();
        let retry = BatchRetryStrategy::builder().attempts(3).build();
        let batch = BatchParameters::builder().job_definition("d").job_name("n").retry_strategy(retry).build().unwrap();
        let target = Target::builder()
            .id("one")
            .arn("arn:x")
            .input_path("$.detail")
            .input_transformer(transformer.build().unwrap())
            .run_command_parameters(RunCommandParameters::builder().run_command_targets(run).build().unwrap())
            .batch_parameters(batch)
            .http_parameters(HttpParameters::builder().header_parameters("X-A", "b").build())
            .redshift_data_parameters(
                RedshiftDataParameters::builder().database("db").sqls("select 1").build().unwrap(),
            )
            .build()
            .unwrap();
        let expected = json!({
            "InputPath": "$.detail",
            "InputTransformer": {"InputPathsMap": {"at": "$.time"}, "InputTemplate": "<at>"},
            "RunCommandParameters": {"RunCommandTargets": [{"Key": "tag:a", "Values": ["b"]}]},
            "BatchParameters": {"JobDefinition": "d", "JobName": "n", "RetryStrategy": {"Attempts": 3}},
            "HttpParameters": {"HeaderParameters": {"X-A": "b"}},
            "RedshiftDataParameters": {"Database": "db", "WithEvent": false, "Sqls": ["select 1"]},
        });
        assert_eq!(serde_json::to_value(of(&target)).unwrap(), expected);
    }
}
