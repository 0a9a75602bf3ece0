//! The mapping in Vector Remap Language, without any check: `pmh-bench-vrl map.vrl INPUT OUTPUT`.
//!
//! VRL keeps the keys of objects sorted, so the payload's keys stand in another order.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs::{self, File},
    io::{BufWriter, Write},
};

use vrl::{
    compiler::{TargetValue, TimeZone, compile, runtime::Runtime},
    diagnostic::Formatter,
    value::{Secrets, Value},
};

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let [program, input, output] = env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "three files")?;
    let source = fs::read_to_string(program)?;
    let compiled = compile(&source, &vrl::stdlib::all()).map_err(|mistakes| Formatter::new(&source, mistakes).to_string())?;
    let records: Vec<Value> = serde_json::from_slice(&fs::read(input)?)?;
    let mut output = BufWriter::with_capacity(256 << 10, File::create(output)?);
    let mut runtime = Runtime::default();
    let zone = TimeZone::default();
    for (number, value) in records.into_iter().enumerate() {
        let metadata = Value::Object(BTreeMap::new());
        let mut target = TargetValue { value, metadata, secrets: Secrets::default() };
        let element = runtime
            .resolve(&mut target, &compiled.program, &zone)
            .map_err(|failure| format!("record {number}: {failure:?}"))?;
        runtime.clear();
        output.write_all(if number == 0 { b"[" } else { b"," })?;
        serde_json::to_writer(&mut output, &element)?;
    }
    output.write_all(b"]")?;
    Ok(output.flush()?)
}
