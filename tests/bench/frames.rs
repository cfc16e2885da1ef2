//! One frame of each screen, and a key while news pour in.

use std::time::Duration;

use chrono::TimeDelta;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rekotui::app::{Command, Effect, Message, Moment, Screen, State, update, update_all};
use rekotui::domain::fleet::News;
use rekotui::domain::picture::Picture;
use rekotui::ui::{Theme, draw};

use super::{account, tail};

const SIZE: (u16, u16) = (200, 60);
/// The answers that can wait for the program's loop, so that it takes them in together with a key.
const WAITING: usize = 256;
/// The time between two frames while news come in.
const FRAME: Duration = Duration::from_millis(33);

pub fn measure(criterion: &mut Criterion) {
    let fleets = [100, 1_000].map(|models| (models, account::reading(models)));
    let mut group = criterion.benchmark_group("frame 200×60");
    for screen in Screen::ALL.into_iter().filter(|screen| !matches!(screen, Screen::Savings | Screen::Journal)) {
        for (models, (news, moment)) in &fleets {
            let id = BenchmarkId::new(screen.title(), models);
            frame(&mut group, id, screen, account::program(news.clone(), *moment, SIZE));
        }
    }
    group.finish();

    let mut group = criterion.benchmark_group("week editor");
    for (models, (news, moment)) in &fleets {
        week_key(&mut group, BenchmarkId::new("a key", models), account::program(news.clone(), *moment, SIZE));
    }
    group.finish();

    let mut group = criterion.benchmark_group("key to frame");
    for (models, (news, moment)) in fleets {
        let state = account::program(news.clone(), moment, SIZE);
        for screen in [Screen::Models, Screen::Schedules] {
            let id = BenchmarkId::new(format!("{}, idle", screen.title()), models);
            idle_key(&mut group, id, screen, state.clone());
            let id = BenchmarkId::new(format!("{}, news pour in", screen.title()), models);
            busy_key(&mut group, id, screen, state.clone(), &news);
        }
    }
    group.finish();
}

/// The program with a terminal that only remembers cells.
struct Stage {
    state: State,
    terminal: Terminal<TestBackend>,
    theme: Theme,
    down: bool,
}

impl Stage {
    fn new(mut state: State, screen: Screen) -> Self {
        let command = match screen {
            Screen::Models => Command::Models,
            Screen::Schedules => Command::Schedules,
            Screen::Mappings => Command::Mappings,
            Screen::Savings => Command::Savings,
            Screen::Findings => Command::Findings,
            Screen::Journal => Command::Journal,
        };
        update(&mut state, Message::Command(command));
        assert_eq!(state.screen, screen);
        assert!(state.selected().is_some(), "there is a row to show");
        Self::over(state)
    }

    /// Whatever is open already.
    fn over(state: State) -> Self {
        let theme = Theme::of(state.theme);
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        Self { state, terminal, theme, down: true }
    }

    /// The next key of an operator who pages down and up again.
    fn key(&mut self) -> Message {
        let before = self.state.selected();
        let command = if self.down { Command::PageDown } else { Command::PageUp };
        update(&mut self.state, Message::Command(command));
        if self.state.selected() == before {
            self.down = !self.down;
        }
        Message::Command(if self.down { Command::Down } else { Command::Up })
    }

    fn draw(&mut self) {
        self.terminal.draw(|frame| draw(&self.state, &self.theme, frame)).unwrap();
    }
}

fn frame(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, screen: Screen, state: State) {
    let stage = std::cell::RefCell::new(Stage::new(state, screen));
    let another_row = || {
        let mut stage = stage.borrow_mut();
        let key = stage.key();
        update(&mut stage.state, key);
    };
    tail::measure(group, id, another_row, |()| stage.borrow_mut().draw());
}

/// A key that changes the draft, with all that it means worked out anew, and the frame.
fn week_key(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, mut state: State) {
    let rows = state.count(Screen::Models);
    for _ in 0..rows {
        update(&mut state, Message::Command(Command::Week));
        if state.week().is_some() {
            break;
        }
        update(&mut state, Message::Command(Command::Down));
    }
    assert!(state.week().is_some(), "no model has a week");
    let stage = std::cell::RefCell::new(Stage::over(state));
    let paint = |key| {
        let mut stage = stage.borrow_mut();
        update(&mut stage.state, key);
        stage.draw();
    };
    tail::measure(group, id, || Message::Command(Command::Paint), paint);
}

fn idle_key(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, screen: Screen, state: State) {
    let stage = std::cell::RefCell::new(Stage::new(state, screen));
    let press = |key| {
        let mut stage = stage.borrow_mut();
        update(&mut stage.state, key);
        stage.draw();
    };
    tail::measure(group, id, || stage.borrow_mut().key(), press);
}

/// The same sweep told again and again, as fast as the loop takes it in, with the copies that the loop makes for its
/// workers.
fn busy_key(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, screen: Screen, state: State, news: &[News]) {
    let picture = Picture::of(&state.fleet, &state.wishes, state.now(), state.zone);
    let stage = std::cell::RefCell::new(Stage::new(state, screen));
    let asked = std::cell::Cell::new(None);
    let mut batches = news.chunks(WAITING).cycle();
    let prepare = || {
        let mut stage = stage.borrow_mut();
        let key = stage.key();
        let moment = stage.state.moment;
        let now = moment.now + TimeDelta::from_std(FRAME).unwrap();
        let mut messages = vec![Message::Tick(Moment { now, real: moment.real + FRAME, ..moment }), key];
        messages.extend(batches.next().into_iter().flatten().cloned().map(Message::News));
        messages.extend(asked.take().map(|number| Message::Pictured(number, Box::new(picture.clone()))));
        messages
    };
    let press = |messages: Vec<Message>| {
        let mut stage = stage.borrow_mut();
        let effects = update_all(&mut stage.state, messages);
        let mut copies = Vec::new();
        for effect in effects {
            if let Effect::Picture(number) = effect {
                asked.set(Some(number));
            }
            if let Effect::Picture(_) | Effect::Read(_) | Effect::Save = effect {
                copies.push(stage.state.fleet.clone());
            }
        }
        stage.draw();
        copies
    };
    tail::measure(group, id, prepare, press);
}
