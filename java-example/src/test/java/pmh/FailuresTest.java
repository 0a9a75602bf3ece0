package pmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the module does, the host answers with its own exception, and goes on with a new instance. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailuresTest {
    private static final byte[] NOTHING = {};

    private final AtomicInteger instances = new AtomicInteger();

    /** Compiled to bytecode, as the real one is. */
    private PmhModule module(TinyModule tiny) {
        return module(tiny.build());
    }

    private PmhModule module(WasmModule wasm) {
        var compiled = MachineFactoryCompiler.compile(wasm);
        return PmhModule.of(wasm, instance -> {
            instances.incrementAndGet();
            return compiled.apply(instance);
        });
    }

    private static void run(PmhTransformer transformer, String input) throws IOException {
        transformer.transform(bytes(input), OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anotherAbiVersionIsRefusedNamingBoth() {
        PmhException refused = assertThrows(PmhException.class, () -> module(new TinyModule().version(7)));
        assertEquals("PMH6401", refused.code());
        assertTrue(refused.getMessage().contains("version 7, this program needs version 1"), refused.getMessage());
    }

    @Test
    void aModuleWithImportsIsRefused() {
        PmhException refused = assertThrows(PmhException.class, () -> module(new TinyModule().importing()));
        assertEquals("PMH6401", refused.code());
        assertTrue(refused.getMessage().contains("env.clock"), refused.getMessage());
    }

    @Test
    void aModuleWithoutAnExportIsRefused() {
        PmhModule module = module(new TinyModule().without("pmh_open"));
        PmhException refused =
                assertThrows(PmhException.class, () -> new PmhTransformer(module, NOTHING, NOTHING));
        assertEquals("PMH6401", refused.code());
        assertTrue(refused.getMessage().contains("pmh_open"), refused.getMessage());
    }

    @Test
    void afterATrapThereIsANewInstance() throws IOException {
        PmhTransformer transformer = new PmhTransformer(module(new TinyModule()), NOTHING, NOTHING);
        run(transformer, "fine");
        int before = instances.get();
        PmhException trapped = assertThrows(PmhException.class, () -> run(transformer, "Trap"));
        assertEquals("PMH6402", trapped.code());
        assertEquals(before, instances.get());
        run(transformer, "fine");
        assertEquals(before + 1, instances.get());
        run(transformer, "fine");
        assertEquals(before + 1, instances.get(), "a sound instance is kept");
    }

    /** The real module, built to trap where a piece of input asks for it. */
    @Test
    void afterATrapOfTheRealModuleTheNextRunIsSound() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        PmhModule traps = module(Parser.parse(Path.of(System.getProperty("pmh.testTrap"), "pmh.wasm").toFile()));
        PmhTransformer transformer = new PmhTransformer(traps, vector.profile(), vector.options());
        PmhTransformer other = new PmhTransformer(traps, vector.profile(), vector.options());
        int before = instances.get();
        String records = new String(vector.input(), StandardCharsets.UTF_8);
        String marked = records.replaceFirst("\\{", "{\"備考\":\"pmh-test-trap\",");
        PmhException trapped = assertThrows(PmhException.class, () -> run(transformer, marked));
        assertEquals("PMH6402", trapped.code());
        assertFalse(trapped.toString().contains("123456789018"), trapped.toString());
        assertEquals(vector.expected(), vector.run(other, Integer.MAX_VALUE), "another instance does not notice");
        assertEquals(before, instances.get());
        assertEquals(vector.expected(), vector.run(transformer, Integer.MAX_VALUE));
        assertEquals(before + 1, instances.get());
        PmhTransformer handedOut = new PmhTransformer(PmhModule.embedded(), vector.profile(), vector.options());
        run(handedOut, marked);
    }

    @Test
    void anEndlessRecursionIsATrap() {
        PmhTransformer transformer = new PmhTransformer(module(new TinyModule()), NOTHING, NOTHING);
        assertEquals(
                "PMH6402", assertThrows(PmhException.class, () -> run(transformer, "Recursion")).code());
    }

    @Test
    void aCallWithoutAnEndIsEnded() throws IOException {
        PmhModule module = module(new TinyModule()).withLimits(64, Duration.ofMillis(300));
        PmhTransformer transformer = new PmhTransformer(module, NOTHING, NOTHING);
        PmhException ended = assertThrows(PmhException.class, () -> run(transformer, "Loop"));
        assertEquals("PMH6403", ended.code());
        assertTrue(ended.getMessage().contains("0.3 seconds"), ended.getMessage());
        assertFalse(Thread.currentThread().isInterrupted(), "the interruption does not outlive the call");
        run(transformer, "fine");
    }

    @Test
    void anInterruptionOfTheHostEndsACallAndStays() throws InterruptedException {
        PmhTransformer transformer = new PmhTransformer(module(new TinyModule()), NOTHING, NOTHING);
        Thread caller = Thread.currentThread();
        Thread other = new Thread(caller::interrupt);
        PmhException ended = assertThrows(PmhException.class, () -> {
            other.start();
            run(transformer, "Loop");
        });
        assertTrue(Thread.interrupted(), "the host's interruption is still there");
        other.join();
        assertEquals("PMH6402", ended.code());
    }

    @Test
    void memoryBeyondTheLimitIsRefused() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        PmhModule small = PmhModule.embedded().withLimits(2, Duration.ofMinutes(1));
        PmhTransformer transformer = new PmhTransformer(small, vector.profile(), vector.options());
        String record = "[{\"備考\":\"" + "あ".repeat(300_000) + "\"}]";
        PmhException full = assertThrows(PmhException.class, () -> run(transformer, record));
        assertEquals("PMH6404", full.code());
        assertTrue(full.getMessage().contains("2 MiB"), full.getMessage());
        assertEquals(vector.expected(), vector.run(transformer, Integer.MAX_VALUE), "the next one starts afresh");
    }

    @Test
    void aFaultOfAStreamIsItsOwnAndTheNextRunIsClean() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        PmhTransformer transformer = new PmhTransformer(PmhModule.embedded(), vector.profile(), vector.options());
        IOException full = new IOException("no space left");
        OutputStream broken = new FilterOutputStream(new ByteArrayOutputStream()) {
            @Override
            public void write(byte[] bytes) throws IOException {
                if (bytes.length > 0) {
                    throw full;
                }
            }
        };
        InputStream input = new ByteArrayInputStream(vector.input());
        assertSame(full, assertThrows(IOException.class, () -> transformer.transform(input, broken, finding -> {})));
        assertEquals(vector.expected(), vector.run(transformer, Integer.MAX_VALUE));
    }
}
