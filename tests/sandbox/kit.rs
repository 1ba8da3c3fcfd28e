//! A receiver that plays our listener, and a client that plays our courier. Everything waits with a limit.

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
use loket::sandbox::{Pace, Sandbox, SandboxOptions, Stage, all_stages};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Longest wait for anything; a test that needs it has failed.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// What the receiver got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) webhook: Webhook,
}

/// Plays the listener.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    got: mpsc::UnboundedReceiver<Got>,
    refusals: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct SimulatedAccount {
    got: mpsc::UnboundedSender<Got>,
    refusals: Arc<AtomicUsize>,
    answer: &'static str,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::answering(r#"{"success":true}"#).await
    }

    /// One that answers every webhook with this body.
    pub(crate) async fn answering(answer: &'static str) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
    }

    pub(crate) fn on(listener: TcpListener, answer: &'static str) -> Self {
        let (sender, got) = mpsc::unbounded_channel();
        let refusals = Arc::new(AtomicUsize::new(0));
        let address = listener.local_addr().unwrap();
        let desk = SimulatedAccount { got: sender, refusals: Arc::clone(&refusals), answer };
        let router = Router::new().fallback(take).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Receiver { address, got, refusals }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers the next so many webhooks with 500.
    pub(crate) fn refuse(&self, count: usize) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    pub(crate) async fn next(&mut self) -> Got {
        tokio::time::timeout(LIMIT, self.got.recv()).await.expect("a webhook in time").expect("a running receiver")
    }

    /// The next claim of `account` that `fits`, verified before.
    pub(crate) async fn claim(&mut self, account: &Account, fits: impl Fn(&Inbound) -> bool) -> Inbound {
        loop {
            let got = self.next().await;
            if !got.path.starts_with(&account.stage.webhook_path()) {
                continue;
            }
            let verdict = account.verify(&got.webhook);
            assert!(matches!(verdict, Verdict::Genuine { .. }), "{verdict:?}: {got:?}");
            let found = account.provider.interpret(&account.profile, &got.webhook, now()).into_iter().find(|c| fits(c));
            if let Some(claim) = found {
                return claim;
            }
        }
    }
}

async fn take(
    State(desk): State<SimulatedAccount>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let headers = headers.iter().map(|(n, v)| (n.as_str().to_owned(), v.to_str().unwrap().to_owned())).collect();
    let webhook = Webhook { ack: uri.path().ends_with("/ack"), headers, body: body.to_vec() };
    desk.got.send(Got { path: uri.path().to_owned(), webhook }).ok();
    let refused = desk.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
    if refused { (StatusCode::INTERNAL_SERVER_ERROR, "") } else { (StatusCode::OK, desk.answer) }
}

/// An account as our side has it.
pub(crate) struct Account {
    pub(crate) stage: Stage,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) profile: Profile,
}

impl Account {
    pub(crate) fn of(sandbox: &Sandbox, name: &str) -> Self {
        let stage = all_stages().into_iter().find(|s| s.name == name).unwrap();
        let provider = registry::find(stage.provider).unwrap();
        let mode = provider.manifest().mode(stage.mode).unwrap();
        let profile = Profile {
            account: AccountName::new(stage.name).unwrap(),
            base_url: sandbox.base_url(&stage),
            mode,
            session: stage.session.map(str::to_owned),
            channel: stage.channels[0],
            api_key: Secret::new(stage.api_key),
            webhook_secrets: vec![Secret::new(stage.webhook_secret)],
            allow_unsigned: false,
            window: provider.default_window(mode),
            notify_url: None,
        };
        Account { stage, provider, profile }
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
        read(client().get(url).header("Authorization", bearer(&self.stage)).send().await.unwrap()).await
    }
}

pub(crate) fn bearer(stage: &Stage) -> String {
    format!("Bearer {}", stage.api_key)
}

async fn read(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
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

/// Calls a control address.
pub(crate) async fn control(sandbox: &Sandbox, method: reqwest::Method, path: &str, body: String) -> (u16, String) {
    let url = format!("http://{}/sandbox{path}", sandbox.address());
    let answer = client().request(method, url).body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

pub(crate) async fn say(sandbox: &Sandbox, stage: &str, from: &str, text: &str) {
    let body = serde_json::json!({"from": from, "name": "Budi", "text": text}).to_string();
    let (status, words) = control(sandbox, reqwest::Method::POST, &format!("/{stage}/say"), body).await;
    assert_eq!(status, 200, "{words}");
}

pub(crate) async fn sent(sandbox: &Sandbox, stage: &str) -> Vec<Value> {
    let (status, json) = control(sandbox, reqwest::Method::GET, &format!("/{stage}/sent"), String::new()).await;
    assert_eq!(status, 200);
    serde_json::from_str(&json).unwrap()
}
