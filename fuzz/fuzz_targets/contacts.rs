//! A contact list as CSV.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loket::fuzzing::contacts(bytes));
