//! The flow of one `pmh sync`, from outside: what a start leaves behind, who is told, and what is said of the outcome.

#[cfg(test)]
mod notify;
#[cfg(test)]
mod outcome;
#[cfg(test)]
mod printing;
#[cfg(test)]
mod start;
#[cfg(test)]
mod words;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    thread::{self, JoinHandle},
};

use pmh_tests::{Result, pmh::Done, site::Site};
use serde_json::Value;

/// Writes a script into the site's folder; the configuration names it as `./NAME`.
#[cfg(test)]
fn script(site: &Site, name: &str, body: &str) -> Result<()> {
    fs::write(site.path(name), format!("#!/bin/sh\n{body}\n"))?;
    Ok(fs::set_permissions(site.path(name), fs::Permissions::from_mode(0o755))?)
}

/// Lets each event write its notice to a file of its name.
#[cfg(test)]
fn notified(site: &Site) -> Result<()> {
    script(site, "notify.sh", r#"cat > "$1""#)?;
    let command = |key: &str| {
        let file = site.path(&format!("{key}.json"));
        format!("{key} = [\"./notify.sh\", \"{}\"]\n", file.display())
    };
    let lines: String = ["on_failure", "on_warning", "on_success"].map(command).concat();
    site.change("[guard]", &format!("[notify]\n{lines}\n[guard]"))
}

/// Takes the notice of an event, if there was one.
#[cfg(test)]
fn notice(site: &Site, key: &str) -> Result<Option<Value>> {
    let path = site.path(&format!("{key}.json"));
    if !path.exists() {
        return Ok(None);
    }
    let notice = serde_json::from_slice(&fs::read(&path)?)?;
    fs::remove_file(&path)?;
    Ok(Some(notice))
}

/// Everything in the log.
#[cfg(test)]
fn log(site: &Site) -> Result<String> {
    let mut text = String::new();
    for name in site.files("log")? {
        text.push_str(&fs::read_to_string(site.path("log").join(name))?);
    }
    Ok(text)
}

/// A PMH that answers each request with the next of these statuses and bodies.
#[cfg(test)]
fn answering(site: &Site, answers: Vec<(&'static str, String)>) -> Result<JoinHandle<std::io::Result<()>>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/medicalSubsidiesTargetPersons", listener.local_addr()?);
    site.change(&site.pmh.endpoint(), &url)?;
    Ok(thread::spawn(move || {
        for (status, body) in answers {
            let mut reader = BufReader::new(listener.accept()?.0);
            let (mut line, mut length) = (String::new(), 0_u64);
            while reader.read_line(&mut line)? > 2 {
                if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = text.trim().parse().unwrap_or(0);
                }
                line.clear();
            }
            std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink())?;
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            reader.get_mut().write_all((head + &body).as_bytes())?;
        }
        Ok(())
    }))
}

/// Everything that a run said.
#[cfg(test)]
fn said(done: &Done) -> String {
    format!("{}{}", done.stdout, done.stderr)
}
