//! `loket sandbox`, and what `loket demo` embeds.

use std::net::SocketAddr;

use super::{logs, runtime, signals};
use crate::cli::Exit;
use crate::cli::args::{Common, LogFormat, Sandbox as Args};
use crate::sandbox::{self, Pace, Sandbox, SandboxOptions};

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
        let sandbox = Sandbox::start(options).await.map_err(|e| Exit::failed(e.to_string()))?;
        let text = sandbox::config(&sandbox::all_stages(), sandbox.address(), Some(&args.receiver));
        crate::cli::line(text.trim_end())?;
        crate::cli::complain(&format!(
            "loket: the simulated gateways run at http://{0} (see http://{0}/sandbox); save the configuration above \
             and open it with: loket --config FILE",
            sandbox.address()
        ));
        signals::termination().await;
        sandbox.stop().await;
        Ok(())
    })
}
