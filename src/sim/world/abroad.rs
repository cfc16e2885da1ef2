//! Invocations of functions whose uploaded code runs for real, outside of the world. Without somebody to run it, the account
//! does itself what such functions do.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::agenda::Invocation;
use super::queue::Received;
use super::{Function, Invoked, Mapping, World};

/// What is abroad.
#[derive(Debug, Default)]
pub struct Abroad {
    /// Whether somebody is there who runs code.
    open: bool,
    /// What nobody has taken yet.
    leaving: Vec<Errand>,
    /// What has not come back yet.
    out: BTreeMap<u64, Invocation>,
    /// How many batches of a mapping have not come back yet.
    batches: BTreeMap<String, u32>,
}

/// An invocation that somebody is to run.
#[derive(Clone, Debug)]
pub struct Errand {
    /// Tells it from all others.
    pub id: u64,
    /// The function, as it is now.
    pub function: Function,
    /// What it is given.
    pub payload: Value,
    /// Whose messages it is given, if a mapping invokes it.
    pub batch: Option<Batch>,
}

/// Messages of a queue that a mapping has taken.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The mapping's UUID.
    pub mapping: String,
    /// The queue's name.
    pub queue: String,
    /// Each message's id, and how often it was received.
    pub messages: Vec<(String, u32)>,
    /// Whether the function says which of them have failed.
    pub reports: bool,
}

/// Why an invocation has failed, in the function's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The kind of the error.
    pub kind: String,
    /// What it says.
    pub message: String,
}

/// How many batches of a mapping are worked on at once, where the mapping does not say: real ones begin with five.
const AT_ONCE: u32 = 5;

/// How many batches of all mappings are abroad at once: every one of them may be a process.
const AT_MOST: u32 = 8;

impl World {
    /// From now on uploaded code is run by somebody who takes the errands.
    pub fn open_abroad(&mut self) {
        self.abroad.open = true;
        let queues: Vec<String> = self.queues.keys().cloned().collect();
        for queue in queues {
            self.reflow(&queue);
        }
    }

    /// Whether a function runs abroad.
    #[must_use]
    pub fn runs_abroad(&self, function: &Function) -> bool {
        self.abroad.open && function.code.is_some()
    }

    /// Sends an invocation out and says by which number it will come back. `None`: there is no such function.
    pub fn send_abroad(&mut self, invocation: Invocation) -> Option<u64> {
        let function = self.functions.get(&invocation.function)?.clone();
        let id = self.next_serial();
        self.abroad.leaving.push(Errand { id, function, payload: invocation.payload.clone(), batch: None });
        self.abroad.out.insert(id, invocation);
        Some(id)
    }

    /// Whatever is to be run now, messages of queues among it. Who takes it has to bring it back.
    pub fn errands(&mut self) -> Vec<Errand> {
        let mut errands = std::mem::take(&mut self.abroad.leaving);
        let polling: Vec<Mapping> = self.mappings.values().filter(|mapping| mapping.polls()).cloned().collect();
        for mapping in polling {
            errands.extend(self.batches(&mapping));
        }
        errands
    }

    fn batches(&mut self, mapping: &Mapping) -> Vec<Errand> {
        let Some(function) = self.function(&mapping.function_arn).cloned() else { return Vec::new() };
        if !self.runs_abroad(&function) {
            return Vec::new();
        }
        let most = mapping.max_concurrency.unwrap_or(AT_ONCE);
        let mut found = Vec::new();
        loop {
            let own = self.abroad.batches.get(&mapping.uuid).copied().unwrap_or_default();
            if own >= most || self.abroad.batches.values().sum::<u32>() >= AT_MOST {
                return found;
            }
            let received = self.receive(mapping.queue(), u64::from(mapping.batch_size.min(10)), None);
            if received.is_empty() {
                return found;
            }
            *self.abroad.batches.entry(mapping.uuid.clone()).or_default() += 1;
            let messages = received.iter().map(|message| (message.id.clone(), message.receives)).collect();
            let batch = Batch {
                mapping: mapping.uuid.clone(),
                queue: mapping.queue().to_owned(),
                messages,
                reports: mapping.report_failures,
            };
            let payload =
                json!({ "Records": received.iter().map(|one| self.record(mapping, one)).collect::<Vec<_>>() });
            found.push(Errand { id: self.next_serial(), function: function.clone(), payload, batch: Some(batch) });
        }
    }

    /// A message as Lambda hands it to a function (Lambda Developer Guide, "Using Lambda with Amazon SQS").
    fn record(&self, mapping: &Mapping, message: &Received) -> Value {
        json!({
            "messageId": message.id,
            "receiptHandle": format!("{}-{}", message.id, message.receives),
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": message.receives.to_string(),
                "SentTimestamp": message.sent.timestamp_millis().to_string(),
                "SenderId": self.account,
                "ApproximateFirstReceiveTimestamp": message.sent.timestamp_millis().to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": crate::sim::sqs::md5(&message.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": mapping.queue_arn,
            "awsRegion": self.region,
        })
    }

    /// An errand has come back: an asynchronous invocation that failed is tried again, messages that were worked on leave
    /// their queue.
    pub fn come_home(&mut self, errand: &Errand, outcome: &Result<Value, Failed>) {
        let error = outcome.as_ref().err().map(|failed| failed.message.clone());
        let Some(batch) = &errand.batch else {
            if let Some(invocation) = self.abroad.out.remove(&errand.id) {
                self.finish(invocation, error);
            }
            return;
        };
        if let Some(count) = self.abroad.batches.get_mut(&batch.mapping) {
            *count = count.saturating_sub(1);
        }
        let failed = failed_of(batch, outcome);
        self.settle(&batch.queue);
        if let Some(queue) = self.queues.get_mut(&batch.queue) {
            for (id, receives) in batch.messages.iter().filter(|(id, _)| !failed.contains(id)) {
                queue.delete(id, *receives);
            }
        }
        let (function, payload) = (errand.function.name.clone(), errand.payload.clone());
        self.remember_invoked(Invoked { at: self.now, function, payload, attempt: 0, error });
    }

    /// How long a function may run, in the account's time.
    #[must_use]
    pub fn patience(function: &Function) -> TimeDelta {
        TimeDelta::seconds(i64::from(function.timeout_seconds))
    }
}

/// Which messages have failed: all of them where the function failed, or said it in a way that Lambda does not take.
fn failed_of(batch: &Batch, outcome: &Result<Value, Failed>) -> Vec<String> {
    let all = || batch.messages.iter().map(|(id, _)| id.clone()).collect();
    let answer = match outcome {
        Err(_) => return all(),
        Ok(_) if !batch.reports => return Vec::new(),
        Ok(answer) => answer.get("batchItemFailures").filter(|list| !list.is_null()),
    };
    let Some(list) = answer else { return Vec::new() };
    let ids = list.as_array().map(|list| {
        let named = |one: &Value| one.get("itemIdentifier").and_then(Value::as_str).map(str::to_owned);
        list.iter().map(named).collect::<Option<Vec<String>>>()
    });
    match ids.flatten() {
        Some(ids) if ids.iter().all(|id| batch.messages.iter().any(|(own, _)| own == id)) => ids,
        _ => all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(reports: bool, outcome: &Result<Value, Failed>) -> Vec<String> {
        let messages = vec![("a".to_owned(), 1), ("b".to_owned(), 1)];
        failed_of(&Batch { mapping: "m".into(), queue: "q".into(), messages, reports }, outcome)
    }

    #[test]
    fn only_the_messages_that_a_function_names_have_failed() {
        let one = Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] }));
        assert_eq!(failures(true, &one), ["b"]);
        assert!(failures(false, &one).is_empty(), "where nobody asks, what it says does not count");
        assert!(failures(true, &Ok(json!({ "batchItemFailures": [] }))).is_empty());
        assert!(failures(true, &Ok(Value::Null)).is_empty());
    }

    #[test]
    fn all_have_failed_where_a_function_says_nonsense_or_fails() {
        assert_eq!(failures(true, &Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "x" }] }))), ["a", "b"]);
        assert_eq!(failures(true, &Ok(json!({ "batchItemFailures": [{ "id": "a" }] }))), ["a", "b"]);
        let failed = Failed { kind: "Runtime.ExitError".into(), message: "gone".into() };
        assert_eq!(failures(true, &Err(failed)), ["a", "b"]);
    }
}
