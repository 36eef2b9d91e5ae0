//! What looks like a secret, though nobody told us that it is one: for text that leaves the house. Rather
//! too much than too little.

/// Stands where something was.
const GONE: &str = "***";

/// Names in front of `=` or `:` whose value is nobody's business.
const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "secret",
    "secret_key",
    "access_key",
    "private_key",
    "token",
    "authorization",
    "signature",
    "api_key",
    "apikey",
];

/// Words after which a secret follows.
const SCHEMES: [&str; 3] = ["Key", "Bearer", "Basic"];

/// A line without passwords in addresses, queries, tokens of bots, keys of FAL and values of fields that
/// are named like secrets.
pub fn redact(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut hides_next = false;
    // Also between quotes and brackets: `{"token":"..."}` has no spaces.
    for word in line.split_inclusive(|c: char| c.is_whitespace() || "\"'`,;(){}[]<>".contains(c)) {
        let end = word.char_indices().next_back().map_or(0, |(at, _)| at);
        let last = word.chars().next_back().unwrap_or(' ');
        let cut = last.is_whitespace() || "\"'`,;(){}[]<>".contains(last);
        let (body, mark) = word.split_at(if cut { end } else { word.len() });
        if body.is_empty() || body == ":" || body == "=" {
            clean.push_str(word);
            continue;
        }
        if hides_next && !SCHEMES.contains(&body) {
            clean.push_str(GONE);
            hides_next = false;
        } else {
            clean.push_str(&one(body));
        }
        // A name in a sentence is no name of a field.
        let is_field = body.ends_with([':', '=']) || mark == "\"";
        hides_next |= SCHEMES.contains(&body) || (is_field && is_name(body));
        clean.push_str(mark);
    }
    clean
}

/// What came from outside, for the operator to look at: redacted, and cut to so many characters.
pub fn excerpt(text: &str, chars_max: usize) -> String {
    // JSON may spell an address so that it is not seen as one: `https:\/\/`.
    let read = serde_json::from_str::<serde_json::Value>(text);
    let clean = redact(&read.map_or_else(|_| text.to_owned(), |value| value.to_string()));
    // Cut last: half of a secret does not look like one.
    match clean.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean,
    }
}

/// Whether a word is a name whose value follows: `token`, `"secret_key"`, `password:`, `TOKEN=`.
fn is_name(word: &str) -> bool {
    let name = word.trim_end_matches([':', '=']).to_ascii_lowercase();
    NAMES.iter().any(|known| name.ends_with(known))
}

fn one(word: &str) -> String {
    if let Some(at) = word.find("://") {
        return address(word, at);
    }
    if let Some((name, value)) = word.split_once('=')
        && !value.is_empty()
    {
        let shown = if is_name(name) { GONE.to_owned() } else { one(value) };
        return format!("{name}={shown}");
    }
    // 123456:ABC-DEF of a bot, {uuid}:{hex} of FAL.
    if let Some((id, secret)) = word.split_once(':')
        && id.len() >= 5
        && secret.len() >= 20
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    {
        return format!("{id}:{GONE}");
    }
    // A path of the Bot API without its host.
    match word.find("/bot") {
        Some(at) => bot_path(word, at),
        None => word.to_owned(),
    }
}

/// An address keeps its host and path: no password, no query, no token of a bot.
fn address(word: &str, at: usize) -> String {
    let (scheme, rest) = word.split_at(at + 3);
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?***"));
    let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let host = host.rsplit_once('@').map_or(host.to_owned(), |(_, host)| format!("{GONE}@{host}"));
    let path = path.find("/bot").map_or(path.to_owned(), |at| bot_path(path, at));
    format!("{scheme}{host}{path}{query}")
}

fn bot_path(path: &str, at: usize) -> String {
    let (before, rest) = path.split_at(at + 4);
    let (token, after) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    match token.split_once(':') {
        Some((id, _)) => format!("{before}{id}:{GONE}{after}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{excerpt, redact};

    #[test]
    fn an_excerpt_has_no_secret_and_no_more_than_was_wanted() {
        let update = r#"{"update_id":7,"message":{"text":"see https:\/\/s3.local\/a.jpg?X-Amz-Signature=CANARY",
            "caption":"my bot is 123456:CANARYCANARYCANARYCANARY","token":"CANARY"}}"#;
        let whole = excerpt(update, 1000);
        assert!(!whole.contains("CANARY"), "{whole}");
        assert!(whole.contains("https://s3.local/a.jpg?***") && whole.contains("123456:***"));
        let cut = excerpt(update, 60);
        assert_eq!(cut.chars().count(), 61);
        assert!(whole.starts_with(cut.trim_end_matches('…')));
        // A secret that the cut goes through was hidden before.
        assert_eq!(excerpt("is 123456:CANARYCANARYCANARYCANARY", 12), "is 123456:**…");
        assert_eq!(excerpt("жжж", 2), "жж…");
    }

    #[test]
    fn secrets_go_whatever_they_stand_in() {
        for (line, clean) in [
            ("INFO sent chat=7 took=3ms", "INFO sent chat=7 took=3ms"),
            ("at https://v3.fal.media/files/a.jpg ok", "at https://v3.fal.media/files/a.jpg ok"),
            (
                "get https://s3.local/imagen4/a.jpg?X-Amz-Signature=CANARY&x=1 ok",
                "get https://s3.local/imagen4/a.jpg?*** ok",
            ),
            ("to redis://:CANARY@cache:6379/0", "to redis://***@cache:6379/0"),
            ("postgres://bot:CANARY@db/aisha: refused", "postgres://***@db/aisha: refused"),
            (
                "https://api.telegram.org/bot123456:CANARYCANARYCANARYCANARY/getMe",
                "https://api.telegram.org/bot123456:***/getMe",
            ),
            ("POST /bot123456:CANARY/sendPhoto", "POST /bot123456:***/sendPhoto"),
            ("Authorization: Key CANARY-CANARY", "Authorization: Key ***"),
            ("password=CANARY next", "password=*** next"),
            ("secret_key: CANARY next", "secret_key: *** next"),
            ("telegram: the token is good", "telegram: the token is good"),
            ("{\"token\":\"CANARY\",\"n\":1}", "{\"token\":\"***\",\"n\":1}"),
            (
                "key 0123abcd-0000-1111-2222-333344445555:CANARYCANARYCANARYCANARY.",
                "key 0123abcd-0000-1111-2222-333344445555:***",
            ),
        ] {
            assert_eq!(redact(line), clean);
            assert!(!redact(line).contains("CANARY"));
        }
    }
}
