//! Rekognition Custom Labels: projects and models.

use aws_sdk_rekognition::types::{CustomizationFeature, ProjectDescription, ProjectVersionDescription};
use futures_util::Stream;

use super::account::Account;
use super::convert::{count, time};
use super::page::{Page, pages};
use crate::domain::model::{Model, Project, Status};
use crate::domain::trouble::Trouble;

/// The largest page that DescribeProjects and DescribeProjectVersions give (botocore's service model).
const PAGE: i32 = 100;

/// As many names as DescribeProjectVersions takes at once (botocore's service model).
pub(super) const MOST_NAMES: usize = 10;

const PROJECTS: &str = "rekognition:DescribeProjects";
const VERSIONS: &str = "rekognition:DescribeProjectVersions";

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
