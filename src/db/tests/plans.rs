//! How the databases go about the statements whose cost must not grow.

use aisha_actors::{
    domain::{
        generation::{Failure, State},
        id::{GenerationId, PictureId, UserId},
        ledger::EntryKind,
        picture::{PictureState, Place, Selection},
        time::Range,
    },
    port::Reach,
};
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};
use uuid::Uuid;

use super::{
    Fresh, On,
    contract::{NOW, after, model},
};
use crate::db::{
    postgres,
    reports::{EntryFilter, GenerationFilter, Sequence, Spot},
    sqlite::queries::{
        gallery::texts,
        reports::{aside::JOB_IS_ASIDE, figures::glance_text},
    },
};

#[derive(Debug, QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The steps of a plan. The values that the text shows behind it are a comment to SQLite.
fn plan(connection: &mut SqliteConnection, text: &str) -> Vec<String> {
    let text = text.replace(" -- binds:", "\n-- binds:");
    let steps: Vec<Step> =
        sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(connection).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

fn never_grows(plan: &[String]) -> bool {
    !plan.iter().any(|step| step.contains("SCAN") || step.contains("TEMP B-TREE"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_of_the_gallery_walks_its_own_index_whatever_the_filters() {
    let fresh = Fresh::new(On::Sqlite).await;
    let mut connection = SqliteConnection::establish(&fresh.place.file()).unwrap();
    let place = Place { listed_at: NOW, generation: GenerationId(Uuid::nil()), n: 1 };
    let (user, range) = (UserId(1), Range { from: NOW, until: after(9) });
    for name in [None, Some("imagen4")] {
        for range in [None, Some(range)] {
            for favourites in [false, true] {
                let selection = Selection { model: name.map(model), range, favourites };
                let index = match (name.is_some(), favourites) {
                    (false, false) => "INDEX picture_gallery (owner=?",
                    (true, false) => "INDEX picture_model (owner=? AND model=?",
                    (false, true) => "INDEX picture_favourites (owner=?",
                    (true, true) => "INDEX picture_model_favourites (owner=? AND model=?",
                };
                let mut texts = vec![
                    (texts::cards(user, &selection, Reach::Newest), range.is_some()),
                    (texts::newer_than(user, &selection, place), true),
                ];
                let count = plan(&mut connection, &texts::count(user, &selection));
                assert!(count[0].contains("COVERING INDEX picture_"), "{count:#?}");
                assert!(count[0].contains("(owner=?") && never_grows(&count), "{count:#?}");
                for reach in [Reach::OlderThan(place), Reach::NewerThan(place)] {
                    texts.push((texts::cards(user, &selection, reach), true));
                }
                for (text, bounded) in texts {
                    let plan = plan(&mut connection, &text);
                    assert!(plan[0].contains(index), "{plan:#?}\n{text}");
                    assert_eq!(plan[0].contains("listed_at"), bounded, "{plan:#?}\n{text}");
                    assert!(never_grows(&plan), "{plan:#?}\n{text}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_is_found_without_reading_what_is_done() {
    let fresh = Fresh::new(On::Sqlite).await;
    let mut connection = SqliteConnection::establish(&fresh.place.file()).unwrap();
    for (text, index) in [
        (
            "SELECT seq FROM inbox WHERE inbox.is_open AND seq > 5 ORDER BY seq LIMIT 9",
            "inbox_open",
        ),
        (
            "SELECT seq FROM outbox WHERE outbox.is_open AND seq > 5 ORDER BY seq LIMIT 9",
            "outbox_open",
        ),
        ("SELECT id FROM generation WHERE is_live ORDER BY created_at, id", "generation_live"),
        (
            "SELECT id FROM generation WHERE user_id = 5 AND is_open ORDER BY created_at, id",
            "generation_open",
        ),
        (
            "SELECT url FROM picture WHERE has_job ORDER BY attempts, created_at, generation, n LIMIT 9",
            "picture_jobs",
        ),
        (
            &format!(
                "SELECT url FROM picture WHERE {JOB_IS_ASIDE} ORDER BY created_at, generation, n LIMIT 9"
            ),
            "picture_aside",
        ),
        (
            "SELECT min(seq) FROM node_order WHERE node = x'00' AND settled_at IS NULL AND state = 'open'",
            "node_order_unsettled",
        ),
        ("SELECT seq FROM inbox WHERE state = 'done' AND settled_at < 5 LIMIT 9", "inbox_done"),
        ("SELECT kind FROM entry WHERE user_id = 1 AND seq < 9 ORDER BY seq DESC", "entry_of_user"),
        ("SELECT amount FROM entry WHERE generation = x'00' ORDER BY seq", "entry_of_generation"),
    ] {
        let plan = plan(&mut connection, text);
        assert!(plan.iter().any(|step| step.contains(index)), "{plan:#?}\n{text}");
    }
}

/// Asked every two seconds while a page is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_glance_reads_one_person_and_what_was_set_aside() {
    let fresh = Fresh::new(On::Sqlite).await;
    let mut connection = SqliteConnection::establish(&fresh.place.file()).unwrap();
    let text = glance_text();
    assert!(text.contains("FROM person LIMIT 1)"), "{text}");
    let plan = plan(&mut connection, &text);
    for step in plan.iter().filter(|step| step.contains("box")) {
        assert!(step.contains("box_quarantined"), "{plan:#?}");
    }
    let first = "SELECT created_at FROM person ORDER BY created_at, id LIMIT 1";
    let plan = self::plan(&mut connection, first);
    assert!(plan.len() == 1 && plan[0].contains("INDEX person_newest"), "{plan:#?}");
}

/// How PostgreSQL goes about a statement whose values it does not know, as about a prepared one.
async fn generic_plan(fresh: &Fresh, text: &str) -> String {
    let own = fresh.place.own.as_ref().unwrap();
    let text = text.split(" -- binds:").next().unwrap();
    let count = (1..20).take_while(|n| text.contains(&format!("${n}"))).count();
    let values = vec!["NULL"; count].join(", ");
    let before = format!(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
         SET enable_bitmapscan = off; PREPARE asked AS {text}"
    );
    own.read_after(&before, &format!("EXPLAIN EXECUTE asked ({values})")).await.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_turn_of_the_gallery_walks_its_own_index_and_sorts_nothing() {
    use postgres::queries::gallery::texts;

    let fresh = Fresh::new(On::Postgres).await;
    let place = Place { listed_at: NOW, generation: GenerationId(Uuid::nil()), n: 1 };
    let user = UserId(1);
    for name in [None, Some("imagen4")] {
        for favourites in [false, true] {
            let selection = Selection { model: name.map(model), range: None, favourites };
            let index = match (name.is_some(), favourites) {
                (false, false) => "picture_gallery",
                (true, false) => "picture_model",
                (false, true) => "picture_favourites",
                (true, true) => "picture_model_favourites",
            };
            for reach in [Reach::Newest, Reach::OlderThan(place), Reach::NewerThan(place)] {
                let plan = generic_plan(&fresh, &texts::cards(user, &selection, reach)).await;
                assert!(plan.contains(&format!("{index} on picture")), "{plan}");
                assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{plan}");
            }
            for text in [texts::count(user, &selection), texts::newer_than(user, &selection, place)]
            {
                let plan = generic_plan(&fresh, &text).await;
                // Without rows all of them cost the same.
                assert!(plan.contains("Index Only Scan using picture_"), "{plan}");
            }
        }
    }
}

/// The dashboard's lists: a text per database, and the index in whose order it is read.
macro_rules! listed {
    ($queries:path) => {{
        use $queries as reports;

        let all = GenerationFilter::default;
        let key = GenerationId(Uuid::nil());
        let mut listed = Vec::new();
        for (filter, index) in [
            (all(), "generation_newest"),
            (GenerationFilter { state: Some(State::Failed), ..all() }, "generation_unpaid"),
            (GenerationFilter { state: Some(State::Queued), ..all() }, "generation_live"),
            (GenerationFilter { failure: Some(Failure::Safety), ..all() }, "generation_failure"),
            (GenerationFilter { model: Some(model("imagen4")), ..all() }, "generation_of_model"),
            (GenerationFilter { user: Some(UserId(1)), ..all() }, "generation_of_user"),
        ] {
            for sequence in [Sequence::NewestFirst, Sequence::OldestFirst] {
                for after in [None, Some(Spot { at: NOW, key })] {
                    let text = reports::generations::text(filter.clone(), sequence, after);
                    listed.push((text, index));
                }
            }
        }
        let all = EntryFilter::default;
        for (filter, index) in [
            (all(), "entry_newest"),
            (EntryFilter { kind: Some(EntryKind::Grant), ..all() }, "entry_of_kind"),
            (EntryFilter { actor: Some("eve".to_owned()), ..all() }, "entry_by_hand"),
            (EntryFilter { user: Some(UserId(1)), ..all() }, "entry_of_user"),
        ] {
            for after in [None, Some(Spot { at: NOW, key: 7 })] {
                listed.push((reports::entries::text(&filter, after), index));
            }
        }
        let spot = Spot { at: NOW, key: PictureId { generation: key, n: 1 } };
        for after in [None, Some(spot)] {
            let text = reports::storage::text(PictureState::Fallback, after);
            listed.push((text, "picture_unsettled"));
        }
        listed
    }};
}

/// What sums a minute of samples, and the index that it looks into.
const SUMMED_FROM: [&str; 4] =
    ["PRIMARY KEY (rowid>?)", "generation_newest", "generation_finished", "entry_of_kind"];

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboards_lists_walk_an_index_in_their_order() {
    let fresh = Fresh::new(On::Sqlite).await;
    let mut connection = SqliteConnection::establish(&fresh.place.file()).unwrap();
    for (text, index) in listed!(crate::db::sqlite::queries::reports) {
        let plan = plan(&mut connection, &text);
        assert!(plan[0].contains(index), "{index}: {plan:#?}\n{text}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}\n{text}");
    }
    let texts = crate::db::sqlite::queries::reports::samples::texts();
    for (text, index) in texts.iter().zip(SUMMED_FROM) {
        let plan = plan(&mut connection, text);
        assert!(plan[0].starts_with("SEARCH") && plan[0].contains(index), "{index}: {plan:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_the_dashboards_lists_walk_an_index_and_sort_nothing() {
    let fresh = Fresh::new(On::Postgres).await;
    for (text, index) in listed!(postgres::queries::reports) {
        let plan = generic_plan(&fresh, &text).await;
        assert!(plan.contains("Index Scan"), "{plan}\n{text}");
        assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{index}: {plan}\n{text}");
    }
    let texts = postgres::queries::reports::samples::texts();
    for (text, index) in texts.iter().zip(SUMMED_FROM) {
        let index = if index.starts_with("PRIMARY") { "inbox_pkey" } else { index };
        let plan = generic_plan(&fresh, text).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{index}: {plan}");
    }
}
