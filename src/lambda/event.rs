//! What a function is told to do: by the schedule's Input, and by its environment for what that leaves out.

use std::fmt;

use serde_json::Value;

use crate::domain::model::ModelArn;
use crate::domain::plan::Units;

/// What to start or to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The model.
    pub model: ModelArn,
    /// UUIDs of its mappings.
    pub mappings: Vec<String>,
    /// The inference units that were asked for; `None`: those that it is configured with.
    pub units: Option<Units>,
    /// Only to look, and to say what is found: nothing is changed.
    pub check: bool,
}

/// Why an event cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventError {
    said: String,
    remedy: &'static str,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)?;
        f.write_str(self.remedy)
    }
}

impl std::error::Error for EventError {}

impl EventError {
    /// An error that says itself what to do.
    pub(super) fn of(said: impl Into<String>) -> Self {
        Self { said: said.into(), remedy: "" }
    }

    /// An error in what a schedule sends.
    fn input(said: impl Into<String>) -> Self {
        Self { said: said.into(), remedy: INPUT }
    }
}

/// What a schedule has to send.
const INPUT: &str = " Give the schedule an Input such as {\"action\": \"start\", \"model\": ARN, \"mappings\": [UUID], \
    \"min_inference_units\": 1}, or the function the environment variables MODEL_ARN, EVENT_SOURCE_MAPPING_UUID and \
    MIN_INFERENCE_UNITS.";

/// The action that only looks, for a test invocation.
pub(super) const CHECK: &str = "check";

impl Event {
    /// The event of an invocation. `action` is what this function does: an Input for the other one is refused, since a
    /// schedule that stops models must not start them because it names the wrong function.
    ///
    /// What the Input leaves out comes from the environment, as with AWS's sample, whose functions know their model by
    /// their code alone: such a schedule, or an EventBridge rule, sends nothing of ours.
    ///
    /// # Errors
    /// When no model is named, or something is named that cannot be one.
    pub fn read(payload: &Value, action: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, EventError> {
        let asked = payload.get("action").and_then(Value::as_str);
        let check = asked == Some(CHECK);
        if let Some(asked) = asked.filter(|asked| *asked != action && !check) {
            return Err(EventError::input(format!(
                "The Input asks for '{asked}', and this function is there to {action}."
            )));
        }
        let variable = |names: &[&str]| {
            names
                .iter()
                .filter_map(|name| variable(name))
                .map(|text| text.trim().to_owned())
                .find(|text| !text.is_empty())
        };
        let told = payload.get("model").and_then(Value::as_str).map(str::to_owned);
        let own = variable(&["MODEL_ARN", "PROJECT_VERSION_ARN"]);
        // Mappings and units of another model are none of this one's.
        let of_another = told.as_ref().is_some_and(|told| own.as_ref().is_some_and(|own| own != told));
        let variable = |names: &[&str]| variable(names).filter(|_| !of_another);
        let model = told.or(own);
        let model = model.ok_or_else(|| EventError::input("No model is named."))?;
        let model = model.parse::<ModelArn>().map_err(|error| EventError::input(format!("{error}.")))?;
        let mappings = match payload.get("mappings") {
            Some(Value::Array(told)) => told
                .iter()
                .map(|one| {
                    one.as_str().map(str::to_owned).ok_or_else(|| EventError::input(format!("{one} is no mapping.")))
                })
                .collect::<Result<Vec<String>, EventError>>()?,
            Some(Value::Null) | None => variable(&["EVENT_SOURCE_MAPPING_UUID", "EVENT_SOURCE_MAPPING_UUIDS"])
                .map(|text| text.split([',', ' ', ';']).filter(|one| !one.is_empty()).map(str::to_owned).collect())
                .unwrap_or_default(),
            Some(other) => return Err(EventError::input(format!("'mappings' is to be a list of UUIDs, not {other}."))),
        };
        let number = |key: &str, name: &str| -> Result<Option<u32>, EventError> {
            let told = match payload.get(key) {
                Some(Value::Null) | None => variable(&[name]),
                Some(Value::String(text)) => Some(text.clone()),
                Some(other) => Some(other.to_string()),
            };
            told.map(|text| {
                let wrong = || EventError::input(format!("'{text}' is no number of inference units for {key}."));
                text.parse::<u32>().ok().filter(|units| *units > 0).ok_or_else(wrong)
            })
            .transpose()
        };
        let min = number("min_inference_units", "MIN_INFERENCE_UNITS")?;
        let max = number("max_inference_units", "MAX_INFERENCE_UNITS")?;
        let units = match (min, max) {
            (None, None) => None,
            (min, max) => Some(Units { min: min.unwrap_or(1), max }),
        };
        if let Some(Units { min, max: Some(max) }) = units.filter(|units| units.max.is_some_and(|max| max < units.min))
        {
            return Err(EventError::input(format!(
                "The most inference units ({max}) are fewer than the least ({min})."
            )));
        }
        Ok(Self { model, mappings, units, check })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::testing::{LOGOS, UUID};

    fn read(payload: &Value, environment: &[(&str, &str)]) -> Result<Event, String> {
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Event::read(payload, "start", variable).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_environment_says_of_another_model_is_none_of_its_business() {
        let other = LOGOS.replace("/logos/", "/other/");
        let environment =
            [("MODEL_ARN", other.as_str()), ("EVENT_SOURCE_MAPPING_UUID", UUID), ("MIN_INFERENCE_UNITS", "4")];
        let event = read(&json!({"model": LOGOS}), &environment).unwrap();
        assert_eq!((event.model.as_str(), event.mappings.len(), event.units.is_none()), (LOGOS, 0, true));
        let own = read(&json!({}), &environment).unwrap();
        assert_eq!((own.model.as_str(), own.mappings.len(), own.units.is_some()), (other.as_str(), 1, true));
    }

    #[test]
    fn the_input_says_it_and_the_environment_what_it_leaves_out() {
        let input = json!({"action": "start", "model": LOGOS, "mappings": [UUID], "min_inference_units": 2,
            "max_inference_units": 4, "lead_minutes": 30});
        let units = Some(Units { min: 2, max: Some(4) });
        let whole = Event { model: LOGOS.parse().unwrap(), mappings: vec![UUID.into()], units, check: false };
        assert_eq!(read(&input, &[("MODEL_ARN", "something else")]), Ok(whole.clone()));
        // What EventBridge sends for a rule says nothing of ours.
        let rule = json!({"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
        let environment = [
            ("MODEL_ARN", LOGOS),
            ("EVENT_SOURCE_MAPPING_UUID", UUID),
            ("MIN_INFERENCE_UNITS", "2"),
            ("MAX_INFERENCE_UNITS", "4"),
        ];
        assert_eq!(read(&rule, &environment), Ok(whole));
        let bare = read(&json!({}), &[("PROJECT_VERSION_ARN", LOGOS)]).unwrap();
        assert_eq!((bare.units, bare.mappings.len(), bare.check), (None, 0, false));
        assert!(read(&json!({"action": "check", "model": LOGOS}), &[]).unwrap().check);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_words() {
        for (payload, said) in [
            (json!({}), "No model is named"),
            (json!({"model": "logos"}), "not the ARN of a model"),
            (json!({"action": "stop", "model": LOGOS}), "asks for 'stop'"),
            (json!({"model": LOGOS, "mappings": UUID}), "a list of UUIDs"),
            (json!({"model": LOGOS, "mappings": [7]}), "7 is no mapping"),
            (json!({"model": LOGOS, "min_inference_units": 0}), "no number of inference units"),
            (json!({"model": LOGOS, "min_inference_units": 3, "max_inference_units": 2}), "fewer than the least"),
        ] {
            let error = read(&payload, &[]).unwrap_err();
            assert!(error.contains(said) && error.contains("MODEL_ARN"), "{payload}: {error}");
        }
    }
}
