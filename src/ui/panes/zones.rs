//! The dialog in which a time zone is chosen.

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::zones::{Purpose, Zones, has_daylight_saving, offset_words, told_in};
use crate::app::{Command, Context};
use crate::ui::draw::{Lines, Scene};
use crate::ui::panes::dialogs::{boxed, listed};
use crate::ui::panes::footer::typed;
use crate::ui::text::{cut, span};

/// The cells of a zone's name.
const NAME: usize = 30;
/// The width that the dialog would like.
const WIDTH: u16 = 80;
/// The zones that are shown at once at most.
const SHOWN: usize = 16;

/// Draws the dialog.
pub(super) fn draw(scene: &Scene<'_>, zones: &Zones, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let foot = foot(scene, zones);
    let height = SHOWN + foot.len() + 4;
    let inner = boxed(scene, "Time zone", (WIDTH, u16::try_from(height).unwrap_or(u16::MAX)), area, buffer);
    let mut body = Lines { area: inner };
    let line = body.top(1);
    let mut spans = vec![span("/ ", theme.key)];
    spans.extend(typed(&zones.input, usize::from(line.width).saturating_sub(3), true, scene));
    if zones.input.value().is_empty() {
        spans.push(span("a place or an offset: berlin, new york, +5:30", theme.dim));
    }
    buffer.set_line(line.x, line.y, &Line::from(spans), line.width);
    for (row, line) in body.bottom(u16::try_from(foot.len()).unwrap_or(0)).rows().zip(foot) {
        buffer.set_line(row.x, row.y, &line, row.width);
    }
    body.top(1);
    rows(scene, zones, body.area, buffer);
}

/// Only what is seen is worked out: there are six hundred.
fn rows(scene: &Scene<'_>, zones: &Zones, area: Rect, buffer: &mut Buffer) {
    if zones.rows.is_empty() {
        let text = "No zone has such a name, or clocks so far from UTC.";
        buffer.set_line(area.x, area.y, &Line::from(span(text, scene.theme.dim)), area.width);
        return;
    }
    let height = usize::from(area.height).max(1);
    let top = (zones.selected + 1).saturating_sub(height);
    let shown: Vec<Line<'static>> =
        zones.rows.iter().skip(top).take(height).map(|zone| row(scene, zones, *zone)).collect();
    listed(&shown, zones.selected - top, area, scene, buffer);
}

fn row(scene: &Scene<'_>, zones: &Zones, zone: Tz) -> Line<'static> {
    let (theme, now) = (scene.theme, scene.state.now());
    let name = cut(zone.name(), NAME, scene.symbols.cut);
    let current = Some(zone) == zones.current;
    let moves = if has_daylight_saving(zone, now) { "daylight saving" } else { "" };
    let word = match (current, zones.used.contains(&zone)) {
        (true, _) => "as it is",
        (false, true) => "in use",
        (false, false) => "",
    };
    Line::from(vec![
        span(format!("{name:<NAME$} "), if current { theme.strong } else { theme.text }),
        span(format!("{}  ", offset_words(zone, now)), theme.text),
        span(now.with_timezone(&zone).format("%a %H:%M  ").to_string(), theme.dim),
        span(format!("{moves:<16}"), theme.dim),
        span(word, theme.ours),
    ])
}

/// What choosing does to a week, with an example.
fn foot(scene: &Scene<'_>, zones: &Zones) -> Vec<Line<'static>> {
    let theme = scene.theme;
    if zones.purpose == Purpose::Expression {
        return vec![
            Line::default(),
            Line::from(span("The times of the expression stay as they are written.", theme.dim)),
        ];
    }
    let nine = NaiveTime::MIN + TimeDelta::hours(9);
    let becomes = zones.chosen().zip(zones.current).map(|(to, from)| told_in(nine, from, to, scene.state.now()));
    let becomes = becomes.map_or_else(String::new, |time| time.format("%H:%M").to_string());
    let line = |command: Command, text: String| {
        let key = scene.state.keys.shown(&[Context::Zones], command).unwrap_or_default().to_owned();
        Line::from(vec![Span::styled(format!("{key:<8}"), theme.key), span(text, theme.dim)])
    };
    vec![
        Line::default(),
        line(Command::Accept, "keeps the times of day: 09:00 stays 09:00".into()),
        line(Command::KeepInstants, format!("keeps the instants: 09:00 becomes {becomes}")),
    ]
}
