//! Checks the network: whether gateways reach the listener, accept the keys, and agree on the time.
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;

use super::report::Report;
use crate::cli::{Context, Exit, wording};
use crate::domain::{AccountStatus, Failure, Status, Timestamp};
use crate::engine::client::{Client, KeyCheck, check_tunnel, engine_pid};

/// How far the clocks may differ before a warning and before a failure: gateways' signatures are valid for five minutes
/// (providers.md 2.5).
const SKEW: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(280));
/// The longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Checks everything that needs the network.
pub(super) fn check(report: &mut Report, context: &Context, client: &Client) -> Result<(), Exit> {
    client.load_accounts()?;
    let accounts = client.accounts()?;
    crate::cli::runtime()?.block_on(async {
        local(report, context, client).await?;
        outside(report, context, client, &accounts).await?;
        let checks = join_all(accounts.iter().map(|account| timed(client, account))).await;
        for (account, (check, before, after)) in accounts.iter().zip(checks) {
            key(report, context, account, &check)?;
            pace(report, client, account)?;
            if let KeyCheck::Accepted { gateway_time: Some(gateway) } = check {
                clock(report, account, gateway, before, after)?;
            }
        }
        Ok(())
    })
}

/// Whether an account is set to be faster than its gateway documents.
fn pace(report: &mut Report, client: &Client, account: &AccountStatus) -> Result<(), Exit> {
    let Some((set, documented)) = client.exceeded_pace(&account.account.name) else { return Ok(()) };
    let found = format!("{set} a minute is set, {} documents {documented}", account.provider_name);
    let remedy = "remove requests_per_minute from the account: numbers are blocked for sending too fast";
    report.warn(&format!("pace {}", account.account.name), &found, remedy)
}

/// Checks an account's key; with the times before and after.
async fn timed(client: &Client, account: &AccountStatus) -> (KeyCheck, Timestamp, Timestamp) {
    let before = client.now();
    let failed = |code: &str, message: String| KeyCheck::Failed(Failure::new(code, message));
    let check = match tokio::time::timeout(TIMEOUT, client.check_key(&account.account.name)).await {
        Ok(Ok(check)) => check,
        Ok(Err(error)) => failed("broken", error.to_string()),
        Err(_) => failed("timeout", format!("no answer within {} s", TIMEOUT.as_secs())),
    };
    (check, before, client.now())
}

/// The engine's own listener on this machine.
async fn local(report: &mut Report, context: &Context, client: &Client) -> Result<(), Exit> {
    let bind = context.settings.listener.bind;
    if bind.port() == 0 || engine_pid(client.data_dir()).is_none() {
        return Ok(());
    }
    let host = if bind.ip().is_unspecified() { "127.0.0.1".to_owned() } else { bind.ip().to_string() };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    match status(client.get_status(format!("http://{host}:{}/healthz", bind.port()))).await {
        Ok(200) => report.ok("listener", &format!("answers on {bind}")),
        Ok(other) => report.fail("listener", &unexpected(other), "look at the engine's log"),
        Err(reason) => report.fail(
            "listener",
            &format!("{bind}: {reason}"),
            "the engine may listen elsewhere (--listen); make [listener] bind the same",
        ),
    }
}

/// The public URL, as far as it can be checked from this machine.
async fn outside(
    report: &mut Report,
    context: &Context,
    client: &Client,
    accounts: &[AccountStatus],
) -> Result<(), Exit> {
    let listener = &context.settings.listener;
    let Some(public) = listener.public_url.as_deref() else {
        let Some(tunnel) = &listener.tunnel else {
            let remedy = "set [listener] public_url, or tunnel; the README tells how a gateway reaches a laptop";
            return report.warn("public URL", "not set: gateways cannot reach this machine", remedy);
        };
        return match check_tunnel(tunnel, listener.bind) {
            Ok(program) if is_installed(context, &program) => {
                report.ok("public URL", &format!("{program} gives it while the engine runs"))
            }
            Ok(program) => {
                let detail = format!("the tunnel's program {program} is not there");
                report.fail("public URL", &detail, "install it, or set [listener] public_url")
            }
            Err(error) => report.fail("public URL", &error.to_string(), "correct it in the configuration file"),
        };
    };
    let public = public.trim_end_matches('/');
    match status(client.get_status(format!("{public}/healthz"))).await {
        Ok(200) => report.ok("public URL", &format!("{public}: answers"))?,
        Ok(other) => {
            let detail = format!("{public}: {}", unexpected(other));
            return report.fail("public URL", &detail, "make the proxy pass everything on to [listener] bind");
        }
        Err(reason) => {
            let remedy = "is the engine running, and does the proxy or tunnel lead to [listener] bind?";
            return report.fail("public URL", &format!("{public}: {reason}"), remedy);
        }
    }
    for account in accounts {
        let check = format!("webhook {}", account.account.name);
        // An empty body is a ping: it proves that URL and token lead here, and stores nothing.
        match status(client.ping_webhook(format!("{public}{}", account.account.webhook_path))).await {
            Ok(200) => report.ok(&check, "the way from the public URL leads here")?,
            Ok(other) => {
                let remedy = "does the public URL lead to another Loket, or was the engine not restarted since?";
                report.fail(&check, &unexpected(other), remedy)?;
            }
            Err(reason) => report.fail(&check, &reason, "does the proxy pass POST requests on?")?,
        }
    }
    Ok(())
}

/// Whether a program is in `PATH`, or is a path to a file.
fn is_installed(context: &Context, program: &str) -> bool {
    let path = context.environment.text("PATH").unwrap_or_default();
    let found = |dir: PathBuf| dir.join(program).is_file() || dir.join(format!("{program}.exe")).is_file();
    Path::new(program).is_file() || std::env::split_paths(&path).any(found)
}

fn key(report: &mut Report, context: &Context, account: &AccountStatus, check: &KeyCheck) -> Result<(), Exit> {
    let subject = format!("key {}", account.account.name);
    let gateway = account.provider_name;
    let text = |failure| wording::failure(context.locale(), Some(failure), Status::Failed);
    match check {
        KeyCheck::Accepted { .. } => report.ok(&subject, &format!("{gateway} accepts it")),
        KeyCheck::Unsupported => report.ok(&subject, &format!("{gateway} has no harmless request that would tell")),
        KeyCheck::Refused(failure) => {
            let remedy = "renew the key in the gateway's dashboard";
            report.fail(&subject, &format!("{gateway} refuses it: {}", text(failure)), remedy)
        }
        KeyCheck::Failed(failure) => {
            let remedy = "look at the network and at base_url, then at the gateway's status page";
            report.fail(&subject, &format!("{gateway} did not say: {}", text(failure)), remedy)
        }
    }
}

/// Compares the clocks: when both are right, the gateway's time lies between `before` and `after` the request.
fn clock(
    report: &mut Report,
    account: &AccountStatus,
    gateway: Timestamp,
    before: Timestamp,
    after: Timestamp,
) -> Result<(), Exit> {
    let check = format!("clock {}", account.account.name);
    // The header has whole seconds.
    let behind = gateway.since(after);
    let ahead = before.since(gateway.plus(Duration::from_secs(1)));
    let (skew, word) = if behind > ahead { (behind, "behind") } else { (ahead, "ahead of") };
    let detail = format!("this machine's clock is {} s {word} {}'s", skew.as_secs(), account.provider_name);
    let remedy = "set the clock, and let the system keep it (NTP): signatures are refused when it is wrong";
    if skew > SKEW.1 {
        report.fail(&check, &detail, remedy)
    } else if skew > SKEW.0 {
        report.warn(&check, &detail, remedy)
    } else {
        report.ok(&check, "agrees with this machine's")
    }
}

/// The status of a response, or why there is none.
async fn status(response: impl Future<Output = Result<u16, String>>) -> Result<u16, String> {
    let timeout = |_| Err(format!("no answer within {} s", TIMEOUT.as_secs()));
    tokio::time::timeout(TIMEOUT, response).await.unwrap_or_else(timeout)
}

fn unexpected(status: u16) -> String {
    format!("answers {status} where 200 is expected")
}
