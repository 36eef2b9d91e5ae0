//! What is for sale while the program runs: the file's word, the operator's over it, and the provider's
//! "gone", which becomes a row too, so that it stays so after a restart and on all nodes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aisha_actors::{
    domain::{catalogue::Model, id::ModelId},
    port::{self, Generator, Kind},
    shop::Shop,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Mutex,
};

use crate::{
    db::Database,
    settings::{self, Settings},
};

/// How often it is looked what operators said at other nodes.
const LOOK: Duration = Duration::from_secs(3);

/// Who writes down what the provider answered.
pub const BOT: &str = "bot";

/// Why, in its row.
const GONE: &str = "the provider answered that the model is gone";

/// The catalogue, kept up to date. Clones are the same.
#[derive(Clone)]
pub struct Stock {
    database: Database,
    shop: Arc<Shop>,
    generator: Arc<dyn Generator>,
    settings: Arc<Settings>,
    /// One look at a time, so that an older one is not heard after a newer one.
    turn: Arc<Mutex<()>>,
}

impl std::fmt::Debug for Stock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stock")
    }
}

/// What the provider said when it was asked about a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It answers at the model's address and takes our key.
    Answers,
    /// It does not take our key.
    Refused,
    /// The account is empty or locked.
    OutOfMoney,
    /// It could not be asked, or said something else; what.
    Trouble(String),
}

/// From this call on a SIGHUP does not end the process.
pub(super) fn hangups() -> Option<Signal> {
    let heard = signal(SignalKind::hangup());
    heard.inspect_err(|error| tracing::error!(%error, "SIGHUP cannot be heard")).ok()
}

impl Stock {
    pub(crate) fn new(
        database: Database,
        shop: Arc<Shop>,
        generator: Arc<dyn Generator>,
        settings: Settings,
    ) -> Self {
        let (settings, turn) = (Arc::new(settings), Arc::default());
        Self { database, shop, generator, settings, turn }
    }

    pub(crate) fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Writes down what was retired and hears what operators said, here and at other nodes.
    ///
    /// # Errors
    /// The database is away: what was heard last stands.
    pub async fn look(&self) -> port::Result<()> {
        let _turn = self.turn.lock().await;
        let retired = self.shop.retired();
        let mut words = self.words().await?;
        for id in &retired {
            if words.get(id) != Some(&false) {
                tracing::warn!(model = %id, "a model is off sale until an operator puts it back");
                self.database.set_model_override(id, false, GONE, BOT).await?;
                words.insert(id.clone(), false);
            }
        }
        self.shop.hear(words, &retired);
        Ok(())
    }

    async fn words(&self) -> port::Result<BTreeMap<ModelId, bool>> {
        let all = self.database.model_overrides().await?;
        Ok(all.into_iter().map(|word| (word.model, word.on_sale)).collect())
    }

    /// Looks for ever, and at once when a model is retired.
    pub(super) async fn run(self) {
        loop {
            if let Err(error) = self.look().await {
                tracing::debug!(%error, "what is for sale could not be looked at");
                // Also where the provider says "gone" again and again.
                tokio::time::sleep(LOOK).await;
                continue;
            }
            tokio::select! {
                () = self.shop.next_retired() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Reads the file again, of which only the models count; the other keys need a restart. Gives the
    /// number of models.
    ///
    /// # Errors
    /// It cannot be read, or is wrong somewhere: the old one stays.
    pub async fn reload(&self) -> Result<usize, settings::Error> {
        let settings = self.settings.clone();
        let read = tokio::task::spawn_blocking(move || settings.read_again()).await;
        let read = read.unwrap_or_else(|_| Err(settings::Error::unread()));
        match read {
            Ok(catalogue) => {
                let models = catalogue.all().len();
                self.shop.reload(catalogue);
                tracing::info!(models, "the catalogue was read again");
                Ok(models)
            }
            Err(error) => {
                tracing::error!(%error, "the catalogue was not read again: the old one stays");
                Err(error)
            }
        }
    }

    /// Reads the file again at each SIGHUP, for ever.
    pub(super) async fn hear_hangups(self, hangups: Option<Signal>) {
        let Some(mut hangups) = hangups else { return };
        while hangups.recv().await.is_some() {
            // What came of it stands in the log.
            let _told = self.reload().await;
        }
    }

    /// Asks the provider, under the model's address, about a request that never was: free. Whether
    /// the model still makes pictures only an order shows.
    pub async fn probe(&self, model: &Model) -> Probe {
        let nobody = uuid::Uuid::nil().to_string();
        let Some(ticket) = self.generator.adopt(model, &nobody) else {
            return Probe::Trouble("the model's address cannot be built".to_owned());
        };
        match self.generator.status(&ticket).await {
            Ok(_) => Probe::Answers,
            // It knows the caller, and no such request.
            Err(error) => match error.kind {
                Kind::NotFound | Kind::Permanent => Probe::Answers,
                Kind::Forbidden => Probe::Refused,
                Kind::OutOfMoney => Probe::OutOfMoney,
                _ => Probe::Trouble(error.what),
            },
        }
    }
}
