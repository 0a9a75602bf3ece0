//! The whole set: what is remembered of the certificates that were accepted, to compare the next ones with.
//!
//! Two lists per shard: one entry of 16 bytes per certificate, in the shard of its person, and of national schemes one mark of 5 bytes, in the shard
//! of its two numbers, that leads to the entry. With the lists' spare room that is at most 24 bytes per record. Lists grow in small steps, so growing never
//! needs two large tables at once. They hold hashes and days, never a number or a name.
//!
//! Hashes can meet by chance. Two people count as one if 51 bits of their numbers' hashes are equal: at 1,000,000 people that is expected in
//! one of 4,500 runs. Of one person's certificates, another name or birth date is overlooked in one of 4,096 cases; two certificates of one scheme
//! that begin on the same day count as the same one, not as overlapping, in one of 262,144; and of certificates that are the same one, different contents
//! are taken for equal in one of 8,192. The same numbers with another person are overlooked in one of 1,048,576 cases, and found by mistake in one of 7,000
//! runs of 1,000,000 people.

mod search;

use chrono::{Datelike, NaiveDate};

pub use self::search::Search;
pub(crate) use self::search::{Clash, Place};
use crate::{finding::Other, payload::Field, record::Record, scheme::Scheme};

const SHARD_BITS: u32 = 15;
const SHARDS: usize = 1 << SHARD_BITS;
/// How many of a person's certificates a new one is compared with; of those beyond it only an equal one is found. And how many people of the same
/// numbers are remembered.
///
/// Without it, an export that gives everybody the same number would take quadratic time.
const MOST_COMPARED: usize = 16;

/// Bits of [`Entry::who`].
const PERSON: u64 = u64::MAX << 28;
const NAME: u64 = 0xFFF << 16;
const SCHEME: u64 = 0x7F << 9;
const CONTENT_HIGH: u64 = 0x1FF;
/// Bits of [`Entry::what`].
const FIRST_DAY: u64 = 0xFFFF << 48;
const LENGTH: u64 = 0x1FFF;
const NUMBERS: u64 = 0x3_FFFF << 17;
const BIRTH: u64 = 0xFFF << 5;
const CONTENT_LOW: u64 = 0xF << 1;
const BY_CERTIFICATE: u64 = 1;

/// What the accepted certificates say about a new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "answers, none of which says anything of another")]
pub(crate) struct Seen {
    /// It is the same certificate as one of the person's.
    pub(crate) duplicate: bool,
    /// And everything else that is sent is the same as well.
    pub(crate) repeated: bool,
    /// Another certificate of the same person and scheme is valid on the same day.
    pub(crate) overlap: bool,
    /// The person has another name there.
    pub(crate) other_name: bool,
    /// The person has another birth date there.
    pub(crate) other_birth: bool,
    /// Another person has the same payer and recipient number on the same day.
    pub(crate) other_person: bool,
}

/// What becomes of the certificates of accepted records.
#[derive(Debug)]
pub(crate) enum Memory {
    /// Each is compared with those before it; the record of one that something was found about is searched for.
    Seen(SeenSet, Search),
    /// They are noted down, for somebody else to compare.
    Noted(Vec<Certificate>),
}

impl Default for Memory {
    fn default() -> Self {
        Self::Seen(SeenSet::default(), Search::default())
    }
}

impl Memory {
    /// What a second run would search for.
    pub(crate) fn into_search(self) -> Search {
        match self {
            Self::Seen(_, search) => search.after_first(),
            Self::Noted(_) => Search::default(),
        }
    }

    /// Names the other records of what a first run found.
    pub(crate) fn search(&mut self, sought: Search) {
        if let Self::Seen(_, search) = self {
            *search = sought;
        }
    }

    /// The record that a certificate clashes with, if this is a second run.
    pub(crate) fn other(&mut self, certificate: &Certificate, clash: Clash) -> Other {
        match self {
            Self::Seen(_, search) => search.other(certificate, clash),
            Self::Noted(_) => Other::Unknown,
        }
    }

    /// Compares a certificate with the person's others.
    pub(crate) fn compare(&self, certificate: &Certificate) -> Seen {
        match self {
            Self::Seen(set, _) => set.compare(certificate),
            Self::Noted(_) => Seen::default(),
        }
    }

    /// Remembers a certificate of the record at a place.
    pub(crate) fn insert(&mut self, certificate: &Certificate, place: Place<'_>) {
        match self {
            Self::Seen(set, search) => {
                if search.concerns(certificate) {
                    search.meet(certificate, place);
                }
                set.insert(certificate);
            }
            Self::Noted(noted) => noted.push(*certificate),
        }
    }

    /// Remembers certificates that were noted down for one record, all of them or, where there is anything to say about one, or one may be searched
    /// for, none.
    pub(crate) fn admit(&mut self, noted: &[Certificate]) -> bool {
        let Self::Seen(set, search) = self else { return false };
        let admitted = noted.iter().enumerate().all(|(index, certificate)| {
            !search.concerns(certificate)
                && set.is_unremarkable(certificate, noted.len())
                && noted.iter().take(index).all(|other| certificate.against(other) == Seen::default())
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
    /// A shard is made when the first certificate falls into it: a small input needs little memory.
    shards: Vec<Option<Box<Shard>>>,
}

/// A certificate as the set remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Certificate {
    shard: u16,
    entry: Entry,
    /// Shard and mark of its numbers, in national schemes.
    numbers: Option<(u16, Mark)>,
}

#[derive(Debug, Default)]
struct Shard {
    entries: Vec<Entry>,
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Entry {
    /// From the top: 36 bits of the person's hash, 12 of the name's; 7 of the payer number's first two digits (法別番号); 9 of the contents' hash.
    who: u64,
    /// From the top: the first day of validity in 16 bits, the days after it in 13, 18 of both numbers' hash, 12 of the birth date's, 4 more of the contents', and
    /// one that says that the entry is found by the whole certificate, not by the person.
    what: u64,
}

/// Who has the same numbers: 20 bits of the numbers' hash, then the person's shard in 15 and the first 5 bits of the person in [`Entry::who`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark([u8; 5]);

impl Mark {
    fn new(numbers: u64, shard: u16, entry: Entry) -> Self {
        let bits = (numbers & 0xF_FFFF) << 20 | u64::from(shard) << 5 | entry.who >> 59;
        let [_, _, _, bytes @ ..] = bits.to_be_bytes();
        Self(bytes)
    }

    fn bits(self) -> u64 {
        self.0.into_iter().fold(0, |bits, byte| bits << 8 | u64::from(byte))
    }

    fn has_numbers_of(self, other: Self) -> bool {
        self.bits() >> 20 == other.bits() >> 20
    }

    /// The person's shard.
    fn shard(self) -> usize {
        usize::try_from(self.bits() >> 5 & 0x7FFF).unwrap_or_default()
    }

    /// Whether the entry, in that shard, can be the one that the mark leads to.
    fn leads_to(self, entry: Entry) -> bool {
        self.bits() & 0x1F == entry.who >> 59
    }
}

impl Certificate {
    /// What is to be remembered of a record and what is sent of it; `None` if a field is missing, so that the record can't be accepted.
    pub(crate) fn of(record: &Record<'_>, element: &[u8]) -> Option<Self> {
        let text = |field| record.text(field);
        let person = mix(text(Field::MyNumber)?.parse().ok()?);
        let name = hash(&[text(Field::LastName)?, text(Field::FirstName)?]);
        let (payer, recipient) = (text(Field::PayerNumber)?, text(Field::RecipientNumber)?);
        let scheme: u8 = payer.get(..2)?.parse().ok()?;
        let birth = mix(u64::from(record.date(Field::BirthDate)?.num_days_from_ce().unsigned_abs()));
        let (start, end) = (record.date(Field::StartDate)?, record.date(Field::EndDate)?);
        let days = u64::try_from((end - start).num_days()).unwrap_or_default().min(LENGTH);
        let content = content(element);
        // in national schemes every number of its own, so that no two are taken for each other
        let national = record.scheme.is_some_and(Scheme::is_national);
        let exact = if national { exact(payer, recipient) } else { None };
        let numbers = exact.unwrap_or_else(|| hash(&[payer, recipient]));
        let shard = shard(person);
        let entry = Entry {
            who: person << SHARD_BITS >> 28 << 28
                | name >> 52 << 16
                | u64::from(scheme) << 9 & SCHEME
                | content >> 55 & CONTENT_HIGH,
            what: day(start) << 48
                | days << 35
                | numbers << 17 & NUMBERS
                | birth >> 52 << 5
                | content << 1 & CONTENT_LOW,
        };
        let numbers = exact.map(|numbers| (shard_of_numbers(numbers), Mark::new(numbers >> 9, shard, entry)));
        Some(Self { shard, entry, numbers })
    }

    /// What another one says about this one.
    #[inline(never)]
    fn against(&self, other: &Self) -> Seen {
        let same_person = self.shard == other.shard && self.entry.is_same_person(other.entry);
        if same_person {
            return self.entry.beside(other.entry);
        }
        let numbers = |one: &Self| one.numbers.map(|(shard, mark)| (shard, mark.bits() >> 20));
        let other_person = numbers(self).is_some()
            && numbers(self) == numbers(other)
            && self.entry.has_numbers_and_days_of(other.entry);
        Seen { other_person, ..Seen::default() }
    }

    /// The shards of its person and, if it has any, of its numbers.
    fn shards(&self) -> [u16; 2] {
        [self.shard, self.numbers.map_or(self.shard, |(shard, _)| shard)]
    }

    /// How many bytes [`Certificate::to_bytes`] gives.
    pub(crate) const BYTES: usize = 25;
    /// The shard of numbers that there are none of.
    const NO_SHARD: u16 = u16::MAX;

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let (shard, Mark(mark)) = self.numbers.unwrap_or((Self::NO_SHARD, Mark([0; 5])));
        let mut bytes = [0; Self::BYTES];
        let parts = self.shard.to_le_bytes().into_iter();
        let parts = parts.chain(self.entry.who.to_le_bytes()).chain(self.entry.what.to_le_bytes());
        let parts = parts.chain(shard.to_le_bytes()).chain(mark);
        bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        bytes
    }

    /// What [`Certificate::to_bytes`] gave; `None` for anything that it can't have given.
    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let (shard, rest) = bytes.split_first_chunk()?;
        let (who, rest) = rest.split_first_chunk()?;
        let (what, rest) = rest.split_first_chunk()?;
        let (numbers, mark) = rest.split_first_chunk()?;
        let (shard, numbers) = (u16::from_le_bytes(*shard), u16::from_le_bytes(*numbers));
        let entry = Entry { who: u64::from_le_bytes(*who), what: u64::from_le_bytes(*what) };
        let mark = Mark(*mark.first_chunk()?);
        let is_shard = |number: u16| usize::from(number) < SHARDS;
        let is_right = is_shard(shard)
            && (numbers == Self::NO_SHARD
                || is_shard(numbers) && is_shard(u16::try_from(mark.shard()).ok()?));
        is_right.then_some(Self {
            shard,
            entry,
            numbers: (numbers != Self::NO_SHARD).then_some((numbers, mark)),
        })
    }
}

/// Days from 1926-01-01 on, at most 16 bits: what lies before counts as the first of them, what lies beyond 2105 as the last.
fn day(date: NaiveDate) -> u64 {
    const FIRST: i32 = 703_092;
    u64::try_from(date.num_days_from_ce() - FIRST).unwrap_or_default().min(0xFFFF)
}

/// The shard of a hash.
fn shard(hash: u64) -> u16 {
    u16::try_from(hash >> (64 - SHARD_BITS)).unwrap_or_default()
}

impl Entry {
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
            && self.what & (FIRST_DAY | NUMBERS) == other.what & (FIRST_DAY | NUMBERS)
    }

    /// A certificate that is the same in everything that is sent.
    fn repeats(self, other: Self) -> bool {
        self.is_same_certificate(other)
            && self.who == other.who
            && (self.what ^ other.what) & !BY_CERTIFICATE == 0
    }

    /// Valid on the same day.
    fn shares_days(self, other: Self) -> bool {
        let start = |entry: Self| entry.what >> 48;
        let end = |entry: Self| match entry.what >> 35 & LENGTH {
            LENGTH => u64::MAX,
            days => start(entry) + days,
        };
        start(self) <= end(other) && start(other) <= end(self)
    }

    /// The same scheme on the same day.
    fn overlaps(self, other: Self) -> bool {
        self.who & SCHEME == other.who & SCHEME && self.shares_days(other)
    }

    /// The same payer and recipient number on the same day.
    fn has_numbers_and_days_of(self, other: Self) -> bool {
        self.what & NUMBERS == other.what & NUMBERS && self.overlaps(other)
    }

    /// What another certificate of the same person says about this one.
    fn beside(self, other: Self) -> Seen {
        let duplicate = other.is_same_certificate(self);
        Seen {
            duplicate,
            repeated: other.repeats(self),
            overlap: !duplicate && other.overlaps(self),
            other_name: other.who & NAME != self.who & NAME,
            other_birth: other.what & BIRTH != self.what & BIRTH,
            other_person: false,
        }
    }

    /// The shard of a certificate that is found as a whole.
    fn shard_by_certificate(self) -> usize {
        usize::from(shard(mix(self.who >> 28 ^ (self.what & (FIRST_DAY | NUMBERS)))))
    }
}

impl SeenSet {
    /// Compares a certificate with the person's others, and with those of the same numbers.
    #[inline(never)]
    pub(crate) fn compare(&self, certificate: &Certificate) -> Seen {
        let entry = certificate.entry;
        let mut seen = Seen { other_person: self.is_anothers(certificate), ..Seen::default() };
        let mut compared = 0;
        for other in self.of_person(certificate) {
            compared += 1;
            let Seen { duplicate, repeated, overlap, other_name, other_birth, .. } = entry.beside(other);
            seen.repeated |= repeated && !seen.duplicate;
            seen.duplicate |= duplicate;
            seen.overlap |= overlap;
            seen.other_name |= other_name;
            seen.other_birth |= other_birth;
        }
        if compared == MOST_COMPARED && !seen.duplicate {
            let same = |other: &&Entry| other.is_by_certificate() && other.is_same_certificate(entry);
            let others = self.entries(entry.shard_by_certificate());
            if let Some(other) = others.iter().find(same) {
                (seen.duplicate, seen.repeated) = (true, other.repeats(entry));
            }
        }
        seen
    }

    fn entries(&self, shard: usize) -> &[Entry] {
        self.shard(shard).map_or(&[], |shard| &shard.entries)
    }

    fn shard(&self, shard: usize) -> Option<&Shard> {
        self.shards.get(shard)?.as_deref()
    }

    #[inline(never)]
    fn shard_mut(&mut self, shard: usize) -> Option<&mut Shard> {
        if self.shards.is_empty() {
            self.shards.resize_with(SHARDS, || None);
        }
        Some(self.shards.get_mut(shard)?.get_or_insert_with(Box::default))
    }

    /// The entries of the same person that a new one is compared with.
    fn of_person(&self, certificate: &Certificate) -> impl Iterator<Item = Entry> {
        let entry = certificate.entry;
        let same = move |other: &Entry| other.is_same_person(entry) && !other.is_by_certificate();
        self.entries(usize::from(certificate.shard)).iter().copied().filter(same).take(MOST_COMPARED)
    }

    /// The marks of the same numbers.
    fn of_numbers(&self, (shard, mark): (u16, Mark)) -> impl Iterator<Item = Mark> {
        let marks = self.shard(usize::from(shard)).map_or(&[][..], |shard| &shard.marks);
        marks.iter().copied().filter(move |other| other.has_numbers_of(mark))
    }

    /// Whether another person has the same numbers on the same day.
    fn is_anothers(&self, certificate: &Certificate) -> bool {
        let Some(numbers) = certificate.numbers else { return false };
        self.of_numbers(numbers).any(|other| {
            other != numbers.1
                && self.entries(other.shard()).iter().any(|entry| {
                    other.leads_to(*entry)
                        && !entry.is_by_certificate()
                        && entry.has_numbers_and_days_of(certificate.entry)
                })
        })
    }

    /// Remembers a certificate.
    #[inline(never)]
    pub(crate) fn insert(&mut self, certificate: &Certificate) {
        let full = self.of_person(certificate).count() == MOST_COMPARED;
        let (shard, entry) = if full {
            (certificate.entry.shard_by_certificate(), certificate.entry.by_certificate())
        } else {
            (usize::from(certificate.shard), certificate.entry)
        };
        if let Some(shard) = self.shard_mut(shard) {
            push(&mut shard.entries, entry);
        }
        let Some(numbers) = certificate.numbers.filter(|_| !full) else { return };
        let known = self.of_numbers(numbers).any(|other| other == numbers.1);
        if !known
            && self.of_numbers(numbers).count() < MOST_COMPARED
            && let Some(shard) = self.shard_mut(usize::from(numbers.0))
        {
            push(&mut shard.marks, numbers.1);
        }
    }

    /// Whether nothing is to be said about a certificate, nor would be with so many more of the same person.
    fn is_unremarkable(&self, certificate: &Certificate, more: usize) -> bool {
        more < MOST_COMPARED
            && self.of_person(certificate).count().saturating_add(more) < MOST_COMPARED
            && self.compare(certificate) == Seen::default()
    }

    /// Bytes that the set takes up, apart from [`SHARDS`] empty lists.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        let of = |shard: &Shard| {
            shard.entries.capacity() * size_of::<Entry>() + shard.marks.capacity() * size_of::<Mark>()
        };
        self.shards.iter().flatten().map(|shard| of(shard)).sum()
    }
}

/// Adds to a list that takes no more than a sixteenth more room than it needs.
fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 16).max(1));
    }
    list.push(item);
}

/// A payer number of 8 digits and a recipient number of 7 as 44 bits, spread: no two pairs of a scheme to the same. `None` for others.
fn exact(payer: &str, recipient: &str) -> Option<u64> {
    const BITS: u64 = (1 << 44) - 1;
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(payer, 8) || !digits(recipient, 7) {
        return None;
    }
    let number = payer.get(2..)?.parse::<u64>().ok()? * 10_000_000 + recipient.parse::<u64>().ok()?;
    let mixed = (number ^ number >> 22).wrapping_mul(0xbf58_476d_1ce4_e5b9) & BITS;
    let mixed = (mixed ^ mixed >> 22).wrapping_mul(0x94d0_49bb_1331_11eb) & BITS;
    Some(mixed ^ mixed >> 22)
}

/// The shard of [`exact`] numbers: their first bits.
fn shard_of_numbers(numbers: u64) -> u16 {
    u16::try_from(numbers >> (44 - SHARD_BITS)).unwrap_or_default()
}

/// A hash of what is sent of a record, eight bytes at a time.
fn content(element: &[u8]) -> u64 {
    let (words, rest) = element.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let step = |hash: u64, word: [u8; 8]| {
        (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    mix(step(words.iter().copied().fold(element.len() as u64, step), last))
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

    #[derive(Debug, Clone, Copy)]
    struct Case {
        person: u64,
        name: &'static str,
        birth: u64,
        recipient: u64,
        /// First and last day, from 2026-01-01 on.
        days: (u64, u64),
        content: u8,
    }

    const CASE: Case =
        Case { person: 1, name: "山田", birth: 0, recipient: 18, days: (0, 300), content: 0 };

    fn certificate(case: Case) -> Certificate {
        let date = |days| NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(days);
        let (number, recipient) = (format!("{:012}", case.person), format!("{:07}", case.recipient));
        let mut values = [Value::None; FIELD_COUNT];
        values[Field::MyNumber as usize] = Value::Text(&number);
        values[Field::LastName as usize] = Value::Text(case.name);
        values[Field::FirstName as usize] = Value::Text("太郎");
        values[Field::PayerNumber as usize] = Value::Text("15138019");
        values[Field::RecipientNumber as usize] = Value::Text(&recipient);
        values[Field::BirthDate as usize] = Value::Date(date(0) - chrono::Days::new(9_000 + case.birth));
        values[Field::StartDate as usize] = Value::Date(date(case.days.0));
        values[Field::EndDate as usize] = Value::Date(date(case.days.1));
        let scheme = Some(Scheme::Kosei);
        let sources = [None; FIELD_COUNT];
        let record = Record {
            scheme,
            as_of: date(0),
            values,
            sources,
            plan: None,
            local_numbers: None,
            no_limit: false,
            level: None,
            input: "",
        };
        let made = Certificate::of(&record, &[case.content]).unwrap();
        let read = Certificate::from_bytes(made.to_bytes()).unwrap();
        assert_eq!((read.shard, read.entry, read.numbers), (made.shard, made.entry, made.numbers));
        made
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
        let mut hits = [0; 6];
        for _ in 0..6_000 {
            let (person, start) = (below(1_500), below(60) * 10);
            let case = Case {
                person,
                name: if below(20) == 0 { "田中" } else { "山田" },
                birth: below(20) / 19,
                recipient: if below(10) == 0 { below(1_500) * 2 } else { person * 2 + below(10) / 9 },
                days: (start, start + [9, 10, 300][usize::try_from(below(3)).unwrap()]),
                content: u8::try_from(below(2)).unwrap(),
            };
            let own: Vec<&Case> = list.iter().filter(|other| other.person == person).collect();
            if own.len() >= MOST_COMPARED {
                continue;
            }
            let same = |other: &Case| (other.recipient, other.days.0) == (case.recipient, case.days.0);
            let overlap = |other: &Case| other.days.0 <= case.days.1 && case.days.0 <= other.days.1;
            let content = |case: &Case| (case.name, case.birth, case.days, case.content);
            let expected = Seen {
                duplicate: own.iter().any(|other| same(other)),
                repeated: own.iter().any(|other| same(other) && content(other) == content(&case)),
                overlap: own.iter().any(|other| !same(other) && overlap(other)),
                other_name: own.iter().any(|other| other.name != case.name),
                other_birth: own.iter().any(|other| other.birth != case.birth),
                other_person: list.iter().any(|other| {
                    other.person != person && other.recipient == case.recipient && overlap(other)
                }),
            };
            let made = certificate(case);
            let seen = set.compare(&made);
            assert_eq!(seen, expected, "{case:?}");
            let Seen { duplicate, repeated, overlap, other_name, other_birth, other_person } = seen;
            let answers = [duplicate, repeated, overlap, other_name, other_birth, other_person];
            hits.iter_mut().zip(answers).for_each(|(hits, answer)| *hits += i32::from(answer));
            if !duplicate {
                set.insert(&made);
                list.push(case);
            }
        }
        assert!(hits.iter().all(|hits| *hits > 10), "{hits:?}");
    }

    #[test]
    fn people_are_told_apart_in_24_bytes_a_record() {
        let mut set = SeenSet::default();
        let case = |n: u64| Case { person: n * 7, recipient: n, ..CASE };
        for (n, count) in (0..300_000u64).zip(1usize..) {
            let made = certificate(case(n));
            assert_eq!(set.compare(&made), Seen::default(), "{n}");
            set.insert(&made);
            assert!(!count.is_multiple_of(1_000) || set.bytes() <= 24 * count, "{} for {count}", set.bytes());
        }
        let again = |n: u64| set.compare(&certificate(case(n)));
        assert!((0..300_000).all(|n| again(n).repeated && !again(n).other_person));
        let others = |n: u64| set.compare(&certificate(Case { person: n * 7 + 1, ..case(n) }));
        assert!((0..300_000).all(|n| others(n).other_person));
    }

    /// However many certificates bear one number: a few are compared, and an equal one is still found.
    #[test]
    fn one_number_for_everybody() {
        let mut set = SeenSet::default();
        let cases = (0..2_000).map(|n| certificate(Case { days: (n * 2, n * 2), ..CASE }));
        for made in cases.clone() {
            assert_eq!(set.compare(&made), Seen::default());
            set.insert(&made);
        }
        assert!(cases.clone().all(|made| set.compare(&made).repeated));
        let made = certificate(CASE);
        assert_eq!(set.of_person(&made).count(), MOST_COMPARED);
        let longest = set.shards.iter().flatten().map(|shard| shard.entries.len()).max().unwrap();
        assert!(longest < 2 * MOST_COMPARED, "{longest} in one shard");
    }

    /// However many people bear the same numbers: a few are remembered.
    #[test]
    fn one_recipient_number_for_everybody() {
        let mut set = SeenSet::default();
        for person in 0..2_000 {
            let made = certificate(Case { person, ..CASE });
            assert_eq!(set.compare(&made).other_person, person > 0);
            set.insert(&made);
        }
        let marks: usize = set.shards.iter().flatten().map(|shard| shard.marks.len()).sum();
        assert_eq!(marks, MOST_COMPARED);
    }

    /// Two pairs of numbers never count as the same.
    #[test]
    fn numbers_are_exact() {
        let numbers =
            (0..100_000u64).map(|n| exact(&format!("15{:06}", n % 7 * 111), &format!("{n:07}")).unwrap());
        let all: std::collections::BTreeSet<u64> = numbers.collect();
        assert_eq!(all.len(), 100_000);
        assert!(all.iter().all(|numbers| *numbers < 1 << 44));
        assert_eq!(exact("15138019", "00000018"), None);
        assert_eq!(exact("1513801a", "0000018"), None);
    }

    #[test]
    fn days_beyond_the_last_one_count_as_the_last() {
        assert_eq!(day(NaiveDate::from_ymd_opt(1873, 1, 1).unwrap()), 0);
        assert_eq!(day(NaiveDate::from_ymd_opt(1926, 1, 2).unwrap()), 1);
        assert_eq!(day(NaiveDate::from_ymd_opt(9999, 12, 31).unwrap()), 0xFFFF);
    }
}
