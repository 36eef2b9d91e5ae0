//! `aisha admin`: operators of the dashboard.

use std::io::{self, BufRead, IsTerminal, Read};

use aisha_actors::port::Clock;
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Report,
    report::{rfc, table, time},
    user::operator,
};
use crate::{
    dashboard::{
        is_operator_name,
        password::{CHARS_MAX, Hasher, judge},
    },
    db::{
        Database,
        audit::{Deed, Verdict},
        operators::{Operator, OperatorChange, Role},
    },
    world::SystemClock,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an operator. The password is asked for, and never stands in the command.
    Create {
        /// 1 to 32 of a-z, 0-9, dot, dash and underscore.
        #[arg(value_parser = name)]
        name: String,
        /// What they may do: viewer, support, finance or owner.
        #[arg(long, default_value = "owner", value_parser = role)]
        role: Role,
        #[command(flatten)]
        input: Input,
    },
    /// List operators.
    List,
    /// Stop an operator from signing in, and end their sessions.
    Disable {
        /// The operator's name.
        #[arg(value_parser = name)]
        name: String,
    },
    /// Let an operator sign in again.
    Enable {
        /// The operator's name.
        #[arg(value_parser = name)]
        name: String,
    },
    /// Give an operator a new password; switches their second factor off and ends their sessions.
    ResetPassword {
        /// The operator's name.
        #[arg(value_parser = name)]
        name: String,
        #[command(flatten)]
        input: Input,
    },
    /// Browsers that are signed in.
    #[command(subcommand)]
    Sessions(Sessions),
    /// The log of what operators did.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Debug, Subcommand)]
pub(super) enum Sessions {
    /// Sign an operator out everywhere.
    End {
        /// The operator's name.
        #[arg(value_parser = name)]
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check that no row was changed or deleted; exit code 1 when one was.
    Verify,
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// Read the password from the first line of the standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

impl Input {
    fn read(&self, name: &str) -> anyhow::Result<String> {
        let password = if self.password_stdin {
            let mut line = String::new();
            // A line that never ends is no password.
            let mut input = io::stdin().lock().take(16 * 1024);
            input.read_line(&mut line).context("the password cannot be read")?;
            line.trim_end_matches(['\r', '\n']).to_owned()
        } else {
            ensure!(
                io::stdin().is_terminal(),
                "there is no terminal to ask at; say --password-stdin"
            );
            let password = rpassword::prompt_password(format!("Password for {name}: "))?;
            let again = rpassword::prompt_password("Once more: ")?;
            ensure!(password == again, "the two are not the same");
            password
        };
        ensure!(password.len() <= 4 * CHARS_MAX, "a password has at most {CHARS_MAX} characters");
        judge(&password, name)?;
        Ok(password)
    }
}

fn name(text: &str) -> Result<String, String> {
    let rules = "1 to 32 of a-z, 0-9, dot, dash and underscore";
    is_operator_name(text).then(|| text.to_owned()).ok_or_else(|| rules.to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "it is one of viewer, support, finance, owner".to_owned())
}

pub(super) async fn run(command: Command, database: &Database) -> anyhow::Result<Report> {
    match command {
        Command::Create { name, role, input } => {
            let password = input.read(&name)?;
            create(database, &name, role, password).await
        }
        Command::List => list(database).await,
        Command::Disable { name } => {
            let change = OperatorChange::Disabled(true);
            changed(database, &name, "operator.disable", change, "is disabled").await
        }
        Command::Enable { name } => {
            let change = OperatorChange::Disabled(false);
            changed(database, &name, "operator.enable", change, "can sign in").await
        }
        Command::ResetPassword { name, input } => {
            known(database, &name).await?;
            let hash = Hasher::default().hash(input.read(&name)?).await?;
            let change = OperatorChange::Password { hash, lost: true };
            changed(database, &name, "operator.reset-password", change, "has a new password").await
        }
        Command::Sessions(Sessions::End { name }) => end_sessions(database, &name).await,
        Command::Audit(Audit::Verify) => verify(database).await,
    }
}

async fn known(database: &Database, name: &str) -> anyhow::Result<Operator> {
    database.operator(name).await?.with_context(|| format!("there is no operator {name}"))
}

/// Who has the machine needs no reason; the log says that it was done from there.
async fn record(
    database: &Database,
    action: &str,
    name: &str,
    after: Option<&str>,
) -> anyhow::Result<()> {
    let deed = Deed {
        actor: operator(),
        action: action.to_owned(),
        subject: format!("operator/{name}"),
        after: after.map(str::to_owned),
        ..Deed::default()
    };
    database.record(deed, SystemClock.now()).await?;
    Ok(())
}

async fn create(
    database: &Database,
    name: &str,
    role: Role,
    password: String,
) -> anyhow::Result<Report> {
    if database.operator(name).await?.is_some() {
        bail!("there is an operator {name} already");
    }
    let hash = Hasher::default().hash(password).await?;
    record(database, "operator.create", name, Some(role.name())).await?;
    let made = database.create_operator(name, Some(hash), role, SystemClock.now()).await?;
    made.with_context(|| format!("there is an operator {name} already"))?;
    let text = format!("operator {name} ({}) can sign in at /admin", role.name());
    Ok(Report::new(text, json!({"name": name, "role": role.name()})))
}

async fn list(database: &Database) -> anyhow::Result<Report> {
    let operators = database.operators().await?;
    let json: Value = operators
        .iter()
        .map(|one| {
            json!({
                "name": one.name, "role": one.role.name(), "disabled": one.disabled,
                "second_factor": one.totp_salt.is_some(), "password": one.has_password,
                "created_at": rfc(one.created_at),
            })
        })
        .collect();
    let rows = operators.into_iter().map(|one| {
        let state = if one.disabled { "disabled" } else { "active" };
        let factor = if one.totp_salt.is_some() { "second factor" } else { "" };
        let role = one.role.name().to_owned();
        [one.name, role, state.to_owned(), factor.to_owned(), time(one.created_at)]
    });
    let head = ["operator", "role", "", "", "since (UTC)"];
    Ok(Report::new(table(head, rows.collect()), json))
}

async fn changed(
    database: &Database,
    name: &str,
    action: &str,
    change: OperatorChange,
    done: &str,
) -> anyhow::Result<Report> {
    let operator = known(database, name).await?;
    record(database, action, name, None).await?;
    if let Err(why) = database.change_operator(operator.id, change).await? {
        record(database, "failed", name, Some(&format!("{action}: {why}"))).await?;
        return Err(why.into());
    }
    Ok(Report::new(format!("operator {name} {done}"), json!({"name": name, "done": action})))
}

async fn end_sessions(database: &Database, name: &str) -> anyhow::Result<Report> {
    let operator = known(database, name).await?;
    record(database, "operator.sessions", name, None).await?;
    let ended = database.end_sessions(operator.id, None).await?;
    let text = format!("{ended} sessions of operator {name} have ended");
    Ok(Report::new(text, json!({"name": name, "ended": ended})))
}

async fn verify(database: &Database) -> anyhow::Result<Report> {
    Ok(match database.verify_audit().await? {
        Verdict::Whole { rows } => {
            Report::new(format!("the audit log is whole: {rows} rows"), json!({"rows": rows}))
        }
        Verdict::Broken { at } => {
            let text = format!("the audit log is not what was written: look at row {at}");
            Report { trouble: true, ..Report::new(text, json!({"broken_at": at})) }
        }
    })
}
