//! The conversation: JSON text beside the version it was written in.

use aisha_actors::domain::conversation::{Conversation, VERSION};
use serde_json::Value;

/// The stored form of a conversation in the present version.
pub(in crate::db) fn encode_conversation(
    conversation: &Conversation,
) -> Result<String, serde_json::Error> {
    serde_json::to_string(conversation)
}

/// Reads a stored conversation. Total: of an unknown version, or a body that does not fit its version,
/// each part that can be read is kept, except the way back: the person goes home.
pub(in crate::db) fn decode_conversation(version: i64, body: &str) -> Conversation {
    if version == i64::from(VERSION)
        && let Ok(conversation) = serde_json::from_str(body)
    {
        return conversation;
    }
    tracing::warn!(version, "a conversation of another version goes home");
    let Ok(Value::Object(mut parts)) = serde_json::from_str(body) else {
        return Conversation::default();
    };
    let mut take = |name: &str| parts.remove(name).unwrap_or_default();
    Conversation {
        language: serde_json::from_value(take("language")).unwrap_or_default(),
        offset: serde_json::from_value(take("offset")).unwrap_or_default(),
        stack: Vec::new(),
        draft: serde_json::from_value(take("draft")).unwrap_or_default(),
        filters: serde_json::from_value(take("filters")).unwrap_or_default(),
    }
}
