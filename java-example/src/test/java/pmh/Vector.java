package pmh;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One of the vectors that every host shares: {@code tests/vectors}, as CONTRIBUTING.md describes them. Synthetic data. */
final class Vector {
    /** The repository. Surefire runs in this project's folder. */
    static final Path ROOT = Path.of(System.getProperty("pmh.root", "..")).toAbsolutePath().normalize();

    private static final Path FOLDER = ROOT.resolve("tests/vectors");
    private static final JSON COMPACT = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);

    final String name;
    private final Map<String, Object> members;

    private Vector(Path file) throws IOException {
        name = file.getFileName().toString().replace(".json", "");
        members = COMPACT.mapFrom(Files.readAllBytes(file));
    }

    static List<Vector> all() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<Vector> vectors = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .map(Vector::read)
                    .collect(Collectors.toList());
            if (vectors.size() < 60) {
                throw new IOException("only " + vectors.size() + " vectors in " + FOLDER);
            }
            return vectors;
        }
    }

    static Vector named(String name) {
        return read(FOLDER.resolve(name + ".json"));
    }

    private static Vector read(Path file) {
        try {
            return new Vector(file);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    byte[] profile() throws IOException {
        Object profile = members.get("profile");
        if (profile == null) {
            return new byte[0];
        }
        if (profile instanceof String) {
            return Files.readAllBytes(FOLDER.resolve("profiles").resolve(profile + ".json"));
        }
        Object text = ((Map<?, ?>) profile).get("$text");
        return text == null ? compact(profile) : utf8(text);
    }

    byte[] options() throws IOException {
        return compact(members.get("options"));
    }

    byte[] input() throws IOException {
        if (members.containsKey("json")) {
            return compact(members.get("json"));
        }
        return members.containsKey("text")
                ? utf8(members.get("text"))
                : Base64.getDecoder().decode((String) members.get("base64"));
    }

    List<?> findings() {
        return (List<?>) members.get("findings");
    }

    Map<?, ?> summary() {
        return members("summary");
    }

    Map<?, ?> members(String member) {
        return (Map<?, ?>) members.get(member);
    }

    /** Payload and report, as every host must write them. */
    Outcome expected() throws IOException {
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        for (Object finding : findings()) {
            report.write(compact(finding));
            report.write('\n');
        }
        report.write(compact(Map.of("summary", summary())));
        report.write('\n');
        Object payload = members.get("payload");
        return new Outcome(payload == null ? new byte[0] : compact(payload), report.toByteArray());
    }

    /** What this host makes of it, reading at most so many bytes at once. */
    Outcome run(int step) throws IOException {
        try (PmhTransformer transformer = new PmhTransformer(PmhModule.embedded(), profile(), options())) {
            return run(transformer, step);
        }
    }

    Outcome run(PmhTransformer transformer, int step) throws IOException {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        transformer.transform(trickle(input(), step), payload, report);
        return new Outcome(payload.toByteArray(), report.toByteArray());
    }

    /** A stream that gives at most so many bytes at once. */
    static InputStream trickle(byte[] bytes, int step) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return super.read(into, offset, Math.min(step, length));
            }
        };
    }

    /** Minified, in UTF-8 throughout: Jackson's own bytes would escape what lies beyond the BMP. */
    private static byte[] compact(Object value) throws IOException {
        return utf8(COMPACT.asString(value));
    }

    private static byte[] utf8(Object text) {
        return ((String) text).getBytes(StandardCharsets.UTF_8);
    }

    /** What a run produced; shown as text where two of them differ. */
    static final class Outcome {
        final byte[] payload;
        final byte[] report;

        Outcome(byte[] payload, byte[] report) {
            this.payload = payload;
            this.report = report;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Outcome
                    && Arrays.equals(payload, ((Outcome) other).payload)
                    && Arrays.equals(report, ((Outcome) other).report);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(payload);
        }

        @Override
        public String toString() {
            return "payload: " + new String(payload, StandardCharsets.UTF_8)
                    + "\nreport: " + new String(report, StandardCharsets.UTF_8);
        }
    }
}
