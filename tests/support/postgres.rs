//! Databases of one's own on the test's PostgreSQL. Mounted by the tests of the adapter too.

use tokio_postgres::{Client, NoTls};

/// An empty database, dropped with this.
pub(crate) struct OwnDatabase {
    server: String,
    name: String,
}

impl OwnDatabase {
    /// Makes it on the server that `./scripts/test` starts.
    pub(crate) async fn make() -> Self {
        let server = std::env::var("AISHA_TEST_POSTGRES_URL").expect(
            "AISHA_TEST_POSTGRES_URL is not set: run ./scripts/test, it starts a PostgreSQL",
        );
        Self::make_on(server).await
    }

    /// Makes it on the server of this URL.
    pub(crate) async fn make_on(server: String) -> Self {
        let name = format!("aisha_test_{}", uuid::Uuid::new_v4().simple());
        let client = connect(&server).await;
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
        Self { server, name }
    }

    pub(crate) fn url(&self) -> String {
        let mut url = url::Url::parse(&self.server).expect("a URL");
        url.set_path(&self.name);
        url.into()
    }

    /// Runs statements behind the program's back.
    pub(crate) async fn tamper(&self, sql: &str) -> Result<(), String> {
        let client = connect(&self.url()).await;
        client.batch_execute(sql).await.map_err(|error| match error.as_db_error() {
            Some(error) => format!("{}: {}", error.code().code(), error.message()),
            None => error.to_string(),
        })
    }

    /// The first column of every row, as text.
    pub(crate) async fn read(&self, sql: &str) -> Vec<String> {
        self.read_after("", sql).await
    }

    /// The same after other statements of the same session.
    pub(crate) async fn read_after(&self, before: &str, sql: &str) -> Vec<String> {
        let client = connect(&self.url()).await;
        client.batch_execute(before).await.expect("what comes before");
        let rows = client.query(sql, &[]).await.expect("a query");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = connect(&server).await;
                client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await
            })
        });
        if !std::thread::panicking() {
            dropping.join().unwrap().expect("the database goes away");
        }
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.expect("the test's PostgreSQL answers");
    tokio::spawn(connection);
    client
}
