//! How long every page of the dashboard takes, from the request to the last byte, of the whole program on PostgreSQL
//! with 100 000 people and 1 000 000 pictures. Fails when one takes longer than a page may, and when a route of the
//! table is not asked for. Needs AISHA_TEST_POSTGRES_URL (see `scripts/servers/postgres`) and a few GB for a while.
//!
//!     AISHA_TEST_POSTGRES_URL=postgres://… cargo bench --bench pages
//!
//! AISHA_BENCH_DATABASE_URL names an empty database that is to be kept, or one that was kept: filling takes minutes.

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
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use aisha::{
    app::App,
    dashboard,
    db::{
        Database, Limits, Server, Target,
        audit::Deed,
        migrations,
        reports::{NewBroadcast, Segment},
    },
    settings::{self, Settings, Sources},
    world::SystemClock,
};
use aisha_actors::port::Clock;
use reqwest::{Client, header, redirect};

/// What a page may take in all.
const PAGE_MAX: Duration = Duration::from_millis(200);

/// Each is asked so often; told are the first time, the median and the longest.
const ROUNDS: usize = 9;

/// Rows of the audit log.
const DEEDS: usize = 5_000;

/// What is no page: a stream that never ends, and a file with every entry.
const NO_PAGES: [&str; 2] = ["/admin/events", "/admin/ledger/entries.csv"];

/// What looks at everything because somebody pressed a button for it, and may take longer: told, not judged.
const DEAR: [&str; 1] = ["/admin/audit/check"];

/// Nothing of this is about the provider: pictures that it still has would be fetched from nowhere.
const QUIET: &str = "UPDATE picture SET attempts = 3 WHERE state = 'fallback'";

/// A generation with several pictures, by the row that it was made from.
const ONE: &str = "SELECT replace(id::text, '-', '') FROM generation \
    WHERE state = 'delivered' AND count = 3 AND user_id = 100000 ORDER BY created_at DESC LIMIT 1";

fn main() {
    actix_rt::System::new().block_on(run());
}

async fn run() {
    let (own, url) = match std::env::var("AISHA_BENCH_DATABASE_URL") {
        Ok(url) => (None, url),
        Err(_) => {
            let own = own::OwnDatabase::make().await;
            let url = own.url();
            (Some(own), url)
        }
    };
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        Server { url: url.clone(), folder: folder.path().to_owned(), limits: Limits::default() };
    let target = Target::Server(server);
    migrations::up(&target).await.expect("a schema");
    let sql = own::connect(&url).await;
    let begun = Instant::now();
    let filled = sql.query_one("SELECT EXISTS (SELECT FROM person)", &[]).await.expect("a table");
    let is_filled: bool = filled.get(0);
    if !is_filled {
        rows::fill(&sql).await;
        sql.batch_execute(QUIET).await.expect("a quiet writer");
    }
    let one: String = sql.query_one(ONE, &[]).await.expect("a generation").get(0);
    println!("filled in {:.0?}", begun.elapsed());
    let db = Database::open(&target, Arc::new(SystemClock)).await.expect("a database");
    if db.list_broadcasts(None, 1).await.expect("broadcasts").is_empty() {
        beside(&db).await;
    }

    let settings = settings(&folder, &url);
    let app = App::start(&settings).await.expect("the program");
    let visitor = Visitor::enter(&app, &settings).await;
    settled(&db).await;
    println!("{:<78} {:>7} {:>7} {:>7} {:>6}", "milliseconds", "first", "median", "longest", "KiB");
    let mut slow = Vec::new();
    let all = paths(app.steering().id().simple().to_string(), &one);
    for path in &all {
        if visitor.looks(path).await > PAGE_MAX && !DEAR.contains(&path.as_str()) {
            slow.push(path.clone());
        }
    }
    let asked: BTreeSet<&str> = dashboard::places()
        .filter(|route| all.iter().any(|path| fits(route, path)) || NO_PAGES.contains(route))
        .collect();
    let missing: Vec<_> = dashboard::places().filter(|route| !asked.contains(route)).collect();
    let begun = Instant::now();
    let checked = db.check_ledger_now(SystemClock.now()).await.expect("the books");
    println!("check of the books: {:.1?}, {} breaches", begun.elapsed(), checked.breaches);
    app.stop().await;
    drop(own);
    assert!(missing.is_empty(), "not asked for: {missing:?}");
    assert!(slow.is_empty(), "too slow: {slow:?}");
}

/// What the data of the reports has not.
async fn beside(db: &Database) {
    let now = SystemClock.now();
    for number in 0..DEEDS {
        let deed = Deed {
            actor: "eve".to_owned(),
            action: "person.credits".to_owned(),
            subject: format!("person/{number}"),
            reason: "a gift".to_owned(),
            before: None,
            after: Some("+5".to_owned()),
            request_id: String::new(),
            address: "127.0.0.1".to_owned(),
        };
        db.record(deed, now).await.expect("a row of the audit log");
    }
    for segment in [Segment::Everyone, Segment::Active(30), Segment::Idle(30)] {
        let (text_en, text_ru) = ("Good news".to_owned(), "Хорошие новости".to_owned());
        let new = NewBroadcast { text_en, text_ru, segment, author: "eve".to_owned() };
        db.create_broadcast(new).await.expect("a broadcast");
    }
}

fn settings(folder: &tempfile::TempDir, url: &str) -> Settings {
    let inside = |name: &str| folder.path().join(name).display().to_string();
    let environment = BTreeMap::from(
        [
            ("DATABASE_URL", url.to_owned()),
            ("DATA_DIR", inside("data")),
            ("LOG_FILE", inside("app.log")),
            ("HTTP_BIND", "127.0.0.1:0".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let folder = folder.path().to_owned();
    settings::load(Sources { config: None, folder, environment }).expect("settings")
}

/// Until what was under way is over, and the first sums are made.
async fn settled(db: &Database) {
    let begun = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_millis(200));
    loop {
        pace.tick().await;
        let figures = db.figures().await.expect("figures");
        let busy = figures.generations_open + figures.outbox_open + figures.inbox_open;
        let checked = db.last_ledger_check().await.expect("the books").is_some();
        if busy == 0 && checked {
            println!("settled in {:.0?}\n", begun.elapsed());
            return;
        }
    }
}

/// A place or more for every route.
fn paths(node: String, one: &str) -> Vec<String> {
    let heavy = rows::HEAVY;
    [
        "/admin",
        "/admin/overview/series?span=hour",
        "/admin/overview/series?span=day",
        "/admin/overview/series?span=month",
        "/admin/actors",
        "/admin/actors?user=50&order=id",
        "/admin/actors/aside",
        "/admin/actors/aside?kind=storage",
        "/admin/actors/aside?kind=storage&page=80",
        &format!("/admin/actors/{node}"),
        &format!("/admin/actors/{node}/ledger"),
        &format!("/admin/actors/{node}/users/50"),
        "/admin/people",
        "/admin/people?q=5000",
        "/admin/people?q=%40user_77",
        "/admin/people?q=%D0%B0",
        "/admin/people?q=nobody",
        "/admin/people/50",
        &format!("/admin/people/{heavy}"),
        "/admin/generations",
        "/admin/generations?state=failed",
        "/admin/generations?state=failed&order=oldest",
        "/admin/generations?live=1",
        "/admin/generations?failure=model_gone",
        "/admin/generations?model=rare",
        "/admin/generations?error=panicked+77",
        &format!("/admin/generations?user={heavy}&state=failed"),
        "/admin/generations?since=2026-01-01&until=2026-12-31&model=imagen4",
        &format!("/admin/generations/{one}"),
        &format!("/admin/pictures/{one}/1"),
        "/admin/ledger",
        "/admin/ledger?kind=capture",
        "/admin/ledger?kind=refund",
        "/admin/ledger?actor=eve",
        &format!("/admin/ledger?user={heavy}"),
        "/admin/ledger?from=2026-01-01&until=2026-12-31",
        "/admin/ledger/accounts",
        "/admin/storage",
        "/admin/storage/pictures/fallback",
        "/admin/storage/pictures/lost",
        "/admin/storage/pictures/trashed",
        "/admin/catalogue",
        "/admin/catalogue/models/imagen4",
        "/admin/catalogue/models/imagen4/probe",
        "/admin/broadcasts",
        "/admin/broadcasts/1",
        "/admin/broadcasts/2",
        "/admin/broadcasts/3",
        "/admin/broadcasts/1/progress",
        "/admin/log",
        "/admin/log/lines",
        "/admin/maintenance",
        "/admin/operators",
        "/admin/operators/sandbox",
        "/admin/audit",
        "/admin/audit?subject=person/77",
        "/admin/audit?actor=eve",
        "/admin/audit/check",
        "/admin/account",
        "/admin/account/totp",
        "/admin/proof",
        "/admin/login",
        "/admin/link",
        "/admin/assets/dashboard.css",
        "/admin/api/openapi.json",
        "/admin/api/overview",
        "/admin/api/series?span=month",
        "/admin/api/actors",
        "/admin/api/people?limit=200",
        "/admin/api/people?search=person+9&limit=200",
        &format!("/admin/api/people/{heavy}"),
        "/admin/api/generations?limit=200",
        "/admin/api/generations?state=failed&limit=200",
        &format!("/admin/api/generations/{one}"),
        "/admin/api/entries?limit=200",
        &format!("/admin/api/entries?user={heavy}&limit=200"),
        "/admin/api/storage",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Whether this path is a place of the route.
fn fits(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let parts = || route.split('/').zip(path.split('/'));
    route.split('/').count() == path.split('/').count()
        && parts().all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

/// Whoever has the sandbox's link.
struct Visitor {
    client: Client,
    base: String,
    cookie: String,
}

impl Visitor {
    async fn enter(app: &App, settings: &Settings) -> Self {
        let link = app.login_link(settings).await.expect("a database").expect("a sandbox");
        let token = link.split_once("token=").expect("a token").1.to_owned();
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build();
        let (client, base) = (client.unwrap(), format!("http://{}", app.address()));
        let form =
            client.post(format!("{base}/admin/link")).header("sec-fetch-site", "same-origin");
        let kind = "application/x-www-form-urlencoded";
        let form = form.header(header::CONTENT_TYPE, kind).body(format!("token={token}"));
        let entered = form.send().await.expect("an answer");
        let set = entered.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = set.split(';').next().unwrap().to_owned();
        Self { client, base, cookie }
    }

    /// Looks again and again; gives the median.
    async fn looks(&self, path: &str) -> Duration {
        let (mut times, mut bytes, mut said) = (Vec::new(), 0, String::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let request = self.client.get(format!("{}{path}", self.base));
            let answer = request.header(header::COOKIE, &self.cookie).send().await.expect(path);
            let status = answer.status();
            bytes = answer.bytes().await.expect(path).len();
            times.push(begun.elapsed());
            // A bench has no pictures in storage, and who is signed in needs no form for it.
            let known =
                status.is_success() || status.is_redirection() || path.contains("/pictures/");
            assert!(known, "{path}: {status}");
            if !status.is_success() {
                said = format!(" {}", status.as_u16());
            }
        }
        let first = times.first().copied().unwrap_or_default();
        times.sort();
        let median = times.get(ROUNDS / 2).copied().unwrap_or_default();
        let longest = times.last().copied().unwrap_or_default();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let shown = format!("{path}{said}");
        println!(
            "{shown:<78} {:7.1} {:7.1} {:7.1} {:6}",
            ms(first),
            ms(median),
            ms(longest),
            bytes / 1024
        );
        median
    }
}
