//! `loket send`: one message, put into the outbox and carried by the running engine, or by this process when
//! none runs.

use std::time::{Duration, Instant};

use super::args::Send;
use super::{Context, Exit, print, read};
use crate::domain::outgoing::{Button, ListRow, MediaKind, MediaLink, ParseContentError, TemplateUse, split_location};
use crate::domain::{Content, Message, MessageId, Status};
use crate::engine::{Client, Engine, EngineLock, LockError, Notifier, ProcessInfo, SendError, SendRequest};

/// What is on its way when the waiting ends may end within this time.
const LAST_PATIENCE: Duration = Duration::from_secs(35);
/// Between two looks whether another command has done its sending.
const HAND_OVER: Duration = Duration::from_millis(20);

/// `loket send`.
pub(super) fn run(context: &Context, send: Send) -> Result<(), Exit> {
    let meant = content(&send)?;
    // A broken or unknown account is told from the configuration, with file and line.
    context.settings.account(&send.account)?;
    let store = context.store()?;
    let roster = context.roster(&store)?;
    let wake = Notifier::on(store.path());
    let on_commit = wake.clone();
    store.on_commit(Box::new(move || on_commit.touch()));
    let desk = context.desk(store, roster, wake.clone(), ProcessInfo::default());
    let wait = Duration::from_secs(send.wait);
    let order = SendRequest {
        account: send.account.clone(),
        channel: send.channel,
        group: send.to_group.is_some(),
        to: send.to.or(send.to_group).unwrap_or_default(),
        content: meant,
    };
    let runtime = crate::cli::runtime()?;
    let message = runtime.block_on(async {
        let message = desk.write_to(order).await.map_err(|error| refusal(context, &desk, &send.account, error))?;
        carry(context, &desk, &wake, message, wait).await
    })?;
    if context.common.json {
        print::json(&message)?;
    } else {
        print::line(&read::message_line(&message))?;
    }
    verdict(context, &message)
}

/// Waits until the message is settled, carrying it when no engine runs beside.
async fn carry(
    context: &Context,
    desk: &Client,
    wake: &Notifier,
    message: Message,
    wait: Duration,
) -> Result<Message, Exit> {
    let deadline = Instant::now() + wait;
    let lock = lock(context, deadline).await?;
    let engine = match &lock {
        Some(_) => Some(
            Engine::start_for(desk.roster().clone(), desk.store().clone(), wake.clone(), message.conversation)
                .await
                .map_err(|e| Exit::failed(e.to_string()))?,
        ),
        None => None,
    };
    let settled = settle(desk, message.id, deadline.saturating_duration_since(Instant::now())).await;
    if let Some(engine) = engine {
        engine.stop(LAST_PATIENCE).await;
    }
    settled?;
    desk.store().message(message.id)?.ok_or_else(|| Exit::failed("the message is gone from the store"))
}

/// The place of the engine, when none runs. Another command that is just sending is waited for.
async fn lock(context: &Context, deadline: Instant) -> Result<Option<EngineLock>, Exit> {
    loop {
        match EngineLock::take_for_a_command(&context.paths.data_dir) {
            Ok(None) if Instant::now() < deadline => tokio::time::sleep(HAND_OVER).await,
            Ok(lock) => return Ok(lock),
            Err(LockError::Held { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

async fn settle(desk: &Client, id: MessageId, wait: Duration) -> Result<(), Exit> {
    let mut changes = desk.watch();
    let until_settled = async {
        loop {
            changes.borrow_and_update();
            let message = desk.store().message(id)?;
            if message.is_none_or(|m| !matches!(m.status, Status::Queued | Status::Sending)) {
                return Ok(());
            }
            if changes.changed().await.is_err() {
                return Ok(());
            }
        }
    };
    tokio::time::timeout(wait, until_settled).await.unwrap_or(Ok(()))
}

fn verdict(context: &Context, message: &Message) -> Result<(), Exit> {
    let error = message.error.as_ref();
    let words = || super::words::failure(context.locale(), error, message.status);
    match message.status {
        Status::Failed | Status::Unsure => Err(Exit::failed(words())),
        Status::Queued | Status::Sending => Err(Exit::waiting(super::words::still_waiting(context.locale(), error))),
        _ => Ok(()),
    }
}

fn refusal(context: &Context, desk: &Client, account: &str, error: SendError) -> Exit {
    match error {
        SendError::Objection(objection) => match desk.member(account) {
            Ok(member) => Exit::wrong(super::words::objection(context.locale(), &objection, &member)),
            Err(error) => Exit::wrong(error.to_string()),
        },
        SendError::NoAccount | SendError::InvalidAccount(_) => Exit::wrong(error.to_string()),
        SendError::Store(error) => error.into(),
    }
}

/// What the flags mean together.
fn content(send: &Send) -> Result<Content, Exit> {
    let chosen = [
        ("--location", send.location.is_some()),
        ("--card", send.card.is_some()),
        ("--template", send.template.is_some()),
        ("--button", !send.buttons.is_empty()),
        ("--list-button", send.list_button.is_some()),
    ];
    let mut chosen = chosen.into_iter().filter(|(_, there)| *there).map(|(flag, _)| flag);
    let (first, second) = (chosen.next(), chosen.next());
    if let (Some(first), Some(second)) = (first, second) {
        return Err(Exit::wrong(format!("{first} and {second} are two messages; send one at a time")));
    }
    let with_media = matches!(first, None | Some("--button"));
    if send.media_url.is_some() && !with_media {
        return Err(Exit::wrong(format!("--media-url does not go with {}", first.unwrap_or_default())));
    }
    if send.kind.is_some() && send.media_url.is_none() {
        return Err(Exit::wrong("--kind says what --media-url is; give --media-url too"));
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
            "there is nothing to send: give --text, --media-url, --location, --card, --template, --button or --list-button",
        )),
    }
}

fn link(send: &Send) -> Option<MediaLink> {
    let url = send.media_url.clone()?;
    let kind = send.kind.map_or_else(|| MediaKind::guess(&url), MediaKind::from);
    Some(MediaLink { kind, url })
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
    .find_map(|(kind, url)| url.clone().map(|url| MediaLink { kind, url }));
    Ok(Content::Template(TemplateUse {
        id: send.template.clone().unwrap_or_default(),
        language: send.lang.clone(),
        variables: send.vars.clone(),
        header,
        payloads: send.payloads.clone(),
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
