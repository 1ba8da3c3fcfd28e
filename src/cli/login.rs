//! `loket login`: the login code as text blocks, renewed until the session is connected.
use std::io::{self, IsTerminal as _};
use std::path::Path;

use serde_json::json;

use super::account_client::AccountClient;
use super::args::Login as Args;
use super::{Context, Exit, print};
use crate::domain::QueryError;
use crate::engine::client::{Login, LoginState, Step, Timing};
use crate::files;
use crate::text::Clean;
use crate::tui::widgets::qr::{self, QrOptions, QrPlan};

/// Rows of the terminal above and below the code.
const TEXT_ROWS: u16 = 2;
/// Columns and rows of an output that is no terminal.
const NO_TERMINAL: (u16, u16) = (200, 200);
pub(super) fn run(context: &Context, args: &Args) -> Result<(), Exit> {
    let session = AccountClient::open(context, &args.account)?;
    let screen = Screen { context, args, terminal: io::stdout().is_terminal() && !context.common.json };
    let now = || session.client.now();
    let mut login = Login::new(Timing::default(), now());
    loop {
        let state = poll(&session)?;
        match login.advance(state, now()) {
            Step::Show(code) => screen.show(&code)?,
            Step::Unchanged => {}
            Step::Waiting => screen.waiting(),
            Step::Connected { number, name } => return screen.connected(number.as_deref(), name.as_deref()),
        }
        if let Some(pause) = login.pause(now()) {
            // The timer must be made inside the runtime: making it outside panics.
            session.block_on(async { tokio::time::sleep(pause).await });
        } else {
            screen.wait_for_enter()?;
            login.resume(now());
        }
    }
}

fn poll(session: &AccountClient<'_>) -> Result<LoginState, Exit> {
    session.block_on(session.client.login(session.name())).map_err(|error| match error {
        QueryError::Unsupported => Exit::wrong(format!(
            "account \"{}\": {gateway} has no login over its API; log in on {gateway}'s dashboard (scan its QR code there)",
            session.name(),
            gateway = session.gateway(),
        )),
        error => session.exit(error),
    })
}

struct Screen<'a> {
    context: &'a Context,
    args: &'a Args,
    terminal: bool,
}

impl Screen<'_> {
    fn show(&self, code: &str) -> Result<(), Exit> {
        if let Some(path) = &self.args.png {
            save(path, code)?;
        }
        if self.context.common.json {
            return print::json(&json!({"account": self.args.account, "state": "scan", "code": code}));
        }
        let (width, height) = self.size();
        let options = QrOptions { invert: self.args.invert, ..QrOptions::default() };
        match qr::plan(code, width, height.saturating_sub(TEXT_ROWS), options) {
            QrPlan::Drawn(drawing) => {
                // A new code takes the old one's place, so that nobody scans the old one.
                let clear = if self.terminal { "\u{1b}[2J\u{1b}[H" } else { "" };
                print::drawing(&format!("{clear}{}", qr::text(&drawing).trim_end_matches('\n')))?;
                print::stderr_line("WhatsApp > Linked devices > Link a device, then scan. Ctrl+C ends.");
            }
            QrPlan::TooSmall { needs_w, needs_h } => {
                print::stderr_line(&format!(
                    "the code does not fit into {width}x{height}: enlarge the terminal to {needs_w}x{}, make its font \
                     smaller, or save the code as a picture with --png FILE",
                    needs_h + TEXT_ROWS
                ));
            }
            QrPlan::Unencodable => return Err(Exit::failed("the gateway gave a code that no QR holds")),
        }
        Ok(())
    }

    fn size(&self) -> (u16, u16) {
        let size = if self.terminal { crossterm::terminal::size().ok() } else { None };
        size.unwrap_or(NO_TERMINAL)
    }

    fn waiting(&self) {
        if !self.context.common.json {
            print::stderr_line("the gateway prepares a code …");
        }
    }

    fn connected(&self, number: Option<&str>, name: Option<&str>) -> Result<(), Exit> {
        if self.context.common.json {
            return print::json(
                &json!({"account": self.args.account, "state": "connected", "number": number, "name": name}),
            );
        }
        let who = number.or(name).unwrap_or_default();
        print::sentence(&format!("connected as {}", Clean::line(who).as_str()))
    }

    /// After three minutes: a person at a terminal goes on with Enter, a script ends.
    fn wait_for_enter(&self) -> Result<(), Exit> {
        let timed_out = || Exit::failed("nobody scanned the code within three minutes; run the command again");
        if !self.terminal || !io::stdin().is_terminal() {
            return Err(timed_out());
        }
        print::stderr_line("Paused after three minutes. Enter goes on, Ctrl+C ends.");
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(read) if read > 0 => Ok(()),
            _ => Err(timed_out()),
        }
    }
}

fn save(path: &Path, code: &str) -> Result<(), Exit> {
    let picture = qr::png(code, 8).ok_or_else(|| Exit::failed("the gateway gave a code that no QR holds"))?;
    // Whoever reads the code can take the session over.
    files::replace(path, &picture)
        .map_err(|e| Exit::failed(format!("{}: {e}; choose another file with --png", path.display())))
}
