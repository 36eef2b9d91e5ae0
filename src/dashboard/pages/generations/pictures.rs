//! Pictures, as operators look at them.

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
};
use aisha_actors::{
    domain::{
        id::PictureId,
        picture::{Picture, PictureState},
    },
    port::Records,
};
use maud::{Markup, html};
use tokio::sync::Semaphore;

use super::{
    super::super::{Ctx, Error, routes::Reply},
    PATH, one, words,
};

/// Pictures that are read at once: each is in memory as a whole.
static PLACES: Semaphore = Semaphore::const_new(4);

/// Whether there is something to look at. What its owner deleted is nobody's to see.
fn is_shown(picture: &Picture) -> bool {
    picture.state == PictureState::Stored && picture.object.is_some() && picture.content.is_some()
}

/// The bytes, under the type that their content told when they came in.
pub(super) async fn bytes(ctx: Ctx) -> Reply {
    let generation = one::id(&ctx)?;
    let n = ctx.params.get("n").parse().map_err(|_| Error::NotFound)?;
    let picture = ctx.desk.database.picture(PictureId { generation, n }).await?;
    let picture = picture.filter(is_shown).ok_or(Error::NotFound)?;
    let (Some(key), Some(content)) = (&picture.object, &picture.content) else {
        return Err(Error::NotFound);
    };
    let objects = ctx.desk.objects.as_ref().ok_or(Error::NotFound)?;
    let _place = PLACES.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
    let bytes = objects.get(key).await?;
    let image_type = content.image_type;
    let name = format!("inline; filename=\"{}.{}\"", picture.id, image_type.ending());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, image_type.mime()))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(bytes))
}

/// Small pictures that lead to their generations. `id`: of the list.
pub(in super::super) fn thumbs(ctx: &Ctx, id: &str, pictures: &[Picture]) -> Markup {
    html! {
        ul.thumbs id=(id) { @for picture in pictures { (thumb(ctx, picture)) } }
    }
}

fn thumb(ctx: &Ctx, picture: &Picture) -> Markup {
    let PictureId { generation, n } = picture.id;
    let state = words::picture(ctx, picture.state);
    let alt = ctx.tr(
        "pic-alt",
        &[
            ("n", n.into()),
            ("number", generation.short().into()),
            ("model", picture.model.to_string().into()),
        ],
    );
    html! {
        li {
            a href=(format!("{PATH}/{generation}")) {
                @if is_shown(picture) {
                    img src=(format!("/admin/pictures/{generation}/{n}")) alt=(alt) loading="lazy"
                        decoding="async" width="160" height="160";
                } @else {
                    span.unseen { (alt) } span.gone { (state) }
                }
            }
            @if picture.favourite { span.star role="img" aria-label=(ctx.t("person-favourites")) { "★" } }
        }
    }
}
