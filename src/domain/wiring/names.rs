//! What people call things: the names that the user's configuration may use.

use std::collections::{BTreeMap, HashMap};

use super::Wishes;
use crate::domain::fleet::Fleet;
use crate::domain::model::ModelArn;

/// Names of models, mappings and schedules. A name that fits two things fits none.
pub(super) struct Names<'a> {
    models: HashMap<String, Option<&'a ModelArn>>,
    mappings: HashMap<&'a str, Option<&'a str>>,
    schedules: HashMap<String, Option<&'a str>>,
}

/// What the user's configuration grants.
#[derive(Debug, Default)]
pub(super) struct Granted {
    /// Which models each mapping serves, by UUID.
    pub mappings: BTreeMap<String, Vec<ModelArn>>,
    /// Which models each schedule starts (`true`) or stops, by its ARN.
    pub schedules: BTreeMap<String, Vec<(ModelArn, bool)>>,
    /// Names that fit nothing, or more than one thing.
    pub unmatched: Vec<String>,
}

impl<'a> Names<'a> {
    pub fn of(fleet: &'a Fleet) -> Self {
        let mut names = Self { models: HashMap::new(), mappings: HashMap::new(), schedules: HashMap::new() };
        for arn in fleet.models.rows.keys() {
            for name in [arn.project().to_owned(), arn.name(), format!("{}/{}", arn.project(), arn.version())] {
                add(&mut names.models, name, arn);
            }
        }
        for mapping in fleet.mappings.rows.values() {
            for name in [mapping.function_name(), mapping.source_name()] {
                add(&mut names.mappings, name, mapping.uuid.as_str());
            }
        }
        for schedule in fleet.all_schedules() {
            for name in [schedule.name.clone(), schedule.path()] {
                add(&mut names.schedules, name, schedule.arn.as_str());
            }
        }
        names
    }

    /// The only model of a project; `None` if it has none or several.
    pub fn model(&self, name: &str) -> Option<&'a ModelArn> {
        self.models.get(name).copied().flatten()
    }

    /// Reads the user's configuration.
    pub fn grant(&self, fleet: &Fleet, wishes: &Wishes) -> Granted {
        let mut granted = Granted::default();
        for wish in &wishes.wires {
            let Some(model) = wish.model.parse().ok().or_else(|| self.model(&wish.model).cloned()) else {
                granted.unmatched.push(wish.model.clone());
                continue;
            };
            for name in &wish.mappings {
                let uuid = name.to_ascii_lowercase();
                let known = fleet.mappings.rows.contains_key(&uuid).then_some(uuid.as_str());
                match known.or_else(|| self.mappings.get(name.as_str()).copied().flatten()) {
                    Some(uuid) => granted.mappings.entry(uuid.to_owned()).or_default().push(model.clone()),
                    None => granted.unmatched.push(name.clone()),
                }
            }
            let starts = wish.starts.iter().map(|name| (name, true));
            for (name, starts) in starts.chain(wish.stops.iter().map(|name| (name, false))) {
                let known = fleet.schedule(name).map(|schedule| schedule.arn.as_str());
                match known.or_else(|| self.schedules.get(name).copied().flatten()) {
                    Some(arn) => granted.schedules.entry(arn.to_owned()).or_default().push((model.clone(), starts)),
                    None => granted.unmatched.push(name.clone()),
                }
            }
        }
        granted
    }
}

fn add<K: Eq + std::hash::Hash, V: PartialEq>(names: &mut HashMap<K, Option<V>>, name: K, thing: V) {
    match names.entry(name) {
        std::collections::hash_map::Entry::Vacant(entry) => {
            entry.insert(Some(thing));
        }
        std::collections::hash_map::Entry::Occupied(mut entry) => {
            if entry.get().as_ref() != Some(&thing) {
                entry.insert(None);
            }
        }
    }
}
