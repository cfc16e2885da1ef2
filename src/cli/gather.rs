//! One whole survey, gathered into one fleet.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::mpsc;

use crate::aws::{Account, Scope, Survey};
use crate::domain::fleet::Fleet;
use crate::domain::picture::Picture;
use crate::domain::trouble::Trouble;
use crate::domain::wiring::Wishes;

/// What a survey brought home.
#[derive(Debug)]
pub struct Gathered {
    /// The fleet.
    pub fleet: Fleet,
    /// What follows from it.
    pub picture: Picture,
    /// The user's own configuration.
    pub wishes: Wishes,
    /// Everything that could not be read.
    pub troubles: Vec<Trouble>,
    /// When that was.
    pub now: DateTime<Utc>,
}

impl Gathered {
    /// Nothing, where there is not even an account to ask.
    #[must_use]
    pub fn nothing(trouble: Trouble, region: Option<String>, now: DateTime<Utc>) -> Self {
        let fleet = Fleet { region, ..Fleet::default() };
        Self { fleet, picture: Picture::default(), wishes: Wishes::default(), troubles: vec![trouble], now }
    }
}

/// Reads the whole fleet of an account.
pub async fn gather(account: &Account, wishes: &Wishes, zone: Tz) -> Gathered {
    read(account, Scope::Everything, wishes, zone).await
}

/// Reads what models there are and what is planned for them, and nothing that CloudWatch charges for.
pub async fn gather_plan(account: &Account, wishes: &Wishes, zone: Tz) -> Gathered {
    read(account, Scope::Plan, wishes, zone).await
}

async fn read(account: &Account, scope: Scope, wishes: &Wishes, zone: Tz) -> Gathered {
    let mut fleet = Fleet { region: Some(account.region().to_owned()), ..Fleet::default() };
    let (sender, mut news) = mpsc::channel(64);
    let survey = Survey::new(account.clone());
    let known = Fleet::default();
    // Boxed, because the compiler gives up on futures that are nested as deeply as this one.
    let reading = Box::pin(survey.run(scope, &known, sender));
    let taking = async {
        while let Some(item) = news.recv().await {
            fleet.take(item);
        }
    };
    tokio::join!(reading, taking);
    let mut troubles: Vec<Trouble> = fleet.troubles().cloned().collect();
    dedup(&mut troubles);
    let now = account.clock().now();
    let picture = Picture::of(&fleet, wishes, now, zone);
    Gathered { fleet, picture, wishes: wishes.clone(), troubles, now }
}

/// One reason is told once: without credentials every part fails alike.
fn dedup(troubles: &mut Vec<Trouble>) {
    let mut told = Vec::new();
    troubles.retain(|trouble| {
        let sentence = trouble.sentence();
        let new = !told.contains(&sentence);
        told.push(sentence);
        new
    });
}
