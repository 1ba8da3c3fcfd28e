//! Options of `loket send` that no sample of a gateway's page has: what each becomes in the request.
use serde_json::{Value, json};

use crate::kit::Dialect;
use crate::{accepting_gateway, home_with_account};

/// Sends with these options and returns the message that is printed and the request's body.
#[track_caller]
fn send(dialect: Dialect, args: &[&str]) -> (Value, Value) {
    let gateway = accepting_gateway(dialect);
    let home = home_with_account(dialect, &gateway);
    let all = [&["--json", "send", "--account", "toko", "--to", "0812-3456-789"], args].concat();
    let message = home.run(&all).expect_status(0).json().remove(0);
    assert_eq!(message["status"], "sent", "{args:?}: {message}");
    let [request] = &gateway.requests()[..] else { panic!("{args:?}: not one request") };
    (message, request.json())
}

#[test]
fn the_kind_of_media_is_what_the_option_says() {
    let url = "https://a.id/tanpa-akhiran";
    for kind in ["image", "video", "audio", "document"] {
        let (message, body) = send(Dialect::CetarMeta, &["--media-url", url, "--kind", kind]);
        assert_eq!((&message["kind"], &message["media"]["url"]), (&json!(kind), &json!(url)));
        assert_eq!((&body["type"], &body["media_url"]), (&json!(kind), &json!(url)));
    }
    let home = home_with_account(Dialect::CetarMeta, &accepting_gateway(Dialect::CetarMeta));
    let refused = ["send", "--account", "toko", "--to", "0812-3456-789", "--text", "x", "--kind", "image"];
    assert!(home.run(&refused).expect_status(2).err.contains("--media-url"));
}

#[test]
fn a_template_may_have_a_video_or_a_document_in_its_header() {
    for (option, kind) in [("--header-video", "video"), ("--header-document", "document")] {
        let url = format!("https://a.id/{kind}");
        let (message, body) =
            send(Dialect::Chatera, &["--template", "katalog", "--lang", "id", option, &url, "--var", "Budi"]);
        assert_eq!(message["kind"], "template");
        let header = json!({"type": "header", "parameters": [{"type": kind, kind: {"link": url}}]});
        assert_eq!(body["template"]["components"][0], header, "{body}");
        assert_eq!(body["template"]["components"][1]["parameters"][0]["text"], "Budi");
    }
    let home = home_with_account(Dialect::Chatera, &accepting_gateway(Dialect::Chatera));
    let two = ["--header-video", "https://a.id/v", "--header-document", "https://a.id/d"];
    home.run(&[&["send", "--account", "toko", "--to", "1", "--template", "x"], &two[..]].concat()).expect_status(2);
}

#[test]
fn a_list_menu_goes_out_with_its_sections_and_rows() {
    let (message, body) = send(
        Dialect::Chatera,
        &[
            "--text",
            "Pilih produk",
            "--list-button",
            "Lihat",
            "--row",
            "Kaos|k1|Kaos polos|Katun",
            "--row",
            "Kaos|k2|Kaos panjang|",
            "--row",
            "Topi|t1|Topi|Hitam",
            "--title",
            "Katalog",
            "--footer",
            "Toko Sari",
        ],
    );
    assert_eq!((&message["kind"], &message["text"]), (&json!("list"), &json!("Pilih produk")));
    let list = &body["interactive"];
    assert_eq!((&list["type"], &list["header"]["text"]), (&json!("list"), &json!("Katalog")), "{body}");
    assert_eq!((&list["footer"]["text"], &list["action"]["button"]), (&json!("Toko Sari"), &json!("Lihat")));
    let sections = list["action"]["sections"].as_array().unwrap();
    let titles: Vec<_> = sections.iter().map(|section| &section["title"]).collect();
    assert_eq!(titles, ["Kaos", "Topi"]);
    assert_eq!(sections[0]["rows"][0], json!({"id": "k1", "title": "Kaos polos", "description": "Katun"}));
    assert_eq!(sections[0]["rows"].as_array().unwrap().len(), 2);
}
