package pmh;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.time.Duration;
import java.util.function.Function;

/**
 * The module and what one instance of it may use. Immutable, and free to be shared between threads; instances are made by
 * {@link PmhTransformer}.
 */
public final class PmhModule {
    /** The version of {@code wasm/ABI.md} that this host was written for. */
    public static final int ABI_VERSION = 1;

    private static final int MIB = 1 << 20;

    private static PmhModule embedded;

    private final WasmModule wasm;
    private final Function<Instance, Machine> machine;
    final int memoryMiB;
    final Duration callLimit;

    private PmhModule(WasmModule wasm, Function<Instance, Machine> machine, int memoryMiB, Duration callLimit) {
        this.wasm = wasm;
        this.machine = machine;
        this.memoryMiB = memoryMiB;
        this.callLimit = callLimit;
    }

    /** The module in this jar: 256 MiB an instance (about eight million records), 60 seconds a call. */
    public static synchronized PmhModule embedded() {
        if (embedded == null) {
            embedded = of(PmhWasm.load(), PmhWasm::create);
        }
        return embedded;
    }

    /** The same module with other limits: memory of one instance in MiB (1 to 2047), time of one call. */
    public PmhModule withLimits(int memoryMiB, Duration callLimit) {
        if (memoryMiB < 1 || memoryMiB > 2047 || callLimit.isNegative() || callLimit.isZero()) {
            throw new IllegalArgumentException("memoryMiB must be 1 to 2047, callLimit above zero");
        }
        return new PmhModule(wasm, machine, memoryMiB, callLimit);
    }

    /** Any module, once it is known to be one for this host. */
    static PmhModule of(WasmModule wasm, Function<Instance, Machine> machine) {
        if (wasm.importSection().importCount() > 0) {
            var first = wasm.importSection().getImport(0);
            String name = first.module() + "." + first.name();
            throw PmhException.Failure.MODULE_UNFIT.with("it imports " + name, name + " をインポートしています", null);
        }
        PmhModule module = new PmhModule(wasm, machine, 256, Duration.ofMinutes(1));
        int version = new Guest(module).call("pmh_abi_version");
        if (version != ABI_VERSION) {
            throw PmhException.Failure.MODULE_UNFIT.with(
                    "its ABI has version " + version + ", this program needs version " + ABI_VERSION,
                    "ABIのバージョンは " + version + " ですが、このプログラムには " + ABI_VERSION + " が必要です",
                    null);
        }
        return module;
    }

    Instance instantiate() {
        try {
            int pages = memoryMiB * (MIB / Memory.PAGE_SIZE);
            return Instance.builder(wasm)
                    .withMachineFactory(machine)
                    .withMemoryFactory(limits -> new GuestMemory(
                            new MemoryLimits(limits.initialPages(), Math.min(limits.maximumPages(), pages)),
                            wasm.globalSection().globalCount()))
                    .build();
        } catch (ChicoryException error) {
            throw PmhException.Failure.MODULE_UNFIT.with(error.getMessage(), error);
        }
    }
}
