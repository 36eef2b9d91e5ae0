//! The operator's text to many.

use aisha::db::{
    Database,
    reports::{Broadcast, BroadcastState, NewBroadcast, Segment},
};

use super::picture;
use crate::support::Builder;

on_each!(a_broadcast_reaches_people_in_their_language_once_and_goes_on_after_a_restart);

async fn draft(database: &Database) -> i64 {
    let new = NewBroadcast {
        text_en: "A <new> model is here!\nHave a look.".to_owned(),
        text_ru: "Новая модель уже здесь!".to_owned(),
        segment: Segment::Everyone,
        author: "ann".to_owned(),
    };
    database.create_broadcast(new).await.unwrap()
}

async fn row(database: &Database, id: i64) -> Broadcast {
    database.broadcast(id).await.unwrap().unwrap()
}

async fn a_broadcast_reaches_people_in_their_language_once_and_goes_on_after_a_restart(
    builder: Builder,
) {
    let mut app = builder.start().await;
    // Whoever blocked the bot may be found out by a refusal.
    app.allow_refusals();
    let (ann, eva, gone) =
        (app.user_of(7, "en").await, app.user_of(8, "ru").await, app.user(9).await);
    for person in [&ann, &eva, &gone] {
        person.says("/start").await;
        person.sees_reply().await;
    }
    gone.blocks(true).await;
    let database = app.database().await;
    let id = draft(&database).await;
    database.start_broadcast(id).await.unwrap();
    let told = ann.sees_text("A <new> model is here!\nHave a look.").await;
    assert!(told.offers("hm"));
    eva.sees_text("Новая модель уже здесь!").await;
    app.until(async || row(&database, id).await.state == BroadcastState::Done).await;
    let done = row(&database, id).await;
    assert_eq!(done.sent, 2, "{done:?}");
    assert_eq!((done.queued, done.failed), (done.sent + done.blocked, 0), "{done:?}");

    // Paused over a restart, it goes on when it is resumed.
    let id = draft(&database).await;
    database.start_broadcast(id).await.unwrap();
    database.pause_broadcast(id).await.unwrap();
    app.restart().await;
    for person in [&ann, &eva, &gone] {
        person.comes_back(app.sandbox()).await;
    }
    picture(&ann, "meanwhile").await;
    database.resume_broadcast(id).await.unwrap();
    app.until(async || row(&database, id).await.state == BroadcastState::Done).await;
    assert_eq!(row(&database, id).await.sent, 2);
    app.finish().await;
}
