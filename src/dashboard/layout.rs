//! The frame of every page.

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode, http::header};
use aisha_actors::domain::text::Language;
use maud::{DOCTYPE, Markup, html};

use super::{
    Ctx, Error, Visit, assets,
    pages::{self, Page},
    ui,
    visit::Theme,
};

/// Keys that `?done=…` may show.
pub(super) const DONE: &[&str] = &[
    "done-created",
    "done-role",
    "done-disabled",
    "done-enabled",
    "done-sessions",
    "done-password",
    "done-proved",
    "done-restarted",
    "done-retired",
    "done-not-there",
    "done-drains",
    "done-takes-in",
    "done-told",
    "done-replayed",
    "done-discarded",
    "done-books",
    "done-begun",
    "done-stopping",
    "done-sale",
    "done-reloaded",
    "done-broadcast-draft",
    "done-broadcast-started",
    "done-broadcast-paused",
    "done-broadcast-resumed",
    "done-broadcast-cancelled",
    "done-maintenance-on",
    "done-maintenance-off",
    "done-asked",
    "done-nothing",
    "done-credits",
    "done-credits-before",
    "done-written",
    "done-driven",
    "done-delivered",
    "done-refunded",
    "done-delete",
    "done-proposed",
    "done-approved",
    "done-refused",
];

/// A small picture in the navigation: the path of a 24×24 drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Icon(pub(super) &'static str);

impl Icon {
    pub(super) const KEY: Self =
        Self("M15 3a6 6 0 0 0-5.7 7.9L3 17.2V21h4v-2h2v-2h2l1.1-2.3A6 6 0 1 0 15 3zM16.5 7.5h.01");
    pub(super) const PULSE: Self = Self("M3 12h4l3-8 4 16 3-8h4");
    pub(super) const TREE: Self = Self("M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4");
    pub(super) const BOX: Self = Self("M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8");
    pub(super) const TAG: Self = Self("M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01");
    pub(super) const SCALES: Self =
        Self("M12 4v16M8 20h8M5 7h14M5 7l-3 7a3 3 0 0 0 6 0zM19 7l-3 7a3 3 0 0 0 6 0z");
    pub(super) const LIST: Self = Self("M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01");
    pub(super) const PEOPLE: Self = Self(
        "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c1-3.5 3.5-5 6.5-5s5.5 1.5 6.5 5M16 4.3a3.5 3.5 0 0 1 0 6.4M18 15.3c1.7.7 3 2.2 3.5 4.7",
    );
    pub(super) const PICTURE: Self = Self(
        "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15 9h.01",
    );
    pub(super) const PERSON: Self =
        Self("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1.5-3.5 4.5-5 8-5s6.5 1.5 8 5");

    fn draw(self) -> Markup {
        html! { svg.icon viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(self.0) {} } }
    }
}

/// Goes there with a GET.
pub(super) fn redirect(place: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, place)).finish()
}

/// A page of the navigation. `title` is a heading and the window's name.
pub(super) fn page(ctx: &Ctx, title: &str, content: &Markup) -> HttpResponse {
    page_with(ctx, StatusCode::OK, title, content)
}

/// The same with another status, as for a form that cannot be taken.
pub(super) fn page_with(
    ctx: &Ctx,
    status: StatusCode,
    title: &str,
    content: &Markup,
) -> HttpResponse {
    let main = html! {
        h1 { (title) }
        (ui::done(ctx))
        (content)
    };
    answer(status, &framed(ctx, title, &main))
}

/// A page for somebody who is not signed in: one card in the middle.
pub(super) fn bare(
    visit: &Visit,
    status: StatusCode,
    title: &str,
    content: &Markup,
) -> HttpResponse {
    let body = html! {
        body.bare {
            main id="main" tabindex="-1" {
                p.mark { (logo()) "AISHA" }
                section.card { h1 { (title) } (content) }
                (preferences(visit))
            }
        }
    };
    answer(status, &document(visit, title, &body))
}

/// What is said in place of a page.
pub(super) fn error(visit: &Visit, error: &Error) -> HttpResponse {
    let title = visit.tr("error-title", &[("status", error.status().as_u16().to_string().into())]);
    let content = html! {
        p { (visit.t(error.key())) }
        p.quiet { (visit.t("error-request")) " " code { (visit.request_id) } }
        p { a.button href="/admin" { (visit.t("error-home")) } }
    };
    match &visit.signed_in {
        Some(signed_in) => {
            let ctx = Ctx::new(visit.clone(), signed_in.clone());
            let main = html! { h1 { (title) } section.card { (content) } };
            answer(error.status(), &framed(&ctx, &title, &main))
        }
        None => bare(visit, error.status(), &title, &content),
    }
}

fn answer(status: StatusCode, page: &Markup) -> HttpResponse {
    HttpResponseBuilder::new(status)
        .content_type("text/html; charset=utf-8")
        .body(page.clone().into_string())
}

fn framed(ctx: &Ctx, title: &str, main: &Markup) -> Markup {
    let body = html! {
        body hx-headers=(format!("{{\"x-csrf-token\":\"{}\"}}", ctx.who().csrf)) {
            a.skip href="#main" { (ctx.t("skip")) }
            header.top {
                a.mark href="/admin" { (logo()) "AISHA" }
                @if ctx.desk.sandbox { span.badge.sandbox { (ctx.t("sandbox")) } }
                div.status data-live="status" aria-live="polite" {}
                (account(ctx))
            }
            div.banner data-live="maintenance" aria-live="polite" { (pages::maintenance::banner(ctx)) }
            div.frame {
                nav.side aria-label=(ctx.t("navigation")) {
                    ul {
                        @for page in pages::PAGES.iter().filter(|page| ctx.may(page.role)) {
                            (link(ctx, page))
                        }
                    }
                }
                main id="main" tabindex="-1" { (main) }
            }
        }
    };
    document(ctx, title, &body)
}

fn link(ctx: &Ctx, page: &Page) -> Markup {
    let below = ctx.path.strip_prefix(page.path);
    // All pages are below the first one's path.
    let has_below = page.path != "/admin";
    let is_here = below.is_some_and(|rest| rest.is_empty() || has_below && rest.starts_with('/'));
    html! {
        li {
            a href=(page.path) aria-current=[is_here.then_some("page")] {
                (page.icon.draw()) span { (ctx.t(page.name)) }
            }
        }
    }
}

/// The operator's own corner: a `details`, which needs no script.
fn account(ctx: &Ctx) -> Markup {
    html! {
        details.menu {
            summary { (Icon::PERSON.draw()) span { (ctx.name()) } }
            div.sheet {
                p.quiet { (ctx.t(&format!("role-{}", ctx.who().operator.role.name()))) }
                a href="/admin/account" { (ctx.t("nav-account")) }
                (preferences(ctx))
                (ui::form(ctx, "/admin/logout", &html! {
                    button.wide type="submit" { (ctx.t("logout")) }
                }))
            }
        }
    }
}

/// The language and the look. It changes nothing but this browser's cookies.
fn preferences(visit: &Visit) -> Markup {
    let next = super::origin::local(&visit.path).unwrap_or("/admin");
    html! {
        form.preferences method="post" action="/admin/preferences" {
            input type="hidden" name="next" value=(next);
            fieldset {
                legend.unseen { (visit.t("language")) }
                @for (language, name) in [(Language::En, "English"), (Language::Ru, "Русский")] {
                    button type="submit" name="language" value=(language.code()) lang=(language.code())
                        aria-pressed=(if language == visit.language { "true" } else { "false" }) { (name) }
                }
            }
            fieldset {
                legend.unseen { (visit.t("theme")) }
                @for theme in Theme::ALL {
                    button type="submit" name="theme" value=(theme.name())
                        aria-pressed=(if theme == visit.theme { "true" } else { "false" }) {
                        (visit.t(&format!("theme-{}", theme.name())))
                    }
                }
            }
        }
    }
}

fn logo() -> Markup {
    html! { img.logo src=(assets::url("icon.svg")) alt="" width="22" height="22"; }
}

/// htmx neither evaluates words nor adds styles of its own: the policy would refuse both.
const HTMX: &str = "{\"allowEval\":false,\"includeIndicatorStyles\":false,\
    \"selfRequestsOnly\":true,\"historyCacheSize\":0,\"allowScriptTags\":false}";

fn document(visit: &Visit, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(visit.language.code()) data-theme=(visit.theme.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(match visit.theme {
                    Theme::Auto => "light dark",
                    Theme::Light => "light",
                    Theme::Dark => "dark",
                });
                meta name="robots" content="noindex, nofollow";
                meta name="htmx-config" content=(HTMX);
                title { (title) " · AISHA" }
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::url("dashboard.css"));
                script src=(assets::url("htmx.min.js")) defer {}
                script src=(assets::url("live.js")) type="module" {}
            }
            (body)
        }
    }
}
