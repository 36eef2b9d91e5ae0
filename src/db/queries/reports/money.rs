//! Balances, and the books as a whole.

use aisha_actors::domain::{
    id::UserId,
    ledger::{Account, Credits, House},
};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;

use super::{super::ledger, Conn};
use crate::db::{
    Outcome,
    reports::{BalanceLine, BalanceStats, Page},
    schema::{account, person},
};

pub(in crate::db) async fn list(conn: &mut Conn, page: Page) -> Outcome<Vec<BalanceLine>> {
    let rows: Vec<(i64, String, Option<String>, i64, i64, i64)> = account::table
        .inner_join(person::table.on(person::id.eq(account::id)))
        .order(((account::credited - account::debited).desc(), account::id))
        .limit(page.limit())
        .offset(page.offset())
        .select((
            account::id,
            person::first_name,
            person::username,
            account::credited,
            account::debited,
            account::held,
        ))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(user, first_name, username, credited, debited, held)| BalanceLine {
            user: UserId(user),
            first_name,
            username,
            account: Account {
                credited: Credits(credited),
                debited: Credits(debited),
                held: Credits(held),
            },
        })
        .collect())
}

#[derive(Debug, QueryableByName)]
struct Sum {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

pub(in crate::db) async fn stats(conn: &mut Conn) -> Outcome<BalanceStats> {
    let text = format!(
        "SELECT 'issued' AS name, CAST(coalesce(sum(debit - credit), 0) AS BIGINT) AS amount \
           FROM posting WHERE account = {} \
         UNION ALL SELECT 'promo', CAST(coalesce(sum(debit - credit), 0) AS BIGINT) \
           FROM posting WHERE account = {} \
         UNION ALL SELECT 'revenue', CAST(coalesce(sum(credit - debit), 0) AS BIGINT) \
           FROM posting WHERE account = {} \
         UNION ALL SELECT 'held', CAST(coalesce(sum(amount), 0) AS BIGINT) \
           FROM holding WHERE ended IS NULL \
         UNION ALL SELECT 'refunded', CAST(coalesce(sum(amount), 0) AS BIGINT) \
           FROM entry WHERE kind = 'refund' \
         UNION ALL SELECT 'entries', count(*) FROM entry",
        ledger::house(House::Issued),
        ledger::house(House::Promo),
        ledger::house(House::Revenue),
    );
    let sums: Vec<Sum> = sql_query(text).load(conn).await?;
    let sum = |name: &str| sums.iter().find(|sum| sum.name == name).map_or(0, |sum| sum.amount);
    let (issued, promo, revenue) = (sum("issued"), sum("promo"), sum("revenue"));
    Ok(BalanceStats {
        issued: Credits(issued),
        promo: Credits(promo),
        revenue: Credits(revenue),
        held: Credits(sum("held")),
        circulating: Credits(issued + promo - revenue),
        refunded: Credits(sum("refunded")),
        entries: sum("entries").unsigned_abs(),
    })
}
