//! Every file in `good` is taken, every file in `bad` is refused with the words that its first line asks for.

use std::fs;
use std::path::{Path, PathBuf};

use rekotui::config::{Config, Settings, ThemeName, WeekStart};
use rekotui::domain::price::Price;
use rekotui::domain::savings::Baseline;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn flags() -> Settings {
    Settings { state_dir: Some("state".into()), ..Settings::default() }
}

#[test]
fn good_files_are_taken() {
    for file in files("good") {
        Config::load(flags(), Some(&file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

#[test]
fn bad_files_are_refused_in_words() {
    for file in files("bad") {
        let text = fs::read_to_string(&file).unwrap();
        let words = text.lines().next().unwrap().trim_start_matches("# says: ").to_owned();
        let error = Config::load(flags(), Some(&file)).unwrap_err().to_string();
        assert!(error.contains(&words), "{}: expected '{words}' in: {error}", file.display());
    }
}

#[test]
fn the_sample_says_what_the_defaults_are() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/config.toml");
    let uncommented: String = fs::read_to_string(sample)
        .unwrap()
        .lines()
        .map(|line| line.strip_prefix("#= ").unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, uncommented).unwrap();
    let from_sample = Config::load(flags(), Some(&file)).unwrap();
    let by_default = Config::merge(flags(), Settings::default(), None).unwrap();
    assert_eq!(from_sample.theme, by_default.theme);
    assert_eq!(from_sample.refresh, by_default.refresh);
    assert_eq!(from_sample.ascii, by_default.ascii);
}

#[test]
fn flags_win_over_the_file() {
    let file = Settings { theme: Some(ThemeName::Day), region: Some("eu-west-1".into()), ..Settings::default() };
    let flags = Settings { region: Some("us-east-1".into()), ..flags() };
    let config = Config::merge(flags, file, None).unwrap();
    assert_eq!(config.region.as_deref(), Some("us-east-1"));
}

#[test]
fn the_stack_and_the_holidays_are_wishes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs/good/stack.toml");
    let config = Config::load(flags(), Some(&file)).unwrap();
    assert_eq!(config.week_start, WeekStart::Sunday);
    assert_eq!(
        config.wishes.holidays.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2026-12-25", "2027-01-01"]
    );
    assert_eq!(config.wishes.stack.unwrap().group, "default");
}

#[test]
fn prices_and_the_baseline_are_wishes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs/good/savings.toml");
    let wishes = Config::load(flags(), Some(&file)).unwrap().wishes;
    let usd = |region| Price::of(Some(region), &wishes.prices).usd;
    assert_eq!((usd("eu-central-1"), usd("us-east-1")), (4.4, 3.6));
    assert_eq!(wishes.savings.baseline, Baseline::BeforeScheduling);
    assert_eq!(wishes.savings.since.map(|date| date.to_string()).as_deref(), Some("2026-01-01"));
}

#[test]
fn weeks_begin_as_the_locale_says() {
    let of = |variables: &[(&str, &str)]| {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        WeekStart::of_locale(move |name| variables.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()))
    };
    assert_eq!(of(&[("LANG", "de_DE.UTF-8")]), WeekStart::Monday);
    assert_eq!(of(&[("LANG", "en_US.UTF-8")]), WeekStart::Sunday);
    assert_eq!(of(&[("LANG", "en_US.UTF-8"), ("LC_TIME", "en_GB.UTF-8")]), WeekStart::Monday);
    assert_eq!(of(&[("LC_ALL", ""), ("LANG", "C")]), WeekStart::Monday);
    assert_eq!(of(&[]), WeekStart::Monday);
}
