//! Rekognition Custom Labels: projects, models, starting and stopping them, and finding labels.

use chrono::{DateTime, TimeDelta};
use serde_json::{Map, Value, json};

use super::args::{BadToken, number, page, small, text, texts};
use super::fault::{Fault, unblob};
use super::world::flow::IMAGES_PER_UNIT;
use super::world::{Model, Project, World, epoch, hash, scatter};

/// Answers a call.
///
/// # Errors
/// As Rekognition does.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "DescribeProjects" => describe_projects(world, input),
        "DescribeProjectVersions" => describe_project_versions(world, input),
        "StartProjectVersion" => start(world, input),
        "StopProjectVersion" => stop(world, input),
        "DetectCustomLabels" => detect(world, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

fn refuse(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(code, 400, message)
}

fn bad_token(_: BadToken) -> Fault {
    refuse("InvalidPaginationTokenException", "Invalid Pagination Token")
}

fn size(input: &Value, key: &str) -> Option<usize> {
    number(input, key).and_then(|size| usize::try_from(size).ok())
}

fn describe_projects(world: &World, input: &Value) -> Result<Value, Fault> {
    let names = texts(input, "ProjectNames");
    let features = texts(input, "Features");
    let wanted = |project: &&Project| {
        let feature = if features.is_empty() {
            project.feature == "CUSTOM_LABELS"
        } else {
            features.contains(&project.feature.as_str())
        };
        feature && (names.is_empty() || names.contains(&project.name.as_str()))
    };
    let mut projects: Vec<&Project> = world.projects.values().filter(wanted).collect();
    projects.sort_by_key(|project| std::cmp::Reverse(project.created));
    let scope = format!("DescribeProjects {names:?} {features:?}");
    let (rows, next) =
        page(world, projects, &scope, text(input, "NextToken"), size(input, "MaxResults"), 100).map_err(bad_token)?;
    let rows: Vec<Value> = rows.into_iter().map(describe_project).collect();
    Ok(with_token(json!({ "ProjectDescriptions": rows }), next))
}

fn describe_project(project: &Project) -> Value {
    let mut out = json!({
        "ProjectArn": project.arn,
        "CreationTimestamp": epoch(project.created),
        "Status": project.status,
        "Datasets": [],
        "Feature": project.feature,
    });
    if project.feature == "CONTENT_MODERATION" {
        set(&mut out, "AutoUpdate", "DISABLED".into());
    }
    out
}

fn with_token(mut out: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        set(&mut out, "NextToken", next.into());
    }
    out
}

fn set(out: &mut Value, key: &str, value: Value) {
    if let Some(fields) = out.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}

fn describe_project_versions(world: &World, input: &Value) -> Result<Value, Fault> {
    let arn = text(input, "ProjectArn").unwrap_or_default();
    let project = world.projects.get(arn).ok_or_else(|| not_found(arn))?;
    let names = texts(input, "VersionNames");
    let wanted =
        |model: &&Model| model.project_arn == arn && (names.is_empty() || names.contains(&model.version.as_str()));
    let mut models: Vec<&Model> = world.models.values().filter(wanted).collect();
    models.sort_by_key(|model| std::cmp::Reverse(model.created));
    let scope = format!("DescribeProjectVersions {arn} {names:?}");
    let (rows, next) =
        page(world, models, &scope, text(input, "NextToken"), size(input, "MaxResults"), 100).map_err(bad_token)?;
    let rows: Vec<Value> = rows.into_iter().map(|model| describe_model(model, project)).collect();
    Ok(with_token(json!({ "ProjectVersionDescriptions": rows }), next))
}

fn describe_model(model: &Model, project: &Project) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    };
    put("ProjectVersionArn", Some(model.arn.as_str().into()));
    put("CreationTimestamp", Some(epoch(model.created)));
    put("MinInferenceUnits", model.min_units.map(Value::from));
    put("Status", Some(model.status.as_str().into()));
    put("StatusMessage", model.status_message.as_deref().map(Value::from));
    put("BillableTrainingTimeInSeconds", model.trained.map(|end| (end - model.created).num_seconds().into()));
    put("TrainingEndTimestamp", model.trained.map(epoch));
    put("OutputConfig", Some(json!({ "S3Bucket": "custom-labels-console", "S3KeyPrefix": model.version })));
    put("EvaluationResult", model.f1.map(|f1| json!({ "F1Score": f1 })));
    put("MaxInferenceUnits", model.max_units.map(Value::from));
    put("VersionDescription", model.description.as_deref().map(Value::from));
    put("Feature", Some(project.feature.as_str().into()));
    if project.feature == "CONTENT_MODERATION" {
        put("BaseModelVersion", Some("7.0".into()));
    }
    Value::Object(out)
}

fn not_found(arn: &str) -> Fault {
    refuse("ResourceNotFoundException", format!("The requested resource {arn} was not found."))
}

fn model<'a>(world: &'a World, input: &Value) -> Result<&'a Model, Fault> {
    let arn = text(input, "ProjectVersionArn").unwrap_or_default();
    let model = world.models.get(arn).ok_or_else(|| not_found(arn))?;
    let project = world.projects.get(&model.project_arn);
    if project.is_some_and(|project| project.feature != "CUSTOM_LABELS") {
        return Err(refuse(
            "InvalidParameterException",
            "This operation is supported for Custom Labels projects only.",
        ));
    }
    Ok(model)
}

fn start(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let found = model(world, input)?;
    let (arn, status, can_start) = (found.arn.clone(), found.status.clone(), found.can_start());
    let min = small(input, "MinInferenceUnits").unwrap_or(1);
    let max = small(input, "MaxInferenceUnits");
    if max.is_some_and(|max| max < min) {
        let message = "MaxInferenceUnits must be greater than or equal to MinInferenceUnits.";
        return Err(refuse("InvalidParameterException", message));
    }
    if !can_start {
        let message = format!("The model cannot be started while its status is {status}.");
        return Err(refuse("ResourceInUseException", message));
    }
    let most = max.unwrap_or(min);
    if most > world.inference_units {
        let message = format!("{most} inference units were requested. Maximum limit: {}", world.inference_units);
        return Err(refuse("LimitExceededException", message));
    }
    let running = world.counted_models();
    if running >= world.running_models {
        let message =
            format!("{running} running models for account {}. Maximum limit: {}", world.account, world.running_models);
        return Err(refuse("LimitExceededException", message));
    }
    world.start_model(&arn, min, max);
    Ok(json!({ "Status": "STARTING" }))
}

fn stop(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let found = model(world, input)?;
    let (arn, status, runs) = (found.arn.clone(), found.status.clone(), found.runs());
    if !runs {
        let message = format!("The model cannot be stopped while its status is {status}.");
        return Err(refuse("ResourceInUseException", message));
    }
    world.stop_model(&arn);
    Ok(json!({ "Status": "STOPPING" }))
}

fn detect(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let found = model(world, input)?;
    if !found.runs() {
        let message = format!("The project version {} is not in the RUNNING state.", found.arn);
        return Err(refuse("ResourceNotReadyException", message));
    }
    let (arn, names) = (found.arn.clone(), found.labels.clone());
    let capacity = f64::from(found.units()) * IMAGES_PER_UNIT;
    let image = input.get("Image").cloned().unwrap_or_default();
    if image.get("Bytes").is_none() == image.get("S3Object").is_none() {
        return Err(refuse(
            "InvalidParameterException",
            "Request has invalid parameters: give either Bytes or S3Object.",
        ));
    }
    looked_at(world, &image)?;
    if !world.let_through(&format!("detect {arn}"), capacity) {
        let message = "The number of requests exceeds the inference units of the model.";
        return Err(refuse("ProvisionedThroughputExceededException", message));
    }
    let least = input.get("MinConfidence").and_then(Value::as_f64).unwrap_or(50.0);
    let most = size(input, "MaxResults").unwrap_or(usize::MAX);
    let seed = hash(&image.to_string());
    let names = if names.is_empty() { vec!["object".to_owned(), "background".to_owned()] } else { names };
    let mut labels: Vec<(f64, String)> = names.into_iter().map(|name| (confidence(seed ^ hash(&name)), name)).collect();
    labels.sort_by(|a, b| b.0.total_cmp(&a.0));
    let labels = labels.into_iter().filter(|(confidence, _)| *confidence >= least).take(most);
    let labels: Vec<Value> =
        labels.map(|(confidence, name)| json!({ "Name": name, "Confidence": confidence })).collect();
    Ok(json!({ "CustomLabels": labels }))
}

/// Whether Rekognition can read an image: it must be there, a JPEG or a PNG, and no larger than 4 MB as bytes or 15 MB in
/// a bucket (Rekognition, "Guidelines and quotas").
fn looked_at(world: &World, image: &Value) -> Result<(), Fault> {
    let within = |bytes: &[u8], most: usize| match bytes {
        bytes if bytes.len() > most => Err(refuse("ImageTooLargeException", "Image size is too large")),
        [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] => Ok(()),
        _ => Err(refuse("InvalidImageFormatException", "Request has invalid image format")),
    };
    if let Some(bytes) = image.get("Bytes").and_then(unblob) {
        return within(&bytes, 4 * 1024 * 1024);
    }
    let place = |key: &str| image.get("S3Object").and_then(|object| text(object, key)).unwrap_or_default();
    match world.buckets.get(place("Bucket")).and_then(|bucket| bucket.objects.get(place("Name"))) {
        Some(object) => within(&object.body, 15 * 1024 * 1024),
        None => {
            let message = "Unable to get object metadata from S3. Check object key, region and/or access permissions.";
            Err(refuse("InvalidS3ObjectException", message))
        }
    }
}

/// A percentage that is always the same for the same image and label.
fn confidence(seed: u64) -> f64 {
    let permille = u32::try_from(scatter(seed) % 100_000).unwrap_or(0);
    f64::from(permille) / 1000.0
}

impl World {
    /// Whether a call is within its rate of so many a second, measured in real seconds: the bucket holds a second's
    /// worth.
    pub fn let_through(&mut self, key: &str, per_second: f64) -> bool {
        let (now, speed) = match self.real.and_then(|real| TimeDelta::from_std(real).ok()) {
            Some(real) => (DateTime::UNIX_EPOCH + real, 1.0),
            None => (self.now, if self.speed > 0.0 { self.speed } else { 1.0 }),
        };
        let rate = self.rates.entry(key.to_owned()).or_insert(super::world::Rate { left: per_second, at: now });
        let passed = (now - rate.at).max(TimeDelta::zero()).as_seconds_f64() / speed;
        rate.left = (rate.left + passed * per_second).min(per_second);
        rate.at = now;
        if rate.left < 1.0 {
            return false;
        }
        rate.left -= 1.0;
        true
    }
}
