//! `loket report`: equal to a count by hand over what `loket export` prints.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::home::Home;

/// 2026-01-04T01:00:00Z, in seconds.
const BEGIN: i64 = 1_767_488_400;

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}

/// Lines of an export: conversations of two accounts over some days, with answers of people, rules and the phone.
fn lines() -> Vec<Value> {
    let mut numbers = Numbers(7);
    let mut lines = Vec::new();
    for conversation in 1..=12_i64 {
        let (account, label) = if conversation % 2 == 0 { ("toko", "vip") } else { ("cabang", "baru") };
        let mut at = BEGIN + i64::try_from(numbers.below(80_000)).unwrap();
        for _ in 0..=numbers.below(14) {
            at += i64::try_from(numbers.below(9_000)).unwrap();
            let agent = |name: &str| ("out", json!({"kind": "agent", "name": name}), "sent", "text");
            let customer = json!({"kind": "contact", "name": "Ayu"});
            let (direction, author, status, kind) = match numbers.below(10) {
                0..5 => ("in", customer, "received", "text"),
                5 => agent("Sari"),
                6 => agent("Budi"),
                7 => ("out", json!({"kind": "rule", "name": "tutup"}), "sent", "text"),
                8 => ("out", json!({"kind": "agent", "name": "Sari"}), "failed", "text"),
                _ => ("in", customer, "received", "reaction"),
            };
            let id = i64::try_from(lines.len()).unwrap() + 1;
            lines.push(json!({
                "id": id.to_string(), "conversation": conversation.to_string(), "account": account,
                "channel": "whatsapp", "peer": format!("62811{conversation:06}"), "direction": direction,
                "author": author, "kind": kind, "text": "ya", "media": null, "payload": null,
                "remote_id": format!("w{id}"), "status": status, "error": null, "at": rfc3339(at),
                "about": {"name": "", "group": false, "state": "open", "labels": [label],
                          "aliases": [format!("62811{conversation:06}")], "window": "none",
                          "audit": [{"at": rfc3339(BEGIN + 300_000), "agent": "Budi", "action": "resolved", "value": null,
                                     "origin": "screen", "address": null}]},
            }));
        }
    }
    lines
}

/// What a row counts: conversations, in, out, and seconds of first replies, waiting and resolutions.
type Counts = (Vec<String>, u64, u64, [Vec<i64>; 3]);

/// The rows by a key, counted in the plainest way. `key`: of a message, its time, and the agent to whom it counts.
fn counted(lines: &[Value], key: impl Fn(&Value, i64, Option<&str>) -> String) -> BTreeMap<String, Counts> {
    let mut rows: BTreeMap<String, Counts> = BTreeMap::new();
    let seconds = |line: &Value| line["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    let conversations: Vec<&str> = lines.iter().map(|l| l["conversation"].as_str().unwrap()).collect();
    for conversation in conversations.iter().collect::<std::collections::BTreeSet<_>>() {
        let own: Vec<&Value> = lines
            .iter()
            .filter(|l| l["conversation"] == **conversation && l["kind"] != "reaction" && l["status"] != "failed")
            .collect();
        let is_answer = |l: &Value| l["author"]["kind"] == "agent";
        let (mut first, mut since) = (true, None);
        let mut count = |at: i64, line: &Value, agent: Option<&str>, change: &dyn Fn(&mut Counts)| {
            let row = rows.entry(key(line, at, agent)).or_default();
            row.0.push((*conversation).to_string());
            row.0.sort();
            row.0.dedup();
            change(row);
        };
        for (n, line) in own.iter().enumerate() {
            let at = seconds(line);
            if line["direction"] == "in" {
                let agent = own[n..].iter().find(|l| is_answer(l)).map(|l| l["author"]["name"].as_str().unwrap());
                count(at, line, agent, &|row| row.1 += 1);
                since = since.or(Some(at));
            } else {
                let agent = is_answer(line).then(|| line["author"]["name"].as_str().unwrap());
                count(at, line, agent, &|row| row.2 += 1);
                if let (Some(from), true) = (since, is_answer(line)) {
                    let is_first = first;
                    count(from, line, agent, &|row| {
                        row.3[1].push(at - from);
                        row.3[0].extend(is_first.then_some(at - from));
                    });
                    (first, since) = (false, None);
                }
            }
        }
        if let Some(opened) = own.iter().find(|l| l["direction"] == "in") {
            let (from, to) = (seconds(opened), BEGIN + 300_000);
            count(to, opened, Some("Budi"), &|row| row.3[2].push(to - from));
        }
    }
    rows
}

fn percentile(spans: &[i64], percent: usize) -> Value {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let Some(last) = sorted.len().checked_sub(1) else { return Value::Null };
    let (whole, part) = (last * percent / 100, i64::try_from(last * percent % 100).unwrap());
    let (low, high) = (sorted[whole], sorted[(whole + 1).min(last)]);
    json!((low * 100 + (high - low) * part + 50) / 100)
}

fn rows(by: &str, counted: BTreeMap<String, Counts>) -> Vec<Value> {
    let row = |(key, (conversations, incoming, outgoing, spans)): (String, Counts)| {
        let [first, waiting, resolution] =
            spans.map(|s| json!({"median": percentile(&s, 50), "p90": percentile(&s, 90)}));
        let key = if key == "~" { Value::Null } else { json!(key) };
        json!({"by": by, "key": key, "conversations": conversations.len(), "in": incoming, "out": outgoing,
               "first_reply": first, "waiting": waiting, "resolution": resolution})
    };
    let mut rows: Vec<Value> = counted.into_iter().map(row).collect();
    if by == "conversation" {
        rows.sort_by_key(|row| row["key"].as_str().unwrap().parse::<i64>().unwrap());
    }
    rows
}

async fn home_with(lines: &[Value], config: &str) -> Home {
    let home = Home::with(config);
    let file = home.file("in.jsonl", &lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n"));
    home.loket(&["import", &file]).await.expect(0);
    home
}

/// The key of a message's row, by the message, its time and the agent to whom it counts.
type Key<'a> = Box<dyn Fn(&Value, i64, Option<&str>) -> String + 'a>;

#[tokio::test]
async fn a_report_is_what_a_count_by_hand_is() {
    let lines = lines();
    let home = home_with(&lines, "").await;
    let day = |at: i64| TimeZone::system().to_datetime(jiff::Timestamp::from_second(at).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let keys: [(&str, Key<'_>); 6] = [
        ("agent", Box::new(|_, _, agent| agent.unwrap_or("~").to_owned())),
        ("account", Box::new(move |line, _, _| text(&line["account"]))),
        ("day", Box::new(move |_, at, _| day(at).date().to_string())),
        ("hour", Box::new(move |_, at, _| format!("{:02}", day(at).hour()))),
        ("conversation", Box::new(move |line, _, _| text(&line["conversation"]))),
        ("label", Box::new(move |line, _, _| text(&line["about"]["labels"][0]))),
    ];
    for (by, key) in &keys {
        let printed = home.loket(&["report", "--by", by, "--json"]).await.expect(0).lines();
        assert_eq!(printed, rows(by, counted(&lines, key)), "{by}");
    }
    // Without --by: by agent.
    let agents = home.loket(&["report", "--json"]).await.expect(0).lines();
    assert_eq!(agents[0]["by"], "agent");
    // The days given count, the first and the last included.
    let all = home.loket(&["report", "--by", "day", "--json"]).await.expect(0).lines();
    assert!(all.len() > 2, "{all:?}");
    let (first, second) = (text(&all[0]["key"]), text(&all[1]["key"]));
    let two = home.loket(&["report", "--by", "day", "--json", "--from", &first, "--to", &second]).await.expect(0);
    assert_eq!(two.lines(), all[..2]);
    let one = home.loket(&["report", "--by", "day", "--json", "--from", &second, "--to", &second]).await.expect(0);
    assert_eq!(one.lines(), all[1..2]);
}

#[tokio::test]
async fn a_report_is_a_table_for_people_and_csv_for_spreadsheets() {
    let mut lines = lines();
    for line in &mut lines {
        if line["author"]["name"] == "Budi" {
            line["author"]["name"] = json!("=HYPERLINK(\"x\")\u{1b}[2J");
        }
    }
    let home = home_with(&lines, "").await;
    let table = home.loket(&["--locale", "id", "report"]).await.expect(0);
    assert!(table.out.contains("balasan pertama") && table.out.contains("Sari"), "{table:?}");
    assert!(!table.out.contains('\u{1b}') && table.out.lines().all(|line| line.chars().count() <= 120), "{table:?}");
    let csv = home.loket(&["report", "--by", "conversation", "--csv"]).await.expect(0);
    let cells: Vec<Vec<&str>> = csv.out.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(cells[0][..5], ["by", "key", "conversations", "in", "out"]);
    assert_eq!(cells.len(), 13, "one line for each conversation");
    assert!(cells.iter().all(|line| line.len() == 11), "{csv:?}");
    let agents = home.loket(&["report", "--csv"]).await.expect(0);
    assert!(agents.out.contains("'=HYPERLINK") && !agents.out.contains('\u{1b}'), "{agents:?}");
    let none = home.loket(&["report", "--from", "2030-01-01"]).await.expect(0);
    assert_eq!(none.out.lines().count(), 1, "{none:?}");
    for wrong in [&["report", "--from", "kemarin"][..], &["report", "--by", "x"], &["report", "--csv", "--json"]] {
        home.loket(wrong).await.expect(2);
    }
    let reversed = home.loket(&["report", "--from", "2026-02-01", "--to", "2026-01-01"]).await.expect(2);
    assert!(reversed.err.contains("2026-02-01"), "{reversed:?}");
}

#[tokio::test]
async fn only_the_hours_of_the_team_count_if_it_has_some() {
    let line = |id: i64, at: &str, direction: &str, author: Value| {
        json!({
            "id": id.to_string(), "conversation": "1", "account": "toko", "channel": "whatsapp", "peer": "628111111111",
            "direction": direction, "author": author, "kind": "text", "text": "ya", "media": null, "payload": null,
            "remote_id": format!("w{id}"), "status": if direction == "in" { "received" } else { "sent" }, "error": null,
            "at": at,
            "about": {"name": "", "group": false, "state": "open", "labels": [], "aliases": ["628111111111"],
                      "window": "none"},
        })
    };
    // 24 hours, of which the team works one, wherever this test runs.
    let lines = [
        line(1, "2026-01-05T10:00:00Z", "in", json!({"kind": "contact", "name": ""})),
        line(2, "2026-01-06T10:00:00Z", "out", json!({"kind": "agent", "name": "Sari"})),
    ];
    for (config, seconds) in [("", 86_400), ("[team]\nhours = [\"08:00-08:30\", \"mon-sun 20:00-20:30\"]\n", 3_600)] {
        let home = home_with(&lines, config).await;
        let rows = home.loket(&["report", "--json"]).await.expect(0).lines();
        assert_eq!(rows[0]["waiting"], json!({"median": seconds, "p90": seconds}), "{config}");
    }
    let home = Home::with("[team]\nhours = \"kapan-kapan\"\n");
    let wrong = home.loket(&["report"]).await.expect(2);
    assert!(wrong.err.contains("hours") && wrong.err.contains("mon-fri 08:00-17:00"), "{wrong:?}");
}
