//! `loket login`: the login code as text blocks, renewed until the session is connected.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use serde_json::json;

use super::args::Login as Args;
use super::gateway::Line;
use super::{Context, Exit, print};
use crate::domain::SessionState;
use crate::engine::accounts::login::{Login, Step};
use crate::engine::clock;
use crate::engine::outbound::query::QueryError;
use crate::providers::{LoginState, Query, QueryResponse};
use crate::text::Clean;
use crate::tui::widgets::qr;
use crate::tui::widgets::qr::{QrOptions, QrPlan};

/// Rows of the terminal that stand above and below the code.
const WORDS: u16 = 2;
/// The room of an output that is no terminal.
const NO_TERMINAL: (u16, u16) = (200, 200);

/// `loket login`.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), Exit> {
    let line = Line::to(context, &args.account)?;
    let screen = Screen { context, args, terminal: io::stdout().is_terminal() && !context.common.json };
    let mut login = Login::begin(clock::now());
    loop {
        let state = ask(&line)?;
        match login.heard(state, clock::now()) {
            Step::Show(code) => screen.show(&code)?,
            Step::Unchanged => {}
            Step::Waiting => screen.waiting(),
            Step::Connected { number, name } => {
                line.observe(SessionState::Connected, number.as_deref().unwrap_or_default());
                return screen.connected(number.as_deref(), name.as_deref());
            }
        }
        if let Some(pause) = login.pause(clock::now()) {
            // The timer must be made inside the runtime: making it outside panics.
            line.runtime.block_on(async { tokio::time::sleep(pause).await });
        } else {
            screen.ask_to_go_on()?;
            login.go_on(clock::now());
        }
    }
}

fn ask(line: &Line<'_>) -> Result<LoginState, Exit> {
    match line.try_ask(&Query::Login) {
        Ok(told) => match told.answer {
            QueryResponse::Login(state) => Ok(state),
            _ => Err(line.nonsense()),
        },
        Err(QueryError::Unsupported) => {
            let manifest = line.member.manifest();
            Err(Exit::wrong(format!(
                "account \"{}\": {name} has no login over its API; log in on {name}'s dashboard (scan its QR code there)",
                line.member.name(),
                name = manifest.name,
            )))
        }
        Err(QueryError::Failed(failure)) => Err(line.failed(&failure)),
    }
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
        let (width, height) = self.room();
        let options = QrOptions { invert: self.args.invert, ..QrOptions::default() };
        match qr::plan(code, width, height.saturating_sub(WORDS), options) {
            QrPlan::Drawn(drawing) => {
                // A new code takes the old one's place, so that nobody scans the old one.
                let clear = if self.terminal { "\u{1b}[2J\u{1b}[H" } else { "" };
                print::line(&format!("{clear}{}", qr::text(&drawing).trim_end_matches('\n')))?;
                print::complain("WhatsApp > Linked devices > Link a device, then scan. Ctrl+C ends.");
            }
            QrPlan::TooSmall { needs_w, needs_h } => {
                print::complain(&format!(
                    "the code does not fit into {width}x{height}: enlarge the terminal to {needs_w}x{}, make its font \
                     smaller, or save the code as a picture with --png FILE",
                    needs_h + WORDS
                ));
            }
            QrPlan::Unencodable => return Err(Exit::failed("the gateway gave a code that no QR holds")),
        }
        Ok(())
    }

    fn room(&self) -> (u16, u16) {
        let size = if self.terminal { crossterm::terminal::size().ok() } else { None };
        size.unwrap_or(NO_TERMINAL)
    }

    fn waiting(&self) {
        if !self.context.common.json {
            print::complain("the gateway prepares a code …");
        }
    }

    fn connected(&self, number: Option<&str>, name: Option<&str>) -> Result<(), Exit> {
        if self.context.common.json {
            return print::json(
                &json!({"account": self.args.account, "state": "connected", "number": number, "name": name}),
            );
        }
        let who = number.or(name).unwrap_or_default();
        print::line(&format!("connected as {}", Clean::line(who).as_str()))
    }

    /// After three minutes: a person at a terminal goes on with Enter, a script ends.
    fn ask_to_go_on(&self) -> Result<(), Exit> {
        let given_up = || Exit::failed("nobody scanned the code within three minutes; run the command again");
        if !self.terminal || !io::stdin().is_terminal() {
            return Err(given_up());
        }
        print::complain("Paused after three minutes. Enter goes on, Ctrl+C ends.");
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(read) if read > 0 => Ok(()),
            _ => Err(given_up()),
        }
    }
}

fn save(path: &Path, code: &str) -> Result<(), Exit> {
    let picture = qr::png(code, 8).ok_or_else(|| Exit::failed("the gateway gave a code that no QR holds"))?;
    std::fs::write(path, picture)
        .map_err(|e| Exit::failed(format!("{}: {e}; choose another file with --png", path.display())))
}
