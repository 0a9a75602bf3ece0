//! Counts tests from the `JUnit` XML that the hosts' own test tools write.

use std::{fs, path::Path};

use pmh_xtask::{Error, Result};

use super::tally::Counts;

/// What all the reports in a folder count; a folder without a report means that the run did not get that far.
pub(crate) fn count(folder: &Path) -> Result<Counts> {
    let mut counts = Counts::default();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for file in entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "xml"))
    {
        let text = fs::read_to_string(&file).map_err(Error::while_doing(file.display()))?;
        counts += of_report(&text).map_err(Error::while_doing(file.display()))?;
    }
    if counts == Counts::default() {
        counts.crashed = 1;
    }
    Ok(counts)
}

fn of_report(text: &str) -> std::result::Result<Counts, roxmltree::Error> {
    let document = roxmltree::Document::parse(text)?;
    let mut counts = Counts::default();
    for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        let ended = |name| case.children().any(|child| child.has_tag_name(name));
        let count = match () {
            () if ended("failure") || ended("error") => &mut counts.failed,
            () if ended("skipped") => &mut counts.ignored,
            () => &mut counts.passed,
        };
        *count += 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_counts_by_how_it_ended() {
        let report = r#"<?xml version="1.0"?><testsuites><testsuite tests="4">
            <testcase name="a"/><testcase name="b"><system-out>x</system-out></testcase>
            <testcase name="c"><failure message="no"/></testcase><testcase name="d"><error/></testcase>
            <testcase name="e"><skipped/></testcase></testsuite></testsuites>"#;
        assert_eq!(of_report(report).unwrap(), Counts { passed: 2, failed: 2, ignored: 1, crashed: 0 });
    }

    #[test]
    fn no_report_is_no_success() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(count(folder.path()).unwrap().crashed, 1);
        assert_eq!(count(&folder.path().join("none")).unwrap().crashed, 1);
    }
}
