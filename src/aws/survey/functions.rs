//! Functions that schedules and mappings invoke: what they say about their models changes rarely.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use super::Task;
use super::memory::is_fresh;
use super::part::{Brake, Row, Tally};
use crate::domain::fleet::{News, PartName};
use crate::domain::function::{Function, unqualified};
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

/// The unqualified ARN of a function that may be given by its name, or by account and name, as Lambda's API allows: then
/// it lives where `beside` (the ARN of the schedule that names it) lives.
fn full_arn(function: &str, beside: &str) -> Option<String> {
    if function.starts_with("arn:") {
        return Some(unqualified(function));
    }
    let mut place = beside.split(':').skip(1);
    let (partition, _, region, account) = (place.next()?, place.next()?, place.next()?, place.next()?);
    let (account, name) = match function.split_once(":function:") {
        Some((account, name)) => (account, name),
        None => (account, function),
    };
    let name = name.split(':').next().filter(|name| !name.is_empty())?;
    Some(format!("arn:{partition}:lambda:{region}:{account}:function:{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_whatever_lambda_would_find_it_by() {
        let schedule = "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/morning";
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:startup";
        for given in [arn, &format!("{arn}:live"), "startup", "startup:live", "123456789012:function:startup"] {
            assert_eq!(full_arn(given, schedule).as_deref(), Some(arn), "{given}");
        }
        assert_eq!(full_arn("", schedule), None);
        assert_eq!(full_arn("startup", ""), None);
    }
}
