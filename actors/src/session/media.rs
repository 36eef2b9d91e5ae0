//! A picture for Telegram: its `file_id` if it was ever sent, else the bytes, from wherever they are.

use crate::{
    domain::{
        id::PictureId,
        picture::{ImageType, Picture, PictureState},
        text::Language,
        view::{Media, View},
    },
    port::{self, Image, Kind, Ports, Rendered},
};

/// The view with its picture at hand. A picture that is not to be had now leaves `image` empty.
pub(super) async fn render(
    ports: &Ports,
    view: View,
    language: Language,
) -> port::Result<Rendered> {
    let image = match &view.media {
        Media::None | Media::Keep => None,
        Media::Picture { file_id: Some(file_id), .. } => Some(Image::FileId(file_id.clone())),
        Media::Picture { id, file_id: None } => {
            let picture = ports.store.picture(*id).await?;
            match picture {
                Some(picture) => image_of(ports, &picture).await?,
                None => None,
            }
        }
    };
    Ok(Rendered { view, image, language })
}

/// The same with the bytes, after Telegram did not take the `file_id`.
pub(super) async fn render_bytes(
    ports: &Ports,
    view: View,
    language: Language,
    id: PictureId,
) -> port::Result<Rendered> {
    let image = match ports.store.picture(id).await? {
        Some(picture) => bytes_of(ports, &picture).await?,
        None => None,
    };
    Ok(Rendered { view, image, language })
}

async fn image_of(ports: &Ports, picture: &Picture) -> port::Result<Option<Image>> {
    match &picture.file_id {
        Some(file_id) => Ok(Some(Image::FileId(file_id.clone()))),
        None => bytes_of(ports, picture).await,
    }
}

/// The original's bytes: from storage, else from the provider.
pub(super) async fn bytes_of(ports: &Ports, picture: &Picture) -> port::Result<Option<Image>> {
    let known_type = picture.content.as_ref().map(|content| content.image_type);
    // A fallback is not in storage yet, and storage may be slow to say so.
    if picture.state == PictureState::Stored
        && let Some(key) = &picture.object
    {
        match ports.objects.get(key).await {
            Ok(bytes) => {
                let image_type = known_type.unwrap_or(ImageType::Jpeg);
                return Ok(Some(image(picture.id, image_type, bytes)));
            }
            Err(error) => {
                tracing::warn!(picture = %picture.id, %error, "storage did not give the picture");
            }
        }
    }
    match ports.downloads.picture(&picture.url).await {
        Ok((bytes, content)) => Ok(Some(image(picture.id, content.image_type, bytes))),
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::Permanent) => Ok(None),
        Err(error) => Err(error),
    }
}

fn image(id: PictureId, image_type: ImageType, bytes: bytes::Bytes) -> Image {
    Image::Bytes { name: format!("{id}.{}", image_type.ending()), image_type, bytes }
}
