//! Savings made by hand, and what the formats and the page make of them.

mod formats;
mod page;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::model::ModelArn;
use crate::domain::savings::{Forecast, Hours, ModelSavings, Range, Savings, Terms};
use crate::domain::testing::{BERLIN, model_arn, now};
use crate::domain::usage::Span;
use crate::domain::wiring::Wishes;

/// A day of a model with one inference unit: 7 h 20 min in its window, 40 min over, an hour unknown. Thirds, so that
/// rounding shows.
fn day() -> Hours {
    Hours {
        running: 8.0,
        inference: 8.0 + 1.0 / 3.0,
        baseline: 24.0 + 1.0 / 30_000.0,
        planned: 9.0,
        overrun: 2.0 / 3.0,
        missed: 1.5,
        unknown: 1.0 + 1.0 / 7.0,
        error: 1.0 / 60.0,
    }
}

/// Savings of these models over a range: each step that has begun is a day as above, but each third is silent.
fn savings(range: &str, names: &[&str]) -> Savings {
    let range: Range = range.parse().unwrap();
    let terms = Terms::new(range, &Wishes::default(), Some("us-east-1"), now(), BERLIN);
    let steps = range.steps(terms.by, now(), BERLIN, terms.week_start);
    let span = range.span(now(), BERLIN);
    let idle = Hours { running: 0.0, inference: 0.0, planned: 0.0, overrun: 0.0, ..day() };
    let begun = |from: DateTime<Utc>| from < now();
    let of_steps = steps.iter().enumerate().map(|(at, step)| match at % 3 {
        _ if !begun(step.span.from) => Hours::default(),
        2 => idle,
        _ => day(),
    });
    let of_steps: Vec<Hours> = of_steps.collect();
    let arns: std::collections::BTreeSet<ModelArn> = names.iter().map(|name| model_arn(name)).collect();
    let model = |arn: ModelArn| ModelSavings {
        gone: arn.project() == "gone",
        arn,
        units: 1.0,
        scheduled: true,
        counted: Some(Span { from: span.from, to: now().min(span.to) }),
        comparable: true,
        hours: Hours::sum(&of_steps),
        steps: of_steps.clone(),
    };
    let models: Vec<ModelSavings> = arns.into_iter().map(model).collect();
    let sum = |at: usize| Hours::sum(models.iter().map(|model| &model.steps[at]));
    let by_step: Vec<Hours> = (0..steps.len()).map(sum).collect();
    Savings {
        span,
        until: (!names.is_empty()).then(|| now() - TimeDelta::minutes(9)),
        steps,
        total: Hours::sum(&by_step),
        by_step,
        models,
        month_end: (range == Range::Month).then_some(Forecast { used: 200.0, baseline: 720.0, unknown: 20.0 }),
        terms,
    }
}
