import { type Compiler, isFloat, type Module, type Node, type TensorData } from "@tflower/core";
import { schemes, weightsOf, whyFloat } from "@tflower/quantize";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import type { EvaluationSet } from "../quantize/evaluation-set.ts";
import { type LayerNoise, layerNoise } from "../quantize/layer-noise.ts";
import { accuracyOf, type Quality, qualityOf } from "../quantize/quality.ts";
import { type LoadModel, runSamples } from "../quantize/run-samples.ts";
import { groupBy } from "../report/group-by.ts";
import type { Comparison, LayerError } from "./compare-layers.ts";

/** Ops of the float program that are on floats in the quantized one, too. */
export interface FloatLayers {
  readonly op: string;
  readonly count: number;
  /** Why, in words that follow "because". */
  readonly why: string;
  /** Modules they are in; not all, where there are many. */
  readonly modules: readonly string[];
}

/** What comparing a quantized program with the float one has found. */
export interface QuantizedComparison extends Comparison {
  readonly quality: Quality;
  readonly floatAccuracy?: number;
  readonly floatLayers: readonly FloatLayers[];
  readonly layers: readonly (LayerError & Pick<LayerNoise, "cosine" | "computed" | "weights">)[];
}

/** What {@link compareQuantized} needs beside the two programs. */
export interface CompareQuantizedOptions {
  readonly compiler: Compiler;
  readonly load: LoadModel;
  readonly set: EvaluationSet;
  /** What messages call the float program. */
  readonly name: string;
  readonly notes?: readonly string[];
}

/**
 * Compares a quantized program with the float one it was made from, layer by layer, both on LiteRT; layers are known by module and op. Worst
 * first. The float program says where in Python a layer comes from.
 */
export async function compareQuantized(
  float: Module,
  quantized: Module,
  o: CompareQuantizedOptions,
): Promise<QuantizedComparison> {
  const { set, load } = o;
  const want = await runSamples(float, set.samples, load);
  const got = await runSamples(quantized, set.samples, load);
  const quality = qualityOf(graphOf(quantized), want, got, set.labels);
  const layers = (await layerNoise(float, quantized, set.samples.slice(0, samplesOfLayers), load)).map(asLayer);
  layers.sort((a, b) => b.lost - a.lost || a.snr - b.snr || a.place - b.place);
  const floats = [...graphOf(float).nodes].flatMap((n) => n.results.filter((r) => isFloat(r.type.dtype)));
  return {
    layers,
    outputs: quality.outputs,
    source: `${o.name}, on LiteRT, ${set.samples.length} sample${set.samples.length > 1 ? "s" : ""}`,
    hidden: Math.max(0, floats.length - layers.length),
    notes: o.notes ?? [],
    module: quantized,
    quality,
    ...(set.labels && { floatAccuracy: accuracyOf(want, set.labels) }),
    floatLayers: floatLayersOf(layers, o.compiler),
  };
}

/** Layers are compared on so many samples: all their values are given out. */
const samplesOfLayers = 4;

type Layer = QuantizedComparison["layers"][number] & { readonly node: Node };

function asLayer(l: LayerNoise): Layer {
  const shape = l.value.type.shape.join(",");
  const { value, node } = l;
  return {
    snr: l.snr,
    cosine: l.cosine,
    maxAbs: l.maxAbs,
    id: l.name,
    op: l.op,
    ...(l.module !== undefined && { module: l.module }),
    modules: [...new Set(node.locations.flatMap((x) => x.module ?? []))],
    ...(l.frame && { frame: l.frame }),
    lowered: `${l.op} ${l.computed}[${shape}]${l.weights === undefined ? "" : `, weights ${l.weights}`}`,
    lost: l.lost,
    place: l.place,
    computed: l.computed,
    ...(l.weights !== undefined && { weights: l.weights }),
    value,
    node,
  };
}

/** Layers that compute on floats with float weights, and why: what the runtime has for them, or else that nobody asked for more. */
function floatLayersOf(layers: readonly Layer[], compiler: Compiler): readonly FloatLayers[] {
  const kept = layers.filter((l) => l.computed === "f32" && l.weights === undefined);
  const reason = (l: Layer): string => {
    const few =
      l.node.op.traits.weights && !weightsOf(l.node) && "it has no constant weights, or too few to be worth it";
    const no = whyFloat(l.node, schemes.int8, compiler);
    return no ?? (few || "the recipe keeps it so, or its neighbours are floats");
  };
  return [...groupBy(kept, (l) => `${l.op}\n${reason(l)}`)]
    .map(([key, all]) => ({
      op: all[0]!.op,
      count: all.length,
      why: key.slice(key.indexOf("\n") + 1),
      modules: [...new Set(all.flatMap((l) => l.module ?? []))].slice(0, 5),
    }))
    .sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1));
}

/** Samples that are no file's: inputs as a program was exported with. */
export const oneSample = (inputs: readonly TensorData[]): EvaluationSet => ({ samples: [inputs] });
