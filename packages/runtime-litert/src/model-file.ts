import type { DType } from "@tflower/core";
import { FlatbufferReader } from "./flatbuffer-reader.ts";
import { LiteRtError } from "./litert-error.ts";

/** Slots of the schema's tables, as far as they are read or patched here. */
export const slots = {
  model: { operatorCodes: 1, subgraphs: 2, buffers: 4, signatureDefs: 7 },
  operatorCode: { deprecatedBuiltinCode: 0, builtinCode: 3 },
  subgraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3, isVariable: 5, shapeSignature: 7 },
  operator: { opcodeIndex: 0, inputs: 1, outputs: 2 },
  signature: { inputs: 0, outputs: 1, key: 2, subgraphIndex: 4 },
  tensorMap: { name: 0, tensorIndex: 1 },
  buffer: { data: 0, offset: 1 },
} as const;

/** Element types by the schema's number. */
const elementTypes: readonly (DType | undefined)[] = [
  "f32",
  "f16",
  "i32",
  "u8",
  "i64",
  "string",
  "bool",
  "i16",
  "c64",
  "i8",
  "f64",
  "c128",
  "u64",
  "resource",
  undefined, // VARIANT
  "u32",
  "u16",
  "i4",
  "bf16",
  "i2",
  "u4",
  "f8e4m3",
  "f8e5m2",
];

/** Builtin operators whose number matters here. */
const SHAPE = 77;
const RANK = 110;
const VAR_HANDLE = 142;

/** One tensor at the border of a signature. */
export interface FilePort {
  /** The name that the signature gives it, or the tensor's own where there is no signature. */
  readonly name: string;
  readonly dtype: DType;
  /** -1 where the file leaves the extent open. */
  readonly shape: readonly number[];
  /** The extents that the file was made with; no -1. */
  readonly example: readonly number[];
  /** Index in its subgraph. */
  readonly tensor: number;
}

/** One output, and how it comes about where that matters. */
export interface FileOutput extends FilePort {
  /**
   * Computed from shapes and constants alone. Kernels may do so when they prepare, and then leave the buffer that
   * LiteRT hands them unwritten: see `doubtful-outputs.ts`.
   */
  readonly shapeOnly: boolean;
}

/** A signature, in the order of its graph. */
export interface FileSignature {
  /** Empty when the file names none. */
  readonly key: string;
  /** Position of the SignatureDef table, 0 when the file has none. */
  readonly at: number;
  readonly subgraph: number;
  readonly inputs: readonly FilePort[];
  readonly outputs: readonly FileOutput[];
}

/** What has to be known of a `.tflite` to run it. */
export interface ModelFile {
  readonly reader: FlatbufferReader;
  /** Positions of the SubGraph tables. */
  readonly subgraphs: readonly number[];
  readonly signatures: readonly FileSignature[];
  /** Whether it keeps values from one run to the next. */
  readonly stateful: boolean;
}

/** Reads what {@link ModelFile} holds; throws RUN0002 where the bytes make no sense. */
export function readModelFile(bytes: Uint8Array): ModelFile {
  if (bytes.byteLength < 12 || String.fromCharCode(...bytes.subarray(4, 8)) !== "TFL3")
    throw new LiteRtError(
      "RUN0002",
      `expected a .tflite file with the mark "TFL3" at byte 4, got ${bytes.byteLength} bytes without it`,
    );
  try {
    return parse(new FlatbufferReader(bytes));
  } catch (cause) {
    throw new LiteRtError(
      "RUN0002",
      `the .tflite file is damaged: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        help: "check that all of the file arrived",
        cause,
      },
    );
  }
}

function parse(reader: FlatbufferReader): ModelFile {
  const model = reader.follow(0);
  const subgraphs = reader.tables(model, slots.model.subgraphs);
  if (subgraphs.length === 0) throw new RangeError("it holds no subgraph");
  const opcodes = reader.tables(model, slots.model.operatorCodes).map((t) => builtinOf(reader, t));
  const buffers = reader.tables(model, slots.model.buffers);
  const context = { reader, subgraphs, opcodes, buffers };
  const defs = reader.tables(model, slots.model.signatureDefs);
  // LiteRT makes a nameless signature of the first subgraph when the file has none.
  const signatures = (defs.length ? defs : [0]).map((at) => readSignature(context, at));
  const stateful = opcodes.includes(VAR_HANDLE) || subgraphs.some((s) => hasVariable(reader, s));
  return { reader, subgraphs, signatures, stateful };
}

interface Context {
  readonly reader: FlatbufferReader;
  readonly subgraphs: readonly number[];
  readonly opcodes: readonly number[];
  readonly buffers: readonly number[];
}

/** Whether a kernel keeps a state tensor, as those of recurrent layers do. */
function hasVariable(reader: FlatbufferReader, subgraph: number): boolean {
  return reader.tables(subgraph, slots.subgraph.tensors).some((t) => {
    const field = reader.field(t, slots.tensor.isVariable);
    return field !== 0 && reader.u8(field) !== 0;
  });
}

function builtinOf(reader: FlatbufferReader, table: number): number {
  const old = reader.field(table, slots.operatorCode.deprecatedBuiltinCode);
  const now = reader.field(table, slots.operatorCode.builtinCode);
  // Files from before 2020 have only the one-byte field; later ones repeat codes below 127 there.
  return Math.max(old ? reader.i8(old) : 0, now ? reader.i32(now) : 0);
}

function readSignature(context: Context, at: number): FileSignature {
  const { reader, subgraphs } = context;
  const index = at ? reader.field(at, slots.signature.subgraphIndex) : 0;
  const subgraph = index ? reader.u32(index) : 0;
  const table = subgraphs[subgraph];
  if (table === undefined) throw new RangeError(`a signature names subgraph ${subgraph} of ${subgraphs.length}`);
  const tensors = reader.tables(table, slots.subgraph.tensors);
  const port = (tensor: number, name: string | undefined): FilePort => {
    const t = tensors[tensor];
    if (t === undefined) throw new RangeError(`subgraph ${subgraph} names tensor ${tensor} of ${tensors.length}`);
    const type = reader.field(t, slots.tensor.type);
    const code = type ? reader.u8(type) : 0;
    const dtype = elementTypes[code];
    if (dtype === undefined) throw new RangeError(`tensor ${tensor} has the unknown element type ${code}`);
    const written = reader.ints(t, slots.tensor.shape);
    const signature = reader.ints(t, slots.tensor.shapeSignature);
    const shape = signature.length === written.length ? signature : written;
    const example = written.map((d) => (d < 0 ? 1 : d));
    return { name: name ?? reader.string(t, slots.tensor.name), dtype, shape, example, tensor };
  };
  const ports = (slot: 1 | 2, maps: 0 | 1): FilePort[] => {
    const names = at ? namesOf(reader, at, maps) : new Map<number, string[]>();
    // Graph order: the signature's own order is its writer's choice (often alphabetical) and not the program's.
    return reader.ints(table, slot).map((tensor) => port(tensor, names.get(tensor)?.shift()));
  };
  const inputs = ports(slots.subgraph.inputs, slots.signature.inputs);
  const shapeOnly = shapeOnlyTensors(context, table, tensors);
  const outputs = ports(slots.subgraph.outputs, slots.signature.outputs).map((p) => ({
    ...p,
    shapeOnly: shapeOnly.has(p.tensor),
  }));
  return { key: at ? reader.string(at, slots.signature.key) : "", at, subgraph, inputs, outputs };
}

/** Names by tensor: several where a signature gives one tensor out under several names. */
function namesOf(reader: FlatbufferReader, signature: number, slot: 0 | 1): Map<number, string[]> {
  const names = new Map<number, string[]>();
  for (const map of reader.tables(signature, slot)) {
    const index = reader.field(map, slots.tensorMap.tensorIndex);
    const tensor = index ? reader.u32(index) : 0;
    const list = names.get(tensor) ?? [];
    list.push(reader.string(map, slots.tensorMap.name));
    names.set(tensor, list);
  }
  return names;
}

/** Tensors that hang on at least one SHAPE or RANK, and on nothing but those and constants. */
function shapeOnlyTensors(
  { reader, opcodes, buffers }: Context,
  subgraph: number,
  tensors: readonly number[],
): ReadonlySet<number> {
  const found = new Set<number>();
  const fits = (i: number): boolean => i < 0 || found.has(i) || isConstant(reader, buffers, tensors[i]!);
  for (const op of reader.tables(subgraph, slots.subgraph.operators)) {
    const field = reader.field(op, slots.operator.opcodeIndex);
    const code = opcodes[field ? reader.u32(field) : 0];
    const inputs = reader.ints(op, slots.operator.inputs);
    const source = code === SHAPE || code === RANK;
    if (!source && !(inputs.some((i) => found.has(i)) && inputs.every(fits))) continue;
    for (const output of reader.ints(op, slots.operator.outputs)) found.add(output);
  }
  return found;
}

/** Some writers give every tensor a buffer of its own: only one with bytes makes a constant. */
function isConstant(reader: FlatbufferReader, buffers: readonly number[], tensor: number): boolean {
  const index = reader.field(tensor, slots.tensor.buffer);
  const buffer = buffers[index ? reader.u32(index) : 0];
  if (buffer === undefined) return false;
  return reader.vector(buffer, slots.buffer.data).length > 0 || reader.field(buffer, slots.buffer.offset) !== 0;
}
