//! One operation being carried out: look, decide, write down, try, look again.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::engine::Inner;
use super::watch::{LITTLE_PATIENCE, Means, PATIENCE, pause};
use crate::aws::{Receipt, Replacing};
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::operation::{Operation, Standing, StepStanding};
use crate::domain::plan::{Decision, Guard, Intent, Observed, Seen, SeenNow, Step, as_kept};
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::trouble::{Trouble, TroubleKind};

/// What the operator wants of an operation that is going on.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    /// How often "go on without waiting longer" was said.
    pub(super) go_on: u32,
    /// It is not to be carried on; why.
    pub(super) let_go: Option<String>,
}

/// How a step, or the whole, came to its end for now.
enum Ended {
    /// The goal is reached.
    Done,
    /// It cannot be reached.
    Failed(String),
    /// It rests and can be resumed.
    Rests(String),
    /// The operator gave it up.
    LetGo(String),
}

/// What became of a call that changes something.
enum Tried {
    Accepted(Receipt),
    Trouble(Trouble),
    Failed(String),
}

pub(super) struct Run<'a> {
    pub(super) engine: &'a Inner,
    pub(super) operation: &'a mut Operation,
    pub(super) orders: &'a mut watch::Receiver<Orders>,
    pub(super) tell: &'a (dyn Fn(&Operation) + Send + Sync),
}

impl Run<'_> {
    pub(super) async fn go(&mut self) {
        let ended = self.all().await;
        let now = self.engine.now();
        match ended {
            Ended::Done => self.operation.standing = Standing::Done,
            Ended::Rests(why) => self.operation.rests = Some(why),
            Ended::LetGo(why) => {
                self.operation.standing = Standing::Abandoned(format!("{why} {}", self.operation.left_behind()));
            }
            Ended::Failed(why) if self.operation.has_written() => {
                let left = self.operation.left_behind();
                self.operation.standing = Standing::Failed(format!("{why} {left}"));
            }
            Ended::Failed(why) => self.operation.standing = Standing::Refused(format!("{why} Nothing was changed.")),
        }
        if !self.operation.is_unfinished() {
            self.operation.ended = Some(now);
            for record in &mut self.operation.steps {
                if record.standing == StepStanding::Waiting {
                    record.standing = StepStanding::Skipped;
                }
            }
        }
        // What cannot be written down any more is found out again by whoever resumes it.
        if let Err(error) = self.engine.journal.write(self.operation)
            && self.operation.rests.is_none()
        {
            self.operation.rests = Some(error.to_string());
        }
        (self.tell)(self.operation);
    }

    async fn all(&mut self) -> Ended {
        (self.tell)(self.operation);
        if !self.operation.checked {
            match self.check().await {
                Ended::Done => {}
                other => return other,
            }
        }
        for at in 0..self.operation.plan.steps.len() {
            let Some(planned) = self.operation.plan.steps.get(at) else { break };
            let needless = match planned.guard {
                Guard::Always => false,
                Guard::IfUnarranged => self.operation.is_arranged(),
                Guard::IfFailed => true,
            };
            if needless {
                continue;
            }
            match self.step(at).await {
                Ended::Done => {}
                Ended::Failed(why) if self.may_go_on_without(at) => self.skip(at, &why),
                Ended::Failed(why) if self.is_drain(at) => self.go_on_undrained(at, &why),
                Ended::Failed(why) => return self.clean_up(why).await,
                other => return other,
            }
        }
        Ended::Done
    }

    /// Reads again what the operator saw. Nothing has been written yet.
    async fn check(&mut self) -> Ended {
        let mut changed = Vec::new();
        'seen: for at in 0..self.operation.plan.seen.len() {
            let Some(seen) = self.operation.plan.seen.get(at).cloned() else { break };
            let mut troubles = Troubles::default();
            let now = loop {
                if let Some(why) = self.let_go() {
                    return Ended::LetGo(why);
                }
                match self.look_again(&seen).await {
                    Ok(now) => break now,
                    // Who needs the model now does not wait for Scheduler to tell what will stop it.
                    Err(_) if self.is_emergency() && matches!(seen, Seen::Schedule(_)) => continue 'seen,
                    Err(trouble) => match troubles.add(&trouble, self.engine.now()) {
                        Ok(span) => self.wait(span).await,
                        Err(Ended::Rests(why)) => return Ended::Failed(why),
                        Err(ended) => return ended,
                    },
                }
            };
            if !self.operation.plan.intent.is_met_by(&now) {
                changed.extend(seen.changed(&now));
            }
        }
        if !changed.is_empty() {
            return Ended::Failed(format!("It has changed since you looked. {}", changed.join(" ")));
        }
        self.operation.checked = true;
        self.save()
    }

    async fn look_again(&self, seen: &Seen) -> Result<SeenNow, Trouble> {
        let account = &self.engine.account;
        Ok(match seen {
            Seen::Model { model, .. } => {
                self.model(model).await?.map_or(SeenNow::Gone, |model| SeenNow::Model(model.status))
            }
            Seen::Mapping { uuid, .. } => {
                account.mapping_now(uuid).await?.map_or(SeenNow::Gone, |mapping| SeenNow::Mapping(mapping.state))
            }
            Seen::Schedule(schedule) => {
                account.schedule_now(schedule).await?.map_or(SeenNow::Gone, |now| SeenNow::Schedule(Box::new(now)))
            }
        })
    }

    async fn step(&mut self, at: usize) -> Ended {
        let Some(step) = self.operation.plan.steps.get(at).map(|planned| planned.step.clone()) else {
            return Ended::Done;
        };
        let now = self.engine.now();
        let Some(record) = self.operation.steps.get_mut(at) else { return Ended::Done };
        if matches!(record.standing, StepStanding::Done | StepStanding::Skipped) {
            return Ended::Done;
        }
        record.began.get_or_insert(now);
        record.standing = StepStanding::Going;
        let drains = self.operation.of_steps().filter(|(step, _)| matches!(step, Step::Drain { .. }));
        let first_drain = drains.filter_map(|(_, record)| record.began).min();
        let asked_before = self.orders.borrow().go_on;
        let mut troubles = Troubles::of(&step);
        loop {
            if let Some(why) = self.let_go() {
                return Ended::LetGo(why);
            }
            let go_on = self.orders.borrow().go_on > asked_before;
            let decision = match self.look(&step).await {
                Ok(seen) => {
                    if troubles.tries > 0 {
                        troubles = Troubles { tries: troubles.tries, ..Troubles::of(&step) };
                    }
                    let now = self.engine.now();
                    let Some(record) = self.operation.steps.get_mut(at) else { return Ended::Done };
                    let mut situation = record.situation(now, go_on);
                    // Several queues are waited for as long as one.
                    situation.began =
                        first_drain.filter(|_| matches!(step, Step::Drain { .. })).unwrap_or(situation.began);
                    let decision = step.decide(&seen, &situation);
                    record.after = Some(seen);
                    decision
                }
                Err(trouble) => match troubles.add(&trouble, self.engine.now()) {
                    Ok(span) => Decision::Wait(span, again(&trouble)),
                    Err(ended) => return self.end(at, ended),
                },
            };
            let ended = match decision {
                Decision::Done(words) => {
                    if let Some(record) = self.operation.steps.get_mut(at) {
                        record.words = words;
                    }
                    return self.end(at, Ended::Done);
                }
                Decision::Wait(span, words) => {
                    self.say(at, words);
                    self.wait(span).await;
                    continue;
                }
                Decision::Leave(why) => Some(Ended::Rests(why)),
                Decision::Fail(why) => Some(Ended::Failed(why)),
                Decision::Write => self.attempt(at, &step, &mut troubles).await,
            };
            if let Some(ended) = ended {
                return self.end(at, ended);
            }
        }
    }

    /// Notes the try, tries, and notes what came of it. Nothing: look again.
    async fn attempt(&mut self, at: usize, step: &Step, troubles: &mut Troubles) -> Option<Ended> {
        if let Some(why) = self.objection(step).await {
            return Some(why);
        }
        let now = self.engine.now();
        let record = self.operation.steps.get_mut(at)?;
        if record.writes == 0 {
            record.before = record.after.clone();
        }
        record.writes += 1;
        record.wrote = Some(now);
        record.accepted = false;
        let seen = record.after.clone();
        if let Ended::Rests(why) = self.save() {
            return Some(Ended::Rests(why));
        }
        let token = format!("{}-{at}", self.operation.id);
        let tried = self.write(step, seen.as_ref(), &token).await;
        let record = self.operation.steps.get_mut(at)?;
        match tried {
            Tried::Accepted(receipt) => {
                record.accepted = true;
                record.request_ids.extend(receipt.request_id);
                match self.save() {
                    Ended::Done => None,
                    other => Some(other),
                }
            }
            Tried::Failed(why) => Some(Ended::Failed(why)),
            Tried::Trouble(trouble) => {
                record.request_ids.extend(trouble.request_id.clone());
                if trouble.kind == TroubleKind::LimitExceeded {
                    return Some(Ended::Failed(self.over_quota(step, &trouble).await));
                }
                match troubles.add(&trouble, self.engine.now()) {
                    Ok(span) => {
                        self.say(at, again(&trouble));
                        self.wait(span).await;
                        None
                    }
                    Err(ended) => Some(ended),
                }
            }
        }
    }

    /// What speaks against a call although the step itself would make it.
    async fn objection(&self, step: &Step) -> Option<Ended> {
        let Intent::Start { model, end, .. } = &self.operation.plan.intent else { return None };
        match step {
            Step::Arrange { .. } | Step::Start { .. } if end.is_some_and(|end| self.engine.now() >= end) => {
                Some(Ended::Failed("The time until which it was to run has passed: it is not started any more.".into()))
            }
            // Between RUNNING and here somebody may have stopped it, above all if we were away in between.
            Step::Enable { .. } => match self.model(model).await {
                Ok(Some(row)) if row.status == Status::Running => None,
                Ok(Some(row)) => Some(Ended::Failed(format!("The model is {} meanwhile.", row.status))),
                Ok(None) => Some(Ended::Failed("The model does not exist any more.".into())),
                // The next look meets the same trouble and deals with it.
                Err(_) => None,
            },
            _ => None,
        }
    }

    async fn over_quota(&self, step: &Step, trouble: &Trouble) -> String {
        let says = trouble.detail.as_deref().map(|detail| format!(" AWS says: {detail}")).unwrap_or_default();
        if !matches!(step, Step::Start { .. }) {
            return format!("An AWS quota is used up.{says}");
        }
        let running = match self.engine.account.running_models().await {
            Ok(models) if models.is_empty() => {
                "No other model is on, so it is the quota of inference units.".to_owned()
            }
            Ok(models) => {
                let names: Vec<String> = models.iter().map(Model::name).collect();
                format!("These are on: {}. Stop one of them, or ask AWS for a higher quota.", names.join(", "))
            }
            Err(_) => "Stop another model, or ask AWS for a higher quota.".to_owned(),
        };
        format!("A quota of running models or inference units is used up. {running}{says}")
    }

    async fn model(&self, arn: &ModelArn) -> Result<Option<Model>, Trouble> {
        let account = &self.engine.account;
        let known = self.operation.plan.project_arn.as_deref();
        if let Some(project) = known.filter(|project| project.split('/').nth(1) == Some(arn.project())) {
            return account.model_now(arn, project).await;
        }
        // A plan that is about more than one model knows the project of one of them at most.
        match account.project_now(arn.project()).await? {
            Some(project) => account.model_now(arn, &project.arn).await,
            None => Ok(None),
        }
    }

    async fn look(&self, step: &Step) -> Result<Observed, Trouble> {
        let account = &self.engine.account;
        Ok(match step {
            Step::Start { model, .. }
            | Step::AwaitRunning { model }
            | Step::Stop { model }
            | Step::AwaitStopped { model } => self.model(model).await?.map_or(Observed::Gone, |model| {
                Observed::Model { status: model.status, message: model.status_message }
            }),
            Step::Enable { mapping }
            | Step::AwaitEnabled { mapping }
            | Step::Disable { mapping }
            | Step::AwaitDisabled { mapping } => account
                .mapping_now(mapping)
                .await?
                .map_or(Observed::Gone, |mapping| Observed::Mapping { state: mapping.state, reason: mapping.reason }),
            Step::Drain { queue } => match account.queue_now(queue).await {
                Ok(queue) => Observed::Queue { in_flight: queue.in_flight },
                Err(trouble) if trouble.kind == TroubleKind::NotFound => Observed::Gone,
                Err(trouble) => return Err(trouble),
            },
            Step::Hold { .. } | Step::AwaitQuiet { .. } => Observed::Time,
            Step::Create { schedule: one } | Step::Delete { schedule: one } => {
                schedule(account.schedule_now(one).await?, false)
            }
            Step::Arrange { stop, .. } => schedule(account.schedule_now(stop).await?, false),
            Step::Remove { stop, unless_on } => {
                let on = match unless_on {
                    Some(model) => self.model(model).await?.is_some_and(|model| model.status.is_on()),
                    None => false,
                };
                schedule(account.schedule_now(stop).await?, on)
            }
            Step::Replace { before, .. } => schedule(account.schedule_now(before).await?, false),
            Step::Switch { rule, .. } => schedule(account.schedule_now(rule).await?, false),
            Step::Stack(step) => super::stack::look(account, step, self.operation.asked).await?,
            Step::Notify { bucket, .. } => account
                .notifications(bucket, &self.operation.account)
                .await?
                .map_or(Observed::Gone, |notifications| Observed::Bucket { notifications: Box::new(notifications) }),
        })
    }

    async fn write(&self, step: &Step, seen: Option<&Observed>, token: &str) -> Tried {
        let account = &self.engine.account;
        let permit = match self.engine.permit() {
            Ok(permit) => permit,
            Err(refusal) => return Tried::Failed(refusal.to_string()),
        };
        let answer = match step {
            Step::Arrange { stop: schedule, .. } | Step::Create { schedule } => {
                account.create_schedule(&permit, schedule, token).await
            }
            Step::Start { model, min_units, max_units } => {
                account.start_model(&permit, model, *min_units, *max_units).await
            }
            Step::Stop { model } => account.stop_model(&permit, model).await,
            Step::Enable { mapping } => account.switch_mapping(&permit, mapping, true).await,
            Step::Disable { mapping } => account.switch_mapping(&permit, mapping, false).await,
            Step::Remove { stop, .. } => account.delete_schedule(&permit, stop, token).await,
            Step::Switch { rule, enabled } => account.switch_rule(&permit, rule, *enabled).await,
            Step::Stack(step) => match super::stack::write(account, &permit, step, token).await {
                Ok(answer) => answer,
                Err(why) => return Tried::Failed(why),
            },
            Step::Notify { bucket, queue, told, .. } => {
                let Some(Observed::Bucket { notifications }) = seen else {
                    return Tried::Failed("It was not read before it was to be changed.".into());
                };
                let wanted = if *told { notifications.with(queue) } else { notifications.without(queue) };
                account.set_notifications(&permit, bucket, &self.operation.account, &wanted).await
            }
            Step::Replace { .. } | Step::Delete { .. } => {
                let Some(Observed::Schedule { found: Some(found), .. }) = seen else {
                    return Tried::Failed("It was not read before it was to be changed.".into());
                };
                let answer = match step {
                    Step::Replace { after, .. } if after.kind == Kind::Rule => {
                        account.replace_rule(&permit, found, after).await
                    }
                    Step::Replace { after, .. } => {
                        account.replace_schedule(&permit, found, &as_kept(after, found), token).await
                    }
                    _ => account.delete_seen_schedule(&permit, found, token).await,
                };
                return replaced(answer, found);
            }
            Step::AwaitRunning { .. }
            | Step::AwaitEnabled { .. }
            | Step::AwaitDisabled { .. }
            | Step::AwaitStopped { .. }
            | Step::Hold { .. }
            | Step::AwaitQuiet { .. }
            | Step::Drain { .. } => return Tried::Failed("There is nothing to call in this step.".into()),
        };
        match answer {
            Ok(receipt) => Tried::Accepted(receipt),
            Err(trouble) => Tried::Trouble(trouble),
        }
    }

    fn may_go_on_without(&self, at: usize) -> bool {
        let step = self.operation.plan.steps.get(at).map(|planned| &planned.step);
        let expired = matches!(&self.operation.plan.intent,
            Intent::Start { end: Some(end), .. } if self.engine.now() >= *end);
        matches!(step, Some(Step::Arrange { optional: true, .. })) && !expired
    }

    fn is_drain(&self, at: usize) -> bool {
        matches!(self.operation.plan.steps.get(at).map(|planned| &planned.step), Some(Step::Drain { .. }))
    }

    /// The mapping is disabled already: to wait is kind to what is in flight, and no reason to let the model run on.
    fn go_on_undrained(&mut self, at: usize, why: &str) {
        if let Some(record) = self.operation.steps.get_mut(at) {
            record.standing = StepStanding::Skipped;
            record.words = format!("went on without knowing: {}", with_stop(why));
        }
        // A journal that cannot be written stops the next step.
        let _ = self.save();
    }

    fn skip(&mut self, at: usize, why: &str) {
        if let Some(record) = self.operation.steps.get_mut(at) {
            record.standing = StepStanding::Skipped;
            record.words = format!(
                "not arranged: {} NOBODY stops the model once rekotui is closed; while it is open, it does.",
                with_stop(why)
            );
        }
        // A journal that cannot be written stops the next step.
        let _ = self.save();
    }

    /// Takes back what would be left behind by a failure.
    async fn clean_up(&mut self, why: String) -> Ended {
        let mut why = with_stop(&why);
        for at in 0..self.operation.plan.steps.len() {
            let on_failure = self.operation.plan.steps.get(at).is_some_and(|planned| planned.guard == Guard::IfFailed);
            if !on_failure || !self.operation.has_written() {
                continue;
            }
            match Box::pin(self.step(at)).await {
                Ended::Done => {}
                Ended::Failed(also) | Ended::Rests(also) | Ended::LetGo(also) => {
                    why = format!("{why} What was arranged could not be taken back: {}", with_stop(&also));
                }
            }
        }
        Ended::Failed(why)
    }

    fn is_emergency(&self) -> bool {
        matches!(self.operation.plan.intent, Intent::Start { emergency: true, .. })
    }

    fn let_go(&self) -> Option<String> {
        self.orders.borrow().let_go.clone()
    }

    async fn wait(&mut self, span: TimeDelta) {
        let waiting = (self.engine.manner.wait)(span);
        tokio::select! {
            () = waiting => {}
            changed = self.orders.changed() => {
                // Whoever could give orders is gone: only time is left to wait for.
                if changed.is_err() {
                    (self.engine.manner.wait)(span).await;
                }
            }
        }
    }

    fn say(&mut self, at: usize, words: String) {
        if let Some(record) = self.operation.steps.get_mut(at) {
            record.words = words;
        }
        (self.tell)(self.operation);
    }

    fn end(&mut self, at: usize, ended: Ended) -> Ended {
        let now = self.engine.now();
        if let Some(record) = self.operation.steps.get_mut(at) {
            match &ended {
                Ended::Done => (record.standing, record.ended) = (StepStanding::Done, Some(now)),
                Ended::Failed(why) => {
                    (record.standing, record.ended) = (StepStanding::Failed, Some(now));
                    record.words.clone_from(why);
                }
                Ended::Rests(_) | Ended::LetGo(_) => {}
            }
        }
        match (self.save(), ended) {
            (Ended::Rests(why), Ended::Done) => Ended::Rests(why),
            (_, ended) => ended,
        }
    }

    /// Writes the operation down as it stands; `Rests` if that is not possible: then nothing more may be done.
    fn save(&mut self) -> Ended {
        (self.tell)(self.operation);
        match self.engine.journal.write(self.operation) {
            Ok(()) => Ended::Done,
            Err(error) => Ended::Rests(error.to_string()),
        }
    }
}

fn schedule(found: Option<Schedule>, on: bool) -> Observed {
    Observed::Schedule { found: found.map(Box::new), on }
}

fn replaced(answer: Result<Receipt, Replacing>, found: &Schedule) -> Tried {
    match answer {
        Ok(receipt) => Tried::Accepted(receipt),
        Err(Replacing::Trouble(trouble)) => Tried::Trouble(trouble),
        // The next look shows both sides.
        Err(Replacing::Changed(_) | Replacing::Gone) => {
            let action = if found.kind == Kind::Rule { "events:PutRule" } else { "scheduler:UpdateSchedule" };
            Tried::Trouble(Trouble::new(TroubleKind::Conflict, action))
        }
        Err(Replacing::Unknown(members)) => Tried::Failed(format!(
            "The schedule has fields that this version of rekotui does not know ({}): replacing it would lose them. Update \
             rekotui, or change it in the AWS console.",
            members.join(", ")
        )),
    }
}

fn again(trouble: &Trouble) -> String {
    format!("{} It is tried again.", trouble.sentence())
}

fn with_stop(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// The troubles in a row that a step has met.
#[derive(Debug, Default)]
struct Troubles {
    tries: u32,
    since: Option<DateTime<Utc>>,
    /// What cannot be done without is waited for longer than what can.
    dispensable: bool,
}

impl Troubles {
    fn of(step: &Step) -> Self {
        let dispensable = matches!(step, Step::Arrange { optional: true, .. } | Step::Drain { .. });
        Self { dispensable, ..Self::default() }
    }

    /// How long to wait before the next look, or how it ends.
    fn add(&mut self, trouble: &Trouble, now: DateTime<Utc>) -> Result<TimeDelta, Ended> {
        self.tries += 1;
        let since = *self.since.get_or_insert(now);
        match Means::of(trouble) {
            Means::Again if self.dispensable && now - since > LITTLE_PATIENCE => {
                Err(Ended::Failed(trouble.to_string()))
            }
            Means::Again if now - since <= PATIENCE => Ok(pause(self.tries)),
            Means::Again | Means::Rest => Err(Ended::Rests(trouble.to_string())),
            Means::Fail => {
                let says = match (&trouble.kind, &trouble.detail) {
                    (TroubleKind::Invalid | TroubleKind::Other(_), _) | (_, None) => String::new(),
                    (_, Some(detail)) => format!(" AWS says: {}", with_stop(detail)),
                };
                Err(Ended::Failed(format!("{trouble}{says}")))
            }
        }
    }
}
