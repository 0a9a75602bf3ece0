#!/bin/sh
# Compiles the core and the fuzz targets so that libFuzzer sees which code an input reaches; everything else as it is.
# Cargo calls it as RUSTC_WORKSPACE_WRAPPER: rustc, then its arguments. Works with stable Rust: a sanitizer would not.
case " $* " in
*" --crate-name pmh_core "* | *" --crate-name pmh_fuzz "* | *" fuzz_targets/"*)
    exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions=on
    ;;
*) exec "$@" ;;
esac
