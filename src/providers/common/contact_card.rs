//! Contact cards: reading them from events, and vCards (RFC 6350).
use super::json::{first_field, first_text, scalar};
use crate::domain::phone::{INDONESIA, normalise};
use serde_json::{Value, json};

/// The payload of contact cards: `{"contacts":[{"name","numbers":[…],"emails"?:[…],"company"?}]}`; `data` is one card or a list of them.
pub(crate) fn contact_cards(data: &Value) -> Option<Value> {
    let list = data.get("contacts").unwrap_or(data);
    let cards: Vec<Value> = match list {
        Value::Array(items) => items.iter().filter_map(contact_card).collect(),
        _ => contact_card(list).into_iter().collect(),
    };
    (!cards.is_empty()).then(|| json!({"contacts": cards}))
}

fn contact_card(data: &Value) -> Option<Value> {
    let vcard = first_text(data, &["vcard"]).map(|text| read_vcard(&text)).unwrap_or_default();
    let name = first_text(data, &["name", "displayName", "display_name", "formatted_name"])
        .or_else(|| first_text(data.get("name")?, &["formatted_name", "first_name"]))
        .or(vcard.name);
    let listed = first_field(data, &["phones", "numbers"]).and_then(Value::as_array);
    let listed = listed.into_iter().flatten();
    let listed = listed.filter_map(|item| first_text(item, &["phone", "wa_id", "number"]).or_else(|| scalar(item)));
    let single = first_text(data, &["phone", "number", "phoneNumber"]);
    let mut numbers: Vec<String> = Vec::new();
    for number in listed.chain(single).chain(vcard.numbers) {
        let number = normalise(&number, INDONESIA).unwrap_or(number);
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    if name.is_none() && numbers.is_empty() {
        return None;
    }
    let emails: Vec<String> = first_text(data, &["email"]).into_iter().chain(vcard.emails).collect();
    let company = first_text(data, &["company", "organization"]).or(vcard.company);
    Some(payload(&name.unwrap_or_default(), &numbers, &emails, company.as_deref()))
}

/// The payload of one card. What is not known is left out.
pub(crate) fn payload(name: &str, numbers: &[String], emails: &[String], company: Option<&str>) -> Value {
    let mut card = json!({"name": name, "numbers": numbers});
    if !emails.is_empty() {
        card["emails"] = json!(emails);
    }
    if let Some(company) = company {
        card["company"] = json!(company);
    }
    card
}

/// The name and the phone numbers of a vCard.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct VCard {
    pub name: Option<String>,
    /// Numbers with their country code, as far as they can be read as phone numbers.
    pub numbers: Vec<String>,
    pub emails: Vec<String>,
    pub company: Option<String>,
}

impl VCard {
    /// The payload of this card.
    pub(crate) fn payload(&self) -> Value {
        payload(self.name.as_deref().unwrap_or_default(), &self.numbers, &self.emails, self.company.as_deref())
    }
}

/// Reads a vCard's `FN`, `TEL`, `EMAIL` and `ORG` properties (RFC 6350, 3.3), also in a group (`item1.TEL`). The `waid` parameter of
/// a number is the WhatsApp id itself and so preferred to the number as people write it.
pub(crate) fn read_vcard(text: &str) -> VCard {
    let mut vcard = VCard::default();
    for line in text.lines() {
        let Some((head, value)) = line.split_once(':') else { continue };
        let name = head.split(';').next().unwrap_or_default();
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
        let value = value.trim().trim_start_matches("tel:");
        if value.is_empty() {
            continue;
        }
        if name.eq_ignore_ascii_case("FN") && vcard.name.is_none() {
            vcard.name = Some(unescape(value));
        } else if name.eq_ignore_ascii_case("EMAIL") {
            vcard.emails.push(unescape(value));
        } else if name.eq_ignore_ascii_case("ORG") && vcard.company.is_none() {
            // The parts after `;` are departments.
            let company = unescape(value.split(';').next().unwrap_or_default());
            vcard.company = Some(company).filter(|company| !company.trim().is_empty());
        } else if name.eq_ignore_ascii_case("TEL") {
            let id = head.split(';').find_map(|parameter| parameter.split_once("waid=")).map(|(_, digits)| digits);
            let number = id.unwrap_or(value).trim();
            vcard.numbers.push(normalise(number, INDONESIA).unwrap_or_else(|| number.to_owned()));
        }
    }
    vcard
}

fn unescape(value: &str) -> String {
    value.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
}

/// Writes a vCard with one line for each number.
pub(crate) fn write_vcard(name: &str, numbers: &[String]) -> String {
    // A line break or a semicolon in a name would begin a property of its own.
    let name: String = name
        .chars()
        .flat_map(|c| match c {
            '\\' | ';' | ',' => vec!['\\', c],
            c if c.is_control() => vec![' '],
            c => vec![c],
        })
        .collect();
    let mut lines = vec!["BEGIN:VCARD".to_owned(), "VERSION:3.0".to_owned(), format!("FN:{name}")];
    lines.extend(numbers.iter().map(|number| format!("TEL;type=CELL;type=VOICE;waid={number}:+{number}")));
    lines.push("END:VCARD".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_card_gives_its_name_and_numbers() {
        let sari = json!({"contacts": [{"name": "Sari", "numbers": ["628123456789"]}]});
        for card in [
            json!({"name": "Sari", "phone": "+62 812-3456-789", "vcard": ""}),
            json!({"vcard": "BEGIN:VCARD\r\nFN:Sari\r\nitem1.TEL;waid=628123456789:+62 812-3456-789\r\nEND:VCARD"}),
            json!([{"name": {"formatted_name": "Sari"}, "phones": [{"phone": "08123456789", "wa_id": "628123456789"}]}]),
            json!({"contacts": [{"name": "Sari", "numbers": ["628123456789"]}]}),
        ] {
            assert_eq!(contact_cards(&card), Some(sari.clone()), "{card}");
        }
        assert_eq!(contact_cards(&json!({})), None);
    }

    #[test]
    fn the_email_and_the_company_of_a_card_are_kept() {
        let vcard =
            "BEGIN:VCARD\nFN:Sari\nORG:Toko Sari\\, Tbk;Gudang\nitem1.EMAIL;type=INTERNET:sari@toko.example\nEND:VCARD";
        let sari = json!({"contacts": [{"name": "Sari", "numbers": [], "emails": ["sari@toko.example"], "company": "Toko Sari, Tbk"}]});
        assert_eq!(contact_cards(&json!({"vcard": vcard})), Some(sari));
    }

    #[test]
    fn a_written_vcard_is_read_back() {
        let numbers = vec!["628124000000".to_owned(), "628125000000".to_owned()];
        let vcard = write_vcard("Budi; Toko, Baru", &numbers);
        assert_eq!(read_vcard(&vcard), VCard { name: Some("Budi; Toko, Baru".into()), numbers, ..VCard::default() });
    }
}
