//! Whose work it is.

use diesel::{
    dsl::{AsExprOf, sql},
    expression::{SqlLiteral, UncheckedBind},
    sql_types::Bool,
};

use crate::db::types::{Id, IdSql};

/// The user of a row is in one of the node's lanes. `column`: the user's, with its table.
pub(in crate::db) fn lane_is_of(
    column: &'static str,
    node: Id,
) -> SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<Id, IdSql>>> {
    let begin =
        format!("EXISTS (SELECT 1 FROM lane WHERE lane.lane = ({column} & 255) AND lane.node = ");
    sql::<Bool>(&begin).bind::<IdSql, _>(node).sql(")")
}
