//! What must hold at every size and for every account.

use rekotui::app::Theme;
use unicode_width::UnicodeWidthStr;

use super::office::{Account, odd, office};
use super::stage::{SMALL, Stage, USUAL, WIDE, lines};

/// Ways to stand before a screen: keys to press at the start.
const WAYS: [&str; 21] = [
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "4 [",
    "4 [ [",
    "4 b t G",
    "4 d",
    "1 s",
    "1 <enter>",
    "2 <enter>",
    "3 <enter>",
    "4 <enter>",
    "?",
    ": s",
    "/ a",
    "1 j l",
    "y",
    "1 G",
];

#[test]
fn it_draws_at_any_size() {
    let stages: [fn() -> Stage; 5] = [
        || Stage::live(&office()).measured(),
        || Stage::live(&office()),
        || Stage::live(&odd()),
        Stage::loading,
        || Stage::stored_and_expired(&office()),
    ];
    let mut count = 0;
    for make in stages {
        for way in WAYS {
            let mut stage = make().keys(way);
            // Every size once over all ways and stages, and the borders between layouts in each of them.
            count += 1;
            for width in 1..=60 {
                for height in (1..=20).filter(|height| (width * 20 + height) % 56 == count % 56) {
                    stage.buffer((width, height));
                }
            }
            for size in
                [(39, 8), (40, 7), (40, 8), (59, 15), (60, 14), (60, 15), (80, 20), (110, 27), (1, 60), (200, 1)]
            {
                stage.buffer(size);
            }
        }
    }
}

/// The corners of a box in a line: what opens one and what closes one have to stand in the same columns in every line.
fn columns_of(line: &str, marks: &[char]) -> Vec<usize> {
    let mut x = 0;
    let mut found = Vec::new();
    for letter in line.chars() {
        if marks.contains(&letter) {
            found.push(x);
        }
        x += letter.to_string().width();
    }
    found
}

#[test]
fn no_name_moves_what_stands_beside_it() {
    for size in [SMALL, USUAL, WIDE] {
        for key in ["1", "2", "3"] {
            let mut stage = Stage::live(&odd()).keys(key);
            let lines = lines(&stage.buffer(size));
            let top = lines.iter().position(|line| line.starts_with('╭')).unwrap();
            let bottom = lines.iter().position(|line| line.starts_with('╰')).unwrap();
            assert!(bottom > top + 3);
            for line in &lines[top..=bottom] {
                assert_eq!(line.width(), usize::from(size.0), "{line}");
                let edges = columns_of(line, &['│', '┃', '╭', '╮', '╰', '╯', '▌', '▐', '█']);
                assert_eq!(edges.first(), Some(&0), "{line}");
                assert_eq!(edges.last(), Some(&(usize::from(size.0) - 1)), "{line}");
            }
        }
    }
}

#[test]
fn nothing_in_an_account_steers_the_terminal() {
    for way in WAYS {
        let mut stage = Stage::live(&odd()).keys("j j").keys(way);
        for cell in stage.buffer(WIDE).content() {
            let steers = |letter: char| letter.is_control() || ('\u{202a}'..='\u{202e}').contains(&letter);
            assert!(!cell.symbol().contains(steers), "{way}: {:?}", cell.symbol());
        }
    }
    let shown = Stage::live(&odd()).keys("j j").text(WIDE);
    assert!(shown.contains('\u{fffd}'), "what was taken out has left a mark");
    assert!(!shown.contains("title\u{7}"));
}

#[test]
fn without_colours_there_is_not_one_and_the_same_can_be_read() {
    use ratatui::style::Color;
    let accounts: [fn() -> Account; 3] = [office, odd, Account::default];
    for account in accounts {
        for way in WAYS {
            for size in [SMALL, WIDE] {
                let mut stage = Stage::live(&account()).keys(way).with_theme(Theme::Mono);
                for cell in stage.buffer(size).content() {
                    assert_eq!((cell.fg, cell.bg, cell.underline_color), (Color::Reset, Color::Reset, Color::Reset));
                }
            }
        }
    }
}

#[test]
fn ascii_means_ascii() {
    for way in WAYS {
        for size in [SMALL, USUAL, WIDE] {
            let shown = Stage::ascii(&office()).keys(way).text(size);
            let foreign: String = shown.chars().filter(|letter| !letter.is_ascii()).collect();
            assert_eq!(foreign, "", "{way}:\n{shown}");
        }
    }
}

#[test]
fn a_frame_costs_the_same_however_many_rows_there_are() {
    // Only rows in sight are built: a thousand models more change no cell of the first rows.
    let mut account = office();
    let few = Stage::live(&account).text(USUAL);
    account.models.extend(
        (0..1_000)
            .map(|number| super::office::model("zz", &format!("v{number}"), rekotui::domain::model::Status::Stopped)),
    );
    let many = Stage::live(&account).text(USUAL);
    let row = |text: &str, name: &str| text.lines().find(|line| line.contains(name)).map(str::to_owned).unwrap();
    let beside = |line: String| line.chars().take(100).collect::<String>();
    assert_eq!(beside(row(&few, "plants v2")), beside(row(&many, "plants v2")));
}
