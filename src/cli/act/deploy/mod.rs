//! `rekotui deploy` and `rekotui undeploy`: the scheduled side, into an account and out of it.

mod asked;
mod site;
mod undeploy;

use std::convert::Infallible;
use std::io::{self, Write};

use chrono::{DateTime, TimeDelta, Utc};

pub use asked::Deploy;
pub use undeploy::Undeploy;

pub(super) use undeploy::undeploy;

use super::args::Act;
use super::talk::Talk;
use super::week::Window;
use super::{Bench, begin, model, plans, refused};
use crate::aws::Account;
use crate::cli::Outcome;
use crate::cli::gather::gather;
use crate::cli::text::{Table, clean};
use crate::domain::deploy::{ChangeSet, Wanted, quoted};
use crate::domain::plan::{self, Site};

use site::{feeding, former, objection, outside, source};

pub(super) async fn deploy(ask: &Deploy, bench: &Bench<'_>, stop: impl Future<Output = ()>) -> Result<Outcome, String> {
    let mut wanted = ask.wanted(bench)?;
    let common = ask.common();
    if common.print {
        return print(wanted, ask.window().as_ref(), bench.account).await;
    }
    let talk = Talk::new(common.manner.json, bench.terminal, bench.engine.clock().clone());
    if let Err(refusal) = bench.engine.may_write() {
        return Ok(refused(&talk, &refusal.to_string()));
    }
    let existing = match bench.account.stack_named(&wanted.stack).await {
        Ok(existing) => existing,
        Err(trouble) => return Ok(unread(&trouble.to_string())),
    };
    if let Some(why) = objection(&wanted, existing.as_ref(), common.stack.is_some()) {
        return Ok(refused(&talk, &why));
    }
    let source = match outside(&wanted, existing.as_ref())? {
        None => None,
        Some(outside) => match source(&mut wanted, outside, bench.account).await {
            Ok(source) => source,
            Err(why) => return Ok(unread(&why)),
        },
    };
    talk.say(&format!("Asking CloudFormation what would change in the stack {} …", wanted.stack));
    let set = match bench.engine.propose(&wanted, existing.as_ref()).await {
        Ok(set) => set,
        Err(why) => return Ok(refused(&talk, &why)),
    };
    let mut stop = std::pin::pin!(stop);
    if set.changes.is_empty() {
        bench.engine.withdraw(&set).await?;
    }
    let former = match &existing {
        Some(stack) => former(&wanted, stack, bench.account).await,
        None => None,
    };
    let site = Site {
        former: former.as_ref(),
        existing: existing.as_ref(),
        source: source.as_ref(),
        feeding: existing.as_ref().and_then(|stack| feeding(bench, stack)),
        production: is_production(bench),
    };
    let outcome = match plan::deploy(&wanted, &set, site) {
        Err(why) if why.is_already() => {
            talk.already(&why.to_string());
            Outcome::Whole
        }
        Err(why) => {
            put_away(bench, &talk, &set, true, Outcome::Refused).await?;
            refused(&talk, &why.to_string())
        }
        Ok(plan) => {
            let plan = plan.followed_by(ask.window().iter().map(command).collect());
            let going = begin(vec![Ok(plan)], &common.manner, bench, stop.as_mut());
            let outcome = following(bench, &talk, &set.stack, going).await?;
            put_away(bench, &talk, &set, common.manner.dry_run, outcome).await?;
            outcome
        }
    };
    if outcome != Outcome::Whole || common.manner.dry_run {
        return Ok(outcome);
    }
    tell_outputs(bench.account, &talk, &set.stack, common.manner.json).await;
    match ask.window() {
        Some(window) => windows(window, bench, stop).await,
        None => Ok(outcome),
    }
}

fn is_production(bench: &Bench<'_>) -> bool {
    let identity = bench.gathered.and_then(|gathered| gathered.fleet.identity.as_ref());
    identity.is_some_and(|identity| bench.production.contains(&identity.account))
}

/// A change set that was not carried out is not left behind.
async fn put_away(bench: &Bench<'_>, talk: &Talk, set: &ChangeSet, dry: bool, outcome: Outcome) -> Result<(), String> {
    // One without a change was taken back at once, and one that was carried out is CloudFormation's own business.
    let unused = match outcome {
        _ if set.changes.is_empty() => false,
        Outcome::Refused => true,
        Outcome::Failed => {
            bench.account.execution(&set.arn).await.is_ok_and(|state| state.as_deref() == Some("AVAILABLE"))
        }
        _ => dry,
    };
    if !unused {
        return Ok(());
    }
    bench.engine.withdraw(set).await?;
    talk.say("The change set was taken back.");
    Ok(())
}

/// Tells what happens in a stack while something else goes on.
async fn following(
    bench: &Bench<'_>,
    talk: &Talk,
    stack: &str,
    going: impl Future<Output = Result<Outcome, String>>,
) -> Result<Outcome, String> {
    let since = bench.engine.clock().now() - TimeDelta::seconds(1);
    let mut told = Vec::new();
    let tell = async {
        loop {
            tokio::time::sleep(bench.engine.clock().real_duration(TimeDelta::seconds(3))).await;
            news(bench, talk, stack, since, &mut told).await;
        }
    };
    tokio::select! {
        biased;
        outcome = going => outcome,
        never = tell => {
            let never: Infallible = never;
            match never {}
        }
    }
}

/// Tells what is new in a stack since the last look. Where that cannot be read, the operation itself says so.
async fn news(bench: &Bench<'_>, talk: &Talk, stack: &str, since: DateTime<Utc>, told: &mut Vec<String>) {
    let events = bench.account.stack_events(stack, since).await.unwrap_or_default();
    for event in events.iter().rev().filter(|event| !told.contains(&event.id)).collect::<Vec<_>>() {
        talk.happened(event, bench.zone);
        told.push(event.id.clone());
    }
}

async fn tell_outputs(account: &Account, talk: &Talk, stack: &str, json: bool) {
    // What was made is there, whether its outputs can be read or not.
    let Ok(Some(stack)) = account.stack_now(stack).await else { return };
    if json || stack.outputs.is_empty() {
        return;
    }
    let mut table = Table::new(&["OUTPUT", "VALUE"]);
    for (key, value) in &stack.outputs {
        table.row([key.clone(), value.clone()]);
    }
    let mut text = Vec::new();
    if table.write(&mut text).is_ok() {
        String::from_utf8_lossy(&text).lines().for_each(|line| talk.say(line));
    }
}

/// Gives the model its windows, from what has just been made; or has those that it has switch what has just been made.
async fn windows(window: Window, bench: &Bench<'_>, stop: impl Future<Output = ()>) -> Result<Outcome, String> {
    let Some(before) = bench.gathered else { return Ok(Outcome::Whole) };
    let gathered = gather(bench.account, &before.wishes, bench.zone).await;
    let bench = Bench { gathered: Some(&gathered), ..*bench };
    let manner = window.manner.clone();
    if window.set.is_none() && gathered.picture.wiring.aims_of(&model(&bench, &window.model)?).is_empty() {
        return Ok(Outcome::Whole);
    }
    let then = command(&window);
    let outcome = begin(plans(&Act::Window(Box::new(window)), &bench)?, &manner, &bench, stop).await?;
    if outcome == Outcome::Refused {
        Talk::new(manner.json, bench.terminal, bench.engine.clock().clone()).say(&format!("Still to be done: {then}"));
    }
    Ok(outcome)
}

/// The windows of a model as a command.
fn command(window: &Window) -> String {
    let mut words = vec!["rekotui window".to_owned(), quoted(&window.model)];
    match &window.set {
        Some(set) => words.extend(["--set".into(), quoted(set)]),
        None => words.push("--take-mappings".into()),
    }
    words.extend(window.zone_wanted.map(|zone| format!("--zone {zone}")));
    words.extend(window.lead.map(|lead| format!("--lead {}m", lead.num_minutes())));
    words.join(" ")
}

async fn print(mut wanted: Wanted, window: Option<&Window>, account: &Account) -> Result<Outcome, String> {
    // Whoever may not look there may still want to see what it would be.
    let existing = account.stack_named(&wanted.stack).await.ok().flatten();
    let looked = match outside(&wanted, existing.as_ref())? {
        Some(outside) => source(&mut wanted, outside, account).await,
        None => Ok(None),
    };
    let file = format!("{}.yaml", wanted.part.word());
    let mut text = String::from("# The same with the AWS CLI, this text being in ");
    text.push_str(&format!("{file}:\n#\n"));
    for command in wanted.aws_commands(&file) {
        text.push_str(&format!("#   {}\n", clean(&command)));
    }
    match looked {
        Ok(Some(source)) if !source.notifications.reach(&source.queue) => {
            let command = plan::notify(&source, true).aws_command().unwrap_or_default();
            text.push_str(&format!("#   {}\n", clean(&command)));
        }
        Ok(_) => {}
        Err(why) => text.push_str(&format!("#\n# {}\n#\n", clean(&why))),
    }
    if let Some(window) = window {
        text.push_str(&format!("#   {}\n", clean(&command(window))));
    }
    text.push('\n');
    text.push_str(wanted.part.template());
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(Outcome::Whole),
    }
}

/// Nothing is begun without having been read.
fn unread(why: &str) -> Outcome {
    // Whoever has closed standard error does not want to hear it.
    let _ = writeln!(io::stderr().lock(), "rekotui: {}", clean(why));
    Outcome::Nothing
}
