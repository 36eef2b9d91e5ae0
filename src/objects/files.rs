//! `GET /files/{bucket}/{key}`: objects by signed link.

use std::{fmt, sync::Arc};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use aisha_actors::{
    domain::picture::{ImageType, ObjectKey},
    port::{Clock, Kind, Objects},
};

use super::{
    disk::is_valid,
    link::{Link, Refused, Signer},
};

/// What the handler works with.
#[derive(Clone)]
pub struct Files {
    pub objects: Arc<dyn Objects>,
    pub signer: Signer,
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Files")
    }
}

/// Serves an object: for the route `/files/{bucket}/{key:.*}`, with [`Files`] as data. The type is
/// fixed by the key, so that no content is ever taken for a page.
pub async fn files(
    files: web::Data<Files>,
    path: web::Path<(String, String)>,
    link: Result<web::Query<Link>, actix_web::Error>,
) -> HttpResponse {
    let (bucket, key) = path.into_inner();
    let object = ObjectKey { bucket, key };
    let Ok(link) = link else { return refuse(StatusCode::FORBIDDEN) };
    let Some(image_type) = image_type(&object.key).filter(|_| is_valid(&object)) else {
        return refuse(StatusCode::NOT_FOUND);
    };
    match files.signer.check(&object, &link, files.clock.now()) {
        Ok(()) => {}
        Err(Refused::Forged) => return refuse(StatusCode::FORBIDDEN),
        Err(Refused::Expired) => return refuse(StatusCode::GONE),
    }
    match files.objects.get(&object).await {
        Ok(bytes) => serve(&object, image_type, bytes),
        Err(error) if error.kind == Kind::NotFound => refuse(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::warn!(%error, "an object cannot be served");
            refuse(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn serve(object: &ObjectKey, image_type: ImageType, bytes: web::Bytes) -> HttpResponse {
    // The key's last part is ours and plain: letters, digits, `-`, `_` and dots.
    let name = object.key.rsplit('/').next().unwrap_or_default();
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, image_type.mime()))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"))
        .body(bytes)
}

fn refuse(status: StatusCode) -> HttpResponse {
    let words = status.canonical_reason().unwrap_or_default();
    HttpResponse::build(status)
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(words)
}

fn image_type(key: &str) -> Option<ImageType> {
    let (_, ending) = key.rsplit_once('.')?;
    [ImageType::Jpeg, ImageType::Png, ImageType::Webp]
        .into_iter()
        .find(|image_type| image_type.ending() == ending)
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        dev::ServiceResponse,
        test::{TestRequest, call_service, init_service, read_body},
    };
    use aisha_actors::domain::time::Timestamp;
    use bytes::Bytes;

    use super::{
        super::{Disk, LINK_LIFE},
        *,
    };
    use crate::outgoing::testing::Hands;

    const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

    fn object(key: &str) -> ObjectKey {
        ObjectKey { bucket: "imagen4".to_owned(), key: key.to_owned() }
    }

    async fn get(at: Timestamp, path: &str) -> ServiceResponse {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path()).await.unwrap();
        let bytes = Bytes::from_static(b"<script>alert(1)</script>");
        disk.put(&object("2026/08/20/a_1.jpg"), bytes, ImageType::Jpeg).await.unwrap();
        let data = Files { objects: Arc::new(disk), signer: signer(), clock: Hands::at(at) };
        let app = App::new()
            .app_data(web::Data::new(data))
            .route("/files/{bucket}/{key:.*}", web::get().to(files));
        call_service(&init_service(app).await, TestRequest::get().uri(path).to_request()).await
    }

    fn signer() -> Signer {
        Signer::new(b"secret").unwrap()
    }

    #[actix_web::test]
    async fn a_link_shows_its_object_as_a_picture_and_nothing_else() {
        let response =
            get(NOW, &signer().path(&object("2026/08/20/a_1.jpg"), NOW, LINK_LIFE)).await;
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(header("content-type"), "image/jpeg");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-disposition"), "inline; filename=\"a_1.jpg\"");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(read_body(response).await, "<script>alert(1)</script>");
    }

    #[actix_web::test]
    async fn other_links_show_nothing() {
        let good = signer().path(&object("2026/08/20/a_1.jpg"), NOW, LINK_LIFE);
        let sign = |key: &str| signer().path(&object(key), NOW, LINK_LIFE);
        let day = LINK_LIFE;
        for (at, path, status) in [
            (NOW, good.replace("a_1", "a_2"), 403),
            (NOW, good.split('?').next().unwrap().to_owned(), 403),
            (NOW, good.replace("expires=", "expires=9"), 403),
            (NOW, format!("{good}00"), 403),
            (NOW.plus(day), good.clone(), 410),
            (NOW, sign("2026/08/20/a_2.jpg"), 404),
            (NOW, sign("a.html"), 404),
            (NOW, sign("../imagen4/2026/08/20/a_1.jpg"), 404),
            (NOW, sign("%2e%2e/imagen4/2026/08/20/a_1.jpg"), 404),
        ] {
            assert_eq!(get(at, &path).await.status(), status, "{path}");
        }
    }
}
