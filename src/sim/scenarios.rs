//! The scenarios that the program carries with it, and those of the user.

use std::fs;
use std::io;

use super::scenario::{Scenario, ScenarioError};

/// Their names; the first is the demo's.
pub const NAMES: [&str; 4] = ["office", "large", "first", "empty"];

/// The scenario of a name, or in the file of a path.
///
/// # Errors
/// If there is none of that name, the sentence tells which there are; if the file cannot be read or is no scenario, why.
pub fn named(name: &str) -> Result<Scenario, ScenarioError> {
    let text = match name {
        "office" => include_str!("../../assets/scenarios/office.toml"),
        "large" => include_str!("../../assets/scenarios/large.toml"),
        "first" => include_str!("../../assets/scenarios/first.toml"),
        "empty" => include_str!("../../assets/scenarios/empty.toml"),
        path => {
            let text = fs::read_to_string(path).map_err(|error| {
                let message = match error.kind() {
                    io::ErrorKind::NotFound => {
                        format!("there is no such file, and none of that name, only {}", NAMES.join(", "))
                    }
                    _ => format!("the file cannot be read: {error}"),
                };
                ScenarioError { file: path.to_owned(), message }
            })?;
            return Scenario::parse(path, &text);
        }
    };
    Scenario::parse(name, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_scenario() {
        for name in NAMES {
            assert_eq!(named(name).expect("a scenario").scenario.name, name);
        }
        assert!(named("nowhere").expect_err("no such scenario").to_string().contains("office, large, first, empty"));
    }
}
