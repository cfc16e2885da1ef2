//! Projects, and the models of each.

use std::cmp::Reverse;
use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::Task;
use super::part::{Brake, Row, Tally};
use crate::domain::fleet::{News, PartName};
use crate::domain::model::{Model, Project};
use crate::domain::trouble::{Trouble, TroubleKind};

/// Projects that are asked at the same time.
const ABREAST: usize = 16;

impl Task<'_> {
    /// Reads projects and models, and gives the models: those read, and those kept where reading failed.
    pub(super) async fn models(&self) -> Vec<Model> {
        let mut tally = Tally::new(PartName::Models);
        let projects = match self.projects().await {
            Ok(projects) => projects,
            Err(trouble) => {
                // Without the list, the projects that are known from before can still be asked.
                if self.known.projects.rows.is_empty() {
                    tally.fail(trouble);
                }
                self.known.projects.rows.values().cloned().collect()
            }
        };
        let brake = Brake::default();
        let brake = &brake;
        let mut answers = stream::iter(self.in_order(projects))
            .map(|project| async move { self.models_of(project, brake).await })
            .buffer_unordered(ABREAST);
        while let Some((read, rest)) = answers.next().await {
            if !read.is_empty() {
                self.tell(News::Models(read.clone())).await;
            }
            match rest {
                None => tally.take_all(&read),
                Some(failed) => {
                    tally.rows.extend(read);
                    tally.take(failed);
                }
            }
        }
        if tally.has_failed() {
            tally.rows = self.known.models.rows.values().cloned().collect();
        }
        tally.finish(self, |model| model.arn.as_str(), self.now()).await
    }

    async fn projects(&self) -> Result<Vec<Project>, Trouble> {
        let mut tally = Tally::new(PartName::Projects);
        let mut pages = pin!(self.account.projects());
        let failed = loop {
            match pages.try_next().await {
                Ok(Some(page)) => {
                    tally.take_all(&page);
                    self.tell(News::Projects(page)).await;
                }
                Ok(None) => break None,
                Err(trouble) => break Some(trouble),
            }
        };
        if let Some(trouble) = &failed {
            tally.fail(trouble.clone());
        }
        let projects = tally.finish(self, |project| project.arn.as_str(), self.now()).await;
        failed.map_or(Ok(projects), Err)
    }

    /// Under Rekognition's five calls a second the last project waits long: those come first in which something runs or
    /// is known to be.
    fn in_order(&self, mut projects: Vec<Project>) -> Vec<Project> {
        let known = &self.known.models.rows;
        let weight = |project: &Project| {
            let models = known.values().filter(|model| model.project_arn == project.arn);
            models.map(|model| if model.status.is_on() || model.status.in_transition() { 2 } else { 1 }).max()
        };
        projects.sort_by_cached_key(|project| Reverse(weight(project)));
        projects
    }

    /// The models of a project; if not all could be read, also what became of the rest.
    async fn models_of(&self, project: Project, brake: &Brake) -> (Vec<Model>, Option<Row<Model>>) {
        let mut read: Vec<Model> = Vec::new();
        if brake.is_on() || self.news.is_closed() {
            return (read, Some(Row::Failed(self.models_known_of(&project.arn, &[]), None)));
        }
        let failed = {
            let mut pages = pin!(self.account.models(&project.arn, None));
            loop {
                match pages.try_next().await {
                    Ok(Some(page)) => read.extend(page),
                    Ok(None) => break None,
                    // Deleted since it was listed.
                    Err(trouble) if trouble.kind == TroubleKind::NotFound => break None,
                    Err(trouble) => break Some(trouble),
                }
            }
        };
        let rest = failed.map(|trouble| {
            brake.note(&trouble);
            Row::Failed(self.models_known_of(&project.arn, &read), Some(trouble))
        });
        (read, rest)
    }

    /// What is known of a project's models, those apart that were just read.
    fn models_known_of(&self, project_arn: &str, read: &[Model]) -> Vec<Model> {
        let known = self.known.models.rows.values().filter(|model| model.project_arn == project_arn);
        known.filter(|model| read.iter().all(|other| other.arn != model.arn)).cloned().collect()
    }
}
