//! Operations: their cells in the journal, and everything about one of them.

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::ColumnId;
use crate::domain::operation::{Operation, Standing, StepRecord, StepStanding};
use crate::domain::plan::{Guard, Planned};
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::text::{clean, span, wrap};

type Lines = Vec<Line<'static>>;

/// Where what became of a step stands below its title.
const INDENT: &str = "      ";

impl Scene<'_> {
    /// A cell of the journal.
    pub(super) fn operation_cell(&self, operation: &Operation, column: ColumnId, selected: bool) -> Line<'static> {
        let theme = self.theme;
        match column {
            ColumnId::When => {
                Line::from(span(words::when(operation.asked, self.state.now(), self.state.zone), theme.dim))
            }
            ColumnId::What => Line::from(span(operation.plan.intent.word(), theme.text)),
            ColumnId::Name => {
                Line::from(span(&operation.plan.subject, if selected { theme.strong } else { theme.text }))
            }
            ColumnId::Outcome => Line::from(self.outcome(operation)),
            ColumnId::Took => {
                let took = operation.ended.unwrap_or(self.state.now()) - operation.asked;
                Line::from(span(short(took), if operation.is_unfinished() { theme.look } else { theme.dim }))
            }
            ColumnId::Who => Line::from(span(who(operation), theme.dim)),
            _ => Line::default(),
        }
    }

    /// How an operation stands: mark, word, and what it says of itself.
    pub(super) fn outcome(&self, operation: &Operation) -> Vec<Span<'static>> {
        let (mark, style) = self.standing(operation);
        let word = match operation.standing {
            Standing::Unfinished if self.state.driving.contains(&operation.id) => "going on",
            _ => operation.standing.word(),
        };
        let mut spans = vec![span(format!("{mark} {word}"), style)];
        if operation.standing != Standing::Done {
            spans.push(span(format!("  {}", operation.sentence()), self.theme.dim));
        }
        spans
    }

    fn standing(&self, operation: &Operation) -> (&'static str, Style) {
        let (theme, symbols) = (self.theme, &self.symbols);
        match operation.standing {
            Standing::Unfinished => (symbols.moving, theme.look),
            Standing::Done => (symbols.proof, theme.good),
            Standing::Refused(_) => (symbols.look, theme.look),
            Standing::Failed(_) => (symbols.wrong, theme.wrong),
            Standing::Abandoned(_) => (symbols.off, theme.dim),
        }
    }
}

/// The last part of who asked: a user's name, or a role's session name.
pub(in crate::ui) fn who(operation: &Operation) -> String {
    let who = operation.who.as_deref().unwrap_or("not known");
    who.rsplit(['/', ':']).next().unwrap_or(who).to_owned()
}

/// A length of time that may be short: seconds below two minutes.
pub(in crate::ui) fn short(took: TimeDelta) -> String {
    match took.num_seconds().max(0) {
        seconds @ ..120 => format!("{seconds} s"),
        _ => words::span(took),
    }
}

/// Everything about an operation. In `brief` only how it stands and its steps.
pub(in crate::ui) fn lines(scene: &Scene<'_>, operation: &Operation, width: usize, brief: bool) -> Lines {
    let (state, theme) = (scene.state, scene.theme);
    let mut lines = vec![head(scene, operation)];
    if operation.standing != Standing::Done {
        let (_, style) = scene.standing(operation);
        let told = wrap(&clean(&operation.sentence()), width.max(8));
        lines.extend(told.into_iter().map(|line| Line::from(span(line, style))));
    }
    lines.push(Line::default());
    let exact = |at: DateTime<Utc>| at.with_timezone(&state.zone).format("%a %-d %b %Y %H:%M:%S %Z").to_string();
    let asked = exact(operation.asked);
    let mut by = vec![span(asked, theme.text), span(format!("  by {}", who(operation)), theme.text)];
    by.push(span(format!("  in {} {}", grouped(&operation.account), operation.region), theme.dim));
    lines.push(scene.labelled("asked", by));
    if let Some(ended) = operation.ended {
        let spans = vec![
            span(exact(ended), theme.text),
            span(format!("  after {}", short(ended - operation.asked)), theme.dim),
        ];
        lines.push(scene.labelled("ended", spans));
    }
    lines.push(Line::default());
    for (at, (planned, record)) in operation.plan.steps.iter().zip(&operation.steps).enumerate() {
        lines.extend(step(scene, at, planned, record, width, brief));
    }
    if brief {
        return lines;
    }
    if let Some(who) = &operation.who {
        lines.push(Line::default());
        lines.extend(scene.paragraph("who", who, theme.dim, width));
    }
    lines.extend(scene.paragraph("id", &operation.id.0, theme.dim, width));
    let commands = operation.aws_commands();
    if !commands.is_empty() {
        lines.push(Line::default());
        lines.push(Line::from(span("The same with the AWS CLI", theme.strong)));
        for command in commands.lines() {
            lines.extend(wrap(&clean(command), width.max(8)).into_iter().map(|line| Line::from(span(line, theme.dim))));
        }
    }
    lines
}

fn head(scene: &Scene<'_>, operation: &Operation) -> Line<'static> {
    let theme = scene.theme;
    let (mark, style) = scene.standing(operation);
    let mut spans = vec![
        span(format!("{mark} {}", operation.standing.word()), style),
        span(format!("  {}", operation.plan.title()), theme.strong),
    ];
    if operation.is_unfinished() {
        let (done, all) = operation.progress();
        spans.push(span(format!("  {done} of {all} steps"), theme.dim));
    }
    Line::from(spans)
}

fn grouped(account: &str) -> String {
    crate::domain::account::Identity { account: account.to_owned(), arn: String::new() }.grouped()
}

fn step(scene: &Scene<'_>, at: usize, planned: &Planned, record: &StepRecord, width: usize, brief: bool) -> Lines {
    let (theme, symbols) = (scene.theme, &scene.symbols);
    let (mark, style) = match record.standing {
        StepStanding::Waiting => (symbols.off, theme.dim),
        StepStanding::Going => (symbols.moving, theme.look),
        StepStanding::Done => (symbols.proof, theme.good),
        StepStanding::Skipped => (symbols.none, theme.dim),
        StepStanding::Failed => (symbols.wrong, theme.wrong),
    };
    let waits = matches!(record.standing, StepStanding::Waiting | StepStanding::Skipped);
    if waits && planned.guard == Guard::IfFailed {
        return Vec::new();
    }
    let took = record.took(scene.state.now()).filter(|_| !waits).map(short).unwrap_or_default();
    let room = width.saturating_sub(INDENT.len() + 9).max(8);
    let title = wrap(&clean(&scene.step(&planned.step)), room);
    let text = if waits { theme.dim } else { theme.text };
    let mut lines: Lines = Vec::new();
    for (line, part) in title.iter().enumerate() {
        let pad = " ".repeat(room.saturating_sub(crate::ui::text::width(part)));
        let mut spans = if line == 0 {
            vec![span(format!("{:>2}. ", at + 1), theme.dim), span(format!("{mark} "), style)]
        } else {
            vec![Span::raw(INDENT)]
        };
        spans.push(span(part, text));
        if line == 0 {
            spans.push(span(format!("{pad} {took:>8}"), theme.dim));
        }
        lines.push(Line::from(spans));
    }
    let mut told = Vec::new();
    let seen = [&record.before, &record.after].map(|seen| seen.as_ref().map(|seen| seen.words()).unwrap_or_default());
    let [before, after] = seen;
    if !before.is_empty() && !after.is_empty() && before != after {
        told.push(format!("{before} → {after}"));
    }
    if !record.words.is_empty() && !told.iter().any(|told| told.ends_with(&record.words)) {
        told.push(record.words.clone());
    }
    if record.writes > 1 {
        told.push(format!("tried {} times", record.writes));
    }
    if !brief && !record.request_ids.is_empty() {
        told.push(format!("request {}", record.request_ids.join(", ")));
    }
    if !told.is_empty() && !waits {
        let style = if record.standing == StepStanding::Failed { theme.wrong } else { theme.dim };
        let wrapped = wrap(&clean(&told.join("; ")), width.saturating_sub(INDENT.len()).max(8));
        lines.extend(wrapped.into_iter().map(|line| Line::from(vec![Span::raw(INDENT), span(line, style)])));
    }
    lines
}
