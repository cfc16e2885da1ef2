//! The dialogs: help, the palette, everything about a row, and where to go from it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::app::list::Scroll;
use crate::app::{Align, Command, Context, Dialog, Key, State};
use crate::ui::draw::Scene;
use crate::ui::panes::footer::typed;
use crate::ui::panes::{act, calendar, details, functions, progress, savings, unscheduled, wording, zones};
use crate::ui::text::{fit, shed, span, width};
use crate::ui::widgets::frame::Frame;

/// The dialogs that lie over what fills the screen: its rows, or the week editor.
pub(in crate::ui) fn over(state: &State) -> &[Dialog] {
    let below = state.dialogs.iter().rposition(|dialog| matches!(dialog, Dialog::Week(_))).map_or(0, |at| at + 1);
    state.dialogs.get(below..).unwrap_or_default()
}

/// Draws the dialogs, the topmost last.
pub(in crate::ui) fn draw(scene: &Scene<'_>, dialogs: &[Dialog], area: Rect, buffer: &mut Buffer) {
    for (at, dialog) in dialogs.iter().enumerate() {
        match dialog {
            Dialog::Help { scroll } => help(scene, scroll, area, buffer),
            Dialog::Palette { input, selected } => palette(scene, input, *selected, area, buffer),
            Dialog::Details { key, scroll } => of_row(scene, key, scroll, area, buffer),
            Dialog::Act(act) => act::draw(scene, act, area, buffer),
            Dialog::Leave { leave } => progress::leave(scene, *leave, area, buffer),
            Dialog::Week(_) => {}
            Dialog::Related { of, targets, selected } => {
                let title = format!("What belongs to {}", details::title(scene, of));
                related(scene, &title, targets, *selected, area, buffer);
            }
            Dialog::Which { targets, selected } => {
                related(scene, "Which one is to be edited?", targets, *selected, area, buffer);
            }
            // What is asked about it says all that matters of it.
            Dialog::Expression(wording) if at + 1 == dialogs.len() => wording::draw(scene, wording, area, buffer),
            Dialog::Expression(_) => {}
            Dialog::Calendar(days) => calendar::draw(scene, days, area, buffer),
            Dialog::Runs(page) => savings::runs(scene, page, area, buffer),
            Dialog::Range(line) => savings::range(scene, line, area, buffer),
            Dialog::Functions(page) => functions::draw(scene, page, area, buffer),
            Dialog::Unscheduled(dialog) => unscheduled::draw(scene, dialog, area, buffer),
            Dialog::Zones(picker) => zones::draw(scene, picker, area, buffer),
        }
    }
}

/// From this height on a box leaves the account and the screens in view.
const ROOM_FOR_HEADER: u16 = 20;

/// A box in the middle, with the footer left free below it.
pub(super) fn boxed(
    scene: &Scene<'_>,
    title: &str,
    (width, height): (u16, u16),
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let header = if area.height >= ROOM_FOR_HEADER { 2 } else { 0 };
    let room = Rect { y: area.y + header, height: area.height.saturating_sub(header + 1), ..area };
    let width = width.min(room.width);
    let height = height.min(room.height);
    let area = Rect { x: room.x + (room.width - width) / 2, y: room.y + (room.height - height) / 3, width, height };
    // A wide character that reaches under the box would else be cut in two.
    let cleared = Rect { x: area.x.saturating_sub(1), width: (area.width + 1).min(room.width), ..area };
    Clear.render(cleared, buffer);
    buffer.set_style(cleared, scene.theme.ground);
    Frame { title, right: Vec::new(), focus: true }.draw(area, buffer, scene.theme, &scene.symbols)
}

pub(super) fn scrolled(lines: &[Line<'static>], scroll: &Scroll, area: Rect, scene: &Scene<'_>, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    let top = scroll.fit(lines.len(), height);
    for (row, line) in area.rows().zip(lines.iter().skip(top)) {
        let width = usize::from(row.width);
        let line = fit(shed(line.clone(), width), width, Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
    let left = lines.len().saturating_sub(top + height);
    details::more(scene, left, area, buffer);
}

fn of_row(scene: &Scene<'_>, key: &Key, scroll: &Scroll, area: Rect, buffer: &mut Buffer) {
    let width = area.width.saturating_sub(4).clamp(area.width.min(36), 110);
    let lines = details::lines(scene, key, usize::from(width.saturating_sub(4)), false);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(scene, &details::title(scene, key), (width, height), area, buffer);
    scrolled(&lines, scroll, inner, scene, buffer);
}

fn help(scene: &Scene<'_>, scroll: &Scroll, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let mut lines: Vec<Line<'static>> = Vec::new();
    for context in Context::ALL {
        let specs: Vec<_> = Command::all().filter(|spec| spec.contexts.contains(&context)).collect();
        if specs.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(span(context.title(), theme.strong)));
        for spec in specs {
            let keys = scene.state.keys.of(context, spec.command);
            let keys = match keys.first() {
                Some(first) if area.width < ALL_KEYS => format!("  {first:<10}"),
                _ => format!("  {:<23}  ", keys.join(" ")),
            };
            lines.push(Line::from(vec![span(keys, theme.key), span(spec.title(), theme.text)]));
        }
    }
    if area.width >= TWO_COLUMNS {
        let height = u16::try_from(lines.len().div_ceil(2)).unwrap_or(u16::MAX).saturating_add(2);
        if height + 2 < area.height {
            return help_in_two(scene, &lines, (TWO_COLUMNS - 4, height), area, buffer);
        }
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(scene, "Keys", (97, height), area, buffer);
    scrolled(&lines, scroll, inner, scene, buffer);
}

/// The width from which on the help has room for every key of a command.
const ALL_KEYS: u16 = 72;

/// The width from which on the help stands in two columns.
const TWO_COLUMNS: u16 = 186;

fn help_in_two(scene: &Scene<'_>, lines: &[Line<'static>], size: (u16, u16), area: Rect, buffer: &mut Buffer) {
    let inner = boxed(scene, "Keys", size, area, buffer);
    let half = inner.width / 2;
    let (left, right) = lines.split_at(lines.len().div_ceil(2).min(usize::from(inner.height)));
    for (part, x) in [(left, inner.x), (right, inner.x + half)] {
        for (row, line) in inner.rows().zip(part) {
            let line = fit(line.clone(), usize::from(half), Align::Left, scene.symbols.cut);
            buffer.set_line(x, row.y, &line, half);
        }
    }
}

/// The rows of a short list, with the selected one always in sight.
pub(super) fn listed(lines: &[Line<'static>], selected: usize, area: Rect, scene: &Scene<'_>, buffer: &mut Buffer) {
    let height = usize::from(area.height).max(1);
    let top = (selected + 1).saturating_sub(height);
    for (row, (at, line)) in area.rows().zip(lines.iter().enumerate().skip(top)) {
        let line = &fit(line.clone(), usize::from(row.width), Align::Left, scene.symbols.cut);
        crate::ui::widgets::table::draw_row(line, row, at == selected, buffer, scene.theme, &scene.symbols);
    }
}

fn palette(scene: &Scene<'_>, input: &tui_input::Input, selected: usize, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let specs = scene.state.palette();
    let height = u16::try_from(specs.len()).unwrap_or(u16::MAX).clamp(1, 14) + 4;
    let inner = boxed(scene, "Commands", (80, height), area, buffer);
    let mut spans = vec![span(": ", theme.key)];
    spans.extend(typed(input, usize::from(inner.width).saturating_sub(3), true, scene));
    buffer.set_line(inner.x, inner.y, &Line::from(spans), inner.width);
    let rest = Rect { y: inner.y + inner.height.min(2), height: inner.height.saturating_sub(2), ..inner };
    let below = if scene.state.week().is_some() { Context::Week } else { Context::Rows };
    let contexts = [below, Context::Savings, Context::Global];
    let lines: Vec<Line<'static>> = specs
        .iter()
        .map(|spec| {
            let key = scene.state.keys.shown(&contexts, spec.command).unwrap_or_default().to_owned();
            Line::from(vec![span(format!("{key:<11}"), theme.key), span(spec.title(), theme.text)])
        })
        .collect();
    if lines.is_empty() {
        buffer.set_line(rest.x, rest.y, &Line::from(span("No command is called so.", theme.dim)), rest.width);
    }
    listed(&lines, selected, rest, scene, buffer);
}

fn related(scene: &Scene<'_>, title: &str, targets: &[Key], selected: usize, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let height = u16::try_from(targets.len()).unwrap_or(u16::MAX).clamp(1, 14) + 2;
    let schedules = targets.iter().filter(|target| matches!(target, Key::Schedule(_)));
    let names = schedules.map(|target| width(&scene.state.name_of(target))).max().unwrap_or(0);
    let inner = boxed(scene, title, (78, height), area, buffer);
    let lines: Vec<Line<'static>> = targets
        .iter()
        .map(|target| {
            let kind = match target {
                Key::Model(_) => "model",
                Key::Schedule(_) => "schedule",
                Key::Mapping(_) => "mapping",
                Key::Finding(_) => "finding",
                Key::Operation(_) => "operation",
            };
            let name = match target {
                Key::Schedule(_) => format!("{:<names$}", scene.state.name_of(target)),
                _ => scene.state.name_of(target),
            };
            let said = match target {
                Key::Schedule(arn) => {
                    let effect = scene.state.picture.wiring.aims_of_schedule(arn).first().map(|aim| aim.effect.word());
                    let says = scene.state.fleet.schedule(arn).and_then(|one| one.expression.clone());
                    says.map(|says| format!("{:<7} {says}", effect.unwrap_or_default()))
                }
                _ => None,
            };
            Line::from(vec![
                Span::styled(format!("{kind:<10}"), theme.dim),
                span(name, theme.text),
                span(said.map_or_else(String::new, |said| format!("  {said}")), theme.dim),
            ])
        })
        .collect();
    listed(&lines, selected, inner, scene, buffer);
}
