//! The front page: what this is, and where to go.

use actix_web::{HttpResponse, http::header, web};
use maud::{DOCTYPE, Markup, html};

pub(super) const STYLE_PATH: &str = "/assets/home.css";

/// What the page links.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) sandbox: bool,
    pub(super) figures: bool,
}

pub(super) async fn page(page: web::Data<Page>) -> HttpResponse {
    let content = content(**page).into_string();
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(content)
}

pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(include_str!("home.css"))
}

fn content(page: Page) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "AISHA" }
                link rel="stylesheet" href=(STYLE_PATH);
            }
            body {
                main {
                    h1 { "AISHA" }
                    p {
                        "A self-hosted Telegram studio for AI images: people chat with the bot, "
                        "pay with credits, get their pictures and keep them in a gallery."
                    }
                    @if page.sandbox {
                        p.notice {
                            strong { "Sandbox. " }
                            "No token and no key are set, so Telegram and FAL are pretended here, "
                            "on this machine. Nothing costs anything."
                        }
                        p { a.button href="/sandbox" { "Open the chat" } }
                    }
                    h2 { "For the operator" }
                    ul {
                        li { a href="/health/ready" { "Health" } ": what the bot is connected to" }
                        @if page.figures {
                            li { a href="/admin" { "Dashboard" } ": people, credits, what is going on" }
                            li { a href="/metrics" { "Figures" } ": for Prometheus" }
                        }
                        li {
                            code { "aisha --help" } ": every command; "
                            code { "aisha doctor" } ": what is wrong, if anything"
                        }
                        li {
                            "The documents lie beside the source: " code { "README.md" } ", "
                            code { "ARCHITECTURE.md" } ", " code { "docs/" }
                        }
                    }
                }
            }
        }
    }
}
