//! The dialog in which an expression is typed: the field with what is wrong in it, what it means, and when it fires.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

use crate::app::wording::{Verdict, Wording};
use crate::app::{Align, Command, Context};
use crate::domain::cron::ExpressionError;
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::panes::dialogs::boxed;
use crate::ui::panes::footer::typed;
use crate::ui::text::{fit, shed, span, width};

/// The width that the dialog would like.
const WIDTH: u16 = 96;
/// The cells of a label.
const LABEL: usize = 12;
/// The cells of a zone.
const ZONE: usize = 32;
/// The lines that the dialog has at least, so that it does not jump while somebody types.
const LEAST: usize = 19;

/// Draws the dialog.
pub(super) fn draw(scene: &Scene<'_>, wording: &Wording, area: Rect, buffer: &mut Buffer) {
    let margin = if area.width >= 100 { 4 } else { 0 };
    let wide = area.width.saturating_sub(margin).min(WIDTH);
    let room = usize::from(wide.saturating_sub(4)).max(LABEL + 8);
    let (head, foot) = (head(scene, wording, room), foot(scene, wording, room));
    let meaning = meaning(scene, wording, room);
    let height = (head.len() + meaning.len() + foot.len()).max(LEAST) + 2;
    let path = scene.state.fleet.schedule(&wording.schedule).map_or_else(String::new, |schedule| schedule.path());
    let size = (wide, u16::try_from(height).unwrap_or(u16::MAX));
    let inner = boxed(scene, &format!("Edit {path}"), size, area, buffer);
    // Where there is hardly any room, the latest fires are left away and the foot stays.
    let middle = usize::from(inner.height).saturating_sub(head.len() + foot.len());
    let blank = std::iter::repeat_with(Line::default);
    let lines = head.into_iter().chain(meaning.into_iter().chain(blank).take(middle)).chain(foot);
    for (row, line) in inner.rows().zip(lines) {
        let cells = usize::from(row.width);
        let line = fit(shed(line, cells), cells, Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// What it does, and the two fields.
fn head(scene: &Scene<'_>, wording: &Wording, room: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let cells = room.saturating_sub(LABEL + 2).max(8);
    let mut lines = vec![effect(scene, wording), Line::default()];
    lines.push(labelled(scene, "expression", field(scene, &wording.expression, !wording.in_zone, cells)));
    lines.push(match &wording.verdict.expression {
        Err(error) => carets(scene, &wording.expression, error, cells),
        Ok(_) => Line::default(),
    });
    if wording.rule {
        let why = span("UTC", theme.text);
        lines.push(labelled(scene, "zone", vec![why, span("  a rule knows no other one", theme.dim)]));
    } else {
        let mut spans = field(scene, &wording.zone, wording.in_zone, ZONE.min(cells));
        let key = scene.state.keys.shown(&[Context::Expression], Command::PickZone);
        spans.extend(key.map(|key| span(format!("  {key}"), theme.key)));
        spans.extend(key.map(|_| span(" all zones", theme.dim)));
        lines.push(labelled(scene, "zone", spans));
    }
    lines.push(Line::default());
    lines
}

/// `starts logos_2 v3`, and whether it fires at all.
fn effect(scene: &Scene<'_>, wording: &Wording) -> Line<'static> {
    let theme = scene.theme;
    let wiring = &scene.state.picture.wiring;
    let proven = wiring.aims_of_schedule(&wording.schedule).iter().map(|aim| (aim, ""));
    let guessed = wiring.guesses_by_schedule.get(&wording.schedule).map(|aim| (aim, "perhaps "));
    let mut spans = Vec::new();
    for (aim, perhaps) in proven.chain(guessed) {
        let verb = match aim.effect.word() {
            "unknown" => "has to do with".to_owned(),
            word => format!("{word}s"),
        };
        let lead = if spans.is_empty() { "" } else { ", " };
        spans.push(span(format!("{lead}{perhaps}{verb} "), theme.dim));
        match &aim.model {
            Some(model) => spans.extend(scene.model_name(model, true)),
            None => spans.push(span("mappings", theme.text)),
        }
    }
    if spans.is_empty() {
        spans.push(span("nothing tells what it starts or stops", theme.look));
    }
    if let Some(schedule) = scene.state.fleet.schedule(&wording.schedule) {
        spans.push(span("   ", theme.dim));
        spans.extend(scene.schedule_state(schedule));
    }
    Line::from(spans)
}

fn labelled(scene: &Scene<'_>, label: &str, spans: Vec<Span<'static>>) -> Line<'static> {
    let mut line = vec![span(format!("{label:<LABEL$}"), scene.theme.dim)];
    line.extend(spans);
    Line::from(line)
}

fn field(scene: &Scene<'_>, input: &Input, focus: bool, cells: usize) -> Vec<Span<'static>> {
    let border = if focus { scene.theme.key } else { scene.theme.faint };
    let inner = fit(Line::from(typed(input, cells, focus, scene)), cells, Align::Left, scene.symbols.cut);
    let mut spans = vec![span("[", border)];
    spans.extend(inner.spans);
    spans.push(span("]", border));
    spans
}

/// A line of ^^^ under the piece that is wrong, where the field shows it.
fn carets(scene: &Scene<'_>, input: &Input, error: &ExpressionError, cells: usize) -> Line<'static> {
    let skipped = input.visual_scroll(cells.saturating_sub(1).max(1));
    let cell = |byte: usize| {
        let before = input.value().char_indices().take_while(|(at, _)| *at < byte);
        width(&before.map(|(_, letter)| letter).collect::<String>()).saturating_sub(skipped)
    };
    let from = cell(error.at.start).min(cells.saturating_sub(1));
    let wide = cell(error.at.end).min(cells).saturating_sub(from).max(1);
    let blank = " ".repeat(LABEL + 1 + from);
    Line::from(vec![Span::raw(blank), span("^".repeat(wide), scene.theme.wrong)])
}

/// What is wrong, or what it means and when it fires.
fn meaning(scene: &Scene<'_>, wording: &Wording, room: usize) -> Vec<Line<'static>> {
    let (theme, symbols, verdict) = (scene.theme, &scene.symbols, &wording.verdict);
    let mut lines = Vec::new();
    match &verdict.expression {
        Err(error) => lines.extend(scene.marked(symbols.wrong, &error.to_string(), theme.wrong, room)),
        Ok(expression) => lines.push(Line::from(vec![
            span(format!("{} ", symbols.proof), theme.good),
            span(expression.describe(), theme.strong),
            span(format!("  {}", zone_words(scene, wording)), theme.dim),
        ])),
    }
    if let Err(why) = &verdict.zone {
        lines.extend(scene.marked(symbols.wrong, why, theme.wrong, room));
    }
    for caution in &verdict.cautions {
        lines.extend(scene.marked(symbols.look, caution, theme.look, room));
    }
    lines.extend(fires(scene, wording, verdict));
    lines
}

fn zone(scene: &Scene<'_>, wording: &Wording) -> Option<Tz> {
    match &wording.verdict.zone {
        Ok(Some(zone)) => Some(*zone),
        Ok(None) => scene.state.fleet.schedule(&wording.schedule).map(|schedule| schedule.tz()),
        Err(_) => None,
    }
}

fn zone_words(scene: &Scene<'_>, wording: &Wording) -> String {
    zone(scene, wording).map_or_else(String::new, |zone| zone.name().to_owned())
}

fn fires(scene: &Scene<'_>, wording: &Wording, verdict: &Verdict) -> Vec<Line<'static>> {
    let (state, theme) = (scene.state, scene.theme);
    let Some(zone) = zone(scene, wording) else { return Vec::new() };
    let enabled = state.fleet.schedule(&wording.schedule).is_some_and(|schedule| schedule.enabled);
    let local = |at: DateTime<Utc>, zone: Tz| at.with_timezone(&zone).format("%a %-d %b %Y %H:%M %Z").to_string();
    let labels = std::iter::once(if enabled { "next" } else { "would be" }).chain(std::iter::repeat(""));
    let style = if enabled { theme.text } else { theme.paused };
    let ahead = verdict.fires.iter().filter(|at| **at >= state.now());
    ahead
        .zip(labels)
        .map(|(at, label)| {
            let left = words::span(*at - state.now());
            let mut spans = vec![span(format!("{:<28}", local(*at, zone)), style)];
            spans.push(span(format!("in {left:<10}"), theme.dim));
            if zone != state.zone {
                let here = at.with_timezone(&state.zone).format("%a %H:%M %Z").to_string();
                spans.push(span(format!("  {here} here"), theme.dim));
            }
            labelled(scene, label, spans)
        })
        .collect()
}

fn foot(scene: &Scene<'_>, wording: &Wording, room: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut lines = vec![Line::default()];
    match &wording.said {
        Some(said) => lines.extend(scene.marked(scene.symbols.look, said, theme.look, room)),
        None => {
            let text = "Nothing is written yet: Enter shows what would change, and asks.";
            lines.push(Line::from(span(text, theme.dim)));
        }
    }
    lines
}
