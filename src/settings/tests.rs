//! Every case that stops a start, and the files that must say what the types say.

use super::*;

fn load_in(folder: &Path, environment: &[(&str, &str)]) -> Result<Settings, Error> {
    load(Sources {
        config: None,
        folder: folder.to_owned(),
        environment: environment.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect(),
    })
}

fn given(environment: &[(&str, &str)]) -> Result<Settings, Error> {
    load_in(tempfile::tempdir().unwrap().path(), environment)
}

fn written(config: &str) -> Result<Settings, Error> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    load_in(dir.path(), &[])
}

const TOKEN: (&str, &str) = ("TELEGRAM_TOKEN", "123456:CANARY-token_1");
const KEY: (&str, &str) = ("FAL_KEY", "CANARY-id:CANARY-key");

const S3: [(&str, &str); 3] = [
    ("S3_ENDPOINT", "s3.example:9000"),
    ("S3_ACCESS_KEY", "CANARY-access"),
    ("S3_SECRET_KEY", "CANARY-secret"),
];

fn on_s3(environment: &[(&str, &str)]) -> super::S3 {
    let all = [environment, &S3[1..]].concat();
    match given(&all).unwrap().storage {
        Storage::S3(s3) => *s3,
        Storage::Disk(_) => panic!("it is on disk"),
    }
}

#[test]
fn object_storage_is_named_in_the_spellings_of_today_and_of_the_ancestor() {
    for (environment, endpoint) in [
        (&[("S3_ENDPOINT", "https://s3.example/")][..], "https://s3.example"),
        (&[("S3_ENDPOINT", "https://s3.example:443/deep/")], "https://s3.example/deep"),
        (&[("S3_ENDPOINT", "127.0.0.1:9000")], "http://127.0.0.1:9000"),
        (&[("MINIO_ENDPOINT", "minio:9000")], "http://minio:9000"),
        (&[("MINIO_ENDPOINT", "minio:9000"), ("MINIO_SECURE", "false")], "http://minio:9000"),
        (&[("MINIO_ENDPOINT", "minio:9000"), ("MINIO_SECURE", "true")], "https://minio:9000"),
        (&[("MINIO_ENDPOINT", "http://minio"), ("MINIO_SECURE", "True")], "http://minio"),
    ] {
        assert_eq!(on_s3(environment).endpoint, endpoint, "{environment:?}");
    }
    let s3 = on_s3(&S3[..1]);
    assert_eq!((s3.region.as_str(), s3.prefix.as_str()), ("us-east-1", ""));
    assert_eq!(s3.public_endpoint, None);
    let all = [
        S3[0],
        ("MINIO_ACCESS_KEY", "CANARY-access"),
        ("S3_PUBLIC_ENDPOINT", "https://pictures.example/"),
        ("S3_REGION", "eu-central-1"),
        ("S3_PREFIX", "/aisha/one/"),
    ];
    let s3 = on_s3(&all);
    assert_eq!((s3.region.as_str(), s3.prefix.as_str()), ("eu-central-1", "aisha/one"));
    assert_eq!(s3.public_endpoint.as_deref(), Some("https://pictures.example"));
}

#[test]
fn buckets_have_the_names_that_they_are_given() {
    let names = ["imagen4", "generated", "avatars", "photos"];
    assert_eq!(given(&[]).unwrap().buckets.names(), names);
    let settings = given(&[
        ("S3_BUCKET_IMAGEN4", "my-imagen4"),
        ("MINIO_BUCKET_GENERATED", "my-pictures"),
        ("S3_BUCKET_PHOTOS", "my-pictures"),
    ]);
    let settings = settings.unwrap();
    assert_eq!(settings.buckets.names(), ["my-imagen4", "my-pictures", "avatars"]);
    let sold: Vec<_> = settings.catalogue.all().iter().map(|model| &model.bucket).collect();
    assert_eq!(sold, ["my-imagen4", "my-pictures", "my-pictures"]);
}

fn on_disk(settings: &Settings, path: &str) -> bool {
    matches!(&settings.storage, Storage::Disk(root) if root == Path::new(path))
}

/// All that production wants named.
const NAMED: [(&str, &str); 4] = [
    ("AISHA_ENV", "production"),
    ("DATABASE_URL", "sqlite:/srv/aisha.db"),
    ("REDIS_URL", "memory:"),
    ("S3_ENDPOINT", "disk:"),
];

#[test]
fn the_mode_follows_from_token_and_key() {
    assert_eq!(given(&[]).unwrap().mode, Mode::Sandbox);
    assert!(matches!(given(&[TOKEN, KEY]).unwrap().mode, Mode::Real { .. }));
    assert!(matches!(given(&[TOKEN, ("FAL_KEY", "sandbox")]).unwrap().mode, Mode::Trial { .. }));
    let aliases = [("TELEGRAM_BOT_TOKEN", TOKEN.1), ("FAL_API_KEY", KEY.1)];
    assert!(matches!(given(&aliases).unwrap().mode, Mode::Real { .. }));
    assert_eq!(given(&[("TELEGRAM_TOKEN", ""), ("FAL_KEY", " ")]).unwrap().mode, Mode::Sandbox);
}

#[test]
fn the_sandbox_gives_its_own_welcome_and_crash() {
    let sandbox = given(&[]).unwrap();
    assert_eq!((sandbox.welcome_credits, sandbox.crash_command), (100, true));
    let real = given(&[TOKEN, KEY]).unwrap();
    assert_eq!((real.welcome_credits, real.crash_command), (0, false));
    assert!(given(&[TOKEN, KEY, ("AISHA_CRASH_COMMAND", "1")]).unwrap().crash_command);
}

#[test]
fn what_is_wrong_in_the_environment_stops_the_start_in_one_line_that_names_it() {
    let sandbox: &[&[(&str, &str)]] = &[
        &[TOKEN],
        &[KEY],
        &[("FAL_KEY", "sandbox")],
        &[("TELEGRAM_TOKEN", "CANARY no token"), KEY],
        &[("TELEGRAM_TOKEN", "123/../CANARY:x"), KEY],
        &[TOKEN, ("FAL_KEY", "CANARY with space")],
        &[TOKEN, KEY, ("FAL_ADMIN_KEY", "CANARY with space")],
        &[TOKEN, KEY, ("FAL_ADMINKEY", "CANARY")],
        &[("TELEGRAM_TOKN", "CANARY")],
        &[("FAL_KEYS", "CANARY")],
        &[("AISHA_ENV", "prod")],
        &[("AISHA_ENV", "production")],
        &[("AISHA_CRASH_COMMAND", "yes")],
        &[("TELEGRAM_MODE", "push")],
        &[("TELEGRAM_MODE", "webhook")],
        &[("TELEGRAM_API_URL", "api.telegram.org")],
        &[("TELEGRAM_API_URL", "ftp://x")],
        &[("TELEGRAM_API_URL", "http://CANARY:CANARY@x")],
        &[("TELEGRAM_PROXY", "ftp://CANARY@x:1")],
        &[("TELEGRAM_WEBHOOK_SECRET", "CANARY with space")],
        &[("FAL_PROXY", "CANARY")],
        &[("FAL_QUEUE_URL", "http://x?key=CANARY")],
        &[("FAL_API_URL", "http://x?key=CANARY")],
        &[("FAL_WEBHOOK_URL", "x")],
        &[("FAL_JWKS_URLS", "https://a, nonsense")],
        &[("FAL_WEBHOOK_URL", "https://x"), ("FAL_JWKS_URLS", ",")],
        &[("DATABASE_URL", "postgres://CANARY:CANARY@db/aisha?sslmode=CANARY")],
        &[("DATABASE_URL", "postgres://CANARY:CANARY@db:CANARY/aisha")],
        &[("DATABASE_URL", "postgres://CANARY:CANARY@db/aisha?CANARY=CANARY")],
        &[("DATABASE_URL", "postgres://CANARY:CANARY@")],
        &[("DATABASE_URL", "mysql://db")],
        &[("DATABASE_URL", "sqlite:")],
        &[("DATABASE_URL", "sqlite::memory:")],
        &[("REDIS_URL", "http://:CANARY@cache")],
        &[("REDIS_URL", "redis://:CANARY@")],
        &[("REDIS_URL", "CANARY")],
        &[("REDIS_URL", "memory")],
        &[("REDIS_URL", "redis://:CANARY@cache/x")],
        &[("REDIS_URL", "redis://:CANARY@cache/0?db=1")],
        &[("REDIS_URL", "rediss://:CANARY@cache/0#insecure")],
        &[("REDIS_URL", "redis://:CANARY@cache:70000")],
        &[("REDIS_URL", "redis://:CANARY@cache"), ("REDIS_HOST", "cache")],
        &[("REDIS_URL", "memory:"), ("REDIS_PASSWORD", "CANARY")],
        &[("REDIS_HOST", "redis://:CANARY@cache")],
        &[("REDIS_HOST", "a b")],
        &[("REDIS_PORT", "6379")],
        &[("REDIS_HOST", "cache"), ("REDIS_PORT", "0")],
        &[("REDIS_HOST", "cache"), ("REDIS_PORT", "70000")],
        &[("REDIS_PASSWORD", "CANARY")],
        &[("REDIS_HOST", "cache"), ("REDIS_DB", "-1")],
        &[("REDIS_HOST", "cache"), ("REDIS_SSL", "maybe")],
        &[("S3_ENDPOINT", "https://s3")],
        &[("MINIO_ENDPOINT", "minio:9000"), ("S3_ACCESS_KEY", "CANARY")],
        &[("S3_ENDPOINT", "https://s3"), ("S3_SECRET_KEY", "CANARY")],
        &[("S3_ACCESS_KEY", "CANARY")],
        &[("MINIO_SECRET_KEY", "CANARY")],
        &[S3[1], S3[2], ("S3_ENDPOINT", "ftp://s3")],
        &[S3[1], S3[2], ("S3_ENDPOINT", "http://CANARY:CANARY@s3")],
        &[S3[1], S3[2], ("S3_ENDPOINT", "https://s3?key=CANARY")],
        &[S3[0], S3[1], ("S3_SECRET_KEY", "CANARY CANARY")],
        &[S3[0], S3[1], S3[2], ("S3_PUBLIC_ENDPOINT", "ftp://s3")],
        &[S3[0], S3[1], S3[2], ("S3_REGION", "eu/../x")],
        &[S3[0], S3[1], S3[2], ("S3_PREFIX", "a/../b")],
        &[S3[0], S3[1], S3[2], ("MINIO_SECURE", "perhaps")],
        &[S3[0], S3[1], S3[2], ("MINIO_ENDPOINT", "http://other")],
        &[("S3_BUCKET_IMAGEN4", "b")],
        &[("MINIO_BUCKET_PHOTOS", "My Photos")],
        &[("S3_BUCKET_GENERATED", "../etc")],
        &[("HTTP_BIND", "8080")],
        &[("HTTP_BIND", "0.0.0.0:8080")],
        &[("HTTP_BIND", "example.com:8080")],
        &[("ADMIN_BIND", "[::]:8081")],
        &[("ADMIN_BIND", "127.0.0.1:8080")],
        &[("SECRET_KEY", "CANARY")],
        &[("ADMIN_CHAT_ID", "me")],
        &[("LOG_LEVEL", "loud")],
        &[("LOG_FORMAT", "xml")],
        &[("LOG_FILE", "/")],
        &[("AISHA_CONFIG", "nowhere.toml")],
    ];
    for environment in sandbox {
        let Err(error) = given(environment) else { panic!("{environment:?} was accepted") };
        let text = error.to_string();
        assert!(!text.contains('\n') && !text.contains("CANARY"), "{text}");
        let names = ["FAL_KEY", "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_URL", "nowhere.toml", "S3_"];
        let named = environment.iter().any(|(name, _)| text.contains(name));
        assert!(named || names.iter().any(|name| text.contains(name)), "{environment:?}: {text}");
    }
}

#[test]
fn production_wants_everything_named() {
    let mut all = NAMED.to_vec();
    all.extend([TOKEN, KEY]);
    assert!(given(&all).unwrap().production);
    for (name, _) in &NAMED[1..] {
        let fewer: Vec<_> = all.iter().filter(|(other, _)| other != name).copied().collect();
        assert!(given(&fewer).unwrap_err().to_string().starts_with(name));
    }
    let mut trial = NAMED.to_vec();
    trial.extend([TOKEN, ("FAL_KEY", "sandbox")]);
    assert!(given(&trial).unwrap_err().to_string().starts_with("FAL_KEY"));
    assert!(given(&NAMED).unwrap_err().to_string().starts_with("TELEGRAM_TOKEN"));
}

/// What one node signs comes back to another.
#[test]
fn production_on_a_server_wants_the_secret_key() {
    let server = ("DATABASE_URL", "postgres://aisha:word@db.example/aisha");
    let mut all: Vec<_> = NAMED.iter().copied().filter(|(name, _)| *name != server.0).collect();
    all.extend([TOKEN, KEY, server]);
    assert!(given(&all).unwrap_err().to_string().starts_with("SECRET_KEY"));
    all.push(("SECRET_KEY", "sixteen letters or more"));
    assert!(given(&all).is_ok());
    let development = [TOKEN, KEY, server];
    assert!(given(&development).is_ok(), "one node may make its own");
}

#[test]
fn a_real_bot_may_listen_to_the_world() {
    let settings = given(&[TOKEN, KEY, ("HTTP_BIND", "0.0.0.0:80")]).unwrap();
    assert!(!settings.http.bind.ip().is_loopback());
    assert!(given(&[("HTTP_BIND", "localhost:0")]).unwrap().http.bind.ip().is_loopback());
}

#[test]
fn what_is_wrong_in_the_file_stops_the_start_in_one_line_that_names_it() {
    for (config, key) in [
        ("surprise = 1", "surprise"),
        ("[telegram]\ntoken = \"CANARY\"", "telegram.token"),
        ("[telegrm]\nmode = \"polling\"", "telegrm"),
        ("[fal]\nconcurency = 1", "fal.concurrency is meant"),
        ("[fal]\nconcurrency = \"two\"", "fal.concurrency"),
        ("[fal]\nconcurrency = 0", "fal.concurrency"),
        ("[fal]\nconcurrency = -1", "fal.concurrency"),
        ("[fal]\npoll_min_ms = 9000", "fal.poll_max_ms"),
        ("[fal]\ndownload_hosts = [\"https://fal.media\"]", "fal.download_hosts"),
        ("[fal]\ndownload_bytes_max = 1", "fal.download_bytes_max"),
        ("[telegram]\nchat_burst = 0", "telegram.chat_burst"),
        ("[telegram]\nlong_poll_seconds = 51", "telegram.long_poll_seconds"),
        ("[actors]\ngallery_mailbox = 0", "actors.gallery_mailbox"),
        ("[actors]\nturn_deadline_ms = 0", "actors.turn_deadline_ms"),
        ("[nodes]\nlease_seconds = 1", "nodes.lease_seconds"),
        ("[nodes]\nlease_seconds = 2", "nodes.renew_ms"),
        ("[limits]\nopen_generations_per_person = 0", "limits.open_generations_per_person"),
        ("[web]\nbind = \"0.0.0.0:1\"", "web.bind"),
        ("[web]\nconnections_max = 0", "web.connections_max"),
        ("[log]\nkeep_days = 0", "log.keep_days"),
        ("[log]\nlevel = 3", "log.level"),
        ("data_dir = \"\"", "data_dir"),
        ("[bot]\nwelcome_credits = -5", "bot.welcome_credits"),
        ("models = []", "no model"),
        ("[[models]]\nid = \"a\"", "models"),
        ("[bot\n", "line 1"),
        ("[bot]\ncontact = 1\ncontact = 2", "contact"),
    ] {
        let Err(error) = written(config) else { panic!("{config:?} was accepted") };
        let text = error.to_string();
        assert!(text.contains(key) && !text.contains('\n'), "{config:?}: {text}");
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[test]
fn later_sources_win() {
    let dir = tempfile::tempdir().unwrap();
    let config = "data_dir = \"from-file\"\n[log]\nlevel = \"warn\"\nformat = \"json\"\n";
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let dotenv = "LOG_LEVEL=debug\nHTTP_BIND=127.0.0.1:1\nADMIN_CHAT_ID=-7\n";
    std::fs::write(dir.path().join(".env"), dotenv).unwrap();
    let settings = load_in(dir.path(), &[("HTTP_BIND", "127.0.0.1:2"), ("LOG_LEVEL", "")]).unwrap();
    assert_eq!(settings.data_dir, Path::new("from-file"));
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.log.level, Level::DEBUG);
    assert_eq!(settings.http.bind.port(), 2);
    assert_eq!(settings.admin_chat, Some(-7));
    assert_eq!(settings.database, Target::File("from-file/aisha.db".into()));
    assert!(on_disk(&settings, "from-file/objects"));
}

#[test]
fn a_named_file_is_the_only_one() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.toml"), "surprise = 1").unwrap();
    let other = dir.path().join("other.toml");
    std::fs::write(&other, "data_dir = \"other\"").unwrap();
    let by_name = load_in(dir.path(), &[("AISHA_CONFIG", other.to_str().unwrap())]).unwrap();
    assert_eq!(by_name.data_dir, Path::new("other"));
    let sources =
        |config| Sources { config, folder: dir.path().into(), environment: BTreeMap::new() };
    assert_eq!(load(sources(Some(other))).unwrap().data_dir, Path::new("other"));
    assert!(load(sources(Some(dir.path().join("absent.toml")))).is_err());
}

#[test]
fn addresses_are_ready_for_paths() {
    let settings = given(&[
        TOKEN,
        KEY,
        ("TELEGRAM_API_URL", "http://127.0.0.1:8081/"),
        ("FAL_QUEUE_URL", "http://127.0.0.1:8082/fal/"),
        ("FAL_API_URL", "http://127.0.0.1:8083/"),
        ("FAL_WEBHOOK_URL", "https://bot.example"),
        ("FAL_JWKS_URLS", "http://a/keys http://b/keys,http://c/keys"),
        ("TELEGRAM_MODE", "webhook"),
        ("TELEGRAM_WEBHOOK_URL", "http://bot.example/deep/hook"),
        ("DATABASE_URL", "sqlite:///srv/aisha.db"),
        ("S3_ENDPOINT", "disk:/srv/pictures"),
    ])
    .unwrap();
    assert_eq!(settings.telegram.api_url, "http://127.0.0.1:8081");
    assert_eq!(settings.fal.queue_url, "http://127.0.0.1:8082/fal");
    assert_eq!(settings.fal.api_url, "http://127.0.0.1:8083");
    assert_eq!(settings.fal.webhook_url.as_deref(), Some("https://bot.example/fal/webhook"));
    assert_eq!(settings.fal.jwks_urls, ["http://a/keys", "http://b/keys", "http://c/keys"]);
    assert_eq!(settings.database, Target::File("/srv/aisha.db".into()));
    assert!(on_disk(&settings, "/srv/pictures"));
    let Receive::Webhook { url, secret: None, .. } = &settings.telegram.receive else {
        panic!("{:?}", settings.telegram.receive)
    };
    assert_eq!(url, "http://bot.example/deep/hook");
    let derived = settings.webhook_secret(&Secret::new("k")).unwrap();
    assert_eq!(derived.expose().len(), 64);
}

#[test]
fn what_is_not_heard_is_said() {
    let settings = given(&[("TELEGRAM_API_URL", "http://127.0.0.1:1")]).unwrap();
    assert_eq!(settings.warnings.len(), 1);
    assert!(settings.warnings[0].contains("TELEGRAM_API_URL"));
    assert!(given(&[TOKEN, KEY, ("FAL_QUEUE_URL", "http://x")]).unwrap().warnings.is_empty());
    let sandbox = ("FAL_KEY", "sandbox");
    let trial = given(&[TOKEN, sandbox, ("FAL_ADMIN_KEY", "k"), ("FAL_API_URL", "http://x")]);
    assert_eq!(trial.unwrap().warnings.len(), 2);
}

#[test]
fn copies_at_the_provider_are_deleted_by_whoever_has_its_admin_key() {
    let deletes = |pairs: &[(&str, &str)]| given(pairs).unwrap().deletes_payloads();
    assert!(deletes(&[]) && deletes(&[TOKEN, ("FAL_KEY", "sandbox")]));
    assert!(!deletes(&[TOKEN, KEY]) && !deletes(&[TOKEN, KEY, ("FAL_ADMIN_KEY", " ")]));
    assert!(deletes(&[TOKEN, KEY, ("FAL_ADMIN_KEY", "an-admin's")]));
}

#[test]
fn settings_never_show_a_secret() {
    let settings = given(&[
        TOKEN,
        KEY,
        ("SECRET_KEY", "CANARY-CANARY-CANARY"),
        ("TELEGRAM_PROXY", "socks5://CANARY:CANARY@proxy:1080"),
        ("FAL_PROXY", "http://CANARY:CANARY@proxy:3128"),
        ("FAL_ADMIN_KEY", "CANARY-id:CANARY-admin"),
        ("TELEGRAM_MODE", "webhook"),
        ("TELEGRAM_WEBHOOK_URL", "https://bot.example"),
        ("TELEGRAM_WEBHOOK_SECRET", "CANARY"),
        S3[0],
        S3[1],
        S3[2],
    ])
    .unwrap();
    assert_eq!(settings.secrets().len(), 9);
    assert!(settings.secrets().iter().all(|secret| secret.expose().contains("CANARY")));
    let text =
        format!("{settings:?} {settings:#?} {}", toml::to_string(&settings.shown.raw).unwrap());
    assert!(!text.contains("CANARY"));
    assert!(settings.shown.set.contains(&"FAL_KEY"));
}

fn repository(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(path).unwrap()
}

/// Every path of a table, those of array members by their index.
fn paths(value: &toml::Value, at: String, into: &mut Vec<String>) {
    let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                paths(value, below(key), into);
            }
        }
        toml::Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                paths(value, below(&index.to_string()), into);
            }
        }
        _ => {}
    }
    into.push(at);
}

#[test]
fn config_toml_is_what_the_types_default_to() {
    let text = repository("config.toml");
    let file: Raw = toml::from_str(&text).unwrap();
    assert_eq!(file, Raw::default());

    let (mut in_file, mut in_types) = (Vec::new(), Vec::new());
    paths(&toml::from_str(&text).unwrap(), String::new(), &mut in_file);
    paths(&toml::Value::try_from(Raw::default()).unwrap(), String::new(), &mut in_types);
    in_file.sort();
    in_types.sort();
    assert_eq!(in_file, in_types);
    assert!(
        load(Sources {
            config: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml")),
            folder: PathBuf::from("/nonexistent"),
            environment: BTreeMap::new(),
        })
        .is_ok()
    );
}

#[test]
fn every_key_of_config_toml_has_a_comment() {
    let text = repository("config.toml");
    let head = text.split("id = \"nano-banana-2\"").next().unwrap();
    let mut commented = false;
    for line in head.lines() {
        match line.trim() {
            "" => commented = false,
            line if line.starts_with('#') => commented = true,
            line if line.starts_with('[') || line.starts_with(['"', ']']) => {}
            line => assert!(commented || line.contains("title"), "{line:?} has no comment"),
        }
    }
}

#[test]
fn the_sample_names_only_known_variables_and_no_value() {
    let mut environment = BTreeMap::new();
    for line in repository(".env.sample").lines() {
        if let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            assert!(value.is_empty(), "{name} has a value");
            environment.insert(name.to_owned(), "x".to_owned());
        }
    }
    assert!(environment.len() > 20);
    // Unknown names would be dropped here, misspelt ones refused.
    let count = environment.len();
    let known = Environment::read(BTreeMap::new(), environment).unwrap();
    assert_eq!(known.overrides().count() + known.unkeyed().len(), count);
}

fn redis_of(environment: &[(&str, &str)]) -> Redis {
    match given(environment).unwrap().cache {
        Cache::Redis(redis) => redis,
        Cache::Memory => panic!("{environment:?} is a Redis"),
    }
}

#[test]
fn the_cache_is_an_address_or_its_parts() {
    for embedded in [&[][..], &[("REDIS_URL", "memory:")], &[("REDIS_HOST", "")]] {
        assert_eq!(given(embedded).unwrap().cache, Cache::Memory);
    }
    let whole = redis_of(&[("REDIS_URL", "rediss://user:CANARY@cache:6380/3")]);
    assert_eq!(whole.shown, "rediss://cache:6380/3");
    assert_eq!(whole.url.expose(), "rediss://user:CANARY@cache:6380/3");
    assert_eq!(redis_of(&[("REDIS_URL", "redis://cache")]).shown, "redis://cache:6379/0");
    let host = ("REDIS_HOST", "redis_1");
    assert_eq!(redis_of(&[host]).url.expose(), "redis://redis_1:6379/0");
    let parts = redis_of(&[
        host,
        ("REDIS_PORT", "6380"),
        ("REDIS_PASSWORD", "CANARY/@:#?%41% \u{e9}"),
        ("REDIS_DB", "2"),
        ("REDIS_SSL", "True"),
    ]);
    assert_eq!(parts.shown, "rediss://redis_1:6380/2");
    let client = redis::Client::open(parts.url.expose()).unwrap();
    let info = client.get_connection_info();
    assert_eq!(info.redis_settings().password(), Some("CANARY/@:#?%41% \u{e9}"));
    assert_eq!(info.redis_settings().db(), 2);
    assert_eq!(redis_of(&[("REDIS_HOST", "::1")]).shown, "redis://[::1]:6379/0");
}

#[test]
fn the_password_of_the_cache_is_never_shown() {
    for environment in [
        &[("REDIS_URL", "redis://user:CANARY@cache")][..],
        &[("REDIS_HOST", "cache"), ("REDIS_PASSWORD", "CANARY")],
    ] {
        let settings = given(environment).unwrap();
        assert!(!format!("{settings:?}").contains("CANARY"));
        assert!(!format!("{:?}", settings.shown()).contains("CANARY"));
        let known = settings.secrets();
        assert!(known.iter().any(|secret| secret.expose() == "CANARY"), "the mask knows it");
        let settings = crate::redis::Settings::new(redis_of(environment).url.expose());
        assert!(!format!("{settings:?}").contains("CANARY"));
    }
}

#[test]
fn the_models_are_read_again_from_where_they_came_and_no_secret_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let settings = load_in(dir.path(), &[TOKEN, KEY]).unwrap();
    assert_eq!(settings.read_again().unwrap().all().len(), 3);
    let models = "[[models]]\nid = \"sketch\"\ntitle = \"Sketch\"\nendpoint = \"fal-ai/sketch\"\n\
        price = 2\nratios = [\"1:1\"]\n";
    std::fs::write(&file, models).unwrap();
    assert_eq!(settings.read_again().unwrap().all().len(), 1);
    std::fs::write(&file, models.replace("price = 2", "price = 0")).unwrap();
    assert!(settings.read_again().unwrap_err().to_string().contains("sketch"));
    assert!(!format!("{settings:?}").contains("CANARY"));
}

#[test]
fn spans_go_where_the_standard_variables_say_and_their_headers_are_secret() {
    let name = ("OTEL_SERVICE_NAME", "studio");
    assert_eq!(given(&[name]).unwrap().log.spans, None, "nowhere without an endpoint");
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");
    let spans = given(&[endpoint]).unwrap().log.spans.unwrap();
    assert_eq!(spans.endpoint, "http://collector:4318/v1/traces");
    assert_eq!((spans.service.as_str(), spans.headers.len()), ("aisha", 0));
    let headers = "Authorization=Bearer%20CANARY+a=, x-tenant=CANARY-b";
    let all = [endpoint, name, ("OTEL_EXPORTER_OTLP_HEADERS", headers)];
    let settings = given(&all).unwrap();
    let spans = settings.log.spans.as_ref().unwrap();
    let pairs: Vec<_> = spans.headers.iter().map(|(n, v)| (n.as_str(), v.expose())).collect();
    assert_eq!(pairs, [("authorization", "Bearer CANARY+a="), ("x-tenant", "CANARY-b")]);
    let secrets = settings.secrets();
    for word in ["Bearer CANARY+a=", "CANARY+a=", "CANARY-b"] {
        assert!(secrets.contains(&Secret::new(word)), "{word}");
    }
    assert!(!format!("{settings:?}").contains("CANARY"));
    for (key, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://CANARY@collector:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "CANARY"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=CANARY"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=CANARY%0A"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ] {
        let said = given(&[endpoint, (key, value)][usize::from(key == endpoint.0)..]);
        let said = said.unwrap_err().to_string();
        assert!(said.starts_with(&format!("{key}: ")), "{said}");
        assert!(!said.contains("CANARY") && !said.contains('\n'), "{said}");
    }
}
