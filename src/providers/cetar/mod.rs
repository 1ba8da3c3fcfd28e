//! Cetar AI: WhatsApp by a linked phone and Telegram (`unofficial`), and WhatsApp's official API (`meta`).
//!
//! Invariant: a response never yields an id that Meta's receipts are looked up by, because Cetar documents none.
//!
//! Sources: seeds/002 (the vendor's page, byte for byte) and providers.md section 3.

mod query;
mod send;
pub(crate) mod simulator;
pub(crate) mod webhook;

use super::meta::interactive;
use super::outcome::{self, scalar};
use super::{
    Field, LoginWay, Manifest, Outcome, Pace, Profile, Provider, Query, QueryFailure, QueryResponse, Request, Response,
    Simulator, Unsupported, Verdict, Webhook,
};
use crate::domain::capability::{ButtonRules, TemplateRules};
use crate::domain::outgoing::MediaKind;
use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Channel, Inbound, Outgoing, Timestamp};

/// The gateway.
#[derive(Debug, Clone, Copy)]
pub struct Cetar;

/// What is fixed about it (seeds/002, head of the page; "Rate Limits" says 60 requests a minute for each key).
static MANIFEST: Manifest = Manifest {
    id: "cetar",
    name: "Cetar AI",
    base_url: Some("https://api.cetar.ai/v1"),
    modes: &["unofficial", "meta"],
    channels: &[Channel::WhatsApp, Channel::Telegram],
    pace: Pace::Requests(60),
    fields: &[Field::Mode, Field::ApiKey, Field::WebhookSecret, Field::Session, Field::Channel],
    login: LoginWay::Dashboard,
    // The page names no signature; a secret verifies those that other gateways use (providers.md A3).
    signs: false,
    acks_by_url: false,
    answers_in_webhook: false,
};

/// Longest text and caption: WhatsApp's own limits, as Meta states them; Cetar states none.
const TEXT_MAX: usize = 4096;

/// Which of the two products an account uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Unofficial,
    Meta,
}

impl Mode {
    fn of_word(word: Option<&str>) -> Self {
        if word == Some("meta") { Mode::Meta } else { Mode::Unofficial }
    }

    fn of(profile: &Profile) -> Self {
        Mode::of_word(profile.mode)
    }
}

impl Provider for Cetar {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    /// providers.md A20: the window belongs to Meta's API, not to a linked phone.
    fn default_window(&self, mode: Option<&str>) -> WindowRule {
        match Mode::of_word(mode) {
            Mode::Unofficial => WindowRule::None,
            Mode::Meta => WindowRule::Day,
        }
    }

    fn capabilities(&self, profile: &Profile) -> Capabilities {
        match Mode::of(profile) {
            Mode::Unofficial => unofficial(profile),
            Mode::Meta => meta(profile),
        }
    }

    fn send(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
        send::request(profile, outgoing)
    }

    fn outcome(&self, profile: &Profile, _outgoing: &Outgoing, response: &Response) -> Outcome {
        let mode = Mode::of(profile);
        outcome::of_send(response, |body| match mode {
            Mode::Unofficial => sent_id(body),
            // `data.job_id` never comes back in an event, while statuses carry the wamid (providers.md 3.3, A7).
            Mode::Meta => None,
        })
    }

    fn query(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
        query::request(profile, query)
    }

    fn answer(&self, _profile: &Profile, query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure> {
        query::answer(query, response)
    }

    fn verify(&self, profile: &Profile, webhook: &Webhook, _now: Timestamp) -> Verdict {
        webhook::verify(profile, webhook)
    }

    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
        webhook::interpret(profile, webhook, arrival)
    }

    fn sim(&self) -> &'static dyn Simulator {
        &simulator::Other
    }
}

/// The id in a send's reply, which the page does not document: of any type, in any of the places seen, or none.
fn sent_id(body: &serde_json::Value) -> Option<String> {
    ["/data/message_id", "/data/messageId", "/data/id", "/message_id", "/messageId", "/id"]
        .into_iter()
        .find_map(|path| scalar(body.pointer(path)?))
}

/// seeds/002, "Kirim Teks", "Kirim Tombol", "Kirim Template", "Kirim Media", "Cek Nomor WA" (all Unofficial).
fn unofficial(profile: &Profile) -> Capabilities {
    // Buttons, templates and number checks are for WhatsApp only; an account for Telegram offers none.
    let whatsapp = profile.channel == Channel::WhatsApp;
    Capabilities {
        channels: MANIFEST.channels,
        text_max: TEXT_MAX,
        caption_max: interactive::BODY_MAX,
        media: &[
            (MediaKind::Image, &["jpg", "jpeg", "png"]),
            (MediaKind::Video, &["mp4"]),
            (MediaKind::Document, &["pdf"]),
        ],
        groups: false,
        location: false,
        card: false,
        template: whatsapp.then_some(TemplateRules { numeric_id: true, headers: &[], payloads: false }),
        buttons: whatsapp.then_some(ButtonRules {
            max: 3,
            types: &["reply", "url", "copy"],
            mixed: true,
            max_links: 3,
            media: &[MediaKind::Image, MediaKind::Video, MediaKind::Document],
        }),
        list_rows: None,
        window: profile.window,
        check_number: whatsapp,
        list_groups: false,
        list_templates: false,
        contacts: false,
        login: false,
        receipts: false,
    }
}

/// seeds/002, "Kirim Teks", "Kirim Media", "Kirim Template", "Kirim Interaktif" (all Meta Official). File endings
/// are those that Meta takes ("Media" page, supported types).
fn meta(profile: &Profile) -> Capabilities {
    Capabilities {
        channels: &[Channel::WhatsApp],
        text_max: TEXT_MAX,
        caption_max: interactive::BODY_MAX,
        media: &[
            (MediaKind::Image, &["jpg", "jpeg", "png"]),
            (MediaKind::Video, &["mp4", "3gp"]),
            (MediaKind::Document, &[]),
            (MediaKind::Audio, &["aac", "amr", "mp3", "m4a", "ogg"]),
        ],
        groups: false,
        location: false,
        card: false,
        template: Some(TemplateRules {
            numeric_id: false,
            headers: &[MediaKind::Image, MediaKind::Video, MediaKind::Document],
            payloads: false,
        }),
        buttons: Some(ButtonRules {
            max: interactive::BUTTONS_MAX,
            types: &["reply", "url", "copy"],
            mixed: false,
            max_links: 1,
            media: &[MediaKind::Image, MediaKind::Video, MediaKind::Document],
        }),
        list_rows: Some(interactive::ROWS_MAX),
        window: profile.window,
        check_number: false,
        list_groups: false,
        list_templates: false,
        contacts: false,
        login: false,
        receipts: true,
    }
}

#[cfg(test)]
pub(in crate::providers) mod account {
    //! Accounts of this gateway for tests.

    use super::*;
    use crate::domain::{AccountName, Secret};

    /// An account in a mode, without session and secrets.
    pub(in crate::providers) fn of(mode: &'static str) -> Profile {
        Profile {
            account: AccountName::new("toko").unwrap(),
            base_url: "https://api.cetar.ai/v1".into(),
            mode: Some(mode),
            session: None,
            channel: Channel::WhatsApp,
            api_key: Secret::new("sk_live_contoh"),
            webhook_secrets: Vec::new(),
            allow_unsigned: false,
            window: Cetar.default_window(Some(mode)),
            notify_url: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Content, Failure, Recipient, Remedy};
    use serde_json::json;

    fn outcome(mode: &'static str, status: u16, body: &serde_json::Value) -> Outcome {
        let outgoing = Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "6281234567890".into(), group: false },
            content: Content::Text { body: "Halo".into() },
        };
        Cetar.outcome(&account::of(mode), &outgoing, &Response::json(status, body))
    }

    #[test]
    fn an_unofficial_reply_may_have_an_id_of_any_type_or_none() {
        for (body, id) in [
            (
                json!({"success": true, "data": {"status": "queued", "id": 1_709_650_000_123_u64}}),
                Some("1709650000123"),
            ),
            (json!({"success": true, "data": {"message_id": "3EB0", "id": 7}}), Some("3EB0")),
            (json!({"success": true, "message_id": "m"}), Some("m")),
            (json!({"success": true, "data": null}), None),
            (json!({}), None),
        ] {
            assert_eq!(outcome("unofficial", 200, &body), Outcome::Accepted { remote_id: id.map(str::to_owned) });
        }
    }

    #[test]
    fn a_job_is_no_message_id() {
        let queued = json!({"success": true, "data": {"status": "queued", "job_id": "abc"}});
        assert_eq!(outcome("meta", 200, &queued), Outcome::Accepted { remote_id: None });
    }

    #[test]
    fn documented_errors_say_what_can_be_done() {
        for (status, remedy) in [
            (401, Remedy::RenewKey),
            (403, Remedy::RenewKey),
            (422, Remedy::CorrectContent),
            (429, Remedy::WaitsAndRetries),
            (500, Remedy::LookBeforeResending),
        ] {
            let found = outcome("unofficial", status, &json!({"message": "kata"}));
            let failure = match (status, found) {
                (429, Outcome::Later { failure, .. })
                | (500, Outcome::Unsure { failure })
                | (401 | 403 | 422, Outcome::Refused { failure }) => failure,
                (_, other) => panic!("{status} {other:?}"),
            };
            assert_eq!(failure, Failure::new(format!("http_{status}"), "kata"));
            assert_eq!(Cetar.remedy(&failure.code), remedy);
        }
        let closed = json!({"success": false, "error": {"code": 131_047, "message": "Re-engagement message"}});
        let Outcome::Refused { failure } = outcome("meta", 200, &closed) else { panic!() };
        assert_eq!(Cetar.remedy(&failure.code), Remedy::SendTemplate);
    }

    #[test]
    fn telegram_has_no_buttons_and_meta_no_telegram() {
        let mut profile = account::of("unofficial");
        assert!(Cetar.capabilities(&profile).buttons.is_some());
        profile.channel = Channel::Telegram;
        let telegram = Cetar.capabilities(&profile);
        assert!(telegram.buttons.is_none() && telegram.template.is_none() && !telegram.check_number);
        assert_eq!(Cetar.capabilities(&account::of("meta")).channels, [Channel::WhatsApp]);
        assert_eq!(Cetar.default_window(None), WindowRule::None);
        assert_eq!(Cetar.default_window(Some("meta")), WindowRule::Day);
    }
}
