//! The operator has a process take nothing in for a while.

use serde_json::Value;

use super::{picture, quote};
use crate::support::{Builder, On, TestApp};

on_each!(a_node_that_drains_finishes_and_takes_nothing_in_until_it_is_undrained);

async fn ready(app: &TestApp) -> (u16, Value) {
    let answer = app.http().get(app.url("/health/ready")).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn a_node_that_drains_finishes_and_takes_nothing_in_until_it_is_undrained(builder: Builder) {
    let app = builder.welcome(100).pace(0, 600_000).start().await;
    let (ann, bob) = (app.user(7).await, app.user(8).await);
    quote(&ann, "under way").await;
    ann.presses("go").await;
    ann.sees(|message| message.offers("cn")).await;

    let drained = app.cli(&["node", "drain"]).await;
    assert_eq!(drained["outcome"], "drains");
    let (status, body) = ready(&app).await;
    assert_eq!((status, &body["status"]), (503, &"draining".into()));
    if app.on() == On::Postgres {
        let listed = async || app.cli(&["node", "list"]).await[0].clone();
        app.until(async || listed().await["draining"] == true).await;
        app.until(async || listed().await["report"]["singletons"][0]["kind"] == "session").await;
        assert_eq!(listed().await["lanes"], 256, "there is nobody else");
    }
    // What comes now is not taken in; what was begun is finished.
    bob.adds("/start").await;
    app.pace(0, 20, 2).await;
    ann.sees(|message| message.photo().is_some() && message.says("under way")).await;
    assert!(bob.seen().is_empty(), "it was taken in");
    assert_eq!(app.database().await.figures().await.unwrap().people, 1);

    // To say it twice is no trouble.
    assert_eq!(app.cli(&["node", "drain"]).await["outcome"], "drains");
    assert_eq!(app.cli(&["node", "undrain"]).await["outcome"], "takes in");
    assert_eq!(ready(&app).await.0, 200);
    bob.sees_reply().await;
    picture(&bob, "after that").await;
    let said = app.cli_refused(&["node", "drain", "0123abcd-0000-1111-2222-333344445555"]).await;
    assert!(said.contains("node") || said.contains("process"), "{said}");
    app.finish().await;
}

#[actix_rt::test]
async fn a_restart_ends_the_draining() {
    let mut app = TestApp::start().await;
    app.cli(&["node", "drain"]).await;
    assert_eq!(ready(&app).await.0, 503);
    app.restart().await;
    assert_eq!(ready(&app).await.0, 200);
    app.finish().await;
}
