//! Calls that go wrong on purpose: what a test or a scenario switches on.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fault::Fault;
use super::scenario::{FaultKind, FaultSpec};

/// The calls that go wrong, and how. Those that were switched on last win.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<FaultSpec>>);

/// What is done to one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mishap {
    /// How it goes wrong.
    pub kind: FaultKind,
    /// For a slow one: how long it takes, in real time.
    pub delay: Duration,
}

impl Faults {
    /// The faults that a scenario begins with.
    #[must_use]
    pub fn new(faults: &[FaultSpec]) -> Self {
        Self(Mutex::new(faults.to_vec()))
    }

    fn all(&self) -> MutexGuard<'_, Vec<FaultSpec>> {
        // A poisoned lock still holds a whole list: entries are put in and taken out whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a fault on; `operation` may be `*`, `times` of `None` means always.
    pub fn put(&self, service: &str, operation: &str, kind: FaultKind, times: Option<u32>) {
        let (service, operation) = (service.to_owned(), operation.to_owned());
        self.all().push(FaultSpec { service, operation, kind, times, seconds: 0.0 });
    }

    /// The caller may not do it: `AccessDeniedException`.
    pub fn deny(&self, service: &str, operation: &str) {
        self.put(service, operation, FaultKind::Denied, None);
    }

    /// The caller's session has expired: `ExpiredTokenException`, for every call of every service.
    pub fn expire(&self) {
        self.put("*", "*", FaultKind::Expired, None);
    }

    /// The next `times` calls come too often.
    pub fn throttle(&self, service: &str, operation: &str, times: u32) {
        self.put(service, operation, FaultKind::Throttled, Some(times));
    }

    /// Each answer takes `delay`, in real time.
    pub fn slow(&self, service: &str, operation: &str, delay: Duration) {
        let (service, operation) = (service.to_owned(), operation.to_owned());
        let seconds = delay.as_secs_f64();
        self.all().push(FaultSpec { service, operation, kind: FaultKind::Slow, times: None, seconds });
    }

    /// The next `times` calls are lost before they take effect.
    pub fn drop_before(&self, service: &str, operation: &str, times: u32) {
        self.put(service, operation, FaultKind::DroppedBefore, Some(times));
    }

    /// The answers of the next `times` calls are lost: they took effect.
    pub fn drop_after(&self, service: &str, operation: &str, times: u32) {
        self.put(service, operation, FaultKind::DroppedAfter, Some(times));
    }

    /// The answers of the next `times` calls break off in the middle.
    pub fn truncate(&self, service: &str, operation: &str, times: u32) {
        self.put(service, operation, FaultKind::Truncated, Some(times));
    }

    /// The next `times` calls meet an error of the service itself.
    pub fn fail(&self, service: &str, operation: &str, times: u32) {
        self.put(service, operation, FaultKind::Internal, Some(times));
    }

    /// The answers of a call have members that no model lists.
    pub fn grow(&self, service: &str, operation: &str) {
        self.put(service, operation, FaultKind::Novelty, None);
    }

    /// Switches every fault off.
    pub fn clear(&self) {
        self.all().clear();
    }

    /// Switches the faults of one call off.
    pub fn clear_of(&self, service: &str, operation: &str) {
        self.all().retain(|fault| fault.service != service || fault.operation != operation);
    }

    /// What is done to a call that comes in now. A fault that was to happen so many times has happened once more.
    pub fn take(&self, service: &str, operation: &str) -> Option<Mishap> {
        let mut all = self.all();
        let fits = |pattern: &str, name: &str| pattern == "*" || pattern == name;
        let found = all.iter_mut().rev().find(|fault| {
            fits(&fault.service, service) && fits(&fault.operation, operation) && fault.times != Some(0)
        })?;
        if let Some(times) = &mut found.times {
            *times -= 1;
        }
        let delay = Duration::try_from_secs_f64(found.seconds).unwrap_or_default();
        let mishap = Mishap { kind: found.kind, delay };
        all.retain(|fault| fault.times != Some(0));
        Some(mishap)
    }
}

/// The error that a kind of fault answers, in the words of the service; `None` for those that break the connection or
/// only take their time.
#[must_use]
pub fn answer(kind: FaultKind, service: &str, operation: &str, caller: &str) -> Option<Fault> {
    match kind {
        FaultKind::Denied => Some(denied(service, operation, caller)),
        FaultKind::Expired => {
            let (code, status) = match service {
                "lambda" | "scheduler" => ("ExpiredTokenException", 403),
                "sts" | "cloudwatch" | "cloudformation" | "s3" => ("ExpiredToken", 403),
                _ => ("ExpiredTokenException", 400),
            };
            Some(Fault::new(code, status, "The security token included in the request is expired"))
        }
        FaultKind::Throttled => Some(throttled(service)),
        FaultKind::Internal => {
            let (code, message) = match service {
                "rekognition" => ("InternalServerError", "Internal server error"),
                "lambda" => ("ServiceException", "An error occurred and the request cannot be processed."),
                "scheduler" => {
                    ("InternalServerException", "Unexpected error encountered while processing the request.")
                }
                "events" => ("InternalException", "This exception occurs due to unexpected causes."),
                _ => ("InternalFailure", "The request processing has failed because of an unknown error."),
            };
            Some(Fault::new(code, 500, message))
        }
        FaultKind::Slow
        | FaultKind::DroppedBefore
        | FaultKind::DroppedAfter
        | FaultKind::Truncated
        | FaultKind::Novelty => None,
    }
}

/// AWS's word for the permission that a call needs.
#[must_use]
pub fn action(service: &str, operation: &str) -> String {
    let operation = match (service, operation) {
        ("lambda", "Invoke") => "InvokeFunction",
        ("s3", "GetBucketNotificationConfiguration") => "GetBucketNotification",
        ("s3", "PutBucketNotificationConfiguration") => "PutBucketNotification",
        ("s3", "HeadObject") => "GetObject",
        ("s3", "HeadBucket" | "ListObjectsV2") => "ListBucket",
        (_, operation) => operation,
    };
    format!("{service}:{operation}")
}

fn denied(service: &str, operation: &str, caller: &str) -> Fault {
    let action = action(service, operation);
    let message = format!(
        "User: {caller} is not authorized to perform: {action} on resource: * because no identity-based policy allows the {action} action"
    );
    match service {
        "lambda" | "scheduler" => Fault::new("AccessDeniedException", 403, message),
        "sts" | "cloudwatch" | "cloudformation" | "s3" => Fault::new("AccessDenied", 403, message),
        "sqs" => Fault::new("AccessDeniedException", 403, message),
        _ => Fault::new("AccessDeniedException", 400, message),
    }
}

/// The error of a service that is called too often.
#[must_use]
pub fn throttled(service: &str) -> Fault {
    match service {
        "rekognition" => Fault::new("ProvisionedThroughputExceededException", 400, "Provisioned rate exceeded"),
        "lambda" => Fault::new("TooManyRequestsException", 429, "Rate exceeded"),
        "scheduler" => Fault::new("ThrottlingException", 429, "Rate exceeded"),
        "sqs" => Fault::new("RequestThrottled", 400, "Rate exceeded"),
        "sts" | "cloudwatch" | "cloudformation" | "s3" => Fault::new("Throttling", 400, "Rate exceeded"),
        _ => Fault::new("ThrottlingException", 400, "Rate exceeded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_happens_so_often_and_the_last_one_wins() {
        let faults = Faults::default();
        faults.deny("scheduler", "*");
        faults.throttle("scheduler", "ListSchedules", 2);
        let kinds = [0; 3].map(|_| faults.take("scheduler", "ListSchedules").map(|mishap| mishap.kind));
        assert_eq!(kinds, [Some(FaultKind::Throttled), Some(FaultKind::Throttled), Some(FaultKind::Denied)]);
        assert_eq!(faults.take("lambda", "Invoke"), None);
        faults.clear();
        assert_eq!(faults.take("scheduler", "ListSchedules"), None);
    }

    #[test]
    fn a_denial_names_the_action() {
        let fault = denied("lambda", "Invoke", "arn:aws:iam::123456789012:user/demo");
        assert!(fault.to_string().contains("not authorized to perform: lambda:InvokeFunction"), "{fault}");
    }
}
