import type { Graph, Module, TensorData, Value } from "@tflower/core";
import { type Calibration, isWanted } from "../calibration.ts";
import type { Layer } from "./layer.ts";
import { addPatch, type Moments, mirror, momentBytes, noMoments } from "./moments.ts";
import { eachPatch } from "./patches.ts";

/** Moments of what layers are multiplied by, of even and of odd samples. */
export type Halves = readonly [Moments, Moments];

/** Samples that are looked at: at least, at most, and as long as they take no more than so many operations; */
const samples = { least: 24, most: 128, operations: 2e10 } as const;
/** and patches of a layer in all of them, of all operations for all layers. */
const patches = { least: 768, most: 8192, operations: 4e9 } as const;
const within = (
  o: { readonly least: number; readonly most: number; readonly operations: number },
  cost: number,
): number => Math.ceil(Math.min(o.most, Math.max(o.least, o.operations / cost)));

/** Products that a sample takes. */
function macsOf(layers: readonly Layer[]): number {
  const count = (v: Value): number => v.type.shape.reduce<number>((n, d) => n * Number(d), 1);
  let sum = 1;
  for (const { shape, node } of layers) sum += count(node.results[0]!) * shape.columns;
  return sum;
}

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
  const most = within(samples, macsOf(layers));
  let runs = most;
  const which = (sample: number, of: number): boolean => {
    runs = Math.min(most, of);
    return isWanted(most, sample, of);
  };
  const order = new Map<number, number>();
  const look = (value: Value, data: TensorData, sample: number): void => {
    if (!order.has(sample)) order.set(sample, order.size);
    const which = order.get(sample)! % 2;
    for (const { layer, halves } of byInput.get(value)?.values() ?? []) {
      const { shape, windows } = layer;
      const cost = (shape.groups * shape.columns * Math.min(shape.columns, 512)) / 2;
      eachPatch(data, shape.patch, windows, Math.ceil(within(patches, cost * layers.length) / runs), sample, (patch) =>
        addPatch(halves[which]!, shape, patch),
      );
    }
  };
  await observe(module, new Map([[graph, new Set(byInput.keys())]]), look, which);
  for (const halves of new Set(out.values())) for (const m of halves) mirror(m);
  return out;
}
