//! The network: whether gateways reach the listener, accept the keys, and agree on the time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;

use super::report::Report;
use crate::cli::{Context, Exit, words};
use crate::domain::{Failure, Status, Timestamp};
use crate::engine::accounts::probe::{Probed, probe};
use crate::engine::outbound::query::failure_of;
use crate::engine::{AccountRegistry, ConfiguredAccount, Http, clock, lock, tunnel};
use crate::providers::{Method, Request, Response};
use crate::store::Store;

/// Gateways' signatures are good for five minutes (providers.md 2.5); a minute is worth a word.
const SKEW: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(280));
/// Nobody waits longer for one answer of a check-up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything that needs the network.
pub(super) fn reach(report: &mut Report, context: &Context, store: &Store) -> Result<(), Exit> {
    let roster = context.roster(store)?;
    let http = match Http::new() {
        Ok(http) => http,
        Err(why) => return report.fail("network", &why, "install root certificates"),
    };
    crate::cli::runtime()?.block_on(async {
        local(report, context, &http).await?;
        outside(report, context, &http, &roster).await?;
        let members = roster.members();
        let probes = join_all(members.iter().map(|member| timed(&http, member))).await;
        for (member, (probed, asked, heard)) in members.iter().zip(probes) {
            key(report, context, member, &probed)?;
            pace(report, member)?;
            if let Probed::Accepted { gateway_time: Some(gateway) } = probed {
                time(report, member, gateway, asked, heard)?;
            }
        }
        Ok(())
    })
}

/// Whether an account is set to be faster than its gateway documents.
fn pace(report: &mut Report, member: &ConfiguredAccount) -> Result<(), Exit> {
    let Some((set, documented)) = member.over_pace() else { return Ok(()) };
    let found = format!("{set} a minute is set, {} documents {documented}", member.manifest().name);
    let remedy = "remove requests_per_minute from the account: numbers are blocked for sending too fast";
    report.warn(&format!("pace {}", member.name()), &found, remedy)
}

async fn timed(http: &Http, member: &ConfiguredAccount) -> (Probed, Timestamp, Timestamp) {
    let asked = clock::now();
    let silence = || Probed::Failed(Failure::new("timeout", format!("no answer within {} s", PATIENCE.as_secs())));
    let probed = tokio::time::timeout(PATIENCE, probe(http, member)).await.unwrap_or_else(|_| silence());
    (probed, asked, clock::now())
}

/// The engine's own door on this machine.
async fn local(report: &mut Report, context: &Context, http: &Http) -> Result<(), Exit> {
    let bind = context.settings.listener.bind;
    if bind.port() == 0 || lock::running(&context.paths.data_dir).is_none() {
        return Ok(());
    }
    let host = if bind.ip().is_unspecified() { "127.0.0.1".to_owned() } else { bind.ip().to_string() };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    match get(http, format!("http://{host}:{}/healthz", bind.port())).await {
        Ok(answer) if answer.status == 200 => report.ok("listener", &format!("answers on {bind}")),
        Ok(answer) => report.fail("listener", &answered(&answer), "look at the engine's log"),
        Err(why) => report.fail(
            "listener",
            &format!("{bind}: {why}"),
            "the engine may listen elsewhere (--listen); make [listener] bind the same",
        ),
    }
}

/// The way from the internet, as far as this machine can walk it.
async fn outside(report: &mut Report, context: &Context, http: &Http, roster: &AccountRegistry) -> Result<(), Exit> {
    let listener = &context.settings.listener;
    let Some(public) = listener.public_url.as_deref() else {
        let Some(tunnel) = &listener.tunnel else {
            let remedy = "set [listener] public_url, or tunnel; the README tells how a gateway reaches a laptop";
            return report.warn("public URL", "not set: gateways cannot reach this machine", remedy);
        };
        return match tunnel::check(tunnel, listener.bind) {
            Ok(program) if there(context, &program) => {
                report.ok("public URL", &format!("{program} gives it while the engine runs"))
            }
            Ok(program) => {
                let words = format!("the tunnel's program {program} is not there");
                report.fail("public URL", &words, "install it, or set [listener] public_url")
            }
            Err(error) => report.fail("public URL", &error.to_string(), "correct it in the configuration file"),
        };
    };
    let public = public.trim_end_matches('/');
    match get(http, format!("{public}/healthz")).await {
        Ok(answer) if answer.status == 200 => report.ok("public URL", &format!("{public}: answers"))?,
        Ok(answer) => {
            let words = format!("{public}: {}", answered(&answer));
            return report.fail("public URL", &words, "make the proxy pass everything on to [listener] bind");
        }
        Err(why) => {
            let remedy = "is the engine running, and does the proxy or tunnel lead to [listener] bind?";
            return report.fail("public URL", &format!("{public}: {why}"), remedy);
        }
    }
    for member in roster.members() {
        let check = format!("webhook {}", member.name());
        // An empty body is a ping: it proves that URL and token lead here, and stores nothing.
        let ping = Request::bare(Method::Post, format!("{public}{}", member.webhook_path()));
        match carry(http, &ping).await {
            Ok(answer) if answer.status == 200 => report.ok(&check, "the way from the public URL leads here")?,
            Ok(answer) => {
                let remedy = "does the public URL lead to another Loket, or was the engine not restarted since?";
                report.fail(&check, &answered(&answer), remedy)?;
            }
            Err(why) => report.fail(&check, &why, "does the proxy pass POST requests on?")?,
        }
    }
    Ok(())
}

/// Whether a program can be found as the system would find it.
fn there(context: &Context, program: &str) -> bool {
    let path = context.environment.text("PATH").unwrap_or_default();
    let found = |dir: PathBuf| dir.join(program).is_file() || dir.join(format!("{program}.exe")).is_file();
    Path::new(program).is_file() || std::env::split_paths(&path).any(found)
}

fn key(report: &mut Report, context: &Context, member: &ConfiguredAccount, probed: &Probed) -> Result<(), Exit> {
    let check = format!("key {}", member.name());
    let name = member.manifest().name;
    let said = |failure| words::failure(context.locale(), Some(failure), Status::Failed);
    match probed {
        Probed::Accepted { .. } => report.ok(&check, &format!("{name} accepts it")),
        Probed::Untold => report.ok(&check, &format!("{name} has no harmless request that would tell")),
        Probed::Refused(failure) => {
            let remedy = "renew the key in the gateway's dashboard";
            report.fail(&check, &format!("{name} refuses it: {}", said(failure)), remedy)
        }
        Probed::Failed(failure) => {
            let remedy = "look at the network and at base_url, then at the gateway's status page";
            report.fail(&check, &format!("{name} did not say: {}", said(failure)), remedy)
        }
    }
}

/// The gateway's clock stands between the question and the answer, when both clocks are right.
fn time(
    report: &mut Report,
    member: &ConfiguredAccount,
    gateway: Timestamp,
    asked: Timestamp,
    heard: Timestamp,
) -> Result<(), Exit> {
    let check = format!("clock {}", member.name());
    // The header has whole seconds.
    let behind = gateway.since(heard);
    let ahead = asked.since(gateway.plus(Duration::from_secs(1)));
    let (skew, word) = if behind > ahead { (behind, "behind") } else { (ahead, "ahead of") };
    let words = format!("this machine's clock is {} s {word} {}'s", skew.as_secs(), member.manifest().name);
    let remedy = "set the clock, and let the system keep it (NTP): signatures are refused when it is wrong";
    if skew > SKEW.1 {
        report.fail(&check, &words, remedy)
    } else if skew > SKEW.0 {
        report.warn(&check, &words, remedy)
    } else {
        report.ok(&check, "agrees with this machine's")
    }
}

async fn get(http: &Http, url: String) -> Result<Response, String> {
    carry(http, &Request::bare(Method::Get, url)).await
}

async fn carry(http: &Http, request: &Request) -> Result<Response, String> {
    match tokio::time::timeout(PATIENCE, http.carry(request)).await {
        Ok(answer) => answer.map_err(|fault| failure_of(&fault).message),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn answered(answer: &Response) -> String {
    format!("answers {} where 200 is expected", answer.status)
}
