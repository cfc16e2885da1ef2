//! Everything about a schedule or a rule: its next fires here and there, its target, and every field.

use chrono::{DateTime, Utc};
use ratatui::text::Line;

use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::panes::cells::seconds_in_words;
use crate::ui::text::span;

type Lines = Vec<Line<'static>>;

/// How many of the next fires are told.
const FIRES: usize = 5;

pub(super) fn lines(scene: &Scene<'_>, schedule: &Schedule, width: usize) -> Lines {
    let (state, theme) = (scene.state, scene.theme);
    let mut lines = vec![sentence(scene, schedule)];
    for finding in state.picture.findings.iter().filter(|finding| finding.subject.id() == schedule.arn) {
        let (mark, style) = scene.severity(finding.severity);
        lines.extend(scene.marked(mark, &finding.sentence, style, width));
    }
    lines.push(Line::default());
    let mut expression = vec![span(schedule.expression.as_deref().unwrap_or("not read"), theme.text)];
    if let Some(minutes) = schedule.flexible_minutes {
        expression.push(span(format!("  within {minutes} min after that"), theme.dim));
    }
    lines.push(scene.labelled("fires", expression));
    if let Some(Err(error)) = schedule.parsed() {
        lines.extend(scene.paragraph("", &error.to_string(), theme.wrong, width));
    }
    let aims = state.picture.wiring.aims_by_schedule.get(&schedule.arn).into_iter().flatten();
    for aim in aims.chain(state.picture.wiring.guesses_by_schedule.get(&schedule.arn)) {
        let mut spans = vec![span(format!("{}  ", aim.effect.word()), theme.text)];
        match &aim.model {
            Some(arn) => spans.extend(scene.model_name(arn, false)),
            None => spans.push(span(aim.mappings.join(", "), theme.text)),
        }
        spans.push(span("  ", theme.dim));
        spans.extend(scene.evidence(&aim.evidence));
        lines.push(scene.labelled("does", spans));
    }
    lines.extend(next(scene, schedule));
    for target in &schedule.targets {
        lines.extend(of_target(scene, target, width));
    }
    lines.extend(bounds(scene, schedule));
    if let Some(description) = &schedule.description {
        lines.extend(scene.paragraph("about", description, theme.text, width));
    }
    for (label, value) in [
        ("key", &schedule.kms_key_arn),
        ("owner", &schedule.managed_by),
        ("role", &schedule.role_arn),
        ("pattern", &schedule.event_pattern),
    ] {
        if let Some(value) = value {
            lines.extend(scene.paragraph(label, value, theme.dim, width));
        }
    }
    lines.extend(scene.paragraph("ARN", &schedule.arn, theme.dim, width));
    lines
}

fn sentence(scene: &Scene<'_>, schedule: &Schedule) -> Line<'static> {
    let theme = scene.theme;
    let words = match schedule.parsed() {
        Some(Ok(expression)) => expression.describe(),
        Some(Err(_)) => "Its expression is not understood".into(),
        None => "Its expression has not been read".into(),
    };
    let zone = schedule.expression.is_some().then(|| schedule.zone.as_deref().unwrap_or("UTC"));
    let mut spans = vec![span(words, theme.strong)];
    spans.extend(zone.map(|zone| span(format!("  {zone}"), theme.dim)));
    spans.push(span("   ", theme.dim));
    spans.extend(scene.schedule_state(schedule));
    let kind = match schedule.kind {
        Kind::Schedule => "",
        Kind::Rule => "   rule of EventBridge, UTC only",
    };
    spans.push(span(kind, theme.dim));
    Line::from(spans)
}

/// The next fires, in the schedule's zone and here.
fn next(scene: &Scene<'_>, schedule: &Schedule) -> Lines {
    let (state, theme) = (scene.state, scene.theme);
    let zone = schedule.tz();
    let fires = state.picture.fires(&schedule.arn, state.now(), FIRES);
    let local =
        |at: DateTime<Utc>, zone: chrono_tz::Tz| at.with_timezone(&zone).format("%a %-d %b %H:%M %Z").to_string();
    if fires.is_empty() {
        let words = if state.picture.timing(&schedule.arn).is_some() { "never again" } else { "not known" };
        return vec![scene.labelled("next", vec![span(words, theme.dim)])];
    }
    let label = if schedule.enabled { "next" } else { "would be" };
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    fires
        .into_iter()
        .zip(labels)
        .map(|(at, label)| {
            let style = if schedule.enabled { theme.text } else { theme.paused };
            let mut spans = vec![span(format!("{:<22}", local(at, zone)), style)];
            if zone != state.zone {
                spans.push(span(format!("{:<22}", local(at, state.zone)), theme.dim));
            }
            spans.push(span(format!("in {}", words::span(at - state.now())), theme.dim));
            scene.labelled(label, spans)
        })
        .collect()
}

fn of_target(scene: &Scene<'_>, target: &Target, width: usize) -> Lines {
    let theme = scene.theme;
    let mut lines = scene.paragraph("target", &target.arn, theme.text, width);
    if let Some(json) = target.input_json() {
        let pretty = serde_json::to_string_pretty(&json).unwrap_or_default();
        let labels = std::iter::once("input").chain(std::iter::repeat(""));
        for (line, label) in pretty.lines().zip(labels) {
            lines.push(scene.labelled(label, vec![span(line, theme.dim)]));
        }
    } else if let Some(input) = &target.input {
        lines.extend(scene.paragraph("input", input, theme.dim, width));
    }
    if target.max_retries.is_some() || target.max_event_age_seconds.is_some() {
        let retries =
            target.max_retries.map_or_else(|| "as AWS likes".to_owned(), |retries| format!("{retries} times"));
        let age = target.max_event_age_seconds.map(|seconds| format!(", for {}", seconds_in_words(seconds.into())));
        lines.push(scene.labelled("retries", vec![span(format!("{retries}{}", age.unwrap_or_default()), theme.dim)]));
    }
    if let Some(dead) = &target.dead_letter_arn {
        lines.push(scene.labelled("failed", vec![span(format!("go to {dead}"), theme.dim)]));
    }
    if let Some(role) = &target.role_arn {
        lines.extend(scene.paragraph("role", role, theme.dim, width));
    }
    for (name, value) in &target.parameters {
        lines.extend(scene.paragraph("with", &format!("{name} {value}"), theme.dim, width));
    }
    lines
}

fn bounds(scene: &Scene<'_>, schedule: &Schedule) -> Lines {
    let theme = scene.theme;
    let zone = schedule.tz();
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%a %-d %b %Y %H:%M %Z").to_string();
    let mut lines = Vec::new();
    for (label, at) in [
        ("from", schedule.start),
        ("until", schedule.end),
        ("created", schedule.created),
        ("changed", schedule.modified),
    ] {
        if let Some(at) = at {
            lines.push(scene.labelled(label, vec![span(local(at), theme.dim)]));
        }
    }
    if schedule.deletes_itself {
        lines.push(scene.labelled("then", vec![span("deletes itself after its last run", theme.dim)]));
    }
    lines
}
