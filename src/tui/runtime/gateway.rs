//! Performs gateway calls, each in a task of its own, because a call takes as long as the network does.
//!
//! Invariant: at most one login is polled, and only while it is on the screen.

use tokio::sync::mpsc;

use super::backend::Backend;
use super::login::LoginPoll;
use crate::domain::AccountName;
use crate::engine::accounts::login::Timing;
use crate::tui::effect::GatewayCall;
use crate::tui::message::Msg;

pub(super) struct Gateway<B: Backend> {
    backend: B,
    answers: mpsc::UnboundedSender<Msg>,
    login: Option<LoginPoll>,
}

impl<B: Backend> Gateway<B> {
    pub(super) fn new(backend: B, answers: mpsc::UnboundedSender<Msg>) -> Self {
        Gateway { backend, answers, login: None }
    }

    pub(super) fn perform(&mut self, call: GatewayCall) {
        let backend = self.backend.clone();
        match call {
            GatewayCall::Templates { account } => self.spawn(async move {
                let templates = backend.templates(&account).await;
                Msg::TemplatesRead { account, templates }
            }),
            GatewayCall::Groups { account } => self.spawn(async move {
                let groups = backend.groups(&account).await;
                Msg::GroupsRead { account, groups }
            }),
            GatewayCall::CheckNumber { account, phone } => self.spawn(async move {
                let result = backend.check_number(&account, &phone).await;
                Msg::NumberChecked { account, phone, result }
            }),
            GatewayCall::AddAccount(draft) => self.spawn(async move {
                let name = draft.name.clone();
                let result = backend.keep_account(*draft).await.map(Box::new);
                Msg::AccountAdded { name, result }
            }),
            GatewayCall::BeginLogin { account } => {
                let (answers, name) = (self.answers.clone(), account.clone());
                let report = move |news| answers.send(Msg::Login { account: name.clone(), news }).is_ok();
                self.login = Some(LoginPoll::begin(backend, account, Timing::default(), report));
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
