//! STS: who is asking.

use serde_json::{Value, json};

use super::fault::Fault;
use super::world::World;

/// Answers a call.
///
/// # Errors
/// If the operation is not one of those that are simulated.
pub fn call(world: &mut World, operation: &str, _: &Value) -> Result<Value, Fault> {
    match operation {
        "GetCallerIdentity" => Ok(json!({
            "UserId": user_id(&world.caller),
            "Account": world.account,
            "Arn": world.caller,
        })),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

/// The id that goes with an ARN: of an assumed role the role's id and the session's name.
fn user_id(arn: &str) -> String {
    let mut parts = arn.rsplit('/');
    let last = parts.next().unwrap_or_default();
    if arn.contains(":assumed-role/") {
        format!("AROAEXAMPLEROLE00000A:{last}")
    } else {
        "AIDAEXAMPLEUSER00000A".to_owned()
    }
}
