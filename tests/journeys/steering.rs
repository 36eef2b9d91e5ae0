//! The operator looks at the actors of a running program and steers them.

use aisha::{
    app::{Answer, Seen, order},
    db::{
        census::{Act, Came},
        reports::{AsideKind, Page},
    },
};
use aisha_actors::{
    census::{ASKED, Filter, Member},
    domain::id::UserId,
};

use super::{picture, quote};
use crate::support::{Builder, On, TestApp, TestUser};

on_each!(
    actors_are_seen_and_restarted_while_people_use_them,
    what_was_set_aside_is_shown_without_secrets_and_replayed,
);

async fn this(app: &TestApp) -> Seen {
    let mut nodes = app.steering().nodes(Filter::default(), 10).await.unwrap();
    assert_eq!(nodes.len(), 1);
    let seen = nodes.remove(0);
    assert!(seen.is_this && seen.node == app.steering().id());
    assert_eq!(seen.listed.is_some(), app.on() == On::Postgres);
    seen
}

fn singleton(seen: &Seen, kind: &str) -> Member {
    let census = &seen.report.as_ref().unwrap().told.census;
    census.singletons.iter().find(|member| member.kind == kind).unwrap().clone()
}

async fn gallery_of(app: &TestApp, user: &TestUser) -> Option<Member> {
    let told = this(app).await.report.unwrap().told.census.users.unwrap();
    told.listed.into_iter().find(|member| member.user == Some(UserId(user.id)))
}

async fn actors_are_seen_and_restarted_while_people_use_them(builder: Builder) {
    let app = builder.welcome(100).pace(0, 600_000).start().await;
    // What the session had said and not marked it says once more; a press is answered only once.
    app.allow_refusals();
    let ann = app.user(7).await;
    quote(&ann, "under way").await;
    ann.presses("go").await;
    ann.sees(|message| message.offers("cn")).await;
    let seen = gallery_of(&app, &ann).await.unwrap();
    assert_eq!((seen.incarnation, seen.restarts_left), (1, None));
    assert!(seen.handled >= 2);

    let (here, steering) = (app.steering().id(), app.steering().clone());
    for child in ["session", "tracker", "writer", "ledger"] {
        let act = Act::Restart(child.to_owned());
        let came = steering.act(here, &act, "root").await.unwrap();
        assert_eq!(came, Answer::Came(Came::Restarted), "{child}");
    }
    // As another node does it.
    let beside = app.database().await;
    let act = Act::Restart("tracker".to_owned());
    let came = order(&beside, here, &act, "root").await.unwrap();
    assert_eq!(came, Answer::Came(Came::Restarted));
    let came = order(&beside, here, &Act::Restart("gallery".to_owned()), "root").await.unwrap();
    assert_eq!(came, Answer::Came(Came::Unknown));
    let tracker = singleton(&this(&app).await, "tracker");
    assert_eq!((tracker.incarnation, tracker.restarts.len()), (3, 2));
    assert!(tracker.restarts.iter().all(|restart| restart.reason == ASKED));

    app.pace(0, 20, 2).await;
    ann.sees(|message| message.photo().is_some() && message.says("under way")).await;
    let retired = order(&beside, here, &Act::Retire(UserId(ann.id)), "root").await.unwrap();
    // The restart of the session dropped it; whoever was served since has another one.
    assert!(matches!(retired, Answer::Came(Came::Retired | Came::NotThere)), "{retired:?}");
    picture(&ann, "afterwards").await;
    assert!(gallery_of(&app, &ann).await.is_some());
    let retired = steering.act(here, &Act::Retire(UserId(ann.id)), "root").await.unwrap();
    assert_eq!(retired, Answer::Came(Came::Retired));
    assert!(gallery_of(&app, &ann).await.is_none());
    assert_eq!(app.balance(&ann).await, 90);
    app.finish().await;
}

async fn what_was_set_aside_is_shown_without_secrets_and_replayed(builder: Builder) {
    let app = builder.start().await;
    app.allow_quarantine();
    let ann = app.user(7).await;
    ann.says("/crash https://s3.local/a.jpg?X-Amz-Signature=CANARY").await;
    ann.sees_reply().await;
    let aside = async || app.steering().aside(AsideKind::Update, Page::default()).await.unwrap();
    let rows = aside().await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].what.contains("https://s3.local/a.jpg?***"), "{rows:?}");
    assert!(!rows[0].what.contains("CANARY") && rows[0].error.is_some());
    let seen = gallery_of(&app, &ann).await;
    assert!(seen.is_none_or(|seen| seen.restarts.len() == 3 && seen.incarnation == 4));

    // Found by the running program, worked off, and set aside once more.
    app.steering().replay(rows[0].id).await.unwrap();
    app.until(async || aside().await.first().is_some_and(|row| row.id != rows[0].id)).await;
    app.steering().discard(aside().await[0].id).await.unwrap();
    assert!(aside().await.is_empty());
    // Both apologies and the help have been said.
    let said = async || app.database().await.figures().await.unwrap();
    app.until(async || said().await.outbox_open == 0).await;
    ann.says("/help").await;
    ann.sees_reply().await;
    app.until(async || said().await.inbox_open == 0).await;
    app.finish().await;
}
