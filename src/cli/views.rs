//! What `--json` prints. Scripts rely on these keys; the README documents them. Instants are RFC 3339 in UTC.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::domain::finding::Finding;
use crate::domain::fleet::Fleet;
use crate::domain::mapping::Mapping;
use crate::domain::model::{Model, ModelArn};
use crate::domain::picture::{Event, Picture};
use crate::domain::plan::week::Exception;
use crate::domain::schedule::Schedule;
use crate::domain::trouble::Trouble;

/// An instant as scripts get it.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `next`: when and what.
#[derive(Debug, Serialize)]
pub(super) struct NextView {
    at: String,
    kind: &'static str,
}

/// One model.
#[derive(Debug, Serialize)]
pub(super) struct ModelView<'a> {
    arn: &'a str,
    project: &'a str,
    version: &'a str,
    status: &'a str,
    status_message: Option<&'a str>,
    min_units: Option<u32>,
    max_units: Option<u32>,
    f1: Option<f64>,
    trained: Option<String>,
    backlog: Option<u64>,
    mappings: Vec<&'a str>,
    schedules: Vec<&'a str>,
    next: Option<NextView>,
    findings: Vec<&'static str>,
}

/// One schedule or rule.
#[derive(Debug, Serialize)]
pub(super) struct ScheduleView<'a> {
    arn: &'a str,
    name: &'a str,
    group: &'a str,
    kind: &'static str,
    expression: Option<&'a str>,
    words: Option<String>,
    zone: Option<&'a str>,
    state: &'a str,
    start: Option<String>,
    end: Option<String>,
    next: Option<NextView>,
    effect: &'static str,
    model: Option<&'a str>,
}

/// One mapping.
#[derive(Debug, Serialize)]
pub(super) struct MappingView<'a> {
    uuid: &'a str,
    state: &'a str,
    reason: Option<&'a str>,
    function: &'a str,
    queue: Option<&'a str>,
    model: Option<&'a str>,
    batch_size: Option<u32>,
    backlog: Option<u64>,
    in_flight: Option<u64>,
    oldest_seconds: Option<u64>,
    retention_seconds: Option<u64>,
}

/// One finding.
#[derive(Debug, Serialize)]
pub(super) struct FindingView<'a> {
    rule: &'static str,
    subject: String,
    sentence: &'a str,
    reason: &'a str,
    remedy: &'a str,
    severity: &'static str,
}

/// What could not be read, and why.
#[derive(Debug, Serialize)]
pub(super) struct TroubleView<'a> {
    action: &'a str,
    subject: Option<&'a str>,
    sentence: String,
    remedy: String,
}

/// One coming event.
#[derive(Debug, Serialize)]
pub(super) struct EventView<'a> {
    at: String,
    kind: &'static str,
    schedule: &'a str,
    model: Option<&'a str>,
    mappings: &'a [String],
    zone: &'static str,
    flexible_minutes: Option<u32>,
    exception: Option<&'static str>,
}

pub(super) fn models<'a>(fleet: &'a Fleet, picture: &'a Picture) -> Vec<ModelView<'a>> {
    fleet.models.rows.values().map(|model| model_view(model, picture)).collect()
}

fn model_view<'a>(model: &'a Model, picture: &'a Picture) -> ModelView<'a> {
    let view = picture.models.get(&model.arn);
    let wiring = &picture.wiring;
    ModelView {
        arn: model.arn.as_str(),
        project: model.arn.project(),
        version: model.arn.version(),
        status: model.status.as_str(),
        status_message: model.status_message.as_deref(),
        min_units: model.min_units,
        max_units: model.max_units,
        f1: model.f1,
        trained: model.trained.map(instant),
        backlog: view.and_then(|view| view.backlog),
        mappings: wiring.mappings_of(&model.arn).iter().map(|wire| wire.uuid.as_str()).collect(),
        schedules: wiring.aims_of(&model.arn).iter().map(|aim| aim.schedule.as_str()).collect(),
        next: view.and_then(|view| view.next.as_ref()).map(next_view),
        findings: picture.findings_of(&model.arn).map(|finding| finding.rule.as_str()).collect(),
    }
}

fn next_view(event: &Event) -> NextView {
    NextView { at: instant(event.at), kind: event.kind.as_str() }
}

pub(super) fn schedules<'a>(fleet: &'a Fleet, picture: &'a Picture, now: DateTime<Utc>) -> Vec<ScheduleView<'a>> {
    fleet.all_schedules().map(|schedule| schedule_view(schedule, picture, now)).collect()
}

/// The zone of its times; nothing while its expression has not been read, and its zone with it.
pub(super) fn zone(schedule: &Schedule) -> Option<&str> {
    schedule.expression.is_some().then(|| schedule.zone.as_deref().unwrap_or("UTC"))
}

fn schedule_view<'a>(schedule: &'a Schedule, picture: &'a Picture, now: DateTime<Utc>) -> ScheduleView<'a> {
    let aim = picture.wiring.aims_by_schedule.get(&schedule.arn).and_then(|aims| aims.first());
    let next = picture.next_of_schedule(&schedule.arn, now);
    let effect = aim.map_or("unknown", |aim| aim.effect.word());
    ScheduleView {
        arn: &schedule.arn,
        name: &schedule.name,
        group: &schedule.group,
        kind: schedule.kind.word(),
        expression: schedule.expression.as_deref(),
        words: schedule.parsed().and_then(Result::ok).map(|expression| expression.describe()),
        zone: zone(schedule),
        state: &schedule.state,
        start: schedule.start.map(instant),
        end: schedule.end.map(instant),
        next: next.map(|at| NextView { at: instant(at), kind: effect }),
        effect,
        model: aim.and_then(|aim| aim.model.as_ref()).map(ModelArn::as_str),
    }
}

pub(super) fn mappings<'a>(fleet: &'a Fleet, picture: &'a Picture) -> Vec<MappingView<'a>> {
    fleet.mappings.rows.values().map(|mapping| mapping_view(mapping, fleet, picture)).collect()
}

fn mapping_view<'a>(mapping: &'a Mapping, fleet: &'a Fleet, picture: &'a Picture) -> MappingView<'a> {
    let queue = fleet.queue_of(mapping);
    MappingView {
        uuid: &mapping.uuid,
        state: mapping.state.as_str(),
        reason: mapping.reason.as_deref(),
        function: &mapping.function_arn,
        queue: mapping.queue_arn(),
        model: picture.wiring.model_by_mapping.get(&mapping.uuid).map(ModelArn::as_str),
        batch_size: mapping.batch_size,
        backlog: queue.map(crate::domain::queue::Queue::backlog),
        in_flight: queue.map(|queue| queue.in_flight),
        oldest_seconds: queue.and_then(|queue| queue.oldest_seconds),
        retention_seconds: queue.map(|queue| queue.retention_seconds),
    }
}

pub(super) fn findings(picture: &Picture) -> Vec<FindingView<'_>> {
    picture.findings.iter().map(finding_view).collect()
}

fn finding_view(finding: &Finding) -> FindingView<'_> {
    FindingView {
        rule: finding.rule.as_str(),
        subject: finding.subject.id().to_owned(),
        sentence: &finding.sentence,
        reason: &finding.reason,
        remedy: &finding.remedy,
        severity: finding.severity.as_str(),
    }
}

pub(super) fn troubles(troubles: &[Trouble]) -> Vec<TroubleView<'_>> {
    troubles
        .iter()
        .map(|trouble| TroubleView {
            action: &trouble.action,
            subject: trouble.subject.as_deref(),
            sentence: trouble.sentence(),
            remedy: trouble.remedy(),
        })
        .collect()
}

pub(super) fn events(picture: &Picture) -> Vec<EventView<'_>> {
    picture
        .events
        .iter()
        .map(|event| EventView {
            at: instant(event.at),
            kind: event.kind.as_str(),
            schedule: &event.schedule,
            model: event.model.as_ref().map(ModelArn::as_str),
            mappings: &event.mappings,
            zone: event.zone.name(),
            flexible_minutes: event.flexible_minutes,
            exception: event.exception.map(Exception::word),
        })
        .collect()
}
