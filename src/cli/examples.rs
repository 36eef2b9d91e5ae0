//! Examples at the end of every command's `--help`. A test proves that each of them can be said, and
//! that no command is without.

use clap::Command;

/// The command, what to say, and what that does.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("serve", "aisha", "run it; without a token and a key as the sandbox"),
    ("serve", "aisha serve --config /etc/aisha/config.toml", "with this file"),
    (
        "sandbox",
        "aisha sandbox --bind 127.0.0.1:8081",
        "Telegram and FAL, pretended, for a bot beside it",
    ),
    (
        "sandbox seed",
        "aisha sandbox seed --users 10 --pictures 100 --first-id 5000",
        "a full gallery each",
    ),
    ("doctor", "aisha doctor", "what works and what does not"),
    ("doctor", "aisha doctor --json", "the same for a script; exit code 1 on trouble"),
    ("health", "aisha health", "exit code 0 while the bot beside it answers"),
    ("health", "aisha health --ready", "and while it can take updates"),
    ("user list", "aisha user list --search ann", "by a part of the name"),
    ("user list", "aisha user list --limit 20 --offset 40", "the third page of twenty"),
    (
        "user show",
        "aisha user show 123456789",
        "balance, pictures, and where they stand in the chat",
    ),
    (
        "user create",
        "aisha user create 123456789 --name Ann --language en",
        "before their first message",
    ),
    ("user block", "aisha user block 123456789", "they are told that they are not served"),
    ("user unblock", "aisha user unblock 123456789", "they are served again"),
    (
        "user delete",
        "aisha user delete 123456789 --confirm 123456789 --reason 'they asked'",
        "their pictures and words go, the books stay under a random number",
    ),
    ("balance add", "aisha balance add 123456789 50 --reason 'paid in cash'", "give 50 credits"),
    ("balance add", "aisha balance add 123456789 -50 --reason 'a mistake'", "take 50 back"),
    (
        "balance add",
        "aisha balance add 123456789 50 --reason 'order 17' --key order-17",
        "once, however often it is run",
    ),
    ("balance list", "aisha balance list --limit 10", "the ten largest"),
    ("balance stats", "aisha balance stats", "given, spent, given back, on hold"),
    ("balance history", "aisha balance history 123456789", "every credit, newest first"),
    ("generation list", "aisha generation list --open", "those that are not at their end"),
    (
        "generation list",
        "aisha generation list --user 123456789 --state failed",
        "one person's failed ones",
    ),
    (
        "generation show",
        "aisha generation show 0123456789abcdef0123456789abcdef",
        "pictures, money, failures",
    ),
    ("generation sweep", "aisha generation sweep --dry-run", "what would become of the stuck ones"),
    ("generation sweep", "aisha generation sweep", "complete or release them"),
    ("storage check", "aisha storage check", "find what is missing, left over or misplaced"),
    ("storage check", "aisha storage check --move --dry-run", "what would be moved"),
    ("storage check", "aisha storage check --move", "move it"),
    ("storage backfill", "aisha storage backfill", "after object storage was away"),
    (
        "storage cleanup-test-urls",
        "aisha storage cleanup-test-urls --dry-run",
        "what would be done",
    ),
    ("storage cleanup-test-urls", "aisha storage cleanup-test-urls", "fetch again, or refund"),
    (
        "storage link",
        "aisha storage link imagen4 2026/08/20/0123456789abcdef0123456789abcdef_1.jpg",
        "to look at one object",
    ),
    ("cache ping", "aisha cache ping", "exit code 1 when Redis does not answer"),
    ("cache flush", "aisha cache flush --dry-run", "count what would be taken away"),
    ("cache flush", "aisha cache flush", "take away all that this program keeps there"),
    ("cache flush", "aisha cache flush --scope filtered --user 123456789", "one person's filters"),
    (
        "node list",
        "aisha node list",
        "a node that lives and has no lanes is joining, leaving or draining",
    ),
    ("node drain", "aisha node drain", "the only one there is: it takes nothing in and finishes"),
    (
        "node drain",
        "aisha node drain 0123abcd-0000-1111-2222-333344445555",
        "this one of several gives its users to the others",
    ),
    ("node undrain", "aisha node undrain", "it takes in again, and its share of the users"),
    ("ledger audit", "aisha ledger audit", "exit code 1 when anything does not add up"),
    ("migrate up", "aisha migrate up", "before a new version serves; `serve` does it too"),
    (
        "migrate down",
        "aisha migrate down --to 20261120000000",
        "before an older version is started",
    ),
    ("migrate status", "aisha migrate status", "exit code 1 unless the schema is this version's"),
    ("backup", "aisha backup backups --keep 7", "the database; the last seven stay"),
    ("backup", "aisha backup backups --keep 7 --objects", "with the pictures"),
    ("restore", "aisha restore backups", "the newest of these, into an empty place"),
    (
        "restore",
        "aisha restore backups/aisha-20261120T030000Z-0a1b2c3d --force",
        "this one, in the place of what is there",
    ),
    ("config show", "aisha config show", "every setting in force, no secret"),
    ("report", "aisha report", "a folder for a bug report, without secrets"),
    ("report", "aisha report bundle --lines 5000", "there, with more of the log"),
    (
        "admin create",
        "aisha admin create ann --role support",
        "asks for a password, twice; she signs in at /admin",
    ),
    (
        "admin create",
        "aisha admin create ann --role owner --password-stdin",
        "the password is the first line of the standard input",
    ),
    ("admin list", "aisha admin list", "who may use the dashboard"),
    ("admin disable", "aisha admin disable ann", "she is signed out everywhere and cannot sign in"),
    ("admin enable", "aisha admin enable ann", "she can sign in again"),
    (
        "admin reset-password",
        "aisha admin reset-password ann",
        "for a lost password or a lost phone",
    ),
    ("admin sessions end", "aisha admin sessions end ann", "she has to sign in anew"),
    ("admin audit verify", "aisha admin audit verify", "whether the audit log is what was written"),
];

/// The command line with its examples.
pub(super) fn add(command: Command) -> Command {
    below(command, "").after_help(
        "Every command takes --json, works beside a running bot unless it says otherwise, and exits \
         with 0 (done), 1 (trouble) or 2 (said wrongly).",
    )
}

fn below(mut command: Command, path: &str) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(&name, |inner| below(inner, &path));
    }
    match of(path) {
        Some(text) => command.after_help(text),
        None => command,
    }
}

fn of(path: &str) -> Option<String> {
    let own: Vec<_> = EXAMPLES.iter().filter(|(command, ..)| *command == path).collect();
    if own.is_empty() {
        return None;
    }
    let lines = own.iter().map(|(_, say, what)| format!("  {say}\n      {what}"));
    Some(format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{super::Cli, *};

    /// As a shell takes a line apart, as far as the examples need it.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate();
        parts
            .flat_map(|(n, part)| match n % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
                _ => vec![part.to_owned()],
            })
            .collect()
    }

    fn leaves(command: &Command, path: &str, found: &mut Vec<String>) {
        let runs = command.get_subcommands().next().is_none() || path == "sandbox";
        if runs && !path.is_empty() {
            found.push(path.to_owned());
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let path = format!("{path} {}", below.get_name());
            leaves(below, path.trim_start(), found);
        }
    }

    #[test]
    fn every_command_has_examples_and_each_can_be_said() {
        let mut commands = Vec::new();
        leaves(&Cli::command(), "", &mut commands);
        assert!(commands.len() > 25, "{commands:?}");
        for command in &commands {
            assert!(EXAMPLES.iter().any(|(of, ..)| of == command), "{command} has no example");
        }
        for (command, say, _) in EXAMPLES {
            assert!(commands.iter().any(|known| known == command), "{command} is no command");
            let said = add(Cli::command()).try_get_matches_from(words(say));
            let said = said.unwrap_or_else(|error| panic!("{say}: {error}"));
            let mut path = Vec::new();
            let mut matches = &said;
            while let Some((name, below)) = matches.subcommand() {
                path.push(name);
                matches = below;
            }
            let path = path.join(" ");
            assert!(path == *command || (path.is_empty() && *command == "serve"), "{say}: {path}");
        }
    }

    #[test]
    fn help_fits_the_terminal_and_says_what_everything_is() {
        let mut commands = Vec::new();
        leaves(&Cli::command(), "", &mut commands);
        for path in commands {
            let mut line = vec!["aisha"];
            line.extend(path.split(' '));
            line.push("--help");
            let help = add(Cli::command()).try_get_matches_from(&line).unwrap_err().to_string();
            assert!(help.contains("Usage: aisha") && help.contains("Examples:"), "{path}: {help}");
            let mut command = &Cli::command();
            for name in path.split(' ') {
                command = command.find_subcommand(name).unwrap();
            }
            assert!(command.get_about().is_some(), "{path} says nothing of itself");
            for argument in command.get_arguments().filter(|one| one.get_id() != "help") {
                assert!(argument.get_help().is_some(), "{path} {}", argument.get_id());
            }
        }
    }
}
