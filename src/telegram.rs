//! Telegram: reads updates, says things, paces itself. Only this module knows the Bot API's types.
//!
//! ```text
//! updates ──► parse ──► (sink)      client: HTTP, errors, uploads
//! messenger ──► render ──► text     pace:   who may call, and when
//!     └──► pace ──► client          commands: the list behind the "/" button
//! ```

pub mod client;
pub mod commands;
pub mod error;
mod html;
pub mod messenger;
pub mod pace;
pub mod parse;
pub mod render;
pub mod text;
pub mod updates;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fake;

pub use client::Client;
pub use error::Error;
pub use messenger::Telegram;
pub use parse::{BotName, TelegramParser};
pub use text::Words;
