//! The form for a new account, and what is shown once it is kept. Gateways come as data.
//!
//! Invariant: no gateway has a name here, and nothing that is typed as a secret can be printed.

use std::fmt;

use crate::config::SecretStorage;
use crate::domain::{AccountName, AddedAccount, Channel, Secret, Timestamp};
use crate::text::{Clean, link};
use crate::tui::widgets::line_input::Input;

/// A gateway for which an account can be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// The word of the configuration.
    pub id: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// Its one base URL, where it has one.
    pub base_url: Option<&'static str>,
    /// Its modes, the first is the default; empty when it has none.
    pub modes: &'static [&'static str],
    /// Its channels, the first is the default.
    pub channels: &'static [Channel],
    /// One key can have several sessions.
    pub sessions: bool,
    /// Its events carry a signature or key.
    pub signs: bool,
    /// Its session is logged in by a QR code that its API gives.
    pub login: bool,
}

/// What the form offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// Every gateway, in the order in which people are offered them.
    pub gateways: Vec<Gateway>,
    /// Names that are taken.
    pub taken: Vec<String>,
    /// Where secrets can be kept apart from the configuration, the better place first.
    pub places: Vec<SecretStorage>,
}

/// An account as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDraft {
    /// Its name.
    pub name: AccountName,
    /// The gateway's word.
    pub gateway: &'static str,
    /// Where the gateway is, unless at its one base URL.
    pub base_url: Option<String>,
    /// The mode, where it has modes.
    pub mode: Option<&'static str>,
    /// The key.
    pub api_key: Secret,
    /// What signs its events.
    pub webhook_secret: Option<Secret>,
    /// Which of the key's sessions.
    pub session: Option<String>,
    /// The channel, unless the default.
    pub channel: Option<Channel>,
    /// Where the secrets are kept; `None` = in clear in the configuration.
    pub place: Option<SecretStorage>,
    /// Keep it without asking the gateway.
    pub untried: bool,
}

/// A line whose text nobody sees.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(pub Input);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountRow {
    /// Which gateway.
    Gateway,
    /// The account's name.
    Name,
    /// The gateway's base URL.
    BaseUrl,
    /// The gateway's mode.
    Mode,
    /// The key.
    ApiKey,
    /// The webhook secret.
    WebhookSecret,
    /// The session.
    Session,
    /// The channel.
    Channel,
    /// Where the secrets are kept.
    KeyContext,
    /// Saves.
    Save,
}

impl AccountRow {
    /// Every row, from top to bottom.
    pub const ALL: [AccountRow; 10] = [
        AccountRow::Gateway,
        AccountRow::Name,
        AccountRow::BaseUrl,
        AccountRow::Mode,
        AccountRow::ApiKey,
        AccountRow::WebhookSecret,
        AccountRow::Session,
        AccountRow::Channel,
        AccountRow::KeyContext,
        AccountRow::Save,
    ];
}

/// What a row may not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A name of other characters, or too long.
    NameForm,
    /// A name of another account.
    NameTaken,
    /// No http or https URL.
    Url,
    /// Nothing, where something is needed.
    Missing,
}

/// The form while it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountForm {
    choices: Choices,
    gateway: usize,
    /// The account's name.
    pub name: Input,
    /// The gateway's base URL.
    pub base_url: Input,
    mode: usize,
    /// The key.
    pub api_key: Hidden,
    /// The webhook secret.
    pub webhook_secret: Hidden,
    /// The session.
    pub session: Input,
    channel: usize,
    place: usize,
    /// The row that has the keys.
    pub focus: AccountRow,
    /// Why it was not kept, until something is changed.
    pub objection: Option<String>,
    /// It is being tried and kept, since then.
    pub trying: Option<Timestamp>,
    /// The gateway did not answer: saving again keeps it without asking.
    pub untried: bool,
    /// Flaws of rows that were not filled in yet are shown too.
    pub strict: bool,
}

impl AccountForm {
    /// An empty form; `None` when no gateway is offered.
    pub fn new(choices: Choices) -> Option<Self> {
        choices.gateways.first()?;
        let mut form = AccountForm {
            choices,
            gateway: 0,
            name: Input::default(),
            base_url: Input::default(),
            mode: 0,
            api_key: Hidden::default(),
            webhook_secret: Hidden::default(),
            session: Input::default(),
            channel: 0,
            place: 0,
            focus: AccountRow::Gateway,
            objection: None,
            trying: None,
            untried: false,
            strict: false,
        };
        form.suggest(None);
        Some(form)
    }

    /// The chosen gateway.
    pub fn gateway(&self) -> Option<&Gateway> {
        self.choices.gateways.get(self.gateway)
    }

    /// The rows of the chosen gateway.
    pub fn rows(&self) -> Vec<AccountRow> {
        let Some(gateway) = self.gateway() else { return Vec::new() };
        let asked = |row: &AccountRow| match row {
            AccountRow::Mode => !gateway.modes.is_empty(),
            AccountRow::Session => gateway.sessions,
            AccountRow::Channel => gateway.channels.len() > 1,
            _ => true,
        };
        AccountRow::ALL.into_iter().filter(asked).collect()
    }

    /// Goes to another row, around the ends.
    pub fn step(&mut self, by: isize) {
        let rows = self.rows();
        let here = rows.iter().position(|row| *row == self.focus).unwrap_or(0);
        let there = (here + rows.len()).saturating_add_signed(by) % rows.len().max(1);
        self.focus = rows.get(there).copied().unwrap_or(AccountRow::Gateway);
    }

    /// The line that is typed in a row; `None` for choices and the button.
    pub fn line(&self, row: AccountRow) -> Option<&Input> {
        match row {
            AccountRow::Name => Some(&self.name),
            AccountRow::BaseUrl => Some(&self.base_url),
            AccountRow::ApiKey => Some(&self.api_key.0),
            AccountRow::WebhookSecret => Some(&self.webhook_secret.0),
            AccountRow::Session => Some(&self.session),
            _ => None,
        }
    }

    /// The line that has the keys, to be typed in.
    pub fn typed_line(&mut self) -> Option<&mut Input> {
        match self.focus {
            AccountRow::Name => Some(&mut self.name),
            AccountRow::BaseUrl => Some(&mut self.base_url),
            AccountRow::ApiKey => Some(&mut self.api_key.0),
            AccountRow::WebhookSecret => Some(&mut self.webhook_secret.0),
            AccountRow::Session => Some(&mut self.session),
            _ => None,
        }
    }

    /// Whether a row's text is hidden.
    pub fn is_hidden(row: AccountRow) -> bool {
        matches!(row, AccountRow::ApiKey | AccountRow::WebhookSecret)
    }

    /// The chosen mode.
    pub fn mode(&self) -> Option<&'static str> {
        self.gateway()?.modes.get(self.mode).copied()
    }

    /// The chosen channel.
    pub fn channel(&self) -> Option<Channel> {
        self.gateway()?.channels.get(self.channel).copied()
    }

    /// Where the secrets will be kept; `None` = in clear in the configuration.
    pub fn place(&self) -> Option<SecretStorage> {
        self.choices.places.get(self.place).copied()
    }

    /// Chooses the next or the previous of a row's choices; `false` when the row has none.
    pub fn choose(&mut self, by: isize) -> bool {
        let Some(gateway) = self.gateway().cloned() else { return false };
        let turn = |at: usize, count: usize| (at + count).saturating_add_signed(by) % count.max(1);
        match self.focus {
            AccountRow::Gateway => {
                self.gateway = turn(self.gateway, self.choices.gateways.len());
                self.mode = 0;
                self.channel = 0;
                self.suggest(Some(&gateway));
            }
            AccountRow::Mode => self.mode = turn(self.mode, gateway.modes.len()),
            AccountRow::Channel => self.channel = turn(self.channel, gateway.channels.len()),
            AccountRow::KeyContext => self.place = turn(self.place, self.choices.places.len() + 1),
            _ => return false,
        }
        true
    }

    /// Name and base URL follow the gateway as long as nobody changed them.
    fn suggest(&mut self, former: Option<&Gateway>) {
        let Some(gateway) = self.gateway().cloned() else { return };
        let was = |line: &Input, text: Option<&str>| line.is_empty() || text.is_some_and(|text| line.text() == text);
        if was(&self.base_url, former.and_then(|g| g.base_url)) {
            self.base_url = Input::with(gateway.base_url.unwrap_or_default());
        }
        if was(&self.name, former.map(|g| g.id)) {
            let free = !self.choices.taken.iter().any(|name| name == gateway.id);
            self.name = Input::with(if free { gateway.id } else { "" });
        }
    }

    /// What is wrong with a row as it stands.
    pub fn flaw(&self, row: AccountRow) -> Option<Flaw> {
        let text = self.line(row).map_or("", |line| line.text().trim());
        match row {
            AccountRow::Name | AccountRow::ApiKey | AccountRow::BaseUrl if text.is_empty() => Some(Flaw::Missing),
            AccountRow::Name if AccountName::new(text).is_none() => Some(Flaw::NameForm),
            AccountRow::Name if self.choices.taken.iter().any(|name| name == text) => Some(Flaw::NameTaken),
            AccountRow::BaseUrl if !link::is_safe(text) => Some(Flaw::Url),
            _ => None,
        }
    }

    /// The flaw of a row that is worth telling now: nobody is told that an empty row is empty before saving.
    pub fn told_flaw(&self, row: AccountRow) -> Option<Flaw> {
        self.flaw(row).filter(|flaw| self.strict || *flaw != Flaw::Missing)
    }

    /// The account as it stands, or the first row with a flaw.
    pub fn draft(&self) -> Result<AccountDraft, AccountRow> {
        if let Some(row) = self.rows().into_iter().find(|row| self.flaw(*row).is_some()) {
            return Err(row);
        }
        let gateway = self.gateway().ok_or(AccountRow::Gateway)?;
        let text = |line: &Input| Some(line.text().trim().to_owned()).filter(|text| !text.is_empty());
        let base_url = text(&self.base_url).map(|url| url.trim_end_matches('/').to_owned());
        let secret = |line: &Hidden| text(&line.0).map(|text| Secret::new(&text));
        Ok(AccountDraft {
            name: AccountName::new(self.name.text().trim()).ok_or(AccountRow::Name)?,
            gateway: gateway.id,
            base_url: base_url.filter(|url| gateway.base_url != Some(url)),
            mode: self.mode(),
            api_key: secret(&self.api_key).ok_or(AccountRow::ApiKey)?,
            webhook_secret: secret(&self.webhook_secret),
            session: text(&self.session).filter(|_| gateway.sessions),
            channel: self.channel().filter(|_| self.channel != 0),
            place: self.place(),
            untried: self.untried,
        })
    }

    /// Something was changed: what was said of it before is out of date.
    pub fn changed(&mut self) {
        self.objection = None;
        self.untried = false;
    }
}

/// An account that was kept, until its first event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAccount {
    /// Its name.
    pub name: AccountName,
    /// The gateway's own name.
    pub gateway: &'static str,
    /// Its session is logged in by QR code.
    pub login: bool,
    /// What became of it.
    pub kept: AddedAccount,
    /// The URL to paste.
    pub url: Clean,
    /// Since when events count.
    pub since: Timestamp,
    /// When the first event came.
    pub first_event: Option<Timestamp>,
}

/// The account form as it lies over the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountSheet {
    /// What there is to choose is being asked for.
    Asking,
    /// It is filled in.
    Filling(Box<AccountForm>),
    /// The account is kept and waits for its first event.
    Kept(Box<KeptAccount>),
}
