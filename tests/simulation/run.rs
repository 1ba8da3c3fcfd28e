//! Runs a history: one runtime per life of the process, one store for all of them.

use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use loket::config::{Environment, Overrides, Paths, Settings};
use loket::domain::{Content, Conversation, ConversationFilter, ConversationRange, Message, MessageId, SendOptions};
use loket::engine::simulation::{SimulatedEngine, set_clock};
use loket::engine::{Client, ConfiguredAccount};
use tempfile::TempDir;

use crate::check;
use crate::history::{History, Step};
use crate::world::{Account, Action, World};

/// The webhook token of every account.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// How long the engine has to finish everything after the last step.
const TO_FINISH: Duration = Duration::from_secs(4 * 3600);
/// As the real process: what is being sent may take this long after SIGTERM.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// A message that an agent has written and the store has taken.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) id: MessageId,
    pub(crate) account: usize,
    pub(crate) peer: String,
    pub(crate) text: String,
    /// The history's time.
    pub(crate) at: Duration,
}

/// What a run leaves for the checks.
pub(crate) struct Run {
    pub(crate) world: World,
    pub(crate) written: Vec<Written>,
    /// Every message of the store at the end.
    pub(crate) messages: Vec<Message>,
    pub(crate) conversations: Vec<Conversation>,
}

/// Why a life of the process ended.
enum End {
    Crashed { pause: Duration },
    Stopped { pause: Duration },
    Finished { messages: Vec<Message>, conversations: Vec<Conversation> },
}

/// Where and with which settings the engine runs.
pub(crate) struct Setup {
    pub(crate) settings: Arc<Settings>,
    pub(crate) paths: Paths,
    pub(crate) environment: Environment,
}

/// Runs a history; returns what was not as it must be.
pub(crate) fn run(history: &History) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let setup = setup(history, directory.path());
    let accounts = setup.settings.accounts.iter().zip(&history.accounts).map(|(settings, plan)| {
        let candidate = ConfiguredAccount::candidate(settings, &setup.environment).unwrap();
        Account { plan: plan.clone(), provider: candidate.provider, profile: candidate.profile, requests: Vec::new() }
    });
    let world = World::new(history, accounts.collect());
    let mut written = Vec::new();
    let (messages, conversations) = loop {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let local = tokio::task::LocalSet::new();
        let end = local.block_on(&runtime, live(&setup, &world, &mut written));
        let pause = match end {
            End::Finished { messages, conversations } => break (messages, conversations),
            End::Crashed { pause } | End::Stopped { pause } => pause,
        };
        // The clock is read before the runtime's end takes it away.
        runtime.block_on(async { world.lock().end_runtime(pause) });
    };
    let run = Run { world, written, messages, conversations };
    let mut failed = check::check(history, &run);
    if !failed.is_empty() {
        failed.extend(run.world.lock().log.drain(..).map(|line| format!("  {line}")));
    }
    failed
}

/// An empty store, made once: the schema takes longer than many a history.
fn empty_store() -> &'static Path {
    static STORE: OnceLock<TempDir> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let paths = Paths {
            config_file: directory.path().join("config.toml"),
            data_dir: directory.path().to_owned(),
            config_named: false,
        };
        drop(Client::open(Arc::default(), paths, Environment::of([])).unwrap());
        directory
    });
    store.path()
}

/// The settings of a history's accounts, and an empty store in `directory`.
pub(crate) fn setup(history: &History, directory: &Path) -> Setup {
    let data_dir = directory.join("data");
    std::fs::create_dir(&data_dir).unwrap();
    std::fs::copy(empty_store().join("loket.db"), data_dir.join("loket.db")).unwrap();
    let mut config = "agent = \"Sari\"\n".to_owned();
    for account in &history.accounts {
        let (name, provider) = (account.name, account.provider);
        config.push_str("[[account]]\napi_key = \"kunci\"\nwebhook_secret = \"rahasia\"\n");
        let lines = [("name", name), ("provider", provider), ("webhook_token", TOKEN)];
        config.extend(lines.map(|(key, value)| format!("{key} = \"{value}\"\n")));
        config.extend(account.mode.map(|mode| format!("mode = \"{mode}\"\n")));
        config.extend([format!("base_url = \"http://{name}.test\"\n")]);
    }
    let (config_file, environment) = (directory.join("config.toml"), Environment::of([]));
    let settings = Settings::from_text(&config, &config_file, &Overrides::default(), &environment).unwrap();
    let paths = Paths { config_file, data_dir, config_named: false };
    Setup { settings: Arc::new(settings), paths, environment }
}

/// One life of the process.
async fn live(setup: &Setup, world: &World, written: &mut Vec<Written>) -> End {
    set_clock(world.lock().begin_runtime());
    let (paths, environment) = (setup.paths.clone(), setup.environment.clone());
    let network = Arc::new(world.clone());
    let engine = SimulatedEngine::start(Arc::clone(&setup.settings), paths, environment, network).await.unwrap();
    let engine = Rc::new(engine);
    loop {
        let action = world.lock().take_due();
        let step = match action {
            Some(Action::Step(step)) => step,
            Some(Action::Deliver(event)) => {
                deliver(world, &engine, event);
                continue;
            }
            None => {
                if wait(world).await {
                    continue;
                }
                let conversations = engine
                    .client()
                    .conversations(&ConversationFilter::default(), ConversationRange::Top, 1000)
                    .unwrap();
                return End::Finished { messages: all_messages(&engine), conversations };
            }
        };
        world.lock().log(|| format!("{step:?}"));
        match step {
            Step::CustomerWrites { account, customer, number } => {
                world.lock().customer_writes(account, &peer(customer), &format!("tanya {number}"));
            }
            Step::AgentWrites { account, customer, number } => {
                agent_writes(world, &engine, written, (account, peer(customer), format!("jawab {number}"))).await;
            }
            Step::SetClock { off_by_ms } => set_clock(world.lock().set_clock(off_by_ms)),
            Step::Crash { pause } => {
                // A crash may come after any number of steps of the tasks.
                let steps = world.lock().span(0..40).as_millis();
                for _ in 0..steps {
                    tokio::task::yield_now().await;
                }
                return End::Crashed { pause };
            }
            Step::Restart { pause } => {
                // Deliveries hold the engine; a stopping listener ends them.
                // A delivery that is being received holds the engine: then it is killed.
                let Ok(engine) = Rc::try_unwrap(engine) else { return End::Crashed { pause } };
                engine.stop(STOP_TIMEOUT).await;
                return End::Stopped { pause };
            }
        }
    }
}

/// Waits for the next action; false when nothing will happen any more.
async fn wait(world: &World) -> bool {
    let (next, now) = {
        let state = world.lock();
        (state.next_at(), state.elapsed())
    };
    match next {
        Some(at) => {
            tokio::select! {
                () = tokio::time::sleep(at.saturating_sub(now)) => {}
                () = world.scheduled.notified() => {}
            }
            true
        }
        // The last step is over: whatever is scheduled from here on is the engine's doing.
        None => tokio::time::timeout(TO_FINISH, world.scheduled.notified()).await.is_ok(),
    }
}

/// The number of a customer.
fn peer(customer: u8) -> String {
    format!("62812000000{customer}1")
}

async fn agent_writes(
    world: &World,
    engine: &SimulatedEngine,
    written: &mut Vec<Written>,
    (account, peer, text): (usize, String, String),
) {
    let name = world.lock().accounts[account].profile.account.clone();
    let client = engine.client();
    let (address, _) = client.address(&name, None, &peer, false).unwrap();
    // Refused where the window is closed; nothing is stored then.
    if let Ok(message) = client.send_to(&address, Content::Text { body: text.clone() }, SendOptions::default()).await {
        let at = world.lock().elapsed();
        written.push(Written { id: message.id, account, peer, text, at });
    }
}

/// Delivers an event once; the gateway tries again until it is taken, or hangs up and forgets.
fn deliver(world: &World, engine: &Rc<SimulatedEngine>, event: usize) {
    let (webhook, account, hangs_up, comes_again) = {
        let mut state = world.lock();
        let webhook = if state.comes_again(event) { state.webhook(event) } else { None };
        let Some(webhook) = webhook else {
            state.events[event].abandoned = true;
            return;
        };
        let now = state.elapsed();
        state.events[event].delivered.get_or_insert(now);
        let percent = state.delivery_faults / 3;
        let hangs_up = state.chance(percent).then(|| state.span(0..4).as_millis());
        let comes_again = state.chance(80);
        state.events[event].in_flight = true;
        let account = state.accounts[state.events[event].account].plan.name;
        (webhook, account, hangs_up, comes_again)
    };
    let (world, engine) = (world.clone(), Rc::clone(engine));
    tokio::task::spawn_local(async move {
        let received = engine.receive(account, TOKEN, webhook);
        let status = tokio::select! {
            biased;
            () = yields(hangs_up) => None,
            status = received => Some(status),
        };
        drop(engine);
        let mut state = world.lock();
        state.log(|| format!("event {event} of {account}: {status:?}"));
        state.events[event].in_flight = false;
        state.events[event].hung_up |= status.is_none();
        if status == Some(200) {
            let now = state.elapsed();
            state.events[event].acknowledged.get_or_insert(now);
        } else if status.is_some() || comes_again {
            let at = state.elapsed() + state.span(200..60_000);
            state.schedule(at, Action::Deliver(event));
        } else {
            state.events[event].abandoned = true;
        }
    });
}

/// Ends after the tasks have had this many turns; never if there is no limit.
async fn yields(count: Option<u128>) {
    let Some(count) = count else { return std::future::pending().await };
    for _ in 0..=count {
        tokio::task::yield_now().await;
    }
}

pub(crate) fn all_messages(engine: &SimulatedEngine) -> Vec<Message> {
    let client = engine.client();
    let conversations = client.conversations(&ConversationFilter::default(), ConversationRange::Top, 1000).unwrap();
    let of = |conversation: &Conversation| {
        client.messages(conversation.id, loket::domain::MessageRange::Newest, 1000).unwrap()
    };
    conversations.iter().flat_map(of).collect()
}
