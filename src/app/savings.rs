//! Savings on the screen: what is asked, what came of it, and a model's own page.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use tui_input::Input;

use super::list::Scroll;
use crate::domain::finding::{Finding, of_usage};
use crate::domain::model::ModelArn;
use crate::domain::savings::{Baseline, Books, By, Hours, Range, Run, Savings, Terms};
use crate::domain::trouble::Trouble;
use crate::domain::usage::History;
use crate::domain::wiring::Wishes;
use crate::domain::work::Workload;

/// What models ran, by model.
pub type Histories = std::collections::BTreeMap<ModelArn, History>;

/// How long to wait between two questions to CloudWatch, in the account's time, while the savings are in front.
const NEAR: TimeDelta = TimeDelta::minutes(5);
/// And while they are not: the header and a column show them all the same.
const FAR: TimeDelta = TimeDelta::minutes(60);
/// However hurried the account's time is.
const LEAST: Duration = Duration::from_secs(5);

/// What is to be worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The range of the screen.
    pub range: Range,
    /// Its steps; `None`: those that suit it.
    pub by: Option<By>,
    /// What is compared with.
    pub baseline: Baseline,
    /// Whether the savings are in front; else only what the header and the table of models show is worked out.
    pub whole: bool,
    /// The user's own configuration.
    pub wishes: Wishes,
    /// The region, for the price.
    pub region: Option<String>,
    /// The zone whose days are meant.
    pub zone: Tz,
    /// The day that weeks begin with.
    pub week_start: Weekday,
}

/// What was worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Reckoned {
    /// By which question.
    pub question: Question,
    /// This month, by day.
    pub month: Savings,
    /// The last thirty days, by day.
    pub lately: Savings,
    /// The rest, for whoever looks at it.
    pub whole: Option<Whole>,
    /// What an operator should know that only usage tells.
    pub findings: Vec<Finding>,
}

/// What the screen shows beside the month.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    /// The range of the screen.
    pub range: Savings,
    /// The last whole month.
    pub last_month: Hours,
    /// Twelve months with this one.
    pub year: Hours,
}

impl Reckoned {
    /// Works it out.
    #[must_use]
    pub fn of(books: Books<'_>, work: &Workload, question: &Question) -> Self {
        let terms = |range: Range| {
            let terms = Terms::new(range, &question.wishes, question.region.as_deref(), books.now, question.zone);
            Terms { baseline: question.baseline, week_start: question.week_start, ..terms }
        };
        let daily = |range| Savings::of(books, Terms { by: By::Day, ..terms(range) });
        let total = |range| Savings::of(books, Terms { by: By::Month, ..terms(range) }).total;
        let month = daily(Range::Month);
        let whole = question.whole.then(|| {
            let own = terms(question.range);
            let by = question.by.unwrap_or(own.by);
            let range = if (question.range, by) == (Range::Month, By::Day) {
                month.clone()
            } else {
                Savings::of(books, Terms { by, ..own })
            };
            Whole { range, last_month: total(Range::LastMonth), year: total(Range::Year) }
        });
        let findings = of_usage(books, work, &month.terms.price, question.zone);
        Self { question: question.clone(), month, lately: daily(Range::Days(30)), whole, findings }
    }

    /// The hours that a model ran on each of the last seven days, the oldest first.
    #[must_use]
    pub fn week_of(&self, model: &ModelArn) -> Option<Vec<f64>> {
        let steps = &self.lately.model(model)?.steps;
        Some(steps.iter().skip(steps.len().saturating_sub(7)).map(|hours| hours.running).collect())
    }
}

/// The savings of the program.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// What is known of the running of each model.
    pub histories: Arc<Histories>,
    /// What they were given to do lately.
    pub work: Arc<Workload>,
    /// The range of the screen.
    pub range: Range,
    /// Its steps; `None`: those that suit it.
    pub by: Option<By>,
    /// What is compared with.
    pub baseline: Baseline,
    /// Whether the charts show all models together, and not the selected one.
    pub together: bool,
    /// What was worked out last.
    pub reckoned: Option<Box<Reckoned>>,
    /// Why CloudWatch could not be asked lately.
    pub trouble: Option<Trouble>,
    /// Whether CloudWatch is being asked.
    pub metering: bool,
    /// Whether CloudWatch has answered in this run.
    pub live: bool,
    pub(super) asked: Option<(Duration, DateTime<Utc>)>,
    pub(super) stale: bool,
    pub(super) working: bool,
    pub(super) number: u32,
    /// It was worked out before it was known who starts what.
    pub(super) blind: bool,
}

impl Ledger {
    /// Nothing known yet.
    #[must_use]
    pub fn new(baseline: Baseline) -> Self {
        Self {
            histories: Arc::default(),
            work: Arc::default(),
            range: Range::Month,
            by: None,
            baseline,
            together: true,
            reckoned: None,
            trouble: None,
            metering: false,
            live: false,
            asked: None,
            stale: false,
            working: false,
            number: 0,
            blind: false,
        }
    }

    /// Nothing known any more: it is another account. What the operator has chosen stays.
    pub(super) fn forget(&mut self) {
        let former = std::mem::replace(self, Self::new(self.baseline));
        *self = Self {
            range: former.range,
            by: former.by,
            together: former.together,
            number: former.number + 1,
            ..Self::new(former.baseline)
        };
    }

    /// All workers are let go: what was asked of them will not be answered.
    pub(super) fn let_go(&mut self) {
        if self.metering {
            (self.metering, self.asked) = (false, None);
        }
        self.stale |= self.working;
        self.working = false;
        self.number += 1;
    }

    /// When CloudWatch may be asked again, as real time since the start.
    pub(super) fn due(&self, near: bool, now: Duration, speed: f64) -> Duration {
        let Some((asked, _)) = self.asked else { return now };
        let wait = if near { NEAR } else { FAR };
        let real = wait.to_std().unwrap_or_default();
        asked + if speed > 0.0 { real.div_f64(speed).max(LEAST) } else { real }
    }

    /// What the screen shows, if it has been worked out.
    #[must_use]
    pub fn whole(&self) -> Option<&Whole> {
        self.reckoned.as_ref()?.whole.as_ref()
    }
}

/// Every run of one model.
#[derive(Clone, Debug)]
pub struct RunsPage {
    /// The model.
    pub arn: ModelArn,
    /// Its runs in the range of the screen, the newest first.
    pub runs: Vec<Run>,
    /// How far it is scrolled.
    pub scroll: Scroll,
}

/// A range that is being typed.
#[derive(Clone, Debug, Default)]
pub struct RangeLine {
    /// What was typed.
    pub input: Input,
    /// Why that is no range.
    pub wrong: Option<String>,
}
