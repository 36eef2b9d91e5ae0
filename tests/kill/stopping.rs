//! SIGTERM, and two bots for one database.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use super::{
    chat::{Chat, PATIENCE, View},
    house::{FAST, House},
    oracle::books_are_right,
    program::Program,
};

const FIRST_PERSON: i64 = 801;
const PEOPLE: i64 = 20;

/// What DESIGN 4 allows.
const STOPPING_MAX: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_finishes_what_is_in_hand_and_loses_nothing() {
    let house = House::new(FAST).await;
    let (_sandbox, info) = house.sandbox();
    let bot = house.started(&mut house.bot(&info)).await;
    let people: Vec<Chat> = (FIRST_PERSON..FIRST_PERSON + PEOPLE).map(|id| info.chat(id)).collect();
    for chat in &people {
        chat.generate("a harbour in the rain").await;
    }
    // In the middle of it: everybody asks once more.
    for chat in &people {
        chat.say("/balance").await;
    }
    let (status, took) = bot.stop(STOPPING_MAX).await;
    assert_eq!(status.code(), Some(0), "{}", house.log());
    println!("stopped in {took:?}");

    let mut rows = house.rows();
    assert_eq!(rows.count("inbox WHERE attempts > 0 OR deaths > 0"), 0);
    drop(rows);
    for chat in &people {
        chat.say("/start").await;
    }
    let bot = house.started(&mut house.bot(&info)).await;
    for chat in &people {
        let answered = |view: &View| {
            view.results().len() == 1
                && view.with_button("1hi.0").is_some()
                && view.with_button("1hp").is_some()
        };
        chat.until("picture, balance and menu", answered).await;
    }
    house.rows().settle().await;
    let mut rows = house.rows();
    assert_eq!(rows.quarantined(), Vec::<String>::new());
    assert_eq!(rows.count("generation WHERE failure = 'quarantined'"), 0);
    assert_eq!(rows.count("inbox WHERE attempts > 0 OR deaths > 0"), 0, "a stop is no death");
    books_are_right(&house, &mut rows);
    let (status, _) = bot.stop(STOPPING_MAX).await;
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_bot_on_the_same_database_is_refused_with_one_line() {
    let house = House::new(FAST).await;
    let mut first = house.started(&mut house.command(&["serve"])).await;
    let mut second = house.command(&["serve"]);
    second.env("HTTP_BIND", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped());
    let asked = Instant::now();
    let refused = second.output().expect("it runs");
    assert!(asked.elapsed() < PATIENCE);
    assert!(!refused.status.success());
    let words = String::from_utf8(refused.stderr).expect("text");
    assert_eq!(words.trim_end().lines().count(), 1, "{words}");
    assert!(words.contains("serve") || words.contains("database"), "{words}");
    assert!(refused.stdout.is_empty());

    assert_eq!(first.ended(), None);
    let chat = house.info().await.chat(FIRST_PERSON);
    chat.say("/start").await;
    chat.until("menu", |view| view.with_button("1gl").is_some()).await;
    first.kill();
    let again: Program = house.started(&mut house.command(&["serve"])).await;
    let (status, _) = again.stop(STOPPING_MAX).await;
    assert!(status.success(), "{status}: a lock that died with its owner");
}
