//! The content of a message, kind by kind, as rows that are not placed yet.
//!
//! Invariant: no kind is left out, and none is shown as raw data.

use serde_json::Value;

use super::context::Context;
use super::flags;
use super::headline::headline;
use super::media::media;
use super::preview::preview;
use super::row::{ContentRow, wrap_into};
use super::unsupported;
use crate::config::MapService;
use crate::domain::{Direction, Kind, Message};
use crate::text;
use crate::text::{Clean, link};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;

/// The rows of a message's content with what is known of it besides, at most `width` cells wide.
pub(crate) fn content_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<ContentRow> {
    let mut out = Vec::new();
    flags::origin_rows(message, cx, width, &mut out);
    out.extend(body_rows(message, cx, width));
    if flags::is_revoked(message) {
        let dim = cx.theme.style(Meaning::Dim);
        out.iter_mut().flat_map(|row| &mut row.spans).for_each(|span| span.style = dim);
    }
    flags::change_rows(message, cx, width, &mut out);
    out
}

fn body_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<ContentRow> {
    let mut out = Vec::new();
    quote(message, cx, width, &mut out);
    match message.kind {
        Kind::Text => {
            if let Some(options) = unsupported::poll(message) {
                headline(
                    cx,
                    width,
                    cx.theme.glyphs.menu,
                    &cx.locale.strings().kinds.poll,
                    &[items(cx, options.len())],
                    &mut out,
                );
            }
        }
        Kind::Note | Kind::System => {}
        Kind::Form => headline(cx, width, cx.theme.glyphs.menu, &cx.locale.strings().kinds.form, &[], &mut out),
        Kind::Call => call(message, cx, width, &mut out),
        Kind::Image | Kind::Video | Kind::Audio | Kind::Document | Kind::Sticker => media(message, cx, width, &mut out),
        Kind::Location => location(message, cx, width, &mut out),
        Kind::Contacts => contacts(message, cx, width, &mut out),
        Kind::Buttons | Kind::List => {
            menu(message, cx, width, &mut out);
            return out;
        }
        Kind::Template => template(message, cx, width, &mut out),
        Kind::Choice => {
            choice(message, cx, width, &mut out);
            return out;
        }
        Kind::Reaction => {
            reaction(message, cx, width, &mut out);
            return out;
        }
        Kind::Order => order(message, cx, width, &mut out),
        Kind::Unsupported => {
            not_shown(message, cx, width, &mut out);
            return out;
        }
    }
    body_text(message, cx, width, &mut out);
    if out.is_empty() {
        headline(cx, width, "", cx.locale.strings().kind(message.kind), &[], &mut out);
    }
    out
}

/// A message of which Loket knows no kind: its text and, where that is not all, why the rest is not here.
fn not_shown(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let Some(options) = unsupported::poll(message) else {
        body_text(message, cx, width, out);
        unsupported::reason_rows(message, cx, width, out);
        return;
    };
    headline(cx, width, cx.theme.glyphs.menu, &cx.locale.strings().kinds.poll, &[items(cx, options.len())], out);
    body_text(message, cx, width, out);
    for option in options {
        wrap_into(out, &format!("- {option}"), width, cx.theme.style(Meaning::Text));
    }
}

fn body_text(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let clean = Clean::block(&message.text);
    let shown = clean.as_str().trim_end_matches('\n');
    if !shown.trim().is_empty() {
        wrap_into(out, shown, width, cx.theme.style(Meaning::Text));
    }
}

fn string<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.payload.as_ref()?.get(name)?.as_str().filter(|t| !t.trim().is_empty())
}

fn quote(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    if message.kind == Kind::Reaction || string(message, "reply_to").is_none() {
        return;
    }
    let strings = cx.locale.strings();
    let quoted = cx.quoted.map_or_else(
        || quoted_text(message).unwrap_or_else(|| strings.thread.reply_gone.clone()),
        |target| {
            let own = target.direction == Direction::Out;
            let name = if own { strings.thread.you.clone() } else { Clean::line(&target.author.name).into_string() };
            let line = preview(strings, target.kind, &target.text);
            if name.is_empty() { line } else { format!("{name}: {line}") }
        },
    );
    let line = format!("{} {quoted}", cx.theme.glyphs.quote);
    out.push(ContentRow::of(&text::truncate(&line, usize::from(width)), cx.theme.style(Meaning::MessageQuote)));
}

/// The text of the message that this one answers, where the gateway sent it along.
fn quoted_text(message: &Message) -> Option<String> {
    let text = message.payload.as_ref()?.pointer("/quoted/text")?.as_str()?;
    Some(Clean::line(text).into_string()).filter(|text| !text.trim().is_empty())
}

fn location(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = cx.locale.strings();
    let name = string(message, "name").map(|t| Clean::line(t).into_string()).into_iter().collect::<Vec<_>>();
    headline(cx, width, cx.theme.glyphs.location, &strings.kinds.location, &name, out);
    if let Some(address) = string(message, "address") {
        wrap_into(out, Clean::line(address).as_str(), width, cx.theme.style(Meaning::Text));
    }
    if let (Some(latitude), Some(longitude)) = (string(message, "latitude"), string(message, "longitude")) {
        let place = Clean::line(&format!("{latitude}, {longitude}"));
        wrap_into(out, place.as_str(), width, cx.theme.style(Meaning::Dim));
    }
}

fn contacts(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = cx.locale.strings();
    let cards = message.payload.as_ref().and_then(|p| p.get("contacts")).and_then(Value::as_array);
    for card in cards.into_iter().flatten().take(20) {
        let name = Clean::line(card.get("name").and_then(Value::as_str).unwrap_or_default()).into_string();
        headline(cx, width, cx.theme.glyphs.contacts, &strings.kinds.contacts, &[name], out);
        for number in card.get("numbers").and_then(Value::as_array).into_iter().flatten().take(10) {
            let number = Clean::line(number.as_str().unwrap_or_default());
            wrap_into(out, &format!("  {}", number.as_str()), width, cx.theme.style(Meaning::Text));
        }
        let emails = card.get("emails").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for more in emails.take(5).chain(card.get("company").and_then(Value::as_str)) {
            wrap_into(out, &format!("  {}", Clean::line(more).as_str()), width, cx.theme.style(Meaning::Dim));
        }
    }
    if out.is_empty() {
        headline(cx, width, cx.theme.glyphs.contacts, &strings.kinds.contacts, &[], out);
    }
}

/// Text with buttons or with a list menu: heading, text, footer, then what can be pressed.
fn menu(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    if let Some(title) = string(message, "title") {
        wrap_into(out, Clean::line(title).as_str(), width, cx.theme.style(Meaning::Strong));
    }
    body_text(message, cx, width, out);
    if let Some(footer) = string(message, "footer") {
        wrap_into(out, Clean::line(footer).as_str(), width, cx.theme.style(Meaning::Dim));
    }
    let buttons = message.payload.as_ref().and_then(|p| p.get("buttons")).and_then(Value::as_array);
    for button in buttons.into_iter().flatten().take(10) {
        let title = Clean::line(button.get("title").and_then(Value::as_str).unwrap_or_default());
        let shown = format!("[ {} ]", title.as_str());
        out.push(ContentRow::of(&text::truncate(&shown, usize::from(width)), cx.theme.style(Meaning::MessageMedia)));
    }
    if let Some(label) = string(message, "label") {
        let rows = message.payload.as_ref().and_then(|p| p.get("rows")).and_then(Value::as_array).map_or(0, Vec::len);
        let facts = [Clean::line(label).into_string(), items(cx, rows)];
        headline(cx, width, cx.theme.glyphs.menu, &cx.locale.strings().kinds.list, &facts, out);
    }
    if out.is_empty() {
        headline(cx, width, cx.theme.glyphs.menu, cx.locale.strings().kind(message.kind), &[], out);
    }
}

fn items(cx: &Context<'_>, count: usize) -> String {
    let strings = &cx.locale.strings().thread;
    if count == 1 { strings.items_one.clone() } else { fill(&strings.items, &[("n", &count.to_string())]) }
}

fn template(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let name = string(message, "template").map(|t| Clean::line(t).into_string()).into_iter().collect::<Vec<_>>();
    headline(cx, width, cx.theme.glyphs.menu, &cx.locale.strings().kinds.template, &name, out);
    if message.text.trim().is_empty() {
        let variables = message.payload.as_ref().and_then(|p| p.get("variables")).and_then(Value::as_array);
        for (index, value) in variables.into_iter().flatten().take(20).enumerate() {
            let value = Clean::line(value.as_str().unwrap_or_default());
            let line = format!("{{{{{}}}}} {}", index + 1, value.as_str());
            wrap_into(out, &line, width, cx.theme.style(Meaning::Text));
        }
    }
}

fn choice(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let title = string(message, "title").unwrap_or(&message.text);
    let chose = fill(&cx.locale.strings().thread.chose, &[("title", Clean::line(title).as_str())]);
    wrap_into(out, &format!("{} {chose}", cx.theme.glyphs.choice), width, cx.theme.style(Meaning::MessageMedia));
    if let Some(description) = string(message, "description") {
        wrap_into(out, Clean::line(description).as_str(), width, cx.theme.style(Meaning::Dim));
    }
}

fn reaction(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = cx.locale.strings();
    let emoji = Clean::line(string(message, "emoji").unwrap_or(&message.text)).into_string();
    let line = if emoji.trim().is_empty() {
        strings.thread.reaction_gone.clone()
    } else {
        let target = cx.quoted.map_or_else(
            || strings.thread.reply_gone.clone(),
            |m| text::truncate(&preview(strings, m.kind, &m.text), 30).into_owned(),
        );
        fill(&strings.thread.reacted, &[("emoji", &emoji), ("text", &target)])
    };
    wrap_into(out, &line, width, cx.theme.style(Meaning::MessageSystem));
}

fn order(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let payload = message.payload.as_ref();
    let list = ["items", "product_items", "products"].iter().find_map(|n| payload?.get(n)?.as_array());
    let counted = payload.and_then(|p| p.get("count")?.as_str()?.parse().ok());
    let facts: Vec<String> = list.map(Vec::len).or(counted).map(|count| items(cx, count)).into_iter().collect();
    headline(cx, width, cx.theme.glyphs.menu, &cx.locale.strings().kinds.order, &facts, out);
}

fn call(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = &cx.locale.strings().thread;
    let seconds = message.payload.as_ref().and_then(|p| p.get("duration")).and_then(Value::as_u64);
    let line = match (string(message, "state").unwrap_or_default(), seconds) {
        ("ringing", _) => strings.call_ringing.clone(),
        ("missed", _) if message.direction == Direction::Out => strings.call_unanswered.clone(),
        ("missed", _) => strings.call_missed.clone(),
        (_, Some(seconds)) => {
            fill(&strings.call_ended_after, &[("span", &format!("{}:{:02}", seconds / 60, seconds % 60))])
        }
        _ => strings.call_ended.clone(),
    };
    wrap_into(out, &line, width, cx.theme.style(Meaning::MessageMedia));
}

/// The web links of a message, its media first; each once.
pub(crate) fn links(message: &Message, map: MapService) -> Vec<Clean> {
    let mut out: Vec<Clean> = Vec::new();
    let media = message.media.as_ref().and_then(|m| m.url.as_deref());
    let advertisement = message.payload.as_ref().and_then(|p| p.pointer("/referral/source_url")?.as_str());
    let place = map_link(message, map);
    let links = media.into_iter().chain(link::find(&message.text)).chain(advertisement).filter_map(Clean::url);
    for url in place.into_iter().chain(links) {
        if !out.contains(&url) {
            out.push(url);
        }
    }
    out
}

/// Whether there are web links in a message's words.
pub(crate) fn has_links(message: &Message) -> bool {
    link::find(&message.text).into_iter().any(|url| Clean::url(url).is_some())
}

/// The link to a place on a map; `None` where a message has no coordinates.
pub(crate) fn map_link(message: &Message, map: MapService) -> Option<Clean> {
    if message.kind != Kind::Location {
        return None;
    }
    let degrees = |name, most: f64| string(message, name)?.trim().parse::<f64>().ok().filter(|at| at.abs() <= most);
    let (latitude, longitude) = (degrees("latitude", 90.0)?, degrees("longitude", 180.0)?);
    Clean::url(&match map {
        MapService::OpenStreetMap => {
            format!("https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}")
        }
        MapService::Google => format!("https://www.google.com/maps/search/?api=1&query={latitude},{longitude}"),
    })
}
