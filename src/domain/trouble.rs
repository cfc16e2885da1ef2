//! What can go wrong with a call, as the operator needs to hear it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A call that failed: what happened, to what, what it means, and what to do next.
///
/// Made by the `aws` room from typed error codes. It never holds a secret or the SDK's debug text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What kind of trouble, which decides sentence and remedy.
    pub kind: TroubleKind,
    /// The IAM action that was tried: `rekognition:DescribeProjects`. Empty if it failed before any call.
    pub action: String,
    /// What it was about: an ARN or a name, if it was about one thing.
    pub subject: Option<String>,
    /// AWS's own message, cleaned of control characters and cut to a sane length, where it helps.
    pub detail: Option<String>,
    /// AWS's request id, for the journal.
    pub request_id: Option<String>,
    /// The profile in use, so that the remedy can name it.
    pub profile: Option<String>,
}

/// What kind of trouble it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleKind {
    /// No credentials were found anywhere in the chain, or (with a detail) their source failed.
    NoCredentials,
    /// The credentials or the login have expired; the detail is the command that logs in, if there is one.
    Expired,
    /// AWS does not accept the credentials (unknown key, wrong signature).
    BadCredentials,
    /// No region is configured.
    NoRegion,
    /// The region that is configured cannot be one; the text is it.
    BadRegion(String),
    /// The endpoint that is configured is no URL; the text is it.
    BadEndpoint(String),
    /// The profile is not in the configuration files.
    NoProfile,
    /// The caller lacks a permission; the text is that permission.
    Denied(String),
    /// AWS asked us to slow down, beyond our retries.
    Throttled,
    /// The endpoint could not be reached, or the way broke off.
    Unreachable(String),
    /// It was reached and did not answer in time; the number is how many seconds we waited.
    TimedOut(u64),
    /// The thing does not exist (any more).
    NotFound,
    /// The thing is busy or was changed meanwhile.
    Conflict,
    /// A quota is used up.
    LimitExceeded,
    /// AWS found the request invalid: our mistake, or a state that it is not valid in.
    Invalid,
    /// AWS failed.
    ServiceFault,
    /// An answer that we do not understand.
    Garbled,
    /// Anything else; the text is AWS's code.
    Other(String),
}

impl Trouble {
    /// A trouble of `kind` with `action`, and nothing else known.
    #[must_use]
    pub fn new(kind: TroubleKind, action: impl Into<String>) -> Self {
        Self { kind, action: action.into(), subject: None, detail: None, request_id: None, profile: None }
    }

    /// What happened and what it means, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.sentence_about(&self.doing())
    }

    fn sentence_about(&self, doing: &str) -> String {
        match &self.kind {
            TroubleKind::NoCredentials => match &self.detail {
                Some(detail) => format!("The AWS credentials{} could not be loaded: {detail}.", self.of_profile()),
                None => "No AWS credentials were found.".into(),
            },
            TroubleKind::Expired => format!("The login{} has expired.", self.of_profile()),
            TroubleKind::BadCredentials => format!("AWS does not accept the credentials{}.", self.of_profile()),
            TroubleKind::NoRegion => "No AWS region is set.".into(),
            TroubleKind::BadRegion(region) => format!("'{region}' is not the name of an AWS region."),
            TroubleKind::BadEndpoint(url) => format!("'{url}' is not a URL that could be called."),
            TroubleKind::NoProfile => match &self.profile {
                Some(profile) => format!("There is no AWS profile named '{profile}'."),
                None => "The AWS profile does not exist.".into(),
            },
            TroubleKind::Denied(permission) => {
                format!("Not allowed to {doing}: the permission {permission} is missing.")
            }
            TroubleKind::Throttled => format!("AWS is throttling the calls that {doing}."),
            TroubleKind::Unreachable(host) if host.is_empty() => format!("AWS could not be reached to {doing}."),
            TroubleKind::Unreachable(host) => format!("{host} could not be reached to {doing}."),
            TroubleKind::TimedOut(seconds) => format!("AWS did not answer within {seconds} s when asked to {doing}."),
            TroubleKind::NotFound => {
                format!("{} does not exist.", self.subject.as_deref().unwrap_or("What was asked for"))
            }
            TroubleKind::Conflict => {
                format!("{} is busy or was just changed.", self.subject.as_deref().unwrap_or("It"))
            }
            TroubleKind::LimitExceeded => format!("An AWS quota is used up; it was not possible to {doing}."),
            TroubleKind::Invalid => format!("AWS refused the request to {doing} as invalid."),
            TroubleKind::ServiceFault => format!("AWS failed when asked to {doing}."),
            TroubleKind::Garbled => format!("The answer to the request to {doing} could not be understood."),
            TroubleKind::Other(code) => format!("AWS answered {code} when asked to {doing}."),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn remedy(&self) -> String {
        let profile = self.profile.as_deref().map(|name| format!(" --profile {name}")).unwrap_or_default();
        match &self.kind {
            TroubleKind::NoCredentials => {
                "Run 'aws configure' or 'aws sso login', or name a profile with --profile.".into()
            }
            TroubleKind::Expired => match (&self.detail, &self.profile) {
                (Some(login), _) => format!("Run: {login}{profile}"),
                (None, Some(_)) => format!("Run: aws sso login{profile}"),
                (None, None) => "Log in again with 'aws sso login' or 'aws login', or export fresh keys.".into(),
            },
            TroubleKind::BadCredentials => format!("Check the keys with: aws sts get-caller-identity{profile}"),
            TroubleKind::NoRegion => "Give --region, or set AWS_REGION, or 'region' in the profile.".into(),
            TroubleKind::BadRegion(_) => "Write it as in eu-central-1, in --region, AWS_REGION or the profile.".into(),
            TroubleKind::BadEndpoint(_) => {
                "Write it as in http://127.0.0.1:4600, in --endpoint-url, AWS_ENDPOINT_URL or the profile.".into()
            }
            TroubleKind::NoProfile => "List the profiles with: aws configure list-profiles".into(),
            TroubleKind::Denied(permission) => {
                let on = self.subject.as_deref().map(|subject| format!(" on {subject}")).unwrap_or_default();
                format!("Ask for {permission}{on}; everything else goes on without it.")
            }
            TroubleKind::Throttled => {
                "Try again in a minute: someone else is calling too, or refreshes are too frequent.".into()
            }
            TroubleKind::Unreachable(_) => "Check network, proxy, --region and --endpoint-url; then try again.".into(),
            TroubleKind::TimedOut(_) => "Check network and proxy; then try again.".into(),
            TroubleKind::NotFound => "Try again: it may have been deleted meanwhile.".into(),
            TroubleKind::Conflict => "Wait a moment and try again.".into(),
            TroubleKind::LimitExceeded => "Stop another model, or ask AWS for a higher quota.".into(),
            TroubleKind::Invalid | TroubleKind::Garbled => self.please_report(),
            TroubleKind::ServiceFault => "Try again; see the AWS Health Dashboard if it stays.".into(),
            TroubleKind::Other(_) => self.please_report(),
        }
    }

    /// Whether everything is in vain until the operator has done something: there is no use in going on.
    #[must_use]
    pub fn is_about_access(&self) -> bool {
        matches!(
            self.kind,
            TroubleKind::NoCredentials
                | TroubleKind::Expired
                | TroubleKind::BadCredentials
                | TroubleKind::NoRegion
                | TroubleKind::BadRegion(_)
                | TroubleKind::BadEndpoint(_)
                | TroubleKind::NoProfile
        )
    }

    fn host(&self) -> &str {
        match &self.kind {
            TroubleKind::Unreachable(host) => host,
            _ => "",
        }
    }

    fn of_profile(&self) -> String {
        self.profile.as_deref().map(|name| format!(" of profile '{name}'")).unwrap_or_default()
    }

    fn please_report(&self) -> String {
        match &self.detail {
            Some(detail) => format!("AWS says: {detail}"),
            None => "Try again; if it stays, please report it with the time and the account's region.".into(),
        }
    }

    fn doing(&self) -> String {
        let (service, verb) = self.action.split_once(':').unwrap_or(("AWS", self.action.as_str()));
        let words = verb.chars().fold(String::new(), |mut words, letter| {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
            words
        });
        let service = match service {
            "events" => "EventBridge",
            "scheduler" => "EventBridge Scheduler",
            "rekognition" => "Rekognition",
            "lambda" => "Lambda",
            "cloudwatch" => "CloudWatch",
            "sqs" => "SQS",
            "sts" => "STS",
            "s3" => "S3",
            "cloudformation" => "CloudFormation",
            other => other,
        };
        if words.is_empty() { format!("use {service}") } else { format!("{words} in {service}") }
    }
}

/// What happened and what to do next, for several troubles: that nobody answers is said once, with everything that was
/// asked, and not anew for each call.
#[must_use]
pub fn together(troubles: &[Trouble]) -> Vec<(String, String)> {
    let alike = |one: &Trouble, other: &Trouble| match (&one.kind, &other.kind) {
        (TroubleKind::Unreachable(_), TroubleKind::Unreachable(_)) => true,
        (TroubleKind::TimedOut(one), TroubleKind::TimedOut(other)) => one == other,
        _ => false,
    };
    let mut told: Vec<Vec<&Trouble>> = Vec::new();
    for trouble in troubles {
        match told.iter_mut().find(|group| group.first().is_some_and(|first| alike(first, trouble))) {
            Some(group) => group.push(trouble),
            None => told.push(vec![trouble]),
        }
    }
    told.iter().filter_map(|group| Some((group.first()?, group))).map(|(first, group)| said(first, group)).collect()
}

fn said(first: &Trouble, group: &[&Trouble]) -> (String, String) {
    let distinct = |texts: Vec<String>| {
        let mut told: Vec<String> = Vec::new();
        texts.into_iter().filter(|text| !text.is_empty()).for_each(|text| {
            if !told.contains(&text) {
                told.push(text);
            }
        });
        told
    };
    if group.len() == 1 {
        return (first.sentence(), first.remedy());
    }
    let hosts = distinct(group.iter().map(|trouble| trouble.host().to_owned()).collect());
    let kind = match &first.kind {
        TroubleKind::Unreachable(_) => TroubleKind::Unreachable(listed(&hosts)),
        kind => kind.clone(),
    };
    let doing = distinct(group.iter().map(|trouble| trouble.doing()).collect());
    (Trouble { kind, ..first.clone() }.sentence_about(&listed(&doing)), first.remedy())
}

/// `a, b and c`.
fn listed(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sentence(), self.remedy())
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_nobody_answers_is_said_once_with_all_that_was_asked() {
        let unreachable = |host: &str, action| Trouble::new(TroubleKind::Unreachable(host.into()), action);
        let denied = Trouble::new(TroubleKind::Denied("sqs:GetQueueUrl".into()), "sqs:GetQueueUrl");
        let troubles = [
            unreachable("127.0.0.1:9", "rekognition:DescribeProjects"),
            denied.clone(),
            unreachable("127.0.0.1:9", "events:ListRules"),
            unreachable("127.0.0.1:9", "sts:GetCallerIdentity"),
        ];
        let told = together(&troubles);
        let all = "describe projects in Rekognition, list rules in EventBridge and get caller identity in STS";
        assert_eq!(told[0].0, format!("127.0.0.1:9 could not be reached to {all}."));
        assert_eq!(told[1..], [(denied.sentence(), denied.remedy())]);
        let hosts = [unreachable("a.example", "events:ListRules"), unreachable("b.example", "sqs:GetQueueUrl")];
        assert!(together(&hosts)[0].0.starts_with("a.example and b.example could not be reached to list rules"));
        let late = |seconds, action| Trouble::new(TroubleKind::TimedOut(seconds), action);
        assert_eq!(together(&[late(10, "events:ListRules"), late(10, "sqs:GetQueueUrl")]).len(), 1);
        assert_eq!(together(&[late(10, "events:ListRules"), late(5, "sqs:GetQueueUrl")]).len(), 2);
    }
}
