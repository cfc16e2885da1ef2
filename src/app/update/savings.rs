//! When CloudWatch is asked what models ran, and what the keys of the Savings screen do.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tui_input::{Input, InputRequest};

use super::commands::type_in;
use crate::app::dialog::Dialog;
use crate::app::effect::Effect;
use crate::app::list::Scroll;
use crate::app::savings::{Histories, Question, RangeLine, Reckoned, RunsPage};
use crate::app::screen::Screen;
use crate::app::state::{Connection, Source, State};
use crate::domain::model::ModelArn;
use crate::domain::savings::{Books, By, Deed, Range, Run, deeds};
use crate::domain::trouble::Trouble;
use crate::domain::usage::Span;
use crate::domain::work::Workload;

/// After so long of silence a question to CloudWatch is given up and may be asked again.
const LOST: TimeDelta = TimeDelta::hours(12);

impl State {
    /// What the savings on screen are made from now.
    #[must_use]
    pub fn savings_question(&self) -> Question {
        Question {
            range: self.ledger.range,
            by: self.ledger.by,
            baseline: self.ledger.baseline,
            whole: self.screen == Screen::Savings,
            wishes: self.wishes.clone(),
            region: self.fleet.region.clone(),
            zone: self.zone,
            week_start: self.week_start,
        }
    }

    /// Asks CloudWatch, if it is time for that.
    pub(super) fn ask_meter(&mut self, effects: &mut Vec<Effect>) {
        let due = self.meter_due().is_some_and(|due| due <= self.moment.real);
        if due {
            self.ledger.metering = true;
            self.ledger.asked = Some((self.moment.real, self.moment.now));
            effects.push(Effect::Meter);
        }
    }

    /// When CloudWatch is to be asked again; `None`: not before something else happens.
    pub(super) fn meter_due(&self) -> Option<Duration> {
        let lost = self.ledger.asked.is_some_and(|(_, at)| self.moment.now - at > LOST);
        let idle = !self.ledger.metering || lost;
        let ready =
            self.connection == Connection::Live && self.source == Source::Live && self.refresh.running.is_none();
        let known = !self.fleet.models.rows.is_empty() && !self.picture.models.is_empty();
        let near = self.screen == Screen::Savings;
        (idle && ready && known).then(|| self.ledger.due(near, self.moment.real, self.moment.speed))
    }

    /// Takes in what is known of what models ran; `live`: CloudWatch was asked for it.
    pub(super) fn metered(
        &mut self,
        (histories, work): (Arc<Histories>, Arc<Workload>),
        trouble: Option<Trouble>,
        said: Vec<String>,
        live: bool,
    ) {
        if live {
            self.ledger.metering = false;
            self.ledger.live |= trouble.is_none();
            self.ledger.trouble = trouble;
        } else if self.ledger.live {
            return;
        }
        said.into_iter().for_each(|said| self.complain(said));
        if self.ledger.reckoned.is_none() || self.ledger.histories != histories || self.ledger.work != work {
            (self.ledger.histories, self.ledger.work) = (histories, work);
            self.ledger.stale = true;
        }
    }

    /// Asks for what the savings come to, if that is out of date and nobody is at it.
    pub(super) fn ask_reckoning(&mut self) -> Option<Effect> {
        let ledger = &self.ledger;
        let asked = |known: &Reckoned| {
            let question = self.savings_question();
            // Whoever leaves the screen does not need less.
            known.question == question || (!question.whole && known.question == Question { whole: true, ..question })
        };
        let sees = !self.picture.models.is_empty();
        let stale = ledger.stale
            || ledger.reckoned.as_deref().is_some_and(|known| !asked(known))
            || (ledger.blind && sees && ledger.reckoned.is_some());
        if !stale || ledger.working || ledger.histories.is_empty() {
            return None;
        }
        self.ledger.stale = false;
        self.ledger.working = true;
        self.ledger.blind = !sees;
        self.ledger.number += 1;
        Some(Effect::Reckon(self.ledger.number))
    }

    /// Takes in what the savings come to.
    pub(super) fn reckoned(&mut self, number: u32, reckoned: Box<Reckoned>) {
        if number != self.ledger.number {
            return;
        }
        self.ledger.working = false;
        self.picture.add_findings(reckoned.findings.clone());
        self.ledger.reckoned = Some(reckoned);
        self.rearrange(Screen::Findings);
        self.rearrange(Screen::Savings);
        self.rearrange(Screen::Models);
        let open = match self.dialogs.last() {
            Some(Dialog::Runs(page)) => Some(page.arn.clone()),
            _ => None,
        };
        if let Some(arn) = open {
            let new = self.runs_of(&arn);
            if let Some(Dialog::Runs(page)) = self.dialogs.last_mut() {
                page.runs = new;
            }
        }
    }

    /// Works it out here and now: for tests, and for whoever has no worker.
    #[must_use]
    pub fn reckon(&self) -> Reckoned {
        let deeds = deeds(self.operations.values());
        let books = Books {
            fleet: &self.fleet,
            picture: &self.picture,
            histories: &self.ledger.histories,
            deeds: &deeds,
            now: self.moment.now,
        };
        Reckoned::of(books, &self.ledger.work, &self.savings_question())
    }

    fn runs_of(&self, arn: &ModelArn) -> Vec<Run> {
        let deeds: std::collections::BTreeMap<ModelArn, Vec<Deed>> = deeds(self.operations.values());
        let books = Books {
            fleet: &self.fleet,
            picture: &self.picture,
            histories: &self.ledger.histories,
            deeds: &deeds,
            now: self.moment.now,
        };
        let span: Span = self.ledger.range.span(self.moment.now, self.zone);
        let mut runs = books.book(arn).map(|book| book.runs(span)).unwrap_or_default();
        runs.reverse();
        runs
    }

    /// Opens the page of the selected model.
    pub(super) fn open_runs(&mut self) {
        let Some(arn) = self.savings.selected().cloned() else { return };
        let runs = self.runs_of(&arn);
        self.dialogs.push(Dialog::Runs(Box::new(RunsPage { arn, runs, scroll: Scroll::default() })));
    }

    /// Another of the usual ranges.
    pub(super) fn step_range(&mut self, later: bool) {
        let all = Range::OFFERED;
        let at = all.iter().position(|range| *range == self.ledger.range);
        let next = match (at, later) {
            (Some(at), true) => (at + 1) % all.len(),
            (Some(at), false) => (at + all.len() - 1) % all.len(),
            (None, _) => 0,
        };
        if let Some(range) = all.get(next) {
            self.take_range(*range);
        }
    }

    fn take_range(&mut self, range: Range) {
        self.ledger.range = range;
        self.ledger.by = None;
        if let Some(Dialog::Runs(page)) = self.dialogs.last() {
            let arn = page.arn.clone();
            let runs = self.runs_of(&arn);
            if let Some(Dialog::Runs(page)) = self.dialogs.last_mut() {
                page.runs = runs;
                page.scroll.to_top();
            }
        }
    }

    /// Other steps.
    pub(super) fn step_by(&mut self) {
        let usual = self.ledger.range.usual(self.moment.now, self.zone);
        self.ledger.by = Some(match self.ledger.by.unwrap_or(usual) {
            By::Day => By::Week,
            By::Week => By::Month,
            By::Month => By::Day,
        });
    }

    /// The other baseline.
    pub(super) fn turn_baseline(&mut self) {
        self.ledger.baseline = self.ledger.baseline.other();
        self.say(format!("Compared with: {}.", self.ledger.baseline.word()));
    }

    /// Opens the line in which a range is typed.
    pub(super) fn type_range(&mut self) {
        let input = Input::new(self.ledger.range.to_string());
        self.dialogs.push(Dialog::Range(Box::new(RangeLine { input, wrong: None })));
    }

    pub(super) fn edit_range(&mut self, request: InputRequest) {
        if let Some(Dialog::Range(line)) = self.dialogs.last_mut() {
            type_in(&mut line.input, request);
            line.wrong = None;
        }
    }

    pub(super) fn accept_range(&mut self) {
        let Some(Dialog::Range(line)) = self.dialogs.last_mut() else { return };
        match line.input.value().parse::<Range>() {
            Ok(range) => {
                self.dialogs.pop();
                self.take_range(range);
            }
            Err(wrong) => line.wrong = Some(wrong),
        }
    }
}
