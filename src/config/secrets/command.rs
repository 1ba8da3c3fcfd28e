//! Runs the program that prints a secret, without a shell. Nothing that it prints gets into an error.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long the program may run; enough to type a passphrase.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
const MAX_BYTES: u64 = 64 * 1024;

/// The first line of the program's output, provided that it exits with status 0 within `limit`.
pub(super) fn first_line(argv: &[String], limit: Duration) -> Result<String, String> {
    let (program, arguments) = argv.split_first().ok_or("the command names no program")?;
    let shown = format!("program {program:?}");
    let deadline = Instant::now() + limit;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // Its messages would be drawn over the screen and may quote the secret.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{shown} cannot be started: {error}"))?;
    let output = read_output(&mut child, deadline);
    let exited = output.as_ref().ok().and_then(|_| wait_until(&mut child, deadline));
    let Some(status) = exited else {
        // Both fail only if it has just exited by itself.
        let _ = child.kill();
        let _ = child.wait();
        return Err(output.err().unwrap_or_else(|| "did not end".to_owned())).map_err(|reason| {
            format!("{shown} {reason} within {} seconds; run it by hand to see why", limit.as_secs())
        });
    };
    if !status.success() {
        return Err(format!("{shown} failed ({status}); run it by hand to see why"));
    }
    let text = String::from_utf8(output?).map_err(|_| format!("{shown} printed no UTF-8 text"))?;
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() { Err(format!("{shown} printed an empty first line")) } else { Ok(line.to_owned()) }
}

/// The child's output until it closes it, or an error at `deadline`. A grandchild that holds the output open blocks
/// only the reading thread.
fn read_output(child: &mut Child, deadline: Instant) -> Result<Vec<u8>, String> {
    let stdout = child.stdout.take().ok_or("has no output")?;
    let (sender, receiver) = mpsc::channel();
    let read = move || {
        let mut bytes = Vec::new();
        let result = stdout.take(MAX_BYTES).read_to_end(&mut bytes).map(|_| bytes);
        // Sending fails only after the limit has passed, when the receiver is gone.
        let _ = sender.send(result);
    };
    thread::Builder::new().name("secret".to_owned()).spawn(read).map_err(|_| "could not be read from")?;
    let result = receiver.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    result.map_err(|_| "printed nothing complete")?.map_err(|_| "could not be read from".to_owned())
}

/// The child's exit status; `None` if it is still running at `deadline`. Its output is closed, so the wait is short.
fn wait_until(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> Result<String, String> {
        first_line(&["sh".to_owned(), "-c".to_owned(), script.to_owned()], limit)
    }

    #[test]
    fn the_first_line_of_output_is_the_secret() {
        assert_eq!(sh("printf 'geheim\\r\\nurl: x\\n'", LIMIT).as_deref(), Ok("geheim"));
        assert_eq!(sh("cat; echo stdin-was-empty", LIMIT).as_deref(), Ok("stdin-was-empty"));
    }

    #[test]
    fn a_failure_names_a_remedy_and_not_the_output() {
        let failed = sh("echo geheim; echo geheim >&2; exit 3", LIMIT).unwrap_err();
        assert_eq!(failed, "program \"sh\" failed (exit status: 3); run it by hand to see why");
        assert_eq!(sh("echo; echo geheim", LIMIT).unwrap_err(), "program \"sh\" printed an empty first line");
        assert_eq!(sh("printf '\\377geheim'", LIMIT).unwrap_err(), "program \"sh\" printed no UTF-8 text");
        let missing = first_line(&["/no/such/program".to_owned()], LIMIT).unwrap_err();
        assert!(missing.starts_with("program \"/no/such/program\" cannot be started: "), "{missing}");
    }

    #[test]
    fn a_hanging_program_is_killed() {
        let wanted = "within 0 seconds; run it by hand to see why";
        let silent = sh("exec sleep 600", Duration::from_millis(50)).unwrap_err();
        assert_eq!(silent, format!("program \"sh\" printed nothing complete {wanted}"));
        let closed = sh("exec >&-; exec sleep 600", Duration::from_millis(200)).unwrap_err();
        assert!(closed.ends_with(wanted), "{closed}");
    }
}
