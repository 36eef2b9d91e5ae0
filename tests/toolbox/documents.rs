//! The documents that operators lean on: every command in them can be said, both languages say the same.

use std::{collections::BTreeSet, fs, path::Path};

use aisha::cli::Cli;
use clap::{Command, CommandFactory};

const ENGLISH: &str = "docs/troubleshooting.md";
const RUSSIAN: &str = "docs/troubleshooting.ru.md";

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Everything that a document tells to type: `aisha …` in backticks, and after a prompt. A line break
/// within backticks is a space.
fn commands(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut prose = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| fenced) {
            found.insert(command.to_owned());
        } else if !fenced {
            prose.push_str(line);
            prose.push(' ');
        }
    }
    let quoted = prose.split('`').skip(1).step_by(2).map(str::trim);
    found.extend(quoted.filter(|words| words.starts_with("aisha ")).map(str::to_owned));
    // The unit is named like the program.
    found.retain(|command| command.split(' ').next() == Some("aisha"));
    found
}

fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

fn fences(text: &str) -> Vec<&str> {
    text.split("```").skip(1).step_by(2).collect()
}

#[test]
fn every_command_in_the_documents_can_be_said() {
    let known: Vec<String> =
        Cli::command().get_subcommands().map(|one| one.get_name().to_owned()).collect();
    for document in [ENGLISH, RUSSIAN, "docs/deployment.md", "docs/dashboard.md", "README.md"] {
        let commands = commands(&read(document));
        assert!(!commands.is_empty(), "{document}");
        for line in commands {
            let words = words(&line);
            if line.contains(" / ") {
                continue;
            }
            // Groups are named too, such as `aisha migrate`.
            let group = words.len() == 2 && known.contains(&words[1]);
            let said = Cli::command().try_get_matches_from(&words);
            assert!(group || said.is_ok(), "{document}: {line}: {}", said.unwrap_err());
        }
    }
}

#[test]
fn both_languages_say_the_same_with_the_same_commands() {
    let (english, russian) = (read(ENGLISH), read(RUSSIAN));
    assert_eq!(commands(&english), commands(&russian));
    assert_eq!(fences(&english), fences(&russian), "what programs print has one language");
    let sections = |text: &str| text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(sections(&english), sections(&russian));
    assert!(sections(&english) >= 12, "a section for each of the ancestor's symptoms");
}

/// No tool is left out of the page that says when to use it.
#[test]
fn every_group_of_commands_helps_with_a_trouble() {
    let text = read(ENGLISH);
    let told: BTreeSet<String> =
        commands(&text).iter().map(|line| words(line)[1].clone()).collect();
    let help = Cli::command();
    let missing: Vec<&str> = help
        .get_subcommands()
        .map(Command::get_name)
        .filter(|name| !["serve", "sandbox", "config", "admin", "help"].contains(name))
        .filter(|name| !told.contains(*name))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
