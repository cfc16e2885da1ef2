//! A close look at what is on its way from one state to another, and at nothing else.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::Task;
use crate::aws::rekognition::MOST_NAMES;
use crate::domain::fleet::{News, PartName};
use crate::domain::trouble::Trouble;

/// Calls under way at the same time.
const ABREAST: usize = 4;

impl Task<'_> {
    /// Reads models and mappings in transition. What fails is left to the next sweep, unless the access is gone.
    pub(super) async fn watch(&self) {
        tokio::join!(self.watch_models(), self.watch_mappings());
    }

    async fn watch_models(&self) {
        let mut of_projects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for model in self.known.models.rows.values().filter(|model| model.status.in_transition()) {
            of_projects.entry(model.project_arn.clone()).or_default().push(model.arn.version().to_owned());
        }
        let mut questions = Vec::new();
        for (project, names) in of_projects {
            questions.extend(names.chunks(MOST_NAMES).map(|some| (project.clone(), some.to_vec())));
        }
        let mut answers = stream::iter(questions)
            .map(|(project, names)| async move { self.watch_some(&project, &names).await })
            .buffer_unordered(ABREAST);
        while let Some(answer) = answers.next().await {
            if let Err(trouble) = answer {
                self.lost_access(PartName::Models, trouble).await;
            }
        }
    }

    async fn watch_some(&self, project: &str, names: &[String]) -> Result<(), Trouble> {
        let mut pages = pin!(self.account.models(project, Some(names)));
        while let Some(models) = pages.try_next().await? {
            self.tell(News::Models(models)).await;
        }
        Ok(())
    }

    async fn watch_mappings(&self) {
        let moving = self.known.mappings.rows.values().filter(|mapping| mapping.state.in_transition());
        let moving: Vec<String> = moving.map(|mapping| mapping.uuid.clone()).collect();
        let mut answers =
            stream::iter(moving).map(|uuid| async move { self.account.mapping(&uuid).await }).buffer_unordered(ABREAST);
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(mapping) => self.tell(News::Mappings(vec![mapping])).await,
                Err(trouble) => self.lost_access(PartName::Mappings, trouble).await,
            }
        }
    }

    /// An expired login is told at once: a part that has failed as a whole keeps its rows and its age.
    async fn lost_access(&self, part: PartName, trouble: Trouble) {
        if trouble.is_about_access() {
            let troubles = vec![Trouble { subject: None, ..trouble }];
            self.tell(News::Done { part, seen: Vec::new(), troubles, at: self.now() }).await;
        }
    }
}
