//! AISHA: a self-hosted Telegram studio for AI images.
pub mod db;
pub mod cache;
pub mod downloads;
pub mod fal;
pub mod objects;
mod outgoing;
pub mod sandbox;
pub mod telegram;
