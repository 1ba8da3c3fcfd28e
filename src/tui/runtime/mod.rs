//! Runs the screen: hears keys, changes and answers, draws one frame per batch, does what is asked.
//!
//! Invariant: there is no tick. The loop sleeps until something comes or something on the screen ages.

pub mod backend;
mod desk;
pub mod login;
mod outside;
mod paint;
pub mod reads;
mod signals;
mod terminal;
pub mod writes;

pub use backend::Backend;

use crate::tui::effect::{GatewayCall, TerminalAction};
use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use self::login::Asking;
use self::signals::Ends;
use self::terminal::Screen;
use super::app::layout::layout;
use super::app::state::{Model, Setup};
use super::app::update::update;
use super::commands::keymap::Keymap;
use super::effect::Effect;
use super::i18n::Reply;
use super::message::Msg;
use super::theme::Theme;
use crate::config::Locale;
use crate::domain::AccountName;
use crate::engine::accounts::login::Timing;
use crate::text::link;

/// A batch takes at most so many messages before a frame is drawn.
const BATCH: usize = 512;

/// How long the end waits for what is still being written.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// A deadline is never nearer than this, so that a clock that stands still cannot make a tick.
const NEAREST: Duration = Duration::from_millis(20);

/// What the screen is told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The language.
    pub locale: Locale,
    /// Styles and signs.
    pub theme: Theme,
    /// Which key means what.
    pub keymap: Keymap,
    /// Where the reader is.
    pub zone: TimeZone,
    /// The name that stands beside own messages.
    pub agent: String,
    /// Canned replies; the language's own when there are none.
    pub replies: Vec<Reply>,
    /// Where the configuration lies, for the welcome screen.
    pub config_path: String,
}

/// How the screen ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// The person quits, or a signal asked to end.
    #[default]
    Quit,
    /// The person wants to see the demo.
    Demo,
}

/// Shows the screen until the person quits or a signal asks to end. The terminal is given back in any case.
pub async fn run<B: Backend>(backend: B, options: Options) -> io::Result<Outcome> {
    let mut ends = Ends::new()?;
    let screen = Screen::enter()?;
    let size = screen.size()?;
    let seq = backend.last_seq().map_err(io::Error::other)?;
    let setup = Setup {
        locale: options.locale,
        theme: options.theme,
        zone: options.zone,
        keymap: options.keymap,
        agent: options.agent,
        replies: options.replies,
        config_path: options.config_path,
        size,
        now: backend.now(),
        seq,
    };
    let (mut model, first) = Model::new(setup);
    // The first frame shows the store's content: these reads are local and short.
    for effect in first {
        if let Some(msg) = reads::answer(&backend, &effect) {
            update(&mut model, msg);
        }
    }
    let mut running = Running::new(backend, screen, model);
    let ended = running.go(&mut ends).await;
    running.finish().await;
    ended
}

/// The screen while it runs.
struct Running<B: Backend> {
    backend: B,
    screen: Screen,
    model: Model,
    answers: mpsc::UnboundedSender<Msg>,
    heard: mpsc::UnboundedReceiver<Msg>,
    deeds: Option<mpsc::UnboundedSender<Effect>>,
    writer: JoinHandle<()>,
    keys: Option<JoinHandle<()>>,
    woken: watch::Receiver<u64>,
    /// The login that is on the screen.
    login: Option<Asking>,
    /// The engine still tells about commits.
    watching: bool,
}

impl<B: Backend> Running<B> {
    fn new(backend: B, screen: Screen, model: Model) -> Self {
        let (answers, heard) = mpsc::unbounded_channel();
        let (deeds, queue) = mpsc::unbounded_channel();
        let writer = tokio::spawn(write(backend.clone(), queue, answers.clone()));
        let woken = backend.watch();
        let keys = Some(listen(answers.clone()));
        Running {
            backend,
            screen,
            model,
            answers,
            heard,
            deeds: Some(deeds),
            writer,
            keys,
            woken,
            login: None,
            watching: true,
        }
    }

    async fn go(&mut self, ends: &mut Ends) -> io::Result<Outcome> {
        // A commit between the first reads and now has woken nobody yet.
        let mut batch = vec![Msg::Woken];
        loop {
            let mut asked = update(&mut self.model, Msg::Now(self.backend.now()));
            for msg in batch.drain(..) {
                asked.extend(update(&mut self.model, msg));
            }
            if let Some(outcome) = self.perform(asked, ends).await? {
                return Ok(outcome);
            }
            self.frame()?;
            self.wait(&mut batch, ends).await;
        }
    }

    /// Measures and draws.
    fn frame(&mut self) -> io::Result<()> {
        // Nobody is asked for a code that nobody sees.
        if self.login.as_ref().is_some_and(|login| self.model.login() != Some(login.account())) {
            self.login = None;
        }
        let size = self.screen.size()?;
        if size != self.model.size {
            update(&mut self.model, Msg::Resized(size.0, size.1));
        }
        for effect in layout(&mut self.model) {
            self.ask(effect);
        }
        self.screen.draw(&self.model)
    }

    /// Waits until something comes, then takes everything that is ready.
    async fn wait(&mut self, batch: &mut Vec<Msg>, ends: &mut Ends) {
        let deadline = self.model.deadline().map(|at| {
            let left = at.since(self.backend.now());
            left.max(NEAREST)
        });
        let aged = async {
            match deadline {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = ends.recv() => batch.push(Msg::Stop),
            Some(msg) = self.heard.recv() => batch.push(msg),
            changed = self.woken.changed(), if self.watching => match changed {
                Ok(()) => batch.push(Msg::Woken),
                Err(_) => self.watching = false,
            },
            () = aged => {}
        }
        while batch.len() < BATCH {
            match self.heard.try_recv() {
                Ok(msg) => batch.push(msg),
                Err(_) => break,
            }
        }
        if self.watching && self.woken.has_changed().unwrap_or(false) {
            self.woken.borrow_and_update();
            batch.push(Msg::Woken);
        }
    }

    /// Does what was asked; says how the screen is to end, when it is.
    async fn perform(&mut self, asked: Vec<Effect>, ends: &mut Ends) -> io::Result<Option<Outcome>> {
        let mut end = None;
        for effect in asked {
            match effect {
                Effect::Terminal(TerminalAction::Quit) => end = Some(Outcome::Quit),
                Effect::Terminal(TerminalAction::Demo) => end = Some(Outcome::Demo),
                Effect::Gateway(GatewayCall::BeginLogin { account }) => self.begin_login(account),
                Effect::Gateway(GatewayCall::ContinueLogin) => {
                    if let Some(login) = &self.login {
                        login.go_on();
                    }
                }
                Effect::Terminal(TerminalAction::Suspend) => {
                    self.stop_keys().await;
                    terminal::restore();
                    outside::sleep();
                    self.come_back()?;
                }
                Effect::Terminal(TerminalAction::Edit { conversation, text }) => {
                    self.stop_keys().await;
                    terminal::restore();
                    let edited = tokio::task::spawn_blocking(move || outside::edit(&text)).await;
                    ends.forget_interrupt()?;
                    self.come_back()?;
                    let result = edited.unwrap_or(Err(super::message::EditError::Failed));
                    let _ = self.answers.send(Msg::Edited { conversation, result });
                }
                Effect::Terminal(TerminalAction::Copy { text }) => {
                    let cut = self.screen.copy(&text)?;
                    let _ = self.answers.send(Msg::Copied { cut });
                }
                effect => self.ask(effect),
            }
        }
        Ok(end)
    }

    fn begin_login(&mut self, account: AccountName) {
        let answers = self.answers.clone();
        let whose = account.clone();
        let tell = move |news| answers.send(Msg::Login { account: whose.clone(), news }).is_ok();
        self.login = Some(Asking::begin(self.backend.clone(), account, Timing::default(), tell));
    }

    /// Hands an effect to those who answer it later.
    fn ask(&self, effect: Effect) {
        let answers = self.answers.clone();
        if writes::is_deed(&effect) {
            // The writer ends only after this sender is dropped.
            if let Some(deeds) = &self.deeds {
                let _ = deeds.send(effect);
            }
            return;
        }
        let backend = self.backend.clone();
        match effect {
            Effect::Gateway(GatewayCall::Templates { account }) => {
                tokio::spawn(async move {
                    let templates = backend.templates(&account).await;
                    let _ = answers.send(Msg::TemplatesRead { account, templates });
                });
            }
            Effect::Gateway(GatewayCall::Groups { account }) => {
                tokio::spawn(async move {
                    let groups = backend.groups(&account).await;
                    let _ = answers.send(Msg::GroupsRead { account, groups });
                });
            }
            Effect::Gateway(GatewayCall::CheckNumber { account, phone }) => {
                tokio::spawn(async move {
                    let said = backend.check_number(&account, &phone).await;
                    let _ = answers.send(Msg::NumberChecked { account, phone, said });
                });
            }
            Effect::Gateway(GatewayCall::AddAccount(draft)) => {
                tokio::spawn(async move {
                    let name = draft.name.clone();
                    let result = backend.keep_account(*draft).await.map(Box::new);
                    let _ = answers.send(Msg::AccountKept { name, result });
                });
            }
            Effect::Terminal(TerminalAction::OpenLink { url }) => {
                tokio::task::spawn_blocking(move || {
                    let host = link::host(url.as_str()).unwrap_or_default().to_owned();
                    let result = outside::open_link(&url);
                    let _ = answers.send(Msg::LinkOpened { host, result });
                });
            }
            effect => {
                tokio::task::spawn_blocking(move || {
                    if let Some(msg) = reads::answer(&backend, &effect) {
                        let _ = answers.send(msg);
                    }
                });
            }
        }
    }

    /// Stops reading keys, so that none is taken from another program.
    async fn stop_keys(&mut self) {
        if let Some(keys) = self.keys.take() {
            keys.abort();
            // It was cancelled; that is what was wanted.
            let _ = keys.await;
        }
    }

    fn come_back(&mut self) -> io::Result<()> {
        self.screen.return_to()?;
        self.keys = Some(listen(self.answers.clone()));
        Ok(())
    }

    /// Gives the terminal back, then waits for what is still being written.
    async fn finish(mut self) {
        self.stop_keys().await;
        // After an error the draft may not have been handed over yet.
        for effect in update(&mut self.model, Msg::Stop) {
            if writes::is_deed(&effect) {
                self.ask(effect);
            }
        }
        self.deeds = None;
        drop(self.screen);
        let _ = tokio::time::timeout(LAST_WRITES, self.writer).await;
    }
}

/// Does the deeds in their order.
async fn write<B: Backend>(
    backend: B,
    mut queue: mpsc::UnboundedReceiver<Effect>,
    answers: mpsc::UnboundedSender<Msg>,
) {
    while let Some(effect) = queue.recv().await {
        if let Some(msg) = writes::perform(&backend, effect).await {
            // Nobody listens any more while the program ends.
            let _ = answers.send(msg);
        }
    }
}

/// Reads the terminal's events; its end is the program's end.
fn listen(answers: mpsc::UnboundedSender<Msg>) -> JoinHandle<()> {
    // Made at once rather than in the task: from here on no change of the window's size goes unheard.
    let mut events = EventStream::new();
    tokio::spawn(async move {
        loop {
            let msg = match events.next().await {
                Some(Ok(Event::Key(key))) if key.kind == KeyEventKind::Release => continue,
                Some(Ok(Event::Key(key))) => Msg::Key(key),
                Some(Ok(Event::Paste(text))) => Msg::Paste(text),
                Some(Ok(Event::Resize(width, height))) => Msg::Resized(width, height),
                Some(Ok(Event::FocusGained)) => Msg::Focused(true),
                Some(Ok(Event::FocusLost)) => Msg::Focused(false),
                Some(Ok(Event::Mouse(_))) => continue,
                Some(Err(_)) | None => Msg::Stop,
            };
            let last = msg == Msg::Stop;
            if answers.send(msg).is_err() || last {
                return;
            }
        }
    })
}
