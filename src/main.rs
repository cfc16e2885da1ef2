//! The binary `rekotui`: arguments in, screen or command out. Here, and only here, a real or a simulated account is chosen.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::net::TcpListener;

use rekotui::aws::{Account, Connect};
use rekotui::cli::act::{Act, Bench};
use rekotui::cli::functions::{self, Functions, FunctionsArgs};
use rekotui::cli::report::Manner;
use rekotui::cli::savings::{self, Desk, ReportArgs, SavingsArgs};
use rekotui::cli::{self, Outcome, What};
use rekotui::clock::Clock;
use rekotui::config::{Config, Settings, ThemeName};
use rekotui::domain::trouble::{Trouble, together};
use rekotui::operation::{self, Engine};
use rekotui::sim::account::Sim;
use rekotui::sim::client::Simulated;
use rekotui::sim::runner::{Host, Real};
use rekotui::sim::scenarios;
use rekotui::sim::serve::serve;
use rekotui::store::{Journal, Session, Store, StoreError, UsageStore};
use rekotui::{app, run};

/// The terminal console for Rekognition Custom Labels models that run only when they are needed.
///
/// Without a command it opens the screen. AWS credentials and region come from the usual chain.
#[derive(Debug, Parser)]
#[command(name = "rekotui", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,

    /// Read the settings from this file [default: rekotui/config.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "REKOTUI_CONFIG")]
    config: Option<PathBuf>,

    /// Use an embedded simulated account: no AWS account, no network, no configuration
    #[arg(long, global = true)]
    demo: bool,

    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 everything was read, or done; 1 nothing could be read; 2 wrong usage; \
3 findings that warn (with --check); 4 a part could not be read, or done; 5 refused, nothing was changed; 6 failed; \
7 not at its end, 'rekotui resume' carries it on.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Models, their next events, and findings
    Status {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// End with exit code 3 if a finding warns
        #[arg(long)]
        check: bool,
    },
    /// Schedules and rules, in words, with their next fire
    Schedules {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Mappings, their queues and models
    Mappings {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// The functions that schedules and mappings use: their version, their errors, and a test of one
    Functions(FunctionsArgs),
    /// What will happen in the coming 24 hours
    Next {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// What was saved against running all the time, measured from CloudWatch
    Savings(SavingsArgs),
    /// Write a page about a month that can be handed on: figures, charts, assumptions and error bounds
    Report(ReportArgs),
    #[command(flatten)]
    Act(Act),
    /// Explain and check a schedule expression, offline
    Cron {
        /// cron(…), rate(…), at(…), or the fields of a cron expression alone
        expression: String,
        /// The zone of its times
        #[arg(long, default_value = "UTC")]
        zone: Tz,
        /// From when on to tell the next fires [default: now]
        #[arg(long, value_name = "RFC3339")]
        from: Option<DateTime<Utc>>,
        /// How many fires to tell, 10000 at most
        #[arg(long, default_value_t = 5, value_name = "N", value_parser = fires)]
        next: usize,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Serve a simulated account on loopback, for any AWS client (AWS_ENDPOINT_URL=http://127.0.0.1:PORT)
    Simulate {
        /// The port; 0 picks a free one
        #[arg(long, default_value_t = 4600)]
        port: u16,
        /// office, large, first or empty, or the path of a scenario file
        #[arg(long, default_value = "office")]
        scenario: String,
        /// How many times faster than the world its clock runs [default: the scenario's own]
        #[arg(long, value_name = "N")]
        speed: Option<f64>,
        /// Enforce the call rates of Rekognition (5 calls a second of each operation) and Lambda (15 in all), in real
        /// seconds whatever the speed, also where the scenario does not
        #[arg(long)]
        throttle: bool,
        /// Who runs functions whose code was uploaded: the account itself does what they would do; `uploaded` runs the zip's
        /// bootstrap on this machine, for whoever can reach the port; a URL has an emulator run them, such as `cargo lambda
        /// watch`
        #[arg(long, default_value = "simulated", value_name = "simulated|uploaded|URL", value_parser = run_by)]
        functions: RunBy,
    },
}

/// Who runs the functions of a simulated account whose code was uploaded.
#[derive(Clone, Debug)]
enum RunBy {
    Simulated,
    Uploaded,
    Emulator(String),
}

fn run_by(text: &str) -> Result<RunBy, String> {
    match text {
        "simulated" => Ok(RunBy::Simulated),
        "uploaded" => Ok(RunBy::Uploaded),
        url if url.starts_with("http://") => Ok(RunBy::Emulator(url.to_owned())),
        _ => Err("give 'simulated', 'uploaded', or the URL of an emulator: http://127.0.0.1:9000".to_owned()),
    }
}

/// How many fires can be asked for: as many as a week has of one each minute, which is more than anybody reads.
const MOST_FIRES: usize = 10_000;

fn fires(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count <= MOST_FIRES => Ok(count),
        Ok(_) => Err(format!("no more than {MOST_FIRES} fires can be told at once; tell the later ones with --from")),
        Err(_) => Err(format!("give a whole number from 0 to {MOST_FIRES}")),
    }
}

/// Reads the arguments. What works offline takes none of the settings: there they are not offered.
fn arguments() -> Arguments {
    let command = Arguments::command();
    let settings: Vec<_> = command.get_arguments().map(|setting| setting.clone().hide(true)).collect();
    let hide = |offline: clap::Command| {
        let own: Vec<_> = offline.get_arguments().map(|argument| argument.get_id().clone()).collect();
        offline.args(settings.iter().filter(|setting| !own.contains(setting.get_id())))
    };
    let command = command.mut_subcommand("cron", hide).mut_subcommand("simulate", hide);
    Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}

fn main() -> ExitCode {
    let arguments = arguments();
    match carry_out(arguments) {
        Ok(Ended::Command(outcome)) => ExitCode::from(outcome.code()),
        Ok(Ended::Screen(ended)) => ExitCode::from(ended.code()),
        Err(said) => {
            complain(&said);
            ExitCode::from(Outcome::Usage.code())
        }
    }
}

/// How the program ended, as its exit code tells.
enum Ended {
    Command(Outcome),
    Screen(run::Ended),
}

fn carry_out(arguments: Arguments) -> Result<Ended, String> {
    let Arguments { settings, config, demo, command } = arguments;
    match command {
        Some(Command::Cron { expression, zone, from, next, json }) => {
            let from = from.unwrap_or_else(|| Clock::real().now());
            let ask = cli::cron::Ask { expression, zone, from, count: next, json };
            let (text, outcome) = printed(|out| cli::cron::explain(&ask, out))?;
            tell(&text).map(|()| Ended::Command(outcome))
        }
        Some(Command::Simulate { port, scenario, speed, throttle, functions }) => {
            simulate(port, &scenario, speed, throttle, functions).map(Ended::Command)
        }
        command => {
            let config = Config::load(settings, config.as_deref()).map_err(|error| error.to_string())?;
            let place = Place::choose(&config, demo)?;
            match command {
                Some(Command::Act(act)) => change(&act, &config, place).map(Ended::Command),
                Some(command @ (Command::Savings(_) | Command::Report(_))) => {
                    count(&command, &config, place).map(Ended::Command)
                }
                Some(Command::Functions(args)) => functions(&args, &config, place).map(Ended::Command),
                Some(command) => report(&command, &config, place).map(Ended::Command),
                None if io::stdout().is_terminal() && io::stdin().is_terminal() => screen(config, place),
                None => {
                    complain("The screen needs a terminal; this is what 'rekotui status' prints.");
                    report(&Command::Status { json: false, check: false }, &config, place).map(Ended::Command)
                }
            }
        }
    }
}

/// Where the account is, and whose time holds there.
struct Place {
    connect: Connect,
    clock: Clock,
    demo: bool,
}

impl Place {
    fn choose(config: &Config, demo: bool) -> Result<Self, String> {
        if demo {
            let scenario = scenarios::named("office").map_err(|error| error.to_string())?;
            let clock = Clock::fast(scenario.scenario.start, scenario.scenario.speed);
            let sim = Sim::new(&scenario, clock.clone()).map_err(|error| error.to_string())?;
            let client = SharedHttpClient::new(Simulated::new(sim));
            let connect =
                Connect { region: Some(scenario.scenario.region), ..Connect::in_process(client, clock.clone()) };
            return Ok(Self { connect, clock, demo });
        }
        let clock = Clock::real();
        let connect = Connect {
            profile: config.profile.clone(),
            region: config.region.clone(),
            endpoint_url: config.endpoint_url.clone(),
            ..Connect::new(clock.clone())
        };
        Ok(Self { connect, clock, demo })
    }
}

fn report(command: &Command, config: &Config, place: Place) -> Result<Outcome, String> {
    let (what, json, check) = match *command {
        Command::Schedules { json } => (What::Schedules, json, false),
        Command::Mappings { json } => (What::Mappings, json, false),
        Command::Next { json } => (What::Next, json, false),
        Command::Status { json, check } => (What::Status, json, check),
        _ => (What::Status, false, false),
    };
    let demo = place.demo;
    let manner = Manner { json, check, zone: config.zone };
    let region = place.connect.region.clone();
    let clock = place.clock.clone();
    let runtime = runtime()?;
    let gathered = runtime.block_on(async {
        let account = Account::connect(place.connect).await?;
        let gathered = cli::gather::gather(&account, &config.wishes, config.zone).await;
        note_asked(&account, config, place.demo);
        Ok::<_, Trouble>(gathered)
    });
    // Name look-ups that hang would otherwise hold the exit for seconds.
    runtime.shutdown_background();
    // Without an account there is still a report: of what was not read, and why.
    let mut gathered = gathered.unwrap_or_else(|trouble| cli::gather::Gathered::nothing(trouble, region, clock.now()));
    if let (false, Ok((store, _))) = (demo, usage(config, demo)) {
        let journal = journal(config, demo).ok().map(|(journal, _)| journal);
        savings::add_findings(&mut gathered, &store, journal.as_ref(), config.zone);
    }
    let (text, outcome) = printed(|out| cli::print(what, &gathered, manner, out))?;
    tell(&text)?;
    if outcome == Outcome::Nothing {
        together(&gathered.troubles).iter().for_each(|(what, then)| complain(&format!("{what} {then}")));
    }
    Ok(outcome)
}

/// The functions, or the test of one.
fn functions(args: &FunctionsArgs, config: &Config, place: Place) -> Result<Outcome, String> {
    let runtime = runtime()?;
    let mut text = Vec::new();
    let ended = runtime.block_on(async {
        let account = match Account::connect(place.connect).await {
            Ok(account) => account,
            Err(trouble) => {
                complain(&trouble.to_string());
                return Ok(Outcome::Nothing);
            }
        };
        let mut gathered = cli::gather::gather(&account, &config.wishes, config.zone).await;
        let outcome = match &args.test {
            None => {
                let functions = Functions::of(&account, &mut gathered).await;
                functions.print(&gathered, args.json, config.zone, &mut text).map_err(told)
            }
            Some(name) => {
                let manner = operation::Manner::by(place.clock, config.read_only);
                // A test leaves nothing behind that would have to be carried on.
                let journal = Journal::in_memory().map_err(|error| error.to_string())?;
                let engine = Engine::new(account.clone(), journal, manner);
                functions::test(name, &gathered, &engine, args.json, &mut text).await
            }
        };
        note_asked(&account, config, place.demo);
        if outcome.as_ref().map_or(true, |outcome| *outcome == Outcome::Nothing) {
            together(&gathered.troubles).iter().for_each(|(what, then)| complain(&format!("{what} {then}")));
        }
        outcome
    });
    runtime.shutdown_background();
    tell(&text)?;
    ended
}

/// What a command has to say, and how it ended.
fn printed(print: impl FnOnce(&mut Vec<u8>) -> io::Result<Outcome>) -> Result<(Vec<u8>, Outcome), String> {
    let mut text = Vec::new();
    let outcome = print(&mut text).map_err(told)?;
    Ok((text, outcome))
}

/// A reader that has seen enough, such as `head`, may leave: that is nothing to complain about.
fn tell(text: &[u8]) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("Standard output cannot be written to: {error}."))
        }
        _ => Ok(()),
    }
}

/// A command that changes something: the account is read afresh, so that the plan is made on what is true.
fn change(act: &Act, config: &Config, place: Place) -> Result<Outcome, String> {
    let (journal, said) = journal(config, place.demo).map_err(|error| error.to_string())?;
    said.iter().for_each(|said| complain(said));
    if let Act::Journal { operation, last, json } = act {
        return cli::act::print_journal(&journal, operation.as_deref(), *last, *json, config.zone);
    }
    let terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let account = match Account::connect(place.connect).await {
            Ok(account) => account,
            Err(trouble) => {
                complain(&trouble.to_string());
                return Ok(Outcome::Nothing);
            }
        };
        let gathered = if act.needs_fleet() {
            let gathered = cli::gather::gather(&account, &config.wishes, config.zone).await;
            note_asked(&account, config, place.demo);
            Some(gathered)
        } else {
            None
        };
        if let Some(gathered) = gathered.as_ref().filter(|gathered| gathered.fleet.models.as_of.is_none()) {
            together(&gathered.troubles).iter().for_each(|(what, then)| complain(&format!("{what} {then}")));
            return Ok(Outcome::Nothing);
        }
        let manner = operation::Manner::by(place.clock, config.read_only);
        let engine = Engine::new(account.clone(), journal, manner);
        let bench = Bench {
            account: &account,
            engine: &engine,
            gathered: gathered.as_ref(),
            zone: config.zone,
            production: &config.production,
            terminal,
        };
        let acting: Pin<Box<dyn Future<Output = Result<Outcome, String>> + '_>> =
            Box::pin(cli::act::act(act, &bench, stop_signal()));
        let ended = acting.await;
        // What is not found may be there and not have been read.
        if ended.is_err() {
            let troubles = gathered.iter().flat_map(|gathered| &gathered.troubles);
            troubles.for_each(|trouble| complain(&trouble.to_string()));
        }
        ended
    });
    runtime.shutdown_background();
    outcome
}

/// What was saved: the account is read afresh, and CloudWatch is asked what is not known yet.
fn count(command: &Command, config: &Config, place: Place) -> Result<Outcome, String> {
    let (store, said) = usage(config, place.demo).map_err(|error| error.to_string())?;
    said.iter().for_each(|said| complain(said));
    if let Command::Savings(args) = command
        && args.calls
    {
        let text = savings::calls(&store, args.json)?;
        return tell(&text).map(|()| Outcome::Whole);
    }
    let (journal, said) = journal(config, place.demo).map_err(|error| error.to_string())?;
    said.iter().for_each(|said| complain(said));
    let desk =
        Desk { store, journal, wishes: config.wishes.clone(), zone: config.zone, week_start: config.week_start.day() };
    let runtime = runtime()?;
    let told = runtime.block_on(async {
        let account = match Account::connect(place.connect).await {
            Ok(account) => account,
            Err(trouble) => {
                complain(&trouble.to_string());
                return Ok(None);
            }
        };
        let told: Pin<Box<dyn Future<Output = Result<savings::Told, String>> + '_>> = match command {
            Command::Report(args) => Box::pin(savings::report(args, &account, &desk)),
            Command::Savings(args) => Box::pin(savings::savings(args, &account, &desk)),
            _ => return Ok(None),
        };
        told.await.map(Some)
    });
    runtime.shutdown_background();
    let Some(told) = told? else { return Ok(Outcome::Nothing) };
    told.said.iter().for_each(|said| complain(said));
    tell(&told.text)?;
    Ok(told.outcome)
}

/// Adds what CloudWatch was asked for to what it charges this workstation. A reading is worth more than that: where it
/// cannot be noted, `savings` will say so.
fn note_asked(account: &Account, config: &Config, demo: bool) {
    let asked = account.take_asked();
    if let (false, Ok((store, _))) = (demo, usage(config, demo)) {
        let _ = store.charge(account.clock().now().date_naive(), asked.metrics, asked.calls);
    }
}

/// What models ran, as far as it is known on this workstation.
fn usage(config: &Config, demo: bool) -> Result<(UsageStore, Option<String>), StoreError> {
    if demo {
        return Ok((UsageStore::in_memory()?, None));
    }
    let [_, _, endpoint] = config.session();
    UsageStore::open(&config.state_dir, &endpoint)
}

/// The journal; without one nothing can be changed.
fn journal(config: &Config, demo: bool) -> Result<(Journal, Option<String>), StoreError> {
    if demo {
        return Ok((Journal::in_memory()?, None));
    }
    let [_, _, endpoint] = config.session();
    Journal::open(&config.state_dir, &endpoint)
}

fn screen(config: Config, place: Place) -> Result<Ended, String> {
    let mut notices = Vec::new();
    let [profile, region, endpoint] = config.session();
    let session = Session::new(&profile, &region, &endpoint);
    let store = if place.demo { None } else { opened(&config, &mut notices) };
    let stored = store.as_ref().and_then(|store| store.load_fleet(&session).ok().flatten());
    let keep = store.map(|store| -> run::Keep {
        Box::new(move |fleet| store.save_fleet(&session, fleet).map_err(|error| error.to_string()))
    });
    let (journal, operations) = match journal(&config, place.demo) {
        Ok((journal, said)) => {
            notices.extend(said);
            let operations = journal.latest(run::SHOWN).unwrap_or_else(|error| {
                notices.push(error.to_string());
                Vec::new()
            });
            (Some(journal), operations)
        }
        Err(error) => {
            notices.push(error.to_string());
            (None, Vec::new())
        }
    };
    let usage = usage(&config, place.demo).map(|(usage, said)| {
        notices.extend(said);
        usage
    });
    let usage = usage.map_err(|error| notices.push(error.to_string())).ok();
    let known = |text: String| (!text.is_empty()).then_some(text);
    let region = place.connect.region.clone().or_else(|| known(region));
    let app = app::Setup {
        session: app::Session { profile: known(profile), region, endpoint: config.endpoint_url.clone() },
        demo: place.demo,
        read_only: config.read_only,
        journal: operations,
        zone: config.zone,
        wishes: config.wishes.clone(),
        week_start: Some(config.week_start.day()),
        production: config.production.clone(),
        interval: config.refresh,
        theme: match config.theme {
            ThemeName::Night => app::Theme::Night,
            ThemeName::Day => app::Theme::Day,
            ThemeName::Mono => app::Theme::Mono,
        },
        ascii: config.ascii,
        stored,
        notices,
        ..app::Setup::default()
    };
    let keys = config.keys().map_err(|error| error.to_string())?;
    let setup = run::Setup { app, connect: place.connect, clock: place.clock, keep, journal, usage, keys };
    run::run(setup).map(Ended::Screen).map_err(told)
}

/// The store; without one nothing is remembered, which is said and is no reason to stay closed.
fn opened(config: &Config, notices: &mut Vec<String>) -> Option<Store> {
    match Store::open(&config.state_dir) {
        Ok((store, said)) => {
            notices.extend(said);
            Some(store)
        }
        Err(error) => {
            notices.push(error.to_string());
            None
        }
    }
}

fn simulate(
    port: u16,
    scenario: &str,
    speed: Option<f64>,
    throttle: bool,
    functions: RunBy,
) -> Result<Outcome, String> {
    let mut scenario = scenarios::named(scenario).map_err(|error| error.to_string())?;
    scenario.scenario.throttle |= throttle;
    let speed = speed.unwrap_or(scenario.scenario.speed);
    if !(0.0..=100_000.0).contains(&speed) {
        return Err(format!("A speed of {speed} is not possible. Give a number from 0 (time stands still) to 100000."));
    }
    let clock = Clock::fast(scenario.scenario.start, speed);
    let (name, region) = (&scenario.scenario.name, &scenario.scenario.region);
    let sim: Arc<Sim> = Sim::new(&scenario, clock).map_err(|error| error.to_string())?;
    let runtime = runtime()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
            format!("Port {port} on 127.0.0.1 cannot be used: {error}. Choose another with --port.")
        })?;
        let address = listener.local_addr().map_err(told)?;
        announce(name, region, speed, address).map_err(told)?;
        let (host, _folder) = match functions {
            RunBy::Simulated => return serve(sim, listener, stop_signal()).await.map_err(told),
            RunBy::Uploaded => {
                // Goes with everything that was unpacked into it.
                let folder = tempfile::Builder::new().prefix("rekotui-functions-").tempdir().map_err(told)?;
                (Host::Here(folder.path().to_owned(), address), Some(folder))
            }
            RunBy::Emulator(url) => (Host::Emulator(url), None),
        };
        let real = Real::new(sim, host, Arc::new(|name: &str, line: &str| wrote(name, line)));
        tokio::select! {
            served = serve(Arc::new(real.clone()), listener, stop_signal()) => served.map_err(told),
            () = real.run() => Ok(()),
        }
    })?;
    runtime.shutdown_background();
    Ok(Outcome::Whole)
}

/// What to set for a client. The AWS CLI of version 1 and boto3 know `AWS_DEFAULT_REGION` only, some SDKs `AWS_REGION` only.
///
/// In one write: whoever reads only the first line of it must not end the server by going away.
fn announce(name: &str, region: &str, speed: f64, address: SocketAddr) -> io::Result<()> {
    let text = format!(
        "Simulated account '{name}' in {region}, time ×{speed}, at http://{address}\n\
         export AWS_ENDPOINT_URL=http://{address} AWS_REGION={region} AWS_DEFAULT_REGION={region}\n\
         export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any\n\
         Version 1 of the AWS CLI ignores that variable for sqs and some other services: give it --endpoint-url as well.\n"
    );
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Passes on what a function has written. Nobody has to read it.
fn wrote(name: &str, line: &str) {
    let _ = writeln!(io::stdout().lock(), "{name}: {line}");
}

/// Ctrl-C, or the signal with which service managers and pipelines ask a program to end.
async fn stop_signal() {
    tokio::select! {
        () = interrupted() => {}
        () = asked_to_end() => {}
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let asked = match signal(SignalKind::terminate()) {
        Ok(mut signals) => signals.recv().await,
        Err(_) => None,
    };
    if asked.is_none() {
        std::future::pending::<()>().await;
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    std::future::pending().await
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("The program cannot start its workers: {error}."))
}

fn told(error: io::Error) -> String {
    error.to_string()
}

/// Standard error may be closed; there is nobody left to tell then.
fn complain(said: &str) {
    let _ = writeln!(io::stderr().lock(), "rekotui: {said}");
}
