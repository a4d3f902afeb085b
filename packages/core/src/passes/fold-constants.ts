import { allocate, type TensorData } from "../eval/tensor-data.ts";
import { appliedConstant, dataConstant } from "../ir/constant.ts";
import { isStaticShape } from "../ir/dim.ts";
import { byteLength, dtypeInfo, isInteger } from "../ir/dtype.ts";
import type { TensorType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import { attr } from "../op/attr.ts";
import { mapOperands } from "../op/define-op.ts";
import type { Traits } from "../op/traits.ts";
import { definePass } from "../pass/define-pass.ts";
import { Rewriter } from "../rewrite/rewriter.ts";

/** Whether an attribute holds an extent that only a run knows. */
const isSymbolic = (v: unknown): boolean =>
  Array.isArray(v) ? v.some(isSymbolic) : typeof v === "object" && v !== null && "terms" in v;

const isEmpty = (v: Value): boolean => v.type.shape.includes(0) && isStaticShape(v.type.shape);
const emptyData = (type: TensorType): TensorData => ({
  type: type as TensorData["type"],
  data: allocate(type.dtype, 0) as TensorData["data"],
});

/**
 * Whether bytes become floats: weights are stored as integers in the end, whatever has moved them, and nothing moves them while they are the
 * result of a node.
 */
const unpacks = (traits: Traits, [x]: readonly Value[]): boolean =>
  (traits.quantizer === "dequantize" || traits.converts === true) && isInteger(x!.type.dtype) && bitsOf(x!) <= 8;
const bitsOf = (v: Value): number => dtypeInfo(v.type.dtype).bits;

/** Turns nodes over constants into lazy constants: nothing is computed before the file is written. */
export const foldConstants = definePass({
  name: "fold-constants",
  summary: "Turns nodes whose operands are constants into lazy constants.",
  options: {
    /** A result larger than this many bytes and larger than its operands stays a node, so that the file does not swell. */
    maxGrowth: attr.int.about("bytes beyond which a result that grows stays a node").default_(4_194_304),
  },
  scope: "graph",
  run(graph, { options }) {
    const rewriter = new Rewriter(graph);
    const size = (v: { type: { dtype: Parameters<typeof byteLength>[0]; shape: readonly unknown[] } }): number =>
      byteLength(
        v.type.dtype,
        (v.type.shape as readonly number[]).reduce((a, b) => a * b, 1),
      );
    for (const node of [...graph.nodes]) {
      const { op } = node;
      if (op.traits.effects || op.traits.calls) continue;
      if (node.results.length > 0 && node.results.every(isEmpty)) {
        // whatever was computed, nothing came of it; kernels often fail on tensors without elements
        rewriter.replace(
          node,
          node.results.map((r) => rewriter.constant(dataConstant(emptyData(r.type)), r.name)),
        );
        continue;
      }
      if (!op.evaluate || op.traits.random) continue;
      const inputs = node.inputs;
      if (Object.values(node.attrs as Readonly<Record<string, unknown>>).some(isSymbolic)) continue;
      if (!inputs.every((v) => v.constant) || !node.results.every((r) => isStaticShape(r.type.shape))) continue;
      const before = inputs.reduce((n, v) => n + size(v), 0);
      const after = node.results.reduce((n, r) => n + size(r), 0);
      if (after > before && after > options.maxGrowth && !unpacks(op.traits, inputs)) continue;
      const operands = mapOperands(node.operands_, (v) => v.constant!);
      const values = node.results.map((r, i) =>
        rewriter.constant(
          appliedConstant(op, operands, node.attrs as Record<string, unknown>, r.type, i),
          inputs.find((v) => v.name)?.name,
        ),
      );
      rewriter.replace(node, values);
    }
  },
});
