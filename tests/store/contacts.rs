//! Contacts and the progress of importing them.

use super::kit::{Kit, account, at};
use loket::domain::{Contact, SearchText, phone};
use loket::store::contact_key;
use serde_json::{Map, json};

#[test]
fn contacts_are_merged_paged_and_name_conversations() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "hi");
    let contact = |id: Option<&str>, phone: &str, name: Option<&str>| Contact {
        account: None,
        remote_id: id.map(Into::into),
        phone: Some(phone.into()),
        name: name.map(Into::into),
        email: None,
        tags: vec!["a".into()],
        custom_fields: Map::from_iter([("age".to_owned(), json!(7))]),
    };
    let all = vec![
        contact(Some("1"), "628111111111", Some("budi")),
        contact(Some("2"), "628222222222", Some("Ani")),
        contact(None, "628333333333", None),
    ];
    assert_eq!(kit.store.upsert_contacts(&kit.account, all.clone()).wait().unwrap(), 3);
    assert_eq!(kit.store.upsert_contacts(&kit.account, all).wait().unwrap(), 0);
    assert_eq!(kit.conversation("628111111111").name, "budi");
    // Known by phone number first, by id later: one contact. No known value is lost.
    let fuller = contact(Some("3"), "628333333333", Some("Cici"));
    assert_eq!(kit.store.upsert_contacts(&kit.account, vec![fuller]).wait().unwrap(), 1);
    let nameless = contact(Some("1"), "628111111111", None);
    assert_eq!(kit.store.upsert_contacts(&kit.account, vec![nameless]).wait().unwrap(), 0);
    let page = kit.store.contacts(&kit.account, None, 2, None).unwrap();
    let names = |page: &[Contact]| page.iter().filter_map(|c| c.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&page), ["Ani", "budi"]);
    let rest = kit.store.contacts(&kit.account, None, 9, Some(contact_key(&page[1]))).unwrap();
    assert_eq!(names(&rest), ["Cici"]);
    assert_eq!((rest[0].custom_fields["age"].clone(), rest[0].remote_id.as_deref()), (json!(7), Some("3")));
    let found = |text: &str| {
        let text = SearchText::new(text, phone::INDONESIA);
        names(&kit.store.contacts(&kit.account, Some(&text), 9, None).unwrap())
    };
    assert_eq!(found("BUD"), ["budi"]);
    assert_eq!(found("0833-3333"), ["Cici"]);
    assert!(kit.store.contacts(&account("other"), None, 9, None).unwrap().is_empty());
    // A later conversation gets the contact's name with its first message.
    kit.customer(at(5), "628222222222", "hi");
    assert_eq!(kit.conversation("628222222222").name, "Ani");
}

#[test]
fn an_interrupted_import_continues_where_it_was() {
    let kit = Kit::new();
    kit.store.record_import(&kit.account, "hash", 2, "\"created\"").wait().unwrap();
    kit.store.record_import(&kit.account, "hash", 1, "\"skipped\"").wait().unwrap();
    kit.store.record_import(&kit.account, "hash", 1, "\"created\"").wait().unwrap();
    let done = kit.store.import_progress(&kit.account, "hash").unwrap();
    assert_eq!(done, [(1, "\"created\"".to_owned()), (2, "\"created\"".to_owned())]);
    assert!(kit.store.import_progress(&kit.account, "other").unwrap().is_empty());
}

#[test]
fn somebody_who_is_known_is_not_changed_by_a_card() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "hi");
    let card = |phone: &str, name: &str| Contact {
        account: None,
        remote_id: None,
        phone: Some(phone.into()),
        name: Some(name.into()),
        email: Some("a@b.id".into()),
        tags: Vec::new(),
        custom_fields: Map::new(),
    };
    let add = |phone, name| kit.store.add_contact(&kit.account, card(phone, name)).wait().unwrap();
    assert_eq!(add("628111111111", "Budi"), None);
    assert_eq!(kit.conversation("628111111111").name, "Budi");
    assert_eq!(add("628111111111", "Budi Baru"), Some("Budi".to_owned()));
    let tagged = Contact { tags: vec!["vip".into()], name: None, ..card("628222222222", "") };
    kit.store.upsert_contacts(&kit.account, vec![tagged]).wait().unwrap();
    // Without a name before, the card's is taken and all else stays.
    assert_eq!(add("628222222222", "Sari"), None);
    let all = kit.store.contacts(&kit.account, None, 9, None).unwrap();
    let known: Vec<_> = all.iter().map(|c| (c.name.as_deref().unwrap(), c.tags.clone())).collect();
    assert_eq!(known, [("Budi", vec![]), ("Sari", vec!["vip".to_owned()])]);
}
