//! Pictures of the savings: what was measured, what is not known, and what they are made of.

use rekotui::app::{Message, Theme};
use rekotui::domain::trouble::TroubleKind;

use super::office::office;
use super::pictures::picture;
use super::stage::{SMALL, Stage, USUAL, WIDE, trouble};

fn stage() -> Stage {
    Stage::quiet(&office()).measured()
}

#[test]
fn the_savings_of_the_month() {
    for size in [SMALL, USUAL, WIDE, (40, 8), (100, 20)] {
        picture!("savings", stage().keys("4"), size);
    }
    picture!("savings-one", stage().keys("4 j j t"), USUAL);
    picture!("savings-year", stage().keys("4 [ ["), USUAL);
    picture!("savings-weeks", stage().keys("4 b"), USUAL);
    picture!("savings-before-scheduling", stage().keys("4 B"), USUAL);
    picture!("savings-range", stage().keys("4 d <kill>").typing("2026-13").keys("<enter>"), SMALL);
}

#[test]
fn every_run_of_a_model() {
    for size in [SMALL, USUAL, WIDE] {
        picture!("savings-runs", stage().keys("4 j j <enter>"), size);
    }
}

#[test]
fn without_colours_and_without_signs() {
    let plain = |ascii: bool| {
        let mut stage = if ascii { Stage::ascii(&office()) } else { stage().with_theme(Theme::Mono) };
        if ascii {
            stage = stage.measured();
        }
        stage.keys("4 j t")
    };
    picture!("savings-ascii", plain(true), USUAL);
    picture!("savings-mono", plain(false), USUAL);
}

#[test]
fn models_and_header_say_what_was_saved() {
    picture!("savings-models", stage().keys("1"), USUAL);
    picture!("savings-models", stage().keys("1"), WIDE);
    let text = stage().text(WIDE);
    assert!(text.contains("saved in November ") && text.contains("7 DAYS") && text.contains("SAVED 30 d"), "{text}");
}

#[test]
fn why_nothing_is_known_is_said_with_its_remedy() {
    let asking = Stage::quiet(&office()).keys("4").text(USUAL);
    assert!(asking.contains("CloudWatch is being asked what models ran"), "{asking}");
    let denied = |stage: &mut Stage| {
        let trouble = trouble(TroubleKind::Denied("cloudwatch:GetMetricData".into()), "cloudwatch:GetMetricData");
        let (histories, work) = (stage.state.ledger.histories.clone(), stage.state.ledger.work.clone());
        stage.send(Message::Metered { histories, work, trouble: Some(trouble), said: vec![], live: true });
    };
    let mut nothing = Stage::quiet(&office()).keys("4");
    denied(&mut nothing);
    picture!("savings-denied", nothing, USUAL);
    let mut known = stage().keys("4");
    denied(&mut known);
    let text = known.text(USUAL);
    assert!(text.contains("cloudwatch:GetMetricData") && text.contains("logos_2 v3"), "what is known stays: {text}");
}

#[test]
fn money_is_called_an_assumption_at_any_width() {
    for size in [SMALL, USUAL, WIDE] {
        let text = stage().keys("4").text(size);
        assert!(text.contains("$4.00") && text.contains("an assumption"), "{text}");
    }
}
