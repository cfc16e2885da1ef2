//! Which models, schedules and operations a command is about.

use std::collections::BTreeSet;

use super::Target;
use crate::app::key::Key;
use crate::app::state::State;
use crate::domain::model::ModelArn;
use crate::domain::operation::{Operation, OperationId};
use crate::domain::plan::{Step, is_automatic};

impl State {
    /// The rows that a command is about: the marked ones of the screen in front, else the one in question.
    pub(in crate::app) fn meant(&self) -> Vec<Key> {
        let marked: Vec<Key> = self.marked().cloned().collect();
        if marked.is_empty() || !self.dialogs.is_empty() { self.subject().into_iter().collect() } else { marked }
    }

    /// The marked rows of the screen in front.
    pub fn marked(&self) -> impl Iterator<Item = &Key> {
        self.marks.iter().filter(|key| key.screen() == self.screen && self.exists(key))
    }

    /// The models that are meant by rows: the rows themselves, or what they serve.
    pub(in crate::app) fn models_meant(&self, keys: &[Key]) -> Vec<Target> {
        let models: BTreeSet<ModelArn> = keys.iter().flat_map(|key| self.models_of(key)).collect();
        models.into_iter().map(Target::Model).collect()
    }

    fn models_of(&self, key: &Key) -> Vec<ModelArn> {
        let wiring = &self.picture.wiring;
        match key {
            Key::Model(arn) => vec![arn.clone()],
            Key::Mapping(uuid) => wiring.model_by_mapping.get(uuid).into_iter().cloned().collect(),
            Key::Schedule(arn) => wiring.aims_of_schedule(arn).iter().filter_map(|aim| aim.model.clone()).collect(),
            Key::Finding(_) | Key::Operation(_) => {
                self.behind(key).map(|behind| self.models_of(&behind)).unwrap_or_default()
            }
        }
    }

    /// The schedules and rules that are meant by rows: the rows themselves, or those that start and stop a model.
    pub(in crate::app) fn schedules_meant(&self, keys: &[Key]) -> Vec<String> {
        let schedules: BTreeSet<String> = keys.iter().flat_map(|key| self.schedules_of(key)).collect();
        schedules.into_iter().collect()
    }

    fn schedules_of(&self, key: &Key) -> Vec<String> {
        match key {
            Key::Schedule(arn) => vec![arn.clone()],
            Key::Model(model) => {
                let aims = self.picture.wiring.aims_of(model).into_iter().filter(|aim| aim.is_planned());
                let own = aims.filter_map(|aim| self.fleet.schedule(&aim.schedule));
                own.filter(|schedule| !is_automatic(schedule)).map(|schedule| schedule.arn.clone()).collect()
            }
            Key::Mapping(_) => {
                self.models_of(key).into_iter().flat_map(|model| self.schedules_of(&Key::Model(model))).collect()
            }
            Key::Finding(_) | Key::Operation(_) => {
                self.behind(key).map(|behind| self.schedules_of(&behind)).unwrap_or_default()
            }
        }
    }

    /// What a finding or an operation is about.
    fn behind(&self, key: &Key) -> Option<Key> {
        match key {
            Key::Finding(finding) => self.key_of(&finding.subject),
            Key::Operation(id) => self.key_of(self.operations.get(id)?.plan.intent.arn()),
            Key::Model(_) | Key::Schedule(_) | Key::Mapping(_) => None,
        }
    }

    /// Whether a schedule fires: it is on, and does not wait for a date.
    pub(in crate::app) fn fires(&self, arn: &str) -> bool {
        let waits = |start: Option<chrono::DateTime<chrono::Utc>>| start.is_some_and(|start| start > self.moment.now);
        self.fleet.schedule(arn).is_some_and(|schedule| schedule.enabled && !waits(schedule.start))
    }

    /// The operation in question, of those for which it holds: the row itself, else one about the row, else the newest.
    pub(in crate::app) fn operation_meant(&self, holds: impl Fn(&Operation) -> bool) -> Option<OperationId> {
        let subject = self.subject();
        if let Some(Key::Operation(id)) = &subject {
            return self.operations.get(id).filter(|one| holds(one)).map(|one| one.id.clone());
        }
        let arn = subject.map(|key| self.id_of(&key)).unwrap_or_default();
        let mut fitting: Vec<&Operation> = self.operations.values().rev().filter(|one| holds(one)).collect();
        fitting.sort_by_key(|one| (one.plan.intent.arn() != arn, !self.is_here(one)));
        fitting.first().map(|one| one.id.clone())
    }

    /// The operation that can be undone: the row itself, or the newest that changed the row.
    pub(in crate::app) fn undo_meant(&self) -> Option<OperationId> {
        let arn = match self.subject()? {
            Key::Operation(id) => return Some(id),
            key => self.id_of(&key),
        };
        let fitting = |one: &&Operation| one.is_undoable() && one.changed(&arn);
        self.operations.values().rev().find(fitting).map(|one| one.id.clone())
    }
}

/// Whether an operation waits for messages in flight.
pub(in crate::app) fn drains(operation: &Operation) -> bool {
    matches!(operation.current(), Some((_, Step::Drain { .. }, _)))
}
