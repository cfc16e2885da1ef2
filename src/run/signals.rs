//! Signals: those that end us, and standing still for the shell.

use std::io;
use std::time::Duration;

use futures_util::FutureExt;
use rustix::process::{Signal as Number, kill_current_process_group};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long the shell may take to stop us. Where there is none to come back to, the kernel ignores the request.
const STOPS_WITHIN: Duration = Duration::from_millis(300);

/// A signal that concerns the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// End, by the signal of this number.
    End(i32),
    /// We were stopped and go on.
    Continued,
}

/// The signals that the program listens to.
pub(super) struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    go_on: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            go_on: signal(SignalKind::from_raw(Number::CONT.as_raw()))?,
        })
    }

    pub(super) async fn next(&mut self) -> Heard {
        let end = |kind: SignalKind| Heard::End(kind.as_raw_value());
        tokio::select! {
            _ = self.terminate.recv() => end(SignalKind::terminate()),
            _ = self.hang_up.recv() => end(SignalKind::hangup()),
            _ = self.interrupt.recv() => end(SignalKind::interrupt()),
            _ = self.quit.recv() => end(SignalKind::quit()),
            _ = self.go_on.recv() => Heard::Continued,
        }
    }

    /// Stops the whole job, as Ctrl-Z does where no program takes the key for itself, and comes back once the shell
    /// continues it. `false`: there is no shell that could, so nothing was stopped.
    ///
    /// The whole job, because a shell waits for its first process: stopped alone below `cargo run`, we would leave the
    /// shell waiting for ever. SIGTSTP and not SIGSTOP, because the kernel then leaves a job alone that nobody could
    /// continue, as in a terminal that runs nothing but rekotui.
    pub(super) async fn stand_still(&mut self) -> io::Result<bool> {
        while self.go_on.recv().now_or_never().is_some() {}
        kill_current_process_group(Number::TSTP)?;
        Ok(tokio::time::timeout(STOPS_WITHIN, self.go_on.recv()).await.is_ok())
    }
}
