import type { Frame, Graph, Location, Module, Node, TensorData, Value } from "@tflower/core";
import { userFrame } from "@tflower/core";
import { type Candidate, candidatesOf, findHeld, type Held, type LocationsOf } from "./find-lowered.ts";
import type { Execute } from "./lowered-values.ts";
import type { Reference } from "./reference-values.ts";
import { errorBetween, type TensorError } from "./tensor-error.ts";

/** How one layer of the lowered program differs from the program. */
export interface LayerError extends TensorError {
  /** Node of the exported program whose value it is. */
  readonly id: string;
  readonly op: string;
  /** The module whose weights it has; with what was fused into it, {@link modules}. */
  readonly module?: string;
  readonly modules: readonly string[];
  /** The user's Python line. */
  readonly frame?: Frame;
  /** The op that holds the value in the file, and its type. */
  readonly lowered: string;
  /** Decibels that are lost here: the layer's inputs have so much more signal than what follows. */
  readonly lost: number;
  /** Place among the values compared, in the order of the program. */
  readonly place: number;
  readonly value: Value;
}

/** How one output differs. */
export interface OutputError extends TensorError {
  readonly name: string;
}

/** What {@link compareLayers} finds. */
export interface Comparison {
  /** Worst first: by what is lost in a layer, and then by its error. */
  readonly layers: readonly LayerError[];
  readonly outputs: readonly OutputError[];
  /** Where the reference comes from. */
  readonly source: string;
  /** Values of the program that no tensor of the file holds, as far as can be told: fused into others, or folded. */
  readonly hidden: number;
  readonly notes: readonly string[];
  /** The lowered module that was run. */
  readonly module: Module;
}

/** What to compare with what. */
export interface CompareLayersOptions {
  readonly reference: Reference;
  readonly module: Module;
  readonly graph: Graph;
  readonly inputs: readonly TensorData[];
  readonly execute: Execute;
  /** Where nodes of the lowered graph come from; what they say themselves, by default. */
  readonly locationsOf?: LocationsOf;
}

/** Differences of rounding are smaller than this; two tensors that are equal count as so close. */
const closest = 150;
const cap = (snr: number): number => Math.max(-closest, Math.min(closest, snr));

/** Runs the lowered graph and compares what it computes on the way with the reference, layer by layer. */
export async function compareLayers(o: CompareLayersOptions): Promise<Comparison> {
  const { reference, graph } = o;
  const locationsOf = o.locationsOf ?? ((v: Value) => v.producer?.locations ?? []);
  const candidates: readonly Candidate[] = candidatesOf(graph, reference, locationsOf);
  const computed = await o.execute(o.module, graph, o.inputs, [...new Set(candidates.map((c) => c.value))]);
  const held = genuine(graph, findHeld(reference, candidates, computed));
  const lost = lossOf(graph, held);
  const layers = held.map((h, place) => ({ ...describe(h, locationsOf(h.value), lost.get(h.value) ?? 0), place }));
  layers.sort((a, b) => b.lost - a.lost || a.snr - b.snr || (a.id < b.id ? -1 : 1));
  const outputs = graph.outputs.flatMap((v, i) => {
    const [want, got] = [reference.outputs[i], computed.get(v)];
    const name = graph.outputNames[i] ?? `output_${i}`;
    return want && got ? [{ name, ...outputError(want, got) }] : [];
  });
  const count = [...reference.values.values()].reduce((n, v) => n + v.length, 0);
  const { ignored = [] } = reference;
  return {
    layers,
    outputs,
    source: reference.source,
    hidden: count - held.length,
    module: o.module,
    notes: ignored.length
      ? [
          `nothing in the program is called ${ignored.slice(0, 5).join(", ")}${ignored.length > 5 ? ` (and ${ignored.length - 5} more)` : ""}`,
        ]
      : [],
  };
}

/** Outputs keep the program's layout: nothing may be permuted. */
const outputError = (want: TensorData, got: TensorData): TensorError =>
  want.data.length === got.data.length
    ? errorBetween(want, got)
    : { snr: Number.NEGATIVE_INFINITY, maxAbs: Number.POSITIVE_INFINITY };

/** What follows a layer is not better than the layer by more than this, unless the tensor was taken for another one. */
const recovered = 30;

/** The best that is computed from each value, of those that are held. */
function bestAfter(nodes: readonly Node[], own: ReadonlyMap<Value, number>): ReadonlyMap<Value, number> {
  const after = new Map<Value, number>();
  for (const n of nodes.toReversed())
    for (const v of n.inputs)
      for (const r of n.results) {
        const seen = own.get(r) ?? after.get(r);
        if (seen !== undefined) after.set(v, Math.max(after.get(v) ?? -closest, seen));
      }
  return after;
}

/**
 * Those whose error is still there behind them. Where it is gone, the tensor was taken for another one (the affine part of a norm may
 * have gone into the next layer, an inner value may look like a result), or nobody minds.
 */
function genuine(graph: Graph, held: readonly Held[]): readonly Held[] {
  const nodes = [...graph.nodes];
  const own = new Map(held.map((h) => [h.value, cap(h.error.snr)]));
  for (;;) {
    const after = bestAfter(nodes, own);
    const wrong = [...own].filter(([v, snr]) => (after.get(v) ?? snr) - snr > recovered);
    if (wrong.length === 0) return held.filter((h) => own.has(h.value));
    for (const [v] of wrong) own.delete(v);
  }
}

/** Decibels lost in each layer: what its inputs have, less what it has, or anything computed from it. */
function lossOf(graph: Graph, held: readonly Held[]): ReadonlyMap<Value, number> {
  const nodes = [...graph.nodes];
  const own = new Map(held.map((h) => [h.value, cap(h.error.snr)]));
  const after = bestAfter(nodes, own);
  const before = new Map<Value, number>();
  const incoming = (v: Value): number => own.get(v) ?? before.get(v) ?? closest;
  for (const n of nodes) {
    const worst = Math.min(closest, ...n.inputs.map(incoming));
    for (const r of n.results) before.set(r, worst);
  }
  return new Map(
    held.map(({ value }) => [
      value,
      Math.max(0, before.get(value)! - Math.max(own.get(value)!, after.get(value) ?? -closest)),
    ]),
  );
}

function describe(
  { reference, value, error }: Held,
  locations: readonly Location[],
  lost: number,
): Omit<LayerError, "place"> {
  // the first of what was fused is the op with the weights
  const first = locations[0] ?? reference.location;
  const modules = [...new Set(locations.flatMap((l) => l.module ?? []))];
  const frame = userFrame(first) ?? userFrame(reference.location);
  const shape = value.type.shape.map((d) => (typeof d === "number" ? d : "?"));
  return {
    ...error,
    id: reference.id,
    op: reference.op,
    ...(first.module !== undefined && { module: first.module }),
    modules,
    ...(frame && { frame }),
    lowered: `${value.producer?.op.name ?? "?"} ${value.type.dtype}[${shape.join(",")}]`,
    lost,
    value,
  };
}
