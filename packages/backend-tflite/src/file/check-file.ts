import { enumNames, unionTables } from "../schema/fields.ts";
import { optionsTable } from "./builtin-options.ts";
import {
  type FileDType,
  fileDTypes,
  type Operator,
  type Subgraph,
  type Tensor,
  type TfliteFile,
} from "./tflite-file.ts";

/** Bits of an element; types without a fixed size are missing. */
const BITS: Partial<Record<FileDType, number>> = {
  f64: 64,
  f32: 32,
  f16: 16,
  bf16: 16,
  f8e4m3: 8,
  f8e5m2: 8,
  i64: 64,
  i32: 32,
  i16: 16,
  i8: 8,
  i4: 4,
  i2: 2,
  u64: 64,
  u32: 32,
  u16: 16,
  u8: 8,
  u4: 4,
  bool: 8,
  c64: 64,
  c128: 128,
};

/** Bytes that the data of a tensor takes, or `undefined` when shape and element type do not say. */
export function tensorBytes(dtype: FileDType, shape: readonly number[]): number | undefined {
  const bits = BITS[dtype];
  return bits && Math.ceil((bits * shape.reduce((product, extent) => product * extent, 1)) / 8);
}

/** Everything about `file` that would make a runtime refuse it before it looks at a kernel. Empty when nothing is. */
export function checkFile(file: TfliteFile): string[] {
  const problems: string[] = [];
  if (file.subgraphs.length === 0) problems.push("there is no subgraph");
  for (const [i, graph] of file.subgraphs.entries()) {
    const where = graph.name ? `subgraph ${i} (${graph.name})` : `subgraph ${i}`;
    for (const problem of checkSubgraph(graph)) problems.push(`${where}: ${problem}`);
  }
  const keys = new Set<string>();
  for (const { key, subgraph, inputs, outputs } of file.signatures ?? []) {
    const where = `signature "${key}"`;
    if (keys.has(key)) problems.push(`${where}: the key is used twice`);
    keys.add(key);
    const graph = file.subgraphs[subgraph];
    if (!graph) problems.push(`${where}: there is no subgraph ${subgraph}`);
    for (const { name, tensor } of [...inputs, ...outputs]) {
      if (graph && !graph.tensors[tensor])
        problems.push(`${where}: "${name}" is tensor ${tensor} of ${graph.tensors.length}`);
    }
  }
  return problems;
}

function* checkSubgraph(graph: Subgraph): Generator<string> {
  const count = graph.tensors.length;
  const inside = (index: number): boolean => Number.isInteger(index) && index >= 0 && index < count;
  for (const index of [...graph.inputs, ...graph.outputs])
    if (!inside(index)) yield `an input or output is tensor ${index} of ${count}`;
  for (const [i, tensor] of graph.tensors.entries()) {
    for (const problem of checkTensor(tensor, count))
      yield `tensor ${i}${tensor.name ? ` (${tensor.name})` : ""}: ${problem}`;
  }
  const made = new Set<number>(graph.inputs);
  for (const [i, op] of graph.operators.entries()) {
    const where = `operator ${i} (${op.customCode ?? op.builtin})`;
    for (const problem of checkOperator(op)) yield `${where}: ${problem}`;
    for (const index of op.inputs) {
      if (index === -1) continue;
      if (!inside(index)) yield `${where}: an operand is tensor ${index} of ${count}`;
      else if (!made.has(index) && !isGiven(graph.tensors[index]!))
        yield `${where}: operand ${index} is computed by no operator before it`;
    }
    for (const index of op.outputs) {
      if (!inside(index)) yield `${where}: a result is tensor ${index} of ${count}`;
      made.add(index);
    }
    for (const index of op.intermediates ?? [])
      if (index !== -1 && !inside(index)) yield `${where}: an intermediate is tensor ${index} of ${count}`;
  }
  for (const index of graph.outputs) {
    if (inside(index) && !made.has(index) && !isGiven(graph.tensors[index]!))
      yield `output ${index} is computed by no operator`;
  }
}

const isGiven = (tensor: Tensor): boolean => !!(tensor.buffer || tensor.isVariable || tensor.externalBuffer);

function* checkTensor(tensor: Tensor, count: number): Generator<string> {
  const { dtype, shape, shapeSignature: signature, buffer, quantization: q } = tensor;
  if (!fileDTypes.includes(dtype)) yield `no element type is called "${dtype}"`;
  for (const extent of shape ?? []) {
    if (!Number.isInteger(extent) || extent < 0 || extent > 0x7fffffff)
      yield `an extent is ${extent}; a dynamic one is written as 1 and -1 in the signature`;
  }
  if (
    signature &&
    (signature.length !== shape?.length || signature.some((extent, i) => extent !== -1 && extent !== shape[i]))
  ) {
    yield `the shape signature [${signature}] does not fit the shape [${shape}]`;
  }
  if (buffer) {
    const expected = shape && tensorBytes(dtype, shape);
    if (expected !== undefined && !tensor.sparsity && buffer.byteLength !== expected) {
      yield `${dtype}[${shape}] takes ${expected} bytes, its data has ${buffer.byteLength}`;
    }
    if (tensor.isVariable || tensor.externalBuffer)
      yield "a constant can be neither a variable nor in an external buffer";
  }
  if (!q) return;
  const axis = q.axis ?? 0;
  if (q.scale.length !== q.zeroPoint.length)
    yield `there are ${q.scale.length} scales and ${q.zeroPoint.length} zero points`;
  if (shape && shape.length > 0 && (axis < 0 || axis >= shape.length))
    yield `the quantized axis is ${axis}, the rank is ${shape.length}`;
  else if (q.scale.length > 1 && shape && shape.length > 0 && shape[axis] !== q.scale.length) {
    yield `there are ${q.scale.length} scales for axis ${axis} of [${shape}]`;
  }
  if (q.details && q.details.table !== "CustomQuantization") {
    const { scales, zero_points: zeroPoints } = q.details.fields as { scales?: number; zero_points?: number };
    for (const index of [scales ?? 0, zeroPoints ?? 0])
      if (index < -1 || index >= count) yield `quantization refers to tensor ${index} of ${count}`;
  }
}

function* checkOperator(op: Operator): Generator<string> {
  if (!enumNames("BuiltinOperator").includes(op.builtin)) yield `no builtin is called "${op.builtin}"`;
  if ((op.builtin === "CUSTOM") !== (op.customCode !== undefined))
    yield "a custom code belongs to CUSTOM and to nothing else";
  if (!Number.isInteger(op.version) || op.version < 1) yield `the version is ${op.version}`;
  const { options } = op;
  if (
    options &&
    !unionTables("BuiltinOptions").includes(options.table) &&
    !unionTables("BuiltinOptions2").includes(options.table)
  ) {
    yield `no table of options is called "${options.table}"`;
  }
  const read = optionsTable(op.builtin);
  if (options && read !== undefined && options.table !== read) yield `the runtime reads ${read}, not ${options.table}`;
}
