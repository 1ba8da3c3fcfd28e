//! The configuration: the values of the contract's sample, the errors of bad files, the sources of secrets, and edits
//! of the file. Every secret in these tests contains the word "geheim", which must not show anywhere.

use loket::config::{
    Answer, Environment, KeySet, Listener, Locale, MapService, NotifyHow, Overrides, Paths, Repeat, ScreenSettings,
    SecretSource, Settings, Trigger, Tunnel, Warning,
};
use loket::domain::{Channel, MediaKind, MediaLink, WindowRule, phone};
use std::fmt::Write as _;
use std::path::Path;

#[cfg(test)]
mod editing;

const CONTRACT: &str = include_str!("contract.toml");

fn no_variables() -> Environment {
    Environment::of([])
}

fn load_text(text: &str) -> Result<Settings, loket::config::ConfigError> {
    Settings::from_text(text, Path::new("config.toml"), &Overrides::default(), &no_variables())
}

fn one_account(extra: &str) -> String {
    format!("[[account]]\nname = \"toko\"\nprovider = \"chatera\"\n{extra}\n")
}

#[test]
fn the_contracts_sample_is_parsed_to_exact_values() {
    // A token that is only dots is no token; all else stands as it is.
    let settings =
        load_text(&CONTRACT.replace("webhook_token = \"…\"", "webhook_token = \"4f1c0aa2e9b7d3f8\"")).unwrap();
    assert_eq!(settings.locale, Locale::Id);
    assert_eq!(settings.country, phone::INDONESIA);
    assert_eq!(settings.agent, "Sari");
    let public_url = Some("https://inbox.example.com".to_owned());
    assert_eq!(settings.listener, Listener { public_url, ..Listener::default() });
    let quiet = settings.screen.notify.quiet.as_ref().map(|hours| (hours.from.hour(), hours.to.hour()));
    assert_eq!((settings.agent_prefix, settings.engine.stay, settings.privacy.keep_days), (false, false, None));
    assert_eq!((settings.screen.keys, settings.screen.theme.as_str()), (KeySet::Default, "default"));
    assert_eq!(
        (settings.screen.notify.how, settings.screen.notify.text, quiet),
        (NotifyHow::Auto, false, Some((21, 7)))
    );
    assert_eq!((settings.invalid_accounts.len(), settings.accounts.len()), (0, 1));
    // What another version has and this one has not is said, and is no error.
    let warned = settings.warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(warned.iter().all(|warning| warning.contains("[store]") || warning.contains("[media]")), "{warned:?}");
    let toko = settings.account("toko").unwrap();
    assert_eq!(toko.name.as_str(), "toko");
    assert_eq!(toko.provider, "chatera");
    assert_eq!(toko.base_url.as_deref(), Some("https://…"));
    assert_eq!(toko.mode.as_deref(), Some("unofficial"));
    assert_eq!(toko.api_key, SecretSource::Env("TOKO_KEY".into()));
    assert_eq!(toko.webhook_secret, Some(SecretSource::Env("TOKO_HOOK".into())));
    assert_eq!(toko.previous_webhook_secret, None);
    assert!(toko.webhook_token.is_some());
    assert_eq!(toko.session.as_deref(), Some("…"));
    assert_eq!(toko.channel, Some(Channel::WhatsApp));
    assert_eq!(toko.requests_per_minute, Some(60));
    assert_eq!(toko.window, Some(WindowRule::Day));
    assert!(!toko.allow_unsigned);
    assert!(toko.rules.is_empty());
    let error = toko.error("mode", "is unknown to chatera");
    let line = 1 + CONTRACT.lines().position(|line| line.starts_with("mode = ")).unwrap();
    assert_eq!(error.to_string(), format!("config.toml:{line}:8: account \"toko\": mode: is unknown to chatera"));
}

#[test]
fn the_settings_of_the_screen_are_parsed_and_their_errors_name_the_place() {
    let text = "agent_prefix = true\nkeys = \"vim\"\ntheme = \"light\"\nmouse = true\nmap = \"google\"\n\
                [notify]\nhow = \"osc9\"\ntext = true\nquiet = \"21:00-07:00\"\n[media]\npixels = \"sixel\"\n";
    let settings = load_text(text).unwrap();
    assert!(settings.agent_prefix);
    let ScreenSettings { keys, theme, mouse, map, pixels, notify } = settings.screen;
    assert_eq!((keys, theme.as_str(), mouse, map), (KeySet::Vim, "light", true, MapService::Google));
    assert_eq!(pixels, loket::config::PixelSetting::Sixel);
    assert_eq!((notify.how, notify.text), (NotifyHow::Osc9, true));
    let quiet = notify.quiet.unwrap();
    assert_eq!((quiet.from.hour(), quiet.to.hour()), (21, 7));
    assert_eq!(load_text("").unwrap().screen, ScreenSettings::default());
    for (text, error) in [
        ("keys = \"nano\"", "config.toml:1:8: keys: must be \"default\", \"vim\" or \"emacs\", not \"nano\""),
        (
            "[notify]\nquite = \"21:00-07:00\"",
            "config.toml:2:1: notify: unknown key \"quite\"; did you mean \"quiet\"?",
        ),
        (
            "[notify]\nquiet = \"21-7\"",
            "config.toml:2:9: notify: quiet: must be two times, such as \"08:00-17:00\", not \"21-7\"",
        ),
        ("map = \"bing\"", "config.toml:1:7: map: must be \"openstreetmap\" or \"google\", not \"bing\""),
        ("quiet = \"21:00-07:00\"", "config.toml:1:1: unknown key \"quiet\"; it belongs under [notify]"),
    ] {
        assert_eq!(load_text(text).unwrap_err().to_string(), error);
    }
}

#[test]
fn sections_of_another_version_are_checked_and_change_nothing() {
    let text = "[store]\nurl = { env = \"LOKET_STORE\" }\nschema = \"loket\"\n[media]\nfetch = true\nmax_mb = 64\n\
                timeout = \"30s\"\nallow_private = []\naudio_player = [\"mpv\", \"--no-video\"]\n\
                [privacy]\nkeep_days = 0\n[engine]\nstay = false\n";
    let settings = load_text(text).unwrap();
    let warnings: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].starts_with("[store]: this version does not use it"));
    let error = load_text("[media]\nmaxmb = 3\n").unwrap_err().to_string();
    assert_eq!(error, "config.toml:2:1: media: unknown key \"maxmb\"; did you mean \"max_mb\"?");
}

#[test]
fn every_other_setting_is_parsed() {
    let settings = load_text(include_str!("full.toml")).unwrap();
    assert!(settings.invalid_accounts.is_empty());
    assert_eq!(settings.listener.bind.to_string(), "[::1]:0");
    assert_eq!(settings.listener.public_url.as_deref(), Some("http://inbox.example.com/loket"));
    assert!(settings.listener.metrics_public);
    assert_eq!(settings.customer.orders.len(), 2);
    let command = vec!["bore".to_owned(), "local".to_owned()];
    assert_eq!(settings.listener.tunnel, Some(Tunnel::Custom { command, url: "bore\\.pub:\\d+".into() }));
    let wa = settings.account("wa-1").unwrap();
    assert_eq!(wa.base_url.as_deref(), Some("http://10.0.0.1:8080/api"));
    assert_eq!(wa.api_key, SecretSource::File("kunci/wa".into()));
    assert_eq!(wa.webhook_secret, Some(SecretSource::Keyring("wa-hook".into())));
    assert!(wa.webhook_token.as_ref().unwrap().matches("geheim-geheim-16"));
    assert!(wa.allow_unsigned);
    let rules = &wa.rules;
    assert_eq!(rules.len(), 3);
    assert_eq!(rules[0].trigger, Trigger::Exact("harga".into()));
    assert_eq!(rules[0].repeat, Repeat::Always);
    let picture = MediaLink::new(MediaKind::Image, "https://example.com/a.png");
    assert_eq!(
        rules[0].reply,
        [
            Answer::Text("Halo {name},\nini harganya.".into()),
            Answer::Media { link: picture, caption: Some("Daftar".into()) },
            Answer::Location { latitude: "-6.20".into(), longitude: "106.8".into(), caption: None },
        ]
    );
    assert_eq!(rules[1].trigger, Trigger::Fields("penawaran".into()));
    assert_eq!(rules[1].repeat, Repeat::Once);
    assert_eq!(rules[2].trigger, Trigger::Any);
    assert_eq!(rules[2].repeat, Repeat::Day);
    assert!(!rules[2].is_open_at(jiff::civil::date(2026, 1, 2).at(12, 0, 0, 0)));
    assert!(rules[2].is_open_at(jiff::civil::date(2026, 1, 3).at(3, 0, 0, 0)));
    let subjects = ["listener: public_url", "account \"wa-1\": base_url"];
    assert_eq!(settings.warnings, subjects.map(|subject| Warning::Unencrypted { subject: subject.into() }));
    assert_eq!(settings.account("dua").unwrap().api_key, SecretSource::Env("DUA".into()));
}

#[test]
fn errors_of_bad_configurations_are_exact() {
    let mut cases = 0;
    let mut actual = String::new();
    for case in include_str!("bad.txt").split("\n== ").skip(1) {
        let (title, rest) = case.split_once('\n').unwrap();
        let last = rest.trim_end().rsplit('\n').next().unwrap();
        let toml = rest.trim_end().strip_suffix(last).unwrap();
        let outcome = match load_text(toml) {
            Err(error) => format!("whole {error}"),
            Ok(settings) => {
                assert_eq!(settings.invalid_accounts.len(), 1, "{title}");
                assert!(settings.account(&settings.invalid_accounts[0].name).is_err(), "{title}");
                format!("account {} {}", settings.invalid_accounts[0].name, settings.invalid_accounts[0].error)
            }
        };
        assert!(!outcome.contains("geheim"), "{title}: {outcome}");
        writeln!(actual, "\n== {title}\n{toml}{outcome}").unwrap();
        cases += 1;
    }
    assert!(cases > 50);
    let head = include_str!("bad.txt").split("\n== ").next().unwrap();
    assert_same_lines(&format!("{head}{actual}"), include_str!("bad.txt"));
}

/// Compares by line, so that a failure shows the lines that differ.
fn assert_same_lines(actual: &str, expected: &str) {
    let different: Vec<String> = actual
        .lines()
        .zip(expected.lines())
        .filter(|(a, e)| a != e)
        .map(|(a, e)| format!("got      {a}\nexpected {e}"))
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert_eq!(actual, expected);
}

#[test]
fn one_invalid_account_leaves_the_others_usable() {
    let text = format!("{}window = \"1h\"\n[[account]]\nname = \"dua\"\nprovider = \"cetar\"\napi_key = \"x\"\n", {
        one_account("api_key = \"x\"")
    });
    let settings = load_text(&text).unwrap();
    assert_eq!(settings.accounts.len(), 1);
    assert!(settings.account("dua").is_ok());
    assert!(settings.account("toko").is_err());
    let none = settings.account("dau").unwrap_err().to_string();
    assert_eq!(none, "config.toml: there is no account \"dau\"; did you mean \"dua\"?");
    let error = settings.account("dua").unwrap().error("provider", "is down");
    assert_eq!(error.to_string(), "config.toml:8:12: account \"dua\": provider: is down");
}

#[test]
fn an_invalid_account_occupies_its_name() {
    let text = format!("{}{}", one_account("api_key = 1"), one_account("api_key = \"x\""));
    let settings = load_text(&text).unwrap();
    assert!(settings.accounts.is_empty());
    assert_eq!(settings.invalid_accounts.len(), 2);
    assert!(settings.invalid_accounts[1].error.to_string().contains(": an earlier account (line 1) has the name"));
}

proptest::proptest! {
    /// Any text results in settings or in an error of one line, without any key.
    #[test]
    fn any_text_is_parsed_or_refused_in_one_line_without_its_secrets(pieces in proptest::collection::vec(
        // The secret is only where people write one: quoted, with an open quotation mark, or unquoted.
        proptest::sample::select(vec![
            "[[account]]\n", "[account]\n", "[listener]\n", "[[account.rule]]\n", "[account.api_key]\n", "\n", "\r\n",
            "api_key = \"geheim\"\n", "api_key = \"geheim\n", "api_key = 'geheim\n", "api_key = geheim\n", "\u{feff}",
            "api_key = { geheim }\n", "api_key = { geheim = 1 }\n", "api_key = [\"geheim\"]\n", "webhook_token = \"geheim\"\n",
            "api_key = \"\"\"geheim\n\"\"\"\n", "base_url = \"https://geheim@a\"\n", "name = \"toko\"\n", "name = 1\n",
            "provider = \"cetar\"\n", "keyword = ", "reply = [", "{ text = ", "tunnel = {", "name.", "x = \"\\u001b\"\n",
            "\"\\u001b\" = 1\n", "}", "]", ", ", "1", "true", " # é", "channel = \"\\u001b[2J\"\n",
        ]),
        0..24,
    )) {
        match load_text(&pieces.concat()) {
            Ok(settings) => {
                let errors: String = settings.invalid_accounts.iter().map(|invalid| invalid.error.to_string()).collect();
                assert!(!errors.contains("geheim") && !errors.contains(char::is_control), "{errors}");
            }
            Err(error) => {
                let shown = error.to_string();
                assert!(!shown.contains("geheim") && !shown.contains(char::is_control), "{shown}");
            }
        }
    }
}

#[test]
fn a_locale_comes_from_flag_then_environment_then_file_then_lang() {
    let locale = |flag: Option<Locale>, variables: &[(&str, &str)], text: &str| {
        let overrides = Overrides { locale: flag, ..Overrides::default() };
        let environment = Environment::of(variables.iter().copied());
        Settings::from_text(text, Path::new("c.toml"), &overrides, &environment).map(|settings| settings.locale)
    };
    let (id, en) = (Ok(Locale::Id), Ok(Locale::En));
    assert_eq!(locale(Some(Locale::En), &[("LOKET_LOCALE", "id")], "locale = \"id\""), en);
    assert_eq!(locale(None, &[("LOKET_LOCALE", "id"), ("LANG", "en_US")], "locale = \"en\""), id);
    assert_eq!(locale(None, &[("LANG", "en_US.UTF-8")], "locale = \"id\""), id);
    assert_eq!(locale(None, &[("LANG", "id_ID.UTF-8")], ""), id);
    assert_eq!(locale(None, &[("LANG", "ido")], ""), en);
    assert_eq!(locale(None, &[], ""), en);
    let wrong = locale(None, &[("LOKET_LOCALE", "nl")], "").unwrap_err();
    assert_eq!(wrong.to_string(), "environment variable LOKET_LOCALE: must be \"en\" or \"id\"");
}

#[test]
fn only_a_named_file_must_exist() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("none.toml");
    let paths = |config_named| Paths { config_file: file.clone(), data_dir: directory.path().into(), config_named };
    let settings = Settings::load(&paths(false), &Overrides::default(), &no_variables()).unwrap();
    assert!(settings.accounts.is_empty());
    assert_eq!(settings.path, file);
    let missing = Settings::load(&paths(true), &Overrides::default(), &no_variables()).unwrap_err().to_string();
    let wanted = "there is no such file; name another with --config, or leave --config out";
    assert_eq!(missing, format!("{}: {wanted}", file.display()));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "loading created a file");
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.toml");
    let paths = Paths { config_file: file.clone(), data_dir: directory.path().into(), config_named: true };
    let message = || {
        Settings::load(&paths, &Overrides::default(), &no_variables())
            .unwrap_err()
            .to_string()
            .replace(&format!("{}: ", file.display()), "")
    };
    std::fs::write(&file, b"agent = \"\xff\"").unwrap();
    assert_eq!(message(), "is not UTF-8 text; save it as UTF-8");
    std::fs::write(&file, vec![b'#'; (1 << 20) + 1]).unwrap();
    assert_eq!(message(), "is larger than 1 MiB, so it is no configuration");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert_eq!(message(), "is a directory; name the file in it");
}

#[test]
fn a_byte_order_mark_and_crlf_change_no_location() {
    let error = load_text("\u{feff}lokale = 1\r\n").unwrap_err();
    assert_eq!(error.to_string(), "config.toml:1:1: unknown key \"lokale\"; did you mean \"locale\"?");
    let error = load_text("agent = \"a\"\r\nlokale = 1\r\n").unwrap_err();
    assert!(error.to_string().starts_with("config.toml:2:1: "), "{error}");
}

#[test]
fn secrets_are_read_from_their_source_or_the_error_names_a_remedy() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("kunci"), "\u{feff}  geheim-file \nsecond line\n").unwrap();
    std::fs::write(directory.path().join("kosong"), "\n\n").unwrap();
    std::fs::write(directory.path().join("biner"), b"geheim\xff").unwrap();
    std::fs::write(directory.path().join("aneh"), "ge\u{7}heim").unwrap();
    let home = directory.path().to_str().unwrap().to_owned();
    let environment = Environment::of([("TOKO_KEY", "geheim-env\n"), ("EMPTY", " "), ("HOME", &home)]);
    let secret = |source: &str| {
        let text = one_account(&format!("api_key = {source}"));
        let file = directory.path().join("config.toml");
        let settings = Settings::from_text(&text, &file, &Overrides::default(), &environment).unwrap();
        settings.account("toko").unwrap().secrets(&environment).map(|secrets| secrets.api_key.expose().to_owned())
    };
    for (source, wanted) in [
        ("{ env = \"TOKO_KEY\" }", "geheim-env"),
        ("{ file = \"kunci\" }", "geheim-file"),
        ("{ file = \"~/kunci\" }", "geheim-file"),
        ("\" geheim-plain\"", "geheim-plain"),
    ] {
        assert_eq!(secret(source).as_deref(), Ok(wanted), "{source}");
    }
    for (source, wanted) in [
        ("{ env = \"NONE\" }", "environment variable NONE is not set; set it, or choose another source"),
        ("{ env = \"EMPTY\" }", "environment variable EMPTY is empty"),
        ("{ file = \"kosong\" }", "HOME/kosong is empty"),
        ("{ file = \"biner\" }", "HOME/biner is not UTF-8 text"),
        ("{ file = \"aneh\" }", "HOME/aneh holds a control character, which no key has"),
        ("{ file = \"none\" }", "cannot read HOME/none: "),
        ("{ command = [\"/no/such\"] }", "program \"/no/such\" cannot be started: "),
    ] {
        let error = secret(source).unwrap_err().to_string().replace(&home, "HOME").replace('\\', "/");
        let wanted = format!("HOME/config.toml:4:11: account \"toko\": api_key: {wanted}");
        assert!(error.starts_with(&wanted), "{error}\n{wanted}");
        assert!(!error.contains("geheim"), "{error}");
    }
}

#[test]
fn both_webhook_secrets_are_read_the_current_one_first() {
    let text = one_account("api_key = \"a\"\nwebhook_secret = \"baru\"\nprevious_webhook_secret = \"lama\"");
    let secrets = load_text(&text).unwrap().account("toko").unwrap().secrets(&no_variables()).unwrap();
    let shown: Vec<&str> = secrets.webhook_secrets.iter().map(loket::domain::Secret::expose).collect();
    assert_eq!(shown, ["baru", "lama"]);
}

#[cfg(unix)]
#[test]
fn a_command_provides_its_first_line() {
    let text = one_account("api_key = { command = [\"sh\", \"-c\", \"echo geheim; echo lain\"] }");
    let secrets = load_text(&text).unwrap().account("toko").unwrap().secrets(&no_variables()).unwrap();
    assert!(secrets.api_key.matches("geheim"));
}

/// Whether or not a keyring runs here, an entry that nobody created cannot be read, and the error names alternatives.
#[test]
fn without_a_keyring_or_an_entry_the_error_names_the_alternatives() {
    let text = one_account("api_key = { keyring = \"loket-test-entry-that-nobody-made\" }");
    let error = load_text(&text).unwrap().account("toko").unwrap().secrets(&no_variables()).unwrap_err().to_string();
    assert!(error.starts_with("config.toml:4:11: account \"toko\": api_key: "), "{error}");
    assert!(error.ends_with("use { env = … }, { file = … } or { command = … } instead"), "{error}");
}

#[test]
fn no_debug_text_holds_a_secret() {
    let text = format!(
        "{}webhook_secret = {{ command = [\"pass\", \"geheim\"] }}\nwebhook_token = \"geheim-geheim-geheim\"\n",
        one_account("api_key = \"geheim\"")
    );
    let settings = load_text(&text).unwrap();
    assert!(settings.invalid_accounts.is_empty());
    let environment = Environment::of([("TOKO_KEY", "geheim")]);
    let secrets = load_text(&one_account("api_key = \"geheim\"")).unwrap().accounts[0].secrets(&environment);
    let shown = format!("{settings:#?} {environment:?} {secrets:?}");
    assert!(!shown.contains("geheim"), "{shown}");
}

#[cfg(unix)]
#[test]
fn files_with_secrets_that_others_can_read_cause_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let (config, key) = (directory.path().join("config.toml"), directory.path().join("kunci"));
    std::fs::write(&key, "geheim").unwrap();
    let set = |file: &Path, mode| std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
    let paths = Paths { config_file: config.clone(), data_dir: directory.path().into(), config_named: true };
    let warnings = |source: &str, modes: (u32, u32)| {
        std::fs::write(&config, one_account(&format!("api_key = {source}"))).unwrap();
        set(&config, modes.0);
        set(&key, modes.1);
        Settings::load(&paths, &Overrides::default(), &no_variables()).unwrap().warnings
    };
    let open = |file: &Path, mode| vec![Warning::ReadableByOthers { file: file.to_owned(), mode }];
    assert_eq!(warnings("\"geheim\"", (0o644, 0o600)), open(&config, 0o644));
    assert_eq!(warnings("\"geheim\"", (0o600, 0o644)), []);
    assert_eq!(warnings("{ file = \"kunci\" }", (0o644, 0o640)), open(&key, 0o640));
    assert_eq!(warnings("{ env = \"A\" }", (0o644, 0o644)), []);
    let shown = open(&config, 0o644)[0].to_string();
    let file = config.display();
    assert_eq!(shown, format!("{file}: holds secrets but other users can read it (mode 0644); run: chmod 600 {file}"));
}

#[test]
fn the_settings_of_files_and_of_helping_programs_are_parsed_and_their_errors_name_the_place() {
    let text = "[media]\nfetch = false\nmax_mb = 16\ntimeout = \"2m\"\nallow_private = [\"WAHA:3000\", \"[fd00::1]:80\"]\n\
                audio_player = [\"mpv\", \"--no-video\"]\n[assist]\ntranscribe = [\"whisper\", \"--id\"]\n";
    let settings = load_text(text).unwrap();
    let media = settings.media;
    assert_eq!((media.fetch, media.max_mb, media.timeout.as_secs()), (false, 16, 120));
    let hosts: Vec<_> = media.allow_private.iter().map(|at| format!("{} {}", at.host, at.port)).collect();
    assert_eq!(hosts, ["waha 3000", "fd00::1 80"]);
    assert_eq!(media.audio_player.unwrap(), ["mpv", "--no-video"]);
    assert_eq!(settings.assist.transcribe.unwrap(), ["whisper", "--id"]);
    let default = load_text("").unwrap();
    assert_eq!((default.media.fetch, default.media.max_mb, default.media.timeout.as_secs()), (true, 64, 30));
    assert_eq!((default.media.audio_player, default.assist.transcribe), (None, None), "no program runs by itself");
    for (text, error) in [
        ("[media]\nmax_mb = 0", "config.toml:2:10: media: max_mb: "),
        ("[media]\nmax_mb = 5000", "config.toml:2:10: media: max_mb: "),
        ("[media]\ntimeout = \"30\"", "config.toml:2:11: media: timeout: must be a time such as \"30s\" or \"2m\""),
        ("[media]\ntimeout = \"0s\"", "config.toml:2:11: media: timeout: must be a time"),
        ("[media]\ntimeout = \"2h\"", "config.toml:2:11: media: timeout: must be a time"),
        ("[media]\nfetch = \"no\"", "config.toml:2:9: media: fetch: "),
        (
            "[media]\nallow_private = [\"waha\"]",
            "config.toml:2:17: media: allow_private: must be hosts with their ports",
        ),
        ("[media]\naudio_player = \"mpv\"", "config.toml:2:16: media: audio_player: must be a list of texts"),
        ("[media]\naudio_player = []", "config.toml:2:16: media: audio_player: must hold at least one text"),
        ("[assist]\ntranscribe = \"whisper\"", "config.toml:2:14: assist: transcribe: must be a list of texts"),
        (
            "[assist]\ntranscript = []",
            "config.toml:2:1: assist: unknown key \"transcript\"; did you mean \"transcribe\"?",
        ),
        ("max_mb = 5", "config.toml:1:1: unknown key \"max_mb\"; it belongs under [media]"),
        ("transcribe = [\"x\"]", "config.toml:1:1: unknown key \"transcribe\"; it belongs under [assist]"),
    ] {
        let said = load_text(text).unwrap_err().to_string();
        assert!(said.starts_with(error), "{text}: {said}");
    }
}
