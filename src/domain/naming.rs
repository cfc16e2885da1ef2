//! Which model or schedule somebody means by a few letters.

use std::fmt;

use super::fleet::Fleet;
use super::model::{Model, ModelArn};
use super::schedule::Schedule;

/// Why a name names nothing, or too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misnamed {
    /// Nothing is called so; what there is.
    Nothing {
        /// What was said.
        said: String,
        /// `model` or `schedule or rule`.
        noun: &'static str,
        /// What there is.
        known: Vec<String>,
    },
    /// Several are.
    Several {
        /// What was said.
        said: String,
        /// Those that fit.
        fitting: Vec<String>,
    },
}

impl fmt::Display for Misnamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing { said, noun, known } if known.is_empty() => {
                write!(f, "There is no {noun} '{said}': none was found in this account and region at all.")
            }
            Self::Nothing { said, noun, known } => {
                write!(f, "There is no {noun} '{said}'. There are: {}.", known.join(", "))
            }
            Self::Several { said, fitting } => {
                write!(f, "'{said}' may be any of these; say more of its name: {}.", fitting.join(", "))
            }
        }
    }
}

impl std::error::Error for Misnamed {}

/// How many candidates are listed.
const LISTED: usize = 20;

/// The model that is meant: by its ARN, as `project/version` or `project version`, or by a part that fits one alone.
///
/// # Errors
/// When nothing or more than one thing fits.
pub fn model(fleet: &Fleet, said: &str) -> Result<ModelArn, Misnamed> {
    let path = |model: &Model| format!("{}/{}", model.arn.project(), model.arn.version());
    let rows: Vec<&Model> = fleet.models.rows.values().collect();
    let exact = |model: &&Model| model.arn.as_str() == said || path(model) == said || model.name() == said;
    let found = only(rows.iter().copied().filter(exact).collect(), said, &path)
        .or_else(|| only(rows.iter().copied().filter(|model| fits(&path(model), said)).collect(), said, &path));
    let known = rows.iter().copied().map(path).take(LISTED).collect();
    found
        .unwrap_or(Err(Misnamed::Nothing { said: said.into(), noun: "model", known }))
        .map(|model: &Model| model.arn.clone())
}

/// The schedule or rule that is meant: by its ARN, as `group/name` or `rule/name`, or by a name or part that fits one
/// alone.
///
/// # Errors
/// When nothing or more than one thing fits.
pub fn schedule(fleet: &Fleet, said: &str) -> Result<String, Misnamed> {
    let path = |schedule: &Schedule| schedule.path();
    let rows: Vec<&Schedule> = fleet.all_schedules().collect();
    let exact = |schedule: &&Schedule| schedule.arn == said || schedule.path() == said;
    let found = only(rows.iter().copied().filter(exact).collect(), said, &path)
        .or_else(|| only(rows.iter().copied().filter(|schedule| schedule.name == said).collect(), said, &path))
        .or_else(|| only(rows.iter().copied().filter(|schedule| fits(&schedule.path(), said)).collect(), said, &path));
    let known = rows.iter().copied().map(path).take(LISTED).collect();
    found
        .unwrap_or(Err(Misnamed::Nothing { said: said.into(), noun: "schedule or rule", known }))
        .map(|schedule: &Schedule| schedule.arn.clone())
}

fn fits(path: &str, said: &str) -> bool {
    !said.is_empty() && path.to_lowercase().contains(&said.to_lowercase())
}

fn only<'a, T>(found: Vec<&'a T>, said: &str, path: &dyn Fn(&T) -> String) -> Option<Result<&'a T, Misnamed>> {
    match found.as_slice() {
        [] => None,
        [one] => Some(Ok(one)),
        several => {
            let fitting = several.iter().take(LISTED).map(|one| path(one)).collect();
            Some(Err(Misnamed::Several { said: said.into(), fitting }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{Small, model_arn};

    #[test]
    fn a_part_is_enough_if_it_fits_one_alone() {
        let fleet = Small::new().model("logos", "RUNNING").model("logos-old", "STOPPED").model("parts", "STOPPED").0;
        assert_eq!(model(&fleet, "PART"), Ok(model_arn("parts")));
        assert_eq!(model(&fleet, "logos/v3"), Ok(model_arn("logos")), "the whole name wins over the part of another");
        assert_eq!(model(&fleet, model_arn("logos").as_str()), Ok(model_arn("logos")));
        let several = model(&fleet, "logos").unwrap_err().to_string();
        assert!(several.contains("logos/v3") && several.contains("logos-old/v3"), "{several}");
        let nothing = model(&fleet, "shelf").unwrap_err().to_string();
        assert!(nothing.contains("no model 'shelf'") && nothing.contains("parts/v3"), "{nothing}");
    }

    #[test]
    fn a_schedule_is_named_by_group_and_name_or_by_its_name_alone() {
        let lambda = "arn:aws:lambda:eu-central-1:123456789012:function:f";
        let fleet = Small::new()
            .schedule("logos-start", "rate(1 day)", lambda, "{}")
            .rule("logos-start-old", "rate(1 day)", lambda, "{}")
            .0;
        let arn = schedule(&fleet, "default/logos-start").unwrap();
        assert!(arn.contains(":scheduler:"));
        assert_eq!(schedule(&fleet, "logos-start").as_ref(), Ok(&arn));
        assert!(schedule(&fleet, "rule/logos-start-old").unwrap().contains(":events:"));
        assert!(matches!(schedule(&fleet, "logos"), Err(Misnamed::Several { .. })));
    }
}
