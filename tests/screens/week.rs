//! The week editor.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use rekotui::app::week::Press;
use rekotui::app::{Message, Theme};
use rekotui::ui::pointed;

use super::office::{Account, doing, odd, office, schedule};
use super::pictures::picture;
use super::stage::{SMALL, Stage, USUAL, WIDE, lines};

/// A shorter Friday, a longer Monday, and no Tuesday.
const EDITED: &str = "j w L L j d j j j H H H H H H H H";
/// A window that happens once, typed.
const ONCE: &str = "o <kill> 2 0 2 6 - 1 1 - 2 8 <space> 1 0 : 0 0 - 1 4 : 0 0 <enter>";

#[test]
fn a_week_that_is_edited() {
    for size in [SMALL, USUAL, WIDE] {
        picture!("week", Stage::live(&office()).keys("j w"), size);
        picture!("week-edited", Stage::live(&office()).keys(EDITED), size);
    }
    for size in [SMALL, USUAL] {
        picture!("week-once", Stage::live(&office()).keys("j w").keys(ONCE), size);
        picture!("week-typing", Stage::live(&office()).keys("j w t x <enter>"), size);
        picture!("week-leaving", Stage::live(&office()).keys("j w L <esc>"), size);
    }
    picture!("week-presets", Stage::live(&office()).keys("j w P j"), USUAL);
    picture!("week-always", Stage::live(&office()).keys("j w P j j j <enter>"), USUAL);
    picture!("week-review", Stage::quiet(&office()).keys(EDITED).keys("<enter>"), USUAL);
    for size in [(40, 8), (44, 14), (60, 18), (104, 25)] {
        picture!("week-little-room", Stage::live(&office()).keys(EDITED), size);
    }
    for size in [SMALL, USUAL] {
        picture!("week-ascii", Stage::ascii(&office()).keys(EDITED), size);
    }
}

#[test]
fn a_model_without_schedules() {
    let mut bare = office();
    bare.schedules.clear();
    for size in [SMALL, USUAL] {
        picture!("unscheduled", Stage::live(&bare).keys("j w"), size);
    }
    // However little room there is, it stands over the footer that tells the keys.
    let shown = Stage::live(&bare).keys("j w").text((60, 15));
    assert!(shown.contains("copy the command") && shown.contains("Nothing in this account"), "{shown}");
}

/// The ways into every state of the editor.
const WAYS: [&str; 9] = [
    "j w",
    "j w L L d",
    "j w t",
    "j w a x <enter>",
    "j w P",
    "j w L <esc>",
    "j w L <enter>",
    "j w P j j j <enter> ?",
    "G w G j j j j j j <space>",
];

#[test]
fn it_draws_at_any_size() {
    let makes: [fn() -> Stage; 3] =
        [|| Stage::quiet(&office()), || Stage::live(&odd()), || Stage::live(&Account::default())];
    let mut count = 0;
    for make in makes {
        for way in WAYS {
            for theme in [Theme::Night, Theme::Mono] {
                let mut stage = make().keys(way).with_theme(theme);
                count += 1;
                for width in 1..=64 {
                    for height in (1..=26).filter(|height| (width * 26 + height) % 54 == count % 54) {
                        stage.buffer((width, height));
                    }
                }
                for size in [
                    (39, 8),
                    (40, 8),
                    (103, 25),
                    (104, 24),
                    (104, 25),
                    (104, 26),
                    (177, 40),
                    (178, 40),
                    (250, 70),
                    (200, 9),
                ] {
                    stage.buffer(size);
                }
            }
        }
    }
}

#[test]
fn ascii_means_ascii_and_no_colours_mean_none() {
    use ratatui::style::Color;
    for way in WAYS {
        for size in [SMALL, USUAL, WIDE] {
            let mut stage = Stage::ascii(&office()).keys(way);
            let shown = stage.text(size);
            let foreign: String = shown.chars().filter(|letter| !letter.is_ascii()).collect();
            assert_eq!(foreign, "", "{way}:\n{shown}");
            for cell in stage.buffer(size).content() {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
            }
        }
    }
}

#[test]
fn the_question_and_the_reason_are_seen_at_every_size() {
    for size in [(40, 8), (60, 15), SMALL, USUAL, WIDE] {
        let shown = Stage::live(&office()).keys("j w L <esc>").text(size);
        assert!(shown.contains("not saved"), "{size:?}\n{shown}");
        let shown = Stage::live(&office()).keys("j w <enter>").text(size);
        assert!(shown.contains("Nothing is changed"), "{size:?}\n{shown}");
    }
}

fn mouse(kind: MouseEventKind, column: u16, row: u16) -> MouseEvent {
    MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }
}

/// Where a text stands on screen: its first cell.
fn place(stage: &mut Stage, size: (u16, u16), wanted: &str, line: &str) -> (u16, u16) {
    let lines = lines(&stage.buffer(size));
    let row = lines.iter().position(|shown| shown.contains(line)).unwrap();
    let before = lines[row].split(wanted).next().unwrap();
    (u16::try_from(before.chars().count()).unwrap(), u16::try_from(row).unwrap())
}

#[test]
fn the_mouse_finds_the_half_hour_that_is_drawn() {
    for (size, per_hour) in [((61, 15), 1), (SMALL, 2), (USUAL, 2), (WIDE, 4)] {
        let mut stage = Stage::live(&office()).keys("j w k");
        // The lead time is the half hour before nine.
        for (name, day) in [("Tue", 1), ("Fri", 4)] {
            let (column, row) = place(&mut stage, size, "▓", &format!("{name}  ╌"));
            let down = mouse(MouseEventKind::Down(MouseButton::Left), column, row);
            let wanted = if per_hour == 1 { 8 * 60 } else { 8 * 60 + 30 };
            let point = Message::Point { day, minute: wanted, press: Press::Down };
            assert_eq!(pointed(&stage.state, &down), Some(point), "{size:?}");
            let drag = mouse(MouseEventKind::Drag(MouseButton::Left), column + per_hour, row);
            let point = Message::Point { day, minute: wanted + 60, press: Press::Drag };
            assert_eq!(pointed(&stage.state, &drag), Some(point), "{size:?}");
        }
        assert_eq!(pointed(&stage.state, &mouse(MouseEventKind::Down(MouseButton::Left), 0, 0)), None);
        assert_eq!(pointed(&stage.state, &mouse(MouseEventKind::ScrollDown, 30, 6)), None, "the wheel does nothing");
    }
    let stage = Stage::live(&office());
    assert_eq!(pointed(&stage.state, &mouse(MouseEventKind::Down(MouseButton::Left), 30, 6)), None);
}

#[test]
fn a_day_that_is_drawn_is_the_day_that_is_painted() {
    let mut stage = Stage::live(&office()).keys("j w");
    let (column, row) = place(&mut stage, USUAL, "╌", "Sat ");
    for (to, drawn) in [((column + 27, row), "Sat 10:00–14:00"), ((0, 35), "Sat and Sun 00:00–10:30")] {
        for (kind, (column, row)) in [
            (MouseEventKind::Down(MouseButton::Left), (column + 20, row)),
            (MouseEventKind::Drag(MouseButton::Left), to),
            (MouseEventKind::Up(MouseButton::Left), to),
        ] {
            let message = pointed(&stage.state, &mouse(kind, column, row)).unwrap();
            stage.send(message);
        }
        let week = stage.state.week().unwrap().draft.pattern.sentence();
        assert!(week.ends_with(drawn), "{week}");
        stage = stage.keys("u");
    }
    let outside = mouse(MouseEventKind::Down(MouseButton::Left), 100, row);
    assert_eq!(pointed(&stage.state, &outside), None, "beside the grid nothing begins");
}

#[test]
fn skipped_days_are_told_in_their_rows() {
    let logos = super::office::arn("logos_2", "v3");
    let mut account = office();
    let start = account.schedules.iter_mut().find(|schedule| schedule.name == "logos-start").unwrap();
    // It waits until the Tuesday after the next; a bridge fires until the Friday before.
    start.start = Some("2026-11-30T23:00:00Z".parse().unwrap());
    let expression = start.expression.clone().unwrap();
    let bridge = schedule("rekotui-until-logos-start-20261130", &expression, doing("start", &logos, &[]));
    let end = Some("2026-11-29T22:29:59Z".parse().unwrap());
    account.schedules.push(rekotui::domain::schedule::Schedule { end, ..bridge });
    for size in [SMALL, USUAL, WIDE] {
        let shown = Stage::live(&account).keys("j w").text(size);
        assert!(shown.contains("skipped Mon 30 Nov"), "{size:?}\n{shown}");
    }
}

#[test]
fn what_comes_at_another_time_than_before_catches_the_eye() {
    let mut stage = Stage::live(&office()).keys(EDITED);
    let theme = rekotui::ui::Theme::of(Theme::Night);
    for (told, style) in [("Mon 23 18:00", theme.good), ("Wed 25 17:00", theme.ground), ("Fri 27 13:00", theme.good)] {
        let (column, row) = place(&mut stage, USUAL, told, told);
        assert_eq!(stage.buffer(USUAL)[(column, row)].fg, style.fg.unwrap(), "{told}");
    }
}

#[test]
fn the_week_beside_a_model_tells_its_exceptions() {
    let mut account = office();
    for schedule in &mut account.schedules {
        if schedule.name == "logos-start" {
            // Its Monday is skipped.
            schedule.start = Some("2026-11-23T22:30:00Z".parse().unwrap());
        }
    }
    let shown = Stage::live(&account).keys("j").text(USUAL);
    assert!(shown.contains("skipped Mon 23 Nov"), "{shown}");
}
