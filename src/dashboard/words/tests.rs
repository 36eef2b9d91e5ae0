use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::*;

/// Keys that are put together in the code.
const BUILT: [&str; 6] = ["role-", "theme-", "segment-", "broadcast-state-", "level-", "verdict-"];

/// Each key with the placeholders of its sentence.
fn sentences(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let (_, errors) = match FluentResource::try_new(source(language).to_owned()) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, errors)) => (resource, errors),
    };
    assert!(errors.is_empty(), "{language:?}: {errors:?}");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in source(language).lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with(' ')) {
            last = key.trim().to_owned();
            assert!(found.insert(last.clone(), BTreeSet::new()).is_none(), "{last} stands twice");
        }
        for part in line.split('$').skip(1) {
            let end = part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len());
            found.get_mut(&last).unwrap().insert(part[..end].to_owned());
        }
    }
    found
}

fn code(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            code(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn languages_have_the_same_sentences_with_the_same_values() {
    let (english, russian) = (sentences(Language::En), sentences(Language::Ru));
    assert!(english.len() > 80);
    assert_eq!(english, russian);
}

#[test]
fn every_sentence_is_said_and_none_is_missing() {
    let mut text = String::new();
    code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dashboard"), &mut text);
    let known = sentences(Language::En);
    let said: BTreeSet<&str> = text.split('"').skip(1).step_by(1).collect();
    let unsaid: Vec<_> = known
        .keys()
        .filter(|key| !said.contains(key.as_str()))
        .filter(|key| !BUILT.iter().any(|begin| key.starts_with(begin)))
        .collect();
    assert_eq!(unsaid, Vec::<&String>::new());
    for call in [".t(\"", ".tr(\"", "Refused(\"", "Some(\"password-"] {
        for rest in text.split(call).skip(1) {
            let key = rest.split('"').next().unwrap();
            let key = if call.ends_with('-') { format!("password-{key}") } else { key.to_owned() };
            assert!(known.contains_key(&key), "{key}");
        }
    }
}

#[test]
fn numbers_take_their_plurals() {
    let words = Words::new();
    let aside =
        |language, count: i64| words.say(language, "status-aside", &[("count", count.into())]);
    assert_eq!(aside(Language::En, 1), "1 item is set aside");
    assert_eq!(aside(Language::Ru, 22), "Отложены 22 записи");
    assert_eq!(aside(Language::Ru, 25), "Отложено 25 записей");
}
