//! Sends the messages of the outbox: one sender per account, a few conversations at a time, in order within each; one
//! attempt at a time while the gateway is in trouble.
//!
//! Invariant: a request leaves only after its lease is durable, and a message that may have been sent is never sent
//! again unless a person asks for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::attempt::{Attempt, record};
use super::gate::{Admission, Gate};
use super::http::Http;
use super::owner::new_owner;
use crate::domain::{ConversationId, Failure, SessionState};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::client::Client;
use crate::engine::notifier::Notifier;
use crate::engine::tasks::{TaskHealth, inject_fault};
use crate::engine::{blocking, clock};
use crate::store::{Abandoned, AttemptOutcome, Claim, Claimant, Lease, Queue, Store, StoreError};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

/// Conversations of one account that are sent to at the same time.
const CONCURRENT_MAX: usize = 4;
/// The pause before a store that failed is tried again.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// Sends one account's messages. A clone continues the same work.
#[derive(Clone)]
pub(crate) struct Sender {
    account: Arc<ConfiguredAccount>,
    store: Store,
    http: Http,
    /// Notifies of new rows in the outbox.
    notifier: Notifier,
    claimant: Claimant,
    gate: Arc<Mutex<Gate>>,
    tasks: TaskHealth,
    /// Who serves the files that gateways fetch; `None` where nobody does.
    links: Option<Client>,
}

/// The attempts that are being made, and what the loop remembers between them.
#[derive(Default)]
struct Attempts {
    tasks: JoinSet<()>,
    leases: HashMap<Id, Lease>,
    /// No claim before then: the account's budget is used up, or its gateway asked for a pause.
    hold: Option<Instant>,
    /// How often a person had ended a pause when the loop last looked.
    resumed: Option<i64>,
}

impl Sender {
    /// A sender of an account's messages; of one conversation's only for `loket send` without an engine.
    pub(crate) fn new(
        account: Arc<ConfiguredAccount>,
        store: Store,
        http: Http,
        notifier: Notifier,
        only: Option<ConversationId>,
    ) -> Self {
        let (name, limit) = (account.name().clone(), account.limit);
        let claimant = Claimant { account: name, only, owner: new_owner(), limit };
        let (gate, tasks) = (Arc::default(), TaskHealth::default());
        Sender { account, store, http, notifier, claimant, gate, tasks, links: None }
    }

    /// Gives gateways that fetch files links to what this client's process serves.
    pub(crate) fn with_links(self, client: Client) -> Self {
        Sender { links: Some(client), ..self }
    }

    /// Counts there the attempts that end by a defect.
    pub(crate) fn counted_in(self, tasks: TaskHealth) -> Self {
        Sender { tasks, ..self }
    }

    /// Works until `stop` becomes true; then finishes the attempts that have begun and returns. When it ended otherwise
    /// and is run again, what it was sending is unsure.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.notifier.watch();
        let mut attempts = Attempts::default();
        self.prepare().await;
        while !*stop.borrow() {
            changes.borrow_and_update();
            let next = self.start_due(&mut attempts).await;
            tokio::select! {
                _ = stop.changed() => {}
                _ = changes.changed() => {}
                Some(ended) = attempts.tasks.join_next_with_id() => self.ended(&mut attempts, ended).await,
                () = sleep_until(next) => {}
            }
        }
        while let Some(ended) = attempts.tasks.join_next_with_id().await {
            self.ended(&mut attempts, ended).await;
        }
    }

    /// Ends what an earlier run of this sender left, and begins with a probe where the account was in trouble.
    async fn prepare(&self) {
        let abandoned = Abandoned::Sender(self.claimant.owner.clone());
        if let Err(error) = self.store.recover_leases(abandoned, clock::now()).await {
            tracing::error!(account = %self.account.name(), %error, "interrupted sends cannot be recorded");
        }
        let (store, name) = (self.store.clone(), self.account.name().clone());
        if let Ok(Some(row)) = blocking::read(move || store.account(&name)).await
            && !matches!(row.health.state, SessionState::Unknown | SessionState::Connected)
        {
            *self.gate() = Gate::probing(Instant::now());
        }
    }

    /// Starts every attempt that may start now. Returns when to try again, if time alone will change anything.
    async fn start_due(&self, attempts: &mut Attempts) -> Option<Instant> {
        while attempts.tasks.len() < CONCURRENT_MAX {
            let Ok(queue) = self.queue().await else { return Some(Instant::now() + STORE_RETRY) };
            if attempts.resumed.replace(queue.resumed).is_some_and(|before| before != queue.resumed) {
                attempts.hold = None;
                self.gate().resume(Instant::now());
            }
            let (now, instant) = (clock::now(), Instant::now());
            let due = queue.next_due?;
            if due > now {
                return Some(instant + due.since(now));
            }
            if let Some(hold) = attempts.hold.filter(|hold| *hold > instant) {
                return Some(hold);
            }
            match self.gate().admits(instant) {
                Admission::Open => {}
                Admission::Probe if attempts.tasks.is_empty() => {}
                Admission::Probe => return None,
                Admission::Wait(until) => return Some(until),
            }
            match self.store.claim_due(&self.claimant, now).await {
                Ok(Claim::Leased(lease)) => self.start(attempts, *lease),
                Ok(Claim::Wait(at)) => attempts.hold = Some(instant + at.since(now)),
                // Every due row waits for an earlier one of its conversation: its end will wake us.
                Ok(Claim::Nothing) => return None,
                Err(error) => {
                    tracing::error!(account = %self.account.name(), %error, "the outbox cannot be read");
                    return Some(Instant::now() + STORE_RETRY);
                }
            }
        }
        None
    }

    fn start(&self, attempts: &mut Attempts, lease: Lease) {
        let attempt = Attempt {
            account: Arc::clone(&self.account),
            store: self.store.clone(),
            http: self.http.clone(),
            gate: Arc::clone(&self.gate),
            lease: lease.clone(),
            links: self.links.clone(),
        };
        let name = format!("send {}", self.account.name());
        let task = attempts.tasks.spawn(async move {
            inject_fault(&name);
            attempt.run().await;
        });
        attempts.leases.insert(task.id(), lease);
    }

    /// Forgets an attempt that has ended. One that ended by a defect may have sent its request.
    async fn ended(&self, attempts: &mut Attempts, ended: Result<(Id, ()), JoinError>) {
        let (id, defect) = match ended {
            Ok((id, ())) => (id, None),
            Err(error) => (error.id(), Some(error)),
        };
        let lease = attempts.leases.remove(&id);
        if let (Some(lease), Some(defect)) = (lease, defect) {
            tracing::error!(account = %self.account.name(), message = %lease.message, %defect, "a send stopped on a defect");
            if let Ok(panic) = defect.try_into_panic() {
                self.tasks.panicked(&format!("send {}", self.account.name()), panic.as_ref());
            }
            let outcome = AttemptOutcome::Unsure { failure: Failure::new("defect", "") };
            record(&self.store, &lease, outcome).await;
        }
    }

    async fn queue(&self) -> Result<Queue, StoreError> {
        let (store, Claimant { account, only, .. }) = (self.store.clone(), self.claimant.clone());
        let read = blocking::read(move || store.queue(&account, only, clock::now())).await;
        read.inspect_err(|error| tracing::error!(account = %self.account.name(), %error, "the outbox cannot be read"))
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AccountSettings, Environment, SecretSource};
    use crate::domain::{
        AccountName, Author, AuthorKind, Capabilities, Channel, Content, Inbound, Outgoing, Recipient, SendOptions,
        Status, Timestamp, WindowRule,
    };
    use crate::providers::{
        Manifest, Outcome, Profile, Provider, Query, QueryFailure, QueryResponse, Request, Response, Simulator,
        Verdict, Webhook, registry,
    };
    use crate::store::NewMessage;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// A dialect that stops on a defect when it reads the answer to a message "macet".
    struct Defective;

    impl Provider for Defective {
        fn manifest(&self) -> &'static Manifest {
            registry::ALL[0].manifest()
        }
        fn capabilities(&self, profile: &Profile) -> Capabilities {
            registry::ALL[0].capabilities(profile)
        }
        fn send_request(
            &self,
            profile: &Profile,
            outgoing: &Outgoing,
        ) -> Result<Request, crate::providers::types::Unsupported> {
            registry::ALL[0].send_request(profile, outgoing)
        }
        fn read_send_response(&self, _: &Profile, outgoing: &Outgoing, _: &Response) -> Outcome {
            assert_ne!(outgoing.content.text(), "macet");
            Outcome::Accepted { remote_id: None }
        }
        fn query_request(
            &self,
            profile: &Profile,
            query: &Query,
        ) -> Result<Request, crate::providers::types::Unsupported> {
            registry::ALL[0].query_request(profile, query)
        }
        fn read_query_response(&self, _: &Profile, _: &Query, _: &Response) -> Result<QueryResponse, QueryFailure> {
            Err(QueryFailure::unreadable())
        }
        fn verify(&self, profile: &Profile, webhook: &Webhook, now: Timestamp) -> Verdict {
            registry::ALL[0].verify(profile, webhook, now)
        }
        fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
            registry::ALL[0].interpret(profile, webhook, arrival)
        }
        fn simulator(&self) -> &'static dyn Simulator {
            registry::ALL[0].simulator()
        }
    }

    async fn answering_gateway() -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut some = [0_u8; 4096];
                drop(stream.read(&mut some).await);
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        address
    }

    #[tokio::test]
    async fn a_defect_makes_one_message_unsure_and_the_rest_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let name = AccountName::new("toko").unwrap();
        store.ensure_account(&name, "chatera", "token").await.unwrap();
        let key = SecretSource::Plain(crate::domain::Secret::new("kunci"));
        let mut settings = AccountSettings::new(name.clone(), registry::ALL[0].manifest().id, key);
        settings.base_url = Some(format!("http://{}/v1", answering_gateway().await));
        settings.window = Some(WindowRule::None);
        let mut account = ConfiguredAccount::candidate(&settings, &Environment::of([])).unwrap();
        account.provider = &Defective;
        let mut ids = Vec::new();
        for text in ["macet", "sesudahnya"] {
            let new = NewMessage {
                account: name.clone(),
                outgoing: Outgoing {
                    channel: Channel::WhatsApp,
                    to: Recipient { peer: "628123456789".into(), group: false },
                    content: Content::Text { body: text.into() },
                    quote: None,
                },
                author: Author { kind: AuthorKind::Agent, name: "Sari".into() },
                name: None,
                window: WindowRule::None,
                options: SendOptions::default(),
            };
            ids.push(store.enqueue(new, clock::now()).await.unwrap().id);
        }
        let notifier = Notifier::on(store.path());
        let (stop, stopped) = watch::channel(false);
        let tasks = TaskHealth::default();
        let sender = Sender::new(Arc::new(account), store.clone(), Http::default(), notifier.clone(), None)
            .counted_in(tasks.clone());
        let task = tokio::spawn(sender.run(stopped));
        let mut changes = notifier.watch();
        let all_ended = async {
            while store.message(ids[1]).unwrap().unwrap().status != Status::Sent {
                changes.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all_ended).await.unwrap();
        let stuck = store.message(ids[0]).unwrap().unwrap();
        assert_eq!((stuck.status, stuck.error.unwrap().code.as_str()), (Status::Unsure, "defect"));
        assert_eq!(tasks.failed().iter().map(|(_, panics)| panics).sum::<u64>(), 1);
        stop.send_replace(true);
        task.await.unwrap();
    }
}
