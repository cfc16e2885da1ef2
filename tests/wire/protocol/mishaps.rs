//! What the simulated account does to its answers on purpose, as a client meets it.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use rekotui::sim::client::Simulated;

use crate::wire::bench::{Bench, PARTS, UUID};

const UPDATE: &str = "UpdateEventSourceMapping";

fn lambda(bench: &Bench) -> aws_sdk_lambda::Client {
    let account = bench.sim.clone();
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(aws_sdk_lambda::config::BehaviorVersion::latest())
        .region(aws_sdk_lambda::config::Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().read_timeout(Duration::from_millis(1)).build())
        .http_client(Simulated::new(account as Arc<_>));
    aws_sdk_lambda::Client::from_conf(config.build())
}

fn state(bench: &Bench) -> String {
    bench.sim.world().mappings[UUID].state.clone()
}

#[tokio::test]
async fn a_lost_connection_leaves_open_whether_the_call_took_effect() {
    let bench = Bench::new("", PARTS);
    let enable = || lambda(&bench).update_event_source_mapping().uuid(UUID).enabled(true).send();
    bench.sim.faults().drop_before("lambda", UPDATE, 1);
    let error = enable().await.unwrap_err();
    assert!(matches!(&error, SdkError::DispatchFailure(why) if why.is_io()), "{error:?}");
    assert_eq!(state(&bench), "Disabled");
    bench.sim.faults().drop_after("lambda", UPDATE, 1);
    let error = enable().await.unwrap_err();
    assert!(matches!(&error, SdkError::DispatchFailure(why) if why.is_io()), "{error:?}");
    assert_eq!(state(&bench), "Enabling");
}

#[tokio::test]
async fn answers_that_break_off_or_never_come_are_no_answers() {
    let bench = Bench::new("", PARTS);
    let get = || lambda(&bench).get_event_source_mapping().uuid(UUID).send();
    bench.sim.faults().truncate("lambda", "GetEventSourceMapping", 1);
    let error = get().await.unwrap_err();
    assert!(matches!(error, SdkError::ResponseError(_)), "{error:?}");
    bench.sim.faults().slow("lambda", "GetEventSourceMapping", Duration::from_secs(3_600));
    let error = get().await.unwrap_err();
    assert!(matches!(&error, SdkError::DispatchFailure(why) if why.is_timeout()), "{error:?}");
    bench.sim.faults().clear();
    bench.sim.faults().fail("lambda", "GetEventSourceMapping", 1);
    let error = get().await.unwrap_err();
    assert_eq!(
        (error.code(), error.raw_response().map(|raw| raw.status().as_u16())),
        (Some("ServiceException"), Some(500))
    );
    assert_eq!(get().await.unwrap().state(), Some("Disabled"), "and then it is well again");
}
