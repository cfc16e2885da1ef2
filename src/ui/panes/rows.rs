//! The table of the screen in front, in a box or bare.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::{ColumnId, Command, Connection, Screen, Source, place};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::domain::words;
use crate::ui::draw::{Lines, Scene};
use crate::ui::text::{span, wrap};
use crate::ui::widgets::day_strip::scale;
use crate::ui::widgets::frame::Frame;
use crate::ui::widgets::table::{draw_row, heading, row};

/// The table in its box.
pub(in crate::ui) fn boxed(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let state = scene.state;
    let (shown, total) = counts(scene);
    let counts = if shown == total { grouped(total) } else { format!("{} of {}", grouped(shown), grouped(total)) };
    let mut right = Vec::new();
    let marked = state.marked().count();
    if marked > 0 {
        right.push(span(format!("{} marked", grouped(marked)), scene.theme.key));
        right.push(span("  Esc clears  ", scene.theme.dim));
    }
    if state.screen == Screen::Savings {
        let room = usize::from(area.width).saturating_sub(26);
        let terms = super::savings::terms(scene).into_iter().find(|terms| crate::ui::text::width(terms) <= room);
        right.extend(terms.map(|terms| span(format!("{terms}  "), scene.theme.dim)));
    }
    right.extend((total > 0).then(|| span(counts, scene.theme.dim)));
    let frame = Frame { title: state.screen.title(), right, focus: state.dialogs.is_empty() };
    let inner = frame.draw(area, buffer, scene.theme, &scene.symbols);
    let rows = table(scene, inner, buffer);
    thumb(scene, shown, Rect { x: area.right().saturating_sub(1), width: 1, ..rows }, buffer);
}

/// Where the rows in sight stand among all, on the right edge of the box.
fn thumb(scene: &Scene<'_>, count: usize, area: Rect, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    if count <= height || height < 2 {
        return;
    }
    let top = match scene.state.screen {
        Screen::Models => scene.state.models.scroll.fit(count, height),
        Screen::Schedules => scene.state.schedules.scroll.fit(count, height),
        Screen::Mappings => scene.state.mappings.scroll.fit(count, height),
        Screen::Savings => scene.state.savings.scroll.fit(count, height),
        Screen::Findings => scene.state.findings.scroll.fit(count, height),
        Screen::Journal => scene.state.journal.scroll.fit(count, height),
    };
    let length = (height * height / count).max(1);
    let offset = (height - length) * top / (count - height);
    for row in area.rows().skip(offset).take(length) {
        buffer.set_string(row.x, row.y, scene.symbols.thumb, scene.theme.ours);
    }
}

/// The table without a box, where there is no room for one.
pub(in crate::ui) fn bare(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    table(scene, inner, buffer);
}

fn grouped(count: usize) -> String {
    super::cells::grouped(count as u64)
}

fn counts(scene: &Scene<'_>) -> (usize, usize) {
    let state = scene.state;
    match state.screen {
        Screen::Models => (state.models.rows().len(), state.models.total()),
        Screen::Schedules => (state.schedules.rows().len(), state.schedules.total()),
        Screen::Mappings => (state.mappings.rows().len(), state.mappings.total()),
        Screen::Savings => (state.savings.rows().len(), state.savings.total()),
        Screen::Findings => (state.findings.rows().len(), state.findings.total()),
        Screen::Journal => (state.journal.rows().len(), state.journal.total()),
    }
}

/// Draws the table, and returns where its rows stand.
fn table(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) -> Rect {
    let state = scene.state;
    let mut body = Lines { area };
    let troubles = troubles(scene);
    let (shown, total) = counts(scene);
    if shown == 0 {
        instead(scene, &troubles, total, area, buffer);
        return area;
    }
    said(scene, &mut body, buffer);
    let placed = place(state.screen.columns(), area.width);
    let cursor = state.marked_column();
    let sort = match state.screen {
        Screen::Models => state.models.sort,
        Screen::Schedules => state.schedules.sort,
        Screen::Mappings => state.mappings.sort,
        Screen::Savings => state.savings.sort,
        Screen::Findings => state.findings.sort,
        Screen::Journal => state.journal.sort,
    };
    let title = |column: ColumnId, width: u16| (column == ColumnId::Day).then(|| scale(usize::from(width)));
    let head = heading(&placed, sort, cursor, title, scene.theme, &scene.symbols);
    let top = body.top(1);
    buffer.set_line(top.x, top.y, &head, top.width);
    let selected = state.selected();
    let height = usize::from(body.area.height);
    let mut draw = |at: usize, line: Line<'static>, (chosen, marked): (bool, bool)| {
        let y = body.area.y + u16::try_from(at).unwrap_or(0);
        let area = Rect { y, height: 1, ..body.area };
        draw_row(&line, area, chosen, buffer, scene.theme, &scene.symbols);
        if marked && area.x > 0 {
            buffer.set_string(area.x - 1, area.y, scene.symbols.mark, scene.theme.key);
        }
    };
    let is = |key: &crate::app::Key| (selected.as_ref() == Some(key), state.marks.contains(key));
    match state.screen {
        Screen::Models => {
            for (at, arn) in state.models.window(height).iter().enumerate() {
                let Some(model) = state.fleet.models.rows.get(arn) else { continue };
                let marks = is(&crate::app::Key::Model(arn.clone()));
                let chosen = marks.0;
                draw(at, row(&placed, |id, width| scene.model_cell(model, id, width, chosen), &scene.symbols), marks);
            }
        }
        Screen::Schedules => {
            for (at, arn) in state.schedules.window(height).iter().enumerate() {
                let Some(schedule) = state.fleet.schedule(arn) else { continue };
                let marks = is(&crate::app::Key::Schedule(arn.clone()));
                let chosen = marks.0;
                draw(at, row(&placed, |id, _| scene.schedule_cell(schedule, id, chosen), &scene.symbols), marks);
            }
        }
        Screen::Mappings => {
            for (at, uuid) in state.mappings.window(height).iter().enumerate() {
                let Some(mapping) = state.fleet.mappings.rows.get(uuid) else { continue };
                let marks = is(&crate::app::Key::Mapping(uuid.clone()));
                let chosen = marks.0;
                draw(at, row(&placed, |id, _| scene.mapping_cell(mapping, id, chosen), &scene.symbols), marks);
            }
        }
        Screen::Savings => {
            let Some(whole) = state.ledger.whole() else { return body.area };
            for (at, arn) in state.savings.window(height).iter().enumerate() {
                let Some(own) = whole.range.model(arn) else { continue };
                let marks = is(&crate::app::Key::Model(arn.clone()));
                let chosen = marks.0;
                draw(at, row(&placed, |id, _| scene.savings_cell(own, id, chosen), &scene.symbols), marks);
            }
        }
        Screen::Findings => {
            for (at, key) in state.findings.window(height).iter().enumerate() {
                let Some(finding) = state.finding(key) else { continue };
                let marks = is(&crate::app::Key::Finding(key.clone()));
                let chosen = marks.0;
                draw(at, row(&placed, |id, _| scene.finding_cell(finding, id, chosen), &scene.symbols), marks);
            }
        }
        Screen::Journal => {
            for (at, id) in state.journal.window(height).iter().enumerate() {
                let Some(operation) = state.operations.get(id) else { continue };
                let marks = is(&crate::app::Key::Operation(id.clone()));
                let chosen = marks.0;
                draw(at, row(&placed, |id, _| scene.operation_cell(operation, id, chosen), &scene.symbols), marks);
            }
        }
    }
    body.area
}

/// The troubles that concern the screen in front, its own rows first.
fn troubles<'a>(scene: &Scene<'a>) -> Vec<&'a Trouble> {
    let fleet = &scene.state.fleet;
    let schedules = || fleet.schedules.troubles.iter().chain(&fleet.rules.troubles).chain(&fleet.functions.troubles);
    let mappings = || fleet.mappings.troubles.iter().chain(&fleet.queues.troubles);
    match scene.state.screen {
        Screen::Models => {
            let models = fleet.projects.troubles.iter().chain(&fleet.models.troubles).chain(&fleet.activity.troubles);
            models.chain(schedules()).chain(mappings()).collect()
        }
        Screen::Schedules => schedules().collect(),
        Screen::Mappings => mappings().collect(),
        Screen::Findings => fleet.troubles().collect(),
        // What is in the journal lies here, whatever the account answers, and what keeps CloudWatch away stands above.
        Screen::Savings | Screen::Journal => Vec::new(),
    }
}

/// That parts could not be read: below the rows that are there.
fn said(scene: &Scene<'_>, body: &mut Lines, buffer: &mut Buffer) {
    let lines = said_lines(scene, body.area.width, body.area.height);
    let area = body.bottom(u16::try_from(lines.len()).unwrap_or(1));
    for (row, line) in area.rows().zip(lines) {
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// What could not be read, in lines for a table of this size: the first trouble in a line or two, and among the findings all
/// of them. While nothing answers at all, that is said once, above the table.
pub(in crate::ui) fn said_lines(scene: &Scene<'_>, width: u16, height: u16) -> Vec<Line<'static>> {
    let troubles = troubles(scene);
    let (Some(first), None) = (troubles.first(), scene.lost()) else { return Vec::new() };
    let width = usize::from(width).saturating_sub(2).max(1);
    let told = |texts: &[String], most: usize| {
        let mut lines = Vec::new();
        for text in texts {
            let marks = std::iter::once(scene.symbols.look).chain(std::iter::repeat(" "));
            lines.extend(marks.zip(wrap(&crate::ui::text::clean(text), width)));
        }
        if lines.len() > most {
            let rest: Vec<String> = lines.split_off(most.saturating_sub(1)).into_iter().map(|(_, line)| line).collect();
            let mark = if lines.is_empty() || texts.len() > 1 { scene.symbols.look } else { " " };
            lines.push((mark, crate::ui::text::cut(&rest.join(" "), width, scene.symbols.cut)));
        }
        lines
    };
    let lines = if scene.state.screen == Screen::Findings {
        told(&each(&troubles), usize::from(height / 2).max(1))
    } else {
        let key = scene.state.keys.shown(&scene.state.contexts(), Command::Findings);
        let more = match (troubles.len(), key) {
            (0 | 1, _) => String::new(),
            (count, Some(key)) => format!(" {} more: see {key}.", count - 1),
            (count, None) => format!(" And {} more.", count - 1),
        };
        let most = if height >= ROOM_FOR_TWO { 2 } else { 1 };
        told(&[format!("{}{more} {}", first.sentence(), first.remedy())], most)
    };
    let style = scene.theme.look;
    lines.into_iter().map(|(mark, line)| Line::from(vec![span(format!("{mark} "), style), span(line, style)])).collect()
}

/// A table lower than this has one line for what could not be read.
const ROOM_FOR_TWO: u16 = 6;

/// Each trouble once; the permissions that are missing together.
fn each(troubles: &[&Trouble]) -> Vec<String> {
    let missing: BTreeSet<&str> = troubles
        .iter()
        .filter_map(|trouble| match &trouble.kind {
            TroubleKind::Denied(permission) => Some(permission.as_str()),
            _ => None,
        })
        .collect();
    let mut texts = Vec::new();
    if missing.len() > 1 {
        let missing: Vec<&str> = missing.iter().copied().collect();
        texts.push(format!("These permissions are missing, everything else goes on: {}.", missing.join(", ")));
    }
    for trouble in troubles {
        let text = format!("{} {}", trouble.sentence(), trouble.remedy());
        let together = missing.len() > 1 && matches!(trouble.kind, TroubleKind::Denied(_));
        if !together && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// What stands in a table without rows: why, and what to do.
fn instead(scene: &Scene<'_>, troubles: &[&Trouble], total: usize, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let region = state.session.region.as_deref().unwrap_or("this region");
    let own = troubles.first().copied();
    // Both say the same thing, but its own part says it of what this screen shows.
    let alike = |lost: &&Trouble| own.is_some_and(|own| discriminant(&own.kind) == discriminant(&lost.kind));
    let lost = scene.lost().filter(|lost| !alike(lost));
    let reading =
        state.fleet.is_reading() || state.connection == Connection::Connecting || state.source == Source::Nowhere;
    let mut again = String::new();
    let (what, then, style): (String, String, Style) = match (lost.or(own), state.screen) {
        _ if total > 0 => ("Nothing matches the filter.".into(), "Esc clears it.".into(), theme.text),
        (_, Screen::Journal) => (
            "Nothing has been asked for yet.".into(),
            "What is started, stopped or paused here is written down, step by step, with what came of it.".into(),
            theme.text,
        ),
        (Some(trouble), _) => {
            let key = state.keys.shown(&state.contexts(), Command::Refresh);
            again = key.map(|key| format!("{key} tries again at once.")).unwrap_or_default();
            (format!("{} {}", scene.symbols.wrong, trouble.sentence()), trouble.remedy(), theme.wrong)
        }
        _ if reading => {
            let spinner = scene.symbols.spinner;
            let spinner = spinner.get(state.spinner() % spinner.len()).copied().unwrap_or_default();
            let what = match (&state.connection, state.screen) {
                (Connection::Connecting, _) => "Looking for the way into the account".to_owned(),
                (_, Screen::Savings) => "What was saved is told as soon as the account has been read".to_owned(),
                (_, Screen::Findings) => "Findings come as soon as the account has been read".to_owned(),
                (_, screen) => format!("Reading {} in {region}", screen.title().to_lowercase()),
            };
            (format!("{spinner} {what}"), waiting(scene), theme.dim)
        }
        (None, Screen::Savings) => {
            let (what, then) = super::savings::instead(scene);
            let style = if state.ledger.trouble.is_some() { theme.wrong } else { theme.dim };
            (what, then, style)
        }
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
        (None, Screen::Findings) => (
            format!("{} Nothing to worry about.", scene.symbols.proof),
            format!(
                "{}, {} and {} were looked at.",
                words::count(state.fleet.models.rows.len() as u64, "model"),
                words::count(state.fleet.all_schedules().count() as u64, "schedule"),
                words::count(state.fleet.mappings.rows.len() as u64, "mapping"),
            ),
            theme.good,
        ),
    };
    let width = usize::from(area.width.min(76));
    let texts = [(what, style), (then, theme.dim), (again, theme.dim)];
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

/// How long nothing at all has been heard, once that is longer than an answer should take.
fn waiting(scene: &Scene<'_>) -> String {
    let state = scene.state;
    let fleet = &state.fleet;
    let of_account = Screen::ALL.into_iter().filter(|screen| !matches!(screen, Screen::Savings | Screen::Journal));
    let rows: usize = of_account.map(|screen| state.count(screen)).sum();
    let silent = fleet.identity.is_none() && rows == 0 && fleet.troubles().next().is_none();
    match state.waited() {
        Some(waited) if silent && waited >= LONG => format!(
            "No answer for {} s: network, VPN or proxy may be in the way. It is said here once the calls are given up.",
            waited.as_secs()
        ),
        _ => String::new(),
    }
}

/// After so long an answer is overdue.
const LONG: Duration = Duration::from_secs(4);
