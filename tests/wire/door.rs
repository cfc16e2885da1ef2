//! The way from the SDK into the simulated account: through its front, in this process.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rekotui::sim::account::Sim;
use rekotui::sim::client::Simulated;

/// A client of the SDK whose requests end at the account's front.
pub fn client(sim: &Arc<Sim>) -> SharedHttpClient {
    SharedHttpClient::new(Simulated::new(sim.clone()))
}
