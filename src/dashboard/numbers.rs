//! Numbers as people read them, in their language.

use std::time::Duration;

use aisha_actors::domain::text::Language;

/// Where nothing is known.
pub(super) const UNKNOWN: &str = "–";

/// With its thousands set apart.
pub(super) fn whole(language: Language, number: impl Into<i128>) -> String {
    let number: i128 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut said = String::new();
    if number < 0 {
        said.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(match language {
                Language::En => ',',
                Language::Ru => '\u{a0}',
            });
        }
        said.push(digit);
    }
    said
}

/// With one place behind the point, where that says something.
pub(super) fn decimal(language: Language, number: f64) -> String {
    if number.abs() >= 99.95 {
        return whole(language, number.round() as i64);
    }
    let said = format!("{number:.1}");
    let said = said.strip_suffix(".0").unwrap_or(&said);
    match language {
        Language::En => said.to_owned(),
        Language::Ru => said.replace('.', ","),
    }
}

/// A share of 1 in percent. Only all of it is 100 %.
pub(super) fn percent(language: Language, share: f64) -> String {
    let cut = if share < 1.0 { (share * 100.0).min(99.9) } else { 100.0 };
    let said = decimal(language, cut);
    match language {
        Language::En => format!("{said}%"),
        Language::Ru => format!("{said}\u{a0}%"),
    }
}

/// A short time in seconds.
pub(super) fn seconds(language: Language, time: Duration) -> String {
    let said = decimal(language, time.as_secs_f64());
    match language {
        Language::En => format!("{said}\u{a0}s"),
        Language::Ru => format!("{said}\u{a0}с"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let said = [0, 999, 1000, 1_234_567, -12_345].map(|number| whole(Language::En, number));
        assert_eq!(said, ["0", "999", "1,000", "1,234,567", "−12,345"]);
        assert_eq!(whole(Language::Ru, 12_345), "12\u{a0}345");
    }

    #[test]
    fn places_behind_the_point_are_few() {
        let said = [0.0, 0.25, 7.0, 99.96, 1234.5].map(|number| decimal(Language::En, number));
        assert_eq!(said, ["0", "0.2", "7", "100", "1,235"]);
        assert_eq!(decimal(Language::Ru, 1.5), "1,5");
        assert_eq!(seconds(Language::En, Duration::from_millis(8_440)), "8.4\u{a0}s");
    }

    #[test]
    fn a_failure_among_many_is_no_hundred_percent() {
        assert_eq!(percent(Language::En, 0.99999), "99.9%");
        assert_eq!(percent(Language::En, 1.0), "100%");
        assert_eq!(percent(Language::Ru, 0.975), "97,5\u{a0}%");
    }
}
