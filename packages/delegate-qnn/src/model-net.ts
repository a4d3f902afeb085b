import { byteLength, type Constant, constantChunks } from "@tflower/core";
import { type QnnDataType, qnnDataTypes } from "./graph/data-type.ts";
import type { QnnEncoding } from "./graph/encoding.ts";
import type { QnnGraph, QnnNode, QnnTensor } from "./graph/qnn-graph.ts";

/** Kinds of tensors, as QNN numbers them. */
const kinds = { in: 0, out: 1, native: 3, static: 4 } as const;
const notSet = 0x7fffffff;

const bitsOf: Readonly<Partial<Record<QnnDataType, number>>> = {
  sfix8: 8,
  ufix8: 8,
  sfix16: 16,
  ufix16: 16,
  sfix32: 32,
};

function scaleOffset(scale: number, offset: number, dataType: QnnDataType, bitwidth?: number): object {
  const bits = bitwidth ?? bitsOf[dataType] ?? 8;
  const [low, high] = dataType.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return {
    bitwidth: bits,
    is_fixed_point: true,
    is_symmetric: offset === 0,
    maximum: (high + offset) * scale,
    minimum: (low + offset) * scale,
    offset,
    scale,
  };
}

function quantParams(e: QnnEncoding | undefined, dataType: QnnDataType): object {
  if (!e) return { definition: notSet, encoding: notSet };
  if (e.kind === "scale-offset")
    return {
      definition: 1,
      encoding: e.bitwidth === undefined ? 0 : 2,
      is_overridden: true,
      scale_offset: scaleOffset(e.scale, e.offset, dataType, e.bitwidth),
    };
  return {
    definition: 1,
    encoding: e.bitwidth === undefined ? 1 : 3,
    is_overridden: true,
    axis_scale_offset: {
      axis: e.axis,
      num_scale_offsets: e.scales.length,
      scale_offsets: e.scales.map((s, i) => scaleOffset(s, e.offsets[i]!, dataType, e.bitwidth)),
    },
  };
}

const tensorEntry = (t: QnnTensor): object => ({
  id: t.id,
  type: kinds[t.kind],
  dataFormat: 0,
  data_type: qnnDataTypes[t.dataType],
  dims: t.dims,
  quant_params: quantParams(t.encoding, t.dataType),
});

function nodeEntry(graph: QnnGraph, node: QnnNode): object {
  const names = (ids: readonly number[]): readonly string[] => ids.map((i) => graph.tensors[i]!.name);
  return {
    package: node.package,
    type: node.type,
    tensor_params: Object.fromEntries(
      Object.entries(node.tensors).map(([name, p]) => [
        name,
        {
          [`${node.name}/${name}`]: {
            type: kinds.static,
            dataFormat: 0,
            data_type: qnnDataTypes[p.dataType],
            dims: p.dims,
            data: p.values,
          },
        },
      ]),
    ),
    scalar_params: Object.fromEntries(
      Object.entries(node.scalars).map(([name, s]) => [name, { [qnnDataTypes[s.dataType]]: s.value }]),
    ),
    input_names: names(node.inputs),
    output_names: names(node.outputs),
    macs_per_inference: "",
  };
}

/** A graph in the form in which Qualcomm's converters describe theirs, as `MODEL_net.json`: plain data for `JSON.stringify`. */
export const modelNet = (graph: QnnGraph, weightsName: string): object => ({
  "model.cpp": "N/A",
  "model.bin": weightsName,
  converter_command: "tflower",
  copyright_str: "",
  op_types: [...new Set(graph.nodes.map((n) => n.type))],
  graph: {
    tensors: Object.fromEntries(graph.tensors.map((t) => [t.name, tensorEntry(t)])),
    nodes: Object.fromEntries(graph.nodes.map((n) => [n.name, nodeEntry(graph, n)])),
  },
});

/** One static tensor in the file of weights. */
export interface WeightEntry {
  readonly tensor: string;
  readonly offset: number;
  readonly length: number;
  readonly data: Constant;
}

/** Where each static tensor lies when all are written one after another, as they are numbered. */
export function weightEntries(graph: QnnGraph): readonly WeightEntry[] {
  let offset = 0;
  return graph.tensors.flatMap((t) => {
    if (!t.data) return [];
    const count = t.dims.reduce((n, d) => n * d, 1);
    const length = byteLength(t.data.type.dtype, count);
    const entry = { tensor: t.name, offset, length, data: t.data };
    offset += length;
    return [entry];
  });
}

/** The bytes of all static tensors, piece after piece. A piece's memory is used again: write it before asking for more. */
export async function* weightBytes(graph: QnnGraph): AsyncGenerator<Uint8Array> {
  for (const { data } of weightEntries(graph)) yield* constantChunks(data);
}
