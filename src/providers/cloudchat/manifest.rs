//! What CloudChat offers: its manifest, its limits, and what an account can do.

use crate::domain::capability::ButtonRules;
use crate::domain::outgoing::MediaKind;
use crate::domain::{Capabilities, Channel, FileRules};
use crate::providers::types::{AccountField, LoginMethod, Manifest, Profile, RateLimit};

/// Longest text, in characters. Not documented; this is WhatsApp's and Telegram's own limit.
pub(super) const TEXT_MAX: usize = 4096;
/// Longest caption, in characters. Not documented; this is WhatsApp's and Telegram's own limit.
const CAPTION_MAX: usize = 1024;
/// Most buttons: the rule of the gateway with the same request format (providers.md 3.2, 5.1).
pub(super) const BUTTONS_MAX: usize = 3;

pub(super) const MANIFEST: Manifest = Manifest {
    id: "cloudchat",
    name: "CloudChat",
    base_url: Some("https://app.cloudchat.id/api/public/v1"),
    modes: &[],
    channels: &[Channel::WhatsApp, Channel::Telegram, Channel::Instagram, Channel::Messenger],
    // Seed 004: "60 requests / menit / App".
    rate_limit: RateLimit::Requests(60),
    fields: &[AccountField::ApiKey, AccountField::WebhookSecret, AccountField::Session, AccountField::Channel],
    login: LoginMethod::Dashboard,
    signs_webhooks: true,
    has_ack_url: false,
    replies_in_webhook: false,
};

pub(super) fn capabilities(profile: &Profile) -> Capabilities {
    Capabilities {
        channels: MANIFEST.channels,
        text_max: TEXT_MAX,
        caption_max: CAPTION_MAX,
        media: &[(MediaKind::Image, &[]), (MediaKind::Video, &[]), (MediaKind::Audio, &[]), (MediaKind::Document, &[])],
        groups: false,
        files: FileRules::LINK,
        location: false,
        card: false,
        template: None,
        buttons: Some(ButtonRules {
            max: BUTTONS_MAX,
            types: &["reply", "url", "copy"],
            mixed: true,
            max_links: BUTTONS_MAX,
            media: &[MediaKind::Image],
        }),
        list_rows: None,
        window: profile.window,
        check_number: true,
        list_groups: false,
        list_templates: false,
        contacts: false,
        login: false,
        // Seed 004: events "saat pesan masuk, status berubah, dll.".
        receipts: true,
        quotes: false,
        reactions: false,
        // Sessions of linked phones (seed 004).
        phone: true,
    }
}
