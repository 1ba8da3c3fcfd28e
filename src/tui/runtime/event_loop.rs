//! The event loop: collects keys, commits and answers into batches, updates the model, draws one frame per batch, and
//! hands every effect to the part that performs it.
//!
//! Invariant: only terminal actions are performed here; nothing else keeps a frame waiting.

use std::io;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::gateway::Gateway;
use super::pictures::{PictureShower, PixelTarget};
use super::pixels::{self, Protocol, Support};
use super::player::Player;
use super::previews::PreviewMaker;
use super::signals::{StopSignals, suspend};
use super::terminal::{Screen, listen, restore};
use super::{clipboard, desktop, editor, links, login, reads, settings, writes};
use crate::config::{Environment, PixelSetting, RepliesFile};
use crate::domain::OpenConversation;
use crate::engine::Client;
use crate::text::link;
use crate::tui::app::layout::layout;
use crate::tui::app::notifications::title;
use crate::tui::app::state::{Model, Setup};
use crate::tui::app::update::update;
use crate::tui::commands::keymap::Keymap;
use crate::tui::effect::{Effect, MediaCall, TerminalAction, Write};
use crate::tui::message::{Clipboard, Msg};
use crate::tui::theme::Theme;

/// A batch takes at most so many messages before a frame is drawn.
const BATCH: usize = 512;

/// How long the end waits for what is still being written.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// The shortest wait for a deadline, so that a clock that stands still cannot make a tick.
const SHORTEST_WAIT: Duration = Duration::from_millis(20);

/// A cell's width and height in pixels where the terminal does not say them.
const USUAL_CELL: (u16, u16) = (10, 20);

/// What the screen begins with.
#[derive(Debug)]
pub struct Options {
    pub theme: Theme,
    pub zone: TimeZone,
    /// The name beside messages that are sent from here.
    pub agent: String,
    /// The configuration file, for the welcome screen.
    pub config_path: String,
    /// Receives a value after the first frame, for work that must not compete with it; dropped if there is none.
    pub shown: Option<oneshot::Sender<()>>,
}

/// Why the screen ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// By a command or a signal.
    #[default]
    Quit,
    /// The demo is to be opened.
    Demo,
}

/// Shows the screen until the person quits or a signal asks to end. The terminal is given back in any case.
pub async fn run(client: Client, options: Options) -> io::Result<Outcome> {
    // The model is large; whoever waits for the end need not be.
    Box::pin(show_until_end(client, options)).await
}

async fn show_until_end(client: Client, options: Options) -> io::Result<Outcome> {
    let mut signals = StopSignals::new()?;
    let screen = Screen::enter()?;
    let size = screen.size()?;
    let seq = client.last_seq().map_err(io::Error::other)?;
    let known = settings::read(&client);
    let setup = Setup {
        locale: known.locale,
        theme: options.theme,
        zone: options.zone,
        keymap: Keymap::built_in().clone(),
        agent: options.agent,
        replies: RepliesFile::default(),
        country: known.country,
        config_path: options.config_path,
        size,
        now: client.now(),
        seq,
    };
    let (mut model, first) = Model::new(setup);
    model.downloads = desktop::downloads();
    update(&mut model, Msg::SettingsRead(Box::new(known.clone())));
    // The first frame shows the store's content: these reads are local and short.
    for read in first {
        let msg = reads::perform(&client, read);
        update(&mut model, msg);
    }
    let mut events = EventLoop::new(client.clone(), screen, model, options.shown);
    let follow = tokio::spawn(settings::follow(client, known, events.answers.clone()));
    let outcome = events.run(&mut signals).await;
    follow.abort();
    events.finish().await;
    outcome
}

struct EventLoop {
    client: Client,
    screen: Screen,
    model: Model,
    answers: mpsc::UnboundedSender<Msg>,
    messages: mpsc::UnboundedReceiver<Msg>,
    /// The writer task's queue; dropped at the end, which ends the task.
    writes: Option<mpsc::UnboundedSender<Write>>,
    writer: JoinHandle<()>,
    /// The task that reads the terminal; `None` while another program has it.
    keys: Option<JoinHandle<()>>,
    gateway: Gateway,
    previews: PreviewMaker,
    pictures: PictureShower,
    /// Whether the terminal has sixels, once it was asked.
    sixel: Option<bool>,
    player: Player,
    /// What other screens know of this one.
    presence: Option<OpenConversation>,
    commits: watch::Receiver<u64>,
    /// The engine still reports its commits.
    commits_open: bool,
    /// Waits for the first frame; `None` after it.
    shown: Option<oneshot::Sender<()>>,
}

impl EventLoop {
    fn new(client: Client, screen: Screen, model: Model, shown: Option<oneshot::Sender<()>>) -> Self {
        let (answers, messages) = mpsc::unbounded_channel();
        let (writes, queue) = mpsc::unbounded_channel();
        EventLoop {
            writer: tokio::spawn(write_in_order(client.clone(), queue, answers.clone())),
            keys: Some(listen(answers.clone(), client.clone())),
            gateway: Gateway::new(client.clone(), answers.clone()),
            previews: PreviewMaker::new(answers.clone()),
            pictures: PictureShower::new(answers.clone()),
            sixel: None,
            player: Player::new(client.clone(), answers.clone()),
            commits: client.watch(),
            commits_open: true,
            presence: None,
            writes: Some(writes),
            client,
            screen,
            model,
            answers,
            messages,
            shown,
        }
    }

    async fn run(&mut self, signals: &mut StopSignals) -> io::Result<Outcome> {
        // A commit between the first reads and now has woken nobody yet.
        let mut batch = vec![Msg::StoreChanged];
        loop {
            // Keys come with the time at which they were pressed, which must not lie in the past by then.
            let pressed = batch.iter().find_map(|msg| if let Msg::Now(at) = msg { Some(*at) } else { None });
            let now = pressed.unwrap_or_else(|| self.client.now());
            let mut effects = update(&mut self.model, Msg::Now(now));
            for msg in batch.drain(..) {
                effects.extend(update(&mut self.model, msg));
            }
            let mut outcome = None;
            for effect in effects {
                outcome = self.perform(effect, signals).await?.or(outcome);
            }
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
            for effect in self.measure()? {
                self.perform(effect, signals).await?;
            }
            self.screen.draw(&self.model)?;
            self.screen.set_title(title(&self.model))?;
            if let Some(shown) = self.shown.take() {
                // Whoever waited may be gone.
                let _ = shown.send(());
            }
            self.collect(&mut batch, signals).await;
        }
    }

    /// Performs an effect, or hands it to the task that does. Returns how the screen is to end, if it is.
    async fn perform(&mut self, effect: Effect, signals: &mut StopSignals) -> io::Result<Option<Outcome>> {
        match effect {
            Effect::Read(read) => {
                let (client, answers) = (self.client.clone(), self.answers.clone());
                tokio::task::spawn_blocking(move || drop(answers.send(reads::perform(&client, read))));
            }
            Effect::Write(write) => self.enqueue(write),
            Effect::Gateway(call) => self.gateway.perform(call),
            Effect::Media(call) => self.perform_media(call).await,
            Effect::Terminal(action) => return self.perform_terminal(action, signals).await,
        }
        Ok(None)
    }

    /// How pictures are sent to this terminal, if it has pixels. Asks the terminal where nothing else tells, once.
    async fn pixel_target(&mut self) -> Option<PixelTarget> {
        let environment = Environment::process();
        let setting = self.model.settings.pixels;
        let protocol = match Support::of(setting, |name| environment.text(name)) {
            Support::Has(protocol) => protocol,
            Support::None => return None,
            Support::Unknown => {
                if self.sixel.is_none() {
                    self.stop_keys().await;
                    self.sixel = tokio::task::spawn_blocking(pixels::has_sixel).await.ok();
                    self.keys = Some(listen(self.answers.clone(), self.client.clone()));
                }
                self.sixel.filter(|has| *has).map(|_| Protocol::Sixel)?
            }
        };
        let known = Screen::cell_size();
        // A sixel picture of a wrong size would cover what it should not.
        let is_sure = protocol != Protocol::Sixel || setting != PixelSetting::Auto;
        let cell = if is_sure { known.unwrap_or(USUAL_CELL) } else { known? };
        Some(PixelTarget { protocol, cell })
    }

    async fn perform_media(&mut self, call: MediaCall) {
        match call {
            MediaCall::MakePreviews(wanted) => self.previews.make(wanted),
            MediaCall::ShowPicture(request) => {
                let target = self.pixel_target().await;
                self.pictures.show(request, target);
            }
            MediaCall::Save { from, to, replace } => {
                let answers = self.answers.clone();
                tokio::task::spawn_blocking(move || {
                    let saved = desktop::save(&from, &to, replace);
                    let path = saved.as_ref().map_or(to, |path| path.display().to_string());
                    drop(answers.send(Msg::MediaSaved { path, result: saved.map(drop) }));
                });
            }
            MediaCall::Play(request) => self.player.play(request),
            MediaCall::StopPlaying => self.player.stop(),
        }
    }

    fn enqueue(&self, write: Write) {
        // The writer task ends only after this sender is dropped.
        if let Some(writes) = &self.writes {
            let _ = writes.send(write);
        }
    }

    async fn perform_terminal(
        &mut self,
        action: TerminalAction,
        signals: &mut StopSignals,
    ) -> io::Result<Option<Outcome>> {
        match action {
            TerminalAction::Quit => return Ok(Some(Outcome::Quit)),
            TerminalAction::Demo => return Ok(Some(Outcome::Demo)),
            TerminalAction::Suspend => {
                self.release_terminal().await;
                suspend();
                self.reclaim_terminal()?;
            }
            TerminalAction::Edit { conversation, text } => {
                self.release_terminal().await;
                let edited = editor::edit(&text, &self.client.hidden_variables(), signals.recv_termination()).await;
                let (result, stopped) = (edited.result, edited.stopped);
                if stopped {
                    // The terminal may be gone already. The end saves the draft.
                    for effect in update(&mut self.model, Msg::DraftEdited { conversation, result }) {
                        if let Effect::Write(write) = effect {
                            self.enqueue(write);
                        }
                    }
                    return Ok(Some(Outcome::Quit));
                }
                signals.forget_interrupt()?;
                self.reclaim_terminal()?;
                let _ = self.answers.send(Msg::DraftEdited { conversation, result });
            }
            TerminalAction::Copy { text } => {
                if clipboard::in_tmux() {
                    let (answers, hidden) = (self.answers.clone(), self.client.hidden_variables());
                    tokio::spawn(async move {
                        let clipboard = clipboard::copy_to_tmux(text.as_str(), &hidden).await;
                        drop(answers.send(Msg::Copied { cut: false, clipboard }));
                    });
                } else {
                    let cut = self.screen.copy(&text)?;
                    let _ = self.answers.send(Msg::Copied { cut, clipboard: Clipboard::Sent });
                }
            }
            TerminalAction::SaveSetting { key, value } => {
                let (client, answers) = (self.client.clone(), self.answers.clone());
                tokio::task::spawn_blocking(move || {
                    let result = settings::save(&client, key, value.as_deref());
                    drop(answers.send(Msg::SettingSaved { key, result }));
                });
            }
            TerminalAction::Notify { how, text } => self.screen.call(how, &text)?,
            TerminalAction::OpenLink { url } => {
                let (answers, hidden) = (self.answers.clone(), self.client.hidden_variables());
                tokio::task::spawn_blocking(move || {
                    let host = link::host(url.as_str()).unwrap_or_default().to_owned();
                    drop(answers.send(Msg::LinkOpened { host, result: links::open_link(&url, &hidden) }));
                });
            }
            TerminalAction::OpenFile { path, name } => {
                let (answers, hidden) = (self.answers.clone(), self.client.hidden_variables());
                tokio::task::spawn_blocking(move || {
                    drop(answers.send(Msg::FileOpened { name, result: desktop::open(&path, &hidden) }));
                });
            }
            TerminalAction::SavePicture { account, code } => {
                let (directory, answers) = (self.client.data_dir().to_owned(), self.answers.clone());
                tokio::task::spawn_blocking(move || {
                    drop(answers.send(Msg::PictureSaved(login::save_picture(&directory, &account, &code))));
                });
            }
        }
        Ok(None)
    }

    /// Brings the model to the terminal's size and measures it.
    fn measure(&mut self) -> io::Result<Vec<Effect>> {
        self.gateway.end_login_unless(self.model.login());
        self.pictures.forget_unless(self.model.is_viewing());
        self.tell_presence(self.model.presence());
        let size = self.screen.size()?;
        if size != self.model.size {
            update(&mut self.model, Msg::Resized(size.0, size.1));
        }
        Ok(layout(&mut self.model))
    }

    /// Tells other screens what is open here, when that is not what they know.
    fn tell_presence(&mut self, open: Option<OpenConversation>) {
        if open != self.presence {
            self.presence = open;
            self.enqueue(Write::SetPresence { open });
        }
    }

    /// Waits until a message, a signal, a commit or a deadline comes, then collects everything that is ready.
    async fn collect(&mut self, batch: &mut Vec<Msg>, signals: &mut StopSignals) {
        let deadline = self.model.deadline().map(|at| at.since(self.client.now()).max(SHORTEST_WAIT));
        let due = async {
            match deadline {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = signals.recv() => batch.push(Msg::Stop),
            Some(msg) = self.messages.recv() => batch.push(msg),
            changed = self.commits.changed(), if self.commits_open => match changed {
                Ok(()) => batch.push(Msg::StoreChanged),
                Err(_) => self.commits_open = false,
            },
            () = due => {}
        }
        while batch.len() < BATCH {
            match self.messages.try_recv() {
                Ok(msg) => batch.push(msg),
                Err(_) => break,
            }
        }
        if self.commits_open && self.commits.has_changed().unwrap_or(false) {
            self.commits.borrow_and_update();
            batch.push(Msg::StoreChanged);
        }
    }

    /// Stops reading keys, so that none is taken from another program.
    async fn stop_keys(&mut self) {
        if let Some(keys) = self.keys.take() {
            keys.abort();
            // The error says that the task was aborted.
            let _ = keys.await;
        }
    }

    async fn release_terminal(&mut self) {
        self.stop_keys().await;
        // It fails only where the terminal is gone.
        let _ = self.screen.erase_pixels();
        restore();
    }

    fn reclaim_terminal(&mut self) -> io::Result<()> {
        self.screen.reenter()?;
        // Reports were off meanwhile; whoever ended the other program sits here.
        if !self.model.focused {
            let _ = self.answers.send(Msg::Focused(true));
        }
        self.keys = Some(listen(self.answers.clone(), self.client.clone()));
        Ok(())
    }

    /// Gives the terminal back, then waits for what is still being written.
    async fn finish(mut self) {
        self.stop_keys().await;
        // After an error the draft may not have been handed over yet.
        for effect in update(&mut self.model, Msg::Stop) {
            match effect {
                Effect::Write(write) => self.enqueue(write),
                Effect::Read(_) | Effect::Gateway(_) | Effect::Media(_) | Effect::Terminal(_) => {}
            }
        }
        self.tell_presence(None);
        self.writes = None;
        drop(self.screen);
        let _ = tokio::time::timeout(LAST_WRITES, self.writer).await;
    }
}

/// Performs writes in the order in which they were asked for, until the queue is closed.
async fn write_in_order(
    client: Client,
    mut queue: mpsc::UnboundedReceiver<Write>,
    answers: mpsc::UnboundedSender<Msg>,
) {
    while let Some(write) = queue.recv().await {
        // While the program ends, nobody receives the answer any more.
        let _ = answers.send(writes::perform(&client, write).await);
    }
}
