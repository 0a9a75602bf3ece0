import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.SimpleRemapper;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Makes what Chicory compiled from the module fit for HotSpot: {@code java Rewrite.java FROM INTO}, folders of classes.
 *
 * <ul>
 *   <li>A comparison and the jump behind it become one jump. Chicory calls a method that gives 0 or 1 and jumps on that, which
 *       C2 takes long to unravel; and for unsigned ones the method is built on {@code Integer.compareUnsigned}, which C2 up to
 *       JDK 18 compiles wrongly now and then (https://github.com/dylibso/chicory/issues/843). Here unsigned numbers are widened
 *       to {@code long} and compared as such.
 *   <li>Memory and globals are those of {@code pmh.GuestMemory}, without an interface between.
 *   <li>Whether the thread is interrupted is asked in loops alone, no longer before each call too: what does not loop ends.
 * </ul>
 */
public final class Rewrite implements Opcodes {
    private static final String RUNTIME = "com/dylibso/chicory/runtime/";
    private static final String CHICORYS = RUNTIME + "Memory";
    private static final String OURS = "pmh/GuestMemory";
    /** Where Chicory puts what the functions share. */
    private static final String SHARED = "MachineShaded";

    private static final Map<String, Integer> CONDITIONS =
            Map.of("EQ", IFEQ, "NE", IFNE, "LT", IFLT, "GE", IFGE, "GT", IFGT, "LE", IFLE);
    private static final Map<Integer, Integer> TURNED = Map.of(IFLT, IFGT, IFGT, IFLT, IFLE, IFGE, IFGE, IFLE);

    private final InsnList code;

    private Rewrite(MethodNode method) {
        code = method.instructions;
    }

    public static void main(String[] folders) throws IOException {
        List<Path> classes;
        try (Stream<Path> files = Files.list(Path.of(folders[0]))) {
            classes = files.filter(file -> file.toString().endsWith(".class")).collect(Collectors.toList());
        }
        for (Path file : classes) {
            if (!file.toString().contains(SHARED)) {
                Files.write(Path.of(folders[1]).resolve(file.getFileName()), rewritten(Files.readAllBytes(file)));
            }
        }
    }

    static byte[] rewritten(byte[] compiled) {
        ClassNode node = new ClassNode();
        new ClassReader(compiled).accept(new ClassRemapper(node, new SimpleRemapper(ASM9, CHICORYS, OURS)), 0);
        node.methods.forEach(method -> new Rewrite(method).run());
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        node.accept(writer);
        return writer.toByteArray();
    }

    private void run() {
        for (AbstractInsnNode next, node = code.getFirst(); node != null; node = next) {
            next = node.getNext();
            if (node instanceof MethodInsnNode) {
                call((MethodInsnNode) node);
            }
        }
    }

    private void call(MethodInsnNode call) {
        if (call.owner.equals(RUNTIME + "OpcodeImpl")) {
            compare(call, call.name);
        } else if (call.owner.equals(RUNTIME + "Instance") && call.name.equals("memory")) {
            call.desc = "()L" + CHICORYS + ";";
            code.insert(call, new TypeInsnNode(CHECKCAST, OURS));
        } else if (call.owner.endsWith(SHARED)) {
            shared(call);
        }
    }

    private void shared(MethodInsnNode call) {
        if (call.name.equals("i32_ge_u")) {
            compare(call, "I32_GE_U");
        } else if (call.name.equals("checkInterruption")) {
            AbstractInsnNode behind = call.getNext();
            while (behind.getOpcode() < 0) { // labels and the like
                behind = behind.getNext();
            }
            if (!(behind instanceof JumpInsnNode)) {
                code.remove(call);
            }
        } else if (call.name.matches("memory(Read|Write)(Byte|Short|Int|Long|Float|Double)|memory(Copy|Fill)")) {
            call.owner = OURS;
        } else if (call.name.matches("(read|write)Global")) {
            // the last parameter but one is the memory, the last the instance, in every function
            ((VarInsnNode) call.getPrevious()).var--;
            call.owner = OURS;
            call.desc = call.desc.replace(RUNTIME + "Instance", OURS);
        } else {
            call.desc = call.desc.replace(OURS, CHICORYS);
        }
    }

    /** A comparison, as Chicory names it: {@code I32_LT_U}. */
    private void compare(MethodInsnNode call, String name) {
        String[] words = name.split("_");
        String condition = words.length < 2 ? "" : words[1].equals("EQZ") ? "EQ" : words[1];
        if (!name.startsWith("I") || !CONDITIONS.containsKey(condition)) {
            return;
        }
        boolean wide = words[0].equals("I64");
        boolean unsigned = name.endsWith("_U");
        boolean zero = name.endsWith("EQZ");
        int jump = CONDITIONS.get(condition);
        AbstractInsnNode next = call.getNext();
        if (next == null || next.getOpcode() != IFEQ && next.getOpcode() != IFNE) {
            if (unsigned) {
                value(call, wide, jump);
            }
            return;
        }
        if (next.getOpcode() == IFEQ) {
            jump = opposite(jump);
        }
        if (unsigned) {
            jump = wide ? wide(call, jump) : narrow(call, jump);
            put(call, LCMP);
        } else if (wide) {
            if (zero) {
                put(call, LCONST_0);
            }
            put(call, LCMP);
        } else if (!zero) {
            jump += IF_ICMPEQ - IFEQ;
        }
        ((JumpInsnNode) next).setOpcode(jump);
        code.remove(call);
    }

    /** Two ints on the stack, as unsigned longs; where they change places the jump is turned round. */
    private int narrow(MethodInsnNode call, int jump) {
        AbstractInsnNode before = call.getPrevious();
        Integer constant = constant(before);
        if (constant != null) {
            code.remove(before);
            widen(call);
            code.insertBefore(call, new LdcInsnNode(Integer.toUnsignedLong(constant)));
            return jump;
        }
        widen(call);
        put(call, DUP2_X1, POP2);
        widen(call);
        return TURNED.get(jump);
    }

    /** Two longs on the stack: with their highest bits flipped they compare as signed ones. */
    private int wide(MethodInsnNode call, int jump) {
        for (int once = 0; once < 2; once++) {
            code.insertBefore(call, new LdcInsnNode(Long.MIN_VALUE));
            put(call, LXOR, DUP2_X2, POP2);
        }
        return jump;
    }

    private void widen(MethodInsnNode call) {
        put(call, I2L);
        code.insertBefore(call, new LdcInsnNode(0xFFFFFFFFL));
        put(call, LAND);
    }

    /** An unsigned comparison whose result is not jumped on, by {@code a < b} alone. */
    private void value(MethodInsnNode call, boolean wide, int jump) {
        call.owner = "pmh/Unsigned";
        call.name = "less";
        if (jump == IFGT || jump == IFLE) {
            put(call, wide ? new int[] {DUP2_X2, POP2} : new int[] {SWAP});
        }
        if (jump == IFGE || jump == IFLE) {
            code.insert(call, new InsnNode(IXOR));
            code.insert(call, new InsnNode(ICONST_1));
        }
    }

    private void put(MethodInsnNode before, int... opcodes) {
        for (int opcode : opcodes) {
            code.insertBefore(before, new InsnNode(opcode));
        }
    }

    /** The jumps' opcodes stand in pairs. */
    private static int opposite(int jump) {
        return (jump - IFEQ ^ 1) + IFEQ;
    }

    private static Integer constant(AbstractInsnNode node) {
        int opcode = node.getOpcode();
        if (opcode >= ICONST_M1 && opcode <= ICONST_5) {
            return opcode - ICONST_0;
        }
        if (opcode == BIPUSH || opcode == SIPUSH) {
            return ((IntInsnNode) node).operand;
        }
        Object value = opcode == LDC ? ((LdcInsnNode) node).cst : null;
        return value instanceof Integer ? (Integer) value : null;
    }
}
