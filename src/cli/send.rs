//! `loket send`: one message, put into the outbox and sent by the running engine, or by this process when none runs.

use std::time::Duration;

use super::account_client::AccountClient;
use super::args::Send;
use super::{Context, Exit, conversation, print, read, wording};
use crate::domain::content_parts::{Button, ListRow, ParseContentError, split_location};
use crate::domain::outgoing::{MediaKind, MediaLink, TemplateUse};
use crate::domain::until::Until;
use crate::domain::{Content, Message, SendError, SendOptions, Status, Timestamp};
use crate::engine::Client;
use crate::tui::i18n::fill;
pub(super) fn run(context: &Context, send: Send) -> Result<(), Exit> {
    let mut body = parse_content(&send)?;
    let session = AccountClient::open(context, &send.account)?;
    let mut file = None;
    if let Some(path) = &send.file {
        let kind = send.kind.map(MediaKind::from);
        let (mut link, staged) = session.client.read_file(path, kind).map_err(|e| refusal(context, &session, e))?;
        match &mut body {
            Content::Template(template) => template.header = Some(link),
            Content::Media { link: empty, .. } => {
                let channel = send.channel.unwrap_or(session.status.account.channel);
                if let (Some(file), None) = (&link.file, kind) {
                    link.kind = session.status.capabilities.file_kind(channel, file);
                }
                *empty = link;
            }
            _ => {}
        }
        file = Some(staged);
    }
    let (group, wait) = (send.to_group.is_some(), Duration::from_secs(send.wait));
    let to = send.to.or(send.to_group).unwrap_or_default();
    let client = &session.client;
    let at = send.at.as_deref().map(|text| send_time(context, client, text)).transpose()?;
    let options = SendOptions { at, ignore_window: send.anyway, ignore_answer: send.anyway, quote: None };
    let message = session.block_on(async {
        let (address, _) =
            client.address(session.name(), send.channel, &to, group).map_err(|e| refusal(context, &session, e))?;
        let queued =
            client.send_file_to(&address, body, file, options).await.map_err(|e| refusal(context, &session, e))?;
        if queued.scheduled_at.is_some() {
            return Ok(queued);
        }
        client.deliver(queued, wait).await.map_err(|error| Exit::failed(error.to_string()))
    })?;
    if context.common.json {
        print::json(&message)?;
    } else {
        print::line(&read::message_line(&message))?;
    }
    status(context, &message)
}

/// The exit status that a message's status means.
fn status(context: &Context, message: &Message) -> Result<(), Exit> {
    let (locale, error) = (context.locale(), message.error.as_ref());
    if let Some(at) = message.scheduled_at {
        let sentence = &locale.strings().cli.scheduled;
        return Err(Exit::waiting(fill(sentence, &[("time", &wording::local_time(at))])));
    }
    match message.status {
        Status::Failed | Status::Unsure => Err(Exit::failed(wording::failure(locale, error, message.status))),
        Status::Queued | Status::Sending => Err(Exit::waiting(wording::still_waiting(locale, error))),
        _ => Ok(()),
    }
}

/// When a message is to be sent.
fn send_time(context: &Context, client: &Client, text: &str) -> Result<Timestamp, Exit> {
    match conversation::parse_until(context, client, text)? {
        Until::At(at) => Ok(at),
        Until::Reply => {
            let sentence = &context.locale().strings().cli.until_misspelt;
            Err(Exit::wrong(fill(sentence, &[("text", text)])))
        }
    }
}

fn refusal(context: &Context, session: &AccountClient<'_>, error: SendError) -> Exit {
    match error {
        SendError::Objection(objection) => {
            let now = session.client.now();
            Exit::wrong(wording::objection(context.locale(), &objection, &session.status, now))
        }
        SendError::Account(error) => Exit::wrong(error.to_string()),
        SendError::Store(error) => error.into(),
    }
}

/// The message that the flags mean together.
fn parse_content(send: &Send) -> Result<Content, Exit> {
    let chosen = [
        ("--location", send.location.is_some()),
        ("--card", send.card.is_some()),
        ("--template", send.template.is_some()),
        ("--button", !send.buttons.is_empty()),
        ("--list-button", send.list_button.is_some()),
    ];
    let mut chosen = chosen.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag);
    let (first, second) = (chosen.next(), chosen.next());
    if let (Some(first), Some(second)) = (first, second) {
        return Err(Exit::wrong(format!("{first} and {second} are two messages; send one at a time")));
    }
    let with_media = matches!(first, None | Some("--button"));
    if send.media_url.is_some() && !with_media {
        return Err(Exit::wrong(format!("--media-url does not go with {}", first.unwrap_or_default())));
    }
    if send.file.is_some() && !matches!(first, None | Some("--template")) {
        return Err(Exit::wrong(format!("--file does not go with {}", first.unwrap_or_default())));
    }
    let header = [&send.header_image, &send.header_video, &send.header_document].into_iter().any(Option::is_some);
    if send.file.is_some() && header {
        return Err(Exit::wrong(
            "--file fills the template's header; leave out --header-image, --header-video and --header-document",
        ));
    }
    if send.kind.is_some() && send.media_url.is_none() && send.file.is_none() {
        return Err(Exit::wrong("--kind says what --media-url or --file is; give one of them too"));
    }
    if (send.title.is_some() || send.footer.is_some()) && !matches!(first, Some("--button" | "--list-button")) {
        return Err(Exit::wrong("--title and --footer go with --button or --list-button"));
    }
    match first {
        Some("--location") => location(send),
        Some("--card") => {
            if send.text.is_some() {
                return Err(Exit::wrong("--text does not go with --card: a contact card has no text"));
            }
            Ok(Content::Card { name: send.card.clone().unwrap_or_default(), numbers: send.card_number.clone() })
        }
        Some("--template") => template(send),
        Some("--button") => buttons(send),
        Some(_) => list(send),
        None => text_or_media(send),
    }
}

fn text_or_media(send: &Send) -> Result<Content, Exit> {
    match (link(send), &send.text) {
        (Some(link), caption) => Ok(Content::Media { link, caption: caption.clone() }),
        (None, Some(text)) => Ok(Content::Text { body: text.clone() }),
        (None, None) => Err(Exit::wrong(
            "there is nothing to send: give --text, --file, --media-url, --location, --card, --template, --button or --list-button",
        )),
    }
}

fn link(send: &Send) -> Option<MediaLink> {
    // What a file is, is told by its bytes once they are read.
    if send.file.is_some() {
        return Some(MediaLink::new(MediaKind::Document, ""));
    }
    let url = send.media_url.clone()?;
    let kind = send.kind.map_or_else(|| MediaKind::guess(&url), MediaKind::from);
    Some(MediaLink::new(kind, url))
}

fn location(send: &Send) -> Result<Content, Exit> {
    let given = send.location.as_deref().unwrap_or_default();
    let (latitude, longitude) = split_location(given)
        .map_err(|_| Exit::wrong(format!("--location {given}: write LAT,LON, such as -6.200000,106.816666")))?;
    Ok(Content::Location { latitude, longitude, caption: send.text.clone() })
}

fn template(send: &Send) -> Result<Content, Exit> {
    if send.text.is_some() {
        return Err(Exit::wrong("--text does not go with --template: fill its places with --var"));
    }
    let header = [
        (MediaKind::Image, &send.header_image),
        (MediaKind::Video, &send.header_video),
        (MediaKind::Document, &send.header_document),
    ]
    .into_iter()
    .find_map(|(kind, url)| url.clone().map(|url| MediaLink::new(kind, url)));
    Ok(Content::Template(TemplateUse {
        id: send.template.clone().unwrap_or_default(),
        language: send.lang.clone(),
        variables: send.vars.clone(),
        header,
        payloads: send.payloads.clone(),
        text: None,
    }))
}

fn buttons(send: &Send) -> Result<Content, Exit> {
    let buttons = send.buttons.iter().map(|text| button(text)).collect::<Result<_, _>>()?;
    Ok(Content::Buttons {
        text: send.text.clone().unwrap_or_default(),
        title: send.title.clone(),
        footer: send.footer.clone(),
        media: link(send),
        buttons,
    })
}

fn button(text: &str) -> Result<Button, Exit> {
    text.parse().map_err(|_: ParseContentError| {
        Exit::wrong(format!("--button '{text}': write 'reply|ID|TITLE', 'url|URL|TITLE' or 'copy|CODE|TITLE'"))
    })
}

fn list(send: &Send) -> Result<Content, Exit> {
    let rows = send.rows.iter().map(|text| row(text)).collect::<Result<_, _>>()?;
    Ok(Content::List {
        text: send.text.clone().unwrap_or_default(),
        title: send.title.clone(),
        footer: send.footer.clone(),
        label: send.list_button.clone().unwrap_or_default(),
        rows,
    })
}

fn row(text: &str) -> Result<ListRow, Exit> {
    text.parse()
        .map_err(|_: ParseContentError| Exit::wrong(format!("--row '{text}': write 'SECTION|ID|TITLE|DESCRIPTION'")))
}
