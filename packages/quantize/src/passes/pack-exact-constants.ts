import {
  appliedConstant,
  type Constant,
  constantByteLength,
  definePass,
  numbersOf,
  Rewriter,
  roundF16,
  tensor,
  type Value,
} from "@tflower/core";
import { type Quantizers, quantizersOf } from "../quantizers.ts";
import { eachRows } from "../weights/each-rows.ts";
import { exactIntegers } from "../weights/exact-integers.ts";
import { half } from "../weights/half-ops.ts";
import { quantizedConstant, readUnpacked } from "../weights/store-weights.ts";

/** Constants below this many bytes save too little for the op that unpacks them. */
const worthwhile = 16 * 1024;

/** Stores constants beside weights as 8-bit integers or float16 where that loses nothing: masks of zeros and infinities, positions. */
export const packExactConstants = definePass({
  name: "pack-exact-constants",
  summary: "Stores constants that 8-bit integers or float16 hold exactly as such.",
  scope: "graph",
  async run(graph, { compiler, count }) {
    const rewriter = new Rewriter(graph);
    const quantizers = quantizersOf(compiler);
    const packed = new Map<string, Constant | undefined>();
    const unpacked = new Map<string, Value>();
    for (const node of [...graph.nodes]) {
      if (node.op.traits.quantizer || node.op.traits.effects || node.op.traits.calls) continue;
      for (const [name, v] of Object.entries(node.operands_)) {
        const c = Array.isArray(v) ? undefined : (v as Value | undefined)?.constant;
        if (!c || c.type.dtype !== "f32" || constantByteLength(c) < worthwhile) continue;
        if (node.op.traits.weights?.operand === name) continue;
        if (!packed.has(c.key)) packed.set(c.key, await packedForm(c, quantizers));
        const integers = packed.get(c.key);
        if (!integers) continue;
        readUnpacked(rewriter, quantizers, node, name, integers, unpacked);
        count(integers.type.dtype);
      }
    }
  },
});

async function packedForm(c: Constant, quantizers: Quantizers): Promise<Constant | undefined> {
  const type = await exactIntegers(c);
  if (type) return quantizedConstant(quantizers, c, type);
  return (await isHalf(c)) ? appliedConstant(half, { x: c }, {}, tensor("f16", c.type.shape)) : undefined;
}

/** Whether all elements are float16 numbers. */
async function isHalf(c: Constant): Promise<boolean> {
  let exact = true;
  await eachRows(c, (_, rows) => {
    if (!exact) return;
    const x = numbersOf(rows);
    for (let i = 0; i < x.length && exact; i++) exact = roundF16(x[i]!) === x[i] || Number.isNaN(x[i]);
  });
  return exact;
}
