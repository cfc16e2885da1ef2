use chrono::Utc;

use super::*;
use crate::sim::history::{Run, RunLog};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// One model that ran from 08:00 to 09:00 with two units, at noon of the same day.
fn world() -> World {
    let run = Run { from: at("2026-11-20T08:00:00Z"), to: Some(at("2026-11-20T09:00:00Z")), units: 2 };
    let mut world = World::default();
    world.now = at("2026-11-20T12:00:00Z");
    world.history.insert(("parts".to_owned(), "v9".to_owned()), RunLog { runs: vec![run], gaps: Vec::new() });
    world
}

fn stat(project: &str, period: i64) -> Value {
    json!({
        "Metric": {
            "Namespace": "AWS/Rekognition",
            "MetricName": "InServiceInferenceUnits",
            "Dimensions": [{"Name": "ProjectName", "Value": project}, {"Name": "VersionName", "Value": "v9"}],
        },
        "Period": period,
        "Stat": "Average",
    })
}

fn metric(id: &str, project: &str, period: i64) -> Value {
    json!({ "Id": id, "MetricStat": stat(project, period) })
}

fn ask(queries: &[Value], more: &Value) -> Value {
    let mut input = json!({
        "MetricDataQueries": queries,
        "StartTime": at("2026-11-20T00:00:00Z").timestamp(),
        "EndTime": at("2026-11-20T12:00:00Z").timestamp(),
    });
    if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
        input.extend(more.clone());
    }
    input
}

fn get(queries: &[Value], more: &Value) -> Value {
    call(&mut world(), "GetMetricData", &ask(queries, more)).expect("data")
}

fn refused(input: &Value) -> (String, String) {
    let fault = call(&mut world(), "GetMetricData", input).expect_err("a refusal");
    (fault.code().to_owned(), fault.to_string())
}

#[test]
fn the_newest_point_comes_first_unless_asked_otherwise() {
    let out = get(&[metric("m1", "parts", 300)], &json!({}));
    let result = &out["MetricDataResults"][0];
    assert_eq!(result["Timestamps"].as_array().expect("times").len(), 12);
    assert_eq!(result["Timestamps"][0], at("2026-11-20T08:55:00Z").timestamp() as f64);
    assert_eq!((&result["StatusCode"], &result["Label"]), (&json!("Complete"), &json!("InServiceInferenceUnits")));
    let out = get(&[metric("m1", "parts", 300)], &json!({ "ScanBy": "TimestampAscending" }));
    assert_eq!(out["MetricDataResults"][0]["Timestamps"][0], at("2026-11-20T08:00:00Z").timestamp() as f64);
}

#[test]
fn the_start_is_part_of_it_and_the_end_is_not() {
    let more = json!({
        "StartTime": at("2026-11-20T08:10:00Z").timestamp(),
        "EndTime": at("2026-11-20T08:20:00Z").timestamp(),
        "ScanBy": "TimestampAscending",
    });
    let out = get(&[metric("m1", "parts", 300)], &more);
    let times = [at("2026-11-20T08:10:00Z"), at("2026-11-20T08:15:00Z")].map(|at| at.timestamp() as f64);
    assert_eq!(out["MetricDataResults"][0]["Timestamps"], json!(times));
}

#[test]
fn unknown_metrics_are_empty_and_complete() {
    let out = get(&[metric("m1", "nobody", 300)], &json!({}));
    let result = &out["MetricDataResults"][0];
    assert_eq!((&result["Values"], &result["StatusCode"]), (&json!([]), &json!("Complete")));
    assert_eq!(out.get("NextToken"), None);
}

#[test]
fn pages_join_to_the_whole() {
    let queries = [metric("m1", "parts", 300), metric("none", "nobody", 300), metric("m2", "parts", 60)];
    let (mut more, mut values, mut statuses) = (json!({ "MaxDatapoints": 10 }), Vec::new(), Vec::new());
    for _ in 0..100 {
        let out = get(&queries, &more);
        let results = out["MetricDataResults"].as_array().expect("results").clone();
        let count: usize = results.iter().map(|result| result["Values"].as_array().expect("values").len()).sum();
        assert!(count <= 10, "{count} points in a page of ten");
        for result in results {
            values.extend(result["Values"].as_array().expect("values").clone());
            statuses.push(format!("{} {}", result["Id"], result["StatusCode"]).replace('"', ""));
        }
        match out.get("NextToken") {
            Some(token) => more["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(values, vec![json!(2.0); 12 + 60]);
    let partial = |id: &str| statuses.iter().filter(|status| **status == format!("{id} PartialData")).count();
    let complete = |id: &str| statuses.iter().filter(|status| **status == format!("{id} Complete")).count();
    assert_eq!((partial("m1"), complete("m1"), complete("none")), (1, 1, 1));
    assert_eq!((partial("m2"), complete("m2")), (6, 1));
}

#[test]
fn a_span_of_all_times_and_a_period_of_years_are_answered() {
    let more = json!({ "StartTime": -1e300, "EndTime": 1e300 });
    let out = get(&[metric("m1", "parts", 2_147_482_800)], &more);
    assert_eq!(out["MetricDataResults"][0]["Values"], json!([2.0]));
    assert_eq!(refused(&ask(&[metric("m1", "parts", i64::MAX)], &more)).0, "ValidationError");
}

#[test]
fn a_token_of_another_question_is_refused() {
    let queries = [metric("m1", "parts", 60)];
    let out = get(&queries, &json!({ "MaxDatapoints": 10 }));
    let other = json!({ "MaxDatapoints": 10, "NextToken": out["NextToken"], "ScanBy": "TimestampAscending" });
    assert_eq!(refused(&ask(&queries, &other)).0, "InvalidNextToken");
}

#[test]
fn expressions_join_metrics_that_need_not_be_shown() {
    let mut hidden = metric("m1", "parts", 300);
    hidden["ReturnData"] = json!(false);
    let hours = json!({ "Id": "hours", "Expression": "DATAPOINT_COUNT(m1) * m1 / m1 / 12", "Label": "Hours" });
    let twice = json!({ "Id": "twice", "Expression": "2 * hours" });
    let out = get(&[twice, hours, hidden], &json!({ "MaxDatapoints": 1 }));
    let results = out["MetricDataResults"].as_array().expect("results");
    assert_eq!((results.len(), out.get("NextToken")), (2, None), "no pages with expressions");
    assert_eq!((&results[0]["Id"], &results[0]["Values"][0]), (&json!("twice"), &json!(2.0)));
    assert_eq!((&results[1]["Label"], &results[1]["Values"][0]), (&json!("Hours"), &json!(1.0)));
}

#[test]
fn questions_that_make_no_sense_are_refused_by_name() {
    let good = || metric("m1", "parts", 300);
    let both = json!({ "Id": "m1", "MetricStat": stat("parts", 300), "Expression": "m2" });
    let hidden = json!({ "Id": "m1", "MetricStat": stat("parts", 300), "ReturnData": false });
    let many: Vec<Value> = (0..501).map(|index| metric(&format!("m{index}"), "parts", 300)).collect();
    let same = json!({ "EndTime": at("2026-11-20T00:00:00Z").timestamp() });
    let before = json!({ "EndTime": at("2026-11-19T00:00:00Z").timestamp() });
    let cases: [(Value, &str, &str); 13] = [
        (ask(&[], &json!({})), "MissingRequiredParameterException", "MetricDataQueries"),
        (ask(&many, &json!({})), "ValidationError", "500"),
        (ask(&[metric("M1", "parts", 300)], &json!({})), "ValidationError", "M1"),
        (ask(&[metric("m-1", "parts", 300)], &json!({})), "ValidationError", "m-1"),
        (ask(&[good(), good()], &json!({})), "ValidationError", "not unique"),
        (ask(&[metric("m1", "parts", 90)], &json!({})), "ValidationError", "Period"),
        (ask(&[both], &json!({})), "ValidationError", "exactly one"),
        (ask(&[json!({ "Id": "m1" })], &json!({})), "ValidationError", "exactly one"),
        (ask(&[hidden], &json!({})), "ValidationError", "ReturnData"),
        (ask(&[json!({ "Id": "e1", "Expression": "2 * m9" })], &json!({})), "ValidationError", "e1"),
        (ask(&[good()], &same), "ValidationError", "must not equal"),
        (ask(&[good()], &before), "ValidationError", "less than"),
        (ask(&[good()], &json!({ "MaxDatapoints": 100_801 })), "ValidationError", "MaxDatapoints"),
    ];
    for (input, code, word) in cases {
        let (found, sentence) = refused(&input);
        assert!(found == code && sentence.contains(word), "{code} with {word}: {sentence}");
    }
}

#[test]
fn two_metrics_of_one_name_are_labelled_by_what_tells_them_apart() {
    let out = get(&[metric("m1", "parts", 300), metric("m2", "logos", 300)], &json!({}));
    let labels: Vec<&Value> =
        out["MetricDataResults"].as_array().expect("results").iter().map(|r| &r["Label"]).collect();
    assert_eq!(labels, ["parts v9", "logos v9"]);
}

fn statistics_input(more: &Value) -> Value {
    let mut input = stat("parts", 300)["Metric"].clone();
    let common = json!({
        "StartTime": at("2026-11-20T00:00:00Z").timestamp(),
        "EndTime": at("2026-11-20T12:00:00Z").timestamp(),
        "Period": 300,
        "Statistics": ["Average", "SampleCount", "Sum"],
    });
    for extra in [&common, more] {
        if let (Some(input), Some(extra)) = (input.as_object_mut(), extra.as_object()) {
            input.extend(extra.clone());
        }
    }
    input
}

#[test]
fn several_statistics_come_at_once_and_in_no_order() {
    let out = call(&mut world(), "GetMetricStatistics", &statistics_input(&json!({}))).expect("statistics");
    let points = out["Datapoints"].as_array().expect("points");
    assert_eq!((points.len(), &out["Label"]), (12, &json!("InServiceInferenceUnits")));
    for point in points {
        assert_eq!((&point["Average"], &point["SampleCount"], &point["Sum"]), (&json!(2.0), &json!(5.0), &json!(10.0)));
        assert_eq!((&point["Unit"], point.get("Minimum")), (&json!("Count"), None));
    }
    let times: Vec<f64> = points.iter().filter_map(|point| point["Timestamp"].as_f64()).collect();
    assert!(!times.is_sorted(), "callers must not rely on an order");
}

#[test]
fn statistics_refuse_what_cannot_be_answered() {
    let month = json!({ "StartTime": at("2026-10-20T00:00:00Z").timestamp() });
    let cases: [(Value, &str); 6] = [
        (json!({ "Period": 90 }), "InvalidParameterValueException"),
        (json!({ "Statistics": [] }), "MissingRequiredParameterException"),
        (json!({ "ExtendedStatistics": ["p90"] }), "InvalidParameterCombinationException"),
        (json!({ "Statistics": ["Mean"] }), "InvalidParameterValueException"),
        (json!({ "EndTime": at("2026-11-19T00:00:00Z").timestamp() }), "InvalidParameterValueException"),
        (month, "InvalidParameterCombinationException"),
    ];
    for (more, code) in cases {
        let fault = call(&mut world(), "GetMetricStatistics", &statistics_input(&more)).expect_err("a refusal");
        assert_eq!(fault.code(), code, "{more}: {fault}");
    }
    let other = statistics_input(&json!({ "Unit": "Seconds" }));
    let out = call(&mut world(), "GetMetricStatistics", &other).expect("statistics");
    assert_eq!(out["Datapoints"], json!([]), "nothing was kept in that unit");
}
