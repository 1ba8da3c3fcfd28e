//! What Cetar offers: its manifest, and what an account of each of its two products can do.
//!
//! Sources: seeds/002; each function names its sections.

use super::mode::Mode;
use crate::domain::capability::{ButtonRules, TemplateRules};
use crate::domain::outgoing::MediaKind;
use crate::domain::{Capabilities, Channel, FileRules};
use crate::providers::meta::interactive;
use crate::providers::types::{AccountField, LoginMethod, Manifest, Profile, RateLimit};

/// Most buttons under a message of a linked phone ("Kirim Tombol").
pub(super) const BUTTONS_MAX: usize = 3;
/// Longest text, in characters: WhatsApp's own limit, as Meta states it; Cetar states none.
const TEXT_MAX: usize = 4096;

/// From the head of the page; the rate limit from its "Rate Limits": 60 requests a minute for each key.
pub(super) static MANIFEST: Manifest = Manifest {
    id: "cetar",
    name: "Cetar AI",
    base_url: Some("https://api.cetar.ai/v1"),
    modes: &["unofficial", "meta"],
    channels: &[Channel::WhatsApp, Channel::Telegram],
    rate_limit: RateLimit::Requests(60),
    fields: &[
        AccountField::Mode,
        AccountField::ApiKey,
        AccountField::WebhookSecret,
        AccountField::Session,
        AccountField::Channel,
    ],
    login: LoginMethod::Dashboard,
    // The page names no signature; a secret verifies those that other gateways use (providers.md A3).
    signs_webhooks: false,
    has_ack_url: false,
    replies_in_webhook: false,
};

pub(super) fn capabilities(profile: &Profile) -> Capabilities {
    match Mode::of(profile) {
        Mode::Unofficial => unofficial(profile),
        Mode::Meta => meta(profile),
    }
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
        files: FileRules::LINK,
        location: false,
        card: false,
        template: whatsapp.then_some(TemplateRules { numeric_id: true, headers: &[], payloads: false }),
        buttons: whatsapp.then_some(ButtonRules {
            max: BUTTONS_MAX,
            types: &["reply", "url", "copy"],
            mixed: true,
            max_links: BUTTONS_MAX,
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
        quotes: false,
        reactions: false,
        phone: true,
    }
}

/// seeds/002, "Kirim Teks", "Kirim Media", "Kirim Template", "Kirim Interaktif" (all Meta Official). File endings
/// are those that Meta supports ("Media" page, supported types).
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
        files: FileRules::META_LINK,
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
        quotes: false,
        reactions: false,
        phone: false,
    }
}
