//! Balances, and the books as a whole.

use aisha_actors::domain::{
    id::UserId,
    ledger::{Account, Credits, House},
};
use diesel::{
    QueryableByName,
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::{super::ledger, Conn, Db};
use crate::db::{
    Outcome,
    reports::{BalanceLine, BalanceStats, Page},
    schema::{account, person},
};

pub(in crate::db) async fn list(conn: &mut Conn, page: Page) -> Outcome<Vec<BalanceLine>> {
    let rows: Vec<Row> = account::table
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
    Ok(rows.into_iter().map(line).collect())
}

/// Reads every account, as [`list`] does, and keeps the largest.
pub(in crate::db) async fn find(
    conn: &mut Conn,
    after: Option<(Credits, UserId)>,
    limit: usize,
) -> Outcome<Vec<BalanceLine>> {
    let mut query = account::table
        .inner_join(person::table.on(person::id.eq(account::id)))
        .order(((account::credited - account::debited).desc(), account::id.desc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((
            account::id,
            person::first_name,
            person::username,
            account::credited,
            account::debited,
            account::held,
        ))
        .into_boxed::<Db>();
    if let Some((balance, user)) = after {
        query = query.filter(
            sql::<Bool>("(account.credited - account.debited, account.id) < (")
                .bind::<BigInt, _>(balance.0)
                .sql(", ")
                .bind::<BigInt, _>(user.0)
                .sql(")"),
        );
    }
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().map(line).collect())
}

type Row = (i64, String, Option<String>, i64, i64, i64);

fn line((user, first_name, username, credited, debited, held): Row) -> BalanceLine {
    BalanceLine {
        user: UserId(user),
        first_name,
        username,
        account: Account {
            credited: Credits(credited),
            debited: Credits(debited),
            held: Credits(held),
        },
    }
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
