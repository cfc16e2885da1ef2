//! What models ran lately. CloudWatch costs money for each metric that is asked, so only what is new is asked, and no
//! oftener than every quarter of an hour.

use chrono::{DateTime, TimeDelta, Utc};

use super::Task;
use super::memory::is_fresh;
use super::part::Tally;
use crate::aws::cloudwatch::Series;
use crate::domain::fleet::{News, PartName};
use crate::domain::model::{Model, ModelArn};
use crate::domain::usage::{Activity, Sample, Span};

/// How far back the activity goes: a day, and what the day strip shows beside it.
const HORIZON: TimeDelta = TimeDelta::hours(26);
/// How long an answer is good for.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(15);
/// CloudWatch's last points come late: this much of what was asked is asked again.
const LATE: TimeDelta = TimeDelta::minutes(15);
/// The length of one sample, in seconds. CloudWatch keeps such for 63 days.
const PERIOD: u32 = 300;

type Row = (ModelArn, Activity);

impl Task<'_> {
    /// Asks what those of these models ran that can have run.
    pub(super) async fn activity(&self, models: &[Model]) {
        let mut tally: Tally<Row> = Tally::new(PartName::Activity);
        let now = self.now();
        let known = &self.known.activity;
        let span = Span { from: whole_period(now - HORIZON), to: whole_period(now) };
        let candidates: Vec<&Model> = models.iter().filter(|model| model.status.can_have_run()).collect();
        let due = |model: &&&Model| {
            let asked = known.rows.get(&model.arn).map(|activity| activity.asked.to);
            !is_fresh(asked, now, GOOD_FOR)
        };
        let fresh = candidates
            .iter()
            .filter(|model| !due(model))
            .filter_map(|model| known.rows.get(&model.arn).map(|activity| (model.arn.clone(), activity.clone())));
        tally.rows.extend(fresh);
        let due: Vec<&Model> = candidates.iter().filter(due).copied().collect();
        let asked_nothing = due.is_empty();
        // Those that are known from before lack little, the others the whole span: two questions, each of one length.
        let (later, first): (Vec<&Model>, Vec<&Model>) = due.into_iter().partition(|model| self.goes_on(model, span));
        for (group, goes_on) in [(later, true), (first, false)] {
            if group.is_empty() || tally.has_failed() || self.news.is_closed() {
                continue;
            }
            self.ask(&mut tally, &group, span, goes_on).await;
        }
        if tally.has_failed() {
            tally.rows = known.rows.iter().map(|(arn, activity)| (arn.clone(), activity.clone())).collect();
        }
        let at = known.as_of.filter(|_| asked_nothing).unwrap_or(now);
        tally.finish(self, |(arn, _)| arn.as_str(), at).await;
    }

    /// Whether what is known of a model reaches into the span, so that only the rest need be asked.
    fn goes_on(&self, model: &Model, span: Span) -> bool {
        let known = self.known.activity.rows.get(&model.arn);
        known.is_some_and(|known| {
            known.period_seconds == PERIOD && known.asked.to > span.from + LATE && known.asked.to <= span.to
        })
    }

    async fn ask(&self, tally: &mut Tally<Row>, models: &[&Model], span: Span, goes_on: bool) {
        let known = |model: &Model| self.known.activity.rows.get(&model.arn).filter(|_| goes_on);
        let from = models.iter().filter_map(|model| known(model)).map(|known| known.asked.to - LATE).min();
        let asked = Span { from: from.unwrap_or(span.from), to: span.to };
        let series: Vec<Series> = models.iter().map(|model| Series::units(&model.arn)).collect();
        match self.account.metric_data(&series, asked, i32::try_from(PERIOD).unwrap_or(300)).await {
            Err(trouble) => tally.fail(trouble),
            Ok(answers) => {
                let rows: Vec<Row> = models
                    .iter()
                    .zip(answers)
                    .map(|(model, samples)| (model.arn.clone(), joined(model, known(model), samples, asked, span)))
                    .collect();
                tally.take_all(&rows);
                self.tell(News::Activity(rows)).await;
            }
        }
    }
}

/// What is known up to where the new question begins, and from there on the answer.
fn joined(model: &Model, known: Option<&Activity>, new: Vec<Sample>, asked: Span, span: Span) -> Activity {
    // A model of the same name that was deleted before this one was made has the same metric.
    let since = model.arn.created().unwrap_or(DateTime::UNIX_EPOCH).max(span.from);
    let old = known.map(|known| known.samples.as_slice()).unwrap_or_default();
    let old = old.iter().copied().filter(|sample| sample.at < asked.from);
    let samples = old.chain(new).filter(|sample| sample.at >= since).collect();
    Activity { asked: span, period_seconds: PERIOD, samples }
}

fn whole_period(at: DateTime<Utc>) -> DateTime<Utc> {
    let period = i64::from(PERIOD);
    DateTime::from_timestamp(at.timestamp().div_euclid(period) * period, 0).unwrap_or(at)
}
