//! The survey: the whole fleet, read side by side and told as it comes in.
//!
//! What has not changed since the last survey is not asked again where AWS lets us know (schedules carry the date of
//! their last change), and what costs money or hardly ever changes is asked rarely. A call that fails darkens its own
//! part alone, and a failure that concerns one row leaves the others whole.

mod activity;
mod functions;
mod groups;
mod mappings;
mod memory;
mod models;
mod part;
mod queues;
mod schedules;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tokio::sync::mpsc::Sender;

use self::memory::Memory;
use super::account::Account;
use crate::domain::fleet::{Fleet, News, PartName};

/// What a survey reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every part of the fleet. Each part ends with `News::Done`.
    Everything,
    /// What models there are and what is planned for them, but neither queues nor what models ran lately: nothing that
    /// CloudWatch charges for.
    Plan,
    /// Only what is on its way from one state to another: models and mappings in transition. No part is marked as being
    /// read, and none ends; rows alone are told.
    Watch,
}

/// Reads fleets. Keep one for a session: it remembers what need not be asked again. Clones share that.
#[derive(Clone, Debug)]
pub struct Survey {
    account: Account,
    memory: Arc<Memory>,
}

impl Survey {
    /// A survey of this account.
    #[must_use]
    pub fn new(account: Account) -> Self {
        Self { account, memory: Arc::default() }
    }

    /// The account that it reads.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Reads what `scope` says and tells it piece by piece. `known` is what is already there, from the last survey or from
    /// the store; what has not changed since is not asked again.
    ///
    /// Run it to its end: dropped halfway, parts stay marked as being read. It ends by itself once `news` is closed.
    pub async fn run(&self, scope: Scope, known: &Fleet, news: Sender<News>) {
        let task = Task { account: &self.account, memory: &self.memory, known, news: &news };
        match scope {
            Scope::Everything => task.whole(&PARTS).await,
            Scope::Plan => task.whole(&FREE).await,
            Scope::Watch => task.watch().await,
        }
    }
}

/// How long a sweep waits to learn whether what is known is of this account at all.
const MEETING: Duration = Duration::from_secs(2);

/// All parts that a sweep reads.
const PARTS: [PartName; 9] = [
    PartName::Projects,
    PartName::Models,
    PartName::Mappings,
    PartName::Schedules,
    PartName::Rules,
    PartName::Queues,
    PartName::Functions,
    PartName::Groups,
    PartName::Activity,
];

/// Those that cost nothing.
const FREE: [PartName; 7] = [
    PartName::Projects,
    PartName::Models,
    PartName::Mappings,
    PartName::Schedules,
    PartName::Rules,
    PartName::Functions,
    PartName::Groups,
];

/// One run of a survey.
#[derive(Clone, Copy)]
struct Task<'a> {
    account: &'a Account,
    memory: &'a Memory,
    known: &'a Fleet,
    news: &'a Sender<News>,
}

impl Task<'_> {
    async fn whole(&self, parts: &[PartName]) {
        // A profile may have been pointed at another account since the fleet was stored. Rows told before that is known
        // would be forgotten together with the former account's.
        let identity = self.account.identity().shared();
        let met = match &self.known.identity {
            Some(known) => match tokio::time::timeout(MEETING, identity.clone()).await {
                Ok(Ok(identity)) => Some(identity.account == known.account),
                _ => None,
            },
            None => None,
        };
        let nothing = Fleet::default();
        let task = if met == Some(false) { Task { known: &nothing, ..*self } } else { *self };
        if met.is_some() {
            self.tell(News::Identity(identity.clone().await)).await;
        }
        // All of them at once, so that at no time in between nothing seems to be under way.
        for part in parts {
            self.tell(News::Reading(*part)).await;
        }
        let paid = parts.len() == PARTS.len();
        let late = async {
            if met.is_none() {
                self.tell(News::Identity(identity.clone().await)).await;
            }
        };
        tokio::join!(late, task.parts(paid));
    }

    async fn parts(&self, paid: bool) {
        let mappings = self.mappings().map(Arc::new).shared();
        let schedules = self.schedules().map(Arc::new).shared();
        let rules = self.rules().map(Arc::new).shared();
        tokio::join!(
            async {
                let models = self.models().await;
                if paid {
                    self.activity(&models).await;
                }
            },
            async {
                if paid {
                    self.queues(&mappings.clone().await).await;
                }
            },
            async {
                let (mappings, schedules, rules) = tokio::join!(mappings.clone(), schedules.clone(), rules.clone());
                self.functions(&mappings, schedules.iter().chain(rules.iter())).await;
            },
            async {
                // Whoever may not list schedules is not let into their groups either, and the first rows come first.
                schedules.clone().await;
                self.groups().await;
            },
        );
    }

    fn now(&self) -> DateTime<Utc> {
        self.account.clock().now()
    }

    /// Tells a piece of news. Nobody listening is not an error: the survey then runs dry.
    async fn tell(&self, news: News) {
        let _ = self.news.send(news).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever shows a screen meanwhile needs a survey that can run on another thread.
    #[test]
    fn a_survey_can_be_spawned() {
        fn is_send<T: Send>(_: impl FnOnce(&'static Survey, &'static Fleet, Sender<News>) -> T) {}
        is_send(|survey, known, news| survey.run(Scope::Everything, known, news));
    }
}
