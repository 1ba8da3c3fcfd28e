//! `loket demo` and `loket sandbox`: the simulated gateways, with an inbox before them or alone.

use super::engine_process::{BoundListener, EngineProcess, Sockets};
use super::{logs, screen, signals};
use crate::cli::args::{Common, LogFormat, Sandbox as Args};
use crate::cli::{Context, Exit, choose_locale, runtime};
use crate::engine::accounts::token::new_token;
use crate::engine::{Client, EngineLock, Process};
use crate::sandbox::{self, Pace, Sandbox, SandboxError, SandboxOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// Where the sandbox listens by default.
const SANDBOX_ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 8585);
/// How long the engine may take to stop after the screen has ended.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

pub(super) fn sandbox(common: &Common, args: &Args) -> Result<(), Exit> {
    choose_locale();
    logs::to_stderr(LogFormat::Text);
    let options = SandboxOptions {
        listen: common.listen.unwrap_or_else(|| SocketAddr::from(SANDBOX_ADDRESS)),
        chaos: args.chaos,
        pace: Pace::Human,
        seed: args.chaos.unwrap_or(1),
        receiver: Some(args.receiver.clone()),
        customers: !args.quiet,
    };
    runtime()?.block_on(async {
        let sandbox = Sandbox::start(options).await.map_err(|e| match e {
            SandboxError::Listen { .. } => Exit::failed(format!("{e}; choose another address with --listen")),
            other => Exit::failed(other.to_string()),
        })?;
        let hang_up = Arc::new(Notify::new());
        let (termination, hang_ups) = (signals::termination(), signals::reload_on_hang_up(hang_up.clone()));
        let text = sandbox::config(&sandbox::all_accounts(), sandbox.address(), Some(&args.receiver));
        crate::cli::line(text.trim_end())?;
        crate::cli::stderr_line(&format!(
            "loket: the simulated gateways run at http://{0} (see http://{0}/sandbox); save the configuration above \
             and open it with: loket --config FILE",
            sandbox.address()
        ));
        tokio::select! {
            _ = termination => {}
            () = hang_ups => {}
            // Its terminal is gone.
            () = hang_up.notified() => {}
        }
        sandbox.stop().await;
        Ok(())
    })
}

/// `loket demo`: the inbox on an embedded sandbox. Stores nothing for good unless a data directory is given.
pub(super) fn demo(common: &Common) -> Result<(), Exit> {
    choose_locale();
    screen::require_terminal()?;
    let data_dir = DataDir::choose(common)?;
    let runtime = runtime()?;
    let any = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let options = SandboxOptions {
        listen: any(0),
        chaos: None,
        pace: Pace::Human,
        seed: u64::from(std::process::id()),
        receiver: None,
        customers: true,
    };
    let sandbox = runtime.block_on(Sandbox::start(options)).map_err(|e| Exit::failed(e.to_string()))?;
    // The listener's address is part of the configuration, for gateways whose requests hold the acknowledgement URL.
    let listener = match common.listen {
        Some(given) if given.port() != 0 => given,
        other => free_port(other.unwrap_or_else(|| any(0)))?,
    };
    let accounts = sandbox::demo_accounts();
    let text = sandbox::config(&accounts, sandbox.address(), Some(&format!("http://{listener}")));
    let mut common = common.clone();
    common.data_dir = Some(data_dir.path().to_owned());
    common.listen = Some(listener);
    let context = Context::of_text(common, &text)?;
    let client = context.client()?;
    logs::to_file(data_dir.path());
    let lock = EngineLock::acquire(data_dir.path())?;
    for account in &accounts {
        sandbox.connect(account.name, format!("http://{listener}{}", account.webhook_path()));
    }
    let ended = show(&context, client, lock);
    runtime.block_on(sandbox.stop());
    ended
}

/// Shows the screen on an engine of this process, which starts behind it: a demo receives only while it is looked at.
fn show(context: &Context, client: Client, lock: EngineLock) -> Result<(), Exit> {
    client.load_accounts()?;
    runtime()?.block_on(async {
        let listener = BoundListener::bind(context.settings.listener.bind).await?;
        client.set_process(Process { sandbox: true, listener: Some(listener.address), ..Process::default() });
        let (settings, engine_client) = (context.settings.clone(), client.clone());
        let sockets = Sockets { listener, health: None };
        let starting =
            tokio::spawn(async move { EngineProcess::start(&settings, &engine_client, lock, sockets, true).await });
        let shown = screen::show(context, client, None).await;
        match starting.await {
            Ok(Ok(engine)) => drop(tokio::time::timeout(STOP_TIMEOUT, engine.stop()).await),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                return Err(Exit::failed("the engine stopped on a defect; the log in the data directory says where"));
            }
        }
        shown.map(drop)
    })
}

/// A port that is free now.
fn free_port(any: SocketAddr) -> Result<SocketAddr, Exit> {
    let found = std::net::TcpListener::bind(any).and_then(|listener| listener.local_addr());
    found.map_err(|e| Exit::failed(format!("no port is free on this machine: {e}")))
}

/// The demo's data directory.
enum DataDir {
    Named(PathBuf),
    /// Removed when the demo ends.
    Temporary(PathBuf),
}

impl DataDir {
    fn choose(common: &Common) -> Result<Self, Exit> {
        if let Some(named) = &common.data_dir {
            return Ok(DataDir::Named(named.clone()));
        }
        let name = format!("loket-demo-{}", new_token().map_err(Exit::failed)?);
        Ok(DataDir::Temporary(std::env::temp_dir().join(name)))
    }

    fn path(&self) -> &Path {
        match self {
            DataDir::Named(path) | DataDir::Temporary(path) => path,
        }
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if let DataDir::Temporary(path) = self {
            // What cannot be removed lies in the system's directory for temporary files.
            drop(std::fs::remove_dir_all(path));
        }
    }
}
