//! Savings: what models ran against what they would have run, and against what was planned. Measured, never guessed: what
//! is not known is told as such, and every figure has a bound for its error.

mod book;
mod deed;
mod hours;
mod planned;
mod range;
mod run;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;

use super::fleet::Fleet;
use super::model::ModelArn;
use super::picture::Picture;
use super::price::Price;
use super::usage::{History, Span};
use super::week::midnight;
use super::wiring::Wishes;

pub use book::Book;
pub use deed::{Began, Deed, deeds};
pub use hours::Hours;
pub use range::{By, Range, Step, month};
pub use run::{Placed, Run};

/// What models are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Running all the time with the units that they are configured to start with.
    #[default]
    AlwaysOn,
    /// Running as in the seven days before the first of their schedules was created. Where that is not known, as always on.
    BeforeScheduling,
}

impl Baseline {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AlwaysOn => "always on",
            Self::BeforeScheduling => "week before scheduling",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::AlwaysOn => Self::BeforeScheduling,
            Self::BeforeScheduling => Self::AlwaysOn,
        }
    }
}

/// What the user wants savings to be counted against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SavingsWish {
    /// What is compared with.
    pub baseline: Baseline,
    /// The first day that counts, in the zone that times are shown in. `None`: each model counts from its first known run.
    pub since: Option<NaiveDate>,
}

/// By which terms it is counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// The range.
    pub range: Range,
    /// Its steps.
    pub by: By,
    /// What is compared with.
    pub baseline: Baseline,
    /// Nothing before this counts. `None`: each model counts from its first known run.
    pub since: Option<DateTime<Utc>>,
    /// The zone whose days are meant.
    pub zone: Tz,
    /// The day that weeks begin with.
    pub week_start: Weekday,
    /// The price of an inference hour.
    pub price: Price,
}

impl Terms {
    /// The usual terms for a range, and what the user wants.
    #[must_use]
    pub fn new(range: Range, wishes: &Wishes, region: Option<&str>, now: DateTime<Utc>, zone: Tz) -> Self {
        Self {
            range,
            by: range.usual(now, zone),
            baseline: wishes.savings.baseline,
            since: wishes.savings.since.map(|date| midnight(zone, date)),
            zone,
            week_start: Weekday::Mon,
            price: Price::of(region, &wishes.prices),
        }
    }
}

/// Everything that savings are made of.
#[derive(Clone, Copy, Debug)]
pub struct Books<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// What follows from it.
    pub picture: &'a Picture,
    /// What is known of the running of each model, also of those that are there no more.
    pub histories: &'a BTreeMap<ModelArn, History>,
    /// The starts and stops in the journal.
    pub deeds: &'a BTreeMap<ModelArn, Vec<Deed>>,
    /// What time it is.
    pub now: DateTime<Utc>,
}

impl<'a> Books<'a> {
    /// The book of one model; `None` if nothing was ever asked about it.
    #[must_use]
    pub fn book(&self, arn: &ModelArn) -> Option<Book<'a>> {
        let (arn, history) = self.histories.get_key_value(arn)?;
        let deeds = self.deeds.get(arn).map(Vec::as_slice).unwrap_or_default();
        Some(Book::of(arn, self.fleet, self.picture, history, deeds))
    }

    /// All books, in the order of the ARNs.
    pub fn all(&self) -> impl Iterator<Item = Book<'a>> {
        self.histories.keys().filter_map(|arn| self.book(arn))
    }

    /// Up to when something is known of every model that is there: what a range that goes up to now really ends with.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.all().filter(|book| !book.gone).filter_map(|book| book.until()).min()
    }
}

/// What one model comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSavings {
    /// The model.
    pub arn: ModelArn,
    /// Whether it is not listed any more.
    pub gone: bool,
    /// The inference units that always-on would have used.
    pub units: f64,
    /// The part of the range that counts: from its first known run, or the chosen date, up to when something is known.
    pub counted: Option<Span>,
    /// Whether a schedule starts it, or did when it was measured.
    pub scheduled: bool,
    /// Whether the baseline that was asked for is known for it; if not, it is compared with always-on.
    pub comparable: bool,
    /// The sum.
    pub hours: Hours,
    /// The sums of the steps.
    pub steps: Vec<Hours>,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Savings {
    /// By which terms.
    pub terms: Terms,
    /// The range, which may end ahead.
    pub span: Span,
    /// Up to when something is known of every model: the range really ends here. `None`: nothing is known yet.
    pub until: Option<DateTime<Utc>>,
    /// The steps, oldest first.
    pub steps: Vec<Step>,
    /// The models, in the order of their ARNs: those of the fleet, and those that are gone but ran in the range.
    pub models: Vec<ModelSavings>,
    /// The sum of all.
    pub total: Hours,
    /// The sums of the steps over all models.
    pub by_step: Vec<Hours>,
    /// What the month of `now` will have come to at its end, if everything goes as planned.
    pub month_end: Option<Forecast>,
}

/// What a month will have come to at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Forecast {
    /// What will have been used, in inference hours.
    pub used: f64,
    /// The baseline of the whole month, in inference hours.
    pub baseline: f64,
    /// What is not known of what is past, in inference hours.
    pub unknown: f64,
}

impl Forecast {
    /// What will have been saved, in inference hours.
    #[must_use]
    pub fn saved(&self) -> f64 {
        self.baseline - self.used - self.unknown
    }
}

/// How long a start takes where nothing was measured.
const TAKES: TimeDelta = TimeDelta::minutes(11);

impl Savings {
    /// What was saved, by these terms.
    #[must_use]
    pub fn of(books: Books<'_>, terms: Terms) -> Self {
        let (now, zone) = (books.now, terms.zone);
        let steps = terms.range.steps(terms.by, now, zone, terms.week_start);
        let span = terms.range.span(now, zone);
        let mut by_step = vec![Hours::default(); steps.len()];
        let mut models = Vec::new();
        for book in books.all() {
            let of_steps = book.hours(&terms, &steps);
            let hours = Hours::sum(&of_steps);
            if book.gone && hours == Hours::default() {
                continue;
            }
            by_step.iter_mut().zip(&of_steps).for_each(|(sum, one)| *sum += *one);
            models.push(ModelSavings {
                arn: book.arn.clone(),
                gone: book.gone,
                units: book.units,
                counted: book.counted(span, terms.since),
                scheduled: book.is_scheduled(),
                comparable: book.rate(terms.baseline).is_some(),
                hours,
                steps: of_steps,
            });
        }
        let total = Hours::sum(&by_step);
        let month_end = (terms.range == Range::Month).then(|| forecast(books, &terms, total));
        Self { until: books.until(), steps, models, total, by_step, month_end, span, terms }
    }

    /// The money that so many inference hours are, in US dollars.
    #[must_use]
    pub fn money(&self, inference_hours: f64) -> f64 {
        inference_hours * self.terms.price.usd
    }

    /// What one model comes to.
    #[must_use]
    pub fn model(&self, arn: &ModelArn) -> Option<&ModelSavings> {
        let place = self.models.binary_search_by(|model| model.arn.cmp(arn)).ok()?;
        self.models.get(place)
    }

    /// What was saved up to the end of each step, in inference hours.
    #[must_use]
    pub fn cumulative(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let add = |step: &Hours| {
            sum += step.saved();
            sum
        };
        self.by_step.iter().map(add).collect()
    }
}

fn forecast(books: Books<'_>, terms: &Terms, so_far: Hours) -> Forecast {
    let today = books.now.with_timezone(&terms.zone).date_naive();
    let end = midnight(terms.zone, today.with_day(1).unwrap_or(today) + Months::new(1));
    let mut all = Forecast { used: so_far.inference, baseline: so_far.baseline, unknown: so_far.unknown };
    for book in books.all().filter(|book| !book.gone && book.first().is_some()) {
        let Some(from) = book.until() else { continue };
        let ahead = Span { from: from.max(terms.since.unwrap_or(from)), to: end };
        if ahead.from < ahead.to {
            all.used += book.forecast(ahead, TAKES);
            all.baseline += book::hours(ahead.length()) * book.rate(terms.baseline).unwrap_or(book.units);
        }
    }
    all
}
