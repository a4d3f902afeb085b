import type { Frame, Graph, Location, Module, TensorData, Value } from "@tflower/core";
import { userFrame } from "@tflower/core";
import { ComparedGraph, type GraphComparison, type HeldLayer } from "./compare-graph.ts";
import type { LocationsOf } from "./find-lowered.ts";
import type { Execute } from "./lowered-values.ts";
import type { Reference } from "./reference-values.ts";
import { errorBetween, type TensorError } from "./tensor-error.ts";

/** How one layer of the lowered program differs from the program. */
export interface LayerError extends TensorError {
  /**
   * Node of the exported program whose value it is; of one inside a graph that a node runs, behind that node's, as `cond/linear`, or
   * `while_loop[3]/linear` in the third iteration.
   */
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

/** Runs the lowered graph and compares what it computes on the way with the reference, layer by layer. */
export async function compareLayers(o: CompareLayersOptions): Promise<Comparison> {
  const { reference, graph } = o;
  const locationsOf = o.locationsOf ?? ((v: Value) => v.producer?.locations ?? []);
  const main = new ComparedGraph({ ...o, locationsOf }, graph, { ...reference, inputs: [] });
  let found: GraphComparison;
  try {
    await main.call(o.inputs);
    found = await main.compare(main.last!, { ...reference, inputs: [] });
  } finally {
    main.dispose();
  }
  const { computed } = main.last!;
  const layers = found.held.map((h, place) => ({ ...describe(h, locationsOf(h.value)), place }));
  layers.sort((a, b) => b.lost - a.lost || a.snr - b.snr || (a.id < b.id ? -1 : 1));
  const outputs = graph.outputs.flatMap((v, i) => {
    const [want, got] = [reference.outputs[i], computed.get(v)];
    const name = graph.outputNames[i] ?? `output_${i}`;
    return want && got ? [{ name, ...outputError(want, got) }] : [];
  });
  const { ignored = [] } = reference;
  return {
    layers,
    outputs,
    source: reference.source,
    hidden: found.hidden,
    module: o.module,
    notes: [
      ...(ignored.length
        ? [
            `nothing in the program is called ${ignored.slice(0, 5).join(", ")}${ignored.length > 5 ? ` (and ${ignored.length - 5} more)` : ""}`,
          ]
        : []),
      ...found.notes,
    ],
  };
}

/** Outputs keep the program's layout: nothing may be permuted. */
const outputError = (want: TensorData, got: TensorData): TensorError =>
  want.data.length === got.data.length
    ? errorBetween(want, got)
    : { snr: Number.NEGATIVE_INFINITY, maxAbs: Number.POSITIVE_INFINITY };

function describe(
  { reference, value, error, lost, within }: HeldLayer,
  locations: readonly Location[],
): Omit<LayerError, "place"> {
  // the first of what was fused is the op with the weights
  const first = locations[0] ?? reference.location;
  const named = [...new Set(locations.flatMap((l) => l.module ?? []))];
  const modules = named.length ? named : moduleOfWeights(value);
  const module = first.module ?? modules[0];
  const frame = userFrame(first) ?? userFrame(reference.location);
  const shape = value.type.shape.map((d) => (typeof d === "number" ? d : "?"));
  return {
    ...error,
    id: [...within, reference.id].join("/"),
    op: reference.op,
    ...(module !== undefined && { module }),
    modules,
    ...(frame && { frame }),
    lowered: `${value.producer?.op.name ?? "?"} ${value.type.dtype}[${shape.join(",")}]`,
    lost,
    value,
  };
}

/** The exporter does not say of which module a node in a branch or a loop is; the parameters it reads have names that do. */
function moduleOfWeights(value: Value): readonly string[] {
  const names = value.producer?.inputs.flatMap((v) => (v.constant && v.name?.includes(".") ? v.name : [])) ?? [];
  return [...new Set(names.map((n) => n.slice(0, n.lastIndexOf("."))))];
}
