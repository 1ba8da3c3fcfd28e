//! Every command and option of the program against a test that runs it, in the real binary, to its end.
//!
//! `TABLE` is kept whole: what clap knows and the table lacks fails, and so does what the table names and clap, or the
//! tests' sources, no longer have.
use clap::{Arg, Command, CommandFactory as _};
use loket::cli::Cli;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Commands by their words, each with its options, its positionals as `<NAME>`, and `""` for the command itself;
/// beside each the name of a test that runs it.
pub(crate) const TABLE: &[(&str, &[(&str, &str)])] = &[
    (
        "",
        &[
            ("", "somebody_new_is_written_to_and_the_message_arrives"),
            ("--agent", "the_agent_who_acts_is_named_by_flag_environment_configuration_or_user"),
            ("--config", "configuration_and_data_are_where_the_flags_say_and_else_where_the_environment_says"),
            ("--data-dir", "configuration_and_data_are_where_the_flags_say_and_else_where_the_environment_says"),
            ("--json", "every_command_that_prints_data_prints_json_lines_and_nothing_else"),
            ("--listen", "the_engine_prints_one_line_and_logs_in_the_chosen_format"),
            ("--locale", "refusals_are_worded_in_the_chosen_language"),
        ],
    ),
    ("demo", &[("", "the_demo_keeps_its_conversations_in_the_given_directory")]),
    (
        "serve",
        &[
            ("", "customers_write_and_are_answered_on_every_gateway"),
            ("--log-format", "the_engine_prints_one_line_and_logs_in_the_chosen_format"),
            ("--health-listen", "health_and_metrics_have_an_address_of_their_own"),
            ("--for-screens", "an_engine_for_screens_reports_on_standard_output_and_ends_without_a_screen"),
        ],
    ),
    ("man", &[("", "the_manual_has_a_page_for_every_command"), ("--dir", "the_manual_has_a_page_for_every_command")]),
    (
        "guard",
        &[
            ("", "a_tunnel_and_all_that_it_started_end_with_the_engine_and_know_no_key"),
            ("<COMMAND>", "a_tunnel_and_all_that_it_started_end_with_the_engine_and_know_no_key"),
        ],
    ),
    (
        "sandbox",
        &[
            ("", "the_customers_of_the_sandbox_write_to_the_receiver"),
            ("--chaos", "a_seed_gives_the_sandbox_the_same_bad_day_again"),
            ("--quiet", "the_configuration_of_the_sandbox_can_be_used_as_it_is"),
            ("--receiver", "the_customers_of_the_sandbox_write_to_the_receiver"),
        ],
    ),
    ("account list", &[("", "accounts_are_as_the_contract_has_them")]),
    (
        "account url",
        &[
            ("", "the_webhook_url_follows_the_configuration_and_the_token"),
            ("<NAME>", "the_webhook_url_follows_the_configuration_and_the_token"),
            ("--path", "the_webhook_url_follows_the_configuration_and_the_token"),
        ],
    ),
    (
        "account show",
        &[
            ("", "what_the_flags_say_is_what_the_configuration_holds"),
            ("<NAME>", "what_the_flags_say_is_what_the_configuration_holds"),
        ],
    ),
    (
        "account check",
        &[
            ("", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("<NAME>", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
        ],
    ),
    (
        "account rotate-token",
        &[
            ("", "the_webhook_url_follows_the_configuration_and_the_token"),
            ("<NAME>", "a_rotated_token_is_printed_and_the_old_url_is_refused"),
        ],
    ),
    (
        "account add",
        &[
            ("", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("<NAME>", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("--provider", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("--base-url", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("--mode", "what_the_flags_say_is_what_the_configuration_holds"),
            ("--api-key", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("--webhook-secret", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("--session", "what_the_flags_say_is_what_the_configuration_holds"),
            ("--channel", "what_the_flags_say_is_what_the_configuration_holds"),
            ("--store", "the_first_account_creates_the_configuration_and_can_be_used_at_once"),
            ("--no-check", "with_no_check_an_account_is_added_although_its_gateway_does_not_answer"),
        ],
    ),
    (
        "account remove",
        &[
            ("", "a_removed_account_takes_its_own_secrets_with_it_and_leaves_comments"),
            ("<NAME>", "a_removed_account_takes_its_own_secrets_with_it_and_leaves_comments"),
        ],
    ),
    (
        "login",
        &[
            ("", "a_code_is_shown_and_renewed_until_the_session_is_connected"),
            ("<ACCOUNT>", "a_code_is_shown_and_renewed_until_the_session_is_connected"),
            ("--invert", "a_code_is_shown_and_renewed_until_the_session_is_connected"),
            ("--png", "a_code_is_shown_and_renewed_until_the_session_is_connected"),
        ],
    ),
    (
        "send",
        &[
            ("", "the_message_is_printed_as_the_contract_has_it_with_and_without_an_engine"),
            ("--account", "the_message_is_printed_as_the_contract_has_it_with_and_without_an_engine"),
            ("--to", "the_message_is_printed_as_the_contract_has_it_with_and_without_an_engine"),
            ("--to-group", "a_group_is_answered_as_a_group"),
            ("--channel", "every_channel_of_a_gateway_has_conversations_of_its_own"),
            ("--text", "the_message_is_printed_as_the_contract_has_it_with_and_without_an_engine"),
            ("--media-url", "every_kind_of_content_is_stored_as_it_was_sent"),
            ("--file", "a_file_goes_out_as_it_is_but_for_its_position_and_stays_in_the_store"),
            ("--kind", "the_kind_of_media_is_what_the_option_says"),
            ("--location", "every_kind_of_content_is_stored_as_it_was_sent"),
            ("--card", "every_kind_of_content_is_stored_as_it_was_sent"),
            ("--card-number", "every_kind_of_content_is_stored_as_it_was_sent"),
            ("--template", "the_window_opens_with_a_customers_message_and_a_template_may_always_go"),
            ("--lang", "the_window_opens_with_a_customers_message_and_a_template_may_always_go"),
            ("--var", "a_template_may_have_a_video_or_a_document_in_its_header"),
            ("--header-image", "chatera"),
            ("--header-video", "a_template_may_have_a_video_or_a_document_in_its_header"),
            ("--header-document", "a_template_may_have_a_video_or_a_document_in_its_header"),
            ("--payload", "chatera"),
            ("--button", "cetar_meta"),
            ("--list-button", "a_list_menu_goes_out_with_its_sections_and_rows"),
            ("--row", "a_list_menu_goes_out_with_its_sections_and_rows"),
            ("--title", "a_list_menu_goes_out_with_its_sections_and_rows"),
            ("--footer", "a_list_menu_goes_out_with_its_sections_and_rows"),
            ("--anyway", "a_colleague_who_has_just_answered_and_a_closed_window_are_ignored_only_if_asked_for"),
            ("--at", "a_message_is_sent_at_its_time_and_not_into_a_closed_window"),
            ("--wait", "waiting_ends_after_its_time_and_the_message_is_sent_later"),
        ],
    ),
    (
        "conversations",
        &[
            ("", "conversations_are_as_the_contract_has_them_newest_first"),
            ("--account", "conversations_are_as_the_contract_has_them_newest_first"),
            ("--unread", "conversations_are_as_the_contract_has_them_newest_first"),
            ("--state", "conversations_are_as_the_contract_has_them_newest_first"),
        ],
    ),
    ("conversation", &[("<ID>", "a_conversation_is_taken_by_one_agent_and_assigned_by_any")]),
    ("conversation show", &[("", "a_conversation_is_taken_by_one_agent_and_assigned_by_any")]),
    (
        "conversation take",
        &[
            ("", "a_conversation_is_taken_by_one_agent_and_assigned_by_any"),
            ("<NAME>", "a_conversation_is_taken_by_one_agent_and_assigned_by_any"),
        ],
    ),
    (
        "conversation assign",
        &[
            ("", "a_conversation_is_taken_by_one_agent_and_assigned_by_any"),
            ("<NAME>", "a_conversation_is_taken_by_one_agent_and_assigned_by_any"),
        ],
    ),
    ("conversation unassign", &[("", "a_conversation_is_taken_by_one_agent_and_assigned_by_any")]),
    (
        "conversation label",
        &[
            ("", "labels_notes_and_states_are_changed_by_scripts"),
            ("<LABELS>", "labels_notes_and_states_are_changed_by_scripts"),
        ],
    ),
    (
        "conversation note",
        &[
            ("", "labels_notes_and_states_are_changed_by_scripts"),
            ("<TEXT>", "labels_notes_and_states_are_changed_by_scripts"),
        ],
    ),
    ("conversation resolve", &[("", "labels_notes_and_states_are_changed_by_scripts")]),
    ("conversation reopen", &[("", "labels_notes_and_states_are_changed_by_scripts")]),
    (
        "conversation snooze",
        &[
            ("", "labels_notes_and_states_are_changed_by_scripts"),
            ("<UNTIL>", "labels_notes_and_states_are_changed_by_scripts"),
        ],
    ),
    ("conversation read", &[("", "labels_notes_and_states_are_changed_by_scripts")]),
    ("conversation unread", &[("", "labels_notes_and_states_are_changed_by_scripts")]),
    (
        "messages",
        &[
            ("", "messages_are_the_newest_and_oldest_first"),
            ("--account", "messages_are_the_newest_and_oldest_first"),
            ("--peer", "messages_are_the_newest_and_oldest_first"),
            ("--conversation", "messages_are_the_newest_and_oldest_first"),
            ("--limit", "messages_are_the_newest_and_oldest_first"),
            ("--before", "messages_are_the_newest_and_oldest_first"),
        ],
    ),
    (
        "search",
        &[
            ("", "words_are_found_newest_first"),
            ("<QUERY>", "words_are_found_newest_first"),
            ("--account", "words_are_found_newest_first"),
            ("--limit", "words_are_found_newest_first"),
        ],
    ),
    (
        "contacts list",
        &[
            ("", "every_page_of_the_gateways_address_book_is_listed_and_searched_by_the_gateway"),
            ("--account", "every_page_of_the_gateways_address_book_is_listed_and_searched_by_the_gateway"),
            ("--search", "every_page_of_the_gateways_address_book_is_listed_and_searched_by_the_gateway"),
        ],
    ),
    (
        "contacts sync",
        &[
            ("", "a_synced_book_can_be_exported_without_the_gateway"),
            ("--account", "a_synced_book_can_be_exported_without_the_gateway"),
        ],
    ),
    (
        "contacts create",
        &[
            ("", "a_contact_is_created_with_its_number_in_international_form"),
            ("--account", "a_contact_is_created_with_its_number_in_international_form"),
            ("--phone", "a_contact_is_created_with_its_number_in_international_form"),
            ("--name", "a_contact_is_created_with_its_number_in_international_form"),
            ("--email", "a_contact_is_created_with_its_number_in_international_form"),
            ("--tag", "a_contact_is_created_with_its_number_in_international_form"),
            ("--field", "a_contact_is_created_with_its_number_in_international_form"),
        ],
    ),
    (
        "contacts import",
        &[
            ("", "a_crms_file_is_imported_and_every_row_accounted_for"),
            ("<FILE>", "a_crms_file_is_imported_and_every_row_accounted_for"),
            ("--account", "a_crms_file_is_imported_and_every_row_accounted_for"),
        ],
    ),
    (
        "contacts export",
        &[
            ("", "a_synced_book_can_be_exported_without_the_gateway"),
            ("--account", "a_synced_book_can_be_exported_without_the_gateway"),
        ],
    ),
    ("groups", &[("", "the_groups_of_a_phone_are_listed"), ("<ACCOUNT>", "the_groups_of_a_phone_are_listed")]),
    ("templates", &[("", "every_page_of_templates_is_listed"), ("<ACCOUNT>", "every_page_of_templates_is_listed")]),
    (
        "check-number",
        &[
            ("", "a_number_is_on_whatsapp_or_not"),
            ("<ACCOUNT>", "a_number_is_on_whatsapp_or_not"),
            ("<PHONE>", "a_number_is_on_whatsapp_or_not"),
        ],
    ),
    (
        "backup",
        &[
            ("", "a_backup_beside_a_running_engine_is_a_store_with_everything"),
            ("<FILE>", "a_backup_beside_a_running_engine_is_a_store_with_everything"),
        ],
    ),
    (
        "forget",
        &[
            ("", "nobody_is_forgotten_without_being_asked_for_or_while_a_message_is_on_its_way"),
            ("--account", "nobody_is_forgotten_without_being_asked_for_or_while_a_message_is_on_its_way"),
            ("--peer", "nobody_is_forgotten_without_being_asked_for_or_while_a_message_is_on_its_way"),
            ("--yes", "nobody_is_forgotten_without_being_asked_for_or_while_a_message_is_on_its_way"),
        ],
    ),
    (
        "export",
        &[
            ("", "what_is_imported_is_exported_again_and_importing_it_twice_adds_nothing"),
            ("--with-media", "files_go_out_and_come_back_with_export_and_backup"),
        ],
    ),
    (
        "import",
        &[
            ("", "what_is_imported_is_exported_again_and_importing_it_twice_adds_nothing"),
            ("<FILE>", "what_is_imported_is_exported_again_and_importing_it_twice_adds_nothing"),
        ],
    ),
    (
        "doctor",
        &[
            ("", "what_is_wrong_is_named_with_what_to_do"),
            ("--read-again", "what_was_not_understood_is_read_again_on_demand"),
        ],
    ),
    (
        "media",
        &[
            ("", "the_file_of_a_message_is_fetched_once_and_its_path_is_printed"),
            ("<MESSAGE>", "the_file_of_a_message_is_fetched_once_and_its_path_is_printed"),
            ("--output", "a_file_is_copied_where_the_output_says_and_never_through_a_link"),
        ],
    ),
    (
        "report",
        &[
            ("", "a_report_is_what_a_count_by_hand_is"),
            ("--from", "a_report_is_what_a_count_by_hand_is"),
            ("--to", "a_report_is_what_a_count_by_hand_is"),
            ("--by", "a_report_is_what_a_count_by_hand_is"),
            ("--csv", "a_report_is_a_table_for_people_and_csv_for_spreadsheets"),
        ],
    ),
    (
        "completions",
        &[
            ("", "completions_of_every_shell_know_the_commands"),
            ("<SHELL>", "completions_of_every_shell_know_the_commands"),
        ],
    ),
];

/// A command's words and an option, a positional, or nothing for the command itself.
type Entry = (String, String);

fn entries_of_table() -> Vec<Entry> {
    let entries = TABLE.iter().flat_map(|(command, arguments)| {
        arguments.iter().map(|(argument, _)| ((*command).to_owned(), (*argument).to_owned()))
    });
    entries.collect()
}

/// What can be given to a command and its subcommands. A command that only holds others is no entry.
fn entries_of(command: &Command, path: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        command.get_arguments().filter_map(name).map(|name| (path.to_owned(), name)).collect();
    if !command.is_subcommand_required_set() {
        entries.push((path.to_owned(), String::new()));
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        entries.extend(entries_of(inner, format!("{path} {}", inner.get_name()).trim_start()));
    }
    entries
}

/// `--name`, `-n` or `<NAME>`; none for what clap adds by itself.
fn name(argument: &Arg) -> Option<String> {
    let id = argument.get_id().as_str();
    if matches!(id, "help" | "version") {
        return None;
    }
    let long = argument.get_long().map(|long| format!("--{long}"));
    let short = || argument.get_short().map(|short| format!("-{short}"));
    Some(long.or_else(short).unwrap_or_else(|| format!("<{}>", id.to_uppercase())))
}

/// What a command line has and the table lacks, and the other way round.
fn differences(command: &Command) -> Vec<String> {
    let listed = entries_of_table();
    let (table, program) = (BTreeSet::from_iter(listed.clone()), BTreeSet::from_iter(entries_of(command, "")));
    let untested = program.difference(&table).map(|(command, argument)| format!("no test: {command} {argument}"));
    let gone = table.difference(&program).map(|(command, argument)| format!("not in clap: {command} {argument}"));
    let twice = (listed.len() > table.len()).then(|| "an entry stands in the table twice".to_owned());
    untested.chain(gone).chain(twice).collect()
}

#[test]
fn every_command_and_option_has_a_test() {
    assert_eq!(differences(&Cli::command()), Vec::<String>::new());
}

#[test]
fn an_option_or_a_command_without_a_test_is_noticed() {
    let with_option = Cli::command().mut_subcommand("login", |login| login.arg(Arg::new("bogus").long("bogus")));
    assert_eq!(differences(&with_option), ["no test: login --bogus"]);
    let with_positional = Cli::command().mut_subcommand("export", |export| export.arg(Arg::new("file")));
    assert_eq!(differences(&with_positional), ["no test: export <FILE>"]);
    let with_command = Cli::command().mut_subcommand("account", |account| account.subcommand(Command::new("bogus")));
    assert_eq!(differences(&with_command), ["no test: account bogus "]);
    let without_option = Cli::command().mut_subcommand("login", |_| Command::new("login").arg(Arg::new("account")));
    assert_eq!(differences(&without_option), ["not in clap: login --invert", "not in clap: login --png"]);
}

/// The tests that run the real binary: name, body, and the source file around it.
fn tests() -> BTreeMap<String, (String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut tests = BTreeMap::new();
    for target in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let sources = sources(&target);
        // Either the path of the binary, or the kit that knows it.
        let runs_binary = ["CARGO_BIN_EXE_loket", "\"../kit/mod.rs\""];
        if !runs_binary.iter().any(|mark| sources.iter().any(|source| source.contains(mark))) {
            continue;
        }
        for source in sources {
            for (name, body) in tests_in(&source) {
                tests.insert(name, (body, source.clone()));
            }
        }
    }
    tests
}

/// The text of every Rust file below a directory.
fn sources(directory: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(fs::read_to_string(path).unwrap());
        }
    }
    sources
}

/// Name and body of each test in a source as rustfmt formats it.
fn tests_in(source: &str) -> Vec<(String, String)> {
    let mut tests = Vec::new();
    let mut is_test = false;
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(name) = rest.filter(|_| is_test).and_then(|rest| rest.split_once('(')).map(|(name, _)| name) {
            let body = lines.by_ref().take_while(|line| *line != "}").collect::<Vec<_>>().join("\n");
            tests.push((name.to_owned(), body));
        }
        is_test = line == "#[test]" || line == "#[tokio::test]" || (is_test && line.starts_with("#["));
    }
    tests
}

#[test]
fn every_named_test_runs_what_it_stands_for() {
    let tests = tests();
    let mut wrong = Vec::new();
    for (command, arguments) in TABLE {
        for (argument, name) in *arguments {
            let Some((body, source)) = tests.get(*name) else {
                wrong.push(format!("{command} {argument}: no test of the real binary is called {name}"));
                continue;
            };
            let word = command.rsplit(' ').next().unwrap_or_default();
            if !word.is_empty() && !source.contains(&format!("\"{word}\"")) && !body.contains(&format!("{word}(")) {
                wrong.push(format!("{command} {argument}: \"{word}\" is not in the file of {name}"));
            }
            if argument.starts_with('-') && !body.contains(&format!("\"{argument}\"")) {
                wrong.push(format!("{command} {argument}: \"{argument}\" is not in {name}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
