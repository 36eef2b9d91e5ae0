//! AISHA: a self-hosted Telegram studio for AI images.
pub mod metrics;
pub mod sandbox;
pub mod settings;
pub mod telemetry;
pub mod web;
