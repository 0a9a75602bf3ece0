//! The key that findings name a record by, and when it may not be shown.
//!
//! A key comes out of the record, so it can be anything: a column that was mapped by mistake, a My Number, a name with a number behind it. One that is or
//! holds personal data of the record never leaves; PMH2004 says so in its place.

use std::borrow::Cow;

use bumpalo::{Bump, collections::String};

use crate::{
    bytes,
    convert::{
        check_digit::my_number_holds,
        date::{self, DateError, Notation, iso},
        kana, trim,
        width::half,
    },
    extract::Slot,
    payload::Field,
    record::Record,
};

/// Characters of the longest key.
const LONGEST: usize = 64;
/// Fields that a key may not hold, with the fewest letters that tell.
const TEXTS: [(Field, usize); 7] = [
    (Field::LastName, 2),
    (Field::FirstName, 2),
    (Field::LastNameKana, 2),
    (Field::FirstNameKana, 2),
    (Field::AddressSection, 4),
    (Field::AddressHouseNumber, 4),
    (Field::AddressDetail, 4),
];

/// The key that stands in the record's findings; `None` if there is none that can be shown.
pub(super) fn read(slot: Slot<'_>) -> Option<Cow<'_, str>> {
    let key = match slot {
        Slot::Text(text) => Cow::Borrowed(trim(text)),
        Slot::Int(number) => Cow::Owned(number.to_string()),
        _ => return None,
    };
    let length = key.chars().count();
    let shown = (1..=LONGEST).contains(&length)
        && !key.chars().any(char::is_control)
        && !Digits::of(&key).is_somebodys_my_number();
    shown.then_some(key)
}

/// Whether a key is or holds the person's My Number, birth date, name or address.
#[inline(never)]
pub(super) fn is_personal(key: &str, record: &Record<'_>, bump: &Bump) -> bool {
    let digits = Digits::of(key);
    if let Some(number) = record.text(Field::MyNumber) {
        let own = Digits::of(number);
        if key == number || digits == own || (own.length == 12 && digits.holds(own.all())) {
            return true;
        }
    }
    if let Some(birth) = record.date(Field::BirthDate) {
        let written = iso(birth);
        let eight = Digits::of(core::str::from_utf8(&written).unwrap_or_default());
        // a date has no more digits
        let read =
            if digits.length <= 8 { date::read(key, &Notation::ALL) } else { Err(DateError::Notation) };
        let read = match read {
            Ok(date) | Err(DateError::EraEnded(date)) => Some(date),
            Err(_) => None,
        };
        if digits.holds(eight.all()) || read == Some(birth) {
            return true;
        }
    }
    // most keys are digits, which no name is
    if key.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation()) {
        return false;
    }
    let key = letters(bump, &[key]);
    let holds = |text: &str, fewest: usize| {
        text.chars().nth(fewest.saturating_sub(1)).is_some()
            && bytes::find(key.as_bytes(), text.as_bytes()).is_some()
    };
    let raw = |field: Field| match record.sources.get(field as usize).copied().flatten()?.slot()? {
        Slot::Text(text) => Some(text),
        _ => None,
    };
    let any = |(field, fewest): (Field, usize)| {
        let texts = [record.text(field), raw(field)];
        texts.into_iter().flatten().any(|text| holds(letters(bump, &[text]), fewest))
    };
    let whole = record.text(Field::LastName).zip(record.text(Field::FirstName));
    core::hint::black_box(&TEXTS).iter().copied().any(any)
        || whole.is_some_and(|(family, given)| holds(letters(bump, &[family, given]), 2))
}

/// Letters and digits alone, of one width, case and kind of kana.
#[inline(never)]
fn letters<'b>(bump: &'b Bump, parts: &[&str]) -> &'b str {
    let mut out = String::new_in(bump);
    for part in parts {
        let text = bump.alloc_str(part);
        out.extend(
            kana::katakana(bump, text)
                .chars()
                .map(half)
                .filter(|c| c.is_alphanumeric())
                .map(|c| c.to_ascii_uppercase()),
        );
    }
    out.into_bump_str()
}

/// The first digits of a text, in whatever width and with whatever between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digits {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Digits {
    #[inline(never)]
    fn of(text: &str) -> Self {
        let mut digits = Self { bytes: [0; LONGEST], length: 0 };
        let all = text.chars().map(half).filter(char::is_ascii_digit);
        for (place, digit) in digits.bytes.iter_mut().zip(all) {
            *place = u8::try_from(digit).unwrap_or_default();
            digits.length = digits.length.saturating_add(1);
        }
        digits
    }

    fn all(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn holds(&self, others: &[u8]) -> bool {
        !others.is_empty() && self.all().windows(others.len()).any(|window| window == others)
    }

    /// Twelve digits with the right check digit, the record's own number or not. A number that was counted up begins with zeros, as a
    /// My Number hardly ever does; of others of twelve digits one in eleven is withheld without need.
    fn is_somebodys_my_number(&self) -> bool {
        self.length == 12
            && !self.all().starts_with(b"000")
            && core::str::from_utf8(self.all()).is_ok_and(my_number_holds)
    }
}
