//! The plan of saving a week: in an order in which a failure in the middle leaves the model stopping, not running.

use chrono::{DateTime, TimeDelta, Utc};

use super::family::Family;
use super::wanted::{Entry, Role, entries};
use super::{Change, Draft, Ground, Unplannable};
use crate::domain::cron::Minutes;
use crate::domain::model::Model;
use crate::domain::plan::change::switched;
use crate::domain::plan::start::automatic_stop;
use crate::domain::plan::{Grade, Intent, Note, Plan, Seen, Step};
use crate::domain::schedule::Schedule;
use crate::domain::stack::Stack;
use crate::domain::timing::Timing;
use crate::domain::usage::Span;
use crate::domain::week::{Pattern, Reading, WEEK, windows};
use crate::domain::words;

pub(super) fn plan(ground: Ground<'_>, family: &Family<'_>, draft: &Draft) -> Result<Plan, Unplannable> {
    let row = ground.fleet.models.rows.get(&family.model);
    let row = row
        .ok_or_else(|| Unplannable::new(format!("{} is not among the models that were read.", family.model.name())))?;
    let entries = entries(ground, family, draft)?;
    let changes = ordered(family, draft, &entries, ground.now);
    if changes.is_empty() {
        return Err(Unplannable::already(format!("The week of {} is as it is already.", row.name())));
    }
    let mut plan = Plan {
        intent: Intent::Week { model: family.model.clone(), week: draft.pattern.sentence() },
        subject: row.name(),
        project_arn: Some(row.project_arn.clone()),
        seen: entries
            .iter()
            .filter_map(|entry| entry.before.clone())
            .map(|before| Seen::Schedule(Box::new(before)))
            .collect(),
        steps: Vec::new(),
        notes: notes(ground, family, draft, &entries),
        grade: Grade::Change,
    };
    hold_end(ground, &mut plan, row, &entries);
    changes.into_iter().for_each(|change| plan.push(change.step()));
    let danger = plan.notes.iter().any(|note| note.tone == crate::domain::plan::Tone::Danger);
    plan.grade = if danger || ground.production { Grade::Danger } else { Grade::Change };
    plan.notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    Ok(plan)
}

/// The changes in the order in which they are made: new stops, then fewer starts, then other stops, then other and more
/// starts, at last fewer stops. Where that would let the model run at a time of neither week for a moment (a stop of
/// Friday that goes before the start of Friday), the starts are edited before the stops; and where that would as well,
/// they are switched off first.
fn ordered(family: &Family<'_>, draft: &Draft, entries: &[Entry], now: DateTime<Utc>) -> Vec<Change> {
    let changes: Vec<(Role, Change)> = entries.iter().filter_map(|entry| Some((entry.role, entry.change()?))).collect();
    let turn = |(role, change): &(Role, Change)| match (role, change) {
        (Role::Stop, Change::Create(_)) => 0,
        (Role::Start, change) if !adds(change) => 1,
        (Role::Stop, change) if adds(change) => 2,
        (Role::Start, Change::Replace { .. }) => 3,
        (Role::Start, _) => 4,
        (Role::Stop, _) => 5,
    };
    let mut ordered = changes;
    ordered.sort_by_key(turn);
    let mut starts_first = ordered.clone();
    starts_first.sort_by_key(|one| match turn(one) {
        2 => 3,
        3 => 2,
        turn => turn,
    });
    for order in [&ordered, &starts_first] {
        if family.paused || is_safe(family, draft, entries, order) {
            return order.iter().map(|(_, change)| change.clone()).collect();
        }
    }
    let edited = with_pauses(entries, &ordered, false, now, turn);
    let is_enough = draft.zone != family.zone || is_safe(family, draft, entries, &edited);
    let safe = if is_enough { edited } else { with_pauses(entries, &ordered, true, now, turn) };
    safe.into_iter().map(|(_, change)| change).collect()
}

/// The same changes with the starts switched off while the stops are edited: those that are edited, or all that stay.
fn with_pauses(
    entries: &[Entry],
    changes: &[(Role, Change)],
    all: bool,
    now: DateTime<Utc>,
    turn: impl Fn(&(Role, Change)) -> u8,
) -> Vec<(Role, Change)> {
    let mut ordered: Vec<(u8, Role, Change)> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.role == Role::Start) {
        let (Some(before), Some(after)) = (&entry.before, &entry.after) else { continue };
        if before.enabled && after.enabled && (all || before != after) {
            // AWS takes no StartDate that has passed.
            let sent = |one: Schedule| Schedule { start: one.start.filter(|start| *start >= now), ..one };
            let off = Box::new(sent(switched(before, false)));
            let (before, after) = (Box::new(before.clone()), Box::new(sent(after.clone())));
            ordered.push((1, Role::Start, Change::Replace { before, after: off.clone() }));
            ordered.push((3, Role::Start, Change::Replace { before: off, after }));
        }
    }
    let paused: Vec<String> = ordered.iter().map(|(_, _, change)| change.arn().to_owned()).collect();
    let rest = changes.iter().filter(|(_, change)| !paused.iter().any(|arn| arn == change.arn()));
    ordered.extend(rest.map(|one| (turn(one), one.0, one.1.clone())));
    ordered.sort_by_key(|(turn, ..)| *turn);
    ordered.into_iter().map(|(_, role, change)| (role, change)).collect()
}

/// Whether it fires at times at which it did not.
fn adds(change: &Change) -> bool {
    let fires = |schedule: Option<&Schedule>| {
        schedule
            .filter(|schedule| schedule.enabled)
            .map(|schedule| (schedule.expression.clone(), schedule.zone.clone(), schedule.start, schedule.end))
    };
    match (fires(change.before()), fires(change.after())) {
        (_, None) => false,
        (None, Some(_)) => true,
        // To wait for a later date is less; to wait no more is more.
        (Some(before), Some(after)) => {
            (&before.0, &before.1) != (&after.0, &after.1) || after.2 < before.2 || after.3 > before.3
        }
    }
}

/// Whether the model runs at a time of the week before or of the week after at most, whatever step is the last one.
fn is_safe(family: &Family<'_>, draft: &Draft, entries: &[Entry], ordered: &[(Role, Change)]) -> bool {
    if draft.zone != family.zone {
        return !ordered.iter().any(|(role, change)| *role == Role::Start && matches!(change, Change::Replace { .. }));
    }
    let (opens, closes) = draft.pattern.fires(&family.reading);
    let after = Reading::of(&opens, &closes, 0).pattern;
    let before = Reading::of(&family.reading.opens, &family.reading.closes, 0).pattern;
    let mut now: Vec<(Role, Schedule)> =
        entries.iter().filter_map(|entry| Some((entry.role, entry.before.clone()?))).collect();
    for (role, change) in ordered {
        now.retain(|(_, schedule)| schedule.arn != change.arn());
        now.extend(change.after().map(|after| (*role, after.clone())));
        let runs = running(&now);
        let outside =
            |minute: &u16| runs.is_planned(*minute) && !before.is_planned(*minute) && !after.is_planned(*minute);
        if (0..WEEK).any(|minute| outside(&minute)) {
            return false;
        }
    }
    true
}

fn running(schedules: &[(Role, Schedule)]) -> Pattern {
    let of = |role: Role| -> Minutes {
        let own = schedules.iter().filter(|(own, schedule)| *own == role && schedule.enabled);
        own.filter_map(|(_, schedule)| schedule.parsed()?.ok()?.weekly()).flatten().collect()
    };
    Reading::of(&of(Role::Start), &of(Role::Stop), 0).pattern
}

/// The timings of what fires, before or after.
pub(super) fn timings(ground: Ground<'_>, entries: &[Entry], role: Role, after: bool) -> Vec<(String, Timing)> {
    let own = entries.iter().filter(|entry| entry.role == role);
    let own = own.filter_map(|entry| if after { entry.after.as_ref() } else { entry.before.as_ref() });
    let mut all: Vec<(String, Timing)> = own
        .filter(|schedule| schedule.enabled)
        .filter_map(|schedule| Some((schedule.arn.clone(), Timing::of(schedule)?)))
        .collect();
    // A rate counts from its creation, which a new one does not have yet.
    all.iter_mut().for_each(|(_, timing)| timing.anchor = timing.anchor.min(ground.now));
    all
}

/// What is on now would lose the stop that it is on for: then its end is arranged by itself.
fn hold_end(ground: Ground<'_>, plan: &mut Plan, row: &Model, entries: &[Entry]) {
    if !row.status.is_on() {
        return;
    }
    let next = |after: bool| -> Option<DateTime<Utc>> {
        timings(ground, entries, Role::Stop, after).iter().filter_map(|(_, timing)| timing.next_after(ground.now)).min()
    };
    let (Some(old), new) = (next(false), next(true)) else { return };
    if new.is_some_and(|new| new <= old) {
        return;
    }
    let say = |at| words::when(at, ground.now, ground.zone);
    let soon = Span { from: ground.now, to: ground.now + TimeDelta::days(8) };
    let starts = timings(ground, entries, Role::Start, true);
    let open = windows(&starts, &timings(ground, entries, Role::Stop, true), soon);
    let started = timings(ground, entries, Role::Start, false);
    let was_open = windows(&started, &timings(ground, entries, Role::Stop, false), soon);
    let holds = |windows: &[crate::domain::week::Window]| windows.iter().any(|window| window.holds(ground.now));
    if holds(&open) && holds(&was_open) {
        let until = new.map_or_else(|| "until somebody stops it".to_owned(), |new| format!("until {}", say(new)));
        plan.notes.push(Note::warning(format!("It is on now and will stay on {until}, and not until {}.", say(old))));
        return;
    }
    let of_now = Seen::Model { model: row.arn.clone(), status: row.status.clone() };
    match automatic_stop(ground, row, old) {
        Some(stop) => {
            plan.notes.push(Note::info(format!(
                "It is on now, and the stop of {} moves away: {} is arranged first, so that it is stopped all the same.",
                say(old),
                stop.path()
            )));
            plan.seen.push(of_now);
            plan.push(Step::Create { schedule: Box::new(stop) });
        }
        None => plan.notes.push(Note::danger(format!(
            "It is on now, and the stop of {} moves away: stop it by hand, or it runs and costs money {}.",
            say(old),
            new.map_or_else(|| "until somebody does".to_owned(), |new| format!("until {}", say(new)))
        ))),
    }
}

fn notes(ground: Ground<'_>, family: &Family<'_>, draft: &Draft, entries: &[Entry]) -> Vec<Note> {
    let mut notes = Vec::new();
    let (before, after) = (family.reading.pattern.sentence(), draft.pattern.sentence());
    if before != after {
        notes.push(Note::info(format!("Ready {after}; before: {before}. Times are those of {}.", draft.zone)));
    }
    if family.zone != draft.zone && !family.is_empty() {
        notes.push(Note::info(format!("Its zone becomes {}; before: {}.", draft.zone, family.zone)));
    }
    if family.is_empty()
        && let Some(stack) = Stack::of(ground.fleet, ground.picture, ground.wishes.stack.as_ref())
    {
        notes
            .push(Note::info(format!("Its schedules are made from {}, in the group {}.", stack.found_by, stack.group)));
        notes.extend(Stack::hidden(ground.fleet).filter(|_| ground.wishes.stack.is_none()).map(Note::warning));
    }
    if draft.takes_mappings {
        let wires = ground.picture.wiring.mappings_of(&family.model);
        let names: Vec<&str> = wires.iter().map(|wire| wire.uuid.as_str()).collect();
        notes.push(Note::info(match names.as_slice() {
            [] => "From now on its schedules switch no mapping.".to_owned(),
            names => format!("From now on its schedules switch on and off with it: {}.", names.join(", ")),
        }));
    }
    let count = |wanted: fn(&Change) -> bool| entries.iter().filter_map(Entry::change).filter(wanted).count() as u64;
    for (number, what) in [
        (count(|change| matches!(change, Change::Create(_))), "created"),
        (count(|change| matches!(change, Change::Delete(_))), "deleted"),
    ] {
        if number > 0 {
            let verb = if number == 1 { "is" } else { "are" };
            notes.push(Note::warning(format!("{} {verb} {what}.", words::count(number, "schedule"))));
        }
    }
    if family.paused {
        notes.push(Note::info("Its schedules are paused and stay so: nothing of it happens until they are resumed."));
    }
    let revived = entries.iter().filter(|entry| {
        let on = |schedule: &Option<Schedule>| schedule.as_ref().is_some_and(|schedule| schedule.enabled);
        entry.before.is_some() && !on(&entry.before) && on(&entry.after)
    });
    for entry in revived {
        let path = entry.before.as_ref().map(Schedule::path).unwrap_or_default();
        notes.push(Note::warning(format!("{path} is paused now, and will fire again.")));
    }
    for switch in &family.switches {
        notes.push(Note::warning(format!(
            "{} switches its mappings at times of its own, and stays as it is: edit it by itself if it should follow.",
            switch.path()
        )));
    }
    for other in &family.others {
        notes.push(Note::info(format!(
            "{} ({}) is none of every week, and stays as it is.",
            other.path(),
            other.expression.as_deref().unwrap_or_default()
        )));
    }
    if ground.fleet.schedules.is_dark() {
        notes.push(Note::danger("The schedules cannot be read: there may be some already that this does not know of."));
    }
    notes
}
