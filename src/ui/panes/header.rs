//! The two lines at the top: whose account, how old, and where we are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::Align;
use crate::app::{Connection, Screen, Source};
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::text::{cut, fit, span};

/// Whose account this is, and how old what is shown.
pub(in crate::ui) fn identity(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let right = freshness(scene, usize::from(area.width));
    let left = account(scene);
    let width = usize::from(area.width);
    let room = width.saturating_sub(right.width() + 3);
    let mut line = fit(left, room, Align::Left, scene.symbols.cut);
    line.spans.insert(0, Span::raw(" "));
    line.spans.push(Span::raw(" "));
    line.spans.extend(right.spans);
    buffer.set_line(area.x, area.y, &line, area.width);
}

fn account(scene: &Scene<'_>) -> Line<'static> {
    let (state, theme) = (scene.state, scene.theme);
    let mut spans = vec![Span::styled("rekotui", theme.key), Span::raw("  ")];
    if state.demo {
        spans.push(span("demo", theme.look));
        spans.push(span(format!(" simulated account, time ×{}", speed(state.moment.speed)), theme.dim));
        spans.push(Span::raw("  "));
    } else if let Some(profile) = &state.session.profile {
        spans.extend([span(profile, if state.is_production() { theme.wrong } else { theme.strong }), Span::raw(" ")]);
    }
    if let Some(identity) = &state.fleet.identity {
        let style = if state.is_production() { theme.wrong } else { theme.dim };
        spans.push(span(identity.grouped(), style));
        if state.is_production() {
            spans.push(span(" production", theme.wrong));
        }
        spans.push(Span::raw("  "));
    }
    if let Some(region) = &state.session.region {
        spans.push(span(region, theme.text));
    }
    if !state.demo && (state.moment.speed - 1.0).abs() > 1e-9 {
        spans.push(span(format!("  simulated, time ×{}", speed(state.moment.speed)), theme.look));
    }
    if state.read_only {
        spans.push(span("  read-only", theme.dim));
    }
    Line::from(spans)
}

fn speed(speed: f64) -> String {
    format!("{speed:.1}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn freshness(scene: &Scene<'_>, width: usize) -> Line<'static> {
    let (state, theme, symbols) = (scene.state, scene.theme, &scene.symbols);
    let age = state.age_text();
    let spinner = symbols.spinner.get(state.spinner() % symbols.spinner.len()).copied().unwrap_or_default();
    let clock = state.now().with_timezone(&state.zone).format("%a %H:%M ").to_string();
    let mut spans = vec![span(clock, theme.dim), Span::raw(" ")];
    let old = |age: Option<String>| age.map(|age| format!(" as of {age}")).unwrap_or_default();
    match (&state.connection, state.source) {
        (Connection::Trouble(trouble), _) => {
            let text = cut(&trouble.sentence(), (width / 2).max(20), symbols.cut);
            spans.push(span(format!("{} {text}", symbols.wrong), theme.wrong));
            spans.push(span(old(age), theme.look));
        }
        (Connection::Connecting, Source::Stored { .. }) => {
            spans.push(span(format!("{spinner} connecting,"), theme.dim));
            let age = age.unwrap_or_else(|| "an earlier run".into());
            spans.push(span(format!(" stored {age}"), theme.look));
        }
        (Connection::Connecting, _) => spans.push(span(format!("{spinner} connecting"), theme.dim)),
        (Connection::Live, Source::Stored { .. }) => {
            spans.push(span(format!("{spinner} reading,"), theme.dim));
            spans.push(span(format!(" stored {}", age.unwrap_or_default()), theme.look));
        }
        (Connection::Live, _) => {
            let partly = state.fleet.troubles().next().is_some();
            let busy = state.is_busy();
            let mark = if busy { spinner } else { symbols.on };
            let style = if partly { theme.look } else { theme.good };
            spans.push(span(format!("{mark} "), style));
            let word = match (busy && age.is_none(), partly) {
                (true, _) => "reading",
                (false, true) => "partly live",
                (false, false) => "live",
            };
            spans.push(span(word, theme.text));
            spans.push(span(age.map(|age| format!(" {age}")).unwrap_or_default(), theme.dim));
        }
    }
    Line::from(spans)
}

/// The screens, the one in front marked, and how many models are on.
pub(in crate::ui) fn tabs(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let narrow = area.width < 72;
    let mut spans = vec![Span::raw(" ")];
    for screen in Screen::ALL {
        let front = screen == state.screen;
        let title = if narrow && !front {
            screen.number().to_string()
        } else {
            format!("{} {}", screen.number(), screen.title())
        };
        spans.push(Span::styled(format!(" {title} "), if front { theme.tab } else { theme.dim }));
        let findings =
            state.picture.findings.iter().filter(|finding| finding.severity > crate::domain::finding::Severity::Info);
        let count = if screen == Screen::Findings { findings.count() } else { 0 };
        if count > 0 {
            spans.push(Span::styled(format!(" {count} "), theme.badge));
        }
        spans.push(Span::raw(" "));
    }
    let left = Line::from(spans);
    buffer.set_line(area.x, area.y, &left, area.width);
    let running = state.picture.running;
    let units: u32 = state
        .fleet
        .models
        .rows
        .values()
        .filter(|model| model.status.is_on())
        .map(|model| model.min_units.unwrap_or(1))
        .sum();
    let mut right = vec![span(format!("{running}"), if running > 0 { theme.strong } else { theme.dim })];
    right.push(span(format!(" of {} on", words::count(state.fleet.models.rows.len() as u64, "model")), theme.dim));
    if running > 0 && !narrow {
        right.push(span(format!(", {}", words::count(units.into(), "inference unit")), theme.dim));
    }
    let right = Line::from(right);
    let width = u16::try_from(right.width()).unwrap_or(u16::MAX);
    if usize::from(width) + left.width() + 2 <= usize::from(area.width) {
        buffer.set_line(area.right() - width - 1, area.y, &right, width);
    }
}
