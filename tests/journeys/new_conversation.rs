//! A person writes first: somebody new, through an account whose gateway knows who is on WhatsApp.

use crate::simulators::Simulators;

#[test]
fn somebody_new_is_written_to_and_the_message_arrives() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let _serve = installation.serve();
    let mut term = installation.inbox();
    term.shows("No conversations");
    // F5, and Tab until the account is WAVIRO's.
    term.press("\x1b[15~");
    term.shows("Through ");
    term.press("0813-1111-2222");
    term.shows("Enter writes to 0813-1111-2222");
    for _ in 0..8 {
        if term.screen().contains("Through waviro") {
            break;
        }
        let before = term.screen();
        term.press("\t");
        term.until("the next account", |screen| screen != before);
    }
    term.shows("Through waviro");
    term.press("\r");
    term.shows("First message to 6281311112222 through waviro");
    // What the gateway reported, not the question.
    term.until("an answer about the number", |screen| {
        screen.contains("222 is on WhatsApp.") || screen.contains("222 is not on WhatsApp.")
    });
    term.press("Halo dari toko\r");
    term.shows("0813-1111-2222");
    simulators.until_sent("waviro", "Halo dari toko");
}
