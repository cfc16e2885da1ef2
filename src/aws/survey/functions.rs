//! Functions that schedules and mappings invoke: what they say about their models changes rarely.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use super::Task;
use super::memory::is_fresh;
use super::part::{Brake, Row, Tally};
use crate::domain::fleet::{News, PartName};
use crate::domain::function::{Function, full_arn};
use crate::domain::mapping::Mapping;
use crate::domain::schedule::{Schedule, Target};

/// Functions that are asked at the same time.
const ABREAST: usize = 8;
/// How long a function's configuration is good for.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(15);

impl Task<'_> {
    /// Reads the functions of these mappings and schedules: new ones at once, the others when they have grown old.
    pub(super) async fn functions(&self, mappings: &[Mapping], schedules: impl Iterator<Item = &Schedule>) {
        let mut tally = Tally::new(PartName::Functions);
        let of_mappings = mappings.iter().filter(|mapping| mapping.queue_arn().is_some());
        let mut arns: BTreeSet<String> =
            of_mappings.filter_map(|mapping| full_arn(&mapping.function_arn, "")).collect();
        for schedule in schedules {
            let functions = schedule.targets.iter().filter_map(Target::function);
            arns.extend(functions.filter_map(|function| full_arn(&function, &schedule.arn)));
        }
        let known = &self.known.functions;
        let now = self.now();
        let fresh = is_fresh(known.as_of, now, GOOD_FOR);
        let brake = Brake::default();
        let brake = &brake;
        let mut answers = stream::iter(arns)
            .map(|arn| async move { self.function(&arn, fresh, brake).await })
            .buffer_unordered(ABREAST)
            .ready_chunks(ABREAST);
        while let Some(chunk) = answers.next().await {
            let told: Vec<Function> = chunk.into_iter().filter_map(|row| tally.take(row)).collect();
            if !told.is_empty() {
                self.tell(News::Functions(told)).await;
            }
        }
        let at = known.as_of.filter(|_| fresh).unwrap_or(now);
        tally.finish(self, |function| function.arn.as_str(), at).await;
    }

    async fn function(&self, arn: &str, fresh: bool, brake: &Brake) -> Row<Function> {
        let known = self.known.functions.rows.get(arn);
        if let Some(function) = known.filter(|_| fresh) {
            return Row::Read(function.clone());
        }
        let fallback = || known.cloned().into_iter().collect();
        if brake.is_on() || self.news.is_closed() {
            return Row::Failed(fallback(), None);
        }
        match self.account.function(arn).await {
            // One that does not exist is missing from the rows, which is how findings see it.
            Ok(None) => Row::Gone,
            Ok(Some(function)) => Row::Read(function),
            Err(trouble) => {
                brake.note(&trouble);
                Row::Failed(fallback(), Some(trouble))
            }
        }
    }
}
