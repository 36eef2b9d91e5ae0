//! `kill -9` of the bot while people are deleted: the next start goes on with it, nothing names them in the end,
//! and whoever stays has all that they had.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    gone::{Doomed, Kept, Step, hold_cancels},
    house::{FAST, House, seed},
};

/// Ids that nothing else has by chance.
const ANNABELLA: i64 = 7_130_442_917;
const LEOPOLD: i64 = 7_542_118_309;
const BOB: i64 = 8_210_553_806;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_is_killed_at_every_step_comes_to_its_end() {
    goes_on(House::new(FAST).await, 3).await;
}

/// Fewer by chance: a start takes longer here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_is_killed_at_every_step_comes_to_its_end_on_postgres() {
    goes_on(House::on_postgres(FAST).await, 1).await;
}

/// `kills`: at random moments, beside those at every step.
async fn goes_on(house: House, kills: usize) {
    let seed = seed();
    let began = Instant::now();
    let (_sandbox, info) = house.sandbox();
    let mut bot = house.started(&mut house.bot(&info)).await;
    let (ann, leo, bob) = tokio::join!(
        Doomed::live(&house, info.chat(ANNABELLA), "Annabella", "heron"),
        Doomed::live(&house, info.chat(LEOPOLD), "Leopold", "puffin"),
        Kept::live(info.chat(BOB)),
    );
    let mut rows = house.rows();
    let kept = Kept::before(&house, bob, &[&ann, &leo]);

    let lived = began.elapsed();

    hold_cancels(&info).await;
    ann.delete(&house);
    let mut killed = Vec::new();
    for step in Step::OPEN {
        let at = ann.reaches(&mut rows, step).await;
        // Past it before it was seen.
        if at != step {
            continue;
        }
        bot.kill();
        killed.push(step);
        if step == Step::Cancelling {
            info.mend().await;
        }
        bot = house.started(&mut house.bot(&info)).await;
    }
    println!("killed when it was {killed:?}");
    // That one lasts as long as the test wants; the others until the next look at most.
    assert!(killed.contains(&Step::Cancelling) && killed.len() >= 4, "only when it was {killed:?}");
    ann.reaches(&mut rows, Step::Over).await;
    let stepped = began.elapsed();

    let mut dice = StdRng::seed_from_u64(seed);
    leo.delete(&house);
    let mut killed = Vec::new();
    for _ in 0..kills {
        let life = Duration::from_secs_f64(dice.random_range(0.1..2.0));
        tokio::time::sleep(life).await;
        bot.kill();
        killed.push(leo.step(&mut rows));
        bot = house.started(&mut house.bot(&info)).await;
    }
    println!("killed by chance when it was {killed:?}");
    leo.reaches(&mut rows, Step::Over).await;
    println!(
        "lived {lived:?}, first deletion over after {stepped:?}, all after {:?}",
        began.elapsed()
    );

    kept.judge(&house, &house.path("data").join("objects"), &[&ann, &leo]).await;
    let (status, _) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}
