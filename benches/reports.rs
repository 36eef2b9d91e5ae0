//! How long each of the dashboard's reports takes with 100 000 people and 1 000 000 pictures in PostgreSQL.
//! Fails when one takes longer than a page may. Needs AISHA_TEST_POSTGRES_URL (see
//! `scripts/servers/postgres`) and a few GB for a while.
//!
//!     AISHA_TEST_POSTGRES_URL=postgres://… cargo bench --bench reports

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot run has failed"
)]

#[path = "../tests/support/postgres.rs"]
mod own;
#[path = "reports/rows.rs"]
mod rows;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aisha::{
    db::{
        Database, Limits, Server, Target, migrations,
        reports::{AsideKind, EntryFilter, GenerationFilter, Page, Segment, Sequence, Span, Spot},
    },
    world::SystemClock,
};
use aisha_actors::{
    domain::{
        generation::{Failure, State},
        id::{ModelId, UserId},
        ledger::EntryKind,
        picture::PictureState,
        time::Timestamp,
    },
    port::{Clock, Result},
};

/// What a page may take in all.
const PAGE_MAX: Duration = Duration::from_millis(200);

/// Each is asked so often; told are the first time, the median and the longest.
const ROUNDS: usize = 9;

/// Lines on a page.
const LINES: usize = 50;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let place = own::OwnDatabase::make().await;
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        Server { url: place.url(), folder: folder.path().to_owned(), limits: Limits::default() };
    let target = Target::Server(server);
    migrations::up(&target).await.expect("a schema");
    let begun = Instant::now();
    rows::fill(&own::connect(&place.url()).await).await;
    println!("filled in {:.0?}\n", begun.elapsed());
    let db = Database::open(&target, Arc::new(SystemClock)).await.expect("a database");
    let mut watch = Watch { slow: Vec::new() };
    println!("{:<52} {:>9} {:>9} {:>9}", "milliseconds", "first", "median", "longest");
    beforehand(&db, &mut watch).await;
    pages(&db, &mut watch).await;
    lists(&db, &mut watch).await;
    assert!(watch.slow.is_empty(), "too slow: {:?}", watch.slow);
}

struct Watch {
    slow: Vec<String>,
}

impl Watch {
    /// Asks a report again and again.
    async fn page<T>(&mut self, name: &str, ask: impl AsyncFn() -> Result<T>) -> T {
        let mut times = Vec::new();
        let mut last = None;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            last = Some(ask().await.expect(name));
            times.push(begun.elapsed());
        }
        let first = times.first().copied().unwrap_or_default();
        times.sort();
        let median = times.get(ROUNDS / 2).copied().unwrap_or_default();
        let longest = times.last().copied().unwrap_or_default();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!("{name:<52} {:9.1} {:9.1} {:9.1}", ms(first), ms(median), ms(longest));
        if median > PAGE_MAX {
            self.slow.push(name.to_owned());
        }
        last.expect("it was asked")
    }

    /// Asks once what no page waits for.
    async fn once<T>(&mut self, name: &str, ask: impl Future<Output = Result<T>>) {
        let begun = Instant::now();
        match ask.await {
            Ok(_) => println!("{name:<52} {:9.1}", begun.elapsed().as_secs_f64() * 1e3),
            Err(error) => println!("{name:<52} {error}"),
        }
    }
}

/// What runs beside the pages.
async fn beforehand(db: &Database, watch: &mut Watch) {
    let now = SystemClock.now();
    watch.once("(beforehand) samples of a day", db.take_samples(now)).await;
    let minute = Timestamp(now.0 + 60_000_000);
    watch.once("(beforehand) samples of a minute", db.take_samples(minute)).await;
    watch.once("(beforehand) count of all pictures", db.count_storage(now)).await;
    watch.once("(beforehand) check of the books", db.check_ledger(now)).await;
}

async fn pages(db: &Database, watch: &mut Watch) {
    let now = SystemClock.now();
    watch.page("overview", async || db.overview(now).await).await;
    watch.page("glance of every page", async || db.glance().await).await;
    watch.page("figures for the metrics", async || db.figures().await).await;
    for span in Span::ALL {
        watch.page(&format!("series, {span:?}"), async || db.series(span, now).await).await;
    }
    watch.page("person", async || db.person_report(UserId(50), now).await).await;
    let heavy = rows::HEAVY;
    watch.page("person with 10 000 pictures", async || db.person_report(heavy, now).await).await;
    let all = watch
        .page("person's pictures", async || db.pictures_of_person(heavy, None, LINES).await)
        .await;
    let spot = all.last().map(|one| Spot { at: one.created_at, key: one.id });
    watch
        .page("person's pictures, on", async || db.pictures_of_person(heavy, spot, LINES).await)
        .await;
    let one = all.first().expect("a picture").id.generation;
    watch.page("generation's timeline", async || db.timeline(one).await).await;
    watch.page("set aside", async || db.list_aside(AsideKind::Update, Page::default()).await).await;
    watch.page("books, last check", async || db.last_ledger_check().await).await;
    watch.page("buckets", async || db.bucket_counts().await).await;
    watch.page("backlog", async || db.backlog().await).await;
    for state in [PictureState::Fallback, PictureState::Lost] {
        let name = format!("pictures, {}", state.name());
        let first =
            watch.page(&name, async || db.unsettled_pictures(state, None, LINES).await).await;
        let spot = first.last().map(|one| one.spot);
        let name = format!("{name}, on");
        watch.page(&name, async || db.unsettled_pictures(state, spot, LINES).await).await;
    }
    for segment in [Segment::Everyone, Segment::Active(30), Segment::Idle(30)] {
        let name = format!("people of a segment, {segment}");
        watch.page(&name, async || db.count_segment(segment.clone()).await).await;
    }
}

async fn lists(db: &Database, watch: &mut Watch) {
    for search in
        [None, Some("5000"), Some("@user_77"), Some("а"), Some("person 9"), Some("nobody")]
    {
        let name = format!("people, {}", search.unwrap_or("all"));
        let first = watch.page(&name, async || db.find_people(search, None, LINES).await).await;
        let spot = first.last().map(|line| line.spot());
        let name = format!("{name}, on");
        watch.page(&name, async || db.find_people(search, spot, LINES).await).await;
        let name = format!("people, {}, count", search.unwrap_or("all"));
        watch.page(&name, async || db.count_found_people(search).await).await;
    }
    let all = GenerationFilter::default;
    let model = |name: &str| ModelId::parse(name).ok();
    let old = Some(Timestamp(SystemClock.now().0 - 60 * 24 * 3_600_000_000));
    for (name, filter) in [
        ("all", all()),
        ("delivered", GenerationFilter { state: Some(State::Delivered), ..all() }),
        ("failed", GenerationFilter { state: Some(State::Failed), ..all() }),
        ("expired", GenerationFilter { state: Some(State::Expired), ..all() }),
        ("queued", GenerationFilter { state: Some(State::Queued), ..all() }),
        ("rare failure", GenerationFilter { failure: Some(Failure::ModelGone), ..all() }),
        ("rare model", GenerationFilter { model: model("rare"), ..all() }),
        ("no such model", GenerationFilter { model: model("none"), ..all() }),
        (
            "rare model, failed",
            GenerationFilter { model: model("rare"), state: Some(State::Failed), ..all() },
        ),
        ("older than 60 days", GenerationFilter { before: old, ..all() }),
        ("words of an error", GenerationFilter { reason: Some("panicked 77".to_owned()), ..all() }),
        ("one person's", GenerationFilter { user: Some(rows::HEAVY), ..all() }),
        (
            "one person's, failed",
            GenerationFilter { user: Some(rows::HEAVY), state: Some(State::Failed), ..all() },
        ),
    ] {
        for sequence in [Sequence::NewestFirst, Sequence::OldestFirst] {
            let name = format!("generations, {name}, {sequence:?}");
            let ask = async |spot| db.find_generations(filter.clone(), sequence, spot, LINES).await;
            let first = watch.page(&name, async || ask(None).await).await;
            let spot = first.last().map(|one| Spot { at: one.created_at, key: one.id });
            watch.page(&format!("{name}, on"), async || ask(spot).await).await;
        }
        let name = format!("generations, {name}, count");
        watch.page(&name, async || db.count_found_generations(filter.clone()).await).await;
    }
    let all = EntryFilter::default;
    for (name, filter) in [
        ("all", all()),
        ("captures", EntryFilter { kind: Some(EntryKind::Capture), ..all() }),
        ("grants", EntryFilter { kind: Some(EntryKind::Grant), ..all() }),
        ("refunds", EntryFilter { kind: Some(EntryKind::Refund), ..all() }),
        ("by an operator", EntryFilter { actor: Some("eve".to_owned()), ..all() }),
        ("older than 60 days", EntryFilter { until: old, ..all() }),
        ("one person's", EntryFilter { user: Some(rows::HEAVY), ..all() }),
        (
            "one person's grants",
            EntryFilter { user: Some(rows::HEAVY), kind: Some(EntryKind::Grant), ..all() },
        ),
    ] {
        let name = format!("entries, {name}");
        let ask = async |spot| db.find_entries(filter.clone(), spot, LINES).await;
        let first = watch.page(&name, async || ask(None).await).await;
        let spot = first.last().map(|line| line.spot());
        watch.page(&format!("{name}, on"), async || ask(spot).await).await;
        watch.page(&format!("{name}, sum"), async || db.sum_entries(filter.clone()).await).await;
    }
    let first = watch.page("accounts", async || db.find_balances(None, LINES).await).await;
    let spot = first.last().map(|line| {
        (
            aisha_actors::domain::ledger::Credits(line.account.credited.0 - line.account.debited.0),
            line.user,
        )
    });
    watch.page("accounts, on", async || db.find_balances(spot, LINES).await).await;
    watch.page("entries as CSV, a part", async || db.entries_csv(all(), None).await).await;
}
