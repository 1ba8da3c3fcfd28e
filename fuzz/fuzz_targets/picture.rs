//! Customers' pictures and documents.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loket::fuzzing::picture(bytes));
