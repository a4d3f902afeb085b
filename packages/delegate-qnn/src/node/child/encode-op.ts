import { type QnnDataType, qnnDataTypes } from "../../graph/data-type.ts";
import type { QnnEncoding } from "../../graph/encoding.ts";
import type { QnnNode, QnnScalar, QnnTensorParameter } from "../../graph/qnn-graph.ts";
import type { SentTensor } from "../protocol.ts";
import type { QnnLibrary } from "./qnn-library.ts";
import { undefinedCode } from "./qnn-types.ts";

/** A tensor as koffi takes it. */
export interface TensorStruct {
  readonly version: number;
  readonly v2: Record<string, unknown>;
}

const kinds = { in: 0, out: 1, native: 3, static: 4 } as const;
/** Kinds of encodings, as QNN numbers them. */
const encodings = { scaleOffset: 0, axis: 1, bitwidth: 2, bitwidthAxis: 3 } as const;

const none = {
  definition: undefinedCode,
  kind: undefinedCode,
  encoding: { scaleOffset: { scale: 0, offset: 0 } },
};

function encodeQuantization(q: QnnLibrary, e: QnnEncoding | undefined): unknown {
  if (!e) return none;
  const { bitwidth } = e;
  if (e.kind === "scale-offset") {
    const { scale, offset } = e;
    return bitwidth === undefined
      ? { definition: 1, kind: encodings.scaleOffset, encoding: { scaleOffset: { scale, offset } } }
      : { definition: 1, kind: encodings.bitwidth, encoding: { bitwidth: { bitwidth, scale, offset } } };
  }
  const count = e.scales.length;
  if (bitwidth !== undefined)
    return {
      definition: 1,
      kind: encodings.bitwidthAxis,
      encoding: {
        bitwidthAxis: {
          bitwidth,
          axis: e.axis,
          count,
          scales: q.memory(Float32Array.from(e.scales)),
          offsets: q.memory(Int32Array.from(e.offsets)),
        },
      },
    };
  const pairs = new DataView(new ArrayBuffer(8 * count));
  e.scales.forEach((s, i) => {
    pairs.setFloat32(8 * i, s, true);
    pairs.setInt32(8 * i + 4, e.offsets[i]!, true);
  });
  return { definition: 1, kind: encodings.axis, encoding: { axis: { axis: e.axis, count, pairs: q.memory(pairs) } } };
}

function tensorStruct(
  q: QnnLibrary,
  name: string,
  type: number,
  dataType: QnnDataType,
  dims: readonly number[],
  encoding: QnnEncoding | undefined,
  data: { readonly pointer: unknown; readonly size: number } | undefined,
): TensorStruct {
  return {
    version: 2,
    v2: {
      id: 0,
      name,
      type,
      format: 0,
      dataType: qnnDataTypes[dataType],
      quantization: encodeQuantization(q, encoding),
      rank: dims.length,
      dims: q.memory(Uint32Array.from(dims)),
      memory: 0,
      buffer: data ? { data: data.pointer, size: data.size } : { data: null, size: 0 },
      dynamic: null,
      sparse: undefinedCode,
      sparseA: 0,
      sparseB: 0,
      produced: 0,
    },
  };
}

/** A tensor of a graph, with memory for its elements where it is static. */
export const encodeTensor = (
  q: QnnLibrary,
  t: SentTensor,
  data?: { readonly pointer: unknown; readonly size: number },
): TensorStruct => tensorStruct(q, t.name, kinds[t.kind], t.dataType, t.dims, t.encoding, data);

function scalarBits(s: QnnScalar): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (s.dataType === "float32") view.setFloat32(0, s.value, true);
  else if (s.dataType === "int32") view.setInt32(0, s.value, true);
  else view.setUint32(0, s.value, true);
  return view.getBigUint64(0, true);
}

/** A tensor among a node's parameters. */
export function encodeTensorParameter(q: QnnLibrary, name: string, p: QnnTensorParameter): TensorStruct {
  const values = p.dataType === "int32" ? Int32Array.from(p.values) : Uint32Array.from(p.values);
  return tensorStruct(q, name, kinds.static, p.dataType, p.dims, undefined, {
    pointer: q.memory(values),
    size: values.byteLength,
  });
}

/** One node, with its tensors in the structs that QNN has given ids to; `register` does so for those among its parameters. */
export function encodeOp(
  q: QnnLibrary,
  node: QnnNode,
  tensors: readonly TensorStruct[],
  register: (t: TensorStruct) => void,
): unknown {
  const parameters = [
    ...Object.entries(node.scalars).map(([name, s]) => ({
      kind: 0,
      name,
      value: { scalar: { dataType: qnnDataTypes[s.dataType], value: scalarBits(s) } },
    })),
    ...Object.entries(node.tensors).map(([name, p]) => {
      const tensor = encodeTensorParameter(q, `${node.name}/${name}`, p);
      register(tensor);
      return { kind: 1, name, value: { tensor } };
    }),
  ];
  const of = (ids: readonly number[]): readonly TensorStruct[] => ids.map((i) => tensors[i]!);
  return {
    version: 1,
    name: node.name,
    package: node.package,
    type: node.type,
    parameterCount: parameters.length,
    parameters: q.array(q.types.parameter, parameters),
    inputCount: node.inputs.length,
    inputs: q.array(q.types.tensor, of(node.inputs)),
    outputCount: node.outputs.length,
    outputs: q.array(q.types.tensor, of(node.outputs)),
  };
}
