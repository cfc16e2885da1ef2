//! Errors are told so that each client knows them, and answers carry the account's time.

use std::time::Duration;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use rekotui::sim::fault::Fault;
use rekotui::sim::front::{Answer, Breakage};
use serde_json::json;

use super::stub::{SIGNED, Wire, header, json as read, rekognition, request, text};

const PROJECT: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/parts/1";

#[tokio::test]
async fn each_client_knows_its_errors() {
    let missing = || Wire::refusing(Fault::new("ResourceNotFoundException", 400, "gone"));
    let error = missing().rekognition().describe_project_versions().project_arn(PROJECT).send().await;
    let error = error.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    assert_eq!(error.message(), Some("gone"));

    let error = missing().lambda().get_event_source_mapping().uuid("u").send().await.unwrap_err();
    assert_eq!(error.raw_response().map(|raw| raw.status().as_u16()), Some(404), "the model has the last word");
    let error = error.into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    assert_eq!(error.message(), Some("gone"));

    let error = missing().scheduler().get_schedule().name("n").send().await.unwrap_err();
    assert_eq!(error.raw_response().map(|raw| raw.status().as_u16()), Some(404));
    assert!(error.into_service_error().is_resource_not_found_exception());

    let error = missing().events().describe_rule().name("n").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    assert_eq!(error.message(), Some("gone"));

    let wire = Wire::refusing(Fault::new("QueueDoesNotExist", 400, "no such queue"));
    let error = wire.sqs().get_queue_url().queue_name("q").send().await.unwrap_err().into_service_error();
    assert!(error.is_queue_does_not_exist(), "{error:?}");
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"), "the code that older clients know");

    let wire = Wire::refusing(Fault::new("InvalidNextToken", 400, "not that one"));
    let now = aws_smithy_types::DateTime::from_secs(0);
    let asked = wire.cloudwatch().get_metric_data().start_time(now).end_time(now);
    let error = asked.set_metric_data_queries(Some(Vec::new())).send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_next_token(), "{error:?}");
    assert_eq!(error.message(), Some("not that one"));

    let wire = Wire::refusing(Fault::new("AccessDenied", 403, "you & <me>"));
    let error = wire.sts().get_caller_identity().send().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("AccessDenied"), Some("you & <me>")));
}

#[tokio::test]
async fn members_of_errors_travel_where_the_model_says() {
    let fault = Fault::new("TooManyRequestsException", 400, "slow down").with("retryAfterSeconds", "2");
    let wire = Wire::refusing(fault.with("Reason", "CallerRateLimitExceeded"));
    let error = wire.lambda().get_event_source_mapping().uuid("u").send().await.unwrap_err();
    assert_eq!(error.raw_response().map(|raw| raw.status().as_u16()), Some(429));
    let error = error.into_service_error();
    let aws_sdk_lambda::operation::get_event_source_mapping::GetEventSourceMappingError::TooManyRequestsException(told) =
        error
    else {
        panic!("{error:?}")
    };
    assert_eq!(told.retry_after_seconds(), Some("2"));
    assert_eq!(told.r#type(), Some("User"));
    assert_eq!(told.reason().map(|reason| reason.as_str()), Some("CallerRateLimitExceeded"));
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_and_the_time_of_the_account() {
    let wire = Wire::saying([json!({}), json!({})]);
    let first = wire.ask(rekognition("DescribeProjects", "{}")).await;
    let second = wire.ask(rekognition("DescribeProjects", "{}")).await;
    assert_ne!(header(&first, "x-amzn-requestid"), header(&second, "x-amzn-requestid"));
    let refused = wire.ask(rekognition("DescribeProjects", "{}{}")).await;
    for response in [&first, &second, &refused] {
        assert_eq!(header(response, "x-simulated-time"), "2026-11-20T13:09:00.250Z");
        assert_eq!(header(response, "x-simulated-speed"), "60");
        assert_eq!(header(response, "date"), "Fri, 20 Nov 2026 13:09:00 GMT");
        assert_eq!(header(response, "x-amzn-requestid").len(), 36);
    }
    assert_eq!(header(&refused, "x-amzn-errortype"), "SerializationException");
}

#[tokio::test]
async fn cloudwatch_speaks_three_languages() {
    let output = json!({ "Label": "a<b", "Datapoints": [{ "Timestamp": 1_795_180_140.0, "Sum": 2.5 }] });
    let wire = Wire::saying([output.clone(), output]);
    let form = "Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS%2FRekognition&MetricName=Images+seen\
        &StartTime=2026-11-20T12%3A00%3A00Z&EndTime=2026-11-20T13%3A00%3A00Z&Period=60&Statistics.member.1=Sum\
        &Dimensions.member.1.Name=ProjectName&Dimensions.member.1.Value=parts";
    let content = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let told = wire.ask(request("POST /", &[SIGNED, content], form)).await;
    assert_eq!((told.status, header(&told, "content-type")), (200, "text/xml"), "{}", text(&told));
    let body = text(&told);
    assert!(
        body.starts_with("<GetMetricStatisticsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">")
    );
    let result = "<GetMetricStatisticsResult><Label>a&lt;b</Label><Datapoints><member>\
        <Timestamp>2026-11-20T13:09:00Z</Timestamp><Sum>2.5</Sum></member></Datapoints></GetMetricStatisticsResult>";
    assert!(body.contains(result), "{body}");
    let asked = wire.call().input;
    let expected = json!({ "Namespace": "AWS/Rekognition", "MetricName": "Images seen", "Period": 60,
        "StartTime": 1_795_176_000.0, "EndTime": 1_795_179_600.0, "Statistics": ["Sum"],
        "Dimensions": [{ "Name": "ProjectName", "Value": "parts" }] });
    assert_eq!(asked, expected);

    let target = ("x-amz-target", "GraniteServiceVersion20100801.GetMetricStatistics");
    let content = ("content-type", "application/x-amz-json-1.0");
    let told = wire.ask(request("POST /", &[SIGNED, target, content], &expected.to_string())).await;
    assert_eq!(read(&told)["Datapoints"][0]["Timestamp"], json!(1_795_180_140.0));
}

#[tokio::test]
async fn what_the_account_answers_wrongly_is_told_as_such() {
    for wrong in [json!({ "Project": [] }), json!({ "ProjectDescriptions": [{ "Status": "MADE" }] }), json!([])] {
        let wire = Wire::saying([wrong]);
        let error = wire.rekognition().describe_projects().send().await.unwrap_err();
        assert_eq!(error.raw_response().map(|raw| raw.status().as_u16()), Some(500));
        assert_eq!(error.code(), Some("InternalFailure"));
        let told = error.message().unwrap_or_default();
        assert!(told.starts_with("The simulated account answered DescribeProjects wrongly: "), "{told}");
    }
}

fn broken(breakage: Option<Breakage>, after: Duration) -> Wire {
    let outcome = Ok(json!({ "ProjectDescriptions": [], "NextToken": "a token that is long enough to be cut" }));
    Wire::answering(vec![Answer { outcome, after, breakage }])
}

#[tokio::test]
async fn answers_break_on_purpose() {
    let error = broken(Some(Breakage::Dropped), Duration::ZERO).rekognition().describe_projects().send().await;
    let error = error.unwrap_err();
    assert!(matches!(&error, aws_sdk_rekognition::error::SdkError::DispatchFailure(why) if why.is_io()), "{error:?}");
    let error = broken(Some(Breakage::Truncated), Duration::ZERO).rekognition().describe_projects().send().await;
    let error = error.unwrap_err();
    assert!(matches!(error, aws_sdk_rekognition::error::SdkError::ResponseError(_)), "{error:?}");
    let error = broken(Some(Breakage::Garbage), Duration::ZERO).rekognition().describe_projects().send().await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), None, "it is no error of the service");
    assert_eq!(error.raw_response().map(|raw| raw.status().as_u16()), Some(200));
    broken(None, Duration::ZERO).rekognition().describe_projects().send().await.unwrap();
}

#[tokio::test]
async fn a_slow_answer_outlasts_a_clients_patience() {
    let wire = broken(None, Duration::from_secs(3_600));
    let patience = aws_sdk_rekognition::config::timeout::TimeoutConfig::builder();
    let patience = patience.read_timeout(Duration::from_millis(1)).build();
    let config = wire.rekognition().config().to_builder().timeout_config(patience).build();
    let error = aws_sdk_rekognition::Client::from_conf(config).describe_projects().send().await.unwrap_err();
    let timed_out = matches!(&error, aws_sdk_rekognition::error::SdkError::DispatchFailure(why) if why.is_timeout());
    assert!(timed_out, "{error:?}");
    assert_eq!(wire.count(), 1, "it was asked all the same");
}
