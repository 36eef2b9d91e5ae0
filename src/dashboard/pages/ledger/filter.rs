//! Which entries are wanted, as it stands in the address.

use aisha_actors::domain::{id::UserId, ledger::EntryKind, time::Timestamp};
use chrono::{Datelike, NaiveDate, NaiveTime};
use maud::{Markup, html};

use super::{
    super::super::{Ctx, Visit, ui},
    kind_key,
};
use crate::db::reports::EntryFilter;

/// The longest name of an operator, or of the command line's user.
const ACTOR_MAX: usize = 64;

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    kind: String,
    user: String,
    actor: String,
    from: String,
    until: String,
}

impl Wanted {
    pub(super) fn read(visit: &Visit) -> Self {
        let typed = |name: &str| visit.query.get(name).trim().chars().take(100).collect();
        Self {
            kind: typed("kind"),
            user: typed("user"),
            actor: typed("actor"),
            from: typed("from"),
            until: typed("until"),
        }
    }

    /// What it means.
    ///
    /// # Errors
    /// The key of the sentence that says what cannot be understood.
    pub(super) fn filter(&self) -> Result<EntryFilter, &'static str> {
        let kind = given(&self.kind, EntryKind::parse, "ledger-no-kind")?;
        let number = |text: &str| text.parse().ok().map(UserId);
        let user = given(&self.user, number, "ledger-no-person")?;
        let actor = given(&self.actor, name, "ledger-no-actor")?;
        let from = given(&self.from, day, "ledger-no-day")?;
        let last = given(&self.until, day, "ledger-no-day")?;
        let until = last.and_then(|last| last.succ_opt());
        let (from, until) = (from.map(midnight), until.map(midnight));
        Ok(EntryFilter { kind, user, from, until, actor })
    }

    /// The same as a part of an address. `after`: where the list goes on.
    pub(super) fn query(&self, after: Option<&str>) -> String {
        let pairs = [
            ("kind", &self.kind),
            ("user", &self.user),
            ("actor", &self.actor),
            ("from", &self.from),
            ("until", &self.until),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        query.finish()
    }

    pub(super) fn form(&self, ctx: &Ctx, path: &str) -> Markup {
        let mut kinds = vec![("", ctx.t("ledger-any"))];
        kinds.extend(EntryKind::ALL.map(|kind| (kind.name(), ctx.t(kind_key(kind)))));
        let input = |name: &str, key: &str, type_: &str, value: &str| {
            html! {
                div.field {
                    label for=(name) { (ctx.t(key)) }
                    input id=(name) name=(name) type=(type_) value=(value);
                }
            }
        };
        html! {
            form.filters method="get" action=(path) role="search" {
                (ui::choice("kind", "kind", &ctx.t("ledger-kind"), &kinds, &self.kind))
                (input("user", "ledger-person", "search", &self.user))
                (input("actor", "ledger-actor", "search", &self.actor))
                (input("from", "ledger-from", "date", &self.from))
                (input("until", "ledger-until", "date", &self.until))
                button type="submit" { (ctx.t("find")) }
            }
        }
    }
}

fn given<T>(
    text: &str,
    read: impl FnOnce(&str) -> Option<T>,
    problem: &'static str,
) -> Result<Option<T>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some).ok_or(problem)
}

fn name(text: &str) -> Option<String> {
    let fits = text.chars().count() <= ACTOR_MAX && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (2000..=9998).contains(&day.year()).then_some(day)
}

fn midnight(day: NaiveDate) -> Timestamp {
    Timestamp(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_to_its_end_and_nonsense_is_named() {
        let wanted = Wanted {
            kind: "grant".to_owned(),
            user: "-7".to_owned(),
            from: "2026-11-27".to_owned(),
            until: "2026-11-27".to_owned(),
            ..Wanted::default()
        };
        let filter = wanted.filter().unwrap();
        assert_eq!((filter.kind, filter.user), (Some(EntryKind::Grant), Some(UserId(-7))));
        let (from, until) = (filter.from.unwrap(), filter.until.unwrap());
        assert_eq!(until.since(from).as_secs(), 24 * 3600);
        assert_eq!(
            wanted.query(Some("1.2")),
            "kind=grant&user=-7&from=2026-11-27&until=2026-11-27&after=1.2"
        );
        assert_eq!(Wanted::default().filter(), Ok(EntryFilter::default()));
        let wrong = |change: fn(&mut Wanted)| {
            let mut wanted = Wanted::default();
            change(&mut wanted);
            wanted.filter().unwrap_err()
        };
        assert_eq!(wrong(|w| w.kind = "gift".into()), "ledger-no-kind");
        assert_eq!(wrong(|w| w.user = "ann".into()), "ledger-no-person");
        assert_eq!(wrong(|w| w.user = "9".repeat(40)), "ledger-no-person");
        assert_eq!(wrong(|w| w.actor = "a\0b".into()), "ledger-no-actor");
        assert_eq!(wrong(|w| w.from = "27.11.2026".into()), "ledger-no-day");
        assert_eq!(wrong(|w| w.until = "99999-01-01".into()), "ledger-no-day");
    }
}
