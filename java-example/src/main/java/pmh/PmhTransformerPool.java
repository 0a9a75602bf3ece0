package pmh;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Some transformers of one kind for any number of threads; who finds none idle waits. */
public final class PmhTransformerPool implements AutoCloseable {
    private final BlockingQueue<PmhTransformer> idle;

    /** Makes them all, so that errors of the profile show here: {@code new PmhTransformerPool(4, () -> new PmhTransformer(…))}. */
    public PmhTransformerPool(int size, Supplier<PmhTransformer> maker) {
        idle = new ArrayBlockingQueue<>(size);
        for (int i = 0; i < size; i++) {
            idle.add(maker.get());
        }
    }

    /**
     * As {@link PmhTransformer#transform(InputStream, OutputStream, Consumer)}.
     *
     * @throws InterruptedIOException where the thread is interrupted while it waits
     */
    public Summary transform(InputStream records, OutputStream payload, Consumer<? super Finding> findings)
            throws IOException {
        PmhTransformer transformer;
        try {
            transformer = idle.take();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while every transformer was busy");
        }
        try {
            return transformer.transform(records, payload, findings);
        } finally {
            idle.add(transformer);
        }
    }

    /** Lets go of the idle instances; one at work stays until its run has ended. */
    @Override
    public void close() {
        idle.forEach(PmhTransformer::close);
    }
}
