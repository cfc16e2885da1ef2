//! The two lines at the top: whose account, how old, and where we are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::Align;
use crate::app::{Connection, Screen, Source};
use crate::domain::finding::Severity;
use crate::domain::trouble::TroubleKind;
use crate::domain::words;
use crate::ui::draw::{Lines, Scene};
use crate::ui::panes::savings;
use crate::ui::text::{self, clean, fit, span, wrap};

/// Whose account this is, and how old what is shown. Where there is little room, the age is told in fewer words.
pub(in crate::ui) fn identity(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let fresh = freshness(scene);
    // Who and how hurried can be told in fewer words; that it is not quite live, or old, only where nothing else helps.
    let worded = fresh.get(..fresh.len().saturating_sub(1).max(1)).unwrap_or_default();
    let pairs = Brief::ALL.into_iter().flat_map(|brief| {
        let left = account(scene, brief);
        worded.iter().map(move |right| (left.clone(), right))
    });
    let fits = |left: &Line<'_>, right: &Line<'_>| left.width() + right.width() + 4 <= width;
    let told = pairs.into_iter().find(|(left, right)| fits(left, right));
    let (left, right) = match (told, fresh.last()) {
        (Some((left, right)), _) => (left, right.clone()),
        (None, Some(shortest)) => {
            let lefts = Brief::ALL.map(|brief| account(scene, brief));
            let left = lefts.iter().find(|left| fits(left, shortest)).or(lefts.last()).cloned();
            (left.unwrap_or_default(), shortest.clone())
        }
        (None, None) => (account(scene, Brief::Least), Line::default()),
    };
    let room = width.saturating_sub(right.width() + 4);
    let mut line = fit(left, room, Align::Left, scene.symbols.cut);
    line.spans.insert(0, Span::raw(" "));
    line.spans.push(Span::raw("  "));
    line.spans.extend(right.spans);
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// In how few words the account is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Brief {
    /// In full.
    Not,
    /// Not as whom we are there.
    Short,
    /// Nor what this program is called.
    Shorter,
    /// Which one, and where.
    Least,
}

impl Brief {
    const ALL: [Self; 4] = [Self::Not, Self::Short, Self::Shorter, Self::Least];
}

fn account(scene: &Scene<'_>, brief: Brief) -> Line<'static> {
    let (state, theme) = (scene.state, scene.theme);
    let short = brief > Brief::Not;
    let hurry = |told: &str| match brief {
        Brief::Least => String::new(),
        _ => format!("{told} ×{}", speed(state.moment.speed)),
    };
    let mut spans = Vec::new();
    if brief < Brief::Shorter {
        spans.extend([Span::styled("rekotui", theme.key), Span::raw("  ")]);
    }
    if state.demo {
        spans.push(span("demo", theme.look));
        let told = if short { "" } else { " simulated account, time" };
        spans.push(span(hurry(told), theme.dim));
        spans.push(Span::raw("  "));
    } else if let Some(profile) = &state.session.profile {
        spans.extend([span(profile, if state.is_production() { theme.wrong } else { theme.strong }), Span::raw("  ")]);
    }
    if let Some(identity) = &state.fleet.identity {
        let style = if state.is_production() { theme.wrong } else { theme.dim };
        spans.push(span(identity.grouped(), style));
        if state.is_production() {
            spans.push(span(" production", theme.wrong));
        }
        if !short {
            spans.push(span(format!(" as {}", identity.who()), theme.dim));
        }
        spans.push(Span::raw("  "));
    } else if state.connection == Connection::Live && state.source == Source::Live {
        spans.push(span("account not known  ", theme.dim));
    }
    if let Some(region) = &state.session.region {
        spans.push(span(region, theme.text));
    }
    if !state.demo && (state.moment.speed - 1.0).abs() > 1e-9 {
        spans.push(span(format!("  simulated{}", hurry(if short { "" } else { ", time" })), theme.look));
    }
    if state.read_only {
        spans.push(span("  read-only", theme.dim));
    }
    Line::from(spans)
}

fn speed(speed: f64) -> String {
    format!("{speed:.1}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How we stand with the account and how old what is shown is, in ever fewer words.
fn freshness(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let (state, theme, symbols) = (scene.state, scene.theme, &scene.symbols);
    let spinner = symbols.spinner.get(state.spinner() % symbols.spinner.len()).copied().unwrap_or_default();
    let age = state.age_text();
    let time = state.age().map(|age| words::when(state.now() - age, state.now(), state.zone));
    let long = match (&time, &age) {
        (Some(time), Some(age)) => format!("as of {time}, {age}"),
        _ => "nothing read yet".to_owned(),
    };
    let short = time.as_ref().map_or_else(|| long.clone(), |time| format!("as of {time}"));
    let told = |(mark, style): (&str, Style), doing: &str, age: &str| {
        let known = if time.is_some() { theme.look } else { theme.dim };
        let doing = if doing.is_empty() { String::new() } else { format!("{doing}  ") };
        Line::from(vec![span(format!("{mark} "), style), span(doing, theme.dim), span(age, known)])
    };
    let old = |doing: &str| {
        let mark = (spinner, theme.look);
        vec![told(mark, doing, &long), told(mark, "", &long), told(mark, "", &short)]
    };
    // That nothing answers matters more than how long ago it did.
    let lost = |doing: &str, word: &str| {
        let mark = (symbols.wrong, theme.wrong);
        vec![told(mark, doing, &long), told(mark, doing, &short), told(mark, word, &short), told(mark, "", &short)]
    };
    match (&state.connection, state.source) {
        (Connection::Trouble(trouble), _) => {
            let denied = matches!(trouble.kind, TroubleKind::Denied(_));
            if denied { lost("not allowed", "denied") } else { lost("not connected", "offline") }
        }
        (Connection::Connecting, Source::Stored { .. }) => old("connecting"),
        (Connection::Connecting, _) => vec![beginning(scene, spinner, "connecting")],
        (Connection::Live, Source::Live) if age.is_some() => live(scene, spinner, &age.unwrap_or_default()),
        (Connection::Live, Source::Stored { .. }) => old("reading"),
        (Connection::Live, _) => vec![beginning(scene, spinner, "reading")],
    }
}

fn beginning(scene: &Scene<'_>, spinner: &str, doing: &str) -> Line<'static> {
    Line::from(vec![span(format!("{spinner} "), scene.theme.look), span(doing, scene.theme.dim)])
}

fn live(scene: &Scene<'_>, spinner: &str, age: &str) -> Vec<Line<'static>> {
    let (state, theme, symbols) = (scene.state, scene.theme, &scene.symbols);
    let partly = state.fleet.troubles().next().is_some();
    let mark = if state.is_busy() { spinner } else { symbols.on };
    let mark = span(format!("{mark} "), if partly { theme.look } else { theme.good });
    let word = span(if partly { "partly live " } else { "live " }, if partly { theme.look } else { theme.text });
    let age = span(age, theme.dim);
    let clock = span(state.now().with_timezone(&state.zone).format("%a %H:%M  ").to_string(), theme.dim);
    vec![
        Line::from(vec![clock, mark.clone(), word.clone(), age.clone()]),
        Line::from(vec![mark.clone(), word, age.clone()]),
        Line::from(vec![mark, age]),
    ]
}

/// Why nothing answers and what to do, where rows of an earlier time are on screen and cannot say it themselves.
pub(in crate::ui) fn trouble(scene: &Scene<'_>, body: &mut Lines, buffer: &mut Buffer) {
    let Some(trouble) = scene.lost() else { return };
    if scene.count() == 0 || body.area.height < 12 {
        return;
    }
    let (theme, symbols) = (scene.theme, &scene.symbols);
    let width = usize::from(body.area.width).saturating_sub(4);
    let (sentence, remedy) = (clean(&trouble.sentence()), clean(&trouble.remedy()));
    let mark = span(format!(" {} ", symbols.wrong), theme.wrong);
    let lines = if text::width(&sentence) + text::width(&remedy) + 2 <= width {
        vec![Line::from(vec![mark, span(sentence, theme.wrong), span(format!("  {remedy}"), theme.text)])]
    } else {
        let marks = std::iter::once(mark).chain(std::iter::repeat(Span::raw("   ")));
        let parts = [(sentence, theme.wrong), (remedy, theme.text)];
        let parts = parts.iter().flat_map(|(part, style)| wrap(part, width).into_iter().map(|part| span(part, *style)));
        parts.zip(marks).map(|(part, mark)| Line::from(vec![mark, part])).collect()
    };
    for line in lines {
        let area = body.top(1);
        let line = fit(line, usize::from(area.width), Align::Left, symbols.cut);
        buffer.set_line(area.x, area.y, &line, area.width);
    }
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
        // The worst comes first.
        let worst = state.picture.findings.first().filter(|_| screen == Screen::Findings);
        if let Some(worst) = worst {
            let style = match worst.severity {
                Severity::Danger => theme.alarm,
                Severity::Warning => theme.badge,
                Severity::Info => theme.dim,
            };
            spans.push(Span::styled(format!(" {} ", state.count(screen)), style));
        }
        spans.push(Span::raw(" "));
    }
    let left = Line::from(spans);
    buffer.set_line(area.x, area.y, &left, area.width);
    if state.fleet.models.rows.is_empty() {
        return;
    }
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
    let models = words::count(state.fleet.models.rows.len() as u64, "model");
    // Until all have been read once, nobody knows how many there are.
    let more = state.fleet.models.reading && state.fleet.models.as_of.is_none();
    right.push(span(if more { format!(" on of {models} so far") } else { format!(" of {models} on") }, theme.dim));
    let plain = right.clone();
    if running > 0 && !narrow {
        right.push(span(format!(", {}", words::count(units.into(), "inference unit")), theme.dim));
    }
    // What the month has saved goes first where there is no room for both.
    let brief =
        vec![span(format!("{running}"), right.first().map_or(theme.dim, |first| first.style)), span(" on", theme.dim)];
    let saved = savings::header(scene);
    let told = [&right, &plain, &brief].into_iter().flat_map(|running| {
        saved.iter().map(|saved| {
            let mut line = saved.clone();
            line.spans.push(Span::raw("   "));
            line.spans.extend(running.iter().cloned());
            line
        })
    });
    let told: Vec<Line<'static>> = told.chain([Line::from(right.clone()), Line::from(plain.clone())]).collect();
    let fits = |line: &&Line<'static>| line.width() + left.width() + 2 <= usize::from(area.width);
    let right = told.iter().find(fits).or(told.last()).cloned().unwrap_or_default();
    let width = u16::try_from(right.width()).unwrap_or(u16::MAX);
    if usize::from(width) + left.width() + 2 <= usize::from(area.width) {
        buffer.set_line(area.right() - width - 1, area.y, &right, width);
    }
}
