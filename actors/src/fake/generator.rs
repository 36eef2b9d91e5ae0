//! The provider's queue, played from a [`Plan`] for each prompt.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::{Events, Script, lock, script::scripted_panic};
use crate::{
    domain::{
        catalogue::Model,
        generation::{Failure, Order, Ticket},
        id::GenerationId,
    },
    port::{self, Cancel, Error, Kind, Outcome, ProviderPicture, ProviderStatus, Result},
};

/// What a submit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submit {
    Accept,
    /// Surely not accepted, or refused.
    Refuse(Kind),
    /// The answer is lost; the request may have arrived.
    Lose {
        arrived: bool,
    },
    Panic,
}

/// What one look at a request finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Waiting(u32),
    Running,
    Trouble(Kind),
    Panic,
}

/// How a request ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// As many pictures as were ordered.
    Pictures,
    /// These addresses.
    At(Vec<String>),
    Failed(Failure),
    /// Cancelled by the provider itself.
    Cancelled,
}

/// What the provider does with the requests of one prompt. Each look takes the next line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Used up: accepted.
    pub submits: VecDeque<Submit>,
    /// Used up: completed, or running for ever where it is `held`.
    pub looks: VecDeque<Look>,
    /// Stays running until [`Generator::finish`].
    pub held: bool,
    pub ending: Ending,
    /// Troubles with reading the result; used up: it is read.
    pub readings: VecDeque<Kind>,
    /// Troubles with a cancel; used up: it is done.
    pub cancels: VecDeque<Kind>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            submits: VecDeque::new(),
            looks: VecDeque::new(),
            held: false,
            ending: Ending::Pictures,
            readings: VecDeque::new(),
            cancels: VecDeque::new(),
        }
    }
}

impl Plan {
    /// Running until it is told to finish.
    pub fn held() -> Self {
        Self { held: true, ..Self::default() }
    }

    /// Ends like this, at the first look.
    pub fn ending(ending: Ending) -> Self {
        Self { ending, ..Self::default() }
    }
}

struct Request {
    generation: GenerationId,
    prompt: String,
    count: u8,
    cancelled: bool,
    completed: bool,
}

#[derive(Default)]
struct Queue {
    plans: HashMap<String, Plan>,
    requests: HashMap<String, Request>,
    arrived: HashMap<GenerationId, u32>,
    order: Vec<GenerationId>,
}

/// The provider. Unplanned prompts are accepted and complete at the first look; one with `#panic` in it
/// panics at the submit, one with `#crash` at every look.
pub struct Generator {
    pub script: Script,
    queue: Mutex<Queue>,
}

impl Generator {
    pub(super) fn new(events: Arc<Events>) -> Self {
        Self { script: Script::new(events), queue: Mutex::default() }
    }

    /// What becomes of requests with this prompt.
    pub fn plan(&self, prompt: &str, plan: Plan) {
        lock(&self.queue).plans.insert(prompt.to_owned(), plan);
    }

    /// A held prompt's requests complete at the next look.
    pub fn finish(&self, prompt: &str) {
        lock(&self.queue).plans.entry(prompt.to_owned()).or_default().held = false;
    }

    /// How many submits of a generation arrived.
    pub fn arrived(&self, id: GenerationId) -> u32 {
        lock(&self.queue).arrived.get(&id).copied().unwrap_or_default()
    }

    /// Which generations arrived, in order.
    pub fn order(&self) -> Vec<GenerationId> {
        lock(&self.queue).order.clone()
    }

    /// The names of a generation's requests.
    pub fn requests_of(&self, id: GenerationId) -> Vec<String> {
        let queue = lock(&self.queue);
        let mut names: Vec<String> = queue
            .requests
            .iter()
            .filter(|(_, request)| request.generation == id)
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        names
    }
}

fn ticket(request_id: &str) -> Ticket {
    let url = format!("https://fal.test/requests/{request_id}");
    Ticket {
        request_id: request_id.to_owned(),
        status_url: format!("{url}/status"),
        response_url: url.clone(),
        cancel_url: format!("{url}/cancel"),
    }
}

impl Queue {
    fn accept(&mut self, id: GenerationId, order: &Order) -> Ticket {
        let name = format!("r{}", self.requests.len() + 1);
        *self.arrived.entry(id).or_default() += 1;
        self.order.push(id);
        let request = Request {
            generation: id,
            prompt: order.prompt.clone(),
            count: order.count,
            cancelled: false,
            completed: false,
        };
        self.requests.insert(name.clone(), request);
        ticket(&name)
    }

    fn request(&mut self, ticket: &Ticket) -> Result<(&mut Request, &mut Plan)> {
        let unknown = || Error::new(Kind::NotFound, "no such request");
        let request = self.requests.get_mut(&ticket.request_id).ok_or_else(unknown)?;
        let plan = self.plans.entry(request.prompt.clone()).or_default();
        Ok((request, plan))
    }

    fn look(&mut self, ticket: &Ticket) -> Result<Seen> {
        let (request, plan) = self.request(ticket)?;
        if request.prompt.contains("#crash") {
            return Ok(Seen::Panic);
        }
        if request.cancelled || request.completed {
            return Ok(Seen::Status(ProviderStatus::Completed));
        }
        match plan.looks.pop_front() {
            Some(Look::Waiting(position)) => Ok(Seen::Status(ProviderStatus::Waiting { position })),
            Some(Look::Running) => Ok(Seen::Status(ProviderStatus::Running)),
            Some(Look::Trouble(kind)) => Err(Error::new(kind, "scripted: status")),
            Some(Look::Panic) => Ok(Seen::Panic),
            None if plan.held => Ok(Seen::Status(ProviderStatus::Running)),
            None => {
                request.completed = true;
                Ok(Seen::Status(ProviderStatus::Completed))
            }
        }
    }

    fn read(&mut self, ticket: &Ticket) -> Result<Outcome> {
        let (request, plan) = self.request(ticket)?;
        if let Some(kind) = plan.readings.pop_front() {
            return Err(Error::new(kind, "scripted: outcome"));
        }
        if request.cancelled && !request.completed {
            return Ok(Outcome::Cancelled);
        }
        let found = |url: String| ProviderPicture { url, expires_at: None };
        Ok(match &plan.ending {
            Ending::Pictures => {
                let all = 1..=request.count;
                let url = |n| format!("https://fal.test/{}/{}.jpg", ticket.request_id, n);
                Outcome::Pictures(all.map(|n| found(url(n))).collect())
            }
            Ending::At(urls) => Outcome::Pictures(urls.iter().cloned().map(found).collect()),
            Ending::Failed(failure) => Outcome::Failed(*failure),
            Ending::Cancelled => Outcome::Cancelled,
        })
    }

    fn cancel(&mut self, ticket: &Ticket) -> Result<Cancel> {
        let (request, plan) = self.request(ticket)?;
        if let Some(kind) = plan.cancels.pop_front() {
            return Err(Error::new(kind, "scripted: cancel"));
        }
        if request.completed {
            return Ok(Cancel::AlreadyCompleted);
        }
        request.cancelled = true;
        Ok(Cancel::Requested)
    }
}

enum Seen {
    Status(ProviderStatus),
    Panic,
}

#[async_trait]
impl port::Generator for Generator {
    async fn submit(&self, id: GenerationId, _model: &Model, order: &Order) -> Result<Ticket> {
        let lose = self.script.enter("submit").await?;
        if order.prompt.contains("#panic") {
            scripted_panic("submit");
        }
        let planned = {
            let mut queue = lock(&self.queue);
            let plan = queue.plans.get_mut(&order.prompt);
            plan.and_then(|plan| plan.submits.pop_front()).unwrap_or(Submit::Accept)
        };
        let ambiguous = || Error::new(Kind::Ambiguous, "scripted: the answer is lost");
        match planned {
            Submit::Accept => {
                let ticket = lock(&self.queue).accept(id, order);
                self.script.leave(lose, ticket)
            }
            Submit::Refuse(kind) => Err(Error::new(kind, "scripted: submit")),
            Submit::Lose { arrived } => {
                if arrived {
                    lock(&self.queue).accept(id, order);
                }
                Err(ambiguous())
            }
            Submit::Panic => scripted_panic("submit"),
        }
    }

    async fn status(&self, ticket: &Ticket) -> Result<ProviderStatus> {
        let lose = self.script.enter("status").await?;
        let look = lock(&self.queue).look(ticket)?;
        match look {
            Seen::Status(status) => self.script.leave(lose, status),
            Seen::Panic => scripted_panic("status"),
        }
    }

    async fn outcome(&self, ticket: &Ticket) -> Result<Outcome> {
        let lose = self.script.enter("outcome").await?;
        let outcome = lock(&self.queue).read(ticket)?;
        self.script.leave(lose, outcome)
    }

    async fn cancel(&self, ticket: &Ticket) -> Result<Cancel> {
        let lose = self.script.enter("cancel").await?;
        let cancel = lock(&self.queue).cancel(ticket)?;
        self.script.leave(lose, cancel)
    }

    fn adopt(&self, _model: &Model, request_id: &str) -> Option<Ticket> {
        lock(&self.queue).requests.contains_key(request_id).then(|| ticket(request_id))
    }
}
