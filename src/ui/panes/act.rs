//! The dialog before a change: whose account, the form, what it means, the steps, and the buttons.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::act::{Act, Field, Kind};
use crate::app::{Align, Command, Connection, Context, Key, Source};
use crate::domain::account::Identity;
use crate::domain::plan::{Guard, Note, Plan, Planned, Step, Tone};
use crate::domain::words;
use crate::ui::draw::{Lines, Scene};
use crate::ui::panes::act_form;
use crate::ui::panes::dialogs::{boxed, scrolled};
use crate::ui::text::{clean, fit, span, width, wrap};

/// The width that the dialog would like.
const WIDTH: u16 = 96;

/// Draws the dialog.
pub(super) fn draw(scene: &Scene<'_>, act: &Act, area: Rect, buffer: &mut Buffer) {
    // In a small terminal every cell is needed, and what would be left of the screen beside it says nothing.
    let margin = if area.width >= 100 { 4 } else { 0 };
    let wide = area.width.saturating_sub(margin).min(WIDTH);
    let inner = usize::from(wide.saturating_sub(4)).max(8);
    let head = head(scene, act, inner);
    let middle = middle(scene, act, inner);
    let foot = foot(scene, act, inner);
    let height = head.len() + middle.len() + foot.len() + 2;
    let height = u16::try_from(height).unwrap_or(u16::MAX);
    let inner = boxed(scene, &act.title(), (wide, height), area, buffer);
    let mut body = Lines { area: inner };
    // Where there is hardly any room, the buttons stay.
    let foot_area = body.bottom(u16::try_from(foot.len()).unwrap_or(u16::MAX));
    let head_area = body.top(u16::try_from(head.len()).unwrap_or(u16::MAX));
    let cut = foot.len().saturating_sub(usize::from(foot_area.height));
    put(scene, head.iter(), head_area, buffer);
    put(scene, foot.iter().skip(cut), foot_area, buffer);
    within(scene, &middle, act, body.area, buffer);
}

fn put<'a>(scene: &Scene<'_>, lines: impl Iterator<Item = &'a Line<'static>>, area: Rect, buffer: &mut Buffer) {
    for (row, line) in area.rows().zip(lines) {
        let line = fit(line.clone(), usize::from(row.width), Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// The middle part, with a line that says that there is more if there is.
fn within(scene: &Scene<'_>, lines: &[Line<'static>], act: &Act, area: Rect, buffer: &mut Buffer) {
    if lines.len() <= usize::from(area.height) {
        return scrolled(lines, &act.scroll, area, scene, buffer);
    }
    let upper = Rect { height: area.height.saturating_sub(1), ..area };
    let height = usize::from(upper.height);
    let top = act.scroll.fit(lines.len(), height);
    put(scene, lines.iter().skip(top), upper, buffer);
    let (above, below) = (top, lines.len().saturating_sub(top + height));
    let keys = scene.state.keys.shown(&scene.state.contexts(), Command::PageDown).unwrap_or_default();
    let up = scene.state.keys.shown(&scene.state.contexts(), Command::PageUp).unwrap_or_default();
    let mut said = Vec::new();
    if below > 0 {
        said.push(format!("{} {below} more: {keys}", scene.symbols.falling));
    }
    if above > 0 {
        said.push(format!("{} {above} above: {up}", scene.symbols.rising));
    }
    let line = Line::from(span(said.join("   "), scene.theme.look));
    buffer.set_line(area.x, upper.bottom(), &line, area.width);
}

/// Whose account it is, and the form.
fn head(scene: &Scene<'_>, act: &Act, room: usize) -> Vec<Line<'static>> {
    let mut lines = vec![account(scene, act)];
    let form = act_form::lines(scene, act, room);
    if !form.is_empty() {
        lines.push(Line::default());
        lines.extend(form);
    }
    lines.push(Line::default());
    lines
}

fn account(scene: &Scene<'_>, act: &Act) -> Line<'static> {
    let (state, theme) = (scene.state, scene.theme);
    let production = state.ground().production;
    let style = if production { theme.wrong } else { theme.dim };
    let mut spans = Vec::new();
    if state.demo {
        spans.push(span("demo  ", theme.look));
    } else if let Some(profile) = &state.session.profile {
        spans.push(span(format!("{profile}  "), if production { theme.wrong } else { theme.strong }));
    }
    let of_plan = act.plans.first().map(|plan| plan.intent.account().to_owned());
    let number = state.fleet.identity.as_ref().map(|identity| identity.account.clone()).or(of_plan);
    if let Some(account) = number {
        spans.push(span(Identity { account, arn: String::new() }.grouped(), style));
    }
    if production {
        spans.push(span(" production", theme.wrong));
    }
    if let Some(region) = &state.session.region {
        spans.push(span(format!("  {region}"), theme.dim));
    }
    // The engine looks again before it writes; that the operator looks at something old is said all the same.
    if (state.source != Source::Live || state.connection != Connection::Live)
        && let Some(age) = state.age_text()
    {
        spans.push(span(format!("  as seen {age}"), theme.look));
    }
    Line::from(spans)
}

/// What it means, and the steps.
fn middle(scene: &Scene<'_>, act: &Act, room: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut lines = Vec::new();
    for why in &act.left_out {
        let alone = act.plans.is_empty();
        let (mark, style) = if alone && !act.is_blank() {
            (scene.symbols.wrong, theme.wrong)
        } else {
            (scene.symbols.look, theme.look)
        };
        let why = if alone { why.clone() } else { format!("Left out: {why}") };
        lines.extend(marked(mark, style, &why, style, room));
    }
    if !act.left_out.is_empty() && !act.plans.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(notes(scene, &act.notes, room));
    let several = act.plans.len() > 1;
    let shared: Vec<Note> = if several { shared(&act.plans) } else { Vec::new() };
    if !shared.is_empty() {
        lines.extend(notes(scene, &shared, room));
        lines.push(Line::default());
    }
    for (at, plan) in act.plans.iter().enumerate() {
        if at > 0 {
            lines.push(Line::default());
        }
        if several {
            lines.push(Line::from(span(&plan.subject, theme.strong)));
        }
        let own: Vec<Note> = plan.notes.iter().filter(|note| !shared.contains(note)).cloned().collect();
        lines.extend(notes(scene, &own, room));
        if !several && !plan.notes.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(steps(scene, plan, room));
    }
    lines
}

/// What is to be said of every one of several plans is said once.
fn shared(plans: &[Plan]) -> Vec<Note> {
    let first = plans.first().map(|plan| plan.notes.as_slice()).unwrap_or_default();
    first.iter().filter(|note| plans.iter().all(|plan| plan.notes.contains(note))).cloned().collect()
}

fn notes(scene: &Scene<'_>, notes: &[Note], room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for note in notes {
        let (mark, style) = tone(scene, note.tone);
        let text = if note.tone == Tone::Info { scene.theme.text } else { style };
        lines.extend(marked(mark, style, &note.text, text, room));
    }
    lines
}

/// The mark and the style of a note.
fn tone(scene: &Scene<'_>, tone: Tone) -> (&'static str, Style) {
    match tone {
        Tone::Danger => (scene.symbols.wrong, scene.theme.wrong),
        Tone::Warning => (scene.symbols.look, scene.theme.look),
        Tone::Info => (scene.symbols.note, scene.theme.ours),
    }
}

fn marked(mark: &str, style: Style, text: &str, text_style: Style, room: usize) -> Vec<Line<'static>> {
    let marks = std::iter::once(mark).chain(std::iter::repeat(" "));
    let parts = wrap(&clean(text), room.saturating_sub(2).max(8)).into_iter().zip(marks);
    parts.map(|(part, mark)| Line::from(vec![span(format!("{mark} "), style), span(part, text_style)])).collect()
}

fn steps(scene: &Scene<'_>, plan: &Plan, room: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let arranges = plan.steps.iter().any(|planned| matches!(planned.step, Step::Arrange { .. }));
    // Where a stop is arranged, what replaces it is one sentence; where none can be, it is what will happen.
    let (certain, instead): (Vec<&Planned>, Vec<&Planned>) =
        plan.shown().partition(|planned| planned.guard == Guard::Always || !arranges);
    let mut lines = Vec::new();
    let mut say = |head: String, text: &str, style: Style| {
        let blank = " ".repeat(width(&head));
        let heads = std::iter::once(head).chain(std::iter::repeat(blank));
        for (part, head) in wrap(&clean(text), room.saturating_sub(4).max(8)).into_iter().zip(heads) {
            lines.push(Line::from(vec![span(head, theme.dim), span(part, style)]));
        }
    };
    for (at, planned) in certain.into_iter().enumerate() {
        let style = if planned.step.writes() { theme.text } else { theme.dim };
        say(format!("{:>2}. ", at + 1), &scene.step(&planned.step), style);
    }
    let hold = instead.iter().find_map(|planned| match planned.step {
        Step::Hold { until } => Some(until),
        _ => None,
    });
    if let Some(until) = hold {
        let until = words::when(until, scene.state.now(), scene.state.zone);
        let text = format!("If no automatic stop can be arranged, rekotui stops it at {until}, as long as it is open.");
        say(format!("  {} ", scene.symbols.note), &text, theme.dim);
    }
    lines
}

impl Scene<'_> {
    /// What a step does, with mappings by their names and not by their UUIDs.
    pub(super) fn step(&self, step: &Step) -> String {
        let name = |uuid: &str| self.state.name_of(&Key::Mapping(uuid.to_owned()));
        let known = |uuid: &str| self.state.fleet.mappings.rows.contains_key(uuid);
        match step {
            Step::Enable { mapping } if known(mapping) => format!("Enable the mapping {}", name(mapping)),
            Step::Disable { mapping } if known(mapping) => format!("Disable the mapping {}", name(mapping)),
            Step::AwaitEnabled { mapping } if known(mapping) => format!("Wait until {} is Enabled", name(mapping)),
            Step::AwaitDisabled { mapping } if known(mapping) => format!("Wait until {} is Disabled", name(mapping)),
            step => step.title(),
        }
    }
}

/// What has to be typed, what was said, and the buttons.
fn foot(scene: &Scene<'_>, act: &Act, room: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut lines = vec![Line::default()];
    if act.again {
        let text = "Once more: a model would go on running, and costing money, with nothing to stop it. Really?";
        lines.extend(marked(scene.symbols.wrong, theme.wrong, text, theme.wrong, room));
    }
    if let Some(phrase) = act.phrase() {
        let done = act.is_typed();
        let mark = if done { scene.symbols.proof } else { scene.symbols.arrow };
        let style = if done { theme.good } else { theme.look };
        let head = vec![span(format!("{mark} "), style), span("type ", theme.dim), span(&phrase, theme.strong)];
        let used: usize = head.iter().map(Span::width).sum();
        let cells = room.saturating_sub(used + 4).clamp(4, width(&phrase).max(act_form::SHORT) + 2);
        let mut spans = head;
        spans.push(Span::raw("  "));
        spans.extend(act_form::input(scene, act, Field::Name, cells));
        lines.push(Line::from(spans));
    }
    if let Some(said) = &act.said {
        lines.extend(marked(scene.symbols.look, theme.look, said, theme.look, room));
    }
    lines.push(buttons(scene, act));
    lines
}

fn buttons(scene: &Scene<'_>, act: &Act) -> Line<'static> {
    let theme = scene.theme;
    let (go, dangerous) = match &act.kind {
        _ if act.again => ("Pause nevertheless".to_owned(), true),
        Kind::Pause | Kind::Unpause | Kind::Undo(_) => (act.kind.button().to_owned(), false),
        kind => (kind.button().to_owned(), act.phrase().is_some() || *kind == Kind::Stop),
    };
    let mut spans = vec![button(scene, "Cancel", act.focus == Field::Cancel, false, true), Span::raw("  ")];
    let ready = act.is_plannable() && act.is_typed();
    spans.push(button(scene, &go, act.focus == Field::Go, dangerous, ready));
    if ready && !act.focus.is_text() && !act.again {
        let yes = scene.state.keys.shown(&[Context::Act], Command::Yes);
        spans.extend(yes.map(|key| span(format!("   {key}"), theme.key)));
        spans.extend(yes.map(|_| span(format!(" {}", go.to_lowercase()), theme.dim)));
    }
    Line::from(spans)
}

/// A button: the one in focus is filled.
pub(super) fn button(scene: &Scene<'_>, text: &str, focus: bool, dangerous: bool, ready: bool) -> Span<'static> {
    let theme = scene.theme;
    let style = match (focus, dangerous, ready) {
        (true, true, true) => theme.alarm,
        (true, ..) => theme.tab,
        (false, _, false) => theme.dim,
        (false, true, true) => theme.wrong,
        (false, false, true) => theme.text,
    };
    let text = if focus { format!("{} {text}  ", scene.symbols.arrow) } else { format!("[ {text} ]") };
    span(text, style)
}
