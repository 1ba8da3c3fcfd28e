//! `loket demo` and `loket sandbox`: the simulated gateways, with an inbox before them or alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::house::{House, record};
use super::{inbox, logs, signals};
use crate::cli::args::{Common, LogFormat, Sandbox as Args};
use crate::cli::{Context, Exit, runtime};
use crate::engine::EngineLock;
use crate::engine::accounts::registry::new_token;
use crate::sandbox::{self, Pace, Sandbox, SandboxError, SandboxOptions};

/// Where the sandbox listens when nothing is said.
const SANDBOX_ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 8585);

/// `loket sandbox`.
pub(super) fn sandbox(common: &Common, args: &Args) -> Result<(), Exit> {
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
        let termination = signals::termination();
        let text = sandbox::config(&sandbox::all_accounts(), sandbox.address(), Some(&args.receiver));
        crate::cli::line(text.trim_end())?;
        crate::cli::complain(&format!(
            "loket: the simulated gateways run at http://{0} (see http://{0}/sandbox); save the configuration above \
             and open it with: loket --config FILE",
            sandbox.address()
        ));
        termination.await;
        sandbox.stop().await;
        Ok(())
    })
}

/// `loket demo`: the inbox on an embedded sandbox. Keeps nothing unless a data directory is given.
pub(super) fn demo(common: &Common) -> Result<(), Exit> {
    inbox::needs_terminal()?;
    let place = Stay::choose(common)?;
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
    // The door's address is part of the configuration, for gateways that are told where to acknowledge.
    let door = match common.listen {
        Some(given) if given.port() != 0 => given,
        other => free_port(other.unwrap_or_else(|| any(0)))?,
    };
    let stages = sandbox::demo_accounts();
    let text = sandbox::config(&stages, sandbox.address(), Some(&format!("http://{door}")));
    let mut common = common.clone();
    common.data_dir = Some(place.path().to_owned());
    common.listen = Some(door);
    let context = Context::of_text(common, &text)?;
    let (store, wake) = record(&context)?;
    logs::to_file(place.path());
    let lock = EngineLock::take(place.path())?;
    let house = House::with(&context, lock, store, wake)?;
    for stage in &stages {
        sandbox.connect(stage.name, format!("http://{door}{}", stage.webhook_path()));
    }
    let ended = inbox::with_engine(&context, house, true);
    runtime.block_on(sandbox.stop());
    ended.map(drop)
}

/// A port that is free now.
fn free_port(any: SocketAddr) -> Result<SocketAddr, Exit> {
    let found = std::net::TcpListener::bind(any).and_then(|listener| listener.local_addr());
    found.map_err(|e| Exit::failed(format!("no port is free on this machine: {e}")))
}

/// Where the demo's data lies: for good, or until it ends.
enum Stay {
    Kept(PathBuf),
    Passing(PathBuf),
}

impl Stay {
    fn choose(common: &Common) -> Result<Self, Exit> {
        if let Some(kept) = &common.data_dir {
            return Ok(Stay::Kept(kept.clone()));
        }
        let name = format!("loket-demo-{}", new_token().map_err(Exit::failed)?);
        Ok(Stay::Passing(std::env::temp_dir().join(name)))
    }

    fn path(&self) -> &Path {
        match self {
            Stay::Kept(path) | Stay::Passing(path) => path,
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if let Stay::Passing(path) = self {
            // What cannot be removed lies in the system's place for passing files.
            drop(std::fs::remove_dir_all(path));
        }
    }
}
