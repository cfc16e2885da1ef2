//! The plans that follow from the form.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tui_input::Input;

use super::{Act, EndChoice, Field, Form, Kind, Target};
use crate::app::key::Key;
use crate::app::list::Scroll;
use crate::app::state::State;
use crate::domain::asked;
use crate::domain::operation::Operation;
use crate::domain::plan::{self, End, Ground, Intent, Note, Pausing, Plan, Starting, Step, Tone, Units};
use crate::domain::schedule::Schedule;
use crate::domain::words;

impl State {
    /// What plans are made from.
    #[must_use]
    pub fn ground(&self) -> Ground<'_> {
        let account = |arn: &str| self.production.iter().any(|own| arn.split(':').nth(4) == Some(own.as_str()));
        let of_models = self.fleet.models.rows.keys().next().map(|arn| account(arn.as_str()));
        let of_schedules = || self.fleet.all_schedules().next().map(|schedule| account(&schedule.arn));
        // Where STS may not be asked, the ARNs still tell whose account it is.
        let production = self.is_production() || of_models.or_else(of_schedules).unwrap_or(false);
        let (fleet, picture, wishes) = (&self.fleet, &self.picture, &self.wishes);
        Ground { fleet, picture, wishes, now: self.moment.now, zone: self.zone, production }
    }
}

impl Act {
    /// The dialog as it opens.
    pub(in crate::app) fn new(kind: Kind, targets: Vec<Target>, state: &State) -> Self {
        let mut act = Self {
            name: name(&kind, &targets, state),
            form: form(&targets, &kind, state),
            kind,
            targets,
            focus: Field::Cancel,
            plans: Vec::new(),
            left_out: Vec::new(),
            notes: Vec::new(),
            again: false,
            said: None,
            scroll: Scroll::default(),
        };
        act.plan(state);
        if act.phrase().is_some() {
            act.focus = Field::Name;
        }
        act
    }

    /// Makes the plans anew.
    pub(in crate::app) fn plan(&mut self, state: &State) {
        self.again = false;
        self.said = None;
        self.plans.clear();
        self.left_out.clear();
        if let Kind::Abandon(id) = &self.kind {
            self.notes = state.operations.get(id).map(|operation| state.left_by(operation)).unwrap_or_default();
            return;
        }
        for target in &self.targets {
            match self.planned(target, state).and_then(|plan| free(plan, state)) {
                Ok(plan) => self.plans.push(plan),
                Err(why) if self.left_out.contains(&why) => {}
                Err(why) => self.left_out.push(why),
            }
        }
        self.keep_focus();
    }

    fn planned(&self, target: &Target, state: &State) -> Result<Plan, String> {
        let ground = state.ground();
        let plan = match (&self.kind, target) {
            (Kind::Start | Kind::EmergencyStart, Target::Model(model)) => {
                let units = if self.targets.len() == 1 { Some(self.form.units()?) } else { None };
                let end = self.form.end(ground.now, ground.zone)?;
                plan::start(ground, model, &Starting { units, end, emergency: self.kind == Kind::EmergencyStart })
            }
            (Kind::Stop, Target::Model(model)) => plan::stop(ground, model),
            (Kind::Pause, Target::Schedule(arn)) => {
                let zone = state.fleet.schedule(arn).map_or(ground.zone, Schedule::tz);
                let together = self.targets.iter().filter_map(|target| match target {
                    Target::Schedule(arn) => Some(arn.clone()),
                    Target::Model(_) | Target::Operation(_) => None,
                });
                let ask = Pausing { until: self.form.until(ground.now, zone)?, together: together.collect() };
                plan::pause(ground, arn, &ask)
            }
            (Kind::Unpause, Target::Schedule(arn)) => plan::resume(ground, arn, state.former_start(arn)),
            (Kind::Week(draft), Target::Model(model)) => plan::week::save(ground, model, draft, state.habits(model)),
            (Kind::Edit(editing), Target::Schedule(arn)) => plan::edit(ground, arn, editing),
            (Kind::Migrate, Target::Schedule(arn)) => plan::migrate(ground, arn, None),
            (Kind::Undo(_), Target::Operation(id)) => {
                let operation = state.operations.get(id).ok_or("The journal does not have it any more.")?;
                plan::put_back(ground, operation)
            }
            _ => return Err("That cannot be done with it.".into()),
        };
        plan.map_err(|why| why.to_string())
    }
}

/// Two operations never change one thing at once.
fn free(plan: Plan, state: &State) -> Result<Plan, String> {
    let own = plan.resources();
    let busy = state.driven().into_iter().find(|one| one.plan.resources().iter().any(|used| own.contains(used)));
    match busy {
        Some(busy) => {
            Err(format!("{}: the {} is going on. Wait for its end, or abandon it.", plan.subject, busy.plan.title()))
        }
        None => Ok(plan),
    }
}

impl Form {
    fn units(&self) -> Result<Units, String> {
        let number = |input: &Input, what: &str| {
            let text = input.value().trim();
            text.parse::<u32>().map_err(|_| format!("The {what} inference units are a number, and '{text}' is none."))
        };
        let max = if self.max.value().trim().is_empty() { None } else { Some(number(&self.max, "most")?) };
        Ok(Units { min: number(&self.min, "least")?, max })
    }

    fn end(&self, now: DateTime<Utc>, zone: Tz) -> Result<End, String> {
        Ok(match self.end {
            EndChoice::Scheduled => End::Scheduled,
            EndChoice::After => End::At(now + asked::length(self.length.value())?),
            EndChoice::Until if self.time.value().trim().is_empty() => {
                return Err("Type when it is to stop: 20:00, or 2026-12-27 08:00.".into());
            }
            EndChoice::Until => End::At(asked::time(self.time.value(), now, zone)?),
            EndChoice::Never => End::Never,
        })
    }

    fn until(&self, now: DateTime<Utc>, zone: Tz) -> Result<Option<DateTime<Utc>>, String> {
        match (self.until_date, self.date.value().trim()) {
            (false, _) => Ok(None),
            (true, "") => Err("Type until when: 2026-12-27, or 2026-12-27 08:00.".into()),
            (true, text) => asked::time(text, now, zone).map(Some),
        }
    }
}

/// What an operation does to schedules and rules, each of them once.
fn changes(operation: &Operation) -> Vec<plan::Change> {
    let mut changes: Vec<plan::Change> = Vec::new();
    for change in operation.of_steps().filter_map(|(step, _)| plan::Change::of(step)) {
        if !changes.iter().any(|known| known.arn() == change.arn()) {
            changes.push(change);
        }
    }
    changes
}

fn form(targets: &[Target], kind: &Kind, state: &State) -> Form {
    let mut form = Form::default();
    let ground = state.ground();
    if let [Target::Model(model)] = targets
        && kind.is_start()
    {
        let units = Units::usual(ground, model);
        form.min = Input::new(units.min.to_string());
        form.max = Input::new(units.max.map(|max| max.to_string()).unwrap_or_default());
        let stop = state.picture.models.get(model).and_then(|view| view.next_stop.as_ref());
        if stop.is_none() {
            form.ends.retain(|end| *end != EndChoice::Scheduled);
        }
        if End::usual(ground, model) == End::Scheduled && stop.is_some() {
            form.end = EndChoice::Scheduled;
        }
    }
    form
}

fn name(kind: &Kind, targets: &[Target], state: &State) -> String {
    match targets {
        [Target::Model(model)] => model.name(),
        [Target::Schedule(arn)] => state.fleet.schedule(arn).map_or_else(|| arn.clone(), Schedule::path),
        [Target::Operation(id)] => {
            state.operations.get(id).map_or_else(|| id.to_string(), |operation| operation.plan.title())
        }
        several => format!("{} {}", several.len(), kind.noun()),
    }
}

impl State {
    /// The StartDate that a schedule had before it was paused until a date, if the journal knows.
    fn former_start(&self, arn: &str) -> Option<DateTime<Utc>> {
        let start = self.fleet.schedule(arn)?.start;
        let paused = self.operations.values().rev().filter(|operation| operation.plan.intent.arn() == arn);
        paused
            .filter_map(Operation::paused_from)
            .find_map(|(former, left)| (Some(left) == start).then_some(former))
            .flatten()
    }

    /// What an operation leaves behind if it is given up now.
    pub(super) fn left_by(&self, operation: &Operation) -> Vec<Note> {
        let note = |tone, text: String| Note { tone, text };
        let mut notes = vec![note(Tone::Info, operation.left_behind())];
        if self.driving.contains(&operation.id) {
            notes.push(note(
                Tone::Warning,
                "It is being carried on now, and rests where it is if it is abandoned.".into(),
            ));
        }
        let intent = &operation.plan.intent;
        if let Intent::Start { model, .. } | Intent::Stop { model } = intent {
            let row = self.fleet.models.rows.get(model);
            let on = row.is_some_and(|row| row.status.is_on());
            let status = row.map_or_else(|| "not known".to_owned(), |row| row.status.to_string());
            notes.push(note(if on { Tone::Warning } else { Tone::Info }, format!("{} is {status}.", model.name())));
            notes.push(self.end_left(operation, on));
        }
        let mut mappings: Vec<&str> = Vec::new();
        for (step, _) in operation.of_steps() {
            if let Step::Enable { mapping } | Step::Disable { mapping } = step
                && !mappings.contains(&mapping.as_str())
            {
                mappings.push(mapping);
            }
        }
        for uuid in mappings {
            let state = self.fleet.mappings.rows.get(uuid);
            let state = state.map_or_else(|| "not known".to_owned(), |mapping| mapping.state.to_string());
            let name = self.name_of(&Key::Mapping(uuid.to_owned()));
            notes.push(note(Tone::Info, format!("The mapping {name} is {state}.")));
        }
        for change in changes(operation) {
            let path = change.after().or(change.before()).map(Schedule::path).unwrap_or_default();
            let state = self.fleet.schedule(change.arn()).map_or("not there", |schedule| &schedule.state);
            notes.push(note(Tone::Info, format!("{path} is {state}.")));
        }
        notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
        notes
    }

    fn end_left(&self, operation: &Operation, on: bool) -> Note {
        let say = |at| words::when(at, self.moment.now, self.zone);
        let arn = operation.plan.intent.arn();
        let arranged = operation.of_steps().find_map(|(step, _)| match step {
            Step::Arrange { stop, .. } if operation.is_arranged() => Some(stop.path()),
            _ => None,
        });
        let view = self.picture.models.iter().find(|(model, _)| model.as_str() == arn).map(|(_, view)| view);
        match (arranged, view.and_then(|view| view.next_stop.as_ref())) {
            (Some(path), _) => {
                Note { tone: Tone::Info, text: format!("Its automatic stop {path} stays, and stops it.") }
            }
            (None, Some(stop)) => {
                Note { tone: Tone::Info, text: format!("The scheduled stop of {} will stop it.", say(stop.at)) }
            }
            (None, None) if on => Note {
                tone: Tone::Danger,
                text: "Nobody will stop it: no automatic stop was arranged, and none is scheduled.".into(),
            },
            (None, None) => Note { tone: Tone::Info, text: "No automatic stop was arranged.".into() },
        }
    }
}
