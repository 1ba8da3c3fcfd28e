//! The only record. (Being built.)
