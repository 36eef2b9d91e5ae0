//! Three nodes under 300 people; one is stopped past its lease, one is killed: no update is lost, doubled
//! or out of order for its user, every lane has a node again within 10 s, and the money is right.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::JoinSet};

use super::{
    house::{FAST, House, Info, free_port, seed},
    oracle::{Witness, everything_in_order, judge},
    person::Person,
    program::Program,
    rows::Rows,
    spread::Spread,
};

/// Fewer for a quick look: the promise is for 300.
const PEOPLE: i64 = 300;
const FIRST_PERSON: i64 = 20_001;
const NODES: usize = 3;

/// How soon the lanes of a node that is gone have another one.
const OWNED_AGAIN_MAX: Duration = Duration::from_secs(10);

/// A key of the house's own: nobody else has it.
const SECRET_KEY: &str = "the same for all nodes of a test";

/// How updates come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Webhook,
    Polling,
}

struct Node {
    port: u16,
    program: Option<Program>,
}

pub(super) struct Nodes<'a> {
    house: &'a House,
    info: Info,
    spread: Spread,
    by: By,
    nodes: Vec<Node>,
}

impl<'a> Nodes<'a> {
    pub(super) async fn start(house: &'a House, info: &Info, by: By) -> Self {
        let mut ports = Vec::new();
        while ports.len() < NODES {
            let port = free_port();
            if !ports.contains(&port) {
                ports.push(port);
            }
        }
        let spread = Spread::over(ports.clone()).await;
        let nodes = ports.into_iter().map(|port| Node { port, program: None }).collect();
        let mut nodes = Self { house, info: info.clone(), spread, by, nodes };
        for place in 0..NODES {
            nodes.restart(place).await;
        }
        nodes
    }

    fn url(&self, place: usize) -> String {
        format!("http://127.0.0.1:{}", self.nodes[place].port)
    }

    fn command(&self, place: usize) -> Command {
        let mut command = self.house.bot(&self.info);
        let path = |name: &str| self.house.path(&format!("{name}-{place}"));
        command
            .env("DATA_DIR", path("data"))
            .env("LOG_FILE", path("log"))
            .env("HTTP_BIND", format!("127.0.0.1:{}", self.nodes[place].port))
            .env("S3_ENDPOINT", format!("disk:{}", self.house.path("objects").display()))
            .env("SECRET_KEY", SECRET_KEY)
            .env("FAL_WEBHOOK_URL", self.spread.url());
        if self.by == By::Webhook {
            command.env("TELEGRAM_MODE", "webhook").env("TELEGRAM_WEBHOOK_URL", self.spread.url());
        }
        command
    }

    async fn restart(&mut self, place: usize) {
        let mut program = Program::start(&mut self.command(place));
        self.house.ready_at(&self.url(place), &mut program).await;
        self.nodes[place].program = Some(program);
    }

    fn program(&self, place: usize) -> &Program {
        self.nodes[place].program.as_ref().expect("it runs")
    }

    /// The id under which a node is known.
    fn id(&self, place: usize) -> String {
        let path = self.house.path(&format!("data-{place}")).join("node");
        std::fs::read_to_string(path).expect("a node keeps its id")
    }

    /// The one that has the person's lane.
    pub(super) fn of(&self, rows: &mut Rows, user: i64) -> Option<usize> {
        let query =
            "SELECT CAST(node AS TEXT) AS line FROM lane WHERE node IS NOT NULL AND lane = ";
        let node = rows.lines(&format!("{query}{}", user & 255));
        (0..NODES).find(|place| node.first() == Some(&self.id(*place)))
    }

    /// `kill -9` of one.
    pub(super) fn kill(&mut self, place: usize) {
        self.nodes[place].program.take().expect("it runs").kill();
    }

    /// Stops all that run.
    pub(super) async fn stop(self, patience: Duration) {
        for program in self.nodes.into_iter().filter_map(|node| node.program) {
            let (status, _) = program.stop(patience).await;
            assert!(status.success(), "{status}");
        }
    }

    fn lanes(&self, rows: &mut Rows, place: usize) -> i64 {
        rows.count(&format!("lane WHERE node = '{}' AND lane < 256", self.id(place)))
    }

    /// Waits until each living node has a fair share, and none is left over.
    pub(super) async fn shared_out(&self, rows: &mut Rows, living: &[usize]) -> Duration {
        let began = Instant::now();
        let share = 256 / i64::try_from(living.len()).unwrap();
        loop {
            let lanes: Vec<i64> = living.iter().map(|place| self.lanes(rows, *place)).collect();
            if lanes.iter().sum::<i64>() == 256 && lanes.iter().all(|lanes| *lanes >= share) {
                return began.elapsed();
            }
            let waited = began.elapsed();
            assert!(waited < Duration::from_secs(30), "{living:?} have {lanes:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until every lane has a node other than the one that is gone.
    pub(super) async fn owned_again(&self, rows: &mut Rows, gone: usize) -> Duration {
        let began = Instant::now();
        let mut without =
            || rows.count(&format!("lane WHERE node IS NULL OR node = '{}'", self.id(gone)));
        // In webhook mode nobody has the poll.
        let poll = i64::from(self.by == By::Webhook);
        while without() > poll {
            assert!(began.elapsed() < OWNED_AGAIN_MAX, "{} lanes have no node", without());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        began.elapsed()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_lose_and_double_nothing_by_a_stop_and_a_kill() {
    live(By::Webhook, PEOPLE, 3_000..9_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_poll_goes_to_another_node() {
    live(By::Polling, 30, 300..1_500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_drains_gives_its_users_to_the_others_and_gets_its_share_back() {
    let house = House::on_postgres(FAST).await;
    let (_sandbox, info) = house.sandbox();
    let nodes = Nodes::start(&house, &info, By::Polling).await;
    let mut rows = house.rows();
    nodes.shared_out(&mut rows, &[0, 1, 2]).await;
    let id = nodes.id(0);
    let tell = |word: &str| {
        let told = house.command(&["node", word, &id]).status().expect("it runs");
        assert!(told.success(), "{word}: {told}");
    };
    let ready = async || {
        let url = format!("{}/health/ready", nodes.url(0));
        reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap()
    };
    tell("drain");
    assert_eq!(ready().await.status(), 503);
    let shared = nodes.shared_out(&mut rows, &[1, 2]).await;
    println!("drained: the others have all after {shared:?}");
    let polls = format!("lane WHERE lane = 256 AND node IS NOT NULL AND node <> '{id}'");
    let until = Instant::now() + OWNED_AGAIN_MAX;
    while rows.count(&polls) == 0 {
        assert!(Instant::now() < until, "nobody polls");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let person = Person::new(info.chat(FIRST_PERSON).of(FIRST_PERSON), 1);
    let (stop, stopped) = watch::channel(false);
    let living = tokio::spawn(person.at_ease(0, 50..100).live(stopped));
    let answered = format!("inbox WHERE user_id = {FIRST_PERSON} AND state = 'done'");
    while rows.count(&answered) == 0 {
        assert!(Instant::now() < until + OWNED_AGAIN_MAX, "nobody is served");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(true).expect("the person listens");
    living.await.expect("no person panicked");
    tell("undrain");
    assert_eq!(ready().await.status(), 200);
    let shared = nodes.shared_out(&mut rows, &[0, 1, 2]).await;
    println!("undrained: shared out after {shared:?}");
    nodes.stop(Duration::from_secs(30)).await;
}

async fn live(by: By, count: i64, pauses: std::ops::Range<u64>) {
    let seed = seed();
    let house = House::on_postgres(FAST).await;
    let (_sandbox, info) = house.sandbox();
    let mut nodes = Nodes::start(&house, &info, by).await;
    let mut rows = house.rows();
    let shared = nodes.shared_out(&mut rows, &[0, 1, 2]).await;
    println!("{count} people; shared out after {shared:?}");

    let (stop, stopped) = watch::channel(false);
    let mut people = JoinSet::new();
    let first = info.chat(FIRST_PERSON);
    for id in FIRST_PERSON..FIRST_PERSON + count {
        let person = Person::new(first.of(id), seed ^ id.unsigned_abs());
        // The stand-in draws every picture that is ordered: a third of so many people order one.
        let person = person.at_ease(u32::from(id % 3 == 0), pauses.clone());
        let (stopped, late) = (stopped.clone(), Duration::from_millis(id.unsigned_abs() % 5_000));
        people.spawn(async move {
            tokio::time::sleep(late).await;
            person.live(stopped).await
        });
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    stop_and_kill(&mut nodes, &mut rows).await;
    tokio::time::sleep(Duration::from_secs(3)).await;

    stop.send(true).expect("people listen");
    let mut done = Vec::new();
    while let Some(one) = people.join_next().await {
        done.push(one.expect("no person panicked"));
    }
    let settled = rows.settle().await;
    let mut witnesses = Vec::new();
    for (chat, done) in done {
        let view = chat.view().await;
        witnesses.push(Witness { chat, done, view });
    }
    println!("settled after {settled:?}");
    everything_in_order(&mut rows);
    println!("{}", judge(&house, &info, &witnesses, 2).await);
    nodes.stop(Duration::from_secs(30)).await;
}

/// One node is stopped past its lease and goes on; one is killed, and started again.
async fn stop_and_kill(nodes: &mut Nodes<'_>, rows: &mut Rows) {
    nodes.program(0).signal("STOP");
    let again = nodes.owned_again(rows, 0).await;
    println!("stopped: lanes owned again after {again:?}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    nodes.program(0).signal("CONT");
    let shared = nodes.shared_out(rows, &[0, 1, 2]).await;
    println!("it goes on: shared out after {shared:?}");

    nodes.kill(1);
    let again = nodes.owned_again(rows, 1).await;
    println!("killed: lanes owned again after {again:?}");
    nodes.restart(1).await;
    let shared = nodes.shared_out(rows, &[0, 1, 2]).await;
    println!("started again: shared out after {shared:?}");
}
