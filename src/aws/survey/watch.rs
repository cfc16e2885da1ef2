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
        let mut of_projects: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for model in self.known.models.rows.values().filter(|model| model.status.in_transition()) {
            of_projects.entry(&model.project_arn).or_default().push(model.arn.version().to_owned());
        }
        let questions = of_projects.into_iter().flat_map(|(project, names)| {
            names.chunks(MOST_NAMES).map(|some| (project, some.to_vec())).collect::<Vec<_>>()
        });
        let questions: Vec<(&str, Vec<String>)> = questions.collect();
        let mut answers = stream::iter(&questions)
            .map(|(project, names)| async move {
                let mut pages = pin!(self.account.models(project, Some(names)));
                while let Some(models) = pages.try_next().await? {
                    self.tell(News::Models(models)).await;
                }
                Ok::<(), Trouble>(())
            })
            .buffer_unordered(ABREAST);
        while let Some(answer) = answers.next().await {
            if let Err(trouble) = answer {
                self.lost_access(PartName::Models, trouble).await;
            }
        }
    }

    async fn watch_mappings(&self) {
        let moving = self.known.mappings.rows.values().filter(|mapping| mapping.state.in_transition());
        let mut answers = stream::iter(moving)
            .map(|mapping| async move { self.account.mapping(&mapping.uuid).await })
            .buffer_unordered(ABREAST);
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
