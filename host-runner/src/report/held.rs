//! Lines of a report that wait for a second run over the same input, which names the other records of findings that are about two.
//!
//! The first run's report is what counts. Of the second run's only those names are taken, and only if it is the same report otherwise, to its last line:
//! an input that has changed meanwhile, or a second run that fails, names nothing.

/// How many bytes of lines are held; if there are more, nothing waits, and nothing is named.
const MOST: usize = 32 << 20;

/// How the line of a finding ends whose other record isn't known, and how its name begins.
const UNNAMED: &[u8] = b",\"other\":null}";
const NAME: &[u8] = b",\"other\":";

/// The lines, and how far a second run agrees with them.
#[derive(Default)]
pub(crate) struct Held {
    /// How many findings came ahead of them.
    ahead: usize,
    lines: Vec<Vec<u8>>,
    bytes: usize,
    /// The second run's next line, as far as it has come.
    partial: Vec<u8>,
    /// How many lines the second run gave.
    given: usize,
    differs: bool,
}

impl Held {
    /// Whether a finding has to wait.
    pub(crate) fn wants(&mut self, line: &[u8]) -> bool {
        let wants = !self.lines.is_empty() || line.ends_with(UNNAMED);
        self.ahead = self.ahead.saturating_add(usize::from(!wants));
        wants
    }

    /// Takes a finding; false if there is no room for more.
    pub(crate) fn put(&mut self, line: &[u8]) -> bool {
        self.bytes = self.bytes.saturating_add(line.len()).saturating_add(size_of::<Vec<u8>>());
        self.lines.push(line.to_vec());
        self.bytes <= MOST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes the next bytes of the second run's report, cut anywhere. `summary` is the first run's last line.
    pub(crate) fn compare(&mut self, bytes: &[u8], summary: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.differs {
                return;
            }
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.partial.extend_from_slice(end);
                    let line = std::mem::take(&mut self.partial);
                    self.take(line, summary);
                }
                None => self.partial.extend_from_slice(piece),
            }
            self.differs |= self.partial.len() > super::MAX_LINE;
        }
    }

    fn take(&mut self, line: Vec<u8>, summary: &[u8]) {
        if let Some(index) = self.given.checked_sub(self.ahead) {
            match self.lines.get_mut(index) {
                Some(held) if *held == line => {}
                Some(held) if held.ends_with(UNNAMED) && unnamed(&line).as_ref() == Some(held) => {
                    *held = line;
                }
                Some(_) => self.differs = true,
                None => self.differs = index > self.lines.len() || line != summary,
            }
        }
        self.given = self.given.saturating_add(1);
    }

    /// The lines: with names, if the second run is `trusted` and its report came to its end.
    pub(crate) fn lines(self, trusted: bool) -> impl Iterator<Item = Vec<u8>> {
        let all = self.ahead.saturating_add(self.lines.len()).saturating_add(1);
        let keeps = trusted && !self.differs && self.partial.is_empty() && self.given == all;
        self.lines.into_iter().map(move |line| if keeps { line } else { unnamed(&line).unwrap_or(line) })
    }
}

/// The line of a finding about two records without the other one's name. No text of the line can look like the name: there each quotation mark is
/// escaped.
fn unnamed(line: &[u8]) -> Option<Vec<u8>> {
    let place = line.windows(NAME.len()).rposition(|window| window == NAME)?;
    Some([line.get(..place)?, UNNAMED].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"{"code":"PMH3102","message":"m"}"#;
    const FIRST: &str = r#"{"code":"PMH5002","message":"m","other":null}"#;
    const NAMED: &str =
        r#"{"code":"PMH5002","message":"m","other":{"record":1,"recordKey":"a,\"other\":b"}}"#;
    const SUMMARY: &str = r#"{"summary":{}}"#;

    /// The lines after a first run with `first` and a second one with `second`, cut into pieces.
    fn lines(first: &[&str], second: &[&str], trusted: bool) -> Vec<String> {
        let mut all = Vec::new();
        for piece in [1, 5, 1_000] {
            let mut held = Held::default();
            let ahead: Vec<&&str> = first
                .iter()
                .filter(|line| !held.wants(line.as_bytes()) || !held.put(line.as_bytes()))
                .collect();
            let report = second.join("\n") + if second.is_empty() { "" } else { "\n" };
            report.as_bytes().chunks(piece).for_each(|bytes| held.compare(bytes, SUMMARY.as_bytes()));
            let text = |line: Vec<u8>| String::from_utf8(line).unwrap();
            let lines = ahead.into_iter().map(ToString::to_string).chain(held.lines(trusted).map(text));
            all.push(lines.collect::<Vec<_>>());
        }
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
        all.remove(0)
    }

    #[test]
    fn only_names_are_taken() {
        let first = [PLAIN, FIRST, PLAIN, FIRST];
        let named = [PLAIN, NAMED, PLAIN, FIRST];
        assert_eq!(lines(&first, &[PLAIN, NAMED, PLAIN, FIRST, SUMMARY], true), named);
        let other = PLAIN.replace("PMH3102", "PMH3103");
        let wrong: [&[&str]; 9] = [
            &[],
            &[PLAIN, NAMED],
            &[PLAIN, NAMED, PLAIN, FIRST],
            &[PLAIN, NAMED, PLAIN, SUMMARY],
            &[PLAIN, NAMED, PLAIN, FIRST, FIRST, SUMMARY],
            &[PLAIN, NAMED, PLAIN, FIRST, SUMMARY, SUMMARY],
            &[PLAIN, NAMED, &other, FIRST, SUMMARY],
            &[PLAIN, NAMED, PLAIN, FIRST, r#"{"summary":{"read":1}}"#],
            &[NAMED, PLAIN, PLAIN, FIRST, SUMMARY],
        ];
        for second in wrong {
            assert_eq!(lines(&first, second, true), first, "{second:?}");
        }
        assert_eq!(lines(&first, &[PLAIN, NAMED, PLAIN, FIRST, SUMMARY], false), first);
        // of another record, or named in the first run already
        let another = NAMED.replace("5002", "5003");
        assert_eq!(lines(&[FIRST], &[&another, SUMMARY], true), [FIRST]);
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut held = Held::default();
        let line = [b"x".repeat(1 << 20), UNNAMED.to_vec()].concat();
        assert!(held.wants(&line));
        assert_eq!((0..100).take_while(|_| held.put(&line)).count(), 31);
    }
}
