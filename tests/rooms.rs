//! Who may know whom: the arrows of the house, as `src/lib.rs` draws them, held against the code's own paths.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a room may name beside itself and `clock`. A `::` narrows the arrow to one part of a room.
const ARROWS: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("aws", &["domain", "operation::permit"]),
    ("operation", &["domain", "aws", "store"]),
    ("store", &["domain"]),
    ("app", &["domain"]),
    ("ui", &["app", "domain"]),
    ("meter", &["domain", "aws", "store"]),
    ("run", &["app", "ui", "operation", "meter", "aws", "store", "domain"]),
    ("cli", &["domain", "operation", "meter", "aws", "store"]),
    ("lambda", &["domain", "operation", "aws", "store"]),
    ("sim", &["domain::cron"]),
    ("config", &["domain"]),
    ("clock", &[]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The files of a room: `src/<room>.rs` and everything below `src/<room>/` but its tests.
pub(super) fn room(name: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let single = src.join(format!("{name}.rs"));
    files.extend(single.exists().then_some(single));
    let folder = src.join(name);
    if folder.is_dir() {
        files.extend(sources(&folder).into_iter().filter(|file| !is_test(file.strip_prefix(&src).unwrap())));
    }
    files
}

/// Whether a file of a room is `tests.rs` or lies in `tests/`: tests may build what they like.
fn is_test(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

/// The lines of a file without comments and without what follows `#[cfg(test)]`: tests may build what they like.
pub(super) fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every `crate::a::b` in the code, braces opened one level: `crate::{a::b, c}` gives both.
fn names(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect::<String>()
    };
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => found.extend(Some(word(rest))),
            Some(list) => {
                let inner = list.split('}').next().unwrap_or_default();
                found.extend(inner.split(',').map(|part| word(part.trim())).filter(|part| !part.is_empty()));
            }
        }
    }
    found
}

fn allowed(name: &str, arrow: &str) -> bool {
    name == arrow || name.strip_prefix(arrow).is_some_and(|rest| rest.starts_with("::"))
}

#[test]
fn every_room_knows_only_whom_it_may_know() {
    let mut broken = Vec::new();
    for (name, arrows) in ARROWS {
        for file in room(name) {
            for used in names(&code(&file)) {
                let fine = [name, "clock"].iter().chain(arrows).any(|arrow| allowed(&used, arrow));
                if !fine {
                    broken.push(format!("{} names crate::{used}", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_folder_under_src_is_a_room() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let known = ["lib", "main", "bin"].contains(&name.as_str()) || ARROWS.iter().any(|(room, _)| *room == name);
        assert!(known, "{name} is in no arrow of this test");
    }
}

#[test]
fn only_the_aws_room_names_the_sdk() {
    for (name, _) in ARROWS.iter().filter(|(name, _)| *name != "aws") {
        for file in room(name) {
            let code = code(&file);
            assert!(!code.contains("aws_sdk_") && !code.contains("aws_config"), "{} names the SDK", file.display());
        }
    }
}

#[test]
fn the_pure_rooms_stay_pure() {
    for (name, foreign) in [
        ("domain", &["tokio", "ratatui", "crossterm", "Utc::now", "SystemTime", "Instant::now"][..]),
        ("app", &["tokio::", "ratatui", "crossterm::terminal", "Utc::now", "SystemTime", "Instant::now"][..]),
        ("ui", &["tokio::", "Utc::now", "SystemTime"][..]),
        ("aws", &["Utc::now", "ratatui"][..]),
        ("store", &["Utc::now", "ratatui", "tokio"][..]),
        ("cli", &["Utc::now", "ratatui"][..]),
        ("sim", &["Utc::now", "ratatui"][..]),
    ] {
        for file in room(name) {
            let code = code(&file);
            for word in foreign {
                assert!(!code.contains(word), "{} names {word}", file.display());
            }
        }
    }
}

#[test]
fn the_reader_of_paths_sees_what_it_should() {
    let seen = names("use crate::domain::cron::Expression; use crate::{app::State, ui}; crate::store::Store::open()");
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        ["app::State", "domain::cron::Expression", "store::Store::open", "ui"]
    );
}
