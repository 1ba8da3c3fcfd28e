//! No secret of a whole run is in anything that the program prints or writes: standard output and error, JSON, the log
//! beside the store, the screen, the configuration, the store.
//!
//! Two intended exceptions: where a secret was to be stored (a private file), and the store's journal of raw
//! events for WAVIRO, whose webhook key stands in the body of every event.
use crate::installation::{Gateways, Installation, Ran, Running, ask};
use crate::term::Term;
use crate::until;
use loket::config::{Environment, Locale, Overrides, Settings};
use loket::domain::{AccountField, Secret};
use loket::engine::ConfiguredAccount;
use loket::tui::{AccountDraft, AccountForm, Effect, FieldKind, Gateway, LineInput, Msg, SetupField, SetupOptions};
use loket::tui::{GatewayCall, TerminalAction};
use std::fs;
use std::path::Path;

/// Every key and secret of the run.
const SECRETS: [&str; 9] = [
    "chatera_sk_sandbox",
    "sandbox-hook-chatera",
    "sk_live_sandbox_cetar",
    "sandbox-hook-cetar",
    "sandbox-secretkey-waviro",
    "sandbox-hook-waviro",
    "sk_live_sandbox_cloudchat",
    "whsec_sandbox_cloudchat",
    "kunci-yang-ditolak",
];

/// The token of every webhook URL: shown where a person asks for it, and in no log.
const TOKEN: &str = "tokenrahasiakhususpengujian0123";

fn none(what: &str, text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {what}:\n{text}");
    }
}

/// Secrets from every source: clear text, a file, a program, an environment variable.
fn config(gateways: &Gateways, installation: &Path) -> String {
    let account = |name: &str, provider: &str, base: &str, key: &str, hook: &str| {
        format!(
            "\n[[account]]\nname = \"{name}\"\nprovider = \"{provider}\"\nbase_url = \"{}\"\napi_key = {key}\n\
             webhook_secret = {hook}\nwebhook_token = \"{TOKEN}{name}\"\n",
            gateways.base(base)
        )
    };
    let file = installation.join("kunci");
    fs::write(&file, "sk_live_sandbox_cetar\n").unwrap();
    let program = installation.join("pass");
    fs::write(&program, "#!/bin/sh\necho sandbox-secretkey-waviro\n").unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    [
        "locale = \"en\"\nagent = \"Sari\"\n\n[listener]\nbind = \"127.0.0.1:0\"\n".to_owned(),
        account("toko", "chatera", "chatera/v1", "\"chatera_sk_sandbox\"", "\"sandbox-hook-chatera\""),
        account(
            "cetar",
            "cetar",
            "cetar/v1",
            &format!("{{ file = \"{}\" }}", file.display()),
            "\"sandbox-hook-cetar\"\nsession = \"SESSION_12345\"",
        ),
        account(
            "wa",
            "waviro",
            "waviro",
            &format!("{{ command = [\"{}\"] }}", program.display()),
            "\"sandbox-hook-waviro\"",
        ),
        account(
            "awan",
            "cloudchat",
            "cloudchat/api/public/v1",
            "{ env = \"AWAN_KEY\" }",
            "\"whsec_sandbox_cloudchat\"\nsession = \"uuid-session-001\"",
        ),
        account(
            "tolak",
            "chatera",
            "chatera/v1",
            "\"kunci-yang-ditolak\"",
            "\"sandbox-hook-chatera\"\nwindow = \"none\"",
        ),
    ]
    .concat()
}

/// Runs a command and appends everything that it printed.
fn run_command(installation: &Installation, printed: &mut String, args: &[&str], status: i32) -> Ran {
    let ran = installation.run(args, "");
    assert_eq!(ran.status, status, "{args:?}: {ran:?}");
    printed.push_str(&ran.out);
    printed.push_str(&ran.err);
    ran
}

fn commands(installation: &Installation, printed: &mut String) {
    for account in ["toko", "wa", "awan"] {
        run_command(installation, printed, &["account", "check", account], 0);
    }
    run_command(installation, printed, &["account", "check", "tolak"], 1);
    for args in [
        &["account", "list"][..],
        &["--json", "account", "list"],
        &["account", "show", "toko"],
        &["--json", "account", "show", "wa"],
        &["--json", "messages", "--account", "toko"],
        &["--json", "conversations"],
    ] {
        run_command(installation, printed, args, 0);
    }
    let to = "6281234567890";
    run_command(installation, printed, &["--json", "send", "--account", "toko", "--to", to, "--text", "Halo"], 0);
    run_command(installation, printed, &["send", "--account", "tolak", "--to", to, "--text", "Halo"], 3);
    for args in [&["doctor"][..], &["--json", "doctor"]] {
        let ran = installation.run(args, "");
        printed.push_str(&ran.out);
        printed.push_str(&ran.err);
    }
}

/// Adds an account by the form, with a key that is refused first.
fn fill_in(term: &mut Term, gateways: &Gateways) {
    term.types("\u{1b}OS");
    term.shows("< Chatera >");
    term.next("\u{15}cabang");
    term.next("\u{15}");
    term.types(&gateways.base("chatera/v1"));
    term.next("kunci-yang-ditolak");
    term.next("sandbox-hook-chatera");
    term.next("");
    term.next("");
    term.next("\r");
    term.shows("Chatera refuses the key.");
    term.types("\u{15}chatera_sk_sandbox\t\t\t\t\r");
    term.shows("Waiting for the first webhook");
    term.types("\r");
    term.types("\u{1b}OQ");
    term.shows("cabang");
}

#[test]
fn no_secret_of_a_whole_run_is_in_anything_that_was_printed() {
    let gateways = Gateways::start();
    let mut installation = Installation::new("");
    installation.further = Some(("AWAN_KEY", "sk_live_sandbox_cloudchat"));
    let written = config(&gateways, &installation.path());
    fs::write(installation.config(), &written).unwrap();
    let mut printed = String::new();

    // The engine, with genuine, forged and broken events.
    let engine = Running::start(installation.command(&["serve", "--log-format", "json"]));
    let listening = until("the engine", || {
        Some(engine.out().lines().next()?.strip_prefix("listening on http://")?.parse().unwrap())
    });
    for (gateway, name) in [("chatera", "toko"), ("cetar", "cetar"), ("waviro", "wa"), ("cloudchat", "awan")] {
        gateways.paste(gateway, &format!("http://{listening}/webhooks/{name}/{TOKEN}{name}"));
        gateways.customer_writes(gateway, "6281234567890", "Halo, masih buka?");
        for body in ["{\"event\":\"message\",\"webhookkey\":\"salah\"}", "no json"] {
            let (status, answer) = ask(listening, "POST", &format!("/webhooks/{name}/{TOKEN}{name}"), body);
            assert!((200..500).contains(&status));
            printed.push_str(&answer);
        }
    }
    until("the customers' words", || {
        let found = installation.run(&["--json", "search", "masih buka"], "");
        (found.out.lines().count() >= 4).then_some(())
    });
    commands(&installation, &mut printed);
    let logged = engine.end();
    assert!(!logged.contains(TOKEN), "a webhook's token in the log:\n{logged}");
    printed.push_str(&logged);

    // A configuration with errors beside the secrets: errors name the place and never the line.
    let broken = written.replace("provider = \"chatera\"", "provider = \"chatera\"\nmode = 7");
    fs::write(installation.config(), &broken).unwrap();
    run_command(&installation, &mut printed, &["account", "list"], 0);
    fs::write(
        installation.config(),
        written.replace("api_key = \"chatera_sk_sandbox\"", "api_key = \"chatera_sk_sandbox"),
    )
    .unwrap();
    run_command(&installation, &mut printed, &["account", "list"], 2);
    fs::write(installation.config(), &written).unwrap();

    // The screen.
    let mut term = Term::open(&installation, &[]);
    term.shows("tolak: key refused");
    fill_in(&mut term, &gateways);
    // The message to the gateway that refuses the key still waits.
    term.types("\u{11}");
    term.shows("Quit?");
    let drawn = term.quits();
    printed.push_str(&String::from_utf8_lossy(&drawn));

    none("what was printed", &printed);
    let log = fs::read_to_string(installation.data().join("loket.log")).unwrap();
    none("loket.log", &log);
    assert!(!log.contains(TOKEN), "a webhook's token in the log:\n{log}");
    let added = fs::read_to_string(installation.config()).unwrap();
    none("what the form wrote", added.strip_prefix(&written).unwrap());
    let stored = fs::read_to_string(installation.path().join("secrets/cabang.api_key")).unwrap();
    assert_eq!(stored.trim(), "chatera_sk_sandbox", "the run used the secret that the files are searched for");
    // The sandbox is outside the program, but it logs what it receives.
    let out = gateways.end();
    assert!(!out.split("[[account]]").last().unwrap().contains("kunci-yang-ditolak"));
    store(&installation.data());
}

/// The store holds no secret but the key that WAVIRO writes into every event.
fn store(data: &Path) {
    for entry in fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            store(&path);
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        for secret in SECRETS.into_iter().filter(|secret| *secret != "sandbox-hook-waviro") {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
    }
}

/// What a panic could print: the `Debug` of everything that holds a secret.
#[test]
fn nothing_that_holds_a_secret_can_be_printed() {
    let gateways = "http://127.0.0.1:1";
    let text = format!(
        "[[account]]\nname = \"toko\"\nprovider = \"waviro\"\nbase_url = \"{gateways}\"\n\
         api_key = \"sandbox-secretkey-waviro\"\nwebhook_secret = \"sandbox-hook-waviro\"\n\
         [[account]]\nname = \"awan\"\nprovider = \"cloudchat\"\napi_key = {{ command = [\"echo\", \"kunci-yang-ditolak\"] }}\n"
    );
    let file = Path::new("config.toml");
    let environment = Environment::of([]);
    let settings = Settings::from_text(&text, file, &Overrides::default(), &environment).unwrap();
    let toko = ConfiguredAccount::candidate(&settings.accounts[0], &environment).unwrap();
    let secrets = settings.accounts[0].secrets(&environment).unwrap();
    let gateway = Gateway {
        id: "waviro",
        name: "WAVIRO",
        base_url: Some("https://waviro.example"),
        modes: &[],
        channels: &[loket::domain::Channel::WhatsApp],
        fields: &[AccountField::BaseUrl, AccountField::ApiKey, AccountField::WebhookSecret],
        signs: true,
        login: true,
    };
    let choices = SetupOptions { gateways: vec![gateway], taken: Vec::new(), storages: Vec::new() };
    let mut form = AccountForm::new(choices, Locale::En.strings()).unwrap();
    let secrets_typed =
        [(AccountField::ApiKey, "sandbox-secretkey-waviro"), (AccountField::WebhookSecret, "sandbox-hook-waviro")];
    for (field, secret) in secrets_typed {
        form.form.field_mut(SetupField::Setting(field)).unwrap().kind = FieldKind::Secret(LineInput::with(secret));
    }
    let draft: AccountDraft = form.draft().unwrap();
    let request = toko.provider.query_request(&toko.profile, &loket::providers::Query::Login).unwrap();
    let code = Secret::new("kunci-yang-ditolak");
    let effects = [
        Effect::Gateway(GatewayCall::AddAccount(Box::new(draft.clone()))),
        Effect::Terminal(TerminalAction::SavePicture { account: draft.name.clone(), code: code.clone() }),
    ];
    let news = loket::tui::LoginUpdate::Code { code, good_until: loket::domain::Timestamp(0) };
    let msg = Msg::Login { account: draft.name.clone(), news };
    none("Debug", &format!("{settings:?} {secrets:?} {:?} {form:?} {draft:?} {effects:?} {msg:?}", toko.profile));
    none("the Debug of a request", &format!("{request:?}"));
}
