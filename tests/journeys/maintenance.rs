//! Maintenance, as people and operators see it.

use aisha::db::reports::MAINTENANCE;

use super::{picture, quote, text};
use crate::support::{Builder, TestApp};

on_each!(maintenance_is_said_in_both_languages_and_what_runs_is_finished);

async fn switch(app: &TestApp, is_on: bool) {
    app.database().await.set_switch(MAINTENANCE, is_on, "a new disk", "ann").await.unwrap();
}

async fn maintenance_is_said_in_both_languages_and_what_runs_is_finished(builder: Builder) {
    let mut app = builder.pace(0, 300).start().await;
    let (ann, eva) = (app.user_of(7, "en").await, app.user_of(8, "ru").await);
    quote(&ann, "under way").await;
    ann.presses("go").await;
    quote(&eva, "too late").await;
    switch(&app, true).await;
    // Every look at the switch is a second after the last one: until then a quote is shown.
    app.until(async || {
        eva.says("маяк в тумане").await;
        let seen = eva.sees_reply().await;
        seen.says(&eva.words(&text("maintenance")))
    })
    .await;
    let shown = ann.sees_result().await;
    assert!(shown.says("under way"), "what ran is finished");
    ann.says("/imagine a lighthouse").await;
    ann.sees_words(text("maintenance")).await;
    ann.says("/gallery").await;
    ann.sees(|message| message.photo().is_some() && message.offers("fv")).await;

    // A restart does not end it.
    app.restart().await;
    eva.comes_back(app.sandbox()).await;
    ann.comes_back(app.sandbox()).await;
    eva.says("/imagine маяк").await;
    eva.sees_words(text("maintenance")).await;
    switch(&app, false).await;
    app.until(async || {
        eva.says("/imagine маяк").await;
        eva.sees_reply().await.offers("rs")
    })
    .await;
    picture(&ann, "a lighthouse").await;
    assert_eq!(app.balance(&ann).await, 90);
    app.finish().await;
}
