//! A link against a Redis that is there, stopped, hung, killed, or speaks to nobody without a password.

use std::{sync::Arc, time::Duration};

use redis::cmd;
use tokio::sync::mpsc;

use super::{testing::Server, *};

/// Patient, so that a busy machine is not taken for a slow Redis.
pub(crate) fn patient(url: &str) -> Settings {
    let call_timeout = Duration::from_secs(20);
    Settings { call_timeout, connect_timeout: call_timeout, ..Settings::new(url) }
}

async fn up(settings: Settings) -> Link {
    let link = Link::open(settings).unwrap();
    tokio::time::timeout(Duration::from_secs(30), link.until_up()).await.expect("it came up");
    link
}

/// A database of one's own in the server that `scripts/servers/redis` runs.
pub(crate) async fn shared() -> (Link, redis::Connection) {
    let url = std::env::var("AISHA_TEST_REDIS_URL")
        .expect("AISHA_TEST_REDIS_URL is not set: run ./scripts/test, it starts a Redis");
    let base = url.trim_end_matches('/').to_owned();
    let mut counter = redis::Client::open(url).unwrap().get_connection().unwrap();
    let number: u32 = cmd("INCR").arg("aisha:test:databases").query(&mut counter).unwrap();
    let own = format!("{base}/{}", number % 1000 + 1);
    let mut client = redis::Client::open(own.as_str()).unwrap().get_connection().unwrap();
    cmd("FLUSHDB").query::<()>(&mut client).unwrap();
    (up(patient(&own)).await, client)
}

async fn echo(link: &Link) -> Result<String, Error> {
    link.query(cmd("ECHO").arg("hello")).await
}

#[tokio::test]
async fn a_hung_redis_costs_a_few_time_outs_and_no_more() {
    let server = Server::start();
    let settings = Settings {
        call_timeout: Duration::from_millis(50),
        connect_timeout: Duration::from_millis(200),
        ..Settings::new(server.url())
    };
    let link = up(settings).await;
    server.hang();
    let mut answers = Vec::new();
    for _ in 0..200 {
        answers.push(echo(&link).await);
    }
    let late = answers.iter().filter(|answer| **answer == Err(Error::Late)).count();
    let away = answers.iter().filter(|answer| **answer == Err(Error::Away)).count();
    assert_eq!(late, 3);
    assert_eq!(late + away, 200);
    assert_eq!(link.figures().openings, 1);
    server.go_on();
    link.until_up_anew().await;
    link.close().await;
    assert_eq!(echo(&link).await, Err(Error::Away));
}

#[tokio::test]
async fn a_killed_redis_is_noticed_at_once_and_found_again() {
    let mut server = Server::start();
    let link = up(patient(&server.url())).await;
    assert_eq!(echo(&link).await.as_deref(), Ok("hello"));
    server.kill();
    assert_eq!(echo(&link).await, Err(Error::Broken));
    assert_eq!(echo(&link).await, Err(Error::Away));
    assert!(!link.is_up());
    server.start_again();
    link.until_up_anew().await;
    assert_eq!(echo(&link).await.as_deref(), Ok("hello"));
    link.close().await;
}

#[tokio::test]
async fn opening_does_not_wait_and_closing_ends_all_of_it() {
    let mut server = Server::start();
    server.kill();
    let link = Link::open(patient(&server.url())).unwrap();
    assert_eq!(echo(&link).await, Err(Error::Away), "nobody waits");
    assert!(matches!(link.reach().await, Err(Error::Unreachable(_))), "and the reason is known");
    server.start_again();
    tokio::time::timeout(Duration::from_secs(30), link.until_up()).await.expect("found");
    let (told, mut heard) = mpsc::unbounded_channel();
    link.subscribe("c".to_owned(), move |news| told.send(news).unwrap());
    assert_eq!(heard.recv().await, Some(Heard::Subscribed));
    let clients = |server: &Server| -> String {
        let list: String = cmd("CLIENT").arg("LIST").query(&mut server.client()).unwrap();
        list.lines().filter(|line| !line.contains("cmd=client|list")).map(str::to_owned).collect()
    };
    assert!(!clients(&server).is_empty());
    link.close().await;
    assert_eq!(heard.recv().await, None, "the subscriber is let go");
    let until_gone = async {
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        while !clients(&server).is_empty() {
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), until_gone).await.expect("no connection is left");
}

#[tokio::test]
async fn a_wrong_password_is_said_and_never_shown() {
    let server = Server::with(&["--requirepass", "right"]);
    let url = server.url().replace("//", "//:CANARY@");
    let link = Link::open(patient(&url)).unwrap();
    let error = link.reach().await.unwrap_err();
    let said = format!("{error} {error:?} {link:?} {:?}", patient(&url));
    assert!(!said.contains("CANARY"), "{said}");
    assert!(error.to_string().to_lowercase().contains("password"), "{error}");
    assert_eq!(echo(&link).await, Err(Error::Away));
    link.close().await;
    let link = up(patient(&server.url().replace("//", "//:right@"))).await;
    assert_eq!(echo(&link).await.as_deref(), Ok("hello"));
    link.close().await;
    assert!(
        Link::open(Settings::new("http://:CANARY@x"))
            .is_err_and(|error| { !format!("{error} {error:?}").contains("CANARY") })
    );
}

#[tokio::test]
async fn what_redis_refuses_is_an_answer_and_does_not_open_the_breaker() {
    let (link, mut client) = shared().await;
    cmd("LPUSH").arg("list").arg("x").query::<()>(&mut client).unwrap();
    for _ in 0..20 {
        let refused = link.query::<String>(cmd("GET").arg("list")).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    assert!(link.is_up());
    assert_eq!(link.figures(), Figures { errors: 20, ..Figures::default() });
    link.close().await;
}

#[tokio::test]
async fn it_says_how_it_is_and_a_scratch_key_leaves_nothing() {
    let (link, _client) = shared().await;
    link.try_out().await.unwrap();
    let pong = link.ping().await.unwrap();
    assert!(pong.version.starts_with(|c: char| c.is_ascii_digit()), "{}", pong.version);
    assert!(pong.memory > 100_000);
    assert_eq!(pong.keys, 0);
    link.close().await;
}

#[tokio::test]
async fn a_sweep_takes_what_is_ours_and_nothing_else() {
    let (link, mut client) = shared().await;
    for n in 0..1200 {
        cmd("SET").arg(format!("ours:{n}")).arg(n).query::<()>(&mut client).unwrap();
    }
    cmd("SET").arg("ours:not").arg(1).query::<()>(&mut client).unwrap();
    cmd("SET").arg("theirs").arg(1).query::<()>(&mut client).unwrap();
    cmd("SET").arg(b"ours:\xff").arg(1).query::<()>(&mut client).unwrap();
    let ours = |name: &str| name != "ours:not";
    assert_eq!(link.sweep("ours:*", true, ours).await, Ok(1200));
    assert_eq!(link.ping().await.unwrap().keys, 1203, "a dry run takes nothing");
    assert_eq!(link.sweep("ours:*", false, ours).await, Ok(1200));
    assert_eq!(link.ping().await.unwrap().keys, 3);
    assert_eq!(link.sweep("ours:*", false, ours).await, Ok(0));
    link.close().await;
}

#[tokio::test]
async fn a_subscription_comes_back_after_a_restart() {
    let mut server = Server::start();
    let link = up(patient(&server.url())).await;
    let (told, mut heard) = mpsc::unbounded_channel();
    link.subscribe("c".to_owned(), move |news| _ = told.send(news));
    assert_eq!(heard.recv().await, Some(Heard::Subscribed));
    let say = |text: &str, server: &Server| {
        cmd("PUBLISH").arg("c").arg(text).query::<u64>(&mut server.client()).unwrap()
    };
    assert_eq!(say(&"x".repeat(5000), &server), 1);
    assert_eq!(say("one", &server), 1);
    assert_eq!(heard.recv().await, Some(Heard::Message("one".to_owned())), "too long is not heard");
    server.start_again();
    assert_eq!(heard.recv().await, Some(Heard::Subscribed));
    assert_eq!(say("two", &server), 1);
    assert_eq!(heard.recv().await, Some(Heard::Message("two".to_owned())));
    link.close().await;
}

#[tokio::test]
async fn work_that_nobody_waits_for_is_dropped_while_redis_is_away() {
    let mut server = Server::start();
    server.kill();
    let link = Link::open(patient(&server.url())).unwrap();
    let ran = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let noted = ran.clone();
    link.begin(async move { noted.store(true, std::sync::atomic::Ordering::SeqCst) });
    tokio::task::yield_now().await;
    assert!(!ran.load(std::sync::atomic::Ordering::SeqCst));
    link.close().await;
}

/// The system's roots are believed (or those of `SSL_CERT_FILE`: tests/kill/tls.rs), and nobody else.
#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let url = std::env::var("AISHA_TEST_REDIS_TLS_URL")
        .expect("AISHA_TEST_REDIS_TLS_URL is not set: run ./scripts/test, it starts a Redis");
    let link = Link::open(patient(&url)).unwrap();
    let error = link.reach().await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(echo(&link).await, Err(Error::Away));
    link.close().await;
}
