//! What we listen for on the wire: a simulated account's time, and which host we are talking to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use chrono::{DateTime, Utc};

use crate::clock::Clock;

/// The host (and port) that each service was last asked at, so that a trouble can name it.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl Hosts {
    fn note(&self, service: &'static str, place: &str) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.get(service).is_none_or(|known| known != place) {
            hosts.insert(service, place.to_owned());
        }
    }

    /// The host that `action` (`service:Call`) was sent to; empty if nothing was ever sent.
    pub(super) fn of(&self, action: &str) -> String {
        let service = action.split(':').next().unwrap_or_default();
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(service).cloned().unwrap_or_default()
    }
}

/// Listens on one client.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    pub(super) service: &'static str,
    pub(super) clock: Clock,
    pub(super) hosts: Hosts,
    pub(super) in_process: bool,
}

#[dyn_dispatch_hint]
impl Intercept for Ear {
    fn name(&self) -> &'static str {
        "Ear"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.hosts.note(self.service, place_in(context.request().uri()));
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Nobody but an account on this machine may tell us what time it is.
        if !self.in_process && !is_loopback(host_of(&self.hosts.of(self.service))) {
            return Ok(());
        }
        let headers = context.response().headers();
        if let Some((at, speed)) = simulated_time(headers.get("x-simulated-time"), headers.get("x-simulated-speed")) {
            self.clock.adopt(at, speed);
        }
        Ok(())
    }
}

fn simulated_time(time: Option<&str>, speed: Option<&str>) -> Option<(DateTime<Utc>, f64)> {
    let at = DateTime::parse_from_rfc3339(time?).ok()?.to_utc();
    let speed = speed.and_then(|text| text.parse::<f64>().ok()).filter(|speed| speed.is_finite() && *speed >= 0.0);
    Some((at, speed.unwrap_or(1.0)))
}

/// The host and port in a URL.
fn place_in(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// The host in a URL.
pub(super) fn host_of(url: &str) -> &str {
    let place = place_in(url);
    match place.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in ["http://127.0.0.1:4566", "http://localhost:1/x", "http://[::1]:80", "http://u@127.1.2.3/"] {
            assert!(is_loopback(host_of(url)), "{url}");
        }
        assert!(is_loopback(host_of(place_in("http://[::1]:80/"))));
        for url in ["https://rekognition.eu-central-1.amazonaws.com/", "http://10.0.0.1", "http://localhost.evil.org"] {
            assert!(!is_loopback(host_of(url)), "{url}");
        }
    }

    #[test]
    fn a_simulated_time_needs_a_time_and_a_sane_speed() {
        let at = DateTime::from_timestamp(1_795_180_140, 250_000_000).unwrap();
        assert_eq!(simulated_time(Some("2026-11-20T13:09:00.250Z"), Some("60")), Some((at, 60.0)));
        assert_eq!(simulated_time(Some("2026-11-20T13:09:00.250Z"), Some("NaN")), Some((at, 1.0)));
        assert_eq!(simulated_time(Some("soon"), Some("60")), None);
        assert_eq!(simulated_time(None, Some("60")), None);
    }
}
