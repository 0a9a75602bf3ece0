//! The result doesn't depend on where the input is cut, nor on how many sessions share the work.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::ops::Range;

use pmh_tests::{Host, Native, Result, Staged, Vector, Wasmtime, vectors};
use proptest::prelude::*;

/// The input cut at these places (fractions of its length, out of 65,536).
fn cut<'a>(input: &'a [u8], places: &[u16]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = places.iter().map(|place| (input.len() * usize::from(*place)) >> 16).collect();
    ends.push(input.len());
    ends.sort_unstable();
    let mut start = 0;
    ends.into_iter().map(|end| &input[std::mem::replace(&mut start, end)..end]).collect()
}

fn check(host: &impl Host, vector: &Vector, pieces: &[&[u8]]) -> Result<()> {
    let (first, second) = host.run_twice(&vector.profile_bytes()?, &vector.options_bytes()?, pieces)?;
    let (name, host) = (&vector.name, host.name());
    assert_eq!(first, vector.expected()?, "{name}, {host}, cut into {} pieces", pieces.len());
    assert_eq!(second, vector.expected_second()?, "{name}, {host}, cut into {} pieces, again", pieces.len());
    Ok(())
}

#[test]
fn byte_by_byte() -> Result<()> {
    let wasmtime = Wasmtime::embedded()?;
    for vector in vectors()? {
        let input = vector.input.bytes()?;
        let pieces: Vec<&[u8]> = input.chunks(1).collect();
        check(&Native, &vector, &pieces)?;
        check(&Staged(Native), &vector, &pieces)?;
        if input.len() < 2_000 {
            check(&wasmtime, &vector, &pieces)?;
        }
    }
    Ok(())
}

#[test]
fn in_stages() -> Result<()> {
    let staged = Staged(Wasmtime::embedded()?);
    for vector in vectors()? {
        check(&staged, &vector, &[&vector.input.bytes()?])?;
    }
    Ok(())
}

fn places(count: Range<usize>) -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), count)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn anywhere(places in places(0..12)) {
        for vector in vectors().expect("vectors") {
            let input = vector.input.bytes().expect("input");
            check(&Native, &vector, &cut(&input, &places)).expect("run");
            if places.len() % 4 == 0 {
                check(&Staged(Native), &vector, &cut(&input, &places)).expect("run");
            }
        }
    }
}
