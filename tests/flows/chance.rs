//! Whatever is typed, answered and resized in whatever order: no panic, no change to the fleet by the operator's own
//! looking around, and a selection that is on screen.

use std::time::Duration;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rekotui::app::{Command, Effect, Message, Moment, Reading, Screen, State, Work};
use rekotui::domain::fleet::News;
use rekotui::domain::model::Status;
use rekotui::domain::operation::Standing;
use rekotui::domain::trouble::{Trouble, TroubleKind};
use rekotui::ui;
use tui_input::InputRequest;

use super::journal::{paused, started};
use super::stage::{Flow, REGION, friday, model, reading};

/// Something that can happen.
#[derive(Clone, Debug)]
enum Happens {
    Command(Command),
    Letter(char),
    Delete,
    Paste(String),
    Resize(u16, u16),
    Pass(u64),
    Read,
    Models(u8),
    Fail,
    Connect,
    Lost,
    Resumed,
    Operation(u8, u8),
    Journal,
    NotBegun,
}

fn happens() -> impl Strategy<Value = Happens> {
    let commands: Vec<Command> = Command::all().map(|spec| spec.command).collect();
    prop_oneof![
        8 => prop::sample::select(commands).prop_map(Happens::Command),
        3 => prop::char::any().prop_map(Happens::Letter),
        1 => Just(Happens::Delete),
        1 => ".{0,300}".prop_map(Happens::Paste),
        2 => (0u16..140, 0u16..45).prop_map(|(width, height)| Happens::Resize(width, height)),
        2 => (0u64..100_000).prop_map(Happens::Pass),
        1 => Just(Happens::Read),
        2 => any::<u8>().prop_map(Happens::Models),
        1 => Just(Happens::Fail),
        1 => Just(Happens::Connect),
        1 => Just(Happens::Lost),
        1 => Just(Happens::Resumed),
        3 => (0u8..4, any::<u8>()).prop_map(|(id, how)| Happens::Operation(id, how)),
        1 => Just(Happens::Journal),
        1 => Just(Happens::NotBegun),
    ]
}

/// A program that knows the small fleet as it was, to make plans from.
fn stored() -> State {
    Flow::ready().state
}

fn messages(what: &Happens, state: &State) -> Vec<Message> {
    match what {
        Happens::Command(command) => vec![Message::Command(*command)],
        Happens::Letter(letter) => vec![Message::Edit(InputRequest::InsertChar(*letter))],
        Happens::Delete => vec![Message::Edit(InputRequest::DeletePrevWord)],
        Happens::Paste(text) => vec![Message::Paste(text.clone())],
        Happens::Resize(width, height) => vec![Message::Resize { width: *width, height: *height }],
        Happens::Pass(milliseconds) => {
            let by = Duration::from_millis(*milliseconds);
            let moment = state.moment;
            let now = moment.now + chrono::TimeDelta::from_std(by).unwrap();
            vec![Message::Tick(Moment { now, real: moment.real + by, ..moment })]
        }
        Happens::Read => reading(state.now()).into_iter().map(Message::News).collect(),
        Happens::Models(number) => {
            let status = if number % 2 == 0 { Status::Stopping } else { Status::Other("NAPPING".into()) };
            vec![Message::News(News::Models(vec![model("更に", &format!("v{number}"), status)]))]
        }
        Happens::Fail => vec![
            Message::News(News::Identity(Err(Trouble::new(TroubleKind::Expired, "sts:GetCallerIdentity")))),
            Message::Surveyed(Reading::Everything),
        ],
        Happens::Connect => {
            let connected = rekotui::app::Connected { profile: None, region: REGION.into() };
            vec![Message::Connected(Ok(connected))]
        }
        Happens::Lost => vec![Message::WorkerLost(Work::Reading)],
        Happens::Operation(id, how) => {
            let mut operation = started(&stored(), &format!("000{id}"), usize::from(how % 4));
            operation.standing = match how % 5 {
                0 => Standing::Done,
                1 => Standing::Failed("It has failed.".into()),
                2 => Standing::Abandoned("It was given up.".into()),
                _ => Standing::Unfinished,
            };
            operation.rests = (how % 5 == 3).then(|| "The network is gone.".into());
            vec![Message::Operation(Box::new(operation))]
        }
        Happens::Journal => {
            let state = stored();
            vec![Message::Journal { operations: vec![started(&state, "0009", 2), paused(&state, "0008")] }]
        }
        Happens::NotBegun => {
            vec![Message::NotBegun { title: "stop of logos_2 v3".into(), why: "Somebody else does it.".into() }]
        }
        Happens::Resumed => vec![Message::Resumed { stood: true }],
    }
}

fn looks_only(what: &Happens) -> bool {
    matches!(
        what,
        Happens::Command(_)
            | Happens::Letter(_)
            | Happens::Delete
            | Happens::Paste(_)
            | Happens::Resize(..)
            | Happens::Pass(_)
    )
}

/// The rows of the screen in front are consistent with the selection and with the fleet.
fn check(state: &State) -> Result<(), TestCaseError> {
    let (rows, total, index) = match state.screen {
        Screen::Models => (state.models.rows().len(), state.models.total(), state.models.index()),
        Screen::Schedules => (state.schedules.rows().len(), state.schedules.total(), state.schedules.index()),
        Screen::Mappings => (state.mappings.rows().len(), state.mappings.total(), state.mappings.index()),
        Screen::Savings => (state.savings.rows().len(), state.savings.total(), state.savings.index()),
        Screen::Findings => (state.findings.rows().len(), state.findings.total(), state.findings.index()),
        Screen::Journal => (state.journal.rows().len(), state.journal.total(), state.journal.index()),
    };
    prop_assert!(rows <= total);
    prop_assert_eq!(index.is_some(), rows > 0);
    prop_assert!(index.is_none_or(|index| index < rows));
    prop_assert_eq!(state.selected().is_some(), rows > 0);
    if let Some(key) = state.selected() {
        prop_assert!(state.exists(&key), "{key:?} is selected and gone");
    }
    prop_assert!(state.notices.len() <= 4);
    prop_assert!(state.wake().is_none_or(|wake| wake > state.moment.real || state.refresh.running.is_none()));
    Ok(())
}

fn draw(state: &State, (width, height): (u16, u16)) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let theme = ui::Theme::of(state.theme);
    terminal.draw(|frame| ui::draw(state, &theme, frame)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_happens_breaks_it(story in prop::collection::vec(happens(), 1..60)) {
        let mut flow = Flow::ready();
        for what in &story {
            let before = looks_only(what).then(|| flow.state.fleet.clone());
            for message in messages(what, &flow.state) {
                flow.send(message);
            }
            check(&flow.state)?;
            // What was being read is given up when the way in is looked for anew; nothing else of the fleet changes.
            if let Some(mut before) = before {
                let mut after = flow.state.fleet.clone();
                before.interrupt();
                after.interrupt();
                prop_assert_eq!(before, after, "{:?} has changed the fleet", what);
            }
            draw(&flow.state, flow.state.size);
        }
        let asked = flow.asked();
        for effect in asked {
            let harmless = match &effect {
                Effect::Begin(plans) => !plans.is_empty() && plans.iter().all(|plan| !plan.steps.is_empty()),
                Effect::ResumeOperation(id) | Effect::AbandonOperation(id) | Effect::GoOn(id) => {
                    flow.state.operations.contains_key(id)
                }
                effect => !effect.writes(),
            };
            prop_assert!(harmless, "{:?}", effect);
        }
        prop_assert!(flow.state.now() >= friday());
    }
}
