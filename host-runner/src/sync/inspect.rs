//! What is looked at of each payload element as it passes: its hashes for the comparison, and whether it is this
//! municipality's at all. Nothing of it is kept but hashes and counts.

use unicode_normalization::UnicodeNormalization;

use crate::{
    changes::{Element, Hashes},
    failure::Result,
    guard::{GuardConfig, Outside},
    key::Key,
};

/// Looks at the elements of one payload.
pub(super) struct Inspection<'a> {
    /// Without a key, which a dry run makes none of, nothing is hashed.
    key: Option<&'a Key>,
    numbers: &'a [String],
    cities: Vec<String>,
    pub(super) hashes: Hashes,
    pub(super) outside: Outside,
}

impl<'a> Inspection<'a> {
    pub(super) fn new(key: Option<&'a Key>, guard: &'a GuardConfig) -> Self {
        Self {
            key,
            numbers: &guard.registration_numbers,
            cities: guard.cities.iter().map(|city| plain(city)).collect(),
            hashes: Hashes::default(),
            outside: Outside::default(),
        }
    }

    pub(super) fn look(&mut self, text: &str) -> Result<()> {
        let element = Element::parse(text)?;
        if let Some(key) = self.key {
            self.hashes.add(key, text, &element);
        }
        let number = &element.medical_subsidy_registration_number;
        if !self.numbers.is_empty() && !self.numbers.iter().any(|known| number.starts_with(known.as_str())) {
            self.outside.numbers = self.outside.numbers.saturating_add(1);
        }
        if !self.cities.is_empty() {
            let city = plain(&element.address_city);
            if !self.cities.iter().any(|known| city.starts_with(known.as_str())) {
                self.outside.cities = self.outside.cities.saturating_add(1);
            }
        }
        Ok(())
    }
}

/// A municipality's name, whatever width and spaces it is written with.
fn plain(city: &str) -> String {
    city.nfkc().filter(|character| !character.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(numbers: &[&str], cities: &[&str], elements: &[(&str, &str)]) -> (u64, u64) {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let guard = GuardConfig {
            registration_numbers: owned(numbers),
            cities: owned(cities),
            ..GuardConfig::default()
        };
        let mut inspection = Inspection::new(None, &guard);
        for (number, city) in elements {
            let text = format!(
                r#"{{"addressCity":"{city}","medicalSubsidyRegistrationNumber":"{number}","medicalSubsidyCertificationNumber":"1"}}"#
            );
            inspection.look(&text).unwrap();
        }
        (inspection.outside.numbers, inspection.outside.cities)
    }

    #[test]
    fn numbers_and_cities_are_recognised_by_their_beginning() {
        let elements = [("15123456", "見本市"), ("21123456", "見本市東区"), ("15999999", "手本町")];
        assert_eq!(outside(&[], &[], &elements), (0, 0));
        assert_eq!(outside(&["15123456", "21123456"], &["見本市"], &elements), (1, 1));
        assert_eq!(outside(&["15", "21"], &["見本市", "手本町"], &elements), (0, 0));
        assert_eq!(outside(&["2112"], &["見本市東区"], &elements), (2, 2));
    }

    #[test]
    fn width_and_spaces_make_no_difference() {
        assert_eq!(outside(&[], &["ﾐﾎﾝ 市"], &[("1", "ミホン市"), ("1", "ミホン　市")]), (0, 0));
        assert_eq!(outside(&[], &["ケ市"], &[("1", "ヶ市")]), (0, 1), "another character is another name");
    }
}
