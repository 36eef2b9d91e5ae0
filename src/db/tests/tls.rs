//! TLS to a server, as `sslmode` says it. The server's certificate is for `localhost` only.

use aisha_actors::port::Records;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{Limits, On, Place, Target};
use crate::db::{
    Database, Error, Server,
    postgres::connection::{Connector, Role},
};

/// A file of the folder that `scripts/servers/postgres` tells: `ca.pem` signed, `other.pem` did not.
fn authority(name: &str) -> String {
    let folder = std::env::var("AISHA_TEST_POSTGRES_TLS")
        .expect("AISHA_TEST_POSTGRES_TLS is not set: run ./scripts/test, it starts a PostgreSQL");
    format!("{folder}/{name}")
}

/// The place's server under a name, with these options in its address.
fn server(place: &Place, host: &str, options: &str) -> Server {
    let Target::Server(server) = &place.target else { panic!("a server") };
    let mut url = url::Url::parse(&server.url).unwrap();
    url.set_host(Some(host)).unwrap();
    url.set_query(Some(options));
    Server { url: url.into(), ..server.clone() }
}

/// Whether what is said between us and the server is encrypted.
async fn is_encrypted(server: &Server) -> Result<bool, Error> {
    let client = Connector::new(server)?.client(Role::Reader).await?;
    let of_ours = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(client.query_one(of_ours, &[]).await.unwrap().get(0))
}

#[tokio::test]
async fn what_is_said_is_encrypted_where_the_address_says_so() {
    let place = Place::make(On::Postgres).await;
    let full = format!("sslmode=verify-full&sslrootcert={}", authority("ca.pem"));
    for (host, options, encrypted) in [
        ("localhost", "sslmode=disable", false),
        ("localhost", "", true),
        ("localhost", "sslmode=prefer", true),
        ("localhost", "sslmode=require", true),
        // Nobody's word is asked for: any name will do.
        ("127.0.0.1", "sslmode=require", true),
        ("localhost", full.as_str(), true),
    ] {
        let found = is_encrypted(&server(&place, host, options)).await;
        assert_eq!(found.ok(), Some(encrypted), "{host} {options}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_or_name_is_refused() {
    let place = Place::make(On::Postgres).await;
    let (ours, other) = (authority("ca.pem"), authority("other.pem"));
    for (host, roots, why) in [
        ("localhost", other.as_str(), "UnknownIssuer"),
        ("127.0.0.1", ours.as_str(), "not valid for name"),
        // The system's own roots.
        ("localhost", "system", "UnknownIssuer"),
    ] {
        let options = format!("sslmode=verify-full&sslrootcert={roots}");
        let refused = is_encrypted(&server(&place, host, &options)).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("certificate") && said.contains(why), "{host} {roots}: {said}");
    }
    let nowhere = server(&place, "localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem");
    assert!(matches!(is_encrypted(&nowhere).await, Err(Error::Address(_))));
}

/// Also when somebody in between says that the server cannot.
#[tokio::test]
async fn nothing_is_said_in_the_clear_to_a_server_that_must_encrypt() {
    let place = Place::make(On::Postgres).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut asks, _) = listener.accept().await.unwrap();
        let mut request = [0; 8];
        asks.read_exact(&mut request).await.unwrap();
        asks.write_all(b"N").await.unwrap();
        let mut rest = Vec::new();
        drop(asks.read_to_end(&mut rest).await);
        rest
    });
    let mut server = server(&place, "127.0.0.1", "sslmode=require");
    let mut url = url::Url::parse(&server.url).unwrap();
    url.set_port(Some(port)).unwrap();
    server.url = url.into();
    assert!(is_encrypted(&server).await.is_err());
    assert_eq!(heard.await.unwrap(), Vec::<u8>::new());
}

/// The adapter itself: writers, readers and the schema's changes.
#[tokio::test(flavor = "multi_thread")]
async fn the_whole_adapter_works_behind_tls() {
    let place = Place::make(On::Postgres).await;
    let full = format!("sslmode=verify-full&sslrootcert={}", authority("ca.pem"));
    let target =
        Target::Server(Server { limits: Limits::default(), ..server(&place, "localhost", &full) });
    crate::db::migrations::up(&target).await.unwrap();
    let clock = std::sync::Arc::new(super::StoppedClock(0.into()));
    let db = Database::open(&target, clock).await.unwrap();
    super::contract::register(&db, aisha_actors::domain::id::UserId(1), 5).await;
    let account = db.account(aisha_actors::domain::id::UserId(1)).await.unwrap();
    assert_eq!(account.available().0, 5);
}
