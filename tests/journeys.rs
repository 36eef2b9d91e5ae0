//! What people do, story by story. Defects of the ancestor that must not come back are named (`W-…`).

/// Runs each story once per database, under a name that says which.
macro_rules! on_each {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[actix_rt::test]
            async fn $story() {
                super::$story(crate::support::TestApp::builder()).await;
            })+
        }
        mod on_postgres {
            $(#[actix_rt::test]
            async fn $story() {
                let builder = crate::support::TestApp::builder();
                super::$story(builder.on(crate::support::On::Postgres)).await;
            })+
        }
    };
}

mod alerts;
mod broadcasts;
mod cancelling;
mod catalogue;
mod dashboard;
mod draining;
mod filters;
mod forgetting;
mod gallery;
mod helping;
mod language;
mod line;
mod maintenance;
mod money;
mod outage;
mod people;
mod redis;
mod restart;
mod result;
mod spans;
mod start;
mod steering;
mod storage;
mod studio;
mod telegram;
mod trouble;
mod webhooks;
mod words;

use aisha_actors::domain::text::Text;

use crate::support::{Message, TestUser};

/// A sentence of the bot.
pub(crate) fn text(key: &'static str) -> Text {
    Text::new(key)
}

/// Says `/imagine …` and sees the quote.
pub(crate) async fn quote(user: &TestUser, prompt: &str) -> Message {
    user.says(&format!("/imagine {prompt}")).await;
    user.sees(|message| message.offers("rs") && message.offers("ep")).await
}

/// Orders one picture with the last settings and sees it with its result card.
pub(crate) async fn picture(user: &TestUser, prompt: &str) -> Message {
    quote(user, prompt).await;
    user.presses("go").await;
    user.sees(|shown| shown.photo().is_some() && shown.offers("ag") && shown.says(prompt)).await
}
