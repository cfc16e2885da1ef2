//! `rekotui deploy` and `rekotui undeploy`: the scheduled side, into an account and out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};

use super::args::{Act, Manner};
use super::talk::Talk;
use super::week::Window;
use super::{Bench, begin, ground, model, plans, refused};
use crate::aws::Account;
use crate::cli::Outcome;
use crate::cli::gather::gather;
use crate::cli::text::{Table, clean};
use crate::domain::asked;
use crate::domain::deploy::{ChangeSet, Code, Part, Stack, Wanted, quoted};
use crate::domain::model::ModelArn;
use crate::domain::notification::{Source, queue_of};
use crate::domain::plan::{self, Site};
use crate::domain::week::Pattern;
use crate::operation::{Machine, digest, package};

/// What is to be deployed.
#[derive(Args, Clone, Debug)]
pub struct Deploy {
    /// Which part.
    #[command(subcommand)]
    pub what: What,
}

/// The parts that can be deployed.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// The functions that start and stop models, and what invokes them: once for an account and region
    Scheduler {
        /// What all parts have in common.
        #[command(flatten)]
        common: Common,
        /// The first model: an alarm watches how long it is in service, and with --set it gets its windows
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
        /// Its windows: 'Mon-Fri 09:00-17:00', 'office hours'
        #[arg(long, value_name = "WEEK", requires = "model")]
        set: Option<String>,
        /// The zone of its windows [default: the display zone]
        #[arg(long = "zone", value_name = "ZONE", requires = "set")]
        zone_wanted: Option<Tz>,
        /// How long before opening the start fires [default: 30m]
        #[arg(long, value_name = "LENGTH", value_parser = asked::length, requires = "set")]
        lead: Option<TimeDelta>,
    },
    /// The way of images to a model: bucket, queue, mapping, inference function; once for each model
    Pipeline {
        /// What all parts have in common.
        #[command(flatten)]
        common: Common,
        /// The model that looks at the images
        #[arg(long, value_name = "MODEL")]
        model: String,
        /// The bucket that images are uploaded to; it is created, unless it is there already
        #[arg(long, value_name = "BUCKET")]
        images: Option<String>,
        /// Where results go: beside (the image), s3://BUCKET/PREFIX, or the URL of a queue
        #[arg(long, value_name = "PLACE")]
        output: Option<String>,
        /// Leave labels out that the model is less sure of, in percent [default: the model's own thresholds]
        #[arg(long, value_name = "PERCENT")]
        min_confidence: Option<String>,
    },
}

/// What all parts are given.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The name of the stack [default: rekotui-scheduler, or rekotui-PROJECT-VERSION for a pipeline]
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The functions, as a zip or as the program itself, which is uploaded to --bucket; or where their zip is already:
    /// s3://BUCKET/KEY.zip
    #[arg(long, value_name = "FILE")]
    pub code: Option<String>,
    /// The bucket that the code is uploaded to
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// What the code was built for [default: what it says itself, or else its name]
    #[arg(long, value_name = "NAME")]
    pub architecture: Option<Architecture>,
    /// The ARN of an SNS topic that alarms tell
    #[arg(long, value_name = "ARN")]
    pub alarm_topic: Option<String>,
    /// Another parameter of the template: NAME=VALUE; several may be given
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub parameter: Vec<(String, String)>,
    /// Print the template and the same as commands of the AWS CLI, and do nothing
    #[arg(long, conflicts_with_all = ["yes", "dry_run"])]
    pub print: bool,
    /// How to go about it.
    #[command(flatten)]
    pub manner: Manner,
}

/// What Lambda runs the functions on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// Graviton: cheaper.
    Arm64,
    /// Intel and AMD.
    #[value(name = "x86_64")]
    X86,
}

impl Architecture {
    fn word(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }

    /// By the name of a file.
    fn of(file: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().any(|word| file.contains(word));
        match (has(&["arm64", "aarch64"]), has(&["x86_64", "x86-64", "amd64"])) {
            (true, false) => Some(Self::Arm64),
            (false, true) => Some(Self::X86),
            _ => None,
        }
    }
}

/// Which stack is taken out.
#[derive(Args, Clone, Debug)]
pub struct Undeploy {
    /// The name of the stack: rekotui-scheduler, or what it was called
    pub stack: String,
    /// How to go about it.
    #[command(flatten)]
    pub manner: Manner,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it looks like NAME=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl Deploy {
    fn common(&self) -> &Common {
        match &self.what {
            What::Scheduler { common, .. } | What::Pipeline { common, .. } => common,
        }
    }

    pub(super) fn manner(&self) -> &Manner {
        &self.common().manner
    }

    /// Whether the account's models have to be read first.
    pub(super) fn needs_fleet(&self) -> bool {
        match &self.what {
            What::Scheduler { model, .. } => model.is_some(),
            What::Pipeline { .. } => true,
        }
    }

    /// What is wanted, as far as the command says; with the path of the code's file, if it is to be uploaded.
    fn wanted(&self, bench: &Bench<'_>) -> Result<Wanted, String> {
        let common = self.common();
        let mut parameters: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |key: &str, value: String| parameters.insert(key.to_owned(), value);
        let (part, arn) = match &self.what {
            What::Scheduler { model: said, set: week, .. } => {
                // What is wrong with it is better said before anything is made.
                week.as_deref().map(|week| Pattern::parse(week, 0)).transpose()?;
                // The windows are schedules of our own, which can be edited without the stack.
                for key in ["StartExpression", "StopExpression"].into_iter().filter(|_| said.is_some()) {
                    set(key, String::new());
                }
                (Part::Scheduler, said.as_deref().map(|said| model(bench, said)).transpose()?)
            }
            What::Pipeline { model: said, images, output, min_confidence, .. } => {
                let given = [("BucketName", images), ("Output", output), ("MinConfidence", min_confidence)];
                for (key, value) in given {
                    value.clone().map(|value| set(key, value));
                }
                if let Some((key, value)) = output.as_deref().and_then(allowed) {
                    set(key, value);
                }
                (Part::Pipeline, Some(model(bench, said)?))
            }
        };
        arn.as_ref().map(|arn| set("ModelArn", arn.to_string()));
        common.alarm_topic.clone().map(|topic| set("AlarmTopic", topic));
        let code = match common.code.as_deref() {
            Some(said) => {
                let (place, machine) = place(said, common)?;
                let named = common.architecture.or_else(|| Architecture::of(said));
                if let (Some(named), Some(machine)) = (common.architecture, machine)
                    && named != machine
                {
                    return Err(format!(
                        "{said} is made for {}: on {} Lambda could not start it.",
                        machine.word(),
                        named.word()
                    ));
                }
                // Where nothing says it, it is that of the stack or of the template.
                machine.or(named).map(|architecture| set("Architecture", architecture.word().into()));
                set("Version", env!("CARGO_PKG_VERSION").into());
                set("CodeBucket", place.bucket.clone());
                set("CodeKey", place.key.clone());
                // What is there already has no file here.
                Some(place).filter(|place| !place.file.is_empty())
            }
            None => None,
        };
        parameters.extend(common.parameter.iter().cloned());
        let stack = common.stack.clone().unwrap_or_else(|| part.stack_name(arn.as_ref()));
        if let Some(fault) = part.fault_of_name(&stack) {
            return Err(fault);
        }
        Ok(Wanted { part, stack, parameters, code })
    }

    /// The windows that the first model is to get.
    fn window(&self) -> Option<Window> {
        match &self.what {
            What::Scheduler { model: Some(model), set: Some(set), zone_wanted, lead, common } => Some(Window {
                set: Some(set.clone()),
                zone_wanted: *zone_wanted,
                lead: *lead,
                ..switching(model.clone(), common.manner.clone())
            }),
            // The windows stay as they are; their schedules switch the new mapping too.
            What::Pipeline { model, common, .. } => Some(switching(model.clone(), common.manner.clone())),
            What::Scheduler { .. } => None,
        }
    }
}

/// The parameter of the template by which the function may write to that place.
fn allowed(output: &str) -> Option<(&'static str, String)> {
    if let Some(place) = output.strip_prefix("s3://") {
        return Some(("OutputBucket", place.split('/').next().unwrap_or_default().to_owned()));
    }
    // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
    let mut parts = output.strip_prefix("https://sqs.")?.split('/');
    let (host, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let region = host.split('.').next()?;
    Some(("OutputQueueArn", format!("arn:aws:sqs:{region}:{account}:{name}")))
}

/// Where the code is, and where it goes; and what it is made for, as far as it says so itself.
fn place(said: &str, common: &Common) -> Result<(Code, Option<Architecture>), String> {
    if let Some((bucket, key)) = said.strip_prefix("s3://").and_then(|place| place.split_once('/')) {
        let (bucket, key) = (bucket.into(), key.into());
        let there = Code { file: String::new(), digest: String::new(), bucket, key, bare: false };
        return Ok((there, None));
    }
    let bucket = common.bucket.clone().ok_or("Say which bucket the code is to be uploaded to: --bucket.")?;
    let bytes = std::fs::read(said).map_err(|error| {
        format!("{said} cannot be read: {error}. 'The functions' in the README says how to make it.")
    })?;
    // Named after its content: what Lambda runs never changes under a key, and CloudFormation sees that it is another one.
    let digest = digest(&bytes);
    let short: String = digest.chars().take(16).collect();
    let stem =
        Path::new(said).file_stem().map_or_else(|| "bootstrap".into(), |stem| stem.to_string_lossy().into_owned());
    let file = std::path::absolute(said).unwrap_or_else(|_| PathBuf::from(said)).display().to_string();
    let bare = bytes.starts_with(b"\x7fELF");
    let package = package(bytes).map_err(|why| format!("{said} {why} 'The functions' in the README says more."))?;
    let architecture = package.machine.map(|machine| match machine {
        Machine::Arm64 => Architecture::Arm64,
        Machine::X86 => Architecture::X86,
    });
    Ok((Code { file, digest, bucket, key: format!("rekotui/{stem}-{short}.zip"), bare }, architecture))
}

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

/// The bucket that told the queue of a stack until now, where another one is to do so from now on. One that cannot be looked
/// at any more is left as it is.
async fn former(wanted: &Wanted, stack: &Stack, account: &Account) -> Option<Source> {
    let (bucket, queue) = stack.bucket_and_queue()?;
    let other = wanted.parameters.get("BucketName").is_some_and(|wanted| *wanted != bucket);
    let owner = queue.split(':').nth(4).unwrap_or_default();
    let notifications = if other { account.notifications(&bucket, owner).await.ok()?? } else { return None };
    Some(Source { bucket, queue, notifications })
}

/// The UUID of a stack's own mapping, if that is on.
fn feeding<'a>(bench: &Bench<'_>, stack: &'a Stack) -> Option<&'a str> {
    let uuid = stack.outputs.get("Mapping")?;
    let mapping = bench.gathered?.fleet.mappings.rows.get(uuid)?;
    mapping.state.is_on().then_some(uuid.as_str())
}

/// What speaks against deploying into a stack that is there; `named` is whether it was named by whoever asks.
fn objection(wanted: &Wanted, existing: Option<&Stack>, named: bool) -> Option<String> {
    let name = &wanted.stack;
    let needs_code = !wanted.parameters.contains_key("CodeKey");
    let stands = existing.filter(|stack| !stack.is_empty());
    let images = wanted.parameters.contains_key("BucketName") || stands.is_some();
    if wanted.part == Part::Pipeline && !images {
        return Some("Say which bucket the images come into, whether it is there or to be created: --images.".into());
    }
    let Some(stack) = stands else {
        let why = "it is new, and its functions need their code: give --code FILE --bucket BUCKET";
        return needs_code
            .then(|| format!("The stack {name} cannot be made: {why}. 'The functions' in the README says more."));
    };
    if stack.is_busy() {
        return Some(format!(
            "The stack {name} is {}. Wait until CloudFormation has come to its end with it.",
            stack.status
        ));
    }
    if stack.is_ruin() {
        return Some(format!(
            "The stack {name} is {}: take it out first with 'rekotui undeploy {name}'.",
            stack.status
        ));
    }
    if stack.is_stuck() {
        return Some(format!(
            "The last change of the stack {name} has failed, and could not be put back either ({}). Correct what is in the \
             way, and have CloudFormation go on with putting it back: aws cloudformation continue-update-rollback \
             --stack-name {name}",
            stack.reason.as_deref().unwrap_or("CloudFormation does not say why")
        ));
    }
    if stack.part() != Some(wanted.part) {
        return Some(format!(
            "The stack {name} is there already and was not made from this template. Give this one another name with --stack."
        ));
    }
    let other =
        stack.model().filter(|model| wanted.parameters.get("ModelArn").is_some_and(|arn| model.as_str() != arn));
    if let Some(other) = other.filter(|_| wanted.part == Part::Pipeline && !named) {
        return Some(format!(
            "The stack {name} is there already, for {}. Give this one another name with --stack, or name that one if it is \
             to serve the other model from now on.",
            other.name()
        ));
    }
    None
}

/// The bucket for the images and the model that looks at them, unless the stack makes that bucket itself.
fn outside(wanted: &Wanted, existing: Option<&Stack>) -> Result<Option<(String, ModelArn)>, String> {
    let existing = existing.filter(|stack| !stack.is_empty());
    let before = |key: &str| existing.and_then(|stack| stack.parameters.get(key));
    let said = |key: &str| wanted.parameters.get(key).or_else(|| before(key)).cloned();
    let (Some(bucket), Some(model)) = (said("BucketName"), said("ModelArn")) else { return Ok(None) };
    let has_made = before("CreateBucket").is_some_and(|made| made == "true") && before("BucketName") == Some(&bucket);
    let makes = wanted.parameters.get("CreateBucket").map_or(has_made, |makes| makes == "true");
    if makes {
        return Ok(None);
    }
    let model = model.parse().map_err(|_| format!("ModelArn is not the ARN of a model: {model}"))?;
    Ok(Some((bucket, model)))
}

/// What that bucket tells now, if it is there; what is wanted says then that the stack is not to make it.
async fn source(
    wanted: &mut Wanted,
    (bucket, model): (String, ModelArn),
    account: &Account,
) -> Result<Option<Source>, String> {
    let there = account.notifications(&bucket, model.account()).await.map_err(|trouble| {
        format!("Whether the bucket {bucket} is there, and what it tells, could not be read. {trouble}")
    })?;
    // Where it was said that the bucket is there and it is not, the queue of a stack would be told by nobody.
    wanted.parameters.insert("CreateBucket".into(), there.is_none().to_string());
    Ok(there.map(|notifications| Source { queue: queue_of(&wanted.stack, &model), bucket, notifications }))
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

pub(super) async fn undeploy(
    ask: &Undeploy,
    bench: &Bench<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, String> {
    let talk = Talk::new(ask.manner.json, bench.terminal, bench.engine.clock().clone());
    let found = match bench.account.stack_named(&ask.stack).await {
        Ok(found) => found,
        Err(trouble) => return Ok(unread(&trouble.to_string())),
    };
    let Some(stack) = found.as_ref().filter(|stack| stack.part().is_some()) else {
        let known = known_stacks(bench.account).await;
        return Ok(refused(&talk, &format!("No stack of rekotui is called '{}'.{known}", ask.stack)));
    };
    let (resources, source) = match belongings(bench.account, stack).await {
        Ok(belongings) => belongings,
        Err(why) => return Ok(unread(&why)),
    };
    let plan = plan::undeploy(ground(bench)?, stack, &resources, source.as_ref());
    let naming = naming(bench, &resources);
    let then = naming.iter().map(|model| command(&switching(model.to_string(), ask.manner.clone()))).collect();
    let plan = plan.map(|plan| plan.followed_by(then));
    let mut stop = std::pin::pin!(stop);
    let going = begin(vec![plan], &ask.manner, bench, stop.as_mut());
    let mut outcome = following(bench, &talk, &stack.arn, going).await?;
    for model in naming {
        if outcome == Outcome::Whole && !ask.manner.dry_run {
            outcome = windows(switching(model.to_string(), ask.manner.clone()), bench, stop.as_mut()).await?;
        }
    }
    Ok(outcome)
}

/// The types and physical ids of the resources of a stack, and the bucket that tells its queue, whoever has made that.
async fn belongings(account: &Account, stack: &Stack) -> Result<(Vec<(String, String)>, Option<Source>), String> {
    let resources = account.stack_resources(&stack.arn).await.map_err(|trouble| trouble.to_string())?;
    let Some((bucket, queue)) = stack.bucket_and_queue() else { return Ok((resources, None)) };
    let owner = queue.split(':').nth(4).unwrap_or_default();
    let there = account.notifications(&bucket, owner).await.map_err(|trouble| {
        format!("What the bucket {bucket} tells could not be read, and it must not go on telling a queue that is gone. {trouble}")
    })?;
    let source = there.map(|notifications| Source { bucket, queue, notifications });
    Ok((resources, source))
}

/// Which stacks there are, for whoever has named none of them: all that may be seen.
async fn known_stacks(account: &Account) -> String {
    let Ok(stacks) = account.stacks().await else { return String::new() };
    let ours = stacks.iter().filter(|stack| stack.part().is_some());
    let names: Vec<&str> = ours.map(|stack| stack.name.as_str()).collect();
    if names.is_empty() { " There is none here.".into() } else { format!(" There are: {}.", names.join(", ")) }
}

/// Nothing is begun without having been read.
fn unread(why: &str) -> Outcome {
    // Whoever has closed standard error does not want to hear it.
    let _ = writeln!(io::stderr().lock(), "rekotui: {}", clean(why));
    Outcome::Nothing
}

/// The models whose schedules name a mapping of these resources, but do not go with them.
fn naming(bench: &Bench<'_>, resources: &[(String, String)]) -> BTreeSet<ModelArn> {
    let Some(gathered) = bench.gathered else { return BTreeSet::new() };
    let goes = |kind: &str, id: &str| resources.iter().any(|(known, own)| known == kind && own == id);
    let aims = gathered.picture.wiring.aims_by_schedule.values().flatten();
    let stays = aims.filter(|aim| {
        let group = gathered.fleet.schedule(&aim.schedule).map_or("", |schedule| schedule.group.as_str());
        !goes("AWS::Scheduler::ScheduleGroup", group)
            && aim.mappings.iter().any(|uuid| goes("AWS::Lambda::EventSourceMapping", uuid))
    });
    stays.filter_map(|aim| aim.model.clone()).collect()
}

/// The windows of a model as they are, with schedules that switch the mappings that there are.
fn switching(model: String, manner: Manner) -> Window {
    Window {
        model,
        show: false,
        set: None,
        zone_wanted: None,
        keep_instants: false,
        lead: None,
        take_mappings: true,
        skip: Vec::new(),
        unskip: Vec::new(),
        once: Vec::new(),
        drop_once: Vec::new(),
        manner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_architecture_stands_in_the_name() {
        for (file, known) in [
            ("target/lambda/bootstrap-arm64.zip", Some(Architecture::Arm64)),
            ("bootstrap-x86_64.zip", Some(Architecture::X86)),
            ("bootstrap.zip", None),
            ("arm64-or-x86_64.zip", None),
        ] {
            assert_eq!(Architecture::of(file), known, "{file}");
        }
    }

    #[test]
    fn only_a_stack_of_the_same_template_is_changed() {
        let wanted = |code: bool| Wanted {
            part: Part::Scheduler,
            stack: "rekotui-scheduler".into(),
            parameters: if code { [("CodeKey".to_owned(), "k".to_owned())].into() } else { BTreeMap::new() },
            code: None,
        };
        let stack = |status: &str, tag: &str| Stack {
            name: "rekotui-scheduler".into(),
            status: status.into(),
            tags: [("rekotui".to_owned(), tag.to_owned())].into(),
            ..Stack::default()
        };
        let said = |wanted: &Wanted, stack: Option<&Stack>| objection(wanted, stack, false).unwrap_or_default();
        assert_eq!(said(&wanted(true), None), "");
        assert!(said(&wanted(false), None).contains("--code FILE"));
        assert!(said(&wanted(false), Some(&stack("REVIEW_IN_PROGRESS", "scheduler"))).contains("--code FILE"));
        assert_eq!(said(&wanted(false), Some(&stack("UPDATE_COMPLETE", "scheduler"))), "");
        assert!(
            said(&wanted(true), Some(&stack("UPDATE_COMPLETE", "pipeline"))).contains("not made from this template")
        );
        assert!(said(&wanted(true), Some(&stack("ROLLBACK_COMPLETE", "scheduler"))).contains("undeploy"));
        let stuck = said(&wanted(true), Some(&stack("UPDATE_ROLLBACK_FAILED", "scheduler")));
        assert!(stuck.contains("continue-update-rollback") && !stuck.contains("undeploy"), "{stuck}");
        assert!(said(&wanted(true), Some(&stack("UPDATE_IN_PROGRESS", "scheduler"))).contains("Wait"));
    }
}
