//! Schedules that are created: one more like another, the first pair of a model, the pair of a one-off window.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::Unplannable;
use super::exceptions::{KEY, ONCE_START, ONCE_STOP, OneOff, named, said_once, sibling};
use super::family::is_schedule;
use super::wanted::{Desk, Role};
use crate::domain::cron::{Minutes, Product};
use crate::domain::plan::Ground;
use crate::domain::plan::Units;
use crate::domain::plan::change::switched;
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::stack::Stack;
use crate::domain::week::{Reading, WEEK};

/// What to say where nothing shows which functions start and stop models.
const DEPLOY: &str = "Nothing shows which functions start and stop models in this account: no schedule uses them, no \
    schedule group is known to carry the tags rekotui:startup, rekotui:shutdown and rekotui:role, and the configuration has no \
    [stack]. Deploy the startup and the shutdown function with a role for EventBridge Scheduler, and name all three there.";

impl Desk<'_> {
    pub fn create(&mut self, role: Role, product: &Product) -> Result<(), Unplannable> {
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
    pub fn add(&mut self, role: Role, like: Schedule, name: &str) {
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
            zone: Some(self.draft.zone.name().into()),
            targets: vec![Target { input: Some(input.to_string()), ..target }],
            description: Some(match role {
                Role::Start => format!("Starts {} before it has to be ready", row.name()),
                Role::Stop => format!("Stops {} at the end of its windows", row.name()),
            }),
            ..Schedule::new(
                format!("arn:{partition}:scheduler:{region}:{account}:schedule/{}/{name}", stack.group),
                name,
                stack.group,
                Kind::Schedule,
            )
        })
    }

    pub fn once(&mut self, opens: &Minutes, closes: &Minutes) -> Result<(), Unplannable> {
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
}

fn minute_of_week(at: chrono::NaiveDateTime) -> u16 {
    use chrono::{Datelike, Timelike};
    let minutes = at.weekday().num_days_from_monday() * 1_440 + at.hour() * 60 + at.minute();
    u16::try_from(minutes).unwrap_or_default()
}
