//! The whole set: what is remembered of the certificates that were accepted, to compare the next ones with.
//!
//! One entry of 16 bytes a certificate, so at most 24 bytes a record in all. The set is split into many small tables that
//! grow by a quarter at a time: growing never needs two large tables at once. It holds hashes and days, never a number or a name.
//!
//! Hashes can meet by chance. Two people count as one where 54 bits of their numbers' hashes are equal: at 1,000,000 people that is expected in
//! one run of 36,000, a night's run in a century. Of one person's certificates, another name or birth date is overlooked in one of 8,192
//! cases, and two certificates of one scheme that begin on the same day count as the same one, not as overlapping, in one of 65,536.

use chrono::{Datelike, NaiveDate};

use crate::{payload::Field, record::Record};

const SHARD_BITS: u32 = 10;
const SHARDS: usize = 1 << SHARD_BITS;
/// A table's first size; it grows by a quarter once nine in ten places are taken.
const SMALLEST: usize = 2;
/// How many of a person's certificates a new one is compared with; of those beyond it only an equal one is found.
///
/// Without it, an export that gives everybody the same number would take quadratic time.
const MOST_COMPARED: usize = 16;

/// Bits of [`Entry::who`].
const PERSON: u64 = u64::MAX << 20;
const NAME: u64 = 0x1FFF << 7;
const SCHEME: u64 = 0x7F;
/// Bits of [`Entry::what`].
const FIRST_DAY_AND_NUMBERS: u64 = 0x1_FFFF << 47 | 0xFFFF << 14;
const BIRTH: u64 = 0x1FFF << 1;
const BY_CERTIFICATE: u64 = 1;

/// What an accepted certificate of the same person says about this one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four answers, none of which says anything of another")]
pub(crate) struct Seen {
    /// It is the same certificate.
    pub(crate) duplicate: bool,
    /// Another certificate of the same scheme is valid on the same day.
    pub(crate) overlap: bool,
    /// The person has another name there.
    pub(crate) other_name: bool,
    /// The person has another birth date there.
    pub(crate) other_birth: bool,
}

/// What becomes of the certificates of accepted records.
#[derive(Debug)]
pub(crate) enum Memory {
    /// Each is compared with those before it.
    Seen(SeenSet),
    /// They are noted down, for somebody else to compare.
    Noted(Vec<Certificate>),
}

impl Default for Memory {
    fn default() -> Self {
        Self::Seen(SeenSet::default())
    }
}

impl Memory {
    /// Compares a certificate with the person's others.
    pub(crate) fn compare(&self, certificate: &Certificate) -> Seen {
        match self {
            Self::Seen(set) => set.compare(certificate),
            Self::Noted(_) => Seen::default(),
        }
    }

    /// Remembers a certificate.
    pub(crate) fn insert(&mut self, certificate: &Certificate) {
        match self {
            Self::Seen(set) => set.insert(certificate),
            Self::Noted(noted) => noted.push(*certificate),
        }
    }

    /// Remembers certificates that were noted down for one record, all of them or, where there is anything to say about one, none.
    pub(crate) fn admit(&mut self, noted: &[Certificate]) -> bool {
        let Self::Seen(set) = self else { return false };
        let admitted = noted.iter().enumerate().all(|(index, certificate)| {
            set.is_unremarkable(certificate, noted.len())
                && noted.iter().take(index).all(|other| !certificate.concerns(other))
        });
        if admitted {
            for certificate in noted {
                set.insert(certificate);
            }
        }
        admitted
    }
}

/// The certificates that were accepted so far.
#[derive(Debug, Default)]
pub(crate) struct SeenSet {
    shards: Vec<Shard>,
}

/// A certificate as the set remembers it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Certificate {
    shard: usize,
    entry: Entry,
}

#[derive(Debug, Default)]
struct Shard {
    places: Vec<Entry>,
    taken: usize,
}

/// All zeros stand for a free place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Entry {
    /// From the top: 44 bits of the person's hash, never 0; 13 of the name's; 7 of the payer number's first two digits (法別番号).
    who: u64,
    /// From the top: first and last day of validity in 17 bits each, 16 of both numbers' hash, 13 of the birth date's, and one that says that the
    /// entry is found by the whole certificate, not by the person.
    what: u64,
}

impl Certificate {
    /// What is to be remembered of a record; `None` where a field is missing, so that the record can't be accepted.
    pub(crate) fn of(record: &Record<'_>) -> Option<Self> {
        let text = |field| record.text(field);
        let person = mix(text(Field::MyNumber)?.parse().ok()?);
        let name = hash(&[text(Field::LastName)?, text(Field::FirstName)?]);
        let payer = text(Field::PayerNumber)?;
        let scheme: u8 = payer.get(..2)?.parse().ok()?;
        let numbers = hash(&[payer, text(Field::RecipientNumber)?]);
        let birth = mix(day(record.date(Field::BirthDate)?));
        let (start, end) = (record.date(Field::StartDate)?, record.date(Field::EndDate)?);
        let shard = usize::try_from(person >> (64 - SHARD_BITS)).ok()?;
        let tag = (person << SHARD_BITS >> 20).max(1);
        let entry = Entry {
            who: tag << 20 | name >> 51 << 7 | u64::from(scheme) & SCHEME,
            what: day(start) << 47 | day(end) << 30 | numbers >> 48 << 14 | birth >> 51 << 1,
        };
        Some(Self { shard, entry })
    }

    /// Whether another one has anything to say about this one.
    fn concerns(&self, other: &Self) -> bool {
        let same_person = self.shard == other.shard && self.entry.is_same_person(other.entry);
        same_person && self.entry.beside(other.entry) != Seen::default()
    }

    /// How many bytes [`Certificate::to_bytes`] gives.
    pub(crate) const BYTES: usize = 18;

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let shard = u16::try_from(self.shard).unwrap_or_default().to_le_bytes();
        let parts =
            shard.into_iter().chain(self.entry.who.to_le_bytes()).chain(self.entry.what.to_le_bytes());
        bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        bytes
    }

    /// What [`Certificate::to_bytes`] gave; `None` for anything that it can't have given.
    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let (shard, entry) = bytes.split_first_chunk()?;
        let (who, what) = entry.split_first_chunk()?;
        let shard = usize::from(u16::from_le_bytes(*shard));
        let entry = Entry { who: u64::from_le_bytes(*who), what: u64::from_le_bytes(*what.first_chunk()?) };
        (shard < SHARDS && !entry.is_free()).then_some(Self { shard, entry })
    }
}

/// Days from 1873-01-01 on, at most 17 bits: whatever lies beyond 2231 counts as the last of them.
fn day(date: NaiveDate) -> u64 {
    const FIRST: i32 = 683_735;
    u64::try_from(date.num_days_from_ce() - FIRST).unwrap_or_default().min(0x1_FFFF)
}

impl Entry {
    fn is_free(self) -> bool {
        self.who == 0
    }

    fn is_by_certificate(self) -> bool {
        self.what & BY_CERTIFICATE != 0
    }

    /// The same, to be found by the whole certificate.
    fn by_certificate(self) -> Self {
        Self { what: self.what | BY_CERTIFICATE, ..self }
    }

    fn is_same_person(self, other: Self) -> bool {
        self.who & PERSON == other.who & PERSON
    }

    /// Person, scheme, both numbers and the first day.
    fn is_same_certificate(self, other: Self) -> bool {
        self.who & (PERSON | SCHEME) == other.who & (PERSON | SCHEME)
            && self.what & FIRST_DAY_AND_NUMBERS == other.what & FIRST_DAY_AND_NUMBERS
    }

    /// The same scheme on the same day.
    fn overlaps(self, other: Self) -> bool {
        let start = |entry: Self| entry.what >> 47;
        let end = |entry: Self| entry.what >> 30 & 0x1_FFFF;
        self.who & SCHEME == other.who & SCHEME && start(self) <= end(other) && start(other) <= end(self)
    }

    /// What another certificate of the same person says about this one.
    fn beside(self, other: Self) -> Seen {
        let duplicate = other.is_same_certificate(self);
        Seen {
            duplicate,
            overlap: !duplicate && other.overlaps(self),
            other_name: other.who & NAME != self.who & NAME,
            other_birth: other.what & BIRTH != self.what & BIRTH,
        }
    }

    /// Where to begin to look in so many places.
    fn home(self, places: usize) -> usize {
        let key = if self.is_by_certificate() {
            mix(self.who >> 20 ^ (self.what & FIRST_DAY_AND_NUMBERS))
        } else {
            // the person's hash is spread evenly already
            self.who & PERSON
        };
        let home = ((key >> 32) * places as u64) >> 32;
        usize::try_from(home).unwrap_or_default()
    }
}

impl SeenSet {
    /// Compares a certificate with the person's others.
    pub(crate) fn compare(&self, certificate: &Certificate) -> Seen {
        self.shards
            .get(certificate.shard)
            .map_or_else(Seen::default, |shard| shard.compare(certificate.entry))
    }

    /// Remembers a certificate.
    pub(crate) fn insert(&mut self, certificate: &Certificate) {
        if self.shards.is_empty() {
            self.shards.resize_with(SHARDS, Shard::default);
        }
        if let Some(shard) = self.shards.get_mut(certificate.shard) {
            shard.insert(certificate.entry);
        }
    }

    /// Whether nothing is to be said about a certificate, nor would be with so many more of the same person.
    fn is_unremarkable(&self, certificate: &Certificate, more: usize) -> bool {
        let Certificate { shard, entry } = *certificate;
        self.shards.get(shard).is_none_or(|shard| {
            shard.of_person(entry).count().saturating_add(more) < MOST_COMPARED
                && shard.compare(entry) == Seen::default()
        }) && more < MOST_COMPARED
    }

    /// Bytes that the set takes up, apart from [`SHARDS`] empty tables.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.places.capacity() * size_of::<Entry>()).sum()
    }
}

impl Shard {
    /// The entries from an entry's own place up to the next free one.
    fn run(&self, entry: Entry) -> impl Iterator<Item = Entry> {
        let (before, after) = self.places.split_at(entry.home(self.places.len()));
        after.iter().chain(before).copied().take_while(|other| !other.is_free())
    }

    /// The entries of the same person that a new one is compared with.
    fn of_person(&self, entry: Entry) -> impl Iterator<Item = Entry> {
        let same = move |other: &Entry| other.is_same_person(entry) && !other.is_by_certificate();
        self.run(entry).filter(same).take(MOST_COMPARED)
    }

    fn compare(&self, entry: Entry) -> Seen {
        let mut seen = Seen::default();
        let mut compared = 0;
        for other in self.of_person(entry) {
            compared += 1;
            let Seen { duplicate, overlap, other_name, other_birth } = entry.beside(other);
            seen.duplicate |= duplicate;
            seen.overlap |= overlap;
            seen.other_name |= other_name;
            seen.other_birth |= other_birth;
        }
        if compared == MOST_COMPARED {
            let same = |other: Entry| other.is_by_certificate() && other.is_same_certificate(entry);
            seen.duplicate |= self.run(entry.by_certificate()).any(same);
        }
        seen
    }

    fn insert(&mut self, entry: Entry) {
        if (self.taken + 1) * 10 > self.places.len() * 9 {
            let length = self.places.len();
            let longer = (length + (length / 4).max(1)).max(SMALLEST);
            for entry in core::mem::replace(&mut self.places, vec![Entry::default(); longer]) {
                if !entry.is_free() {
                    place(&mut self.places, entry);
                }
            }
        }
        let full = self.of_person(entry).count() == MOST_COMPARED;
        place(&mut self.places, if full { entry.by_certificate() } else { entry });
        self.taken += 1;
    }
}

/// Puts an entry into the first free place from its own on.
fn place(places: &mut [Entry], entry: Entry) {
    let home = entry.home(places.len());
    let (before, after) = places.split_at_mut(home);
    if let Some(free) = after.iter_mut().chain(before).find(|place| place.is_free()) {
        *free = entry;
    }
}

/// A 64-bit hash of several texts, the same on every host: FNV-1a, mixed.
fn hash(parts: &[&str]) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mix(parts.iter().flat_map(|part| part.bytes().chain([0xFF])).fold(0xcbf2_9ce4_8422_2325, step))
}

/// Spreads a number over 64 bits, no two to the same: the last step of `SplitMix64`.
fn mix(number: u64) -> u64 {
    let mixed = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{FIELD_COUNT, Value};

    /// Person, name, birth, recipient number, first day, last day; days count from 2026-01-01.
    type Case = (u64, &'static str, u64, &'static str, u64, u64);

    fn certificate((person, name, birth, recipient, start, end): Case) -> Certificate {
        let date = |days| NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(days);
        let number = format!("{person:012}");
        let mut values = [Value::None; FIELD_COUNT];
        values[Field::MyNumber as usize] = Value::Text(&number);
        values[Field::LastName as usize] = Value::Text(name);
        values[Field::FirstName as usize] = Value::Text("太郎");
        values[Field::PayerNumber as usize] = Value::Text("15138019");
        values[Field::RecipientNumber as usize] = Value::Text(recipient);
        values[Field::BirthDate as usize] = Value::Date(date(0) - chrono::Days::new(9_000 + birth));
        values[Field::StartDate as usize] = Value::Date(date(start));
        values[Field::EndDate as usize] = Value::Date(date(end));
        let sources = [None; FIELD_COUNT];
        Certificate::of(&Record { scheme: None, as_of: date(0), values, sources, plan: None, input: "" })
            .unwrap()
    }

    /// The same answers as comparing with each of the others one by one.
    #[test]
    fn agrees_with_a_plain_list() {
        let mut state = 1u64;
        let mut below = |most: u64| {
            state = mix(state);
            state % most
        };
        let (mut set, mut list) = (SeenSet::default(), Vec::<Case>::new());
        let mut hits = [0; 4];
        for _ in 0..6_000 {
            let (person, start) = (below(1_500), below(60) * 10);
            let pick = |most: u64, chosen: u64| usize::from(chosen.is_multiple_of(most));
            let case: Case = (
                person,
                ["山田", "田中"][pick(20, below(1_000))],
                below(20) / 19,
                ["0000018", "0000026"][pick(10, below(1_000))],
                start,
                start + [9, 10, 300][usize::try_from(below(3)).unwrap()],
            );
            let others: Vec<&Case> = list.iter().filter(|other| other.0 == case.0).collect();
            if others.len() >= MOST_COMPARED {
                continue;
            }
            let duplicate = |other: &&Case| (other.3, other.4) == (case.3, case.4);
            let overlap = |other: &&Case| !duplicate(other) && other.4 <= case.5 && case.4 <= other.5;
            let expected = Seen {
                duplicate: others.iter().any(duplicate),
                overlap: others.iter().any(overlap),
                other_name: others.iter().any(|other| other.1 != case.1),
                other_birth: others.iter().any(|other| other.2 != case.2),
            };
            let made = certificate(case);
            let seen = set.compare(&made);
            assert_eq!(seen, expected, "{case:?}");
            let answers = [seen.duplicate, seen.overlap, seen.other_name, seen.other_birth];
            hits.iter_mut().zip(answers).for_each(|(hits, answer)| *hits += i32::from(answer));
            if !seen.duplicate {
                set.insert(&made);
                list.push(case);
            }
        }
        assert!(hits.iter().all(|hits| *hits > 100), "{hits:?}");
    }

    #[test]
    fn people_are_told_apart_in_24_bytes_a_record() {
        let mut set = SeenSet::default();
        let fixed = SHARDS * (SMALLEST * size_of::<Entry>() - 24);
        for (n, count) in (0..300_000u64).zip(1usize..) {
            let made = certificate((n * 7, "山田", 0, "0000018", 0, 300));
            assert_eq!(set.compare(&made), Seen::default(), "{n}");
            set.insert(&made);
            assert!(
                !count.is_multiple_of(1_000) || set.bytes() <= fixed + 24 * count,
                "{} for {count}",
                set.bytes()
            );
        }
        let again = |n: u64| set.compare(&certificate((n * 7, "山田", 0, "0000018", 0, 300)));
        assert!((0..300_000).all(|n| again(n).duplicate));
    }

    /// However many certificates bear one number: a few are compared, and an equal one is still found.
    #[test]
    fn one_number_for_everybody() {
        let mut set = SeenSet::default();
        let mut cases = (0..2_000).map(|n| certificate((1, "山田", 0, "0000018", n * 2, n * 2)));
        for made in cases.clone() {
            assert_eq!(set.compare(&made), Seen::default());
            set.insert(&made);
        }
        assert!(cases.clone().all(|made| set.compare(&made).duplicate));
        let made = cases.next_back().unwrap();
        assert_eq!(set.shards[made.shard].of_person(made.entry).count(), MOST_COMPARED);
    }

    #[test]
    fn days_beyond_the_last_one_count_as_the_last() {
        assert_eq!(day(NaiveDate::from_ymd_opt(1873, 1, 1).unwrap()), 0);
        assert_eq!(day(NaiveDate::from_ymd_opt(2026, 1, 2).unwrap()), 55_883);
        assert_eq!(day(NaiveDate::from_ymd_opt(9999, 12, 31).unwrap()), 0x1_FFFF);
    }
}
