//! `loket groups`, `templates` and `check-number`, in lines for people and for scripts.
use crate::fake_gateway::{self, Request, fake_gateway};
use crate::home::Home;
use serde_json::{Value, json};

/// WAVIRO, as seed 003 documents groups and numbers; one number of two is on WhatsApp.
fn waviro(request: &Request) -> Value {
    let message = match request.target.as_str() {
        "/api/groups" => json!([
            {"groupid": "120363000000000001@g.us", "groupname": "Reseller \u{1b}[31m", "grouplastchat": 1_678_975_656},
            {"groupid": "120363000000000002", "groupname": "Kurir", "grouplastchat": 1_678_975_657}
        ]),
        "/api/checknumber" => {
            let query: Value = serde_json::from_slice(&request.body).unwrap();
            json!(query["nohp"] == "628123456789")
        }
        other => panic!("{other}"),
    };
    json!({"success": true, "message": message})
}

/// Chatera's templates on two pages.
fn chatera(request: &Request) -> Value {
    let template = |name: &str, text: &str| {
        let components = json!([{"type": "BODY", "text": text}]);
        json!({"name": name, "language": "id", "status": "APPROVED", "components": components})
    };
    if request.target == "/v1/whatsapp/messages" {
        return json!({"success": true, "data": {"messageId": "m-1"}});
    }
    let (data, more) = match request.target.as_str() {
        "/v1/whatsapp/templates" => (template("otp", "Kode {{1}}"), true),
        "/v1/whatsapp/templates?page=2" => (template("promo", "Halo\n{{1}}"), false),
        other => panic!("{other}"),
    };
    json!({"success": true, "data": [data], "meta": {"has_more": more}})
}

/// A home with the accounts `wa` at WAVIRO and `toko` at Chatera.
pub(crate) async fn home() -> Home {
    let waviro = fake_gateway(|request| fake_gateway::json(200, &waviro(&request))).await;
    let chatera = fake_gateway(|request| fake_gateway::json(200, &chatera(&request))).await;
    Home::with(&format!(
        "[[account]]\nname = \"wa\"\nprovider = \"waviro\"\nbase_url = \"{waviro}\"\napi_key = \"k\"\n\
         [[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"{chatera}/v1\"\napi_key = \"k\"\n"
    ))
}

#[tokio::test]
async fn the_groups_of_a_phone_are_listed() {
    let home = home().await;
    let listed = home.loket(&["groups", "wa", "--json"]).await.expect(0);
    assert_eq!(
        listed.lines()[1],
        json!({"account": "wa", "id": "120363000000000002", "name": "Kurir", "last_at": "2023-03-16T14:07:37Z"})
    );
    let listed = home.loket(&["groups", "wa"]).await.expect(0);
    let lines: Vec<_> = listed.out.lines().collect();
    assert_eq!(lines.len(), 2, "{listed:?}");
    assert!(lines[0].starts_with("120363000000000001\tReseller") && !listed.out.contains('\u{1b}'), "{listed:?}");
    let none = home.loket(&["groups", "toko"]).await.expect(2);
    assert!(none.err.contains("\"toko\"") && none.err.contains("Chatera"), "{none:?}");
}

#[tokio::test]
async fn every_page_of_templates_is_listed() {
    let home = home().await;
    let listed = home.loket(&["templates", "toko", "--json"]).await.expect(0);
    assert_eq!(
        listed.lines(),
        [
            json!({"account": "toko", "name": "otp", "language": "id", "status": "APPROVED", "body": "Kode {{1}}"}),
            json!({"account": "toko", "name": "promo", "language": "id", "status": "APPROVED", "body": "Halo\n{{1}}"}),
        ]
    );
    let listed = home.loket(&["templates", "toko"]).await.expect(0);
    assert_eq!(listed.out, "otp\tid\tAPPROVED\tKode {{1}}\npromo\tid\tAPPROVED\tHalo {{1}}\n");
    let none = home.loket(&["templates", "wa"]).await.expect(2);
    assert!(none.err.contains("\"wa\"") && none.err.contains("WAVIRO"), "{none:?}");
}

#[tokio::test]
async fn a_template_that_was_listed_once_is_sent_as_the_customer_reads_it() {
    let home = home().await;
    let send =
        ["send", "--account", "toko", "--to", "08123456789", "--template", "otp", "--var", "998877", "--lang", "id"];
    let unknown = home.loket(&[&send[..], &["--json"]].concat()).await.expect(0);
    assert_eq!(unknown.lines()[0]["text"], "");
    home.loket(&["templates", "toko"]).await.expect(0);
    let known = home.loket(&[&send[..], &["--json"]].concat()).await.expect(0);
    assert_eq!(known.lines()[0]["text"], "Kode 998877");
    assert_eq!(known.lines()[0]["payload"]["template"], "otp");
    let found = home.loket(&["search", "998877", "--json"]).await.expect(0);
    assert_eq!(found.lines()[0]["id"], known.lines()[0]["id"]);
    let listed = home.loket(&["conversations", "--json"]).await.expect(0);
    assert_eq!(listed.lines()[0]["last_text"], "Kode 998877");
}

#[tokio::test]
async fn a_number_is_on_whatsapp_or_not() {
    let home = home().await;
    for (number, normal, registered) in
        [("0812-3456-789", "628123456789", true), ("+62 812 0000 001", "628120000001", false)]
    {
        let checked = home.loket(&["check-number", "wa", number, "--json"]).await.expect(0);
        assert_eq!(checked.lines(), [json!({"account": "wa", "phone": normal, "registered": registered})]);
        let checked = home.loket(&["check-number", "wa", number]).await.expect(0);
        assert_eq!(checked.out, format!("{normal}\t{}registered\n", if registered { "" } else { "not " }));
    }
    let wrong = home.loket(&["check-number", "wa", "nomor"]).await.expect(2);
    assert!(wrong.err.contains("nomor"), "{wrong:?}");
    let none = home.loket(&["check-number", "toko", "0812-3456-789"]).await.expect(2);
    assert!(none.err.contains("Chatera"), "{none:?}");
}
