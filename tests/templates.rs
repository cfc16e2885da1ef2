//! The templates of `assets/deploy`: what they promise to each other, to the functions and to the console.

use rekotui::lambda::Event;
use serde_json::{Value, json};

use super::policies::template::{Template, text};

const MODEL: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v9/1700000000000";
const UUIDS: [&str; 2] = ["14e0db71-5d35-4eb5-b481-8945cf9d10c2", "24e0db71-5d35-4eb5-b481-8945cf9d10c2"];

/// One of the two, deployed for a model.
fn deployed(name: &str, more: &[(&str, &str)]) -> Template {
    let mut given = vec![("ModelArn", MODEL)];
    if name == "pipeline.yaml" {
        given.push(("BucketName", "images"));
    }
    given.extend(more);
    Template::read(name, &given)
}

#[test]
fn parameters_and_outputs_are_those_that_deployments_name() {
    for (name, parameters, outputs) in [
        (
            "scheduler.yaml",
            "CodeBucket CodeKey Architecture Version Models Queues ModelArn MappingUuids MinInferenceUnits MaxInferenceUnits \
             StartExpression StopExpression TimeZone LeadMinutes MostHours AlarmTopic",
            "StartupFunction ShutdownFunction SchedulerRole ScheduleGroup DeadLetterQueue",
        ),
        (
            "pipeline.yaml",
            "CodeBucket CodeKey Architecture Version ModelArn BucketName CreateBucket Output OutputBucket OutputQueueArn \
             MinConfidence MaxConcurrency RetentionDays BatchSize AlarmTopic",
            "Bucket Queue DeadLetterQueue InferenceFunction Mapping",
        ),
    ] {
        let template = deployed(name, &[]);
        assert_eq!(template.names("Parameters").join(" "), parameters);
        assert_eq!(template.names("Outputs").join(" "), outputs);
        // CloudFormation takes no longer text in a call.
        assert!(text(name).len() <= 51_200, "{name}");
        for parameter in template.names("Parameters") {
            let written = template.written("Parameters", parameter);
            assert!(written["Description"].is_string(), "{parameter} is not described");
            let free = ["AllowedPattern", "MinValue"].iter().any(|rule| written[rule] != Value::Null);
            assert!(!free || written["ConstraintDescription"].is_string(), "{parameter} is refused without a word");
        }
    }
}

#[test]
fn everything_that_can_carries_the_tag_of_its_stack() {
    let bare = ["EventInvokeConfig", "Schedule", "QueuePolicy"];
    for (name, tag) in [("scheduler.yaml", "scheduler"), ("pipeline.yaml", "pipeline")] {
        let template = deployed(name, &[]);
        for resource in template.names("Resources") {
            let kind = template.written("Resources", resource)["Type"].as_str().unwrap();
            if bare.iter().any(|bare| kind.rsplit("::").next() == Some(bare)) {
                continue;
            }
            let properties = template.properties(resource).unwrap();
            let tags = properties["Tags"].as_array().unwrap_or_else(|| panic!("{resource} has no tags"));
            assert!(tags.contains(&json!({ "Key": "rekotui", "Value": tag })), "{resource}: {tags:?}");
        }
    }
}

#[test]
fn each_function_is_told_which_it_is() {
    for (name, resource, handler, timeout) in [
        ("scheduler.yaml", "Startup", "startup", 900),
        ("scheduler.yaml", "Shutdown", "shutdown", 900),
        ("pipeline.yaml", "Inference", "inference", 120),
    ] {
        let function = deployed(name, &[("Version", "0.1.0")]).properties(resource).unwrap();
        assert_eq!(function["Handler"], handler);
        assert_eq!(function["Runtime"], "provided.al2023");
        assert_eq!(function["Timeout"], timeout);
        let variables = &function["Environment"]["Variables"];
        assert_eq!((&variables["REKOTUI_ROLE"], &variables["REKOTUI_VERSION"]), (&json!(handler), &json!("0.1.0")));
    }
}

/// The Input of a schedule.
fn input(template: &Template, schedule: &str) -> Option<Value> {
    let properties = template.properties(schedule)?;
    Some(serde_json::from_str(properties["Target"]["Input"].as_str().unwrap()).unwrap())
}

#[test]
fn the_schedules_say_what_the_functions_understand() {
    let bare = deployed("scheduler.yaml", &[]);
    let start =
        json!({ "action": "start", "model": MODEL, "mappings": [], "min_inference_units": 1, "lead_minutes": 30 });
    assert_eq!(input(&bare, "StartSchedule").unwrap(), start);
    assert_eq!(input(&bare, "StopSchedule").unwrap(), json!({ "action": "stop", "model": MODEL, "mappings": [] }));

    let uuids = UUIDS.join(",");
    let more = [("MappingUuids", uuids.as_str()), ("MaxInferenceUnits", "2"), ("LeadMinutes", "45")];
    let full = deployed("scheduler.yaml", &more);
    for (schedule, action) in [("StartSchedule", "start"), ("StopSchedule", "stop")] {
        let event = Event::read(&input(&full, schedule).unwrap(), action, |_| None).unwrap();
        assert_eq!((event.model.as_str(), event.mappings), (MODEL, UUIDS.map(str::to_owned).to_vec()));
        assert_eq!(event.units.and_then(|units| units.max), (action == "start").then_some(2));
    }
    assert_eq!(input(&full, "StartSchedule").unwrap()["lead_minutes"], 45);
}

#[test]
fn without_a_model_there_is_nothing_to_start_and_nothing_to_watch() {
    let template = Template::read("scheduler.yaml", &[]);
    for resource in ["StartSchedule", "StopSchedule", "LongInService"] {
        assert_eq!(template.properties(resource), None, "{resource}");
    }
}

#[test]
fn the_group_names_what_its_schedules_invoke() {
    let template = deployed("scheduler.yaml", &[("AWS::StackName", "rekotui")]);
    let group = template.properties("ScheduleGroup").unwrap();
    let tags = group["Tags"].as_array().unwrap();
    for (tag, value) in [
        ("rekotui:startup", "Startup.Arn"),
        ("rekotui:shutdown", "Shutdown.Arn"),
        ("rekotui:role", "SchedulerRole.Arn"),
        ("rekotui:dead-letter", "DeadLetters.Arn"),
    ] {
        assert!(tags.contains(&json!({ "Key": tag, "Value": value })), "{tag}: {tags:?}");
    }
    // The role may be used by the schedules of that very group.
    let role = template.properties("SchedulerRole").unwrap();
    let condition = &role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"];
    let group = format!("arn:aws:scheduler:*:*:schedule-group/{}", group["Name"].as_str().unwrap());
    assert_eq!(condition["ArnEquals"]["aws:SourceArn"], group);
}

#[test]
fn a_long_run_is_told_of_by_the_names_of_the_model_and_within_what_cloudwatch_can_see() {
    for hours in [1, 14, 23] {
        let alarm =
            deployed("scheduler.yaml", &[("MostHours", &hours.to_string())]).properties("LongInService").unwrap();
        let dimensions = json!([{ "Name": "ProjectName", "Value": "logos" }, { "Name": "VersionName", "Value": "v9" }]);
        assert_eq!(alarm["Dimensions"], dimensions);
        let number = |key: &str| alarm[key].as_str().unwrap().parse::<u64>().unwrap();
        let period = alarm["Period"].as_u64().unwrap();
        // The first and the last period may be touched only briefly.
        assert!((number("DatapointsToAlarm") - 2) * period == hours * 3_600);
        // With periods of less than an hour CloudWatch looks back a day (PutMetricAlarm, Period).
        assert!(
            number("EvaluationPeriods") * period <= 86_400 && number("EvaluationPeriods") > number("DatapointsToAlarm")
        );
    }
    // Digits are put behind it: neither a fraction nor more than a day.
    let pattern = deployed("scheduler.yaml", &[]).written("Parameters", "MostHours")["AllowedPattern"].clone();
    let pattern = regex_lite::Regex::new(pattern.as_str().unwrap()).unwrap();
    let taken: Vec<String> = (0..=30).map(|hours| hours.to_string()).filter(|hours| pattern.is_match(hours)).collect();
    assert_eq!((taken.len(), taken[0].as_str(), taken[22].as_str()), (23, "1", "23"));
    assert!(!pattern.is_match("14.5") && !pattern.is_match("014"));
}

#[test]
fn a_message_waits_out_the_function_and_the_nights() {
    for days in [1, 14] {
        let template = deployed("pipeline.yaml", &[("RetentionDays", &days.to_string())]);
        let (queue, function) = (template.properties("Images").unwrap(), template.properties("Inference").unwrap());
        assert!(queue["VisibilityTimeout"].as_u64() >= function["Timeout"].as_u64().map(|timeout| timeout * 6));
        assert_eq!(queue["MessageRetentionPeriod"], days * 86_400);
        assert!(queue["RedrivePolicy"]["maxReceiveCount"].as_u64() >= Some(5));
    }
    let mapping = deployed("pipeline.yaml", &[]).properties("Mapping").unwrap();
    assert_eq!(mapping["Enabled"], false, "the first start enables it");
    assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
}

#[test]
fn images_are_told_of_and_results_are_not() {
    let template = deployed("pipeline.yaml", &[]);
    let bucket = template.properties("Bucket").unwrap();
    let told = bucket["NotificationConfiguration"]["QueueConfigurations"].as_array().unwrap();
    let suffixes: Vec<&str> =
        told.iter().map(|one| one["Filter"]["S3Key"]["Rules"][0]["Value"].as_str().unwrap()).collect();
    for (key, expected) in [
        ("a.jpg", 1),
        ("b/C.JPG", 1),
        ("a.jpeg", 1),
        ("A.JPEG", 1),
        ("a.png", 1),
        ("A.PNG", 1),
        ("a.jpg.labels.json", 0),
    ] {
        assert_eq!(suffixes.iter().filter(|suffix| key.ends_with(**suffix)).count(), expected, "{key}");
    }
    // The bucket waits for the policy that lets it send, and outlives the stack once that was made.
    let written = template.written("Resources", "Bucket");
    assert_eq!(written["DependsOn"], "ImagesPolicy");
    assert_eq!(
        (&written["DeletionPolicy"], &written["UpdateReplacePolicy"]),
        (&json!("RetainExceptOnCreate"), &json!("Retain"))
    );
    assert_eq!(deployed("pipeline.yaml", &[("CreateBucket", "false")]).properties("Bucket"), None);
}
