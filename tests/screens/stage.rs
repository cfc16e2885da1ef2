//! A program on its stage, and the pictures that it draws.

use std::time::Duration;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use rekotui::app::{self, Connected, Effect, Message, Moment, Reading, Session, Setup, State, update, update_all};
use rekotui::domain::fleet::PartName;
use rekotui::domain::picture::Picture;
use rekotui::domain::trouble::{Trouble, TroubleKind};
use rekotui::ui::{Keymap, Theme, draw};

use super::office::{ACCOUNT, Account, REGION, friday};

pub const WIDE: (u16, u16) = (200, 60);
pub const USUAL: (u16, u16) = (120, 36);
pub const SMALL: (u16, u16) = (80, 24);

/// A program, and the keys that steer it.
pub struct Stage {
    pub state: State,
    keys: Keymap,
}

fn setup() -> Setup {
    Setup {
        session: Session { profile: Some("prod".into()), region: Some(REGION.into()), endpoint: None },
        zone: chrono_tz::Europe::Berlin,
        interval: Some(Duration::from_secs(60)),
        production: vec![ACCOUNT.into()],
        ..Setup::default()
    }
}

impl Stage {
    fn start(setup: Setup) -> Self {
        let keys = Keymap::load(None).unwrap();
        let setup = Setup { keys: keys.names().clone(), ..setup };
        let moment = Moment { now: friday(), real: Duration::ZERO, speed: 1.0 };
        let mut state = State::new(setup, moment, USUAL);
        drop(state.begin());
        Self { state, keys }
    }

    /// Nothing is known yet, and the way into the account is being looked for.
    pub fn connecting() -> Self {
        Self::start(setup())
    }

    /// In the account, but nothing has been read.
    pub fn loading() -> Self {
        let mut stage = Self::connecting();
        stage.connect();
        for part in [PartName::Projects, PartName::Models, PartName::Schedules, PartName::Rules, PartName::Mappings] {
            stage.send(Message::News(rekotui::domain::fleet::News::Reading(part)));
        }
        stage
    }

    /// The account was read three seconds ago.
    pub fn live(account: &Account) -> Self {
        Self::live_with(account, setup())
    }

    fn live_with(account: &Account, setup: Setup) -> Self {
        let mut stage = Self::start(setup);
        stage.connect();
        stage.read(account);
        stage
    }

    /// The same, in an account that is not production.
    pub fn quiet(account: &Account) -> Self {
        Self::live_with(account, Setup { production: vec![], ..setup() })
    }

    /// The simulated account, a minute a second.
    pub fn demo(account: &Account) -> Self {
        let session = Session { profile: None, region: Some(REGION.into()), endpoint: None };
        let mut stage = Self::live_with(account, Setup { demo: true, production: vec![], session, ..setup() });
        stage.state.moment.speed = 60.0;
        stage
    }

    /// ASCII only.
    pub fn ascii(account: &Account) -> Self {
        Self::live_with(account, Setup { ascii: true, theme: app::Theme::Mono, ..setup() })
    }

    /// What an earlier run saw, five hours ago; this one is still looking for the way in.
    pub fn stored(account: &Account) -> Self {
        let fleet = account.fleet(friday() - TimeDelta::hours(5));
        Self::start(Setup { stored: Some(fleet), ..setup() })
    }

    /// The same, and there is no way in.
    pub fn stored_and_expired(account: &Account) -> Self {
        let mut stage = Self::stored(account);
        stage.send(Message::Connected(Err(trouble(TroubleKind::Expired, ""))));
        stage
    }

    /// There is no way into the account, and nothing is known of it.
    pub fn refused(kind: TroubleKind) -> Self {
        let mut stage = Self::connecting();
        stage.send(Message::Connected(Err(trouble(kind, ""))));
        stage
    }

    /// The account was read once; nothing answers any more.
    pub fn unreachable(account: &Account) -> Self {
        let mut stage = Self::live(account);
        stage.later(Duration::from_secs(1_200));
        stage.send(Message::Command(app::Command::Refresh));
        for (part, action) in [
            (PartName::Models, "rekognition:DescribeProjectVersions"),
            (PartName::Mappings, "lambda:ListEventSourceMappings"),
            (PartName::Schedules, "scheduler:ListSchedules"),
            (PartName::Rules, "events:ListRules"),
        ] {
            let service = action.split(':').next().unwrap();
            let kind = TroubleKind::Unreachable(format!("{service}.{REGION}.amazonaws.com"));
            let done = rekotui::domain::fleet::News::Done {
                part,
                seen: vec![],
                troubles: vec![trouble(kind, action)],
                at: stage.state.now(),
            };
            stage.send(Message::News(done));
        }
        stage.send(Message::Surveyed(Reading::Everything));
        stage
    }

    pub fn send(&mut self, message: Message) {
        let effects = update(&mut self.state, message);
        self.work_out(effects);
    }

    /// What follows from a large fleet is worked out beside the keys.
    fn work_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Picture(number) = effect {
                let state = &self.state;
                let picture = Picture::of(&state.fleet, &state.wishes, state.now(), state.zone);
                self.send(Message::Pictured(number, Box::new(picture)));
            }
            if let Effect::Reckon(number) = effect {
                let reckoned = Box::new(self.state.reckon());
                self.send(Message::Reckoned(number, reckoned));
            }
        }
    }

    /// CloudWatch has told what the models ran.
    pub fn measured(mut self) -> Self {
        let models: Vec<_> = self.state.fleet.models.rows.keys().cloned().collect();
        self.send(crate::measured::answer(&models, self.state.now()));
        self
    }

    fn connect(&mut self) {
        self.send(Message::Connected(Ok(Connected { profile: Some("prod".into()), region: REGION.into() })));
    }

    fn read(&mut self, account: &Account) {
        let read = account.reading(self.state.now());
        let effects = update_all(&mut self.state, read.into_iter().map(Message::News));
        self.work_out(effects);
        self.send(Message::Surveyed(Reading::Everything));
        self.later(Duration::from_secs(3));
    }

    pub fn later(&mut self, real: Duration) {
        let moment = self.state.moment;
        let now = moment.now + TimeDelta::from_std(real).unwrap();
        self.send(Message::Tick(Moment { now, real: moment.real + real, ..moment }));
    }

    /// Types keys, apart by blanks: letters as they are, others by their names in angle brackets.
    pub fn keys(mut self, typed: &str) -> Self {
        for key in typed.split_whitespace() {
            if let Some(letter) = key.strip_prefix("<c-").and_then(|rest| rest.chars().next()) {
                self.press(KeyCode::Char(letter), KeyModifiers::CONTROL);
                continue;
            }
            let code = match key {
                // Ctrl-u empties a line.
                "<kill>" => {
                    let event = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
                    let message = self.keys.message(&event, &self.state.contexts());
                    message.into_iter().for_each(|message| self.send(message));
                    continue;
                }
                "<enter>" => KeyCode::Enter,
                "<esc>" => KeyCode::Esc,
                "<down>" => KeyCode::Down,
                "<up>" => KeyCode::Up,
                "<right>" => KeyCode::Right,
                "<tab>" => KeyCode::Tab,
                "<space>" => KeyCode::Char(' '),
                "<page-down>" => KeyCode::PageDown,
                other => KeyCode::Char(other.chars().next().unwrap()),
            };
            self.press(code, KeyModifiers::NONE);
        }
        self
    }

    /// Types a text, letter by letter.
    pub fn typing(mut self, text: &str) -> Self {
        text.chars().for_each(|letter| self.press(KeyCode::Char(letter), KeyModifiers::NONE));
        self
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let event = KeyEvent::new(code, modifiers);
        if let Some(message) = self.keys.message(&event, &self.state.contexts()) {
            self.send(message);
        }
    }

    pub fn with_theme(mut self, theme: app::Theme) -> Self {
        self.state.theme = theme;
        self
    }

    /// Draws it twice, as a running program does: the second frame must stand on its own.
    pub fn buffer(&mut self, (width, height): (u16, u16)) -> Buffer {
        self.send(Message::Resize { width, height });
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let theme = Theme::of(self.state.theme);
        for _ in 0..2 {
            terminal.draw(|frame| draw(&self.state, &theme, frame)).unwrap();
        }
        terminal.backend().buffer().clone()
    }

    /// The picture as text, without the blanks at the ends of its lines.
    pub fn text(&mut self, size: (u16, u16)) -> String {
        lines(&self.buffer(size)).join("\n")
    }
}

pub fn trouble(kind: TroubleKind, action: &str) -> Trouble {
    Trouble { profile: Some("prod".into()), ..Trouble::new(kind, action) }
}

/// The lines of a picture. A cell that a wide character to its left covers adds nothing.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let area = buffer.area;
    (area.top()..area.bottom())
        .map(|y| {
            let mut line = String::new();
            let mut x = area.left();
            while x < area.right() {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
            line.trim_end().to_owned()
        })
        .collect()
}
