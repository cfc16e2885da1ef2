//! A process in which a function waits for its invocations: one at a time, as long as it lives.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::Listener;
use super::api::{Work, serve};
use crate::sim::world::Function;
use crate::sim::world::abroad::Failed;

/// How long a process may take until it asks for its first invocation (Lambda's init phase).
const INIT: Duration = Duration::from_secs(10);

/// How often somebody looks whether a process is still there.
const GLANCE: Duration = Duration::from_millis(20);

/// The file of a zip that Lambda runs.
const BOOTSTRAP: &str = "bootstrap";

/// A process and its side of the API.
#[derive(Debug)]
pub(super) struct Environment {
    child: Child,
    work: mpsc::Sender<Work>,
    broken: mpsc::Receiver<Failed>,
    api: JoinHandle<()>,
    function: String,
    modified: DateTime<Utc>,
    timeout_seconds: u32,
    alive: bool,
}

fn invalid(message: impl Into<String>) -> Failed {
    Failed { kind: "Runtime.InvalidEntrypoint".to_owned(), message: message.into() }
}

impl Environment {
    /// Unpacks a function's code, if that was not done yet, and starts it.
    pub(super) async fn start(
        function: &Function,
        folder: &Path,
        account: SocketAddr,
        region: &str,
        listener: &Listener,
    ) -> Result<Self, Failed> {
        let program = unpacked(function, folder)?;
        let told = |error: std::io::Error| invalid(format!("The simulated runtime cannot begin: {error}."));
        let port = TcpListener::bind(("127.0.0.1", 0)).await.map_err(told)?;
        let api = port.local_addr().map_err(told)?;
        let mut child = command(&program, function, account, api, region).spawn().map_err(|error| {
            invalid(format!("The file {BOOTSTRAP} of the code of {} cannot be run: {error}.", function.name))
        })?;
        listen(child.stdout.take(), &function.name, listener);
        listen(child.stderr.take(), &function.name, listener);
        let (work, coming) = mpsc::channel(1);
        let (breaking, broken) = mpsc::channel(1);
        Ok(Self {
            child,
            work,
            broken,
            api: tokio::spawn(serve(port, coming, breaking)),
            function: function.name.clone(),
            modified: function.modified,
            timeout_seconds: function.timeout_seconds,
            alive: true,
        })
    }

    /// Whether it is of this function as it is now.
    pub(super) fn is_of(&self, function: &Function) -> bool {
        self.function == function.name && self.modified == function.modified
    }

    /// Whether it can be invoked again.
    pub(super) fn is_alive(&self) -> bool {
        self.alive
    }

    /// Invokes it, and ends it when its time is up, and a grace that it is not told of.
    pub(super) async fn invoke(
        &mut self,
        payload: &Value,
        arn: &str,
        patience: Duration,
        grace: Duration,
    ) -> Result<Value, Failed> {
        let (begun, beginning) = oneshot::channel();
        let (done, mut outcome) = oneshot::channel();
        let work = Work { payload: payload.to_string(), arn: arn.to_owned(), patience, begun, done };
        let limit = match self.work.try_send(work) {
            Ok(()) => tokio::time::timeout(INIT, self.beginning(beginning)).await,
            Err(_) => Ok(Err(invalid("The process does not ask for its invocations."))),
        };
        let begun = limit.unwrap_or_else(|_| {
            Err(Failed {
                kind: "Sandbox.Timedout".to_owned(),
                message: "Init timed out after 10.00 seconds".to_owned(),
            })
        });
        if let Err(failed) = begun {
            self.end();
            return Err(failed);
        }
        let time_is_up = tokio::time::sleep(patience + grace);
        let mut time_is_up = std::pin::pin!(time_is_up);
        let mut glance = tokio::time::interval(GLANCE);
        loop {
            tokio::select! {
                biased;
                told = &mut outcome => return told.unwrap_or_else(|_| Err(invalid("The process went away."))),
                () = &mut time_is_up => {
                    self.end();
                    let message = format!("Task timed out after {}.00 seconds", self.timeout_seconds);
                    return Err(Failed { kind: "Sandbox.Timedout".to_owned(), message });
                }
                _ = glance.tick() => if let Some(failed) = self.ended() { return Err(failed) },
            }
        }
    }

    /// Waits until it has asked for its invocation.
    async fn beginning(&mut self, mut begun: oneshot::Receiver<()>) -> Result<(), Failed> {
        let mut glance = tokio::time::interval(GLANCE);
        loop {
            tokio::select! {
                biased;
                _ = &mut begun => return Ok(()),
                Some(failed) = self.broken.recv() => return Err(failed),
                _ = glance.tick() => if let Some(failed) = self.ended() { return Err(failed) },
            }
        }
    }

    /// How it has ended, if it has.
    fn ended(&mut self) -> Option<Failed> {
        let status = self.child.try_wait().ok().flatten()?;
        self.alive = false;
        let message = format!("Runtime exited with error: {status}");
        Some(Failed { kind: "Runtime.ExitError".to_owned(), message })
    }

    fn end(&mut self) {
        self.alive = false;
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.end();
        self.api.abort();
    }
}

/// What Lambda sets for a process ("Defined runtime environment variables"), and nothing of this process's own.
fn command(program: &Path, function: &Function, account: SocketAddr, api: SocketAddr, region: &str) -> Command {
    let member = |key: &str| function.configuration.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let memory = function.configuration.get("MemorySize").and_then(Value::as_u64).unwrap_or(128);
    let mut command = Command::new(program);
    command
        .env_clear()
        .current_dir(program.parent().unwrap_or(Path::new("/")))
        .envs(&function.environment)
        .env("AWS_LAMBDA_RUNTIME_API", api.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory.to_string())
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "simulated")
        .env("_HANDLER", member("Handler"))
        .env("LAMBDA_TASK_ROOT", program.parent().unwrap_or(Path::new("/")))
        .env("AWS_REGION", region)
        .env("AWS_DEFAULT_REGION", region)
        .env("AWS_ACCESS_KEY_ID", "SIMULATED")
        .env("AWS_SECRET_ACCESS_KEY", "simulated")
        .env("AWS_ENDPOINT_URL", format!("http://{account}"))
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TZ", ":UTC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Passes on what a process writes, line by line, until it ends.
fn listen(stream: Option<impl Read + Send + 'static>, name: &str, listener: &Listener) {
    let (Some(stream), name, listener) = (stream, name.to_owned(), Arc::clone(listener)) else { return };
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            listener(&name, &line);
        }
    });
}

/// The program of a zip, as a file of its own: unpacked once.
fn unpacked(function: &Function, folder: &Path) -> Result<PathBuf, Failed> {
    let zip = |error: zip::result::ZipError| invalid(format!("The code cannot be unpacked: {error}."));
    let disk = |error: std::io::Error| invalid(format!("The code cannot be written to a file: {error}."));
    let digest = function.configuration.get("CodeSha256").and_then(Value::as_str).unwrap_or(&function.name);
    let home = folder.join(digest.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"));
    let program = home.join(BOOTSTRAP);
    if program.exists() {
        return Ok(program);
    }
    let code = function.code.clone().unwrap_or_default();
    let mut archive = zip::ZipArchive::new(Cursor::new(code)).map_err(zip)?;
    let mut bytes = Vec::new();
    let missing = |_| invalid(format!("Couldn't find valid bootstrap(s): [/var/task/{BOOTSTRAP}, /opt/{BOOTSTRAP}]"));
    archive.by_name(BOOTSTRAP).map_err(missing)?.read_to_end(&mut bytes).map_err(disk)?;
    fs::create_dir_all(&home).map_err(disk)?;
    // Under another name first: a file that is there is whole.
    let fresh = home.join(format!("{BOOTSTRAP}.{}", std::process::id()));
    {
        let mut file = fs::File::create(&fresh).map_err(disk)?;
        file.write_all(&bytes).map_err(disk)?;
        executable(&file).map_err(disk)?;
    }
    fs::rename(&fresh, &program).map_err(disk)?;
    Ok(program)
}

#[cfg(unix)]
fn executable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}
