//! AISHA: a self-hosted Telegram studio for AI images.
pub mod db;
pub mod sandbox;
pub mod telegram;
