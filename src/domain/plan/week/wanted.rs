//! What the schedules of a model have to be for a draft to hold.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::assign::{Assigned, assign};
use super::exceptions::{BRIDGE, KEY, ONCE_START, ONCE_STOP, OneOff, named, said_once, sibling, unbound, with_skips};
use super::family::{Family, Member, Part, is_schedule, lead_said};
use super::{Change, Draft, Ground, Unplannable};
use crate::domain::cron::{Minutes, Product, fewest};
use crate::domain::plan::Units;
use crate::domain::plan::change::{sendable, switched};
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::stack::Stack;
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

/// What to say where nothing shows which functions start and stop models.
const DEPLOY: &str = "Nothing shows which functions start and stop models in this account: no schedule uses them, no \
    schedule group is known to carry the tags rekotui:startup, rekotui:shutdown and rekotui:role, and the configuration has no \
    [stack]. Deploy the startup and the shutdown function with a role for EventBridge Scheduler, and name all three there.";

/// Every schedule of the week, now and then.
pub(super) fn entries(ground: Ground<'_>, family: &Family<'_>, draft: &Draft) -> Result<Vec<Entry>, Unplannable> {
    Desk { ground, family, draft, entries: Vec::new() }.all()
}

struct Desk<'a> {
    ground: Ground<'a>,
    family: &'a Family<'a>,
    draft: &'a Draft,
    entries: Vec<Entry>,
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

    fn entry(&mut self, role: Role, before: Option<&Schedule>, after: Option<Schedule>) {
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

    fn create(&mut self, role: Role, product: &Product) -> Result<(), Unplannable> {
        let family = self.family;
        let (members, spare) = match role {
            Role::Start => (&family.starts, &family.spare_starts),
            Role::Stop => (&family.stops, &family.spare_stops),
        };
        let known = members.iter().map(|member| member.schedule).chain(spare.iter().copied());
        let known: Vec<&Schedule> = known.collect();
        let like = known.iter().find(|schedule| is_schedule(schedule) && !self.is_shared(schedule));
        let like = match like {
            Some(like) if like.targets.iter().all(|target| target.parameters.is_empty()) => (*like).clone(),
            Some(like) => {
                return Err(Unplannable::new(format!(
                    "This week needs one schedule more, and {} has parameters that a new one cannot be given. Make it in \
                     the AWS console.",
                    like.path()
                )));
            }
            None if known.is_empty() => self.made_new(role)?,
            None => {
                return Err(Unplannable::new(format!(
                    "This week needs one more, and {} is a rule or serves several models: it cannot be copied. Move the \
                     rule to a schedule first, or choose windows that differ less.",
                    known.first().map(|schedule| schedule.path()).unwrap_or_default()
                )));
            }
        };
        let name = like.name.clone();
        let mut new = self.adapted(role, &like, Some(product))?;
        if !family.paused {
            new = switched(&new, true);
        }
        self.add(role, new, &name);
        Ok(())
    }

    /// A schedule like another one, under a name of its own.
    fn add(&mut self, role: Role, like: Schedule, name: &str) {
        let base = name.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches('-').to_owned();
        let taken = |schedule: &Schedule| {
            self.ground.fleet.schedules.rows.contains_key(&schedule.arn)
                || self.entries.iter().filter_map(|entry| entry.after.as_ref()).any(|own| own.arn == schedule.arn)
        };
        let numbered = |number: u32| {
            let name = if number == 1 { named("", name, "") } else { named("", &base, &format!("-{number}")) };
            Schedule { arn: sibling(&like, &name), name, created: None, modified: None, start: None, ..like.clone() }
        };
        let new = (1..).map(numbered).find(|schedule| !taken(schedule));
        self.entry(role, None, new);
    }

    fn made_new(&self, role: Role) -> Result<Schedule, Unplannable> {
        let Ground { fleet, picture, wishes, .. } = self.ground;
        let model = &self.family.model;
        let unknown = || Unplannable::new(Stack::hidden(fleet).map_or(DEPLOY.into(), |why| format!("{DEPLOY} {why}")));
        let stack = Stack::of(fleet, picture, wishes.stack.as_ref()).ok_or_else(unknown)?;
        let row = fleet.models.rows.get(model);
        let row =
            row.ok_or_else(|| Unplannable::new(format!("{} is not among the models that were read.", model.name())))?;
        let mappings: Vec<&str> = picture.wiring.mappings_of(model).iter().map(|wire| wire.uuid.as_str()).collect();
        let word = if role == Role::Start { "start" } else { "stop" };
        let mut input = serde_json::json!({"action": word, "model": model.as_str(), "mappings": mappings});
        if let (Role::Start, Some(input)) = (role, input.as_object_mut()) {
            let units = Units::usual(self.ground, model);
            input.insert("min_inference_units".into(), units.min.into());
            input.extend(units.max.map(|max| ("max_inference_units".to_owned(), max.into())));
            input.insert("lead_minutes".into(), self.draft.lead.into());
        }
        let target = if role == Role::Start { stack.startup } else { stack.shutdown };
        let name = named("", &format!("{}-{}", model.project(), model.version()), &format!("-{word}"));
        let mut arn = model.as_str().split(':');
        let (partition, region, account) =
            (arn.nth(1).unwrap_or("aws"), arn.nth(1).unwrap_or_default(), arn.next().unwrap_or_default());
        Ok(Schedule {
            arn: format!("arn:{partition}:scheduler:{region}:{account}:schedule/{}/{name}", stack.group),
            name,
            group: stack.group,
            kind: Kind::Schedule,
            expression: None,
            zone: Some(self.draft.zone.name().into()),
            enabled: true,
            state: "ENABLED".into(),
            start: None,
            end: None,
            flexible_minutes: None,
            targets: vec![Target { input: Some(input.to_string()), ..target }],
            description: Some(match role {
                Role::Start => format!("Starts {} before it has to be ready", row.name()),
                Role::Stop => format!("Stops {} at the end of its windows", row.name()),
            }),
            created: None,
            modified: None,
            deletes_itself: false,
            kms_key_arn: None,
            managed_by: None,
            role_arn: None,
            event_pattern: None,
        })
    }

    /// The same schedule at other times, in the draft's zone. One that was switched off fires again.
    fn adapted(&self, role: Role, schedule: &Schedule, product: Option<&Product>) -> Result<Schedule, Unplannable> {
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
        Ok(after)
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

    fn once(&mut self, opens: &Minutes, closes: &Minutes) -> Result<(), Unplannable> {
        let wanted: BTreeSet<OneOff> = self.draft.once.iter().cloned().collect();
        let zone_kept = self.draft.zone == self.family.zone;
        for known in &self.family.once {
            let stays = wanted.contains(&known.window) && zone_kept;
            for (role, schedule) in [(Role::Start, known.start), (Role::Stop, known.stop)] {
                self.entry(role, Some(schedule), stays.then(|| schedule.clone()));
            }
        }
        let known: Vec<&OneOff> = self.family.once.iter().map(|once| &once.window).collect();
        for window in wanted.iter().filter(|window| !zone_kept || !known.contains(window)) {
            self.once_new(window, opens, closes)?;
        }
        Ok(())
    }

    fn once_new(&mut self, window: &OneOff, opens: &Minutes, closes: &Minutes) -> Result<(), Unplannable> {
        let lead = chrono::TimeDelta::minutes(self.draft.lead.into());
        let said = |local| {
            said_once(self.draft.zone, local).ok_or_else(|| {
                Unplannable::new(format!(
                    "{} does not exist in {}: the clocks skip it.",
                    window.words(),
                    self.draft.zone
                ))
            })
        };
        let (start, stop) = (said(window.ready - lead)?, said(window.closes)?);
        let instant = |(zone, local): (Tz, chrono::NaiveDateTime)| local.and_local_timezone(zone).earliest();
        if instant(start).is_none_or(|at| at <= self.ground.now) {
            return Err(Unplannable::new(format!(
                "{} begins too soon: its start would have to fire at {}. Use the emergency start.",
                window.words(),
                start.1.format("%a %-d %b %H:%M")
            )));
        }
        let planned = Reading::of(opens, closes, 0).pattern;
        let from = window.ready - lead;
        let minutes = (window.closes - from).num_minutes().clamp(1, i64::from(WEEK));
        let first = minute_of_week(from);
        let meets =
            (0..u16::try_from(minutes).unwrap_or(WEEK)).any(|minute| planned.is_planned((first + minute) % WEEK));
        let skips = |date| self.draft.skipped.contains(&date);
        if meets && !skips(window.ready.date()) {
            return Err(Unplannable::new(format!(
                "{} meets a window of the week, whose stop would end it or which its own stop would cut. Change that day \
                 instead, or choose another time.",
                window.words()
            )));
        }
        let model = &self.family.model;
        let middle = format!("{}-{}", model.project(), model.version());
        let key = named(ONCE_START, &middle, &format!("-{}", window.ready.format(KEY)));
        let key = key.strip_prefix(ONCE_START).unwrap_or_default().to_owned();
        for (role, prefix, (zone, at)) in [(Role::Stop, ONCE_STOP, stop), (Role::Start, ONCE_START, start)] {
            let like = self.once_like(role)?;
            let name = format!("{prefix}{key}");
            let new = Schedule {
                arn: sibling(&like, &name),
                name,
                expression: Some(format!("at({})", at.format("%Y-%m-%dT%H:%M:%S"))),
                zone: Some(zone.name().into()),
                enabled: true,
                state: "ENABLED".into(),
                start: None,
                end: None,
                flexible_minutes: None,
                description: Some(format!("One-off window of {}: {}", model.name(), window.words())),
                created: None,
                modified: None,
                deletes_itself: true,
                ..like
            };
            self.entry(role, None, Some(new));
        }
        Ok(())
    }

    fn once_like(&self, role: Role) -> Result<Schedule, Unplannable> {
        let family = self.family;
        let (members, spare) = match role {
            Role::Start => (&family.starts, &family.spare_starts),
            Role::Stop => (&family.stops, &family.spare_stops),
        };
        let known = members.iter().map(|member| member.schedule).chain(spare.iter().copied());
        let mut usable = known.filter(|schedule| {
            is_schedule(schedule)
                && !self.is_shared(schedule)
                && schedule.targets.iter().all(|target| target.parameters.is_empty())
        });
        usable.next().map_or_else(|| self.made_new(role), |schedule| Ok(schedule.clone()))
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

    fn is_shared(&self, schedule: &Schedule) -> bool {
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

fn minute_of_week(at: chrono::NaiveDateTime) -> u16 {
    use chrono::{Datelike, Timelike};
    let minutes = at.weekday().num_days_from_monday() * 1_440 + at.hour() * 60 + at.minute();
    u16::try_from(minutes).unwrap_or_default()
}
