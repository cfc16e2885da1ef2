//! Colours that mean something: the same thing has the same colour wherever it stands, in each theme that has colours.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use rekotui::app;
use rekotui::domain::account::Identity;
use rekotui::domain::fleet::News;
use rekotui::domain::trouble::TroubleKind;
use rekotui::ui::Theme;
use unicode_width::UnicodeWidthStr;

use super::office::office;
use super::stage::{Stage, USUAL, lines, trouble};

const COLOURED: [app::Theme; 2] = [app::Theme::Night, app::Theme::Day];

/// The cells of the first place where the text stands in a line that contains `line`.
fn cells(buffer: &Buffer, line: &str, text: &str) -> Vec<ratatui::buffer::Cell> {
    let lines = lines(buffer);
    let (y, found) = lines
        .iter()
        .enumerate()
        .find(|(_, shown)| shown.contains(line) && shown.contains(text))
        .unwrap_or_else(|| panic!("'{text}' does not stand beside '{line}' in\n{}", lines.join("\n")));
    let x = found.split(text).next().unwrap().width();
    (x..x + text.width()).map(|x| buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].clone()).collect()
}

fn has_colour(buffer: &Buffer, line: &str, text: &str, colour: Option<Color>) {
    for cell in cells(buffer, line, text).iter().filter(|cell| cell.symbol() != " ") {
        assert_eq!(Some(cell.fg), colour, "{:?} of '{text}' beside '{line}'", cell.symbol());
    }
}

fn row(buffer: &Buffer, name: &str) -> Vec<ratatui::buffer::Cell> {
    let y = lines(buffer).iter().position(|line| line.contains(name)).unwrap();
    (0..buffer.area.width).map(|x| buffer[(x, u16::try_from(y).unwrap())].clone()).collect()
}

fn count(cells: &[ratatui::buffer::Cell], colour: Color) -> usize {
    cells.iter().filter(|cell| cell.fg == colour && cell.symbol() == "▀" || cell.bg == colour).count()
}

#[test]
fn the_day_shows_what_was_planned_what_ran_and_what_ran_over() {
    for theme in COLOURED {
        let strip = Theme::of(theme).strip.colours.unwrap();
        let buffer = Stage::live(&office()).with_theme(theme).buffer(USUAL);
        let (logos, plants, welds) = (row(&buffer, "logos_2 v3"), row(&buffer, "plants v2"), row(&buffer, "welds v4"));
        assert!(count(&logos, strip.ran) >= 5, "it ran since half past eight");
        assert!(count(&logos, strip.planned) >= 8, "it is planned until five");
        assert_eq!(count(&logos, strip.overran), 0, "it ran within its window");
        assert!(count(&plants, strip.overran) >= 7, "it ran since midnight, and nothing had started it");
        assert_eq!(count(&welds, strip.ran) + count(&welds, strip.overran) + count(&welds, strip.planned), 0);
    }
}

#[test]
fn a_status_has_the_colour_of_its_meaning() {
    for theme in COLOURED {
        let look = Theme::of(theme);
        let buffer = Stage::live(&office()).with_theme(theme).buffer(USUAL);
        has_colour(&buffer, "bottles v1", "starting", look.look.fg);
        has_colour(&buffer, "shelf v11", "failed", look.wrong.fg);
        has_colour(&buffer, "shelf v12", "paused", look.paused.fg);
        has_colour(&buffer, "plants v2", "no stop planned", look.wrong.fg.or(look.look.fg));
    }
}

#[test]
fn a_production_account_stands_out_and_the_demo_does_not() {
    for theme in COLOURED {
        let look = Theme::of(theme);
        let buffer = Stage::live(&office()).with_theme(theme).buffer(USUAL);
        has_colour(&buffer, "rekotui", "prod", look.wrong.fg);
        let first = |buffer: &Buffer| row(buffer, "rekotui").iter().any(|cell| Some(cell.fg) == look.wrong.fg);
        assert!(!first(&Stage::demo(&office()).with_theme(theme).buffer(USUAL)));
    }
}

#[test]
fn what_is_old_says_so_in_its_own_colour() {
    for theme in COLOURED {
        let look = Theme::of(theme);
        let buffer = Stage::stored(&office()).with_theme(theme).buffer(USUAL);
        has_colour(&buffer, "rekotui", "09:09", look.look.fg);
        let buffer = Stage::stored_and_expired(&office()).with_theme(theme).buffer(USUAL);
        has_colour(&buffer, "The login", "expired", look.wrong.fg);
    }
}

#[test]
fn the_box_in_focus_alone_has_the_accent() {
    for theme in COLOURED {
        let look = Theme::of(theme);
        let focus = |buffer: &Buffer| {
            let accented = |cell: &&ratatui::buffer::Cell| cell.symbol() == "╭" && Some(cell.fg) == look.focus.fg;
            buffer.content().iter().filter(accented).count()
        };
        assert_eq!(focus(&Stage::live(&office()).with_theme(theme).buffer(USUAL)), 1);
        assert_eq!(focus(&Stage::live(&office()).keys("?").with_theme(theme).buffer(USUAL)), 1);
    }
}

#[test]
fn without_colours_the_selection_is_reversed_and_overruns_have_their_own_character() {
    let buffer = Stage::live(&office()).keys("j").with_theme(app::Theme::Mono).buffer(USUAL);
    let name = cells(&buffer, "logos_2 v3", "logos_2");
    assert!(name.iter().all(|cell| cell.modifier.contains(Modifier::REVERSED)));
    let plants: String = row(&buffer, "plants v2").iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(plants.contains("!!!!"), "{plants}");
}

#[test]
fn nothing_to_worry_about_is_said_and_not_left_out() {
    let mut account = office();
    account.models.retain(|model| model.arn.project() == "logos_2");
    account.schedules.retain(|schedule| schedule.name.starts_with("logos"));
    account.mappings.retain(|mapping| mapping.source_name() == "logos-queue");
    account.rules.clear();
    let shown = Stage::live(&account).keys("6").text(USUAL);
    assert!(shown.contains("Nothing to worry about"), "{shown}");
    let unread = Stage::loading().keys("6").text(USUAL);
    assert!(!unread.contains("Nothing to worry about"), "what was not read gives no peace");
}

#[test]
fn the_tab_of_the_findings_counts_what_its_table_shows() {
    let mut stage = Stage::live(&office()).keys("6");
    let text = stage.text(USUAL);
    let shown = stage.state.findings.rows().len();
    let lightest = stage.state.picture.findings.last().map(|finding| finding.severity);
    assert_eq!(lightest, Some(rekotui::domain::finding::Severity::Info), "some are only worth knowing");
    assert!(text.contains(&format!("6 Findings  {shown} ")), "{shown}: {text}");
}

#[test]
fn while_models_still_come_in_their_number_is_not_the_last_word() {
    let mut stage = Stage::loading();
    stage.send(app::Message::News(News::Models(office().models)));
    let text = stage.text(USUAL);
    assert!(text.contains("on of 7 models so far"), "{text}");
    let text = Stage::live(&office()).text(USUAL);
    assert!(text.contains("of 7 models on") && !text.contains("so far"), "{text}");
}

#[test]
fn a_missing_permission_to_know_the_account_is_among_the_others() {
    let denied = |permission: &str| trouble(TroubleKind::Denied(permission.into()), permission);
    let mut stage = Stage::live(&office());
    stage.send(app::Message::News(News::Identity(Err(denied("sts:GetCallerIdentity")))));
    let mut stage = stage.keys("6");
    assert!(stage.text(USUAL).contains("the permission sts:GetCallerIdentity is missing"), "{}", stage.text(USUAL));
    let identity =
        Identity { account: super::office::ACCOUNT.into(), arn: "arn:aws:iam::123456789012:user/anna".into() };
    stage.send(app::Message::News(News::Identity(Ok(identity))));
    assert!(!stage.text(USUAL).contains("sts:GetCallerIdentity"), "it was given");
}

#[test]
fn that_nothing_answers_is_told_where_there_is_little_room() {
    for (width, height) in [(80, 24), (72, 24)] {
        let text = Stage::stored_and_expired(&office()).text((width, height));
        let first = text.lines().next().unwrap();
        assert!(first.contains("not connected") || first.contains("offline"), "{width}: {first}");
        assert!(first.contains("as of"), "{width}: {first}");
    }
}

#[test]
fn no_title_in_the_help_is_cut_at_eighty_columns() {
    let help = Stage::live(&office()).keys("?").text((80, 200));
    let mut keys = help.lines().skip(3).take_while(|line| !line.starts_with('╰'));
    assert_eq!(keys.find(|line| line.contains('…')), None);
}
