//! The form for a new account: a table of fields, of which the chosen gateway has some.
//!
//! Invariant: no gateway has a name here, and what is typed stays when another gateway is chosen.
use super::draft::{AccountDraft, Gateway, SetupOptions};
use crate::config::SecretStorage;
use crate::domain::{AccountField, AccountName, Secret, Timestamp};
use crate::tui::i18n::{AccountFormStrings, Strings, channel, fill};
use crate::tui::widgets::form::{Field, FieldError, FieldKind, Form, Rule};
use crate::tui::widgets::line_input::LineInput;

/// What a field of the form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupField {
    Gateway,
    Name,
    /// A setting of the account.
    Setting(AccountField),
    /// Where the secrets are kept.
    Storage,
    Save,
}

use SetupField::Setting;

/// The form while it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountForm {
    options: SetupOptions,
    pub form: Form<SetupField>,
    /// Why it was not added, in the person's language, until something is changed.
    pub objection: Option<String>,
    /// It is being tried and saved, since then.
    pub(crate) trying: Option<Timestamp>,
    /// The gateway did not answer: saving again does not ask it.
    pub untried: bool,
}

impl AccountForm {
    /// An empty form; `None` when no gateway is offered.
    pub fn new(options: SetupOptions, strings: &Strings) -> Option<Self> {
        options.gateways.first()?;
        let form = Form::new(fields(&options, &strings.account_form));
        let mut form = AccountForm { options, form, objection: None, trying: None, untried: false };
        form.follow_gateway(None);
        Some(form)
    }

    /// The gateway that is chosen in the form.
    pub fn gateway(&self) -> Option<&Gateway> {
        self.options.gateways.get(self.form.chosen(SetupField::Gateway))
    }

    /// Where the secrets will be kept; `None` in clear in the configuration.
    fn storage(&self) -> Option<SecretStorage> {
        self.options.storages.get(self.form.chosen(SetupField::Storage)).copied()
    }

    /// Chooses the next or the previous option of the focused field.
    pub fn choose(&mut self, by: isize) {
        let former = self.gateway().cloned();
        if !self.form.choose(by) {
            return;
        }
        if self.form.focused().is_some_and(|field| field.id == SetupField::Gateway) {
            self.follow_gateway(former.as_ref());
        }
        self.changed();
    }

    /// Offers what the chosen gateway has. Name and base URL follow it as long as nobody changed them.
    fn follow_gateway(&mut self, former: Option<&Gateway>) {
        let Some(gateway) = self.gateway().cloned() else { return };
        let free = !self.options.taken.iter().any(|name| name == gateway.id);
        let own_name = if free { gateway.id } else { "" };
        let texts = [
            (Setting(AccountField::BaseUrl), former.and_then(|g| g.base_url), gateway.base_url.unwrap_or_default()),
            (SetupField::Name, former.map(|g| g.id), own_name),
        ];
        for (id, suggested, text) in texts {
            if let Some(FieldKind::Text(line)) = self.form.field_mut(id).map(|field| &mut field.kind)
                && (line.is_empty() || suggested == Some(line.text()))
            {
                *line = LineInput::with(text);
            }
        }
        let modes = gateway.modes.iter().map(|mode| (*mode).to_owned()).collect();
        let channels = gateway.channels.iter().map(|own| channel(*own).to_owned()).collect();
        for (setting, options) in [(AccountField::Mode, modes), (AccountField::Channel, channels)] {
            if let Some(field) = self.form.field_mut(Setting(setting)) {
                field.kind = FieldKind::Choice { options, chosen: 0 };
                field.hidden = !gateway.fields.contains(&setting);
            }
        }
        if let Some(session) = self.form.field_mut(Setting(AccountField::Session)) {
            session.hidden = !gateway.fields.contains(&AccountField::Session);
        }
    }

    /// The account as it is filled in; `None` when a field is wrong, which then has the focus.
    pub fn draft(&mut self) -> Option<AccountDraft> {
        if !self.form.check() {
            return None;
        }
        let gateway = self.gateway()?;
        let text = |id: AccountField| Some(self.form.value(Setting(id))).filter(|text| !text.is_empty());
        let base_url = text(AccountField::BaseUrl).map(|url| url.trim_end_matches('/'));
        let channel = self.form.chosen(Setting(AccountField::Channel));
        Some(AccountDraft {
            name: AccountName::new(self.form.value(SetupField::Name))?,
            gateway: gateway.id,
            base_url: base_url.filter(|url| gateway.base_url != Some(url)).map(str::to_owned),
            mode: gateway.modes.get(self.form.chosen(Setting(AccountField::Mode))).copied(),
            api_key: text(AccountField::ApiKey).map(Secret::new)?,
            webhook_secret: text(AccountField::WebhookSecret).map(Secret::new),
            session: text(AccountField::Session)
                .filter(|_| gateway.fields.contains(&AccountField::Session))
                .map(str::to_owned),
            channel: gateway.channels.get(channel).copied().filter(|_| channel != 0),
            storage: self.storage(),
            untried: self.untried,
        })
    }

    /// Forgets what was said of the form before something was changed.
    pub(crate) fn changed(&mut self) {
        self.objection = None;
        self.untried = false;
    }

    /// The sentence about what is wrong with the focused field, if anything.
    pub(crate) fn error(&self, strings: &Strings) -> Option<String> {
        let strings = &strings.account_form;
        let error = self.form.focused().and_then(|field| self.form.shown_error(field))?;
        Some(match error {
            FieldError::InvalidName => strings.error_name.clone(),
            FieldError::NameTaken => strings.error_taken.clone(),
            FieldError::InvalidUrl => strings.error_url.clone(),
            FieldError::Missing => strings.error_missing.clone(),
        })
    }

    /// The help on a field.
    pub(crate) fn help(&self, strings: &Strings, field: SetupField) -> String {
        let strings = &strings.account_form;
        let Some(gateway) = self.gateway() else { return String::new() };
        let sentence = match field {
            SetupField::Gateway => &strings.help_gateway,
            SetupField::Name => &strings.help_name,
            Setting(AccountField::BaseUrl) if gateway.base_url.is_some() => &strings.help_base_url_fixed,
            Setting(AccountField::BaseUrl) => &strings.help_base_url,
            Setting(AccountField::Mode) => &strings.help_mode,
            Setting(AccountField::ApiKey) => &strings.help_api_key,
            Setting(AccountField::WebhookSecret) if gateway.signs => &strings.help_webhook_secret,
            Setting(AccountField::WebhookSecret) => &strings.help_webhook_secret_optional,
            Setting(AccountField::Session) => &strings.help_session,
            Setting(AccountField::Channel) => &strings.help_channel,
            SetupField::Storage => match self.storage() {
                Some(SecretStorage::Keyring) => &strings.help_storage_keyring,
                Some(SecretStorage::File) => &strings.help_storage_file,
                None => &strings.help_storage_config,
            },
            SetupField::Save if self.untried => &strings.help_save_untried,
            SetupField::Save => &strings.help_save,
        };
        fill(sentence, &[("gateway", gateway.name)])
    }
}

/// Every field, from top to bottom; those that a gateway lacks are hidden later.
fn fields(options: &SetupOptions, strings: &AccountFormStrings) -> Vec<Field<SetupField>> {
    let empty = |id, label: &str| Field::text(id, label, "");
    let secret = |id, label: &str| Field::new(id, label, FieldKind::Secret(LineInput::default()));
    let choice = |id, label: &str, options| Field::new(id, label, FieldKind::Choice { options, chosen: 0 });
    let gateways = options.gateways.iter().map(|gateway| gateway.name.to_owned()).collect();
    let storages = options.storages.iter().map(|storage| match storage {
        SecretStorage::Keyring => strings.storage_keyring.clone(),
        SecretStorage::File => strings.storage_file.clone(),
    });
    let storages = storages.chain([strings.storage_config.clone()]).collect();
    let name = Rule::AccountName { taken: options.taken.clone() };
    vec![
        choice(SetupField::Gateway, &strings.gateway, gateways),
        empty(SetupField::Name, &strings.name).required(name),
        empty(Setting(AccountField::BaseUrl), &strings.base_url).required(Rule::WebUrl),
        choice(Setting(AccountField::Mode), &strings.mode, Vec::new()),
        secret(Setting(AccountField::ApiKey), &strings.api_key).required(Rule::Any),
        secret(Setting(AccountField::WebhookSecret), &strings.webhook_secret),
        empty(Setting(AccountField::Session), &strings.session),
        choice(Setting(AccountField::Channel), &strings.channel, Vec::new()),
        choice(SetupField::Storage, &strings.storage, storages),
        Field::new(SetupField::Save, &strings.save, FieldKind::Button),
    ]
}
