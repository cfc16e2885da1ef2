//! Lambda: mappings, and what functions say about their models.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::config::Builder as Config;
use aws_sdk_lambda::operation::RequestId;
use aws_sdk_lambda::operation::get_event_source_mapping::GetEventSourceMappingOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use chrono::{DateTime, Utc};
use futures_util::Stream;

use super::account::Account;
use super::convert::{count, time};
use super::page::{Page, pages};
use super::receipt::{Receipt, once};
use crate::domain::function::{Function, unqualified};
use crate::domain::functions::Answer;
use crate::domain::mapping::{Mapping, MappingState};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

/// Lambda takes larger numbers, but no page of mappings is ever longer (botocore's service model).
const PAGE: i32 = 100;

const LIST: &str = "lambda:ListEventSourceMappings";
const UPDATE: &str = "lambda:UpdateEventSourceMapping";
const GET: &str = "lambda:GetEventSourceMapping";
const FUNCTION: &str = "lambda:GetFunctionConfiguration";
const INVOKE: &str = "lambda:InvokeFunction";

impl Account {
    /// All mappings, page by page.
    pub(super) fn mappings(&self) -> impl Stream<Item = Result<Vec<Mapping>, Trouble>> + Send + '_ {
        pages(LIST, move |marker| async move {
            let sent = self.lambda().list_event_source_mappings().max_items(PAGE).set_marker(marker).send();
            let page = self.call(LIST, None, sent).await?;
            let rows = page.event_source_mappings.unwrap_or_default().into_iter().filter_map(mapping).collect();
            Ok(Page { rows, next: page.next_marker })
        })
    }

    /// One mapping.
    pub(super) async fn mapping(&self, uuid: &str) -> Result<Mapping, Trouble> {
        let sent = self.lambda().get_event_source_mapping().uuid(uuid).send();
        let answer = self.call(GET, Some(uuid), sent).await?;
        mapping(listed(answer)).ok_or_else(|| self.about(Trouble::new(TroubleKind::Garbled, GET), Some(uuid)))
    }

    /// What a function's configuration says about models and mappings. `None`: there is no such function.
    ///
    /// # Errors
    /// Whatever keeps Lambda from answering.
    pub async fn function(&self, arn: &str) -> Result<Option<Function>, Trouble> {
        let sent = self.lambda().get_function_configuration().function_name(arn).send();
        let answer = match self.call(FUNCTION, Some(arn), sent).await {
            Err(trouble) if trouble.kind == TroubleKind::NotFound => return Ok(None),
            other => other?,
        };
        let variables = answer.environment.and_then(|environment| environment.variables).unwrap_or_default();
        Ok(Some(Function {
            arn: unqualified(answer.function_arn.as_deref().unwrap_or(arn)),
            mentions: mentions(&variables),
            timeout_seconds: count(answer.timeout),
            version: variables.get("REKOTUI_VERSION").and_then(|version| version_said(version)),
            modified: answer.last_modified.as_deref().and_then(last_modified),
        }))
    }
}

impl Account {
    /// A mapping as it is now. `None`: it is gone.
    ///
    /// # Errors
    /// Whatever keeps Lambda from answering.
    pub async fn mapping_now(&self, uuid: &str) -> Result<Option<Mapping>, Trouble> {
        match self.mapping(uuid).await {
            Ok(mapping) => Ok(Some(mapping)),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// UpdateEventSourceMapping with `Enabled` and nothing else, so that nothing else is changed; tried once.
    ///
    /// # Errors
    /// When Lambda refuses it (a mapping in transition is a conflict) or does not answer.
    pub async fn switch_mapping(&self, _: &Permit, uuid: &str, enabled: bool) -> Result<Receipt, Trouble> {
        let sent = self
            .lambda()
            .update_event_source_mapping()
            .uuid(uuid)
            .enabled(enabled)
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        let answer = self.call(UPDATE, Some(uuid), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }
}

impl Account {
    /// Invokes a function with this payload and waits for its answer; tried once, since a function may be at work although
    /// its answer was lost.
    ///
    /// # Errors
    /// When Lambda refuses it or does not answer; an error of the function itself is an answer.
    pub async fn invoke(&self, _: &Permit, function: &str, payload: &str) -> Result<Answer, Trouble> {
        let sent = self
            .lambda()
            .invoke()
            .function_name(function)
            .payload(Blob::new(payload.as_bytes()))
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        let answer = self.call(INVOKE, Some(function), sent).await?;
        let body = answer.payload.map(|body| String::from_utf8_lossy(body.as_ref()).into_owned());
        Ok(Answer { error: answer.function_error, body: body.unwrap_or_default() })
    }
}

fn mapping(found: EventSourceMappingConfiguration) -> Option<Mapping> {
    Some(Mapping {
        uuid: found.uuid?,
        state: MappingState::from(found.state.unwrap_or_default()),
        reason: found.state_transition_reason.filter(|reason| !reason.is_empty()),
        batch_size: count(found.batch_size),
        batching_window_seconds: count(found.maximum_batching_window_in_seconds),
        max_concurrency: count(found.scaling_config.and_then(|scaling| scaling.maximum_concurrency)),
        function_arn: found.function_arn.unwrap_or_default(),
        source_arn: found.event_source_arn,
        modified: time(found.last_modified.as_ref()),
    })
}

/// Get and List answer with the same structure under two names.
fn listed(answer: GetEventSourceMappingOutput) -> EventSourceMappingConfiguration {
    EventSourceMappingConfiguration::builder()
        .set_uuid(answer.uuid)
        .set_state(answer.state)
        .set_state_transition_reason(answer.state_transition_reason)
        .set_batch_size(answer.batch_size)
        .set_maximum_batching_window_in_seconds(answer.maximum_batching_window_in_seconds)
        .set_scaling_config(answer.scaling_config)
        .set_function_arn(answer.function_arn)
        .set_event_source_arn(answer.event_source_arn)
        .set_last_modified(answer.last_modified)
        .build()
}

/// Of a function's variables, what wiring can use: `REKOTUI_ROLE`, and the ARNs and UUIDs in the others. Anything else
/// may be a secret, and so may a UUID under a name that says so.
fn mentions(variables: &HashMap<String, String>) -> BTreeMap<String, String> {
    let kept = |name: &str, value: &str| {
        if name == "REKOTUI_ROLE" {
            return Some(value.chars().filter(|letter| letter.is_ascii_alphabetic()).take(20).collect());
        }
        let hidden = sounds_secret(name);
        let words = value.split(|letter: char| !letter.is_ascii_alphanumeric() && !":/_.-".contains(letter));
        let telling: Vec<&str> = words.filter(|word| is_useful_arn(word) || !hidden && is_uuid(word)).collect();
        (!telling.is_empty()).then(|| telling.join(","))
    };
    variables.iter().filter_map(|(name, value)| Some((name.clone(), kept(name, value)?))).collect()
}

/// A version, of which no more is kept than a version can have.
fn version_said(text: &str) -> Option<String> {
    let version: String =
        text.chars().filter(|letter| letter.is_ascii_alphanumeric() || ".-+".contains(*letter)).take(30).collect();
    (!version.is_empty()).then_some(version)
}

/// An instant as Lambda writes it: ISO 8601 with an offset that has no colon (botocore's service model, `Timestamp`).
fn last_modified(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").ok().map(|at| at.to_utc())
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["SECRET", "TOKEN", "PASS", "KEY", "CREDENTIAL", "AUTH"].iter().any(|word| name.contains(word))
}

/// The ARNs by which functions, mappings and models know each other.
fn is_useful_arn(word: &str) -> bool {
    let mut parts = word.split(':');
    parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts
            .next()
            .is_some_and(|service| matches!(service, "rekognition" | "lambda" | "sqs" | "scheduler" | "states"))
}

fn is_uuid(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v3/1669852800000";
    const ONE: &str = "6a5b3f0e-0000-4000-8000-000000000001";
    const TWO: &str = "6a5b3f0e-0000-4000-8000-000000000002";

    fn kept(name: &str, value: &str) -> Option<String> {
        mentions(&HashMap::from([(name.to_owned(), value.to_owned())])).remove(name)
    }

    #[test]
    fn arns_and_uuids_are_kept_and_nothing_beside_them() {
        assert_eq!(kept("MODEL_ARN", MODEL).as_deref(), Some(MODEL));
        assert_eq!(kept("MAPPINGS", &format!("{ONE}, {TWO}")), Some(format!("{ONE},{TWO}")));
        let json = format!(r#"{{"model":"{MODEL}","password":"hunter2"}}"#);
        assert_eq!(kept("CONFIG", &json).as_deref(), Some(MODEL));
        assert_eq!(kept("REKOTUI_ROLE", "startup").as_deref(), Some("startup"));
    }

    #[test]
    fn the_instant_of_the_last_change_is_read_as_lambda_writes_it() {
        let at = last_modified("2026-11-10T08:47:00.250+0000").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-11-10T08:47:00.250+00:00");
        assert_eq!(last_modified("yesterday"), None);
    }

    #[test]
    fn secrets_never_leave() {
        assert_eq!(kept("DATABASE", "postgres://user:hunter2@host/db"), None);
        assert_eq!(kept("API_KEY", ONE), None);
        assert_eq!(kept("SECRET", "arn:aws:secretsmanager:eu-central-1:1:secret:x"), None);
        assert_eq!(kept("STAGE", "prod"), None);
    }
}
