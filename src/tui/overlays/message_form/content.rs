//! The message that a form makes, and which field an objection to it concerns.
//!
//! Invariant: nothing is made of a field that is not spelt as it should be; the field is named with what is wrong.
use super::super::address::Target;
use super::files::NamedFiles;
use super::kinds::{FormKind, Part};
use super::row_editor;
use crate::domain::outgoing::{MediaKind, MediaLink, TemplateUse};
use crate::domain::place::{PlaceError, parse_place};
use crate::domain::template::fill_places;
use crate::domain::{Content, Objection, Template, phone};
use crate::tui::app::state::Model;
use crate::tui::i18n::fill;
use crate::tui::widgets::form::Form;

/// A field that cannot be used, and why, in the person's language.
pub(super) type Refusal = (Part, String);

/// The messages that the form makes: one, or one for each file, the first of which has the caption.
pub(super) fn contents(
    model: &Model,
    to: &Target,
    kind: &FormKind,
    form: &Form<Part>,
    files: &NamedFiles,
) -> Result<Vec<Content>, Refusal> {
    if let Some(missing) = form.fields.iter().find(|field| !field.hidden && field.error().is_some()) {
        return Err((missing.id, model.strings().account_form.error_missing.clone()));
    }
    let links = |part: Part| files.links(model, to, form.value(part)).map_err(|why| (part, why));
    match kind {
        FormKind::Attach => {
            let mut caption = Some(form.value(Part::Caption).to_owned()).filter(|text| !text.is_empty());
            let links = links(Part::Link)?.into_iter();
            Ok(links.map(|link| Content::Media { link, caption: caption.take() }).collect())
        }
        FormKind::Template(template) => {
            let header = match template.parts.header_media {
                Some(kind) => links(Part::Header)?.into_iter().next().map(|link| MediaLink { kind, ..link }),
                None => None,
            };
            Ok(vec![template_content(template, form, header)])
        }
        _ => content(model, kind, form).map(|content| vec![content]),
    }
}

fn template_content(template: &Template, form: &Form<Part>, header: Option<MediaLink>) -> Content {
    let variables = variables(form);
    let language = (!template.language.is_empty()).then(|| template.language.clone());
    let filled = (!template.body.is_empty()).then(|| fill_places(&template.body, &variables));
    let id = template.name.clone();
    Content::Template(TemplateUse { id, language, variables, header, text: filled, ..TemplateUse::default() })
}

/// The message that a form without media makes.
fn content(model: &Model, kind: &FormKind, form: &Form<Part>) -> Result<Content, Refusal> {
    let text = |part: Part| form.value(part).to_owned();
    let optional = |part: Part| Some(text(part)).filter(|text| !text.is_empty());
    Ok(match kind {
        FormKind::Attach => Content::Media {
            link: MediaLink::new(MediaKind::Document, text(Part::Link)),
            caption: optional(Part::Caption),
        },
        FormKind::Location => {
            let place = parse_place(&text(Part::Place)).map_err(|error| (Part::Place, place_error(model, error)))?;
            let caption = optional(Part::Caption);
            Content::Location { latitude: place.latitude, longitude: place.longitude, caption }
        }
        FormKind::Card => Content::Card { name: text(Part::Name), numbers: numbers(model, form)? },
        FormKind::Buttons { .. } => Content::Buttons {
            text: text(Part::Text),
            title: optional(Part::Title),
            footer: optional(Part::Footer),
            media: None,
            buttons: row_editor::buttons(model, kind, form)?,
        },
        FormKind::List { .. } => Content::List {
            text: text(Part::Text),
            title: optional(Part::Title),
            footer: optional(Part::Footer),
            label: text(Part::Label),
            rows: row_editor::list_rows(model, form)?,
        },
        FormKind::First => Content::Text { body: text(Part::Text) },
        FormKind::FreeTemplate => {
            let mut variables = variables(form);
            while variables.last().is_some_and(String::is_empty) {
                variables.pop();
            }
            let (id, language) = (text(Part::Id), optional(Part::Language));
            Content::Template(TemplateUse { id, language, variables, ..TemplateUse::default() })
        }
        FormKind::Template(template) => template_content(template, form, None),
    })
}

/// What fills the places of a template's text so far, in order.
pub(super) fn variables(form: &Form<Part>) -> Vec<String> {
    let variables = form.fields.iter().filter(|field| matches!(field.id, Part::Variable(_)));
    variables.map(|field| field.value().to_owned()).collect()
}

/// The numbers of a contact card, digits with country code; several may stand in one field, with commas between.
fn numbers(model: &Model, form: &Form<Part>) -> Result<Vec<String>, Refusal> {
    let country = model.conversations.filter.country;
    let mut numbers = Vec::new();
    for field in form.fields.iter().filter(|field| matches!(field.id, Part::Number(_))) {
        for given in field.value().split([',', ';']).map(str::trim).filter(|given| !given.is_empty()) {
            let wrong = || (field.id, fill(&model.strings().forms.no_number, &[("given", given)]));
            numbers.push(phone::normalise(given, country).ok_or_else(wrong)?);
        }
    }
    Ok(numbers)
}

/// What is wrong with a text that is to be a place.
pub(super) fn place_error(model: &Model, error: PlaceError) -> String {
    let strings = &model.strings().forms;
    match error {
        PlaceError::ShortLink => &strings.place_short_link,
        PlaceError::LinkWithoutPlace => &strings.place_link,
        PlaceError::Unreadable => &strings.place_unreadable,
        PlaceError::OutOfRange => &strings.place_range,
    }
    .clone()
}

/// The field that an objection to the whole message concerns; `None` where it is about the account or the customer.
pub(super) fn part_of(objection: &Objection, form: &Form<Part>) -> Option<Part> {
    let wanted: &[Part] = match objection {
        Objection::MediaType { .. }
        | Objection::MediaUrl
        | Objection::FileTooBig { .. }
        | Objection::FileFormat { .. }
        | Objection::FileUnreadable { .. }
        | Objection::FileEmpty
        | Objection::FileDamaged => &[Part::Link, Part::Header],
        Objection::TooLong { .. } => &[Part::Text, Part::Caption],
        Objection::Coordinates => &[Part::Place],
        Objection::Card => &[Part::Number(0)],
        Objection::TemplateId => &[Part::Id],
        Objection::TemplateHeader { .. } => &[Part::Header],
        Objection::Empty | Objection::TooManyButtons { .. } | Objection::TooManyRows { .. } => &[Part::Add],
        Objection::ButtonsMixed | Objection::ButtonType { .. } => &[Part::Row(0, super::kinds::Cell::Kind)],
        _ => &[],
    };
    wanted.iter().copied().find(|part| form.field(*part).is_some_and(|field| !field.hidden))
}
