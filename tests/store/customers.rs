//! The person behind a conversation, across accounts.

use super::kit::{Kit, account, at};
use loket::domain::{
    Contact, ConversationId, ConversationState, Customer, CustomerField, Inbound, InboundMessage, Kind, Media, Peer,
};
use loket::store::{ExportedConversation, Store};
use serde_json::{Map, json};

fn contact(phone: &str, fields: &[(&str, &str)]) -> Contact {
    Contact {
        account: None,
        remote_id: None,
        phone: Some(phone.into()),
        name: Some("Kartika".into()),
        email: None,
        tags: Vec::new(),
        custom_fields: fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<Map<_, _>>(),
    }
}

fn read(store: &Store, id: ConversationId) -> Customer {
    let words = |begins: &'static str| {
        move |text: &str| text.split(' ').filter(|w| w.starts_with(begins)).map(str::to_owned).collect::<Vec<_>>()
    };
    store.customer(id, &words("INV-"), &words("https://")).unwrap().unwrap()
}

#[test]
fn a_person_is_the_same_on_every_account_by_phone_number() {
    let kit = Kit::new();
    let first = kit.customer(at(0), "628111111111", "INV-1 dan INV-2 di https://a.example").conversation;
    kit.customer(at(5), "628111111111", "INV-1 lagi");
    kit.customer(at(6), "628999999999", "INV-9 orang lain");
    let image = InboundMessage {
        kind: Kind::Image,
        media: Some(Media::default()),
        ..InboundMessage::text(Peer::person("628111111111"), "foto")
    };
    kit.receive(at(7), image).unwrap();
    let other = account("cs");
    kit.store.ensure_account(&other, "waviro", "token2").wait().unwrap();
    let event = loket::store::NewEvent {
        account: other.clone(),
        key: "x".into(),
        within: None,
        ack: false,
        received_at: at(9),
        headers: Vec::new(),
        body: b"{}".to_vec(),
    };
    let event = kit.store.append_event(event).wait().unwrap().id;
    let message = InboundMessage::text(Peer::person("628111111111"), "halo cs");
    let scope = (loket::domain::Channel::WhatsApp, loket::domain::WindowRule::None);
    let reports = vec![Inbound::Message(Box::new(message))];
    let second =
        kit.store.apply_event(event, &other, scope.0, scope.1, reports).wait().unwrap().messages[0].conversation;
    kit.store.upsert_contacts(&other, vec![contact("628111111111", &[("kota", "Bandung")])]).wait().unwrap();

    for id in [first, second] {
        let customer = read(&kit.store, id);
        let ids: Vec<_> = customer.history.iter().map(|past| past.conversation.id).collect();
        assert_eq!(ids, [second, first]);
        assert_eq!(customer.history.iter().map(|past| past.messages).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(customer.history[1].first_at, Some(at(0)));
        let texts = |found: &[loket::domain::Mention]| found.iter().map(|m| m.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&customer.orders), ["INV-1", "INV-2"]);
        assert_eq!(texts(&customer.links), ["https://a.example"]);
        assert_eq!(customer.media, [(Kind::Image, 1)]);
        assert_eq!(customer.contacts[0].custom_fields["kota"], json!("Bandung"));
    }
    assert!(kit.store.customer(ConversationId(999), &|_| Vec::new(), &|_| Vec::new()).unwrap().is_none());
}

#[test]
fn what_is_changed_here_survives_the_gateways_address_book() {
    let kit = Kit::new();
    let id = kit.customer(at(0), "628111111111", "hi").conversation;
    let edit = |field: &str, value: &str| {
        kit.store.edit_customer(id, CustomerField::Custom(field.into()), value, "Sari", at(1)).wait().unwrap();
    };
    let fields = || read(&kit.store, id).contacts[0].custom_fields.clone();
    // Without an entry one is added.
    edit("ukuran", "L");
    assert_eq!(fields(), Map::from_iter([("ukuran".to_owned(), json!("L"))]));
    let from_gateway = contact("628111111111", &[("ukuran", "M"), ("kota", "Solo"), ("tanggal", "1 Mei")]);
    kit.store.upsert_contacts(&kit.account, vec![from_gateway.clone()]).wait().unwrap();
    edit("kota", "Bandung");
    edit("tanggal", "");
    kit.store.upsert_contacts(&kit.account, vec![from_gateway]).wait().unwrap();
    let expected = Map::from_iter([("ukuran".to_owned(), json!("L")), ("kota".to_owned(), json!("Bandung"))]);
    assert_eq!(fields(), expected);
    let custom = |name: &str| CustomerField::Custom(name.into());
    assert_eq!(read(&kit.store, id).edited, [custom("ukuran"), custom("kota")]);
    // A name given here stays, and is the conversation's.
    kit.store.edit_customer(id, CustomerField::Name, " Bu Kartika ", "Sari", at(1)).wait().unwrap();
    kit.store.upsert_contacts(&kit.account, vec![contact("628111111111", &[])]).wait().unwrap();
    assert_eq!(kit.store.conversation(id).unwrap().unwrap().name, "Bu Kartika");
    assert_eq!(read(&kit.store, id).contacts[0].name.as_deref(), Some("Bu Kartika"));
}

#[test]
fn what_was_changed_and_who_resolved_goes_with_an_export() {
    let kit = Kit::new();
    let peer = "628111111111";
    let id = kit.customer(at(0), peer, "hi").conversation;
    kit.store.edit_customer(id, CustomerField::Custom("ukuran".into()), "L", "Sari", at(1)).wait().unwrap();
    kit.store.edit_customer(id, CustomerField::Custom("kota".into()), "", "Sari", at(1)).wait().unwrap();
    kit.store.set_state(id, ConversationState::Resolved, None, "Budi", at(7)).wait().unwrap();
    // Again changes nothing, and opening it again forgets nothing.
    kit.store.set_state(id, ConversationState::Resolved, None, "Sari", at(8)).wait().unwrap();
    kit.customer(at(9), peer, "halo lagi");
    assert_eq!(read(&kit.store, id).history[0].resolved, Some(("Budi".to_owned(), at(7))));
    let details = kit.store.conversation_details(id).unwrap().unwrap();
    assert_eq!(details.customer, Some(json!({"custom_fields": {"ukuran": "L", "kota": null}})));

    // Into another store, and into one that knows better.
    let conversation = |kit: &Kit| kit.conversation(peer);
    let import = |into: &Kit| {
        let known = conversation(&kit);
        let exported = ExportedConversation {
            id: known.id,
            account: known.account,
            channel: known.channel,
            peer: known.peer,
            at: at(0),
            details: details.clone(),
        };
        let messages = kit.store.export_messages(None, 10).unwrap();
        let importer = into.store.importer(true);
        importer.add(vec![exported], messages).wait().unwrap();
        importer.finish().for_each(|recounted| recounted.wait().unwrap());
    };
    let fresh = Kit::new();
    import(&fresh);
    import(&fresh);
    let customer = read(&fresh.store, conversation(&fresh).id);
    assert_eq!(customer.history[0].resolved, Some(("Budi".to_owned(), at(7))));
    assert_eq!(customer.contacts[0].custom_fields, Map::from_iter([("ukuran".to_owned(), json!("L"))]));
    assert_eq!(customer.edited, [CustomerField::Custom("ukuran".into())]);
    let other = Kit::new();
    let there = other.customer(at(0), peer, "hi").conversation;
    other.store.edit_customer(there, CustomerField::Custom("ukuran".into()), "XL", "Tono", at(1)).wait().unwrap();
    other.store.set_state(there, ConversationState::Resolved, None, "Tono", at(3)).wait().unwrap();
    import(&other);
    let customer = read(&other.store, there);
    assert_eq!(customer.history[0].resolved, Some(("Tono".to_owned(), at(3))));
    assert_eq!(customer.contacts[0].custom_fields["ukuran"], json!("XL"));
}
