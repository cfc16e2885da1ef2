//! When models ran: what the metrics are made of.

use chrono::{DateTime, Utc};

use super::scenario::Span;

/// One run of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it became `RUNNING`.
    pub from: DateTime<Utc>,
    /// When it left `RUNNING`; `None` while it runs.
    pub to: Option<DateTime<Utc>>,
    /// The inference units that were in service.
    pub units: u32,
}

/// All runs of a model, oldest first.
#[derive(Clone, Debug, Default)]
pub struct RunLog {
    /// The runs.
    pub runs: Vec<Run>,
    /// Spans for which no metric was kept although it ran.
    pub gaps: Vec<Span>,
}

impl RunLog {
    /// The model became `RUNNING` at `at` with so many units.
    pub fn begin(&mut self, at: DateTime<Utc>, units: u32) {
        self.end(at);
        self.runs.push(Run { from: at, to: None, units });
    }

    /// The model left `RUNNING` at `at`.
    pub fn end(&mut self, at: DateTime<Utc>) {
        if let Some(run) = self.runs.last_mut() {
            run.to.get_or_insert(at);
        }
    }
}
