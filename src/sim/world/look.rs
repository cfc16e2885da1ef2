//! What the program's own functions answer when they are only to look (`{"action": "check"}`).

use serde_json::{Value, json};

use super::World;
use super::agenda::Invocation;
use super::job::Asked;
use crate::sim::scenario::Role;

impl World {
    /// What a function of ours sees of the model and the mappings that it is asked about, as `lambda::work` tells it.
    /// `None`: it is not asked to look, or knows no such action.
    pub(super) fn looked(&self, invocation: &Invocation) -> Option<Result<Value, String>> {
        let function = self.function(&invocation.function)?;
        let version = function.environment.get("REKOTUI_VERSION")?;
        let asked = Asked::read(&invocation.payload, function);
        let can = matches!(function.role, Role::Startup | Role::Shutdown) && function.fails.is_none();
        (can && asked.action.as_deref() == Some("check")).then(|| self.look(&asked, version))
    }

    fn look(&self, asked: &Asked, version: &str) -> Result<Value, String> {
        let arn = asked.models.first().ok_or("No model is named.")?;
        let model = self.models.get(arn).ok_or_else(|| format!("{arn} does not exist any more."))?;
        let mapping = |uuid: &String| {
            let mapping =
                self.mappings.get(uuid).ok_or_else(|| format!("The mapping {uuid} does not exist any more."))?;
            Ok(json!({ "uuid": uuid, "state": mapping.state }))
        };
        let mappings = asked.mappings.iter().map(mapping).collect::<Result<Vec<Value>, String>>()?;
        Ok(json!({
            "outcome": "checked",
            "version": version,
            "model": arn,
            "status": model.status,
            "mappings": mappings,
        }))
    }
}
