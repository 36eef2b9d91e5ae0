//! What the operator says: models taken off sale, switches.

use aisha_actors::domain::{id::ModelId, time::Timestamp};
use diesel::{prelude::*, upsert::excluded};
use diesel_async::RunQueryDsl;

use super::{Conn, Db};
use crate::db::{
    Outcome,
    cached::Cached,
    reports::{ModelOverride, Switch},
    row::{Corrupt, Moment, readable},
    schema::{model_override, switch},
};

pub(in crate::db) async fn lift_override(
    conn: &mut Conn,
    model: &ModelId,
    author: &str,
    at: Timestamp,
) -> Outcome<usize> {
    let stands = model_override::table
        .filter(model_override::model.eq(model.as_str()))
        .filter(model_override::lifted_at.is_null());
    let lift = diesel::update(stands).set((
        model_override::lifted_at.eq(Moment::from(at)),
        model_override::lifted_by.eq(author),
    ));
    Ok(Cached(lift).execute(conn).await?)
}

pub(in crate::db) async fn set_override(conn: &mut Conn, word: ModelOverride) -> Outcome<()> {
    lift_override(conn, &word.model, &word.author, word.at).await?;
    diesel::insert_into(model_override::table)
        .values((
            model_override::model.eq(word.model.as_str()),
            model_override::on_sale.eq(word.on_sale),
            model_override::reason.eq(word.reason),
            model_override::author.eq(word.author),
            model_override::at.eq(Moment::from(word.at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = model_override)]
struct OverrideRow {
    model: String,
    on_sale: bool,
    reason: String,
    author: String,
    at: Moment,
    lifted_at: Option<Moment>,
    lifted_by: Option<String>,
}

impl TryFrom<OverrideRow> for ModelOverride {
    type Error = Corrupt;
    fn try_from(row: OverrideRow) -> Result<Self, Corrupt> {
        Ok(Self {
            model: ModelId::parse(&row.model).map_err(|_| Corrupt::new("no model id"))?,
            on_sale: row.on_sale,
            reason: row.reason,
            author: row.author,
            at: row.at.into(),
            lifted: row.lifted_at.map(Timestamp::from).zip(row.lifted_by),
        })
    }
}

pub(in crate::db) async fn overrides(
    conn: &mut Conn,
    standing_only: bool,
    limit: i64,
) -> Outcome<Vec<ModelOverride>> {
    let mut rows = model_override::table
        .order(model_override::seq.desc())
        .limit(limit)
        .select(OverrideRow::as_select())
        .into_boxed::<Db>();
    if standing_only {
        rows = rows.filter(model_override::lifted_at.is_null());
    }
    let rows: Vec<OverrideRow> = rows.load(conn).await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn set_switch(conn: &mut Conn, set: Switch) -> Outcome<()> {
    let upsert = diesel::insert_into(switch::table)
        .values((
            switch::name.eq(set.name),
            switch::is_on.eq(set.is_on),
            switch::note.eq(set.note),
            switch::author.eq(set.author),
            switch::at.eq(Moment::from(set.at)),
        ))
        .on_conflict(switch::name)
        .do_update()
        .set((
            switch::is_on.eq(excluded(switch::is_on)),
            switch::note.eq(excluded(switch::note)),
            switch::author.eq(excluded(switch::author)),
            switch::at.eq(excluded(switch::at)),
        ));
    Cached(upsert).execute(conn).await?;
    Ok(())
}

pub(in crate::db) async fn switch(conn: &mut Conn, name: &str) -> Outcome<Option<Switch>> {
    let row: Option<(String, bool, String, String, Moment)> = switch::table
        .find(name)
        .select((switch::name, switch::is_on, switch::note, switch::author, switch::at))
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|(name, is_on, note, author, at)| Switch {
        name,
        is_on,
        note,
        author,
        at: at.into(),
    }))
}
