//! Inputs arrive as they were asked, outputs as they were answered, in every protocol.

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use rekotui::sim::fault::{blob, unblob};
use rekotui::sim::shapes::Service;
use serde_json::json;

use super::stub::Wire;

#[tokio::test]
async fn json_carries_texts_lists_numbers_and_times() {
    let arn = "arn:aws:rekognition:eu-central-1:123456789012:project/parts/1";
    let wire = Wire::saying([json!({ "ProjectDescriptions": [
        { "ProjectArn": arn, "Status": "CREATED", "CreationTimestamp": 1_795_180_140.25, "AutoUpdate": null },
    ], "NextToken": "more" })]);
    let asked = wire.rekognition().describe_projects().max_results(100).project_names("parts").send();
    let told = asked.await.unwrap();
    let call = wire.call();
    assert_eq!((call.service, call.operation), (Service::Rekognition, "DescribeProjects"));
    assert_eq!(call.input, json!({ "MaxResults": 100, "ProjectNames": ["parts"] }));
    assert_eq!((call.access_key.as_str(), call.region.as_str()), ("AKIDEXAMPLE", "eu-central-1"));
    let project = &told.project_descriptions()[0];
    assert_eq!(project.project_arn(), Some(arn));
    let created = project.creation_timestamp().unwrap();
    assert_eq!((created.secs(), created.subsec_nanos()), (1_795_180_140, 250_000_000));
    assert!(project.auto_update().is_none(), "null is absent");
    assert_eq!(told.next_token(), Some("more"));
}

#[tokio::test]
async fn images_arrive_byte_by_byte() {
    let wire = Wire::saying([json!({ "CustomLabels": [{ "Name": "dent", "Confidence": 87.5 }] })]);
    let bytes = vec![0xff, 0xd8, 0x00, 0x80];
    let image = aws_sdk_rekognition::types::Image::builder().bytes(bytes.clone().into()).build();
    let arn = "arn:aws:rekognition:eu-central-1:123456789012:project/parts/version/v3/1";
    let asked = wire.rekognition().detect_custom_labels().project_version_arn(arn).image(image).send();
    assert_eq!(asked.await.unwrap().custom_labels()[0].confidence(), Some(87.5));
    assert_eq!(unblob(&wire.call().input["Image"]["Bytes"]), Some(bytes));
}

#[tokio::test]
async fn rest_puts_members_into_path_query_and_body() {
    let uuid = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d";
    let wire = Wire::saying([
        json!({ "EventSourceMappings": [{ "UUID": uuid, "LastModified": 1_795_180_140.0, "State": "Enabled" }] }),
        json!({ "UUID": uuid, "BatchSize": 5, "State": "Disabling" }),
    ]);
    let listed = wire.lambda().list_event_source_mappings().function_name("f:live").max_items(7).send().await.unwrap();
    assert_eq!(wire.call().input, json!({ "FunctionName": "f:live", "MaxItems": 7 }));
    let mapping = &listed.event_source_mappings()[0];
    assert_eq!(mapping.last_modified().map(|at| at.secs()), Some(1_795_180_140));
    let wire = Wire { stub: wire.stub.clone(), http: wire.http.clone() };
    let updated = wire.lambda().update_event_source_mapping().uuid(uuid).enabled(false).batch_size(5).send();
    assert_eq!(updated.await.unwrap().state(), Some("Disabling"));
}

#[tokio::test]
async fn names_survive_the_path_and_times_the_body() {
    let wire = Wire::saying([json!({ "ScheduleArn": "arn:aws:scheduler:eu-central-1:123456789012:schedule/g/n" })]);
    let target = Target::builder().arn("arn:aws:sqs:eu-central-1:123456789012:q");
    let target = target.role_arn("arn:aws:iam::123456789012:role/r").input("{\"a\": 1}").build().unwrap();
    let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().unwrap();
    let start = aws_smithy_types::DateTime::from_secs_and_nanos(1_795_180_140, 500_000_000);
    let asked = wire.scheduler().create_schedule().name("parts_start.1").group_name("g");
    let asked = asked.schedule_expression("rate(1 day)").target(target).flexible_time_window(window).start_date(start);
    asked.client_token("once").send().await.unwrap();
    let input = wire.call().input;
    assert_eq!((&input["Name"], &input["GroupName"]), (&json!("parts_start.1"), &json!("g")));
    assert_eq!(input["StartDate"].as_f64(), Some(1_795_180_140.5));
    assert_eq!(input["Target"]["Input"], json!("{\"a\": 1}"));
}

#[tokio::test]
async fn members_of_the_query_string_have_their_own_names() {
    let wire = Wire::saying([json!({ "Schedules": [] })]);
    wire.scheduler().list_schedules().group_name("g").name_prefix("a").max_results(3).send().await.unwrap();
    assert_eq!(wire.call().input, json!({ "GroupName": "g", "NamePrefix": "a", "MaxResults": 3 }));
}

#[tokio::test]
async fn an_invocation_is_a_raw_body_with_headers() {
    let wire = Wire::saying([json!({
        "StatusCode": 200, "FunctionError": "Unhandled", "ExecutedVersion": "$LATEST", "Payload": blob(b"{\"no\":1}"),
    })]);
    let asked = wire.lambda().invoke().function_name("arn:aws:lambda:eu-central-1:123456789012:function:f");
    let asked = asked.invocation_type(InvocationType::RequestResponse).payload(b"{ \"x\": 2 }".to_vec().into());
    let told = asked.send().await.unwrap();
    let input = wire.call().input;
    assert_eq!(input["FunctionName"], json!("arn:aws:lambda:eu-central-1:123456789012:function:f"));
    assert_eq!(input["InvocationType"], json!("RequestResponse"));
    assert_eq!(unblob(&input["Payload"]).as_deref(), Some(&b"{ \"x\": 2 }"[..]));
    assert_eq!((told.status_code(), told.function_error()), (200, Some("Unhandled")));
    assert_eq!(told.payload().map(AsRef::as_ref), Some(&b"{\"no\":1}"[..]));
    let wire = Wire::saying([json!({ "StatusCode": 204 })]);
    let told = wire.lambda().invoke().function_name("f").invocation_type(InvocationType::DryRun).send().await;
    assert_eq!(told.unwrap().status_code(), 204);
}

#[tokio::test]
async fn cbor_carries_times_and_doubles_both_ways() {
    let wire = Wire::saying([json!({ "MetricDataResults": [{
        "Id": "m1", "Label": "count", "StatusCode": "Complete",
        "Timestamps": [1_795_180_140.0, 1_795_180_080.0], "Values": [3, 0.1],
    }] })]);
    let dimension = Dimension::builder().name("ProjectName").value("parts").build();
    let metric = Metric::builder().namespace("AWS/Rekognition").metric_name("Images").dimensions(dimension).build();
    let stat = MetricStat::builder().metric(metric).period(60).stat("Sum").build();
    let query = MetricDataQuery::builder().id("m1").metric_stat(stat).return_data(true).build();
    let asked = wire.cloudwatch().get_metric_data().metric_data_queries(query);
    let asked = asked.start_time(aws_smithy_types::DateTime::from_secs(1_795_000_000));
    let asked = asked.end_time(aws_smithy_types::DateTime::from_millis(1_795_180_140_500));
    let told = asked.scan_by(ScanBy::TimestampDescending).max_datapoints(70_000).send().await.unwrap();
    let input = wire.call().input;
    assert_eq!(input["StartTime"].as_f64(), Some(1_795_000_000.0));
    assert_eq!(input["EndTime"].as_f64(), Some(1_795_180_140.5));
    assert_eq!(input["MaxDatapoints"], json!(70_000));
    let stat = &input["MetricDataQueries"][0]["MetricStat"];
    assert_eq!(stat["Metric"]["Dimensions"], json!([{ "Name": "ProjectName", "Value": "parts" }]));
    let result = &told.metric_data_results()[0];
    assert_eq!(result.values(), [3.0, 0.1]);
    assert_eq!(result.timestamps()[1].secs(), 1_795_180_080);
}

#[tokio::test]
async fn queues_rules_and_identities_arrive() {
    let wire = Wire::saying([json!({ "Attributes": { "ApproximateNumberOfMessages": "12" } })]);
    let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/images";
    let asked = wire.sqs().get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    let told = asked.send().await.unwrap();
    let number = told.attributes().and_then(|all| all.get(&QueueAttributeName::ApproximateNumberOfMessages));
    assert_eq!(number.map(String::as_str), Some("12"));
    assert_eq!(wire.call().input, json!({ "QueueUrl": url, "AttributeNames": ["All"] }));

    let wire = Wire::saying([json!({})]);
    wire.events().enable_rule().name("nightly").send().await.unwrap();
    assert_eq!(wire.call().input, json!({ "Name": "nightly" }));

    let wire = Wire::saying([json!({ "Account": "123456789012", "Arn": "arn:aws:iam::1:user/a&b", "UserId": "A" })]);
    let told = wire.sts().get_caller_identity().send().await.unwrap();
    assert_eq!(told.arn(), Some("arn:aws:iam::1:user/a&b"));
}
