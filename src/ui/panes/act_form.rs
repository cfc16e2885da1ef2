//! The form in the dialog before a change: units, end, date.

use ratatui::text::{Line, Span};

use crate::app::Align;
use crate::app::act::{Act, EndChoice, Field, Target};
use crate::domain::plan::Intent;
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::panes::footer::typed;
use crate::ui::text::{fit, span, width};

/// The cells of a label.
const LABEL: usize = 10;
/// The cells that a short text is given.
pub(super) const SHORT: usize = 18;

/// The form of the dialog before a change.
pub(super) fn lines(scene: &Scene<'_>, act: &Act, room: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let fields = act.fields();
    let has = |field| fields.contains(&field);
    let mut lines = Vec::new();
    if has(Field::Min) {
        let mut spans = input(scene, act, Field::Min, 4);
        spans.push(span(" to ", theme.dim));
        spans.extend(input(scene, act, Field::Max, 4));
        let scales = if act.form.max.value().trim().is_empty() { "  no scaling" } else { "  scaled by AWS" };
        spans.push(span(format!(" inference units{scales}"), theme.dim));
        lines.push(labelled(scene, "units", spans));
    }
    if has(Field::End) {
        let options: Vec<(String, bool)> =
            act.form.ends.iter().map(|end| (end_word(scene, act, *end), *end == act.form.end)).collect();
        lines.extend(choice(scene, "stops", &options, act.focus == Field::End, room));
        let ground = scene.state.ground();
        let field = match act.form.end {
            EndChoice::After => Some(Field::Length),
            EndChoice::Until => Some(Field::Time),
            EndChoice::Scheduled | EndChoice::Never => None,
        };
        // The plan knows better than the form: a window may end it earlier.
        let at = act.plans.first().and_then(|plan| match plan.intent {
            Intent::Start { end, .. } => end,
            _ => None,
        });
        if let Some(field) = field {
            let mut spans = input(scene, act, field, SHORT);
            let told = match at {
                Some(at) => format!(
                    "  {} {}, in {}",
                    scene.symbols.arrow,
                    words::when(at, ground.now, ground.zone),
                    words::span(at - ground.now)
                ),
                None if field == Field::Time => "  20:00, or 2026-12-27 08:00".into(),
                None => "  3h, 90m or 1h30m".into(),
            };
            spans.push(span(told, theme.dim));
            lines.push(labelled(scene, "", spans));
        }
    }
    if has(Field::Until) {
        let options =
            [("until resumed".to_owned(), !act.form.until_date), ("until a date".into(), act.form.until_date)];
        lines.extend(choice(scene, "paused", &options, act.focus == Field::Until, room));
        if has(Field::Date) {
            let mut spans = input(scene, act, Field::Date, SHORT);
            spans.push(span("  2026-12-27, or with a time, in the schedule's zone", theme.dim));
            lines.push(labelled(scene, "", spans));
        }
    }
    lines
}

fn end_word(scene: &Scene<'_>, act: &Act, end: EndChoice) -> String {
    let state = scene.state;
    let stop = match act.targets.as_slice() {
        [Target::Model(model)] => state.picture.models.get(model).and_then(|view| view.next_stop.as_ref()),
        _ => None,
    };
    match (end, stop) {
        (EndChoice::Scheduled, Some(stop)) => {
            format!("scheduled stop ({})", words::when(stop.at, state.now(), state.zone))
        }
        (EndChoice::Scheduled, None) => "scheduled stop".into(),
        (EndChoice::After, _) => "after".into(),
        (EndChoice::Until, _) => "until".into(),
        (EndChoice::Never, _) => "no automatic stop".into(),
    }
}

fn labelled(scene: &Scene<'_>, label: &str, spans: Vec<Span<'static>>) -> Line<'static> {
    let mut line = vec![span(format!("{label:<LABEL$}"), scene.theme.dim)];
    line.extend(spans);
    Line::from(line)
}

/// A few options, the chosen one marked; in several lines where one is too short.
fn choice(scene: &Scene<'_>, label: &str, options: &[(String, bool)], focus: bool, room: usize) -> Vec<Line<'static>> {
    let (theme, symbols) = (scene.theme, &scene.symbols);
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = LABEL;
    for (text, chosen) in options {
        let needed = width(text) + 5;
        if used + needed > room && used > LABEL {
            lines.push(Vec::new());
            used = LABEL;
        }
        used += needed;
        let (mark, style) = match (chosen, focus) {
            (true, true) => (symbols.on, theme.tab),
            (true, false) => (symbols.on, theme.strong),
            (false, _) => (symbols.off, theme.dim),
        };
        if let Some(line) = lines.last_mut() {
            line.push(span(format!(" {mark} {text} "), style));
            line.push(Span::raw(" "));
        }
    }
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    lines.into_iter().zip(labels).map(|(spans, label)| labelled(scene, label, spans)).collect()
}

/// A field for a text, as wide as `cells`.
pub(super) fn input(scene: &Scene<'_>, act: &Act, field: Field, cells: usize) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let Some(text) = act.form.text(field) else { return Vec::new() };
    let focus = act.focus == field;
    let mut spans = vec![span("[", if focus { theme.key } else { theme.faint })];
    let inner = fit(Line::from(typed(text, cells, focus, scene)), cells, Align::Left, scene.symbols.cut);
    spans.extend(inner.spans);
    spans.push(span("]", if focus { theme.key } else { theme.faint }));
    spans
}
