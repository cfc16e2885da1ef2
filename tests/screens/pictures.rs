//! The pictures, as text. `cargo insta review` shows what changed.

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

fn denied() -> Account {
    let permission = "scheduler:ListSchedules";
    office().with_trouble(PartName::Schedules, trouble(TroubleKind::Denied(permission.into()), permission))
}

#[test]
fn every_screen_of_a_live_account() {
    for (key, name) in [("1", "models"), ("2", "schedules"), ("3", "mappings"), ("4", "findings")] {
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
    for key in ["1", "2", "3", "4"] {
        picture!(format!("loading-{key}"), Stage::loading().keys(key), USUAL);
    }
}

#[test]
fn an_account_in_which_there_is_nothing() {
    for key in ["1", "2", "3", "4"] {
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
    for (key, name) in [("1", "models"), ("2", "schedules"), ("4", "findings")] {
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
    for (key, name) in [("1", "model"), ("2", "schedule"), ("3", "mapping"), ("4", "finding")] {
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
