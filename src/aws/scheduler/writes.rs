//! Creating, replacing and deleting schedules.

use aws_sdk_scheduler::config::Builder as Config;
use aws_sdk_scheduler::operation::RequestId;
use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, ScheduleState,
    Target as AwsTarget,
};

use super::super::account::Account;
use super::super::convert::smithy;
use super::super::novelty::{self, Novelty};
use super::super::receipt::{Receipt, once, wrong_kind};
use super::{GET, whole};
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::trouble::{Trouble, TroubleKind};
use crate::operation::permit::Permit;

const CREATE: &str = "scheduler:CreateSchedule";
const UPDATE: &str = "scheduler:UpdateSchedule";
const DELETE: &str = "scheduler:DeleteSchedule";

/// Why a schedule or a rule was not replaced. Nothing was written, unless it is a trouble with the answer.
#[derive(Debug)]
pub enum Replacing {
    /// It is not any more what it was seen to be; what it is.
    Changed(Box<Schedule>),
    /// It does not exist any more.
    Gone,
    /// It has members, or words in them, that this version does not know and could not write back.
    Unknown(Vec<String>),
    /// A call went wrong.
    Trouble(Trouble),
}

impl From<Trouble> for Replacing {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Account {
    /// CreateSchedule with every field of `schedule`, which has one target, without templated parameters. `token` makes a
    /// repeated call the same call.
    ///
    /// # Errors
    /// When AWS refuses it or does not answer; a schedule of this name that exists already is a conflict.
    pub async fn create_schedule(&self, _: &Permit, schedule: &Schedule, token: &str) -> Result<Receipt, Trouble> {
        if let Some(trouble) = wrong_kind(CREATE, Kind::Schedule, schedule) {
            return Err(trouble);
        }
        let mistake = || self.about(Trouble::new(TroubleKind::Invalid, CREATE), Some(&schedule.arn));
        let target = schedule.targets.first().filter(|target| target.parameters.is_empty()).ok_or_else(mistake)?;
        let sent = self
            .scheduler()
            .create_schedule()
            .name(&schedule.name)
            .group_name(&schedule.group)
            .set_schedule_expression(schedule.expression.clone())
            .set_schedule_expression_timezone(schedule.zone.clone())
            .set_start_date(schedule.start.map(smithy))
            .set_end_date(schedule.end.map(smithy))
            .set_description(schedule.description.clone())
            .set_kms_key_arn(schedule.kms_key_arn.clone())
            .state(state(schedule))
            .flexible_time_window(window(schedule.flexible_minutes).ok_or_else(mistake)?)
            .action_after_completion(completion(schedule))
            .target(aws_target(target).ok_or_else(mistake)?)
            .client_token(token)
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        let answer = self.call(CREATE, Some(&schedule.arn), sent).await?;
        Ok(Receipt::of(answer.request_id()))
    }

    /// DeleteSchedule. One that does not exist any more is deleted.
    ///
    /// # Errors
    /// When AWS refuses it or does not answer; before anything is sent, when it is a rule.
    pub async fn delete_schedule(&self, _: &Permit, schedule: &Schedule, token: &str) -> Result<Receipt, Trouble> {
        if let Some(trouble) = wrong_kind(DELETE, Kind::Schedule, schedule) {
            return Err(trouble);
        }
        let sent = self
            .scheduler()
            .delete_schedule()
            .name(&schedule.name)
            .group_name(&schedule.group)
            .client_token(token)
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        match self.call(DELETE, Some(&schedule.arn), sent).await {
            Ok(answer) => Ok(Receipt::of(answer.request_id())),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Ok(Receipt { request_id: trouble.request_id }),
            Err(trouble) => Err(trouble),
        }
    }

    /// DeleteSchedule, if it is still `before` in every field. One that does not exist any more is deleted.
    ///
    /// # Errors
    /// When it was changed in between, or a call goes wrong.
    pub async fn delete_seen_schedule(
        &self,
        permit: &Permit,
        before: &Schedule,
        token: &str,
    ) -> Result<Receipt, Replacing> {
        if let Some(trouble) = wrong_kind(DELETE, Kind::Schedule, before) {
            return Err(trouble.into());
        }
        match self.raw_schedule(before).await {
            Ok((raw, _)) => {
                let now = whole(before, raw);
                if now != *before {
                    return Err(Replacing::Changed(Box::new(now)));
                }
            }
            Err(Replacing::Gone) => return Ok(Receipt::default()),
            Err(other) => return Err(other),
        }
        Ok(self.delete_schedule(permit, before, token).await?)
    }

    /// Replaces a schedule, which is what UpdateSchedule does: every member that is not sent goes back to its default.
    ///
    /// So it is read first, has to be `before` in every field, and is sent back as it was read, with the expression, zone,
    /// state, StartDate, EndDate, flexible window, description and input of `after`. Does not read back.
    ///
    /// # Errors
    /// When it was changed in between, has members that this version does not know, or a call goes wrong.
    pub async fn replace_schedule(
        &self,
        _: &Permit,
        before: &Schedule,
        after: &Schedule,
        token: &str,
    ) -> Result<Receipt, Replacing> {
        if let Some(trouble) = wrong_kind(UPDATE, Kind::Schedule, before) {
            return Err(trouble.into());
        }
        let (raw, unknown) = self.raw_schedule(before).await?;
        let mistake = || self.about(Trouble::new(TroubleKind::Invalid, UPDATE), Some(&before.arn));
        let now = whole(before, raw.clone());
        if now != *before {
            return Err(Replacing::Changed(Box::new(now)));
        }
        if !unknown.is_empty() {
            return Err(Replacing::Unknown(unknown));
        }
        if fixed(after) != fixed(before) {
            return Err(Replacing::Trouble(mistake()));
        }
        let input = after.targets.first().and_then(|target| target.input.clone());
        let mut target = raw.target.ok_or_else(mistake)?;
        target.input = input;
        let sent = self
            .scheduler()
            .update_schedule()
            .set_name(raw.name)
            .set_group_name(raw.group_name)
            .set_schedule_expression(after.expression.clone())
            .set_schedule_expression_timezone(after.zone.clone())
            // What was not changed goes back as AWS wrote it.
            .set_start_date(if after.start == before.start { raw.start_date } else { after.start.map(smithy) })
            .set_end_date(if after.end == before.end { raw.end_date } else { after.end.map(smithy) })
            .set_description(after.description.clone())
            .set_kms_key_arn(raw.kms_key_arn)
            .set_action_after_completion(raw.action_after_completion)
            .state(state(after))
            .flexible_time_window(window(after.flexible_minutes).ok_or_else(mistake)?)
            .target(target)
            .client_token(token)
            .customize()
            .config_override(Config::default().retry_config(once()))
            .send();
        match self.call(UPDATE, Some(&before.arn), sent).await {
            Ok(answer) => Ok(Receipt::of(answer.request_id())),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Err(Replacing::Gone),
            Err(trouble) => Err(Replacing::Trouble(trouble)),
        }
    }

    async fn raw_schedule(&self, listed: &Schedule) -> Result<(GetScheduleOutput, Vec<String>), Replacing> {
        let novelty = Novelty::beside(&novelty::SCHEDULE);
        let asked = self.scheduler().get_schedule().name(&listed.name).group_name(&listed.group);
        let sent = asked.customize().interceptor(novelty.clone()).send();
        match self.call(GET, Some(&listed.arn), sent).await {
            Ok(answer) => {
                let garbled = || self.about(Trouble::new(TroubleKind::Garbled, GET), Some(&listed.arn));
                Ok((answer, novelty.heard().ok_or_else(garbled)?))
            }
            Err(trouble) if trouble.kind == TroubleKind::NotFound => Err(Replacing::Gone),
            Err(trouble) => Err(Replacing::Trouble(trouble)),
        }
    }
}

/// A schedule without what an update may change.
fn fixed(schedule: &Schedule) -> Schedule {
    let mut fixed = Schedule {
        expression: None,
        zone: None,
        enabled: false,
        state: String::new(),
        start: None,
        end: None,
        flexible_minutes: None,
        description: None,
        modified: None,
        ..schedule.clone()
    };
    for target in &mut fixed.targets {
        target.input = None;
    }
    fixed
}

fn state(schedule: &Schedule) -> ScheduleState {
    if schedule.enabled { ScheduleState::Enabled } else { ScheduleState::Disabled }
}

fn completion(schedule: &Schedule) -> ActionAfterCompletion {
    if schedule.deletes_itself { ActionAfterCompletion::Delete } else { ActionAfterCompletion::None }
}

fn window(minutes: Option<u32>) -> Option<FlexibleTimeWindow> {
    let building = FlexibleTimeWindow::builder();
    match minutes {
        Some(minutes) => building
            .mode(FlexibleTimeWindowMode::Flexible)
            .maximum_window_in_minutes(i32::try_from(minutes).ok()?)
            .build()
            .ok(),
        None => building.mode(FlexibleTimeWindowMode::Off).build().ok(),
    }
}

fn aws_target(target: &Target) -> Option<AwsTarget> {
    let number = |number: Option<u32>| number.and_then(|number| i32::try_from(number).ok());
    let retry = (target.max_event_age_seconds.is_some() || target.max_retries.is_some()).then(|| {
        RetryPolicy::builder()
            .set_maximum_event_age_in_seconds(number(target.max_event_age_seconds))
            .set_maximum_retry_attempts(number(target.max_retries))
            .build()
    });
    AwsTarget::builder()
        .arn(&target.arn)
        .set_role_arn(target.role_arn.clone())
        .set_input(target.input.clone())
        .set_retry_policy(retry)
        .set_dead_letter_config(target.dead_letter_arn.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build()))
        .build()
        .ok()
}
