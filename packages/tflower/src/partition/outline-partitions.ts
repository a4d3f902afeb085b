import { CompileError, type Compiler, type Outlined, outline, type PartitionCall } from "@tflower/core";
import type { Placement } from "./placement.ts";

/** Gives the node that takes a partition's place: what a delegate's plugin taps the `outline` hook with. */
export type PartitionEmitter = (outlined: Outlined) => PartitionCall | undefined;

/**
 * Moves every partition of a placement into a graph of its own, in whose place the delegate's node stands. The module is changed; what is
 * written of it afterwards is the delegate's partition form. `emit` is what the delegate's plugin taps `hooks.outline` with, by default.
 * Throws a `CompileError` when nobody says what that node is.
 */
export function outlinePartitions(
  compiler: Compiler,
  { target, partitionings }: Placement,
  emit: PartitionEmitter = (o) => compiler.hooks.outline.get(target.key)?.call(o),
): readonly Outlined[] {
  let index = 0;
  return partitionings.flatMap((p) =>
    outline(
      p,
      (o) => {
        const call = emit({ ...o, index: index++ });
        if (call) return call;
        throw new CompileError([
          {
            severity: "error",
            code: "CLI0012",
            message: `no plugin says what stands in a file in place of a partition for ${target.name}`,
            notes: [`nothing taps the hook outline.for("${target.key}")`],
            help:
              target.unit === "NPU"
                ? "use the delegate's plugin, with --plugin or in the config file"
                : "the runtime makes these partitions by itself when it loads the plain file: leave out --partition-only",
          },
        ]);
      },
      () => `partition_${index}`,
    ),
  );
}
