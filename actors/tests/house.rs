//! The rules of the house that a compiler does not check.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// No database, HTTP, cache, object storage or JSON below the core.
const FORBIDDEN: [&str; 22] = [
    "actix-web",
    "awc",
    "base64",
    "diesel",
    "diesel-async",
    "frankenstein",
    "h2",
    "hyper",
    "libsqlite3-sys",
    "native-tls",
    "openssl",
    "redis",
    "reqwest",
    "rusoto_core",
    "rusoto_s3",
    "rustls",
    "serde_json",
    "simd-json",
    "sqlx",
    "tokio-postgres",
    "toml",
    "ureq",
];

/// Endings of type names that say nothing.
const EMPTY_WORDS: [&str; 5] = ["Manager", "Helper", "Service", "Processor", "Msg"];

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files under a folder of the crate, with what is in them.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![crate_folder().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 5, "{folder} has hardly any files");
    found
}

fn without_comments(text: &str) -> String {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The words of some code: runs of letters, digits and underscores.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

#[test]
fn the_core_depends_on_nothing_that_reaches_the_world() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "-p", "aisha-actors", "-e", "normal", "--all-features"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(crate_folder())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"actix"), "this is not the tree of the core: {names:?}");
    let found: Vec<&&str> = names.iter().filter(|name| FORBIDDEN.contains(name)).collect();
    assert!(found.is_empty(), "the core depends on {found:?}");
}

#[test]
fn the_domain_is_pure() {
    let mut files = sources("src/domain");
    let root = crate_folder().join("src/domain.rs");
    let text = fs::read_to_string(&root).unwrap();
    files.push((root, text));
    for (path, text) in files {
        let code = without_comments(&text);
        let impure = words(&code).find(|word| {
            ["actix", "tokio", "async", "await", "SystemTime", "Instant"].contains(word)
        });
        assert_eq!(impure, None, "{}", path.display());
    }
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<(PathBuf, usize)> = ["src", "tests"]
        .iter()
        .flat_map(|folder| sources(folder))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn no_name_is_empty_of_meaning() {
    for (path, text) in sources("src") {
        let code = without_comments(&text);
        let declared = ["struct ", "enum ", "trait ", "type "];
        let names = code.lines().filter_map(|line| {
            let line = line.trim_start().trim_start_matches("pub(crate) ");
            let line = line.trim_start_matches("pub(super) ").trim_start_matches("pub ");
            let rest = declared.iter().find_map(|word| line.strip_prefix(word))?;
            words(rest).next()
        });
        for name in names {
            let empty = EMPTY_WORDS.iter().any(|word| name.ends_with(word));
            let imperative = |word: &str| {
                let rest = name.strip_prefix(word);
                rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase()))
            };
            let vague = empty || imperative("Handle") || imperative("Do");
            assert!(!vague, "`{name}` in {}", path.display());
        }
    }
}

#[test]
fn modules_are_files_with_their_own_name() {
    let found = sources("src").into_iter().find(|(path, _)| path.ends_with("mod.rs"));
    assert_eq!(found.map(|(path, _)| path), None);
}
