//! A voice note.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loket::fuzzing::voice_note(bytes));
