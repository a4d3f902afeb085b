import { Builder } from "flatbuffers";
import { type AnyFields, type BuiltinName, enumNames, type Fields, unionTables } from "../schema/fields.ts";
import { PackedTable, packTable } from "../schema/pack-table.ts";
import { TfliteError } from "../schema/tflite-error.ts";
import { type ByteSink, StagedSink } from "./byte-sink.ts";
import { checkFile } from "./check-file.ts";
import { minRuntimeVersion } from "./runtime-versions.ts";
import {
  type BufferData,
  fileDTypes,
  type Operator,
  type Subgraph,
  type Tensor,
  type TfliteFile,
} from "./tflite-file.ts";

/** What a plain flatbuffer can address. */
const FLATBUFFER_LIMIT = 2 ** 31 - 1;
const ALIGNMENT = 16;
/** Kernels with wide loads may read this far past the last weight. */
const OVERREAD = 16;
const PLACEHOLDER_CODE = 127;

export interface WriteOptions {
  /** Above this size constants are kept outside the flatbuffer, which only newer runtimes and tools read. For tests. */
  readonly inlineLimit?: number;
}

/**
 * Writes `file`. The flatbuffer's metadata is built in memory; constants follow it one after another, so that no more than
 * one chunk of one constant is held. Throws a {@link TfliteError} that lists everything wrong with `file` before the first
 * byte is written. The same input gives the same bytes.
 *
 * @example
 * const sink = new MemorySink();
 * await writeTflite(toTfliteFile(module), sink);
 * const bytes = sink.bytes();
 */
export async function writeTflite(file: TfliteFile, sink: ByteSink, options: WriteOptions = {}): Promise<void> {
  const problems = checkFile(file);
  if (problems.length > 0)
    throw new TfliteError(`this model cannot be written:\n${problems.map((p) => `- ${p}`).join("\n")}`);
  const limit = options.inlineLimit ?? FLATBUFFER_LIMIT;
  let plan = planFile(file, false);
  if (plan.length > limit) plan = planFile(file, true);
  await writePlan(plan, new StagedSink(sink));
}

interface PlacedBuffer {
  readonly data: BufferData;
  /** Where the data begins in the file. */
  readonly at: number;
  readonly outside: boolean;
}
interface Plan {
  /** The flatbuffer without its constants, offsets to them filled in. */
  readonly head: Uint8Array;
  /** In order of `at`. */
  readonly tail: readonly PlacedBuffer[];
  readonly length: number;
}

const alignUp = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT;

/** Metadata that the writer owns, and what the caller gave besides. */
function metadataOf(file: TfliteFile, codes: OperatorCodes, outside: boolean): { name: string; bytes: Uint8Array }[] {
  const text = new TextEncoder();
  // Runtimes compare 16 bytes, zero padded.
  const version = new Uint8Array(16);
  version.set(text.encode(minRuntimeVersion(codes.list)));
  const own = [{ name: "min_runtime_version", bytes: version }];
  if (outside) own.push({ name: "buffer_location", bytes: text.encode("outside flatbuffers") });
  const names = new Set(["min_runtime_version", "buffer_location"]);
  return [...own, ...(file.metadata ?? []).filter((m) => !names.has(m.name))];
}

/** One code per builtin at the highest version in use, or per name of a custom op. */
class OperatorCodes {
  readonly list: { builtin: BuiltinName; customCode: string | undefined; version: number }[] = [];
  readonly #index = new Map<string, number>();

  index({ builtin, customCode, version }: Operator): number {
    const key = `${builtin} ${customCode ?? ""}`;
    let index = this.#index.get(key);
    if (index === undefined) {
      index = this.list.push({ builtin, customCode, version }) - 1;
      this.#index.set(key, index);
    }
    const code = this.list[index]!;
    code.version = Math.max(code.version, version);
    return index;
  }

  fields(): Fields<"OperatorCode">[] {
    const codes = enumNames("BuiltinOperator");
    return this.list.map(({ builtin, customCode, version }) => ({
      deprecated_builtin_code: Math.min(codes.indexOf(builtin), PLACEHOLDER_CODE),
      builtin_code: builtin,
      version,
      ...(customCode !== undefined && { custom_code: customCode }),
    }));
  }
}

/** Numbers things in order of first use, from `first`. */
class Numbering<T> {
  readonly items = new Map<T, number>();
  readonly #first: number;
  constructor(first: number) {
    this.#first = first;
  }
  index(item: T): number {
    const known = this.items.get(item);
    if (known !== undefined) return known;
    const index = this.#first + this.items.size;
    this.items.set(item, index);
    return index;
  }
}

interface Tables {
  readonly codes: OperatorCodes;
  /** From 1: buffer 0 is the empty one. */
  readonly buffers: Numbering<BufferData>;
  readonly groups: Numbering<string>;
  readonly external: Fields<"ExternalBuffer">[];
}

function tensorFields(tensor: Tensor, tables: Tables): Fields<"Tensor"> {
  const { quantization: q, externalBuffer: e } = tensor;
  let external: number | undefined;
  if (e) {
    external = tables.external.length + 1;
    tables.external.push({
      id: external,
      group: tables.groups.index(e.group),
      offset: e.offset,
      length: e.byteLength,
      ...(e.packing !== undefined && { packing: e.packing }),
    });
  }
  return {
    shape: tensor.shape ?? [],
    has_rank: tensor.shape !== undefined,
    type: enumNames("TensorType")[fileDTypes.indexOf(tensor.dtype)] as NonNullable<Fields<"Tensor">["type"]>,
    buffer: tensor.buffer ? tables.buffers.index(tensor.buffer) : 0,
    ...(tensor.name !== undefined && { name: tensor.name }),
    ...(tensor.isVariable && { is_variable: true }),
    ...(tensor.shapeSignature && { shape_signature: tensor.shapeSignature }),
    ...(tensor.sparsity && { sparsity: tensor.sparsity as Fields<"SparsityParameters"> }),
    ...(tensor.variantTensors && { variant_tensors: tensor.variantTensors as Fields<"VariantSubType">[] }),
    ...(external !== undefined && { external_buffer: external }),
    ...(q && {
      quantization: {
        ...(q.min && { min: q.min }),
        ...(q.max && { max: q.max }),
        // Empty vectors read as "not quantized" in some tools and as an error in others; absent ones in none.
        ...(q.scale.length > 0 && { scale: q.scale, zero_point: q.zeroPoint }),
        ...(q.details && { details: q.details }),
        quantized_dimension: q.axis ?? 0,
      },
    }),
  };
}

function operatorFields(op: Operator, codes: OperatorCodes): Fields<"Operator"> {
  const { options } = op;
  const second = options && unionTables("BuiltinOptions2").includes(options.table);
  return {
    opcode_index: codes.index(op),
    inputs: op.inputs,
    outputs: op.outputs,
    ...(options && { [second ? "builtin_options_2" : "builtin_options"]: options }),
    ...(op.customOptions && { custom_options: op.customOptions }),
    ...(op.intermediates && { intermediates: op.intermediates }),
    ...(op.mutatingVariableInputs && { mutating_variable_inputs: op.mutatingVariableInputs }),
    ...(op.debugMetadataIndex !== undefined && { debug_metadata_index: op.debugMetadataIndex }),
  };
}

const subgraphFields = (graph: Subgraph, tables: Tables): Fields<"SubGraph"> => ({
  ...(graph.name !== undefined && { name: graph.name }),
  tensors: graph.tensors.map((tensor) => tensorFields(tensor, tables)),
  inputs: graph.inputs,
  outputs: graph.outputs,
  operators: graph.operators.map((op) => operatorFields(op, tables.codes)),
  ...(graph.debugMetadataIndex !== undefined && { debug_metadata_index: graph.debugMetadataIndex }),
});

/**
 * Builds the metadata and says where each constant goes. A constant's vector lies *after* everything that refers to it,
 * which is where flatbuffers wants it, so its offset is filled in once the size of the metadata is known.
 */
function planFile(file: TfliteFile, outside: boolean): Plan {
  const tables: Tables = {
    codes: new OperatorCodes(),
    buffers: new Numbering(1),
    groups: new Numbering(0),
    external: [],
  };
  const subgraphs = file.subgraphs.map((graph) => subgraphFields(graph, tables));
  const constants = tables.buffers.items.size;
  const metadata = metadataOf(file, tables.codes, outside).map(({ name, bytes }) => ({
    name,
    buffer: tables.buffers.index(bytes),
  }));

  const builder = new Builder(1 << 16);
  // Tools read metadata through `data` only; an empty constant is one only if it has a vector.
  const buffers = [...tables.buffers.items.keys()].map((data, i) => ({
    data,
    outside: outside && i < constants && data.byteLength > 0,
  }));
  const packed = buffers.map((b) => packBuffer(builder, b.outside));
  const pairs = (list: readonly { name: string; tensor: number }[]) =>
    list.map(({ name, tensor }) => ({ name, tensor_index: tensor }));
  const model: { [F in keyof Fields<"Model">]: unknown } = {
    version: 3,
    operator_codes: tables.codes.fields(),
    subgraphs,
    ...(file.description !== undefined && { description: file.description }),
    buffers: [{}, ...packed.map((offset) => new PackedTable(offset))],
    metadata,
    ...(file.signatures && {
      signature_defs: file.signatures.map((s) => ({
        signature_key: s.key,
        subgraph_index: s.subgraph,
        inputs: pairs(s.inputs),
        outputs: pairs(s.outputs),
      })),
    }),
    ...(tables.external.length > 0 && {
      external_buffer_groups: [...tables.groups.items.keys()].map((name) => ({ name })),
      external_buffers: tables.external,
    }),
  };
  builder.finish(packTable(builder, "Model", model as AnyFields, "model"), "TFL3");
  const head = builder.asUint8Array();
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);

  const tail: PlacedBuffer[] = [];
  let end = head.byteLength;
  const order = [...buffers.keys()].sort((a, b) => Number(buffers[a]!.outside) - Number(buffers[b]!.outside));
  for (const i of order) {
    const buffer = buffers[i]!;
    const table = head.byteLength - packed[i]!;
    const vtable = table - view.getInt32(table, true);
    const field = (slot: number): number => table + view.getUint16(vtable + 4 + 2 * slot, true);
    const at = alignUp(buffer.outside ? end : end + 4);
    if (buffer.outside) {
      view.setBigUint64(field(1), BigInt(at), true);
      view.setBigUint64(field(2), BigInt(buffer.data.byteLength), true);
    } else if (at <= FLATBUFFER_LIMIT) {
      view.setUint32(field(0), at - 4 - field(0), true);
    } else if (outside) throw new TfliteError("metadata alone exceeds 2 GB, which no .tflite can hold");
    tail.push({ ...buffer, at });
    end = at + buffer.data.byteLength;
  }
  return { head, tail, length: alignUp(end + OVERREAD) };
}

/** A Buffer whose fields are filled in later. The ones are there because zeros would be left out. */
function packBuffer(builder: Builder, outside: boolean): number {
  builder.startObject(3);
  if (outside) {
    builder.addFieldInt64(1, 1n, 0n);
    builder.addFieldInt64(2, 1n, 0n);
  } else builder.addFieldInt32(0, 1, 0);
  return builder.endObject();
}

async function writePlan({ head, tail, length }: Plan, sink: StagedSink): Promise<void> {
  await sink.write(head);
  for (const { data, at, outside } of tail) {
    const gap = new Uint8Array(at - sink.position);
    if (!outside) new DataView(gap.buffer).setUint32(gap.byteLength - 4, data.byteLength, true);
    await sink.write(gap);
    if (data instanceof Uint8Array) await sink.write(data);
    else for await (const chunk of data.chunks()) await sink.write(chunk);
    const written = sink.position - at;
    if (written !== data.byteLength)
      throw new TfliteError(`a constant of ${data.byteLength} bytes produced ${written}`);
  }
  await sink.write(new Uint8Array(length - sink.position));
  await sink.flush();
}
