import {
  type Compiler,
  eliminateDeadCode,
  foldConstants,
  inlineGraphs,
  type Lowering,
  lowerOps,
  mergeCommonSubexpressions,
  type OpDef,
  type Plugin,
  specializeGraphs,
} from "@tflower/core";
import * as dialect from "./dialect/index.ts";
import * as lowerings from "./lower/index.ts";
import { dropAsserts } from "./passes/drop-asserts.ts";
import { functionalize } from "./passes/functionalize.ts";
import { settleLoops } from "./passes/settle-loops.ts";
import { settleQuantizers } from "./passes/settle-quantizers.ts";
import { shareState } from "./passes/share-state.ts";
import { splitComplex } from "./passes/split-complex.ts";
import { widenFloats } from "./passes/widen-floats.ts";
import { inplaceVariant } from "./schema/inplace-variant.ts";

const isOp = (x: unknown): x is OpDef =>
  typeof x === "object" && x !== null && "name" in x && "operands" in x && "traits" in x;
const isLowering = (x: unknown): x is Lowering<any> => typeof x === "object" && x !== null && "op" in x && "lower" in x;

/** Ops of the aten dialect and the other namespaces of torch, declared ones first, then their in-place variants. */
export function atenOps(): readonly OpDef[] {
  const declared = (Object.values(dialect) as unknown[]).filter(isOp);
  const names = new Set(declared.map((o) => o.name));
  return [...declared, ...declared.flatMap((o) => inplaceVariant(o) ?? []).filter((o) => !names.has(o.name))];
}

/** Lowerings of the aten dialect to tfl. */
export const atenLowerings = (): readonly Lowering<any>[] => (Object.values(lowerings) as unknown[]).filter(isLowering);

/** PyTorch's ops, how they become functional, and how they become TFLite's. */
export const atenPlugin = (): Plugin => ({
  name: "ops-aten",
  apply(compiler: Compiler) {
    compiler.ops(atenOps());
    compiler.lower(...atenLowerings());
    // stands before a kernel that takes it up when the file is written
    compiler.hooks.legal.tap("ops-aten", (node) =>
      node.op.traits.quantizer === "dynamic" ? true : (undefined as unknown as boolean),
    );
    compiler.hooks.pipeline.tap("ops-aten", (p) => ({
      ...p,
      import: [
        ...p.import,
        inlineGraphs(),
        functionalize(),
        shareState(),
        specializeGraphs(),
        dropAsserts(),
        eliminateDeadCode(),
        widenFloats(),
        splitComplex(),
        settleQuantizers(),
        mergeCommonSubexpressions(),
        foldConstants(),
      ],
      lower: [...p.lower, settleLoops(), lowerOps(), eliminateDeadCode()],
    }));
  },
});
