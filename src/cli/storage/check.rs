//! `aisha storage check`.

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::{
    app::tools,
    cli::{Report, open, progress, report::table},
    settings::Settings,
};

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Args {
    /// Move pictures that are in the wrong bucket to the right one.
    #[arg(long = "move")]
    moving: bool,
    /// Only say what would be moved.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args, settings: &Settings) -> anyhow::Result<Report> {
    let database = open(settings).await?;
    let moving = args.moving && !args.dry_run;
    let bar = progress::bar(0);
    bar.set_message("pictures");
    let checked = tools::check(settings, &database, moving, &bar).await;
    bar.finish_and_clear();
    Ok(report(&checked?, args.moving && args.dry_run))
}

fn report(checked: &tools::Checked, dry_run: bool) -> Report {
    let tools::Checked { rows, objects, missing, strays, misplaced, .. } = checked;
    let left = |one: &&tools::Misplaced| one.moved != Some(Ok(()));
    let wrong = misplaced.first.iter().filter(left).count();
    let mut text = format!(
        "{rows} stored pictures, {objects} objects: {} missing, {} without a row, {} in the wrong \
         bucket",
        missing.count, strays.count, misplaced.count,
    );
    for (title, count, part) in [
        (
            "Missing: the row says stored, the object is not there",
            missing.count,
            missing_table(checked),
        ),
        ("Without a row: nothing refers to these objects", strays.count, strays_table(checked)),
        ("In the wrong bucket", misplaced.count, misplaced_table(checked, dry_run)),
    ] {
        if count > 0 {
            text.push_str(&format!("\n\n{title}\n{part}"));
        }
    }
    let trouble = missing.count + strays.count > 0 || wrong > 0;
    Report { trouble, ..Report::new(text, as_json(checked)) }
}

fn missing_table(checked: &tools::Checked) -> String {
    let rows = checked.missing.first.iter().map(|one| {
        let telegram = if one.in_telegram { "yes" } else { "no" };
        [
            one.picture.to_string(),
            one.owner.to_string(),
            format!("{}/{}", one.object.bucket, one.object.key),
            telegram.to_owned(),
        ]
    });
    table(["picture", "user", "object", "Telegram has it"], rows.collect())
}

fn strays_table(checked: &tools::Checked) -> String {
    let rows = checked.strays.first.iter();
    let rows =
        rows.map(|one| [format!("{}/{}", one.object.bucket, one.object.key), one.size.to_string()]);
    table(["object", "bytes"], rows.collect())
}

fn misplaced_table(checked: &tools::Checked, dry_run: bool) -> String {
    let rows = checked.misplaced.first.iter().map(|one| {
        let state = match &one.moved {
            None if dry_run => "would be moved".to_owned(),
            None => "no: use --move".to_owned(),
            Some(Ok(())) => "yes".to_owned(),
            Some(Err(why)) => format!("no: {why}"),
        };
        let (from, to) = (one.from.bucket.clone(), one.to.bucket.clone());
        [one.picture.to_string(), one.owner.to_string(), from, to, state]
    });
    table(["picture", "user", "is in", "belongs in", "moved"], rows.collect())
}

fn as_json(checked: &tools::Checked) -> Value {
    let missing = checked.missing.first.iter().map(|one| {
        json!({
            "picture": one.picture.to_string(),
            "user": one.owner,
            "bucket": one.object.bucket,
            "key": one.object.key,
            "in_telegram": one.in_telegram,
        })
    });
    let strays =
        checked.strays.first.iter().map(
            |one| json!({"bucket": one.object.bucket, "key": one.object.key, "bytes": one.size}),
        );
    let misplaced = checked.misplaced.first.iter().map(|one| {
        json!({
            "picture": one.picture.to_string(),
            "user": one.owner,
            "key": one.from.key,
            "from": one.from.bucket,
            "to": one.to.bucket,
            "moved": one.moved == Some(Ok(())),
            "trouble": one.moved.as_ref().and_then(|moved| moved.as_ref().err()),
        })
    });
    json!({
        "rows": checked.rows,
        "objects": checked.objects,
        "missing": {"count": checked.missing.count, "first": missing.collect::<Value>()},
        "strays": {"count": checked.strays.count, "first": strays.collect::<Value>()},
        "misplaced": {"count": checked.misplaced.count, "first": misplaced.collect::<Value>()},
    })
}
