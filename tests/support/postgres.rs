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

    /// Makes it on another server, which stays until this is dropped.
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

/// A session of its own, which ends with the client.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.expect("the test's PostgreSQL answers");
    tokio::spawn(connection);
    client
}
