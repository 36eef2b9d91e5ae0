//! Incidents: once in the rows, and told once.

use uuid::Uuid;

use super::{Fresh, On};
use crate::db::incidents::{IncidentKind, Noticed};

on_each!(an_incident_is_one_row_from_its_beginning_until_its_end_is_told);

fn aside(level: i64) -> Noticed {
    let (kind, subject, said) = (IncidentKind::Aside, String::new(), "words".to_owned());
    Noticed { kind, subject, level, said }
}

async fn an_incident_is_one_row_from_its_beginning_until_its_end_is_told(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    let node = Uuid::from_u128(7);
    db.raise_incident(node, aside(2)).await.unwrap();
    let first = db.incidents().await.unwrap().remove(0);
    assert_eq!((first.node, &first.what, first.told), (node, &aside(2), None));
    db.told_incident(IncidentKind::Aside, "", 2).await.unwrap();
    db.raise_incident(Uuid::from_u128(8), aside(5)).await.unwrap();
    let grown = db.incidents().await.unwrap().remove(0);
    assert_eq!((grown.node, grown.since, grown.what.level), (node, first.since, 5));
    assert_eq!(grown.told.unwrap().1, 2, "more than was told");
    // Less than was told: the next that comes is news again.
    db.raise_incident(node, aside(1)).await.unwrap();
    assert_eq!(db.incidents().await.unwrap().remove(0).told.unwrap().1, 1);
    // Only what is over is forgotten.
    db.forget_incident(IncidentKind::Aside, "").await.unwrap();
    db.end_incident(IncidentKind::Aside, "").await.unwrap();
    assert!(db.incidents().await.unwrap().remove(0).ended_at.is_some());
    db.forget_incident(IncidentKind::Aside, "").await.unwrap();
    assert_eq!(db.incidents().await.unwrap(), []);
    for kind in IncidentKind::ALL {
        assert_eq!(IncidentKind::parse(kind.name()), Some(kind));
    }
}
