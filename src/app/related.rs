//! What belongs together, and what to call it: where one can go from a row.

use super::key::{FindingKey, Key};
use super::state::State;
use crate::domain::finding::Finding;

impl State {
    /// The finding with this key.
    #[must_use]
    pub fn finding(&self, key: &FindingKey) -> Option<&Finding> {
        let same = |finding: &&Finding| finding.rule.as_str() == key.rule && finding.subject.id() == key.subject;
        self.picture.findings.iter().filter(same).nth(key.nth)
    }

    /// The keys of all findings, in the picture's order.
    pub(super) fn finding_keys(&self) -> Vec<FindingKey> {
        let mut seen = std::collections::HashMap::new();
        self.picture
            .findings
            .iter()
            .map(|finding| {
                let first = FindingKey::of(finding);
                let count = seen.entry((first.rule, finding.subject.id())).or_insert(0);
                *count += 1;
                FindingKey { nth: *count - 1, ..first }
            })
            .collect()
    }

    /// What the things that an ARN or UUID stands for is called; the id itself for what is not in the fleet.
    #[must_use]
    pub fn subject_name(&self, finding: &Finding) -> String {
        let id = finding.subject.id();
        self.key_of(id).map_or_else(|| id.to_owned(), |key| self.name_of(&key))
    }

    /// The row that an ARN or UUID stands for.
    #[must_use]
    pub fn key_of(&self, id: &str) -> Option<Key> {
        if let Ok(arn) = id.parse()
            && self.fleet.models.rows.contains_key(&arn)
        {
            return Some(Key::Model(arn));
        }
        if self.fleet.mappings.rows.contains_key(id) {
            return Some(Key::Mapping(id.to_owned()));
        }
        self.fleet.schedule(id).map(|schedule| Key::Schedule(schedule.arn.clone()))
    }

    /// What a row is called.
    #[must_use]
    pub fn name_of(&self, key: &Key) -> String {
        match key {
            Key::Model(arn) => arn.name(),
            Key::Schedule(arn) => self.fleet.schedule(arn).map_or_else(|| arn.clone(), |schedule| schedule.path()),
            Key::Mapping(uuid) => {
                let mapping = self.fleet.mappings.rows.get(uuid);
                // One function may serve several queues, so its name alone would not tell which mapping is meant.
                mapping.map_or_else(
                    || uuid.clone(),
                    |mapping| format!("{} ({})", mapping.function_name(), mapping.source_name()),
                )
            }
            Key::Finding(key) => self.finding(key).map_or_else(String::new, |finding| finding.sentence.clone()),
            Key::Operation(id) => self.operations.get(id).map_or_else(|| id.0.clone(), |known| known.plan.title()),
        }
    }

    /// What scripts call a row: its ARN, or a mapping's UUID. For a finding, that of what it is about.
    #[must_use]
    pub fn id_of(&self, key: &Key) -> String {
        match key {
            Key::Model(arn) => arn.as_str().to_owned(),
            Key::Schedule(id) | Key::Mapping(id) => id.clone(),
            Key::Finding(key) => key.subject.clone(),
            Key::Operation(id) => id.0.clone(),
        }
    }

    /// What belongs to a row: a model's schedules, mappings and findings; the model of a schedule or mapping, where it is
    /// only guessed or contested too; what a finding is about.
    #[must_use]
    pub fn related(&self, key: &Key) -> Vec<Key> {
        let wiring = &self.picture.wiring;
        let mut targets: Vec<Key> = match key {
            Key::Model(arn) => {
                let schedules = wiring.aims_of(arn).into_iter().map(|aim| Key::Schedule(aim.schedule.clone()));
                let mappings = wiring.mappings_of(arn).iter().map(|wire| Key::Mapping(wire.uuid.clone()));
                schedules.chain(mappings).collect()
            }
            Key::Schedule(arn) => {
                let guess = wiring.guesses_by_schedule.get(arn);
                let aims = wiring.aims_by_schedule.get(arn).into_iter().flatten().chain(guess);
                aims.filter_map(|aim| aim.model.clone()).map(Key::Model).collect()
            }
            Key::Mapping(uuid) => {
                let contested = wiring.contested.get(uuid).into_iter().flatten();
                wiring.model_by_mapping.get(uuid).into_iter().chain(contested).cloned().map(Key::Model).collect()
            }
            Key::Finding(key) => self.key_of(&key.subject).into_iter().collect(),
            Key::Operation(id) => {
                self.operations.get(id).and_then(|known| self.key_of(known.plan.intent.arn())).into_iter().collect()
            }
        };
        // A model's findings are also those about its schedules and mappings.
        let mut subjects: Vec<String> = match key {
            Key::Model(_) => targets.iter().map(|target| self.id_of(target)).collect(),
            Key::Schedule(_) | Key::Mapping(_) | Key::Finding(_) | Key::Operation(_) => Vec::new(),
        };
        if !matches!(key, Key::Finding(_) | Key::Operation(_)) {
            subjects.push(self.id_of(key));
            let about = |finding: &FindingKey| subjects.contains(&finding.subject);
            targets.extend(self.finding_keys().into_iter().filter(about).map(Key::Finding));
        }
        let mut told = std::collections::HashSet::new();
        targets.retain(|target| self.exists(target) && told.insert(target.clone()));
        targets
    }

    /// Whether a row is still there.
    #[must_use]
    pub fn exists(&self, key: &Key) -> bool {
        match key {
            Key::Model(arn) => self.fleet.models.rows.contains_key(arn),
            Key::Schedule(arn) => self.fleet.schedule(arn).is_some(),
            Key::Mapping(uuid) => self.fleet.mappings.rows.contains_key(uuid),
            Key::Finding(key) => self.finding(key).is_some(),
            Key::Operation(id) => self.operations.contains_key(id),
        }
    }
}
