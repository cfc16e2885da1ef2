//! The way into an account: clients with explicit timeouts and retries, and one place through which every call goes.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::sync::OnceCell;

use super::credentials::{self, Found};
use super::error;
use super::pace::Pace;
use super::usage::Asked;
use super::wire::{Ear, Hosts};
use crate::clock::Clock;
use crate::domain::account::Identity;
use crate::domain::trouble::{Trouble, TroubleKind};

/// The region of the simulated account, for whoever connects to it without naming one.
const SIMULATED_REGION: &str = "eu-central-1";

/// How to get into an account.
///
/// What is `None` is found where the AWS tools look for it: the environment (`AWS_PROFILE`, `AWS_REGION`,
/// `AWS_ENDPOINT_URL`, …) and the configuration files.
#[derive(Clone, Debug)]
pub struct Connect {
    /// The profile that the operator named. Its credentials then win over those in the environment, as in the AWS CLI.
    pub profile: Option<String>,
    /// The region that the operator named.
    pub region: Option<String>,
    /// Another endpoint for every service: a proxy, or a simulated account.
    pub endpoint_url: Option<String>,
    /// An account in this process: no file, environment variable or network is touched then.
    pub http_client: Option<SharedHttpClient>,
    /// The clock, which a simulated account may set.
    pub clock: Clock,
    /// Whether to stay under AWS's call rates.
    pub paced: bool,
    /// How long to wait for answers.
    pub patience: Patience,
}

impl Connect {
    /// The account that the environment and the configuration files name.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            http_client: None,
            clock,
            paced: true,
            patience: Patience::default(),
        }
    }

    /// A simulated account in this process.
    #[must_use]
    pub fn in_process(http_client: SharedHttpClient, clock: Clock) -> Self {
        let patience = Patience { backoff: Duration::from_millis(5), ..Patience::default() };
        Self { http_client: Some(http_client), patience, ..Self::new(clock) }
    }
}

/// How long to wait, in real time. The SDK by itself would wait for an answer for ever.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For one attempt at a call.
    pub attempt: Duration,
    /// For a call with all its attempts.
    pub operation: Duration,
    /// For credentials.
    pub credentials: Duration,
    /// How often a call is tried.
    pub attempts: u32,
    /// About how long to wait before the second attempt; doubled for the third.
    pub backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(2_500),
            attempt: Duration::from_secs(8),
            operation: Duration::from_secs(12),
            credentials: Duration::from_secs(5),
            attempts: 3,
            backoff: Duration::from_millis(500),
        }
    }
}

impl Patience {
    pub(super) fn timeouts(&self) -> TimeoutConfig {
        // The attempt's own limit shall speak first: a timeout below it is then one of connecting.
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .read_timeout(self.attempt + Duration::from_secs(1))
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }

    /// Always given explicitly: the SDK panics on some settings that the AWS CLI accepts (`retry_mode = legacy`,
    /// `AWS_MAX_ATTEMPTS=0`).
    pub(super) fn retries(&self) -> RetryConfig {
        RetryConfig::standard().with_max_attempts(self.attempts.max(1)).with_initial_backoff(self.backoff)
    }
}

/// An account in one region. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Account(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rekognition: aws_sdk_rekognition::Client,
    lambda: aws_sdk_lambda::Client,
    scheduler: aws_sdk_scheduler::Client,
    eventbridge: aws_sdk_eventbridge::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    cloudformation: aws_sdk_cloudformation::Client,
    sts: aws_sdk_sts::Client,
    profile: Option<String>,
    region: String,
    login: Option<&'static str>,
    clock: Clock,
    pace: Pace,
    hosts: Hosts,
    patience: Patience,
    identity: OnceCell<Identity>,
    asked: Mutex<Asked>,
}

impl Account {
    /// Finds region and credentials and makes the clients; AWS itself is not called yet.
    ///
    /// # Errors
    /// No such profile, no region, no credentials, or an expired login: each within seconds.
    pub async fn connect(connect: Connect) -> Result<Self, Trouble> {
        let found = match &connect.http_client {
            Some(client) => {
                let config = in_process(&connect, client.clone());
                Found { config, profile: connect.profile.clone(), login: None }
            }
            None => credentials::from_environment(&connect).await?,
        };
        Ok(Self(Arc::new(Inner::over(found, connect))))
    }

    /// Who we are, asked once.
    ///
    /// # Errors
    /// Whatever keeps STS from answering.
    pub async fn identity(&self) -> Result<Identity, Trouble> {
        self.0.identity.get_or_try_init(|| self.caller()).await.cloned()
    }

    /// The profile in use, if one was named by flag or environment.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.0.profile.as_deref()
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.0.region
    }

    /// The clock of this account: the workstation's, or the simulated account's once it has answered.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// CloudWatch is about to be asked for so many metrics.
    pub(super) fn note_asked(&self, metrics: usize) {
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.metrics += metrics as u64;
        asked.calls += 1;
    }

    /// What CloudWatch has been asked for since this was last called.
    #[must_use]
    pub fn take_asked(&self) -> Asked {
        std::mem::take(&mut *self.0.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes one call, paced; what goes wrong becomes a `Trouble` with `action`, `subject` and profile.
    pub(super) async fn call<T, E>(
        &self,
        action: &'static str,
        subject: Option<&str>,
        sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Trouble>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.0.pace.wait(action).await;
        match sent.await {
            Ok(answer) => {
                self.0.pace.went_well(action);
                Ok(answer)
            }
            Err(failure) => {
                let context = error::Context {
                    action,
                    host: self.0.hosts.of(action),
                    patience: self.0.patience,
                    login: self.0.login,
                };
                let trouble = error::trouble(&failure, &context);
                if trouble.kind == TroubleKind::Throttled {
                    self.0.pace.was_throttled(action);
                }
                Err(self.about(trouble, subject))
            }
        }
    }

    /// Adds what the account knows to a trouble.
    pub(super) fn about(&self, trouble: Trouble, subject: Option<&str>) -> Trouble {
        Trouble { subject: subject.map(str::to_owned), profile: self.0.profile.clone(), ..trouble }
    }

    pub(super) fn rekognition(&self) -> &aws_sdk_rekognition::Client {
        &self.0.rekognition
    }

    pub(super) fn lambda(&self) -> &aws_sdk_lambda::Client {
        &self.0.lambda
    }

    pub(super) fn scheduler(&self) -> &aws_sdk_scheduler::Client {
        &self.0.scheduler
    }

    pub(super) fn eventbridge(&self) -> &aws_sdk_eventbridge::Client {
        &self.0.eventbridge
    }

    pub(super) fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        &self.0.cloudwatch
    }

    pub(super) fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.0.sqs
    }

    pub(super) fn cloudformation(&self) -> &aws_sdk_cloudformation::Client {
        &self.0.cloudformation
    }

    pub(super) fn s3(&self) -> &aws_sdk_s3::Client {
        &self.0.s3
    }

    pub(super) fn sts(&self) -> &aws_sdk_sts::Client {
        &self.0.sts
    }
}

impl Inner {
    fn over(found: Found, connect: Connect) -> Self {
        let config = &found.config;
        let hosts = Hosts::default();
        let ear = |service: &'static str| Ear {
            service,
            clock: connect.clock.clone(),
            hosts: hosts.clone(),
            in_process: connect.http_client.is_some(),
        };
        macro_rules! client {
            ($sdk:ident, $service:literal) => {
                $sdk::Client::from_conf($sdk::config::Builder::from(config).interceptor(ear($service)).build())
            };
        }
        Self {
            rekognition: client!(aws_sdk_rekognition, "rekognition"),
            lambda: client!(aws_sdk_lambda, "lambda"),
            scheduler: client!(aws_sdk_scheduler, "scheduler"),
            eventbridge: client!(aws_sdk_eventbridge, "events"),
            cloudwatch: client!(aws_sdk_cloudwatch, "cloudwatch"),
            sqs: client!(aws_sdk_sqs, "sqs"),
            s3: storage(config, ear("s3")),
            cloudformation: client!(aws_sdk_cloudformation, "cloudformation"),
            sts: client!(aws_sdk_sts, "sts"),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            profile: found.profile,
            login: found.login,
            clock: connect.clock,
            pace: Pace::new(connect.paced),
            hosts,
            patience: connect.patience,
            identity: OnceCell::new(),
            asked: Mutex::default(),
        }
    }
}

/// Another endpoint than AWS's own has no name for each bucket, so buckets stand in the path there.
fn storage(config: &SdkConfig, ear: Ear) -> aws_sdk_s3::Client {
    let paths = config.endpoint_url().is_some();
    aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(config).interceptor(ear).force_path_style(paths).build(),
    )
}

/// A configuration that comes from nowhere but the request: what runs in this process needs no machine's set-up.
fn in_process(connect: &Connect, client: SharedHttpClient) -> SdkConfig {
    let region = connect.region.clone().unwrap_or_else(|| SIMULATED_REGION.into());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(simulated_credentials()))
        .http_client(client)
        .timeout_config(connect.patience.timeouts())
        .retry_config(connect.patience.retries());
    config.set_endpoint_url(connect.endpoint_url.clone());
    config.build()
}

/// Credentials for a simulated account, which asks for a signature but for nobody's secret.
pub(super) fn simulated_credentials() -> Credentials {
    Credentials::new("SIMULATED", "simulated", None, None, "rekotui")
}

/// The region for a simulated account on this machine, if none was named.
pub(super) fn simulated_region() -> Region {
    Region::from_static(SIMULATED_REGION)
}
