import type { Frame, Graph, Location, Module, Node, TensorData, Value } from "@tflower/core";
import { isFloat, isStaticShape, userFrame } from "@tflower/core";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { executeOnLiteRt } from "../compare/lowered-values.ts";
import { realsOf } from "../compare/tensor-error.ts";
import { asCodes } from "./as-codes.ts";
import { type Closeness, ClosenessSum } from "./quality.ts";
import type { LoadModel } from "./run-samples.ts";

/** How far one layer of a quantized program is from the same layer of the float one. */
export interface LayerNoise extends Closeness {
  /** What both programs call it: the module and the op. */
  readonly name: string;
  readonly op: string;
  readonly module?: string;
  /** The user's Python line. */
  readonly frame?: Frame;
  /** Decibels lost here: what the noisiest of its inputs has more than it. */
  readonly lost: number;
  /** Dtype that it is computed in: what its result has in the quantized program. */
  readonly computed: string;
  /** Dtype of its weights there, where they are integers or 16 bits wide. */
  readonly weights?: string;
  /** Place in the order of the program. */
  readonly place: number;
  /** The layer's value in the quantized program. */
  readonly value: Value;
  /** The layer in the float program. */
  readonly node: Node;
}

const isQuantizer = (n: Node): boolean => n.op.traits.quantizer !== undefined;

/** What an output is before it becomes floats again. */
const codesOf = (v: Value): Value =>
  v.producer?.op.traits.quantizer === "dequantize" && !v.producer.inputs[0]!.constant ? v.producer.inputs[0]! : v;

/**
 * Results by what they are called in both programs: module, op, and which of those in that module. In a file, outputs bear the names of the
 * signature, so they go by their places.
 */
function layersOf(graph: Graph): ReadonlyMap<string, Value> {
  const times = new Map<string, number>();
  const out = new Map<string, Value>();
  const outputs = new Set<Value>();
  for (const [i, v] of graph.outputs.entries()) {
    const codes = codesOf(v);
    if (!codes.producer || outputs.has(codes)) continue;
    outputs.add(codes);
    out.set(graph.outputNames[i] ?? `output_${i}`, codes);
  }
  for (const node of graph.nodes) {
    if (isQuantizer(node) || node.results.some((r) => outputs.has(r))) continue;
    for (const [i, v] of node.results.entries()) {
      const op = node.op.name.slice(node.op.name.indexOf(".") + 1);
      const name = `${node.locations[0]?.module ?? ""}/${op}${i ? `.${i}` : ""}`;
      const n = (times.get(name) ?? 0) + 1;
      times.set(name, n);
      out.set(n === 1 ? name : `${name}#${n}`, v);
    }
  }
  return out;
}

const weightsAs = (v: Value): string | undefined => {
  const name = v.producer?.op.traits.weights?.operand;
  const w = name === undefined ? undefined : (v.producer!.operands_[name] as Value | undefined);
  const stored = w?.producer && isQuantizer(w.producer) ? w.producer.inputs[0] : w;
  return stored && stored.type.dtype !== "f32" ? stored.type.dtype : undefined;
};

/**
 * Runs the float program and the quantized one on LiteRT, and compares every layer that both have. The first is the float program before it
 * was quantized, or one made from the same source. In the order of the program.
 */
export async function layerNoise(
  float: Module,
  quantized: Module,
  samples: readonly (readonly TensorData[])[],
  load: LoadModel,
  locationsOf: (v: Value) => readonly Location[] = (v) => v.producer?.locations ?? [],
): Promise<readonly LayerNoise[]> {
  const [a, b] = [graphOf(float), graphOf(quantized)];
  const known = layersOf(b);
  const order = new Map([...a.nodes].map((n, i) => [n, i]));
  const layers = [...layersOf(a)].sort((x, y) => order.get(x[1].producer!)! - order.get(y[1].producer!)!);
  const pairs = layers.flatMap(([name, v]) => {
    const other = known.get(name);
    return other && comparable(v, other) ? [{ name, v, other, sum: new ClosenessSum() }] : [];
  });
  const execute = executeOnLiteRt(load);
  const one = execute(
    float,
    a,
    pairs.map((p) => p.v),
  );
  const two = execute(
    quantized,
    b,
    pairs.map((p) => p.other),
  );
  try {
    for (const sample of samples) {
      const want = await one.run(sample);
      const got = await two.run(sample.map((t, i) => asCodes(t, b.inputs[i]!.type)));
      for (const p of pairs) p.sum.add(realsOf(want.get(p.v)!), realsOf(got.get(p.other)!));
    }
  } finally {
    one.dispose();
    two.dispose();
  }
  const own = new Map(pairs.map((p) => [p.v, p.sum.result.snr]));
  const before = incomingOf(a, own);
  return pairs.map(({ name, v, other, sum }, place) => {
    const location = locationsOf(v)[0];
    const frame = location && userFrame(location);
    const weights = weightsAs(other);
    const result = sum.result;
    return {
      name,
      op: v.producer!.op.name,
      ...(location?.module !== undefined && { module: location.module }),
      ...(frame && { frame }),
      ...result,
      lost: Math.max(0, Math.min(before.get(v) ?? exact, exact) - Math.min(result.snr, exact)),
      computed: other.type.dtype,
      ...(weights !== undefined && { weights }),
      place,
      value: other,
      node: v.producer!,
    };
  });
}

/** The first rounding to 8 bits leaves about so many decibels; more is not counted as lost. */
const exact = 50;

/** Of each value, the worst that its node reads. */
function incomingOf(graph: Graph, own: ReadonlyMap<Value, number>): ReadonlyMap<Value, number> {
  const here = new Map<Value, number>();
  const before = new Map<Value, number>();
  for (const node of graph.nodes) {
    const worst = Math.min(exact, ...node.inputs.map((v) => here.get(v) ?? exact));
    for (const r of node.results) {
      before.set(r, worst);
      here.set(r, Math.max(-exact, own.get(r) ?? worst));
    }
  }
  return before;
}

function comparable(a: Value, b: Value): boolean {
  const reals = isFloat(a.type.dtype) && (isFloat(b.type.dtype) || b.type.quant !== undefined);
  const same = a.type.shape.length === b.type.shape.length && a.type.shape.every((d, i) => d === b.type.shape[i]);
  const seen = (v: Value): boolean => isStaticShape(v.type.shape) && !v.producer?.op.traits.allocatesResult;
  return reals && same && seen(a) && seen(b);
}
