//! What an operator hears when an account does not answer as it should, over the real SDK and a scripted wire.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use chrono::{DateTime, Utc};
use rekotui::aws::{Account, Connect, Patience, Scope, Survey};
use rekotui::clock::Clock;
use rekotui::domain::fleet::Fleet;
use rekotui::domain::trouble::TroubleKind;
use serde_json::{Value, json};

/// What the wire does with a request.
#[derive(Clone, Debug)]
enum Answer {
    Says(u16, String),
    Breaks,
    NeverComes,
}

fn ok(body: &Value) -> Answer {
    Answer::Says(200, body.to_string())
}

fn refuses(code: &str, message: &str) -> Answer {
    Answer::Says(400, json!({"__type": code, "message": message}).to_string())
}

/// An empty account, with answers of one's own choice for some calls, and a log of what was asked.
#[derive(Clone, Debug, Default)]
struct Wire {
    answers: Arc<Mutex<BTreeMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Wire {
    fn on(self, call: &str, answer: Answer) -> Self {
        self.answers.lock().unwrap().insert(call.to_owned(), answer);
        self
    }

    fn asked(&self, call: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == call).count()
    }

    fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    fn answer(&self, call: &str, detail: &str) -> Answer {
        let answers = self.answers.lock().unwrap();
        let own = answers.get(&format!("{call} {detail}")).or_else(|| answers.get(call)).or_else(|| answers.get("*"));
        own.cloned().unwrap_or_else(|| match call {
            "DescribeProjects" => ok(&json!({"ProjectDescriptions": []})),
            "DescribeProjectVersions" => ok(&json!({"ProjectVersionDescriptions": []})),
            "ListEventSourceMappings" => ok(&json!({"EventSourceMappings": []})),
            "ListSchedules" => ok(&json!({"Schedules": []})),
            "ListRules" => ok(&json!({"Rules": []})),
            "GetCallerIdentity" => Answer::Says(
                200,
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/anna</Arn>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>"
                    .into(),
            ),
            other => panic!("nobody expected {other} {detail}"),
        })
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (call, detail) = call_of(&request);
        self.asked.lock().unwrap().push(call.clone());
        match self.answer(&call, &detail) {
            Answer::Says(status, body) => {
                let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                response.headers_mut().insert("x-amzn-requestid", "request-1");
                HttpConnectorFuture::ready(Ok(response))
            }
            Answer::Breaks => HttpConnectorFuture::ready(Err(ConnectorError::io("connection reset".into()))),
            Answer::NeverComes => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

/// Which call it is, and about what.
fn call_of(request: &HttpRequest) -> (String, String) {
    let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
    if let Some(target) = request.headers().get("x-amz-target") {
        let about = body.get("ProjectArn").or_else(|| body.get("Rule")).and_then(Value::as_str).unwrap_or_default();
        return (target.rsplit('.').next().unwrap().to_owned(), about.to_owned());
    }
    let place = request.uri().split_once("://").map_or(request.uri(), |(_, place)| place);
    let path = place.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        ["2015-03-31", "event-source-mappings"] => ("ListEventSourceMappings".into(), String::new()),
        ["2015-03-31", "functions", name, "configuration"] => ("GetFunctionConfiguration".into(), name.to_owned()),
        ["schedules"] => ("ListSchedules".into(), String::new()),
        ["schedules", name] => ("GetSchedule".into(), name.to_owned()),
        _ => ("GetCallerIdentity".into(), String::new()),
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-20T13:09:00Z".parse().unwrap()
}

fn connect(wire: &Wire) -> Connect {
    let patience = Patience { attempts: 2, backoff: Duration::from_millis(1), ..Patience::default() };
    Connect {
        profile: Some("ops".into()),
        paced: false,
        patience,
        ..Connect::in_process(wire.client(), Clock::held(now()))
    }
}

async fn sweep(wire: &Wire, known: Fleet) -> Fleet {
    sweep_with(connect(wire), known).await
}

async fn sweep_with(connect: Connect, mut fleet: Fleet) -> Fleet {
    let survey = Survey::new(Account::connect(connect).await.unwrap());
    let (news, mut heard) = tokio::sync::mpsc::channel(16);
    let known = fleet.clone();
    let run = tokio::spawn(async move { survey.run(Scope::Everything, &known, news).await });
    while let Some(piece) = heard.recv().await {
        fleet.take(piece);
    }
    run.await.unwrap();
    assert!(!fleet.is_reading(), "every part ends");
    fleet
}

/// What kind of trouble each leading part had last: models, mappings, schedules, rules.
fn kinds(fleet: &Fleet) -> [Option<&TroubleKind>; 4] {
    let parts = [&fleet.models.troubles, &fleet.mappings.troubles, &fleet.schedules.troubles, &fleet.rules.troubles];
    parts.map(|troubles| troubles.last().map(|trouble| &trouble.kind))
}

#[tokio::test]
async fn an_account_that_answers_leaves_no_trouble() {
    let fleet = sweep(&Wire::default(), Fleet::default()).await;
    assert_eq!(fleet.troubles().count(), 0);
    assert_eq!(fleet.as_of(), Some(now()));
    assert_eq!(fleet.identity.unwrap().who(), "anna");
}

#[tokio::test]
async fn a_denied_list_darkens_its_own_part_and_names_the_permission() {
    let lists = [
        ("DescribeProjects", "rekognition:DescribeProjects", 0),
        ("ListEventSourceMappings", "lambda:ListEventSourceMappings", 1),
        ("ListSchedules", "scheduler:ListSchedules", 2),
        ("ListRules", "events:ListRules", 3),
    ];
    for (call, permission, place) in lists {
        let wire = Wire::default().on(call, refuses("AccessDeniedException", "no"));
        let fleet = sweep(&wire, Fleet::default()).await;
        let mut expected = [None; 4];
        let denied = TroubleKind::Denied(permission.into());
        expected[place] = Some(&denied);
        assert_eq!(kinds(&fleet), expected, "{call}");
        assert!(fleet.troubles().all(|trouble| trouble.remedy().contains(permission)), "{call}");
        assert_eq!(wire.asked(call), 1, "a denial is not tried again");
    }
}

#[tokio::test]
async fn what_concerns_the_login_is_said_by_every_part() {
    for (code, kind) in
        [("ExpiredTokenException", TroubleKind::Expired), ("UnrecognizedClientException", TroubleKind::BadCredentials)]
    {
        let fleet = sweep(&Wire::default().on("*", refuses(code, "The token: secret")), Fleet::default()).await;
        assert_eq!(kinds(&fleet), [Some(&kind); 4]);
        // This answer is none that STS would give.
        let mut troubles = fleet.troubles().filter(|trouble| trouble.action != "sts:GetCallerIdentity");
        assert!(troubles.all(|trouble| trouble.remedy().contains("--profile ops")), "{code}");
    }
}

#[tokio::test]
async fn a_signature_s_secrets_are_not_repeated() {
    let said = "The Canonical String should have been x-amz-security-token:TOPSECRET";
    let fleet = sweep(&Wire::default().on("*", refuses("InvalidSignatureException", said)), Fleet::default()).await;
    assert!(fleet.troubles().count() > 0);
    assert!(fleet.troubles().all(|trouble| !format!("{trouble} {trouble:?}").contains("TOPSECRET")));
}

#[tokio::test]
async fn each_way_to_fail_has_its_own_kind() {
    let cases = [
        (refuses("ThrottlingException", "slow down"), TroubleKind::Throttled, 2),
        (Answer::Breaks, TroubleKind::Unreachable("scheduler.eu-central-1.amazonaws.com".into()), 2),
        (Answer::Says(503, "<html>try later</html>".into()), TroubleKind::ServiceFault, 2),
        (Answer::Says(200, "{\"Schedules\": [{\"Arn\": \"arn:".into()), TroubleKind::Garbled, 1),
        (refuses("ValidationException", "bad \u{1b}[31mtoken"), TroubleKind::Invalid, 1),
        (refuses("NeverHeardOf", "what"), TroubleKind::Other("NeverHeardOf".into()), 1),
    ];
    for (answer, kind, calls) in cases {
        let wire = Wire::default().on("ListSchedules", answer.clone());
        let fleet = sweep(&wire, Fleet::default()).await;
        assert_eq!(kinds(&fleet), [None, None, Some(&kind), None], "{answer:?}: {:?}", fleet.schedules.troubles);
        assert_eq!(wire.asked("ListSchedules"), calls, "{answer:?}");
        let told = fleet.schedules.troubles[0].to_string();
        assert!(!told.contains(char::is_control) && !told.contains("SdkError"), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_after_the_time_set() {
    let wire = Wire::default().on("ListRules", Answer::NeverComes);
    let mut connect = connect(&wire);
    connect.patience.attempt = Duration::from_millis(20);
    connect.patience.operation = Duration::from_millis(60);
    let fleet = sweep_with(connect, Fleet::default()).await;
    assert_eq!(kinds(&fleet), [None, None, None, Some(&TroubleKind::TimedOut(1))]);
}

#[test]
fn an_operator_does_not_wait_longer_than_seconds_for_a_server_that_never_answers() {
    let patience = Patience::default();
    assert!(patience.attempt < patience.operation && patience.operation <= Duration::from_secs(15), "{patience:?}");
}

#[tokio::test]
async fn the_request_id_is_kept_for_the_journal() {
    let wire = Wire::default().on("ListRules", refuses("AccessDeniedException", "no"));
    let fleet = sweep(&wire, Fleet::default()).await;
    assert_eq!(fleet.rules.troubles[0].request_id.as_deref(), Some("request-1"));
}

const LOGOS: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/1600000000000";
const PARTS: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/parts/1600000000000";

fn two_projects() -> Wire {
    let models = |project: &str| {
        let arn = project.replace("/1600000000000", "/version/v1/1600000000001");
        ok(&json!({"ProjectVersionDescriptions": [{"ProjectVersionArn": arn, "Status": "TRAINING_COMPLETED"}]}))
    };
    let projects = json!({"ProjectDescriptions": [{"ProjectArn": LOGOS}, {"ProjectArn": PARTS}]});
    Wire::default()
        .on("DescribeProjects", ok(&projects))
        .on(&format!("DescribeProjectVersions {LOGOS}"), models(LOGOS))
        .on(&format!("DescribeProjectVersions {PARTS}"), models(PARTS))
}

#[tokio::test]
async fn one_denied_project_keeps_its_old_models_and_leaves_the_others_whole() {
    let known = sweep(&two_projects(), Fleet::default()).await;
    assert_eq!((known.models.rows.len(), known.troubles().count()), (2, 0));
    let denied = refuses("AccessDeniedException", "no");
    let wire = two_projects().on(&format!("DescribeProjectVersions {LOGOS}"), denied.clone());
    let fleet = sweep(&wire, known.clone()).await;
    assert_eq!(fleet.models.rows, known.models.rows);
    assert_eq!(fleet.models.troubles.len(), 1);
    assert_eq!(fleet.models.troubles[0].subject.as_deref(), Some(LOGOS));
    assert_eq!(fleet.models.as_of, Some(now()));

    let wire = two_projects()
        .on(&format!("DescribeProjectVersions {LOGOS}"), denied.clone())
        .on(&format!("DescribeProjectVersions {PARTS}"), denied);
    let fleet = sweep(&wire, Fleet::default()).await;
    assert!(fleet.models.is_dark() && fleet.projects.is_whole());
    assert_eq!((fleet.models.troubles.len(), &fleet.models.troubles[0].subject), (1, &None));
}

#[tokio::test]
async fn without_the_list_of_projects_the_known_ones_are_asked() {
    let known = sweep(&two_projects(), Fleet::default()).await;
    let wire = two_projects().on("DescribeProjects", refuses("AccessDeniedException", "no"));
    let fleet = sweep(&wire, known).await;
    assert_eq!(wire.asked("DescribeProjectVersions"), 2);
    assert!(fleet.models.is_whole() && !fleet.projects.is_whole());
    assert_eq!(fleet.projects.rows.len(), 2);
}

fn many_schedules(get: Answer) -> Wire {
    let schedule = |number: usize| {
        json!({
            "Arn": format!("arn:aws:scheduler:eu-central-1:123456789012:schedule/default/s{number}"),
            "Name": format!("s{number}"), "GroupName": "default", "State": "ENABLED",
            "LastModificationDate": 1_600_000_000, "Target": {"Arn": "arn:aws:states:eu-central-1:123456789012:m"},
        })
    };
    let list: Vec<Value> = (0..500).map(schedule).collect();
    Wire::default().on("ListSchedules", ok(&json!({"Schedules": list}))).on("GetSchedule", get)
}

#[tokio::test]
async fn a_dead_network_is_not_asked_five_hundred_times() {
    let wire = many_schedules(Answer::Breaks);
    let fleet = sweep(&wire, Fleet::default()).await;
    assert!(wire.asked("GetSchedule") < 200, "{}", wire.asked("GetSchedule"));
    assert_eq!(fleet.schedules.troubles.len(), 1);
    assert_eq!(fleet.schedules.troubles[0].subject, None);
}

#[tokio::test]
async fn a_schedule_that_vanishes_between_list_and_get_is_simply_gone() {
    let vanished = Answer::Says(404, json!({"__type": "ResourceNotFoundException", "Message": "gone"}).to_string());
    let fleet = sweep(&many_schedules(vanished), Fleet::default()).await;
    assert!(fleet.schedules.is_whole());
    assert!(fleet.schedules.rows.is_empty());
}
