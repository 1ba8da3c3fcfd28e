//! Scenes: keys and events, and what the screen then shows and asks.

mod beginning;
mod composer;
mod forms;
mod frame;
mod list;
mod measure;
mod overlays;
mod thread;

use crate::kit::{Fake, Stage, minutes_ago};
use loket::config::Locale;
use loket::domain::window::WindowRule;
use loket::domain::{Channel, Content, ConversationId};
use loket::tui::effect::Effect;
use loket::tui::effect::Write;

pub(super) fn shop() -> (Fake, ConversationId, ConversationId) {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    fake.account("resmi", Channel::WhatsApp, WindowRule::Day);
    let budi = fake.conversation(1, "Budi", "toko", Channel::WhatsApp);
    fake.hears(budi, minutes_ago(10), "Halo");
    let ayu = fake.conversation(2, "Ayu", "toko", Channel::WhatsApp);
    fake.hears(ayu, minutes_ago(20), "Permisi");
    (fake, budi, ayu)
}

pub(super) fn stage(fake: &Fake) -> Stage {
    Stage::new(fake.clone(), Locale::En, (80, 24))
}

pub(super) fn long(fake: &Fake, id: ConversationId, count: i64) {
    for n in 0..count {
        fake.hears(
            id,
            minutes_ago(5000 - n),
            &format!("message number {n} {}", "word ".repeat(usize::try_from(n % 23).unwrap())),
        );
    }
    fake.seen(id);
}

pub(super) fn anchor_line(stage: &Stage) -> String {
    stage.text().lines().nth(2).unwrap_or_default().chars().skip(29).collect()
}

pub(super) fn said(effects: &[Effect]) -> Vec<String> {
    let body = |e: &Effect| match e {
        Effect::Write(Write::Send { content: Content::Text { body }, .. }) => Some(body.clone()),
        _ => None,
    };
    effects.iter().filter_map(body).collect()
}
