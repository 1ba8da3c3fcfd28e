//! A screen without terminal, clock or engine: keys and answers go in, effects and cells come out.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use loket::config::{Locale, SecretStorage};
use loket::domain::{
    Account, AccountField, AccountName, AccountStatus, Capabilities, Channel, Counts, FileRules, InvalidAccount,
    ProcessStatus, RequestUsage, Secret, Seq, SessionState, Timestamp, WindowRule,
};
use loket::tui::{
    Accounts, Effect, Gateway, Keymap, LoginUpdate, Model, Msg, Overview, Setup, SetupOptions, Theme, draw, layout,
    update,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::time::Duration;

// 2023-11-14 22:13:20 UTC.
pub const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// A code as long as WhatsApp's: 240 characters.
pub fn real_code() -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let body: String = letters.chars().cycle().step_by(7).take(235).collect();
    format!("2@{body},==")
}

pub struct Screen {
    pub model: Model,
    /// What it asked for since they were taken last.
    pub effects: Vec<Effect>,
}

pub fn name(text: &str) -> AccountName {
    AccountName::new(text).unwrap()
}

/// An account as the engine reports it.
pub fn account(account_name: &str, gateway: &'static str, login: bool, state: SessionState) -> AccountStatus {
    let capabilities = Capabilities {
        channels: &[Channel::WhatsApp],
        text_max: 4096,
        caption_max: 1024,
        media: &[],
        groups: false,
        files: FileRules::LINK,
        location: false,
        card: false,
        template: None,
        buttons: None,
        list_rows: None,
        window: WindowRule::None,
        check_number: false,
        list_groups: false,
        list_templates: false,
        contacts: false,
        login,
        receipts: true,
        quotes: false,
        reactions: false,
        phone: true,
    };
    AccountStatus {
        account: Account {
            name: name(account_name),
            provider: gateway.to_lowercase(),
            mode: None,
            channel: Channel::WhatsApp,
            state,
            since: Some(Timestamp(NOW.millis() - 3_600_000)),
            last_event_at: Some(Timestamp(NOW.millis() - 120_000)),
            notice: None,
            webhook_path: format!("/webhooks/{account_name}/token"),
        },
        provider_name: gateway,
        capabilities,
        detail: String::new(),
        usage: RequestUsage { used: 0, per_minute: 60 },
        paused_until: None,
        webhook_url: format!("https://inbox.example/webhooks/{account_name}/token"),
        silent_since: None,
    }
}

/// What a form offers: two gateways, one with everything, one bare.
pub fn setup_options(storages: &[SecretStorage]) -> SetupOptions {
    let many = Gateway {
        id: "samudra",
        name: "Samudra",
        base_url: Some("https://api.samudra.example/v1"),
        modes: &["unofficial", "meta"],
        channels: &[Channel::WhatsApp, Channel::Telegram],
        fields: &[
            AccountField::Mode,
            AccountField::ApiKey,
            AccountField::WebhookSecret,
            AccountField::Session,
            AccountField::Channel,
        ],
        signs: false,
        login: false,
    };
    let bare = Gateway {
        id: "kali",
        name: "Kali",
        base_url: None,
        modes: &[],
        channels: &[Channel::WhatsApp],
        fields: &[AccountField::BaseUrl, AccountField::ApiKey, AccountField::WebhookSecret],
        signs: true,
        login: true,
    };
    SetupOptions { gateways: vec![many, bare], taken: vec!["toko".to_owned()], storages: storages.to_vec() }
}

impl Screen {
    /// A screen that has read its accounts.
    pub fn new(locale: Locale, size: (u16, u16), accounts: Vec<AccountStatus>, broken: Vec<InvalidAccount>) -> Self {
        let setup = Setup {
            locale,
            theme: Theme::default(),
            zone: TimeZone::UTC,
            keymap: Keymap::built_in().clone(),
            agent: "Sari".to_owned(),
            replies: loket::config::RepliesFile::default(),
            country: loket::domain::phone::INDONESIA,
            config_path: "/home/sari/.config/loket/config.toml".to_owned(),
            size,
            now: NOW,
            seq: Seq(0),
        };
        let (model, _) = Model::new(setup);
        let mut screen = Screen { model, effects: Vec::new() };
        let range = loket::domain::ConversationRange::Top;
        screen.receive(Msg::ConversationsRead { generation: 0, range, limit: 50, rows: Ok(Vec::new()) });
        screen.set_facts(accounts, broken);
        screen.effects.clear();
        screen
    }

    /// A screen of 80x24 in English without any account.
    pub fn empty() -> Self {
        Screen::new(Locale::En, (80, 24), Vec::new(), Vec::new())
    }

    /// The accounts as the engine knows them.
    pub fn set_facts(&mut self, accounts: Vec<AccountStatus>, broken: Vec<InvalidAccount>) {
        let counts = Some(Counts::default());
        self.receive(Msg::OverviewRead(Box::new(Overview {
            accounts: Some(Accounts { usable: accounts, invalid: broken }),
            counts,
            process: ProcessStatus::default(),
        })));
    }

    pub fn receive(&mut self, msg: Msg) {
        self.effects.extend(update(&mut self.model, msg));
        self.effects.extend(layout(&mut self.model));
    }

    /// News of an account's login.
    pub fn login_news(&mut self, account: &str, news: LoginUpdate) {
        self.receive(Msg::Login { account: name(account), news });
    }

    /// A code that is good for so many seconds.
    pub fn show_code(&mut self, account: &str, code: &str, seconds: u64) {
        let good_until = self.model.now.plus(Duration::from_secs(seconds));
        self.login_news(account, LoginUpdate::Code { code: Secret::new(code), good_until });
    }

    pub fn pass_time(&mut self, span: Duration) {
        let now = self.model.now.plus(span);
        self.receive(Msg::Now(now));
    }

    /// Keys are pressed: letters as they are, names in angle brackets.
    pub fn keys(&mut self, script: &str) {
        let mut rest = script;
        while let Some(first) = rest.chars().next() {
            let (key, tail) = match rest.strip_prefix('<').and_then(|r| r.split_once('>')) {
                Some((named, tail)) => (of_name(named), tail),
                None => {
                    (KeyEvent::new(KeyCode::Char(first), KeyModifiers::NONE), rest.get(first.len_utf8()..).unwrap())
                }
            };
            self.receive(Msg::Key(key));
            // Keys are pressed one by one: what is no typing must not look like it.
            if self.model.waits_for_letters() {
                self.pass_time(Duration::from_millis(200));
            }
            rest = tail;
        }
    }

    /// What it asked for since the last time.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    pub fn buffer(&mut self) -> Buffer {
        let (width, height) = self.model.size;
        layout(&mut self.model);
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(&self.model, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen as text.
    pub fn text(&mut self) -> String {
        let buffer = self.buffer();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let line: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// Fails unless the screen shows a text.
    #[track_caller]
    pub fn assert_shows(&mut self, text: &str) {
        let screen = self.text();
        // Strings may be broken over lines.
        let flat = |text: &str| {
            text.split_whitespace().filter(|word| !word.chars().all(is_drawn)).collect::<Vec<_>>().join(" ")
        };
        assert!(flat(&screen).contains(&flat(text)), "no {text:?} in\n{screen}");
    }

    /// Fails when the screen shows a text.
    #[track_caller]
    pub fn assert_hides(&mut self, text: &str) {
        let screen = self.text();
        assert!(!screen.contains(text), "{text:?} in\n{screen}");
    }
}

fn of_name(name: &str) -> KeyEvent {
    let none = KeyModifiers::NONE;
    let (code, modifiers) = match name {
        "enter" => (KeyCode::Enter, none),
        "esc" => (KeyCode::Esc, none),
        "tab" => (KeyCode::Tab, none),
        "backtab" => (KeyCode::BackTab, none),
        "up" => (KeyCode::Up, none),
        "down" => (KeyCode::Down, none),
        "left" => (KeyCode::Left, none),
        "right" => (KeyCode::Right, none),
        "f2" => (KeyCode::F(2), none),
        "f3" => (KeyCode::F(3), none),
        "f4" => (KeyCode::F(4), none),
        "ctrl-u" => (KeyCode::Char('u'), KeyModifiers::CONTROL),
        "ctrl-p" => (KeyCode::Char('p'), KeyModifiers::CONTROL),
        other => panic!("no key {other}"),
    };
    KeyEvent::new(code, modifiers)
}

/// Lines of boxes, and blocks of codes.
fn is_drawn(c: char) -> bool {
    matches!(c, '│' | '\u{2580}'..='\u{259f}' | '\u{1fb00}'..='\u{1fb3b}')
}
