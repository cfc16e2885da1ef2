//! The week of the selected model, the coming events, and the findings at a glance.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::Align;
use crate::app::Key;
use crate::domain::model::ModelArn;
use crate::domain::plan::week::{Draft, Exception, Habits};
use crate::domain::week::Week;
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::text::{clean, fit, span, wrap};
use crate::ui::widgets::frame::Frame;
use crate::ui::widgets::week_grid;

/// The cells that the week gets of a frame this wide.
pub(in crate::ui) fn width(frame: u16) -> u16 {
    if frame >= 190 { 103 } else { 55 }
}

/// The week of the selected model.
pub(in crate::ui) fn pane(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let selected = match state.selected() {
        Some(Key::Model(arn)) => Some(arn),
        _ => None,
    };
    let week = selected.as_ref().and_then(|arn| state.picture.week(arn, &state.fleet, state.now()));
    let zone = week.as_ref().map(|week| week.zone.name()).unwrap_or_default();
    let frame = Frame { title: "Week", right: vec![span(zone, theme.dim)], focus: false };
    let inner = frame.draw(area, buffer, theme, &scene.symbols);
    let view = selected.as_ref().and_then(|arn| state.picture.models.get(arn));
    let Some(week) = week else {
        let judged = view.is_some_and(|view| view.judged);
        let text = if judged { "No schedule starts or stops it." } else { "What starts or stops it is not known." };
        buffer.set_line(inner.x, inner.y, &Line::from(span(text, theme.dim)), inner.width);
        return;
    };
    let paused = view.is_some_and(|view| view.paused);
    let Some(cells) = week_grid::cells(usize::from(inner.width)) else { return };
    let mut lines = week_grid::lines(&week.week, week.zone, state.now(), cells, paused, theme, &scene.symbols);
    lines.push(selected.as_ref().map(|arn| exceptions(scene, arn, inner.width)).unwrap_or_default());
    lines.push(hours(scene, &week.week, paused));
    for (row, line) in inner.rows().zip(lines) {
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// The coming days that are skipped and the windows that happen once, which the grid of this week does not tell apart.
fn exceptions(scene: &Scene<'_>, model: &ModelArn, width: u16) -> Line<'static> {
    let state = scene.state;
    let Ok(draft) = Draft::read(state.ground(), model, Habits::default()) else { return Line::default() };
    let skipped: Vec<String> = draft.skipped.iter().map(|date| date.format("%a %-d %b").to_string()).collect();
    let skipped = (!skipped.is_empty()).then(|| format!("skipped {}", skipped.join(", ")));
    let once = draft.once.iter().map(|once| format!("once {}", once.words()));
    let said: Vec<String> = skipped.into_iter().chain(once).collect();
    let line = Line::from(span(said.join("   "), scene.theme.paused));
    fit(line, usize::from(width), Align::Left, scene.symbols.cut)
}

/// What the week amounts to.
fn hours(scene: &Scene<'_>, week: &Week, paused: bool) -> Line<'static> {
    let theme = scene.theme;
    let number = |hours: f64| format!("{hours:.1}").trim_end_matches(".0").to_owned();
    let mut spans = vec![span(format!("{} h a week", number(week.hours)), theme.strong)];
    if paused {
        spans.push(span("  once it is no longer paused", theme.paused));
    } else if week.endless {
        spans.push(span("  nothing ends its last window", theme.wrong));
    } else {
        let less = (168.0 - week.hours).max(0.0);
        spans.push(span("  planned, ", theme.dim));
        spans.push(span(format!("{} h", number(less)), theme.good));
        spans.push(span(" less than always on", theme.dim));
    }
    Line::from(spans)
}

/// What the coming day brings, and what there is to worry about, side by side.
pub(in crate::ui) fn coming_and_findings(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let half = area.width / 2;
    coming(scene, Rect { width: half, ..area }, buffer);
    findings(scene, Rect { x: area.x + half, width: area.width - half, ..area }, buffer);
}

fn coming(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let count = state.picture.events.len();
    let frame = Frame { title: "Coming 24 hours", right: vec![span(count.to_string(), theme.dim)], focus: false };
    let inner = frame.draw(area, buffer, theme, &scene.symbols);
    if count == 0 {
        buffer.set_line(inner.x, inner.y, &Line::from(span("Nothing is planned.", theme.dim)), inner.width);
    }
    for (row, event) in inner.rows().zip(&state.picture.events) {
        let when = words::when(event.at, state.now(), state.zone);
        let mut spans = vec![span(format!("{when:<10}"), theme.text)];
        spans.push(span(format!("{:<9}", words::span(event.at - state.now())), theme.dim));
        let style = if event.exception == Some(Exception::Skipped) { theme.dim } else { theme.ours };
        spans.push(span(format!("{:<8}", event.kind.as_str()), style));
        spans.extend(event.exception.map(|exception| span(format!("{} ", exception.word()), theme.paused)));
        match &event.model {
            Some(arn) => spans.extend(scene.model_name(arn, false)),
            None => spans.push(span(event.mappings.join(", "), theme.text)),
        }
        let by = state.fleet.schedule(&event.schedule).map_or_else(String::new, |schedule| schedule.path());
        spans.push(span(format!("  {by}"), theme.dim));
        let line = fit(Line::from(spans), usize::from(row.width), Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

fn findings(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let count = state.picture.findings.len();
    let frame = Frame { title: "Findings", right: vec![span(count.to_string(), theme.dim)], focus: false };
    let inner = frame.draw(area, buffer, theme, &scene.symbols);
    if count == 0 {
        buffer.set_line(inner.x, inner.y, &Line::from(span("Nothing to worry about.", theme.good)), inner.width);
    }
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    let told = finding_lines(scene, width, height, true);
    let told = if told.len() > height { finding_lines(scene, width, height, false) } else { told };
    for (row, line) in inner.rows().zip(told) {
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// The worst findings, in about as many lines as there are, with their remedies or without.
fn finding_lines(scene: &Scene<'_>, width: usize, height: usize, remedies: bool) -> Vec<Line<'static>> {
    let (theme, width) = (scene.theme, width.saturating_sub(2).max(8));
    let mut lines = Vec::new();
    for finding in scene.state.picture.findings.iter().take(height) {
        let (mark, style) = scene.severity(finding.severity);
        let marks = std::iter::once(mark).chain(std::iter::repeat(" "));
        for (part, mark) in wrap(&clean(&finding.sentence), width).into_iter().zip(marks) {
            lines.push(Line::from(vec![span(format!("{mark} "), style), span(part, theme.text)]));
        }
        if remedies {
            let told = wrap(&clean(&finding.remedy), width);
            lines.extend(told.into_iter().map(|part| Line::from(span(format!("  {part}"), theme.dim))));
        }
    }
    lines
}

/// The lines that the coming events and the findings could fill, box and all, if they had `most`.
pub(in crate::ui) fn wanted(scene: &Scene<'_>, frame: u16, most: u16) -> u16 {
    let findings = finding_lines(scene, usize::from((frame / 2).saturating_sub(4)), usize::from(most), true).len();
    let lines = findings.max(scene.state.picture.events.len()).max(7);
    u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2).min(most)
}
