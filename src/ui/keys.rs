//! Which key means which command, in which context: the built-in file, with the user's own laid over it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crossterm::event::{Event, KeyEvent, KeyEventKind};
use serde::Deserialize;
use tui_input::backend::crossterm::to_input_request;

use super::chord::Chord;
use crate::app::{Command, Context, KeyNames, Message};

/// The keys that hold if nothing else is said.
const BUILT_IN: &str = include_str!("../../assets/keys.toml");

/// Why a file of keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysError(String);

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeysError {}

/// A file of keys: context → command → keys.
type File = BTreeMap<String, BTreeMap<String, Keys>>;

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Many(Vec<String>),
}

type Lines = BTreeMap<(Context, Command), Vec<Chord>>;

/// Which key means which command.
#[derive(Clone, Debug)]
pub struct Keymap {
    commands: HashMap<(Context, Chord), Command>,
    names: KeyNames,
}

impl Keymap {
    /// The built-in keys, with the user's own laid over them line by line.
    ///
    /// # Errors
    /// When the user's file is no TOML, names a context, command or key that does not exist, or gives one key to two
    /// commands in one context.
    pub fn load(user: Option<&str>) -> Result<Self, KeysError> {
        let mut lines = read(BUILT_IN)?;
        if let Some(user) = user {
            lines.extend(read(user)?);
        }
        Self::from_lines(&lines)
    }

    fn from_lines(lines: &Lines) -> Result<Self, KeysError> {
        let mut commands = HashMap::new();
        let mut names = KeyNames::default();
        for (&(context, command), chords) in lines {
            for &chord in chords {
                let other = commands.insert((context, chord), command);
                if let Some(other) = other.filter(|other| *other != command) {
                    return Err(KeysError(format!(
                        "[{}] gives the key {chord} both to '{}' and to '{}'. Give one of them another key.",
                        context.name(),
                        other.spec().name,
                        command.spec().name
                    )));
                }
            }
            names.note(context, command, chords.iter().map(ToString::to_string).collect());
        }
        Ok(Self { commands, names })
    }

    /// How the keys are printed.
    #[must_use]
    pub fn names(&self) -> &KeyNames {
        &self.names
    }

    /// What a key means while these contexts are open, the topmost first. `None`: nothing.
    #[must_use]
    pub fn message(&self, event: &KeyEvent, contexts: &[Context]) -> Option<Message> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let chord = Chord::from(event);
        let (top, below) = contexts.split_first()?;
        if let Some(command) = self.commands.get(&(*top, chord)) {
            return Some(Message::Command(*command));
        }
        let typing = top.is_typing();
        if !typing || chord.is_control() {
            let command = below.iter().find_map(|context| self.commands.get(&(*context, chord)));
            if let Some(command) = command {
                return Some(Message::Command(*command));
            }
        }
        if typing { to_input_request(&Event::Key(*event)).map(Message::Edit) } else { None }
    }
}

fn read(text: &str) -> Result<Lines, KeysError> {
    let file: File =
        toml::from_str(text).map_err(|error| KeysError(format!("it is not readable as TOML: {}", error.message())))?;
    let mut lines = Lines::new();
    for (name, commands) in file {
        let context = context_named(&name)?;
        for (name, keys) in commands {
            let command = command_named(context, &name)?;
            let keys = match keys {
                Keys::One(key) => vec![key],
                Keys::Many(keys) => keys,
            };
            let chords = keys.iter().map(|key| key.parse()).collect::<Result<Vec<Chord>, _>>();
            let chords = chords.map_err(|error| KeysError(format!("[{}] {name}: {error}.", context.name())))?;
            lines.insert((context, command), chords);
        }
    }
    Ok(lines)
}

fn context_named(name: &str) -> Result<Context, KeysError> {
    Context::ALL.into_iter().find(|context| context.name() == name).ok_or_else(|| {
        let known = Context::ALL.map(Context::name).join(", ");
        KeysError(format!("there is no context [{name}]. There are: {known}."))
    })
}

fn command_named(context: Context, name: &str) -> Result<Command, KeysError> {
    let usable = |command: &Command| command.spec().contexts.contains(&context);
    Command::named(name).filter(usable).ok_or_else(|| {
        let here = Command::all().filter(|spec| spec.contexts.contains(&context)).map(|spec| spec.name);
        let nearest = here.min_by_key(|known| distance(known, name)).unwrap_or_default();
        KeysError(format!("[{}] has no command '{name}'. Did you mean '{nearest}'?", context.name()))
    })
}

/// How many letters have to be changed, added or taken away to get from one word to the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, known) in row.iter_mut().skip(1).zip(&other) {
            let changed = diagonal + usize::from(letter != *known);
            diagonal = *cell;
            left = changed.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn press(keys: &Keymap, chord: &str, contexts: &[Context]) -> Option<Message> {
        let (modifiers, code) = match chord.strip_prefix("Ctrl-") {
            Some(letter) => (KeyModifiers::CONTROL, KeyCode::Char(letter.chars().next().unwrap())),
            None if chord == "Esc" => (KeyModifiers::NONE, KeyCode::Esc),
            None => (KeyModifiers::NONE, KeyCode::Char(chord.chars().next().unwrap())),
        };
        keys.message(&KeyEvent::new(code, modifiers), contexts)
    }

    #[test]
    fn every_command_can_be_reached_by_a_key_wherever_it_can_be_used() {
        let keys = Keymap::load(None).unwrap();
        for spec in Command::all() {
            for context in spec.contexts {
                assert!(!keys.names().of(*context, spec.command).is_empty(), "{} in {context:?}", spec.name);
            }
        }
    }

    #[test]
    fn the_topmost_context_that_knows_a_key_decides() {
        let keys = Keymap::load(None).unwrap();
        let command = |chord, contexts: &[Context]| press(&keys, chord, contexts);
        assert_eq!(command("q", &[Context::Rows, Context::Global]), Some(Message::Command(Command::Quit)));
        assert_eq!(command("q", &[Context::Details, Context::Global]), Some(Message::Command(Command::Close)));
        assert_eq!(command("%", &[Context::Rows, Context::Global]), None);
    }

    #[test]
    fn keys_that_mean_nothing_while_typing_are_text() {
        let keys = Keymap::load(None).unwrap();
        let typing = [Context::Filter, Context::Global];
        assert!(matches!(press(&keys, "q", &typing), Some(Message::Edit(_))));
        assert!(matches!(press(&keys, "?", &typing), Some(Message::Edit(_))));
        assert_eq!(press(&keys, "Esc", &typing), Some(Message::Command(Command::Close)));
        assert_eq!(press(&keys, "Ctrl-c", &typing), Some(Message::Command(Command::Quit)));
    }

    #[test]
    fn a_file_of_ones_own_replaces_line_by_line() {
        let keys = Keymap::load(Some("[global]\nquit = \"Q\"\nhelp = []\n")).unwrap();
        let open = [Context::Rows, Context::Global];
        assert_eq!(press(&keys, "Q", &open), Some(Message::Command(Command::Quit)));
        assert_eq!(press(&keys, "q", &open), None);
        assert_eq!(press(&keys, "?", &open), None);
        assert_eq!(press(&keys, "r", &open), Some(Message::Command(Command::Refresh)));
        assert_eq!(keys.names().shown(&open, Command::Quit), Some("Q"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_a_remedy() {
        for (file, said) in [
            ("[global]\nquitt = \"q\"", "Did you mean 'quit'?"),
            ("[rows]\nquit = \"q\"", "[rows] has no command 'quit'"),
            ("[row]\nup = \"k\"", "There are: rows, global"),
            ("[rows]\nup = \"Strg-k\"", "'Strg-k' is not a key"),
            ("[rows]\nup = \"j\"", "[rows] gives the key j both to 'up' and to 'down'"),
            ("[rows\nup = \"j\"", "TOML"),
            ("[rows]\nup = 7", "TOML"),
        ] {
            let error = Keymap::load(Some(file)).unwrap_err().to_string();
            assert!(error.contains(said), "{file}: {error}");
        }
    }
}
