//! Telegram and FAL: one free question each, with the token and the key that were given.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::{Finding, Verdict};
use crate::{
    fal::{
        self, KeyCheck,
        payloads::{self, Deleter},
    },
    settings::{Mode, Secret, Settings},
    telegram,
    world::SystemClock,
};

/// What `getMe` tells, as far as it is shown.
#[derive(Deserialize)]
struct Me {
    username: Option<String>,
}

/// Asks both at once.
pub(super) async fn check(settings: &Settings) -> [Finding; 2] {
    let (telegram, fal) = futures::join!(telegram(settings), fal(settings));
    [telegram, fal]
}

async fn telegram(settings: &Settings) -> Finding {
    let finding = |verdict, words: String| Finding::new("telegram", verdict, words);
    let Some(token) = settings.mode.token() else {
        return finding(Verdict::Ok, "pretended by the sandbox".to_owned());
    };
    let mut reach = telegram::client::Settings::new(&settings.telegram.api_url, token.expose());
    reach.proxy = plain(settings.telegram.proxy.as_ref());
    let client = match telegram::Client::new(reach) {
        Ok(client) => client,
        Err(error) => return finding(Verdict::Trouble, error.to_string()),
    };
    match client.call::<Me>("getMe", &json!({})).await {
        Ok(Me { username: Some(name) }) => finding(Verdict::Ok, format!("the bot is @{name}")),
        Ok(Me { username: None }) => finding(Verdict::Ok, "the token is good".to_owned()),
        Err(telegram::Error::Refused { code: 401 | 404, .. }) => {
            finding(Verdict::Trouble, "Telegram does not know TELEGRAM_TOKEN".to_owned())
        }
        Err(error) => finding(Verdict::Trouble, error.to_string()),
    }
}

async fn fal(settings: &Settings) -> Finding {
    let finding = |verdict, words: String| Finding::new("fal", verdict, words);
    let Mode::Real { fal_key, .. } = &settings.mode else {
        return finding(Verdict::Ok, "pretended by the sandbox".to_owned());
    };
    let reach = fal::Settings {
        key: fal_key.expose().to_owned(),
        queue_url: settings.fal.queue_url.clone(),
        proxy: plain(settings.fal.proxy.as_ref()),
        webhook_url: settings.fal.webhook_url.clone(),
    };
    let client = match fal::Client::new(&reach, Arc::new(SystemClock)) {
        Ok(client) => client,
        Err(error) => return finding(Verdict::Trouble, error.to_string()),
    };
    if let Some(trouble) = trouble(client.check_key().await, "FAL_KEY") {
        return finding(Verdict::Trouble, trouble);
    }
    let Some(admin_key) = plain(settings.fal.admin_key.as_ref()) else {
        return finding(Verdict::Ok, "the key is good".to_owned());
    };
    let (api_url, proxy) = (settings.fal.api_url.clone(), plain(settings.fal.proxy.as_ref()));
    match Deleter::new(&payloads::Settings { admin_key, api_url, proxy }) {
        Ok(deleter) => match trouble(deleter.check_key().await, "FAL_ADMIN_KEY") {
            Some(trouble) => finding(Verdict::Trouble, trouble),
            None => finding(Verdict::Ok, "the key is good, and so is FAL_ADMIN_KEY".to_owned()),
        },
        Err(error) => finding(Verdict::Trouble, error.to_string()),
    }
}

fn trouble(check: KeyCheck, name: &str) -> Option<String> {
    match check {
        KeyCheck::Valid => None,
        KeyCheck::Rejected => Some(format!("FAL does not take {name}")),
        KeyCheck::Locked => Some("the account at FAL is empty or locked".to_owned()),
        KeyCheck::Unknown(why) => Some(why),
    }
}

fn plain(secret: Option<&Secret>) -> Option<String> {
    secret.map(|secret| secret.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, net::SocketAddr};

    use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::StatusCode, web};

    use super::*;
    use crate::settings::{Sources, load};

    /// A Telegram and a FAL that know one token and one key.
    async fn strangers(request: HttpRequest) -> HttpResponse {
        let key = request.headers().get("authorization").map(|value| value.as_bytes());
        match (request.path(), key) {
            ("/bot1:good/getMe", _) => HttpResponse::Ok()
                .json(json!({"ok": true, "result": {"id": 1, "username": "a_bot"}})),
            (path, _) if path.starts_with("/bot") => HttpResponse::Unauthorized()
                .json(json!({"ok": false, "error_code": 401, "description": "Unauthorized"})),
            (_, Some(b"Key good")) => HttpResponse::new(StatusCode::NOT_FOUND),
            (path, Some(b"Key admin")) if path.starts_with("/v1/models/requests/") => {
                HttpResponse::new(StatusCode::NOT_FOUND)
            }
            (_, Some(b"Key poor")) => HttpResponse::Forbidden()
                .json(json!({"detail": "User is locked. Reason: Exhausted balance."})),
            _ => HttpResponse::Unauthorized().json(json!({"detail": "Cannot access application"})),
        }
    }

    async fn asked(address: SocketAddr, token: &str, key: &str) -> [Finding; 2] {
        asked_with(address, token, key, "").await
    }

    async fn asked_with(
        address: SocketAddr,
        token: &str,
        key: &str,
        admin_key: &str,
    ) -> [Finding; 2] {
        let dir = tempfile::tempdir().unwrap();
        let base = format!("http://{address}");
        let environment = [
            ("TELEGRAM_TOKEN", token),
            ("FAL_KEY", key),
            ("TELEGRAM_API_URL", &base),
            ("FAL_QUEUE_URL", &base),
            ("FAL_ADMIN_KEY", admin_key),
            ("FAL_API_URL", &base),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = BTreeMap::from(environment);
        let sources = Sources { config: None, folder: dir.path().into(), environment };
        check(&load(sources).unwrap()).await
    }

    #[actix_web::test]
    async fn token_and_key_are_tried() {
        let server = HttpServer::new(|| App::new().default_service(web::to(strangers)))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")
            .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);

        let [telegram, fal] = asked(address, "1:good", "good").await;
        assert_eq!((telegram.verdict, fal.verdict), (Verdict::Ok, Verdict::Ok), "{}", fal.words);
        assert!(telegram.words.contains("@a_bot"));
        let [telegram, fal] = asked(address, "2:CANARY", "CANARY").await;
        assert_eq!((telegram.verdict, fal.verdict), (Verdict::Trouble, Verdict::Trouble));
        assert!(!format!("{}{}", telegram.words, fal.words).contains("CANARY"));
        let [_, fal] = asked_with(address, "1:good", "good", "admin").await;
        assert!(fal.verdict == Verdict::Ok && fal.words.contains("FAL_ADMIN_KEY"), "{}", fal.words);
        let [_, fal] = asked_with(address, "1:good", "good", "CANARY").await;
        assert!(fal.verdict == Verdict::Trouble && fal.words.contains("FAL_ADMIN_KEY"));
        assert!(!fal.words.contains("CANARY"));
        let [_, fal] = asked(address, "1:good", "poor").await;
        assert!(fal.verdict == Verdict::Trouble && fal.words.contains("empty or locked"));
        let [telegram, fal] = asked(address, "1:good", "sandbox").await;
        assert_eq!((telegram.verdict, fal.verdict), (Verdict::Ok, Verdict::Ok));

        handle.stop(false).await;
        let [telegram, fal] = asked(address, "1:CANARY", "CANARY").await;
        assert_eq!((telegram.verdict, fal.verdict), (Verdict::Trouble, Verdict::Trouble));
        assert!(!format!("{}{}", telegram.words, fal.words).contains("CANARY"));
    }
}
