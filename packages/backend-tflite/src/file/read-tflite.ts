import { type BuiltinName, enumNames, type Fields, type OptionsTable } from "../schema/fields.ts";
import { TableReader } from "../schema/read-table.ts";
import { TfliteError } from "../schema/tflite-error.ts";
import {
  type ExternalBuffer,
  fileDTypes,
  type Operator,
  type Subgraph,
  type Tensor,
  type TensorQuantization,
  type TfliteFile,
} from "./tflite-file.ts";

const IDENTIFIER = "TFL3";
const PLACEHOLDER_CODE = 127;

/**
 * Reads a `.tflite`. Constants are views into `bytes`. Throws a {@link TfliteError} on a file that is not one, is truncated
 * or is damaged; whether a runtime can run what was read is a question for the verifier.
 */
export function readTflite(bytes: Uint8Array): TfliteFile {
  const identifier = String.fromCharCode(...bytes.subarray(4, 8));
  if (identifier !== IDENTIFIER) {
    throw new TfliteError(
      `not a .tflite file: bytes 4 to 8 are ${JSON.stringify(identifier)}, expected "${IDENTIFIER}"`,
    );
  }
  const model = new TableReader(bytes).root("Model");
  if (model.version !== 3) throw new TfliteError(`schema version ${model.version} is not supported; 3 is`);
  const codes = (model.operator_codes ?? []).map(readCode);
  const buffers = (model.buffers ?? []).map(
    (buffer, i) => buffer.data ?? readOutside(bytes, `buffer ${i}`, buffer.offset, buffer.size),
  );
  const external = readExternal(model);
  return {
    ...(model.description !== undefined && { description: model.description }),
    subgraphs: (model.subgraphs ?? []).map((graph, i) =>
      readSubgraph(`subgraph ${i}`, graph, { bytes, codes, buffers, external }),
    ),
    ...(model.signature_defs && {
      signatures: model.signature_defs.map((s) => ({
        key: s.signature_key ?? "",
        subgraph: s.subgraph_index ?? 0,
        inputs: readNames(s.inputs),
        outputs: readNames(s.outputs),
      })),
    }),
    ...(model.metadata && {
      metadata: model.metadata.map((m) => ({
        name: m.name ?? "",
        bytes: at(buffers, m.buffer ?? 0, `metadata "${m.name}": buffer`) ?? new Uint8Array(),
      })),
    }),
  };
}

function at<T>(list: readonly T[], index: number, what: string): T {
  if (index < 0 || index >= list.length)
    throw new TfliteError(`${what} ${index} does not exist; there are ${list.length}`);
  return list[index]!;
}

const readNames = (pairs: readonly Fields<"TensorMap">[] = []) =>
  pairs.map((pair) => ({ name: pair.name ?? "", tensor: pair.tensor_index ?? 0 }));

type Code = Pick<Operator, "builtin" | "version" | "customCode">;

/** Files of before schema 3a have the superseded field only, others have both: the larger one holds. */
function readCode(code: Fields<"OperatorCode">): Code {
  const names = enumNames("BuiltinOperator");
  const current: unknown = code.builtin_code;
  const index = typeof current === "number" ? current : names.indexOf(code.builtin_code ?? "ADD");
  const superseded = code.deprecated_builtin_code ?? 0;
  const builtin = names[superseded < PLACEHOLDER_CODE ? Math.max(index, superseded) : index];
  if (builtin === undefined)
    throw new TfliteError(`builtin operator ${index} is unknown: the file is newer than this reader, or damaged`);
  return {
    builtin: builtin as BuiltinName,
    version: code.version ?? 1,
    ...(builtin === "CUSTOM" && { customCode: code.custom_code ?? "" }),
  };
}

/** Bytes that lie outside the flatbuffer. Offsets 0 and 1 mean that there are none. */
function readOutside(
  bytes: Uint8Array,
  where: string,
  from: number | bigint = 0,
  length: number | bigint = 0,
): Uint8Array | undefined {
  const [offset, size] = [Number(from), Number(length)];
  if (offset <= 1) return undefined;
  if (offset + size > bytes.byteLength) {
    throw new TfliteError(
      `${where}: bytes ${offset} to ${offset + size} of a file of ${bytes.byteLength}: it is truncated or damaged`,
    );
  }
  return bytes.subarray(offset, offset + size);
}

function readExternal(model: Fields<"Model">): ReadonlyMap<number, ExternalBuffer> {
  const groups = model.external_buffer_groups ?? [];
  return new Map(
    (model.external_buffers ?? []).map((buffer) => [
      buffer.id ?? 0,
      {
        group: at(groups, buffer.group ?? 0, "external buffer group").name ?? "",
        offset: Number(buffer.offset ?? 0),
        byteLength: Number(buffer.length ?? 0),
        ...(buffer.packing !== undefined && { packing: buffer.packing }),
      },
    ]),
  );
}

/** What tensors and operators refer to. */
interface Shared {
  readonly bytes: Uint8Array;
  readonly codes: readonly Code[];
  readonly buffers: readonly (Uint8Array | undefined)[];
  readonly external: ReadonlyMap<number, ExternalBuffer>;
}

function readSubgraph(where: string, graph: Fields<"SubGraph">, shared: Shared): Subgraph {
  const debug = graph.debug_metadata_index ?? -1;
  return {
    ...(graph.name !== undefined && { name: graph.name }),
    tensors: (graph.tensors ?? []).map((tensor, i) => readTensor(`${where}: tensor ${i}`, tensor, shared)),
    inputs: graph.inputs ?? [],
    outputs: graph.outputs ?? [],
    operators: (graph.operators ?? []).map((op, i) => readOperator(`${where}: operator ${i}`, op, shared)),
    ...(debug !== -1 && { debugMetadataIndex: debug }),
  };
}

function readTensor(where: string, tensor: Fields<"Tensor">, { buffers, external }: Shared): Tensor {
  const type: unknown = tensor.type;
  const dtype = fileDTypes[enumNames("TensorType").indexOf(tensor.type ?? "FLOAT32")];
  if (dtype === undefined)
    throw new TfliteError(`${where}: element type ${type} is unknown: the file is newer than this reader, or damaged`);
  const buffer = at(buffers, tensor.buffer ?? 0, `${where}: buffer`);
  const outside = tensor.external_buffer ? external.get(tensor.external_buffer) : undefined;
  if (tensor.external_buffer && !outside)
    throw new TfliteError(`${where}: external buffer ${tensor.external_buffer} does not exist`);
  const quantization = tensor.quantization && readQuantization(tensor.quantization);
  return {
    ...(tensor.name !== undefined && { name: tensor.name }),
    dtype,
    // Older files leave has_rank out: no shape and no rank look the same there, and scalars are what they mean.
    shape: tensor.shape ?? [],
    ...(tensor.shape_signature?.length && { shapeSignature: tensor.shape_signature }),
    ...(buffer && { buffer }),
    ...(quantization && { quantization }),
    ...(tensor.is_variable && { isVariable: true }),
    ...(tensor.sparsity && { sparsity: tensor.sparsity }),
    ...(tensor.variant_tensors && { variantTensors: tensor.variant_tensors }),
    ...(outside && { externalBuffer: outside }),
  };
}

/** Converters write an empty table for "not quantized": that is no quantization. */
function readQuantization(q: Fields<"QuantizationParameters">): TensorQuantization | undefined {
  const some = (list: readonly number[] | undefined) => (list && list.length > 0 ? list : undefined);
  const [min, max] = [some(q.min), some(q.max)];
  const scale = q.scale ?? [];
  if (scale.length === 0 && !q.details && !min && !max) return undefined;
  return {
    scale,
    zeroPoint: scale.length > 0 ? (q.zero_point ?? []) : [],
    ...(q.quantized_dimension && { axis: q.quantized_dimension }),
    ...(min && { min }),
    ...(max && { max }),
    ...(q.details && { details: q.details }),
  };
}

function readOperator(where: string, op: Fields<"Operator">, { bytes, codes }: Shared): Operator {
  const options = op.builtin_options_2 ?? op.builtin_options;
  const debug = op.debug_metadata_index ?? -1;
  const custom =
    op.custom_options ?? readOutside(bytes, where, op.large_custom_options_offset, op.large_custom_options_size);
  return {
    ...at(codes, op.opcode_index ?? 0, `${where}: operator code`),
    inputs: op.inputs ?? [],
    outputs: op.outputs ?? [],
    ...(options && { options: { table: options.table as OptionsTable, fields: options.fields } }),
    ...(custom && { customOptions: custom }),
    ...(op.intermediates?.length && { intermediates: op.intermediates }),
    ...(op.mutating_variable_inputs?.length && { mutatingVariableInputs: op.mutating_variable_inputs }),
    ...(debug !== -1 && { debugMetadataIndex: debug }),
  };
}
