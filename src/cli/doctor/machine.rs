//! Checks this machine: the data directory, the store, the engine, the keyring.

use std::path::Path;

use super::report::Report;
use crate::cli::{Context, Exit, runtime};
use crate::config::{self, AccountSettings};
use crate::domain::SessionState;
use crate::engine::client::{Client, engine_pid, engine_status};

/// Bytes of free space below which a warning is printed, and below which the check fails.
#[cfg(unix)]
const SPACE: (u64, u64) = (1 << 30, 64 << 20);
/// The most events that are counted: of those that wait, and of those that were not understood.
const EVENTS_MAX: usize = 1000;

/// Checks the data directory and what is in it; gives the client where the store can be opened.
/// `read_again`: sets the events that were not understood to be read again.
pub(super) fn data(report: &mut Report, context: &Context, read_again: bool) -> Result<Option<Client>, Exit> {
    let dir = &context.paths.data_dir;
    let accounts = context.settings.accounts.len() + context.settings.invalid_accounts.len();
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
    let path = client.store_path().display();
    match client.check_store() {
        Ok(damage) if damage.is_empty() => report.ok("store", &format!("{path}: whole"))?,
        Ok(damage) => report.fail(
            "store",
            &format!("{path}: damaged: {}", damage.join("; ")),
            "stop Loket, copy the directory away, then: loket export, and import it anew",
        )?,
        Err(error) => report.fail("store", &error.to_string(), "look at the disk and the directory's owner")?,
    }
    if let Err(error) = client.check_write() {
        let detail = format!("cannot be written: {error}");
        report.fail("store", &detail, "free some space, or look at the directory's owner")?;
    }
    privacy(report, context)?;
    media(report, context, &client)?;
    engine(report, &client)?;
    events(report, &client, read_again)?;
    Ok(Some(client))
}

fn privacy(report: &mut Report, context: &Context) -> Result<(), Exit> {
    let kept = match context.settings.privacy.keep_days {
        Some(days) => format!("messages and raw events older than {days} days are deleted"),
        None => "messages are kept for ever ([privacy] keep_days deletes old ones)".to_owned(),
    };
    report.ok("privacy", &kept)
}

/// Reports customers' files: how many, and whether some did not come.
fn media(report: &mut Report, context: &Context, client: &Client) -> Result<(), Exit> {
    let counts = client.media_counts()?;
    let (files, megabytes) = (counts.files, counts.bytes.div_ceil(1_000_000));
    if !context.settings.media.fetch {
        report.ok("files", "are fetched only when somebody asks ([media] fetch)")?;
    }
    let (waiting, failed, refused) = (counts.waiting, counts.failed, counts.refused);
    report.ok("files", &format!("{files} files of customers are here, {megabytes} MB; {waiting} are still to come"))?;
    if failed + refused == 0 {
        return Ok(());
    }
    let detail = format!("{failed} files could not be fetched, {refused} were refused");
    report.warn("files", &detail, "loket messages --json says why; to try one again: loket media MESSAGE")
}

fn engine(report: &mut Report, client: &Client) -> Result<(), Exit> {
    match engine_pid(client.data_dir()) {
        Some(pid) => running(report, client, &pid)?,
        None => report.warn("engine", "does not run: no webhook is taken", "start it: loket, or loket serve")?,
    }
    Ok(())
}

fn events(report: &mut Report, client: &Client, read_again: bool) -> Result<(), Exit> {
    if read_again {
        let events = runtime()?.block_on(client.read_again())?;
        report.ok("events", &format!("{events} events that were not understood are read again by the engine"))?;
    }
    let (waiting, unknown) = client.count_events(EVENTS_MAX)?;
    let most = |count| if count == EVENTS_MAX { "at least " } else { "" };
    if waiting > 0 {
        let detail = format!("{}{waiting} events wait to be interpreted", most(waiting));
        report.warn("events", &detail, "they are when the engine runs and their account is in the configuration")?;
    }
    let newest = client.unknown_events(1)?;
    let Some((account, event)) = newest.first() else {
        return report.ok("events", "every event that came was understood");
    };
    let detail = format!("{}{unknown} events were not understood, the newest of {account}: {event}", most(unknown));
    let remedy = "they are kept, and a newer Loket reads them again by itself; to do so now: loket doctor --read-again";
    report.warn("events", &detail, remedy)
}

/// Reports what a running engine says of itself.
fn running(report: &mut Report, client: &Client, pid: &str) -> Result<(), Exit> {
    report.ok("engine", &format!("runs (pid {pid})"))?;
    let Some(engine) = pid.parse().ok().and_then(|pid| engine_status(client.data_dir(), pid)) else { return Ok(()) };
    if let Some(reason) = &engine.config_error {
        let detail = format!("goes on with an older configuration: {reason}");
        report.warn("engine", &detail, "correct the file; the engine takes it over by itself")?;
    }
    for (task, panics) in &engine.failed_tasks {
        let detail = format!("its {task} stopped on a defect {panics} times and was started again");
        report.warn("engine", &detail, "report the defect; the engine's log says where it is")?;
    }
    Ok(())
}

#[cfg(unix)]
fn modes(report: &mut Report, dir: &Path) -> Result<(), Exit> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode() & 0o777);
    match mode(dir) {
        Ok(mode) if mode & 0o077 != 0 => {
            let detail = format!("{}: other users can look into it (mode {mode:04o})", dir.display());
            report.warn("file modes", &detail, &format!("chmod 700 {}", dir.display()))
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
    let detail = format!("{} MiB are free", free >> 20);
    if free < SPACE.1 {
        report.fail("disk", &detail, "free some space: without it webhooks are refused")
    } else if free < SPACE.0 {
        report.warn("disk", &detail, "free some space soon")
    } else {
        report.ok("disk", &detail)
    }
}

#[cfg(not(unix))]
fn space(_report: &mut Report, _dir: &Path) -> Result<(), Exit> {
    Ok(())
}

/// Checks the known state of an account's connection.
pub(super) fn health(report: &mut Report, client: &Client, settings: &AccountSettings) -> Result<(), Exit> {
    let Some(row) = client.stored_account(&settings.name)? else { return Ok(()) };
    if let Some(notice) = row.health.notice.as_ref().filter(|notice| notice.code.is_warning()) {
        let detail = format!("WhatsApp says: {} {}", notice.code.as_str(), notice.detail);
        report.warn(&format!("account {}", settings.name), detail.trim_end(), "look into WhatsApp Manager")?;
    }
    let remedy = match row.health.state {
        SessionState::LoggedOut => "log in again: loket login, or on the gateway's dashboard",
        SessionState::Banned => "the number is banned; ask WhatsApp or the gateway",
        SessionState::KeyRefused => "renew the key in the gateway's dashboard",
        SessionState::Unreachable => "look at the network, then at the gateway's status page",
        _ => return Ok(()),
    };
    let since = row.health.since.map(|at| format!(" since {at}")).unwrap_or_default();
    let detail = format!("{}{since} {}", row.health.state.as_str(), row.health.detail);
    report.warn(&format!("account {}", settings.name), detail.trim_end(), remedy)
}

/// Checks whether the system has a keyring.
pub(super) fn keyring(report: &mut Report) -> Result<(), Exit> {
    match config::keyring_available() {
        Ok(()) => report.ok("keyring", "there: secrets that are typed are kept in it"),
        Err(why) => report.ok(
            "keyring",
            &format!("not there, so secrets that are typed are kept in files for their owner only ({why})"),
        ),
    }
}
