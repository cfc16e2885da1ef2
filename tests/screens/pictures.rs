//! The pictures, as text. `cargo insta review` shows what changed.

use std::time::Duration;

use rekotui::app::Message;
use rekotui::domain::fleet::PartName;
use rekotui::domain::trouble::TroubleKind;

use super::office::{Account, odd, office};
use super::stage::{SMALL, Stage, USUAL, WIDE, trouble};

/// Holds a picture to the one that was agreed on.
macro_rules! picture {
    ($name:expr, $stage:expr, $size:expr) => {{
        let (width, height) = $size;
        insta::with_settings!({
            snapshot_path => "../snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("{}-{width}x{height}", $name), $stage.text($size));
        });
    }};
}

pub(super) use picture;

fn denied() -> Account {
    let permission = "scheduler:ListSchedules";
    office().with_trouble(PartName::Schedules, trouble(TroubleKind::Denied(permission.into()), permission))
}

#[test]
fn every_screen_of_a_live_account() {
    for (key, name) in [("1", "models"), ("2", "schedules"), ("3", "mappings"), ("6", "findings")] {
        for size in [SMALL, USUAL, WIDE] {
            // The second row of each table has more to tell than the first.
            picture!(name, Stage::live(&office()).keys(&format!("{key} j")), size);
        }
    }
}

#[test]
fn what_a_model_is_up_to() {
    for (steps, name) in [("", "starting"), ("j j j", "overrun"), ("j j j j", "failed"), ("j j j j j", "paused")] {
        picture!(format!("model-{name}"), Stage::live(&office()).keys(steps), USUAL);
    }
    picture!("model-unscheduled", Stage::live(&office()).keys("G"), USUAL);
}

#[test]
fn before_anything_is_known() {
    for size in [SMALL, USUAL] {
        picture!("connecting", Stage::connecting(), size);
    }
    for key in ["1", "2", "3", "6"] {
        picture!(format!("loading-{key}"), Stage::loading().keys(key), USUAL);
    }
}

#[test]
fn an_account_in_which_there_is_nothing() {
    for key in ["1", "2", "3", "6"] {
        picture!(format!("empty-{key}"), Stage::live(&Account::default()).keys(key), USUAL);
    }
}

#[test]
fn what_an_earlier_run_saw() {
    picture!("stored", Stage::stored(&office()), USUAL);
    for size in [SMALL, USUAL] {
        picture!("stored-expired", Stage::stored_and_expired(&office()), size);
    }
}

#[test]
fn a_service_that_may_not_be_asked() {
    for (key, name) in [("1", "models"), ("2", "schedules"), ("6", "findings")] {
        picture!(format!("denied-{name}"), Stage::live(&denied()).keys(key), USUAL);
    }
    let permission = "rekognition:DescribeProjects";
    let refused = trouble(TroubleKind::Denied(permission.into()), permission);
    let dark = office().with_trouble(PartName::Models, refused);
    picture!("denied-all-models", Stage::live(&dark), USUAL);
}

#[test]
fn an_account_that_does_not_answer() {
    for size in [SMALL, USUAL] {
        picture!("unreachable", Stage::unreachable(&office()), size);
    }
}

#[test]
fn no_way_into_the_account() {
    for size in [SMALL, USUAL] {
        picture!("no-credentials", Stage::refused(TroubleKind::NoCredentials), size);
    }
    picture!("no-region", Stage::refused(TroubleKind::NoRegion), USUAL);
}

#[test]
fn a_filter() {
    picture!("filter-typing", Stage::live(&office()).keys("/ s h e l"), USUAL);
    picture!("filter-typing", Stage::live(&office()).keys("/ s h e l"), SMALL);
    picture!("filter-held", Stage::live(&office()).keys("/ s h e l <enter>"), USUAL);
    picture!("filter-nothing", Stage::live(&office()).keys("/ z z z <enter>"), USUAL);
}

#[test]
fn what_lies_over_a_screen() {
    for size in [SMALL, USUAL, WIDE] {
        picture!("help", Stage::live(&office()).keys("?"), size);
    }
    picture!("palette", Stage::live(&office()).keys(": s o"), USUAL);
    for (key, name) in [("1", "model"), ("2", "schedule"), ("3", "mapping"), ("6", "finding")] {
        picture!(format!("details-{name}"), Stage::live(&office()).keys(&format!("{key} j <enter>")), USUAL);
    }
    picture!("details-model", Stage::live(&office()).keys("j <enter>"), SMALL);
    picture!("related", Stage::live(&office()).keys("j l"), USUAL);
    picture!("notice", Stage::live(&office()).keys("y"), USUAL);
}

#[test]
fn names_that_are_wide_or_long() {
    for size in [SMALL, USUAL, WIDE] {
        picture!("odd-models", Stage::live(&odd()), size);
    }
    picture!("odd-schedules", Stage::live(&odd()).keys("2"), USUAL);
}

#[test]
fn other_ways_to_draw() {
    picture!("demo", Stage::demo(&office()), USUAL);
    picture!("ascii", Stage::ascii(&office()).keys("j"), USUAL);
    picture!("sorted", Stage::live(&office()).keys("> > > o o <"), USUAL);
    for size in [(59, 14), (50, 12), (40, 8), (39, 8), (12, 3)] {
        picture!("little-room", Stage::live(&office()), size);
    }
}

#[test]
fn what_is_not_allowed_is_named_whole_where_there_is_little_room() {
    for key in ["1", "2", "6"] {
        let shown = Stage::live(&denied()).keys(key).text(SMALL);
        assert!(shown.contains("scheduler:ListSchedules is missing"), "{shown}");
    }
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for_in_silence() {
    let mut stage = Stage::loading();
    assert!(!stage.text(SMALL).contains("No answer"));
    stage.later(Duration::from_secs(7));
    let shown = stage.text(SMALL);
    assert!(shown.contains("No answer for 7 s"), "{shown}");
    let mut stage = Stage::live(&office());
    stage.later(Duration::from_secs(7));
    assert!(!stage.text(SMALL).contains("No answer"));
}

#[test]
fn the_way_to_the_other_keys_is_always_shown() {
    for size in [(40, 8), (60, 15), SMALL, USUAL, WIDE] {
        for keys in ["1", "1 <enter>", "1 l"] {
            let shown = Stage::live(&office()).keys(keys).text(size);
            assert!(shown.contains("? help"), "{keys} {shown}");
        }
    }
}

#[test]
fn the_footer_shows_keys_that_mean_what_it_says() {
    let details = Stage::live(&office()).keys("<enter>").text(USUAL);
    assert!(details.contains("Ctrl-c quit") && !details.contains("q quit"), "q closes the details: {details}");
    let help = Stage::live(&office()).keys("?").text(USUAL);
    assert!(!help.contains("? help"), "it is open already: {help}");
    assert!(Stage::live(&office()).text(USUAL).contains("q quit"));
}

#[test]
fn a_dialog_leaves_the_account_in_view() {
    for keys in ["1 <enter>", "2 <enter>", "?", ":", "1 l"] {
        for size in [SMALL, USUAL, WIDE] {
            let shown = Stage::live(&office()).keys(keys).text(size);
            assert!(shown.lines().next().is_some_and(|line| line.contains("1234-5678-9012")), "{keys} {shown}");
        }
    }
}

#[test]
fn the_header_is_told_in_fewer_words_before_it_is_cut() {
    for width in 70..=200 {
        let shown = Stage::demo(&office()).text((width, 24));
        let header = shown.lines().next().unwrap_or_default();
        assert!(header.contains("eu-central-1") && header.contains("live "), "{width}: {header}");
    }
}

#[test]
fn the_friendly_line_is_whole_on_a_small_terminal() {
    let shown = Stage::live(&office()).text((30, 5));
    assert!(shown.contains("3 models on, 5 findings") && shown.contains("q leaves"), "{shown}");
}

#[test]
fn details_that_are_cut_say_how_much_is_missing() {
    let shown = Stage::live(&office()).keys("2").text(SMALL);
    assert!(shown.contains("more ▼"), "{shown}");
}

#[test]
fn a_time_far_off_is_told_by_its_date_where_there_is_little_room() {
    let mut account = office();
    for schedule in &mut account.schedules {
        schedule.expression = Some("at(2026-12-27T12:00:00)".into());
    }
    let shown = Stage::live(&account).keys("2").text(SMALL);
    assert!(shown.lines().any(|line| line.ends_with(" Sun 27 Dec    │")), "{shown}");
}

#[test]
fn a_long_notice_is_told_to_its_end_and_how_to_be_rid_of_it() {
    let mut stage = Stage::live(&office());
    let why = "The stored fleet was set aside as /home/operator/.local/state/rekotui/rekotui.set-aside-1.sqlite: it is damaged.";
    stage.send(Message::NotSaved(why.into()));
    let shown = stage.text(SMALL);
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("it is damaged. Esc dismisses this."), "{shown}");
}

#[test]
fn the_zone_of_times_that_were_not_read_is_not_made_up() {
    let mut account = office();
    account.schedules.truncate(1);
    account.rules.clear();
    for schedule in &mut account.schedules {
        (schedule.expression, schedule.zone) = (None, None);
    }
    let shown = Stage::live(&account).keys("2").text(USUAL);
    let unread: Vec<&str> =
        shown.lines().filter(|line| line.contains("not read") || line.contains("not been")).collect();
    assert!(unread.len() >= 2 && unread.iter().all(|line| !line.contains("UTC")), "{shown}");
}

#[test]
fn a_heading_keeps_its_letters_while_the_table_is_sorted_by_it() {
    for size in [SMALL, USUAL, WIDE] {
        let shown = Stage::live(&office()).keys("> > > o").text(size);
        let heading = shown.lines().nth(3).unwrap_or_default();
        assert!(heading.contains("▲BACKLOG"), "{heading}");
    }
}
