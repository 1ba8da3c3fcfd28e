//! The composition root: what is started in which order, and how it ends.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cli::args::{Command, LogFormat};
use crate::cli::{Cli, Context, Exit};
use crate::engine::{Engine, EngineLock, Wake};
use crate::listener::{self, ListenerOptions};

/// How long messages on their way may take to end when the engine stops.
const STOP_PATIENCE: Duration = Duration::from_secs(8);

/// Runs the program; the exit status is the contract's.
pub fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(exit) => {
            if !exit.message.is_empty() {
                crate::cli::complain(&format!("loket: {}", exit.message));
            }
            std::process::ExitCode::from(exit.status)
        }
    }
}

fn run(cli: Cli) -> Result<(), Exit> {
    match cli.command {
        Some(Command::Serve(serve)) => self::serve(&Context::load(cli.common)?, serve.log_format),
        Some(command) => {
            log_warnings();
            crate::cli::start(cli.common, command)
        }
        None => Err(Exit::wrong("the inbox is not built yet")),
    }
}

/// An async runtime of two threads: one for what people wait for, one for what gateways wait for.
pub fn runtime() -> Result<tokio::runtime::Runtime, Exit> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Exit::failed(format!("the async runtime does not start: {e}")))
}

fn serve(context: &Context, format: LogFormat) -> Result<(), Exit> {
    log_to_stderr(format);
    let store = context.store()?;
    let _lock = EngineLock::take(&context.paths.data_dir)?;
    for warning in &context.settings.warnings {
        tracing::warn!("{warning}");
    }
    let roster = context.roster(&store)?;
    for broken in roster.broken() {
        tracing::error!(account = broken.name, "account not started: {}", broken.reason);
    }
    runtime()?.block_on(async {
        let wake = Wake::on(store.path());
        let on_commit = wake.clone();
        store.on_commit(Box::new(move || on_commit.touch()));
        let (socket, address) = bind(context.settings.listener.bind).await?;
        let engine = Engine::start(roster, store, wake).await.map_err(|e| Exit::failed(e.to_string()))?;
        let (stop, mut stopped) = watch::channel(false);
        let options = ListenerOptions { metrics_public: context.settings.listener.metrics_public };
        let until = async move { drop(stopped.wait_for(|stop| *stop).await) };
        let door = tokio::spawn(listener::serve(socket, engine.ingest().clone(), options, until));
        crate::cli::line(&format!("listening on http://{address}"))?;
        let reason = termination().await;
        tracing::info!(reason, "stopping");
        stop.send_replace(true);
        drop(tokio::time::timeout(STOP_PATIENCE, door).await);
        engine.stop(STOP_PATIENCE).await;
        Ok(())
    })
}

/// Opens the door for webhooks.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Exit> {
    let failed = |error: std::io::Error| {
        Exit::failed(format!(
            "webhooks cannot be taken on {address}: {error}; choose another address with --listen or [listener] bind"
        ))
    };
    let socket = TcpListener::bind(address).await.map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    Ok((socket, address))
}

/// Waits for the system's word to end.
#[cfg(unix)]
async fn termination() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut hup), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => "SIGTERM",
        _ = hup.recv() => "SIGHUP",
        _ = int.recv() => "SIGINT",
    }
}

/// Waits for the system's word to end.
#[cfg(not(unix))]
async fn termination() -> &'static str {
    if tokio::signal::ctrl_c().await.is_err() {
        return std::future::pending().await;
    }
    "Ctrl+C"
}

fn log_to_stderr(format: LogFormat) {
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::fmt;
    use tracing_subscriber::prelude::*;
    let registry = tracing_subscriber::registry().with(LevelFilter::INFO);
    let done = match format {
        LogFormat::Text => registry.with(fmt::layer().with_writer(std::io::stderr).with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
    };
    // Set already: another part of this process logs, which is as good.
    drop(done);
}

/// Commands say their own errors; of the engine's log only warnings matter to them.
fn log_warnings() {
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::fmt;
    use tracing_subscriber::prelude::*;
    let layer = fmt::layer().without_time().with_target(false).with_ansi(false).with_writer(std::io::stderr);
    drop(tracing_subscriber::registry().with(LevelFilter::ERROR).with(layer).try_init());
}
