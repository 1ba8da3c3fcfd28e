//! `loket login` from the first code to the connected session.

use crate::fake_gateway::{self, fake_gateway};
use crate::home::Home;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const FIRST: &str = "2@kode-pertama,AbCdEfGhIjKlMnOpQrStUv==,wXyZ0123456789";
const SECOND: &str = "2@kode-kedua,ZyXwVuTsRqPoNmLkJiHgFe==,dCbA9876543210";

/// A home with the account `toko`, whose gateway answers the n-th question for its login with the n-th of `answers`.
async fn home(answers: &[Value]) -> Home {
    let (answers, polls) = (answers.to_vec(), AtomicUsize::new(0));
    let url = fake_gateway(move |request| {
        assert_eq!(request.target, "/api/getqr/");
        let nth = polls.fetch_add(1, Ordering::SeqCst);
        fake_gateway::json(200, &json!({"success": true, "message": answers[nth]}))
    })
    .await;
    Home::with(&waviro(&url))
}

fn waviro(url: &str) -> String {
    format!("[[account]]\nname = \"toko\"\nprovider = \"waviro\"\nbase_url = \"{url}\"\napi_key = \"k\"\n")
}

fn code(code: &str) -> Value {
    json!({"isAuthenticated": false, "qrcode": code})
}

fn connected() -> Value {
    json!({"isAuthenticated": true, "number": "6281230001", "name": "Toko Sari", "qrcode": ""})
}

/// The codes that so many equally large drawings on standard output hold, read as a phone reads them.
/// `inverted`: light modules on a dark ground.
fn scan(out: &str, drawings: usize, inverted: bool) -> Vec<String> {
    // Each cell of a drawing as four by eight pixels.
    const CELL: (usize, usize) = (4, 8);
    let rows: Vec<_> = out.lines().map(cells).filter(|row| !row.is_empty()).collect();
    let drawn = rows.chunks(rows.len() / drawings).flat_map(|rows| {
        let light = |x: usize, y: usize| rows[y / CELL.1][x / CELL.0][y % CELL.1 * 2 / CELL.1] != inverted;
        let grey = |x, y| if light(x, y) { u8::MAX } else { 0 };
        decode(rows[0].len() * CELL.0, rows.len() * CELL.1, grey)
    });
    drawn.collect()
}

/// Whether the upper and the lower half of each cell of a line are light. Lines without colours have no cells.
fn cells(line: &str) -> Vec<[bool; 2]> {
    let mut cells = Vec::new();
    for run in line.split("\u{1b}[38;5;").skip(1) {
        let (colours, glyphs) = run.split_once('m').unwrap();
        let (foreground, background) = colours.split_once(";48;5;").unwrap();
        let (foreground, background) = (foreground == "231", background == "231");
        cells.extend(glyphs.trim_end_matches("\u{1b}[0m").chars().map(|glyph| match glyph {
            '▀' => [foreground, background],
            ' ' => [background; 2],
            other => panic!("{other:?} is not read here"),
        }));
    }
    cells
}

fn decode(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) -> Vec<String> {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    image.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect()
}

/// The code in a saved picture.
fn picture(path: &Path) -> Vec<String> {
    let mut reader =
        png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (usize::try_from(info.width).unwrap(), usize::try_from(info.height).unwrap());
    decode(width, height, |x, y| pixels[y * width + x])
}

#[tokio::test]
async fn a_code_is_shown_and_renewed_until_the_session_is_connected() {
    // The program asks every fifteen seconds, so the three ways to show a code run beside each other.
    let answers = [code(FIRST), code(SECOND), connected()];
    let (people, scripts, inverted) =
        (home(&answers).await, home(&answers).await, home(&[code(FIRST), connected()]).await);
    let saved = scripts.path("kode.png");
    let with_picture = ["login", "toko", "--json", "--png", saved.to_str().unwrap()];
    let (people, scripts, inverted) = tokio::join!(
        people.loket(&["login", "toko"]),
        scripts.loket(&with_picture),
        inverted.loket(&["login", "toko", "--invert"]),
    );
    let people = people.expect(0);
    assert_eq!(scan(&people.out, 2, false), [FIRST, SECOND], "{people:?}");
    assert_eq!(people.out.lines().last(), Some("connected as 6281230001"));
    assert_eq!(people.err.matches("Linked devices").count(), 2, "{people:?}");

    let scripts = scripts.expect(0);
    let expected = [
        json!({"account": "toko", "state": "scan", "code": FIRST}),
        json!({"account": "toko", "state": "scan", "code": SECOND}),
        json!({"account": "toko", "state": "connected", "number": "6281230001", "name": "Toko Sari"}),
    ];
    assert_eq!((scripts.lines().as_slice(), scripts.err.as_str()), (&expected[..], ""));
    assert_eq!(picture(&saved), [SECOND], "the picture holds the newest code");

    let inverted = inverted.expect(0);
    assert_eq!(scan(&inverted.out, 1, true), [FIRST], "{inverted:?}");
    assert!(scan(&inverted.out, 1, false).is_empty());
}

#[tokio::test]
async fn a_code_that_the_gateway_still_prepares_is_waited_for() {
    let home = home(&[code(""), connected()]).await;
    let ended = home.loket(&["login", "toko"]).await.expect(0);
    assert!(ended.err.contains("prepares a code"), "{ended:?}");
    assert_eq!(ended.out, "connected as 6281230001\n");
    let listed = home.loket(&["account", "list", "--json"]).await.expect(0);
    assert_eq!(listed.lines()[0]["state"], "connected");
}

#[tokio::test]
async fn an_account_without_a_login_over_its_api_is_sent_to_the_dashboard() {
    for (provider, name) in [("chatera", "Chatera"), ("cetar", "Cetar AI"), ("cloudchat", "CloudChat")] {
        let home = Home::with(&format!(
            "[[account]]\nname = \"toko\"\nprovider = \"{provider}\"\nbase_url = \"http://127.0.0.1:9\"\napi_key = \"k\"\n"
        ));
        let refused = home.loket(&["login", "toko"]).await.expect(2);
        assert!(refused.err.contains(name) && refused.err.contains("dashboard"), "{refused:?}");
        assert_eq!(refused.out, "");
    }
}

#[tokio::test]
async fn a_login_that_cannot_go_on_says_why() {
    let url = fake_gateway(|_| fake_gateway::json(401, &json!({"success": false, "message": "secretkey salah"}))).await;
    let home = Home::with(&waviro(&url));
    let refused = home.loket(&["login", "toko"]).await.expect(1);
    assert!(refused.err.contains("\"toko\"") && refused.out.is_empty(), "{refused:?}");
    let unknown = home.loket(&["login", "cabang"]).await.expect(2);
    assert!(unknown.err.contains("cabang"), "{unknown:?}");
    let home = self::home(&[code(FIRST)]).await;
    let unwritable = home.loket(&["login", "toko", "--png", "/no/such/kode.png"]).await.expect(1);
    assert!(unwritable.err.contains("/no/such/kode.png") && unwritable.err.contains("--png"), "{unwritable:?}");
}
