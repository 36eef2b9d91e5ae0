//! The dashboard alone: over HTTP, on a database of its own, with a clock that can be set. Names begin with
//! the rows of the security checklist that they prove.

mod access;
mod actors;
mod api;
mod broadcasts;
mod catalogue;
mod generations;
mod grove;
mod guesses;
mod ledger;
mod log;
mod login;
mod maintenance;
mod overview;
mod pages;
mod people;
mod second;
mod storage;

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{App, HttpServer, dev::ServerHandle};
use aisha_actors::{
    domain::{
        change::{Change, Changes},
        id::UserId,
        ledger::{Credits, Entry},
        person::Profile,
    },
    fake,
    port::{NobodyElse, Records},
    shop::{Shop, Terms},
};
use reqwest::{Client, Response, StatusCode, header, redirect};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::*;
use crate::{
    app::Means,
    db::{Target, migrations},
    settings::{self, Sources},
};

const PASSWORD: &str = "brisk-lantern-orbit-plum";

/// A dashboard, and a clock to play with.
struct Office {
    desk: Arc<Desk>,
    clock: Arc<fake::Clock>,
    address: SocketAddr,
    client: Client,
    server: ServerHandle,
    file: std::path::PathBuf,
    /// What the catalogue and the work on storage stand on.
    world: fake::World,
    shop: Arc<Shop>,
    dir: TempDir,
}

/// A browser that is signed in.
#[derive(Debug, Clone)]
struct Browser {
    cookie: String,
    csrf: String,
}

async fn phc() -> String {
    static PHC: OnceCell<String> = OnceCell::const_new();
    let made = async { Hasher::default().hash(PASSWORD.to_owned()).await.unwrap() };
    PHC.get_or_init(|| made).await.clone()
}

impl Office {
    async fn open() -> Self {
        Self::open_with("").await
    }

    /// More credits than these nobody books alone.
    async fn open_with_limit(credits: i64) -> Self {
        Self::open_dressed("", |desk| Desk { alone_max: Credits(credits), ..desk }).await
    }

    async fn open_with(config: &str) -> Self {
        Self::open_dressed(config, |desk| desk).await
    }

    /// `dress` gives the desk what else it needs.
    async fn open_dressed(config: &str, dress: impl FnOnce(Desk) -> Desk) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        let data = dir.path().join("data").display().to_string();
        let environment = BTreeMap::from([("DATA_DIR".to_owned(), data)]);
        let sources = Sources { config: None, folder: dir.path().into(), environment };
        let settings = settings::load(sources).unwrap();
        migrations::up(&settings.database).await.unwrap();
        let Target::File(file) = settings.database.clone() else { panic!("no file") };
        let clock = Arc::new(fake::Clock::default());
        let database = Database::open(&settings.database, clock.clone()).await.unwrap();
        let key = settings.secret_key().unwrap();
        let world = fake::World::new();
        let shop = Arc::new(Shop::new(settings.catalogue.clone(), terms()));
        let (shared, generator) = (shop.clone(), world.generator.clone());
        let stock = Stock::new(database.clone(), shared.clone(), generator, settings.clone());
        let (upkeep, worker) = Upkeep::new(Means {
            database: database.clone(),
            objects: world.objects.clone(),
            downloads: world.downloads.clone(),
            shop: shared,
            buckets: settings.buckets.names(),
        });
        actix_web::rt::spawn(worker.run());
        let desk = Desk::new(&settings, key, database, None, clock.clone());
        let desk = desk.with_stock(stock, upkeep);
        let desk = desk.with_reach(world.objects.clone(), Arc::new(NobodyElse));
        let desk = Arc::new(dress(desk));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = desk.clone();
        let app = move || {
            let desk = served.clone();
            App::new().configure(move |config| configure(config, &desk))
        };
        let server =
            HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let client =
            crate::outgoing::testing::client().redirect(redirect::Policy::none()).build().unwrap();
        Self { desk, clock, address, client, server: handle, file, world, shop, dir }
    }

    /// Stores what belongs together, of which nothing may be refused.
    async fn commit(&self, user: UserId, list: Vec<Change>) {
        let answers = self.desk.database.commit(vec![Changes::new(user, list)]).await.unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }

    /// Somebody with so many credits.
    async fn meet(&self, id: i64, first_name: &str, credits: i64) {
        let (user, at) = (UserId(id), self.clock.now());
        let first_name = first_name.to_owned();
        let profile = Profile { id: user, first_name, username: None, language_code: None };
        let welcome = Change::Book(Entry::welcome(user, Credits(credits), at));
        self.commit(user, vec![Change::Register { profile, at }, welcome]).await;
    }

    async fn hire(&self, name: &str, role: Role) {
        let now = self.clock.now();
        let made = self.desk.database.create_operator(name, Some(phc().await), role, now).await;
        assert!(made.unwrap().is_some());
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn get(&self, browser: Option<&Browser>, path: &str) -> Response {
        let request = self.client.get(self.url(path));
        let request = match browser {
            Some(browser) => request.header(header::COOKIE, &browser.cookie),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// What the page says. It has to be shown.
    async fn page(&self, browser: &Browser, path: &str) -> String {
        let response = self.get(Some(browser), path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.unwrap()
    }

    /// Sends a form as a page of ours does.
    async fn post(
        &self,
        browser: Option<&Browser>,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Response {
        let mut form = fields.to_vec();
        let mut request = self.client.post(self.url(path)).header("sec-fetch-site", "same-origin");
        if let Some(browser) = browser {
            form.push(("csrf", &browser.csrf));
            request = request.header(header::COOKIE, &browser.cookie);
        }
        request.body(encode(&form)).header(header::CONTENT_TYPE, FORM).send().await.unwrap()
    }

    async fn login(&self, name: &str, password: &str, code: &str) -> Response {
        let fields = [("name", name), ("password", password), ("code", code)];
        self.post(None, "/admin/login", &fields).await
    }

    async fn sign_in(&self, name: &str) -> Browser {
        let response = self.login(name, PASSWORD, "").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        browser(&response)
    }

    async fn is_signed_in(&self, browser: &Browser) -> bool {
        self.get(Some(browser), "/admin/account").await.status() == StatusCode::OK
    }

    async fn audit(&self) -> Vec<crate::db::audit::AuditRow> {
        self.desk.database.audit_rows(Default::default(), 10_000).await.unwrap()
    }

    /// Every byte of the database.
    fn dump(&self) -> Vec<u8> {
        let mut all = std::fs::read(&self.file).unwrap();
        let mut log = self.file.clone().into_os_string();
        log.push("-wal");
        all.extend(std::fs::read(log).unwrap_or_default());
        all
    }

    async fn close(self) {
        self.desk.close();
        self.server.stop(false).await;
    }
}

fn terms() -> Terms {
    Terms {
        welcome: Credits(100),
        contact: String::new(),
        open_max: 3,
        crash_command: false,
        turn_deadline: Duration::from_secs(5),
    }
}

/// The same browser of somebody who reads Russian.
fn russian(browser: &Browser) -> Browser {
    let cookie = format!("{}; aisha_admin_language=ru", browser.cookie);
    Browser { cookie, csrf: browser.csrf.clone() }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What the answer to signing in makes of a browser.
fn browser(response: &Response) -> Browser {
    let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
    let cookie = set.split(';').next().unwrap().to_owned();
    let token = cookie.split('=').nth(1).unwrap();
    Browser { csrf: session::csrf(token), cookie }
}

fn location(response: &Response) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

fn holds(all: &[u8], part: &str) -> bool {
    all.windows(part.len()).any(|window| window == part.as_bytes())
}
