//! What an operator does to actors and nodes.

use actix_web::http::StatusCode;
use aisha_actors::census::{Filter, Order};
use uuid::Uuid;

use super::{
    super::super::{
        Ctx, Error,
        act::{Act, act},
        layout::redirect,
        routes::Reply,
        tree::{Answer, Seen},
    },
    member::{self, of_kind, user_of},
    node_path, wanted,
};
use crate::db::census::{Act as Wish, Came};

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The key of what to say then.
const fn outcome(answer: Answer) -> Result<&'static str, Error> {
    let came = match answer {
        Answer::Came(came) => came,
        Answer::Pending(_) => return Ok("done-told"),
    };
    match came {
        Came::Restarted => Ok("done-restarted"),
        Came::Retired => Ok("done-retired"),
        Came::NotThere => Ok("done-not-there"),
        Came::Drains => Ok("done-drains"),
        Came::TakesIn => Ok("done-takes-in"),
        Came::Unknown => Err(Error::Refused("actors-unknown")),
        Came::Ended => Err(Error::Refused("actors-ended")),
        Came::Late => Err(Error::Refused("actors-late")),
        Came::NotTaken => Err(Error::Refused("actors-not-taken")),
        Came::NodeEnded => Err(Error::Refused("actors-node-ended")),
    }
}

fn subject(node: Uuid) -> String {
    format!("node/{}", node.simple())
}

async fn steer(ctx: &Ctx, seen: &Seen, deed: Act, wish: Wish) -> Result<&'static str, Error> {
    act(ctx, deed, async || {
        if !seen.is_alive() {
            return Err(Error::Refused("actors-node-ended"));
        }
        let tree = ctx.desk.tree.as_ref();
        let tree = tree.ok_or_else(|| Error::Away("there are no actors here".to_owned()))?;
        outcome(tree.act(seen.node, &wish, ctx.name()).await?)
    })
    .await
}

pub(super) async fn restart(ctx: Ctx) -> Reply {
    let seen = wanted(&ctx, Filter::default()).await?;
    let kind = of_kind(&ctx, &seen)?.kind.clone();
    let deed = Act::new("actor.restart", format!("{}/{kind}", subject(seen.node)));
    match steer(&ctx, &seen, deed, Wish::Restart(kind.clone())).await {
        Ok(done) => Ok(redirect(&format!("{}/{kind}?done={done}", node_path(seen.node)))),
        Err(Error::Refused(key)) => member::singleton_page(&ctx, &seen, REFUSED, Some(key)),
        Err(error) => Err(error),
    }
}

pub(super) async fn retire(ctx: Ctx) -> Reply {
    let user = user_of(&ctx)?;
    let seen = wanted(&ctx, Filter { user: Some(user), order: Order::ById }).await?;
    let deed = Act::new("actor.retire", format!("person/{user}")).from(subject(seen.node));
    match steer(&ctx, &seen, deed, Wish::Retire(user)).await {
        Ok(done) => Ok(redirect(&format!("{}/users/{user}?done={done}", node_path(seen.node)))),
        Err(Error::Refused(key)) => Ok(member::user_page(&ctx, &seen, user, REFUSED, Some(key))),
        Err(error) => Err(error),
    }
}

pub(super) async fn drain(ctx: Ctx, drains: bool) -> Reply {
    let seen = wanted(&ctx, Filter::default()).await?;
    let (action, wish) =
        if drains { ("node.drain", Wish::Drain) } else { ("node.undrain", Wish::Undrain) };
    match steer(&ctx, &seen, Act::new(action, subject(seen.node)), wish).await {
        Ok(done) => Ok(redirect(&format!("{}?done={done}", node_path(seen.node)))),
        Err(Error::Refused(key)) => Ok(member::node_page(&ctx, &seen, REFUSED, Some(key))),
        Err(error) => Err(error),
    }
}
