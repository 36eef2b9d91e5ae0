//! Balances, and the books as a whole.

use aisha_actors::{
    domain::{
        id::UserId,
        ledger::{Account, Credits},
    },
    port::Result,
};

use super::Page;
use crate::db::Database;

/// One line of the list of balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceLine {
    pub user: UserId,
    pub first_name: String,
    pub username: Option<String>,
    pub account: Account,
}

/// The books as a whole, summed from the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BalanceStats {
    /// Granted by the operator, less what was taken back.
    pub issued: Credits,
    /// Given as a welcome.
    pub promo: Credits,
    /// Paid for pictures, less refunds.
    pub revenue: Credits,
    /// Set aside by open holds.
    pub held: Credits,
    /// With the users, held credits included: issued + promo − revenue.
    pub circulating: Credits,
    /// Given back after a capture.
    pub refunded: Credits,
    pub entries: u64,
}

impl Database {
    /// Accounts of users, the largest balance first.
    pub async fn list_balances(&self, page: Page) -> Result<Vec<BalanceLine>> {
        on_reader!(self, conn => queries::reports::money::list(conn, page).await)
    }

    /// The books as a whole. Reads every entry.
    pub async fn balance_stats(&self) -> Result<BalanceStats> {
        on_reader!(self, conn => queries::reports::money::stats(conn).await)
    }
}
