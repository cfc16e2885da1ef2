//! What a target's own input orders: our functions' JSON, and the calls of universal targets.

use std::collections::HashMap;

use serde_json::Value;

use super::Effect;
use crate::domain::fleet::Fleet;
use crate::domain::function::unqualified;
use crate::domain::model::ModelArn;
use crate::domain::schedule::Target;

/// What one target is told to do, as far as its input says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Order {
    /// What it does, if the input says so.
    pub effect: Option<Effect>,
    /// The models that it names.
    pub models: Vec<ModelArn>,
    /// The mappings that it names.
    pub mappings: Vec<String>,
    /// Whether the target is a call to AWS itself rather than to a function.
    pub universal: bool,
    /// The unqualified ARN (or the bare name) of the function that it invokes.
    pub function: Option<String>,
}

/// The orders of every schedule and rule, by its ARN: each input is parsed once.
pub(super) fn orders(fleet: &Fleet) -> HashMap<&str, Vec<Order>> {
    let read = fleet.all_schedules().map(|schedule| (schedule.arn.as_str(), &schedule.targets));
    read.map(|(arn, targets)| (arn, targets.iter().filter_map(order).collect())).collect()
}

/// What a target is told to do; `None` if it is none of our business.
fn order(target: &Target) -> Option<Order> {
    let input = target.input_json();
    match target.universal() {
        Some(("rekognition", "startProjectVersion")) => {
            let input = input.unwrap_or_default();
            let effect = start(&input, "MinInferenceUnits", "MaxInferenceUnits");
            Some(Order { effect: Some(effect), models: models(&input), universal: true, ..Order::default() })
        }
        Some(("rekognition", "stopProjectVersion")) => {
            let models = models(&input.unwrap_or_default());
            Some(Order { effect: Some(Effect::Stop), models, universal: true, ..Order::default() })
        }
        Some(("lambda", "updateEventSourceMapping")) => {
            let input = input.unwrap_or_default();
            let effect = input.get("Enabled").and_then(Value::as_bool).map(switch);
            let mappings = strings(input.get("UUID")).filter_map(uuid).collect();
            // An update that leaves `Enabled` out changes something else: batch size, say.
            Some(Order { effect, mappings, universal: true, ..Order::default() })
        }
        Some(("lambda", "invoke")) => Some(told(&payload(&input?), target.function())),
        Some(_) => None,
        None => {
            let function = target.function()?;
            Some(told(&input.unwrap_or_default(), Some(function)))
        }
    }
}

fn switch(on: bool) -> Effect {
    if on { Effect::Enable } else { Effect::Disable }
}

/// The `Payload` of a universal `lambda:invoke`: an object, or JSON as text.
fn payload(input: &Value) -> Value {
    match input.get("Payload") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(other) => other.clone(),
        None => Value::Null,
    }
}

fn told(input: &Value, function: Option<String>) -> Order {
    let effect = match input.get("action").and_then(Value::as_str) {
        Some("start") => Some(start(input, "min_inference_units", "max_inference_units")),
        Some("stop") => Some(Effect::Stop),
        Some("enable") => Some(Effect::Enable),
        Some("disable") => Some(Effect::Disable),
        _ => None,
    };
    let mappings = strings(input.get("mappings")).filter_map(uuid).collect();
    let function = function.map(|function| function_id(&function));
    Order { effect, models: models(input), mappings, universal: false, function }
}

/// A function's unqualified ARN, or its bare name where Lambda was given less than an ARN.
fn function_id(given: &str) -> String {
    if given.starts_with("arn:") {
        return unqualified(given);
    }
    let name = given.split_once(":function:").map_or(given, |(_, name)| name);
    name.split(':').next().unwrap_or(name).to_owned()
}

fn start(input: &Value, min: &str, max: &str) -> Effect {
    let units = |key: &str| input.get(key).and_then(Value::as_u64).and_then(|units| u32::try_from(units).ok());
    Effect::Start { min_units: units(min), max_units: units(max) }
}

fn models(input: &Value) -> Vec<ModelArn> {
    let named = ["model", "ProjectVersionArn"].into_iter().flat_map(|key| strings(input.get(key)));
    let mut models: Vec<ModelArn> = named.filter_map(|text| text.parse().ok()).collect();
    models.dedup();
    models
}

/// A text, or every text of a list.
fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let one = value.and_then(Value::as_str);
    let many = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many)
}

/// A UUID in Lambda's spelling (lower case), if the text is one.
pub(super) fn uuid(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (text.len() == 36 && text.bytes().enumerate().all(digits)).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{LOGOS, UUID, function_arn};

    fn read(arn: &str, input: &str) -> Option<Order> {
        order(&Target { arn: arn.into(), input: Some(input.into()), ..Target::default() })
    }

    #[test]
    fn our_input_names_action_model_mappings_and_units() {
        let input = format!(
            r#"{{"action":"start","model":"{LOGOS}","mappings":["{UUID}"],"min_inference_units":1,"max_inference_units":2}}"#
        );
        let order = read(&function_arn("startup:live"), &input).unwrap();
        assert_eq!(order.effect, Some(Effect::Start { min_units: Some(1), max_units: Some(2) }));
        assert_eq!(order.models, [LOGOS.parse().unwrap()]);
        assert_eq!(order.mappings, [UUID]);
        assert_eq!(order.function, Some(function_arn("startup")));
        assert!(!order.universal);
    }

    #[test]
    fn universal_targets_say_it_in_aws_words() {
        let arn = "arn:aws:scheduler:::aws-sdk:rekognition:startProjectVersion";
        let input = format!(r#"{{"ProjectVersionArn":"{LOGOS}","MinInferenceUnits":3}}"#);
        let order = read(arn, &input).unwrap();
        assert_eq!(order.effect, Some(Effect::Start { min_units: Some(3), max_units: None }));
        let arn = "arn:aws:scheduler:::aws-sdk:lambda:updateEventSourceMapping";
        let input = format!(r#"{{"UUID":"{}","Enabled":false}}"#, UUID.to_uppercase());
        let disable = read(arn, &input).unwrap();
        assert_eq!((disable.effect, disable.mappings), (Some(Effect::Disable), vec![UUID.to_owned()]));
        let input = format!(r#"{{"UUID":"{UUID}","BatchSize":5}}"#);
        assert_eq!(read(arn, &input).unwrap().effect, None);
    }

    #[test]
    fn a_payload_is_read_as_object_and_as_text() {
        let arn = "arn:aws:scheduler:::aws-sdk:lambda:invoke";
        let inner = format!(r#"{{"action":"stop","model":"{LOGOS}"}}"#);
        let object = format!(r#"{{"FunctionName":"123456789012:function:shutdown:live","Payload":{inner}}}"#);
        let text = serde_json::json!({"FunctionName": "shutdown", "Payload": inner}).to_string();
        for input in [object, text] {
            let order = read(arn, &input).unwrap();
            assert_eq!(order.effect, Some(Effect::Stop), "{input}");
            assert_eq!(order.models.len(), 1, "{input}");
            assert_eq!(order.function.as_deref(), Some("shutdown"), "{input}");
        }
    }

    #[test]
    fn other_targets_and_broken_inputs_order_nothing() {
        assert_eq!(read("arn:aws:sqs:eu-central-1:123456789012:jobs", "{}"), None);
        assert_eq!(read("arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "{}"), None);
        let order = read(&function_arn("startup"), "start, please").unwrap();
        assert_eq!((order.effect, order.models.len(), order.mappings.len()), (None, 0, 0));
        assert_eq!(uuid("0a1b2c3d-0000-4000-8000-00000000000g"), None);
    }
}
