//! Queues that mappings read: what waits in them, and for how long.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};

use super::Task;
use super::memory::is_fresh;
use super::part::{Brake, Row, Tally};
use crate::aws::cloudwatch::Series;
use crate::domain::fleet::{News, PartName};
use crate::domain::mapping::Mapping;
use crate::domain::queue::Queue;
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::domain::usage::Span;

/// Queues that are asked at the same time.
const ABREAST: usize = 64;
/// Up to this many queues are read again by every sweep.
const FEW: usize = 50;
/// Of more queues, a sweep reads this part: those that were not read for longest, and new ones always. SQS counts
/// approximately and settles within about a minute, so there is no haste.
const ROUND: usize = 8;
/// How long the age of an oldest message is good for: asking costs money.
const AGE: TimeDelta = TimeDelta::minutes(15);
/// How far back to look for that age: CloudWatch's points come late.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(15);

impl Task<'_> {
    /// Reads the queues of these mappings.
    pub(super) async fn queues(&self, mappings: &[Mapping]) {
        let mut tally = Tally::new(PartName::Queues);
        let arns: BTreeSet<String> = mappings.iter().filter_map(Mapping::queue_arn).map(str::to_owned).collect();
        let due = self.due(&arns);
        let waiting = arns.iter().filter(|arn| !due.contains(*arn)).filter_map(|arn| self.known.queues.rows.get(arn));
        tally.rows.extend(waiting.cloned());
        let brake = Brake::default();
        let brake = &brake;
        let mut answers = stream::iter(due)
            .map(|arn| async move { self.queue_row(&arn, brake).await })
            .buffer_unordered(ABREAST)
            .ready_chunks(ABREAST);
        while let Some(chunk) = answers.next().await {
            let told: Vec<Queue> = chunk.into_iter().filter_map(|row| tally.take(row)).collect();
            if !told.is_empty() {
                self.tell(News::Queues(told)).await;
            }
        }
        self.ages(&mut tally.rows).await;
        let now = self.now();
        let at = arns.iter().filter_map(|arn| self.memory.queue_read(arn)).min().map_or(now, |oldest| oldest.min(now));
        tally.finish(self, |queue| queue.arn.as_str(), at).await;
    }

    /// The queues to read this time.
    fn due(&self, arns: &BTreeSet<String>) -> BTreeSet<String> {
        let read = |arn: &String| self.memory.queue_read(arn).filter(|_| self.known.queues.rows.contains_key(arn));
        let (new, mut old): (Vec<&String>, Vec<&String>) = arns.iter().partition(|arn| read(arn).is_none());
        old.sort_by_key(|arn| read(arn));
        old.truncate(FEW.max(arns.len().div_ceil(ROUND)));
        new.into_iter().chain(old).cloned().collect()
    }

    async fn queue_row(&self, arn: &str, brake: &Brake) -> Row<Queue> {
        let known = self.known.queues.rows.get(arn);
        let fallback = || known.cloned().into_iter().collect();
        if brake.is_on() || self.news.is_closed() {
            return Row::Failed(fallback(), None);
        }
        match self.queue(arn).await {
            Ok(queue) => {
                // The age that is known stands until CloudWatch is asked again, but not for a queue that ran dry.
                let oldest = known.and_then(|known| known.oldest_seconds).filter(|_| queue.backlog() > 0);
                self.memory.keep_queue_read(arn, self.now());
                Row::Read(Queue { oldest_seconds: oldest, ..queue })
            }
            Err(trouble) => {
                brake.note(&trouble);
                let gone = trouble.kind == TroubleKind::NotFound;
                Row::Failed(if gone { Vec::new() } else { fallback() }, Some(trouble))
            }
        }
    }

    async fn queue(&self, arn: &str) -> Result<Queue, Trouble> {
        let url = match self.memory.queue_url(arn) {
            Some(url) => url,
            None => {
                let url = self.account.queue_url(arn).await?;
                self.memory.keep_queue_url(arn, &url);
                url
            }
        };
        self.account.queue(arn, &url).await
    }

    /// Asks for the age of the oldest message where something waits. That CloudWatch refuses is told with the activity.
    async fn ages(&self, queues: &mut [Queue]) {
        let now = self.now();
        let due: Vec<usize> = (0..queues.len()).filter(|&place| self.age_is_due(&queues[place], now)).collect();
        if due.is_empty() || self.news.is_closed() {
            return;
        }
        let series: Vec<Series> = due.iter().map(|&place| Series::oldest(&queues[place].arn)).collect();
        let span = Span { from: whole_minute(now - LOOK_BACK), to: whole_minute(now) };
        let Ok(answers) = self.account.metric_data(&series, span, 60).await else { return };
        let mut told = Vec::new();
        for (place, samples) in due.into_iter().zip(answers) {
            let Some(queue) = queues.get_mut(place) else { continue };
            self.memory.keep_age_asked(&queue.arn, now);
            queue.oldest_seconds = samples.last().map(|sample| sample.units.max(0.0) as u64);
            told.push(queue.clone());
        }
        self.tell(News::Queues(told)).await;
    }

    fn age_is_due(&self, queue: &Queue, now: DateTime<Utc>) -> bool {
        let newly = self.known.queues.rows.get(&queue.arn).is_none_or(|known| known.backlog() == 0);
        queue.backlog() > 0 && (newly || !is_fresh(self.memory.age_asked(&queue.arn), now, AGE))
    }
}

fn whole_minute(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().div_euclid(60) * 60, 0).unwrap_or(at)
}
