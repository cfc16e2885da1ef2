//! The stage for flows: a small fleet, and a program that is fed with keys, news and time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rekotui::app::{Connected, Effect, Message, Moment, Reading, Setup, State, update, update_all};
use rekotui::domain::account::Identity;
use rekotui::domain::fleet::{Fleet, News, PartName};
use rekotui::domain::mapping::{Mapping, MappingState};
use rekotui::domain::model::{Model, ModelArn, Status};
use rekotui::domain::queue::Queue;
use rekotui::domain::schedule::{Kind, Schedule, Target};
use rekotui::domain::trouble::Trouble;
use rekotui::ui::Keymap;

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-central-1";
pub const MAPPING: &str = "14e0db71-5d35-4eb5-b481-8945cf9d10c2";

/// Friday, 14:09 in Berlin.
pub fn friday() -> DateTime<Utc> {
    "2026-11-20T13:09:00Z".parse().unwrap()
}

pub fn arn(project: &str, version: &str) -> ModelArn {
    format!("arn:aws:rekognition:{REGION}:{ACCOUNT}:project/{project}/version/{version}/1669852800000").parse().unwrap()
}

pub fn model(project: &str, version: &str, status: Status) -> Model {
    Model {
        arn: arn(project, version),
        project_arn: format!("arn:aws:rekognition:{REGION}:{ACCOUNT}:project/{project}/1669852800000"),
        min_units: status.is_on().then_some(1),
        status,
        status_message: None,
        max_units: None,
        f1: Some(0.9),
        created: None,
        trained: None,
        billed_training_seconds: None,
        description: None,
    }
}

pub fn schedule(name: &str, expression: &str, action: &str, model: &ModelArn) -> Schedule {
    let input = serde_json::json!({ "action": action, "model": model.as_str(), "mappings": [MAPPING] });
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
        targets: vec![Target {
            arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{action}up"),
            input: Some(input.to_string()),
            ..Target::default()
        }],
        description: None,
        created: None,
        modified: None,
        deletes_itself: false,
        kms_key_arn: None,
        managed_by: None,
        role_arn: None,
        event_pattern: None,
    }
}

pub fn mapping(state: MappingState) -> Mapping {
    Mapping {
        uuid: MAPPING.into(),
        state,
        reason: None,
        batch_size: Some(10),
        batching_window_seconds: None,
        max_concurrency: None,
        function_arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:inference-function"),
        source_arn: Some(queue().arn),
        modified: None,
    }
}

pub fn queue() -> Queue {
    Queue {
        arn: format!("arn:aws:sqs:{REGION}:{ACCOUNT}:logos-queue"),
        visible: 14,
        in_flight: 2,
        delayed: 0,
        retention_seconds: 345_600,
        visibility_seconds: None,
        oldest_seconds: Some(60),
        dead_letter_arn: None,
    }
}

/// Everything that a reading of the small fleet tells: four models, the schedules and the mapping of one.
pub fn reading(at: DateTime<Utc>) -> Vec<News> {
    let logos = arn("logos_2", "v3");
    let models = vec![
        model("bottles", "v1", Status::Stopped),
        model("logos_2", "v3", Status::Running),
        model("shelf", "v9", Status::Failed),
        model("shelf", "v10", Status::Stopped),
    ];
    let schedules = vec![
        schedule("logos-start", "cron(30 8 ? * MON-FRI *)", "start", &logos),
        schedule("logos-stop", "cron(0 17 ? * MON-FRI *)", "stop", &logos),
    ];
    let done = |part, seen: Vec<String>| News::Done { part, seen, troubles: vec![], at };
    let identity = Identity { account: ACCOUNT.into(), arn: format!("arn:aws:iam::{ACCOUNT}:user/anna") };
    let model_keys = models.iter().map(|model| model.arn.to_string()).collect();
    let schedule_keys = schedules.iter().map(|schedule| schedule.arn.clone()).collect();
    vec![
        News::Identity(Ok(identity)),
        News::Reading(PartName::Models),
        News::Models(models),
        done(PartName::Models, model_keys),
        News::Mappings(vec![mapping(MappingState::Enabled)]),
        done(PartName::Mappings, vec![MAPPING.into()]),
        News::Schedules(schedules),
        done(PartName::Schedules, schedule_keys),
        done(PartName::Rules, vec![]),
        News::Queues(vec![queue()]),
        done(PartName::Queues, vec![queue().arn]),
    ]
}

/// The small fleet, as a store would have it.
pub fn stored(at: DateTime<Utc>) -> Fleet {
    let mut fleet = Fleet { region: Some(REGION.into()), ..Fleet::default() };
    reading(at).into_iter().for_each(|news| fleet.take(news));
    fleet
}

/// The program on its stage.
pub struct Flow {
    pub state: State,
    pub keys: Keymap,
    /// What it asked for and nobody has looked at yet.
    pub effects: Vec<Effect>,
}

impl Flow {
    /// Just started, and asking for the way into the account.
    pub fn start(setup: Setup) -> Self {
        let keys = Keymap::load(None).unwrap();
        let setup = Setup {
            zone: chrono_tz::Europe::Berlin,
            interval: Some(Duration::from_secs(60)),
            keys: keys.names().clone(),
            ..setup
        };
        let moment = Moment { now: friday(), real: Duration::ZERO, speed: 1.0 };
        let mut state = State::new(setup, moment, (120, 36));
        let effects = state.begin();
        Self { state, keys, effects }
    }

    /// Connected, and the small fleet read.
    pub fn ready() -> Self {
        let mut flow = Self::start(Setup::default());
        flow.connect(REGION);
        flow.read();
        flow.effects.clear();
        flow
    }

    pub fn send(&mut self, message: Message) -> &mut Self {
        self.effects.extend(update(&mut self.state, message));
        self
    }

    pub fn connect(&mut self, region: &str) -> &mut Self {
        self.send(Message::Connected(Ok(Connected { profile: None, region: region.into() })))
    }

    /// One whole reading of the small fleet.
    pub fn read(&mut self) -> &mut Self {
        let now = self.state.now();
        self.news(reading(now)).send(Message::Surveyed(Reading::Everything))
    }

    pub fn news(&mut self, news: Vec<News>) -> &mut Self {
        self.effects.extend(update_all(&mut self.state, news.into_iter().map(Message::News)));
        self
    }

    /// A reading of every leading part that fails with this trouble.
    pub fn fail(&mut self, trouble: &Trouble) -> &mut Self {
        let at = self.state.now();
        for part in [PartName::Models, PartName::Mappings, PartName::Schedules, PartName::Rules] {
            self.news(vec![News::Done { part, seen: vec![], troubles: vec![trouble.clone()], at }]);
        }
        self.send(Message::Surveyed(Reading::Everything))
    }

    /// Lets so much time pass, in the world and in an account of that speed.
    pub fn pass(&mut self, real: Duration) -> &mut Self {
        let moment = self.state.moment;
        let in_account = TimeDelta::from_std(real.mul_f64(moment.speed)).unwrap();
        self.send(Message::Tick(Moment { now: moment.now + in_account, real: moment.real + real, ..moment }))
    }

    pub fn seconds(&mut self, seconds: u64) -> &mut Self {
        self.pass(Duration::from_secs(seconds))
    }

    /// Types keys, apart by blanks: letters as they are, others by their names in angle brackets.
    pub fn keys(&mut self, typed: &str) -> &mut Self {
        for key in typed.split_whitespace() {
            let event = event(key);
            if let Some(message) = self.keys.message(&event, &self.state.contexts()) {
                self.send(message);
            }
        }
        self
    }

    /// Types a text, letter by letter.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            let event = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
            if let Some(message) = self.keys.message(&event, &self.state.contexts()) {
                self.send(message);
            }
        }
        self
    }

    /// The names of the models on screen, in order.
    pub fn models(&self) -> Vec<String> {
        self.state.models.rows().iter().map(ModelArn::name).collect()
    }

    /// What the selected row is called.
    pub fn selected(&self) -> Option<String> {
        self.state.selected().map(|key| self.state.name_of(&key))
    }

    /// What it asked for since the last look.
    pub fn asked(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}

fn event(key: &str) -> KeyEvent {
    let none = KeyModifiers::NONE;
    let (code, modifiers) = match key {
        "<enter>" => (KeyCode::Enter, none),
        "<esc>" => (KeyCode::Esc, none),
        "<tab>" => (KeyCode::Tab, none),
        "<back-tab>" => (KeyCode::BackTab, KeyModifiers::SHIFT),
        "<up>" => (KeyCode::Up, none),
        "<left>" => (KeyCode::Left, none),
        "<right>" => (KeyCode::Right, none),
        "<space>" => (KeyCode::Char(' '), none),
        "<c-u>" => (KeyCode::Char('u'), KeyModifiers::CONTROL),
        "<down>" => (KeyCode::Down, none),
        "<backspace>" => (KeyCode::Backspace, none),
        "<c-c>" => (KeyCode::Char('c'), KeyModifiers::CONTROL),
        "<c-k>" => (KeyCode::Char('k'), KeyModifiers::CONTROL),
        "<a-enter>" => (KeyCode::Enter, KeyModifiers::ALT),
        "<page-down>" => (KeyCode::PageDown, none),
        "<c-z>" => (KeyCode::Char('z'), KeyModifiers::CONTROL),
        "<c-t>" => (KeyCode::Char('t'), KeyModifiers::CONTROL),
        other => (KeyCode::Char(other.chars().next().unwrap()), none),
    };
    KeyEvent::new(code, modifiers)
}
