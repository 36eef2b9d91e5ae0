//! The program is stopped and started again on the same folder: nobody notices.

use super::{picture, quote, text};
use crate::support::{Builder, TestApp};

on_each!(a_running_generation_is_finished_by_the_next_process, old_buttons_work_after_a_restart,);

/// W-14, W-15: what was under way goes on.
async fn a_running_generation_is_finished_by_the_next_process(builder: Builder) {
    let mut app = builder.pace(0, 600_000).start().await;
    let ann = app.user(7).await;
    quote(&ann, "across the night").await;
    ann.presses("go").await;
    let progress = ann.sees_words(text("progress-running")).await;
    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    app.pace(0, 10, 2).await;
    let result = ann.sees_result().await;
    assert_eq!(result.id(), progress.id());
    assert_eq!(app.calls("fal", "submit").await.len(), 0, "nothing was ordered anew");
    assert_eq!(app.balance(&ann).await, 95);
    app.finish().await;
}

async fn old_buttons_work_after_a_restart(builder: Builder) {
    let mut app = builder.start().await;
    let ann = app.user(7).await;
    let card = picture(&ann, "an old friend").await;
    let waiting = quote(&ann, "an old quote").await;
    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    ann.presses_of(&card, "fp").await;
    ann.sees_text("an old friend").await;
    ann.presses_of(&card, "or").await;
    ann.sees(|message| message.document().is_some()).await;
    ann.presses_of(&waiting, "go").await;
    ann.sees_result().await;
    assert_eq!(app.balance(&ann).await, 90);
    // The quote's own message became the picture; words that are not a command are a prompt.
    ann.says("and on it goes").await;
    ann.sees(|message| message.offers("go") && message.says("and on it goes")).await;
    app.finish().await;
}

/// A person's own crash is healed, again and again; what they have is as it was.
#[actix_rt::test]
async fn a_crash_of_ones_own_heals() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    picture(&ann, "before the crash").await;
    for _ in 0..2 {
        ann.says("/crash").await;
        ann.sees_words(text("apology")).await;
        ann.says("/gallery").await;
        ann.sees(|message| message.photo().is_some() && message.says("before the crash")).await;
    }
    app.allow_quarantine();
    app.finish().await;
}
