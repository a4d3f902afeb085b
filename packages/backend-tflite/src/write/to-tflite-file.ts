import {
  type Attrs,
  type Constant,
  CompileError,
  compileError,
  constantByteLength,
  constantChunks,
  type Diagnostic,
  type Dim,
  type DType,
  type Graph,
  encode,
  isStatic,
  mapOperands,
  type Module,
  type Node,
  showType,
  tensorData,
  type TensorType,
  type Value,
} from "@tflower/core";
import type { AnyFields, BuiltinName, OptionsTable } from "../schema/fields.ts";
import type { FileDType, LazyBuffer, NamedTensor, Operator, Signature, Subgraph, Tensor, TensorQuantization, TfliteFile } from "../file/tflite-file.ts";
import { fileDTypes } from "../file/tflite-file.ts";
import type { ParameterForm } from "../dialect/define-tfl.ts";
import { leavesOneOpen } from "../passes/materialize-dims.ts";
import { packFlexMap } from "./flex-buffer.ts";
import { checkKernel } from "../file/kernels.ts";
import { opVersion } from "../file/op-versions.ts";
import { describeOperator } from "./describe-operator.ts";

/**
 * A module of tfl ops as the plain data of a file. Constants stay lazy; those with equal keys share a buffer.
 * Throws a `CompileError` with every op that the stock runtime has no kernel for: such a file is never written.
 */
export function toTfliteFile(module: Module): TfliteFile {
  const order = [...new Set([...module.signatures.map((s) => s.graph), ...module.graphs.map((g) => g.name)])];
  const index = new Map(order.map((name, i) => [name, i]));
  const buffers = new SharedBuffers();
  const exports = order.map((name) => new GraphExport(module.find(name)!, index, buffers));
  const subgraphs = exports.map((e) => e.run());
  const problems = exports.flatMap((e) => e.problems);
  if (problems.length) throw new CompileError(problems);
  const signatures: Signature[] = module.signatures.map((s) => exports[index.get(s.graph)!]!.signature(s.key, index.get(s.graph)!));
  return {
    description: "Made by tflower.",
    subgraphs,
    signatures,
    metadata: [...module.metadata].filter(([k]) => k.startsWith("tflower.")).map(([name, text]) => ({ name, bytes: new TextEncoder().encode(text) })),
  };
}

/** Buffers by what they hold. */
class SharedBuffers {
  private readonly byKey = new Map<string, LazyBuffer>();
  private readonly small = new Map<string, Uint8Array>();

  of(constant: Constant): LazyBuffer {
    // the type's shape does not matter to the bytes, but it is part of a key: sharing across shapes is left to identical leaves
    let b = this.byKey.get(constant.key);
    if (!b) {
      b = { byteLength: constantByteLength(constant), chunks: () => constantChunks(constant) };
      this.byKey.set(constant.key, b);
    }
    return b;
  }
  numbers(dtype: "i32" | "i64" | "f32", values: readonly number[]): Uint8Array {
    const key = `${dtype}:${values.join(",")}`;
    let b = this.small.get(key);
    if (!b) {
      b = encode(tensorData(dtype, [values.length], values));
      this.small.set(key, b);
    }
    return b;
  }
}

class GraphExport {
  private readonly graph: Graph;
  private readonly graphs: ReadonlyMap<string, number>;
  private readonly buffers: SharedBuffers;
  private readonly tensors: Tensor[] = [];
  private readonly ids = new Map<Value, number>();
  private readonly constants = new Map<string, number>();
  /** What the runtime would refuse. */
  readonly problems: Diagnostic[] = [];

  constructor(graph: Graph, graphs: ReadonlyMap<string, number>, buffers: SharedBuffers) {
    this.graph = graph;
    this.graphs = graphs;
    this.buffers = buffers;
  }

  run(): Subgraph {
    const inputs = this.graph.inputs.map((v) => this.tensorOf(v));
    const operators: Operator[] = [];
    for (const node of this.graph.nodes) operators.push(this.operator(node));
    return { name: this.graph.name, tensors: this.tensors, inputs, outputs: this.graph.outputs.map((v) => this.tensorOf(v)), operators };
  }

  signature(key: string, subgraph: number): Signature {
    const unique = uniqueNames();
    const inputs: NamedTensor[] = this.graph.inputs.map((v, i) => ({ name: unique(v.name ?? `args_${i}`), tensor: this.tensorOf(v) }));
    const free = uniqueNames();
    const outputs: NamedTensor[] = this.graph.outputs.map((v, i) => ({ name: free(this.graph.outputNames[i] ?? `output_${i}`), tensor: this.tensorOf(v) }));
    return { key, subgraph, inputs, outputs };
  }

  private tensorOf(v: Value): number {
    const known = this.ids.get(v);
    if (known !== undefined) return known;
    const shared = v.constant && this.constants.get(`${v.constant.key}|${showType(v.type)}`);
    if (shared !== undefined) {
      this.ids.set(v, shared);
      return shared;
    }
    const id = this.tensors.length;
    this.tensors.push({
      name: this.nameOf(v, id),
      ...fileType(v.type),
      ...(v.constant && { buffer: this.buffers.of(v.constant) }),
    });
    this.ids.set(v, id);
    if (v.constant) this.constants.set(`${v.constant.key}|${showType(v.type)}`, id);
    return id;
  }

  /** Tensor names are what profilers and viewers show: the module path says more than a counter. */
  private nameOf(v: Value, id: number): string {
    const input = this.graph.inputs.indexOf(v);
    if (input >= 0 || v.constant) return v.name ?? `${v.constant ? "constant" : "args"}_${id}`;
    const output = this.graph.outputs.indexOf(v);
    if (output >= 0 && this.graph.outputNames[output]) return this.graph.outputNames[output]!;
    const node = v.producer;
    const where = node?.locations[0]?.module;
    const what = v.name ?? `${node?.op.name.slice(node.op.name.indexOf(".") + 1) ?? "value"}_${id}`;
    return where ? `${where}/${what}` : what;
  }

  private operator(node: Node): Operator {
    const info = node.op.traits.tfl;
    if (!info) {
      const location = node.locations[0];
      throw compileError("IR0006", `"${node.op.name}" is no op of the tfl dialect, and only those can be written`, { op: node.op.name, subject: node.describe(), ...(location && { location }) });
    }
    const inputs: number[] = [];
    for (const name of info.file) {
      const v = node.operands_[name];
      if (Array.isArray(v)) for (const x of v as readonly (Value | undefined)[]) inputs.push(x ? this.tensorOf(x) : -1);
      else if (v) inputs.push(this.tensorOf(v as Value));
      else if (info.parameters[name]) inputs.push(this.parameter((node.attrs as Record<string, unknown>)[name], info.parameters[name], node, name));
      else inputs.push(-1);
    }
    while (inputs.at(-1) === -1) inputs.pop();
    const outputs = node.results.map((r) => this.tensorOf(r));
    const operator = {
      builtin: info.builtin as BuiltinName,
      inputs,
      outputs,
      ...(info.customCode !== undefined && { customCode: info.customCode, customOptions: packFlexMap(plainAttrs(node)) }),
      ...(info.options !== undefined && { options: { table: info.options as OptionsTable, fields: this.fields(node) } }),
    };
    const description = describeOperator(operator, this.tensors);
    const why = checkKernel(description);
    if (why !== undefined) {
      const location = node.locations[0];
      this.problems.push({
        severity: "error",
        code: "TFL0002",
        message: `LiteRT has no kernel for this use of ${info.builtin}: ${why}`,
        op: node.op.name,
        subject: node.describe(),
        ...(location && { location }),
        help: "this is a gap in a lowering: it should have chosen another form; please report it",
      });
    }
    return { ...operator, version: opVersion(description) };
  }

  private fields(node: Node): AnyFields {
    const { op } = node;
    const attrs = node.attrs as Readonly<Record<string, unknown>>;
    const out: Record<string, unknown> = {
      ...op.traits.tfl!.derived?.({ operands: mapOperands(node.operands_, (v) => v.type), attrs, results: node.results.map((r) => r.type) }),
    };
    for (const [k, v] of Object.entries(out)) if (typeof v === "string" && v in tensorTypeNames) out[k] = tensorTypeNames[v as FileDType];
    for (const [k, spec] of Object.entries(op.attrs as Attrs)) {
      const v = attrs[k];
      if (v === undefined || op.traits.tfl!.parameters[k]) continue;
      out[k] = spec.kind === "graph" ? this.graphs.get(v as string)! : spec.kind === "dtype" ? tensorTypeNames[v as FileDType] : v;
    }
    return out as AnyFields;
  }

  private parameter(value: unknown, form: ParameterForm, node: Node, name: string): number {
    const scalar = form.endsWith("scalar");
    const wanted = (scalar ? [value] : value) as readonly Dim[];
    const dims = leavesOneOpen(node, name, wanted) ? wanted.map((d) => (isStatic(d) ? d : -1)) : wanted;
    if (!dims.every(isStatic)) throw compileError("IR0006", `"${node.op.name}" has a symbolic "${name}" that no value computes`, { op: node.op.name, subject: node.describe() });
    const dtype = form.startsWith("i64") ? "i64" : form.startsWith("f32") ? "f32" : "i32";
    const shape = scalar ? [] : form.endsWith("pairs") ? [dims.length / 2, 2] : [dims.length];
    const key = `parameter:${dtype}:${shape.join("x")}:${dims.join(",")}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const id = this.tensors.length;
    this.tensors.push({ name: `${name}_${id}`, dtype, shape, buffer: this.buffers.numbers(dtype, dims as readonly number[]) });
    this.constants.set(key, id);
    return id;
  }
}

/** A custom op's attributes, as its kernel reads them from the FlexBuffer map. */
function plainAttrs(node: Node): Readonly<Record<string, unknown>> {
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(node.op.attrs as Attrs).filter((k) => attrs[k] !== undefined && !node.op.traits.tfl!.parameters[k]).map((k) => [k, attrs[k]]));
}

function uniqueNames(): (wanted: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    let name = wanted;
    for (let i = 1; taken.has(name); i++) name = `${wanted}_${i}`;
    taken.add(name);
    return name;
  };
}

const tensorTypeNames: Readonly<Partial<Record<FileDType, string>>> = {
  f32: "FLOAT32",
  f16: "FLOAT16",
  bf16: "BFLOAT16",
  f64: "FLOAT64",
  i64: "INT64",
  i32: "INT32",
  i16: "INT16",
  i8: "INT8",
  i4: "INT4",
  i2: "INT2",
  u64: "UINT64",
  u32: "UINT32",
  u16: "UINT16",
  u8: "UINT8",
  u4: "UINT4",
  bool: "BOOL",
  c64: "COMPLEX64",
  c128: "COMPLEX128",
  string: "STRING",
  resource: "RESOURCE",
};

function fileType(t: TensorType): Pick<Tensor, "dtype" | "shape" | "shapeSignature" | "quantization"> {
  if (!(fileDTypes as readonly string[]).includes(t.dtype)) throw compileError("IR0002", `a .tflite has no element type for ${showType(t)}`);
  const dynamic = !t.shape.every(isStatic);
  return {
    dtype: t.dtype as Exclude<DType, "c32"> as FileDType,
    shape: t.shape.map((d) => (isStatic(d) ? d : 1)),
    ...(dynamic && { shapeSignature: t.shape.map((d) => (isStatic(d) ? d : -1)) }),
    ...(t.quant && { quantization: fileQuantization(t.quant) }),
  };
}

const fileQuantization = (q: NonNullable<TensorType["quant"]>): TensorQuantization => ({ scale: q.scales, zeroPoint: q.zeroPoints, ...(q.axis !== undefined && { axis: q.axis }) });
