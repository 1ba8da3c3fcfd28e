//! What must be true when every fault is over and everything had time to end.

use std::collections::HashMap;
use std::time::Duration;

use loket::domain::{Conversation, Direction, Inbound, Status};
use loket::providers::RateLimit;

use crate::history::History;
use crate::run::{Run, Written};
use crate::world::{Event, State};

/// Returns a sentence for each thing that is not as it must be.
pub(crate) fn check(history: &History, run: &Run) -> Vec<String> {
    let state = run.world.lock();
    let mut failed = Vec::new();
    received(&state, run, &mut failed);
    for written in &run.written {
        sent(&state, run, written, &mut failed);
    }
    order(&state, run, &mut failed);
    pace(&state, &mut failed);
    for conversation in &run.conversations {
        failed.extend(waiting(&state, run, conversation));
    }
    if history.request_faults == 0
        && history.accounts.iter().all(|a| a.outages.is_empty())
        && state.ambiguous.is_empty()
    {
        for message in run.messages.iter().filter(|m| m.direction == Direction::Out) {
            if message.status == Status::Unsure {
                failed.push(format!("{:?} is unsure without a reason", message.text));
            }
        }
    }
    failed
}

/// What was acknowledged is there exactly once; what was abandoned at most once.
fn received(state: &State, run: &Run, failed: &mut Vec<String>) {
    for event in &state.events {
        let Inbound::Message(message) = &event.inbound else { continue };
        let rows = run.messages.iter().filter(|m| m.direction == Direction::In && m.text == message.text).count();
        if event.acknowledged.is_some() && rows != 1 {
            failed.push(format!("{:?} was acknowledged and is there {rows} times", message.text));
        }
        if rows > 1 {
            failed.push(format!("{:?} is there {rows} times", message.text));
        }
        if event.acknowledged.is_none() && !event.abandoned {
            failed.push(format!("{:?} was never taken", message.text));
        }
    }
}

/// One message of an agent: sent at most once, its status true.
fn sent(state: &State, run: &Run, written: &Written, failed: &mut Vec<String>) {
    let Some(message) = run.messages.iter().find(|m| m.id == written.id) else {
        failed.push(format!("{:?} was taken by the store and is gone", written.text));
        return;
    };
    let (text, status) = (&written.text, message.status);
    let times = state.processed.iter().filter(|p| p.text == *text).count();
    let ambiguous = state.ambiguous.contains(text);
    if times > 1 {
        failed.push(format!("{text:?} was sent {times} times"));
    }
    if matches!(status, Status::Queued | Status::Sending) {
        failed.push(format!("{text:?} is still {} ({:?})", status.as_str(), message.error));
    }
    if times == 0 && matches!(status, Status::Sent | Status::Delivered | Status::Read) {
        failed.push(format!("{text:?} was never processed and is {}", status.as_str()));
    }
    if status == Status::Unsure && !ambiguous {
        failed.push(format!("{text:?} is unsure although every request for it was answered"));
    }
    let receipts = state.receipts.get(text).map_or(&[][..], Vec::as_slice);
    if status == Status::Failed && !receipts.contains(&Status::Failed) {
        failed.push(format!("{text:?} failed and nobody said so: {:?}", message.error));
    }
    // Chatera's receipts name the message by the id of its response.
    if state.accounts[written.account].plan.provider == "chatera" && state.accepted.contains(text) {
        let expected = receipts.iter().max().copied().unwrap_or(Status::Sent);
        let abandoned = state.events.iter().any(|e| e.abandoned && matches!(e.inbound, Inbound::Receipt(_)));
        if status != expected && !abandoned {
            failed.push(format!("{text:?} is {} and its receipts say {}", status.as_str(), expected.as_str()));
        }
    }
}

/// Messages reach each customer in the order in which they were written.
fn order(state: &State, run: &Run, failed: &mut Vec<String>) {
    let place: HashMap<&str, usize> =
        run.written.iter().enumerate().map(|(place, written)| (written.text.as_str(), place)).collect();
    let mut last: HashMap<(usize, &str), usize> = HashMap::new();
    for processed in &state.processed {
        let Some(place) = place.get(processed.text.as_str()) else {
            failed.push(format!("{:?} was sent and nobody wrote it", processed.text));
            continue;
        };
        let peer = run.written[*place].peer.as_str();
        if let Some(before) = last.insert((processed.account, peer), *place)
            && before > *place
        {
            failed.push(format!("{:?} reached {} after a later message", processed.text, processed.to));
        }
    }
}

/// A customer waits when their last message came after our last answer that went out, whatever the gateways' clocks say.
fn waiting(state: &State, run: &Run, conversation: &Conversation) -> Option<String> {
    let account = state.accounts.iter().position(|a| a.profile.account == conversation.account)?;
    let inbound = |event: &&Event| match &event.inbound {
        Inbound::Message(message) => event.account == account && message.peer.id == conversation.peer,
        _ => false,
    };
    // Nobody knows when a message was stored whose sender hung up.
    if state.events.iter().filter(inbound).any(|event| event.hung_up) {
        return None;
    }
    let customer = state.events.iter().filter(inbound).filter_map(|event| event.acknowledged).max();
    let went_out = |written: &&Written| {
        let status = run.messages.iter().find(|m| m.id == written.id).map(|m| m.status);
        written.account == account
            && written.peer == conversation.peer
            && matches!(status, Some(Status::Sent | Status::Delivered | Status::Read))
    };
    let answer = run.written.iter().filter(went_out).map(|written| written.at).max();
    let waits = customer > answer;
    (waits != conversation.waiting_since.is_some()).then(|| {
        let peer = &conversation.peer;
        format!("{peer} wrote at {customer:?}, was answered at {answer:?}, waits: {:?}", conversation.waiting_since)
    })
}

/// No minute has more requests than the gateway takes.
fn pace(state: &State, failed: &mut Vec<String>) {
    for account in &state.accounts {
        let (RateLimit::Requests(limit) | RateLimit::Sends(limit)) = account.provider.manifest().rate_limit;
        for (index, start) in account.requests.iter().enumerate() {
            let within = account.requests[index..].iter().take_while(|at| **at < *start + Duration::from_secs(60));
            if within.clone().count() > limit as usize {
                failed.push(format!("{}: {} requests in a minute", account.plan.name, within.count()));
                break;
            }
        }
    }
}
