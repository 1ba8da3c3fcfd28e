//! This machine: the data directory, the store, the engine's lock, the keyring.

use std::path::Path;

use super::report::Report;
use crate::cli::{Context, Exit};
use crate::config::{self, AccountSettings};
use crate::domain::SessionState;
use crate::engine::Client;

/// Less free space than this is worth a word; less than the second is too little to go on with.
#[cfg(unix)]
const SPACE: (u64, u64) = (1 << 30, 64 << 20);
/// So many waiting events are counted; more are "at least".
const WAITING_MAX: usize = 100;
/// So many events that were not understood are counted; more are "at least".
const UNKNOWN_MAX: usize = 1000;

/// Checks the data directory and what is in it; gives the client where the store can be opened.
pub(super) fn data(report: &mut Report, context: &Context) -> Result<Option<Client>, Exit> {
    let dir = &context.paths.data_dir;
    let accounts = context.settings.accounts.len() + context.settings.broken.len();
    if !dir.exists() && accounts == 0 {
        report.ok("data", &format!("{}: is made at the first start", dir.display()))?;
        return Ok(None);
    }
    let client = match context.client() {
        Ok(client) => client,
        Err(exit) => {
            report.fail("store", &exit.message, "make the directory writable, or name another with --data-dir")?;
            return Ok(None);
        }
    };
    modes(report, dir)?;
    space(report, dir)?;
    let store = client.store();
    match store.check() {
        Ok(wrong) if wrong.is_empty() => report.ok("store", &format!("{}: whole", store.path().display()))?,
        Ok(wrong) => {
            let words = format!("{}: damaged: {}", store.path().display(), wrong.join("; "));
            report.fail(
                "store",
                &words,
                "stop Loket, copy the directory away, then: loket export, and import it anew",
            )?;
        }
        Err(error) => report.fail("store", &error.to_string(), "look at the disk and the directory's owner")?,
    }
    if let Err(error) = store.flush().wait() {
        report.fail(
            "store",
            &format!("cannot be written: {error}"),
            "free some space, or look at the directory's owner",
        )?;
    }
    engine(report, &client)?;
    Ok(Some(client))
}

fn engine(report: &mut Report, client: &Client) -> Result<(), Exit> {
    match client.engine_pid() {
        Some(pid) => report.ok("engine", &format!("runs (pid {pid})"))?,
        None => report.warn("engine", "does not run: no webhook is taken", "start it: loket, or loket serve")?,
    }
    let store = client.store();
    let ever: Vec<_> = store.accounts()?.into_iter().map(|row| row.name).collect();
    let waiting = store.uninterpreted(&ever, WAITING_MAX)?.len();
    if waiting > 0 {
        let most = if waiting == WAITING_MAX { "at least " } else { "" };
        let words = format!("{most}{waiting} events wait to be interpreted");
        report.warn("events", &words, "they are when the engine runs and their account is in the configuration")?;
    }
    let unknown = store.unknown_events(UNKNOWN_MAX)?;
    let Some((_, account, word)) = unknown.first() else {
        return report.ok("events", "every event that came was understood");
    };
    let most = if unknown.len() == UNKNOWN_MAX { "at least " } else { "" };
    let words = format!("{most}{} events were not understood, the newest of {account}: {word}", unknown.len());
    report.warn("events", &words, "they are kept; a newer Loket may understand them")
}

#[cfg(unix)]
fn modes(report: &mut Report, dir: &Path) -> Result<(), Exit> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode() & 0o777);
    match mode(dir) {
        Ok(mode) if mode & 0o077 != 0 => {
            let words = format!("{}: other users can look into it (mode {mode:04o})", dir.display());
            report.warn("file modes", &words, &format!("chmod 700 {}", dir.display()))
        }
        Ok(_) => report.ok("file modes", &format!("{}: for its owner only", dir.display())),
        Err(error) => {
            report.fail("file modes", &format!("{}: {error}", dir.display()), "look at the directory's owner")
        }
    }
}

#[cfg(not(unix))]
fn modes(_report: &mut Report, _dir: &Path) -> Result<(), Exit> {
    Ok(())
}

#[cfg(unix)]
fn space(report: &mut Report, dir: &Path) -> Result<(), Exit> {
    let Ok(found) = rustix::fs::statvfs(dir) else { return Ok(()) };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let words = format!("{} MiB are free", free >> 20);
    if free < SPACE.1 {
        report.fail("disk", &words, "free some space: without it webhooks are refused")
    } else if free < SPACE.0 {
        report.warn("disk", &words, "free some space soon")
    } else {
        report.ok("disk", &words)
    }
}

#[cfg(not(unix))]
fn space(_report: &mut Report, _dir: &Path) -> Result<(), Exit> {
    Ok(())
}

/// What is known of an account's connection.
pub(super) fn health(report: &mut Report, client: &Client, settings: &AccountSettings) -> Result<(), Exit> {
    let Some(row) = client.stored_account(&settings.name)? else { return Ok(()) };
    let remedy = match row.health.state {
        SessionState::LoggedOut => "log in again: loket login, or on the gateway's dashboard",
        SessionState::Banned => "the number is banned; ask WhatsApp or the gateway",
        SessionState::KeyRefused => "renew the key in the gateway's dashboard",
        SessionState::Unreachable => "look at the network, then at the gateway's status page",
        _ => return Ok(()),
    };
    let since = row.health.since.map(|at| format!(" since {at}")).unwrap_or_default();
    let words = format!("{}{since} {}", row.health.state.as_str(), row.health.detail);
    report.warn(&format!("account {}", settings.name), words.trim_end(), remedy)
}

/// The system's keyring.
pub(super) fn keyring(report: &mut Report) -> Result<(), Exit> {
    match config::keyring_available() {
        Ok(()) => report.ok("keyring", "there: secrets that are typed are kept in it"),
        Err(why) => report.ok(
            "keyring",
            &format!("not there, so secrets that are typed are kept in files for their owner only ({why})"),
        ),
    }
}
