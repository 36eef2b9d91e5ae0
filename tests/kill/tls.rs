//! The whole program with each of its servers behind TLS, under authorities that only `SSL_CERT_FILE` knows.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{
    house::{FAST, House},
    oracle::books_are_right,
};

const ANN: i64 = 601;

fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run ./scripts/test, it starts the servers"))
}

/// Certificates of this test's own, as the scripts make theirs.
fn certificates(dir: &Path) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/servers/certificates.sh");
    let made = Command::new("bash").arg(script).arg(dir).output().expect("bash runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Speaks TLS as `localhost` before a server that does not.
struct Door {
    port: u16,
    _work: JoinSet<()>,
}

impl Door {
    async fn open(certificates: &Path, to: String) -> Self {
        let chain = CertificateDer::pem_file_iter(certificates.join("server.pem")).expect("a file");
        let chain = chain.collect::<Result<Vec<_>, _>>().expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(certificates.join("server.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("they belong together");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let mut work = JoinSet::new();
        work.spawn(async move {
            let mut served = JoinSet::new();
            while let Ok((inside, _)) = listener.accept().await {
                while served.try_join_next().is_some() {}
                let (acceptor, to) = (acceptor.clone(), to.clone());
                served.spawn(async move {
                    // Who does not believe us leaves.
                    let Ok(mut inside) = acceptor.accept(inside).await else { return };
                    if let Ok(mut outside) = TcpStream::connect(&to).await {
                        drop(copy_bidirectional(&mut inside, &mut outside).await);
                    }
                });
            }
        });
        Self { port, _work: work }
    }
}

/// One file with all of these, as an operator makes it.
fn roots(house: &House, name: &str, files: &[PathBuf]) -> PathBuf {
    let read = |file: &PathBuf| std::fs::read_to_string(file).expect("a file of certificates");
    let path = house.path(name);
    std::fs::write(&path, files.iter().map(read).collect::<String>()).expect("one file of them");
    path
}

/// What the servers are to the program.
fn environment(house: &House, door: &Door) -> Vec<(&'static str, String)> {
    let mut database = house.database();
    database.set_host(Some("localhost")).expect("a host");
    // Without `sslrootcert`: the roots are the system's, or those of the file.
    database.set_query(Some("sslmode=verify-full"));
    let s3 = variable("AISHA_TEST_S3");
    let [_, key, secret] = s3.split('|').collect::<Vec<_>>()[..] else { panic!("AISHA_TEST_S3") };
    let mut all = vec![
        ("DATABASE_URL", database.to_string()),
        ("REDIS_URL", variable("AISHA_TEST_REDIS_TLS_URL")),
        ("S3_ENDPOINT", format!("https://localhost:{}", door.port)),
        ("S3_ACCESS_KEY", key.to_owned()),
        ("S3_SECRET_KEY", secret.to_owned()),
    ];
    let buckets =
        ["S3_BUCKET_IMAGEN4", "S3_BUCKET_GENERATED", "S3_BUCKET_AVATARS", "S3_BUCKET_PHOTOS"];
    let test = uuid::Uuid::new_v4().simple().to_string();
    for (n, bucket) in buckets.into_iter().enumerate() {
        all.push((bucket, format!("tls-{n}-{}", &test[..12])));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_is_spoken_to_by_tls_and_only_where_its_authority_is_known() {
    let house = House::on_postgres(FAST).await;
    let own = house.path("tls");
    certificates(&own);
    let s3 = variable("AISHA_TEST_S3");
    let address = s3.split('|').next().expect("an endpoint").trim_start_matches("http://");
    let door = Door::open(&own, address.to_owned()).await;
    let folders = [
        PathBuf::from(variable("AISHA_TEST_POSTGRES_TLS")),
        PathBuf::from(variable("AISHA_TEST_REDIS_TLS")),
        own,
    ];
    let files = |name: &str| folders.clone().map(|folder| folder.join(name));
    let known = roots(&house, "known.pem", &files("ca.pem"));
    let others = roots(&house, "others.pem", &files("other.pem"));

    let (_sandbox, info) = house.sandbox();
    let servers = environment(&house, &door);
    let mut command = house.bot(&info);
    command.envs(servers.clone()).env("SSL_CERT_FILE", &known);
    let bot = house.started(&mut command).await;
    let chat = info.chat(ANN);
    chat.generate("a letter under seal").await;
    chat.until("the picture", |view| !view.results().is_empty()).await;
    house.rows().settle().await;

    let doctor = |roots: &Path| {
        let mut command = house.command(&["--json", "doctor"]);
        command.envs(servers.clone()).env("SSL_CERT_FILE", roots);
        let said = command.stdout(std::process::Stdio::piped()).output().expect("it runs");
        serde_json::from_slice::<serde_json::Value>(&said.stdout).expect("its findings")
    };
    let verdicts = |said: &serde_json::Value| {
        let findings = said["findings"].as_array().expect("a list").clone();
        let word = |of: &serde_json::Value| of.as_str().expect("a word").to_owned();
        let wanted =
            |what: &str| ["database", "cache"].contains(&what) || what.starts_with("bucket");
        findings
            .iter()
            .map(|one| (word(&one["what"]), word(&one["verdict"]), word(&one["words"])))
            .filter(|(what, ..)| wanted(what))
            .collect::<Vec<_>>()
    };
    let well = verdicts(&doctor(&known));
    assert!(well.len() >= 6 && well.iter().all(|(_, verdict, _)| verdict == "ok"), "{well:#?}");
    let refused = verdicts(&doctor(&others));
    assert!(refused.len() >= 6, "{refused:#?}");
    for (what, verdict, words) in &refused {
        assert!(verdict == "trouble" && words.contains("certificate"), "{what}: {verdict} {words}");
    }
    books_are_right(&house, &mut house.rows());
    let (status, _) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}
