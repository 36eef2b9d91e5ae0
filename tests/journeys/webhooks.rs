//! Updates and results that are brought to us, and those that somebody forged.

use serde_json::{Value, json};

use super::{picture, text};
use crate::support::{Forwarder, StandIns, TestApp, TestUser};

const SECRET: &str = "knock-knock_17";

async fn start() -> (TestApp, Forwarder) {
    let stand_ins = StandIns::start();
    let door = Forwarder::open().await;
    let jwks = format!("{}/.well-known/jwks.json", stand_ins.info().fal_queue_url);
    let app = TestApp::builder()
        .welcome(100)
        .config(&format!("fal.user_id = '{}'", stand_ins.fal_user_id()))
        .config("fal.poll_min_ms = 3600000\nfal.poll_max_ms = 3600000")
        .env("TELEGRAM_MODE", "webhook")
        .env("TELEGRAM_WEBHOOK_URL", &door.url())
        .env("TELEGRAM_WEBHOOK_SECRET", SECRET)
        .env("FAL_WEBHOOK_URL", &door.url())
        .env("FAL_JWKS_URLS", &jwks)
        .with(stand_ins)
        .start()
        .await;
    door.lead_to(app.address());
    (app, door)
}

/// Posts an update in Telegram's name.
async fn knock(app: &TestApp, secret: Option<&str>, update: &Value) -> u16 {
    let mut post = app.http().post(app.url("/telegram/webhook")).json(update);
    if let Some(secret) = secret {
        post = post.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    post.send().await.unwrap().status().as_u16()
}

fn press_of(update: i64, from: i64, message: i64, data: &str) -> Value {
    let person = json!({"id": from, "is_bot": false, "first_name": "Eve", "language_code": "en"});
    json!({
        "update_id": update,
        "callback_query": {
            "id": format!("forged-{update}"), "from": person, "chat_instance": "1", "data": data,
            "message": {
                "message_id": message, "date": 1_700_000_000, "text": "old",
                "chat": {"id": from, "type": "private", "first_name": "Eve"},
            },
        },
    })
}

/// Both webhooks do their work: the questions to the provider are an hour apart.
#[actix_rt::test]
async fn webhooks_bring_updates_and_results() {
    let (app, _door) = start().await;
    let ann = app.user(7).await;
    picture(&ann, "brought to the door").await;
    assert_eq!(app.balance(&ann).await, 95);
    assert_eq!(app.calls("telegram", "getUpdates").await.len(), 0);
    app.finish().await;
}

/// W-36: who does not know the secret is refused, and nothing happens.
#[actix_rt::test]
async fn strangers_at_the_door_are_refused() {
    let (app, _door) = start().await;
    let hello = json!({
        "update_id": 1,
        "message": {
            "message_id": 1, "date": 1_700_000_000, "text": "/start",
            "from": {"id": 66, "is_bot": false, "first_name": "Eve"},
            "chat": {"id": 66, "type": "private", "first_name": "Eve"},
        },
    });
    assert_eq!(knock(&app, None, &hello).await, 401);
    assert_eq!(knock(&app, Some("knock-knock_18"), &hello).await, 401);
    assert_eq!(knock(&app, Some(""), &hello).await, 401);
    let ann = app.user(7).await;
    ann.says("/start").await;
    ann.sees(|message| message.offers("im")).await;
    assert_eq!(app.database().await.figures().await.unwrap().people, 1);
    let id = "00".repeat(16);
    let forged =
        app.http().post(app.url(&format!("/fal/webhook/{id}"))).json(&json!({"status": "OK"}));
    let status = forged.send().await.unwrap().status().as_u16();
    assert!((400..500).contains(&status), "{status}");
    app.finish().await;
}

/// W-35: callback data need not come from a button. Garbage leads home; other people's pictures are
/// out of reach, whatever is done with their ids.
#[actix_rt::test]
async fn forged_presses_change_nothing() {
    let (app, _door) = start().await;
    let (ann, eve) = (app.user(7).await, app.user(66).await);
    let card = picture(&ann, "ann's own").await;
    eve.says("/start").await;
    let home = eve.sees(|message| message.offers("im")).await;
    let action = card.button("or").unwrap().action().unwrap().to_owned();
    let picture = action.strip_prefix("or.").unwrap().to_owned();
    let mut update = 9_000_000;
    for code in ["or", "ag", "nr", "cd", "ol", "nw", "fp", "da", "dl", "kp", "fv"] {
        let arguments = match code {
            "fp" => ".0",
            "da" | "dl" | "kp" => ".g",
            "fv" => ".1.g",
            _ => "",
        };
        let data = format!("1~{code}.{picture}{arguments}");
        update += 1;
        assert_eq!(knock(&app, Some(SECRET), &press_of(update, 66, home.id(), &data)).await, 200);
    }
    let generation = picture.split('.').next().unwrap();
    for data in [format!("1cn.{generation}"), format!("1wt.{generation}"), "1go.ffff".to_owned()] {
        update += 1;
        assert_eq!(knock(&app, Some(SECRET), &press_of(update, 66, home.id(), &data)).await, 200);
    }
    let long = "1".repeat(65);
    for data in ["", "zz", "2hm", "1", "1~", "1or.", "1or.xx.9", "\u{0}", "1ct.99", &long] {
        update += 1;
        assert_eq!(knock(&app, Some(SECRET), &press_of(update, 66, home.id(), data)).await, 200);
    }
    still_served(&app, &eve).await;
    let all = eve.messages();
    assert!(all.iter().all(|m| !m.says("ann's own") && m.photo().is_none()), "{all:#?}");
    ann.says("/gallery").await;
    let own = ann.sees(|message| message.offers("fl")).await;
    assert!(own.says("1 of 1") && !own.says("⭐"), "{}", own.text());
    assert_eq!((app.balance(&ann).await, app.balance(&eve).await), (95, 100));
    // Telegram never heard of those callbacks.
    app.allow_refusals();
    app.finish().await;
}

/// Updates of one person are worked off in order: after this all before it are.
async fn still_served(app: &TestApp, user: &TestUser) {
    user.says("/balance").await;
    user.sees_words(text("balance").with("credits", app.balance(user).await)).await;
}
