//! Simulated gateways whose customers write what a journey says.

use crate::installation::{Installation, Serve};
use loket::sandbox::{self, Pace, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The simulated gateways, without customers of their own.
pub(crate) struct Simulators {
    runtime: Runtime,
    sandbox: Option<Sandbox>,
    client: reqwest::Client,
}

impl Simulators {
    /// Opens the gateways.
    pub(crate) fn open() -> Self {
        Self::open_with(None)
    }

    /// Opens gateways that have the bad day of this seed.
    pub(crate) fn open_with_faults(seed: u64) -> Self {
        Self::open_with(Some(seed))
    }

    fn open_with(chaos: Option<u64>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = SandboxOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            chaos,
            pace: Pace::Fast,
            seed: 1,
            receiver: None,
            customers: false,
        };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        // The sandbox has chosen the provider of its own client by now.
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Simulators { runtime, sandbox: Some(sandbox), client }
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    /// An installation whose accounts are at these gateways.
    pub(crate) fn installation(&self) -> Installation {
        Installation::new(&sandbox::config(&sandbox::all_accounts(), self.sandbox().address(), None))
    }

    /// Lets every account's events go to this engine.
    pub(crate) fn connect(&self, serve: &Serve) {
        self.connect_to(serve.address);
    }

    /// Lets every account's events go to the engine at this address.
    pub(crate) fn connect_to(&self, address: SocketAddr) {
        for account in sandbox::all_accounts() {
            assert!(self.sandbox().connect(account.name, format!("http://{address}{}", account.webhook_path())));
        }
    }

    /// A customer writes on WhatsApp.
    pub(crate) fn customer_writes(&self, account: &str, from: &str, name: &str, text: &str) {
        let url = format!("http://{}/sandbox/{account}/say", self.sandbox().address());
        let body = json!({"from": from, "name": name, "text": text}).to_string();
        let status = self.runtime.block_on(async { self.client.post(url).body(body).send().await.unwrap().status() });
        assert!(status.is_success(), "{status}");
    }

    /// The texts that reached customers of an account, each as often as it did.
    pub(crate) fn sent(&self, account: &str) -> Vec<String> {
        let url = format!("http://{}/sandbox/{account}/sent", self.sandbox().address());
        let body = self.runtime.block_on(async { self.client.get(url).send().await.unwrap().text().await.unwrap() });
        let sent: Value = serde_json::from_str(&body).unwrap();
        let texts = sent.as_array().unwrap().iter().flat_map(|entry| {
            let count = usize::try_from(entry["count"].as_u64().unwrap()).unwrap();
            std::iter::repeat_n(entry["text"].as_str().unwrap().to_owned(), count)
        });
        texts.collect()
    }

    /// Waits until a text has reached a customer.
    #[track_caller]
    pub(crate) fn until_sent(&self, account: &str, text: &str) {
        self.until(account, |sent| sent.iter().any(|t| t == text));
    }

    /// Waits until so many messages have reached customers, doubles included.
    #[track_caller]
    pub(crate) fn until_count(&self, account: &str, count: usize) {
        self.until(account, |sent| sent.len() >= count);
    }

    #[track_caller]
    fn until(&self, account: &str, fits: impl Fn(&[String]) -> bool) {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let sent = self.sent(account);
            if fits(&sent) {
                return;
            }
            assert!(Instant::now() < limit, "waited in vain; sent: {sent:?}");
            std::thread::yield_now();
        }
    }
}

impl Drop for Simulators {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}
