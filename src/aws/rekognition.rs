//! Rekognition Custom Labels: projects and models.

use aws_sdk_rekognition::config::Builder as Config;
use aws_sdk_rekognition::operation::RequestId;
use aws_sdk_rekognition::types::{
    CustomLabel, CustomizationFeature, Image as Pixels, ProjectDescription, ProjectVersionDescription, S3Object,
};
use futures_util::{Stream, TryStreamExt};

use super::account::Account;
use super::convert::{count, time};
use super::page::{Page, pages};
use super::receipt::{Receipt, once};
use crate::domain::inference::{Image, Label, Look};
use crate::domain::model::{Model, ModelArn, Project, Status};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

/// The largest page that DescribeProjects and DescribeProjectVersions give (botocore's service model).
const PAGE: i32 = 100;

/// As many names as DescribeProjectVersions takes at once (botocore's service model).
pub(super) const MOST_NAMES: usize = 10;

const PROJECTS: &str = "rekognition:DescribeProjects";
const VERSIONS: &str = "rekognition:DescribeProjectVersions";
const START: &str = "rekognition:StartProjectVersion";
const STOP: &str = "rekognition:StopProjectVersion";
const DETECT: &str = "rekognition:DetectCustomLabels";

impl Account {
    /// All Custom Labels projects, page by page.
    pub(super) fn projects(&self) -> impl Stream<Item = Result<Vec<Project>, Trouble>> + Send + '_ {
        pages(PROJECTS, move |token| async move {
            // Without `Features` AWS leaves moderation projects out, which can be neither started nor stopped.
            let sent = self.rekognition().describe_projects().max_results(PAGE).set_next_token(token).send();
            let page = self.call(PROJECTS, None, sent).await?;
            let rows = page.project_descriptions.unwrap_or_default().into_iter().filter_map(project).collect();
            Ok(Page { rows, next: page.next_token })
        })
    }

    /// The models of a project, page by page: all of them, or those of these version names (at most [`MOST_NAMES`]).
    pub(super) fn models<'a>(
        &'a self,
        project_arn: &'a str,
        names: Option<&'a [String]>,
    ) -> impl Stream<Item = Result<Vec<Model>, Trouble>> + Send + 'a {
        pages(VERSIONS, move |token| async move {
            let sent = self
                .rekognition()
                .describe_project_versions()
                .project_arn(project_arn)
                .set_version_names(names.map(<[String]>::to_vec))
                .max_results(PAGE)
                .set_next_token(token)
                .send();
            let page = self.call(VERSIONS, Some(project_arn), sent).await?;
            let versions = page.project_version_descriptions.unwrap_or_default();
            let rows = versions.into_iter().filter_map(|version| model(project_arn, version)).collect();
            Ok(Page { rows, next: page.next_token })
        })
    }
}

impl Account {
    /// A model as it is now. `None`: it is gone.
    ///
    /// # Errors
    /// Whatever keeps Rekognition from answering.
    pub async fn model_now(&self, model: &ModelArn, project_arn: &str) -> Result<Option<Model>, Trouble> {
        let names = [model.version().to_owned()];
        match self.models(project_arn, Some(&names)).try_concat().await {
            // A version that was deleted and made anew has the same name.
            Ok(found) => Ok(found.into_iter().find(|found| found.arn == *model)),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// The project of a name. `None`: there is none.
    ///
    /// # Errors
    /// Whatever keeps Rekognition from answering.
    pub async fn project_now(&self, name: &str) -> Result<Option<Project>, Trouble> {
        let sent = self.rekognition().describe_projects().project_names(name).send();
        let page = match self.call(PROJECTS, None, sent).await {
            Ok(page) => page,
            Err(trouble) if trouble.kind == TroubleKind::NotFound => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let found = page.project_descriptions.unwrap_or_default().into_iter().filter_map(project);
        Ok(found.into_iter().find(|project| project.name() == name))
    }

    /// The models of all projects that are on or on their way.
    ///
    /// # Errors
    /// Whatever keeps Rekognition from answering.
    pub async fn running_models(&self) -> Result<Vec<Model>, Trouble> {
        let mut running = Vec::new();
        for project in self.projects().try_concat().await? {
            match self.models(&project.arn, None).try_concat().await {
                Ok(models) => running.extend(models.into_iter().filter(|model| model.status.is_on())),
                // Deleted since it was listed.
                Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(running)
    }

    /// DetectCustomLabels: what a model sees in an image in S3, the surest first.
    ///
    /// # Errors
    /// A model that does not run is a `Conflict`; more images at once than its units can take is `Throttled`.
    pub async fn labels(&self, model: &ModelArn, image: &Image, look: &Look) -> Result<Vec<Label>, Trouble> {
        let object = S3Object::builder().bucket(&image.bucket).name(&image.key).set_version(image.version.clone());
        let sent = self
            .rekognition()
            .detect_custom_labels()
            .project_version_arn(model.as_str())
            .image(Pixels::builder().s3_object(object.build()).build())
            .set_min_confidence(look.least)
            .set_max_results(look.most.map(|most| i32::try_from(most).unwrap_or(i32::MAX)))
            .send();
        let answer = self.call(DETECT, Some(&image.to_string()), sent).await?;
        Ok(answer.custom_labels.unwrap_or_default().into_iter().filter_map(label).collect())
    }

    /// StartProjectVersion, tried once. It has no token that would make a second call the same call.
    ///
    /// # Errors
    /// When Rekognition refuses it or does not answer; a quota that is used up is `LimitExceeded`.
    pub async fn start_model(
        &self,
        _: &Permit,
        model: &ModelArn,
        min_units: u32,
        max_units: Option<u32>,
    ) -> Result<Receipt, Trouble> {
        let number = |units: u32| i32::try_from(units).unwrap_or(i32::MAX);
        let sent = self
            .rekognition()
            .start_project_version()
            .project_version_arn(model.as_str())
            .min_inference_units(number(min_units))
            .set_max_inference_units(max_units.map(number))
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        let answer = self.call(START, Some(model.as_str()), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }

    /// StopProjectVersion, tried once.
    ///
    /// # Errors
    /// When Rekognition refuses it or does not answer.
    pub async fn stop_model(&self, _: &Permit, model: &ModelArn) -> Result<Receipt, Trouble> {
        let sent = self
            .rekognition()
            .stop_project_version()
            .project_version_arn(model.as_str())
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        let answer = self.call(STOP, Some(model.as_str()), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }
}

fn project(description: ProjectDescription) -> Option<Project> {
    if description.feature == Some(CustomizationFeature::ContentModeration) {
        return None;
    }
    Some(Project {
        arn: description.project_arn?,
        created: time(description.creation_timestamp.as_ref()),
        status: description.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
    })
}

fn model(project_arn: &str, version: ProjectVersionDescription) -> Option<Model> {
    let f1 = version.evaluation_result.as_ref().and_then(|result| result.f1_score);
    Some(Model {
        arn: version.project_version_arn?.parse().ok()?,
        project_arn: project_arn.to_owned(),
        status: Status::from(version.status.map(|status| status.as_str().to_owned()).unwrap_or_default()),
        status_message: version.status_message.filter(|message| !message.is_empty()),
        min_units: count(version.min_inference_units),
        max_units: count(version.max_inference_units),
        f1: f1.map(decimal),
        created: time(version.creation_timestamp.as_ref()),
        trained: time(version.training_end_timestamp.as_ref()),
        billed_training_seconds: version.billable_training_time_in_seconds.and_then(|span| u64::try_from(span).ok()),
        description: version.version_description.filter(|text| !text.is_empty()),
    })
}

fn label(label: CustomLabel) -> Option<Label> {
    let place = label
        .geometry
        .and_then(|geometry| geometry.bounding_box)
        .and_then(|place| Some([place.left?, place.top?, place.width?, place.height?].map(decimal)));
    Some(Label { name: label.name?, confidence: decimal(label.confidence?), place })
}

/// The number that AWS wrote: the SDK keeps it as a float of half the width, whose tail of digits nobody wrote.
fn decimal(short: f32) -> f64 {
    short.to_string().parse().unwrap_or_else(|_| f64::from(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_keeps_the_digits_that_aws_wrote() {
        assert_eq!(decimal(0.93).to_string(), "0.93");
    }

    #[test]
    fn moderation_projects_are_left_out() {
        let described = |feature| ProjectDescription::builder().project_arn("arn:x").feature(feature).build();
        assert!(project(described(CustomizationFeature::ContentModeration)).is_none());
        assert!(project(described(CustomizationFeature::CustomLabels)).is_some());
    }
}
