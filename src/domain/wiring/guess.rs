//! What names alone suggest: shown as a guess, never counted on.

use super::Effect;
use super::names::Names;
use crate::domain::model::ModelArn;

/// The model that a name seems to speak of: the longest run of its words that is the name of a project with one model.
pub(super) fn model<'a>(name: &str, names: &Names<'a>) -> Option<&'a ModelArn> {
    let separators: Vec<usize> = name.match_indices(['-', '_', '.', ' ']).map(|(at, _)| at).collect();
    let begins = || std::iter::once(0).chain(separators.iter().map(|at| at + 1));
    let ends = || std::iter::once(name.len()).chain(separators.iter().copied());
    let runs = begins().flat_map(|begin| ends().filter_map(move |end| name.get(begin..end)));
    runs.filter(|run| !run.is_empty())
        .filter_map(|run| names.model(run).map(|model| (run.len(), model)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, model)| model)
}

/// What a name seems to say about the effect.
pub(super) fn effect(name: &str) -> Option<Effect> {
    let lower = name.to_ascii_lowercase();
    let has =
        |words: &[&str]| lower.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| words.contains(&word));
    let start = has(&["start", "startup", "starter", "open"]);
    let stop = has(&["stop", "shutdown", "stopper", "close"]);
    match (start, stop) {
        (true, false) => Some(Effect::Start { min_units: None, max_units: None }),
        (false, true) => Some(Effect::Stop),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_is_suggested_by_whole_words_only() {
        assert_eq!(effect("logos-stop"), Some(Effect::Stop));
        assert!(effect("Logos_Startup").is_some_and(Effect::is_start));
        for name in ["restarted", "unstoppable", "start-or-stop", "reports"] {
            assert_eq!(effect(name), None, "{name}");
        }
    }
}
