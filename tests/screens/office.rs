//! The office: an account in which every kind of row and of trouble occurs once, on a Friday at 14:09 in Berlin.

use chrono::{DateTime, TimeDelta, Utc};
use rekotui::domain::account::Identity;
use rekotui::domain::fleet::{Fleet, News, PartName};
use rekotui::domain::function::Function;
use rekotui::domain::mapping::{Mapping, MappingState};
use rekotui::domain::model::{Model, ModelArn, Project, Status};
use rekotui::domain::queue::Queue;
use rekotui::domain::schedule::{Kind, Schedule, Target};
use rekotui::domain::trouble::Trouble;
use rekotui::domain::usage::{Activity, Sample, Span};

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-central-1";

/// Friday, 14:09 in Berlin.
pub fn friday() -> DateTime<Utc> {
    at("2026-11-20T13:09:00Z")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What an account answers, part by part, and with which troubles.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub models: Vec<Model>,
    pub schedules: Vec<Schedule>,
    pub rules: Vec<Schedule>,
    pub mappings: Vec<Mapping>,
    pub queues: Vec<Queue>,
    pub functions: Vec<Function>,
    pub activity: Vec<(ModelArn, Activity)>,
    pub troubles: Vec<(PartName, Trouble)>,
}

pub fn arn(project: &str, version: &str) -> ModelArn {
    format!("arn:aws:rekognition:{REGION}:{ACCOUNT}:project/{project}/version/{version}/1669852800000").parse().unwrap()
}

fn project_arn(project: &str) -> String {
    format!("arn:aws:rekognition:{REGION}:{ACCOUNT}:project/{project}/1669852800000")
}

pub fn model(project: &str, version: &str, status: Status) -> Model {
    Model {
        arn: arn(project, version),
        project_arn: project_arn(project),
        min_units: Some(1),
        status,
        status_message: None,
        max_units: None,
        f1: Some(0.94),
        created: Some(at("2022-12-01T00:00:00Z")),
        trained: Some(at("2022-12-08T10:00:00Z")),
        billed_training_seconds: Some(5_400),
        description: None,
    }
}

pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

pub fn schedule(name: &str, expression: &str, targets: Vec<Target>) -> Schedule {
    Schedule {
        arn: format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/office/{name}"),
        name: name.into(),
        group: "office".into(),
        kind: Kind::Schedule,
        expression: Some(expression.into()),
        zone: Some("Europe/Berlin".into()),
        enabled: true,
        state: "ENABLED".into(),
        start: None,
        end: None,
        flexible_minutes: None,
        targets,
        description: None,
        created: Some(at("2025-01-10T09:00:00Z")),
        modified: Some(at("2026-10-02T08:30:00Z")),
        deletes_itself: false,
        kms_key_arn: None,
        managed_by: None,
        role_arn: None,
        event_pattern: None,
    }
}

/// A target that starts or stops a model by way of our functions.
pub fn doing(action: &str, model: &ModelArn, mappings: &[&str]) -> Vec<Target> {
    let input = serde_json::json!({ "action": action, "model": model.as_str(), "mappings": mappings });
    let name = if action == "start" { "startup" } else { "shutdown" };
    vec![Target {
        arn: function_arn(name),
        role_arn: Some(format!("arn:aws:iam::{ACCOUNT}:role/scheduler")),
        input: Some(input.to_string()),
        max_event_age_seconds: Some(3_600),
        max_retries: Some(3),
        ..Target::default()
    }]
}

fn paused(schedule: Schedule) -> Schedule {
    Schedule { enabled: false, state: "DISABLED".into(), ..schedule }
}

pub fn uuid(number: u32) -> String {
    format!("14e0db71-5d35-4eb5-b481-8945cf9d{number:04}")
}

pub fn mapping(number: u32, state: MappingState, function: &str, queue: &str) -> Mapping {
    Mapping {
        uuid: uuid(number),
        state,
        reason: Some("USER_INITIATED".into()),
        batch_size: Some(10),
        batching_window_seconds: Some(5),
        max_concurrency: None,
        function_arn: function_arn(function),
        source_arn: Some(queue_arn(queue)),
        modified: Some(at("2026-11-20T07:41:00Z")),
    }
}

fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

pub fn queue(name: &str, visible: u64, in_flight: u64, oldest_seconds: Option<u64>) -> Queue {
    Queue {
        arn: queue_arn(name),
        visible,
        in_flight,
        delayed: 0,
        retention_seconds: 345_600,
        visibility_seconds: Some(90),
        oldest_seconds,
        dead_letter_arn: None,
    }
}

fn function(name: &str, variable: &str, value: &str) -> Function {
    Function {
        arn: function_arn(name),
        mentions: [(variable.to_owned(), value.to_owned())].into(),
        version: None,
        modified: None,
        timeout_seconds: Some(60),
    }
}

/// What CloudWatch says of a model that ran between the two times.
pub fn ran(from: &str, to: &str) -> Activity {
    let (from, to, now) = (at(from), at(to), friday());
    let minutes = std::iter::successors(Some(from), |last| Some(*last + TimeDelta::minutes(5)));
    Activity {
        asked: Span { from: now - TimeDelta::days(2), to: now },
        period_seconds: 300,
        samples: minutes.take_while(|at| *at < to).map(|at| Sample { at, units: 1.0 }).collect(),
    }
}

/// The account of the snapshots.
pub fn office() -> Account {
    let [bottles, logos, parts, plants, shelf] =
        [("bottles", "v1"), ("logos_2", "v3"), ("parts", "v9"), ("plants", "v2"), ("shelf", "v12")]
            .map(|(project, version)| arn(project, version));
    let quarter = |name: &str, expression: &str, action: &str, model: &ModelArn, number: u32| {
        schedule(name, expression, doing(action, model, &[&uuid(number)]))
    };
    let unknown =
        schedule("nightly-report", "rate(12 hours)", vec![Target { arn: function_arn("report"), ..Target::default() }]);
    let rule = Schedule {
        arn: format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/parts-evening"),
        name: "parts-evening".into(),
        group: "default".into(),
        kind: Kind::Rule,
        zone: None,
        ..quarter("parts-evening", "cron(0 16 ? * MON-THU *)", "stop", &parts, 3)
    };
    Account {
        models: vec![
            Model { min_units: Some(2), max_units: Some(4), ..model("bottles", "v1", Status::Starting) },
            model("logos_2", "v3", Status::Running),
            model("parts", "v9", Status::Stopped),
            model("plants", "v2", Status::Running),
            model("shelf", "v12", Status::Stopped),
            Model {
                status_message: Some("Amazon Rekognition experienced a service issue. Try again.".into()),
                ..model("shelf", "v11", Status::Failed)
            },
            Model { min_units: None, f1: None, trained: None, ..model("welds", "v4", Status::TrainingCompleted) },
        ],
        schedules: vec![
            quarter("bottles-start", "cron(0 14 ? * MON-FRI *)", "start", &bottles, 1),
            quarter("bottles-stop", "cron(0 18 ? * MON-FRI *)", "stop", &bottles, 1),
            quarter("logos-start", "cron(30 8 ? * MON-FRI *)", "start", &logos, 2),
            quarter("logos-stop", "cron(0 17 ? * MON-FRI *)", "stop", &logos, 2),
            quarter("parts-start", "cron(30 8 ? * MON-THU *)", "start", &parts, 3),
            quarter("plants-start", "at(2026-11-20T08:00:00)", "start", &plants, 4),
            quarter("plants-stop", "at(2026-11-20T12:00:00)", "stop", &plants, 4),
            paused(quarter("shelf-start", "cron(0 9 ? * MON-FRI *)", "start", &shelf, 5)),
            paused(quarter("shelf-stop", "cron(0 16 ? * MON-FRI *)", "stop", &shelf, 5)),
            unknown,
        ],
        rules: vec![rule],
        mappings: vec![
            mapping(1, MappingState::Disabled, "inspect-bottles", "bottles-queue"),
            mapping(2, MappingState::Enabled, "inspect-logos", "logos-queue"),
            mapping(3, MappingState::Disabled, "inspect-parts", "parts-queue"),
            mapping(4, MappingState::Enabled, "inspect-plants", "plants-queue"),
            Mapping {
                reason: Some("PROBLEM: The function's role may not read the queue.".into()),
                ..mapping(5, MappingState::Enabling, "inspect-shelf", "shelf-queue")
            },
        ],
        queues: vec![
            queue("bottles-queue", 31, 0, Some(540)),
            queue("logos-queue", 12, 2, Some(75)),
            queue("parts-queue", 1_230, 0, Some(250_000)),
            queue("plants-queue", 0, 0, None),
        ],
        functions: vec![
            function("inspect-logos", "MODEL_ARN", logos.as_str()),
            function("startup", "REKOTUI_ROLE", "startup"),
            function("shutdown", "REKOTUI_ROLE", "shutdown"),
        ],
        activity: vec![
            (logos, ran("2026-11-20T07:35:00Z", "2026-11-20T13:05:00Z")),
            (plants, ran("2026-11-19T22:00:00Z", "2026-11-20T13:05:00Z")),
        ],
        troubles: Vec::new(),
    }
}

/// The office with names that are long, wide, or meant to steer the terminal.
pub fn odd() -> Account {
    let mut account = office();
    account.models = vec![
        model("検査モデル・東京工場", "第三版", Status::Running),
        model("🦀🦀🦀crabs", "v1", Status::Stopped),
        Model {
            status_message: Some("\u{1b}[2J\u{1b}[31mred\u{202e}desrever\r\n\tend".into()),
            ..model("\u{1b}]0;title\u{7}bell", "v\u{202e}1", Status::Failed)
        },
        model(
            "a-project-with-a-name-that-is-as-long-as-the-service-allows-and-then-some-more",
            "version-2026-11-20T13.09",
            Status::Stopped,
        ),
        model("e\u{301}tiquettes", "v2", Status::Other("NAPPING_FOR_A_VERY_LONG_TIME".into())),
    ];
    let first = account.models[0].arn.clone();
    account.schedules = vec![
        schedule("東京-開始-東京-開始-東京-開始-東京-開始", "cron(30 8 ? * MON-FRI *)", doing("start", &first, &[])),
        schedule("stop\u{1b}[31m", "cron(0 25 ? * MON-FRI *)", doing("stop", &first, &[])),
    ];
    account.mappings[0].source_arn = Some(queue_arn("待ち行列・待ち行列・待ち行列・待ち行列"));
    account.activity.clear();
    account
}

impl Account {
    /// The account with one part that cannot be read.
    pub fn with_trouble(mut self, part: PartName, trouble: Trouble) -> Self {
        match part {
            PartName::Schedules => self.schedules.clear(),
            PartName::Rules => self.rules.clear(),
            PartName::Mappings => self.mappings.clear(),
            PartName::Models => self.models.clear(),
            PartName::Queues => self.queues.clear(),
            PartName::Functions => self.functions.clear(),
            PartName::Groups => {}
            PartName::Activity => self.activity.clear(),
            PartName::Projects => {}
        }
        self.troubles.push((part, trouble));
        self
    }

    /// Everything that one reading of it tells.
    pub fn reading(&self, at: DateTime<Utc>) -> Vec<News> {
        let account = self.clone();
        let read = |part, seen: Vec<String>, rows| {
            let troubles = self.troubles.iter().filter(|(of, _)| *of == part).map(|(_, trouble)| trouble.clone());
            [rows, News::Done { part, seen, troubles: troubles.collect(), at }]
        };
        let project =
            |model: &Model| Project { arn: model.project_arn.clone(), created: None, status: "CREATED".into() };
        let projects: Vec<Project> = account.models.iter().map(project).collect();
        let arns = |schedules: &[Schedule]| schedules.iter().map(|schedule| schedule.arn.clone()).collect::<Vec<_>>();
        let identity = Identity { account: ACCOUNT.into(), arn: format!("arn:aws:iam::{ACCOUNT}:user/anna") };
        let project_keys = projects.iter().map(|project| project.arn.clone()).collect();
        let model_keys = account.models.iter().map(|model| model.arn.to_string()).collect();
        let mapping_keys = account.mappings.iter().map(|mapping| mapping.uuid.clone()).collect();
        let queue_keys = account.queues.iter().map(|queue| queue.arn.clone()).collect();
        let function_keys = account.functions.iter().map(|function| function.arn.clone()).collect();
        let activity_keys = account.activity.iter().map(|(arn, _)| arn.to_string()).collect();
        let parts = [
            read(PartName::Projects, project_keys, News::Projects(projects)),
            read(PartName::Models, model_keys, News::Models(account.models)),
            read(PartName::Schedules, arns(&account.schedules), News::Schedules(account.schedules)),
            read(PartName::Rules, arns(&account.rules), News::Rules(account.rules)),
            read(PartName::Mappings, mapping_keys, News::Mappings(account.mappings)),
            read(PartName::Queues, queue_keys, News::Queues(account.queues)),
            read(PartName::Functions, function_keys, News::Functions(account.functions)),
            read(PartName::Activity, activity_keys, News::Activity(account.activity)),
        ];
        [News::Identity(Ok(identity))].into_iter().chain(parts.into_iter().flatten()).collect()
    }

    /// The fleet as a store would have it.
    pub fn fleet(&self, at: DateTime<Utc>) -> Fleet {
        let mut fleet = Fleet { region: Some(REGION.into()), ..Fleet::default() };
        self.reading(at).into_iter().for_each(|news| fleet.take(news));
        fleet
    }
}
