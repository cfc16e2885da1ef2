//! Rekognition through the SDK: every call, page and refusal.

use aws_sdk_rekognition::primitives::Blob;
use aws_sdk_rekognition::types::{CustomizationFeature, Image, ProjectVersionStatus, S3Object};

use super::bench::{Bench, PARTS, at, code, message};

const ACCOUNT: &str = "arn:aws:rekognition:eu-central-1:123456789012";

fn arn(bench: &Bench, version: &str) -> String {
    let world = bench.sim.world();
    let found = world.models.values().find(|model| model.version == version);
    found.map(|model| model.arn.clone()).expect("a model")
}

fn many_projects() -> String {
    let project = |n: usize| format!("[[projects]]\nname = \"p{n}\"\ncreated = \"2026-01-{:02}T00:00:00Z\"\n", n + 1);
    let models = (0..7).map(|n| {
        format!("[[models]]\nproject = \"p0\"\nversion = \"v{n}\"\ncreated = \"2026-02-{:02}T00:00:00Z\"\n", n + 1)
    });
    (0..7).map(project).chain(models).collect()
}

#[tokio::test]
async fn projects_come_in_pages_and_without_those_for_moderation() {
    let bench = Bench::new("page_cap = 3", &many_projects());
    let pages: Vec<_> =
        bench.rekognition().describe_projects().into_paginator().send().collect::<Result<_, _>>().await.expect("pages");
    let sizes: Vec<usize> = pages.iter().map(|page| page.project_descriptions().len()).collect();
    assert_eq!(sizes, [3, 3, 1]);
    let all: std::collections::BTreeSet<&str> =
        pages.iter().flat_map(|page| page.project_descriptions()).filter_map(|project| project.project_arn()).collect();
    assert_eq!(all.len(), 7, "each once");

    let bench = Bench::new("", PARTS);
    let out = bench.rekognition().describe_projects().send().await.expect("projects");
    let arns: Vec<_> = out.project_descriptions().iter().filter_map(|project| project.project_arn()).collect();
    assert_eq!(arns, [format!("{ACCOUNT}:project/parts/1768032000000")]);
    let features = [CustomizationFeature::CustomLabels, CustomizationFeature::ContentModeration];
    let out =
        bench.rekognition().describe_projects().set_features(Some(features.to_vec())).send().await.expect("projects");
    assert_eq!(out.project_descriptions().len(), 2);
    let out = bench.rekognition().describe_projects().project_names("nothing").send().await.expect("projects");
    assert_eq!(out.project_descriptions().len(), 0);
}

#[tokio::test]
async fn versions_come_in_pages_newest_first() {
    let bench = Bench::new("page_cap = 3", &many_projects());
    let project = format!("{ACCOUNT}:project/p0/1767225600000");
    let client = bench.rekognition();
    let items: Vec<_> = client
        .describe_project_versions()
        .project_arn(project)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .expect("versions");
    let dates: Vec<i64> = items.iter().filter_map(|item| item.creation_timestamp().map(|at| at.secs())).collect();
    assert_eq!(dates.len(), 7);
    assert!(dates.is_sorted_by(|a, b| a > b), "{dates:?}");
    assert_eq!(bench.calls("DescribeProjectVersions"), 3);
}

#[tokio::test]
async fn a_page_token_is_good_for_its_own_question_only() {
    let bench = Bench::new("page_cap = 3", &many_projects());
    let client = bench.rekognition();
    let bad = client.describe_projects().next_token("made-up").send().await;
    assert_eq!(code(bad), "InvalidPaginationTokenException");
    let token =
        client.describe_projects().send().await.expect("a page").next_token().expect("there is more").to_owned();
    let project = format!("{ACCOUNT}:project/p0/1767225600000");
    let bad = client.describe_project_versions().project_arn(project).next_token(&token).send().await;
    assert_eq!(code(bad), "InvalidPaginationTokenException");
    let bad = client.describe_projects().max_results(101).send().await;
    assert_eq!(code(bad), "ValidationException");
}

#[tokio::test]
async fn a_version_tells_everything_that_is_known_about_it() {
    let bench = Bench::new("", PARTS);
    let project = format!("{ACCOUNT}:project/parts/1768032000000");
    let client = bench.rekognition();
    let out =
        client.describe_project_versions().project_arn(&project).version_names("v1").send().await.expect("a version");
    let [version] = out.project_version_descriptions() else { panic!("one version") };
    assert_eq!(version.status(), Some(&ProjectVersionStatus::Stopped));
    assert_eq!(version.status_message(), Some("The model is stopped."));
    assert_eq!((version.min_inference_units(), version.max_inference_units()), (Some(1), Some(4)));
    assert_eq!(version.evaluation_result().and_then(|result| result.f1_score()), Some(0.875));
    assert_eq!(version.billable_training_time_in_seconds(), Some(5400));
    assert_eq!(version.training_end_timestamp().map(|at| at.secs()), Some(at("2026-02-01T09:30:00Z").timestamp()));
    assert_eq!(version.version_description(), Some("the first one"));
    let bad = client.describe_project_versions().project_arn(format!("{ACCOUNT}:project/none/1")).send().await;
    assert_eq!(code(bad), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_model_passes_through_its_transitions_and_refuses_meanwhile() {
    let bench = Bench::new("", PARTS);
    let client = bench.rekognition();
    let arn = arn(&bench, "v3");
    let start = || {
        client.start_project_version().project_version_arn(&arn).min_inference_units(2).max_inference_units(5).send()
    };
    let stop = || client.stop_project_version().project_version_arn(&arn).send();
    assert_eq!(code(stop().await), "ResourceInUseException");
    assert_eq!(start().await.expect("a start").status(), Some(&ProjectVersionStatus::Starting));
    assert_eq!(code(start().await), "ResourceInUseException");
    assert_eq!(code(stop().await), "ResourceInUseException");
    bench.step(17 * 60 + 1);
    assert_eq!(code(start().await), "ResourceInUseException");
    let project = format!("{ACCOUNT}:project/parts/1768032000000");
    let out =
        client.describe_project_versions().project_arn(&project).version_names("v3").send().await.expect("a version");
    let version = &out.project_version_descriptions()[0];
    assert_eq!(version.status(), Some(&ProjectVersionStatus::Running));
    assert_eq!((version.min_inference_units(), version.max_inference_units()), (Some(2), Some(5)));
    assert_eq!(stop().await.expect("a stop").status(), Some(&ProjectVersionStatus::Stopping));
    assert_eq!(code(stop().await), "ResourceInUseException");
    bench.step(3 * 60 + 1);
    assert_eq!(start().await.expect("another start").status(), Some(&ProjectVersionStatus::Starting));
}

#[tokio::test]
async fn quotas_and_parameters_are_held() {
    let bench = Bench::new("running_models = 1", PARTS);
    let client = bench.rekognition();
    let start = |version: &str, min: i32, max: Option<i32>| {
        client
            .start_project_version()
            .project_version_arn(arn(&bench, version))
            .min_inference_units(min)
            .set_max_inference_units(max)
            .send()
    };
    assert_eq!(code(start("a1", 1, None).await), "InvalidParameterException", "a model for moderation");
    assert_eq!(code(start("v2", 1, None).await), "ResourceInUseException", "it is being trained");
    assert_eq!(code(start("v3", 3, Some(2)).await), "InvalidParameterException");
    assert_eq!(code(start("v3", 0, None).await), "ValidationException");
    assert_eq!(code(start("v3", 6, None).await), "LimitExceededException");
    assert_eq!(code(start("v3", 1, Some(6)).await), "LimitExceededException");
    start("v3", 1, None).await.expect("the one that may run");
    let refused = message(start("v4", 1, None).await);
    assert!(refused.contains("Maximum limit: 1"), "{refused}");
    let bad =
        client.stop_project_version().project_version_arn(format!("{ACCOUNT}:project/parts/version/v9/1")).send().await;
    assert_eq!(code(bad), "ResourceNotFoundException");
}

#[tokio::test]
async fn labels_are_found_only_while_the_model_runs_and_within_its_capacity() {
    let bench = Bench::new("", PARTS);
    let client = bench.rekognition();
    let arn = arn(&bench, "v3");
    const JPEG: &[u8] = b"\xff\xd8\xff an image";
    let detect = |bytes: &[u8]| {
        let image = Image::builder().bytes(Blob::new(bytes)).build();
        client.detect_custom_labels().project_version_arn(&arn).image(image).min_confidence(0.0).send()
    };
    assert_eq!(code(detect(JPEG).await), "ResourceNotReadyException");
    client.start_project_version().project_version_arn(&arn).min_inference_units(1).send().await.expect("a start");
    bench.step(20 * 60);
    let first = detect(JPEG).await.expect("labels");
    let names: std::collections::BTreeSet<&str> =
        first.custom_labels().iter().filter_map(|label| label.name()).collect();
    assert_eq!(names, ["dent", "scratch", "stain"].into());
    let confidences: Vec<f32> = first.custom_labels().iter().filter_map(|label| label.confidence()).collect();
    assert!(confidences.is_sorted_by(|a, b| a >= b), "{confidences:?}");
    assert_eq!(detect(JPEG).await.expect("labels").custom_labels(), first.custom_labels(), "the same image");
    for _ in 0..3 {
        detect(JPEG).await.expect("five a second");
    }
    assert_eq!(code(detect(JPEG).await), "ProvisionedThroughputExceededException");
    bench.step(1);
    detect(JPEG).await.expect("a second later");
    assert_eq!(code(detect(b"text").await), "InvalidImageFormatException");
    let there = S3Object::builder().bucket("images").name("a.jpg").build();
    let image = Image::builder().s3_object(there).build();
    let detect = || client.detect_custom_labels().project_version_arn(&arn).image(image.clone()).send();
    assert_eq!(code(detect().await), "InvalidS3ObjectException");
    bench.put("images", "a.jpg", JPEG);
    bench.step(1);
    detect().await.expect("labels");
}

#[tokio::test]
async fn five_calls_a_second_where_it_is_switched_on() {
    let bench = Bench::new("throttle = true", PARTS);
    let client = bench.rekognition();
    for _ in 0..5 {
        client.describe_projects().send().await.expect("five calls");
    }
    assert_eq!(code(client.describe_projects().send().await), "ProvisionedThroughputExceededException");
    let project = format!("{ACCOUNT}:project/parts/1768032000000");
    client.describe_project_versions().project_arn(project).send().await.expect("another operation has its own rate");
    bench.step(1);
    client.describe_projects().send().await.expect("a second later");
}

#[tokio::test]
async fn a_clock_that_stands_does_not_stop_the_calls_for_good() {
    let bench = Bench::standing("throttle = true", PARTS);
    let client = bench.rekognition();
    let mut refused = 0;
    while refused == 0 {
        refused += usize::from(client.describe_projects().send().await.is_err());
        assert!(bench.calls("DescribeProjects") < 1_000, "the rate is not enforced");
    }
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    client.describe_projects().send().await.expect("a moment later, in real time");
}
