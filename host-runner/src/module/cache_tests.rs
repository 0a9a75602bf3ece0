//! The cache against other users of the machine, links, pipes and races: it loads what this user alone could have
//! written, or compiles, and it removes its own entries only.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::*;
use crate::module::{compile_here, engine, tests::FAKE};

/// Bytes of a module that keeps the contract's form, and of one that doesn't: nobody can take one for the other.
fn wasm(version: i32) -> Vec<u8> {
    let export = format!(r#""pmh_abi_version") (result i32) i32.const {version}"#);
    wat::parse_str(FAKE.replace(r#""pmh_abi_version") (result i32) i32.const 1"#, &export)).unwrap()
}

/// A cache in a folder of its own.
struct Site {
    home: tempfile::TempDir,
    cache: Cache,
    engine: Engine,
}

impl Site {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(&home.path().join("cache/pmh"));
        Self { home, cache, engine: engine().unwrap() }
    }

    /// A site whose module is in the cache.
    fn filled() -> Self {
        let site = Self::new();
        assert!(site.compiles(), "nothing was there");
        assert!(!site.compiles(), "it was kept");
        site
    }

    /// Whether loading the module has to compile it.
    fn compiles(&self) -> bool {
        let (bytes, mut compiled) = (wasm(1), false);
        let compile = || {
            compiled = true;
            compile_here(&self.engine, &bytes)
        };
        self.cache.load(&self.engine, &bytes, compile).unwrap();
        compiled
    }

    fn folder(&self) -> &Path {
        &self.cache.folder
    }

    fn entry(&self) -> PathBuf {
        self.folder().join(name(&self.engine, &wasm(1)))
    }

    /// What an attacker writes: the code of another module in an entry whose hash is right.
    fn plant(&self, folder: &Path) {
        let code = Module::from_binary(&self.engine, &wasm(2)).unwrap().serialize().unwrap();
        fs::create_dir_all(folder).unwrap();
        let entry = folder.join(name(&self.engine, &wasm(1)));
        fs::write(entry, [Sha256::digest(&code).as_slice(), &code].concat()).unwrap();
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_planted_entry_would_be_run_if_it_were_trusted() {
    let site = Site::filled();
    site.plant(site.folder());
    set_mode(&site.entry(), 0o600);
    // so that the other tests can't pass because the plant is no good
    assert!(!site.compiles());
}

#[test]
fn links_to_entry_or_folder_are_not_followed() {
    let site = Site::filled();
    let other = site.home.path().join("other");
    site.plant(&other);
    set_mode(&other.join(site.entry().file_name().unwrap()), 0o600);
    fs::remove_file(site.entry()).unwrap();
    symlink(other.join(site.entry().file_name().unwrap()), site.entry()).unwrap();
    assert!(site.compiles(), "the entry is a link");
    assert!(fs::symlink_metadata(site.entry()).unwrap().is_file(), "it was replaced");
    assert!(!site.compiles());

    fs::rename(site.folder(), site.home.path().join("away")).unwrap();
    symlink(&other, site.folder()).unwrap();
    assert!(site.compiles(), "the folder is a link");
    assert!(site.compiles(), "and nothing is kept behind it");
}

#[test]
fn hard_links_and_pipes_are_no_entries() {
    let site = Site::filled();
    fs::hard_link(site.entry(), site.home.path().join("second name")).unwrap();
    assert!(site.compiles());
    assert_eq!(fs::metadata(site.entry()).unwrap().nlink(), 1, "it was replaced");
    fs::remove_file(site.entry()).unwrap();
    assert!(Command::new("mkfifo").arg(site.entry()).status().unwrap().success());
    assert!(site.compiles(), "and doesn't wait for a writer");
    fs::remove_file(site.entry()).unwrap();
    fs::create_dir(site.entry()).unwrap();
    assert!(site.compiles());
}

#[test]
fn what_others_may_write_to_is_not_trusted() {
    let site = Site::filled();
    for mode in [0o620, 0o602] {
        set_mode(&site.entry(), mode);
        assert!(site.compiles(), "{mode:o}");
        assert!(!site.compiles(), "it was replaced");
    }
    let parent = site.folder().parent().unwrap();
    for folder in [site.folder(), parent, site.home.path()] {
        for mode in [0o770, 0o707] {
            set_mode(folder, mode);
            assert!(site.compiles() && site.compiles(), "{} {mode:o}", folder.display());
        }
        set_mode(folder, 0o700);
        assert!(!site.compiles(), "{}", folder.display());
    }
    // as /tmp is; but not the folder itself
    set_mode(parent, 0o1777);
    assert!(!site.compiles());
    set_mode(site.folder(), 0o1777);
    assert!(site.compiles() && site.compiles());
}

#[test]
fn what_belongs_to_others_is_not_trusted() {
    if !rustix::process::geteuid().is_root() {
        return; // nobody else can give files away
    }
    let site = Site::filled();
    chown(site.entry(), Some(1), None).unwrap();
    assert!(site.compiles());
    assert!(!site.compiles(), "it was replaced");
    for folder in [site.folder(), site.folder().parent().unwrap(), site.home.path()] {
        chown(folder, Some(1), None).unwrap();
        assert!(site.compiles() && site.compiles(), "{}", folder.display());
        chown(folder, Some(0), None).unwrap();
        assert!(!site.compiles(), "{}", folder.display());
    }
}

#[test]
fn links_above_the_folder_count_if_root_or_this_user_made_them() {
    let site = Site::filled();
    let link = site.home.path().join("link");
    symlink("./cache/../cache", &link).unwrap();
    let site = Site { cache: Cache::in_folder(&link.join("pmh")), ..site };
    assert!(!site.compiles());
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::lchown(&link, Some(1), None).unwrap();
        assert!(site.compiles() && site.compiles());
    }
    let round = site.home.path().join("round");
    symlink("round", &round).unwrap();
    let site = Site { cache: Cache::in_folder(&round.join("pmh")), ..site };
    assert!(site.compiles());
    assert!(open_trusted(Path::new("relative")).is_err());
}

/// The attack of the review: while the program loads, another process exchanges the folder with what it made.
#[cfg(target_os = "linux")]
#[test]
fn an_exchange_in_the_middle_makes_nothing_of_it_run() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let site = Site::filled();
    let (planted, link) = (site.home.path().join("planted"), site.home.path().join("link"));
    site.plant(&planted);
    set_mode(&planted, 0o777);
    symlink(&planted, &link).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for other in [&planted, &link] {
                    for _ in 0..2 {
                        let _ = renameat_with(CWD, site.folder(), CWD, other, RenameFlags::EXCHANGE);
                    }
                }
            }
        });
        for _ in 0..300 {
            let module =
                site.cache.load(&site.engine, &wasm(1), || compile_here(&site.engine, &wasm(1))).unwrap();
            assert_eq!(version(&site.engine, &module), 1, "planted code was run");
        }
        done.store(true, Ordering::Relaxed);
    });
}

fn version(engine: &Engine, module: &Module) -> i32 {
    let mut store = wasmtime::Store::new(engine, ());
    store.set_epoch_deadline(1_000_000);
    let instance = wasmtime::Instance::new(&mut store, module, &[]).unwrap();
    instance.get_typed_func::<(), i32>(&mut store, "pmh_abi_version").unwrap().call(&mut store, ()).unwrap()
}

#[test]
fn making_room_removes_old_entries_and_nothing_else() {
    let site = Site::filled();
    let others = ["pmh.toml", "profile.json", "ledger.sqlite3", "x.cwasm", ".pmh-notes.part"];
    let entry = |number: usize| format!("{number:064x}-{number:016x}.cwasm");
    let upper = entry(0).replace('0', "A");
    for name in others.iter().map(|name| (*name).to_owned()).chain((0..20).map(entry)).chain([upper.clone()])
    {
        fs::write(site.folder().join(name), "").unwrap();
    }
    for (name, is_old) in [(".pmh-abcdef.part", true), (".pmh-ghijkl.part", false)] {
        let file = File::create(site.folder().join(name)).unwrap();
        if is_old {
            file.set_modified(SystemTime::now() - STALE * 2).unwrap();
        }
    }
    let folder_named_so = site.folder().join(entry(99));
    fs::create_dir(&folder_named_so).unwrap();
    fs::remove_file(site.entry()).unwrap();
    assert!(site.compiles());
    let left: Vec<String> = fs::read_dir(site.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(others.iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
    assert!(left.contains(&upper) && left.contains(&".pmh-ghijkl.part".to_owned()), "{left:?}");
    assert!(!left.contains(&".pmh-abcdef.part".to_owned()) && folder_named_so.exists());
    assert_eq!(left.iter().filter(|name| is_entry(name)).count(), KEPT + 1, "{left:?}");
}

#[test]
fn a_folder_of_another_kind_is_left_as_it_is() {
    let site = Site::new();
    let real = site.home.path().join("real");
    fs::create_dir_all(site.folder().parent().unwrap()).unwrap();
    fs::create_dir(&real).unwrap();
    for number in 0..12 {
        fs::write(real.join(format!("{number:064x}-{number:016x}.cwasm")), "").unwrap();
    }
    symlink(&real, site.folder()).unwrap();
    assert!(site.compiles());
    assert_eq!(fs::read_dir(&real).unwrap().count(), 12);
}

#[test]
fn another_version_or_configuration_compiled_it() {
    let site = Site::filled();
    let mut config = wasmtime::Config::new();
    config.epoch_interruption(false);
    let other = Engine::new(&config).unwrap();
    assert_ne!(name(&other, &wasm(1)), name(&site.engine, &wasm(1)));
    // and if the name were the same
    let code = Module::from_binary(&other, &wasm(1)).unwrap().serialize().unwrap();
    fs::write(site.entry(), [Sha256::digest(&code).as_slice(), &code].concat()).unwrap();
    set_mode(&site.entry(), 0o600);
    assert!(site.compiles(), "another configuration");
    let mut code = Module::from_binary(&site.engine, &wasm(1)).unwrap().serialize().unwrap();
    let version = wasmtime_version(&code);
    code[version] ^= 1;
    fs::write(site.entry(), [Sha256::digest(&code).as_slice(), &code].concat()).unwrap();
    assert!(site.compiles(), "another version");
}

/// Where the code says which version of wasmtime compiled it.
fn wasmtime_version(code: &[u8]) -> usize {
    let section = b".wasmtime.engine";
    assert!(code.windows(section.len()).any(|window| window == section));
    code.windows(2).position(|window| window == b"48").expect("the version")
}

#[test]
fn a_damaged_entry_is_replaced() {
    let site = Site::filled();
    let kept = fs::read(site.entry()).unwrap();
    let mut flipped = kept.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for damaged in [flipped, kept[..kept.len() / 2].to_vec(), kept[..8].to_vec(), Vec::new()] {
        fs::write(site.entry(), &damaged).unwrap();
        assert!(site.compiles());
        assert_eq!(fs::read(site.entry()).unwrap(), kept);
    }
}

#[test]
fn a_cache_that_cannot_be_written_costs_only_time() {
    let site = Site::new();
    fs::write(site.home.path().join("cache"), "").unwrap();
    assert!(site.compiles() && site.compiles());
}
