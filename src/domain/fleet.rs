//! The fleet: a snapshot of everything in an account that concerns us, each part with its age.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::account::Identity;
use super::function::Function;
use super::mapping::Mapping;
use super::model::{Model, ModelArn, Project};
use super::queue::Queue;
use super::rows::Rows;
use super::schedule::Schedule;
use super::stack::Group;
use super::trouble::Trouble;
use super::usage::Activity;

/// One kind of thing, as last read, with when that was and what went wrong since.
///
/// A failed read keeps the old rows and adds its trouble: an error never blanks a table. A trouble with a subject is
/// about that row alone; one without is about the whole read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Serialize, V: Serialize",
    deserialize = "K: Ord + Deserialize<'de>, V: Deserialize<'de>"
))]
pub struct Part<K, V> {
    /// The rows, by what identifies them.
    pub rows: Rows<K, V>,
    /// When all of them were last read to the end, single rows that failed apart. `None`: never.
    pub as_of: Option<DateTime<Utc>>,
    /// What went wrong with the last read: once for the whole, or for single rows.
    pub troubles: Vec<Trouble>,
    /// Whether a read is under way.
    #[serde(skip)]
    pub reading: bool,
}

impl<K: Ord, V> Default for Part<K, V> {
    fn default() -> Self {
        Self { rows: Rows::default(), as_of: None, troubles: Vec::new(), reading: false }
    }
}

impl<K: Ord, V> Part<K, V> {
    /// Whether these rows were all read without trouble.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.as_of.is_some() && self.troubles.is_empty()
    }

    /// Whether it could not be read at all: nothing to show, and a reason why.
    #[must_use]
    pub fn is_dark(&self) -> bool {
        self.as_of.is_none() && !self.troubles.is_empty() && self.rows.is_empty()
    }
}

/// The snapshot. Times are UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// Who we are in that account.
    pub identity: Option<Identity>,
    /// Why that could not be read lately.
    #[serde(skip)]
    pub unmet: Option<Trouble>,
    /// The region that was read.
    pub region: Option<String>,
    /// Custom Labels projects, by ARN.
    pub projects: Part<String, Project>,
    /// Models, by ARN.
    pub models: Part<ModelArn, Model>,
    /// Mappings, by UUID.
    pub mappings: Part<String, Mapping>,
    /// Schedules of EventBridge Scheduler, by ARN.
    pub schedules: Part<String, Schedule>,
    /// Scheduled rules of EventBridge, by ARN.
    pub rules: Part<String, Schedule>,
    /// Queues that mappings read, by ARN.
    pub queues: Part<String, Queue>,
    /// Functions that schedules and mappings invoke, by unqualified ARN.
    pub functions: Part<String, Function>,
    /// Schedule groups beside `default`, by ARN.
    #[serde(default)]
    pub groups: Part<String, Group>,
    /// What models ran lately, by the model's ARN.
    pub activity: Part<ModelArn, Activity>,
    /// When a model's status was seen to change. Rekognition does not tell, and CloudWatch tells late.
    #[serde(default)]
    pub changed: BTreeMap<ModelArn, DateTime<Utc>>,
}

/// A change that is only seen after a longer silence than this happened at a time that nobody knows.
const SILENCE: TimeDelta = TimeDelta::minutes(10);

impl Fleet {
    /// When the oldest of its leading parts (models, mappings, schedules, rules) was read; `None` while one never was.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        [self.models.as_of, self.mappings.as_of, self.schedules.as_of, self.rules.as_of]
            .into_iter()
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .min()
    }

    /// Whether anything is being read.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.projects.reading
            || self.models.reading
            || self.mappings.reading
            || self.schedules.reading
            || self.rules.reading
            || self.queues.reading
            || self.functions.reading
            || self.groups.reading
            || self.activity.reading
    }

    /// Every trouble of every part, and why nobody knows whose account it is. Groups only matter to whoever makes new
    /// windows: what is wrong with them is told then.
    pub fn troubles(&self) -> impl Iterator<Item = &Trouble> {
        self.projects
            .troubles
            .iter()
            .chain(&self.models.troubles)
            .chain(&self.mappings.troubles)
            .chain(&self.schedules.troubles)
            .chain(&self.rules.troubles)
            .chain(&self.queues.troubles)
            .chain(&self.functions.troubles)
            .chain(&self.activity.troubles)
            .chain(&self.unmet)
    }

    /// Schedules and rules together, in the order of their ARNs within each kind.
    pub fn all_schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.rows.values().chain(self.rules.rows.values())
    }

    /// The schedule or rule with this ARN.
    #[must_use]
    pub fn schedule(&self, arn: &str) -> Option<&Schedule> {
        self.schedules.rows.get(arn).or_else(|| self.rules.rows.get(arn))
    }

    /// The queue that a mapping reads, if it reads one and that has been read.
    #[must_use]
    pub fn queue_of(&self, mapping: &Mapping) -> Option<&Queue> {
        self.queues.rows.get(mapping.queue_arn()?)
    }
}

/// A piece of news about the fleet: what a survey sends as the answers come in.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Who we are.
    Identity(Result<Identity, Trouble>),
    /// The named part is being read anew.
    Reading(PartName),
    /// Projects, one page or more.
    Projects(Vec<Project>),
    /// Models, most often all of one project.
    Models(Vec<Model>),
    /// Mappings.
    Mappings(Vec<Mapping>),
    /// Schedules.
    Schedules(Vec<Schedule>),
    /// Rules.
    Rules(Vec<Schedule>),
    /// Queues.
    Queues(Vec<Queue>),
    /// Functions.
    Functions(Vec<Function>),
    /// Schedule groups.
    Groups(Vec<Group>),
    /// What models ran.
    Activity(Vec<(ModelArn, Activity)>),
    /// The named part has been read: rows whose key is not in `seen` are gone.
    ///
    /// Troubles about single rows (those with a subject) change nothing in that: the rows that they leave unread are in
    /// `seen`. A trouble without a subject says that the read as a whole has failed: then every row stays, and the age.
    Done {
        /// Which part.
        part: PartName,
        /// The keys of all rows that this read has seen.
        seen: Vec<String>,
        /// What went wrong.
        troubles: Vec<Trouble>,
        /// When the read ended.
        at: DateTime<Utc>,
    },
}

/// The parts of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    /// Custom Labels projects.
    Projects,
    /// Models.
    Models,
    /// Mappings.
    Mappings,
    /// Schedules of EventBridge Scheduler.
    Schedules,
    /// Scheduled rules of EventBridge.
    Rules,
    /// Queues.
    Queues,
    /// Functions.
    Functions,
    /// Schedule groups.
    Groups,
    /// What models ran.
    Activity,
}

impl Fleet {
    /// Takes in a piece of news that came in at `now`, and notes which models it shows in another status than before.
    pub fn take_at(&mut self, news: News, now: DateTime<Utc>) {
        if let News::Models(models) = &news {
            let fresh = self.models.as_of.is_some_and(|as_of| now - as_of <= SILENCE);
            for model in models {
                let known = self.models.rows.get(&model.arn).map(|known| &known.status);
                if known.is_some_and(|known| *known != model.status) {
                    self.changed.remove(&model.arn);
                    if fresh {
                        self.changed.insert(model.arn.clone(), now);
                    }
                }
            }
        }
        self.take(news);
    }

    /// Takes in a piece of news.
    pub fn take(&mut self, news: News) {
        match news {
            News::Identity(Ok(identity)) => self.meet(identity),
            News::Identity(Err(trouble)) => self.unmet = Some(trouble),
            News::Reading(part) => self.mark_reading(part),
            News::Projects(rows) => self.projects.rows.extend(rows.into_iter().map(|row| (row.arn.clone(), row))),
            News::Models(rows) => self.models.rows.extend(rows.into_iter().map(|row| (row.arn.clone(), row))),
            News::Mappings(rows) => self.mappings.rows.extend(rows.into_iter().map(|row| (row.uuid.clone(), row))),
            News::Schedules(rows) => self.schedules.rows.extend(rows.into_iter().map(|row| (row.arn.clone(), row))),
            News::Rules(rows) => self.rules.rows.extend(rows.into_iter().map(|row| (row.arn.clone(), row))),
            News::Queues(rows) => self.queues.rows.extend(rows.into_iter().map(|row| (row.arn.clone(), row))),
            News::Functions(rows) => self.functions.rows.extend(rows.into_iter().map(|row| (row.arn.clone(), row))),
            News::Groups(rows) => self.groups.rows.extend(rows.into_iter().map(|row| (row.arn.clone(), row))),
            News::Activity(rows) => self.activity.rows.extend(rows),
            News::Done { part, seen, troubles, at } => self.finish(part, seen, troubles, at),
        }
    }

    /// A profile can be pointed at another account between two runs: what is known of the former one is no use then.
    fn meet(&mut self, identity: Identity) {
        if self.identity.as_ref().is_some_and(|known| known.account != identity.account) {
            *self = Self { region: self.region.take(), ..Self::default() };
        }
        self.identity = Some(identity);
        self.unmet = None;
    }

    /// Whatever was reading has been given up: no part is being read any more. Rows and ages stay.
    pub fn interrupt(&mut self) {
        self.projects.reading = false;
        self.models.reading = false;
        self.mappings.reading = false;
        self.schedules.reading = false;
        self.rules.reading = false;
        self.queues.reading = false;
        self.functions.reading = false;
        self.groups.reading = false;
        self.activity.reading = false;
    }

    fn mark_reading(&mut self, part: PartName) {
        match part {
            PartName::Projects => self.projects.reading = true,
            PartName::Models => self.models.reading = true,
            PartName::Mappings => self.mappings.reading = true,
            PartName::Schedules => self.schedules.reading = true,
            PartName::Rules => self.rules.reading = true,
            PartName::Queues => self.queues.reading = true,
            PartName::Functions => self.functions.reading = true,
            PartName::Groups => self.groups.reading = true,
            PartName::Activity => self.activity.reading = true,
        }
    }

    fn finish(&mut self, part: PartName, seen: Vec<String>, troubles: Vec<Trouble>, at: DateTime<Utc>) {
        match part {
            PartName::Projects => self.projects.finish(&seen, troubles, at),
            PartName::Models => self.models.finish(&seen, troubles, at),
            PartName::Mappings => self.mappings.finish(&seen, troubles, at),
            PartName::Schedules => self.schedules.finish(&seen, troubles, at),
            PartName::Rules => self.rules.finish(&seen, troubles, at),
            PartName::Queues => self.queues.finish(&seen, troubles, at),
            PartName::Functions => self.functions.finish(&seen, troubles, at),
            PartName::Groups => self.groups.finish(&seen, troubles, at),
            PartName::Activity => self.activity.finish(&seen, troubles, at),
        }
    }
}

impl<K: Ord + Clone + AsRef<str>, V> Part<K, V> {
    fn finish(&mut self, seen: &[String], troubles: Vec<Trouble>, at: DateTime<Utc>) {
        self.reading = false;
        if troubles.iter().all(|trouble| trouble.subject.is_some()) {
            let seen: std::collections::HashSet<&str> = seen.iter().map(String::as_str).collect();
            self.rows.retain(|key, _| seen.contains(key.as_ref()));
            self.as_of = Some(at);
        }
        self.troubles = troubles;
    }
}

impl AsRef<str> for ModelArn {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::super::trouble::TroubleKind;
    use super::*;

    fn project(name: &str) -> Project {
        let arn = format!("arn:aws:rekognition:eu-central-1:123456789012:project/{name}/1");
        Project { arn, created: None, status: "CREATED".into() }
    }

    fn done(seen: &[&str], troubles: Vec<Trouble>) -> News {
        let seen = seen.iter().map(|name| project(name).arn).collect();
        News::Done { part: PartName::Projects, seen, troubles, at: DateTime::UNIX_EPOCH }
    }

    fn names(fleet: &Fleet) -> Vec<&str> {
        fleet.projects.rows.values().map(Project::name).collect()
    }

    #[test]
    fn what_a_whole_read_has_not_seen_is_gone() {
        let mut fleet = Fleet::default();
        fleet.take(News::Reading(PartName::Projects));
        fleet.take(News::Projects(vec![project("a"), project("b")]));
        assert!(fleet.is_reading());
        fleet.take(done(&["b"], vec![]));
        assert_eq!(names(&fleet), ["b"]);
        assert!(!fleet.is_reading() && fleet.projects.is_whole());
    }

    #[test]
    fn a_failed_read_keeps_the_rows_and_their_age() {
        let mut fleet = Fleet::default();
        fleet.take(News::Projects(vec![project("a")]));
        fleet.take(done(&["a"], vec![]));
        fleet.take(done(&[], vec![Trouble::new(TroubleKind::Throttled, "rekognition:DescribeProjects")]));
        assert_eq!(names(&fleet), ["a"]);
        assert_eq!(fleet.projects.as_of, Some(DateTime::UNIX_EPOCH));
        assert!(!fleet.projects.is_whole() && !fleet.projects.is_dark());
    }

    #[test]
    fn a_trouble_about_one_row_does_not_age_the_others() {
        let mut fleet = Fleet::default();
        fleet.take(News::Projects(vec![project("a"), project("b"), project("c")]));
        let denied = TroubleKind::Denied("rekognition:DescribeProjectVersions".into());
        let mut trouble = Trouble::new(denied, "rekognition:DescribeProjectVersions");
        trouble.subject = Some(project("a").arn);
        fleet.take(done(&["a", "b"], vec![trouble]));
        assert_eq!(names(&fleet), ["a", "b"]);
        assert_eq!(fleet.projects.as_of, Some(DateTime::UNIX_EPOCH));
        assert!(!fleet.projects.is_whole() && !fleet.projects.is_dark());
    }

    #[test]
    fn a_change_of_status_is_dated_when_it_is_seen_in_time() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let arn: ModelArn = "arn:aws:rekognition:eu-central-1:123456789012:project/a/version/v1/1".parse().unwrap();
        let model = |status: &str| Model {
            arn: arn.clone(),
            project_arn: String::new(),
            status: status.to_owned().into(),
            status_message: None,
            min_units: None,
            max_units: None,
            f1: None,
            created: None,
            trained: None,
            billed_training_seconds: None,
            description: None,
        };
        let read = |fleet: &mut Fleet, status: &str, minute| {
            fleet.take_at(News::Models(vec![model(status)]), at(minute));
            let (part, seen) = (PartName::Models, vec![arn.to_string()]);
            fleet.take_at(News::Done { part, seen, troubles: vec![], at: at(minute) }, at(minute));
            fleet.changed.get(&arn).copied()
        };
        let mut fleet = Fleet::default();
        assert_eq!(read(&mut fleet, "STARTING", 0), None, "nobody knows how long it has been so");
        assert_eq!(read(&mut fleet, "RUNNING", 5), Some(at(5)));
        assert_eq!(read(&mut fleet, "RUNNING", 10), Some(at(5)));
        assert_eq!(read(&mut fleet, "STOPPED", 300), None, "it may have happened at any time in the last hours");
    }

    #[test]
    fn another_account_starts_from_nothing() {
        let identity =
            |account: &str| Identity { account: account.into(), arn: format!("arn:aws:iam::{account}:root") };
        let mut fleet = Fleet::default();
        fleet.take(News::Identity(Ok(identity("111122223333"))));
        fleet.take(News::Projects(vec![project("a")]));
        fleet.take(News::Identity(Ok(identity("111122223333"))));
        assert_eq!(names(&fleet), ["a"]);
        fleet.take(News::Identity(Ok(identity("444455556666"))));
        assert!(names(&fleet).is_empty());
    }
}
