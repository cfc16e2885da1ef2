//! Mappings: one list tells it all.

use std::pin::pin;

use futures_util::TryStreamExt;

use super::Task;
use super::part::Tally;
use crate::domain::fleet::{News, PartName};
use crate::domain::mapping::Mapping;

impl Task<'_> {
    /// Reads the mappings, and gives them; those known from before if that failed.
    pub(super) async fn mappings(&self) -> Vec<Mapping> {
        let mut tally = Tally::new(PartName::Mappings);
        let mut pages = pin!(self.account.mappings());
        loop {
            match pages.try_next().await {
                Ok(Some(page)) => {
                    tally.take_all(&page);
                    self.tell(News::Mappings(page)).await;
                }
                Ok(None) => break,
                Err(trouble) => {
                    tally.fail(trouble);
                    tally.rows = self.known.mappings.rows.values().cloned().collect();
                    break;
                }
            }
        }
        tally.finish(self, |mapping| mapping.uuid.as_str(), self.now()).await
    }
}
