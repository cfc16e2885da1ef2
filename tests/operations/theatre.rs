//! The whole program without a terminal: keys in, the real engine and the real SDK behind it, the world and the screen to
//! look at.

use std::time::Duration;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rekotui::app::{Connected, Effect, Message, Moment, Reading, Setup, State, update};
use rekotui::aws::{Scope, Survey};
use rekotui::domain::operation::Operation;
use rekotui::operation::Driver;
use rekotui::ui::{Keymap, Theme, draw};

use super::lab::{BERLIN, Lab, killed_after};

/// A program that an operator has just opened.
pub struct Theatre<'a> {
    lab: &'a Lab,
    pub state: State,
    keys: Keymap,
    engine: rekotui::operation::Engine,
    /// What was on screen when the last operation had ended.
    pub curtain: String,
    /// The operations that were begun and are not carried out yet.
    waiting: Vec<Driver>,
    pub left: bool,
}

impl<'a> Theatre<'a> {
    /// Opened, connected, and everything read.
    pub async fn open(lab: &'a Lab) -> Self {
        Self::with(lab, Setup::default()).await
    }

    pub async fn with(lab: &'a Lab, setup: Setup) -> Self {
        let keys = Keymap::load(None).unwrap();
        let journal = lab.journal.latest(100).unwrap();
        let setup = Setup { zone: BERLIN, keys: keys.names().clone(), journal, ..setup };
        let engine = if setup.read_only { lab.reader() } else { lab.engine() };
        let moment = Moment { now: lab.now(), real: Duration::ZERO, speed: 1.0 };
        let mut state = State::new(setup, moment, (120, 36));
        drop(state.begin());
        let mut theatre = Self { lab, state, keys, engine, curtain: String::new(), waiting: Vec::new(), left: false };
        theatre.send(Message::Connected(Ok(Connected { profile: None, region: "eu-central-1".into() }))).await;
        theatre
    }

    async fn send(&mut self, message: Message) {
        let mut effects = update(&mut self.state, message);
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                next.extend(self.perform(effect).await);
            }
            effects = next;
        }
    }

    async fn perform(&mut self, effect: Effect) -> Vec<Effect> {
        let mut next = Vec::new();
        match effect {
            Effect::Read(reading) => {
                let (sender, mut news) = tokio::sync::mpsc::channel(512);
                let survey = Survey::new(self.lab.account().clone());
                let scope = if reading == Reading::Everything { Scope::Everything } else { Scope::Watch };
                let known = self.state.fleet.clone();
                let run = Box::pin(survey.run(scope, &known, sender));
                let mut pieces = Vec::new();
                tokio::join!(run, async {
                    while let Some(piece) = news.recv().await {
                        pieces.push(piece);
                    }
                });
                for piece in pieces {
                    next.extend(update(&mut self.state, Message::News(piece)));
                }
                next.extend(update(&mut self.state, Message::Surveyed(reading)));
            }
            Effect::Begin(plans) => {
                for plan in plans {
                    let title = plan.title();
                    match self.engine.begin(plan).await {
                        Ok(driver) => self.waiting.push(driver),
                        Err(refusal) => {
                            let why = refusal.to_string();
                            next.extend(update(&mut self.state, Message::NotBegun { title, why }));
                        }
                    }
                }
            }
            Effect::ResumeOperation(id) => self.waiting.push(self.engine.resume(&id).await.unwrap()),
            Effect::AbandonOperation(id) => {
                let operation = self.engine.abandon(&id).await.unwrap();
                next.extend(update(&mut self.state, Message::Operation(Box::new(operation))));
            }
            Effect::ReadJournal => {
                let operations = self.lab.journal.latest(100).unwrap();
                next.extend(update(&mut self.state, Message::Journal { operations }));
            }
            Effect::Quit => self.left = true,
            _ => {}
        }
        next
    }

    /// Types keys, apart by blanks: letters as they are, others by their names in angle brackets, texts behind a colon.
    pub async fn keys(&mut self, typed: &str) -> &mut Self {
        for key in typed.split_whitespace() {
            match key.strip_prefix("type:") {
                Some(text) => {
                    for letter in text.chars() {
                        let letter = if letter == '_' { ' ' } else { letter };
                        self.key(KeyCode::Char(letter)).await;
                    }
                }
                None => {
                    if let Some(letter) = key.strip_prefix("<c-").and_then(|rest| rest.chars().next()) {
                        self.chord(KeyCode::Char(letter), KeyModifiers::CONTROL).await;
                        continue;
                    }
                    let code = match key {
                        "<enter>" => KeyCode::Enter,
                        "<esc>" => KeyCode::Esc,
                        "<tab>" => KeyCode::Tab,
                        "<space>" => KeyCode::Char(' '),
                        "<down>" => KeyCode::Down,
                        "<right>" => KeyCode::Right,
                        other => KeyCode::Char(other.chars().next().unwrap()),
                    };
                    self.key(code).await;
                }
            }
        }
        self
    }

    async fn key(&mut self, code: KeyCode) {
        let modifiers = match code {
            KeyCode::Char(letter) if letter.is_ascii_uppercase() => KeyModifiers::SHIFT,
            _ => KeyModifiers::NONE,
        };
        self.chord(code, modifiers).await;
    }

    async fn chord(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        if let Some(message) = self.keys.message(&KeyEvent::new(code, modifiers), &self.state.contexts()) {
            self.send(message).await;
        }
    }

    /// Carries out what was begun, to its end; every change is told to the screen. Gives the last of each.
    pub async fn carry(&mut self) -> Vec<Operation> {
        let mut ended = Vec::new();
        for driver in std::mem::take(&mut self.waiting) {
            let (sender, mut moves) = tokio::sync::mpsc::unbounded_channel();
            let operation = driver.carry(move |operation| drop(sender.send(operation.clone()))).await;
            while let Ok(operation) = moves.try_recv() {
                self.send(Message::Operation(Box::new(operation))).await;
            }
            ended.push(operation);
        }
        self.curtain = self.screen();
        self.later(TimeDelta::zero()).await;
        ended
    }

    /// Carries out what was begun for a while, and is killed then.
    pub async fn killed(mut self, polls: usize) {
        let driver = self.waiting.remove(0);
        assert!(killed_after(polls, driver.carry(|_| {})).await.is_none(), "it was quicker");
    }

    /// Time passes in the account, and everything is read again.
    pub async fn later(&mut self, span: TimeDelta) {
        self.lab.pass(span);
        let real = self.state.moment.real + Duration::from_secs(120);
        self.send(Message::Tick(Moment { now: self.lab.now(), real, speed: 1.0 })).await;
        self.keys_refresh().await;
    }

    async fn keys_refresh(&mut self) {
        if self.state.dialogs.is_empty() {
            self.key(KeyCode::Char('r')).await;
        }
    }

    /// What is on screen.
    pub fn screen(&mut self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
        let theme = Theme::of(self.state.theme);
        terminal.draw(|frame| draw(&self.state, &theme, frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = buffer.content.chunks(120).map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>());
        lines.collect::<Vec<_>>().join("\n")
    }
}
