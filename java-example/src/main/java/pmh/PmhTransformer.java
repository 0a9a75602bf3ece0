package pmh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/**
 * Turns a vendor's records into a PMH payload, by one profile and one set of options, as often as wanted. It owns an
 * instance of the module, and so belongs to one thread at a time; {@link PmhTransformerPool} serves several.
 *
 * <p>Streams are read and written as bytes (UTF-8), in pieces, whatever the JVM's default charset is; none is closed.
 * After a {@link PmhException} the instance is thrown away, and the next run makes a new one.
 */
public final class PmhTransformer implements AutoCloseable {
    private static final int PIECE = 256 * 1024;
    private static final int PAYLOAD = 0;
    private static final int REPORT = 1;

    private final PmhModule module;
    private final byte[] profile;
    private final byte[] options;
    private final byte[] piece = new byte[PIECE];
    private Guest guest;
    private int session;
    private int status;
    private int buffer;
    private boolean used;

    /**
     * With the module in this jar.
     *
     * @param profile the profile, JSON in UTF-8; empty for {@link PmhOptions#payload} where none is wanted
     * @throws PmhException where the profile has errors; {@link PmhException#findings} has them all
     */
    public PmhTransformer(byte[] profile, PmhOptions options) {
        this(PmhModule.embedded(), profile, options);
    }

    /** With other limits; otherwise as above. */
    public PmhTransformer(PmhModule module, byte[] profile, PmhOptions options) {
        this(module, profile, options.json());
        if (status != 0) {
            throw PmhException.refused(ReportReader.findings(output(REPORT)));
        }
    }

    /** With options as the module reads them; errors of profile and options stand in the report alone. */
    PmhTransformer(PmhModule module, byte[] profile, byte[] options) {
        this.module = module;
        this.profile = profile.clone();
        this.options = options.clone();
        open();
    }

    /**
     * Transforms one input.
     *
     * @param records a JSON array or NDJSON; what cannot be read becomes a finding
     * @param payload takes the payload, a JSON array; it holds My Numbers, so mind where it goes
     * @param findings is told each finding as soon as it is found
     * @return the numbers of the run; look at {@link Summary#complete} before the payload is sent
     * @throws IOException what the streams throw; what was written until then must not be used
     * @throws PmhException where the module fails; likewise
     */
    public Summary transform(InputStream records, OutputStream payload, Consumer<? super Finding> findings)
            throws IOException {
        ReportReader report = new ReportReader(findings);
        transform(records, payload, report);
        return report.summary();
    }

    /** Transforms one input, with the report as it is: NDJSON, a finding a line, the summary last. */
    public void transform(InputStream records, OutputStream payload, OutputStream report) throws IOException {
        if (guest == null || guest.broken()) {
            open();
        } else if (used) {
            status = guest.call("pmh_reset", session);
        }
        emit(payload, report);
        if (status != 0) {
            return;
        }
        used = true;
        for (int length; (length = records.read(piece)) >= 0; ) {
            guest.write(buffer, piece, length);
            expectOk(guest.call("pmh_push", session, buffer, length));
            emit(payload, report);
        }
        expectOk(guest.call("pmh_finish", session));
        emit(payload, report);
    }

    /** Lets go of the instance and of everything in it. A later run makes a new one. */
    @Override
    public void close() {
        guest = null;
    }

    /** Bytes of memory that the instance has. */
    long memory() {
        return guest == null ? 0 : guest.memory();
    }

    private void open() {
        guest = new Guest(module);
        int profileAt = lend(profile);
        int optionsAt = lend(options);
        session = guest.call("pmh_open", profileAt, profile.length, optionsAt, options.length);
        guest.call("pmh_free", profileAt, profile.length);
        guest.call("pmh_free", optionsAt, options.length);
        status = guest.call("pmh_status", session);
        buffer = guest.allocate(PIECE);
        used = false;
    }

    private int lend(byte[] bytes) {
        int pointer = guest.allocate(bytes.length);
        guest.write(pointer, bytes, bytes.length);
        return pointer;
    }

    private void emit(OutputStream payload, OutputStream report) throws IOException {
        payload.write(output(PAYLOAD));
        report.write(output(REPORT));
    }

    private byte[] output(int which) {
        int length = guest.call("pmh_output_len", session, which);
        return length == 0 ? new byte[0] : guest.read(guest.call("pmh_output_ptr", session, which), length);
    }

    private static void expectOk(int status) {
        if (status != 0) {
            throw PmhException.Failure.INTERNAL.with("status " + status, null);
        }
    }
}
