//! The same tap twice, and the same update ten times, have one effect.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use super::{
    chat::{Chat, View, client},
    house::{FAST, House},
    oracle::books_are_right,
};

const ANN: i64 = 601;
const SECRET: &str = "a-secret-of-the-test";
const COPIES: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_taps_at_once_give_one_generation() {
    let house = House::new(FAST).await;
    let bot = house.started(&mut house.command(&["serve"])).await;
    let chat = house.info().await.chat(ANN);
    for round in 0..5 {
        let (message, data) = quote(&chat, &format!("tap {round} of a drum")).await;
        let (one, two) =
            tokio::join!(chat.try_press(message, &data), chat.try_press(message, &data));
        let pressed = [one, two].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(pressed.len(), 2, "both taps reach the bot");
        let answered = |view: &View| pressed.iter().all(|callback| view.is_answered(callback));
        chat.until("both answers", answered).await;
        chat.until("picture", |view| view.results().len() == round + 1).await;
    }
    house.rows().settle().await;
    let mut rows = house.rows();
    assert_eq!(rows.count("generation"), 5);
    assert_eq!(chat.view().await.results().len(), 5);
    books_are_right(&house, &mut rows);
    let (status, _) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_copies_of_an_update_have_one_effect_and_ten_times_200() {
    let house = House::new(FAST).await;
    let (_sandbox, info) = house.sandbox();
    let mut command = house.bot(&info);
    command
        .env("TELEGRAM_MODE", "webhook")
        .env("TELEGRAM_WEBHOOK_URL", house.url())
        .env("TELEGRAM_WEBHOOK_SECRET", SECRET);
    let bot = house.started(&mut command).await;
    let chat = info.chat(ANN);
    let (message, data) = quote(&chat, "ten bells in a tower").await;
    let url = format!("{}/telegram/webhook", house.url());

    let ann = json!({"id": ANN, "is_bot": false, "first_name": "Ann", "language_code": "en"});
    let private = json!({"id": ANN, "type": "private", "first_name": "Ann"});
    let tap = json!({"update_id": 900_000_001, "callback_query": {
        "id": "900000001", "from": ann, "chat_instance": "1", "data": data,
        "message": {"message_id": message, "chat": private, "date": 1_790_000_000, "text": "?",
            "from": {"id": 1, "is_bot": true, "first_name": "AISHA"}},
    }});
    let words = json!({"update_id": 900_000_002, "message": {
        "message_id": 900_000_002, "from": ann, "chat": private, "date": 1_790_000_000,
        "text": "/balance",
    }});

    assert_eq!(post(&url, &tap, Some("wrong")).await, 401);
    assert_eq!(post(&url, &tap, None).await, 401);
    assert_eq!(house.rows().count("generation"), 0, "nothing came of a wrong secret");
    for update in [&tap, &words] {
        let posts = (0..COPIES).map(|_| post(&url, update, Some(SECRET)));
        assert_eq!(join_all(posts).await, [200; COPIES]);
    }
    chat.until("picture", |view| view.results().len() == 1).await;
    house.rows().settle().await;
    assert_eq!(post(&url, &tap, Some(SECRET)).await, 200, "a late copy");
    house.rows().settle().await;

    let mut rows = house.rows();
    assert_eq!(rows.count("inbox WHERE update_id IN (900000001, 900000002)"), 2);
    assert_eq!(rows.count("generation"), 1);
    assert_eq!(chat.view().await.results().len(), 1);
    let journal = info.journal().await;
    let sent = journal.sent_to(ANN);
    let balances = sent.iter().filter(|call| call.buttons().iter().any(|data| data == "1hi.0"));
    assert_eq!(balances.count(), 1, "one answer to ten copies");
    assert_eq!(journal.submits().values().map(Vec::len).sum::<usize>(), 1);
    books_are_right(&house, &mut rows);
    let (status, _) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}

/// Asks for a quote; its message and the data of "Generate".
async fn quote(chat: &Chat, prompt: &str) -> (i64, String) {
    chat.say(&format!("/imagine {prompt}")).await;
    let found = |view: &View| {
        let quote = view
            .the_bots()
            .find(|one| one.words().contains(prompt) && one.button("1go.").is_some())?;
        Some((quote.message_id, quote.button("1go.")?))
    };
    let view = chat.until("quote", |view| found(view).is_some()).await;
    found(&view).expect("it was just there")
}

async fn post(url: &str, update: &Value, secret: Option<&str>) -> u16 {
    let mut request = client().post(url).json(update);
    if let Some(secret) = secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    request.send().await.expect("the bot answers").status().as_u16()
}
