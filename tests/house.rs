//! The rules of the house that no compiler checks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A second look at 400 lines, never more than this.
const LINES_MAX: usize = 600;

const ADAPTERS: [&str; 6] = ["cache", "db", "downloads", "fal", "objects", "telegram"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder, and the file that is named like it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let beside = folder.with_extension("rs");
    if beside.is_file() {
        found.push(beside);
    }
    let entries = fs::read_dir(folder).into_iter().flatten();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(sources(&path).into_iter().filter(|one| one.starts_with(&path)));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// Every Rust file of the repository, with its text.
fn everything() -> Vec<(String, String)> {
    let folders = ["src", "actors/src", "actors/tests", "tests", "benches"];
    let files = folders.iter().flat_map(|folder| sources(&root().join(folder)));
    files.map(|path| (shown(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// Those whose text the check finds fault with.
fn faults(files: &[(String, String)], is_fault: impl Fn(&str, &str) -> bool) -> Vec<&str> {
    let faults = files.iter().filter(|(path, text)| is_fault(path, text));
    faults.map(|(path, _)| path.as_str()).collect()
}

/// The parts after `crate::`, also those in braces and those that begin with `super`.
fn names(text: &str, module: &str) -> bool {
    let spellings =
        [format!("crate::{module}::"), format!("crate::{module};"), format!("crate::{{{module}")];
    let tree = text.split("use crate::{").skip(1).filter_map(|rest| rest.split("};").next());
    let in_tree = tree.flat_map(|tree| tree.lines()).any(|line| {
        line.strip_prefix("    ").is_some_and(|line| {
            line.starts_with(&format!("{module}::")) || line.starts_with(&format!("{module},"))
        })
    });
    in_tree || spellings.iter().any(|spelling| text.contains(spelling.as_str()))
}

#[test]
fn adapters_do_not_know_each_other() {
    for adapter in ADAPTERS {
        let files = sources(&root().join("src").join(adapter));
        assert!(!files.is_empty(), "{adapter}");
        // Their tests may: a stand-in downloads too.
        for path in files.into_iter().filter(|path| !shown(path).contains("/tests")) {
            let text = fs::read_to_string(&path).unwrap();
            for other in ADAPTERS.into_iter().filter(|other| *other != adapter) {
                assert!(!names(&text, other), "{} names {other}", shown(&path));
            }
            for above in ["app", "cli", "dashboard", "web"] {
                assert!(!names(&text, above), "{} names {above}", shown(&path));
            }
        }
    }
}

#[test]
fn the_search_for_names_finds_them() {
    assert!(names("use crate::fal::Client;", "fal"));
    assert!(names("use crate::{\n    db::Database,\n    fal::Client,\n};", "fal"));
    assert!(names("let x = crate::fal::call();", "fal"));
    assert!(!names("use crate::falcon::Client;", "fal"));
    assert!(!names("use crate::{\n    world::Clock,\n};", "fal"));
}

/// Wire types stay at the edge. The sandbox is the other side of the wire, with a store of its own.
#[test]
fn wire_types_stay_in_their_adapters() {
    let files = everything();
    let outside = |path: &str, home: &str| {
        let own = path.starts_with(home);
        !own && !path.contains("/tests/") && path != "tests/house.rs"
    };
    let bot_api =
        faults(&files, |path, text| outside(path, "src/telegram") && text.contains("frankenstein"));
    assert_eq!(bot_api, Vec::<&str>::new());
    let fals = faults(&files, |path, text| {
        let other_side = path.starts_with("src/sandbox") || path.starts_with("tests/");
        !other_side && outside(path, "src/fal") && text.contains("queue_position")
    });
    assert_eq!(fals, Vec::<&str>::new());
    let rows = faults(&files, |path, text| {
        let own = path.starts_with("src/sandbox") || path.starts_with("tests/");
        !own && outside(path, "src/db") && text.contains("diesel")
    });
    assert_eq!(rows, Vec::<&str>::new());
}

/// The crate is old and only here because it was chosen: whoever replaces it opens two files.
#[test]
fn rusoto_is_known_in_one_place() {
    let files = everything();
    let known =
        faults(&files, |path, text| !path.ends_with("house.rs") && text.contains("rusoto_"));
    assert_eq!(known, ["src/objects/s3.rs", "src/objects/s3/transport.rs"]);
}

#[test]
fn no_file_is_too_long() {
    let files = everything();
    assert!(files.len() > 150, "the files are found");
    let long = faults(&files, |_, text| text.lines().count() > LINES_MAX);
    assert_eq!(long, Vec::<&str>::new());
}

#[test]
fn there_is_no_mod_rs() {
    let files = everything();
    assert_eq!(faults(&files, |path, _| path.ends_with("/mod.rs")), Vec::<&str>::new());
}

/// Supervision needs unwinding in every profile.
#[test]
fn panics_unwind_in_every_profile() {
    let manifest: toml::Table =
        fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let profiles = manifest["profile"].as_table().unwrap();
    assert!(profiles.contains_key("release"));
    for (name, profile) in profiles {
        let panic = profile.get("panic").and_then(toml::Value::as_str).unwrap_or("unwind");
        assert_eq!(panic, "unwind", "profile {name}");
    }
}

/// What is committed says nothing of the machine that it was written on.
#[test]
fn no_machine_and_no_registry_is_named() {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "this needs the repository");
    let files = String::from_utf8(listed.stdout).unwrap();
    // Written apart, so that this file does not name them.
    let home = ["/", "root", "/"].concat();
    let work = ["/", "work", "/"].concat();
    let registries = ["crates-io.", "static.crates", "pypi-mirror", "npm-mirror", "proxy.golang"];
    let mut found = Vec::new();
    for path in files.split('\0').filter(|path| !path.is_empty() && *path != "tests/house.rs") {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            let is_path = [&home, &work].iter().any(|part| names_path(line, part));
            if is_path || registries.iter().any(|part| line.contains(part)) {
                found.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Whether a path on this machine begins in the line, rather than a part of a relative one.
fn names_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '*' | '/'))
    })
}
