//! The plan of giving one schedule or rule another expression or zone, whatever it says.

use chrono_tz::Tz;

use super::{Change, Grade, Ground, Intent, Note, Plan, Seen, Unplannable};
use crate::domain::cron::Expression;
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::timing::Timing;
use crate::domain::wiring::Effect;
use crate::domain::words;

/// What a schedule or rule is to say. `None`: what it says now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editing {
    /// Its expression.
    pub expression: Option<String>,
    /// Its zone.
    pub zone: Option<Tz>,
}

impl Editing {
    /// Whether a schedule says so already. What is no expression it does not say.
    #[must_use]
    pub fn says(&self, schedule: &Schedule) -> bool {
        edited(schedule, self).is_ok_and(|after| after == *schedule)
    }
}

/// The plan of editing a schedule or rule by itself.
///
/// # Errors
/// When it is not known well enough, the expression is none, or it says so already.
pub fn edit(ground: Ground<'_>, arn: &str, ask: &Editing) -> Result<Plan, Unplannable> {
    let before = super::pause::known(ground, arn)?;
    let after = edited(before, ask)?;
    if after == *before {
        return Err(Unplannable::already(format!("{} says that already.", before.path())));
    }
    let change = Change::Replace { before: Box::new(before.clone()), after: Box::new(after.clone()) };
    let mut plan = Plan {
        intent: Intent::Edit { schedule: arn.to_owned() },
        subject: before.path(),
        project_arn: None,
        seen: vec![Seen::Schedule(Box::new(before.clone()))],
        steps: Vec::new(),
        notes: notes(ground, before, &after),
        grade: Grade::Change,
    };
    plan.push(change.step());
    let danger = plan.notes.iter().any(|note| note.tone == super::Tone::Danger);
    plan.grade = if danger || ground.production { Grade::Danger } else { Grade::Change };
    plan.notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    Ok(plan)
}

fn edited(before: &Schedule, ask: &Editing) -> Result<Schedule, Unplannable> {
    let mut after = before.clone();
    let path = before.path();
    if let Some(text) = &ask.expression {
        let expression: Expression = text.trim().parse().map_err(|error| Unplannable::new(format!("{error}")))?;
        if before.kind == Kind::Rule && expression.is_once() {
            return Err(Unplannable::new(format!("{path} is a rule, which knows no at(…).")));
        }
        // A text that says the same is left as its owner wrote it; for a rule all six fields have to be there.
        let same = before.parsed().and_then(Result::ok).is_some_and(|now| now == expression);
        if !same {
            after.expression = Some(expression.to_string());
        }
    }
    if let Some(zone) = ask.zone.filter(|zone| *zone != before.tz() || !before.zone_is_known()) {
        if before.kind == Kind::Rule {
            return Err(Unplannable::new(format!(
                "{path} is a rule, which knows UTC alone. Move it to a schedule first; then its zone can be chosen."
            )));
        }
        after.zone = Some(zone.name().into());
    }
    Ok(after)
}

fn notes(ground: Ground<'_>, before: &Schedule, after: &Schedule) -> Vec<Note> {
    let mut notes = Vec::new();
    let words_of = |schedule: &Schedule| match schedule.parsed() {
        Some(Ok(expression)) => format!("{}, {}", expression.describe(), schedule.tz()),
        _ => "not understood".into(),
    };
    notes.push(Note::info(format!("{}; before: {}.", words_of(after), words_of(before))));
    let next = |schedule: &Schedule| Timing::of(schedule).and_then(|timing| timing.next_after(ground.now));
    let (old, new) = (next(before), next(after));
    let say = |at| words::when(at, ground.now, ground.zone);
    match new {
        Some(new) => notes.push(Note::info(format!("It fires next {}.", say(new)))),
        None => notes.push(Note::warning("It will not fire any more: no time of it lies ahead.")),
    }
    if !before.enabled {
        notes.push(Note::info("It is paused and stays so."));
        return notes;
    }
    let aims = ground.picture.wiring.aims_of_schedule(&before.arn).iter();
    for aim in aims.filter(|aim| aim.effect == Effect::Stop) {
        let Some(model) = &aim.model else { continue };
        let on = ground.fleet.models.rows.get(model).is_some_and(|model| model.status.is_on());
        let Some(old) = old.filter(|old| on && new.is_none_or(|new| new > *old)) else { continue };
        notes.push(Note::danger(format!(
            "{} is on now, and this is what would have stopped it at {}: it runs on, and costs money, until {}.",
            model.name(),
            say(old),
            new.map_or_else(|| "somebody stops it".to_owned(), say)
        )));
    }
    notes
}
