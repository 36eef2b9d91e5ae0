//! Whose turn it is at the provider: round and round the people, oldest first within each.

use std::collections::HashMap;

use super::{
    id::{GenerationId, UserId},
    time::Timestamp,
};

/// A generation that waits for a place at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub id: GenerationId,
    pub user: UserId,
    pub created_at: Timestamp,
}

/// The order in which the waiting are served. `running`: the places that people have already. `served`:
/// the number of each one's latest turn. Nobody's second generation goes before somebody else's first,
/// and who was served last comes last.
pub fn order(
    mut waiting: Vec<Waiting>,
    running: &HashMap<UserId, usize>,
    served: &HashMap<UserId, u64>,
) -> Vec<Waiting> {
    waiting.sort_by_key(|one| (one.created_at, one.id));
    let mut taken = running.clone();
    let mut ranked: Vec<(usize, Waiting)> = waiting
        .into_iter()
        .map(|one| {
            let rank = taken.entry(one.user).or_default();
            *rank += 1;
            (*rank, one)
        })
        .collect();
    // Stable: within a round the oldest of those who waited longest for a turn stays first.
    ranked.sort_by_key(|(rank, one)| (*rank, served.get(&one.user).copied()));
    ranked.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IntentId;

    fn waiting(user: i64, at: i64) -> Waiting {
        let user = UserId(user);
        let id = GenerationId::derive(user, IntentId(at.unsigned_abs()));
        Waiting { id, user, created_at: Timestamp(at) }
    }

    #[test]
    fn one_who_queues_fifty_delays_another_by_one() {
        let mut all: Vec<Waiting> = (0..50).map(|at| waiting(1, at)).collect();
        all.push(waiting(2, 1000));
        let order = order(all, &HashMap::new(), &HashMap::new());
        assert_eq!(order[0].user, UserId(1));
        assert_eq!(order[1].user, UserId(2));
    }

    #[test]
    fn who_has_a_place_already_comes_after_who_has_none() {
        let running = HashMap::from([(UserId(1), 1)]);
        let order = order(vec![waiting(1, 0), waiting(2, 5)], &running, &HashMap::new());
        assert_eq!(order[0].user, UserId(2));
    }

    #[test]
    fn who_was_served_last_comes_last_though_nothing_of_theirs_runs_any_more() {
        let served = HashMap::from([(UserId(1), 7), (UserId(3), 6)]);
        let all = vec![waiting(1, 0), waiting(3, 1), waiting(2, 5)];
        let order = order(all, &HashMap::new(), &served);
        let users: Vec<i64> = order.iter().map(|one| one.user.0).collect();
        assert_eq!(users, [2, 3, 1]);
    }
}
