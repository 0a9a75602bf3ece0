//! `cargo xtask dist`: what is handed out. The same source leaves the same bytes.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use minisign::SecretKeyBox;
use pmh_xtask::{Error, Result, Toolchain, build_module, step, target_dir, workspace_root};
use sha2::{Digest, Sha256};

use super::hosts::{self, Missing};
use super::npm;
use super::packages::{self, Python, copy_into};
use super::{cargo, succeeds};

/// Files of the repository that hosts and people use beside the module; tests hold them to the sources.
const DOCUMENTS: [&str; 3] = ["docs/rules.json", "spec/profile.schema.json", "spec/openapi.yaml"];
const SUMS: &str = "SHA256SUMS";

/// Says whether everything is there; what could not be built is told with the command that installs its tool.
pub(crate) fn run(toolchain: &Toolchain, sign_with: Option<&Path>) -> Result<bool> {
    let folder = target_dir().join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    let module = module(toolchain, &folder)?;
    for document in DOCUMENTS {
        copy_into(&folder, &workspace_root().join(document))?;
    }
    for_people(&folder)?;
    let missing = packages(toolchain, &module, &folder)?;
    println!("{}: another compiler gives other bytes", toolchain.describe());
    print!("{}", sums(&folder)?);
    if let Some(key) = sign_with {
        println!("{}", sign(&folder.join(SUMS), key)?.display());
    }
    for (package, Missing(command)) in &missing {
        println!("not there: {package}; {command}");
    }
    Ok(missing.is_empty())
}

/// The plain module, with its digest in the form that `sha256sum --check` reads.
fn module(toolchain: &Toolchain, folder: &Path) -> Result<PathBuf> {
    let built =
        step("building pmh.wasm", "with whole-program optimization", "about 30 s if it changed", || {
            build_module(toolchain, &target_dir().join("module-build"))
        })?;
    let bytes = fs::read(&built).map_err(Error::while_doing(built.display()))?;
    write(&folder.join("pmh.wasm.sha256"), checksum_line(&bytes, "pmh.wasm").as_bytes())?;
    let module = folder.join("pmh.wasm");
    write(&module, &bytes)?;
    Ok(module)
}

/// Builds the package of each language whose tools are here, and gives the others.
fn packages(toolchain: &Toolchain, module: &Path, folder: &Path) -> Result<Vec<(&'static str, Missing)>> {
    let mut missing = Vec::new();
    match hosts::node_version() {
        Ok(_) => {
            copy_into(folder, &npm::run(toolchain)?)?;
            copy_into(folder, &packages::checker()?)?;
        }
        Err(tool) => missing.push(("the npm package and the checker", tool)),
    }
    match hosts::maven() {
        Ok(_) => copy_into(folder, &packages::jar(module)?)?,
        Err(tool) => missing.push(("the jar", tool)),
    }
    match hosts::python_version() {
        Ok(_) => copy_into(folder, &Python::new(module)?.wheel()?)?,
        Err(tool) => missing.push(("the wheel", tool)),
    }
    Ok(missing)
}

/// Writes the digest of every file in the folder and in those below it, and gives what it wrote.
fn sums(folder: &Path) -> Result<String> {
    let mut lines = String::new();
    for file in files(folder)? {
        let bytes = fs::read(&file).map_err(Error::while_doing(file.display()))?;
        let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        lines.push_str(&checksum_line(&bytes, &name));
    }
    write(&folder.join(SUMS), lines.as_bytes())?;
    Ok(lines)
}

/// Signs a file with a minisign secret key, and gives the signature's file, which `minisign -V` verifies. The password of an encrypted key is asked for.
fn sign(file: &Path, key: &Path) -> Result<PathBuf> {
    let failed = |error: minisign::PError| Error::new(format!("{}: {error}", key.display()));
    let text = fs::read_to_string(key).map_err(Error::while_doing(key.display()))?;
    let boxed = || SecretKeyBox::from_string(&text).map_err(failed);
    let secret = match boxed()?.into_unencrypted_secret_key() {
        Ok(secret) => secret,
        Err(_) => boxed()?.into_secret_key(None).map_err(failed)?,
    };
    let bytes = fs::read(file).map_err(Error::while_doing(file.display()))?;
    let trusted = format!("pmh {}", env!("CARGO_PKG_VERSION"));
    let signature =
        minisign::sign(None, &secret, Cursor::new(bytes), Some(&trusted), Some("signature of a pmh release"))
            .map_err(failed)?;
    let mut name = file.as_os_str().to_owned();
    name.push(".minisig");
    write(Path::new(&name), signature.into_string().as_bytes())?;
    Ok(name.into())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::while_doing(folder.display()))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What belongs beside the program `pmh`, which writes it itself: manual pages in both languages, and completions.
fn for_people(folder: &Path) -> Result<()> {
    step("building pmh", "for manual pages and completions", "minutes the first time", || {
        let built = succeeds(cargo("build").args(["--workspace", "--bins"]))?;
        if built { Ok(()) } else { Err(Error::new("it does not compile: see above")) }
    })?;
    let pmh = || Command::new(target_dir().join("debug/pmh"));
    for (lang, pages) in [("en", "man/man1"), ("ja", "man/ja/man1")] {
        if !succeeds(pmh().args(["--lang", lang, "man"]).arg(folder.join(pages)))? {
            return Err(Error::new("pmh wrote no manual pages"));
        }
    }
    let completions = folder.join("completions");
    fs::create_dir_all(&completions).map_err(Error::while_doing(completions.display()))?;
    for (shell, file) in
        [("bash", "pmh.bash"), ("zsh", "_pmh"), ("fish", "pmh.fish"), ("powershell", "pmh.ps1")]
    {
        let done = pmh().args(["--lang", "en", "completions", shell]).output();
        let done = done.map_err(Error::while_doing("pmh completions"))?;
        if !done.status.success() {
            return Err(Error::new(format!("pmh wrote no completions for {shell}")));
        }
        write(&completions.join(file), &done.stdout)?;
    }
    Ok(())
}

fn checksum_line(bytes: &[u8], name: &str) -> String {
    format!("{:x}  {name}\n", Sha256::digest(bytes))
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(file, bytes).map_err(Error::while_doing(file.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Cursor;

    use minisign::{KeyPair, SignatureBox};

    use super::{checksum_line, sign};

    #[test]
    fn the_digest_is_what_sha256sum_prints() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  pmh.wasm\n";
        assert_eq!(checksum_line(b"", "pmh.wasm"), empty);
    }
    #[test]
    fn a_signature_is_what_minisign_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let (file, key) = (folder.path().join("SHA256SUMS"), folder.path().join("key"));
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        fs::write(&key, pair.sk.to_box(None).unwrap().into_string()).unwrap();
        fs::write(&file, "abc  pmh.wasm\n").unwrap();
        let signature = fs::read_to_string(sign(&file, &key).unwrap()).unwrap();
        let signature = SignatureBox::from_string(&signature).unwrap();
        let holds = |text: &'static str| {
            minisign::verify(&pair.pk, &signature, Cursor::new(text), true, false, false)
        };
        assert!(holds("abc  pmh.wasm\n").is_ok());
        assert!(holds("abd  pmh.wasm\n").is_err());
    }
}
