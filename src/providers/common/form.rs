//! The answers of a form (Meta's `nfm_reply`), as lines that people read and search.
//!
//! Source: providers.md 6.2. Labels and values are the shop's own; the token of the form is a key of its session and is
//! neither shown nor kept beside them.
use super::json::{first_text, scalar};
use super::lenient_json;
use serde_json::{Value, json};

/// The field of the answers that is no answer.
const TOKEN: &str = "flow_token";
/// The most lines of one form; more are kept in its payload.
const LINES_MAX: usize = 200;
/// How deep answers are followed into lists and objects.
const DEPTH_MAX: usize = 4;

/// The text and the payload of a form that was answered: `{"name","body","response_json"}`.
pub(crate) fn read(reply: &Value) -> (String, Value) {
    let title = first_text(reply, &["body"]).unwrap_or_default();
    let id = first_text(reply, &["name"]).unwrap_or_else(|| "nfm_reply".to_owned());
    let raw = reply.get("response_json").cloned().unwrap_or(Value::Null);
    // The answers are JSON as text; text that is no JSON is kept as it is.
    let mut response = raw.as_str().and_then(lenient_json::read_text).unwrap_or(raw);
    if let Value::Object(answers) = &mut response {
        answers.shift_remove(TOKEN);
    }
    let mut lines = Vec::new();
    match &response {
        Value::Object(_) => add_lines("", &response, 0, &mut lines),
        other => lines.extend(scalar(other)),
    }
    let text = if lines.is_empty() { title.clone() } else { lines.join("\n") };
    (text, json!({"id": id, "title": title, "response": response}))
}

fn add_lines(name: &str, value: &Value, depth: usize, lines: &mut Vec<String>) {
    if lines.len() >= LINES_MAX || depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                add_lines(&label(key), field, depth + 1, lines);
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            for item in items {
                add_lines(name, item, depth + 1, lines);
            }
        }
        Value::Array(items) => add_line(name, &items.iter().filter_map(answer).collect::<Vec<_>>().join(", "), lines),
        other => add_line(name, &answer(other).unwrap_or_default(), lines),
    }
}

fn add_line(name: &str, answer: &str, lines: &mut Vec<String>) {
    if !answer.is_empty() {
        lines.push(if name.is_empty() { answer.to_owned() } else { format!("{name}: {answer}") });
    }
}

fn answer(value: &Value) -> Option<String> {
    match value {
        Value::Bool(yes) => Some(yes.to_string()),
        other => scalar(other),
    }
}

/// A field's name as a label. Meta's form builder makes `screen_0_Nama_lengkap_1` of the label "Nama lengkap".
fn label(key: &str) -> String {
    let built = key.strip_prefix("screen_").and_then(|rest| rest.split_once('_')).filter(|(n, _)| is_number(n));
    let name = match built {
        Some((_, rest)) => rest.rsplit_once('_').filter(|(_, n)| is_number(n)).map_or(rest, |(name, _)| name),
        None => key,
    };
    name.replace('_', " ").trim().to_owned()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_lines_without_the_token() {
        let answers = r#"{"flow_token":"rahasia","screen_0_Nama_lengkap_0":"Budi","umur":32,"setuju":true,
            "ukuran":["M","XL"],"alamat":{"kota":"Bandung","kode_pos":"40115"},"kosong":"","tidak":null}"#;
        let (text, payload) = read(&json!({"name": "flow", "body": "Sent", "response_json": answers}));
        let lines: Vec<_> = text.lines().collect();
        let expected =
            ["Nama lengkap: Budi", "umur: 32", "setuju: true", "ukuran: M, XL", "kota: Bandung", "kode pos: 40115"];
        assert_eq!(lines, expected);
        assert!(!payload.to_string().contains("rahasia"), "{payload}");
        assert_eq!((&payload["id"], &payload["response"]["umur"]), (&json!("flow"), &json!(32)));
    }

    #[test]
    fn a_form_without_readable_answers_keeps_what_came() {
        let (text, payload) = read(&json!({"body": "Sent", "response_json": "no json"}));
        assert_eq!((text.as_str(), &payload["response"]), ("no json", &json!("no json")));
        let (text, _) = read(&json!({"body": "Sent", "response_json": {"flow_token": "t"}}));
        assert_eq!(text, "Sent");
        assert_eq!(read(&json!({})).0, "");
    }
}
