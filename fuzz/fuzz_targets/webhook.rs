//! The body of a webhook, to every gateway in every mode.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loket::fuzzing::webhook(bytes));
