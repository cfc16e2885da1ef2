//! Schedule groups and their tags: by these a deployed stack says what it provides.

use chrono::TimeDelta;
use futures_util::TryStreamExt;

use super::Task;
use super::memory::is_fresh;
use super::part::{Brake, Row, Tally};
use crate::domain::fleet::{News, PartName};
use crate::domain::stack::Group;

/// How long what was read is good for.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(15);
/// The tags of so many groups are read at most: a stack has one.
const MOST: usize = 50;

impl Task<'_> {
    /// Reads the groups and their tags, when they have grown old.
    pub(super) async fn groups(&self) {
        let mut tally = Tally::new(PartName::Groups);
        let (known, now) = (&self.known.groups, self.now());
        if is_fresh(known.as_of, now, GOOD_FOR) {
            let rows: Vec<Group> = known.rows.values().cloned().collect();
            tally.take_all(&rows);
            if !rows.is_empty() {
                self.tell(News::Groups(rows)).await;
            }
            tally.finish(self, |group| group.arn.as_str(), known.as_of.unwrap_or(now)).await;
            return;
        }
        match self.account.groups().try_concat().await {
            Ok(groups) => {
                let brake = Brake::default();
                // One after the other: AWS allows ten calls about groups a second (EventBridge Scheduler quotas).
                for group in groups.into_iter().take(MOST) {
                    if let Some(row) = tally.take(self.tagged(group, &brake).await) {
                        self.tell(News::Groups(vec![row])).await;
                    }
                }
            }
            Err(trouble) => tally.fail(trouble),
        }
        tally.finish(self, |group| group.arn.as_str(), now).await;
    }

    async fn tagged(&self, group: Group, brake: &Brake) -> Row<Group> {
        let fallback = || self.known.groups.rows.get(&group.arn).cloned().into_iter().collect();
        if brake.is_on() || self.news.is_closed() {
            return Row::Failed(fallback(), None);
        }
        match self.account.group_tags(&group.arn).await {
            Ok(None) => Row::Gone,
            Ok(Some(tags)) => Row::Read(Group { tags, ..group }),
            Err(trouble) => {
                brake.note(&trouble);
                Row::Failed(fallback(), Some(trouble))
            }
        }
    }
}
