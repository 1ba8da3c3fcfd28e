//! Messages, queries and inbound events of every kind that an account's capabilities promise.

use loket::domain::{
    Button, ButtonRules, Capabilities, Channel, Contact, ContactPage, Content, Direction, Failure, Group, Inbound,
    InboundMessage, Kind, ListRow, Media, MediaKind, MediaLink, Outgoing, Peer, Receipt, Recipient, SessionState,
    Status, Template, TemplateUse, Writer,
};
use loket::providers::{LoginState, Profile, Query, QueryResponse};
use serde_json::json;

use crate::profiles::NOW;

/// A typical id of a person on a channel.
pub(crate) fn person(channel: Channel) -> &'static str {
    match channel {
        Channel::WhatsApp => "628123456789",
        Channel::Telegram => "777000111",
        Channel::Instagram => "17841400000000000",
        Channel::Messenger => "24000000000000000",
    }
}

const GROUP: &str = "120363041234567890";

fn link(kind: MediaKind, endings: &[&str]) -> MediaLink {
    let usual = match kind {
        MediaKind::Image => "jpg",
        MediaKind::Video => "mp4",
        MediaKind::Audio => "ogg",
        MediaKind::Document => "pdf",
    };
    let ending = if endings.is_empty() || endings.contains(&usual) { usual } else { endings[0] };
    MediaLink::new(kind, format!("https://toko.example/berkas/nota%201.{ending}"))
}

fn text(body: &str) -> Content {
    Content::Text { body: body.to_owned() }
}

/// Every content that the capabilities promise.
fn contents(can: &Capabilities) -> Vec<Content> {
    let mut all = vec![text("Halo"), text("Baris satu\n\"dua\" \\ 👩‍👩‍👧 — ya"), text(&"a".repeat(can.text_max))];
    for (kind, endings) in can.media {
        for caption in [None, Some("Ini kak 🙏".to_owned())] {
            all.push(Content::Media { link: link(*kind, endings), caption });
        }
    }
    if can.location {
        for caption in [None, Some("Toko kami".to_owned())] {
            all.push(Content::Location { latitude: "-6.200".into(), longitude: "106.816666".into(), caption });
        }
    }
    if can.card {
        all.push(Content::Card { name: "Sari".into(), numbers: vec!["628111111111".into(), "628222222222".into()] });
    }
    if let Some(rules) = can.template {
        let bare = TemplateUse {
            id: if rules.numeric_id { "123" } else { "hello_world" }.to_owned(),
            language: (!rules.numeric_id).then(|| "id".to_owned()),
            variables: vec!["Budi".into(), "30%".into()],
            header: None,
            payloads: vec![],
            text: None,
        };
        all.push(Content::Template(TemplateUse { variables: vec![], ..bare.clone() }));
        all.push(Content::Template(bare.clone()));
        for kind in rules.headers {
            all.push(Content::Template(TemplateUse { header: Some(link(*kind, &[])), ..bare.clone() }));
        }
        if rules.payloads {
            all.push(Content::Template(TemplateUse { payloads: vec!["a_1".into(), "b_2".into()], ..bare }));
        }
    }
    all.extend(can.buttons.iter().flat_map(buttons));
    if let Some(max) = can.list_rows {
        for count in [1, max] {
            let rows = (0..count)
                .map(|n| ListRow {
                    section: if n < 2 { "Pakaian" } else { "Sepatu" }.to_owned(),
                    id: format!("r{n}"),
                    title: format!("Pilihan {n}"),
                    description: if n == 0 { String::new() } else { "stok ada".to_owned() },
                })
                .collect();
            let (title, footer) = if count == 1 { (None, None) } else { (Some("Menu".into()), Some("Toko".into())) };
            all.push(Content::List { text: "Mau yang mana?".into(), title, footer, label: "Lihat".into(), rows });
        }
    }
    all
}

fn buttons(rules: &ButtonRules) -> Vec<Content> {
    let button = |kind: &str, n: usize| match kind {
        "reply" => Button::Reply { id: format!("b{n}"), title: format!("Tombol {n}") },
        "url" => Button::Url { url: "https://toko.example/a?b=1&c=2".into(), title: "Buka".into() },
        _ => Button::Copy { code: "PROMO7".into(), title: "Salin".into() },
    };
    let message = |title: Option<&str>, footer: Option<&str>, media: Option<MediaLink>, buttons: Vec<Button>| {
        let (title, footer) = (title.map(str::to_owned), footer.map(str::to_owned));
        Content::Buttons { text: "Jadi?".into(), title, footer, media, buttons }
    };
    let replies: Vec<Button> = (0..rules.max).map(|n| button("reply", n)).collect();
    let mut all: Vec<_> = rules.types.iter().map(|kind| message(None, None, None, vec![button(kind, 1)])).collect();
    all.push(message(None, None, None, replies.clone()));
    all.push(message(Some("Judul"), Some("Kaki"), None, replies.clone()));
    all.extend(rules.media.iter().map(|kind| message(None, None, Some(link(*kind, &[])), replies.clone())));
    if rules.mixed {
        all.push(message(None, None, None, rules.types.iter().take(rules.max).map(|kind| button(kind, 1)).collect()));
    }
    all
}

/// Every content that an account can send, on every channel and to groups.
pub(crate) fn outgoings(can: &Capabilities) -> Vec<Outgoing> {
    let mut all = Vec::new();
    for content in contents(can) {
        for channel in can.channels {
            let to = Recipient { peer: person(*channel).to_owned(), group: false };
            all.push(Outgoing { channel: *channel, to, content: content.clone(), quote: None });
        }
        let to_groups = matches!(
            content,
            Content::Text { .. } | Content::Media { .. } | Content::Location { .. } | Content::Card { .. }
        );
        if can.groups && to_groups {
            let to = Recipient { peer: GROUP.to_owned(), group: true };
            all.push(Outgoing { channel: Channel::WhatsApp, to, content, quote: None });
        }
    }
    all
}

fn contact(remote_id: Option<&str>) -> Contact {
    Contact {
        account: None,
        remote_id: remote_id.map(str::to_owned),
        phone: Some("628123456789".into()),
        name: Some("Budi \"B\" 👋".into()),
        email: Some("budi@example.com".into()),
        tags: vec!["vip".into(), "grosir".into()],
        custom_fields: json!({"tier": "gold", "nilai": 12_500_000, "aktif": true}).as_object().unwrap().clone(),
    }
}

/// Every query, whether the capabilities promise it, and the responses that it may get.
pub(crate) fn queries(can: &Capabilities, profile: &Profile) -> Vec<(Query, bool, Vec<QueryResponse>)> {
    let account = || profile.account.clone();
    let bare =
        Contact { name: None, email: None, tags: vec![], custom_fields: serde_json::Map::new(), ..contact(None) };
    let page = ContactPage {
        contacts: vec![contact(Some("c1")), Contact { remote_id: Some("c2".into()), ..bare.clone() }],
        total: Some(45),
        has_more: true,
    };
    let templates = vec![Template {
        parts: loket::domain::TemplateParts::default(),
        account: account(),
        name: "promo".into(),
        language: "id".into(),
        status: "APPROVED".into(),
        body: "Halo {{1}}".into(),
    }];
    let groups = vec![Group { account: account(), id: GROUP.into(), name: "Reseller".into(), last_at: Some(NOW) }];
    let connected = LoginState::Connected { number: Some("628123456789".into()), name: Some("Toko".into()) };
    let logins = [connected, LoginState::Code("2@abc,def==".into()), LoginState::NotReady].map(QueryResponse::Login);
    vec![
        (
            Query::Contacts { page: 2, per_page: 20, search: Some("Budi & co".into()) },
            can.contacts,
            vec![QueryResponse::Contacts(page)],
        ),
        (
            Query::Contacts { page: 1, per_page: 100, search: None },
            can.contacts,
            vec![QueryResponse::Contacts(ContactPage { contacts: vec![], total: Some(0), has_more: false })],
        ),
        (
            Query::CreateContact(Box::new(contact(None))),
            can.contacts,
            vec![QueryResponse::Created(Box::new(contact(Some("c9")))), QueryResponse::Exists],
        ),
        (Query::CreateContact(Box::new(bare)), can.contacts, vec![QueryResponse::Exists]),
        (Query::Templates { page: 1 }, can.list_templates, vec![QueryResponse::Templates(templates, false)]),
        (Query::Groups, can.list_groups, vec![QueryResponse::Groups(groups), QueryResponse::Groups(vec![])]),
        (
            Query::CheckNumber("628123456789".into()),
            can.check_number,
            vec![QueryResponse::Registered(true), QueryResponse::Registered(false)],
        ),
        (Query::Login, can.login, logins.to_vec()),
    ]
}

fn message(channel: Channel) -> InboundMessage {
    InboundMessage { name: Some("Budi".into()), ..InboundMessage::text(Peer::person(person(channel)), "Halo kak") }
}

fn file(kind: Kind, url: &str, mime: &str) -> InboundMessage {
    let media = Media { url: Some(url.to_owned()), mime: Some(mime.to_owned()), ..Media::default() };
    InboundMessage { kind, media: Some(media), ..message(Channel::WhatsApp) }
}

fn data(kind: Kind, text: &str, payload: serde_json::Value) -> InboundMessage {
    InboundMessage { kind, text: text.to_owned(), payload: Some(payload), ..message(Channel::WhatsApp) }
}

/// A text message of a customer.
pub(crate) fn customer_text(channel: Channel, text: &str) -> Inbound {
    Inbound::Message(Box::new(InboundMessage { channel: Some(channel), text: text.to_owned(), ..message(channel) }))
}

/// Receipts of every status.
pub(crate) fn receipts() -> Vec<Inbound> {
    let receipt = |status, failure| Receipt {
        remote_id: "3EB0AAAA".into(),
        status,
        failure,
        recipient: Some("628123456789".into()),
        may_infer: false,
        at: None,
    };
    let failure = Failure::new("131026", "Message undeliverable");
    [
        (Status::Sent, None),
        (Status::Delivered, None),
        (Status::Read, None),
        (Status::Failed, None),
        (Status::Failed, Some(failure)),
    ]
    .into_iter()
    .map(|(status, failure)| Inbound::Receipt(receipt(status, failure)))
    .collect()
}

/// Inbound events of every kind; a simulator writes those that its gateway's documents have.
pub(crate) fn inbound_events(can: &Capabilities) -> Vec<Inbound> {
    let whatsapp = || message(Channel::WhatsApp);
    let mut messages = vec![
        InboundMessage { text: "Baris satu\n\"dua\" \\ 👩‍👩‍👧 — ya".into(), ..whatsapp() },
        InboundMessage { text: "\u{1b}[2J\u{202e}halo".into(), ..whatsapp() },
        InboundMessage { name: None, at: Some(NOW), ..whatsapp() },
        InboundMessage { remote_id: Some("3EB0BBBB".into()), unique: true, ..whatsapp() },
        InboundMessage { direction: Direction::Out, text: "Siap kak".into(), ..whatsapp() },
        InboundMessage {
            peer: Peer::group(GROUP),
            name: None,
            member: Some(("628123456789".into(), "Budi".into())),
            ..whatsapp()
        },
        file(Kind::Image, "https://cdn.example/a.jpg", "image/jpeg"),
        file(Kind::Video, "https://cdn.example/a.mp4", "video/mp4"),
        file(Kind::Audio, "https://cdn.example/a.ogg", "audio/ogg"),
        file(Kind::Document, "https://cdn.example/a.pdf", "application/pdf"),
        InboundMessage { text: String::new(), ..file(Kind::Image, "https://cdn.example/b.jpg", "image/jpeg") },
        InboundMessage { text: String::new(), ..file(Kind::Sticker, "https://cdn.example/s.webp", "image/webp") },
        data(Kind::Location, "", json!({"latitude": "-6.2", "longitude": "106.816666", "name": "Monas"})),
        data(Kind::Contacts, "", json!({"contacts": [{"name": "Sari", "numbers": ["628111111111"]}]})),
        data(Kind::Choice, "Ya", json!({"id": "ya", "title": "Ya"})),
        data(Kind::Reaction, "👍", json!({"message": "3EB0CCCC", "emoji": "👍"})),
    ];
    messages.extend(can.channels.iter().map(|c| InboundMessage { channel: Some(*c), ..message(*c) }));
    let mut all: Vec<_> = messages.into_iter().map(|m| Inbound::Message(Box::new(m))).collect();
    all.extend(receipts());
    for state in [SessionState::Connected, SessionState::LoggedOut, SessionState::Banned] {
        all.push(Inbound::Session { state, detail: state.as_str().to_owned() });
    }
    all.push(Inbound::Named { channel: None, peer: Peer::person("628123456789"), name: "Budi Santoso".into() });
    let by = Writer::customer(Peer::person("628123456789"));
    all.push(Inbound::Edited { remote_id: "3EB0DDDD".into(), text: "Ralat: dua".into(), by: by.clone() });
    all.push(Inbound::Revoked { remote_id: "3EB0DDDD".into(), by });
    let (from, to) = (Peer::person("628123456789"), Peer::person("628111111111"));
    all.push(Inbound::Moved { channel: None, from, to });
    all
}
