//! What stands in each column of each table.

use chrono::TimeDelta;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::ColumnId;
use crate::domain::finding::{Finding, Severity};
use crate::domain::mapping::{Mapping, MappingState};
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::picture::{Event, EventKind, ModelView};
use crate::domain::schedule::Schedule;
use crate::domain::usage;
use crate::domain::wiring::Effect;
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::text::span;
use crate::ui::widgets::day_strip::Day;
use crate::ui::widgets::spark;

type Cell = Line<'static>;

impl Scene<'_> {
    fn none(&self) -> Cell {
        Line::from(Span::styled(self.symbols.none, self.theme.faint))
    }

    fn plain(&self, text: impl AsRef<str>) -> Cell {
        Line::from(span(text, self.theme.text))
    }

    fn quiet(&self, text: impl AsRef<str>) -> Cell {
        Line::from(span(text, self.theme.dim))
    }

    fn number(&self, number: Option<u64>, style: Style) -> Cell {
        number.map_or_else(|| self.none(), |number| Line::from(span(grouped(number), style)))
    }

    /// A status: symbol, word, and since when.
    pub(in crate::ui) fn status(&self, model: &Model, view: Option<&ModelView>) -> Vec<Span<'static>> {
        let (theme, symbols) = (self.theme, &self.symbols);
        let overrunning = view.is_some_and(|view| {
            let now = self.state.now();
            view.overran.last().is_some_and(|last| now - last.to < TimeDelta::minutes(5))
                || (view.judged && view.next_stop.is_none())
        });
        let (mark, style) = match model.status {
            Status::Running if overrunning => (symbols.on, theme.wrong),
            Status::Running => (symbols.on, theme.good),
            Status::Starting
            | Status::Stopping
            | Status::TrainingInProgress
            | Status::CopyingInProgress
            | Status::Deleting => (symbols.moving, theme.look),
            Status::Failed | Status::TrainingFailed | Status::CopyingFailed => (symbols.wrong, theme.wrong),
            _ => (symbols.off, theme.dim),
        };
        let mut spans = vec![span(format!("{mark} "), style), span(model.status.word(), style)];
        if let Some(since) = view.and_then(|view| view.running_since) {
            spans.push(span(format!(" {}", words::span(self.state.now() - since)), theme.dim));
        }
        spans
    }

    pub(in crate::ui) fn model_name(&self, arn: &ModelArn, strong: bool) -> Vec<Span<'static>> {
        let style = if strong { self.theme.strong } else { self.theme.text };
        vec![span(arn.project(), style), span(format!(" {}", arn.version()), self.theme.dim)]
    }

    pub(super) fn model_cell(&self, model: &Model, column: ColumnId, width: u16, selected: bool) -> Cell {
        let view = self.state.picture.models.get(&model.arn);
        match column {
            ColumnId::Name => Line::from(self.model_name(&model.arn, selected)),
            ColumnId::Status => Line::from(self.status(model, view)),
            ColumnId::Units => match (model.min_units, model.max_units) {
                // What it last ran with says nothing of a model that is off.
                _ if !model.status.is_on() => self.none(),
                (Some(min), Some(max)) if max > min => self.plain(format!("{min}–{max}")),
                (Some(min), _) => self.plain(min.to_string()),
                (None, _) => self.none(),
            },
            ColumnId::Backlog => {
                let backlog = view.and_then(|view| view.backlog);
                let waits = !model.status.is_on() && backlog.is_some_and(|backlog| backlog > 0);
                let style = match backlog {
                    Some(0) => self.theme.dim,
                    _ if waits => self.theme.look,
                    _ => self.theme.text,
                };
                self.number(backlog, style)
            }
            ColumnId::Day => view.map_or_else(Line::default, |view| self.day(view, width)),
            ColumnId::Next => Line::from(self.next(model, view)),
            ColumnId::Week => {
                let days = self.state.ledger.reckoned.as_ref().and_then(|reckoned| reckoned.week_of(&model.arn));
                let known = days.filter(|_| self.state.lately(&model.arn).is_some());
                known.map_or_else(|| self.none(), |days| Line::from(spark::spans(&days, self.theme, &self.symbols)))
            }
            ColumnId::Saved | ColumnId::Money => match self.state.lately(&model.arn) {
                None => self.none(),
                Some(own) => {
                    let saved = own.hours.saved();
                    let style = if saved < 0.0 { self.theme.wrong } else { self.theme.good };
                    let price = self.state.ledger.reckoned.as_ref().map_or(0.0, |known| known.lately.terms.price.usd);
                    let text = match column {
                        ColumnId::Saved => format!("{} h", super::savings::hours(saved)),
                        _ => super::savings::money(&own.hours, price),
                    };
                    Line::from(span(text, style))
                }
            },
            ColumnId::F1 => model.f1.map_or_else(|| self.none(), |f1| self.quiet(format!("{f1:.2}"))),
            ColumnId::Trained => {
                let date = |at: chrono::DateTime<chrono::Utc>| {
                    at.with_timezone(&self.state.zone).format("%-d %b %Y").to_string()
                };
                model.trained.map_or_else(|| self.none(), |at| self.quiet(date(at)))
            }
            _ => Line::default(),
        }
    }

    fn day(&self, view: &ModelView, width: u16) -> Cell {
        let (from, to) = self.today();
        let day = Day {
            span: usage::Span { from, to },
            windows: &view.today,
            ran: &view.ran_today,
            overran: &view.overran,
            now: self.state.now(),
        };
        Line::from(day.spans(usize::from(width), self.theme, &self.symbols))
    }

    fn today(&self) -> (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) {
        let zone = self.state.zone;
        let today = self.state.now().with_timezone(&zone).date_naive();
        let midnight = |date| crate::domain::week::midnight(zone, date);
        (midnight(today), midnight(today + chrono::Days::new(1)))
    }

    /// What happens next to a model.
    pub(in crate::ui) fn next(&self, model: &Model, view: Option<&ModelView>) -> Vec<Span<'static>> {
        let Some(view) = view else { return Vec::new() };
        match view.next_for(&model.status) {
            Some(event) => self.event(event),
            None => {
                let text = view.without_next(&model.status);
                let style = match text {
                    "paused" => self.theme.paused,
                    "no stop planned" => self.theme.wrong,
                    _ => self.theme.dim,
                };
                vec![span(text, style)]
            }
        }
    }

    /// `stop  17:00  2 h 51`.
    pub(in crate::ui) fn event(&self, event: &Event) -> Vec<Span<'static>> {
        let now = self.state.now();
        let style = match event.kind {
            EventKind::Start | EventKind::Enable => self.theme.ours,
            EventKind::Stop | EventKind::Disable => self.theme.text,
        };
        let mut spans = vec![span(format!("{:<5} ", event.kind.as_str()), style)];
        spans.extend(self.when(event.at));
        spans.push(span(format!("  {}", words::span(event.at - now)), self.theme.dim));
        spans
    }

    /// A time; where it is told with its date, that stands alone if there is no room for both.
    fn when(&self, at: chrono::DateTime<chrono::Utc>) -> Vec<Span<'static>> {
        let text = words::when(at, self.state.now(), self.state.zone);
        match text.rsplit_once(' ') {
            Some((date, time)) if date.contains(' ') => {
                vec![span(date, self.theme.text), span(format!(" {time}"), self.theme.text)]
            }
            _ => vec![span(text, self.theme.text)],
        }
    }

    pub(super) fn schedule_cell(&self, schedule: &Schedule, column: ColumnId, selected: bool) -> Cell {
        let wiring = &self.state.picture.wiring;
        let aim = wiring.aims_by_schedule.get(&schedule.arn).and_then(|aims| aims.first());
        let guess = wiring.guesses_by_schedule.get(&schedule.arn);
        match column {
            ColumnId::Name => {
                let path = schedule.path();
                let (group, name) = path.split_once('/').unwrap_or(("", &path));
                let style = if selected { self.theme.strong } else { self.theme.text };
                // The default group says nothing.
                let group = if group == "default" { String::new() } else { format!("{group}/") };
                Line::from(vec![span(group, self.theme.dim), span(name, style)])
            }
            ColumnId::Status => Line::from(self.schedule_state(schedule)),
            ColumnId::Fires => match self.state.picture.timing(&schedule.arn) {
                Some(timing) => self.plain(timing.expression.describe()),
                None => self.fires_unplanned(schedule),
            },
            // The zone is read together with the expression.
            ColumnId::Zone if schedule.expression.is_none() => self.none(),
            ColumnId::Zone => self.quiet(schedule.zone.as_deref().unwrap_or("UTC")),
            ColumnId::Effect => match (aim, guess) {
                (Some(aim), _) => Line::from(span(aim.effect.word(), self.effect_style(aim.effect))),
                (None, Some(guess)) => self.quiet(format!("{} {}", guess.effect.word(), self.symbols.guess)),
                (None, None) => self.none(),
            },
            ColumnId::Model => {
                let sure = aim.and_then(|aim| aim.model.as_ref());
                match (sure, guess.and_then(|guess| guess.model.as_ref())) {
                    (Some(arn), _) => Line::from(self.model_name(arn, false)),
                    (None, Some(arn)) => self.quiet(format!("{} {}", arn.name(), self.symbols.guess)),
                    (None, None) => self.none(),
                }
            }
            ColumnId::Next => match self.state.picture.next_of_schedule(&schedule.arn, self.state.now()) {
                Some(at) => {
                    let mut spans = self.when(at);
                    spans.push(span(format!("  {}", words::span(at - self.state.now())), self.theme.dim));
                    Line::from(spans)
                }
                None if !schedule.enabled => Line::from(span("paused", self.theme.paused)),
                None if schedule.expression.is_none() => self.none(),
                None => self.quiet("never again"),
            },
            _ => Line::default(),
        }
    }

    /// What to say of an expression that no timing could be made of.
    fn fires_unplanned(&self, schedule: &Schedule) -> Cell {
        match schedule.parsed() {
            None => self.quiet("not read"),
            Some(Ok(expression)) => self.plain(expression.describe()),
            Some(Err(_)) => Line::from(span("not understood", self.theme.look)),
        }
    }

    pub(in crate::ui) fn schedule_state(&self, schedule: &Schedule) -> Vec<Span<'static>> {
        let (mark, word, style) = match schedule.enabled {
            true => (self.symbols.on, "enabled", self.theme.good),
            false => (self.symbols.paused, "disabled", self.theme.paused),
        };
        vec![span(format!("{mark} "), style), span(word, if schedule.enabled { self.theme.text } else { style })]
    }

    fn effect_style(&self, effect: Effect) -> Style {
        match effect {
            Effect::Start { .. } | Effect::Enable => self.theme.ours,
            Effect::Stop | Effect::Disable => self.theme.text,
            Effect::Unknown => self.theme.dim,
        }
    }

    pub(super) fn mapping_cell(&self, mapping: &Mapping, column: ColumnId, selected: bool) -> Cell {
        let queue = self.state.fleet.queue_of(mapping);
        match column {
            ColumnId::Name => {
                Line::from(span(mapping.function_name(), if selected { self.theme.strong } else { self.theme.text }))
            }
            ColumnId::Status => Line::from(self.mapping_state(mapping)),
            ColumnId::Queue if mapping.queue_arn().is_some() => self.plain(mapping.source_name()),
            ColumnId::Queue => self.quiet(mapping.source_name()),
            ColumnId::Backlog => {
                let backlog = queue.map(|queue| queue.backlog());
                let waits = !mapping.state.is_on() && backlog.is_some_and(|backlog| backlog > 0);
                let style = if waits {
                    self.theme.look
                } else if backlog == Some(0) {
                    self.theme.dim
                } else {
                    self.theme.text
                };
                self.number(backlog, style)
            }
            ColumnId::Oldest => {
                let oldest = queue.and_then(|queue| queue.oldest_seconds);
                oldest.map_or_else(|| self.none(), |seconds| self.plain(seconds_in_words(seconds)))
            }
            ColumnId::Retention => {
                queue.map_or_else(|| self.none(), |queue| self.quiet(seconds_in_words(queue.retention_seconds)))
            }
            ColumnId::Batch => self.number(mapping.batch_size.map(u64::from), self.theme.dim),
            ColumnId::Model => match self.state.picture.wiring.model_by_mapping.get(&mapping.uuid) {
                Some(arn) => Line::from(self.model_name(arn, false)),
                None if self.state.picture.wiring.contested.contains_key(&mapping.uuid) => {
                    Line::from(span("contested", self.theme.look))
                }
                None => self.none(),
            },
            ColumnId::Uuid => self.quiet(&mapping.uuid),
            _ => Line::default(),
        }
    }

    pub(in crate::ui) fn mapping_state(&self, mapping: &Mapping) -> Vec<Span<'static>> {
        let (theme, symbols) = (self.theme, &self.symbols);
        let (mark, style) = match mapping.state {
            MappingState::Enabled => (symbols.on, theme.good),
            MappingState::Disabled => (symbols.off, theme.dim),
            _ => (symbols.moving, theme.look),
        };
        vec![
            span(format!("{mark} "), style),
            span(mapping.state.as_str().to_lowercase(), if style == theme.good { theme.text } else { style }),
        ]
    }

    pub(super) fn finding_cell(&self, finding: &Finding, column: ColumnId, selected: bool) -> Cell {
        match column {
            ColumnId::Severity => {
                let (mark, style) = self.severity(finding.severity);
                Line::from(vec![span(format!("{mark} "), style), span(finding.severity.as_str(), style)])
            }
            ColumnId::Subject => Line::from(span(
                self.state.subject_name(finding),
                if selected { self.theme.strong } else { self.theme.text },
            )),
            ColumnId::Sentence => self.plain(&finding.sentence),
            ColumnId::Rule => self.quiet(finding.rule.as_str().replace('_', " ")),
            _ => Line::default(),
        }
    }

    /// The mark and the style of a weight.
    pub(in crate::ui) fn severity(&self, severity: Severity) -> (&'static str, Style) {
        match severity {
            Severity::Danger => (self.symbols.wrong, self.theme.wrong),
            Severity::Warning => (self.symbols.look, self.theme.look),
            Severity::Info => (self.symbols.note, self.theme.dim),
        }
    }
}

/// Seconds in words.
pub(in crate::ui) fn seconds_in_words(seconds: u64) -> String {
    words::span(TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1000)))
}

/// A number with its thousands apart: `12,345`.
pub(in crate::ui) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
