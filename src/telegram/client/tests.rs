use std::time::Duration;

use aisha_actors::port::Kind;
use serde_json::json;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::*;
use crate::telegram::{
    error::Meaning,
    fake::{BotApi, TOKEN},
};

async fn fails(client: &Client) -> Error {
    client.call::<Value>("sendMessage", &json!({"chat_id": 7, "text": "x"})).await.unwrap_err()
}

/// A client of a port where `serve` deals with whatever connects, until the set is dropped.
async fn client_of<F>(
    serve: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> (Client, JoinSet<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream).await;
        }
    });
    let mut settings = Settings::new(format!("http://{address}"), TOKEN);
    settings.call_timeout = Duration::from_millis(300);
    (Client::new(settings).unwrap(), server)
}

#[tokio::test]
async fn typed_methods_work_and_connections_are_kept() {
    let api = BotApi::start().await;
    let client = api.client();
    for _ in 0..3 {
        assert_eq!(client.get_me().await.unwrap().result.username.as_deref(), Some("aisha_bot"));
    }
    let peers: std::collections::HashSet<_> = api.calls().iter().map(|call| call.peer).collect();
    assert_eq!(peers.len(), 1);
}

#[tokio::test]
async fn a_file_goes_up_from_memory_with_objects_as_json_text() {
    let api = BotApi::start().await;
    let bytes = Bytes::from(vec![9u8; 300_000]);
    let upload = Upload { name: "a.jpg".into(), image_type: ImageType::Jpeg, bytes: bytes.clone() };
    let params = json!({"chat_id": 7, "photo": ATTACHED, "reply_markup": {"inline_keyboard": []}});
    let sent: Value = api.client().upload("sendPhoto", &params, &upload).await.unwrap();
    assert_eq!(sent["photo"][1]["file_id"], "large");
    let call = api.calls().remove(0);
    assert_eq!(call.params, params);
    assert_eq!(call.file, Some(("a.jpg".into(), "image/jpeg".into(), bytes.to_vec())));
}

#[tokio::test]
async fn a_path_is_never_uploaded() {
    let api = BotApi::start().await;
    let params = frankenstein::methods::SendPhotoParams::builder()
        .chat_id(7)
        .photo(PathBuf::from("/etc/passwd"))
        .build();
    let refused = api.client().send_photo(&params).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Permanent);
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn refused_and_unknown_addresses_are_surely_not_done() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for url in [format!("http://{free}"), "http://bot-api.invalid".to_owned()] {
        let client = Client::new(Settings::new(url, TOKEN)).unwrap();
        let error = fails(&client).await;
        assert_eq!(error.kind(), Kind::Transient, "{error}");
        assert!(!error.to_string().contains("SECRET") && !error.to_string().contains("http://"));
    }
}

#[tokio::test]
async fn a_reset_or_a_silence_after_sending_is_ambiguous() {
    let (client, _server) = client_of(|mut stream| async move {
        let read = stream.read(&mut [0; 1024]).await;
        assert!(read.is_ok_and(|n| n > 0));
    })
    .await;
    assert_eq!(fails(&client).await.kind(), Kind::Ambiguous);
    let (client, _server) = client_of(|mut stream| async move {
        while stream.read(&mut [0; 1024]).await.is_ok_and(|n| n > 0) {}
    })
    .await;
    let error = fails(&client).await;
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert!(!error.to_string().contains("SECRET"), "{error}");
}

#[tokio::test]
async fn each_answer_has_its_kind() {
    let api = BotApi::start().await;
    let client = api.client();
    api.limit("sendMessage", 70_000);
    let limited = Kind::RateLimited { retry_after: Duration::from_secs(70_000) };
    assert_eq!(fails(&client).await.kind(), limited);
    for (status, body, kind) in [
        (502, json!("<html>bad gateway</html>"), Kind::Ambiguous),
        (500, json!({"ok": false, "error_code": 500, "description": "x"}), Kind::Ambiguous),
        (200, json!("<html>a login page</html>"), Kind::Ambiguous),
        (200, json!({"ok": true}), Kind::Ambiguous),
        (302, json!("elsewhere"), Kind::Transient),
        (404, json!("not here"), Kind::Transient),
        (403, json!({"ok": false, "error_code": 403, "description": "blocked"}), Kind::Forbidden),
    ] {
        api.next_answers("sendMessage", [(status, body.clone())]);
        let error = fails(&client).await;
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn a_foreign_body_is_kept_for_the_log_without_the_token() {
    let api = BotApi::start().await;
    let page = format!("<h1>\r\n\u{1b}[31mno /bot{TOKEN}/sendMessage here</h1>{}", "x".repeat(999));
    api.next_answers("sendMessage", [(502, json!(page))]);
    let error = fails(&api.client()).await.to_string();
    assert!(error.contains("no /bot<token>/sendMessage here"), "{error}");
    assert!(error.len() < 400 && !error.chars().any(char::is_control));
}

#[tokio::test]
async fn the_proxy_is_used_and_nothing_shows_its_password_or_the_token() {
    let api = BotApi::start().await;
    let mut settings = Settings::new("http://bot-api.invalid", TOKEN);
    settings.proxy = Some(format!("http://me:PASSWORD@{}", api.address));
    let client = Client::new(settings.clone()).unwrap();
    assert!(client.get_me().await.is_ok());
    assert_eq!(api.methods(), ["getMe"]);
    settings.proxy = Some("socks9://PASSWORD@[".to_owned());
    let refused = Client::new(settings.clone()).unwrap_err();
    let shown = format!("{client:?} {settings:?} {refused} {refused:?}");
    assert!(!shown.contains("PASSWORD") && !shown.contains("SECRET"), "{shown}");
}

#[tokio::test]
async fn a_wrong_token_is_named_and_may_work_later() {
    let api = BotApi::start().await;
    let mut settings = api.settings();
    settings.token = "43:OTHER".to_owned();
    let error = fails(&Client::new(settings.clone()).unwrap()).await;
    assert_eq!((error.meaning(), error.kind()), (Meaning::Unauthorized, Kind::Transient));
    for token in ["", "a/../b", "x y"] {
        settings.token = token.to_owned();
        assert!(Client::new(settings.clone()).is_err());
    }
}
