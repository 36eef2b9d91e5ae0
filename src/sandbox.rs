//! The stand-ins: a Bot API server and a FAL queue on loopback that speak the real wire formats, and
//! the chat page where a visitor plays the Telegram user. The bot reaches them over HTTP through the
//! very adapters that it uses in production.
//!
//! Everything here is kept in `$DATA_DIR/sandbox` and committed before it is answered, so that after
//! `kill -9` every old button, `file_id` and `request_id` still works and no id is issued twice.

pub mod fal;
pub mod faults;
pub mod journal;
pub mod picture;
pub mod store;
