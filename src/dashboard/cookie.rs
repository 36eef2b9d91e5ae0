//! Cookies: what is read from a request and set by an answer.

use actix_web::http::header::{COOKIE, HeaderMap};

/// Headers with more are not looked into.
const LEN_MAX: usize = 8 * 1024;

/// How long a browser remembers a choice, such as the language.
const CHOICE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// The name of the session's cookie. With TLS the browser holds it to this host and to TLS.
pub(super) const fn session_name(https: bool) -> &'static str {
    if https { "__Host-aisha_admin" } else { "aisha_admin" }
}

/// The value of a cookie.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).filter_map(|line| line.to_str().ok());
    lines
        .filter(|line| line.len() <= LEN_MAX)
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// For as long as the browser is open; the server ends it earlier.
pub(super) fn session(token: &str, https: bool) -> String {
    format!("{}={token}; {}", session_name(https), attributes(https))
}

pub(super) fn no_session(https: bool) -> String {
    format!("{}=; Max-Age=0; {}", session_name(https), attributes(https))
}

/// A choice that is no secret. Name and value are ours.
pub(super) fn choice(name: &str, value: &str, https: bool) -> String {
    format!("{name}={value}; Max-Age={CHOICE_SECONDS}; {}", attributes(https))
}

fn attributes(https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("Path=/; HttpOnly; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; xaisha_admin=2;aisha_admin=3"));
        assert_eq!(read(&headers, "aisha_admin"), Some("3"));
        assert_eq!(read(&headers, "b"), None);
    }
}
