//! CloudWatch through the SDK: what models ran and queues held, page by page, and every refusal.

use aws_sdk_cloudwatch::primitives::DateTime as Stamp;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StandardUnit, Statistic, StatusCode,
};

use super::bench::{Bench, PARTS, UUID, at, code, message};

/// v1 ran on every weekday of the last months, with two units, from 08:00 to 16:30 in UTC.
const HISTORY: &str = r#"
[[history]]
project = "parts"
version = "v1"
days = 100
units = 2
week = [{ days = "MON-FRI", from = "08:00", to = "16:30" }]
"#;

fn bench() -> Bench {
    Bench::new("", &format!("{PARTS}{HISTORY}"))
}

fn stamp(text: &str) -> Stamp {
    Stamp::from_secs(at(text).timestamp())
}

fn dimensions(pairs: &[(&str, &str)]) -> Vec<Dimension> {
    pairs.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build()).collect()
}

fn units(version: &str) -> Metric {
    let dimensions = dimensions(&[("ProjectName", "parts"), ("VersionName", version)]);
    let metric = Metric::builder().namespace("AWS/Rekognition").metric_name("InServiceInferenceUnits");
    metric.set_dimensions(Some(dimensions)).build()
}

fn query(id: &str, metric: Metric, period: i32, stat: &str) -> MetricDataQuery {
    let stat = MetricStat::builder().metric(metric).period(period).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

/// All that is answered to `queries`, page by page, and how many pages it took.
async fn ask(
    bench: &Bench,
    queries: &[MetricDataQuery],
    span: (&str, &str),
    most: i32,
) -> (Vec<MetricDataResult>, u32) {
    let (mut all, mut token, mut pages) = (Vec::new(), None, 0);
    loop {
        let call = bench.cloudwatch().get_metric_data().set_metric_data_queries(Some(queries.to_vec()));
        let call = call.start_time(stamp(span.0)).end_time(stamp(span.1)).max_datapoints(most);
        let page = call.set_next_token(token).send().await.expect("data");
        pages += 1;
        all.extend(page.metric_data_results.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return (all, pages);
        }
    }
}

fn sum(results: &[MetricDataResult], id: &str) -> f64 {
    results.iter().filter(|result| result.id() == Some(id)).flat_map(|result| result.values()).sum()
}

#[tokio::test]
async fn a_week_is_the_same_in_many_pages_as_in_one() {
    let bench = bench();
    let week = ("2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z");
    let queries = [
        query("fine", units("v1"), 60, "Average"),
        query("nobody", units("v9"), 60, "Average"),
        query("coarse", units("v1"), 3600, "SampleCount"),
    ];
    let (whole, one) = ask(&bench, &queries, week, 100_800).await;
    assert_eq!((whole.len(), one), (3, 1));
    assert_eq!(sum(&whole, "fine"), 5.0 * 510.0 * 2.0);
    assert_eq!(sum(&whole, "coarse"), 5.0 * 510.0);
    let nobody = &whole[1];
    assert_eq!((nobody.status_code(), nobody.values().len()), (Some(&StatusCode::Complete), 0));

    let (parts, pages) = ask(&bench, &queries, week, 400).await;
    assert_eq!(pages, 7, "2,550 points, an empty metric and 45 hours, 400 at a time");
    assert_eq!((sum(&parts, "fine"), sum(&parts, "coarse")), (sum(&whole, "fine"), sum(&whole, "coarse")));
    let of_fine: Vec<_> = parts.iter().filter(|result| result.id() == Some("fine")).collect();
    let (last, before) = of_fine.split_last().expect("pieces");
    assert_eq!(last.status_code(), Some(&StatusCode::Complete));
    assert!(before.iter().all(|piece| piece.status_code() == Some(&StatusCode::PartialData)));
    let times: Vec<i64> = of_fine.iter().flat_map(|piece| piece.timestamps()).map(Stamp::secs).collect();
    assert_eq!(times.first(), Some(&at("2026-11-13T16:29:00Z").timestamp()), "the newest first");
    assert!(times.is_sorted_by(|a, b| a > b), "and so on, over all pages");
}

#[tokio::test]
async fn the_scan_can_begin_with_the_oldest() {
    let bench = bench();
    let call = bench.cloudwatch().get_metric_data().metric_data_queries(query("m1", units("v1"), 300, "Sum"));
    let call = call.start_time(stamp("2026-11-13T00:00:00Z")).end_time(stamp("2026-11-13T16:00:00Z"));
    let out = call.scan_by(ScanBy::TimestampAscending).send().await.expect("data");
    let result = &out.metric_data_results()[0];
    let times: Vec<i64> = result.timestamps().iter().map(Stamp::secs).collect();
    assert_eq!(times.first(), Some(&at("2026-11-13T08:00:00Z").timestamp()));
    assert_eq!(times.last(), Some(&at("2026-11-13T15:55:00Z").timestamp()), "the end is not part of it");
    assert_eq!(result.label(), Some("InServiceInferenceUnits"));
    assert!(result.values().iter().all(|sum| *sum == 10.0), "five minutes with two units");
}

#[tokio::test]
async fn what_is_too_fine_for_its_age_is_silently_missing() {
    let bench = bench();
    // A day each: three, nine and fourteen weeks before the account's now.
    let days = ["2026-10-27", "2026-09-15", "2026-08-10"];
    let mut found = Vec::new();
    for day in days {
        let span = (format!("{day}T00:00:00Z"), format!("{day}T23:00:00Z"));
        for period in [60, 300, 3600] {
            let queries = [query("m1", units("v1"), period, "SampleCount")];
            found.push(sum(&ask(&bench, &queries, (&span.0, &span.1), 100_800).await.0, "m1"));
        }
    }
    assert_eq!(found, [0.0, 510.0, 510.0, 0.0, 510.0, 510.0, 0.0, 0.0, 510.0]);
}

#[tokio::test]
async fn a_model_that_is_started_appears_when_it_runs_and_a_little_late() {
    let bench = bench();
    let v3 = bench.sim.world().models.keys().find(|arn| arn.contains("/parts/version/v3/")).expect("the model").clone();
    let start = bench.rekognition().start_project_version().project_version_arn(&v3).min_inference_units(3);
    start.send().await.expect("a start");

    let span = ("2026-11-16T05:00:00Z", "2026-11-16T07:00:00Z");
    let queries = [query("m1", units("v3"), 60, "Average")];
    bench.step(7 * 60);
    assert_eq!(sum(&ask(&bench, &queries, span, 1000).await.0, "m1"), 0.0, "nothing while it starts");
    bench.step(23 * 60);
    let (results, _) = ask(&bench, &queries, span, 1000).await;
    let newest = results[0].timestamps()[0].secs();
    let late = at("2026-11-16T05:30:00Z").timestamp() - newest;
    assert!((180..=300).contains(&late), "the newest point is {late} s old");
    let points = results[0].values().len();
    assert!((8..=20).contains(&points), "{points} minutes in service");
    assert_eq!(sum(&results, "m1"), 3.0 * points as f64);
}

#[tokio::test]
async fn a_queue_tells_its_age_while_something_waits() {
    let bench = bench();
    let of = |queue: &str| {
        let metric = Metric::builder().namespace("AWS/SQS").metric_name("ApproximateAgeOfOldestMessage");
        let metric = metric.set_dimensions(Some(dimensions(&[("QueueName", queue)]))).build();
        [query("age", metric, 60, "Maximum")]
    };
    let span = ("2026-11-16T04:45:00Z", "2026-11-16T05:00:00Z");
    let (results, _) = ask(&bench, &of("images"), span, 1000).await;
    let newest = (results[0].values()[0], results[0].timestamps()[0].secs());
    let sent = at("2026-11-16T03:30:00Z").timestamp();
    assert_eq!(newest.0 as i64, newest.1 - sent, "it has waited since 03:30");
    let (empty, _) = ask(&bench, &of("images-dead"), span, 1000).await;
    assert_eq!(empty[0].values().len(), 0, "an idle queue has no points, not zeros");
}

#[tokio::test]
async fn invocations_are_counted_where_functions_ran() {
    let bench = bench();
    bench.lambda().invoke().function_name("startup").send().await.expect("an invocation");
    bench.step(40 * 60);
    let metric = Metric::builder().namespace("AWS/Lambda").metric_name("Invocations");
    let metric = metric.set_dimensions(Some(dimensions(&[("FunctionName", "startup")]))).build();
    let span = ("2026-11-16T05:00:00Z", "2026-11-16T05:40:00Z");
    let (results, _) = ask(&bench, &[query("m1", metric, 3600, "Sum")], span, 10).await;
    assert_eq!(results[0].values(), [1.0]);
    let state = bench.lambda().get_event_source_mapping().uuid(UUID).send().await.expect("the mapping");
    assert_eq!(state.state(), Some("Enabled"), "which is what it did");
}

#[tokio::test]
async fn the_documented_expression_counts_hours() {
    let bench = bench();
    let hidden = query("m1", units("v1"), 3600, "Average");
    let hidden = MetricDataQuery::builder().id("m1").set_metric_stat(hidden.metric_stat).return_data(false).build();
    let hours = MetricDataQuery::builder().id("e1").expression("DATAPOINT_COUNT(m1)*m1/m1").label("Hours").build();
    let day = ("2026-11-13T00:00:00Z", "2026-11-14T00:00:00Z");
    let (results, pages) = ask(&bench, &[hours, hidden], day, 1).await;
    assert_eq!((results.len(), pages), (1, 1), "expressions come at once");
    assert_eq!((results[0].label(), results[0].values().first()), (Some("Hours"), Some(&9.0)));
}

#[tokio::test]
async fn questions_are_refused_as_the_real_one_does() {
    let bench = bench();
    let data = |queries: Vec<MetricDataQuery>| {
        let call = bench.cloudwatch().get_metric_data().set_metric_data_queries(Some(queries));
        call.start_time(stamp("2026-11-15T00:00:00Z")).end_time(stamp("2026-11-16T00:00:00Z"))
    };
    let good = || query("m1", units("v1"), 300, "Sum");
    let refused = [
        (vec![good(), good()], "not unique"),
        (vec![query("Upper", units("v1"), 300, "Sum")], "Upper"),
        (vec![query("m1", units("v1"), 90, "Sum")], "Period"),
        (vec![query("m1", units("v1"), 300, "p99")], "p99"),
        ((0..501).map(|id| query(&format!("m{id}"), units("v1"), 300, "Sum")).collect(), "500"),
    ];
    for (queries, word) in refused {
        let sentence = message(data(queries.clone()).send().await);
        assert!(sentence.contains(word), "{word}: {sentence}");
        assert_eq!(code(data(queries).send().await), "ValidationError", "{word}");
    }
    let error = data(vec![good()]).next_token("made-up").send().await.expect_err("no such token");
    assert!(error.into_service_error().is_invalid_next_token());
    let backwards = data(vec![good()]).end_time(stamp("2026-11-14T00:00:00Z"));
    assert!(message(backwards.send().await).contains("StartTime must be less than"));
}

#[tokio::test]
async fn statistics_come_together_and_in_no_order() {
    let bench = bench();
    let call = bench.cloudwatch().get_metric_statistics().namespace("AWS/Rekognition");
    let call = call.metric_name("InServiceInferenceUnits").period(3600);
    let call = call.set_dimensions(Some(dimensions(&[("ProjectName", "parts"), ("VersionName", "v1")])));
    let call = call.start_time(stamp("2026-11-13T00:00:00Z")).end_time(stamp("2026-11-14T00:00:00Z"));
    let call = call.statistics(Statistic::Average).statistics(Statistic::SampleCount).statistics(Statistic::Maximum);
    let out = call.send().await.expect("statistics");
    assert_eq!((out.label(), out.datapoints().len()), (Some("InServiceInferenceUnits"), 9));
    let counts: f64 = out.datapoints().iter().filter_map(|point| point.sample_count()).sum();
    assert_eq!(counts, 510.0, "the last hour is half full");
    for point in out.datapoints() {
        assert_eq!((point.average(), point.maximum(), point.minimum()), (Some(2.0), Some(2.0), None));
        assert_eq!(point.unit(), Some(&StandardUnit::Count));
    }
    let times: Vec<i64> = out.datapoints().iter().filter_map(|point| Some(point.timestamp()?.secs())).collect();
    assert!(!times.is_sorted() && !times.is_sorted_by(|a, b| a > b), "callers have to sort them");
}

#[tokio::test]
async fn statistics_have_refusals_of_their_own() {
    let bench = bench();
    let call = || {
        let call = bench.cloudwatch().get_metric_statistics().namespace("AWS/Rekognition");
        let call = call.metric_name("InServiceInferenceUnits").statistics(Statistic::Sum);
        call.start_time(stamp("2026-11-14T00:00:00Z")).end_time(stamp("2026-11-16T00:00:00Z"))
    };
    let error = call().period(60).send().await.expect_err("2,880 points").into_service_error();
    assert!(error.is_invalid_parameter_combination_exception(), "{error:?}");
    assert!(error.to_string().contains("1,440") || format!("{error:?}").contains("1,440"), "{error:?}");
    let error = call().period(90).send().await.expect_err("no such period").into_service_error();
    assert!(error.is_invalid_parameter_value_exception(), "{error:?}");
    let error = call().period(300).set_statistics(None).send().await.expect_err("no statistic").into_service_error();
    assert!(error.is_missing_required_parameter_exception(), "{error:?}");
}

#[tokio::test]
async fn a_function_has_points_where_it_was_invoked_and_nowhere_else() {
    let bench = bench();
    let metric = |name: &str| {
        let metric = Metric::builder().namespace("AWS/Lambda").metric_name(name);
        metric.set_dimensions(Some(dimensions(&[("FunctionName", "startup")]))).build()
    };
    let names = ["Invocations", "Errors", "Throttles"];
    let queries: Vec<_> =
        ["a", "b", "c"].iter().zip(names).map(|(id, name)| query(id, metric(name), 60, "Sum")).collect();
    let span = ("2026-11-16T04:00:00Z", "2026-11-16T06:00:00Z");
    let (none, _) = ask(&bench, &queries, span, 100_800).await;
    assert!(none.iter().all(|result| result.values().is_empty()), "{none:?}");
    for payload in [r#"{"action":"stop"}"#, r#"{"action":"start"}"#] {
        let payload = aws_sdk_lambda::primitives::Blob::new(payload);
        bench.lambda().invoke().function_name("startup").payload(payload).send().await.expect("an answer");
        bench.step(30 * 60);
    }
    let (results, _) = ask(&bench, &queries, span, 100_800).await;
    let values: Vec<&[f64]> = results.iter().map(MetricDataResult::values).collect();
    // The newest comes first: the start came to its end, the stop was refused.
    assert_eq!(values, [&[1.0, 1.0][..], &[0.0, 1.0], &[0.0, 0.0]]);
}
