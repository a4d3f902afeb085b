import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { Request, SentGraph, SentTensor } from "../protocol.ts";
import { encodeOp, encodeTensor, type TensorStruct } from "./encode-op.ts";
import type { QnnLibrary } from "./qnn-library.ts";

type CompileRequest = Extract<Request, { readonly kind: "compile" }>;

/** Options of the HTP's graphs, as it numbers them. */
const htpGraph = { optimization: 1, precision: 2, vtcm: 3 } as const;
/** Kind of optimization whose value is the effort of finalizing; 3 is the most. */
const finalizeEffort = 3;
const float16Precision = 1;

/** A device for one system on chip. */
function createDevice(q: QnnLibrary, soc: number): unknown {
  const { koffi } = q;
  // { option: SOC, socModel }
  const custom = q.memory(Uint32Array.from([0, 0, soc, 0, 0, 0]));
  const config = q.array(koffi.struct({ option: "uint32", custom: "void*" }), [{ option: 0, custom }]);
  const list = q.array(koffi.struct({ p: "void*" }), [{ p: config }, { p: null }]);
  const device: unknown[] = [null];
  q.check(
    "deviceCreate",
    q.function("deviceCreate", "void*, void*, _Out_ void**")(null, list, device),
    `system on chip ${soc}`,
  );
  return device[0];
}

/** Configuration of a graph: the most effort, all of the fast memory, floats in 16 bits. */
function graphConfig(q: QnnLibrary, float16: boolean): unknown {
  const { koffi } = q;
  const option = (...words: readonly [number, number, number]): unknown => {
    const bytes = new DataView(new ArrayBuffer(40));
    bytes.setUint32(0, words[0], true);
    bytes.setUint32(8, words[1], true);
    if (words[0] === htpGraph.optimization) bytes.setFloat32(12, words[2], true);
    else bytes.setUint32(12, words[2], true);
    return q.memory(bytes);
  };
  const customs = [
    option(htpGraph.optimization, finalizeEffort, 3),
    option(htpGraph.vtcm, 0, 0),
    ...(float16 ? [option(htpGraph.precision, float16Precision, 0)] : []),
  ];
  const type = koffi.struct({ option: "uint32", custom: "void*" });
  const configs = customs.map((custom) => q.array(type, [{ option: 0, custom }]));
  return q.array(koffi.struct({ p: "void*" }), [...configs.map((p) => ({ p })), { p: null }]);
}

/** Elements of a static tensor, read into memory that QNN can copy. */
function readWeights(q: QnnLibrary, file: number, t: SentTensor): { readonly pointer: unknown; readonly size: number } {
  const { offset, length } = t.bytes!;
  const pointer = q.koffi.alloc("uint8", Math.max(length, 1));
  const view = new Uint8Array(q.koffi.view(pointer, Math.max(length, 1)));
  for (let at = 0; at < length; ) {
    const n = readSync(file, view, at, length - at, offset + at);
    if (n <= 0) throw new Error(`the file of weights ends at byte ${offset + at}`);
    at += n;
  }
  return { pointer, size: length };
}

function addGraph(q: QnnLibrary, context: unknown, graph: SentGraph, config: unknown, weights: number): unknown {
  const handle: unknown[] = [null];
  q.check(
    "graphCreate",
    q.function("graphCreate", "void*, str, void*, _Out_ void**")(context, graph.name, config, handle),
    graph.name,
  );
  // QNN writes the id of a tensor into the structure it is given
  const create = q.koffi.decode(
    q.pointer("tensorCreateGraphTensor"),
    q.koffi.proto("uint64", [q.koffi.pointer("void"), q.koffi.inout(q.koffi.pointer(q.types.tensor))]),
  ) as (g: unknown, t: TensorStruct) => number;
  const register = (t: TensorStruct): void =>
    q.check("tensorCreateGraphTensor", create(handle[0], t), t.v2["name"] as string);
  const structs: TensorStruct[] = [];
  const first = [...graph.inputs, ...graph.outputs];
  // those that callers bind come first, in their order
  for (const i of [...first, ...graph.tensors.keys()]) {
    if (structs[i]) continue;
    const t = graph.tensors[i]!;
    const data = t.bytes && readWeights(q, weights, t);
    const struct = encodeTensor(q, t, data);
    register(struct);
    // QNN has its own copy now
    if (data) {
      q.koffi.free(data.pointer);
      struct.v2["buffer"] = { data: null, size: 0 };
    }
    structs[i] = struct;
  }
  const addNode = q.koffi.decode(
    q.pointer("graphAddNode"),
    q.koffi.proto("uint64", [q.koffi.pointer("void"), q.types.op]),
  ) as (g: unknown, op: unknown) => number;
  for (const node of graph.nodes)
    q.check("graphAddNode", addNode(handle[0], encodeOp(q, node, structs, register)), node.name);
  q.check("graphFinalize", q.function("graphFinalize", "void*, void*, void*")(handle[0], null, null), graph.name);
  return handle[0];
}

/** Compiles all graphs into one context and writes its binary. Gives the number of bytes. */
export function compileContext(q: QnnLibrary, r: CompileRequest): number {
  const device = createDevice(q, r.soc);
  const context: unknown[] = [null];
  q.check(
    "contextCreate",
    q.function("contextCreate", "void*, void*, void*, _Out_ void**")(q.backend, device, null, context),
  );
  const config = graphConfig(q, r.float16);
  const weights = openSync(r.weights, "r");
  try {
    for (const g of r.graphs) addGraph(q, context[0], g, config, weights);
  } finally {
    closeSync(weights);
  }
  const size = [0];
  q.check("contextGetBinarySize", q.function("contextGetBinarySize", "void*, _Out_ uint64*")(context[0], size));
  const bytes = Number(size[0]);
  const memory = q.koffi.alloc("uint8", bytes);
  const written = [0];
  q.check(
    "contextGetBinary",
    q.function("contextGetBinary", "void*, void*, uint64, _Out_ uint64*")(context[0], memory, bytes, written),
  );
  const total = Number(written[0]) || bytes;
  const output = openSync(r.output, "w");
  try {
    const view = new Uint8Array(q.koffi.view(memory, total));
    for (let at = 0; at < total; ) at += writeSync(output, view, at, total - at);
  } finally {
    closeSync(output);
  }
  return total;
}
