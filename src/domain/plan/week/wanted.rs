//! What the schedules of a model have to be for a draft to hold.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::assign::{Assigned, assign};
use super::exceptions::{BRIDGE, unbound, with_skips};
use super::family::{Family, Member, Part, is_schedule, lead_said};
use super::{Change, Draft, Ground, Unplannable};
use crate::domain::cron::{Minutes, Product, fewest};
use crate::domain::plan::change::{sendable, switched};
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::timing::Timing;
use crate::domain::week::{Reading, WEEK};

/// Whether a schedule starts or stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Start,
    Stop,
}

/// A schedule now and then.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub role: Role,
    /// Nothing: it is new.
    pub before: Option<Schedule>,
    /// Nothing: it is deleted.
    pub after: Option<Schedule>,
}

impl Entry {
    /// What has to be done, if anything has.
    pub fn change(&self) -> Option<Change> {
        match (self.before.clone().map(Box::new), self.after.clone().map(Box::new)) {
            (Some(before), Some(after)) if before == after => None,
            (Some(before), Some(after)) => Some(Change::Replace { before, after }),
            (Some(before), None) => Some(Change::Delete(before)),
            (None, Some(after)) => Some(Change::Create(after)),
            (None, None) => None,
        }
    }
}

/// Every schedule of the week, now and then.
pub(super) fn entries(ground: Ground<'_>, family: &Family<'_>, draft: &Draft) -> Result<Vec<Entry>, Unplannable> {
    Desk { ground, family, draft, entries: Vec::new() }.all()
}

pub(super) struct Desk<'a> {
    pub ground: Ground<'a>,
    pub family: &'a Family<'a>,
    pub draft: &'a Draft,
    pub entries: Vec<Entry>,
}

impl Desk<'_> {
    fn all(mut self) -> Result<Vec<Entry>, Unplannable> {
        let (opens, closes) = self.draft.pattern.fires(&self.family.reading);
        self.weekly(Role::Start, &opens)?;
        self.weekly(Role::Stop, &closes)?;
        self.skip()?;
        self.once(&opens, &closes)?;
        self.send()?;
        self.check()?;
        self.prove(&opens, &closes)?;
        Ok(self.entries)
    }

    fn weekly(&mut self, role: Role, wanted: &Minutes) -> Result<(), Unplannable> {
        let family = self.family;
        let (members, spare, current) = match role {
            Role::Start => (&family.starts, &family.spare_starts, &family.reading.opens),
            Role::Stop => (&family.stops, &family.spare_stops, &family.reading.closes),
        };
        let of = |wanted: fn(Part) -> bool| -> Vec<Member<'_>> {
            members.iter().filter(|member| wanted(member.part)).cloned().collect()
        };
        let mut mains = of(|part| part == Part::Main);
        let idle = of(|part| part == Part::Idle);
        let revived = mains.is_empty();
        if revived && !wanted.is_empty() {
            // Of a week without windows the stops are left, and the starts are switched off.
            let spare = spare.iter().filter(|schedule| is_schedule(schedule) && !self.is_shared(schedule));
            mains.extend(idle.iter().cloned());
            mains.extend(spare.map(|schedule| spare_member(schedule)));
        }
        if wanted == current || (role == Role::Stop && self.draft.pattern.is_never()) {
            mains.iter().try_for_each(|member| self.keep(role, member.schedule))?;
        } else if wanted.is_empty() {
            // Never deleted: a week of another time may want them back.
            mains
                .iter()
                .for_each(|member| self.entry(role, Some(member.schedule), Some(switched(member.schedule, false))));
        } else {
            for assigned in assign(&mains, wanted) {
                match assigned {
                    Assigned::Keep(member) if revived => self.wake(role, member.schedule)?,
                    Assigned::Keep(member) => self.keep(role, member.schedule)?,
                    Assigned::Edit(member, product) => self.edit(role, member.schedule, &product)?,
                    Assigned::Drop(member) if revived => self.keep(role, member.schedule)?,
                    Assigned::Drop(member) if is_schedule(member.schedule) => {
                        self.entry(role, Some(member.schedule), None);
                    }
                    Assigned::Drop(member) => {
                        self.entry(role, Some(member.schedule), Some(switched(member.schedule, false)));
                    }
                    Assigned::New(product) => self.create(role, &product)?,
                }
            }
        }
        for member in of(|part| matches!(part, Part::Follows(_))) {
            self.follow(role, &member, current, wanted)?;
        }
        let rest = idle.iter().filter(|member| !self.has(member.schedule)).collect::<Vec<_>>();
        rest.into_iter().try_for_each(|member| self.keep(role, member.schedule))
    }

    fn has(&self, schedule: &Schedule) -> bool {
        self.entries.iter().any(|entry| entry.before.as_ref().is_some_and(|before| before.arn == schedule.arn))
    }

    /// As it is, and firing.
    fn wake(&mut self, role: Role, schedule: &Schedule) -> Result<(), Unplannable> {
        let after = self.adapted(role, schedule, None)?;
        let after = if after.enabled { after } else { switched(&after, true) };
        self.entry(role, Some(schedule), Some(after));
        Ok(())
    }

    /// A second shot follows what it follows.
    fn follow(
        &mut self,
        role: Role,
        member: &Member<'_>,
        current: &Minutes,
        wanted: &Minutes,
    ) -> Result<(), Unplannable> {
        let Part::Follows(behind) = member.part else { return Ok(()) };
        if wanted == current {
            return self.keep(role, member.schedule);
        }
        let pattern = &self.draft.pattern;
        let fits = |minute: &u16| pattern.is_planned(*minute) == (role == Role::Start);
        let minutes: Minutes = wanted.iter().map(|minute| (minute + behind) % WEEK).filter(fits).collect();
        let mut products = fewest(&minutes).into_iter();
        match products.next() {
            Some(product) if product.minutes() == member.minutes => self.keep(role, member.schedule)?,
            Some(product) => self.edit(role, member.schedule, &product)?,
            None => self.entry(role, Some(member.schedule), Some(switched(member.schedule, false))),
        }
        for product in products {
            let like = self.adapted(role, member.schedule, Some(&product))?;
            self.add(role, like, &member.schedule.name);
        }
        Ok(())
    }

    pub fn entry(&mut self, role: Role, before: Option<&Schedule>, after: Option<Schedule>) {
        self.entries.push(Entry { role, before: before.cloned(), after });
    }

    fn keep(&mut self, role: Role, schedule: &Schedule) -> Result<(), Unplannable> {
        let after = self.adapted(role, schedule, None)?;
        self.entry(role, Some(schedule), Some(after));
        Ok(())
    }

    fn edit(&mut self, role: Role, schedule: &Schedule, product: &Product) -> Result<(), Unplannable> {
        let after = self.adapted(role, schedule, Some(product))?;
        self.entry(role, Some(schedule), Some(after));
        Ok(())
    }

    /// The same schedule at other times, in the draft's zone. One that was switched off fires again.
    pub fn adapted(&self, role: Role, schedule: &Schedule, product: Option<&Product>) -> Result<Schedule, Unplannable> {
        let zone = self.draft.zone;
        if schedule.kind == Kind::Rule && zone != Tz::UTC {
            return Err(Unplannable::new(format!(
                "{} is a rule of EventBridge, which knows UTC alone. Move it to a schedule first; then its zone can be \
                 chosen.",
                schedule.path()
            )));
        }
        let mut after = schedule.clone();
        if let Some(product) = product {
            after.expression = Some(product.cron());
            if !self.family.paused && !schedule.enabled {
                after = switched(&after, true);
            }
        }
        if schedule.tz() != zone {
            after.zone = Some(zone.name().into());
        }
        if role == Role::Start {
            self.say_lead(&mut after);
        }
        if self.draft.takes_mappings {
            self.say_mappings(&mut after);
        }
        Ok(after)
    }

    /// An Input of our own form names every mapping that serves the model, those first that it names already; and none that
    /// does not exist any more, which would make every start end in an error.
    fn say_mappings(&self, schedule: &mut Schedule) {
        let wires = self.ground.picture.wiring.mappings_of(&self.family.model);
        let known = &self.ground.fleet.mappings;
        let is_gone = |uuid: &serde_json::Value| {
            known.is_whole() && uuid.as_str().is_some_and(|uuid| !known.rows.contains_key(uuid))
        };
        for target in &mut schedule.targets {
            let Some(serde_json::Value::Object(mut input)) = target.input_json() else { continue };
            let ours = input.contains_key("action");
            let Some(named) = input.get_mut("mappings").and_then(|list| list.as_array_mut()).filter(|_| ours) else {
                continue;
            };
            let new: Vec<serde_json::Value> = wires
                .iter()
                .map(|wire| serde_json::Value::from(wire.uuid.as_str()))
                .filter(|uuid| !named.contains(uuid))
                .collect();
            if !new.is_empty() || named.iter().any(is_gone) {
                named.retain(|uuid| !is_gone(uuid));
                named.extend(new);
                target.input = Some(serde_json::Value::Object(input).to_string());
            }
        }
    }

    /// Where the Input says the lead time, it goes on saying it; one of our own form says it once it is another than usual.
    fn say_lead(&self, schedule: &mut Schedule) {
        let said = lead_said(schedule);
        let Some(target) = schedule.targets.first_mut() else { return };
        if let Some(serde_json::Value::Object(mut input)) = target.input_json()
            && said.unwrap_or(self.family.lead) != self.draft.lead
            && (said.is_some() || input.contains_key("action"))
        {
            input.insert("lead_minutes".into(), self.draft.lead.into());
            target.input = Some(serde_json::Value::Object(input).to_string());
        }
    }

    /// Lets the starts wait, with bridges before the skipped days.
    fn skip(&mut self) -> Result<(), Unplannable> {
        let (now, lead) = (self.ground.now, self.draft.lead);
        let today = now.with_timezone(&self.draft.zone).date_naive();
        let skipped: BTreeSet<_> = self.draft.skipped.iter().copied().filter(|date| *date >= today).collect();
        let mut bridges: Vec<Schedule> = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.role == Role::Start) {
            let Some(after) = entry.after.as_mut() else { continue };
            let (waiting, before) = with_skips(after, &skipped, lead, now);
            if after.kind == Kind::Rule && waiting != *after {
                return Err(Unplannable::new(format!(
                    "{} is a rule, which cannot skip days. Move it to a schedule first.",
                    after.path()
                )));
            }
            if waiting.targets.iter().any(|target| !target.parameters.is_empty()) && !before.is_empty() {
                return Err(Unplannable::new(format!("{} has parameters that a copy cannot be given.", after.path())));
            }
            *after = waiting;
            bridges.extend(before);
        }
        let mut known: Vec<&Schedule> = self.family.bridges.clone();
        for mut bridge in bridges {
            let same = known.iter().position(|known| known.arn == bridge.arn);
            let before = same.map(|at| known.remove(at).clone());
            if let Some(before) = &before {
                bridge = Schedule { created: before.created, modified: before.modified, ..bridge };
                // What begins before its first fire need not begin otherwise.
                let begins = before.start.unwrap_or(now);
                let idle = |timing: Timing| timing.fires(now, begins).next().is_none();
                if bridge.start.is_none() && unbound(before).is_some_and(idle) {
                    bridge.start = before.start;
                }
                for (own, old) in bridge.targets.iter_mut().zip(&before.targets) {
                    own.max_event_age_seconds = own.max_event_age_seconds.or(old.max_event_age_seconds);
                    own.max_retries = own.max_retries.or(old.max_retries);
                }
            }
            self.entries.push(Entry { role: Role::Start, before, after: Some(bridge) });
        }
        let spent = known.into_iter().filter(|bridge| bridge.end.is_none_or(|end| end > now));
        let spent: Vec<Entry> =
            spent.map(|bridge| Entry { role: Role::Start, before: Some(bridge.clone()), after: None }).collect();
        self.entries.extend(spent);
        Ok(())
    }

    /// What is changed is changed so that AWS takes it.
    fn send(&mut self) -> Result<(), Unplannable> {
        for entry in &mut self.entries {
            if entry.change().is_some()
                && let Some(after) = entry.after.take()
            {
                entry.after = Some(sendable(after, self.ground.now)?);
            }
        }
        Ok(())
    }

    /// What serves several models is not changed for one of them.
    fn check(&self) -> Result<(), Unplannable> {
        for entry in &self.entries {
            let Some(before) = entry.before.as_ref().filter(|_| entry.change().is_some()) else { continue };
            if self.is_shared(before) {
                let aims = self.ground.picture.wiring.aims_of_schedule(&before.arn).iter();
                let models: BTreeSet<String> =
                    aims.filter_map(|aim| aim.model.as_ref()).map(crate::domain::model::ModelArn::name).collect();
                return Err(Unplannable::new(format!(
                    "{} serves several models ({}): a change for one would change the others. Edit it by itself.",
                    before.path(),
                    models.into_iter().collect::<Vec<_>>().join(", ")
                )));
            }
        }
        Ok(())
    }

    pub fn is_shared(&self, schedule: &Schedule) -> bool {
        let aims = self.ground.picture.wiring.aims_of_schedule(&schedule.arn).iter();
        aims.filter_map(|aim| aim.model.as_ref()).collect::<BTreeSet<_>>().len() > 1
    }

    /// The schedules make the week that was drawn, and nothing else of the model cuts into it.
    fn prove(&self, opens: &Minutes, closes: &Minutes) -> Result<(), Unplannable> {
        let of = |role: Role| -> Minutes {
            let own = self.entries.iter().filter(|entry| entry.role == role).filter_map(|entry| entry.after.as_ref());
            own.filter(|schedule| (schedule.enabled || self.family.paused) && !schedule.name.starts_with(BRIDGE))
                .filter_map(|schedule| schedule.parsed()?.ok()?.weekly())
                .flatten()
                .collect()
        };
        let (starts, stops) = (of(Role::Start), of(Role::Stop));
        let (wanted, made) = (Reading::of(opens, closes, 0), Reading::of(&starts, &stops, 0));
        if wanted.pattern == made.pattern || (self.family.paused && opens.is_empty()) {
            return Ok(());
        }
        let other = self.family.members().find(|member| member.part == Part::Idle).map(|member| member.schedule.path());
        Err(Unplannable::new(match other {
            Some(other) => format!("{other} would cut into this week. Edit it by itself first."),
            None => "These windows cannot be made from the schedules of this model. Edit them one by one.".into(),
        }))
    }
}

fn spare_member(schedule: &Schedule) -> Member<'_> {
    let minutes = schedule.parsed().and_then(Result::ok).and_then(|expression| expression.weekly()).unwrap_or_default();
    Member { schedule, minutes, part: Part::Main }
}
