//! Performs gateway calls, each in a task of its own, because a call takes as long as the network does.
//!
//! Invariant: at most one login is polled, and only while it is on the screen.

use tokio::sync::mpsc;

use super::login::LoginPoll;
use crate::config::{AccountSettings, SecretSource};
use crate::domain::{AccountName, Secret};
use crate::engine::Client;
use crate::engine::client::Timing;
use crate::tui::effect::GatewayCall;
use crate::tui::message::Msg;
use crate::tui::overlays::account_setup::AccountDraft;

pub(super) struct Gateway {
    client: Client,
    answers: mpsc::UnboundedSender<Msg>,
    login: Option<LoginPoll>,
}

impl Gateway {
    pub(super) fn new(client: Client, answers: mpsc::UnboundedSender<Msg>) -> Self {
        Gateway { client, answers, login: None }
    }

    pub(super) fn perform(&mut self, call: GatewayCall) {
        let client = self.client.clone();
        match call {
            GatewayCall::Templates { account } => self.spawn(async move {
                let templates = client.templates(&account).await;
                Msg::TemplatesRead { account, templates }
            }),
            GatewayCall::Groups { account } => self.spawn(async move {
                let groups = client.groups(&account).await;
                Msg::GroupsRead { account, groups }
            }),
            GatewayCall::CheckNumber { account, phone } => self.spawn(async move {
                let result = client.check_number(&account, &phone).await;
                Msg::NumberChecked { account, phone, result }
            }),
            GatewayCall::AddAccount(draft) => self.spawn(async move {
                let name = draft.name.clone();
                let storages: Vec<_> = draft.storage.into_iter().collect();
                let result = client.add_account(settings(&draft), &storages, !draft.untried).await.map(Box::new);
                Msg::AccountAdded { name, result }
            }),
            GatewayCall::BeginLogin { account } => {
                let (answers, name) = (self.answers.clone(), account.clone());
                let report = move |news| answers.send(Msg::Login { account: name.clone(), news }).is_ok();
                self.login = Some(LoginPoll::begin(client, account, Timing::default(), report));
            }
            GatewayCall::ContinueLogin => {
                if let Some(login) = &self.login {
                    login.resume();
                }
            }
        }
    }

    /// Stops polling for a login code that nobody sees. `shown` is the account whose login is on the screen.
    pub(super) fn end_login_unless(&mut self, shown: Option<&AccountName>) {
        self.login.take_if(|login| shown != Some(login.account()));
    }

    fn spawn(&self, call: impl Future<Output = Msg> + Send + 'static) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            // While the program ends, nobody receives the answer any more.
            let _ = answers.send(call.await);
        });
    }
}

/// The configuration of the account that the form describes.
fn settings(draft: &AccountDraft) -> AccountSettings {
    let plain = |secret: &Secret| SecretSource::Plain(secret.clone());
    let mut settings = AccountSettings::new(draft.name.clone(), draft.gateway, plain(&draft.api_key));
    settings.base_url.clone_from(&draft.base_url);
    settings.mode = draft.mode.map(str::to_owned);
    settings.webhook_secret = draft.webhook_secret.as_ref().map(plain);
    settings.session.clone_from(&draft.session);
    settings.channel = draft.channel;
    settings
}
