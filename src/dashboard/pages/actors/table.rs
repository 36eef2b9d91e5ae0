//! Actors as rows.

use std::cmp::Reverse;

use aisha_actors::{
    census::{Condition, Member, Order},
    domain::id::UserId,
};
use maud::{Markup, html};

use super::{
    super::{
        super::{
            Visit,
            live::{Facts, Nodes},
            numbers::{UNKNOWN, whole},
            tree::Seen,
            ui::{self, Tone},
        },
        ledger,
    },
    ROWS, node_name, node_path,
};

/// Nodes that are gone are told of for a while; no more than so many.
const GONE_MAX: usize = 5;

/// Lanes that there are.
const LANES: usize = 256;

/// The inside of the table of singletons.
pub(super) fn tree(visit: &Visit, facts: &Facts) -> Markup {
    let all = facts.nodes.as_ref().map(|nodes| nodes.all.as_slice()).unwrap_or_default();
    let alive = all.iter().filter(|seen| seen.is_alive());
    let gone = all.iter().filter(|seen| !seen.is_alive()).take(GONE_MAX);
    html! {
        (head(visit, "actor-kind"))
        @for seen in alive.chain(gone) {
            tbody {
                tr.group {
                    th scope="rowgroup" colspan="8" { div.facts {
                        a href=(node_path(seen.node)) { (node_name(visit, seen)) }
                        (badges(visit, seen))
                    } }
                }
                @if seen.is_alive() {
                    @match seen.told() {
                        Some(told) => { @for member in &told.census.singletons {
                            (row(visit, member, &format!("{}/{}", node_path(seen.node), member.kind)))
                        } }
                        None => { tr { td.quiet colspan="8" { (visit.t("node-silent")) } } }
                    }
                }
            }
        }
    }
}

/// The inside of the table of users' actors, as it is when nothing was searched for.
pub(super) fn busiest(visit: &Visit, facts: &Facts) -> Markup {
    users(visit, facts.nodes.as_ref(), None, Order::Busiest)
}

/// The same of one user, or in another order. The actors of all nodes together.
pub(super) fn users(
    visit: &Visit,
    nodes: Option<&Nodes>,
    user: Option<UserId>,
    order: Order,
) -> Markup {
    let all = nodes.map(|nodes| nodes.all.as_slice()).unwrap_or_default();
    let mut listed: Vec<(&Seen, &Member)> = all
        .iter()
        .filter(|seen| seen.is_alive())
        .filter_map(|seen| Some((seen, seen.told()?.census.users.as_ref()?)))
        .flat_map(|(seen, users)| users.listed.iter().map(move |member| (seen, member)))
        .filter(|(_, member)| user.is_none() || member.user == user)
        .collect();
    match order {
        Order::Busiest => listed.sort_by_key(|(_, one)| {
            Reverse((one.mailbox.len.saturating_add(one.queued), one.handled))
        }),
        Order::Recent => {
            listed.sort_by_key(|(_, one)| Reverse(one.last.as_ref().map(|last| last.at)));
        }
        Order::ById => listed.sort_by_key(|(_, one)| one.user),
    }
    listed.truncate(ROWS);
    if listed.is_empty() {
        let key = if user.is_some() { "actors-user-none" } else { "actors-users-none" };
        return html! { tbody { tr { td.quiet { (visit.t(key)) } } } };
    }
    html! {
        (head(visit, "actors-user"))
        tbody {
            @for (seen, member) in listed {
                @if let Some(user) = member.user {
                    (row(visit, member, &format!("{}/users/{user}", node_path(seen.node))))
                }
            }
        }
    }
}

/// How many users' actors live, on each node.
pub(super) fn live(visit: &Visit, nodes: Option<&Nodes>) -> Markup {
    let all = nodes.map(|nodes| nodes.all.as_slice()).unwrap_or_default();
    let users = all.iter().filter(|seen| seen.is_alive()).filter_map(|seen| seen.told());
    let live = users
        .filter_map(|told| told.census.users.as_ref())
        .fold(0, |sum: usize, users| sum.saturating_add(users.live));
    html! { p.quiet { (visit.tr("actors-live", &[("count", live.into())])) } }
}

fn head(visit: &Visit, first: &str) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (visit.t(first)) }
            th scope="col" { (visit.t("actor-state")) }
            th.number scope="col" { (visit.t("actor-incarnation")) }
            th.number scope="col" { (visit.t("actor-mailbox")) }
            th.number scope="col" { (visit.t("actor-handled")) }
            th scope="col" { (visit.t("actor-last")) }
            th scope="col" { (visit.t("actor-restarts")) }
            th.number scope="col" { (visit.t("actor-budget")) }
        } }
    }
}

fn row(visit: &Visit, member: &Member, path: &str) -> Markup {
    html! {
        tr {
            th scope="row" { @match member.user {
                // Their number leads to the person, as everywhere.
                Some(user) => {
                    (ledger::person(user)) br; a.beside href=(path) { (visit.t("actor-see")) }
                }
                None => { a href=(path) { (member.kind) } }
            } }
            td { (condition(visit, member.condition)) }
            td.number { (member.incarnation) }
            td.number { (mailbox(visit, member)) }
            td.number { (whole(visit.language, member.handled)) }
            td { @match &member.last {
                Some(last) => { code { (last.name) } br; (ui::moment(last.at)) }
                None => (UNKNOWN),
            } }
            td { @match member.restarts.last() {
                Some(last) => {
                    (member.restarts.len()) ": " (reason(visit, &last.reason, 60)) br;
                    (ui::moment(last.at))
                }
                None => "0",
            } }
            td.number { (budget(member)) }
        }
    }
}

pub(super) fn budget(member: &Member) -> String {
    member.restarts_left.map_or_else(|| UNKNOWN.to_owned(), |left| left.to_string())
}

/// What is in it, of how much fits, and what waits before it.
pub(super) fn mailbox(visit: &Visit, member: &Member) -> Markup {
    html! {
        (member.mailbox.len) " / " (member.mailbox.bound)
        @if member.queued > 0 {
            br; span.quiet { (visit.tr("actor-queued", &[("count", member.queued.into())])) }
        }
    }
}

pub(super) fn condition(visit: &Visit, condition: Condition) -> Markup {
    match condition {
        Condition::Running => ui::badge(Tone::Good, &visit.t("actor-running")),
        Condition::Resting => ui::badge(Tone::Warn, &visit.t("actor-resting")),
        Condition::Gone => ui::badge(Tone::Bad, &visit.t("actor-gone")),
    }
}

/// Why an actor was restarted, cut to so many characters.
pub(super) fn reason(visit: &Visit, reason: &str, chars_max: usize) -> String {
    if reason == aisha_actors::census::ASKED {
        return visit.t("actor-asked");
    }
    let cut: String = reason.chars().take(chars_max).collect();
    if cut.len() < reason.len() { format!("{cut}…") } else { cut }
}

/// How a node stands.
pub(super) fn badges(visit: &Visit, seen: &Seen) -> Markup {
    html! {
        @if !seen.is_alive() { (ui::badge(Tone::Bad, &visit.t("node-gone"))) }
        @else if seen.is_draining() { (ui::badge(Tone::Warn, &visit.t("node-draining"))) }
        @else { (ui::badge(Tone::Good, &visit.t("node-serving"))) }
        @if let Some(listed) = &seen.listed {
            @if listed.polls { (ui::badge(Tone::Quiet, &visit.t("node-polls"))) }
            @if seen.is_alive() {
                span.quiet { (visit.tr("node-lanes", &[
                    ("count", listed.lanes.into()), ("all", LANES.into()),
                ])) }
            }
        }
        @if let Some(load) = seen.told().and_then(|told| told.load).filter(|_| seen.is_alive()) {
            span.quiet { (visit.tr("node-load", &[
                ("running", load.running.into()), ("waiting", load.waiting.into()),
            ])) }
        }
    }
}
