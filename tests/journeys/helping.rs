//! An operator helps people from the dashboard of the running program.

use reqwest::{Response, StatusCode};

use super::{
    dashboard::{PASSWORD, cookie, get, post},
    picture, quote, text,
};
use crate::support::{Builder, TestApp};

on_each!(an_operator_helps_people_from_the_dashboard);

/// A form's own key.
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Somebody who may do everything.
pub(super) struct Operator<'a> {
    app: &'a TestApp,
    cookie: String,
    csrf: String,
}

impl<'a> Operator<'a> {
    /// By the link that the sandbox prints.
    pub(super) async fn sign_in(app: &'a TestApp) -> Self {
        let link = app.login_link().await.unwrap();
        let token = link.split_once("token=").unwrap().1;
        Self::enter(app, &post(app, "/admin/link", "", &[("token", token)]).await).await
    }

    /// Somebody else, who is made for it.
    pub(super) async fn another(app: &'a TestApp, name: &str, role: &str) -> Self {
        let make = ["admin", "create", name, "--role", role, "--password-stdin"];
        let (code, said) = app.cli_with_input(&make, &format!("{PASSWORD}\n")).await;
        assert_eq!(code, Some(0), "{said}");
        let fields = [("name", name), ("password", PASSWORD)];
        Self::enter(app, &post(app, "/admin/login", "", &fields).await).await
    }

    async fn enter(app: &'a TestApp, entered: &Response) -> Self {
        let cookie = cookie(entered);
        let page = get(app, "/admin/people", &cookie).await.text().await.unwrap();
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap();
        let csrf = csrf.split('"').next().unwrap().to_owned();
        Self { app, cookie, csrf }
    }

    pub(super) async fn page(&self, path: &str) -> String {
        let page = get(self.app, path, &self.cookie).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        page.text().await.unwrap()
    }

    /// Sends a form, whatever comes of it.
    pub(super) async fn tries(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut form = vec![("csrf", self.csrf.as_str()), ("reason", "they asked")];
        form.extend(fields);
        post(self.app, path, &self.cookie, &form).await
    }

    /// Whether there is such a page.
    pub(super) async fn finds(&self, path: &str) -> bool {
        get(self.app, path, &self.cookie).await.status() != StatusCode::NOT_FOUND
    }

    /// Sends a form; what was done is said on the page that it leads to.
    pub(super) async fn does(&self, path: &str, fields: &[(&str, &str)]) {
        let done = self.tries(path, fields).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{path}");
        let place = done.headers()["location"].to_str().unwrap().to_owned();
        assert!(self.page(&place).await.contains("role=\"status\""), "{place}");
    }
}

/// The newest generation that is under way, or of all.
async fn newest(app: &TestApp, open: bool) -> String {
    let mut words = vec!["generation", "list", "--user", "7"];
    if open {
        words.push("--open");
    }
    let list = app.cli(&words).await;
    list.as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned()
}

async fn an_operator_helps_people_from_the_dashboard(builder: Builder) {
    let app = builder.start().await;
    let ann = app.user(7).await;
    let card = picture(&ann, "a fox to look at").await;
    let id = newest(&app, false).await;
    let operator = Operator::sign_in(&app).await;
    assert!(operator.page("/admin/people").await.contains("/admin/people/7"));
    let page = operator.page("/admin/people/7").await;
    let thumb = format!("/admin/pictures/{id}/1");
    assert!(page.contains(&thumb) && page.contains("a fox to look at"));
    let shown = get(&app, &thumb, &operator.cookie).await;
    assert!(shown.headers()["content-type"].to_str().unwrap().starts_with("image/"));
    assert_eq!(shown.headers()["x-content-type-options"], "nosniff");
    assert!(image::load_from_memory(&shown.bytes().await.unwrap()).is_ok());

    // A double click is one entry.
    let gift = [("way", "give"), ("amount", "30"), ("key", KEY)];
    operator.does("/admin/people/7/credits", &gift).await;
    operator.does("/admin/people/7/credits", &gift).await;
    ann.sees_words(text("notice-granted").with("credits", 30i64)).await;
    assert_eq!(app.balance(&ann).await, 125);
    let words = [("words", "Hello <there>"), ("key", KEY)];
    operator.does("/admin/people/7/message", &words).await;
    ann.sees_text("Hello <there>").await;

    // The chat was cleared: the picture comes again.
    let path = |id: &str, what: &str| format!("/admin/generations/{id}/{what}");
    app.deletes(7, card.id()).await;
    operator.does(&path(&id, "deliver"), &[]).await;
    let again = ann.sees(|message| message.photo().is_some() && message.id() != card.id()).await;
    assert!(again.says("a fox to look at"));
    operator.does(&path(&id, "refund"), &[]).await;
    ann.sees_words(text("notice-granted").with("credits", 5i64)).await;
    assert_eq!(app.balance(&ann).await, 130);

    // What hangs at the provider is ended, whatever that says.
    app.pace(0, 600_000, 2).await;
    for (what, prompt, outcome) in [
        ("release", "a fox that hangs", "outcome-quarantined"),
        ("cancel", "a fox that is cancelled", "outcome-cancelled"),
    ] {
        quote(&ann, prompt).await;
        ann.presses("go").await;
        ann.sees_words(text("progress-running")).await;
        let id = newest(&app, true).await;
        operator.does(&path(&id, what), &[]).await;
        ann.sees_words(text(outcome)).await;
        assert_eq!(app.balance(&ann).await, 130);
        let story = operator.page(&format!("/admin/generations/{id}")).await;
        assert!(story.contains(prompt) && story.contains("Hold released"));
    }
    operator.does("/admin/people/7/block", &[]).await;
    app.until(async || app.cli(&["user", "show", "7"]).await["blocked"] == true).await;

    let log = operator.page("/admin/audit").await;
    for deed in [
        "person.credits",
        "person.message",
        "person.block",
        "generation.deliver",
        "generation.refund",
        "generation.release",
        "generation.cancel",
    ] {
        assert!(log.contains(deed), "{deed}");
    }
    app.allow_refusals();
    app.finish().await;
}
