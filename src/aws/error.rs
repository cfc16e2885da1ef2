//! What the SDK calls an error → what the operator needs to hear. By typed code and type, never by message text.

use std::error::Error;

use aws_config::imds::client::error::ImdsError;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::account::Patience;
use crate::domain::trouble::{Trouble, TroubleKind};

/// AWS's messages are cut here: in characters.
const LONGEST_DETAIL: usize = 300;

/// What is known about a call, whatever became of it.
pub(super) struct Context {
    /// The IAM action: `rekognition:DescribeProjects`.
    pub(super) action: &'static str,
    /// The host that was asked; empty if unknown.
    pub(super) host: String,
    /// How long we waited.
    pub(super) patience: Patience,
    /// The command that logs in, if the credentials come from a login that expires.
    pub(super) login: Option<&'static str>,
}

/// A failed call as a `Trouble`.
pub(super) fn trouble<E>(failure: &SdkError<E, HttpResponse>, context: &Context) -> Trouble
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match failure {
        SdkError::ServiceError(answer) => of_answer(answer.err(), answer.raw(), context),
        SdkError::TimeoutError(_) => timed_out(context),
        SdkError::DispatchFailure(_) => of_dispatch(failure, context),
        SdkError::ResponseError(broken) => of_response(failure, broken.raw(), context),
        _ => {
            let trouble = Trouble::new(TroubleKind::Invalid, context.action);
            Trouble { detail: innermost(failure), ..trouble }
        }
    }
}

fn of_answer<E: ProvideErrorMetadata>(error: &E, raw: &HttpResponse, context: &Context) -> Trouble {
    let status = raw.status().as_u16();
    let kind = match error.code().filter(|code| !code.is_empty()) {
        Some(code) => of_code(code, status, error.message(), context.action),
        None => of_status(status, context.action),
    };
    let detail = match kind {
        // What is said about a bad signature quotes the signed request, session token and all.
        TroubleKind::BadCredentials => None,
        // Not what AWS says, which is as much, but what helps.
        TroubleKind::Expired => context.login.map(str::to_owned),
        _ => error.message().and_then(clean),
    };
    Trouble { detail, request_id: request_id(raw), ..Trouble::new(kind, context.action) }
}

fn of_code(code: &str, status: u16, message: Option<&str>, action: &str) -> TroubleKind {
    // Some services prefix their code with a namespace, others suffix it with a link.
    let code = code.rsplit('#').next().unwrap_or(code).split(':').next().unwrap_or(code);
    match code {
        "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" | "TokenRefreshRequired" => TroubleKind::Expired,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure" => TroubleKind::BadCredentials,
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" => {
            TroubleKind::Denied(permission(message).unwrap_or(action).to_owned())
        }
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "PriorRequestNotComplete"
        | "SlowDown" => TroubleKind::Throttled,
        "ResourceNotFoundException"
        | "NotFoundException"
        | "NoSuchBucket"
        | "NoSuchKey"
        | "NotFound"
        | "ChangeSetNotFound"
        | "QueueDoesNotExist"
        | "QueueDeletedRecently"
        | "AWS.SimpleQueueService.NonExistentQueue" => TroubleKind::NotFound,
        "ResourceInUseException"
        | "ResourceConflictException"
        | "ConflictException"
        | "ConcurrentModificationException"
        | "InvalidChangeSetStatus"
        | "OperationInProgressException"
        | "ResourceNotReadyException" => TroubleKind::Conflict,
        "LimitExceededException" | "LimitExceeded" | "ServiceQuotaExceededException" => TroubleKind::LimitExceeded,
        "ValidationException"
        | "ValidationError"
        | "InsufficientCapabilitiesException"
        | "InvalidParameterException"
        | "InvalidParameterValueException"
        | "InvalidParameterValue"
        | "InvalidParameterCombination"
        | "MissingParameter"
        | "MissingRequiredParameter"
        | "InvalidNextToken"
        | "InvalidPaginationTokenException"
        | "SerializationException" => TroubleKind::Invalid,
        "InternalServerError"
        | "InternalServerException"
        | "InternalServiceFault"
        | "InternalFailure"
        | "InternalException"
        | "ServiceException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => TroubleKind::ServiceFault,
        _ if status >= 500 => TroubleKind::ServiceFault,
        other => TroubleKind::Other(clean(other).unwrap_or_default()),
    }
}

/// A proxy or gateway may answer without any code.
fn of_status(status: u16, action: &str) -> TroubleKind {
    match status {
        401 => TroubleKind::BadCredentials,
        403 => TroubleKind::Denied(action.to_owned()),
        404 => TroubleKind::NotFound,
        429 => TroubleKind::Throttled,
        500.. => TroubleKind::ServiceFault,
        400..500 => TroubleKind::Other(format!("HTTP {status}")),
        _ => TroubleKind::Garbled,
    }
}

fn of_dispatch(failure: &(dyn Error + 'static), context: &Context) -> Trouble {
    if let Some(credentials) = find::<CredentialsError>(failure) {
        return Trouble { action: context.action.into(), ..of_credentials(credentials, context.login) };
    }
    Trouble {
        detail: innermost(failure),
        ..Trouble::new(TroubleKind::Unreachable(context.host.clone()), context.action)
    }
}

/// An answer came, but not all of it, or not one that can be read.
fn of_response(failure: &(dyn Error + 'static), raw: &HttpResponse, context: &Context) -> Trouble {
    let broke_off = find::<ConnectorError>(failure).is_some() || find::<std::io::Error>(failure).is_some();
    let kind = match raw.status().as_u16() {
        _ if broke_off => TroubleKind::Unreachable(context.host.clone()),
        status @ 400.. => of_status(status, context.action),
        _ => TroubleKind::Garbled,
    };
    Trouble { detail: innermost(failure), request_id: request_id(raw), ..Trouble::new(kind, context.action) }
}

fn timed_out(context: &Context) -> Trouble {
    Trouble::new(TroubleKind::TimedOut(context.patience.attempt.as_secs().max(1)), context.action)
}

/// Why there are no credentials. `login` is the command that logs in, where the profile gets them by a login that expires.
///
/// The SDK keeps its error types for a lapsed login to itself, but a login profile has one usual way to fail, and its
/// remedy heals most of the others too.
pub(super) fn of_credentials(error: &CredentialsError, login: Option<&'static str>) -> Trouble {
    use aws_sdk_sts::operation::assume_role::AssumeRoleError;

    if let Some(refused) = find::<SdkError<AssumeRoleError, HttpResponse>>(error) {
        let context =
            Context { action: "sts:AssumeRole", host: "AWS STS".into(), patience: Patience::default(), login: None };
        return trouble(refused, &context);
    }
    if let Some(refused) = find::<AssumeRoleError>(error) {
        let kind = of_code(refused.code().unwrap_or_default(), 400, refused.message(), "sts:AssumeRole");
        return Trouble { detail: refused.message().and_then(clean), ..Trouble::new(kind, "sts:AssumeRole") };
    }
    let unreachable = find::<ConnectorError>(error).is_some();
    match error {
        CredentialsError::CredentialsNotLoaded(_) => Trouble::new(TroubleKind::NoCredentials, ""),
        // The last in the chain: on a workstation, whatever answers at that address is no source of credentials.
        _ if find::<ImdsError>(error).is_some() => Trouble::new(TroubleKind::NoCredentials, ""),
        _ if unreachable => {
            let trouble = Trouble::new(TroubleKind::Unreachable("The source of the credentials".into()), "");
            Trouble { detail: innermost(error), ..trouble }
        }
        CredentialsError::ProviderTimedOut(_) => slow_credentials(),
        _ if login.is_some() => Trouble { detail: login.map(str::to_owned), ..Trouble::new(TroubleKind::Expired, "") },
        _ => Trouble { detail: innermost(error), ..Trouble::new(TroubleKind::NoCredentials, "") },
    }
}

/// The source of the credentials did not answer in time.
pub(super) fn slow_credentials() -> Trouble {
    let detail = Some("their source did not answer in time".into());
    Trouble { detail, ..Trouble::new(TroubleKind::NoCredentials, "") }
}

/// The permission that AWS names in an AccessDenied: `… is not authorized to perform: rekognition:DescribeProjects on …`.
/// Without it, the action that we called is a good guess.
fn permission(message: Option<&str>) -> Option<&str> {
    let rest = message?.split_once("perform: ")?.1;
    let word = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
    let (service, action) = word.split_once(':')?;
    let sane =
        |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    (sane(service) && sane(action)).then_some(word)
}

fn request_id(raw: &HttpResponse) -> Option<String> {
    let headers = raw.headers();
    headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id")).and_then(clean)
}

/// A text from outside without control characters and of a sane length; nothing if nothing is left.
pub(super) fn clean(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
    let text = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let cut: String = text.chars().take(LONGEST_DETAIL).collect();
    let text = if cut.len() < text.len() { format!("{cut}…") } else { cut };
    (!text.is_empty()).then_some(text)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref::<T>())
}

/// The last cause, which most often says it best.
fn innermost(error: &(dyn Error + 'static)) -> Option<String> {
    chain(error).last().and_then(|error| clean(error.to_string().trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: &str) -> TroubleKind {
        of_code(code, 400, None, "lambda:ListEventSourceMappings")
    }

    #[test]
    fn codes_decide() {
        assert_eq!(kind("ExpiredTokenException"), TroubleKind::Expired);
        assert_eq!(kind("UnrecognizedClientException"), TroubleKind::BadCredentials);
        assert_eq!(kind("ProvisionedThroughputExceededException"), TroubleKind::Throttled);
        assert_eq!(kind("AWS.SimpleQueueService.NonExistentQueue"), TroubleKind::NotFound);
        assert_eq!(kind("com.amazonaws.sqs#QueueDoesNotExist"), TroubleKind::NotFound);
        assert_eq!(kind("ResourceConflictException"), TroubleKind::Conflict);
        assert_eq!(kind("LimitExceededException"), TroubleKind::LimitExceeded);
        assert_eq!(kind("ValidationException"), TroubleKind::Invalid);
        assert_eq!(kind("Quux"), TroubleKind::Other("Quux".into()));
        assert_eq!(of_code("Quux", 503, None, ""), TroubleKind::ServiceFault);
    }

    #[test]
    fn a_denial_names_the_permission_that_aws_names_or_the_call() {
        let said = "User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole on resource: arn:x";
        let denied = |message| of_code("AccessDeniedException", 400, message, "scheduler:UpdateSchedule");
        assert_eq!(denied(Some(said)), TroubleKind::Denied("iam:PassRole".into()));
        assert_eq!(denied(Some("Forbidden")), TroubleKind::Denied("scheduler:UpdateSchedule".into()));
        assert_eq!(denied(Some("perform: \u{1b}[31m:x")), TroubleKind::Denied("scheduler:UpdateSchedule".into()));
    }

    #[test]
    fn details_are_clean_and_short() {
        assert_eq!(clean("a\u{1b}[31mb\n\n c\u{7}").unwrap(), "a [31mb c");
        assert_eq!(clean(" \n"), None);
        assert_eq!(clean(&"ü".repeat(400)).unwrap().chars().count(), LONGEST_DETAIL + 1);
    }

    #[test]
    fn a_login_that_lapses_during_the_day_is_told_as_such() {
        use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;

        let lapsed = || Box::new(CredentialsError::provider_error("failed to load the cached SSO token"));
        let told = |login| {
            let failure: SdkError<GetCallerIdentityError, HttpResponse> =
                SdkError::dispatch_failure(ConnectorError::other(lapsed(), None));
            let (action, patience) = ("sts:GetCallerIdentity", Patience::default());
            trouble(&failure, &Context { action, host: String::new(), patience, login }).kind
        };
        assert_eq!(told(Some("aws sso login")), TroubleKind::Expired);
        assert_eq!(told(None), TroubleKind::NoCredentials);
    }

    #[test]
    fn a_login_profile_that_fails_has_most_often_expired() {
        let lapsed = CredentialsError::provider_error("failed to load the cached SSO token");
        let told = of_credentials(&lapsed, Some("aws login"));
        assert_eq!((&told.kind, told.remedy().as_str()), (&TroubleKind::Expired, "Run: aws login"));
        let process = of_credentials(&CredentialsError::provider_error("exit status 3"), None);
        assert_eq!(process.kind, TroubleKind::NoCredentials);
        assert!(process.sentence().contains("could not be loaded: exit status 3."), "{}", process.sentence());
        let none = of_credentials(&CredentialsError::not_loaded_no_source(), Some("aws login"));
        assert_eq!((none.kind, none.detail), (TroubleKind::NoCredentials, None));
        let offline = CredentialsError::provider_error(ConnectorError::io("no route".into()));
        assert!(matches!(of_credentials(&offline, Some("aws login")).kind, TroubleKind::Unreachable(_)));
    }
}
