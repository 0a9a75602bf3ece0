package pmh;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A module with all of the ABI's exports that misbehaves on request; {@code tiny-module.wat} in the tests' resources is the
 * same as text. The first byte that is pushed says what happens: {@code T} a trap, {@code L} a loop without an end,
 * {@code R} a recursion without an end, anything else nothing.
 */
final class TinyModule {
    private static final int I32 = 0x7f;

    /** Per export: name, number of parameters, number of results, code (without locals and end). */
    private static final Object[][] FUNCTIONS = {
        {"pmh_abi_version", 0, 1, null},
        {"pmh_alloc", 1, 1, code(0x41, 0x80, 0x08)}, // i32.const 1024
        {"pmh_free", 2, 0, code()},
        {"pmh_open", 4, 1, code(0x41, 1)}, // i32.const 1
        {"pmh_status", 1, 1, code(0x41, 0)},
        {"pmh_push", 3, 1, push()},
        {"pmh_finish", 1, 1, code(0x41, 0)},
        {"pmh_reset", 1, 1, code(0x41, 0)},
        {"pmh_close", 1, 1, code(0x41, 0)},
        {"pmh_output_ptr", 2, 1, code(0x41, 0)},
        {"pmh_output_len", 2, 1, code(0x41, 0)},
    };

    private int version = PmhModule.ABI_VERSION;
    private boolean imports;
    private String without = "";

    /** With another ABI version, 0 to 63. */
    TinyModule version(int number) {
        version = number;
        return this;
    }

    /** With an import, {@code env.clock}. */
    TinyModule importing() {
        imports = true;
        return this;
    }

    /** Without this export. */
    TinyModule without(String export) {
        without = export;
        return this;
    }

    WasmModule build() {
        ByteArrayOutputStream types = list(FUNCTIONS.length);
        ByteArrayOutputStream functions = list(FUNCTIONS.length);
        ByteArrayOutputStream exports = list(FUNCTIONS.length + (without.isEmpty() ? 1 : 0));
        ByteArrayOutputStream bodies = list(FUNCTIONS.length);
        add(exports, name("memory"), code(2, 0));
        for (int index = 0; index < FUNCTIONS.length; index++) {
            Object[] function = FUNCTIONS[index];
            add(types, code(0x60, (int) function[1]), repeat((int) function[1]));
            add(types, code((int) function[2]), repeat((int) function[2]));
            functions.write(index);
            if (!function[0].equals(without)) {
                add(exports, name((String) function[0]), code(0, index));
            }
            byte[] body = function[3] == null ? code(0x41, version) : (byte[]) function[3];
            add(bodies, code(body.length + 2, 0), body, code(0x0b));
        }
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        add(module, code(0, 'a', 's', 'm', 1, 0, 0, 0));
        section(module, 1, types.toByteArray());
        if (imports) {
            ByteArrayOutputStream imported = list(1);
            add(imported, name("env"), name("clock"), code(3, I32, 0)); // a constant global
            section(module, 2, imported.toByteArray());
        }
        section(module, 3, functions.toByteArray());
        section(module, 5, code(1, 0, 8)); // one memory of 8 pages
        section(module, 7, exports.toByteArray());
        section(module, 10, bodies.toByteArray());
        return Parser.parse(module.toByteArray());
    }

    /** The code of {@code pmh_push}. */
    private static byte[] push() {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        add(code, ifFirstByteIs('T'), code(0x00, 0x0b)); // unreachable end
        add(code, ifFirstByteIs('L'), code(0x03, 0x40, 0x0c, 0, 0x0b, 0x0b)); // loop br 0 end end
        add(code, ifFirstByteIs('R'), code(0x20, 0, 0x20, 1, 0x20, 2, 0x10, 5, 0x1a, 0x0b)); // call $push drop end
        add(code, code(0x41, 0));
        return code.toByteArray();
    }

    /** local.get 1, i32.load8_u, i32.const letter, i32.eq, if */
    private static byte[] ifFirstByteIs(char letter) {
        return code(0x20, 1, 0x2d, 0, 0, 0x41, letter | 0x80, 0, 0x46, 0x04, 0x40);
    }

    private static void section(ByteArrayOutputStream module, int id, byte[] content) {
        add(module, code(id, content.length & 0x7f | 0x80, content.length >> 7), content);
    }

    private static ByteArrayOutputStream list(int count) {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        list.write(count);
        return list;
    }

    private static byte[] name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream named = list(bytes.length);
        named.writeBytes(bytes);
        return named.toByteArray();
    }

    private static byte[] repeat(int count) {
        byte[] types = new byte[count];
        Arrays.fill(types, (byte) I32);
        return types;
    }

    private static void add(ByteArrayOutputStream out, byte[]... parts) {
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
    }

    private static byte[] code(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
