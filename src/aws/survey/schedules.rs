//! Schedules and rules: a list that does not tell it all, and a call for each row that needs one.

use futures_util::{Stream, StreamExt, stream};

use super::Task;
use super::part::{Brake, Row, Tally};
use crate::domain::fleet::{News, PartName};
use crate::domain::schedule::{Schedule, Target};
use crate::domain::trouble::Trouble;

/// GetSchedule calls under way at the same time. AWS allows 250 a second at the least.
const SCHEDULES_ABREAST: usize = 48;
/// ListTargetsByRule calls under way at the same time.
const RULES_ABREAST: usize = 8;
/// Rows that are told at once, if that many are ready.
const TOLD_AT_ONCE: usize = 100;

impl Task<'_> {
    /// Reads the schedules, and gives them; those known from before if the list failed.
    pub(super) async fn schedules(&self) -> Vec<Schedule> {
        let tally = Tally::new(PartName::Schedules);
        let brake = Brake::default();
        let brake = &brake;
        let rows = rows(self.account.schedules())
            .map(|listed| async move {
                match listed {
                    Ok(listed) => self.schedule(listed, brake).await,
                    Err(trouble) => Row::ListFailed(trouble),
                }
            })
            .buffer_unordered(SCHEDULES_ABREAST);
        let known = || self.known.schedules.rows.values().cloned().collect();
        self.gather(tally, rows, News::Schedules, known).await
    }

    /// Reads the rules, and gives them; those known from before if the list failed.
    pub(super) async fn rules(&self) -> Vec<Schedule> {
        let tally = Tally::new(PartName::Rules);
        let brake = Brake::default();
        let brake = &brake;
        let rows = rows(self.account.rules())
            .map(|listed| async move {
                match listed {
                    Ok(listed) => self.rule(listed, brake).await,
                    Err(trouble) => Row::ListFailed(trouble),
                }
            })
            .buffer_unordered(RULES_ABREAST);
        let known = || self.known.rules.rows.values().cloned().collect();
        self.gather(tally, rows, News::Rules, known).await
    }

    async fn gather(
        &self,
        mut tally: Tally<Schedule>,
        rows: impl Stream<Item = Row<Schedule>>,
        news: impl Fn(Vec<Schedule>) -> News,
        known: impl FnOnce() -> Vec<Schedule>,
    ) -> Vec<Schedule> {
        let mut chunks = std::pin::pin!(rows.ready_chunks(TOLD_AT_ONCE));
        while let Some(chunk) = chunks.next().await {
            let told: Vec<Schedule> = chunk.into_iter().filter_map(|row| tally.take(row)).collect();
            if !told.is_empty() {
                self.tell(news(told)).await;
            }
        }
        if tally.has_failed() {
            tally.rows = known();
        }
        tally.finish(self, |schedule| schedule.arn.as_str(), self.now()).await
    }

    async fn schedule(&self, listed: Schedule, brake: &Brake) -> Row<Schedule> {
        let known = self.known.schedules.rows.get(&listed.arn);
        if !listed.targets.iter().any(may_concern_us) {
            return Row::Read(listed);
        }
        if let Some(known) = known.filter(|known| is_unchanged(known, &listed)) {
            return Row::Read(known.clone());
        }
        // An old row is better than one that does not know its expression.
        let fallback = || vec![known.cloned().unwrap_or_else(|| listed.clone())];
        if brake.is_on() || self.news.is_closed() {
            return Row::Failed(fallback(), None);
        }
        match self.account.schedule(&listed).await {
            Ok(Some(schedule)) => Row::Read(schedule),
            Ok(None) => Row::Gone,
            Err(trouble) => {
                brake.note(&trouble);
                if known.is_none() {
                    self.tell(News::Schedules(fallback())).await;
                }
                Row::Failed(fallback(), Some(trouble))
            }
        }
    }

    async fn rule(&self, listed: Schedule, brake: &Brake) -> Row<Schedule> {
        let known = self.known.rules.rows.get(&listed.arn);
        let fallback = || {
            let targets = known.map(|known| known.targets.clone()).unwrap_or_default();
            Schedule { targets, ..listed.clone() }
        };
        if brake.is_on() || self.news.is_closed() {
            return Row::Failed(vec![fallback()], None);
        }
        match self.account.targets(&listed).await {
            Ok(Some(targets)) => Row::Read(Schedule { targets, ..listed }),
            Ok(None) => Row::Gone,
            Err(trouble) => {
                brake.note(&trouble);
                self.tell(News::Rules(vec![fallback()])).await;
                Row::Failed(vec![fallback()], Some(trouble))
            }
        }
    }
}

/// The rows of a list that comes in pages; the failure of a page is its last row.
fn rows<T: Send>(
    pages: impl Stream<Item = Result<Vec<T>, Trouble>> + Send,
) -> impl Stream<Item = Result<T, Trouble>> + Send {
    pages.flat_map(|page| match page {
        Ok(rows) => stream::iter(rows.into_iter().map(Ok).collect::<Vec<_>>()),
        Err(trouble) => stream::iter(vec![Err(trouble)]),
    })
}

/// Whether a target can have to do with models: a function, a state machine, or a call to Rekognition or Lambda.
fn may_concern_us(target: &Target) -> bool {
    match target.universal() {
        Some((service, _)) => matches!(service, "rekognition" | "lambda" | "sfn" | "states"),
        None => matches!(target.arn.split(':').nth(2), Some("lambda" | "states")),
    }
}

/// Whether a schedule that was read before is still as it was.
fn is_unchanged(known: &Schedule, listed: &Schedule) -> bool {
    known.expression.is_some() && known.modified.is_some() && known.modified == listed.modified
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_that_cannot_start_a_model_are_left_alone() {
        let concerns = |arn: &str| may_concern_us(&Target { arn: arn.into(), ..Target::default() });
        for arn in [
            "arn:aws:lambda:eu-central-1:123456789012:function:startup:live",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:nightly",
            "arn:aws:scheduler:::aws-sdk:rekognition:startProjectVersion",
            "arn:aws:scheduler:::aws-sdk:lambda:updateEventSourceMapping",
            "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
        ] {
            assert!(concerns(arn), "{arn}");
        }
        for arn in ["arn:aws:sqs:eu-central-1:123456789012:q", "arn:aws:scheduler:::aws-sdk:ec2:startInstances"] {
            assert!(!concerns(arn), "{arn}");
        }
    }
}
