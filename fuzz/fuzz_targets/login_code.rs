//! The text of a login code that is drawn.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loket::fuzzing::login_code(bytes));
