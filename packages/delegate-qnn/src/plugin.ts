import type { Compiler, Node, Plugin, Support } from "@tflower/core";
import { dispatchOp } from "./aot/dispatch-op.ts";
import { expressBools } from "./passes/express-bools.ts";
import { narrowBiases } from "./passes/narrow-biases.ts";
import { narrowIndices } from "./passes/narrow-indices.ts";
import { saturateConstants } from "./passes/saturate-constants.ts";
import { splitActivations } from "./passes/split-activations.ts";
import { unpackWeights } from "./passes/unpack-weights.ts";
import { unsignActivations } from "./passes/unsigned-activations.ts";
import { knownSocs } from "./soc-table.ts";
import { examineNode } from "./support/node-verdict.ts";
import { toSupport } from "./support-verdict.ts";

const name = "delegate-qnn";

/**
 * The delegate for Qualcomm's NPUs: says by its table what the NPU of each known system takes, as `qnn:SM8650`, what stands in a file in
 * place of a partition, and makes its passes known.
 */
export const qnnPlugin = (): Plugin => ({
  name,
  apply(compiler: Compiler) {
    compiler.ops([dispatchOp]);
    compiler.passes(
      unpackWeights,
      splitActivations,
      expressBools,
      saturateConstants,
      narrowIndices,
      narrowBiases,
      unsignActivations,
    );
    for (const soc of knownSocs.socs.values()) {
      const key = `qnn:${soc.name}`;
      compiler.hooks.support.for(key).tap(name, (node: Node): Support => toSupport(examineNode(node, soc).verdict));
      compiler.hooks.outline.for(key).tap(name, ({ partition, body }) => ({
        op: dispatchOp,
        operands: { inputs: partition.inputs },
        attrs: { partition: body.name },
      }));
    }
  },
});
