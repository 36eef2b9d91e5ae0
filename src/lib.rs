//! AISHA: a self-hosted Telegram studio for AI images.
//cache
pub mod downloads;
pub mod fal;
//objects
mod outgoing;
pub mod sandbox;
