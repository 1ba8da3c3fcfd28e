//! Loket: a terminal inbox for customer service. This page becomes the map.

pub mod config;
pub mod domain;
pub mod providers;
pub mod sandbox;
pub mod store;
pub mod text;
