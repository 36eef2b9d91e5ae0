//! Words in a prompt by which visitors and tests make a job misbehave.

use serde_json::Value;

/// Each word and what it does, for the pages that explain it.
pub const MAGIC_WORDS: [(&str, &str); 8] = [
    ("#unsafe", "the safety filter blocks it: 422 content_policy_violation"),
    ("#fail", "the model breaks: 500 internal_server_error"),
    ("#slow", "ten times the usual wait and run"),
    ("#stuck", "runs for ever and holds no place; only a cancel ends it"),
    ("#garbage", "a result of the wrong shape"),
    ("#partial", "one picture fewer than asked"),
    ("#lost", "the pictures' URLs answer 404"),
    ("#testurl", "the first picture's URL is on example.com"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Unsafe,
    Fail,
    Slow,
    Stuck,
    Garbage,
    Partial,
    Lost,
    TestUrl,
}

impl Word {
    fn text(self) -> &'static str {
        match self {
            Self::Unsafe => "#unsafe",
            Self::Fail => "#fail",
            Self::Slow => "#slow",
            Self::Stuck => "#stuck",
            Self::Garbage => "#garbage",
            Self::Partial => "#partial",
            Self::Lost => "#lost",
            Self::TestUrl => "#testurl",
        }
    }

    /// Whether the input's prompt says the word, in any letter case, as a word of its own.
    pub(super) fn is_in(self, input: &Value) -> bool {
        let prompt = input.get("prompt").and_then(Value::as_str).unwrap_or_default();
        prompt
            .split(|c: char| !(c.is_alphanumeric() || c == '#' || c == '_'))
            .any(|word| word.eq_ignore_ascii_case(self.text()))
    }
}
