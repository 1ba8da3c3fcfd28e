//! Loket: a terminal inbox for customer service. This page becomes the map.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod listener;
pub mod providers;
pub mod sandbox;
pub mod store;
pub mod text;
pub mod tui;
