//! An error as a service answers it, before it is put into the words of a protocol.

use std::fmt;

use aws_smithy_types::base64;
use serde_json::{Map, Value};

/// An error as a handler answers it.
///
/// The status of the service's own model wins over the one that is given here; this one counts for errors that no
/// model lists, such as a missing permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    code: String,
    status: u16,
    message: String,
    // In a box, so that a result with an error in it stays small.
    fields: Box<Map<String, Value>>,
}

impl Fault {
    /// An error with its code (the name of its shape, where the model has one), HTTP status and message.
    #[must_use]
    pub fn new(code: impl Into<String>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into(), fields: Box::default() }
    }

    /// The same error with one more member, such as `ResourceId`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// An operation that nobody answers.
    #[must_use]
    pub fn unknown_operation(operation: &str) -> Self {
        Self::new("UnknownOperationException", 404, format!("The operation {operation} is not simulated."))
    }

    /// An input that does not have the shape of the operation: a wrong type, or a member that there is not.
    #[must_use]
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", 400, message)
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Its HTTP status, where the model of the service has none.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Its message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Its members beside code and message.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Bytes inside a value: base64, as JSON carries them. The protocols unpack them where they travel otherwise.
#[must_use]
pub fn blob(bytes: &[u8]) -> Value {
    base64::encode(bytes).into()
}

/// The bytes inside a value; `None` if it holds none.
#[must_use]
pub fn unblob(value: &Value) -> Option<Vec<u8>> {
    base64::decode(value.as_str()?).ok()
}
