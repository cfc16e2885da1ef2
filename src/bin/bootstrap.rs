//! The binary `bootstrap`, which Lambda starts: all functions in one. Which of them it is, the handler's name says (`startup`,
//! `shutdown` or `inference`).

use std::env;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

use rekotui::aws::{Account, Connect};
use rekotui::clock::Clock;
use rekotui::lambda::{Duty, Event, Failure, Memory, Shift, inference, shutdown, startup, to_stdout};
use rekotui::operation::Manner;

/// How long an invocation has where Lambda does not say so: emulators give no instant.
const USUAL: Duration = Duration::from_secs(14 * 60);

/// What the handler's name asks for.
#[derive(Clone, Debug)]
enum Function {
    Startup,
    Shutdown,
    Inference(Duty),
}

impl Function {
    /// By the handler's name, as Lambda gives it; a path or a suffix around it does not matter.
    fn named(handler: &str) -> Result<Self, String> {
        let known = ["startup", "shutdown", "inference"];
        match handler.rsplit(['/', '.']).find(|part| known.contains(part)) {
            Some("startup") => Ok(Self::Startup),
            Some("shutdown") => Ok(Self::Shutdown),
            Some(_) => Duty::read(variable).map(Self::Inference).map_err(|error| error.to_string()),
            None => Err(format!(
                "The handler '{handler}' is none of these functions: name it startup, shutdown or inference."
            )),
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

async fn invoke(
    function: Function,
    account: Account,
    memory: Memory,
    event: LambdaEvent<Value>,
) -> Result<Value, Diagnostic> {
    let told =
        |failure: Failure| Diagnostic { error_type: failure.kind().to_owned(), error_message: failure.to_string() };
    let clock = account.clock().clone();
    if env::var_os("AWS_ENDPOINT_URL").is_some() {
        // A simulated account has a time of its own, and tells it with each answer: before any deadline is reckoned.
        let _ = account.identity().await;
    }
    let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or(USUAL);
    let left = TimeDelta::from_std(left.mul_f64(clock.speed())).unwrap_or(TimeDelta::MAX);
    let (manner, deadline) = (Manner::by(clock.clone(), false), clock.now() + left);
    let shift = Shift { account, manner, deadline, request: event.context.request_id.clone(), memory };
    let asked = |action| Event::read(&event.payload, action, variable).map_err(|error| told(Failure::Event(error)));
    let done = match &function {
        Function::Startup => startup(&asked("start")?, &shift, &to_stdout).await,
        Function::Shutdown => shutdown(&asked("stop")?, &shift, &to_stdout).await,
        Function::Inference(duty) => inference(&event.payload, duty, &shift, &to_stdout).await,
    };
    done.map_err(told)
}

async fn serve(function: Function) -> Result<(), String> {
    let account = Account::connect(Connect::new(Clock::real())).await.map_err(|trouble| trouble.to_string())?;
    let memory = Memory::default();
    let handler = service_fn(move |event| {
        let (account, function, memory) = (account.clone(), function.clone(), memory.clone());
        // Boxed, because the compiler gives up on futures that are nested as deeply as this one.
        Box::pin(invoke(function, account, memory, event)) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
    });
    lambda_runtime::run(handler).await.map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let handler = env::var("_HANDLER").unwrap_or_default();
    let function = match Function::named(&handler) {
        Ok(function) => function,
        Err(said) => {
            eprintln!("{said}");
            return ExitCode::from(2);
        }
    };
    let needed = ["AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION"];
    if let Some(missing) = needed.into_iter().find(|name| env::var_os(name).is_none()) {
        eprintln!("This runs in Lambda: {missing} is not set.");
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The function cannot start its worker: {error}.");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve(function)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
