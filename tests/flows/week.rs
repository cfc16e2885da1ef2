//! The week editor: keys and mouse to draft, draft to plan, and what becomes of the draft when the world moves.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rekotui::app::week::Press;
use rekotui::app::{Ask, Command, Context, Dialog, Effect, Message, Reading, Screen, Setup, Spec, State, WeekEditor};
use rekotui::domain::fleet::{News, PartName};
use rekotui::domain::operation::{Operation, OperationId, Standing};
use rekotui::domain::plan::{Intent, Plan, Step};
use rekotui::domain::schedule::Schedule;
use rekotui::ui;

use super::stage::{Flow, arn, friday, schedule, stored};

const BEFORE: &str = "Mon–Fri 09:00–17:00";

fn editor(flow: &Flow) -> &WeekEditor {
    flow.state.week().unwrap_or_else(|| panic!("no editor: {:?}", flow.state.notices))
}

fn week(flow: &Flow) -> String {
    editor(flow).draft.pattern.sentence()
}

/// The editor of the model that has schedules.
fn opened() -> Flow {
    let mut flow = Flow::ready();
    flow.keys("j w");
    assert_eq!(week(&flow), BEFORE);
    flow
}

fn begun(flow: &mut Flow) -> Plan {
    match flow.asked().as_slice() {
        [Effect::Begin(plans)] if plans.len() == 1 => plans[0].clone(),
        other => panic!("not begun: {other:?}"),
    }
}

fn expressions(plan: &Plan) -> Vec<(String, Option<String>)> {
    let steps = plan.shown().filter_map(|planned| match &planned.step {
        Step::Replace { after, .. } => Some((after.name.clone(), after.expression.clone())),
        Step::Create { schedule } => Some((schedule.name.clone(), schedule.expression.clone())),
        Step::Delete { schedule } => Some((schedule.name.clone(), None)),
        _ => None,
    });
    steps.collect()
}

fn said(flow: &Flow) -> &str {
    editor(flow).said.as_deref().unwrap_or_default()
}

#[test]
fn it_opens_where_the_first_window_begins() {
    let flow = opened();
    assert_eq!((editor(&flow).day, editor(&flow).minute), (0, 540));
    assert!(!editor(&flow).is_changed());
    assert_eq!(editor(&flow).outlook.lines.len(), 2);
}

#[test]
fn a_friday_is_cut_and_saved() {
    let mut flow = opened();
    flow.keys("j j j j H H H H H H H H");
    assert_eq!(week(&flow), "Mon–Thu 09:00–17:00, Fri 09:00–13:00");
    assert_eq!((editor(&flow).day, editor(&flow).minute), (4, 780), "the cursor goes along");
    flow.keys("<enter>");
    assert!(matches!(flow.state.dialogs.last(), Some(Dialog::Act(_))), "{}", said(&flow));
    flow.keys("y");
    let plan = begun(&mut flow);
    assert!(matches!(&plan.intent, Intent::Week { week, .. } if week.contains("Fri 09:00–13:00")));
    let made = expressions(&plan);
    assert!(made.contains(&("logos-stop".into(), Some("cron(0 17 ? * MON-THU *)".into()))), "{made:?}");
    assert!(made.contains(&("logos-stop-2".into(), Some("cron(0 13 ? * FRI *)".into()))), "{made:?}");
    let today = made.iter().any(|(name, _)| name.starts_with("rekotui-stop-logos_2-v3"));
    assert!(today && made.len() == 3, "it is on, past its new end: {made:?}");
}

#[test]
fn every_key_does_what_it_says() {
    for (keys, after) in [
        ("L", "Mon 09:00–17:30, Tue–Fri 09:00–17:00"),
        ("H", "Mon 09:00–16:30, Tue–Fri 09:00–17:00"),
        ("[", "Mon 08:30–17:00, Tue–Fri 09:00–17:00"),
        ("]", "Mon 09:30–17:00, Tue–Fri 09:00–17:00"),
        (">", "Mon 09:30–17:30, Tue–Fri 09:00–17:00"),
        ("< <", "Mon 08:00–16:00, Tue–Fri 09:00–17:00"),
        ("<space> <space>", "Mon 10:00–17:00, Tue–Fri 09:00–17:00"),
        ("<left> <space>", "Mon 08:30–17:00, Tue–Fri 09:00–17:00"),
        ("<right> <space>", "Mon 09:00–09:30 and 10:00–17:00, Tue–Fri 09:00–17:00"),
        ("d", "Tue–Fri 09:00–17:00"),
        ("g L", "Mon 09:00–17:30, Tue–Fri 09:00–17:00"),
        ("G [", "Mon 08:30–17:00, Tue–Fri 09:00–17:00"),
        ("g > <space>", "Mon 10:00–17:30, Tue–Fri 09:00–17:00"),
        ("j j j j j L", BEFORE),
        ("<tab> <space>", "Mon 09:00–17:30, Tue–Fri 09:00–17:00"),
        ("<tab> <tab> <tab> <back-tab> <space>", "Mon 09:00–17:00, Tue 09:30–17:00, Wed–Fri 09:00–17:00"),
        ("j j j j <tab> <tab> <tab> <space>", "Mon–Thu 09:00–17:00, Fri 09:00–17:30"),
        ("<back-tab> <space>", "Mon 09:30–17:00, Tue–Fri 09:00–17:00"),
        ("j d j d", "Mon 09:00–17:00, Thu and Fri 09:00–17:00"),
        ("L c V", "Mon–Fri 09:00–17:30"),
        ("c j j j j j v", "Mon–Sat 09:00–17:00"),
        ("P j <enter>", "Mon–Sat 07:00–20:00"),
        ("P j j j <enter>", "always"),
        ("P <esc>", BEFORE),
        ("d L u u", BEFORE),
        ("d j d u U", "Wed–Fri 09:00–17:00"),
        ("g <space>", "Mon 00:00–00:30 and 09:00–17:00, Tue–Fri 09:00–17:00"),
        ("G j j j j j j <space>", "Mon–Fri 09:00–17:00, Sun 23:30–24:00"),
    ] {
        let mut flow = opened();
        flow.keys(keys);
        assert_eq!(week(&flow), after, "{keys}");
        assert_eq!(flow.asked(), [], "{keys}: a draft changes nothing");
    }
}

#[test]
fn a_stretch_goes_to_the_next_half_hour_of_the_clock() {
    let mut flow = opened();
    flow.keys("t <c-u>").text("9:10-16:50").keys("<enter>");
    assert_eq!(week(&flow), "Mon 09:10–16:50, Tue–Fri 09:00–17:00");
    flow.keys("L");
    assert_eq!(week(&flow), BEFORE.replace("Mon–Fri 09:00", "Mon 09:10") + ", Tue–Fri 09:00–17:00");
    flow.keys("g l l l l l l l l l l l l l l l l l l [");
    assert_eq!(week(&flow), BEFORE);
}

#[test]
fn the_hours_of_a_day_are_typed_and_what_is_wrong_is_said() {
    let mut flow = opened();
    flow.keys("j t <c-u>").text("8:15-12:00 and 13-16:45").keys("<enter>");
    assert_eq!(week(&flow), "Mon 09:00–17:00, Tue 08:15–12:00 and 13:00–16:45, Wed–Fri 09:00–17:00");
    flow.keys("t <c-u>").text("late").keys("<enter>");
    let Some(Ask::Line { wrong: Some(why), .. }) = &editor(&flow).ask else { panic!("it was taken") };
    assert!(why.contains("'late' are no hours"), "{why}");
    flow.keys("<esc> 2 <tab>");
    assert_eq!(flow.state.screen, Screen::Models, "a digit leads nowhere while a draft is open");
    assert!(editor(&flow).ask.is_none());
    flow.keys("t <c-u>").text("never").keys("<enter>");
    assert_eq!(week(&flow), "Mon 09:00–17:00, Wed–Fri 09:00–17:00");
}

#[test]
fn the_lead_time_moves_the_starts_alone() {
    for (typed, lead) in [("45", 45), ("1h", 60), ("0", 0), ("20m", 20)] {
        let mut flow = opened();
        flow.keys("a <c-u>").text(typed).keys("<enter>");
        assert_eq!((editor(&flow).draft.lead, week(&flow).as_str()), (lead, BEFORE), "{typed}");
    }
    let mut flow = opened();
    flow.keys("a <c-u>").text("2d").keys("<enter>");
    assert!(matches!(&editor(&flow).ask, Some(Ask::Line { wrong: Some(why), .. }) if why.contains("12 h")));
    flow.keys("<c-u>").text("1h").keys("<enter> <enter> y");
    assert_eq!(expressions(&begun(&mut flow)), [("logos-start".into(), Some("cron(0 8 ? * MON-FRI *)".into()))]);
}

#[test]
fn a_window_that_happens_once_is_typed_marked_and_taken_away() {
    let mut flow = opened();
    flow.keys("o <c-u>").text("2026-11-28 10:00-14:00").keys("<enter>");
    assert_eq!(editor(&flow).exceptions(5), ["once Sat 28 Nov 10:00–14:00"]);
    let start = "2026-11-28T08:30:00Z".parse().unwrap();
    let outlook = &editor(&flow).outlook;
    assert!(outlook.lines.iter().any(|line| line.name.starts_with("rekotui-once-start-")), "{:?}", outlook.lines);
    assert!(editor(&flow).once_started(start).is_some());
    flow.keys("O");
    assert!(!editor(&flow).is_changed());
    assert!(said(&flow).contains("Sat 28 Nov"));
    flow.keys("O");
    assert!(said(&flow).contains("no window that happens once"));
}

#[test]
fn a_window_that_cannot_be_made_is_refused_while_it_is_typed() {
    let mut flow = opened();
    flow.keys("o <c-u>").text("2026-11-27 13:00-18:00").keys("<enter>");
    let Some(Ask::Line { wrong: Some(why), .. }) = &editor(&flow).ask else { panic!("it was taken") };
    assert!(why.contains("meets a window of the week"), "{why}");
    assert!(!editor(&flow).is_changed() && editor(&flow).past.is_empty() && editor(&flow).outlook.refused.is_none());
    flow.keys("<backspace> <backspace> <backspace> <backspace> <backspace> <backspace> <backspace> <backspace>");
    flow.keys("<backspace> <backspace> <backspace>").text("18:00-20:00").keys("<enter>");
    assert_eq!(editor(&flow).exceptions(4), ["once Fri 27 Nov 18:00–20:00"]);
}

#[test]
fn nothing_is_lost_without_a_question() {
    let mut flow = opened();
    flow.keys("<esc>");
    assert!(flow.state.week().is_none(), "nothing was changed");
    flow.keys("w L <esc>");
    assert!(editor(&flow).leaving);
    flow.keys("l <esc>");
    assert!(editor(&flow).leaving, "it is asked anew after another key");
    flow.keys("<esc>");
    assert!(flow.state.week().is_none());
    assert_eq!(flow.asked(), []);
}

#[test]
fn nothing_changed_is_nothing_to_save() {
    let mut flow = opened();
    flow.keys("<enter>");
    assert!(said(&flow).contains("Nothing is changed"), "{}", said(&flow));
    assert_eq!(flow.state.dialogs.len(), 1);
}

#[test]
fn a_screen_that_is_read_only_shows_and_saves_nothing() {
    let mut flow = Flow::start(Setup { read_only: true, stored: Some(stored(friday())), ..Setup::default() });
    flow.asked();
    flow.keys("j w L <enter> y");
    assert!(said(&flow).contains("read-only"), "{}", said(&flow));
    flow.keys("<esc>");
    assert!(flow.state.week().is_none(), "nothing could be saved, so nothing is asked");
    assert_eq!(flow.asked(), []);
}

#[test]
fn rows_are_in_the_order_that_the_user_wants() {
    let setup = Setup { week_start: Some(chrono::Weekday::Sun), stored: Some(stored(friday())), ..Setup::default() };
    let mut flow = Flow::start(setup);
    flow.keys("j w");
    assert_eq!(editor(&flow).day, 0, "the first window of the screen");
    flow.keys("k");
    assert_eq!(editor(&flow).day, 6, "Sunday is above Monday");
    drag(&mut flow, &[(6, 600), (0, 630)]);
    assert_eq!(week(&flow), "Mon–Fri 09:00–17:00, Sun 10:00–11:00");
}

#[test]
fn a_week_around_the_clock_is_a_danger_before_it_is_reviewed() {
    let mut flow = opened();
    flow.keys("P j j j <enter>");
    let notes = &editor(&flow).outlook.notes;
    assert!(notes[0].text.contains("around the clock"), "{notes:?}");
}

#[test]
fn it_opens_from_what_belongs_to_the_model() {
    for keys in ["2 w", "3 w", "2 j w", "j <enter> w"] {
        let mut flow = Flow::ready();
        flow.keys(keys);
        assert_eq!(editor(&flow).model, arn("logos_2", "v3"), "{keys}");
    }
    let mut flow = Flow::ready();
    flow.keys("5 w");
    assert!(flow.state.week().is_none());
}

/// A reading of the schedules in which they are these.
fn schedules(flow: &mut Flow, schedules: Vec<Schedule>) {
    let at = flow.state.now();
    let seen = schedules.iter().map(|schedule| schedule.arn.clone()).collect();
    flow.news(vec![News::Schedules(schedules), News::Done { part: PartName::Schedules, seen, troubles: vec![], at }]);
    flow.send(Message::Surveyed(Reading::Everything));
}

#[test]
fn schedules_that_make_no_week_say_why_and_what_to_do() {
    let logos = arn("logos_2", "v3");
    let mut flow = Flow::ready();
    let other = Schedule { zone: Some("UTC".into()), ..schedule("logos-stop", "cron(0 17 ? * * *)", "stop", &logos) };
    schedules(&mut flow, vec![schedule("logos-start", "cron(30 8 ? * MON-FRI *)", "start", &logos), other]);
    flow.keys("2 w");
    assert!(flow.state.week().is_none());
    let notice = &flow.state.notices.last().unwrap().text;
    assert!(notice.contains("one time zone") && notice.contains("e edits this one"), "{notice}");
}

#[test]
fn a_week_that_changes_in_the_account_is_told_and_the_draft_is_kept() {
    let logos = arn("logos_2", "v3");
    let earlier = || {
        vec![
            schedule("logos-start", "cron(30 7 ? * MON-FRI *)", "start", &logos),
            schedule("logos-stop", "cron(0 17 ? * MON-FRI *)", "stop", &logos),
        ]
    };
    let mut flow = opened();
    schedules(&mut flow, earlier());
    assert_eq!(week(&flow), "Mon–Fri 08:00–17:00", "what was not touched follows");
    assert!(!editor(&flow).moved && !editor(&flow).is_changed());
    let mut flow = opened();
    flow.keys("d");
    schedules(&mut flow, earlier());
    assert!(editor(&flow).moved);
    assert_eq!(week(&flow), "Tue–Fri 09:00–17:00");
    assert_eq!(editor(&flow).original.pattern.sentence(), "Mon–Fri 08:00–17:00");
}

fn operation(plan: Plan, standing: Standing) -> Message {
    let checked = !matches!(standing, Standing::Refused(_));
    let id = OperationId("20261120T130900-a".into());
    Message::Operation(Box::new(Operation { checked, standing, ..Operation::new(id, plan, None, friday()) }))
}

#[test]
fn the_editor_closes_when_its_operation_begins_and_stays_when_it_is_refused() {
    let mut flow = opened();
    flow.keys("d <enter> y");
    let plan = begun(&mut flow);
    assert!(editor(&flow).saving);
    flow.send(operation(plan.clone(), Standing::Refused("It was changed meanwhile.".into())));
    assert!(!editor(&flow).saving && editor(&flow).is_changed());
    flow.keys("<enter> y");
    flow.asked();
    let (title, why) = (plan.title(), "Somebody else does it.".to_owned());
    flow.send(Message::NotBegun { title, why });
    assert!(!editor(&flow).saving && editor(&flow).is_changed());
    flow.keys("<enter> y");
    assert_eq!(begun(&mut flow).intent, plan.intent);
    flow.send(operation(plan, Standing::Unfinished));
    assert!(flow.state.week().is_none());
    assert!(flow.state.dialogs.is_empty());
}

#[test]
fn another_operation_closes_nothing() {
    let mut flow = opened();
    flow.keys("d <enter> y");
    let plan = begun(&mut flow);
    let mut flow = opened();
    flow.keys("L");
    flow.send(operation(plan, Standing::Unfinished));
    assert!(editor(&flow).is_changed());
}

fn drag(flow: &mut Flow, points: &[(u16, u16)]) {
    let (first, last) = (points[0], points[points.len() - 1]);
    flow.send(Message::Point { day: first.0, minute: first.1, press: Press::Down });
    for (day, minute) in &points[1..] {
        flow.send(Message::Point { day: *day, minute: *minute, press: Press::Drag });
    }
    flow.send(Message::Point { day: last.0, minute: last.1, press: Press::Up });
}

#[test]
fn the_mouse_paints_erases_and_stretches() {
    for (points, after) in [
        (vec![(5, 600), (5, 660), (5, 690)], "Mon–Fri 09:00–17:00, Sat 10:00–12:00"),
        (vec![(5, 600), (6, 690)], "Mon–Fri 09:00–17:00, Sat and Sun 10:00–12:00"),
        (vec![(5, 690), (5, 600)], "Mon–Fri 09:00–17:00, Sat 10:00–12:00"),
        (vec![(4, 720), (4, 780)], "Mon–Thu 09:00–17:00, Fri 09:00–12:00 and 13:30–17:00"),
        (vec![(4, 990), (4, 750)], "Mon–Thu 09:00–17:00, Fri 09:00–13:00"),
        (vec![(4, 990), (4, 1_080)], "Mon–Thu 09:00–17:00, Fri 09:00–18:30"),
        (vec![(4, 540), (4, 480)], "Mon–Thu 09:00–17:00, Fri 08:00–17:00"),
        (vec![(4, 540), (4, 600), (4, 540)], BEFORE),
        (vec![(4, 720)], BEFORE),
    ] {
        let mut flow = opened();
        drag(&mut flow, &points);
        assert_eq!(week(&flow), after, "{points:?}");
        let taken_back = usize::from(after != BEFORE);
        assert_eq!(editor(&flow).past.len(), taken_back, "one movement is one change: {points:?}");
    }
    let mut flow = opened();
    drag(&mut flow, &[(5, 600)]);
    assert_eq!(week(&flow), BEFORE, "the first click moves the cursor");
    drag(&mut flow, &[(5, 600)]);
    assert_eq!(week(&flow), "Mon–Fri 09:00–17:00, Sat 10:00–10:30", "the second paints");
    assert_eq!((editor(&flow).day, editor(&flow).minute), (5, 600));
}

#[test]
fn the_mouse_is_ours_in_the_editor_alone() {
    let wants = |keys: &str| {
        let mut flow = Flow::ready();
        flow.keys(keys);
        State::wants_mouse(&flow.state)
    };
    assert!(wants("j w") && wants("j w L"));
    for keys in ["j", "j w <esc>", "j w t", "j w P", "j w L <enter>", "j w ?"] {
        assert!(!wants(keys), "{keys}");
    }
}

/// Something that can happen while the editor is open.
#[derive(Clone, Debug)]
enum Happens {
    Command(Command),
    Point(u16, u16, Press),
    Letter(char),
    Read(u8),
}

fn happens() -> impl Strategy<Value = Happens> {
    let of_week = |spec: &&Spec| spec.contexts.contains(&Context::Week);
    let commands: Vec<Command> = Command::all().filter(of_week).map(|spec| spec.command).collect();
    let asked = vec![Command::Accept, Command::Close, Command::Undo, Command::Palette, Command::Yes];
    prop_oneof![
        12 => prop::sample::select(commands).prop_map(Happens::Command),
        2 => prop::sample::select(asked).prop_map(Happens::Command),
        6 => (0u16..9, 0u16..1_500, prop::sample::select(vec![Press::Down, Press::Drag, Press::Up]))
            .prop_map(|(day, minute, press)| Happens::Point(day, minute, press)),
        2 => prop::char::range('0', ':').prop_map(Happens::Letter),
        1 => (6u8..10).prop_map(Happens::Read),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    /// Whatever is drawn: nothing is asked of the account before it was confirmed, and every draft can be taken back.
    #[test]
    fn nothing_that_is_drawn_breaks_it(
        story in prop::collection::vec(happens(), 1..50),
        size in (40u16..130, 8u16..40),
    ) {
        let mut flow = opened();
        flow.send(Message::Resize { width: size.0, height: size.1 });
        for what in story {
            match what {
                // What is confirmed leaves the stage.
                Happens::Command(Command::Yes) if matches!(flow.state.dialogs.last(), Some(Dialog::Act(_))) => {
                    flow.keys("<esc>");
                }
                Happens::Command(command) => {
                    flow.send(Message::Command(command));
                }
                Happens::Point(day, minute, press) => {
                    flow.send(Message::Point { day, minute, press });
                }
                Happens::Letter(letter) => {
                    flow.text(&letter.to_string());
                }
                Happens::Read(hour) => {
                    let logos = arn("logos_2", "v3");
                    let start = schedule("logos-start", &format!("cron(0 {hour} ? * * *)"), "start", &logos);
                    schedules(&mut flow, vec![start, schedule("logos-stop", "cron(0 17 ? * * *)", "stop", &logos)]);
                }
            }
            let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
            terminal.draw(|frame| ui::draw(&flow.state, &ui::Theme::of(flow.state.theme), frame)).unwrap();
            if let Some(editor) = flow.state.week() {
                prop_assert!(editor.day < 7 && editor.minute < 1_440 && editor.minute % 30 == 0);
                prop_assert!(editor.past.len() <= 200);
            }
        }
        let asked = flow.asked();
        prop_assert!(!asked.iter().any(Effect::writes), "{:?}", asked);
    }

    #[test]
    fn every_draft_can_be_taken_back_and_made_again(story in prop::collection::vec(happens(), 1..40)) {
        let mut flow = opened();
        for what in story {
            match what {
                Happens::Command(command) if command != Command::Close && command != Command::Accept => {
                    flow.send(Message::Command(command)).keys("<esc>");
                    if flow.state.week().is_none_or(|editor| editor.leaving) {
                        flow.keys("h");
                    }
                    if flow.state.week().is_none() {
                        flow = opened();
                    }
                }
                Happens::Point(day, minute, press) => {
                    flow.send(Message::Point { day, minute, press });
                }
                _ => {}
            }
        }
        flow.send(Message::Point { day: 0, minute: 0, press: Press::Down });
        let last = editor(&flow).draft.clone();
        let steps = editor(&flow).past.len();
        let original = editor(&flow).original.clone();
        (0..steps).for_each(|_| {
            flow.keys("u");
        });
        prop_assert_eq!(&editor(&flow).draft, &original);
        (0..steps).for_each(|_| {
            flow.keys("U");
        });
        prop_assert_eq!(&editor(&flow).draft, &last);
    }
}
