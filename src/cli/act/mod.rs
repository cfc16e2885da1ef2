//! The commands that change something: plan, show, ask, carry out, tell.

mod args;
mod deploy;
mod journal;
mod show;
mod talk;
mod week;

use std::io::{self, BufRead, IsTerminal, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use chrono_tz::Tz;
use tokio::sync::{Notify, oneshot};

pub use args::{Act, Manner, Start};
pub use deploy::{Deploy, Undeploy};
pub use journal::print as print_journal;
use talk::Talk;
pub use week::Window;

use super::Outcome;
use super::gather::Gathered;
use crate::aws::Account;
use crate::domain::cron::Expression;
use crate::domain::model::ModelArn;
use crate::domain::naming;
use crate::domain::operation::{Estimate, Operation, OperationId, Standing};
use crate::domain::plan::week::{Draft, Habits};
use crate::domain::plan::{self, Editing, Grade, Ground, Pausing, Plan, StackStep, Step, Unplannable};
use crate::operation::{Driver, Engine};

/// What a command works with.
pub struct Bench<'a> {
    /// The account.
    pub account: &'a Account,
    /// The engine of the session.
    pub engine: &'a Engine,
    /// The fleet as it was just read; nothing for commands that only look into the journal.
    pub gathered: Option<&'a Gathered>,
    /// The zone that times are said in.
    pub zone: Tz,
    /// Accounts that are production.
    pub production: &'a [String],
    /// Whether somebody sits before a terminal and can be asked.
    pub terminal: bool,
}

/// Carries a command out.
///
/// # Errors
/// What was asked for is no use, as a sentence: nothing was changed then.
pub async fn act(act: &Act, bench: &Bench<'_>, stop: impl Future<Output = ()>) -> Result<Outcome, String> {
    match act {
        Act::Journal { operation, last, json } => {
            print_journal(bench.engine.journal(), operation.as_deref(), *last, *json, bench.zone)
        }
        Act::Resume { operation, manner } => resume(operation.as_deref(), manner, bench, stop).await,
        Act::Abandon { operation, manner } => abandon(operation.as_deref(), manner, bench, std::pin::pin!(stop)).await,
        Act::Window(window) if window.shows() => show_week(window, bench),
        Act::Deploy(ask) => Box::pin(deploy::deploy(ask, bench, stop)).await,
        Act::Undeploy(ask) => Box::pin(deploy::undeploy(ask, bench, stop)).await,
        Act::Start(_)
        | Act::Stop { .. }
        | Act::Pause { .. }
        | Act::Unpause { .. }
        | Act::Window(_)
        | Act::Edit { .. }
        | Act::Migrate { .. }
        | Act::Undo { .. } => {
            let manner = manner_of(act);
            begin(plans(act, bench)?, manner, bench, stop).await
        }
    }
}

fn manner_of(act: &Act) -> &Manner {
    match act {
        Act::Start(start) => &start.manner,
        Act::Window(window) => &window.manner,
        Act::Deploy(ask) => ask.manner(),
        Act::Undeploy(ask) => &ask.manner,
        Act::Stop { manner, .. }
        | Act::Pause { manner, .. }
        | Act::Unpause { manner, .. }
        | Act::Resume { manner, .. }
        | Act::Abandon { manner, .. }
        | Act::Edit { manner, .. }
        | Act::Migrate { manner, .. }
        | Act::Undo { manner, .. } => manner,
        Act::Journal { .. } => &Manner::QUIET,
    }
}

impl Manner {
    const QUIET: Self = Self { yes: false, wait: true, no_wait: false, timeout: None, dry_run: false, json: false };
}

/// Plans, or why there is none.
type Plans = Vec<Result<Plan, Unplannable>>;

fn ground<'a>(bench: &Bench<'a>) -> Result<Ground<'a>, String> {
    let gathered = bench.gathered.ok_or("The account has not been read.")?;
    let Gathered { fleet, picture, wishes, now, .. } = gathered;
    let production = fleet.identity.as_ref().is_some_and(|identity| bench.production.contains(&identity.account));
    Ok(Ground { fleet, picture, wishes, now: *now, zone: bench.zone, production })
}

/// How long the starts of a model take, by the journal.
fn habits(bench: &Bench<'_>, model: &ModelArn) -> Result<Habits, String> {
    let latest = bench.engine.journal().latest(LOOKED_AT).map_err(told)?;
    Ok(Habits::of(&Estimate::of(latest.iter().filter_map(|operation| operation.start_took(model)))))
}

fn show_week(window: &Window, bench: &Bench<'_>) -> Result<Outcome, String> {
    let ground = ground(bench)?;
    let model = model(bench, &window.model)?;
    let habits = habits(bench, &model)?;
    let draft = Draft::read(ground, &model, habits).map_err(told)?;
    let text = if window.manner.json {
        format!("{:#}", week::week_json(ground, &model, &draft, habits))
    } else {
        week::lines(ground, &model, &draft, habits).join("\n")
    };
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(told(error)),
        _ => Ok(Outcome::Whole),
    }
}

fn plans(act: &Act, bench: &Bench<'_>) -> Result<Plans, String> {
    let ground = ground(bench)?;
    match act {
        Act::Start(start) => {
            let model = model(bench, &start.model)?;
            let asked = start.asked(ground, &model)?;
            Ok(vec![plan::start(ground, &model, &asked)])
        }
        Act::Stop { model: said, .. } => Ok(vec![plan::stop(ground, &model(bench, said)?)]),
        Act::Pause { schedules, until, .. } => {
            let together = named(bench, schedules)?;
            let pause = |arn: &String| {
                let zone = ground.fleet.schedule(arn).map_or(bench.zone, |schedule| schedule.tz());
                let until = until.as_deref().map(|until| args::time(until, ground.now, zone)).transpose()?;
                Ok(plan::pause(ground, arn, &Pausing { until, together: together.clone() }))
            };
            together.iter().map(pause).collect()
        }
        Act::Unpause { schedules, .. } => {
            let latest = bench.engine.journal().latest(LOOKED_AT).map_err(told)?;
            let resume = |arn: &String| plan::resume(ground, arn, former_start(&latest, arn));
            Ok(named(bench, schedules)?.iter().map(resume).collect())
        }
        Act::Window(window) => {
            let model = model(bench, &window.model)?;
            let habits = habits(bench, &model)?;
            let draft = match Draft::read(ground, &model, habits) {
                Ok(draft) => window.asked(draft, ground)?,
                Err(why) => return Ok(vec![Err(why)]),
            };
            Ok(vec![plan::week::save(ground, &model, &draft, habits)])
        }
        Act::Edit { schedule, expression, zone_wanted: zone, .. } => {
            let arns = named(bench, std::slice::from_ref(schedule))?;
            if expression.is_none() && zone.is_none() {
                return Err("Say what to change: --expression, --zone, or both.".into());
            }
            let ask = Editing { expression: expression.clone(), zone: *zone };
            // What is no expression is a mistake of the command, not of the account.
            if let Some(Err(wrong)) = expression.as_deref().map(|text| text.trim().parse::<Expression>()) {
                return Err(wrong.to_string());
            }
            Ok(arns.iter().map(|arn| plan::edit(ground, arn, &ask)).collect())
        }
        Act::Migrate { rule, zone_wanted: zone, .. } => {
            let arns = named(bench, std::slice::from_ref(rule))?;
            Ok(arns.iter().map(|arn| plan::migrate(ground, arn, *zone)).collect())
        }
        Act::Undo { operation, .. } => {
            let id = OperationId(operation.clone());
            let found = bench.engine.journal().read(&id).map_err(told)?;
            let found = found.ok_or_else(|| format!("The journal has no operation {id}. See 'rekotui journal'."))?;
            Ok(vec![plan::put_back(ground, &found)])
        }
        Act::Resume { .. } | Act::Abandon { .. } | Act::Journal { .. } | Act::Deploy(_) | Act::Undeploy(_) => {
            Ok(Vec::new())
        }
    }
}

/// How far back the journal is looked through.
const LOOKED_AT: usize = 500;

/// The StartDate that a schedule had before it was paused until a date.
fn former_start(latest: &[Operation], arn: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let mut paused = latest.iter().filter(|operation| operation.plan.intent.arn() == arn);
    paused.find_map(Operation::paused_from)?.0
}

fn model(bench: &Bench<'_>, said: &str) -> Result<ModelArn, String> {
    let fleet = &bench.gathered.ok_or("The account has not been read.")?.fleet;
    naming::model(fleet, said).map_err(told)
}

fn named(bench: &Bench<'_>, said: &[String]) -> Result<Vec<String>, String> {
    let fleet = &bench.gathered.ok_or("The account has not been read.")?.fleet;
    let mut arns = Vec::new();
    for said in said {
        let arn = naming::schedule(fleet, said).map_err(told)?;
        if !arns.contains(&arn) {
            arns.push(arn);
        }
    }
    Ok(arns)
}

fn unfinished(bench: &Bench<'_>, said: Option<&str>) -> Result<OperationId, String> {
    if let Some(said) = said {
        return Ok(OperationId(said.to_owned()));
    }
    let all = bench.engine.journal().unfinished().map_err(told)?;
    match all.as_slice() {
        [] => Err("Nothing is unfinished.".into()),
        [one] => Ok(one.id.clone()),
        several => {
            let lines = several.iter().map(|one| format!("{} ({})", one.id, one.plan.title()));
            Err(format!("Several operations are unfinished; say which: {}.", lines.collect::<Vec<_>>().join(", ")))
        }
    }
}

async fn begin(
    plans: Plans,
    manner: &Manner,
    bench: &Bench<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, String> {
    let talk = Talk::new(manner.json, bench.terminal, bench.engine.clock().clone());
    // One of several that cannot be planned is a reason to do none of them.
    if let Some(why) = plans.iter().filter_map(|plan| plan.as_ref().err()).find(|why| !why.is_already()) {
        return Ok(refused(&talk, &why.to_string()));
    }
    let (plans, already): (Vec<_>, Vec<_>) = plans.into_iter().partition(Result::is_ok);
    already.iter().filter_map(|plan| plan.as_ref().err()).for_each(|why| talk.already(&why.to_string()));
    let plans: Vec<Plan> = plans.into_iter().flatten().collect();
    if plans.is_empty() {
        return Ok(Outcome::Whole);
    }
    for plan in &plans {
        talk.plan(plan);
    }
    if manner.dry_run {
        talk.planned();
        return Ok(Outcome::Whole);
    }
    let mut stop = std::pin::pin!(stop);
    if let Some(outcome) = unconfirmed(&plans.iter().collect::<Vec<_>>(), manner, bench, &talk, stop.as_mut()).await? {
        return Ok(outcome);
    }
    if has_come(stop.as_mut()).await {
        return Ok(refused(&talk, "Nothing was changed."));
    }
    let mut outcomes = Vec::new();
    let mut plans = plans.into_iter();
    for plan in plans.by_ref() {
        let outcome = match bench.engine.begin(plan).await {
            Err(refusal) => refused(&talk, &refusal.to_string()),
            Ok(driver) => carry(driver, manner, &talk, bench, stop.as_mut()).await,
        };
        outcomes.push(outcome);
        if outcome == Outcome::GoesOn {
            break;
        }
    }
    plans.for_each(|plan| talk.left_out(&plan));
    Ok(worst(&outcomes))
}

async fn resume(
    said: Option<&str>,
    manner: &Manner,
    bench: &Bench<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, String> {
    let id = unfinished(bench, said)?;
    let operation = bench.engine.journal().read(&id).map_err(told)?;
    let operation = operation.ok_or_else(|| format!("The journal has no operation {id}. See 'rekotui journal'."))?;
    let talk = Talk::new(manner.json, bench.terminal, bench.engine.clock().clone());
    let mut stop = std::pin::pin!(stop);
    if operation.is_unfinished() {
        show::left_lines(&operation).iter().for_each(|line| talk.say(line));
        if manner.dry_run {
            talk.planned();
            return Ok(Outcome::Whole);
        }
        if let Some(outcome) = unconfirmed(&[&operation.plan], manner, bench, &talk, stop.as_mut()).await? {
            return Ok(outcome);
        }
    }
    if has_come(stop.as_mut()).await {
        return Ok(refused(&talk, "Nothing was changed."));
    }
    match bench.engine.resume(&id).await {
        Ok(driver) => {
            let outcome = carry(driver, manner, &talk, bench, stop).await;
            if outcome == Outcome::Whole {
                operation.plan.then().iter().for_each(|command| talk.say(&format!("After that comes: {command}")));
            }
            Ok(outcome)
        }
        Err(refusal) => Ok(refused(&talk, &refusal.to_string())),
    }
}

/// Looks whether it has come already. From then on it is listened for, so that no signal ends the program without a word
/// once something was begun.
async fn has_come(mut stop: Pin<&mut impl Future<Output = ()>>) -> bool {
    std::future::poll_fn(|context| Poll::Ready(stop.as_mut().poll(context).is_ready())).await
}

/// Asks, unless that was not wanted; `Some`: the plans are not to be carried out.
async fn unconfirmed(
    plans: &[&Plan],
    manner: &Manner,
    bench: &Bench<'_>,
    talk: &Talk,
    stop: Pin<&mut impl Future<Output = ()>>,
) -> Result<Option<Outcome>, String> {
    if let Err(refusal) = bench.engine.may_write() {
        return Ok(Some(refused(talk, &refusal.to_string())));
    }
    if manner.yes {
        return Ok(None);
    }
    if !bench.terminal {
        return Ok(Some(refused(talk, NOBODY_TO_ASK)));
    }
    if confirmed(plans, stop).await.map_err(told)? { Ok(None) } else { Ok(Some(refused(talk, "Nothing was changed."))) }
}

const NOBODY_TO_ASK: &str = "Nothing was changed: there is no terminal to ask at. Give --yes to go on without asking.";

/// One outcome for several operations: partly, if some were done and others not.
fn worst(outcomes: &[Outcome]) -> Outcome {
    match outcomes {
        [] => Outcome::Whole,
        [one] => *one,
        several if several.iter().all(|outcome| Some(outcome) == several.first()) => {
            several.first().copied().unwrap_or(Outcome::Whole)
        }
        several if several.contains(&Outcome::GoesOn) => Outcome::GoesOn,
        _ => Outcome::Partly,
    }
}

/// Carries an operation out, until it ends, rests, or the operator does not want to wait any longer.
async fn carry(
    driver: Driver,
    manner: &Manner,
    talk: &Talk,
    bench: &Bench<'_>,
    stop: Pin<&mut impl Future<Output = ()>>,
) -> Outcome {
    // An estimate that cannot be made is no reason to stay.
    talk.begins(driver.operation(), &bench.engine.journal().latest(LOOKED_AT).unwrap_or_default());
    let latest = Arc::new(Mutex::new(driver.operation().clone()));
    let only_waits = Arc::new(Notify::new());
    let (seen, waits, no_wait) = (latest.clone(), only_waits.clone(), manner.no_wait);
    let tell = |operation: &Operation| {
        talk.moved(operation);
        if no_wait && is_waiting(operation) {
            waits.notify_one();
        }
        seen.lock().unwrap_or_else(PoisonError::into_inner).clone_from(operation);
    };
    let clock = bench.engine.clock();
    let late = async {
        match manner.timeout {
            Some(timeout) => tokio::time::sleep(clock.real_duration(timeout)).await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        // First what has ended: whoever interrupts it at that moment has come too late.
        biased;
        ended = driver.carry(tell) => Some(ended),
        () = only_waits.notified() => None,
        () = late => None,
        () = stop => None,
    };
    let operation = ended.unwrap_or_else(|| latest.lock().unwrap_or_else(PoisonError::into_inner).clone());
    talk.ended(&operation);
    match operation.standing {
        Standing::Done => Outcome::Whole,
        Standing::Refused(_) => Outcome::Refused,
        Standing::Failed(_) | Standing::Abandoned(_) => Outcome::Failed,
        Standing::Unfinished => Outcome::GoesOn,
    }
}

fn is_waiting(operation: &Operation) -> bool {
    operation.current().is_some_and(|(_, step, record)| {
        !record.words.is_empty()
            && matches!(
                step,
                Step::AwaitRunning { .. }
                    | Step::AwaitEnabled { .. }
                    | Step::AwaitDisabled { .. }
                    | Step::AwaitStopped { .. }
                    | Step::Drain { .. }
                    | Step::Hold { .. }
                    | Step::Stack(StackStep::Await { .. } | StackStep::AwaitDeleted { .. })
            )
    })
}

async fn abandon(
    said: Option<&str>,
    manner: &Manner,
    bench: &Bench<'_>,
    stop: Pin<&mut impl Future<Output = ()>>,
) -> Result<Outcome, String> {
    let id = unfinished(bench, said)?;
    let talk = Talk::new(manner.json, bench.terminal, bench.engine.clock().clone());
    if let Some(operation) = bench.engine.journal().read(&id).map_err(told)? {
        talk.say(&format!("The {}, asked for {}.", operation.plan.title(), operation.asked.to_rfc3339()));
        talk.say(&operation.left_behind());
    }
    if manner.dry_run {
        talk.planned();
        return Ok(Outcome::Whole);
    }
    if !manner.yes {
        if !bench.terminal {
            return Ok(refused(&talk, NOBODY_TO_ASK));
        }
        let question = "Give it up? What it has done stays done. Type y to give it up: ";
        if !asked(question, "y", stop).await.map_err(told)? {
            return Ok(refused(&talk, "It is still unfinished."));
        }
    }
    match bench.engine.abandon(&id).await {
        Ok(operation) => {
            talk.ended(&operation);
            Ok(Outcome::Whole)
        }
        Err(refusal) => Ok(refused(&talk, &refusal.to_string())),
    }
}

/// Asks: a key for what can be changed back, the name for what may cost money or lose work.
async fn confirmed(plans: &[&Plan], stop: Pin<&mut impl Future<Output = ()>>) -> io::Result<bool> {
    let danger = plans.len() > 1 || plans.iter().any(|plan| plan.grade == Grade::Danger);
    match plans {
        [plan] if danger => asked(&format!("Type {} to go on: ", plan.name()), plan.name(), stop).await,
        plans if danger => {
            let word = plans.len().to_string();
            asked(&format!("Type {word} to do this to all {word}: "), &word, stop).await
        }
        _ => asked("Type y to go on: ", "y", stop).await,
    }
}

async fn asked(question: &str, wanted: &str, stop: Pin<&mut impl Future<Output = ()>>) -> io::Result<bool> {
    forget_typed();
    write!(io::stderr(), "{question}")?;
    io::stderr().flush()?;
    let (sender, answer) = oneshot::channel();
    // A thread of its own, since nothing ends a read of a terminal; the program does not wait for it.
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer).map(|_| answer);
        // Nobody listens any more after Ctrl-C.
        let _ = sender.send(read);
    });
    tokio::select! {
        biased;
        () = stop => {
            writeln!(io::stderr())?;
            Ok(false)
        }
        answer = answer => match answer {
            Ok(answer) => Ok(answer?.trim() == wanted),
            Err(_) => Ok(false),
        },
    }
}

/// What was typed before a question was seen is no answer to it.
fn forget_typed() {
    #[cfg(unix)]
    if io::stdin().is_terminal() {
        use rustix::termios::{QueueSelector, tcflush};
        // Where that is not possible the answer is read as it comes.
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    }
}

fn refused(talk: &Talk, why: &str) -> Outcome {
    talk.refused(why);
    Outcome::Refused
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
