//! The command line of a tunnel program, and the pattern of the URL in what it prints.

use crate::domain::is_web_url;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use regex_lite::Regex;
use tokio::process::{Child, Command};

use crate::config::Tunnel;

/// Why a tunnel cannot be started as it is set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TunnelError {
    #[error("[listener] tunnel: the url pattern cannot be read: {0}")]
    Pattern(String),
    #[error("[listener] tunnel: the command is empty")]
    NoProgram,
}

/// A tunnel program with its arguments, and the URL in its output.
#[derive(Debug, Clone)]
pub(super) struct TunnelCommand {
    pub(super) program: String,
    arguments: Vec<String>,
    url: Regex,
    /// A URL that the pattern matches too, but that is no tunnel.
    other_url: &'static str,
    process: TunnelProcess,
}

/// How a tunnel program is run.
#[derive(Debug, Clone, Default)]
pub(crate) struct TunnelProcess {
    /// Environment variables that it does not inherit.
    pub(crate) hidden: Vec<OsString>,
    /// This program, which as `loket guard` runs the tunnel and ends it when this process is killed; `None`: nobody does.
    pub(crate) guard: Option<PathBuf>,
}

/// The program that a tunnel needs, or why the tunnel cannot be started.
pub(crate) fn check(setting: &Tunnel, listener: SocketAddr) -> Result<String, TunnelError> {
    TunnelCommand::new(setting, listener, TunnelProcess::default()).map(|command| command.program)
}

impl TunnelCommand {
    /// The command for a listener that is bound at `listener`. In a custom command `{port}` and `{address}` stand for
    /// the listener's.
    pub(super) fn new(setting: &Tunnel, listener: SocketAddr, process: TunnelProcess) -> Result<Self, TunnelError> {
        let port = listener.port();
        let host = match listener.ip() {
            ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let address = format!("{host}:{port}");
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (command, pattern, other_url) = match setting {
            Tunnel::Cloudflared => (
                owned(&["cloudflared", "tunnel", "--no-autoupdate", "--url", &format!("http://{address}")]),
                r"https://[-a-z0-9]+\.trycloudflare\.com",
                // Where the program requests a tunnel; its errors name it.
                "https://api.trycloudflare.com",
            ),
            Tunnel::Ngrok => (
                owned(&["ngrok", "http", "--log", "stdout", "--log-format", "logfmt", &address]),
                r#"\burl=(https://[^\s"]+)"#,
                "",
            ),
            Tunnel::Custom { command, url } => {
                let filled = |word: &String| word.replace("{port}", &port.to_string()).replace("{address}", &address);
                (command.iter().map(filled).collect(), url.as_str(), "")
            }
        };
        let url = Regex::new(pattern).map_err(|error| TunnelError::Pattern(error.to_string()))?;
        let mut command = command.into_iter();
        let program = command.next().filter(|word| !word.is_empty()).ok_or(TunnelError::NoProgram)?;
        Ok(TunnelCommand { program, arguments: command.collect(), url, other_url, process })
    }

    /// The URL in a line of output: the pattern's first group, or all that it matches.
    pub(super) fn url(&self, line: &str) -> Option<String> {
        self.url.captures_iter(line).find_map(|found| {
            let url = found.get(1).or_else(|| found.get(0))?.as_str().trim_end_matches('/');
            (is_web_url(url) && url != self.other_url).then(|| url.to_owned())
        })
    }

    /// Runs the program without a shell, in a process group of its own.
    pub(super) fn spawn(&self) -> std::io::Result<Child> {
        let guard = self.process.guard.as_ref().filter(|_| cfg!(unix));
        let mut command = guard.map_or_else(|| Command::new(&self.program), Command::new);
        command.stdin(Stdio::null());
        if guard.is_some() {
            // A pipe that nothing is written into: it closes when this process ends, however it ends.
            command.args(["guard", "--", &self.program]).stdin(Stdio::piped());
        }
        for name in &self.process.hidden {
            command.env_remove(name);
        }
        #[cfg(unix)]
        command.process_group(0);
        command.args(&self.arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> SocketAddr {
        "0.0.0.0:8484".parse().unwrap()
    }

    #[test]
    fn the_url_is_found_in_what_the_programs_print() {
        let cloudflared = TunnelCommand::new(&Tunnel::Cloudflared, listener(), TunnelProcess::default()).unwrap();
        assert_eq!(cloudflared.arguments.last().unwrap(), "http://127.0.0.1:8484");
        let line = "2026-01-04T08:49:07Z INF |  https://four-words-in-a.trycloudflare.com            |";
        assert_eq!(cloudflared.url(line).as_deref(), Some("https://four-words-in-a.trycloudflare.com"));
        let error = "failed to request quick Tunnel: Post \"https://api.trycloudflare.com/tunnel\": EOF";
        assert_eq!(cloudflared.url(error), None);
        assert_eq!(cloudflared.url("INF Thank you: https://developers.cloudflare.com/"), None);

        let ngrok = TunnelCommand::new(&Tunnel::Ngrok, listener(), TunnelProcess::default()).unwrap();
        let line = "t=2026-01-04T08:49:07+0000 lvl=info msg=\"started tunnel\" obj=tunnels name=command_line \
                    addr=http://127.0.0.1:8484 url=https://a1b2.ngrok-free.app";
        assert_eq!(ngrok.url(line).as_deref(), Some("https://a1b2.ngrok-free.app"));
        assert_eq!(ngrok.url("msg=\"open update\" url=/api/tunnels addr=http://127.0.0.1:4040"), None);
    }

    #[test]
    fn a_custom_command_is_given_the_port_and_its_pattern_is_checked() {
        let custom = |url: &str| Tunnel::Custom {
            command: vec!["t".into(), "--to={address}".into(), "{port}".into()],
            url: url.into(),
        };
        let command =
            TunnelCommand::new(&custom("at (https?://\\S+) now"), "[::1]:9".parse().unwrap(), TunnelProcess::default())
                .unwrap();
        assert_eq!(command.arguments, ["--to=[::1]:9", "9"]);
        assert_eq!(command.url("at https://x.example/ now").as_deref(), Some("https://x.example"));
        assert!(matches!(
            TunnelCommand::new(&custom("("), listener(), TunnelProcess::default()),
            Err(TunnelError::Pattern(_))
        ));
        let empty = Tunnel::Custom { command: Vec::new(), url: "x".into() };
        assert_eq!(
            TunnelCommand::new(&empty, listener(), TunnelProcess::default()).unwrap_err(),
            TunnelError::NoProgram
        );
    }
}
