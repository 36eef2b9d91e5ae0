//! The client, the webhooks' verifier and the downloads against the sandbox's stand-in over HTTP.

use std::sync::Mutex;

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::header::HeaderMap as ActixHeaders,
    web::{self, Bytes},
};
use aisha_actors::port::Downloads as _;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use super::*;
use crate::{
    downloads::{self, Downloads},
    fal::{
        payloads::{self, Deleter},
        webhook::{self, Verifier},
    },
    sandbox::{
        fal::{Fal, Pace},
        faults::{Fault, Faults},
        journal::{Journal, Peer as Side},
        store::Store,
    },
};

const FAST: Pace = Pace { queue_ms: 0, run_ms: 0, concurrency: 2, webhook_retry_ms: 1 };

/// A webhook as it came in: to which generation, and what.
type Delivery = (String, ActixHeaders, Bytes);

struct Rig {
    fal: Fal,
    faults: Arc<Faults>,
    server: ServerHandle,
    _serving: JoinSet<std::io::Result<()>>,
    client: Client,
    webhooks: UnboundedReceiver<Delivery>,
    _folder: tempfile::TempDir,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.fal.shutdown();
        drop(self.server.stop(false));
    }
}

async fn receive(
    request: HttpRequest,
    generation: web::Path<String>,
    body: Bytes,
    sender: web::Data<Mutex<UnboundedSender<Delivery>>>,
) -> HttpResponse {
    let delivery = (generation.into_inner(), request.headers().clone(), body);
    sender.lock().unwrap().send(delivery).unwrap();
    HttpResponse::Ok().finish()
}

async fn rig() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    let store = Arc::new(Store::open(folder.path()).unwrap());
    let fal = Fal::open(store, Arc::new(Journal::default()), Arc::clone(&faults)).unwrap();
    fal.set_pace(FAST);
    let (sender, webhooks) = unbounded_channel();
    let sender = web::Data::new(Mutex::new(sender));
    let mounted = fal.clone();
    let server = HttpServer::new(move || {
        let fal = mounted.clone();
        App::new()
            .app_data(sender.clone())
            .route("/fal/webhook/{generation}", web::post().to(receive))
            .configure(move |cfg| fal.configure(cfg))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    fal.set_base_url(&base);
    let server = server.run();
    let handle = server.handle();
    let mut serving = JoinSet::new();
    serving.spawn_local(server);
    let settings = Settings {
        key: fal.key(),
        queue_url: fal.queue_url(),
        proxy: None,
        webhook_url: Some(format!("{base}/fal/webhook")),
    };
    let client = Client::new(&settings, Hands::at(NOW)).unwrap();
    Rig { fal, faults, server: handle, _serving: serving, client, webhooks, _folder: folder }
}

impl Rig {
    async fn submit(&self, prompt: &str) -> port::Result<Ticket> {
        let (model, mut order) = sample();
        order.prompt = prompt.to_owned();
        order.resolution = Some("1K".to_owned());
        self.client.submit(GenerationId(Uuid::from_u128(9)), &model, &order).await
    }

    /// The outcome of an order, once FAL has told us that it is there.
    async fn outcome(&mut self, prompt: &str) -> Outcome {
        let ticket = self.submit(prompt).await.unwrap();
        self.webhooks.recv().await.unwrap();
        assert_eq!(self.client.status(&ticket).await, Ok(ProviderStatus::Completed));
        self.client.outcome(&ticket).await.unwrap()
    }

    fn fault(&self, call: &str, status: u16) {
        self.faults.add(Fault {
            peer: Side::Fal,
            call: call.to_owned(),
            status: Some(status),
            retry_after: Some(7),
            delay_ms: None,
            reset: false,
            garbage: false,
            times: Some(1),
            share: None,
        });
    }
}

#[actix_web::test]
async fn an_order_becomes_pictures_and_a_webhook_that_proves_itself() {
    let mut rig = rig().await;
    let ticket = rig.submit("a lighthouse at dusk").await.unwrap();
    let (model, _) = sample();
    assert_eq!(rig.client.adopt(&model, &ticket.request_id), Some(ticket.clone()));

    let (generation, headers, body) = rig.webhooks.recv().await.unwrap();
    assert_eq!(generation, GenerationId(Uuid::from_u128(9)).to_string());
    let settings = webhook::Settings {
        jwks_urls: vec![format!("{}/.well-known/jwks.json", rig.fal.queue_url())],
        user_id: Some(rig.fal.user_id()),
        proxy: None,
    };
    let now = Timestamp(chrono::Utc::now().timestamp_micros());
    let verifier = Verifier::new(&settings, Hands::at(now)).unwrap();
    assert_eq!(verifier.verify(&headers, &body).await, Ok(ticket.request_id.clone()));

    let Outcome::Pictures(pictures) = rig.client.outcome(&ticket).await.unwrap() else {
        panic!("no pictures")
    };
    assert_eq!(pictures.len(), 2);
    let queue_url = rig.fal.queue_url();
    let settings = downloads::Settings { queue_url, ..downloads::Settings::default() };
    let downloads = Downloads::new(&settings).unwrap();
    for picture in pictures {
        assert!(downloads.is_allowed(&picture.url));
        let (bytes, content) = downloads.picture(&picture.url).await.unwrap();
        assert_eq!(bytes.len() as u64, content.size);
        assert_eq!((content.width, content.height), (1024, 576));
        assert_eq!(content.image_type, aisha_actors::domain::picture::ImageType::Jpeg);
    }
}

#[actix_web::test]
async fn jobs_that_end_badly_say_how() {
    let mut rig = rig().await;
    let failed = Outcome::Failed;
    assert_eq!(rig.outcome("a cat #unsafe").await, failed(Failure::Safety));
    assert_eq!(rig.outcome("a cat #fail").await, failed(Failure::Provider));
    assert_eq!(rig.outcome("a cat #garbage").await, failed(Failure::Provider));
    // What the model does not take.
    assert_eq!(rig.outcome("").await, failed(Failure::BadRequest));
}

#[actix_web::test]
async fn a_cancelled_job_ends_as_cancelled() {
    let mut rig = rig().await;
    // Cancelled while it waits.
    rig.fal.set_pace(Pace { concurrency: 0, ..FAST });
    let waiting = rig.submit("a cat").await.unwrap();
    let status = rig.client.status(&waiting).await;
    assert_eq!(status, Ok(ProviderStatus::Waiting { position: 0 }));
    let early = rig.client.outcome(&waiting).await.unwrap_err();
    assert_eq!(early.kind, Kind::Transient);
    assert_eq!(rig.client.cancel(&waiting).await, Ok(Cancel::Requested));
    rig.webhooks.recv().await.unwrap();
    assert_eq!(rig.client.outcome(&waiting).await, Ok(Outcome::Cancelled));
    assert_eq!(rig.client.cancel(&waiting).await, Ok(Cancel::AlreadyCompleted));
    // Cancelled while it runs.
    rig.fal.set_pace(FAST);
    let running = rig.submit("a cat #stuck").await.unwrap();
    while rig.client.status(&running).await != Ok(ProviderStatus::Running) {
        tokio::task::yield_now().await;
    }
    assert_eq!(rig.client.cancel(&running).await, Ok(Cancel::Requested));
    rig.webhooks.recv().await.unwrap();
    assert_eq!(rig.client.outcome(&running).await, Ok(Outcome::Cancelled));
}

#[actix_web::test]
async fn refusals_and_passing_trouble_have_their_kinds() {
    let mut rig = rig().await;
    assert_eq!(rig.client.check_key().await, KeyCheck::Valid);
    let nobody = rig.client.queue.ticket("fal-ai/imagen4", "nobody").unwrap();
    assert_eq!(rig.client.status(&nobody).await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(rig.client.cancel(&nobody).await, Ok(Cancel::Unknown));
    let (mut gone, order) = sample();
    gone.endpoint = "fal-ai/imagen3".to_owned();
    let id = GenerationId(Uuid::from_u128(9));
    assert_eq!(rig.client.submit(id, &gone, &order).await.unwrap_err().kind, Kind::NotFound);
    let retry_after = Duration::from_secs(7);
    for (status, kind) in [
        (429, Kind::RateLimited { retry_after }),
        (503, Kind::Transient),
        (500, Kind::Ambiguous),
        (402, Kind::OutOfMoney),
    ] {
        rig.fault("submit", status);
        assert_eq!(rig.submit("a cat").await.unwrap_err().kind, kind, "{status}");
    }
    // A result call in trouble does not fail the job.
    let ticket = rig.submit("a cat").await.unwrap();
    rig.webhooks.recv().await.unwrap();
    rig.fault("result", 503);
    assert_eq!(rig.client.outcome(&ticket).await.unwrap_err().kind, Kind::Transient);
    let outcome = rig.client.outcome(&ticket).await;
    assert!(matches!(outcome, Ok(Outcome::Pictures(_))), "{outcome:?}");
    let other = Settings { key: "wrong".to_owned(), ..settings(rig.fal.queue_url()) };
    let client = Client::new(&other, Hands::at(NOW)).unwrap();
    assert_eq!(client.check_key().await, KeyCheck::Rejected);
}

#[actix_web::test]
async fn an_admin_key_deletes_what_is_kept_of_a_request() {
    let mut rig = rig().await;
    let ticket = rig.submit("a cat").await.unwrap();
    rig.webhooks.recv().await.unwrap();
    let Ok(Outcome::Pictures(pictures)) = rig.client.outcome(&ticket).await else {
        panic!("no pictures")
    };
    let told = |key| payloads::Settings { admin_key: key, api_url: rig.fal.api_url(), proxy: None };
    let (plain, deleter) = (told(rig.fal.key()), told(rig.fal.admin_key()));
    let (plain, deleter) = (Deleter::new(&plain).unwrap(), Deleter::new(&deleter).unwrap());
    assert_eq!(plain.check_key().await, KeyCheck::Rejected);
    assert_eq!(deleter.check_key().await, KeyCheck::Valid);
    let refused = plain.delete_payloads(&ticket.request_id).await;
    assert_eq!(refused, Err(payloads::Error::Refused(401)));
    assert!(rig.client.outcome(&ticket).await.is_ok());

    rig.fault("payloads", 429);
    let retry_after = Duration::from_secs(7);
    let busy = deleter.delete_payloads(&ticket.request_id).await;
    assert_eq!(busy, Err(payloads::Error::Busy { retry_after }));
    for _again in 0..2 {
        assert_eq!(deleter.delete_payloads(&ticket.request_id).await, Ok(()));
        let gone = rig.client.outcome(&ticket).await.unwrap_err();
        assert_eq!(gone.kind, Kind::NotFound);
    }
    let queue_url = rig.fal.queue_url();
    let settings = downloads::Settings { queue_url, ..downloads::Settings::default() };
    let downloads = Downloads::new(&settings).unwrap();
    for picture in pictures {
        assert!(downloads.picture(&picture.url).await.is_err());
    }
}
