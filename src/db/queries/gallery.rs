//! The galleries: which pictures a selection shows, in the order of their places.
//!
//! Each combination of model and favourites has an index of its own in exactly that order, so that a
//! turn costs the same in a gallery of ten and of a hundred thousand pictures. A query must name the
//! columns `listed` and `favourite` themselves: compared with a bound value they would not match the
//! indexes' conditions.

use std::time::Duration;

use aisha_actors::{
    domain::{
        generation::State,
        id::{ModelId, PictureId, UserId},
        ledger::{Credits, EntryKind},
        picture::{Card, Place, Selection},
        time::Timestamp,
    },
    port::{Counts, Reach},
};
use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;

use super::{Conn, Db};
use crate::db::{
    Outcome,
    cached::Cached,
    row::{CardRow, Corrupt, Id, Moment, readable},
    schema::{entry, generation, picture},
};

/// The pictures of a selection.
pub(in crate::db) fn chosen(
    user: UserId,
    selection: &Selection,
) -> picture::BoxedQuery<'static, Db> {
    let mut query =
        picture::table.filter(picture::owner.eq(user.0)).filter(picture::listed).into_boxed();
    if let Some(model) = &selection.model {
        query = query.filter(picture::model.eq(model.as_str().to_owned()));
    }
    if let Some(range) = selection.range {
        query = query
            .filter(picture::listed_at.ge(Moment::from(range.from)))
            .filter(picture::listed_at.lt(Moment::from(range.until)));
    }
    if selection.favourites {
        query = query.filter(picture::favourite);
    }
    query
}

/// Narrows to what lies before (`lt`, `le`) or after (`gt`, `ge`) a place. The condition on
/// `listed_at` alone bounds the walk through the index; the rest is for places of one moment.
macro_rules! beyond {
    ($query:expr, $place:expr, $past:ident, $from:ident) => {{
        let at = Moment::from($place.listed_at);
        let generation = Id::from($place.generation);
        let n = i32::from($place.n);
        let later = picture::generation
            .$past(generation)
            .or(picture::generation.eq(generation).and(picture::n.$past(n)));
        $query
            .filter(picture::listed_at.$from(at))
            .filter(picture::listed_at.$past(at).or(later.nullable()))
    }};
}

/// The statement of [`cards`]. A macro, because its type cannot be written down.
macro_rules! window {
    ($user:expr, $selection:expr, $reach:expr, $limit:expr) => {{
        let chosen = chosen($user, $selection);
        let place = (picture::listed_at, picture::generation, picture::n);
        let chosen = match $reach {
            Reach::Newest => chosen.order(place_desc!()),
            Reach::OlderThan(from) => beyond!(chosen, from, lt, le).order(place_desc!()),
            Reach::NewerThan(from) => beyond!(chosen, from, gt, ge).order(place),
        };
        chosen
            .limit(i64::try_from($limit).unwrap_or(i64::MAX))
            .inner_join(generation::table.on(generation::id.eq(picture::generation)))
            .select(CardRow::as_select())
    }};
}

/// The order of a gallery: newest first.
macro_rules! place_desc {
    () => {
        (picture::listed_at.desc(), picture::generation.desc(), picture::n.desc())
    };
}

/// Cards around a place, nearest first.
pub(in crate::db) async fn cards(
    conn: &mut Conn,
    user: UserId,
    selection: &Selection,
    reach: Reach,
    limit: usize,
) -> Outcome<Vec<Card>> {
    let rows: Vec<CardRow> = Cached(window!(user, selection, reach, limit)).load(conn).await?;
    Ok(readable(rows))
}

pub(in crate::db) async fn card(
    conn: &mut Conn,
    user: UserId,
    id: PictureId,
) -> Outcome<Option<Card>> {
    let row: Option<CardRow> = picture::table
        .inner_join(generation::table.on(generation::id.eq(picture::generation)))
        .filter(picture::generation.eq(Id::from(id.generation)))
        .filter(picture::n.eq(i32::from(id.n)))
        .filter(picture::owner.eq(user.0))
        .filter(picture::listed)
        .select(CardRow::as_select())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(Card::try_from).transpose()?)
}

pub(in crate::db) async fn count(
    conn: &mut Conn,
    user: UserId,
    selection: &Selection,
) -> Outcome<u64> {
    let found: i64 = chosen(user, selection).select(count_star()).get_result(conn).await?;
    Ok(found.unsigned_abs())
}

pub(in crate::db) async fn newer_than(
    conn: &mut Conn,
    user: UserId,
    selection: &Selection,
    place: Place,
) -> Outcome<u64> {
    let newer = beyond!(chosen(user, selection), place, gt, ge);
    let found: i64 = newer.select(count_star()).get_result(conn).await?;
    Ok(found.unsigned_abs())
}

/// A month for the statistics.
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(in crate::db) async fn counts(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
) -> Outcome<Counts> {
    let all = || chosen(user, &Selection::default());
    let by_model: Vec<(String, i64)> = picture::table
        .filter(picture::owner.eq(user.0))
        .filter(picture::listed)
        .group_by(picture::model)
        .order((count_star().desc(), picture::model))
        .select((picture::model, count_star()))
        .load(conn)
        .await?;
    let by_model = by_model
        .into_iter()
        .map(|(model, count)| {
            let model = ModelId::parse(&model).map_err(|_| Corrupt::new("no model id"))?;
            Ok((model, count.unsigned_abs()))
        })
        .collect::<Result<_, Corrupt>>()?;
    let favourites: i64 =
        all().filter(picture::favourite).select(count_star()).get_result(conn).await?;
    let since = now.0.saturating_sub(i64::try_from(MONTH.as_micros()).unwrap_or(i64::MAX));
    let last_month: i64 = all()
        .filter(picture::listed_at.gt(Moment(since)))
        .select(count_star())
        .get_result(conn)
        .await?;
    let generations: i64 = generation::table
        .filter(generation::user_id.eq(user.0))
        .filter(
            generation::state
                .eq(State::Captured.name())
                .or(generation::state.eq(State::Delivered.name())),
        )
        .select(count_star())
        .get_result(conn)
        .await?;
    let first_at: Option<Option<Moment>> = all()
        .order((picture::listed_at, picture::generation, picture::n))
        .select(picture::listed_at)
        .first(conn)
        .await
        .optional()?;
    Ok(Counts {
        by_model,
        favourites: favourites.unsigned_abs(),
        last_month: last_month.unsigned_abs(),
        generations: generations.unsigned_abs(),
        spent: Credits(
            booked(conn, user, EntryKind::Capture).await?
                - booked(conn, user, EntryKind::Refund).await?,
        ),
        first_at: first_at.flatten().map(Timestamp::from),
    })
}

/// All that was ever booked for the user with entries of this kind.
async fn booked(conn: &mut Conn, user: UserId, kind: EntryKind) -> QueryResult<i64> {
    let amounts: Vec<i64> = entry::table
        .filter(entry::user_id.eq(user.0))
        .filter(entry::kind.eq(kind.name()))
        .select(entry::amount)
        .load(conn)
        .await?;
    Ok(amounts.into_iter().fold(0, i64::saturating_add))
}

/// The texts of the statements, for the tests that look at their plans.
#[cfg(test)]
pub(in crate::db) mod texts {
    use diesel::debug_query;

    use super::*;

    pub(crate) fn cards(user: UserId, selection: &Selection, reach: Reach) -> String {
        debug_query::<Db, _>(&window!(user, selection, reach, 10usize)).to_string()
    }

    pub(crate) fn count(user: UserId, selection: &Selection) -> String {
        debug_query::<Db, _>(&chosen(user, selection).select(count_star())).to_string()
    }

    pub(crate) fn newer_than(user: UserId, selection: &Selection, place: Place) -> String {
        let newer = beyond!(chosen(user, selection), place, gt, ge);
        debug_query::<Db, _>(&newer.select(count_star())).to_string()
    }
}
