//! Profile, region and credentials from where the AWS tools look for them, within seconds and with a clear answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::{ProvideRegion, RegionProviderChain};
use aws_config::profile::region::ProfileFileRegionProvider;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::account::{Connect, simulated_credentials, simulated_region};
use super::error;
use super::wire::{host_of, is_loopback};
use crate::domain::trouble::{Trouble, TroubleKind};

/// How long the instance metadata service of EC2 may take: where it exists, it answers at once.
const METADATA: Duration = Duration::from_millis(800);

/// What the environment and the configuration files come to.
pub(super) struct Found {
    pub(super) config: SdkConfig,
    /// The profile, if one was named.
    pub(super) profile: Option<String>,
    /// The command that logs in, if the credentials come from a login that expires.
    pub(super) login: Option<&'static str>,
}

/// Finds profile, region and credentials.
pub(super) async fn from_environment(connect: &Connect) -> Result<Found, Trouble> {
    let profiles = profiles(connect.profile.clone()).await;
    let named = named_profile(connect, profiles.as_ref());
    let fail = |trouble: Trouble| Trouble { profile: named.clone(), ..trouble };
    if let (Some(name), Some(set)) = (&named, &profiles)
        && set.get_profile(name).is_none()
    {
        return Err(fail(Trouble::new(TroubleKind::NoProfile, "")));
    }
    let config = load(connect).await;
    if let Some(url) = config.endpoint_url().filter(|url| !is_url(url)) {
        return Err(fail(Trouble::new(TroubleKind::BadEndpoint(error::clean(url).unwrap_or_default()), "")));
    }
    let here = config.endpoint_url().is_some_and(|url| is_loopback(host_of(url)));
    // An account on this machine wants a signature but nobody's secret, so a missing or lapsed login is no obstacle to it.
    let anyone = here && connect.profile.is_none();
    let region = match config.region().cloned() {
        Some(region) => region,
        None if here => simulated_region(),
        None => metadata_region().await.ok_or_else(|| fail(Trouble::new(TroubleKind::NoRegion, "")))?,
    };
    if !is_region(region.as_ref()) {
        let name = error::clean(region.as_ref()).unwrap_or_default();
        return Err(fail(Trouble::new(TroubleKind::BadRegion(name), "")));
    }
    let login = profiles.as_ref().and_then(|set| login_of(set, named.as_deref().unwrap_or("default")));
    let chain = chain(connect, &region, anyone).await;
    let first = match first_credentials(&chain, connect.patience.credentials).await {
        Ok(credentials) => credentials,
        Err(_) if anyone => simulated_credentials(),
        Err(Some(error)) => return Err(fail(error::of_credentials(&error, login))),
        Err(None) => return Err(fail(error::slow_credentials())),
    };
    let provider = SharedCredentialsProvider::new(Resolved { first: Mutex::new(Some(first)), anyone, chain });
    let config = config.into_builder().region(region).credentials_provider(provider).build();
    Ok(Found { config, profile: named, login })
}

/// Whether something can be called at this address, as far as its form tells.
fn is_url(url: &str) -> bool {
    let place = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or_default();
    let (host, rest) = place.split_at(place.find(['/', '?', '#']).unwrap_or(place.len()));
    !host.is_empty() && !rest.contains(char::is_whitespace) && host.parse::<http::uri::Authority>().is_ok()
}

/// Whether a region can have this name: it becomes a part of the hosts' names.
fn is_region(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

/// What the SDK reads from environment and files, apart from the credentials. The region is not asked of EC2 here: that
/// can take three seconds.
async fn load(connect: &Connect) -> SdkConfig {
    let mut profile_region = ProfileFileRegionProvider::builder();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(connect.patience.timeouts())
        .retry_config(connect.patience.retries())
        .identity_cache(IdentityCache::lazy().load_timeout(connect.patience.credentials).build())
        .no_credentials();
    if let Some(profile) = &connect.profile {
        loader = loader.profile_name(profile);
        profile_region = profile_region.profile_name(profile);
    }
    if let Some(url) = &connect.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let region = RegionProviderChain::first_try(connect.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile_region.build());
    loader.region(region).load().await
}

async fn profiles(named: Option<String>) -> Option<ProfileSet> {
    // A file that cannot be read is reported with the credentials that it should have held.
    let (fs, env, files) = (Default::default(), Default::default(), Default::default());
    aws_config::profile::load(&fs, &env, &files, named.map(Into::into)).await.ok()
}

fn named_profile(connect: &Connect, profiles: Option<&ProfileSet>) -> Option<String> {
    let selected = || profiles.map(|set| set.selected_profile().to_owned()).filter(|name| name != "default");
    connect.profile.clone().or_else(selected)
}

/// How one logs in for a profile, if it or one that it builds on gets its credentials by a login that expires.
fn login_of(profiles: &ProfileSet, name: &str) -> Option<&'static str> {
    let mut name = name.to_owned();
    for _ in 0..8 {
        let profile = profiles.get_profile(&name)?;
        if profile.get("login_session").is_some() {
            return Some("aws login");
        }
        if profile.get("sso_session").or_else(|| profile.get("sso_start_url")).is_some() {
            return Some("aws sso login");
        }
        match profile.get("source_profile") {
            Some(source) if source != name => name = source.to_owned(),
            _ => return None,
        }
    }
    None
}

async fn metadata_region() -> Option<Region> {
    let client = aws_config::imds::Client::builder().max_attempts(1).connect_timeout(METADATA).build();
    let provider = ImdsRegionProvider::builder().imds_client(client).build();
    tokio::time::timeout(METADATA, ProvideRegion::region(&provider)).await.ok()?
}

/// The default chain; for a profile named by flag, that profile before anything in the environment, so that nobody who
/// says `--profile test` works in production because of an exported key.
///
/// For an account that lets anyone in, only what is at hand: the metadata service of EC2 is not waited for.
async fn chain(connect: &Connect, region: &Region, anyone: bool) -> SharedCredentialsProvider {
    if anyone {
        let of_environment = EnvironmentVariableCredentialsProvider::new();
        let of_profile = ProfileFileCredentialsProvider::builder().build();
        let chain = CredentialsProviderChain::first_try("Environment", of_environment);
        return SharedCredentialsProvider::new(chain.or_else("Profile", of_profile));
    }
    let Some(profile) = &connect.profile else {
        let chain = DefaultCredentialsChain::builder().region(region.clone()).build().await;
        return SharedCredentialsProvider::new(chain);
    };
    let config = ProviderConfig::without_region()
        .with_region(Some(region.clone()))
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_retry_config(connect.patience.retries())
        .with_timeout_config(connect.patience.timeouts());
    let of_profile = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build();
    let of_container = EcsCredentialsProvider::builder().configure(&config).build();
    let of_instance = ImdsCredentialsProvider::builder().configure(&config).build();
    SharedCredentialsProvider::new(
        CredentialsProviderChain::first_try("Profile", of_profile)
            .or_else("EcsContainer", of_container)
            .or_else("Ec2InstanceMetadata", of_instance),
    )
}

/// Credentials, or why not; `None` for "not in time".
async fn first_credentials(
    chain: &SharedCredentialsProvider,
    patience: Duration,
) -> Result<Credentials, Option<CredentialsError>> {
    match tokio::time::timeout(patience, chain.provide_credentials()).await {
        Ok(Ok(credentials)) => Ok(credentials),
        Ok(Err(error)) => Err(Some(error)),
        Err(_) => Err(None),
    }
}

/// A chain whose first answer is known: a credential process or a portal is not asked twice at the start.
#[derive(Debug)]
struct Resolved {
    first: Mutex<Option<Credentials>>,
    anyone: bool,
    chain: SharedCredentialsProvider,
}

impl ProvideCredentials for Resolved {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(credentials) => future::ProvideCredentials::ready(Ok(credentials)),
            None if self.anyone => future::ProvideCredentials::new(async {
                Ok(self.chain.provide_credentials().await.unwrap_or_else(|_| simulated_credentials()))
            }),
            None => self.chain.provide_credentials(),
        }
    }
}
