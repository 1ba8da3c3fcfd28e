//! What Chatera offers: its manifest, its limits, and what an account can do.
use crate::domain::capability::{ButtonRules, TemplateRules};
use crate::domain::outgoing::MediaKind;
use crate::domain::{Capabilities, Channel, FileRules};
use crate::providers::meta::interactive;
use crate::providers::types::{AccountField, LoginMethod, Manifest, Profile, RateLimit};

/// Longest text, in characters: the cap of public clients, the same as Meta's (providers.md 2.2).
pub(super) const TEXT_MAX: usize = 4096;

pub(super) const MANIFEST: Manifest = Manifest {
    id: "chatera",
    name: "Chatera",
    base_url: Some("https://api.chatera.id/v1"),
    modes: &[],
    channels: &[Channel::WhatsApp],
    // Seed 000: "hormati rate limit (60/menit)".
    rate_limit: RateLimit::Requests(60),
    fields: &[AccountField::ApiKey, AccountField::WebhookSecret, AccountField::Session],
    login: LoginMethod::Dashboard,
    signs_webhooks: true,
    has_ack_url: false,
    replies_in_webhook: false,
};

pub(super) fn capabilities(profile: &Profile) -> Capabilities {
    const HEADERS: &[MediaKind] = &[MediaKind::Image, MediaKind::Video, MediaKind::Document];
    Capabilities {
        channels: MANIFEST.channels,
        text_max: TEXT_MAX,
        caption_max: interactive::BODY_MAX,
        // Media outside a template's header is not documented.
        media: &[],
        groups: false,
        files: FileRules::META_LINK,
        location: false,
        card: false,
        template: Some(TemplateRules { numeric_id: false, headers: HEADERS, payloads: true }),
        buttons: Some(ButtonRules {
            max: interactive::BUTTONS_MAX,
            types: &["reply", "url"],
            mixed: false,
            max_links: 1,
            media: HEADERS,
        }),
        list_rows: Some(interactive::ROWS_MAX),
        window: profile.window,
        check_number: false,
        list_groups: false,
        list_templates: true,
        contacts: true,
        login: false,
        receipts: true,
        quotes: false,
        reactions: false,
        phone: false,
    }
}
