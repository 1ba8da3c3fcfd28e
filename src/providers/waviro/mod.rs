//! WAVIRO: a WhatsApp phone behind the customer's own bot URL, keyword webhooks, acknowledgements by URL.
//!
//! Sources: seed 003 (the vendor's page), providers.md section 4. Invariant: no socket, no clock, no text of ours
//! in the response to a webhook, because WAVIRO sends that response to the customer.

mod query;
mod replies;
mod send;
mod simulator;
mod webhook;

use serde_json::Value;

use super::simulator::Simulator;
use crate::domain::outgoing::MediaKind;
use crate::domain::{Capabilities, Channel, Content, FileRules, Inbound, Outgoing, Remedy, Timestamp};
use crate::providers::provider::Provider;
use crate::providers::types::{
    AccountField, LoginMethod, Manifest, Outcome, Profile, Query, QueryFailure, QueryResponse, RateLimit, Request,
    Response, Unsupported, Verdict, Webhook,
};

/// The provider of WAVIRO accounts.
pub(crate) struct Waviro;

static MANIFEST: Manifest = Manifest {
    id: "waviro",
    name: "WAVIRO",
    // Issued per customer, seen as https://api<customer>.waviro.com (providers.md 4.1).
    base_url: None,
    modes: &[],
    channels: &[Channel::WhatsApp],
    // The "Important" box of the vendor's page: five messages a minute, pacing is the caller's job (4.1).
    rate_limit: RateLimit::Sends(5),
    fields: &[AccountField::BaseUrl, AccountField::ApiKey, AccountField::WebhookSecret],
    login: LoginMethod::Qr,
    signs_webhooks: true,
    has_ack_url: true,
    replies_in_webhook: true,
};

impl Provider for Waviro {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn capabilities(&self, profile: &Profile) -> Capabilities {
        Capabilities {
            channels: MANIFEST.channels,
            // Not documented; WhatsApp's own limits.
            text_max: 4096,
            caption_max: 1024,
            // "bisa berupa gambar, audio ataupun dokumen" (seed 003, sendmedia); types are not listed.
            media: &[(MediaKind::Image, &[]), (MediaKind::Audio, &[]), (MediaKind::Document, &[])],
            groups: true,
            files: FileRules::LINK,
            location: true,
            card: true,
            template: None,
            buttons: None,
            list_rows: None,
            window: profile.window,
            check_number: true,
            list_groups: true,
            list_templates: false,
            contacts: false,
            login: true,
            // They are posted to `notifyurl` only, which needs a public address of the listener.
            receipts: profile.notify_url.is_some(),
            phone: true,
            quotes: false,
            reactions: false,
        }
    }

    fn send_request(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
        send::request(profile, outgoing)
    }

    fn read_send_response(&self, profile: &Profile, outgoing: &Outgoing, response: &Response) -> Outcome {
        send::read_response(profile, outgoing, response)
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

    fn interpret(&self, _profile: &Profile, webhook: &Webhook, _arrival: Timestamp) -> Vec<Inbound> {
        webhook::interpret(webhook)
    }

    fn redact(&self, webhook: &Webhook) -> Webhook {
        crate::providers::common::redact::webhook(webhook, &["webhookkey"])
    }

    fn webhook_response(&self, webhook: &Webhook, replies: &[Content]) -> Value {
        replies::webhook_response(webhook, replies)
    }

    fn remedy(&self, code: &str) -> Remedy {
        match code {
            // Acknowledgement −1: WhatsApp did not accept it; the page names no reason (providers.md 4.1).
            "ack_error" => Remedy::CheckRecipient,
            // The bot URL is issued per customer: a missing page means that it is the wrong one.
            "http_404" | "http_405" => Remedy::AskAdministrator,
            _ => crate::providers::common::response::common_remedy(code),
        }
    }

    fn simulator(&self) -> &'static dyn Simulator {
        &simulator::WaviroSimulator
    }
}

#[cfg(test)]
mod tests {
    use crate::providers::sample;
    use crate::providers::types::Profile;

    pub(super) fn profile() -> Profile {
        Profile {
            notify_url: Some("https://inbox.example.com/webhooks/toko/t0k3n/ack".into()),
            ..sample::profile("https://apitoko.waviro.com", "kunci-webhook")
        }
    }
}
