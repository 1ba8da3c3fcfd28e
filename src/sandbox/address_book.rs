//! The answers of a simulated account to queries: its contacts, templates, groups, numbers and login. All data is
//! invented.

use std::time::Duration;

use super::options::Pace;
use super::rng::Rng;
use crate::domain::contact::ContactPage;
use crate::domain::phone::{INDONESIA, normalise};
use crate::domain::{AccountName, Contact, Group, Template, TemplateParts, Timestamp};
use crate::providers::{LoginState, Query, QueryResponse};

/// The data of a simulated account beside its messages.
#[derive(Debug)]
pub(crate) struct AddressBook {
    account: AccountName,
    contacts: Vec<Contact>,
    login: Login,
    pace: Pace,
    rng: Rng,
}

/// The state of the login.
#[derive(Debug)]
enum Login {
    Connected,
    /// When the code was first polled, how often, and the current code with its period.
    Waiting {
        since: Option<Duration>,
        polls: u32,
        code: (u64, String),
    },
}

/// How long a login code is valid.
const CODE_LIFE: Duration = Duration::from_secs(20);
/// The code counts as scanned after this many polls …
const POLLS_UNTIL_SCANNED: u32 = 3;
/// … and this long after the first one.
const SCANNED_AFTER: Duration = Duration::from_secs(30);
/// The number of the simulated phone.
const OWN_NUMBER: &str = "6283100000000";
/// The most contacts, so that an import does not fill the memory.
const CONTACTS_MAX: usize = 50_000;

const NAMES: [&str; 30] = [
    "Budi Santoso",
    "Maya Lestari",
    "Dewi Anggraini",
    "Pak RT 05 Sukamaju",
    "Siti Nurhaliza",
    "Andi Wijaya",
    "Rudi Hartono",
    "Lina Marlina",
    "Toni Kurniawan",
    "Wulan Sari",
    "Dian Puspita",
    "Eko Nugroho",
    "Fitri Handayani",
    "Gilang Ramadhan",
    "Hesti Rahayu",
    "Imam Syafii",
    "Julia Tan",
    "Ketut Suardana",
    "Laras Ayu",
    "Made Wirawan",
    "Nia Ramadhani",
    "Oscar Simanjuntak",
    "Putu Astuti",
    "Qori Amelia",
    "Ratna Dewi",
    "Surya Pratama",
    "Tari Wahyuni",
    "Umar Bakri",
    "Vina Melinda",
    "Wawan Setiawan",
];

impl AddressBook {
    /// The invented contacts of an account and its login, which waits for a scan when `logged_out`.
    pub(crate) fn new(account: AccountName, logged_out: bool, pace: Pace, seed: u64) -> Self {
        let contacts = NAMES.iter().enumerate().map(|(nth, name)| contact(&account, nth, name)).collect();
        let login = if logged_out {
            Login::Waiting { since: None, polls: 0, code: (0, String::new()) }
        } else {
            Login::Connected
        };
        let rng = Rng::new(seed, &format!("book {account}"));
        AddressBook { account, contacts, login, pace, rng }
    }

    /// Whether the session is logged in, so that messages can be sent.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.login, Login::Connected)
    }

    /// The response to a query. `elapsed` is the duration since the start, `now` the time of day.
    pub(crate) fn respond(&mut self, query: &Query, elapsed: Duration, now: Timestamp) -> QueryResponse {
        match query {
            Query::Contacts { page, per_page, search } => {
                QueryResponse::Contacts(self.page(*page, *per_page, search.as_deref()))
            }
            Query::CreateContact(contact) => self.create(contact),
            Query::Templates { page } => {
                let first = *page <= 1;
                QueryResponse::Templates(if first { self.templates() } else { Vec::new() }, false)
            }
            Query::Groups => QueryResponse::Groups(self.groups(now)),
            Query::CheckNumber(number) => QueryResponse::Registered(is_registered(number)),
            Query::Login => QueryResponse::Login(self.log_in(elapsed)),
            Query::Probe => QueryResponse::Alive,
        }
    }

    fn page(&self, page: u32, per_page: u32, search: Option<&str>) -> ContactPage {
        let search = search.map(str::to_lowercase).filter(|s| !s.is_empty());
        let matches = |contact: &&Contact| {
            let has = |field: &Option<String>, part: &str| {
                field.as_ref().is_some_and(|text| text.to_lowercase().contains(part))
            };
            search.as_deref().is_none_or(|part| {
                let digits = part.trim_start_matches('+');
                has(&contact.name, part) || has(&contact.email, part) || has(&contact.phone, digits)
            })
        };
        let matching: Vec<&Contact> = self.contacts.iter().filter(matches).collect();
        let size = usize::try_from(per_page.clamp(1, 100)).unwrap_or(100);
        let skipped = usize::try_from(page.max(1) - 1).unwrap_or(usize::MAX).saturating_mul(size);
        let contacts: Vec<Contact> = matching.iter().skip(skipped).take(size).map(|c| (*c).clone()).collect();
        let has_more = skipped.saturating_add(contacts.len()) < matching.len() && !contacts.is_empty();
        ContactPage { contacts, total: u64::try_from(matching.len()).ok(), has_more }
    }

    fn create(&mut self, new: &Contact) -> QueryResponse {
        let phone = new.phone.as_deref().map(|p| normalise(p, INDONESIA).unwrap_or_else(|| p.to_owned()));
        let known = phone.is_some() && self.contacts.iter().any(|c| c.phone == phone);
        if known || self.contacts.len() >= CONTACTS_MAX {
            return QueryResponse::Exists;
        }
        let remote_id = Some(uuid(self.contacts.len()));
        let contact = Contact { account: Some(self.account.clone()), remote_id, phone, ..new.clone() };
        self.contacts.push(contact.clone());
        QueryResponse::Created(Box::new(contact))
    }

    fn templates(&self) -> Vec<Template> {
        let template = |name: &str, language: &str, body: &str| Template {
            parts: TemplateParts::default(),
            account: self.account.clone(),
            name: name.to_owned(),
            language: language.to_owned(),
            status: "APPROVED".to_owned(),
            body: body.to_owned(),
        };
        vec![
            template("otp_verification", "id", "Kode verifikasi Anda: {{1}}. Jangan berikan kepada siapa pun."),
            template("order_status_check", "id", "Halo {{1}}, pesanan {{2}} sudah kami terima. Apakah sudah sesuai?"),
            template("resi_pengiriman", "id", "Halo {{1}}, pesanan {{2}} dikirim dengan {{3}}, resi {{4}}."),
            template("hello_world", "en_US", "Hello Simulation"),
        ]
    }

    fn groups(&self, now: Timestamp) -> Vec<Group> {
        let group = |id: &str, name: &str, minutes_ago: i64| Group {
            account: self.account.clone(),
            id: id.to_owned(),
            name: name.to_owned(),
            last_at: Some(Timestamp::from_seconds(now.seconds() - minutes_ago * 60)),
        };
        vec![
            group("120363041234567001", "Reseller Toko Sari 💚", 12),
            group("120363041234567002", "Tim Gudang & Kurir", 95),
            group("120363041234567003", "Arisan RT 05", 2880),
        ]
    }

    fn log_in(&mut self, elapsed: Duration) -> LoginState {
        let (life, scanned_after) = (self.pace.scale(CODE_LIFE), self.pace.scale(SCANNED_AFTER));
        if let Login::Waiting { since, polls, code } = &mut self.login {
            let first = *since.get_or_insert(elapsed);
            let waited = elapsed.saturating_sub(first);
            if *polls < POLLS_UNTIL_SCANNED || waited < scanned_after {
                *polls += 1;
                let period = u64::try_from(waited.as_millis() / life.as_millis().max(1)).unwrap_or(u64::MAX);
                if code.1.is_empty() || code.0 != period {
                    *code = (period, pairing_code(&mut self.rng));
                }
                return LoginState::Code(code.1.clone());
            }
            self.login = Login::Connected;
        }
        LoginState::Connected { number: Some(OWN_NUMBER.to_owned()), name: Some("Toko Sari".to_owned()) }
    }
}

/// An id without a WhatsApp server's name and without a plus sign.
pub(crate) fn bare_id(id: &str) -> String {
    let id = id.split('@').next().unwrap_or(id);
    id.strip_prefix('+').unwrap_or(id).to_owned()
}

/// Whether a number is on WhatsApp: numbers that end in an even digit are.
fn is_registered(number: &str) -> bool {
    number.chars().rev().find(char::is_ascii_digit).and_then(|c| c.to_digit(10)).is_some_and(|digit| digit % 2 == 0)
}

/// A code in the form of WhatsApp Web's pairing codes: `2@`, then four base64 parts, about 240 characters.
fn pairing_code(rng: &mut Rng) -> String {
    use base64::Engine as _;
    let mut part = |bytes: usize| {
        let raw: Vec<u8> = (0..bytes).map(|_| u8::try_from(rng.below(256)).unwrap_or(0)).collect();
        base64::engine::general_purpose::STANDARD.encode(raw)
    };
    format!("2@{},{},{},{}", part(75), part(32), part(32), part(32))
}

fn contact(account: &AccountName, nth: usize, name: &str) -> Contact {
    let tags = ["langganan", "reseller", "baru"].get(nth % 3).map(|t| (*t).to_owned()).into_iter().collect();
    let mut custom_fields = serde_json::Map::new();
    let city = ["Bandung", "Semarang", "Medan", "Makassar"].get(nth % 4).copied().unwrap_or_default();
    custom_fields.insert("kota".to_owned(), city.into());
    custom_fields.insert("poin".to_owned(), (nth * 15).into());
    let email = name.to_lowercase().replace(' ', ".");
    Contact {
        account: Some(account.clone()),
        remote_id: Some(uuid(nth)),
        phone: Some(format!("6281200{:06}", 1000 + nth * 2)),
        name: Some(name.to_owned()),
        email: (nth % 3 != 2).then(|| format!("{email}@example.com")),
        tags,
        custom_fields,
    }
}

fn uuid(nth: usize) -> String {
    format!("5a4db0c0-0000-4000-8000-{nth:012x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address_book(logged_out: bool) -> AddressBook {
        AddressBook::new(AccountName::new("toko").unwrap(), logged_out, Pace::Human, 1)
    }

    fn contacts(address_book: &mut AddressBook, page: u32, per_page: u32, search: Option<&str>) -> ContactPage {
        let query = Query::Contacts { page, per_page, search: search.map(str::to_owned) };
        match address_book.respond(&query, Duration::ZERO, Timestamp::default()) {
            QueryResponse::Contacts(page) => page,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_address_book_is_paged_and_searched() {
        let mut address_book = address_book(false);
        let sizes: Vec<_> = (1..=4)
            .map(|n| contacts(&mut address_book, n, 12, None))
            .map(|p| (p.contacts.len(), p.has_more, p.total))
            .collect();
        assert_eq!(sizes, [(12, true, Some(30)), (12, true, Some(30)), (6, false, Some(30)), (0, false, Some(30))]);
        assert_eq!(contacts(&mut address_book, 1, 20, Some("WULAN")).total, Some(1));
        assert_eq!(contacts(&mut address_book, 1, 20, Some("+6281200001000")).total, Some(1));
        assert_eq!(contacts(&mut address_book, 1, 20, Some("nobody")).total, Some(0));
        assert!(!contacts(&mut address_book, u32::MAX, u32::MAX, None).has_more);
    }

    #[test]
    fn a_contact_is_created_once() {
        let mut address_book = address_book(false);
        let mut new = address_book.contacts[0].clone();
        new.phone = Some("+62 899 1234 567".into());
        let create = Query::CreateContact(Box::new(new));
        let answer = address_book.respond(&create, Duration::ZERO, Timestamp::default());
        assert!(matches!(&answer, QueryResponse::Created(c) if c.phone.as_deref() == Some("628991234567")));
        assert_eq!(address_book.respond(&create, Duration::ZERO, Timestamp::default()), QueryResponse::Exists);
        assert_eq!(contacts(&mut address_book, 1, 1, None).total, Some(31));
    }

    #[test]
    fn the_login_code_changes_and_is_then_scanned() {
        let mut address_book = address_book(true);
        assert!(!address_book.is_connected());
        let mut codes = Vec::new();
        for second in [0, 10, 25, 29] {
            match address_book.respond(&Query::Login, Duration::from_secs(second), Timestamp::default()) {
                QueryResponse::Login(LoginState::Code(code)) => codes.push(code),
                other => panic!("{other:?}"),
            }
        }
        assert!(codes[0].starts_with("2@") && (200..280).contains(&codes[0].len()), "{}", codes[0].len());
        assert_eq!(codes[0], codes[1]);
        assert_ne!(codes[1], codes[2]);
        let connected = address_book.respond(&Query::Login, Duration::from_secs(31), Timestamp::default());
        assert!(matches!(connected, QueryResponse::Login(LoginState::Connected { .. })));
        assert!(address_book.is_connected());
    }

    #[test]
    fn even_numbers_are_registered() {
        assert!(is_registered("6281234567890"));
        assert!(!is_registered("6281234567891"));
        assert!(!is_registered(""));
    }
}
