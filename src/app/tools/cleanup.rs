//! `aisha storage cleanup-test-urls`: pictures that came from `example.com` and other hosts of tests are
//! fetched again from the provider by their request, else given up and refunded.

use std::collections::BTreeMap;

use aisha_actors::{
    domain::{
        change::{Change, Changes},
        generation::Generation,
        id::{GenerationId, PictureId, UserId},
        ledger::{Credits, Entry},
        outbox::Parcel,
        picture::{ObjectKey, Picture, PictureState},
    },
    port::{
        self, Clock, Downloads as _, Generator as _, Kind, Objects, Outcome, ProviderPicture,
        Records,
    },
};
use indicatif::ProgressBar;

use super::{PAGE, Provider, provider, storage};
use crate::{db::Database, downloads::is_test_address, settings::Settings, world::SystemClock};

/// Rows whose picture is thought to be there.
const SAFE: &[PictureState] = &[PictureState::Stored, PictureState::Fallback];

/// How a picture ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The provider's own picture is stored now.
    Fetched,
    /// It is gone; so many credits came back for this picture.
    Lost { refunded: Credits },
    /// Nothing was changed.
    Waits { why: String },
}

/// One picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    pub picture: PictureId,
    pub owner: UserId,
    pub ending: Ending,
}

/// What the provider says about one picture.
enum Found {
    Here(ProviderPicture),
    Gone,
    Unknown(String),
}

/// Cleans up after all people. `dry_run`: asks the provider, and only says what would be done.
///
/// # Errors
/// The database, the storage or the provider cannot be reached at all.
pub async fn cleanup(
    settings: &Settings,
    database: &Database,
    dry_run: bool,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<Cleaned>> {
    let affected = affected(database).await?;
    if affected.is_empty() {
        return Ok(Vec::new());
    }
    bar.set_length(affected.len() as u64);
    let objects = storage::open(settings).await?;
    let desk =
        Desk { database, objects: &*objects, provider: &provider(settings).await?, settings };
    let mut cleaned = Vec::new();
    for (id, pictures) in affected {
        if let Some(row) = database.generation(id).await? {
            cleaned.extend(desk.generation(&row, pictures, dry_run).await?);
        }
        bar.inc(1);
    }
    Ok(cleaned)
}

async fn affected(database: &Database) -> anyhow::Result<BTreeMap<GenerationId, Vec<Picture>>> {
    let mut affected: BTreeMap<GenerationId, Vec<Picture>> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = database.pictures_after(SAFE, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(affected) };
        after = Some(last.id);
        for picture in page.into_iter().filter(|picture| is_test_address(&picture.url)) {
            affected.entry(picture.id.generation).or_default().push(picture);
        }
    }
}

struct Desk<'a> {
    database: &'a Database,
    objects: &'a dyn Objects,
    provider: &'a Provider,
    settings: &'a Settings,
}

impl Desk<'_> {
    /// Each picture that the provider has is kept, one by one; what is gone is given up together, for
    /// there is one refund to a generation, and only once nothing of it is undecided.
    async fn generation(
        &self,
        row: &Generation,
        pictures: Vec<Picture>,
        dry_run: bool,
    ) -> anyhow::Result<Vec<Cleaned>> {
        let result = self.result(row).await;
        let (mut cleaned, mut gone) = (Vec::new(), Vec::new());
        let done = |picture: &Picture, ending| Cleaned {
            picture: picture.id,
            owner: picture.owner,
            ending,
        };
        for picture in pictures {
            let found = match &result {
                Err(why) => Found::Unknown(why.clone()),
                Ok(found) => self.find(found, picture.id.n),
            };
            match found {
                Found::Gone => gone.push(picture),
                Found::Unknown(why) => cleaned.push(done(&picture, Ending::Waits { why })),
                Found::Here(_) if dry_run => cleaned.push(done(&picture, Ending::Fetched)),
                Found::Here(source) => match self.fetch(&picture, source).await {
                    Ok(()) => cleaned.push(done(&picture, Ending::Fetched)),
                    Err(error) if matches!(error.kind, Kind::NotFound | Kind::Permanent) => {
                        gone.push(picture);
                    }
                    Err(error) => {
                        let why = error.to_string();
                        cleaned.push(done(&picture, Ending::Waits { why }));
                    }
                },
            }
        }
        if gone.is_empty() {
            return Ok(cleaned);
        }
        let undecided = cleaned.iter().any(|one| matches!(one.ending, Ending::Waits { .. }));
        let ending = match (undecided, dry_run) {
            (true, _) => {
                let why = "it is gone, but another picture of the generation is undecided";
                Ending::Waits { why: why.to_owned() }
            }
            (false, true) => Ending::Lost { refunded: row.order.price },
            (false, false) => self.give_up(row, &gone).await?,
        };
        cleaned.extend(gone.iter().map(|picture| done(picture, ending.clone())));
        Ok(cleaned)
    }

    /// What the provider has for the request. `Err`: it did not say.
    async fn result(&self, row: &Generation) -> Result<Vec<ProviderPicture>, String> {
        let Some(ticket) = &row.ticket else { return Ok(Vec::new()) };
        match self.provider.generator.outcome(ticket).await {
            Ok(Outcome::Pictures(found)) => Ok(found),
            Ok(Outcome::Failed(_) | Outcome::Cancelled) => Ok(Vec::new()),
            Err(error) if error.kind == Kind::NotFound => Ok(Vec::new()),
            Err(error) => Err(format!("the provider does not answer: {error}")),
        }
    }

    fn find(&self, found: &[ProviderPicture], n: u8) -> Found {
        let index = usize::from(n).saturating_sub(1);
        match found.get(index) {
            Some(picture) if self.provider.downloads.is_allowed(&picture.url) => {
                Found::Here(picture.clone())
            }
            _ => Found::Gone,
        }
    }

    /// Stores the provider's own picture in the place of the other one.
    async fn fetch(&self, picture: &Picture, source: ProviderPicture) -> port::Result<()> {
        let (bytes, content) = self.provider.downloads.picture(&source.url).await?;
        let model = self.settings.catalogue.get(&picture.model);
        let bucket = model.map_or("generated", |model| model.bucket.as_str());
        let ending = content.image_type.ending();
        let key = ObjectKey::of_picture(bucket, picture.id, picture.created_at, ending);
        let mut stored = self.objects.put(&key, bytes.clone(), content.image_type).await;
        if stored.as_ref().is_err_and(|error| error.kind == Kind::Conflict) {
            // The test host's bytes.
            self.objects.delete(&key).await?;
            stored = self.objects.put(&key, bytes, content.image_type).await;
        }
        stored?;
        let settle = Change::SettlePicture {
            id: picture.id,
            from: SAFE.to_vec(),
            to: PictureState::Stored,
            object: Some(key),
            content: Some(content),
        };
        let expires_at = source.expires_at;
        let origin = Change::SetSource { id: picture.id, url: source.url, expires_at };
        let changes = Changes::new(picture.owner, vec![settle, origin]);
        let answer = self.database.commit_one(changes).await?;
        answer.map(|_| ()).map_err(|refusal| port::Error::new(Kind::Conflict, refusal))
    }

    /// The pictures are lost, what was paid for them comes back, and the person is told: one
    /// transaction. The objects that the test host's bytes left behind go after it.
    async fn give_up(&self, row: &Generation, gone: &[Picture]) -> anyhow::Result<Ending> {
        let at = SystemClock.now();
        let count = u8::try_from(gone.len()).unwrap_or(u8::MAX);
        let amount = row.order.price.times(count);
        let mut list: Vec<Change> = gone
            .iter()
            .map(|picture| Change::SettlePicture {
                id: picture.id,
                from: SAFE.to_vec(),
                to: PictureState::Lost,
                object: None,
                content: None,
            })
            .collect();
        if amount.0 > 0 {
            list.push(Change::Book(Entry::refund(row.user, row.id, amount, at)));
            let parcel = Parcel::Refunded { generation: row.id, amount };
            list.push(Change::Enqueue { parcel, at });
        }
        let answer = self.database.commit_one(Changes::new(row.user, list)).await?;
        if let Err(refusal) = answer {
            return Ok(Ending::Waits { why: format!("not given up: {refusal}") });
        }
        for key in gone.iter().filter_map(|picture| picture.object.as_ref()) {
            if let Err(error) = self.objects.delete(key).await {
                tracing::warn!(%error, "an object of a lost picture stays behind");
            }
        }
        Ok(Ending::Lost { refunded: row.order.price })
    }
}
