//! The row of a picture, and what a gallery card reads of it.

use aisha_actors::domain::{
    id::{GenerationId, ModelId, PictureId, UserId},
    picture::{Card, Content, ImageType, ObjectKey, Picture, PictureState, Place},
    time::Timestamp,
};
use diesel::prelude::*;

use super::{Corrupt, Id, Moment, narrow};
use crate::db::schema::{generation, picture};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = picture, treat_none_as_default_value = false)]
pub(in crate::db) struct PictureRow {
    generation: Id,
    n: i32,
    owner: i64,
    model: String,
    state: String,
    url: String,
    url_expires_at: Option<Moment>,
    bucket: Option<String>,
    object_key: Option<String>,
    mime: Option<String>,
    size: Option<i64>,
    hash: Option<Vec<u8>>,
    width: Option<i64>,
    height: Option<i64>,
    file_id: Option<String>,
    favourite: bool,
    listed: bool,
    listed_at: Option<Moment>,
    created_at: Moment,
    attempts: i32,
}

/// What the sight of a picture's bytes writes; `None` stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = picture)]
pub(in crate::db) struct ContentChange {
    bucket: Option<String>,
    object_key: Option<String>,
    mime: Option<String>,
    size: Option<i64>,
    hash: Option<Vec<u8>>,
    width: Option<i64>,
    height: Option<i64>,
}

impl ContentChange {
    pub(in crate::db) fn new(object: Option<ObjectKey>, content: Option<Content>) -> Self {
        let (bucket, object_key) = object.map(|object| (object.bucket, object.key)).unzip();
        let content = content.as_ref();
        Self {
            bucket,
            object_key,
            mime: content.map(|content| content.image_type.mime().to_owned()),
            size: content.map(|content| i64::try_from(content.size).unwrap_or(i64::MAX)),
            hash: content.map(|content| content.hash.to_vec()),
            width: content.map(|content| content.width.into()),
            height: content.map(|content| content.height.into()),
        }
    }
}

impl From<Picture> for PictureRow {
    fn from(picture: Picture) -> Self {
        let ContentChange { bucket, object_key, mime, size, hash, width, height } =
            ContentChange::new(picture.object, picture.content);
        Self {
            generation: picture.id.generation.into(),
            n: picture.id.n.into(),
            owner: picture.owner.0,
            model: picture.model.into(),
            state: picture.state.name().to_owned(),
            url: picture.url,
            url_expires_at: picture.url_expires_at.map(Moment::from),
            bucket,
            object_key,
            mime,
            size,
            hash,
            width,
            height,
            file_id: picture.file_id,
            favourite: picture.favourite,
            listed: picture.listed_at.is_some() && picture.state.is_safe(),
            listed_at: picture.listed_at.map(Moment::from),
            created_at: picture.created_at.into(),
            attempts: picture.attempts.into(),
        }
    }
}

impl TryFrom<PictureRow> for Picture {
    type Error = Corrupt;
    fn try_from(row: PictureRow) -> Result<Self, Corrupt> {
        let id = PictureId { generation: row.generation.into(), n: narrow(row.n, "n")? };
        let corrupt = |what: &str| Corrupt::new(format!("picture {id}: {what}"));
        let object = row.bucket.zip(row.object_key).map(|(bucket, key)| ObjectKey { bucket, key });
        let content = match (row.mime, row.size, row.hash, row.width, row.height) {
            (Some(mime), Some(size), Some(hash), Some(width), Some(height)) => Some(Content {
                image_type: ImageType::from_mime(&mime).ok_or_else(|| corrupt("unknown type"))?,
                size: narrow(size, "size")?,
                hash: hash.try_into().map_err(|_| corrupt("no SHA-256"))?,
                width: narrow(width, "width")?,
                height: narrow(height, "height")?,
            }),
            _ => None,
        };
        Ok(Self {
            id,
            owner: UserId(row.owner),
            model: ModelId::parse(&row.model).map_err(|_| corrupt("no model id"))?,
            state: PictureState::parse(&row.state).ok_or_else(|| corrupt("unknown state"))?,
            url: row.url,
            url_expires_at: row.url_expires_at.map(Timestamp::from),
            object,
            content,
            file_id: row.file_id,
            favourite: row.favourite,
            listed_at: row.listed_at.map(Timestamp::from),
            created_at: row.created_at.into(),
            attempts: narrow(row.attempts, "attempts")?,
        })
    }
}

/// A listed picture with what its generation tells.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = picture)]
pub(in crate::db) struct CardRow {
    generation: Id,
    n: i32,
    model: String,
    file_id: Option<String>,
    favourite: bool,
    listed_at: Option<Moment>,
    created_at: Moment,
    #[diesel(select_expression = generation::ratio)]
    ratio: String,
    #[diesel(select_expression = generation::resolution)]
    resolution: Option<String>,
    #[diesel(select_expression = generation::prompt)]
    prompt: String,
    #[diesel(select_expression = generation::captured)]
    siblings: i32,
}

impl TryFrom<CardRow> for Card {
    type Error = Corrupt;
    fn try_from(row: CardRow) -> Result<Self, Corrupt> {
        let generation = GenerationId::from(row.generation);
        let corrupt = |what: &str| Corrupt::new(format!("picture of {generation}: {what}"));
        Ok(Self {
            place: Place {
                listed_at: row.listed_at.map(Timestamp::from).ok_or_else(|| corrupt("no place"))?,
                generation,
                n: narrow(row.n, "n")?,
            },
            model: ModelId::parse(&row.model).map_err(|_| corrupt("no model id"))?,
            ratio: row.ratio.into(),
            resolution: row.resolution.map(Into::into),
            prompt: row.prompt,
            favourite: row.favourite,
            file_id: row.file_id,
            created_at: row.created_at.into(),
            siblings: narrow(row.siblings, "captured")?,
        })
    }
}
