//! Runs a program on a file and takes what it prints.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::engine::process_group::ProcessGroup;

/// Why a program printed nothing that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    #[error("{program} cannot be started: {reason}")]
    NotStarted { program: String, reason: String },
    #[error("{program} failed ({status})")]
    Failed { program: String, status: ExitStatus },
    #[error("{program} did not end within {} minutes", .limit.as_secs() / 60)]
    TooSlow { program: String, limit: Duration },
    #[error("{program} printed more than {limit} bytes")]
    TooMuch { program: String, limit: usize },
}

/// What a program prints that is given a file as its last argument. It and all that it has started end at the latest when
/// `time` is over or this is dropped.
pub(crate) async fn output(
    argv: &[String],
    file: &Path,
    hidden: &[OsString],
    time: Duration,
    most: usize,
) -> Result<Vec<u8>, ProgramError> {
    let program = argv.first().cloned().unwrap_or_default();
    let not_started = |reason: std::io::Error| ProgramError::NotStarted {
        program: program.clone(),
        reason: match reason.kind() {
            std::io::ErrorKind::NotFound => "it is not installed, or not in PATH".to_owned(),
            _ => reason.to_string(),
        },
    };
    let mut command = Command::new(&program);
    command.args(argv.get(1..).unwrap_or_default()).arg(file);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    for name in hidden {
        command.env_remove(name);
    }
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(not_started)?;
    let _group = ProcessGroup::of(&child);
    let Some(stdout) = child.stdout.take() else { return Err(not_started(std::io::ErrorKind::BrokenPipe.into())) };
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let run = async {
        let mut bytes = Vec::new();
        stdout.take(limit).read_to_end(&mut bytes).await?;
        let status = if bytes.len() > most { None } else { Some(child.wait().await?) };
        Ok((bytes, status))
    };
    match tokio::time::timeout(time, run).await {
        Err(_) => Err(ProgramError::TooSlow { program, limit: time }),
        Ok(Err(error)) => Err(not_started(error)),
        Ok(Ok((_, None))) => Err(ProgramError::TooMuch { program, limit: most }),
        Ok(Ok((_, Some(status)))) if !status.success() => Err(ProgramError::Failed { program, status }),
        Ok(Ok((bytes, Some(_)))) => Ok(bytes),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn sh(script: &str, time: Duration, most: usize) -> Result<String, String> {
        let argv = ["sh", "-c", script].map(str::to_owned);
        let hidden = [OsString::from("LOKET_TEST_SECRET")];
        let printed = output(&argv, Path::new("/tmp/a b.ogg"), &hidden, time, most).await;
        printed.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_program_gets_the_file_as_its_last_argument() {
        let long = Duration::from_secs(20);
        // With `sh -c` the file becomes `$0`.
        assert_eq!(sh("cat; printf '%s.' \"$0\"; echo noise >&2", long, 100).await.as_deref(), Ok("/tmp/a b.ogg."));
        assert_eq!(sh("echo x; exit 3", long, 100).await, Err("sh failed (exit status: 3)".to_owned()));
        assert_eq!(sh("yes", long, 100).await, Err("sh printed more than 100 bytes".to_owned()));
        let none = output(&["/no/such".to_owned()], Path::new("x"), &[], long, 1).await;
        assert_eq!(none.unwrap_err().to_string(), "/no/such cannot be started: it is not installed, or not in PATH");
    }

    #[tokio::test]
    async fn what_does_not_end_is_ended_with_all_that_it_has_started() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > '{}'; wait", mark.display());
        let slow = sh(&script, Duration::from_millis(1500), 100).await;
        assert_eq!(slow, Err("sh did not end within 0 minutes".to_owned()));
        let pid = std::fs::read_to_string(&mark).unwrap();
        let process = Path::new("/proc").join(pid.trim()).join("stat");
        let is_gone = || std::fs::read_to_string(&process).map_or(true, |stat| stat.contains(") Z "));
        let mut looks = 0;
        while cfg!(target_os = "linux") && !is_gone() {
            looks += 1;
            assert!(looks < 400, "the program's child still runs");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}
