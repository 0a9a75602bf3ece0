//! The shim for JavaScript: what `wasm-pack` makes the npm package of.
//!
//! Bulk goes in and out as `Uint8Array`, small things as plain objects, and every failure is an `Error` with a stable `code`.
//! `types.d.ts` beside this file names every member; nothing here may know more of the domain than that.

#![expect(clippy::missing_errors_doc, reason = "the comments become the package's: they say what is thrown")]

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use js_sys::{Array, Error, JSON, Reflect};
use pmh_core::{Detail, Finding, Job, Search, Summary, rules, rules::Lang};
use serde::Serialize;
use serde_json::Value;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::trap;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

#[wasm_bindgen]
extern "C" {
    /// How a run is made: `Options` of `types.d.ts`.
    #[wasm_bindgen(typescript_type = "Options")]
    pub type JsOptions;
    /// What a call produced.
    #[wasm_bindgen(typescript_type = "Output")]
    pub type JsOutput;
    /// What `finish()` produced.
    #[wasm_bindgen(typescript_type = "FinalOutput")]
    pub type JsFinalOutput;
    /// What `run()` produced.
    #[wasm_bindgen(typescript_type = "RunResult")]
    pub type JsRunResult;
}

type Result<T> = std::result::Result<T, JsValue>;

/// A run over one input, which comes in pieces cut anywhere. `free()` gives its memory back at once; so does `using`.
#[wasm_bindgen]
pub struct Session {
    job: Job,
    /// `None` after the end.
    run: RefCell<Option<pmh_core::Session>>,
    /// What a second run needs, after a first one that found something to search for.
    search: Cell<Search>,
}

#[wasm_bindgen]
impl Session {
    /// Compiles a profile and opens a session. To check a finished payload (`mode: "payload"`) no profile is needed.
    ///
    /// Throws a `PmhError` that lists every mistake of the profile or the options.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | null | undefined")] profile: Option<Vec<u8>>,
        options: JsOptions,
    ) -> Result<Self> {
        enter(|| {
            let job = read_job(profile, &members(options))?;
            Ok(Self { run: RefCell::new(Some(job.session())), job, search: Cell::default() })
        })
    }

    /// Takes the next piece of the input, and gives what came of it so far.
    ///
    /// Throws a `PmhError` of code PMH9102 after `finish()`.
    pub fn push(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] piece: &[u8],
    ) -> Result<JsOutput> {
        enter(|| {
            let mut out = pmh_core::Output::default();
            let mut run = self.run.borrow_mut();
            trap::if_asked_for(piece);
            run.as_mut().ok_or_else(|| out_of_order(&self.job))?.push(piece, &mut out);
            to_js(&Output::of(&out)).map(JsCast::unchecked_into)
        })
    }

    /// Says that the input has ended, and gives the rest.
    ///
    /// Throws a `PmhError` of code PMH9102 where it has ended before.
    pub fn finish(&self) -> Result<JsFinalOutput> {
        enter(|| {
            let mut out = pmh_core::Output::default();
            let run = self.run.take().ok_or_else(|| out_of_order(&self.job))?;
            let (summary, search) = run.finish_first(&mut out);
            self.search.set(search);
            let summary = &summary;
            let output = FinalOutput { output: Output::of(&out), summary };
            to_js(&output).map(JsCast::unchecked_into)
        })
    }

    /// Back to the state after opening, with the same profile and options.
    pub fn reset(&self) -> Result<()> {
        enter(|| {
            self.search.take();
            self.run.replace(Some(self.job.session()));
            Ok(())
        })
    }

    /// After `finish()`: whether pushing the same input once more would name the other records of findings that are about two (`Finding.other`). If so, the
    /// session is back at its beginning; the second run gives the same payload, and the same report with the names in it.
    ///
    /// Throws a `PmhError` of code PMH9102 ahead of `finish()`.
    pub fn locate(&self) -> Result<bool> {
        enter(|| {
            if self.run.borrow().is_some() {
                return Err(out_of_order(&self.job));
            }
            let search = self.search.take();
            let is_needed = !search.is_empty();
            if is_needed {
                self.run.replace(Some(self.job.session().searching(search)));
            }
            Ok(is_needed)
        })
    }
}

/// A whole run over an input that fits into memory, with its findings as objects; the other records of those that are about two are named. The option
/// `report` does not count here.
///
/// Throws as the constructor of `Session` does.
#[wasm_bindgen]
pub fn run(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array | null | undefined")] profile: Option<Vec<u8>>,
    options: JsOptions,
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] input: &[u8],
) -> Result<JsRunResult> {
    enter(|| {
        let mut options = members(options);
        options.insert("report".to_owned(), Value::from("ndjson"));
        let job = read_job(profile, &options)?;
        let mut out = pmh_core::Output::default();
        trap::if_asked_for(input);
        let mut once = |search| {
            out.clear();
            let mut run = job.session().searching(search);
            run.push(input, &mut out);
            run.finish_first(&mut out)
        };
        let (mut summary, search) = once(Search::default());
        if !search.is_empty() {
            (summary, _) = once(search);
        }
        let summary = &summary;

        // the report is the same text on every host, so that is what the objects are made of
        let report = String::from_utf8_lossy(&out.report);
        let findings = report.lines().filter(|line| !line.starts_with("{\"summary\""));
        let findings = findings.map(JSON::parse).collect::<Result<Array>>()?;
        let result = to_js(&RunResult { payload: &out.payload, summary })?;
        Reflect::set(&result, &"findings".into(), &findings)?;
        Ok(result.unchecked_into())
    })
}

thread_local! {
    /// A call is inside. One that trapped has never left.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Lets a call in, unless an earlier one trapped: nothing may run on in a state that nobody knows.
fn enter<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    if INSIDE.replace(true) {
        let detail = Detail::Name("trap".to_owned());
        return Err(error(&[Finding { detail, ..Finding::new(&rules::MODULE_TRAPPED) }], Lang::default()));
    }
    let result = call();
    INSIDE.set(false);
    result
}

fn out_of_order(job: &Job) -> JsValue {
    error(&[Finding::new(&rules::CALL_ORDER)], job.options().lang)
}

#[derive(Serialize)]
struct Output<'a> {
    #[serde(with = "serde_bytes")]
    payload: &'a [u8],
    #[serde(with = "serde_bytes")]
    report: &'a [u8],
}

impl<'a> Output<'a> {
    fn of(out: &'a pmh_core::Output) -> Self {
        Self { payload: &out.payload, report: &out.report }
    }
}

#[derive(Serialize)]
struct FinalOutput<'a> {
    #[serde(flatten)]
    output: Output<'a>,
    summary: &'a Summary,
}

#[derive(Serialize)]
struct RunResult<'a> {
    #[serde(with = "serde_bytes")]
    payload: &'a [u8],
    summary: &'a Summary,
}

type Members = BTreeMap<String, Value>;

/// The members of options; those that are `undefined` count as left out.
fn members(options: JsOptions) -> Members {
    let members: BTreeMap<String, Option<Value>> =
        serde_wasm_bindgen::from_value(options.into()).unwrap_or_default();
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn read_job(profile: Option<Vec<u8>>, options: &Members) -> Result<Job> {
    let options = serde_json::to_vec(options).unwrap_or_default();
    Job::from_json(&profile.unwrap_or_default(), &options).map_err(|invalid| error(&invalid, invalid.lang()))
}

/// Objects as `JSON.parse` would give them, but bytes as `Uint8Array`.
fn to_js(value: &(impl Serialize + ?Sized)) -> Result<JsValue> {
    let serializer = Serializer::new().serialize_maps_as_objects(true).serialize_missing_as_null(true);
    Ok(value.serialize(&serializer)?)
}

/// An `Error` that names the first finding and carries all of them.
fn error(findings: &[Finding], lang: Lang) -> JsValue {
    let first = findings.first();
    let code = first.map(|finding| finding.rule.code).unwrap_or_default();
    let place = first.and_then(|finding| finding.profile.as_deref()).unwrap_or_default();
    let message = first.map(|finding| finding.message(lang)).unwrap_or_default();
    let error = Error::new(&if place.is_empty() { message } else { format!("{place}: {message}") });
    error.set_name("PmhError");
    let all = findings.iter().map(|finding| to_js(&finding.in_lang(lang))).collect::<Result<Array>>();
    for (name, value) in [("code", code.into()), ("findings", all.unwrap_or_default().into())] {
        // a fresh object takes every member
        let _ = Reflect::set(&error, &name.into(), &value);
    }
    error.into()
}
