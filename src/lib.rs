//! AISHA: a self-hosted Telegram studio for AI images.
//cache
//downloads
pub mod fal;
//objects
mod outgoing;
pub mod sandbox;
