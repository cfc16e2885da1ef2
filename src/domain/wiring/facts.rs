//! What the environments of functions tell.

use std::collections::HashMap;

use super::order::uuid;
use crate::domain::fleet::Fleet;
use crate::domain::function::Function;
pub(super) use crate::domain::function::Role;
use crate::domain::model::ModelArn;

/// What one function's environment tells.
#[derive(Clone, Debug, Default)]
pub(super) struct FunctionFacts {
    /// The function's name.
    pub name: String,
    /// What it says that it is.
    pub role: Option<Role>,
    /// The models that it names, each with the first variable that does.
    pub models: Vec<(String, ModelArn)>,
    /// The mappings that it names.
    pub mappings: Vec<String>,
}

/// What the environments of all functions tell, by unqualified ARN and by name.
pub(super) struct Facts {
    by_arn: HashMap<String, FunctionFacts>,
    arn_by_name: HashMap<String, String>,
}

impl Facts {
    pub fn of(fleet: &Fleet) -> Self {
        let functions = fleet.functions.rows.values();
        let by_arn: HashMap<_, _> = functions.map(|function| (function.arn.clone(), facts(function))).collect();
        let arn_by_name = by_arn.iter().map(|(arn, facts)| (facts.name.clone(), arn.clone())).collect();
        Self { by_arn, arn_by_name }
    }

    /// What is known of a function, by its unqualified ARN or its bare name.
    pub fn function(&self, id: &str) -> Option<&FunctionFacts> {
        self.by_arn.get(id).or_else(|| self.by_arn.get(self.arn_by_name.get(id)?))
    }
}

fn facts(function: &Function) -> FunctionFacts {
    let mut found =
        FunctionFacts { name: function.name().to_owned(), role: function.role(), ..FunctionFacts::default() };
    for (variable, value) in &function.mentions {
        for piece in value.split([',', ' ', ';', '\n']).map(str::trim) {
            if let Ok(model) = piece.parse::<ModelArn>() {
                if !found.models.iter().any(|(_, known)| *known == model) {
                    found.models.push((variable.clone(), model));
                }
            } else if let Some(uuid) = uuid(piece)
                && !found.mappings.contains(&uuid)
            {
                found.mappings.push(uuid);
            }
        }
    }
    found
}
