//! The value of a signature header and a body.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loket::fuzzing::signature(bytes));
