//! `replies.toml`: a person's canned replies, added to those that come with the program.

use serde::Deserialize;

use super::i18n::Reply;
use super::user_settings::toml_error;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    reply: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    text: Text,
    account: Option<String>,
    file: Option<String>,
}

/// A reply's text, or `false` to remove the reply.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Words(String),
    Switch(bool),
}

/// The built-in replies with those of a file: one of the same name and account replaces, `text = false` removes. An
/// error says where it is.
pub(crate) fn parse(text: &str, built_in: &[Reply]) -> Result<Vec<Reply>, String> {
    let file: File = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
    let mut replies = built_in.to_vec();
    for Entry { name, text, account, file } in file.reply {
        let same = |reply: &Reply| reply.name == name && reply.account == account;
        let place = replies.iter().position(same);
        match (text, place) {
            (Text::Switch(true), _) => return Err(format!("reply {name:?}: text must be a text, or false")),
            (Text::Switch(false), _) => replies.retain(|reply| !same(reply)),
            (Text::Words(text), _) if name.trim().is_empty() || text.trim().is_empty() => {
                return Err(format!("reply {name:?}: name and text must not be empty"));
            }
            (Text::Words(text), Some(place)) => {
                if let Some(reply) = replies.get_mut(place) {
                    *reply = Reply { name, text, account, file };
                }
            }
            (Text::Words(text), None) => replies.push(Reply { name, text, account, file }),
        }
    }
    Ok(replies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(name: &str, text: &str) -> Reply {
        Reply { name: name.to_owned(), text: text.to_owned(), ..Reply::default() }
    }

    #[test]
    fn replies_are_added_replaced_and_removed() {
        let built_in = [reply("salam", "Halo {name}"), reply("terima kasih", "Terima kasih, {name}.")];
        let own = "[[reply]]\nname = \"salam\"\ntext = \"Hai {name}\"\n[[reply]]\nname = \"terima kasih\"\n\
                   text = false\n[[reply]]\nname = \"ongkir\"\ntext = \"{tarif}\"\naccount = \"toko\"\n";
        let mut ongkir = reply("ongkir", "{tarif}");
        ongkir.account = Some("toko".to_owned());
        assert_eq!(parse(own, &built_in), Ok(vec![reply("salam", "Hai {name}"), ongkir]));
        assert_eq!(parse("", &built_in), Ok(built_in.to_vec()));
    }

    #[test]
    fn an_error_says_where_it_is() {
        assert!(parse("[[reply]]\nname = \"a\"\n", &[]).unwrap_err().starts_with("line 1"));
        assert!(parse("[[reply]]\nnam = \"a\"\n", &[]).unwrap_err().starts_with("line 2, column 1: unknown field"));
        assert!(parse("[[reply]]\nname = \"a\"\ntext = true\n", &[]).unwrap_err().contains("\"a\""));
    }
}
