//! The environment: which names there are, and which were meant.

use std::{collections::BTreeMap, path::Path};

use super::{Error, secret::Secret};

/// What a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Overrides a key of `config.toml`.
    Key(&'static str),
    /// Overrides a key that is a list; commas or spaces between.
    List(&'static str),
    /// Read on its own; never a key, so that it never stands in a file that is shown.
    Own,
}

/// Every name with its other spellings and its use.
#[rustfmt::skip]
const NAMES: &[(&str, &[&str], Use)] = &[
    ("AISHA_CONFIG", &[], Use::Own),
    ("AISHA_ENV", &[], Use::Own),
    ("AISHA_CRASH_COMMAND", &[], Use::Own),
    ("TELEGRAM_TOKEN", &["TELEGRAM_BOT_TOKEN"], Use::Own),
    ("TELEGRAM_API_URL", &[], Use::Key("telegram.api_url")),
    ("TELEGRAM_PROXY", &[], Use::Own),
    ("TELEGRAM_MODE", &[], Use::Key("telegram.mode")),
    ("TELEGRAM_WEBHOOK_URL", &[], Use::Key("telegram.webhook_url")),
    ("TELEGRAM_WEBHOOK_SECRET", &[], Use::Own),
    ("FAL_KEY", &["FAL_API_KEY"], Use::Own),
    ("FAL_QUEUE_URL", &[], Use::Key("fal.queue_url")),
    ("FAL_ADMIN_KEY", &[], Use::Own),
    ("FAL_API_URL", &[], Use::Key("fal.api_url")),
    ("FAL_PROXY", &[], Use::Own),
    ("FAL_WEBHOOK_URL", &[], Use::Key("fal.webhook_url")),
    ("FAL_JWKS_URLS", &[], Use::List("fal.jwks_urls")),
    ("DATABASE_URL", &[], Use::Own),
    ("REDIS_URL", &[], Use::Own),
    ("REDIS_HOST", &[], Use::Own),
    ("REDIS_PORT", &[], Use::Own),
    ("REDIS_PASSWORD", &[], Use::Own),
    ("REDIS_DB", &[], Use::Own),
    ("REDIS_SSL", &[], Use::Own),
    ("S3_ENDPOINT", &["MINIO_ENDPOINT"], Use::Own),
    ("S3_PUBLIC_ENDPOINT", &["MINIO_PUBLIC_ENDPOINT"], Use::Key("s3.public_endpoint")),
    ("S3_ACCESS_KEY", &["MINIO_ACCESS_KEY"], Use::Own),
    ("S3_SECRET_KEY", &["MINIO_SECRET_KEY"], Use::Own),
    ("S3_REGION", &["MINIO_REGION"], Use::Key("s3.region")),
    ("S3_PREFIX", &["MINIO_PREFIX"], Use::Key("s3.prefix")),
    ("S3_BUCKET_IMAGEN4", &["MINIO_BUCKET_IMAGEN4"], Use::Key("s3.bucket_imagen4")),
    ("S3_BUCKET_GENERATED", &["MINIO_BUCKET_GENERATED"], Use::Key("s3.bucket_generated")),
    ("S3_BUCKET_AVATARS", &["MINIO_BUCKET_AVATARS"], Use::Key("s3.bucket_avatars")),
    ("S3_BUCKET_PHOTOS", &["MINIO_BUCKET_PHOTOS"], Use::Key("s3.bucket_photos")),
    ("MINIO_SECURE", &[], Use::Own),
    ("HTTP_BIND", &[], Use::Key("web.bind")),
    ("ADMIN_BIND", &[], Use::Key("web.admin_bind")),
    ("ADMIN_URL", &[], Use::Key("web.admin_url")),
    ("SECRET_KEY", &[], Use::Own),
    ("ADMIN_CHAT_ID", &[], Use::Own),
    ("DATA_DIR", &[], Use::Key("data_dir")),
    ("LOG_LEVEL", &[], Use::Key("log.level")),
    ("LOG_FILE", &[], Use::Key("log.file")),
    ("LOG_FORMAT", &[], Use::Key("log.format")),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", &[], Use::Own),
    ("OTEL_EXPORTER_OTLP_HEADERS", &[], Use::Own),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", &[], Use::Own),
    ("OTEL_SERVICE_NAME", &[], Use::Own),
];

/// What the names say, by their first spelling. Empty values are absent.
#[derive(Clone, Default)]
pub(super) struct Environment {
    values: BTreeMap<&'static str, String>,
}

impl Environment {
    /// Reads the process's variables over those of a `.env` file.
    ///
    /// # Errors
    /// A misspelt name, two spellings that say different things, or a name of something that this
    /// version does not have.
    pub(super) fn read(
        file: BTreeMap<String, String>,
        process: BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let mut values = canonical(file)?;
        values.extend(canonical(process)?);
        Ok(Self { values })
    }

    pub(super) fn get(&self, name: &'static str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub(super) fn secret(&self, name: &'static str) -> Option<Secret> {
        self.get(name).map(Secret::new)
    }

    /// The keys that are overridden, each with its name and values: one, or those of a list.
    pub(super) fn overrides(&self) -> impl Iterator<Item = Override> {
        NAMES.iter().filter_map(|(name, _, used)| {
            let value = self.values.get(name)?;
            match used {
                Use::Key(key) => Some(Override { key, name, value: Said::One(value.clone()) }),
                Use::List(key) => {
                    let words = value.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty());
                    let words = words.map(str::to_owned).collect();
                    Some(Override { key, name, value: Said::Many(words) })
                }
                Use::Own => None,
            }
        })
    }

    /// The names that are set but have no key: shown without their values.
    pub(super) fn unkeyed(&self) -> Vec<&'static str> {
        let own = NAMES.iter().filter(|(_, _, used)| *used == Use::Own);
        own.map(|(name, ..)| *name).filter(|name| self.values.contains_key(name)).collect()
    }
}

/// A key of `config.toml` that the environment decides.
pub(super) struct Override {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) value: Said,
}

/// What a variable says about its key.
pub(super) enum Said {
    One(String),
    Many(Vec<String>),
}

/// The name to blame for a key's value: the variable that decided it, else the key itself.
pub(super) fn blame(environment: &Environment, key: &str) -> String {
    let mut overrides = environment.overrides();
    overrides.find(|one| one.key == key).map_or(key, |one| one.name).to_owned()
}

/// The variables of a `.env` file; none where there is no file. The process's own environment stays
/// as it is.
///
/// # Errors
/// An unreadable file or line. The error never quotes the line: it may hold a secret.
pub(super) fn read_file(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let broken = |what: String| Error::File { path: path.display().to_string(), what };
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let lines = dotenvy::from_path_iter(path).map_err(|_| broken("it cannot be read".into()))?;
    let mut variables = BTreeMap::new();
    for line in lines {
        let (name, value) = line.map_err(|_| {
            let after = variables.keys().next_back().map(|name: &String| format!(" near {name}"));
            broken(format!("a line{} is no NAME=value", after.unwrap_or_default()))
        })?;
        variables.insert(name, value);
    }
    Ok(variables)
}

fn canonical(variables: BTreeMap<String, String>) -> Result<BTreeMap<&'static str, String>, Error> {
    let mut found: BTreeMap<&'static str, String> = BTreeMap::new();
    for (name, value) in variables {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        let known = NAMES
            .iter()
            .find(|(first, others, _)| *first == name || others.contains(&name.as_str()));
        match known {
            Some((first, ..)) => {
                let earlier = found.insert(first, value.to_owned());
                if earlier.is_some_and(|earlier| earlier != value) {
                    return Err(Error::value(name, format!("it says something else than {first}")));
                }
            }
            None => {
                if let Some(meant) = meant_by(&name) {
                    return Err(Error::Misspelt { found: name, meant });
                }
            }
        }
    }
    Ok(found)
}

/// The known name that an unknown one is too close to: one slip away, or two in a long name.
fn meant_by(unknown: &str) -> Option<&'static str> {
    let unknown = unknown.to_ascii_uppercase();
    let spellings = NAMES.iter().flat_map(|(first, others, _)| [first].into_iter().chain(*others));
    let close = spellings.map(|name| (strsim::damerau_levenshtein(name, &unknown), *name));
    let (slips, name) = close.min_by_key(|(slips, _)| *slips)?;
    let slips_max = if name.len() < 10 { 1 } else { 2 };
    (slips <= slips_max).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn names_that_other_programs_use_are_left_alone() {
        for name in [
            "ALL_PROXY",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "http_proxy",
            "PATH",
            "HOME",
            "PORT",
            "RUST_LOG",
            "AWS_REGION",
            "AWS_ACCESS_KEY",
            "POSTGRES_PASSWORD",
            "LOGNAME",
            "XDG_DATA_DIRS",
            "XDG_DATA_HOME",
            "CARGO_TARGET_DIR",
            "TERM",
            "DEBUG",
            "CI",
            "TMPDIR",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_RESOURCE_ATTRIBUTES",
        ] {
            assert_eq!(meant_by(name), None, "{name}");
        }
    }

    #[test]
    fn slips_are_noticed() {
        for (slip, meant) in [
            ("TELEGRAM_TOKN", "TELEGRAM_TOKEN"),
            ("telegram_token", "TELEGRAM_TOKEN"),
            ("TELEGRAM_BOT_TOKE", "TELEGRAM_BOT_TOKEN"),
            ("FLA_KEY", "FAL_KEY"),
            ("FALKEY", "FAL_KEY"),
            ("FAL_APIKEY", "FAL_API_KEY"),
            ("DATABASE_URI", "DATABASE_URL"),
            ("HTTPBIND", "HTTP_BIND"),
            ("LOG_LEVLE", "LOG_LEVEL"),
            ("AISHA_ENVV", "AISHA_ENV"),
            ("SECERT_KEY", "SECRET_KEY"),
        ] {
            assert_eq!(meant_by(slip), Some(meant));
        }
    }

    #[test]
    fn no_known_name_is_taken_for_a_slip() {
        let all: Vec<_> =
            NAMES.iter().flat_map(|(one, more, _)| [one].into_iter().chain(*more)).collect();
        for (index, name) in all.iter().enumerate() {
            assert!(!all[..index].contains(name), "{name} stands twice");
        }
    }

    #[test]
    fn the_process_wins_over_the_file_and_empty_is_absent() {
        let read = |file: &[_], process: &[_]| Environment::read(map(file), map(process)).unwrap();
        let one = read(&[("TELEGRAM_BOT_TOKEN", "file")], &[("TELEGRAM_TOKEN", "process")]);
        assert_eq!(one.get("TELEGRAM_TOKEN"), Some("process"));
        let two = read(&[("TELEGRAM_TOKEN", "file")], &[("TELEGRAM_TOKEN", "")]);
        assert_eq!(two.get("TELEGRAM_TOKEN"), Some("file"));
        let three = read(&[], &[("REDIS_HOST", " "), ("TELEGRAM_TOKN", "")]);
        assert_eq!(three.get("REDIS_HOST"), None);
    }

    #[test]
    fn two_spellings_that_differ_stop_the_start_without_their_values() {
        let pairs = [("TELEGRAM_TOKEN", "CANARY-1"), ("TELEGRAM_BOT_TOKEN", "CANARY-2")];
        let Err(error) = Environment::read(BTreeMap::new(), map(&pairs)) else {
            panic!("accepted")
        };
        assert!(error.to_string().contains("TELEGRAM_TOKEN"));
        assert!(!error.to_string().contains("CANARY"));
        let same = [("FAL_KEY", "k"), ("FAL_API_KEY", "k")];
        assert!(Environment::read(BTreeMap::new(), map(&same)).is_ok());
    }

    #[test]
    fn a_broken_line_is_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        assert!(read_file(&path).unwrap().is_empty());
        std::fs::write(&path, "FAL_KEY='k y'\n# a comment\nexport SECRET_KEY=abc\n").unwrap();
        assert_eq!(read_file(&path).unwrap(), map(&[("FAL_KEY", "k y"), ("SECRET_KEY", "abc")]));
        std::fs::write(&path, "FAL_KEY=k\nTELEGRAM TOKEN CANARY\n").unwrap();
        let text = read_file(&path).unwrap_err().to_string();
        assert!(text.contains("near FAL_KEY") && !text.contains("CANARY"), "{text}");
    }
}
