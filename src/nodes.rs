//! What the nodes of one bot share beside the database: the pacing of calls to Telegram, and wake-ups.
//! All of it may be away at any time; then each node goes on alone, more slowly or less politely.

mod pacing;
mod wakes;

#[cfg(test)]
mod tests;

pub use pacing::{Pacing, is_pacing_key, pacing_pattern};
pub use wakes::Wakes;

/// A word that stands for a bot in the names of keys: its public number would do, but an operator who
/// looks at the keys needs not see whose they are.
pub fn bot_word(token: &str) -> String {
    use sha2::{Digest, Sha256};
    let number = token.split_once(':').map_or(token, |(number, _)| number);
    hex::encode(Sha256::digest(number)).chars().take(12).collect()
}
