//! What is not in order never reaches the account.

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ciborium::Value as Cbor;
use ciborium::cbor;
use serde_json::json;

use super::stub::{SIGNED, Wire, header, json as read, rekognition, request, text};

#[tokio::test]
async fn bounds_are_refused_before_the_account_is_asked() {
    let wire = Wire::saying([]);
    let error = wire.rekognition().describe_projects().max_results(101).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
    let expected = "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: \
        Member must have value less than or equal to 100";
    assert_eq!(error.message(), Some(expected));
    let error = wire.scheduler().get_schedule().name("with a space").send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception(), "{error:?}");
    let error = wire.lambda().list_event_source_mappings().max_items(0).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
    let now = aws_smithy_types::DateTime::from_secs(0);
    let asked = wire.cloudwatch().get_metric_statistics().namespace("n").metric_name("").period(60);
    let error = asked.start_time(now).end_time(now).send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_parameter_value_exception(), "{error:?}");
    let error = wire.sqs().get_queue_url().send().await.unwrap_err();
    assert_eq!(error.code(), Some("MissingParameter"));
    assert_eq!(wire.count(), 0);
}

#[tokio::test]
async fn unknown_members_wrong_types_and_broken_bodies_are_refused() {
    let wire = Wire::saying([]);
    for (body, told) in [
        ("{\"MaxResult\":5}", "Unknown member 'MaxResult'"),
        ("{\"MaxResults\":\"5\"}", "'maxResults' is a string where the model has a whole number"),
        ("{\"ProjectNames\":\"parts\"}", "'projectNames' is a string where the model has a list"),
        ("{\"MaxResults\":5", "not valid JSON"),
        ("[]", "not a JSON object"),
    ] {
        let response = wire.ask(rekognition("DescribeProjects", body)).await;
        assert_eq!((response.status, header(&response, "x-amzn-errortype")), (400, "SerializationException"), "{body}");
        assert!(text(&response).contains(told), "{body}: {}", text(&response));
    }
    assert_eq!(wire.count(), 0);
}

#[tokio::test]
async fn unknown_parameters_are_refused() {
    let wire = Wire::saying([]);
    for line in [
        "GET /schedules?MaxResult=5",
        "GET /schedules?GroupName=g",
        "GET /schedules?MaxResults=1&MaxResults=2",
        "GET /schedules?MaxResults=many",
        "GET /2015-03-31/event-source-mappings?functionName=f",
    ] {
        let response = wire.ask(request(line, &[SIGNED], "")).await;
        assert_eq!((response.status, header(&response, "x-amzn-errortype")), (400, "SerializationException"), "{line}");
    }
    let uuid = "/2015-03-31/event-source-mappings/u";
    let response = wire.ask(request(&format!("PUT {uuid}"), &[SIGNED], "{\"UUID\":\"u\"}")).await;
    assert!(text(&response).contains("Unknown member 'UUID' in the body"), "{}", text(&response));
    let content = ("content-type", "application/x-www-form-urlencoded");
    let form = "Action=GetCallerIdentity&Version=2011-06-15&Who=me";
    let response = wire.ask(request("POST /", &[SIGNED, content], form)).await;
    assert!(text(&response).contains("<Code>SerializationException</Code>"), "{}", text(&response));
    assert_eq!(wire.count(), 0);
}

#[tokio::test]
async fn calls_that_nobody_knows_are_refused_in_their_own_language() {
    let wire = Wire::saying([]);
    let response = wire.ask(rekognition("DetectFaces", "{}")).await;
    assert_eq!((response.status, header(&response, "x-amzn-errortype")), (404, "UnknownOperationException"));
    assert_eq!(read(&response)["__type"], json!("com.amazonaws.rekognition#UnknownOperationException"));
    let response = wire.ask(request("DELETE /2015-03-31/functions/f", &[SIGNED], "")).await;
    assert_eq!((response.status, header(&response, "x-amzn-errortype")), (404, "UnknownOperationException"));
    let path = "POST /service/GraniteServiceVersion20100801/operation/PutMetricData";
    let response = wire.ask(request(path, &[SIGNED, ("smithy-protocol", "rpc-v2-cbor")], "")).await;
    assert_eq!((response.status, header(&response, "smithy-protocol")), (404, "rpc-v2-cbor"));
    let content = ("content-type", "application/x-www-form-urlencoded");
    let response = wire.ask(request("POST /", &[SIGNED, content], "Action=GetUser&Version=2011-06-15")).await;
    assert_eq!(response.status, 400);
    assert!(text(&response).contains("<Type>Sender</Type><Code>InvalidAction</Code>"), "{}", text(&response));
    let plain = [SIGNED, ("x-amz-target", "RekognitionService.DescribeProjects"), ("content-type", "text/plain")];
    assert_eq!(wire.ask(request("POST /", &plain, "{}")).await.status, 404);
    assert_eq!(wire.count(), 0);
}

#[tokio::test]
async fn whoever_does_not_sign_is_not_heard() {
    let wire = Wire::saying([]);
    let target = ("x-amz-target", "AWSEvents.ListRules");
    let content = ("content-type", "application/x-amz-json-1.1");
    let response = wire.ask(request("POST /", &[target, content], "{}")).await;
    assert_eq!(header(&response, "x-amzn-errortype"), "MissingAuthenticationTokenException");
    let response = wire.ask(request("GET /schedules", &[], "")).await;
    assert_eq!((response.status, header(&response, "x-amzn-errortype")), (403, "MissingAuthenticationTokenException"));
    let response = wire.ask(request("GET /schedules", &[("authorization", "Bearer abc")], "")).await;
    assert_eq!(header(&response, "x-amzn-errortype"), "IncompleteSignatureException");
    assert_eq!(wire.count(), 0);
    let wire = Wire::saying([json!({ "Schedules": [] })]);
    assert_eq!(wire.ask(request("GET /schedules", &[SIGNED], "")).await.status, 200);
    assert_eq!((wire.call().access_key.as_str(), wire.call().region.as_str()), ("AKIDEXAMPLE", "eu-west-1"));
}

#[tokio::test]
async fn cbor_is_held_to_its_types_too() {
    let wire = Wire::saying([json!({ "MetricDataResults": [] })]);
    let time = |seconds: f64| Cbor::Tag(1, Box::new(Cbor::Float(seconds)));
    let ask = async |start: Cbor, extra: &str| {
        let body = cbor!({ "StartTime" => start, "EndTime" => time(2.0), "MetricDataQueries" => [], extra => 5 });
        let path = "POST /service/GraniteServiceVersion20100801/operation/GetMetricData";
        let headers = [SIGNED, ("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
        let mut asked = request(path, &headers, "");
        ciborium::into_writer(&body.unwrap(), &mut asked.body).unwrap();
        let response = wire.ask(asked).await;
        let told: Cbor = ciborium::from_reader(response.body.as_slice()).unwrap();
        let told = told.into_map().unwrap();
        let find = |key: &str| told.iter().find(|(name, _)| name.as_text() == Some(key)).and_then(|(_, v)| v.as_text());
        let words = [find("__type"), find("message")].map(|word| word.unwrap_or_default().to_owned());
        (response.status, words.join(" "))
    };
    let (status, told) = ask(Cbor::Float(1.0), "MaxDatapoints").await;
    assert_eq!(status, 400);
    assert!(told.starts_with("com.amazonaws.cloudwatch#SerializationException 'startTime'"), "{told}");
    let (status, told) = ask(time(1.0), "MaxDatapoint").await;
    assert_eq!(status, 400);
    assert!(told.contains("Unknown member 'MaxDatapoint'"), "{told}");
    assert_eq!(wire.count(), 0);
    assert_eq!(ask(time(1.0), "MaxDatapoints").await.0, 200, "and in order it is heard");
}
