//! The sections of a language file. A key that is missing or unknown is an error of the file.
//!
//! Invariant: no text stands here.

use std::collections::BTreeMap;

use serde::Deserialize;

// Read by way of a map: a derived reader of its own for each of the 300 fields was a tenth of the program and of the
// time to build it.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(try_from = "BTreeMap<String, String>")]
        pub struct $name {
            $(pub $field: String,)*
        }

        impl TryFrom<BTreeMap<String, String>> for $name {
            type Error = String;

            fn try_from(mut texts: BTreeMap<String, String>) -> Result<Self, String> {
                let section = $name { $($field: take_text(&mut texts, stringify!($field))?,)* };
                deny_unknown(&texts)?;
                Ok(section)
            }
        }
    };
}

fn take_text(texts: &mut BTreeMap<String, String>, key: &str) -> Result<String, String> {
    // A field that is a Rust keyword is written as a raw identifier.
    let key = key.trim_start_matches("r#");
    texts.remove(key).ok_or_else(|| format!("missing field `{key}`"))
}

fn deny_unknown(texts: &BTreeMap<String, String>) -> Result<(), String> {
    texts.keys().next().map_or(Ok(()), |key| Err(format!("unknown field `{key}`")))
}

section!(
    /// Strings of the frame: status bar and badges.
    AppStrings {
        name, too_small, loading, sandbox, viewer, engine_starting, engine_address, engine_failed, engine_store_gone, config_not_in_force, unread, waiting, rate,
        no_accounts,
    }
);
section!(
    /// Strings of the list of settings.
    SettingStrings { title, default, next_start, accounts, on, off, none, change, save, demo, saved }
);
section!(
    /// Sentences that commands say on standard error.
    CliStrings {
        held_by, no_agent, label_misspelt, note_empty, until_misspelt, until_passed, no_conversation, scheduled, waiting, refused, groups, reception_goes_on, reception_ended, reception_ended_queued, upgrading }
);
section!(
    /// What `loket forget` asks and says.
    ForgetStrings { question, yes, no_terminal, unknown, sending, done, elsewhere, not_erased }
);
section!(
    /// Strings of the conversation list.
    ListStrings {
        title_waiting, title_open, title_all, title_snoozed, title_resolved, unread_only, filter, empty, empty_more, empty_filter,
        empty_filter_more, empty_unread, longest_first, longest, newest, newest_first, answered, others, draft, you,
    }
);
section!(
    /// Strings of the conversation.
    ThreadStrings {
        nothing_open, nothing_open_more, no_messages, unread, today, yesterday, tomorrow, new_below, more_below, older_loading, group, automatic, you, reply_gone, reacted, reaction_gone, chose, items_one, items, inferred, call_ringing, call_missed, call_ended, call_ended_after, call_unanswered, no_marketing,
    }
);
section!(
    /// What has become of a message's file, and why it is not here or cannot be shown.
    MediaStrings {
        fetching, not_fetched, tried_again, failed, refused, page, pages, too_many_pixels, too_large, unknown_type, broken, file_gone, too_slow, not_shown, no_pictures, opening, no_next, no_previous, zoom, turn, may_run, saved, exists, not_saved, save_title, save_hint, asked_again, cannot_ask, no_link, bad_link, private_address, too_big, redirects, gone, forbidden, status, unreachable, timeout, incomplete, empty, web_page, gateway, disk,
    }
);
section!(
    /// Sentences on what a message is, what became of it, and why it cannot be shown.
    MessageStrings {
        retry_at, send_failed, unsure, failed, cannot_show, forwarded, referral, revoked, edited, event_conversation_opened, event_marketing_stopped, event_marketing_resumed, referral_post, product, media_failed, transcript, transcript_failed, revoked_by_customer, revoked_by_us, edited_from, look_at_phone, ask_again, view_once, poll_hidden, held_back, not_in_api, unknown_kind, same_cause, unsure_phone, unsure_no_phone, gateway_refused, send_failed_too, event_calls_allowed, event_calls_declined, event_taken,
        event_assigned, event_unassigned, note_by,
    }
);
section!(
    /// Strings of the composer.
    ComposerStrings { placeholder, placeholder_closed, sending, window_left, count }
);
section!(
    /// Names of message kinds.
    KindStrings {
        text, image, video, audio, document, sticker, location, contacts, buttons, list, template, choice, reaction,
        order, form, call, note, system, unsupported, poll,
    }
);
section!(
    /// Names of delivery states.
    StatusStrings { received, queued, sending, unsure, sent, failed, delivered, read }
);
section!(
    /// What is known of an account.
    AccountStrings { unknown, connected, logged_out, banned, key_refused, rate_limited, unreachable, broken }
);
section!(
    /// Strings of what lies over the screen.
    OverlayStrings {
        help_marks, mark_draft, mark_account, mark_note, mark_good, mark_bad,
        help, help_editing, actions, keys_after, palette, palette_hint, goto, goto_hint, goto_contact, search, search_hint, links, templates, template_id,
        template_variable, template_language, templates_loading, templates_none, attach, attach_url, attach_caption,
        files, files_hint, files_none, files_typed, folder_unreadable, clipboard, clipboard_detail, clipboard_none,
        react, react_none, quoting, canned, canned_hint, canned_none, insert, next, fields_left, search_unindexed, search_no_account, search_cut, search_words,
        nothing_found, r#move, scroll, send, confirm_again, confirm_again_unsure, confirm_again_failed, confirm_paste,
        confirm_paste_more, confirm_open, confirm_open_host, confirm_open_puny, confirm_quit, confirm_quit_queued, confirm_quit_reception, confirm_quit_sending,
        confirm_answered, confirm_answered_more, confirm_answered_form,
    }
);
section!(
    /// Strings of the forms for what is more than text.
    FormStrings {
        location, card, card_name, buttons, text, title, footer, button,
        list, list_label, row, first,
        new_conversation, account, other_account, who, who_hint, enter_writes, no_groups, number_asking, number_registered,
        number_missing, number_unknown, place, place_hint,
        place_short_link, place_link, place_unreadable, place_range, place_typed, saved_hint, card_hint, card_typed,
        card_number, no_number, add_button, kind_reply, kind_url, kind_copy, cell_title, cell_code, cell_section,
        cell_description, no_button, no_row, file_reading, file_upload, file_link, file_refused, header_link, add_row,
    }
);
section!(
    /// Strings of what is known of a message.
    DetailStrings { technical, original, attempt, attempt_unsure, may_be, sent_elsewhere, some_reported, none_reported, title, status, author, at, retry_at, scheduled_at, what, remedy, gateway_message, code, fetched, fetches, kind, route, remote_id, id }
);
section!(
    /// Strings of the views of the list and of the words of queries.
    ViewStrings {
        title, hint, mine, unassigned, unread, account, label, unknown_key, no_value, unknown_value, not_a_day, contradicts,
        open_quote,
    }
);
section!(
    /// Strings of the choice of a time.
    WhenStrings {
        send_title, snooze_title, hint, misspelt, passed, window, until_reply, hour, three_hours, tomorrow, monday, week,
        reply,
    }
);
section!(
    /// Strings of private notes.
    NoteStrings { title, title_long, title_about, placeholder, save, begun, begun_long }
);
section!(
    /// Strings of what agents share: labels, who deals with a conversation, who is there.
    TeamStrings {
        labels, labels_hint, no_labels, new_label, toggle, assign, assign_hint, me, nobody, other_agent, now, here,
        here_several, writing,
    }
);
section!(
    /// Strings of what is known of a customer.
    CustomerStrings {
        title, also, labels, no_labels, tags, fields, name, email, local, new_field, new_field_name, new_field_hint,
        only_here, only_here_or_delete, save, history, first, last, resolved, resolved_by, messages, orders, notes, files,
    }
);
section!(
    /// What `loket report` says.
    ReportStrings {
        reversed, empty, all, since, until, range, legend, agent, account, day, conversation, hour, label, conversations,
        incoming, outgoing, first_reply, waiting, resolution, nobody, phone,
    }
);
section!(
    /// What agents did to a conversation.
    AuditStrings {
        title, resolved, reopened, snoozed, snoozed_until, assigned, unassigned, labelled, unlabelled, unread, edited,
    }
);
section!(
    /// Strings of the first screen.
    WelcomeStrings { title, first, demo, demo_more, account, account_more, config }
);
section!(
    /// Strings of the form for a new account.
    AccountFormStrings {
        title, asking, gateway, name, base_url, mode, api_key, webhook_secret, session, channel, storage, save,
        help_gateway, help_name, help_base_url, help_base_url_fixed, help_mode, help_api_key, help_webhook_secret,
        help_webhook_secret_optional, help_session, help_channel, help_storage_keyring, help_storage_file,
        help_storage_config, help_save, help_save_untried, storage_keyring, storage_file, storage_config, error_name,
        error_taken, error_url, error_missing, trying, refused, untried, failed, added, key_accepted, key_unknown, paste,
        unreachable, waiting, first_event, copy, done,
    }
);
section!(
    /// Strings of the login by QR code.
    LoginStrings {
        title, asking, waiting, scan, renews, old, paused, connected, connected_plain, elsewhere, elsewhere_any,
        enlarge, saved, not_saved, go_on, unencodable,
    }
);
section!(
    /// Strings of the list of accounts.
    HealthStrings {
        title, none, since, last_event, last_event_now, no_event, nothing_heard, silent, paused, budget, log_in_again,
        log_in_there, banned, key_refused, rate_limited, unreachable, add,
        quality_low, quality_restored, limit_raised, limit_lowered, violation, restricted, closure_announced, other_notice,
    }
);
section!(NoticeStrings {
    to_quit,
    unbound,
    typed_elsewhere,
    typed_nowhere,
    enter_sends,
    undo_offered,
    undone,
    undo_too_late,
    copied,
    copy_sent,
    copied_tmux,
    not_copied,
    copied_cut,
    nothing_waiting,
    resolved,
    assigned,
    unassigned,
    labels_changed,
    taken,
    held_by,
    note_saved,
    note_not_saved,
    reopened,
    snoozed,
    marked_unread,
    cancelled,
    scheduled,
    unscheduled,
    unscheduled_kept,
    customer_saved,
    queued_again,
    sent_now,
    not_sent,
    reply_file,
    not_saved,
    not_done,
    not_read,
    opened,
    not_opened,
    no_editor,
    editor_failed,
    play_over_ssh,
    no_player,
    player_failed,
    no_speed,
    contact_saved,
    contact_known,
    no_phone_number,
    gone,
    moved,
    config_in_force,
    notify_one,
    notify_others,
    notify_many,
    notify_test,
    notify_tested,
    notify_off,
    file_in_force,
    file_not_used,
    config_not_in_force,
    config_next_start,
    task_failed,
});
section!(
    /// Why a command cannot be used now.
    WhyNotStrings {
        yours, taken, no_conversation, no_row, no_message, nothing_to_copy, nothing_to_open, no_file_here, not_to_be_sent_again,
        not_waiting, empty, being_sent, no_templates, no_media, no_account, no_accounts, no_new_account, not_here,
        nothing_to_undo, no_location, no_card, no_buttons, no_list, no_quotes, no_reactions, not_at_gateway,
        no_search, nothing_to_hear, nothing_plays, no_number, no_phone_account,
    }
);
section!(
    /// Reasons why something could not be done: the store, an account, a gateway or a link is at fault.
    ErrorStrings {
        store_too_new, store_outdated, store_full, store_closed, store_failed, unusable, not_found, account_unknown, account_invalid,
        unsupported, link_not_web, link_no_program, code_too_long,
    }
);
section!(
    /// Places of the screen, and heads of the key table.
    PlaceStrings { anywhere, list, thread, composer, overlay, r#where, keys, what }
);
section!(
    /// Why a message is not sent, and what to do.
    ObjectionStrings {
        kind, channel, groups, empty, too_long, too_many_buttons, button_kind, buttons_mixed, too_many_rows, media_type,
        media_type_none, file_too_big, document_too_big, file_format, file_unreadable, file_empty, file_damaged, media_url, window_closed, window_closed_at, window_never, window_closes_before, time_passed, just_answered,
        just_answered_elsewhere, recipient, template_id,
        template_header, template_payloads, coordinates, card, quotes,
    }
);

/// Short words for ages, months and days of the week.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeStrings {
    /// Between a day and an hour of it.
    pub(crate) at: String,
    /// Less than a minute.
    pub now: String,
    /// So many minutes, short.
    pub minutes: String,
    /// So many hours, short.
    pub hours: String,
    /// So many days, short.
    pub(crate) days: String,
    /// Hours and minutes, short.
    pub(crate) hours_minutes: String,
    /// The twelve months, short, from January.
    pub(crate) months: Vec<String>,
    /// The seven days, short, from Monday.
    pub(crate) weekdays: Vec<String>,
}
