//! Pages of messages, search, export and import.
use super::kit::{Kit, account, at, new};
use loket::domain::phone::INDONESIA;
use loket::domain::{Channel, ConversationFilter, InboundMessage, MessageId, Peer, SearchText};
use loket::domain::{Media, Message, Status};
use loket::store::{ExportedMessage, ImportCounts, MessageRange};
use proptest::prelude::*;

#[test]
fn a_conversation_is_paged_in_both_directions() {
    let kit = Kit::new();
    for n in 0..23 {
        // Several in the same second.
        kit.customer(at(n / 4), "628111111111", &n.to_string());
    }
    kit.customer(at(2), "628222222222", "elsewhere");
    let id = kit.conversation("628111111111").id;
    let page = |range| kit.store.messages(id, range, 5).unwrap();
    let texts = |page: &[Message]| page.iter().map(|m| m.text.clone()).collect::<Vec<_>>();
    let mut all = page(MessageRange::Newest);
    assert_eq!(texts(&all), ["18", "19", "20", "21", "22"]);
    loop {
        let mut older = page(MessageRange::Before(all[0].order));
        if older.is_empty() {
            break;
        }
        older.extend(all);
        all = older;
    }
    let expected: Vec<String> = (0..23).map(|n| n.to_string()).collect();
    assert_eq!(texts(&all), expected);
    let mut forward = vec![all[0].clone()];
    loop {
        let newer = page(MessageRange::After(forward.last().unwrap().order));
        if newer.is_empty() {
            break;
        }
        forward.extend(newer);
    }
    assert_eq!(forward, all);
    let newest = kit.store.account_messages(&kit.account, None, 3).unwrap();
    assert_eq!(texts(&newest), ["20", "21", "22"]);
    let before = kit.store.account_messages(&kit.account, Some(newest[0].order), 2).unwrap();
    assert_eq!(texts(&before), ["18", "19"]);
    assert_eq!(kit.exported(None, 2), all[..2]);
    assert_eq!(kit.exported(Some(all[1].id), 1), all[2..3]);
}

#[test]
fn search_finds_words_and_prefixes_without_accents() {
    let kit = Kit::new();
    let other = account("other");
    let first = kit.customer(at(0), "628111111111", "Apakah kue Éclair masih ada?");
    let second = kit.customer(at(1), "628222222222", "eclair dua kotak, harga 15.000");
    let third = kit.store.enqueue(new(&other, "628333333333", "ECLAIR 5"), at(2)).wait().unwrap();
    let found = |query: &str| kit.search(query, None, 10).iter().map(|m| m.id).collect::<Vec<_>>();
    assert_eq!(found("éclair"), [third.id, second.id, first.id]);
    assert_eq!(found("ecl"), [third.id, second.id, first.id]);
    assert_eq!(found("eclair kot"), [second.id]);
    assert_eq!(found("kot eclair"), [], "only the last word may be a prefix");
    assert_eq!(found("ecl "), [], "a space ends the last word");
    assert_eq!(found("15.000"), [second.id]);
    assert_eq!(found("eclair tidak"), []);
    let own = kit.search("eclair", Some(&other), 10);
    assert_eq!(own.len(), 1);
    assert_eq!(kit.search("eclair", None, 1)[0].id, third.id);
}

#[test]
fn a_number_finds_its_messages_in_any_form() {
    let kit = Kit::new();
    let first = kit.customer(at(0), "628123400012", "Halo, mau pesan");
    let second = kit.customer(at(1), "628999999999", "Nomor saya 0812-3400-012 ya");
    let other = kit.customer(at(2), "628777777777", "totalnya 812000");
    for query in ["08123400012", "+62 812 3400 012", "0812-3400-012", "62812 3400", "+62812", "0812 3400"] {
        let found = kit.search(query, None, 10);
        assert_eq!(found.iter().map(|m| m.id).collect::<Vec<_>>(), [second.id, first.id], "{query}");
    }
    assert_eq!(kit.search("3400", None, 10).len(), 2);
    assert_eq!(kit.search("812000", None, 10).iter().map(|m| m.id).collect::<Vec<_>>(), [other.id]);
    assert_eq!(kit.search("08123400012", None, 1).len(), 1);
    assert!(kit.search("08123400012", Some(&account("other")), 10).is_empty());
    assert!(kit.search("08123400099", None, 10).is_empty());
}

#[test]
fn query_syntax_in_a_search_is_plain_text() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "a OR b NEAR(c) \"quoted\" text: col:umn x*");
    for query in
        ["", " ", "\"", "a OR", "NOT", "NEAR(", "col:", "*", "^x", "(", "a AND", "-", "\"a", "text:x", "{a}", "\0"]
    {
        let _ = kit.search(query, None, 5);
    }
    assert_eq!(kit.search("quoted\"", None, 5).len(), 1);
    assert_eq!(kit.search("OR NEAR", None, 5).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_searched_for(query in "\\PC{0,24}", junk in "[\"'*:(){}^+ -]{0,12}") {
        let dir = tempfile::tempdir().unwrap();
        let store = loket::store::Store::open(dir.path()).unwrap();
        prop_assert!(store.search(&SearchText::new(&query, INDONESIA), None, 5).is_ok());
        let mixed = [junk.as_str(), &query, &junk].concat();
        prop_assert!(store.search(&SearchText::new(&mixed, INDONESIA), None, 5).is_ok());
    }
}

#[test]
fn an_export_is_imported_whole_and_once() {
    let kit = Kit::new();
    let media = Media { url: Some("https://x.test/a.jpg".into()), size: Some(7), ..Media::default() };
    let message = InboundMessage {
        media: Some(media),
        remote_id: Some("m1".into()),
        unique: true,
        payload: Some(serde_json::json!({"forwarded": true})),
        at: Some(at(-5)),
        ..InboundMessage::text(Peer::person("628111111111"), "halo \u{1b}[31m 👩‍👩‍👧")
    };
    kit.receive(at(0), message).unwrap();
    kit.sent(at(1), "628111111111", "answer", Some("r1"));
    kit.receipt(at(2), "r1", Status::Read);
    let seen = kit.exported(None, 100).last().unwrap().id;
    kit.store.mark_seen(kit.conversation("628111111111").id, seen).wait().unwrap();
    for _ in 0..2 {
        kit.customer(at(3), "628222222222", "twice the same");
    }
    let all = kit.store.export_messages(None, 100).unwrap();
    let json = |messages: &[Message]| serde_json::to_string(messages).unwrap();

    let empty = Kit::new();
    let imported = empty.import(all.clone());
    assert_eq!(imported, ImportCounts { added: 4, known: 0 });
    assert_eq!(json(&empty.exported(None, 100)), json(&kit.exported(None, 100)));
    // What was unread is, and what was read is not.
    assert_eq!(empty.store.counts().unwrap(), kit.store.counts().unwrap());
    let unread =
        |kit: &Kit| kit.store.export_messages(None, 100).unwrap().into_iter().map(|m| m.unread).collect::<Vec<_>>();
    assert_eq!(unread(&empty), unread(&kit));
    for peer in ["628111111111", "628222222222"] {
        assert_eq!(empty.conversation(peer).unread, kit.conversation(peer).unread, "{peer}");
    }
    assert_eq!(empty.conversation("628222222222").waiting_since, Some(at(3)));
    assert_eq!(empty.search("answer", None, 5).len(), 1);
    let again = empty.import(all.clone());
    assert_eq!(again, ImportCounts { added: 0, known: 4 });
    // A receipt still finds its message, and a message that comes again is known.
    empty.receipt(at(9), "r1", Status::Read);
    assert_eq!(empty.orphan_receipts(), 0);

    // Into a store where the ids are taken.
    let other = Kit::new();
    other.customer(at(0), "628999999999", "mine");
    let imported = other.import(all.clone());
    assert_eq!(imported, ImportCounts { added: 4, known: 0 });
    assert_eq!(other.import(all), ImportCounts { added: 0, known: 4 });
    assert_eq!(other.texts("628999999999"), ["mine"]);
    assert_eq!(other.texts("628222222222").len(), 2);
}

#[test]
fn a_huge_id_in_an_export_does_not_exhaust_ids() {
    let kit = Kit::new();
    let mut message = kit.customer(at(0), "628111111111", "hi");
    message.id = loket::domain::MessageId(i64::MAX);
    message.conversation = loket::domain::ConversationId(i64::MAX);
    message.peer = "628222222222".into();
    kit.import(vec![ExportedMessage { message, unread: false, content: None }]);
    assert!(kit.customer(at(1), "628333333333", "later").id.0 < 10);
}

#[test]
fn an_unsent_message_is_imported_as_unsure() {
    let kit = Kit::new();
    kit.send(at(0), "628111111111", "queued");
    let all = kit.store.export_messages(None, 10).unwrap();
    let empty = Kit::new();
    empty.import(all);
    let message = empty.exported(None, 10).remove(0);
    assert_eq!((message.status, message.error.unwrap().code.as_str()), (Status::Unsure, "interrupted"));
    assert_eq!(empty.lease(at(5)), None);
    empty.store.send_again(message.id, at(6)).wait().unwrap();
    assert!(empty.lease(at(6)).is_some());
}

fn find(kit: &Kit, filter: &ConversationFilter) -> Vec<MessageId> {
    let found = kit.store.find_messages(filter, 10, usize::MAX).unwrap();
    assert!(!found.cut);
    found.messages.iter().map(|m| m.id).collect()
}

#[test]
fn the_words_of_a_query_narrow_a_search_with_and_without_text() {
    let kit = Kit::new();
    let budi = kit.customer(at(0), "628111111111", "barangnya rusak, kak");
    let answer = kit.send(at(10), "628111111111", "maaf, rusak di mana?");
    let ayu = kit.customer(at(20), "628222222222", "punya saya rusak juga");
    let later = kit.customer(at(30), "628222222222", "halo?");
    let other = kit.store.enqueue(new(&account("other"), "628333333333", "rusak"), at(40)).wait().unwrap();
    kit.store.set_labels(ayu.conversation, vec!["komplain".into()]).wait().unwrap();
    kit.store.assign(ayu.conversation, Some("Budiman"), "Budiman", at(41)).wait().unwrap();
    let text = |words: &str| Some(SearchText::new(words, INDONESIA));
    let rusak = || ConversationFilter { text: text("rusak"), ..ConversationFilter::default() };
    assert_eq!(find(&kit, &rusak()), [other.id, ayu.id, answer.id, budi.id]);
    for (filter, found) in [
        (ConversationFilter { labels: vec!["KOMPLAIN".into()], ..rusak() }, vec![ayu.id]),
        (ConversationFilter { assignee: Some("budiman".into()), ..rusak() }, vec![ayu.id]),
        (ConversationFilter { unassigned: true, ..rusak() }, vec![other.id, answer.id, budi.id]),
        (ConversationFilter { waiting: true, ..rusak() }, vec![ayu.id]),
        (ConversationFilter { unread: true, ..rusak() }, vec![ayu.id, answer.id, budi.id]),
        (ConversationFilter { account: Some(account("other")), ..rusak() }, vec![other.id]),
        (ConversationFilter { channel: Some(Channel::Telegram), ..rusak() }, vec![]),
        (ConversationFilter { after: Some(at(10)), before: Some(at(20)), ..rusak() }, vec![answer.id]),
        // Who wrote it: a customer by number or name, an agent by name.
        (ConversationFilter { from: text("0811"), ..rusak() }, vec![budi.id]),
        (ConversationFilter { from: text("sari"), ..rusak() }, vec![other.id, answer.id]),
        // Without a text, every message of what is asked for.
        (ConversationFilter { from: text("0822"), ..ConversationFilter::default() }, vec![later.id, ayu.id]),
        (
            ConversationFilter { after: Some(at(0)), before: Some(at(30)), ..ConversationFilter::default() },
            vec![ayu.id, answer.id, budi.id],
        ),
        (
            ConversationFilter {
                labels: vec!["komplain".into()],
                before: Some(at(30)),
                ..ConversationFilter::default()
            },
            vec![ayu.id],
        ),
    ] {
        assert_eq!(find(&kit, &filter), found, "{filter:?}");
    }
}

#[test]
fn a_search_that_gives_up_before_the_oldest_message_says_so() {
    let kit = Kit::new();
    let first = kit.customer(at(0), "628111111111", "rusak");
    for n in 1..20 {
        kit.customer(at(n), "628222222222", "rusak juga");
    }
    let text = |words: &str| Some(SearchText::new(words, INDONESIA));
    let filter = ConversationFilter { text: text("rusak"), from: text("0811"), ..ConversationFilter::default() };
    let cut = kit.store.find_messages(&filter, 5, 10).unwrap();
    assert!(cut.cut && cut.messages.is_empty(), "{cut:?}");
    assert_eq!(find(&kit, &filter), [first.id]);
}
