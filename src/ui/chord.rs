//! One key with its modifiers: how it is written in the file of keys, and how the terminal tells of it.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, in the one form that every terminal's way of telling it is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// The keys that have names, with their spelling.
const NAMED: [(KeyCode, &str); 15] = [
    (KeyCode::Enter, "Enter"),
    (KeyCode::Esc, "Esc"),
    (KeyCode::Tab, "Tab"),
    (KeyCode::Char(' '), "Space"),
    (KeyCode::Backspace, "Backspace"),
    (KeyCode::Delete, "Delete"),
    (KeyCode::Insert, "Insert"),
    (KeyCode::Up, "Up"),
    (KeyCode::Down, "Down"),
    (KeyCode::Left, "Left"),
    (KeyCode::Right, "Right"),
    (KeyCode::Home, "Home"),
    (KeyCode::End, "End"),
    (KeyCode::PageUp, "PageUp"),
    (KeyCode::PageDown, "PageDown"),
];

const MODIFIERS: [(KeyModifiers, &str); 3] =
    [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")];

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAKey(String);

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a key; keys look like q, G, Enter, PageUp, F5, Ctrl-d or Shift-Tab", self.0)
    }
}

impl std::error::Error for NotAKey {}

impl Chord {
    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let mut modifiers = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            // Terminals cannot tell Ctrl-D from Ctrl-d, and say Shift or not with a letter that is upper case anyway.
            KeyCode::Char(letter) if modifiers.contains(KeyModifiers::CONTROL) => {
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(letter.to_ascii_lowercase())
            }
            KeyCode::Char(letter) if letter != ' ' => {
                let shifted = modifiers.contains(KeyModifiers::SHIFT);
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(if shifted { letter.to_ascii_uppercase() } else { letter })
            }
            other => other,
        };
        Self { code, modifiers }
    }

    /// Whether it cannot be meant as text.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) || matches!(self.code, KeyCode::F(_))
    }
}

impl From<&KeyEvent> for Chord {
    fn from(event: &KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

impl FromStr for Chord {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((modifier, after)) = MODIFIERS
            .iter()
            .find_map(|(modifier, name)| Some((*modifier, strip(rest, name).filter(|after| !after.is_empty())?)))
        {
            modifiers |= modifier;
            rest = after;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(letter), None) if !letter.is_control() => Some(KeyCode::Char(letter)),
            _ => named(rest),
        };
        code.map(|code| Self::new(code, modifiers)).ok_or_else(|| NotAKey(text.to_owned()))
    }
}

fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    if head.eq_ignore_ascii_case(prefix) { text.get(prefix.len()..) } else { None }
}

fn named(name: &str) -> Option<KeyCode> {
    let known = NAMED.iter().find(|(_, spelling)| spelling.eq_ignore_ascii_case(name)).map(|(code, _)| *code);
    let number = || strip(name, "F")?.parse().ok().filter(|number| (1..=12).contains(number)).map(KeyCode::F);
    known.or_else(number)
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in MODIFIERS {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match (NAMED.iter().find(|(code, _)| *code == self.code), self.code) {
            (Some((_, name)), _) => f.write_str(name),
            (None, KeyCode::Char(letter)) => write!(f, "{letter}"),
            (None, KeyCode::F(number)) => write!(f, "F{number}"),
            (None, other) => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_printed_as_they_are_written() {
        for text in ["q", "?", "G", "-", "Ctrl-d", "Alt-x", "Shift-Tab", "Enter", "F12", "Space", "Ctrl-Alt-a", "ä"] {
            assert_eq!(text.parse::<Chord>().unwrap().to_string(), text);
        }
        assert_eq!("ctrl-D".parse::<Chord>().unwrap().to_string(), "Ctrl-d");
        assert_eq!("pageup".parse::<Chord>().unwrap().to_string(), "PageUp");
        assert_eq!("Ctrl--".parse::<Chord>().unwrap().to_string(), "Ctrl--");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "Ctrl-", "qq", "F13", "F0", "Enterr", "Strg-d"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
    }

    #[test]
    fn terminals_tell_the_same_key_in_different_ways() {
        let event = |code, modifiers| Chord::from(&KeyEvent::new(code, modifiers));
        let written = |text: &str| text.parse::<Chord>().unwrap();
        assert_eq!(event(KeyCode::Char('G'), KeyModifiers::SHIFT), written("G"));
        assert_eq!(event(KeyCode::Char('G'), KeyModifiers::NONE), written("G"));
        assert_eq!(event(KeyCode::Char('g'), KeyModifiers::SHIFT), written("G"));
        assert_eq!(event(KeyCode::Char('?'), KeyModifiers::SHIFT), written("?"));
        assert_eq!(event(KeyCode::BackTab, KeyModifiers::NONE), written("Shift-Tab"));
        assert_eq!(event(KeyCode::Char('D'), KeyModifiers::CONTROL | KeyModifiers::SHIFT), written("Ctrl-d"));
        assert_ne!(event(KeyCode::Char('g'), KeyModifiers::NONE), written("G"));
    }
}
