package pmh;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.InvalidException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * One instance of the module: calls with a time limit, and bytes in and out. It knows nothing of sessions, and must never
 * look into what it carries.
 */
final class Guest {
    private final PmhModule limits;
    private final Instance instance;
    private final Map<String, ExportFunction> exports = new HashMap<>();
    private boolean broken;

    Guest(PmhModule module) {
        limits = module;
        instance = module.instantiate();
    }

    /** Calls an export; what has no result gives 0. */
    int call(String name, int... parameters) {
        long[] arguments = new long[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            arguments[i] = parameters[i];
        }
        ExportFunction function = exports.computeIfAbsent(name, this::export);
        Alarm alarm = Alarm.set(limits.callLimit);
        broken = true; // until it has come back in the usual way
        try {
            long[] results = function.apply(arguments);
            broken = false;
            return results == null || results.length == 0 ? 0 : (int) results[0];
        } catch (ChicoryInterruptedException error) {
            throw alarm.rang()
                    ? PmhException.Failure.TIME_LIMIT.with(seconds(limits.callLimit), error)
                    : PmhException.Failure.MODULE_TRAPPED.with(
                            "the thread was interrupted", "スレッドへの割り込み", error);
        } catch (ChicoryException | StackOverflowError error) {
            throw nearlyFull()
                    ? PmhException.Failure.MEMORY_LIMIT.with(limits.memoryMiB, error)
                    : PmhException.Failure.MODULE_TRAPPED.with(error.getMessage(), error);
        } finally {
            alarm.end();
        }
    }

    /** Whether a call did not come back: the instance is in an unknown state, and of no use any more. */
    boolean broken() {
        return broken;
    }

    /** Room of this length in the module, which is the caller's to free. */
    int allocate(int length) {
        int pointer = call("pmh_alloc", length);
        if (pointer == 0) {
            throw PmhException.Failure.MEMORY_LIMIT.with(limits.memoryMiB, null);
        }
        return pointer;
    }

    void write(int pointer, byte[] bytes, int length) {
        try {
            instance.memory().write(pointer, bytes, 0, length);
        } catch (ChicoryException error) {
            throw PmhException.Failure.INTERNAL.with("pmh_alloc", error);
        }
    }

    byte[] read(int pointer, int length) {
        try {
            return length == 0 ? new byte[0] : instance.memory().readBytes(pointer, length);
        } catch (ChicoryException error) {
            throw PmhException.Failure.INTERNAL.with("pmh_output", error);
        }
    }

    /** Bytes of memory that the instance has; never shrinks. */
    long memory() {
        return (long) instance.memory().pages() * Memory.PAGE_SIZE;
    }

    /** Whether a trap is most likely a refused allocation: over three quarters of the limit are in use. */
    private boolean nearlyFull() {
        return memory() > limits.memoryMiB * 3L / 4 << 20;
    }

    private ExportFunction export(String name) {
        try {
            return instance.export(name);
        } catch (InvalidException error) {
            throw PmhException.Failure.MODULE_UNFIT.with(
                    "it does not export " + name, name + " がエクスポートされていません", error);
        }
    }

    private static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString();
    }
}
