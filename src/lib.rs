//! AISHA: a self-hosted Telegram studio for AI images.
pub mod sandbox;
pub mod settings;
