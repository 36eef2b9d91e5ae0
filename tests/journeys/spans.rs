//! What the log and a tracer can follow: a generation from the update that ordered it to its delivery.

use super::picture;
use crate::support::{TestApp, log::ended_with};

#[actix_rt::test]
async fn spans_carry_user_update_and_generation_from_the_update_to_the_delivery() {
    let app = TestApp::start().await;
    let id = 8_140_001;
    let ann = app.user(id).await;
    picture(&ann, "a fox that is followed").await;
    app.finish().await;
    let of_ann = ended_with("user", &id.to_string());
    let update =
        of_ann.iter().find(|span| span.name == "update" && span.field("generation").is_some());
    let update = update.expect("no update began a generation");
    assert!(update.field("update").is_some(), "{update:?}");
    let generation = update.field("generation").unwrap();
    let names: Vec<_> =
        ended_with("generation", generation).into_iter().map(|span| span.name).collect();
    // The picture is stored by another actor, within the generation's own span.
    for name in ["update", "generation", "picture", "delivery"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}
