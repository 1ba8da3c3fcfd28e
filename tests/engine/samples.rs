//! Requests byte for byte as the gateways' pages show them: method, path, headers, body.
//!
//! Source: the samples of seeds 000 (Chatera), 002 (Cetar AI), 003 (WAVIRO), 004 (CloudChat), their bodies
//! without white space, keys in the samples' order.

use crate::gateway::Gateway;
use crate::kit::{Dialect, Home};
use crate::{accepting_gateway, fast};

struct Sample {
    args: &'static [&'static str],
    path: &'static str,
    body: &'static str,
}

#[track_caller]
fn hold(dialect: Dialect, home: &Home, gateway: &Gateway, samples: &[Sample]) {
    for sample in samples {
        let before = gateway.requests().len();
        let output = home.run(&[&["--json", "send", "--account", "toko"], sample.args].concat());
        assert_eq!(output.status, 0, "{:?}: {output:?}", sample.args);
        let [message] = &output.json()[..] else { panic!("{output:?}") };
        assert_eq!(message["status"], "sent", "{output:?}");
        let seen = gateway.requests();
        let [request] = &seen[before..] else { panic!("not one request: {:?}", &seen[before..]) };
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", sample.path));
        assert_eq!(request.body, sample.body, "{:?}", sample.args);
        assert_eq!(request.header("content-type"), Some("application/json"));
        let (key, other) = (request.header("authorization"), request.header("secretkey"));
        if dialect == Dialect::Waviro {
            assert_eq!((key, other), (None, Some("sk_live_kunci")));
        } else {
            assert_eq!((key, other), (Some("Bearer sk_live_kunci"), None));
        }
        let agent = request.header("user-agent").unwrap_or_default();
        assert!(agent.starts_with("loket/"), "{agent}");
    }
}

fn home_with_account(dialect: Dialect) -> (Home, Gateway) {
    let gateway = accepting_gateway(dialect);
    let home = crate::home_with_account(dialect, &gateway);
    (home, gateway)
}

#[test]
fn chatera() {
    let (home, gateway) = home_with_account(Dialect::Chatera);
    let path = "/v1/whatsapp/messages";
    hold(
        Dialect::Chatera,
        &home,
        &gateway,
        &[
            Sample {
                args: &["--to", "0812-3456-789", "--text", "Halo! Terima kasih telah menghubungi kami."],
                path,
                body: r#"{"to":"628123456789","type":"text","text":{"body":"Halo! Terima kasih telah menghubungi kami."}}"#,
            },
            Sample {
                args: &["--to", "628123456789", "--template", "otp_verification", "--lang", "id", "--var", "123456"],
                path,
                body: r#"{"to":"628123456789","type":"template","template":{"name":"otp_verification","language":{"code":"id"},"components":[{"type":"body","parameters":[{"type":"text","text":"123456"}]}]}}"#,
            },
            Sample {
                args: &[
                    "--to",
                    "+62 812 3456 789",
                    "--template",
                    "order_status_check",
                    "--lang",
                    "id",
                    "--var",
                    "John Doe",
                    "--var",
                    "ORD-12345",
                    "--payload",
                    "track_ORD-12345",
                    "--payload",
                    "contact_support",
                ],
                path,
                body: r#"{"to":"628123456789","type":"template","template":{"name":"order_status_check","language":{"code":"id"},"components":[{"type":"body","parameters":[{"type":"text","text":"John Doe"},{"type":"text","text":"ORD-12345"}]},{"type":"button","sub_type":"quick_reply","index":0,"parameters":[{"type":"payload","payload":"track_ORD-12345"}]},{"type":"button","sub_type":"quick_reply","index":1,"parameters":[{"type":"payload","payload":"contact_support"}]}]}}"#,
            },
            Sample {
                args: &[
                    "--to",
                    "628123456789",
                    "--template",
                    "product_promo",
                    "--lang",
                    "id",
                    "--header-image",
                    "https://toko-anda.com/images/sneakers.jpg",
                    "--var",
                    "Sepatu Sneakers Premium",
                    "--var",
                    "30%",
                ],
                path,
                body: r#"{"to":"628123456789","type":"template","template":{"name":"product_promo","language":{"code":"id"},"components":[{"type":"header","parameters":[{"type":"image","image":{"link":"https://toko-anda.com/images/sneakers.jpg"}}]},{"type":"body","parameters":[{"type":"text","text":"Sepatu Sneakers Premium"},{"type":"text","text":"30%"}]}]}}"#,
            },
        ],
    );
}

#[test]
fn cetar_unofficial() {
    let (home, gateway) = home_with_account(Dialect::Cetar);
    let path = "/v1/messages";
    hold(
        Dialect::Cetar,
        &home,
        &gateway,
        &[
            Sample {
                args: &["--to", "081234567890", "--text", "Halo! Ini pesan teks dari Cetar API."],
                path,
                body: r#"{"channel":"whatsapp","type":"text","to":"6281234567890","content":{"text":"Halo! Ini pesan teks dari Cetar API."}}"#,
            },
            Sample {
                args: &["--to", "123456789", "--channel", "telegram", "--text", "Halo 👋 \"kak\""],
                path,
                body: r#"{"channel":"telegram","type":"text","to":"123456789","content":{"text":"Halo 👋 \"kak\""}}"#,
            },
            Sample {
                args: &[
                    "--to",
                    "6281234567890",
                    "--media-url",
                    "https://contoh.com/promo.jpg",
                    "--title",
                    "🎉 PROMO SPESIAL",
                    "--text",
                    "Apakah Anda ingin mengambil diskon 50% hari ini?",
                    "--footer",
                    "Berlaku hingga besok",
                    "--button",
                    "reply|AMBIL_PROMO|Ya, Ambil!",
                    "--button",
                    "url|https://www.cetar.ai|Kunjungi Website",
                    "--button",
                    "copy|PROMO50|Salin Kode",
                ],
                path,
                body: r#"{"channel":"whatsapp","type":"button","to":"6281234567890","media_url":"https://contoh.com/promo.jpg","content":{"title":"🎉 PROMO SPESIAL","text":"Apakah Anda ingin mengambil diskon 50% hari ini?","footer":"Berlaku hingga besok","buttons":[{"id":"AMBIL_PROMO","text":"Ya, Ambil!"},{"type":"cta_url","text":"Kunjungi Website","url":"https://www.cetar.ai"},{"type":"cta_copy","text":"Salin Kode","copy_code":"PROMO50"}]}}"#,
            },
            Sample {
                args: &["--to", "6281234567890", "--template", "123", "--var", "Budi Santoso", "--var", "Rp 500.000"],
                path: "/v1/send-template",
                body: r#"{"to":"6281234567890","template_id":123,"variables":["Budi Santoso","Rp 500.000"]}"#,
            },
            Sample {
                args: &[
                    "--to",
                    "6281234567890",
                    "--media-url",
                    "https://contoh.com/gambar.jpg",
                    "--text",
                    "🎉 Promo Spesial Hari Ini! Diskon 50%.",
                ],
                path,
                body: r#"{"channel":"whatsapp","type":"image","to":"6281234567890","media_url":"https://contoh.com/gambar.jpg","content":{"caption":"🎉 Promo Spesial Hari Ini! Diskon 50%."}}"#,
            },
        ],
    );
}

#[test]
fn cetar_meta() {
    let (home, gateway) = home_with_account(Dialect::CetarMeta);
    let path = "/v1/meta/messages";
    hold(
        Dialect::CetarMeta,
        &home,
        &gateway,
        &[
            Sample {
                args: &["--to", "081234567890", "--text", "Halo! Ini balasan cepat via WhatsApp Official API."],
                path,
                body: r#"{"to":"6281234567890","type":"text","text":"Halo! Ini balasan cepat via WhatsApp Official API."}"#,
            },
            Sample {
                args: &[
                    "--to",
                    "6281234567890",
                    "--media-url",
                    "https://contoh.com/promo.jpg",
                    "--text",
                    "🎉 Promo Spesial Hari Ini! Diskon 50%.",
                ],
                path,
                body: r#"{"to":"6281234567890","type":"image","media_url":"https://contoh.com/promo.jpg","text":"🎉 Promo Spesial Hari Ini! Diskon 50%."}"#,
            },
            Sample {
                args: &[
                    "--to",
                    "6281234567890",
                    "--template",
                    "hello_world",
                    "--lang",
                    "id",
                    "--header-image",
                    "https://contoh.com/promo.jpg",
                    "--var",
                    "Budi Santoso",
                    "--var",
                    "Rp 500.000",
                    "--var",
                    "25 Maret 2026",
                ],
                path,
                body: r#"{"to":"6281234567890","type":"template","template_name":"hello_world","language":"id","components":{"header_image":"https://contoh.com/promo.jpg","body_variables":["Budi Santoso","Rp 500.000","25 Maret 2026"]}}"#,
            },
            Sample {
                args: &[
                    "--to",
                    "6281234567890",
                    "--title",
                    "🎉 PROMO SPESIAL",
                    "--text",
                    "Apakah Anda ingin mengambil diskon 50% hari ini?",
                    "--footer",
                    "Berlaku hingga besok",
                    "--button",
                    "reply|AMBIL_PROMO|Ya, Ambil!",
                    "--button",
                    "reply|TOLAK|Tidak",
                ],
                path,
                body: r#"{"to":"6281234567890","type":"interactive","content":{"type":"button","header":{"type":"text","text":"🎉 PROMO SPESIAL"},"body":{"text":"Apakah Anda ingin mengambil diskon 50% hari ini?"},"footer":{"text":"Berlaku hingga besok"},"action":{"buttons":[{"type":"reply","reply":{"id":"AMBIL_PROMO","title":"Ya, Ambil!"}},{"type":"reply","reply":{"id":"TOLAK","title":"Tidak"}}]}}}"#,
            },
        ],
    );
}

#[test]
fn waviro() {
    let gateway = accepting_gateway(Dialect::Waviro);
    let notify = "https://inbox.example.com/webhooks/toko/0123456789abcdef0123456789abcdef/ack";
    let listener = "[listener]\npublic_url = \"https://inbox.example.com\"\n";
    let home = Home::new(&format!("{listener}{}", fast("toko", Dialect::Waviro, &gateway.url())));
    let samples: &[(&[&str], &str, &str)] = &[
        (
            &["--to", "0812300000", "--text", "Test kirim text"],
            "/api/sendwa",
            r#"{"nohp":"62812300000","pesan":"Test kirim text","notifyurl":"NOTIFY"}"#,
        ),
        (
            &["--to", "62812300000", "--media-url", "https://yourdomain/yourmedia.pdf", "--text", "Test kirim text"],
            "/api/sendmedia",
            r#"{"nohp":"62812300000","pesan":"Test kirim text","notifyurl":"NOTIFY","mediaurl":"https://yourdomain/yourmedia.pdf"}"#,
        ),
        (
            &["--to", "62812300000", "--location", "0.525960,101.426866", "--text", "Kantor Pusat"],
            "/api/sendlocation",
            r#"{"nohp":"62812300000","latitude":"0.525960","longitude":"101.426866","pesan":"Kantor Pusat","notifyurl":"NOTIFY"}"#,
        ),
        (
            &["--to", "62812300000", "--card", "Test", "--card-number", "62812400000", "--card-number", "0812500000"],
            "/api/sendcontact",
            r#"{"nohp":"62812300000","notifyurl":"NOTIFY","contact":{"name":"Test","numbers":["62812400000","62812500000"]}}"#,
        ),
        (
            &["--to-group", "120363000000000001", "--text", "Test kirim text"],
            "/api/sendwatogroup",
            r#"{"groupid":"120363000000000001","pesan":"Test kirim text","notifyurl":"NOTIFY"}"#,
        ),
        (
            &[
                "--to-group",
                "120363000000000001@g.us",
                "--media-url",
                "https://yourdomain/yourmedia.pdf",
                "--text",
                "x",
            ],
            "/api/sendmediatogroup",
            r#"{"groupid":"120363000000000001","pesan":"x","notifyurl":"NOTIFY","mediaurl":"https://yourdomain/yourmedia.pdf"}"#,
        ),
        (
            &["--to-group", "120363000000000001", "--location", "-6.2,106.8", "--text", "Kantor Pusat"],
            "/api/sendlocationtogroup",
            r#"{"groupid":"120363000000000001","latitude":"-6.2","longitude":"106.8","pesan":"Kantor Pusat","notifyurl":"NOTIFY"}"#,
        ),
        (
            &["--to-group", "120363000000000001", "--card", "Test", "--card-number", "62812400000"],
            "/api/sendcontacttogroup",
            r#"{"groupid":"120363000000000001","notifyurl":"NOTIFY","contact":{"name":"Test","numbers":["62812400000"]}}"#,
        ),
    ];
    for (args, path, body) in samples {
        let body: &'static str = Box::leak(body.replace("NOTIFY", notify).into_boxed_str());
        hold(Dialect::Waviro, &home, &gateway, &[Sample { args, path, body }]);
    }
}

#[test]
fn cloudchat() {
    let (home, gateway) = home_with_account(Dialect::CloudChat);
    let path = "/api/public/v1/messages";
    // `content` beside the documented `text`: providers.md, A9.
    hold(
        Dialect::CloudChat,
        &home,
        &gateway,
        &[
            Sample {
                args: &["--to", "081234567890", "--text", "Halo dari CloudChat API!"],
                path,
                body: r#"{"channel":"whatsapp","to":"6281234567890","type":"text","text":"Halo dari CloudChat API!","content":{"text":"Halo dari CloudChat API!"}}"#,
            },
            Sample {
                args: &["--to", "ig-user_1", "--channel", "instagram", "--text", "Halo"],
                path,
                body: r#"{"channel":"instagram","to":"ig-user_1","type":"text","text":"Halo","content":{"text":"Halo"}}"#,
            },
            Sample {
                args: &["--to", "987654", "--channel", "messenger", "--text", "Halo"],
                path,
                body: r#"{"channel":"messenger","to":"987654","type":"text","text":"Halo","content":{"text":"Halo"}}"#,
            },
            Sample {
                args: &["--to", "987654", "--channel", "telegram", "--text", "Halo"],
                path,
                body: r#"{"channel":"telegram","to":"987654","type":"text","text":"Halo","content":{"text":"Halo"}}"#,
            },
        ],
    );
}
