//! One person's actor panics again and again; nobody else notices.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{
    chat::Chat,
    house::{FAST, House},
    oracle::books_are_right,
};

const CRASHING: i64 = 900;
const FIRST_OTHER: i64 = 1_001;
const OTHERS: i64 = 200;
const CRASHES: usize = 3;

const APOLOGY: &str = "set aside for the operator";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_again_and_again_is_nobody_elses_trouble() {
    let house = House::new(FAST).await;
    let bot = house.started(&mut house.command(&["serve"])).await;
    let info = house.info().await;

    let crashing = info.chat(CRASHING);
    crashing.say("/start").await;
    crashing.until("menu", |view| view.with_button("1gl").is_some()).await;
    let mut others = JoinSet::new();
    for id in FIRST_OTHER..FIRST_OTHER + OTHERS {
        others.spawn(use_it(info.chat(id)));
    }
    for _ in 0..CRASHES {
        crashing.say("/crash").await;
    }
    let said = crashing.say("/start").await;

    let mut waits = Vec::new();
    while let Some(one) = others.join_next().await {
        waits.extend(one.expect("everything was answered"));
    }
    waits.sort_unstable();
    let (median, worst) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    println!("{} updates of others answered: median {median:?}, worst {worst:?}", waits.len());

    let answered = |view: &super::chat::View| {
        view.the_bots().any(|one| one.message_id > said && one.button("1gl").is_some())
    };
    let apologies = |view: &super::chat::View| {
        view.the_bots().filter(|one| one.words().contains(APOLOGY)).count()
    };
    crashing.until("menu after the crashes", answered).await;
    crashing.until("an apology for each", |view| apologies(view) == CRASHES).await;

    house.rows().settle().await;
    let mut rows = house.rows();
    let set_aside = format!(
        "inbox WHERE state = 'quarantined' AND attempts = 3 AND deaths = 0 AND user_id = {CRASHING}"
    );
    assert_eq!(rows.count(&set_aside), i64::try_from(CRASHES).unwrap());
    assert_eq!(rows.quarantined().len(), CRASHES, "nothing else is set aside");
    assert_eq!(rows.count("inbox WHERE attempts > 0"), i64::try_from(CRASHES).unwrap());
    books_are_right(&house, &mut rows);
    let (status, _) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}

/// Words and presses, each followed until it is answered; how long each took.
async fn use_it(chat: Chat) -> Vec<Duration> {
    let mut waits = Vec::new();
    let asked = Instant::now();
    chat.say("/start").await;
    let view = chat.until("menu", |view| view.with_button("1gl").is_some()).await;
    waits.push(asked.elapsed());
    let menu = view.with_button("1gl").expect("it was just there").message_id;
    for (press, then) in [("1bl", "1hi.0"), ("1hm", "1st"), ("1st", "1ls"), ("1hm", "1im")] {
        let asked = Instant::now();
        let callback = chat.try_press(menu, press).await;
        let callback = callback.unwrap_or_else(|| panic!("no {press}"));
        let led = |view: &super::chat::View| {
            view.is_answered(&callback)
                && view.message(menu).is_some_and(|one| one.button(then).is_some())
        };
        chat.until(&format!("what {press} leads to"), led).await;
        waits.push(asked.elapsed());
    }
    waits
}
