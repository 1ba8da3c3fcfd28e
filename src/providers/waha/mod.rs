//! WAHA (WhatsApp HTTP API): a self-hosted gateway to WhatsApp Web, one server with any number of sessions.
//!
//! Source: waha.devlike.pro/docs (pages "Send messages", "Receive messages", "Events", "Sessions", "Contacts",
//! "Groups", "Security"); field names also as in the public source, devlikeapro/waha `src/structures`.
//! Invariant: no socket, no clock; nothing that one of its engines leaves out is required.

mod actions;
mod content;
mod engine_data;
mod files;
mod ids;
mod message;
mod query;
mod response;
mod send;
mod simulated_events;
mod simulator;
mod webhook;

use super::simulator::Simulator;
use crate::domain::outgoing::MediaKind;
use crate::domain::{Capabilities, Channel, FileRules, Inbound, Media, Outgoing, Remedy, Timestamp};
use crate::providers::provider::Provider;
use crate::providers::types::{
    AccountField, LoginMethod, Manifest, Outcome, Profile, Query, QueryFailure, QueryResponse, RateLimit, Request,
    Response, Unsupported, Verdict, Webhook,
};

/// The provider of WAHA accounts.
pub(crate) struct Waha;

static MANIFEST: Manifest = Manifest {
    id: "waha",
    name: "WAHA",
    // Self-hosted: the user's own server, http://localhost:3000 after its quick start.
    base_url: None,
    modes: &[],
    channels: &[Channel::WhatsApp],
    // No limit is documented; the page "How to avoid blocking" asks for a human pace.
    rate_limit: RateLimit::Requests(60),
    fields: &[AccountField::BaseUrl, AccountField::ApiKey, AccountField::WebhookSecret, AccountField::Session],
    login: LoginMethod::Qr,
    signs_webhooks: true,
    has_ack_url: false,
    replies_in_webhook: false,
};

impl Provider for Waha {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn capabilities(&self, profile: &Profile) -> Capabilities {
        Capabilities {
            channels: MANIFEST.channels,
            // Not documented; WhatsApp's own limits.
            text_max: 4096,
            caption_max: 1024,
            // Page "Send messages": sendImage, sendVideo, sendVoice, sendFile; it converts what it can.
            media: &[
                (MediaKind::Image, &[]),
                (MediaKind::Video, &[]),
                (MediaKind::Audio, &[]),
                (MediaKind::Document, &[]),
            ],
            groups: true,
            files: FileRules::UPLOAD,
            location: true,
            card: true,
            template: None,
            // Buttons and lists exist for some engines; the page warns that they may stop working at any time.
            buttons: None,
            list_rows: None,
            window: profile.window,
            check_number: true,
            list_groups: true,
            list_templates: false,
            // Contacts can be listed but not added: "WhatsApp Web does not support adding contacts".
            contacts: false,
            login: true,
            receipts: true,
            // Page "Send messages": reply_to, and PUT /api/reaction.
            quotes: true,
            reactions: true,
            phone: true,
        }
    }

    fn send_request(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
        send::request(profile, outgoing)
    }

    fn read_send_response(&self, _profile: &Profile, _outgoing: &Outgoing, response: &Response) -> Outcome {
        send::read_response(response)
    }

    fn query_request(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
        query::request(profile, query)
    }

    fn read_query_response(
        &self,
        profile: &Profile,
        query: &Query,
        response: &Response,
    ) -> Result<QueryResponse, QueryFailure> {
        query::read_response(profile, query, response)
    }

    fn verify(&self, profile: &Profile, webhook: &Webhook, _now: Timestamp) -> Verdict {
        webhook::verify(profile, webhook)
    }

    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
        webhook::interpret(profile, webhook, arrival)
    }

    fn file_request(&self, profile: &Profile, media: &Media) -> Option<Request> {
        files::request(profile, media)
    }

    fn remedy(&self, code: &str) -> Remedy {
        match code {
            "session_not_working" => Remedy::LogInAgain,
            "ack_error" => Remedy::CheckRecipient,
            // "We didn't find a session with name …": the configured session does not exist on this server.
            "http_404" => Remedy::AskAdministrator,
            _ => crate::providers::common::response::common_remedy(code),
        }
    }

    fn simulator(&self) -> &'static dyn Simulator {
        &simulator::WahaSimulator
    }
}

#[cfg(test)]
mod tests {
    use crate::providers::sample;
    use crate::providers::types::Profile;

    pub(super) fn profile() -> Profile {
        sample::profile("https://waha.example.com", "my-secret-key")
    }
}
