//! Somebody is deleted while the nodes that have their lane are killed one after the other: whoever takes the
//! lane over goes on with it.

use std::time::Duration;

use super::{
    gone::{Doomed, Kept, Step, hold_cancels},
    house::{FAST, House},
    nodes::{By, Nodes},
};

const ANNABELLA: i64 = 7_130_442_917;
const BOB: i64 = 8_210_553_806;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_goes_on_at_the_node_that_takes_the_lane_over() {
    let house = House::on_postgres(FAST).await;
    let (_sandbox, info) = house.sandbox();
    let mut nodes = Nodes::start(&house, &info, By::Polling).await;
    let mut rows = house.rows();
    nodes.shared_out(&mut rows, &[0, 1, 2]).await;
    let (ann, bob) = tokio::join!(
        Doomed::live(&house, info.chat(ANNABELLA), "Annabella", "heron"),
        Kept::live(info.chat(BOB)),
    );
    let kept = Kept::before(&house, bob, &[&ann]);

    hold_cancels(&info).await;
    ann.delete(&house);
    ann.reaches(&mut rows, Step::Cancelling).await;
    let first = nodes.of(&mut rows, ANNABELLA).expect("a node has the lane");
    nodes.kill(first);
    let again = nodes.owned_again(&mut rows, first).await;
    println!("killed node {first}: lanes owned again after {again:?}");
    assert_eq!(ann.step(&mut rows), Step::Cancelling);

    info.mend().await;
    let at = ann.reaches(&mut rows, Step::Settled).await;
    let second = nodes.of(&mut rows, ANNABELLA).expect("a node has the lane");
    nodes.kill(second);
    assert!(at < Step::Over && first != second, "{at:?} at node {second}");
    let again = nodes.owned_again(&mut rows, second).await;
    println!("killed node {second} when it was {at:?}: lanes owned again after {again:?}");
    ann.reaches(&mut rows, Step::Over).await;
    kept.judge(&house, &house.path("objects"), &[&ann]).await;
    nodes.stop(Duration::from_secs(30)).await;
}
