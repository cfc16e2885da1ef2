//! The scenarios that the program carries with it.

use super::scenario::{Scenario, ScenarioError};

/// Their names; the first is the demo's.
pub const NAMES: [&str; 3] = ["office", "large", "empty"];

/// The scenario of a name.
///
/// # Errors
/// If there is none of that name; the sentence tells which there are.
pub fn named(name: &str) -> Result<Scenario, ScenarioError> {
    let text = match name {
        "office" => include_str!("../../assets/scenarios/office.toml"),
        "large" => include_str!("../../assets/scenarios/large.toml"),
        "empty" => include_str!("../../assets/scenarios/empty.toml"),
        _ => {
            let message = format!("there is none of that name, only {}", NAMES.join(", "));
            return Err(ScenarioError { file: name.to_owned(), message });
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
        assert!(named("nowhere").expect_err("no such scenario").to_string().contains("office, large, empty"));
    }
}
