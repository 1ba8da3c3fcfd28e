//! `loket contacts` against an address book on loopback that answers as seed 001 documents.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::home::Home;

type Whim = Box<dyn Fn(usize) -> Option<Response> + Send + Sync>;

#[derive(Default)]
struct Book {
    contacts: Mutex<Vec<Value>>,
    posts: Mutex<Vec<Value>>,
    searches: Mutex<Vec<Option<String>>>,
    /// What to answer to the n-th post (from 1) instead of the truth.
    whim: Mutex<Option<Whim>>,
    /// The n-th post is processed, but never answered.
    hang_at: Mutex<Option<usize>>,
    hanging: Notify,
}

impl Book {
    async fn open(self: &Arc<Self>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/v1/contacts", get(list).post(create)).with_state(self.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        format!("http://{address}/v1")
    }

    fn posted(&self) -> Vec<String> {
        self.posts.lock().unwrap().iter().map(|c| c["phone"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn moody(&self, whim: impl Fn(usize) -> Option<Response> + Send + Sync + 'static) {
        *self.whim.lock().unwrap() = Some(Box::new(whim));
    }
}

fn respond(status: u16, body: &Value) -> Response {
    let headers = [("content-type", "application/json")];
    (StatusCode::from_u16(status).unwrap(), headers, body.to_string()).into_response()
}

fn refusal(status: u16, code: &str) -> Response {
    let body = json!({"success": false, "error": {"code": code, "message": format!("words of {code}")}});
    respond(status, &body)
}

async fn list(
    State(book): State<Arc<Book>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if headers.get("authorization").is_none_or(|key| key != "Bearer kunci-rahasia") {
        return refusal(401, "AUTH_INVALID_KEY");
    }
    book.searches.lock().unwrap().push(query.get("search").cloned());
    let number = |key: &str| query.get(key).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
    let (page, per_page) = (number("page"), number("per_page"));
    let contacts = book.contacts.lock().unwrap();
    let data: Vec<_> = contacts.iter().skip((page - 1) * per_page).take(per_page).cloned().collect();
    let meta = json!({"page": page, "per_page": per_page, "total": contacts.len(), "has_more": page * per_page < contacts.len()});
    respond(200, &json!({"success": true, "data": data, "meta": meta}))
}

fn create(State(book): State<Arc<Book>>, body: Bytes) -> Pin<Box<dyn Future<Output = Response> + Send>> {
    Box::pin(async move {
        let mut contact: Value = serde_json::from_slice(&body).unwrap();
        let nth = {
            let mut posts = book.posts.lock().unwrap();
            posts.push(contact.clone());
            posts.len()
        };
        if let Some(answer) = book.whim.lock().unwrap().as_ref().and_then(|whim| whim(nth)) {
            return answer;
        }
        let answer = {
            let mut contacts = book.contacts.lock().unwrap();
            let phone = format!("+{}", contact["phone"].as_str().unwrap().trim_start_matches('+'));
            if contacts.iter().any(|known| known["phone"] == phone) {
                refusal(409, "RESOURCE_ALREADY_EXISTS")
            } else {
                contact["phone"] = json!(phone);
                contact["id"] = json!(format!("id-{}", contacts.len() + 1));
                contacts.push(contact.clone());
                respond(201, &json!({"success": true, "data": contact}))
            }
        };
        let hangs = *book.hang_at.lock().unwrap() == Some(nth);
        if hangs {
            book.hanging.notify_one();
            std::future::pending::<()>().await;
        }
        answer
    })
}

fn person(n: usize) -> Value {
    json!({"id": format!("id-{n}"), "phone": format!("+62812000{n:05}"), "name": format!("Orang {n}"), "email": null,
           "tags": ["vip"], "custom_fields": {"poin": n, "kota": "Solo"}})
}

fn toko(url: &str) -> String {
    format!(
        "[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"{url}\"\napi_key = \"kunci-rahasia\"\n\
         requests_per_minute = 6000\n"
    )
}

async fn shop(contacts: usize) -> (Arc<Book>, Home) {
    let book = Arc::new(Book::default());
    book.contacts.lock().unwrap().extend((1..=contacts).map(person));
    let home = Home::with(&toko(&book.open().await));
    (book, home)
}

#[tokio::test]
async fn every_page_of_the_gateways_address_book_is_listed_and_searched_by_the_gateway() {
    let (book, home) = shop(250).await;
    let listed = home.loket(&["contacts", "list", "--account", "toko", "--json"]).await.expect(0);
    assert_eq!(listed.lines().len(), 250);
    assert_eq!(
        listed.lines()[249],
        json!({"account": "toko", "remote_id": "id-250", "phone": "6281200000250", "name": "Orang 250", "email": null,
               "tags": ["vip"], "custom_fields": {"poin": 250, "kota": "Solo"}})
    );
    home.loket(&["contacts", "list", "--account", "toko", "--search", "budi"]).await.expect(0);
    assert_eq!(
        *book.searches.lock().unwrap(),
        [None, None, None, Some("budi".into()), Some("budi".into()), Some("budi".into())]
    );
}

#[tokio::test]
async fn a_synced_book_can_be_exported_without_the_gateway() {
    let (book, home) = shop(130).await;
    let synced = home.loket(&["contacts", "sync", "--account", "toko", "--json"]).await.expect(0);
    assert_eq!(synced.lines(), [json!({"synced": 130})]);
    assert!(synced.err.contains("100 of 130") && synced.err.contains("130 of 130"), "{synced:?}");
    book.contacts.lock().unwrap().clear();
    let exported = home.loket(&["contacts", "export", "--account", "toko"]).await.expect(0);
    let mut lines = exported.out.lines();
    assert_eq!(lines.next(), Some("phone,name,email,tags,poin,kota"));
    assert_eq!(lines.next(), Some("6281200000001,Orang 1,,vip,1,Solo"));
    assert_eq!(lines.count(), 129);
    let exported = home.loket(&["contacts", "export", "--account", "toko", "--json"]).await.expect(0);
    assert_eq!(exported.lines().len(), 130);
}

#[tokio::test]
async fn a_contact_is_created_with_its_number_in_international_form() {
    let (book, home) = shop(0).await;
    let args = [
        "contacts",
        "create",
        "--account",
        "toko",
        "--phone",
        "0812-3456-789",
        "--name",
        "Budi",
        "--email",
        "budi@contoh.id",
        "--tag",
        "vip",
        "--field",
        "poin=12",
        "--field",
        "kode=007",
        "--json",
    ];
    let created = home.loket(&args).await.expect(0);
    assert_eq!(created.lines()[0]["phone"], "628123456789");
    assert_eq!(book.posts.lock().unwrap()[0]["email"], "budi@contoh.id");
    assert_eq!(book.posts.lock().unwrap()[0]["custom_fields"], json!({"poin": 12, "kode": "007"}));
    let again = home.loket(&args).await.expect(1);
    assert!(again.err.contains("already") && again.out.is_empty(), "{again:?}");
    let wrong = home.loket(&["contacts", "create", "--account", "toko", "--phone", "abc"]).await.expect(2);
    assert!(wrong.err.contains("--phone abc"), "{wrong:?}");
    assert_eq!(book.posted().len(), 2);
}

const CRM: &str = "\u{feff}Phone;Name;Tags;Company;lifetime_value;aktif\r\n\
    0812 000 00001;Sudah Ada;;;;\r\n\
    0812-1111-111;\"Budi\nSantoso\";\"vip;lama\";PT ABC;12500000;true\r\n\
    ;Tanpa Nomor;;;;\r\n\
    bukan nomor;Salah;;;;\r\n\
    +62 812 2222 222;Sari;;;;\r\n";

#[tokio::test]
async fn a_crms_file_is_imported_and_every_row_accounted_for() {
    let (book, home) = shop(1).await;
    let file = home.file("crm.csv", CRM);
    let import = ["contacts", "import", &file, "--account", "toko"];
    let ended = home.loket(&import).await.expect(1);
    let tally = ended.last();
    assert_eq!((&tally["created"], &tally["skipped"]), (&json!(2), &json!(2)), "{ended:?}");
    assert_eq!(tally["failed"][0]["row"], 4);
    assert_eq!(tally["failed"][0]["code"], "VALIDATION_INVALID_PHONE");
    assert_eq!(book.posted(), ["6281200000001", "628121111111", "628122222222"]);
    let budi = book.posts.lock().unwrap()[1].clone();
    assert_eq!(budi["name"], "Budi\nSantoso");
    assert_eq!(budi["tags"], json!(["vip", "lama"]));
    assert_eq!(budi["custom_fields"], json!({"Company": "PT ABC", "lifetime_value": 12_500_000, "aktif": true}));
    // A finished import is forgotten: the same file is asked anew, and everything is there already.
    let again = home.loket(&import).await.expect(1).last();
    assert_eq!((&again["created"], &again["skipped"]), (&json!(0), &json!(4)));
    assert_eq!(book.posted().len(), 6);
}

fn numbers(count: usize) -> String {
    (1..=count).fold("phone\n".to_owned(), |sheet, n| sheet + &format!("0812000000{n}\n"))
}

#[tokio::test]
async fn an_import_whose_key_is_refused_stops_and_goes_on_later() {
    let (book, home) = shop(0).await;
    let file = home.file("crm.csv", &numbers(5));
    book.moody(|nth| (nth == 3).then(|| refusal(403, "AUTH_INSUFFICIENT_SCOPE")));
    let stopped = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(1);
    assert_eq!(stopped.last(), json!({"created": 2, "skipped": 0, "failed": [], "remaining": 3}));
    assert!(stopped.err.contains("again to go on"), "{stopped:?}");
    let done = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(0);
    assert_eq!(done.last(), json!({"created": 5, "skipped": 0, "failed": []}));
    let third = "628120000003";
    assert_eq!(book.posted().iter().filter(|phone| *phone == third).count(), 2);
    assert_eq!(book.posted().len(), 6);
}

#[tokio::test]
async fn an_import_that_was_killed_goes_on_and_counts_the_whole_file() {
    let (book, home) = shop(0).await;
    let file = home.file("crm.csv", &numbers(4));
    *book.hang_at.lock().unwrap() = Some(2);
    let mut child = home.command(&["contacts", "import", &file, "--account", "toko"]).spawn().unwrap();
    book.hanging.notified().await;
    child.kill().await.unwrap();
    let done = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(0);
    assert_eq!(done.last(), json!({"created": 4, "skipped": 0, "failed": []}));
    assert_eq!(book.posted().iter().filter(|phone| *phone == "628120000001").count(), 1);
    assert_eq!(book.contacts.lock().unwrap().len(), 4);
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_import_says_how_to_go_on() {
    let (book, home) = shop(0).await;
    let file = home.file("crm.csv", &numbers(3));
    *book.hang_at.lock().unwrap() = Some(2);
    let child = home.command(&["contacts", "import", &file, "--account", "toko"]).spawn().unwrap();
    book.hanging.notified().await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = child.wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, b"{\"created\":1,\"skipped\":0,\"failed\":[],\"remaining\":2}\n");
    assert!(String::from_utf8(ended.stderr).unwrap().contains("again to go on"));
    let done = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(0);
    assert_eq!(done.last(), json!({"created": 3, "skipped": 0, "failed": []}));
}

#[tokio::test]
async fn a_gateway_without_a_connection_stops_an_import_without_losing_rows() {
    let (book, home) = shop(0).await;
    let file = home.file("crm.csv", "phone\n081200000001\n");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    home.configure(&toko(&format!("http://{closed}/v1")));
    let stopped = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(1);
    assert_eq!(stopped.last()["remaining"], 1);
    home.configure(&toko(&book.open().await));
    let done = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(0);
    assert_eq!(done.last()["created"], 1);
}

#[tokio::test]
async fn a_row_that_the_gateway_refuses_or_cannot_process_does_not_stop_the_others() {
    let (book, home) = shop(0).await;
    let file = home.file("crm.csv", "phone,email\n081200000001,bukan\n081200000002,\n081200000003,\n");
    book.moody(|nth| match nth {
        1 => Some(refusal(422, "VALIDATION_INVALID_EMAIL")),
        2..=4 => Some(StatusCode::BAD_GATEWAY.into_response()),
        _ => None,
    });
    let ended = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(1);
    let tally = ended.last();
    assert_eq!(tally["created"], 1, "{ended:?}");
    let failed: Vec<_> = tally["failed"].as_array().unwrap().iter().map(|f| (&f["row"], &f["code"])).collect();
    assert_eq!(failed, [(&json!(1), &json!("VALIDATION_INVALID_EMAIL")), (&json!(2), &json!("http_502"))]);
}

#[tokio::test]
async fn an_import_waits_when_the_gateway_asks_for_it() {
    let (book, home) = shop(0).await;
    let file = home.file("crm.csv", "phone\n081200000001\n");
    book.moody(|nth| (nth == 1).then(|| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response()));
    let ended = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(0);
    assert_eq!(ended.last()["created"], 1);
}

#[tokio::test]
async fn an_unusable_file_or_gateway_is_reported_before_anything_is_sent() {
    let (book, home) = shop(0).await;
    let file = home.file("crm.csv", "nama\nBudi\n");
    let wrong = home.loket(&["contacts", "import", &file, "--account", "toko"]).await.expect(2);
    assert!(wrong.err.contains("crm.csv") && wrong.err.contains("phone"), "{wrong:?}");
    let missing = home.loket(&["contacts", "import", "/no/such.csv", "--account", "toko"]).await.expect(2);
    assert!(missing.err.contains("/no/such.csv"), "{missing:?}");
    home.configure(
        "[[account]]\nname = \"cs\"\nprovider = \"waviro\"\nbase_url = \"http://127.0.0.1:9\"\napi_key = \"k\"\n",
    );
    for command in [vec!["list"], vec!["sync"], vec!["create", "--phone", "0812345678"]] {
        let args: Vec<_> = ["contacts"].into_iter().chain(command).chain(["--account", "cs"]).collect();
        let refused = home.loket(&args).await.expect(2);
        assert!(refused.err.contains("\"cs\"") && refused.err.contains("WAVIRO"), "{refused:?}");
        assert!(refused.err.contains("check numbers"), "{refused:?}");
    }
    assert!(book.posted().is_empty());
}
