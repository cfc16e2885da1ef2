//! The policies of `assets/iam`: each action that the code needs and no other, and the same in the roles of the templates.
//!
//! Who adds a call to `src/aws` adds it to a policy: a call that takes a permit to `operator.json`, any other to
//! `viewer.json`; what only a function or `deploy` calls is named in [`ELSEWHERE`].

pub mod template;

use std::collections::BTreeSet;
use std::fs;

use chrono::TimeDelta;
use regex_lite::Regex;
use rekotui::lambda::{Event, shutdown, startup};
use serde_json::{Value, json};

use super::operations::lab::{Lab, UUID, model};
use super::rooms::{code, room};
use template::Template;

type Actions = BTreeSet<String>;

/// Reads that are only made before something is changed.
const WHEN_ACTING: [&str; 1] = ["events:DescribeRule"];

/// Calls that the console does not make, by the policy of who does.
const ELSEWHERE: [(&str, &[&str]); 2] = [
    ("inference", &["rekognition:DetectCustomLabels", "s3:PutObject", "sqs:SendMessage"]),
    (
        "deployer",
        &[
            "cloudformation:CreateChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:DeleteStack",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeEvents",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStacks",
            "cloudformation:ExecuteChangeSet",
            "cloudformation:ListStackResources",
            "s3:GetBucketNotification",
            "s3:GetObject",
            "s3:PutBucketNotification",
            "s3:PutObject",
        ],
    ),
];

/// What Lambda does with a function's role besides: it writes its log, takes from its queue, tells of its failure.
const LAMBDAS_OWN: [&str; 6] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
];

/// What `inference.json` stands for.
const PIPELINE: [(&str, &str); 2] =
    [("ModelArn", "arn:aws:rekognition:*:*:project/*/version/*/*"), ("BucketName", "BUCKET")];

fn policy(name: &str) -> Value {
    let path = format!("{}/assets/iam/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

fn actions(policy: &Value) -> Actions {
    let statements = policy["Statement"].as_array().unwrap();
    let each = statements.iter().flat_map(|statement| match &statement["Action"] {
        Value::Array(list) => list.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    });
    each.collect()
}

fn set(actions: &[&str]) -> Actions {
    actions.iter().map(|action| (*action).to_owned()).collect()
}

/// The IAM action of a call, from the client's name and the SDK's: `eventbridge` and `list_rules`.
fn action(client: &str, call: &str) -> String {
    let service = if client == "eventbridge" { "events" } else { client };
    let words = call.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    let operation: String = words.collect();
    match (service, operation.as_str()) {
        // The few whose action has another name than the call.
        ("lambda", "Invoke") => "lambda:InvokeFunction".into(),
        ("s3", "HeadObject") => "s3:GetObject".into(),
        ("s3", "GetBucketNotificationConfiguration") => "s3:GetBucketNotification".into(),
        ("s3", "PutBucketNotificationConfiguration") => "s3:PutBucketNotification".into(),
        ("s3", "HeadBucket" | "ListObjectsV2") => "s3:ListBucket".into(),
        _ => format!("{service}:{operation}"),
    }
}

/// What the code calls: without a permit, and with one.
fn calls() -> (Actions, Actions) {
    let files = room("aws");
    let whole: String = files.iter().map(|file| code(file)).collect::<Vec<_>>().join("\n");
    let clients = Regex::new(r"fn (\w+)\(&self\) -> &aws_sdk_\w+::Client").unwrap();
    let clients: Vec<&str> = clients.captures_iter(&whole).map(|found| found.get(1).unwrap().as_str()).collect();
    assert!(clients.len() >= 7, "{clients:?}");
    let call = Regex::new(&format!(r"\.({})\(\)\s*\.([a-z0-9_]+)\(\)", clients.join("|"))).unwrap();
    let (mut reads, mut writes) = (Actions::new(), Actions::new());
    for function in Regex::new(r"\bfn ").unwrap().split(&whole) {
        let signature = function.split('{').next().unwrap();
        let found = if signature.contains("&Permit") { &mut writes } else { &mut reads };
        found.extend(call.captures_iter(function).map(|call| action(&call[1], &call[2])));
    }
    // However a call is spelled, it is paced and told of by the name of its action.
    let named = Regex::new(r#"(?:const \w+: &str = |\.call\(\s*)"([a-z0-9]+:[A-Z]\w+)""#).unwrap();
    let named: Actions = named.captures_iter(&whole).map(|found| found[1].to_owned()).collect();
    assert_eq!(&reads | &writes, named, "calls that were found on the left, actions that are named on the right");
    (reads, writes)
}

fn elsewhere() -> Actions {
    ELSEWHERE.iter().flat_map(|(_, actions)| set(actions)).collect()
}

#[test]
fn the_console_may_read_what_it_reads_and_change_what_it_changes() {
    let (reads, mut writes) = calls();
    let (viewer, operator) = (actions(&policy("viewer")), actions(&policy("operator")));
    let mut acting = set(&WHEN_ACTING);
    assert!(acting.is_subset(&reads), "{acting:?} are not called any more");
    assert_eq!(&(&reads - &acting) - &elsewhere(), viewer, "the code's calls on the left, viewer.json on the right");
    writes.append(&mut acting);
    // Whoever makes a schedule hands its role to EventBridge Scheduler.
    if writes.contains("scheduler:CreateSchedule") || writes.contains("scheduler:UpdateSchedule") {
        writes.insert("iam:PassRole".into());
    }
    assert_eq!(&writes - &elsewhere(), operator, "the code's calls on the left, operator.json on the right");
    assert!(viewer.is_disjoint(&operator));
}

#[test]
fn what_only_functions_or_a_deployment_call_is_allowed_to_them() {
    let (reads, writes) = calls();
    let called = &(&reads | &writes) & &elsewhere();
    for (name, listed) in ELSEWHERE {
        let allowed = if name == "inference" { inference_everywhere() } else { actions(&policy(name)) };
        assert!(set(listed).is_subset(&allowed), "{name} may not do all of {listed:?}");
        let first = listed.iter().find(|action| called.contains(**action) && elsewhere_once(action));
        // Once one of them is called all of them are, or the list promises what nobody does.
        assert!(first.is_none() || set(listed).is_subset(&called), "of {listed:?} only {called:?} are called");
    }
}

/// Whether only one of the two lists has it: S3 is written to by both.
fn elsewhere_once(action: &str) -> bool {
    ELSEWHERE.iter().filter(|(_, listed)| listed.contains(&action)).count() == 1
}

/// What the readme's two tables say.
#[test]
fn the_readme_lists_the_same() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let named = Regex::new("`([a-z0-9]+:[A-Z][A-Za-z]+)`").unwrap();
    let (_, section) = readme.split_once("## With a real account").unwrap();
    let (read, change) = section.split_once("It changes nothing unless").unwrap();
    let listed = |text: &str| -> Actions {
        let text = text.split("\n## ").next().unwrap();
        let rows = text.lines().filter(|line| line.starts_with('|'));
        rows.flat_map(|row| named.captures_iter(row).map(|found| found[1].to_owned()).collect::<Vec<_>>()).collect()
    };
    assert_eq!(listed(read), actions(&policy("viewer")));
    assert_eq!(listed(change), actions(&policy("operator")));
}

/// What a function calls over a day of its life, by the account's own log.
async fn seen(function: &str, model_is: &str, mapping_is: &str) -> Actions {
    let lab = Lab::new(model_is, mapping_is).await;
    lab.pass(TimeDelta::minutes(1));
    let before = lab.sim.log().len();
    let word = if function == "startup" { "start" } else { "stop" };
    let input = json!({ "action": word, "model": model().as_str(), "mappings": [UUID] });
    let event = Event::read(&input, word, |_| None).unwrap();
    let shift = lab.shift(TimeDelta::minutes(15));
    let log = |_: &Value| {};
    let answer = match function {
        "startup" => startup(&event, &shift, &log).await,
        _ => shutdown(&event, &shift, &log).await,
    };
    answer.unwrap();
    let log = lab.sim.log();
    let calls = log.iter().skip(before).map(|call| format!("{}:{}", call.service, call.operation));
    // Everybody may ask who they are, whatever a policy says.
    calls.filter(|call| call != "sts:GetCallerIdentity").collect()
}

#[tokio::test]
async fn each_function_may_do_what_it_does() {
    let own = set(&LAMBDAS_OWN[..3]);
    for function in ["startup", "shutdown"] {
        let mut calls = Actions::new();
        for model in ["STOPPED", "RUNNING"] {
            for mapping in ["Disabled", "Enabled"] {
                calls.append(&mut seen(function, model, mapping).await);
            }
        }
        let allowed = actions(&policy(function));
        assert!(own.is_subset(&allowed), "{function}: {allowed:?}");
        assert_eq!(calls, &allowed - &own, "{function}: what it called on the left, its policy on the right");
    }
}

fn role(template: &Template, name: &str) -> Value {
    let role = template.properties(name).unwrap();
    let policies = role["Policies"].as_array().unwrap();
    assert_eq!(policies.len(), 1, "{name}");
    policies[0]["PolicyDocument"].clone()
}

#[test]
fn the_roles_of_the_templates_say_the_same_as_the_policies() {
    let scheduler = Template::read("scheduler.yaml", &[]);
    assert_eq!(role(&scheduler, "StartupRole"), policy("startup"));
    assert_eq!(role(&scheduler, "ShutdownRole"), policy("shutdown"));
    assert_eq!(inference(&[]), policy("inference"));
}

/// The role of the inference function, for a place where results go.
fn inference(output: &[(&str, &str)]) -> Value {
    let given: Vec<(&str, &str)> = PIPELINE.into_iter().chain(output.iter().copied()).collect();
    role(&Template::read("pipeline.yaml", &given), "InferenceRole")
}

const TO_BUCKET: [(&str, &str); 2] = [("Output", "s3://results/labels"), ("OutputBucket", "results")];
const TO_QUEUE: [(&str, &str); 2] = [
    ("Output", "https://sqs.eu-central-1.amazonaws.com/123456789012/results"),
    ("OutputQueueArn", "arn:aws:sqs:eu-central-1:123456789012:results"),
];

fn inference_everywhere() -> Actions {
    [&[][..], &TO_BUCKET, &TO_QUEUE].into_iter().flat_map(|output| actions(&inference(output))).collect()
}

#[test]
fn results_may_be_written_where_they_go_and_nowhere_else() {
    let resources = |policy: &Value, action: &str| -> Vec<String> {
        let statements = policy["Statement"].as_array().unwrap().iter();
        let ours = statements.filter(|statement| statement["Action"] == action);
        ours.map(|statement| statement["Resource"].as_str().unwrap().to_owned()).collect()
    };
    let [beside, bucket, queue] = [&[][..], &TO_BUCKET, &TO_QUEUE].map(inference);
    assert_eq!(resources(&beside, "s3:PutObject"), ["arn:aws:s3:::BUCKET/*.labels.json"]);
    assert_eq!(resources(&bucket, "s3:PutObject"), ["arn:aws:s3:::results/*"]);
    assert!(resources(&queue, "s3:PutObject").is_empty());
    assert_eq!(resources(&queue, "sqs:SendMessage"), [TO_QUEUE[1].1]);
    assert!(resources(&beside, "sqs:SendMessage").is_empty() && resources(&bucket, "sqs:SendMessage").is_empty());
    let every: Actions = set(&[
        "rekognition:DetectCustomLabels",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "sqs:SendMessage",
    ]);
    assert_eq!(inference_everywhere(), &every | &set(&LAMBDAS_OWN));
}

#[test]
fn no_policy_hands_out_more_than_it_names() {
    for name in ["viewer", "operator", "deployer", "startup", "shutdown", "inference"] {
        let policy = policy(name);
        assert_eq!(policy["Version"], "2012-10-17", "{name}");
        for action in actions(&policy) {
            assert!(!action.contains('*'), "{name}: {action}");
        }
        for statement in policy["Statement"].as_array().unwrap() {
            if statement["Action"].to_string().contains("iam:PassRole") {
                let to = &statement["Condition"]["StringEquals"]["iam:PassedToService"];
                assert!(to.to_string().contains("scheduler.amazonaws.com"), "{name}: {statement}");
                assert_eq!(statement["Action"], "iam:PassRole", "{name}: its condition is for nothing else");
            }
        }
        // A managed policy holds no more, blanks not counted.
        assert!(policy.to_string().len() <= 6_144, "{name}: {}", policy.to_string().len());
    }
}
