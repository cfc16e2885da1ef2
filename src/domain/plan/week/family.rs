//! The schedules that make the week of a model.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::exceptions::{BRIDGE, ONCE_START, ONCE_STOP, OneOff, skipped};
use super::{Draft, Ground, Unplannable};
use crate::domain::cron::Minutes;
use crate::domain::model::ModelArn;
use crate::domain::plan::is_automatic;
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::week::{Reading, WEEK};
use crate::domain::wiring::Effect;

/// What a schedule does for the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It opens or closes windows.
    Main,
    /// It fires so many minutes after each time that opens or closes one: a second shot.
    Follows(u16),
    /// It fires where nothing is to be opened or closed: a stop to be on the safe side.
    Idle,
}

/// A weekly schedule or rule of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// The schedule or rule.
    pub schedule: &'a Schedule,
    /// The minutes of the week at which it fires.
    pub minutes: Minutes,
    /// What it does.
    pub part: Part,
}

/// A one-off window, as its two schedules make it.
#[derive(Clone, Debug, PartialEq)]
pub struct Once<'a> {
    /// The window.
    pub window: OneOff,
    /// The schedule that starts the model.
    pub start: &'a Schedule,
    /// The schedule that stops it.
    pub stop: &'a Schedule,
}

/// The schedules that make the week of a model.
#[derive(Clone, Debug)]
pub struct Family<'a> {
    /// The model.
    pub model: ModelArn,
    /// What starts it every week.
    pub starts: Vec<Member<'a>>,
    /// What stops it every week.
    pub stops: Vec<Member<'a>>,
    /// Weekly starts that are switched off while others are on.
    pub spare_starts: Vec<&'a Schedule>,
    /// Weekly stops that are switched off while others are on.
    pub spare_stops: Vec<&'a Schedule>,
    /// Those that fire until a skipped day, in place of a start that waits until the day after.
    pub bridges: Vec<&'a Schedule>,
    /// Its one-off windows that are still to come.
    pub once: Vec<Once<'a>>,
    /// What starts or stops it otherwise: never rewritten.
    pub others: Vec<&'a Schedule>,
    /// What switches its mappings and leaves the model alone: never rewritten.
    pub switches: Vec<&'a Schedule>,
    /// The zone of the week.
    pub zone: Tz,
    /// Whether everything that makes the week is switched off.
    pub paused: bool,
    /// The lead time of the week, in minutes.
    pub lead: u16,
    /// The week that they make.
    pub reading: Reading,
}

impl<'a> Family<'a> {
    /// The schedules of a model. `lead`: what to take as lead time where none of them says it, in minutes.
    ///
    /// # Errors
    /// When one was not read in full, is not understood, or their zones differ.
    pub fn of(ground: Ground<'a>, model: &ModelArn, lead: u16) -> Result<Self, Unplannable> {
        let mut family = Self {
            model: model.clone(),
            starts: Vec::new(),
            stops: Vec::new(),
            spare_starts: Vec::new(),
            spare_stops: Vec::new(),
            bridges: Vec::new(),
            once: Vec::new(),
            others: Vec::new(),
            switches: Vec::new(),
            zone: ground.zone,
            paused: false,
            lead,
            reading: Reading::default(),
        };
        let mut once = (Vec::new(), Vec::new());
        for aim in ground.picture.wiring.aims_of(model).into_iter().filter(|aim| aim.is_planned()) {
            let Some(schedule) = ground.fleet.schedule(&aim.schedule).filter(|schedule| !is_automatic(schedule)) else {
                continue;
            };
            let is_start = match aim.effect {
                Effect::Start { .. } => true,
                Effect::Stop => false,
                _ => {
                    family.switches.push(schedule);
                    continue;
                }
            };
            match minutes(schedule)? {
                _ if schedule.name.starts_with(ONCE_START) => once.0.push(schedule),
                _ if schedule.name.starts_with(ONCE_STOP) => once.1.push(schedule),
                _ if schedule.name.starts_with(BRIDGE) => family.bridges.push(schedule),
                Some(minutes) => {
                    let member = Member { schedule, minutes, part: Part::Main };
                    if is_start { family.starts.push(member) } else { family.stops.push(member) }
                }
                None => family.others.push(schedule),
            }
        }
        family.pair_once(&once.0, &once.1);
        family.settle()?;
        Ok(family)
    }

    /// Whether nothing starts or stops the model every week.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.stops.is_empty()
    }

    /// Everything that makes the week, starts first.
    pub fn members(&self) -> impl Iterator<Item = &Member<'a>> {
        self.starts.iter().chain(&self.stops)
    }

    /// The week as it is.
    #[must_use]
    pub fn draft(&self, ground: Ground<'_>) -> Draft {
        Draft {
            zone: self.zone,
            lead: self.lead,
            pattern: self.reading.pattern.clone(),
            skipped: skipped(self, ground.now),
            once: self.once.iter().map(|once| once.window.clone()).collect(),
            takes_mappings: false,
        }
    }

    fn pair_once(&mut self, starts: &[&'a Schedule], stops: &[&'a Schedule]) {
        for start in starts {
            let key = start.name.strip_prefix(ONCE_START);
            let stop = stops.iter().find(|stop| stop.name.strip_prefix(ONCE_STOP) == key);
            if let Some((stop, window)) = stop.and_then(|stop| Some((*stop, OneOff::of(start, stop)?))) {
                self.once.push(Once { window, start, stop });
            }
        }
        self.once.sort_by(|a, b| a.window.cmp(&b.window));
    }

    /// Puts aside what is switched off, finds the zone, the lead time, the week and everybody's part in it.
    fn settle(&mut self) -> Result<(), Unplannable> {
        self.paused = !self.is_empty() && self.members().all(|member| !member.schedule.enabled);
        if !self.paused {
            let off = |members: &mut Vec<Member<'a>>| -> Vec<&'a Schedule> {
                let off = members.extract_if(.., |member| !member.schedule.enabled);
                off.map(|member| member.schedule).collect()
            };
            self.spare_starts = off(&mut self.starts);
            self.spare_stops = off(&mut self.stops);
        }
        let by_age = |a: &Member<'_>, b: &Member<'_>| {
            (a.schedule.created, &a.schedule.arn).cmp(&(b.schedule.created, &b.schedule.arn))
        };
        self.starts.sort_by(by_age);
        self.stops.sort_by(by_age);
        self.find_zone()?;
        self.lead = self.starts.iter().find_map(|member| lead_said(member.schedule)).unwrap_or(self.lead);
        let all = |members: &[Member<'_>]| members.iter().flat_map(|member| member.minutes.iter().copied()).collect();
        self.reading = Reading::of(&all(&self.starts), &all(&self.stops), self.lead);
        for (members, main) in [(&mut self.starts, &self.reading.opens), (&mut self.stops, &self.reading.closes)] {
            members.iter_mut().for_each(|member| member.part = part(&member.minutes, main));
        }
        Ok(())
    }

    /// The zone of the week is the one that most of its schedules are in; those of another zone are none of it.
    fn find_zone(&mut self) -> Result<(), Unplannable> {
        let count = |zone: Tz| self.members().filter(|member| member.schedule.tz() == zone).count();
        let zones: Vec<Tz> = self.members().map(|member| member.schedule.tz()).collect();
        // Of several with as many, the first: max_by_key would take the last.
        let most = zones.into_iter().rev().max_by_key(|zone| count(*zone));
        let spare = self.spare_starts.iter().chain(&self.spare_stops).next().map(|schedule| schedule.tz());
        let Some(zone) = most.or(spare) else { return Ok(()) };
        self.zone = zone;
        let mut strangers = Vec::new();
        for members in [&mut self.starts, &mut self.stops] {
            let had = members.len();
            let gone: Vec<&Schedule> =
                members.extract_if(.., |member| member.schedule.tz() != zone).map(|member| member.schedule).collect();
            if had > 0 && members.is_empty() {
                let stranger = gone.first().copied();
                let path = stranger.map(Schedule::path).unwrap_or_default();
                let other = stranger.map_or(zone, Schedule::tz);
                return Err(Unplannable::new(format!(
                    "{path} is in {other}, and the rest of its week in {zone}: a week has one time zone. Give both the same \
                     one first, by editing one of them."
                )));
            }
            strangers.extend(gone);
        }
        self.others.extend(strangers);
        Ok(())
    }

    /// When the next start by a schedule of the week comes, bridges included.
    #[must_use]
    pub fn paused_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.starts.iter().filter_map(|member| member.schedule.start).filter(|start| *start > now).max()
    }
}

/// The minutes of the week, if the schedule is one of every week: what has an end is a season.
fn minutes(schedule: &Schedule) -> Result<Option<Minutes>, Unplannable> {
    let path = schedule.path();
    match schedule.parsed() {
        None => Err(Unplannable::new(format!("{path} has not been read in full yet; refresh first."))),
        Some(Err(error)) => Err(Unplannable::new(format!("The expression of {path} is not understood: {error}."))),
        Some(Ok(_)) if !schedule.zone_is_known() => Err(Unplannable::new(format!(
            "The time zone of {path} ({}) is not known to this version of rekotui.",
            schedule.zone.as_deref().unwrap_or_default()
        ))),
        Some(Ok(_)) if schedule.managed_by.is_some() || schedule.end.is_some() || schedule.event_pattern.is_some() => {
            Ok(None)
        }
        Some(Ok(expression)) => Ok(expression.weekly().filter(|minutes| !minutes.is_empty())),
    }
}

fn part(minutes: &Minutes, main: &Minutes) -> Part {
    if minutes.iter().any(|minute| main.contains(minute)) {
        return Part::Main;
    }
    let behind = |minute: &u16| {
        let last = main.range(..=minute).next_back().or_else(|| main.last())?;
        Some((minute + WEEK - last) % WEEK)
    };
    let mut offsets = minutes.iter().map(behind);
    match offsets.next().flatten() {
        Some(first) if first < 12 * 60 && offsets.all(|offset| offset == Some(first)) => Part::Follows(first),
        _ => Part::Idle,
    }
}

/// The lead time that a schedule's Input says, in minutes.
pub(super) fn lead_said(schedule: &Schedule) -> Option<u16> {
    let said = schedule.targets.first()?.input_json()?.get("lead_minutes")?.as_u64()?;
    u16::try_from(said).ok().filter(|lead| *lead < 12 * 60)
}

/// Whether the schedule is one that can be changed like any other, and not a rule.
pub(super) fn is_schedule(schedule: &Schedule) -> bool {
    schedule.kind == Kind::Schedule
}
