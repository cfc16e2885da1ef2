//! Where expressions are typed, zones chosen, days skipped, and rules moved to schedules.

use rekotui::app::Theme;

use super::office::{Account, odd, office};
use super::pictures::picture;
use super::stage::{SMALL, Stage, USUAL};

/// The expression of the stop of logos_2 v3.
fn expression(stage: Stage) -> Stage {
    stage.keys("2 / l o g o s - s t o p <enter> e")
}

/// The week of logos_2 v3, with Christmas in the configuration.
fn week(mut stage: Stage) -> Stage {
    let holidays = ["2026-12-25", "2026-12-26", "2027-01-01"];
    stage.state.wishes.holidays = holidays.map(|date| date.parse().unwrap()).into();
    stage.keys("j w")
}

#[test]
fn typing_an_expression() {
    for size in [SMALL, USUAL] {
        picture!("expression", expression(Stage::quiet(&office())), size);
        let wrong = expression(Stage::quiet(&office())).keys("<c-u>").typing("cron(0 17 * * MON-FRI *)");
        picture!("expression-wrong", { wrong }, size);
    }
    let night = expression(Stage::quiet(&office())).keys("<c-u>").typing("cron(30 22-2 ? * FRI-SUN *)");
    picture!("expression-cautions", { night }, SMALL);
    picture!("expression-rule", Stage::quiet(&office()).keys("2 G e"), SMALL);
    picture!("expression-which", Stage::quiet(&office()).keys("j e"), SMALL);
    picture!("expression-ascii", expression(Stage::ascii(&office())).typing("x"), SMALL);
    let act = expression(Stage::quiet(&office())).keys("<c-u>").typing("cron(30 17 ? * MON-FRI *)").keys("<enter>");
    picture!("expression-act", { act }, SMALL);
}

#[test]
fn choosing_a_zone() {
    for size in [SMALL, USUAL] {
        picture!("zones", expression(Stage::quiet(&office())).keys("<c-t>"), size);
        picture!("zones-week", week(Stage::quiet(&office())).keys("z").typing("york"), size);
    }
    picture!("zones-none", expression(Stage::quiet(&office())).keys("<c-t>").typing("+5:31"), SMALL);
    picture!("zones-ascii", week(Stage::ascii(&office())).keys("z").typing("kolkata"), SMALL);
}

#[test]
fn skipping_days() {
    let keys = "x <right> <right> <right> <space> h <down>";
    for size in [SMALL, USUAL] {
        picture!("calendar", week(Stage::quiet(&office())).keys(keys), size);
    }
    picture!("calendar-holidays", week(Stage::quiet(&office())).keys("x <page-down> <down>"), SMALL);
    picture!("calendar-ascii", week(Stage::ascii(&office())).keys(keys), SMALL);
}

#[test]
fn moving_a_rule() {
    for size in [SMALL, USUAL] {
        picture!("act-move", Stage::quiet(&office()).keys("2 G m"), size);
    }
    let mut rules = office();
    let moved = rules.schedules.iter().filter(|schedule| schedule.name.starts_with("logos")).map(|schedule| {
        let arn = format!("arn:aws:events:eu-central-1:123456789012:rule/{}", schedule.name);
        let mut rule = schedule.clone();
        (rule.arn, rule.kind, rule.zone) = (arn, rekotui::domain::schedule::Kind::Rule, None);
        rule
    });
    rules.rules.extend(moved.collect::<Vec<_>>());
    rules.schedules.retain(|schedule| !schedule.name.starts_with("logos"));
    picture!("act-move-several", Stage::quiet(&rules).keys("j m"), USUAL);
}

#[test]
fn they_draw_at_any_size_in_any_look() {
    let makes: [fn() -> Stage; 3] = [|| Stage::quiet(&office()), || Stage::live(&odd()), || Stage::ascii(&office())];
    for make in makes {
        for way in ["2 e", "2 e <c-t>", "j e", "j w x h", "j w z", "2 G m", "2 e <c-u> x"] {
            for theme in [Theme::Day, Theme::Mono] {
                let mut stage = make().keys(way).with_theme(theme);
                for size in [(1, 1), (39, 8), (40, 8), (59, 14), (60, 15), (66, 18), (80, 24), (120, 36), (200, 60)] {
                    stage.buffer(size);
                }
            }
        }
    }
}

#[test]
fn an_odd_expression_is_pointed_at_where_it_stands() {
    let account: Account = office();
    for (typed, wrong) in [("cron(日本 17 ? * MON *)", "^^^^"), ("cron(0 17 ? * MÖN *)", "^^^")] {
        let mut stage = expression(Stage::quiet(&account)).keys("<c-u>").typing(typed);
        let text = stage.text(USUAL);
        let line = text.lines().find(|line| line.contains('^')).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains(wrong) && !line.contains(&format!("{wrong}^")), "{line}");
    }
}
