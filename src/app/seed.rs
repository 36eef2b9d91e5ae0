//! `aisha sandbox seed`: people with finished pictures in the bot's database, for load and scale. All of
//! it goes through the same commits as the real thing, so the books are right.

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::{
        catalogue::{Catalogue, Model},
        change::{Change, Changes, Progress},
        generation::{Generation, Order, State, Ticket},
        id::{GenerationId, IntentId, MessageId, PictureId, UserId},
        ledger::{Credits, Entry},
        person::Profile,
        picture::{Content, ImageType, ObjectKey, Picture, PictureState},
        time::Timestamp,
    },
    port::{Clock, Records},
};
use anyhow::Context;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::storage;
use crate::{
    db::{Database, migrations},
    sandbox::picture::{self, Format, Sketch},
    settings::Settings,
    world::SystemClock,
};

/// Pictures in one transaction, so that nobody beside it waits long.
const BATCH: u32 = 200;

/// What was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeded {
    pub users: u32,
    pub pictures: u64,
}

/// Makes `users` people from `first_id` on, each with `pictures` finished pictures, one a minute up to
/// now. People who are there already only get more pictures where they have fewer.
///
/// # Errors
/// The database or the pictures' folder cannot be written.
pub async fn seed(
    settings: &Settings,
    users: u32,
    pictures: u32,
    first_id: i64,
) -> anyhow::Result<Seeded> {
    if let Some(folder) = settings.database.parent() {
        std::fs::create_dir_all(folder)?;
    }
    migrations::up(&settings.database)?;
    let url = format!("sqlite:{}", settings.database.display());
    let database = Database::open(&url, Arc::new(SystemClock))?;
    let model = first_model(&settings.catalogue).context("the catalogue is empty")?;
    let samples = samples(settings, &model).await?;
    let now = SystemClock.now();
    for index in 0..users {
        let user = UserId(first_id.saturating_add(i64::from(index)));
        let at = now.plus(Duration::ZERO);
        commit(&database, user, person(user, index, &model, pictures, at)).await?;
        let mut from = 0;
        while from < pictures {
            let until = pictures.min(from + BATCH);
            let list = (from..until)
                .flat_map(|n| picture_changes(user, n, pictures, &model, &samples, now))
                .collect();
            commit(&database, user, list).await?;
            from = until;
        }
    }
    Ok(Seeded { users, pictures: u64::from(users) * u64::from(pictures) })
}

fn first_model(catalogue: &Catalogue) -> Option<Model> {
    catalogue.all().first().cloned()
}

async fn commit(database: &Database, user: UserId, list: Vec<Change>) -> anyhow::Result<()> {
    let answers = database.commit(vec![Changes::new(user, list)]).await?;
    match answers.into_iter().next() {
        Some(Err(refusal)) => anyhow::bail!("user {user} was seeded before ({refusal})"),
        _ => Ok(()),
    }
}

fn person(user: UserId, index: u32, model: &Model, pictures: u32, at: Timestamp) -> Vec<Change> {
    let profile = Profile {
        id: user,
        first_name: format!("User{index}"),
        username: Some(format!("seeded_{index}")),
        language_code: Some("ru".to_owned()),
    };
    let credits = Credits(model.price(None).0.saturating_mul(i64::from(pictures)) + 100);
    let (reason, by) = ("seeded".to_owned(), "sandbox".to_owned());
    let grant = Entry::by_operator(user, credits, reason, by, &format!("seed/{user}"), at);
    vec![Change::Register { profile, at }, Change::Book(grant)]
}

/// An object that the pictures of one ratio share.
struct Sample {
    ratio: String,
    object: ObjectKey,
    content: Content,
}

async fn samples(settings: &Settings, model: &Model) -> anyhow::Result<Vec<Sample>> {
    let objects = storage::open(settings).await?;
    let mut samples = Vec::new();
    for (n, ratio) in model.ratios.iter().enumerate() {
        let drawn = draw(&ratio.name, n)?;
        let key = format!("seed/{}.jpg", ratio.name.replace(':', "x"));
        let object = ObjectKey { bucket: model.bucket.clone(), key };
        let content = Content {
            image_type: ImageType::Jpeg,
            size: drawn.bytes.len() as u64,
            hash: Sha256::digest(&drawn.bytes).into(),
            width: drawn.width,
            height: drawn.height,
        };
        objects.put(&object, drawn.bytes, ImageType::Jpeg).await?;
        samples.push(Sample { ratio: ratio.name.clone(), object, content });
    }
    Ok(samples)
}

struct Drawn {
    bytes: Bytes,
    width: u32,
    height: u32,
}

fn draw(ratio: &str, n: usize) -> anyhow::Result<Drawn> {
    let (w, h) = ratio.split_once(':').unwrap_or(("1", "1"));
    let (w, h): (u32, u32) = (w.parse().unwrap_or(1).max(1), h.parse().unwrap_or(1).max(1));
    let longest = 512;
    let (width, height) = (longest * w / w.max(h), longest * h / w.max(h));
    let sketch = Sketch {
        prompt: "a quiet lake in the mountains".to_owned(),
        seed: n as u64,
        index: 0,
        width: width.max(64),
        height: height.max(64),
    };
    let bytes = Bytes::from(picture::draw(&sketch, Format::Jpeg)?);
    Ok(Drawn { bytes, width: sketch.width, height: sketch.height })
}

/// A generation from its hold to its delivery, `n`-th of `of`, as it would have gone.
fn picture_changes(
    user: UserId,
    n: u32,
    of: u32,
    model: &Model,
    samples: &[Sample],
    now: Timestamp,
) -> Vec<Change> {
    let Some(sample) = samples.get(n as usize % samples.len().max(1)) else { return Vec::new() };
    let id = GenerationId::derive(user, IntentId(u64::from(n)));
    let minutes = i64::from(of.saturating_sub(n));
    let at = Timestamp(now.0 - minutes * 60_000_000);
    let picture = PictureId { generation: id, n: 1 };
    let order = Order {
        model: model.id.clone(),
        prompt: format!("seeded picture {n}: a quiet lake in the mountains"),
        ratio: sample.ratio.clone(),
        resolution: model.resolution(None).map(|resolution| resolution.name.clone()),
        count: 1,
        seed: n,
        price: model.price(None),
    };
    let total = order.total();
    let to = |from, to, with| Change::Advance { id, from, to, with };
    let done = Progress { captured: Some(1), finished_at: Some(at), ..Progress::default() };
    vec![
        Change::AddGeneration(Box::new(generation(id, user, order, at, n))),
        Change::Book(Entry::hold(user, id, total, at)),
        to(State::Reserved, State::Submitting, submitted(at)),
        to(State::Submitting, State::Queued, ticket(id)),
        Change::AddPictures(vec![row(picture, user, model, sample, at, n)]),
        to(State::Queued, State::Resulted, Progress::default()),
        Change::Book(Entry::capture(user, id, total, at)),
        Change::ListPicture { id: picture, listed_at: at },
        to(State::Resulted, State::Captured, done),
        to(State::Captured, State::Delivered, Progress::default()),
    ]
}

fn generation(id: GenerationId, user: UserId, order: Order, at: Timestamp, n: u32) -> Generation {
    Generation {
        id,
        user,
        order,
        state: State::Reserved,
        message: Some(MessageId(i64::from(n) + 1)),
        ticket: None,
        submits: 0,
        attempts: 0,
        failure: None,
        captured: 0,
        created_at: at,
        submitted_at: None,
        finished_at: None,
        deadline_at: at.plus(Duration::from_secs(300)),
    }
}

fn submitted(at: Timestamp) -> Progress {
    Progress { submits: Some(1), submitted_at: Some(at), ..Progress::default() }
}

fn ticket(id: GenerationId) -> Progress {
    let url = |end: &str| format!("http://127.0.0.1/seed/{id}{end}");
    let ticket = Ticket {
        request_id: id.to_string(),
        status_url: url("/status"),
        response_url: url(""),
        cancel_url: url("/cancel"),
    };
    Progress { ticket: Some(ticket), ..Progress::default() }
}

fn row(
    id: PictureId,
    owner: UserId,
    model: &Model,
    sample: &Sample,
    at: Timestamp,
    n: u32,
) -> Picture {
    Picture {
        id,
        owner,
        model: model.id.clone(),
        state: PictureState::Stored,
        url: format!("http://127.0.0.1/seed/{id}.jpg"),
        url_expires_at: None,
        object: Some(sample.object.clone()),
        content: Some(sample.content.clone()),
        file_id: Some(format!("seeded-{id}")),
        favourite: n.is_multiple_of(7),
        listed_at: None,
        created_at: at,
        attempts: 0,
    }
}
