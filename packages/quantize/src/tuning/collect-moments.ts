import type { Graph, Module, TensorData, Value } from "@tflower/core";
import type { Calibration } from "../calibration.ts";
import type { Layer } from "./layer.ts";
import { addPatch, type Moments, mirror, momentBytes, noMoments } from "./moments.ts";
import { eachPatch } from "./patches.ts";

/** Moments of what layers are multiplied by, of even and of odd samples. */
export type Halves = readonly [Moments, Moments];

/** Samples that are looked at, */
const samples = 32;
/** and patches of a layer in all of them: at least, at most, and as long as they take no more than so many operations. */
const patches = { least: 768, most: 3072, operations: 6e7 } as const;

/** What tells apart layers that read different patches: those of one input cut in one way share theirs. */
const keyOf = ({ windows, shape }: Layer): string =>
  JSON.stringify([windows ?? "rows", shape.groups, shape.columns, shape.patch]);

/** Layers in lots whose moments are in memory together, so that no lot takes more than `bytes`. */
export function lotsOf(layers: readonly Layer[], bytes: number): readonly (readonly Layer[])[] {
  const lots: Layer[][] = [];
  let left = 0;
  for (const layer of layers) {
    const size = 2 * momentBytes(layer.shape);
    if (lots.length === 0 || size > left) {
      lots.push([]);
      left = bytes;
    }
    lots.at(-1)!.push(layer);
    left -= size;
  }
  return lots;
}

/** Runs samples through the module and gathers the moments of each layer. */
export async function collectMoments(
  module: Module,
  graph: Graph,
  layers: readonly Layer[],
  observe: NonNullable<Calibration["observe"]>,
): Promise<ReadonlyMap<Layer, Halves>> {
  const byInput = new Map<Value, Map<string, { readonly layer: Layer; readonly halves: Halves }>>();
  const out = new Map<Layer, Halves>();
  for (const layer of layers) {
    const ways = byInput.get(layer.input) ?? new Map();
    byInput.set(layer.input, ways);
    const known = ways.get(keyOf(layer)) ?? { layer, halves: [noMoments(layer.shape), noMoments(layer.shape)] };
    ways.set(keyOf(layer), known);
    out.set(layer, known.halves);
  }
  const order = new Map<number, number>();
  const look = (value: Value, data: TensorData, sample: number): void => {
    if (!order.has(sample)) order.set(sample, order.size);
    const which = order.get(sample)! % 2;
    for (const { layer, halves } of byInput.get(value)?.values() ?? []) {
      const { shape, windows } = layer;
      const cost = (shape.groups * shape.columns * Math.min(shape.columns, 512)) / 2;
      const wanted = Math.min(patches.most, Math.max(patches.least, patches.operations / cost));
      eachPatch(data, shape.patch, windows, Math.ceil(wanted / samples), sample, (patch) =>
        addPatch(halves[which]!, shape, patch),
      );
    }
  };
  await observe(module, new Map([[graph, new Set(byInput.keys())]]), look, samples);
  for (const halves of new Set(out.values())) for (const m of halves) mirror(m);
  return out;
}
