//! Everything about one row: a sentence first, then what it rests on.

use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Align, Command, FindingKey, Key};
use crate::domain::finding::Severity;
use crate::domain::function::unqualified;
use crate::domain::mapping::Mapping;
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::operation::{Operation, OperationId};
use crate::domain::picture::ModelView;
use crate::domain::wiring::{Aim, Effect, Evidence};
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::panes::cells::{grouped, seconds_in_words};
use crate::ui::panes::{operation_details, schedule_details};
use crate::ui::text::{clean, cut, fit, shed, span, wrap};
use crate::ui::widgets::frame::Frame;

type Lines = Vec<Line<'static>>;

/// Below this many lines there is no room to tell findings in full.
const BRIEF: u16 = 12;

/// What Lambda says of a mapping that nobody but its users changed.
const BY_USER: &str = "USER_INITIATED";

/// The cells of a label.
const LABEL: usize = 9;

/// The selected row in a box.
pub(in crate::ui) fn pane(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let state = scene.state;
    let Some(key) = state.selected() else {
        Frame::default().draw(area, buffer, scene.theme, &scene.symbols);
        return;
    };
    let title = title(scene, &key);
    let hint = state.keys.shown(&state.contexts(), Command::Details);
    let right = hint.map(|key| vec![span(key, scene.theme.key), span(" details", scene.theme.dim)]).unwrap_or_default();
    let inner = Frame { title: &title, right, focus: false }.draw(area, buffer, scene.theme, &scene.symbols);
    let mut lines = lines(scene, &key, usize::from(inner.width), inner.height < BRIEF);
    if lines.len() > usize::from(inner.height) {
        lines.retain(|line| line.width() > 0);
    }
    let left = lines.len().saturating_sub(usize::from(inner.height));
    for (row, line) in inner.rows().zip(lines) {
        let width = usize::from(row.width);
        let line = fit(shed(line, width), width, Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
    more(scene, left, inner, buffer);
}

/// How many lines there are below those in sight, on the lower edge of their box.
pub(in crate::ui) fn more(scene: &Scene<'_>, left: usize, inner: Rect, buffer: &mut Buffer) {
    if left == 0 || inner.height == 0 {
        return;
    }
    let text = format!(" {left} more {} ", scene.symbols.falling);
    let width = u16::try_from(crate::ui::text::width(&text)).unwrap_or(0).min(inner.width);
    buffer.set_line(inner.right() - width, inner.bottom(), &Line::from(span(text, scene.theme.look)), width);
}

/// What a row is called over its details.
pub(in crate::ui) fn title(scene: &Scene<'_>, key: &Key) -> String {
    match key {
        Key::Finding(finding) => {
            scene.state.finding(finding).map_or_else(String::new, |finding| scene.state.subject_name(finding))
        }
        key => scene.state.name_of(key),
    }
}

/// Everything about a row, in lines of at most `width` cells. In `brief` a finding takes one line, so that it leaves room
/// for what it is about.
pub(in crate::ui) fn lines(scene: &Scene<'_>, key: &Key, width: usize, brief: bool) -> Lines {
    let fleet = &scene.state.fleet;
    match key {
        Key::Model(arn) => {
            fleet.models.rows.get(arn).map_or_else(Vec::new, |model| of_model(scene, model, width, brief))
        }
        Key::Schedule(arn) => {
            fleet.schedule(arn).map_or_else(Vec::new, |schedule| schedule_details::lines(scene, schedule, width))
        }
        Key::Mapping(uuid) => {
            fleet.mappings.rows.get(uuid).map_or_else(Vec::new, |mapping| of_mapping(scene, mapping, width))
        }
        Key::Finding(key) => of_finding(scene, key, width),
        Key::Operation(id) => {
            state_operation(scene, id).map_or_else(Vec::new, |one| operation_details::lines(scene, one, width, brief))
        }
    }
}

fn state_operation<'a>(scene: &Scene<'a>, id: &OperationId) -> Option<&'a Operation> {
    scene.state.operations.get(id)
}

impl Scene<'_> {
    /// A label and what belongs to it.
    pub(super) fn labelled(&self, label: &str, spans: Vec<Span<'static>>) -> Line<'static> {
        let mut line = vec![span(format!("{label:<LABEL$}"), self.theme.dim)];
        line.extend(spans);
        Line::from(line)
    }

    /// A label and a text that may take several lines.
    pub(super) fn paragraph(&self, label: &str, text: &str, style: ratatui::style::Style, width: usize) -> Lines {
        let wrapped = wrap(&crate::ui::text::clean(text), width.saturating_sub(LABEL).max(8));
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        wrapped.into_iter().zip(labels).map(|(line, label)| self.labelled(label, vec![span(line, style)])).collect()
    }

    /// A text behind a mark, in as many lines as it takes.
    pub(super) fn marked(&self, mark: &str, text: &str, style: ratatui::style::Style, width: usize) -> Lines {
        let wrapped = wrap(&crate::ui::text::clean(text), width.saturating_sub(2).max(8));
        let marks = std::iter::once(mark).chain(std::iter::repeat(" "));
        wrapped.into_iter().zip(marks).map(|(line, mark)| Line::from(span(format!("{mark} {line}"), style))).collect()
    }

    pub(super) fn evidence(&self, evidence: &Evidence) -> Vec<Span<'static>> {
        let (mark, style) = if evidence.is_proof() {
            (self.symbols.proof, self.theme.good)
        } else {
            (self.symbols.guess, self.theme.look)
        };
        vec![span(format!("{mark} "), style), span(evidence.words(), self.theme.dim)]
    }
}

fn of_model(scene: &Scene<'_>, model: &Model, width: usize, brief: bool) -> Lines {
    let (state, theme) = (scene.state, scene.theme);
    let view = state.picture.models.get(&model.arn);
    let (first, zone) = sentence(scene, model, view);
    let mut lines = vec![first];
    let mut findings: Vec<_> = state.picture.findings_of(&model.arn).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let told: String = findings.iter().map(|finding| finding.sentence.as_str()).collect();
    let (urgent, others): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.severity > Severity::Info);
    for finding in urgent {
        let (mark, style) = scene.severity(finding.severity);
        if brief {
            let text = cut(&clean(&finding.sentence), width.saturating_sub(2), scene.symbols.cut);
            lines.push(Line::from(span(format!("{mark} {text}"), style)));
        } else {
            lines.extend(scene.marked(mark, &finding.sentence, style, width));
        }
    }
    lines.push(Line::default());
    let mut status = scene.status(model, view);
    status.push(span("   ", theme.dim));
    status.extend(scene.next(model, view));
    lines.push(scene.labelled("status", status));
    // What AWS says beside a status is only news where something failed, and then a finding most often tells it already.
    let failed = matches!(model.status, Status::Failed | Status::TrainingFailed | Status::CopyingFailed);
    if let Some(message) = model.status_message.as_ref().filter(|message| failed && !told.contains(message.as_str())) {
        lines.extend(scene.paragraph("", message, theme.wrong, width));
    }
    let wiring = &state.picture.wiring;
    for aim in wiring.aims_of(&model.arn) {
        lines.push(aim_line(scene, aim, zone));
    }
    for wire in wiring.mappings_of(&model.arn) {
        if let Some(mapping) = state.fleet.mappings.rows.get(&wire.uuid) {
            lines.extend(mapping_lines(scene, mapping));
        }
    }
    lines.push(scene.labelled("units", units(scene, model)));
    lines.extend(wired_by(scene, &model.arn, width));
    for finding in others {
        let (mark, style) = scene.severity(finding.severity);
        lines.extend(scene.marked(mark, &finding.sentence, style, width));
    }
    if let Some(description) = &model.description {
        lines.extend(scene.paragraph("about", description, theme.dim, width));
    }
    lines.extend(scene.paragraph("ARN", model.arn.as_str(), theme.dim, width));
    lines
}

/// "Mon–Fri 08:30–17:00  Europe/Berlin", or why there is no such thing; and the zone that it speaks of.
fn sentence(scene: &Scene<'_>, model: &Model, view: Option<&ModelView>) -> (Line<'static>, Option<Tz>) {
    let (state, theme) = (scene.state, scene.theme);
    let week = state.picture.week(&model.arn, &state.fleet, state.now());
    let mut spans = match (&week, view) {
        (Some(week), _) => {
            let words = match week.week.sentence().as_str() {
                "never" => "Nothing is planned this week".to_owned(),
                sentence if week.week.endless => format!("{sentence}, and no stop after that"),
                sentence => sentence.to_owned(),
            };
            vec![span(words, theme.strong), span(format!("  {}", week.zone), theme.dim)]
        }
        (None, Some(view)) if view.judged => unscheduled(scene, model),
        _ => vec![span("Its schedules are not known yet", theme.dim)],
    };
    if view.is_some_and(|view| view.paused) {
        spans.push(span(format!("  {} paused", scene.symbols.paused), theme.paused));
    }
    (Line::from(spans), week.map(|week| week.zone))
}

/// That nothing starts or stops it, and what to do about it.
fn unscheduled(scene: &Scene<'_>, model: &Model) -> Vec<Span<'static>> {
    let (state, theme) = (scene.state, scene.theme);
    let mut spans = vec![span("Nothing starts or stops it by schedule", theme.strong)];
    let key = state.keys.shown(&state.contexts(), Command::Week).filter(|_| !state.read_only);
    if let Some(key) = key.filter(|_| state.is_unscheduled(&model.arn)) {
        spans.extend([span(format!("  {key}"), theme.key), span(" schedule it", theme.dim)]);
    }
    spans
}

fn aim_line(scene: &Scene<'_>, aim: &Aim, known: Option<Tz>) -> Line<'static> {
    let (state, theme) = (scene.state, scene.theme);
    let Some(schedule) = state.fleet.schedule(&aim.schedule) else { return Line::default() };
    let words = match schedule.parsed() {
        Some(Ok(expression)) => expression.describe(),
        Some(Err(_)) => "at times that are not understood".into(),
        None => "not read".into(),
    };
    let label = match aim.effect {
        Effect::Unknown => "calls",
        known => known.word(),
    };
    let mut spans = vec![span(words, if schedule.enabled { theme.text } else { theme.paused })];
    if !schedule.enabled {
        spans.push(span(format!(" {} paused", scene.symbols.paused), theme.paused));
    }
    if known != Some(schedule.tz()) || !schedule.zone_is_known() {
        spans.push(span(format!("  {}", schedule.zone.as_deref().unwrap_or("UTC")), theme.text));
    }
    spans.push(span(format!("  {}", schedule.path()), theme.dim));
    scene.labelled(label, spans)
}

fn mapping_lines(scene: &Scene<'_>, mapping: &Mapping) -> Lines {
    let theme = scene.theme;
    let mut spans = scene.mapping_state(mapping);
    let batch = mapping.batch_size.map(|batch| format!(", batch {batch}")).unwrap_or_default();
    spans.push(span(format!("  {}{batch}", mapping.function_name()), theme.dim));
    if mapping.reason.as_deref().is_some_and(|reason| reason != BY_USER) {
        spans.push(span("  changed by Lambda", theme.look));
    }
    vec![scene.labelled("mapping", spans), scene.labelled("queue", queue(scene, mapping))]
}

fn queue(scene: &Scene<'_>, mapping: &Mapping) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let Some(queue) = scene.state.fleet.queue_of(mapping) else {
        return vec![span(mapping.source_name(), theme.dim), span("  not read", theme.dim)];
    };
    let mut spans = vec![
        span(format!("{} waiting", grouped(queue.visible)), if queue.visible > 0 { theme.text } else { theme.dim }),
        span(format!(", {} in flight", grouped(queue.in_flight)), theme.dim),
    ];
    if let Some(oldest) = queue.oldest_seconds {
        spans.push(span(format!(", oldest {}", seconds_in_words(oldest)), theme.text));
    }
    spans.push(span(format!(", keeps {}", seconds_in_words(queue.retention_seconds)), theme.dim));
    spans.push(span(format!("  {}", queue.name()), theme.dim));
    spans
}

/// How much of the time that the queue keeps its messages the oldest has used up.
fn kept(scene: &Scene<'_>, mapping: &Mapping) -> Option<Line<'static>> {
    const CELLS: u64 = 24;
    let queue = scene.state.fleet.queue_of(mapping)?;
    let (oldest, keeps) = (queue.oldest_seconds?, queue.retention_seconds.max(1));
    let (theme, [full, empty]) = (scene.theme, scene.symbols.week);
    let style = match oldest.saturating_mul(4) / keeps {
        0 | 1 => theme.ours,
        2 => theme.look,
        _ => theme.wrong,
    };
    let used = usize::try_from((oldest.saturating_mul(CELLS) / keeps).clamp(1, CELLS)).unwrap_or(0);
    let rest = usize::try_from(CELLS).unwrap_or(0) - used;
    Some(scene.labelled(
        "kept",
        vec![
            span(full.repeat(used), style),
            span(empty.repeat(rest), theme.faint),
            span(format!("  the oldest for {}", seconds_in_words(oldest)), style),
            span(format!(" of {}", seconds_in_words(keeps)), theme.dim),
        ],
    ))
}

fn units(scene: &Scene<'_>, model: &Model) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let units = match (model.min_units, model.max_units) {
        (None, _) => "never started".to_owned(),
        (Some(min), Some(max)) if max > min => format!("{min} to {max}, autoscaling"),
        (Some(min), _) => format!("{min}, no autoscaling"),
    };
    let mut spans = vec![span(units, theme.text)];
    if let Some(f1) = model.f1 {
        spans.push(span(format!("   F1 {f1:.2}"), theme.text));
    }
    if let Some(trained) = model.trained {
        spans
            .push(span(trained.with_timezone(&scene.state.zone).format("   trained %-d %b %Y").to_string(), theme.dim));
    }
    spans
}

fn wired_by(scene: &Scene<'_>, model: &ModelArn, width: usize) -> Lines {
    let wiring = &scene.state.picture.wiring;
    let aims = wiring.aims_of(model).into_iter().map(|aim| &aim.evidence);
    let mut evidence: Vec<&Evidence> =
        aims.chain(wiring.mappings_of(model).iter().map(|wire| &wire.evidence)).collect();
    evidence.extend(
        wiring
            .guesses_by_schedule
            .values()
            .filter(|guess| guess.model.as_ref() == Some(model))
            .map(|guess| &guess.evidence),
    );
    evidence.sort();
    evidence.dedup();
    if evidence.is_empty() {
        return vec![scene.labelled("wired by", vec![span("nothing is wired to it", scene.theme.dim)])];
    }
    let mut lines = vec![scene.labelled("wired by", Vec::new())];
    for (at, part) in evidence.into_iter().enumerate() {
        let spans = scene.evidence(part);
        let needed = spans.iter().map(Span::width).sum::<usize>() + 2;
        if at > 0 && lines.last().is_none_or(|line| line.width() + needed > width) {
            lines.push(scene.labelled("", Vec::new()));
        }
        if let Some(line) = lines.last_mut() {
            line.spans.extend((line.spans.len() > 1).then(|| Span::raw("  ")));
            line.spans.extend(spans);
        }
    }
    lines
}

fn of_mapping(scene: &Scene<'_>, mapping: &Mapping, width: usize) -> Lines {
    let (state, theme) = (scene.state, scene.theme);
    let mut first = scene.mapping_state(mapping);
    if let Some(modified) = mapping.modified {
        first.push(span(format!("  since {}", words::when(modified, state.now(), state.zone)), theme.dim));
    }
    let mut lines = vec![Line::from(first)];
    for finding in state.picture.findings.iter().filter(|finding| finding.subject.id() == mapping.uuid) {
        let (mark, style) = scene.severity(finding.severity);
        lines.extend(scene.marked(mark, &finding.sentence, style, width));
    }
    lines.push(Line::default());
    lines.push(scene.labelled("queue", queue(scene, mapping)));
    lines.extend(kept(scene, mapping));
    if let Some(queue) = state.fleet.queue_of(mapping) {
        if let Some(dead) = &queue.dead_letter_arn {
            lines.push(
                scene.labelled(
                    "failed",
                    vec![span(format!("go to {}", crate::domain::queue::name_in(dead)), theme.dim)],
                ),
            );
        }
        if let Some(hidden) = queue.visibility_seconds {
            lines.push(
                scene.labelled("hidden", vec![span(format!("{} once received", seconds_in_words(hidden)), theme.dim)]),
            );
        }
    }
    let batch = mapping.batch_size.map_or_else(|| "batch not known".to_owned(), |batch| format!("batch {batch}"));
    let window = mapping.batching_window_seconds.filter(|seconds| *seconds > 0);
    let window = window.map(|seconds| format!(", gathered for {seconds} s")).unwrap_or_default();
    let most = mapping.max_concurrency.map(|most| format!(", at most {most} at once")).unwrap_or_default();
    lines.push(scene.labelled("function", function(scene, mapping, &format!("{batch}{window}{most}"))));
    let wiring = &state.picture.wiring;
    match wiring.model_by_mapping.get(&mapping.uuid) {
        Some(arn) => {
            let mut spans = scene.model_name(arn, false);
            let wire = wiring.mappings_of(arn).iter().find(|wire| wire.uuid == mapping.uuid);
            if let Some(wire) = wire {
                spans.push(Span::raw("  "));
                spans.extend(scene.evidence(&wire.evidence));
            }
            lines.push(scene.labelled("model", spans));
            if let Some(model) = state.fleet.models.rows.get(arn) {
                lines.push(scene.labelled("", scene.status(model, state.picture.models.get(arn))));
            }
        }
        None => lines.push(scene.labelled("model", vec![span("none that anything proves", theme.dim)])),
    }
    if let Some(reason) = mapping.reason.as_ref().filter(|reason| *reason != BY_USER) {
        lines.extend(scene.paragraph("reason", reason, theme.look, width));
    }
    lines.push(scene.labelled("UUID", vec![span(&mapping.uuid, theme.dim)]));
    lines
}

/// The function that a mapping feeds: how, which version of ours it is, and where there is more about it.
fn function(scene: &Scene<'_>, mapping: &Mapping, feeds: &str) -> Vec<Span<'static>> {
    let (state, theme) = (scene.state, scene.theme);
    let mut spans = vec![span(mapping.function_name(), theme.text), span(format!("  {feeds}"), theme.dim)];
    let known = state.fleet.functions.rows.get(&unqualified(&mapping.function_arn));
    if let Some(version) = known.and_then(|known| known.version.as_ref()) {
        spans.push(span(format!("  rekotui {version}"), theme.dim));
    }
    if let Some(key) = state.keys.shown(&state.contexts(), Command::Functions) {
        spans.extend([span(format!("  {key}"), theme.key), span(" how it fares", theme.dim)]);
    }
    spans
}

fn of_finding(scene: &Scene<'_>, key: &FindingKey, width: usize) -> Lines {
    let Some(finding) = scene.state.finding(key) else { return Vec::new() };
    let theme = scene.theme;
    let (_, style) = scene.severity(finding.severity);
    let mut lines: Lines = wrap(&crate::ui::text::clean(&finding.sentence), width.max(8))
        .into_iter()
        .map(|line| Line::from(span(line, theme.strong)))
        .collect();
    lines.push(Line::default());
    lines.extend(scene.paragraph("why", &finding.reason, theme.text, width));
    lines.extend(scene.paragraph("remedy", &finding.remedy, theme.ours, width));
    lines.push(scene.labelled(
        "weight",
        vec![span(finding.severity.as_str(), style), span(format!("  rule {}", finding.rule.as_str()), theme.dim)],
    ));
    lines.extend(scene.paragraph("about", finding.subject.id(), theme.dim, width));
    lines
}
