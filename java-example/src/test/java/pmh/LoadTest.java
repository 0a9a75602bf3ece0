package pmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Memory stays flat however often the module is called, and threads don't disturb each other. */
class LoadTest {
    /** Gives the same bytes again and again, at most so many at once, until it has been read so often. */
    private static final class Repeating extends InputStream {
        private final byte[] bytes;
        private final int step;
        private int reads;
        private int at;

        Repeating(byte[] bytes, int step, int reads) {
            this.bytes = bytes;
            this.step = step;
            this.reads = reads;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (reads-- == 0) {
                return -1;
            }
            int given = Math.min(Math.min(step, length), bytes.length - at);
            System.arraycopy(bytes, at, into, offset, given);
            at = (at + given) % bytes.length;
            return given;
        }
    }

    private static void run(PmhTransformer transformer, InputStream input) throws IOException {
        transformer.transform(input, OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
    }

    /** An expired record: read and left out, so that the duplicate check has nothing to remember. */
    private static byte[] line(int unread) throws IOException {
        String record = new String(Vector.named("001-clean-kosei").input(), StandardCharsets.UTF_8);
        String padded = record.substring(1, record.length() - 2) + ",\"備考\":\"" + "x".repeat(unread) + "\"}\n";
        return padded.replace("令和9年3月31日", "令和7年3月31日").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMillionSmallCallsAtFlatMemory() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        PmhTransformer transformer = new PmhTransformer(PmhModule.embedded(), vector.profile(), vector.options());
        run(transformer, new Repeating(line(0), 16, 10_000));
        long before = transformer.memory();
        run(transformer, new Repeating(line(0), 16, 1_000_000));
        assertEquals(before, transformer.memory());
    }

    @Test
    void aThousandLargeCallsAtFlatMemory() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        PmhTransformer transformer = new PmhTransformer(PmhModule.embedded(), vector.profile(), vector.options());
        byte[] line = line(255 * 1024);
        run(transformer, new Repeating(line, 256 * 1024, 20));
        long before = transformer.memory();
        run(transformer, new Repeating(line, 256 * 1024, 1_000));
        assertEquals(before, transformer.memory());
    }

    @Test
    void aThousandRunsOfOneTransformerAtFlatMemory() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        PmhTransformer transformer = new PmhTransformer(PmhModule.embedded(), vector.profile(), vector.options());
        Vector.Outcome expected = vector.expected();
        assertEquals(expected, vector.run(transformer, Integer.MAX_VALUE));
        long before = transformer.memory();
        for (int i = 0; i < 1_000; i++) {
            assertEquals(expected, vector.run(transformer, Integer.MAX_VALUE));
        }
        assertEquals(before, transformer.memory());
    }

    @Test
    void eightThreadsGiveTheSameBytes() throws Exception {
        List<Vector> vectors = Vector.all();
        onEightThreads(() -> {
            for (Vector vector : vectors) {
                assertEquals(vector.expected(), vector.run(Integer.MAX_VALUE), vector.name);
            }
            return null;
        });
    }

    @Test
    void aPoolOfTwoServesEightThreads() throws Exception {
        Vector vector = Vector.named("001-clean-kosei");
        byte[] profile = vector.profile();
        byte[] options = vector.options();
        byte[] input = vector.input();
        byte[] expected = vector.expected().payload;
        assertTrue(expected.length > 0);
        try (PmhTransformerPool pool =
                new PmhTransformerPool(2, () -> new PmhTransformer(PmhModule.embedded(), profile, options))) {
            onEightThreads(() -> {
                for (int i = 0; i < 50; i++) {
                    ByteArrayOutputStream payload = new ByteArrayOutputStream();
                    Summary summary = pool.transform(new ByteArrayInputStream(input), payload, finding -> {});
                    assertEquals(1, summary.accepted());
                    assertEquals(
                            new String(expected, StandardCharsets.UTF_8),
                            payload.toString(StandardCharsets.UTF_8));
                }
                return null;
            });
        }
    }

    private static void onEightThreads(Callable<Void> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                running.add(threads.submit(work));
            }
            for (Future<Void> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
