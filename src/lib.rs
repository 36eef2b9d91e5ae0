//! AISHA: a self-hosted Telegram studio for AI images.
pub mod app;
pub mod cli;
pub mod db;
pub mod metrics;
pub mod sandbox;
pub mod settings;
pub mod telemetry;
pub mod web;
pub mod world;
