//! A receiver in the place of our listener, and a client in the place of our sender. Every wait has a limit.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use loket::domain::{AccountName, Inbound, Secret, Timestamp};
use loket::providers::{Profile, Provider, Verdict, Webhook, registry};
use loket::sandbox::{Pace, Sandbox, SandboxAccount, SandboxOptions, all_accounts};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// The longest wait; a test that reaches it fails.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A webhook that was received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) webhook: Webhook,
}

/// The body of a webhook as JSON.
#[track_caller]
pub(crate) fn json_body(webhook: &Webhook) -> Value {
    serde_json::from_slice(&webhook.body).unwrap()
}

/// A listener that keeps what it receives.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    got: mpsc::UnboundedReceiver<Received>,
    refusals: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct ReceiverState {
    got: mpsc::UnboundedSender<Received>,
    refusals: Arc<AtomicUsize>,
    response: &'static str,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::responding(r#"{"success":true}"#).await
    }

    /// A receiver that responds to every webhook with this body.
    pub(crate) async fn responding(response: &'static str) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), response)
    }

    pub(crate) fn on(listener: TcpListener, response: &'static str) -> Self {
        let (sender, got) = mpsc::unbounded_channel();
        let refusals = Arc::new(AtomicUsize::new(0));
        let address = listener.local_addr().unwrap();
        let state = ReceiverState { got: sender, refusals: Arc::clone(&refusals), response };
        let router = Router::new().fallback(receive).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Receiver { address, got, refusals }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Responds to the next `count` webhooks with 500.
    pub(crate) fn refuse(&self, count: usize) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    pub(crate) async fn next(&mut self) -> Received {
        tokio::time::timeout(LIMIT, self.got.recv()).await.expect("a webhook in time").expect("a running receiver")
    }

    /// The next inbound event of `account` that `matches`; its webhook is verified first.
    pub(crate) async fn inbound(&mut self, account: &Account, matches: impl Fn(&Inbound) -> bool) -> Inbound {
        loop {
            let got = self.next().await;
            if !got.path.starts_with(&account.definition.webhook_path()) {
                continue;
            }
            let verdict = account.verify(&got.webhook);
            assert!(matches!(verdict, Verdict::Genuine { .. }), "{verdict:?}: {got:?}");
            let found = account
                .provider
                .interpret(&account.profile, &got.webhook, now())
                .into_iter()
                .find(|inbound| matches(inbound));
            if let Some(inbound) = found {
                return inbound;
            }
        }
    }
}

async fn receive(
    State(state): State<ReceiverState>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let headers = headers.iter().map(|(n, v)| (n.as_str().to_owned(), v.to_str().unwrap().to_owned())).collect();
    let webhook = Webhook { ack: uri.path().ends_with("/ack"), headers, body: body.to_vec() };
    state.got.send(Received { path: uri.path().to_owned(), webhook }).ok();
    let refused = state.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
    if refused { (StatusCode::INTERNAL_SERVER_ERROR, "") } else { (StatusCode::OK, state.response) }
}

/// The client side of a simulated account.
pub(crate) struct Account {
    pub(crate) definition: SandboxAccount,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) profile: Profile,
}

impl Account {
    pub(crate) fn of(sandbox: &Sandbox, name: &str) -> Self {
        let definition = all_accounts().into_iter().find(|account| account.name == name).unwrap();
        let provider = registry::find(definition.provider).unwrap();
        let mode = provider.manifest().mode(definition.mode).unwrap();
        let profile = Profile {
            account: AccountName::new(definition.name).unwrap(),
            base_url: sandbox.base_url(&definition),
            mode,
            session: definition.session.map(str::to_owned),
            channel: definition.channels[0],
            api_key: Secret::new(definition.api_key),
            webhook_secrets: vec![Secret::new(definition.webhook_secret)],
            allow_unsigned: false,
            window: provider.default_window(mode),
            notify_url: None,
        };
        Account { definition, provider, profile }
    }

    pub(crate) fn verify(&self, webhook: &Webhook) -> Verdict {
        self.provider.verify(&self.profile, webhook, now())
    }

    /// POSTs JSON with the account's key in this header.
    pub(crate) async fn post(&self, path: &str, key: (&str, &str), body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.profile.base_url);
        let request = client().post(url).header(key.0, key.1).header("Content-Type", "application/json");
        read(request.body(body.to_string()).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.profile.base_url);
        read(client().get(url).header("Authorization", bearer(&self.definition)).send().await.unwrap()).await
    }
}

pub(crate) fn bearer(account: &SandboxAccount) -> String {
    format!("Bearer {}", account.api_key)
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

pub(crate) fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(Vec::<reqwest::Certificate>::new())
        .timeout(LIMIT)
        .build()
        .unwrap()
}

pub(crate) fn options() -> SandboxOptions {
    SandboxOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        chaos: None,
        pace: Pace::Fast,
        seed: 1,
        receiver: None,
        customers: false,
    }
}

/// A fast sandbox that posts to `receiver`.
pub(crate) async fn sandbox(receiver: &Receiver, customers: bool) -> Sandbox {
    Sandbox::start(SandboxOptions { receiver: Some(receiver.url()), customers, ..options() }).await.unwrap()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_seconds(jiff::Timestamp::now().as_second())
}

/// Sends a request to a control address.
pub(crate) async fn control(sandbox: &Sandbox, method: reqwest::Method, path: &str, body: String) -> (u16, String) {
    let url = format!("http://{}/sandbox{path}", sandbox.address());
    let response = client().request(method, url).body(body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

pub(crate) async fn say(sandbox: &Sandbox, account: &str, from: &str, text: &str) {
    let body = serde_json::json!({"from": from, "name": "Budi", "text": text}).to_string();
    let (status, text) = control(sandbox, reqwest::Method::POST, &format!("/{account}/say"), body).await;
    assert_eq!(status, 200, "{text}");
}

pub(crate) async fn sent(sandbox: &Sandbox, account: &str) -> Vec<Value> {
    let (status, json) = control(sandbox, reqwest::Method::GET, &format!("/{account}/sent"), String::new()).await;
    assert_eq!(status, 200);
    serde_json::from_str(&json).unwrap()
}
