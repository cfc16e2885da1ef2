//! Everything that follows from a fleet at a moment: what screens show and scripts get.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use chrono_tz::Tz;

use super::finding::{self, Finding, Subject};
use super::fleet::Fleet;
use super::model::{Model, ModelArn, Status};
use super::plan::week::{self, Exception};
use super::timing::Timing;
use super::usage::{Activity, Span};
use super::week::{Timings, Week, Window, midnight, windows};
use super::wiring::{Aim, Effect, Wiring, Wishes};

/// CloudWatch's last points come late; a run whose last point is no older than this still goes on.
const LATE: TimeDelta = TimeDelta::minutes(15);
/// A model takes a while to stop, and samples are minutes long: what runs over by less is no overrun.
const RUN_OUT: TimeDelta = TimeDelta::minutes(15);

/// What will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A model is started.
    Start,
    /// A model is stopped.
    Stop,
    /// Mappings are enabled.
    Enable,
    /// Mappings are disabled.
    Disable,
}

impl EventKind {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Enable => "enable",
            Self::Disable => "disable",
        }
    }

    fn of(effect: Effect) -> Option<Self> {
        match effect {
            Effect::Start { .. } => Some(Self::Start),
            Effect::Stop => Some(Self::Stop),
            Effect::Enable => Some(Self::Enable),
            Effect::Disable => Some(Self::Disable),
            Effect::Unknown => None,
        }
    }
}

/// One coming event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When; with a flexible window, at the earliest.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
    /// The ARN of the schedule behind it.
    pub schedule: String,
    /// The model.
    pub model: Option<ModelArn>,
    /// UUIDs of the mappings that it enables or disables.
    pub mappings: Vec<String>,
    /// The schedule's zone.
    pub zone: Tz,
    /// It happens within so many minutes after `at`.
    pub flexible_minutes: Option<u32>,
    /// What exception from the week it is: a skipped one does not happen.
    pub exception: Option<Exception>,
}

/// What follows for one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelView {
    /// What happens to it next.
    pub next: Option<Event>,
    /// The next stop, which need not be what happens next.
    pub next_stop: Option<Event>,
    /// Its windows of today, in the zone of the picture.
    pub today: Vec<Window>,
    /// What it ran today, from CloudWatch and from its status now.
    pub ran_today: Vec<Span>,
    /// The parts of that outside its windows. Empty while its schedules are not known.
    pub overran: Vec<Span>,
    /// Since when it has been running: from CloudWatch to within one period, or when we saw it change. `None`: not known.
    pub running_since: Option<DateTime<Utc>>,
    /// The messages that wait for it; `None` where that is not known.
    pub backlog: Option<u64>,
    /// Whether schedules aim at it.
    pub scheduled: bool,
    /// Whether all of them are disabled.
    pub paused: bool,
    /// Whether everything that may start or stop it has been read: else nothing can be said about what is not planned.
    pub judged: bool,
}

impl ModelView {
    /// What matters next to whoever looks at a model of this status: to one that is on its stop, since a start means
    /// nothing to it any more.
    #[must_use]
    pub fn next_for(&self, status: &Status) -> Option<&Event> {
        if status.is_on() { self.next_stop.as_ref() } else { self.next.as_ref() }
    }

    /// What to say where there is no next event.
    #[must_use]
    pub fn without_next(&self, status: &Status) -> &'static str {
        match () {
            () if self.paused => "paused",
            () if !self.judged => "plan not known",
            () if status.is_on() => "no stop planned",
            () if self.scheduled => "no start planned",
            () => "not scheduled",
        }
    }
}

/// The week of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct WeekView {
    /// The zone that it is drawn in: that of the model's schedules.
    pub zone: Tz,
    /// The week from Monday on.
    pub week: Week,
    /// Its windows.
    pub windows: Vec<Window>,
}

/// What follows from a fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Who serves whom.
    pub wiring: Wiring,
    /// Each model.
    pub models: BTreeMap<ModelArn, ModelView>,
    /// The coming 24 hours.
    pub events: Vec<Event>,
    /// What an operator should know, the worst first.
    pub findings: Vec<Finding>,
    /// How many models are on.
    pub running: usize,
    /// The timings of all schedules that could be understood, enabled or not, by ARN.
    pub(super) timings: BTreeMap<String, Timing>,
    /// When each enabled schedule fires next.
    next_fires: BTreeMap<String, DateTime<Utc>>,
    /// Where in `findings` those about a model stand: a screen asks for each model of a large fleet.
    findings_by_model: BTreeMap<ModelArn, Vec<usize>>,
}

impl Picture {
    /// What follows from a fleet now; days are those of `zone`.
    #[must_use]
    pub fn of(fleet: &Fleet, wishes: &Wishes, now: DateTime<Utc>, zone: Tz) -> Self {
        let wiring = Wiring::of(fleet, wishes);
        let timings: BTreeMap<String, Timing> =
            fleet.all_schedules().filter_map(|schedule| Some((schedule.arn.clone(), Timing::of(schedule)?))).collect();
        let enabled = |arn: &String| fleet.schedule(arn).is_some_and(|schedule| schedule.enabled);
        let next_fires = timings
            .iter()
            .filter(|(arn, _)| enabled(arn))
            .filter_map(|(arn, timing)| Some((arn.clone(), timing.next_after(now)?)))
            .collect();
        let running = fleet.models.rows.values().filter(|model| model.status.is_on()).count();
        let mut picture = Self { wiring, timings, next_fires, running, ..Self::default() };
        let today = day_of(now, zone);
        let knows_plan = finding::plans_known(fleet, &picture);
        let view = |model: &Model| picture.view(model, fleet, now, today, knows_plan(&model.arn));
        picture.models = fleet.models.rows.values().map(|model| (model.arn.clone(), view(model))).collect();
        picture.events = picture.coming(fleet, now, now + TimeDelta::hours(24));
        picture.findings = finding::all(fleet, &picture, now, zone);
        picture.findings_by_model = picture.index();
        picture
    }

    /// Adds findings that need more than the fleet, such as those of usage, in the order of all findings. Those of usage
    /// that were added before are replaced.
    pub fn add_findings(&mut self, findings: Vec<Finding>) {
        self.findings.retain(|finding| !finding.rule.is_of_usage());
        self.findings.extend(findings);
        self.findings.sort_by(finding::by_severity);
        self.findings_by_model = self.index();
    }

    fn index(&self) -> BTreeMap<ModelArn, Vec<usize>> {
        let mut index: BTreeMap<ModelArn, Vec<usize>> = BTreeMap::new();
        for (at, finding) in self.findings.iter().enumerate() {
            let models: BTreeSet<&ModelArn> = match &finding.subject {
                Subject::Model(arn) => std::iter::once(arn).collect(),
                Subject::Mapping(uuid) => self.wiring.model_by_mapping.get(uuid).into_iter().collect(),
                Subject::Schedule(arn) => {
                    self.wiring.aims_of_schedule(arn).iter().filter_map(|aim| aim.model.as_ref()).collect()
                }
                Subject::Part(_) => BTreeSet::new(),
            };
            for model in models {
                index.entry(model.clone()).or_default().push(at);
            }
        }
        index
    }

    fn view(&self, model: &Model, fleet: &Fleet, now: DateTime<Utc>, today: Span, judged: bool) -> ModelView {
        let aims = self.wiring.aims_of(&model.arn);
        let enabled: Vec<&Aim> = aims.iter().copied().filter(|aim| self.is_enabled(aim, fleet)).collect();
        let mut events: Vec<Event> = enabled.iter().filter_map(|aim| self.event(aim)).collect();
        events.sort_by_key(|event| event.at);
        let (starts, stops) = self.pair(&enabled);
        let windows = windows(&starts, &stops, today);
        let (ran_today, running_since) = ran(model, fleet, now, today);
        // What nothing starts has no windows to run outside of, and what is paused had some until then.
        let overran = if judged && !starts.is_empty() { outside(&ran_today, &windows) } else { Vec::new() };
        ModelView {
            next: events.first().cloned(),
            next_stop: events.iter().find(|event| event.kind == EventKind::Stop).cloned(),
            today: windows,
            ran_today,
            overran,
            running_since,
            backlog: self.backlog(model, fleet),
            scheduled: !aims.is_empty(),
            paused: !aims.is_empty() && enabled.is_empty(),
            judged,
        }
    }

    fn is_enabled(&self, aim: &Aim, fleet: &Fleet) -> bool {
        fleet.schedule(&aim.schedule).is_some_and(|schedule| schedule.enabled)
    }

    fn event(&self, aim: &Aim) -> Option<Event> {
        let timing = self.timings.get(&aim.schedule)?;
        Some(self.event_at(aim, *self.next_fires.get(&aim.schedule)?, EventKind::of(aim.effect)?, timing))
    }

    fn event_at(&self, aim: &Aim, at: DateTime<Utc>, kind: EventKind, timing: &Timing) -> Event {
        Event {
            at,
            kind,
            schedule: aim.schedule.clone(),
            model: aim.model.clone(),
            mappings: self.wiring.mappings_of_aim(aim),
            zone: timing.zone,
            flexible_minutes: timing.flexible_minutes,
            exception: None,
        }
    }

    /// The timings of those of the aims that start, and of those that stop.
    pub(super) fn pair(&self, aims: &[&Aim]) -> (Timings, Timings) {
        let of = |wanted: fn(Effect) -> bool| {
            let aims = aims.iter().filter(|aim| wanted(aim.effect));
            aims.filter_map(|aim| Some((aim.schedule.clone(), self.timings.get(&aim.schedule)?.clone()))).collect()
        };
        (of(|effect| matches!(effect, Effect::Start { .. })), of(|effect| effect == Effect::Stop))
    }

    /// Two mappings may read one queue, which counts once; one queue that has not been read leaves the sum unknown.
    fn backlog(&self, model: &Model, fleet: &Fleet) -> Option<u64> {
        let wires = self.wiring.mappings_of(&model.arn).iter();
        let queues: BTreeSet<&str> =
            wires.filter_map(|wire| fleet.mappings.rows.get(&wire.uuid)?.queue_arn()).collect();
        if queues.is_empty() {
            return None;
        }
        queues.into_iter().map(|arn| fleet.queues.rows.get(arn).map(super::queue::Queue::backlog)).sum()
    }

    /// Everything that happens after `from` and up to `to`, in order.
    fn coming(&self, fleet: &Fleet, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Event> {
        let mut events = Vec::new();
        for aim in self.wiring.aims_by_schedule.values().flatten().filter(|aim| self.is_enabled(aim, fleet)) {
            let (Some(kind), Some(timing)) = (EventKind::of(aim.effect), self.timings.get(&aim.schedule)) else {
                continue;
            };
            let fires =
                std::iter::successors(self.next_fires.get(&aim.schedule).copied(), |last| timing.next_after(*last));
            let exception = fleet.schedule(&aim.schedule).and_then(week::exception);
            let event = |at| Event { exception, ..self.event_at(aim, at, kind, timing) };
            events.extend(fires.take_while(|at| *at <= to).map(event));
        }
        let skipped = self.skipped(fleet, from, to, &events);
        events.extend(skipped);
        events.retain(|event| event.at > from);
        events.sort_by(|a, b| (a.at, a.kind, &a.schedule).cmp(&(b.at, b.kind, &b.schedule)));
        events
    }

    /// The starts that the week says, and that wait for a later date.
    fn skipped(&self, fleet: &Fleet, from: DateTime<Utc>, to: DateTime<Utc>, coming: &[Event]) -> Vec<Event> {
        let mut events = Vec::new();
        for aim in self.wiring.aims_by_schedule.values().flatten().filter(|aim| aim.effect.is_start()) {
            let Some(timing) = self.timings.get(&aim.schedule).filter(|_| self.is_enabled(aim, fleet)) else {
                continue;
            };
            let Some(begins) = timing.start.filter(|start| *start > from && timing.end.is_none()) else { continue };
            // Only what has fired before is waited for; what begins later is new.
            let was_there = fleet.schedule(&aim.schedule).is_some_and(|one| one.created.is_none_or(|at| at <= from));
            if !was_there || timing.expression.weekly().is_none() {
                continue;
            }
            let unbound = Timing { start: None, ..timing.clone() };
            let fires = unbound.fires(from + TimeDelta::nanoseconds(1), begins.min(to + TimeDelta::nanoseconds(1)));
            let bridged = |at: DateTime<Utc>| {
                coming.iter().any(|event| event.at == at && event.kind == EventKind::Start && event.model == aim.model)
            };
            let missed = fires.filter(|at| !bridged(*at)).map(|at| Event {
                exception: Some(Exception::Skipped),
                ..self.event_at(aim, at, EventKind::Start, &unbound)
            });
            events.extend(missed);
        }
        events
    }

    /// When a schedule fires next. `None` for one that is disabled, has come to its end, or is not understood.
    #[must_use]
    pub fn next_of_schedule(&self, arn: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = *self.next_fires.get(arn)?;
        if next > now { Some(next) } else { self.timings.get(arn)?.next_after(now) }
    }

    /// The next fires of a schedule, as if it were enabled.
    #[must_use]
    pub fn fires(&self, arn: &str, now: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        let Some(timing) = self.timings.get(arn) else { return Vec::new() };
        std::iter::successors(timing.next_after(now), |last| timing.next_after(*last)).take(count).collect()
    }

    /// The timing of a schedule, if it is understood.
    #[must_use]
    pub fn timing(&self, arn: &str) -> Option<&Timing> {
        self.timings.get(arn)
    }

    /// The week of `now` as a model's schedules plan it: those that are enabled, or, if it is paused, all of them.
    /// `None` for a model that nothing starts or stops.
    #[must_use]
    pub fn week(&self, model: &ModelArn, fleet: &Fleet, now: DateTime<Utc>) -> Option<WeekView> {
        let aims = self.wiring.aims_of(model);
        let paused = self.models.get(model).is_some_and(|view| view.paused);
        let aims: Vec<&Aim> = aims.into_iter().filter(|aim| paused || self.is_enabled(aim, fleet)).collect();
        let (starts, stops) = self.pair(&aims);
        let zone = starts.iter().chain(&stops).map(|(_, timing)| timing.zone).next()?;
        let today = now.with_timezone(&zone).date_naive();
        let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
        let windows = windows(&starts, &stops, Week::span(zone, monday));
        Some(WeekView { zone, week: Week::of(&windows, zone, monday), windows })
    }

    /// The findings about a model, its schedules and its mappings, in the order of all findings.
    pub fn findings_of(&self, model: &ModelArn) -> impl Iterator<Item = &Finding> {
        self.findings_by_model.get(model).into_iter().flatten().filter_map(|at| self.findings.get(*at))
    }
}

/// The day of `now` in a zone.
fn day_of(now: DateTime<Utc>, zone: Tz) -> Span {
    let today = now.with_timezone(&zone).date_naive();
    Span { from: midnight(zone, today), to: midnight(zone, today + Days::new(1)) }
}

/// What a model ran in `span`, and since when it has been running.
fn ran(model: &Model, fleet: &Fleet, now: DateTime<Utc>, span: Span) -> (Vec<Span>, Option<DateTime<Utc>>) {
    let running = model.status == Status::Running;
    let activity = fleet.activity.rows.get(&model.arn);
    let mut runs = activity.map(Activity::ran).unwrap_or_default();
    let told = activity.and_then(|activity| activity.running_since(now, LATE)).filter(|_| running);
    if let (Some(_), Some(last)) = (told, runs.last_mut()) {
        last.to = last.to.max(now);
    }
    // CloudWatch is minutes late and asked rarely; what we saw ourselves is known at once.
    let seen = fleet.changed.get(&model.arn).copied().filter(|_| running && told.is_none());
    runs.extend(seen.map(|from| Span { from, to: now }));
    let within = |run: Span| Span { from: run.from.max(span.from), to: run.to.min(span.to).min(now) };
    (runs.into_iter().map(within).filter(|run| run.from < run.to).collect(), told.or(seen))
}

/// The parts of the runs that no window holds, with some patience for stopping.
fn outside(runs: &[Span], windows: &[Window]) -> Vec<Span> {
    let mut rest: Vec<Span> = runs.to_vec();
    for window in windows {
        let (opens, closes) = (window.opens - TimeDelta::minutes(5), window.closes.map(|closes| closes + RUN_OUT));
        rest = rest
            .into_iter()
            .flat_map(|run| {
                let before = Span { from: run.from, to: run.to.min(opens) };
                let after = closes.map(|closes| Span { from: run.from.max(closes), to: run.to });
                [Some(before), after].into_iter().flatten().filter(|part| part.from < part.to)
            })
            .collect();
    }
    rest
}
