package pmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build makes of Chicory's classes computes the same, and keeps clear of what old JDKs compile wrongly. */
class RewriteTest {
    private static final String NAME = "pmh.Comparisons";
    /** The opcodes of {@code i32.eqz} and {@code i64.eqz}; the ten others follow. */
    private static final int[] FIRST = {0x45, 0x50};
    private static final int[] TYPE = {0x7f, 0x7e};
    private static final int[] CONST = {0x41, 0x42};
    private static final int KINDS = 11;
    private static final long[] NUMBERS = {
        0, 1, 5, -1, -2, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, 1L << 32, (1L << 32) - 1, Long.MAX_VALUE, Long.MIN_VALUE
    };
    /** The constant that some of them compare with: as LEB128 and as a number. */
    private static final int MINUS_TWO = 0x7e;

    @Test
    void theModuleHasNoComparisonLeftThatOldCompilersGetWrong() throws IOException {
        for (String part : new String[] {"", "FuncGroup_0", "MachineCall"}) {
            try (InputStream file = RewriteTest.class.getResourceAsStream("PmhWasmMachine" + part + ".class")) {
                String names = new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
                for (String wrong : new String[] {"LT_U", "GT_U", "LE_U", "GE_U", "ge_u", "compareUnsigned"}) {
                    assertFalse(names.contains(wrong), part + " has " + wrong);
                }
                assertTrue(names.contains("pmh/GuestMemory"), part);
            }
        }
    }

    /** Every comparison, as a value, before a jump, before a jump when it's false, and with a constant, on edges of the types. */
    @Test
    void comparisonsComputeTheSame(@TempDir Path folder) throws Exception {
        Instance instance = instance(folder);
        for (int wide = 0; wide < 2; wide++) {
            for (int kind = 0; kind < KINDS; kind++) {
                for (long a : NUMBERS) {
                    for (long b : NUMBERS) {
                        String name = wide + "." + kind + "." + a + "." + b;
                        long value = expected(kind, wide == 1, a, b);
                        long constant = expected(kind, wide == 1, a, -2);
                        long[] forms = {value, value, 1 - value, constant};
                        for (int form = 0; form < forms.length; form++) {
                            String export = wide + "." + kind + "." + form;
                            long[] results = wide == 1
                                    ? instance.export(export).apply(a, b)
                                    : instance.export(export).apply((int) a, (int) b);
                            assertEquals(forms[form], results[0], name + " as " + form);
                        }
                    }
                }
            }
        }
    }

    private static long expected(int kind, boolean wide, long a, long b) {
        int signed = wide ? Long.compare(a, b) : Integer.compare((int) a, (int) b);
        int unsigned = wide ? Long.compareUnsigned(a, b) : Integer.compareUnsigned((int) a, (int) b);
        boolean[] all = {
            wide ? a == 0 : (int) a == 0, signed == 0, signed != 0, signed < 0, unsigned < 0, signed > 0, unsigned > 0,
            signed <= 0, unsigned <= 0, signed >= 0, unsigned >= 0
        };
        return all[kind] ? 1 : 0;
    }

    private static Instance instance(Path folder) throws Exception {
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(
                null, null, null, "-encoding", "UTF-8", "-cp", System.getProperty("java.class.path"),
                "-d", folder.toString(), "src/build/java/Rewrite.java"));
        WasmModule wasm = Parser.parse(comparisons());
        Map<String, byte[]> classes = Compiler.builder(wasm).withClassName(NAME).build().compile().classBytes();
        assertFalse(classes.isEmpty());
        Class<?> machine = null;
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Method rewritten = loader.loadClass("Rewrite").getDeclaredMethod("rewritten", byte[].class);
            rewritten.setAccessible(true);
            for (Map.Entry<String, byte[]> one : classes.entrySet()) {
                boolean shared = one.getKey().contains("Shaded");
                byte[] code = shared ? one.getValue() : (byte[]) rewritten.invoke(null, (Object) one.getValue());
                String names = new String(code, StandardCharsets.ISO_8859_1);
                assertTrue(shared || !names.contains("LT_U"), one.getKey());
                Class<?> defined = MethodHandles.lookup().defineClass(code);
                machine = one.getKey().equals(NAME) ? defined : machine;
            }
        }
        var constructor = machine.getConstructor(Instance.class);
        return Instance.builder(wasm)
                .withMachineFactory(instance -> {
                    try {
                        return (Machine) constructor.newInstance(instance);
                    } catch (ReflectiveOperationException error) {
                        throw new AssertionError(error);
                    }
                })
                .build();
    }

    /** A module with a function for each. */
    private static byte[] comparisons() {
        ByteArrayOutputStream functions = new ByteArrayOutputStream();
        ByteArrayOutputStream exports = new ByteArrayOutputStream();
        ByteArrayOutputStream bodies = new ByteArrayOutputStream();
        int count = 0;
        for (int wide = 0; wide < 2; wide++) {
            for (int kind = 0; kind < KINDS; kind++) {
                int[] both = kind == 0 ? new int[] {0x20, 0} : new int[] {0x20, 0, 0x20, 1};
                int[] fixed = kind == 0 ? new int[] {0x20, 0} : new int[] {0x20, 0, CONST[wide], MINUS_TWO};
                int code = FIRST[wide] + kind;
                int[] jump = {0x04, 0x7f, 0x41, 1, 0x05, 0x41, 0, 0x0b}; // if 1 else 0
                int[][][] forms = {{both, {code}}, {both, {code}, jump}, {both, {code, 0x45}, jump}, {fixed, {code}, jump}};
                for (int form = 0; form < forms.length; form++) {
                    ByteArrayOutputStream body = new ByteArrayOutputStream();
                    put(body, 0);
                    for (int[] part : forms[form]) {
                        put(body, part);
                    }
                    put(body, 0x0b);
                    number(bodies, body.size());
                    bodies.writeBytes(body.toByteArray());
                    put(functions, wide);
                    byte[] name = (wide + "." + kind + "." + form).getBytes(StandardCharsets.US_ASCII);
                    put(exports, name.length);
                    exports.writeBytes(name);
                    put(exports, 0);
                    number(exports, count++);
                }
            }
        }
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        put(module, 0, 'a', 's', 'm', 1, 0, 0, 0);
        put(module, 1, 13, 2, 0x60, 2, TYPE[0], TYPE[0], 1, 0x7f, 0x60, 2, TYPE[1], TYPE[1], 1, 0x7f);
        section(module, 3, count, functions);
        section(module, 7, count, exports);
        section(module, 10, count, bodies);
        return module.toByteArray();
    }

    private static void section(ByteArrayOutputStream module, int id, int count, ByteArrayOutputStream content) {
        put(module, id);
        number(module, content.size() + 2);
        put(module, count & 0x7f | 0x80, count >> 7);
        module.writeBytes(content.toByteArray());
    }

    private static void number(ByteArrayOutputStream out, int value) {
        put(out, value & 0x7f | 0x80, value >> 7);
    }

    private static void put(ByteArrayOutputStream out, int... bytes) {
        for (int one : bytes) {
            out.write(one);
        }
    }
}
