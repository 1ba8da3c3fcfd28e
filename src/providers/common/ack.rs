//! Acknowledgement codes of whatsapp-web.js, which gateways pass through (providers.md 4.1).
use crate::domain::{Failure, Status};

/// The code of a message that WhatsApp has not taken yet: less than a gateway's response to the send has proved.
pub(crate) const PENDING: &str = "0";

const CODES: &[(i8, &str, Status)] = &[
    (-1, "ERROR", Status::Failed),
    (1, "SERVER", Status::Sent),
    (2, "DEVICE", Status::Delivered),
    (3, "READ", Status::Read),
    (4, "PLAYED", Status::Read),
];

/// The status that a code stands for, and the failure of an error.
pub(crate) fn status(code: &str) -> Option<(Status, Option<Failure>)> {
    let (_, _, status) = *CODES.iter().find(|(number, _, _)| number.to_string() == code)?;
    Some((status, (status == Status::Failed).then(|| Failure::new("ack_error", ""))))
}

/// The code with this name.
pub(crate) fn code(name: &str) -> Option<String> {
    if name == "PENDING" {
        return Some(PENDING.to_owned());
    }
    CODES.iter().find(|(_, own, _)| *own == name).map(|(number, _, _)| number.to_string())
}

/// The code and its name that report a status, for simulators; `None` for a status that no acknowledgement reports.
pub(crate) fn for_status(status: Status) -> Option<(i8, &'static str)> {
    CODES.iter().find(|(_, _, own)| *own == status).map(|(number, name, _)| (*number, *name))
}
