import { xnnpackSupport } from "@tflower/backend-tflite";
import { constantByteLength, type Node, type Value } from "@tflower/core";
import { type Choice, schemes, weightsOf } from "@tflower/quantize";
import { macsOf } from "../report/node-facts.ts";

/** What quantizing a part of a program costs: time and bytes, both relative to the whole float program. */
export interface LayerCost {
  /** Multiply-accumulates, weighted by how long kernels take for them. */
  readonly time: number;
  /** Bytes of weights. */
  readonly bytes: number;
}

/**
 * How long a multiply-accumulate takes, floats being 1, by what computes it: CPU time measured on whole models on one core of a server. A
 * kernel that XNNPACK does not take is a plain one.
 */
const speed = { i8: 0.33, dynamic: 0.5, float: 1, i16: 25, plain: 3 } as const;
const bytesPerWeight = { i8: 1, i4: 0.5, f16: 2 } as const;

/** What nodes cost under a choice. */
export function costOf(nodes: readonly Node[], choice: (n: Node) => Choice): LayerCost {
  let [time, bytes] = [0, 0];
  for (const n of nodes) {
    const c = choice(n);
    const scheme = c === "float" ? undefined : schemes[c];
    const macs = macsOf(n) ?? 0;
    const native = n.op.traits.weights?.dynamic.includes(scheme?.weights.dtype === "i4" ? "i4" : "i8") ?? false;
    const by = scheme?.activations === "dynamic" ? (native ? "dynamic" : "float") : (scheme?.activations ?? "float");
    time += macs * speed[by] * (by === "float" && xnnpackSupport(n)?.supported === false ? speed.plain : 1);
    const weights = weightsOf(n);
    const size = weights ? constantByteLength(weights.constant) : constantBytes(n);
    bytes += scheme && weights ? (size / 4) * bytesPerWeight[scheme.weights.dtype] : size;
  }
  return { time, bytes };
}

const constantBytes = (n: Node): number =>
  n.inputs.reduce((sum, v: Value) => sum + (v.constant ? constantByteLength(v.constant) : 0), 0);
