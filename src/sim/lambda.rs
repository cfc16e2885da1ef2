//! Lambda: event source mappings, and functions as far as their configuration and invoking them goes.

use serde_json::{Map, Value, json};

use super::args::{number, page, small, text, texts};
use super::fault::Fault;
use super::world::{Function, Mapping, World, epoch, function_name};

/// Answers a call.
///
/// # Errors
/// As Lambda does.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "ListEventSourceMappings" => list(world, input),
        "GetEventSourceMapping" => find(world, input).map(|mapping| describe(world, mapping)),
        "UpdateEventSourceMapping" => update(world, input),
        "GetFunctionConfiguration" => configuration(world, input),
        "Invoke" => invoke(world, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", 400, message)
}

fn list(world: &World, input: &Value) -> Result<Value, Fault> {
    let (function, source) = (text(input, "FunctionName"), text(input, "EventSourceArn"));
    let wanted = |mapping: &&Mapping| {
        function.is_none_or(|function| same_function(function, &mapping.function_arn))
            && source.is_none_or(|source| source == mapping.queue_arn)
    };
    let mappings: Vec<&Mapping> = world.mappings.values().filter(wanted).collect();
    let scope = format!("ListEventSourceMappings {function:?} {source:?}");
    let size = number(input, "MaxItems").and_then(|size| usize::try_from(size).ok());
    let (rows, next) = page(world, mappings, &scope, text(input, "Marker"), size, 100)
        .map_err(|_| invalid("Invalid pagination marker."))?;
    let rows: Vec<Value> = rows.into_iter().map(|mapping| describe(world, mapping)).collect();
    let mut out = json!({ "EventSourceMappings": rows });
    if let (Some(next), Some(fields)) = (next, out.as_object_mut()) {
        fields.insert("NextMarker".to_owned(), next.into());
    }
    Ok(out)
}

/// Whether a reference means the function (and the alias) of an ARN.
fn same_function(reference: &str, arn: &str) -> bool {
    function_name(reference) == function_name(arn) && qualifier(reference) == qualifier(arn)
}

/// The alias or version in a reference to a function.
fn qualifier(reference: &str) -> Option<&str> {
    let name = function_name(reference);
    let at = reference.rfind(name)? + name.len();
    reference.get(at..)?.strip_prefix(':')
}

fn find<'a>(world: &'a World, input: &Value) -> Result<&'a Mapping, Fault> {
    let uuid = text(input, "UUID").unwrap_or_default();
    let missing = || Fault::new("ResourceNotFoundException", 404, "The resource you requested does not exist.");
    world.mappings.get(uuid).ok_or_else(missing)
}

fn describe(world: &World, mapping: &Mapping) -> Value {
    let mut out = json!({
        "UUID": mapping.uuid,
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.window_seconds,
        "EventSourceArn": mapping.queue_arn,
        "FunctionArn": mapping.function_arn,
        "LastModified": epoch(mapping.modified),
        "State": mapping.state,
        "StateTransitionReason": mapping.reason,
        "EventSourceMappingArn": world.arn("lambda", &format!("event-source-mapping:{}", mapping.uuid)),
        "FunctionResponseTypes": if mapping.report_failures { vec!["ReportBatchItemFailures"] } else { Vec::new() },
    });
    if let Some(fields) = out.as_object_mut() {
        if !mapping.filters.is_empty() {
            let filters: Vec<Value> = mapping.filters.iter().map(|pattern| json!({ "Pattern": pattern })).collect();
            fields.insert("FilterCriteria".to_owned(), json!({ "Filters": filters }));
        }
        if let Some(most) = mapping.max_concurrency {
            fields.insert("ScalingConfig".to_owned(), json!({ "MaximumConcurrency": most }));
        }
    }
    out
}

/// Members that belong to other kinds of sources than queues.
const FOR_STREAMS: [&str; 9] = [
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "SourceAccessConfigurations",
    "TumblingWindowInSeconds",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
];

fn update(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let mut changed = find(world, input)?.clone();
    if changed.in_transition() {
        let message = "Cannot update the event source mapping because it is in use.";
        return Err(Fault::new("ResourceInUseException", 400, message));
    }
    if let Some(other) = FOR_STREAMS.iter().find(|key| input.get(**key).is_some()) {
        return Err(invalid(format!("Unsupported parameter for given event source mapping type: {other}")));
    }
    apply(world, &mut changed, input)?;
    let uuid = changed.uuid.clone();
    let enabled = changed.state == "Enabled";
    let (state, becomes) = match input.get("Enabled").and_then(Value::as_bool) {
        Some(true) if !enabled => ("Enabling", "Enabled"),
        Some(false) if enabled => ("Disabling", "Disabled"),
        _ if enabled => ("Updating", "Enabled"),
        _ => ("Updating", "Disabled"),
    };
    world.mappings.insert(uuid.clone(), changed);
    if input.get("FunctionName").is_some() {
        world.relink();
    }
    world.mapping_begins(&uuid, state, becomes);
    find(world, input).map(|mapping| describe(world, mapping))
}

/// Takes over the members that were sent; what was not sent stays as it is.
fn apply(world: &World, mapping: &mut Mapping, input: &Value) -> Result<(), Fault> {
    if let Some(reference) = text(input, "FunctionName") {
        let function = world.function(reference).ok_or_else(|| missing_function(world, reference))?;
        mapping.function_arn = match qualifier(reference) {
            Some(alias) => format!("{}:{alias}", function.arn),
            None => function.arn.clone(),
        };
    }
    if let Some(size) = small(input, "BatchSize") {
        mapping.batch_size = size;
    }
    if let Some(seconds) = small(input, "MaximumBatchingWindowInSeconds") {
        mapping.window_seconds = seconds;
    }
    if mapping.batch_size > 10 && mapping.window_seconds == 0 {
        let message = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
        return Err(invalid(message));
    }
    if let Some(scaling) = input.get("ScalingConfig") {
        mapping.max_concurrency = small(scaling, "MaximumConcurrency");
    }
    if input.get("FunctionResponseTypes").is_some() {
        mapping.report_failures = !texts(input, "FunctionResponseTypes").is_empty();
    }
    if let Some(criteria) = input.get("FilterCriteria") {
        let filters = criteria.get("Filters").and_then(Value::as_array).cloned().unwrap_or_default();
        mapping.filters = filters.iter().filter_map(|filter| text(filter, "Pattern")).map(str::to_owned).collect();
    }
    Ok(())
}

fn missing_function(world: &World, reference: &str) -> Fault {
    let arn = world.arn("lambda", &format!("function:{}", function_name(reference)));
    Fault::new("ResourceNotFoundException", 404, format!("Function not found: {arn}"))
}

fn configuration(world: &World, input: &Value) -> Result<Value, Fault> {
    let reference = text(input, "FunctionName").unwrap_or_default();
    let function = world.function(reference).ok_or_else(|| missing_function(world, reference))?;
    let alias = text(input, "Qualifier").or_else(|| qualifier(reference)).filter(|alias| *alias != "$LATEST");
    Ok(describe_function(world, function, alias))
}

fn describe_function(world: &World, function: &Function, alias: Option<&str>) -> Value {
    let arn = match alias {
        Some(alias) => format!("{}:{alias}", function.arn),
        None => function.arn.clone(),
    };
    let mut out = json!({
        "FunctionName": function.name,
        "FunctionArn": arn,
        "Runtime": function.runtime,
        "Role": format!("arn:aws:iam::{}:role/{}-role", world.account, function.name),
        "Handler": "bootstrap",
        "CodeSize": 4_718_592,
        "Description": function.description,
        "Timeout": function.timeout_seconds,
        "MemorySize": 128,
        "LastModified": function.modified.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string(),
        "CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "Version": if alias.is_some() { "1" } else { "$LATEST" },
        "TracingConfig": { "Mode": "PassThrough" },
        "RevisionId": super::world::uuid(super::world::hash(&function.arn)),
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["arm64"],
        "EphemeralStorage": { "Size": 512 },
    });
    if let (false, Some(fields)) = (function.environment.is_empty(), out.as_object_mut()) {
        let variables: Map<String, Value> =
            function.environment.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        fields.insert("Environment".to_owned(), json!({ "Variables": variables }));
    }
    if let Some(fields) = out.as_object_mut() {
        fields.extend(function.configuration.clone());
    }
    out
}

fn invoke(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let reference = text(input, "FunctionName").unwrap_or_default();
    let name = world.function(reference).ok_or_else(|| missing_function(world, reference))?.name.clone();
    let payload = payload(input)?;
    let version = "$LATEST";
    match text(input, "InvocationType").unwrap_or("RequestResponse") {
        "DryRun" => Ok(json!({ "StatusCode": 204 })),
        "Event" => {
            world.invoke_later(&name, payload);
            Ok(json!({ "StatusCode": 202 }))
        }
        _ => match world.invoke_now(&name, payload) {
            Ok(answer) => Ok(json!({
                "StatusCode": 200,
                "ExecutedVersion": version,
                "Payload": super::fault::blob(answer.to_string().as_bytes()),
            })),
            Err(message) => {
                let error = json!({ "errorMessage": message, "errorType": "Error" });
                Ok(json!({
                    "StatusCode": 200,
                    "ExecutedVersion": version,
                    "FunctionError": "Unhandled",
                    "Payload": super::fault::blob(error.to_string().as_bytes()),
                }))
            }
        },
    }
}

fn payload(input: &Value) -> Result<Value, Fault> {
    let bytes = input.get("Payload").and_then(super::fault::unblob).unwrap_or_default();
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        let message = format!("Could not parse request body into json: {error}");
        Fault::new("InvalidRequestContentException", 400, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_part_of_what_a_reference_means() {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:startup";
        assert_eq!(qualifier("startup"), None);
        assert_eq!(qualifier("startup:live"), Some("live"));
        assert_eq!(qualifier(&format!("{arn}:live")), Some("live"));
        assert!(same_function("startup", arn) && !same_function("startup:live", arn));
    }
}
