//! Meta's interactive objects (reply buttons, a link button, a copy-code button, a list menu) and media headers;
//! written for sending and read back for simulated gateways.
//!
//! Invariant: an object that Meta would refuse for its form is never built.
//!
//! Sources: seeds/002, "Kirim Interaktif (Meta Official)" and "Katalog Payload Interaktif Meta", for the shapes
//! and the order of fields; Meta, "Interactive reply buttons messages" and "Interactive list messages", for the
//! limits.
use serde_json::{Map, Value, json};

use crate::domain::Content;
use crate::domain::content_parts::{Button, ListRow};
use crate::domain::outgoing::{MediaKind, MediaLink};

/// Most reply buttons (Meta, interactive reply buttons messages).
pub(crate) const BUTTONS_MAX: usize = 3;
/// Longest title of a button and label of a list, in characters (Meta, same page).
const TITLE_MAX: usize = 20;
/// Most rows in all sections of a list together (Meta, interactive list messages).
pub(crate) const ROWS_MAX: usize = 10;
/// Longest title of a row or section, in characters (Meta, interactive list messages).
const ROW_TITLE_MAX: usize = 24;
/// Longest description of a row, in characters (Meta, interactive list messages).
const DESCRIPTION_MAX: usize = 72;
/// Longest main text, in characters (Meta, interactive reply buttons messages).
pub(crate) const BODY_MAX: usize = 1024;
/// Longest header and footer text, in characters (Meta, interactive reply buttons messages).
const HEADER_FOOTER_MAX: usize = 60;

/// The interactive object of buttons or a list, its fields in the order of seeds/002.
///
/// `None` for other content, and for what Meta has no form for: buttons of different kinds together, more than
/// one link or code, more than three replies, more than ten rows, titles beyond Meta's lengths, audio as header.
/// A title beside media is written in bold above the text, because an interactive object has only one header.
pub(crate) fn object(content: &Content) -> Option<Value> {
    match content {
        Content::Buttons { text, title, footer, media, buttons } => {
            let (kind, action) = button_action(buttons)?;
            let title = title.as_deref().filter(|t| !t.trim().is_empty());
            let mut object = Map::new();
            object.insert("type".to_owned(), json!(kind));
            let body = match (media, title) {
                (Some(link), _) => {
                    object.insert("header".to_owned(), media_header(link)?);
                    title.map_or_else(|| text.clone(), |title| format!("*{title}*\n{text}"))
                }
                (None, Some(title)) => {
                    object.insert("header".to_owned(), text_header(title)?);
                    text.clone()
                }
                (None, None) => text.clone(),
            };
            assemble(object, &body, footer.as_deref(), action)
        }
        Content::List { text, title, footer, label, rows } => {
            let mut object = Map::new();
            object.insert("type".to_owned(), json!("list"));
            if let Some(title) = title.as_deref().filter(|t| !t.trim().is_empty()) {
                object.insert("header".to_owned(), text_header(title)?);
            }
            assemble(object, text, footer.as_deref(), list_action(label, rows)?)
        }
        _ => None,
    }
}

fn assemble(mut object: Map<String, Value>, body: &str, footer: Option<&str>, action: Value) -> Option<Value> {
    object.insert("body".to_owned(), json!({"text": body}));
    if let Some(footer) = footer.filter(|f| !f.trim().is_empty()) {
        object.insert("footer".to_owned(), json!({"text": within(footer, HEADER_FOOTER_MAX)?}));
    }
    object.insert("action".to_owned(), action);
    Some(Value::Object(object))
}

fn text_header(title: &str) -> Option<Value> {
    Some(json!({"type": "text", "text": within(title, HEADER_FOOTER_MAX)?}))
}

/// A header with media, of an interactive message and of a template alike; `None` for audio.
pub(crate) fn media_header(link: &MediaLink) -> Option<Value> {
    if link.kind == MediaKind::Audio {
        return None;
    }
    let kind = link.kind.as_str();
    let mut header = Map::new();
    header.insert("type".to_owned(), json!(kind));
    header.insert(kind.to_owned(), json!({"link": link.url}));
    Some(Value::Object(header))
}

/// The object's `type` and `action`. The seed shows only the action of link and code buttons. That `type` is the
/// action's name is Meta's rule for `cta_url`, and assumed for `copy_code`.
fn button_action(buttons: &[Button]) -> Option<(&'static str, Value)> {
    let title = |button: &Button| within(button.title(), TITLE_MAX).map(str::to_owned);
    match buttons {
        [button @ Button::Url { url, .. }] => {
            let parameters = json!({"display_text": title(button)?, "url": url});
            Some(("cta_url", json!({"name": "cta_url", "parameters": parameters})))
        }
        [button @ Button::Copy { code, .. }] => {
            let parameters = json!({"display_text": title(button)?, "id": code});
            Some(("copy_code", json!({"name": "copy_code", "parameters": parameters})))
        }
        replies if (1..=BUTTONS_MAX).contains(&replies.len()) => {
            let replies: Option<Vec<Value>> = replies
                .iter()
                .map(|button| match button {
                    Button::Reply { id, .. } => {
                        Some(json!({"type": "reply", "reply": {"id": id, "title": title(button)?}}))
                    }
                    Button::Url { .. } | Button::Copy { .. } => None,
                })
                .collect();
            Some(("button", json!({"buttons": replies?})))
        }
        _ => None,
    }
}

fn list_action(label: &str, rows: &[ListRow]) -> Option<Value> {
    if rows.is_empty() || rows.len() > ROWS_MAX {
        return None;
    }
    let mut sections: Vec<(&str, Vec<Value>)> = Vec::new();
    for row in rows {
        let mut value = json!({"id": row.id, "title": within(&row.title, ROW_TITLE_MAX)?});
        if let (false, Some(map)) = (row.description.trim().is_empty(), value.as_object_mut()) {
            map.insert("description".to_owned(), json!(within(&row.description, DESCRIPTION_MAX)?));
        }
        // Meta takes each section once, so the rows of one section are brought together.
        match sections.iter_mut().find(|(title, _)| *title == row.section) {
            Some((_, rows)) => rows.push(value),
            None => sections.push((&row.section, vec![value])),
        }
    }
    let sections: Option<Vec<Value>> = sections
        .into_iter()
        .map(|(title, rows)| {
            // Meta requires a section's title only where there are several.
            if title.trim().is_empty() {
                Some(json!({"rows": rows}))
            } else {
                Some(json!({"title": within(title, ROW_TITLE_MAX)?, "rows": rows}))
            }
        })
        .collect();
    Some(json!({"button": within(label, TITLE_MAX)?, "sections": sections?}))
}

fn within(text: &str, max: usize) -> Option<&str> {
    (!text.trim().is_empty() && text.chars().count() <= max).then_some(text)
}

/// The content of an interactive object, read as Meta would; `Err` names the field that is wrong.
pub(crate) fn content(object: &Value) -> Result<Content, &'static str> {
    let body = text_at(object, "/body/text").ok_or("body.text")?;
    let footer = text_at(object, "/footer/text");
    let (title, media) = header(object.get("header"))?;
    let action = object.get("action").ok_or("action")?;
    match object.get("type").and_then(Value::as_str) {
        Some("button") => {
            let buttons = action.get("buttons").and_then(Value::as_array).ok_or("action.buttons")?;
            let buttons: Option<Vec<Button>> = buttons.iter().map(reply_button).collect();
            let buttons = buttons.filter(|b| (1..=BUTTONS_MAX).contains(&b.len())).ok_or("action.buttons")?;
            Ok(Content::Buttons { text: body, title, footer, media, buttons })
        }
        Some("cta_url") => {
            let button = Button::Url {
                url: text_at(action, "/parameters/url").ok_or("action.parameters.url")?,
                title: text_at(action, "/parameters/display_text").ok_or("action.parameters.display_text")?,
            };
            Ok(Content::Buttons { text: body, title, footer, media, buttons: vec![button] })
        }
        Some("copy_code") => {
            let button = Button::Copy {
                code: text_at(action, "/parameters/id").ok_or("action.parameters.id")?,
                title: text_at(action, "/parameters/display_text").ok_or("action.parameters.display_text")?,
            };
            Ok(Content::Buttons { text: body, title, footer, media, buttons: vec![button] })
        }
        Some("list") if media.is_some() => Err("header.type"),
        Some("list") => {
            let label = text_at(action, "/button").ok_or("action.button")?;
            Ok(Content::List { text: body, title, footer, label, rows: list_rows(action)? })
        }
        _ => Err("type"),
    }
}

fn header(header: Option<&Value>) -> Result<(Option<String>, Option<MediaLink>), &'static str> {
    let Some(header) = header else { return Ok((None, None)) };
    if header.get("type").and_then(Value::as_str) == Some("text") {
        return Ok((Some(text_at(header, "/text").ok_or("header.text")?), None));
    }
    Ok((None, Some(read_media_header(header)?)))
}

/// The media of a header that [`media_header`] writes; `Err` names the field that is wrong.
pub(crate) fn read_media_header(header: &Value) -> Result<MediaLink, &'static str> {
    let kind = match header.get("type").and_then(Value::as_str) {
        Some("image") => MediaKind::Image,
        Some("video") => MediaKind::Video,
        Some("document") => MediaKind::Document,
        _ => return Err("header.type"),
    };
    let url = header.get(kind.as_str()).and_then(|media| text_at(media, "/link")).ok_or("header link")?;
    Ok(MediaLink::new(kind, url))
}

fn reply_button(button: &Value) -> Option<Button> {
    let title = text_at(button, "/reply/title").filter(|t| t.chars().count() <= TITLE_MAX)?;
    (button.get("type").and_then(Value::as_str) == Some("reply"))
        .then_some(Button::Reply { id: text_at(button, "/reply/id")?, title })
}

fn list_rows(action: &Value) -> Result<Vec<ListRow>, &'static str> {
    let sections = action.get("sections").and_then(Value::as_array).ok_or("action.sections")?;
    let mut rows = Vec::new();
    for section in sections {
        let heading = text_at(section, "/title").unwrap_or_default();
        for row in section.get("rows").and_then(Value::as_array).ok_or("action.sections.rows")? {
            rows.push(ListRow {
                section: heading.clone(),
                id: text_at(row, "/id").ok_or("row id")?,
                title: text_at(row, "/title").filter(|t| t.chars().count() <= ROW_TITLE_MAX).ok_or("row title")?,
                description: text_at(row, "/description").unwrap_or_default(),
            });
        }
    }
    if (1..=ROWS_MAX).contains(&rows.len()) { Ok(rows) } else { Err("action.sections.rows") }
}

fn text_at(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().filter(|t| !t.trim().is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(id: &str, title: &str) -> Button {
        Button::Reply { id: id.into(), title: title.into() }
    }

    fn buttons(buttons: Vec<Button>) -> Content {
        Content::Buttons {
            text: "Pilih satu".into(),
            title: Some("PROMO".into()),
            footer: Some("Berlaku hingga besok".into()),
            media: None,
            buttons,
        }
    }

    fn row(section: &str, id: &str, description: &str) -> ListRow {
        ListRow { section: section.into(), id: id.into(), title: id.into(), description: description.into() }
    }

    fn list(rows: Vec<ListRow>) -> Content {
        Content::List {
            text: "Silakan pilih layanan di bawah ini.".into(),
            title: Some("Menu Utama".into()),
            footer: Some("Cetar Automation".into()),
            label: "Lihat Daftar Menu".into(),
            rows,
        }
    }

    #[test]
    fn objects_have_the_documented_fields_in_the_documented_order() {
        let replies = object(&buttons(vec![reply("A", "Ya, Ambil!"), reply("B", "Tidak, Makasih")])).unwrap();
        assert_eq!(
            replies.to_string(),
            concat!(
                r#"{"type":"button","header":{"type":"text","text":"PROMO"},"body":{"text":"Pilih satu"},"#,
                r#""footer":{"text":"Berlaku hingga besok"},"action":{"buttons":["#,
                r#"{"type":"reply","reply":{"id":"A","title":"Ya, Ambil!"}},"#,
                r#"{"type":"reply","reply":{"id":"B","title":"Tidak, Makasih"}}]}}"#
            )
        );
        let menu = object(&list(vec![row("Produk", "A", "Katalog"), row("Lain", "B", ""), row("Produk", "C", "")]));
        assert_eq!(
            menu.unwrap()["action"].to_string(),
            concat!(
                r#"{"button":"Lihat Daftar Menu","sections":["#,
                r#"{"title":"Produk","rows":[{"id":"A","title":"A","description":"Katalog"},{"id":"C","title":"C"}]},"#,
                r#"{"title":"Lain","rows":[{"id":"B","title":"B"}]}]}"#
            )
        );
        let url = Button::Url { url: "https://www.cetar.ai".into(), title: "Kunjungi Website".into() };
        assert_eq!(
            object(&buttons(vec![url])).unwrap()["action"].to_string(),
            r#"{"name":"cta_url","parameters":{"display_text":"Kunjungi Website","url":"https://www.cetar.ai"}}"#
        );
        let copy = Button::Copy { code: "PROMO2026".into(), title: "Salin Kode".into() };
        assert_eq!(
            object(&buttons(vec![copy])).unwrap()["action"].to_string(),
            r#"{"name":"copy_code","parameters":{"display_text":"Salin Kode","id":"PROMO2026"}}"#
        );
    }

    #[test]
    fn what_meta_would_refuse_is_not_built() {
        let url = Button::Url { url: "https://a.id".into(), title: "Buka".into() };
        let none = |content: Content| assert_eq!(object(&content), None, "{content:?}");
        none(buttons(vec![]));
        none(buttons(vec![url.clone(), url.clone()]));
        none(buttons(vec![reply("A", "Ya"), url]));
        none(buttons((0..4).map(|n| reply(&n.to_string(), "Ya")).collect()));
        none(buttons(vec![reply("A", "dua puluh satu huruf!")]));
        none(list(vec![]));
        none(list((0..11).map(|n| row("Produk", &n.to_string(), "")).collect()));
        none(Content::Text { body: "Halo".into() });
    }

    #[test]
    fn a_title_beside_media_is_moved_to_the_text() {
        let Content::Buttons { text, title, footer, buttons, .. } = buttons(vec![reply("A", "Ya")]) else { panic!() };
        let link = MediaLink::new(MediaKind::Image, "https://a.id/x.jpg");
        let built = object(&Content::Buttons { text, title, footer, media: Some(link), buttons }).unwrap();
        assert_eq!(built["header"], json!({"type": "image", "image": {"link": "https://a.id/x.jpg"}}));
        assert_eq!(built["body"]["text"], "*PROMO*\nPilih satu");
    }

    #[test]
    fn every_object_is_read_back_as_it_was_written() {
        let url = Button::Url { url: "https://a.id".into(), title: "Buka".into() };
        let copy = Button::Copy { code: "X".into(), title: "Salin".into() };
        for sent in [
            buttons(vec![reply("A", "Ya"), reply("B", "Tidak")]),
            buttons(vec![url]),
            buttons(vec![copy]),
            list(vec![row("Produk", "A", "Katalog"), row("", "B", "")]),
        ] {
            assert_eq!(content(&object(&sent).unwrap()), Ok(sent));
        }
        assert_eq!(content(&json!({"type": "button", "body": {"text": "x"}})), Err("action"));
        assert_eq!(content(&json!(null)), Err("body.text"));
    }
}
