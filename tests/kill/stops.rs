//! The database's server itself stops, crashes and starts again while people use the bot: nothing is lost,
//! doubled or out of order, and health tells the truth all along.

use std::time::Duration;

use tokio::{sync::watch, task::JoinSet};

use super::{
    house::{FAST, House},
    oracle::{Witness, everything_in_order, judge},
    person::Person,
    postgres::Postgres,
};

const PEOPLE: i64 = 30;
const FIRST_PERSON: i64 = 30_001;

/// Between two of its stops people get on with it for so long.
const AT_WORK: Duration = Duration::from_secs(4);

/// How the server goes.
#[derive(Debug, Clone, Copy)]
enum By {
    Stop,
    Crash,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_postgres_stops_crashes_and_starts_again() {
    let mut server = Postgres::start();
    let house = House::on_server(FAST, server.url()).await;
    let (_sandbox, info) = house.sandbox();
    let mut bot = house.started(&mut house.bot(&info)).await;
    let (stop, stopped) = watch::channel(false);
    let mut people = JoinSet::new();
    for id in FIRST_PERSON..FIRST_PERSON + PEOPLE {
        let person = Person::new(info.chat(id), id.unsigned_abs());
        people.spawn(person.live(stopped.clone()));
    }
    // Within the lease of the node, past it, and with all that was not yet committed thrown away.
    let stops = [(By::Stop, 1), (By::Stop, 8), (By::Crash, 1)];
    for (by, away) in stops {
        tokio::time::sleep(AT_WORK).await;
        match by {
            By::Stop => server.stop(),
            By::Crash => server.crash(),
        }
        house.unready(&mut bot).await;
        tokio::time::sleep(Duration::from_secs(away)).await;
        house.unready(&mut bot).await;
        server.start_again();
        let again = house.ready(&mut bot).await;
        println!("{by:?}, away for {away} s: serves again after {again:?}");
        assert!(again < Duration::from_secs(10), "{again:?}");
    }
    tokio::time::sleep(AT_WORK).await;
    stop.send(true).expect("people listen");
    let mut done = Vec::new();
    while let Some(one) = people.join_next().await {
        done.push(one.expect("no person panicked"));
    }
    let mut rows = house.rows();
    let settled = rows.settle().await;
    assert_eq!(bot.ended(), None, "{}", house.log());
    let mut witnesses = Vec::new();
    for (chat, done) in done {
        let view = chat.view().await;
        witnesses.push(Witness { chat, done, view });
    }
    everything_in_order(&mut rows);
    println!("settled after {settled:?}");
    println!("{}", judge(&house, &info, &witnesses, stops.len()).await);
    let (status, _) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}
