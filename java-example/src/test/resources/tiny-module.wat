;; What TinyModule.java assembles: the exports of wasm/ABI.md, and a pmh_push that misbehaves on request.
(module
  ;; (import "env" "clock" (global i32)) where the test asks for an import
  (memory (export "memory") 8)
  (func (export "pmh_abi_version") (result i32) i32.const 1) ;; or another number
  (func (export "pmh_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "pmh_free") (param i32 i32))
  (func (export "pmh_open") (param i32 i32 i32 i32) (result i32) i32.const 1)
  (func (export "pmh_status") (param i32) (result i32) i32.const 0)
  (func $push (export "pmh_push") (param $session i32) (param $ptr i32) (param $len i32) (result i32)
    local.get $ptr i32.load8_u i32.const 84 (; T ;) i32.eq
    if unreachable end
    local.get $ptr i32.load8_u i32.const 76 (; L ;) i32.eq
    if loop br 0 end end
    local.get $ptr i32.load8_u i32.const 82 (; R ;) i32.eq
    if local.get $session local.get $ptr local.get $len call $push drop end
    i32.const 0)
  (func (export "pmh_finish") (param i32) (result i32) i32.const 0)
  (func (export "pmh_reset") (param i32) (result i32) i32.const 0)
  (func (export "pmh_close") (param i32) (result i32) i32.const 0)
  (func (export "pmh_output_ptr") (param i32 i32) (result i32) i32.const 0)
  (func (export "pmh_output_len") (param i32 i32) (result i32) i32.const 0))
