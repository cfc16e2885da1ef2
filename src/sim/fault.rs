//! An error as a handler answers it. (Stands in until the protocols bring theirs.)

use std::fmt;

use serde_json::Value;

/// An error as a handler answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    code: String,
    status: u16,
    message: String,
}

impl Fault {
    /// An error with its code, HTTP status and message.
    #[must_use]
    pub fn new(code: impl Into<String>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into() }
    }

    /// An operation that nobody answers.
    #[must_use]
    pub fn unknown_operation(operation: &str) -> Self {
        Self::new("UnknownOperationException", 400, format!("The operation {operation} is not simulated."))
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Its HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Bytes inside a value.
#[must_use]
pub fn blob(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The bytes inside a value.
#[must_use]
pub fn unblob(value: &Value) -> Option<Vec<u8>> {
    value.as_str().map(|text| text.as_bytes().to_vec())
}
