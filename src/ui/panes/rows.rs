//! The table of the screen in front, in a box or bare.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::{ColumnId, Connection, Screen, Source};
use crate::domain::trouble::Trouble;
use crate::ui::draw::{Lines, Scene};
use crate::ui::text::{span, wrap};
use crate::ui::widgets::day_strip::scale;
use crate::ui::widgets::frame::Frame;
use crate::ui::widgets::table::{draw_row, heading, place, row};

/// The table in its box.
pub(in crate::ui) fn boxed(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let state = scene.state;
    let (shown, total) = counts(scene);
    let counts = if shown == total { format!("{total}") } else { format!("{shown} of {total}") };
    let frame = Frame { title: state.screen.title(), right: vec![span(counts, scene.theme.dim)], focus: true };
    let inner = frame.draw(area, buffer, scene.theme, &scene.symbols);
    table(scene, inner, buffer);
}

/// The table without a box, where there is no room for one.
pub(in crate::ui) fn bare(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    table(scene, inner, buffer);
}

fn counts(scene: &Scene<'_>) -> (usize, usize) {
    let state = scene.state;
    match state.screen {
        Screen::Models => (state.models.rows().len(), state.models.total()),
        Screen::Schedules => (state.schedules.rows().len(), state.schedules.total()),
        Screen::Mappings => (state.mappings.rows().len(), state.mappings.total()),
        Screen::Findings => (state.findings.rows().len(), state.findings.total()),
    }
}

fn table(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let state = scene.state;
    let mut body = Lines { area };
    let troubles = troubles(scene);
    let (shown, total) = counts(scene);
    if shown == 0 {
        return instead(scene, &troubles, total, area, buffer);
    }
    if let Some(trouble) = troubles.first() {
        said(scene, trouble, troubles.len(), body.bottom(1), buffer);
    }
    let placed = place(state.screen.columns(), area.width);
    let (sort, cursor) = match state.screen {
        Screen::Models => (state.models.sort, state.models.cursor),
        Screen::Schedules => (state.schedules.sort, state.schedules.cursor),
        Screen::Mappings => (state.mappings.sort, state.mappings.cursor),
        Screen::Findings => (state.findings.sort, state.findings.cursor),
    };
    let title = |column: ColumnId, width: u16| (column == ColumnId::Day).then(|| scale(usize::from(width)));
    let head = heading(&placed, sort, cursor, title, scene.theme, &scene.symbols);
    let top = body.top(1);
    buffer.set_line(top.x, top.y, &head, top.width);
    let selected = state.selected();
    let height = usize::from(body.area.height);
    let mut draw = |at: usize, line: Line<'static>, chosen: bool| {
        let y = body.area.y + u16::try_from(at).unwrap_or(0);
        draw_row(&line, Rect { y, height: 1, ..body.area }, chosen, buffer, scene.theme, &scene.symbols);
    };
    let is = |key: crate::app::Key| selected.as_ref() == Some(&key);
    match state.screen {
        Screen::Models => {
            for (at, arn) in state.models.window(height).iter().enumerate() {
                let Some(model) = state.fleet.models.rows.get(arn) else { continue };
                let chosen = is(crate::app::Key::Model(arn.clone()));
                draw(at, row(&placed, |id, width| scene.model_cell(model, id, width, chosen), &scene.symbols), chosen);
            }
        }
        Screen::Schedules => {
            for (at, arn) in state.schedules.window(height).iter().enumerate() {
                let Some(schedule) = state.fleet.schedule(arn) else { continue };
                let chosen = is(crate::app::Key::Schedule(arn.clone()));
                draw(at, row(&placed, |id, _| scene.schedule_cell(schedule, id, chosen), &scene.symbols), chosen);
            }
        }
        Screen::Mappings => {
            for (at, uuid) in state.mappings.window(height).iter().enumerate() {
                let Some(mapping) = state.fleet.mappings.rows.get(uuid) else { continue };
                let chosen = is(crate::app::Key::Mapping(uuid.clone()));
                draw(at, row(&placed, |id, _| scene.mapping_cell(mapping, id, chosen), &scene.symbols), chosen);
            }
        }
        Screen::Findings => {
            for (at, key) in state.findings.window(height).iter().enumerate() {
                let chosen = is(crate::app::Key::Finding(key.clone()));
                draw(at, row(&placed, |id, _| scene.finding_cell(key, id, chosen), &scene.symbols), chosen);
            }
        }
    }
}

/// The troubles that concern the screen in front.
fn troubles<'a>(scene: &Scene<'a>) -> Vec<&'a Trouble> {
    let fleet = &scene.state.fleet;
    match scene.state.screen {
        Screen::Models => {
            fleet.projects.troubles.iter().chain(&fleet.models.troubles).chain(&fleet.activity.troubles).collect()
        }
        Screen::Schedules => {
            fleet.schedules.troubles.iter().chain(&fleet.rules.troubles).chain(&fleet.functions.troubles).collect()
        }
        Screen::Mappings => fleet.mappings.troubles.iter().chain(&fleet.queues.troubles).collect(),
        Screen::Findings => fleet.troubles().collect(),
    }
}

/// A part could not be read: in one line below the rows that are there.
fn said(scene: &Scene<'_>, trouble: &Trouble, count: usize, area: Rect, buffer: &mut Buffer) {
    let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
    let text = format!("{} {}{more}", trouble.sentence(), trouble.remedy());
    let text = crate::ui::text::cut(
        &crate::ui::text::clean(&text),
        usize::from(area.width).saturating_sub(2),
        scene.symbols.cut,
    );
    let line =
        Line::from(vec![span(format!("{} ", scene.symbols.look), scene.theme.look), span(text, scene.theme.look)]);
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// What stands in a table without rows: why, and what to do.
fn instead(scene: &Scene<'_>, troubles: &[&Trouble], total: usize, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let region = state.session.region.as_deref().unwrap_or("this region");
    let lost = match &state.connection {
        Connection::Trouble(trouble) => Some(trouble),
        _ => None,
    };
    let reading =
        state.fleet.is_reading() || state.connection == Connection::Connecting || state.source == Source::Nowhere;
    let (what, then, style): (String, String, Style) = match (lost.or(troubles.first().copied()), state.screen) {
        _ if total > 0 => ("Nothing matches the filter.".into(), "Esc clears it.".into(), theme.text),
        (Some(trouble), _) => (trouble.sentence(), trouble.remedy(), theme.wrong),
        _ if reading => ("Reading the account".into(), String::new(), theme.dim),
        (None, Screen::Models) => (
            format!("No Custom Labels models in {region}."),
            "Another region is named with --region, another account with --profile.".into(),
            theme.text,
        ),
        (None, Screen::Schedules) => (
            format!("No schedules and no scheduled rules in {region}."),
            "Nothing starts or stops a model by itself here.".into(),
            theme.text,
        ),
        (None, Screen::Mappings) => (
            format!("No event source mappings in {region}."),
            "Nothing feeds a queue to a function here.".into(),
            theme.text,
        ),
        (None, Screen::Findings) => ("Nothing to worry about.".into(), String::new(), theme.good),
    };
    let width = usize::from(area.width.min(76));
    let texts = [(what, style), (then, theme.dim)];
    let lines: Vec<Line> = texts
        .iter()
        .filter(|(text, _)| !text.is_empty())
        .flat_map(|(text, style)| {
            wrap(&crate::ui::text::clean(text), width).into_iter().map(|line| Line::from(Span::styled(line, *style)))
        })
        .collect();
    let top = area.height.saturating_sub(u16::try_from(lines.len()).unwrap_or(0)) / 3;
    for (at, line) in lines.iter().enumerate() {
        let y = area.y + top + u16::try_from(at).unwrap_or(0);
        if y < area.bottom() {
            let x = area.x + (area.width.saturating_sub(u16::try_from(line.width()).unwrap_or(0))) / 2;
            buffer.set_line(x, y, line, area.right() - x);
        }
    }
}
