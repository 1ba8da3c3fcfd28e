//! Cetar AI: WhatsApp by a linked phone and Telegram (`unofficial`), and WhatsApp's official API (`meta`).
//!
//! Invariant: a response never yields an id that Meta's receipts are looked up by, because Cetar documents none.
//!
//! Sources: seeds/002 (the vendor's page, byte for byte) and providers.md section 3.

mod manifest;
mod mode;
mod query;
#[cfg(test)]
mod round_trip;
mod send;
mod simulator;
mod webhook;

use mode::Mode;

use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Inbound, Outgoing, Timestamp};
use crate::providers::common::response;
use crate::providers::provider::Provider;
use crate::providers::simulator::Simulator;
use crate::providers::types::{
    Manifest, Outcome, Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported, Verdict, Webhook,
};

/// Cetar AI as a provider.
#[derive(Debug)]
pub(crate) struct Cetar;

impl Provider for Cetar {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    // The window belongs to Meta's API, not to a linked phone (providers.md A20).
    fn default_window(&self, mode: Option<&str>) -> WindowRule {
        match Mode::from_setting(mode) {
            Mode::Unofficial => WindowRule::None,
            Mode::Meta => WindowRule::Day,
        }
    }

    fn capabilities(&self, profile: &Profile) -> Capabilities {
        manifest::capabilities(profile)
    }

    fn send_request(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
        send::request(profile, outgoing)
    }

    fn read_send_response(&self, profile: &Profile, _outgoing: &Outgoing, response: &Response) -> Outcome {
        response::send_outcome(response, |body| send::remote_id(profile, body))
    }

    fn query_request(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
        query::request(profile, query)
    }

    fn read_query_response(
        &self,
        _profile: &Profile,
        query: &Query,
        response: &Response,
    ) -> Result<QueryResponse, QueryFailure> {
        query::read_response(query, response)
    }

    fn verify(&self, profile: &Profile, webhook: &Webhook, _now: Timestamp) -> Verdict {
        webhook::verify(profile, webhook)
    }

    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
        webhook::interpret(profile, webhook, arrival)
    }

    fn simulator(&self) -> &'static dyn Simulator {
        &simulator::CetarSimulator
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Channel, Content, Failure, Recipient, Remedy};
    use crate::providers::sample;
    use serde_json::json;

    fn outcome(mode: &'static str, status: u16, body: &serde_json::Value) -> Outcome {
        let outgoing = Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "6281234567890".into(), group: false },
            content: Content::Text { body: "Halo".into() },
            quote: None,
        };
        Cetar.read_send_response(&sample::default_profile("cetar", mode), &outgoing, &Response::json(status, body))
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
        let mut profile = sample::default_profile("cetar", "unofficial");
        assert!(Cetar.capabilities(&profile).buttons.is_some());
        profile.channel = Channel::Telegram;
        let telegram = Cetar.capabilities(&profile);
        assert!(telegram.buttons.is_none() && telegram.template.is_none() && !telegram.check_number);
        assert_eq!(Cetar.capabilities(&sample::default_profile("cetar", "meta")).channels, [Channel::WhatsApp]);
        assert_eq!(Cetar.default_window(None), WindowRule::None);
        assert_eq!(Cetar.default_window(Some("meta")), WindowRule::Day);
    }
}
