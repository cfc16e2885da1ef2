//! The runs of a model, one by one.

use chrono::{DateTime, TimeDelta, Utc};

use super::book::{BLUR, Book, WEEK, hours, is_run_out};
use super::deed::Began;
use crate::domain::usage::{Span, Stretch, common, less};

/// How a run lies to the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Within a window.
    In,
    /// So long of it outside of any.
    Over(TimeDelta),
    /// All of it outside.
    Out,
    /// What was planned then is not known, or nothing starts this model.
    Unplanned,
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended, or up to when it is known to have gone on.
    pub to: DateTime<Utc>,
    /// Whether it goes on.
    pub goes_on: bool,
    /// The average of its inference units.
    pub units: f64,
    /// Its inference hours.
    pub inference: f64,
    /// To how much its begin and its end are known, each.
    pub grain: TimeDelta,
    /// Who began it.
    pub began: Began,
    /// How it lies to the windows.
    pub placed: Placed,
}

impl Book<'_> {
    /// The runs that touch `span`, oldest first.
    #[must_use]
    pub fn runs(&self, span: Span) -> Vec<Run> {
        let until = self.until().unwrap_or(span.to);
        let touching = self.history.runs().into_iter().filter_map(|run| {
            let whole = Span { from: run.first()?.from, to: run.last()?.to };
            whole.within(span).map(|_| (run, whole))
        });
        let touching: Vec<(&[Stretch], Span)> = touching.collect();
        let Some(wide) = touching
            .first()
            .zip(touching.last())
            .map(|(first, last)| Span { from: first.1.from - WEEK, to: last.1.to + WEEK })
        else {
            return Vec::new();
        };
        let (windows, planned) = (self.windows(wide), self.planned_over(wide));
        let run = |(stretches, whole): (&[Stretch], Span)| {
            let inference: f64 = stretches.iter().map(|one| hours(one.span().length()) * one.units).sum();
            Run {
                from: whole.from,
                to: whole.to,
                goes_on: self.on && until - whole.to <= BLUR,
                units: inference / hours(whole.length()),
                inference,
                grain: TimeDelta::seconds(stretches.iter().map(|one| i64::from(one.grain)).max().unwrap_or(0)),
                began: Began::of(whole.from, self.deeds, &self.starts),
                placed: placed(whole, &windows, &planned),
            }
        };
        touching.into_iter().map(run).collect()
    }
}

fn placed(run: Span, windows: &[Span], planned: &[Span]) -> Placed {
    if common(&[run], planned).iter().map(|span| span.length()).sum::<TimeDelta>() < run.length() {
        return Placed::Unplanned;
    }
    let over: TimeDelta =
        less(&[run], windows).into_iter().filter(|part| !is_run_out(*part, windows)).map(Span::length).sum();
    match over {
        over if over.is_zero() => Placed::In,
        over if over == run.length() => Placed::Out,
        over => Placed::Over(over),
    }
}
