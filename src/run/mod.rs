//! The loop: keys, answers, signals and the passing of time in; frames out. The one place where screen and account meet.
//!
//! Everything that waits is taken in at once and drawn once. Keys are looked at first and never wait for the network.

mod keeper;
mod operations;
mod signals;
mod workers;

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::app::{self, Effect, Message, Moment, State, Work, update_all};
use crate::aws::Connect;
use crate::clock::Clock;
use crate::store::{Journal, UsageStore};
use crate::ui::terminal::{self, Screen};
use crate::ui::{self, Keymap, Theme};
pub use keeper::Keep;
use keeper::Keeper;
use operations::Operations;
pub use operations::SHOWN;
use signals::{Heard, Signals};
use workers::{Answer, Workers};

/// The least time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(33);

/// How many answers may wait before their workers have to.
const WAITING: usize = 256;

/// How many messages are taken in between two looks at the keys.
const BATCH: usize = 512;

/// How long the last save may take at the end.
const LAST_SAVE: Duration = Duration::from_secs(1);

/// What the loop needs.
pub struct Setup {
    /// What the program starts with. How keys are printed is filled in here.
    pub app: app::Setup,
    /// The way into the account.
    pub connect: Connect,
    /// The clock of the account.
    pub clock: Clock,
    /// Keeps a fleet as the last known one; `None`: nothing is kept.
    pub keep: Option<Keep>,
    /// The journal; without one nothing can be changed.
    pub journal: Option<Journal>,
    /// What models ran; without it that is asked anew each time.
    pub usage: Option<UsageStore>,
    /// The user's own file of keys, if there is one.
    pub keys: Option<String>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The operator left.
    Quit,
    /// A signal with this number asked for it.
    Signal(i32),
}

impl Ended {
    /// The exit code that shells expect.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(number) => u8::try_from(128 + number).unwrap_or(u8::MAX),
        }
    }
}

/// Opens the screen and keeps it open until the operator leaves. The first frame shows what was stored, before anything
/// is asked.
///
/// # Errors
/// When the file of keys is wrong, there is no terminal, or it goes away.
pub fn run(setup: Setup) -> io::Result<Ended> {
    let keys = Keymap::load(setup.keys.as_deref())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("The file of keys is wrong: {error}")))?;
    let started = Instant::now();
    let time = Time { started, clock: setup.clock };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    terminal::guard_panics();
    // Before the terminal is taken: a signal in between would leave it as it is.
    let signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    let mut screen = Screen::enter()?;
    let start = app::Setup { keys: keys.names().clone(), ..setup.app };
    let mut state = State::new(start, time.moment(), screen.size());
    draw(&mut screen, &mut state)?;

    let (sender, answers) = mpsc::channel(WAITING);
    let keeper = setup.keep.map(|keep| Keeper::start(keep, sender.clone())).transpose()?;
    let operations = Operations::new(setup.journal, state.read_only, sender.clone());
    let (ended, keeper) = runtime.block_on(async {
        let mut running = Loop {
            workers: Workers::new(setup.connect, operations, setup.usage, sender),
            signals,
            events: EventStream::new(),
            drawn: Instant::now(),
            time,
            keys,
            screen,
            state,
            answers,
            keeper,
        };
        let ended = running.go().await;
        (ended, running.keeper.take())
    });
    terminal::leave();
    // A name look-up or a call that hangs must not hold the operator.
    runtime.shutdown_background();
    if let Some(keeper) = keeper {
        keeper.finish(LAST_SAVE);
    }
    ended
}

fn draw(screen: &mut Screen, state: &mut State) -> io::Result<()> {
    state.redraw = false;
    let theme = Theme::of(state.theme);
    screen.mouse(state.wants_mouse())?;
    screen.draw(|frame| ui::draw(state, &theme, frame))
}

/// Both kinds of time.
struct Time {
    started: Instant,
    clock: Clock,
}

impl Time {
    fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), real: self.started.elapsed(), speed: self.clock.speed() }
    }
}

struct Loop {
    time: Time,
    keys: Keymap,
    screen: Screen,
    state: State,
    events: EventStream,
    signals: Signals,
    answers: mpsc::Receiver<Answer>,
    workers: Workers,
    keeper: Option<Keeper>,
    drawn: Instant,
}

/// What woke the loop.
enum Woken {
    Key(Option<io::Result<Event>>),
    Signal(Heard),
    Answer(Answer),
    Lost(Work),
    Time,
}

impl Loop {
    async fn go(&mut self) -> io::Result<Ended> {
        let first = self.state.begin();
        if let Some(ended) = self.perform(first).await? {
            return Ok(ended);
        }
        loop {
            let woken = self.wait().await;
            let (messages, hurry) = match self.gather(woken)? {
                Gathered::Messages { messages, hurry } => (messages, hurry),
                Gathered::Ended(ended) => return Ok(ended),
            };
            if let Some(ended) = self.take_in(messages).await? {
                return Ok(ended);
            }
            if self.state.redraw && (hurry || self.drawn.elapsed() >= FRAME) {
                draw(&mut self.screen, &mut self.state)?;
                self.drawn = Instant::now();
            }
        }
    }

    async fn wait(&mut self) -> Woken {
        let wake = self.state.wake().map(|real| self.time.started + real);
        let frame = self.state.redraw.then(|| self.drawn + FRAME);
        let until = wake.into_iter().chain(frame).min();
        let later = async {
            match until {
                Some(until) => tokio::time::sleep_until(until.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = self.events.next() => Woken::Key(event),
            heard = self.signals.next() => Woken::Signal(heard),
            Some(answer) = self.answers.recv() => Woken::Answer(answer),
            work = self.workers.lost() => Woken::Lost(work),
            () = later => Woken::Time,
        }
    }

    /// Everything that waits, as messages; the time comes first.
    fn gather(&mut self, woken: Woken) -> io::Result<Gathered> {
        let mut messages = vec![Message::Tick(self.time.moment())];
        let mut hurry = false;
        match woken {
            Woken::Key(event) => {
                hurry = true;
                self.key(event, &mut messages)?;
            }
            Woken::Signal(Heard::Continued) => {
                // Whoever had the terminal meanwhile may have left it in any state.
                terminal::leave();
                self.screen.enter_again()?;
                messages.push(Message::Resumed { stood: true });
            }
            Woken::Signal(Heard::End(number)) => return Ok(Gathered::Ended(Ended::Signal(number))),
            Woken::Answer(answer) => messages.extend(self.workers.message(answer)),
            Woken::Lost(work) => messages.push(Message::WorkerLost(work)),
            Woken::Time => {}
        }
        while messages.len() < BATCH
            && let Ok(answer) = self.answers.try_recv()
        {
            messages.extend(self.workers.message(answer));
        }
        Ok(Gathered::Messages { messages, hurry })
    }

    /// A key means what the contexts say that are open once everything before it has been taken in.
    fn key(&mut self, event: Option<io::Result<Event>>, messages: &mut Vec<Message>) -> io::Result<()> {
        let gone = || io::Error::new(io::ErrorKind::UnexpectedEof, "The terminal has gone away.");
        match event.ok_or_else(gone)?? {
            Event::Key(key) => messages.extend(self.keys.message(&key, &self.state.contexts())),
            Event::Paste(text) => messages.push(Message::Paste(text)),
            Event::Resize(width, height) => messages.push(Message::Resize { width, height }),
            Event::Mouse(mouse) => messages.extend(ui::pointed(&self.state, &mouse)),
            Event::FocusGained | Event::FocusLost => {}
        }
        Ok(())
    }

    async fn take_in(&mut self, messages: Vec<Message>) -> io::Result<Option<Ended>> {
        let effects = update_all(&mut self.state, messages);
        if let Some(ended) = self.perform(effects).await? {
            return Ok(Some(ended));
        }
        // Keys that came in the meantime, each with the contexts that the one before has left.
        for _ in 0..BATCH {
            let Some(event) = self.waiting_event().await else { break };
            let mut messages = Vec::new();
            self.key(event, &mut messages)?;
            let effects = update_all(&mut self.state, messages);
            if let Some(ended) = self.perform(effects).await? {
                return Ok(Some(ended));
            }
        }
        Ok(None)
    }

    /// An event that is there already. The stream is asked as this task, and not by `now_or_never`: it remembers whom to
    /// wake, and nobody would be woken by the next key.
    async fn waiting_event(&mut self) -> Option<Option<io::Result<Event>>> {
        poll_fn(|task| match self.events.poll_next_unpin(task) {
            Poll::Ready(event) => Poll::Ready(Some(event)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    async fn perform(&mut self, effects: Vec<Effect>) -> io::Result<Option<Ended>> {
        for effect in effects {
            match effect {
                Effect::Connect => self.workers.connect(),
                Effect::Read(reading) => self.workers.read(reading, &self.state.fleet),
                Effect::Picture(number) => self.workers.picture(number, &self.state),
                Effect::Meter => self.workers.meter(&self.state),
                Effect::RecallUsage => self.workers.recall_usage(&self.state),
                Effect::Reckon(number) => self.workers.reckon(number, &self.state),
                Effect::Save => {
                    if let Some(keeper) = &self.keeper {
                        keeper.keep(self.state.fleet.clone());
                    }
                }
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Suspend => self.suspend().await?,
                Effect::Begin(plans) => self.workers.operations.begin(plans),
                Effect::ResumeOperation(id) => self.workers.operations.resume(id),
                Effect::AbandonOperation(id) => self.workers.operations.abandon(id),
                Effect::GoOn(id) => self.workers.operations.go_on(&id),
                Effect::CountFunctions(arns) => self.workers.count_functions(arns),
                Effect::TestFunction(arn, checks) => self.workers.operations.test(arn, checks),
                Effect::ReadJournal => self.workers.operations.read_journal(),
                Effect::Quit => return Ok(Some(Ended::Quit)),
            }
        }
        Ok(None)
    }

    async fn suspend(&mut self) -> io::Result<()> {
        terminal::leave();
        let stood = self.signals.stand_still().await?;
        self.screen.enter_again()?;
        // The old stream may hold on to what was typed for the shell.
        self.events = EventStream::new();
        let (width, height) = self.screen.size();
        let messages =
            [Message::Tick(self.time.moment()), Message::Resize { width, height }, Message::Resumed { stood }];
        let effects = update_all(&mut self.state, messages);
        // Coming back asks for a reading at most, never for another effect of the terminal.
        Box::pin(self.perform(effects)).await.map(|_| ())
    }
}

enum Gathered {
    Messages { messages: Vec<Message>, hurry: bool },
    Ended(Ended),
}
