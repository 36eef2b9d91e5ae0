//! What happens to a job when its turn has come.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use super::{
    super::{
        journal::now_us,
        picture::{self, Sketch},
    },
    Inner,
    job::{Job, Outcome},
    magic::Word,
    models::{self, Model, Order, Output, detail},
    webhook,
};

/// What the log says, at equal distances through the run.
const STEPS: [&str; 6] = [
    "Loading the sandbox's paint box",
    "Reading the prompt",
    "Drawing: 25%",
    "Drawing: 50%",
    "Drawing: 75%",
    "Varnishing",
];
/// How long to wait when nothing is due.
const IDLE: Duration = Duration::from_secs(3600);
/// How long to wait when the store is in trouble.
const TROUBLE: Duration = Duration::from_secs(1);

/// Starts jobs and webhooks as they become due, until the queue is stopped.
pub(super) async fn dispatch(fal: Arc<Inner>) {
    let mut changes = fal.queue.changes();
    let mut tasks = JoinSet::new();
    loop {
        changes.borrow_and_update();
        let due = fal.queue.take_due();
        for id in due.jobs {
            tasks.spawn(run(Arc::clone(&fal), id));
        }
        for delivery in due.deliveries {
            tasks.spawn(webhook::deliver(Arc::clone(&fal), delivery));
        }
        let wait = due.next_us.map_or(IDLE, until);
        tokio::select! {
            () = fal.queue.stopped().cancelled() => return,
            _ = changes.changed() => {}
            Some(_) = tasks.join_next() => {}
            () = sleep(wait) => {}
        }
    }
}

fn until(at_us: i64) -> Duration {
    Duration::from_micros(u64::try_from(at_us.saturating_sub(now_us())).unwrap_or(0))
}

async fn run(fal: Arc<Inner>, id: String) {
    let Some(outcome) = work(&fal, &id).await else { return };
    let (outcome, files) = outcome;
    loop {
        match fal.queue.finish(&id, outcome.clone()) {
            Ok(true) => return,
            Ok(false) => break,
            Err(error) => tracing::error!(%error, id, "the FAL stand-in cannot keep a result"),
        }
        tokio::select! {
            () = fal.queue.stopped().cancelled() => break,
            () = sleep(TROUBLE) => {}
        }
    }
    if let Err(error) = fal.queue.drop_files(&files) {
        tracing::warn!(%error, id, "the FAL stand-in keeps pictures of a cancelled job");
    }
}

/// The outcome and the files that belong to it; `None` when the queue was stopped before.
async fn work(fal: &Arc<Inner>, id: &str) -> Option<(Outcome, Vec<String>)> {
    let fails = |outcome| Some((outcome, Vec::new()));
    let job = fal.queue.find(id).ok()??.job;
    for (step, line) in (1..).zip(STEPS) {
        fal.queue.log(id, line);
        let order = models::find(&job.endpoint).map(|model| (model, model.read(&job.input)));
        if let Some((_, Err(wrong))) = order {
            return fails(Outcome::model_error(422, wrong));
        }
        match reach(fal, id, step).await {
            Reached::Step => {}
            Reached::Cancel => return fails(Outcome::cancelled()),
            Reached::Stop => return None,
        }
    }
    let made = tokio::task::spawn_blocking({
        let fal = Arc::clone(fal);
        move || make(&fal, &job)
    });
    match made.await {
        Ok(Some(made)) => Some(made),
        Ok(None) | Err(_) => fails(Outcome::broken()),
    }
}

enum Reached {
    Step,
    Cancel,
    Stop,
}

/// Waits until the step of the run is over by the pace of the moment.
async fn reach(fal: &Inner, id: &str, step: u64) -> Reached {
    let mut changes = fal.queue.changes();
    loop {
        changes.borrow_and_update();
        let Ok(Some(seen)) = fal.queue.find(id) else { return Reached::Stop };
        let job = seen.job;
        if job.cancelled {
            return Reached::Cancel;
        }
        let run_ms = fal.queue.pace().run_ms.saturating_mul(job.slowness());
        let part_us = run_ms.saturating_mul(1000).saturating_mul(step) / STEPS.len() as u64;
        let end_us = job.started_us.unwrap_or_default().saturating_add_unsigned(part_us);
        let wait = if job.is_stuck() { IDLE } else { until(end_us) };
        if wait.is_zero() {
            return Reached::Step;
        }
        tokio::select! {
            () = fal.queue.stopped().cancelled() => return Reached::Stop,
            _ = changes.changed() => {}
            () = sleep(wait) => {}
        }
    }
}

/// Does the work. Blocks for as long as the drawing takes.
fn make(fal: &Inner, job: &Job) -> Option<(Outcome, Vec<String>)> {
    let model = models::find(&job.endpoint)?;
    let order = match model.read(&job.input) {
        Ok(order) => order,
        Err(wrong) => return Some((Outcome::model_error(422, wrong), Vec::new())),
    };
    let says = |word: Word| word.is_in(&job.input);
    let prompt = Value::String(order.prompt.clone());
    if says(Word::Unsafe) {
        let msg = "The content could not be processed because it contained material flagged by a \
                   content checker.";
        let entry = detail("content_policy_violation", &["prompt"], msg, &prompt, Value::Null);
        return Some((Outcome::model_error(422, vec![entry]), Vec::new()));
    }
    if says(Word::Fail) {
        let entry =
            detail("internal_server_error", &[], "Internal server error", &prompt, Value::Null);
        return Some((Outcome::model_error(500, vec![entry]), Vec::new()));
    }
    if says(Word::Garbage) {
        let body = json!({ "images": "none", "output": [[1, 2], null] });
        return Some((Outcome::success(body, 1.0), Vec::new()));
    }
    paint(fal, job, model, &order)
}

fn paint(fal: &Inner, job: &Job, model: &Model, order: &Order) -> Option<(Outcome, Vec<String>)> {
    let says = |word: Word| word.is_in(&job.input);
    let count = order.count - u32::from(says(Word::Partial));
    // Readers of JSON may keep numbers as doubles.
    let seed = order.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let (mut images, mut files) = (Vec::new(), Vec::new());
    for index in 0..count {
        let sketch = Sketch {
            prompt: order.prompt.clone(),
            seed,
            index,
            width: order.width,
            height: order.height,
        };
        let bytes = picture::draw(&sketch, order.format)
            .map_err(|error| tracing::error!(%error, id = job.id, "no picture"))
            .ok()?;
        let name =
            format!("{}.{}", hex::encode(rand::random::<[u8; 16]>()), order.format.extension());
        let size = bytes.len();
        let url = if says(Word::TestUrl) && index == 0 {
            format!("https://example.com/files/{name}")
        } else if order.inline {
            format!("data:{};base64,{}", order.format.content_type(), STANDARD.encode(&bytes))
        } else {
            name.clone()
        };
        if url == name && !says(Word::Lost) {
            files.push((name.clone(), bytes));
        }
        images.push(json!({
            "url": url, "content_type": order.format.content_type(), "file_name": name,
            "file_size": size, "width": order.width, "height": order.height,
        }));
    }
    let names = files.iter().map(|(name, _)| name.clone()).collect();
    fal.queue
        .keep_files(files)
        .map_err(|error| tracing::error!(%error, id = job.id, "pictures cannot be kept"))
        .ok()?;
    let units = order.units * f64::from(count);
    let body = match model.output {
        Output::Described => json!({ "images": images, "description": "" }),
        Output::Seeded => json!({
            "images": images, "seed": seed, "prompt": order.prompt,
            "has_nsfw_concepts": vec![false; count as usize],
            "timings": { "inference": (now_us() - job.started_us.unwrap_or_default()) as f64 / 1e6 },
        }),
    };
    Some((Outcome::success(body, units), names))
}
