//! What goes on: a quiet strip above the footer, and what was left unfinished.

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Command, Context};
use crate::domain::operation::{Estimate, Operation};
use crate::domain::plan::Step;
use crate::domain::words;
use crate::ui::draw::{Lines, Scene};
use crate::ui::panes::act::button;
use crate::ui::panes::dialogs::boxed;
use crate::ui::text::{clean, cut, fit, span, width, wrap};

/// How many operations have a line of their own.
const LINES: usize = 3;
/// How long a start takes at most as a rule, where nothing is known of earlier ones.
const UNKNOWN: TimeDelta = TimeDelta::minutes(30);
/// The cells of the small bar.
const BAR: i64 = 10;

/// A line for each operation that is carried on, and one for those that nobody carries on.
pub(in crate::ui) fn strip(scene: &Scene<'_>, body: &mut Lines, buffer: &mut Buffer) {
    let driven = scene.state.driven();
    let mut lines: Vec<Line<'static>> =
        driven.iter().take(LINES).map(|one| line(scene, one, usize::from(body.area.width))).collect();
    if driven.len() > LINES {
        lines.push(Line::from(span(format!("   and {} more", driven.len() - LINES), scene.theme.dim)));
    }
    lines.extend(unfinished(scene, usize::from(body.area.width)));
    let most = usize::from(body.area.height / 4).max(1);
    lines.truncate(most);
    let area = body.bottom(u16::try_from(lines.len()).unwrap_or(0));
    for (row, line) in area.rows().zip(lines) {
        let line = fit(line, usize::from(row.width), crate::app::Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// `◐ start of logos_2 v3  step 3 of 6: Wait until it is RUNNING: starting  4:12  ████······  usually ready after 11 min`.
fn line(scene: &Scene<'_>, operation: &Operation, room: usize) -> Line<'static> {
    let (state, theme) = (scene.state, scene.theme);
    let spinner = scene.symbols.spinner;
    let spinner = spinner.get(state.spinner() % spinner.len()).copied().unwrap_or_default();
    let (done, all) = operation.progress();
    let now = state.now();
    let since = operation.current().and_then(|(_, _, record)| record.began).unwrap_or(operation.asked);
    let mut spans = vec![
        span(format!(" {spinner} "), theme.look),
        span(operation.plan.title(), theme.strong),
        span(format!("  step {} of {all}: ", (done + 1).min(all)), theme.dim),
    ];
    let elapsed = format!("  {}", clock(since, now));
    let head: usize = spans.iter().map(Span::width).sum();
    let left = room.saturating_sub(head + width(&elapsed));
    // The estimate says more than the title of the step; where neither fits, the title is cut, and the clock never.
    let whole = clean(&operation.sentence());
    let brief = operation.current().map(|(_, _, record)| clean(&record.words)).filter(|words| !words.is_empty());
    let estimates = estimate(scene, operation, now);
    let mut ways: Vec<(&str, &[Span<'static>])> = Vec::new();
    for estimate in &estimates {
        ways.push((&whole, estimate));
        ways.extend(brief.as_deref().map(|brief| (brief, estimate.as_slice())));
    }
    let fits = |way: &&(&str, &[Span<'static>])| width(way.0) + way.1.iter().map(Span::width).sum::<usize>() <= left;
    let short = brief.as_deref().filter(|_| estimates.is_empty() && width(&whole) > left).unwrap_or(&whole);
    let (sentence, estimate) = ways.iter().find(fits).copied().unwrap_or((short, &[]));
    spans.push(span(cut(sentence, left, scene.symbols.cut), theme.text));
    spans.push(span(elapsed, theme.look));
    spans.extend(estimate.iter().cloned());
    Line::from(spans)
}

/// How far a start is, from how long earlier ones took: in full, in short, or a bar alone. While messages in flight are
/// waited for, the key that waits no longer.
fn estimate(scene: &Scene<'_>, operation: &Operation, now: DateTime<Utc>) -> Vec<Vec<Span<'static>>> {
    let theme = scene.theme;
    let (model, record) = match operation.current() {
        Some((_, Step::AwaitRunning { model }, record)) => (model, record),
        Some((_, Step::Drain { .. }, _)) => {
            let key = scene.state.keys.shown(&[Context::Rows], Command::GoOn);
            let hint = |key: &str| vec![span(format!("  {key}"), theme.key), span(" goes on", theme.dim)];
            return key.map(hint).into_iter().collect();
        }
        _ => return Vec::new(),
    };
    let earlier = scene.state.operations.values().filter_map(|one| one.start_took(model));
    let estimate = Estimate::of(earlier);
    let usual = estimate.usual().unwrap_or(UNKNOWN);
    let passed = record.began.map_or(0, |began| (now - began).num_seconds().max(0));
    let cells = (passed.saturating_mul(BAR) / usual.num_seconds().max(1)).min(BAR);
    let [full, empty] = scene.symbols.week;
    let times = |cells: i64| usize::try_from(cells).unwrap_or(0);
    let bar = vec![
        span("  ", theme.dim),
        span(full.repeat(times(cells)), theme.ours),
        span(empty.repeat(times(BAR - cells)), theme.faint),
    ];
    let short = match estimate.usual() {
        Some(usual) => format!("  usually {}", words::span(usual)),
        None => format!("  up to {}", words::span(UNKNOWN)),
    };
    let with = |text: String| bar.iter().cloned().chain([span(text, theme.dim)]).collect();
    vec![with(format!("  {}", estimate.words())), with(short), bar.clone()]
}

/// How long a step has gone on, as a clock: `4:12`.
fn clock(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - since).num_seconds().max(0);
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, _) => format!("{hours} h {minutes:02}"),
    }
}

/// What was left unfinished, and the keys for it.
fn unfinished(scene: &Scene<'_>, room: usize) -> Option<Line<'static>> {
    let (state, theme) = (scene.state, scene.theme);
    let left = state.left_unfinished();
    let newest = left.first()?;
    let contexts = [Context::Rows, Context::Global];
    let key = |command| span(state.keys.shown(&contexts, command).unwrap_or(""), theme.key);
    let told = |short: &'static str, long: &'static str| span(if room < 100 { short } else { long }, theme.dim);
    let mut keys = Vec::new();
    if !state.read_only {
        keys.extend([key(Command::CarryOn), told(" carry on  ", " carries it on, ")]);
        keys.extend([key(Command::Abandon), told(" abandon  ", " abandons it, ")]);
    }
    keys.extend([key(Command::Journal), told(" journal", " shows the journal")]);
    let count = if room < 100 {
        format!("{} unfinished", left.len())
    } else {
        words::count(left.len() as u64, "unfinished operation")
    };
    let head =
        vec![span(format!(" {} ", scene.symbols.look), theme.look), span(count, theme.look), span(": ", theme.dim)];
    let used: usize = head.iter().chain(&keys).map(Span::width).sum();
    let place = if state.is_here(newest) { String::new() } else { format!(" in {} {}", newest.account, newest.region) };
    let (done, all) = newest.progress();
    // One that was broken off in the middle of a step says least of all how far it came.
    let how_far = match (&newest.rests, newest.current()) {
        (None, None) => format!("{done} of {all} steps done"),
        _ => newest.sentence(),
    };
    let what = clean(&format!("{}{place} ({how_far})", newest.plan.title()));
    let mut spans = head;
    spans.push(span(cut(&what, room.saturating_sub(used + 3).max(12), scene.symbols.cut), theme.text));
    spans.push(told("  ", ": "));
    spans.extend(keys);
    Some(Line::from(spans))
}

/// The dialog of leaving while something is going on.
pub(super) fn leave(scene: &Scene<'_>, leave: bool, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let wide = area.width.saturating_sub(4).min(84);
    let room = usize::from(wide.saturating_sub(4)).max(8);
    let mut lines = Vec::new();
    let mut say = |text: &str, style| {
        lines.extend(wrap(&clean(text), room).into_iter().map(|line| Line::from(span(line, style))));
    };
    say("This is still going on:", theme.strong);
    for operation in state.driven() {
        say(&format!("{} {}: {}", scene.symbols.moving, operation.plan.title(), operation.sentence()), theme.look);
    }
    say("", theme.text);
    say(
        "Leave, and it rests where it is; AWS itself goes on with what was asked of it. The next rekotui shows it as \
         unfinished, and carries it on with one key; 'rekotui resume' does so too.",
        theme.text,
    );
    for operation in state.driven().into_iter().filter(|one| nobody_stops(one)) {
        say("", theme.text);
        let text =
            format!("{} NOBODY WILL STOP {} once rekotui is closed.", scene.symbols.wrong, operation.plan.subject);
        say(&text, theme.wrong);
    }
    say("", theme.text);
    let mut buttons = vec![button(scene, "Stay", !leave, false, true), Span::raw("  ")];
    buttons.push(button(scene, "Leave", leave, true, true));
    let again = state.keys.of(Context::Global, Command::Quit).last();
    buttons.extend(again.map(|key| span(format!("   {key}"), theme.key)));
    buttons.extend(again.map(|_| span(" leaves at once", theme.dim)));
    lines.push(Line::from(buttons));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(scene, "Leave rekotui?", (wide, height), area, buffer);
    // The buttons stay where there is not room for everything.
    let skipped = lines.len().saturating_sub(usize::from(inner.height));
    let shown = lines.iter().enumerate().filter(|(at, _)| *at + 1 == lines.len() || *at + 1 + skipped < lines.len());
    for (row, (_, line)) in inner.rows().zip(shown) {
        let line = fit(line.clone(), usize::from(row.width), crate::app::Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// Whether it is this program alone that will stop the model.
fn nobody_stops(operation: &Operation) -> bool {
    let holds = operation.of_steps().any(|(step, _)| matches!(step, Step::Hold { .. }));
    let arranging = operation.of_steps().any(|(step, record)| {
        matches!(step, Step::Arrange { .. }) && record.standing == crate::domain::operation::StepStanding::Waiting
    });
    holds && !operation.is_arranged() && !arranging
}
