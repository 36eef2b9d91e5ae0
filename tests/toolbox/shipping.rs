//! What is shipped: the compose file, the image, the units.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Secrets that the stack cannot do without.
const REQUIRED: [&str; 4] =
    ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// `${NAME…}` in a text, by name and what follows it.
fn variables(text: &str) -> Vec<(&str, &str)> {
    let open = text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap());
    open.map(|inside| {
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        inside.split_at(end.unwrap_or(inside.len()))
    })
    .collect()
}

/// The services with their lines.
fn services(text: &str) -> Vec<(&str, Vec<&str>)> {
    let inside = text.split("\nservices:\n").nth(1).unwrap().split("\nvolumes:\n").next().unwrap();
    let mut services: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in inside.lines() {
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '#']));
        match name.and_then(|name| name.strip_suffix(':')) {
            Some(name) => services.push((name, Vec::new())),
            None => services.last_mut().map(|(_, lines)| lines.push(line)).unwrap_or_default(),
        }
    }
    services
}

#[test]
fn no_password_in_the_compose_file_has_a_default() {
    let text = read("docker-compose.yml");
    let secret = |name: &str| {
        let parts = ["PASSWORD", "SECRET", "ACCESS_KEY", "TOKEN", "FAL_KEY", "ADMIN_KEY"];
        parts.iter().any(|part| name.contains(part))
    };
    let secrets: Vec<_> = variables(&text).into_iter().filter(|(name, _)| secret(name)).collect();
    assert!(secrets.len() >= 10, "{secrets:?}");
    for (name, rest) in secrets {
        // Required, or empty: an empty variable is an absent one, and the bot says what is missing.
        assert!(rest.starts_with(":?") || rest == ":-", "{name}{rest}");
        assert!(!REQUIRED.contains(&name) || rest.starts_with(":?"), "{name} is required");
    }
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    assert!(!lines.any(|line| line.contains("minio")), "it is archived");
}

#[test]
fn services_restart_and_have_profiles() {
    let text = read("docker-compose.yml");
    let services = services(&text);
    let names: Vec<&str> = services.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["bot", "backup", "postgres", "redis", "s3"]);
    assert!(text.contains("x-restart: &restart\n  restart: unless-stopped\n"));
    for (name, lines) in &services {
        let has = |part: &str| lines.iter().any(|line| line.contains(part));
        let restarts = if *name == "backup" { has("restart: \"no\"") } else { has("*restart") };
        assert!(restarts, "{name}");
        let profiles = lines.iter().find(|line| line.contains("profiles: ["));
        let development = profiles.unwrap().contains("development");
        assert_eq!(development, !["bot", "backup"].contains(name), "{name}");
        assert!(["bot", "backup"].contains(name) || has("healthcheck:"), "{name}");
        for port in lines
            .iter()
            .filter(|line| line.trim().starts_with("- \"127") || line.contains(":8080\""))
        {
            assert!(port.contains("127.0.0.1:"), "{port}: on loopback only");
        }
    }
    // Its keys; told none, SeaweedFS lets everybody in.
    let (_, s3) = services.last().unwrap();
    for (name, ours) in
        [("AWS_ACCESS_KEY_ID", "S3_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "S3_SECRET_KEY")]
    {
        let told = format!("{name}: ${{{ours}:?");
        assert!(s3.iter().any(|line| line.trim().starts_with(&told)), "{told}");
    }
    assert!(text.contains("AISHA_ENV: production"));
    let version = format!("aisha:${{AISHA_VERSION:-{}}}", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "the image is that of this version: {version}");
}

#[test]
fn the_image_is_small_and_nobodys_root() {
    let text = read("Dockerfile");
    let stages = text.lines().filter(|line| line.starts_with("FROM ")).count();
    assert_eq!(stages, 2);
    let last = text.split("\nFROM ").last().unwrap();
    for part in [
        "USER 10001:10001",
        "AISHA_ENV=production",
        "HEALTHCHECK",
        "CMD [\"aisha\", \"health\"]",
        "COPY --from=build",
    ] {
        assert!(last.contains(part), "{part}");
    }
    let pinned: toml::Table = read("rust-toolchain.toml").parse().unwrap();
    let channel = pinned["toolchain"]["channel"].as_str().unwrap();
    let minor = channel.rsplitn(2, '.').last().filter(|_| channel.matches('.').count() == 2);
    let minor = minor.unwrap_or(channel);
    assert!(text.contains(&format!("rust:{minor}")), "the toolchain is {channel}");
}

/// Runs a tool if it is there. None: it is not.
fn run(tool: &str, words: &[&str], folder: &Path, variables: &[(&str, &str)]) -> Option<Output> {
    let mut command = Command::new(tool);
    command.args(words).current_dir(folder).envs(variables.iter().copied());
    command.output().ok()
}

/// Compose's own validation.
#[test]
fn compose_takes_the_file_only_with_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join("docker-compose.yml"), folder.path().join("docker-compose.yml")).unwrap();
    let candidates: [(&str, &[&str]); 2] = [("docker", &["compose"]), ("docker-compose", &[])];
    let there = candidates.into_iter().find(|(tool, first)| {
        let words = [first, &["version"][..]].concat();
        run(tool, &words, folder.path(), &[]).is_some_and(|output| output.status.success())
    });
    let (tool, first) = there.expect("Compose is not there: run ./scripts/setup, it installs it");
    let words = [first, &["config", "--quiet"][..]].concat();
    let all = REQUIRED.map(|name| (name, "x"));
    let output = run(tool, &words, folder.path(), &all).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for missing in REQUIRED {
        let some: Vec<_> = all.iter().copied().filter(|(name, _)| *name != missing).collect();
        let output = run(tool, &words, folder.path(), &some).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(missing), "{missing}: {said}");
    }
}

/// systemd's own check, where there can be a systemd; what it cannot find here is put where it looks.
#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for name in ["aisha.service", "aisha-backup.service", "aisha-backup.timer"] {
        let text = read(&format!("docs/{name}"));
        assert!(!text.contains("PASSWORD="), "{name}: no secret in a unit");
        let text = text.replace("/usr/local/bin/aisha", env!("CARGO_BIN_EXE_aisha"));
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        units.push(path.display().to_string());
    }
    let unit = read("docs/aisha.service");
    for line in ["Restart=on-failure", "Environment=AISHA_ENV=production", "ProtectSystem=strict"] {
        assert!(unit.lines().any(|one| one == line), "{line}");
    }
    let words: Vec<&str> =
        std::iter::once("verify").chain(units.iter().map(String::as_str)).collect();
    if !cfg!(target_os = "linux") {
        println!("NOT CHECKED: systemd-analyze exists on Linux only; the text of the units was");
        return;
    }
    let output = run("systemd-analyze", &words, folder.path(), &[]);
    let output = output.expect("systemd-analyze is not there: run ./scripts/setup, it installs it");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let own: Vec<&str> = said.lines().filter(|line| line.contains("aisha")).collect();
    assert!(output.status.success() && own.is_empty(), "{said}");
}
