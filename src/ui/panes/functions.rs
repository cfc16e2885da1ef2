//! The functions that have to do with models: a short table, and everything about the selected one below it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::{Align, Command, Context, Counted, FunctionsPage, Key, Trial};
use crate::domain::functions::{Answer, Counts, Used};
use crate::domain::words;
use crate::ui::draw::{Lines, Scene};
use crate::ui::panes::cells::grouped;
use crate::ui::panes::dialogs::{boxed, listed, scrolled};
use crate::ui::text::{cut, fit, span, width};

/// The width that the dialog would like.
const WIDTH: u16 = 116;
/// From this many cells on, version and invocations have columns.
const ROOM_FOR_MORE: usize = 64;
/// From this many on, what uses it has one.
const ROOM_FOR_USERS: usize = 96;
/// The lines that what is told of the selected one has at least.
const TOLD: usize = 9;

/// Draws the dialog.
pub(super) fn draw(scene: &Scene<'_>, page: &FunctionsPage, area: Rect, buffer: &mut Buffer) {
    let wide = area.width.saturating_sub(2).clamp(area.width.min(36), WIDTH);
    let room = usize::from(wide.saturating_sub(4)).max(12);
    let told = told(scene, page, room);
    let height = page.rows.len() + told.len().max(TOLD) + 4;
    let inner = boxed(scene, "Functions", (wide, u16::try_from(height).unwrap_or(u16::MAX)), area, buffer);
    let mut body = Lines { area: inner };
    let heading = body.top(1);
    let names = name_width(page, usize::from(inner.width));
    let line = heading_line(scene, names, usize::from(inner.width));
    buffer.set_line(heading.x, heading.y, &line, heading.width);
    // The table leaves the other half to what is told, if that needs it.
    let spare = usize::from(body.area.height).saturating_sub(told.len() + 1);
    let most = spare.max(usize::from(body.area.height) / 2).max(1);
    let table = body.top(u16::try_from(page.rows.len().min(most)).unwrap_or(1));
    let rows: Vec<Line<'static>> =
        page.rows.iter().map(|used| row(scene, page, used, names, usize::from(table.width))).collect();
    listed(&rows, page.selected, table, scene, buffer);
    body.top(1);
    scrolled(&told, &page.scroll, body.area, scene, buffer);
}

/// Names get what they need and what the other columns leave.
fn name_width(page: &FunctionsPage, room: usize) -> usize {
    let wanted = page.rows.iter().map(|used| width(used.name())).max().unwrap_or(0).max(8);
    let others = if room >= ROOM_FOR_MORE { 44 } else { 20 };
    wanted.min(room.saturating_sub(others).max(8))
}

/// The cells of one line: name, role, and as many of the others as there is room for.
fn cells(names: usize, room: usize, cells: [String; 6]) -> String {
    let [name, role, version, invoked, errors, users] = cells;
    let mut line = format!("{name}{}  {role:<9}", " ".repeat(names.saturating_sub(width(&name))));
    if room >= ROOM_FOR_MORE {
        line += &format!("  {version:<10}  {invoked:>8}");
    }
    line += &format!("  {errors:>6}");
    if room >= ROOM_FOR_USERS {
        line += &format!("   {users}");
    }
    line
}

fn heading_line(scene: &Scene<'_>, names: usize, room: usize) -> Line<'static> {
    let titles = ["FUNCTION", "ROLE", "VERSION", "INVOKED", "ERRORS", "USED BY"].map(str::to_owned);
    fit(Line::from(span(cells(names, room, titles), scene.theme.dim)), room, Align::Left, scene.symbols.cut)
}

fn row(scene: &Scene<'_>, page: &FunctionsPage, used: &Used, names: usize, room: usize) -> Line<'static> {
    let counts = page.counts(&used.arn);
    let none = if page.counted == Counted::Asked { scene.symbols.cut } else { scene.symbols.none };
    let count = |of: fn(Counts) -> u64| counts.map_or_else(|| none.to_owned(), |counts| grouped(of(counts)));
    let text = cells(
        names,
        room,
        [
            cut(used.name(), names, scene.symbols.cut),
            used.role_word().to_owned(),
            cut(used.version_word(), 10, scene.symbols.cut),
            count(|counts| counts.invocations),
            count(|counts| counts.errors),
            users(used),
        ],
    );
    let failing = counts.is_some_and(|counts| counts.errors + counts.throttles > 0);
    Line::from(span(text, if failing { scene.theme.look } else { scene.theme.text }))
}

fn users(used: &Used) -> String {
    let count = |many: &[String], what: &str| (!many.is_empty()).then(|| words::count(many.len() as u64, what));
    let parts = [count(&used.schedules, "schedule"), count(&used.mappings, "mapping")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Everything about the selected one.
fn told(scene: &Scene<'_>, page: &FunctionsPage, room: usize) -> Vec<Line<'static>> {
    let (state, theme) = (scene.state, scene.theme);
    let Some(used) = page.chosen() else {
        return vec![Line::from(span("Nothing uses a function any more.", theme.dim))];
    };
    let mut lines = vec![Line::from(span(used.name(), theme.strong))];
    lines.extend(tested(scene, page, used, room));
    lines.extend(scene.paragraph("24 h", &fares(page, used), theme.text, room));
    let changed = used.modified.map(|at| at.with_timezone(&state.zone).format("changed %-d %b %Y %H:%M").to_string());
    let version = match (&used.version, used.read) {
        (Some(version), _) => format!("rekotui {version}"),
        (None, true) => "unknown: it is no function of rekotui".to_owned(),
        (None, false) => "its configuration could not be read".to_owned(),
    };
    let version = [Some(version), changed].into_iter().flatten().collect::<Vec<_>>().join(", ");
    lines.extend(scene.paragraph("version", &version, theme.text, room));
    let schedules = used.schedules.iter().map(|arn| state.name_of(&Key::Schedule(arn.clone())));
    let mappings = used.mappings.iter().map(|uuid| state.name_of(&Key::Mapping(uuid.clone())));
    let all: Vec<String> = schedules.chain(mappings).collect();
    lines.extend(scene.paragraph("used by", &all.join(", "), theme.dim, room));
    lines.extend(scene.paragraph("ARN", &used.arn, theme.dim, room));
    lines
}

/// How it fared in the last 24 hours, in words.
fn fares(page: &FunctionsPage, used: &Used) -> String {
    match (&page.counted, page.counts(&used.arn)) {
        (_, Some(counts)) => {
            let times = |count: u64, what: &str| format!("{} {what}", grouped(count));
            let (errors, throttles) = (times(counts.errors, "failed"), times(counts.throttles, "throttled"));
            format!("{}, {errors}, {throttles}", times(counts.invocations, "invoked"))
        }
        (Counted::Known(_), None) => "CloudWatch knows of no invocation; its numbers are some minutes late".into(),
        (Counted::Asked, None) => "CloudWatch is being asked".into(),
        (Counted::Failed(trouble), None) => trouble.to_string(),
        (Counted::Not, None) => "CloudWatch was not asked: there is no way into the account".into(),
    }
}

/// What came of a test, or what a test would do.
fn tested(scene: &Scene<'_>, page: &FunctionsPage, used: &Used, room: usize) -> Vec<Line<'static>> {
    let (theme, symbols) = (scene.theme, &scene.symbols);
    let mut lines = Vec::new();
    if let Some(said) = &page.said {
        lines.extend(scene.marked(symbols.look, said, theme.look, room));
    }
    if let Some(trial) = page.trial.as_ref().filter(|trial| trial.arn == used.arn) {
        lines.extend(answers(scene, trial, room));
    } else if page.said.is_none() {
        let key = scene.state.keys.shown(&[Context::Functions], Command::Test).unwrap_or("-");
        let text = match used.testable() {
            Ok(()) if scene.state.read_only => "It is not tested: rekotui was started read-only.".to_owned(),
            Ok(()) => format!("{key} lets it look at what it would start or stop. That changes nothing."),
            Err(why) => why,
        };
        lines.extend(scene.marked(symbols.note, &text, theme.dim, room));
    }
    lines
}

fn answers(scene: &Scene<'_>, trial: &Trial, room: usize) -> Vec<Line<'static>> {
    let (state, theme, symbols) = (scene.state, scene.theme, &scene.symbols);
    let mut lines = Vec::new();
    for (check, answer) in trial.checks.iter().zip(&trial.answers) {
        let names: Vec<String> = check.schedules.iter().map(|arn| state.name_of(&Key::Schedule(arn.clone()))).collect();
        let by = if names.is_empty() { "without an Input".to_owned() } else { names.join(", ") };
        let good = answer.as_ref().is_ok_and(Answer::is_good);
        let said = answer.as_ref().map_or_else(Clone::clone, Answer::sentence);
        let (mark, style) = if good { (symbols.proof, theme.good) } else { (symbols.wrong, theme.wrong) };
        lines.extend(scene.marked(mark, &format!("{by}: {said}"), style, room));
    }
    if trial.waits() {
        let text = format!("waiting for {}", words::count((trial.checks.len() - trial.answers.len()) as u64, "answer"));
        lines.extend(scene.marked(symbols.moving, &text, theme.dim, room));
    } else if trial.left_out > 0 {
        let text = format!("{} left out", words::count(trial.left_out as u64, "Input"));
        lines.extend(scene.marked(symbols.note, &text, theme.dim, room));
    }
    lines
}
