//! Accounts, the largest balance first.

use aisha_actors::domain::{id::UserId, ledger::Credits};
use maud::{Markup, html};

use super::{
    super::super::{Ctx, layout, routes::Reply},
    PATH, ROWS, further, person,
};
use crate::db::reports::BalanceLine;

pub(super) async fn list(ctx: Ctx) -> Reply {
    let after = place(ctx.query.get("after"));
    let mut rows = ctx.desk.database.find_balances(after, ROWS + 1).await?;
    let is_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let older = rows.last().filter(|_| is_more).map(|last| {
        let balance = last.account.credited.0 - last.account.debited.0;
        format!("{PATH}/accounts?after={balance}.{}", last.user)
    });
    let content = html! {
        p { a href=(PATH) { (ctx.t("ledger-back")) } }
        section.card {
            @if rows.is_empty() { p.quiet { (ctx.t("ledger-no-accounts")) } }
            @else { (table(&ctx, &rows)) }
        }
        (further(&ctx, older.as_deref()))
    };
    Ok(layout::page(&ctx, &ctx.t("ledger-accounts"), &content))
}

fn place(text: &str) -> Option<(Credits, UserId)> {
    let (balance, user) = text.split_once('.')?;
    Some((Credits(balance.parse().ok()?), UserId(user.parse().ok()?)))
}

fn table(ctx: &Ctx, rows: &[BalanceLine]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(ctx.t("ledger-accounts")) {
            table {
                thead { tr {
                    th scope="col" { (ctx.t("ledger-person")) }
                    th scope="col" { (ctx.t("ledger-name")) }
                    th.number scope="col" { (ctx.t("ledger-available")) }
                    th.number scope="col" { (ctx.t("ledger-on-hold")) }
                    th.number scope="col" { (ctx.t("ledger-given")) }
                    th.number scope="col" { (ctx.t("ledger-spent")) }
                } }
                tbody id="rows" { @for row in rows { (line(row)) } }
            }
        }
    }
}

fn line(row: &BalanceLine) -> Markup {
    html! {
        tr {
            th scope="row" { (person(row.user)) }
            td.words {
                bdi { (row.first_name) }
                @if let Some(name) = &row.username { " " span.quiet { "@" (name) } }
            }
            td.number { (row.account.available()) }
            td.number { (row.account.held) }
            td.number { (row.account.credited) }
            td.number { (row.account.debited) }
        }
    }
}
