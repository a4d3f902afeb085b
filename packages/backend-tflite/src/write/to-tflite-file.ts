import {
  type Attr,
  type Attrs,
  CompileError,
  type Compiler,
  type Constant,
  compileError,
  constantByteLength,
  countOf,
  type Diagnostic,
  type Dim,
  type DType,
  dataConstant,
  f16ToNumber,
  type Graph,
  isStatic,
  type Module,
  mapOperands,
  type Node,
  numberToF16,
  reachableGraphs,
  residentData,
  showType,
  type TensorType,
  typeKey,
  type Value,
} from "@tflower/core";
import type { TfliteCode } from "../codes.ts";
import type { ParameterForm } from "../dialect/define-tfl.ts";
import { fileMetadata } from "../file/kept-metadata.ts";
import type {
  FileDType,
  NamedTensor,
  Operator,
  Signature,
  Subgraph,
  Tensor,
  TensorQuantization,
  TfliteFile,
} from "../file/tflite-file.ts";
import { fileDTypes } from "../file/tflite-file.ts";
import { leavesOneOpen } from "../passes/materialize-dims.ts";
import { type AnyFields, type BuiltinName, enumNames, fieldsOf, type OptionsTable } from "../schema/fields.ts";
import { packFlexMap } from "./flex-buffer.ts";
import { flexEntries, flexPairs } from "./flex-entries.ts";
import { changedFile, changedOperator, type OperatorDraft, settledOperator, tapHelp } from "./serialize-hooks.ts";
import { SharedBuffers } from "./shared-buffers.ts";

/**
 * A module of tfl ops as the plain data of a file. Constants stay lazy; those with equal keys share a buffer. The `serialize` hooks of
 * `compiler` see it and may change it. Throws a `CompileError` with every op that the stock runtime has no kernel for: such a file is
 * never written.
 */
export function toTfliteFile(module: Module, compiler?: Compiler): TfliteFile {
  // bodies of ops that are gone stay out; a module without signatures is all that there is
  const order = [...(module.signatures.length ? reachableGraphs(module) : module.graphs.map((g) => g.name))];
  const index = new Map(order.map((name, i) => [name, i]));
  const buffers = new SharedBuffers();
  const exports = order.map((name) => new GraphExport(module.find(name)!, index, buffers, compiler));
  const subgraphs = exports.map((e) => e.run());
  const problems = exports.flatMap((e) => e.problems);
  if (problems.length) throw new CompileError(problems);
  const signatures: Signature[] = module.signatures.map((s) =>
    exports[index.get(s.graph)!]!.signature(s.key, index.get(s.graph)!),
  );
  const metadata = fileMetadata(module.metadata);
  return changedFile({ description: "Made by tflower.", subgraphs, signatures, metadata }, module, compiler);
}

/** Small constants that came about in different ways may be equal: what they hold decides. */
function settled(c: Constant): Constant {
  const data = c.kind === "applied" && constantByteLength(c) <= comparedBytes ? residentData(c) : undefined;
  return data ? dataConstant(data) : c;
}
const comparedBytes = 64 * 1024;

/** The runtime counts elements in 32 bits; shapes that are known when it runs are its own affair. */
const mostElements = 2 ** 31 - 1;
const elementsOf = (v: Value): number =>
  v.type.shape.reduce<number>((n, d) => (typeof d === "number" ? n * d : Number.NaN), 1);
function tooLarge(node: Node, v: Value): Diagnostic {
  const location = node.locations[0];
  return {
    severity: "error",
    code: "TFL0003" satisfies TfliteCode,
    message: `LiteRT holds tensors of up to ${mostElements} elements; this is ${showType(v.type)}`,
    op: node.op.name,
    subject: node.describe(),
    ...(location && { location }),
    help: "make the program's tensors smaller; where PyTorch's are, this is a gap in a lowering: please report it",
  };
}

const gapHelp = "this is a gap in a lowering: it should have chosen another form; please report it";

class GraphExport {
  private readonly graph: Graph;
  private readonly graphs: ReadonlyMap<string, number>;
  private readonly buffers: SharedBuffers;
  private readonly compiler: Compiler | undefined;
  private readonly tensors: Tensor[] = [];
  private readonly uniqueName = uniqueNames();
  private readonly ids = new Map<Value, number>();
  private readonly constants = new Map<string, number>();
  /** What the runtime would refuse. */
  readonly problems: Diagnostic[] = [];

  constructor(graph: Graph, graphs: ReadonlyMap<string, number>, buffers: SharedBuffers, compiler?: Compiler) {
    this.graph = graph;
    this.graphs = graphs;
    this.buffers = buffers;
    this.compiler = compiler;
  }

  run(): Subgraph {
    const inputs = this.graph.inputs.map((v) => this.tensorOf(v));
    const operators: Operator[] = [];
    for (const node of this.graph.nodes) operators.push(this.operator(node));
    return {
      name: this.graph.name,
      tensors: this.tensors,
      inputs,
      outputs: this.graph.outputs.map((v) => this.tensorOf(v)),
      operators,
    };
  }

  signature(key: string, subgraph: number): Signature {
    const unique = uniqueNames();
    const inputs: NamedTensor[] = this.graph.inputs.map((v, i) => ({
      name: unique(v.name ?? `args_${i}`),
      tensor: this.tensorOf(v),
    }));
    const free = uniqueNames();
    const outputs: NamedTensor[] = this.graph.outputs.map((v, i) => ({
      name: free(this.graph.outputNames[i] ?? `output_${i}`),
      tensor: this.tensorOf(v),
    }));
    return { key, subgraph, inputs, outputs };
  }

  private tensorOf(v: Value): number {
    const known = this.ids.get(v);
    if (known !== undefined) return known;
    const constant = v.constant && settled(v.constant);
    const key = constant && `${constant.key}|${typeKey(v.type)}`;
    const shared = key === undefined ? undefined : this.constants.get(key);
    if (shared !== undefined) {
      this.ids.set(v, shared);
      return shared;
    }
    const id = this.tensors.length;
    // tools find tensors by their names
    const name = this.uniqueName(this.nameOf(v, id));
    const { quant } = v.type;
    this.tensors.push({
      name,
      ...fileType(v.type),
      // 64-bit accumulators have the product of their op's scales: where those are many no kernel reads them, and one is held to it
      ...(quant &&
        (v.type.dtype !== "i64" || quant.scales.length === 1) && {
          quantization: quant.block === undefined ? fileQuantization(quant) : blockwise(quant.block, id + 1),
        }),
      ...(constant && { buffer: this.buffers.of(constant) }),
    });
    if (quant?.block !== undefined) this.tensors.push(this.blockScales(v.type, name));
    this.ids.set(v, id);
    if (key !== undefined) this.constants.set(key, id);
    return id;
  }

  /** The scales of blocks are a tensor beside the quantized one. */
  private blockScales(t: TensorType, name: string): Tensor {
    const { scales, zeroPoints, block } = t.quant!;
    const shape = [...t.shape.slice(0, -1), Number(t.shape.at(-1)) / block!];
    // millions of them, in a large weight
    const halves = new Uint16Array(scales.length);
    let exact = true;
    for (let i = 0; i < halves.length; i++) {
      halves[i] = numberToF16(scales[i]!);
      exact &&= f16ToNumber(halves[i]!) === scales[i];
    }
    if (
      !shape.every(Number.isInteger) ||
      countOf(shape as number[]) !== scales.length ||
      zeroPoints.some((z) => z !== 0) ||
      !exact
    )
      throw compileError(
        "IR0006",
        `blocks of ${block} along the last axis of ${showType(t).slice(0, 80)} take ${shape.join(" x ")} scales that are float16 numbers, and zero points of 0`,
      );
    return { name: `${name}_scales`, dtype: "f16", shape: shape as number[], buffer: new Uint8Array(halves.buffer) };
  }

  /** A tensor that the runtime sets to zero once and then leaves to the op: one of its own for each use. */
  private variable(v: Value, node: Node, operand: string): number {
    const zeros = v.constant && residentData(v.constant);
    if (!zeros?.data.every((x: number | bigint) => Number(x) === 0))
      throw compileError(
        "IR0006",
        `"${node.op.name}" keeps "${operand}" from one run to the next, beginning with zeros, so the operand must be a constant of zeros`,
        { op: node.op.name, subject: node.describe() },
      );
    const { quant } = v.type;
    this.tensors.push({
      name: v.name ?? `${operand}_${this.tensors.length}`,
      ...fileType(v.type),
      ...(quant && { quantization: fileQuantization(quant) }),
      isVariable: true,
    });
    return this.tensors.length - 1;
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
      throw compileError("IR0006", `"${node.op.name}" is no op of the tfl dialect, and only those can be written`, {
        op: node.op.name,
        subject: node.describe(),
        ...(location && { location }),
      });
    }
    const inputs: number[] = [];
    for (const name of info.file) {
      const v = node.operands_[name];
      if (Array.isArray(v)) for (const x of v as readonly (Value | undefined)[]) inputs.push(x ? this.tensorOf(x) : -1);
      else if (v)
        inputs.push(info.variables?.includes(name) ? this.variable(v as Value, node, name) : this.tensorOf(v as Value));
      else if (info.parameters[name])
        inputs.push(this.parameter((node.attrs as Record<string, unknown>)[name], info.parameters[name], node, name));
      else inputs.push(-1);
    }
    while (inputs.at(-1) === -1) inputs.pop();
    const outputs = node.results.map((r) => this.tensorOf(r));
    const draft: OperatorDraft = {
      builtin: info.builtin as BuiltinName,
      inputs,
      outputs,
      ...(info.customCode !== undefined && { customCode: info.customCode, ...customOptions(node) }),
      ...(info.options !== undefined && {
        options: { table: info.options as OptionsTable, fields: this.fields(node) },
      }),
    };
    const changed = changedOperator(draft, node, this.compiler);
    const { operator, refused } = settledOperator(changed, this.tensors);
    if (refused !== undefined) {
      const location = node.locations[0];
      this.problems.push({
        severity: "error",
        code: "TFL0002",
        message: `LiteRT has no kernel for this use of ${operator.builtin}: ${refused}`,
        op: node.op.name,
        subject: node.describe(),
        ...(location && { location }),
        help: changed === draft ? gapHelp : tapHelp,
      });
    }
    for (const r of node.results) if (elementsOf(r) > mostElements) this.problems.push(tooLarge(node, r));
    return operator;
  }

  private fields(node: Node): AnyFields {
    const { op } = node;
    const attrs = node.attrs as Readonly<Record<string, unknown>>;
    const out: Record<string, unknown> = {
      ...op.traits.tfl!.derived?.({
        operands: mapOperands(node.operands_, (v) => v.type),
        attrs,
        results: node.results.map((r) => r.type),
      }),
    };
    const known = fieldsOf(op.traits.tfl!.options as OptionsTable);
    for (const [k, v] of Object.entries(out))
      if (known.get(k)?.type === "TensorType") out[k] = tensorTypeName(v as string);
    for (const [k, spec] of Object.entries(op.attrs as Attrs)) {
      const v = attrs[k];
      if (v === undefined || op.traits.tfl!.parameters[k]) continue;
      // bytes in a table of options are a FlexBuffer
      out[k] = known.get(k)?.type === "ubyte" ? packFlexMap(flexPairs(node, k, v), "plain") : this.field(spec, v);
    }
    return out as AnyFields;
  }

  private field(spec: Attr<any>, v: unknown): unknown {
    if (spec.kind === "list") return (v as readonly unknown[]).map((x) => this.field(spec.of!, x));
    return spec.kind === "graph"
      ? this.graphs.get(v as string)!
      : spec.kind === "dtype"
        ? tensorTypeName(v as string)
        : v;
  }

  private parameter(value: unknown, form: ParameterForm, node: Node, name: string): number {
    const scalar = form.endsWith("scalar");
    const wanted = (scalar ? [value] : value) as readonly Dim[];
    const dims = leavesOneOpen(node, name, wanted) ? wanted.map((d) => (isStatic(d) ? d : -1)) : wanted;
    if (!dims.every(isStatic))
      throw compileError("IR0006", `"${node.op.name}" has a symbolic "${name}" that no value computes`, {
        op: node.op.name,
        subject: node.describe(),
      });
    const dtype = form.startsWith("i64") ? "i64" : form.startsWith("f32") ? "f32" : "i32";
    const shape = scalar ? [] : form.endsWith("pairs") ? [dims.length / 2, 2] : [dims.length];
    const key = `parameter:${dtype}:${shape.join("x")}:${dims.join(",")}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const id = this.tensors.length;
    this.tensors.push({
      name: `${name}_${id}`,
      dtype,
      shape,
      buffer: this.buffers.numbers(dtype, dims as readonly number[]),
    });
    this.constants.set(key, id);
    return id;
  }
}

function customOptions(node: Node): Pick<Operator, "customOptions"> {
  const { rawOptions } = node.op.traits.tfl!;
  if (rawOptions === undefined) return { customOptions: packFlexMap(flexEntries(node), "typed") };
  const text = (node.attrs as Readonly<Record<string, unknown>>)[rawOptions];
  return typeof text === "string" ? { customOptions: Uint8Array.from(atob(text), (c) => c.charCodeAt(0)) } : {};
}

function uniqueNames(): (wanted: string) => string {
  const taken = new Map<string, number>();
  return (wanted) => {
    let name = wanted;
    let i = taken.get(wanted) ?? 0;
    while (taken.has(name)) name = `${wanted}_${++i}`;
    taken.set(wanted, i);
    if (name !== wanted) taken.set(name, 0);
    return name;
  };
}

const tensorTypeName = (dtype: string): string =>
  enumNames("TensorType")[(fileDTypes as readonly string[]).indexOf(dtype)]!;

function fileType(t: TensorType): Pick<Tensor, "dtype" | "shape" | "shapeSignature"> {
  if (!(fileDTypes as readonly string[]).includes(t.dtype))
    throw compileError("IR0002", `a .tflite has no element type for ${showType(t)}`);
  const dynamic = !t.shape.every(isStatic);
  return {
    dtype: t.dtype as Exclude<DType, "c32"> as FileDType,
    shape: t.shape.map((d) => (isStatic(d) ? d : 1)),
    ...(dynamic && { shapeSignature: t.shape.map((d) => (isStatic(d) ? d : -1)) }),
  };
}

const blockwise = (block: number, scales: number): TensorQuantization => ({
  scale: [],
  zeroPoint: [],
  details: { table: "BlockwiseQuantization", fields: { scales, zero_points: -1, block_size: block } },
});
const fileQuantization = (q: NonNullable<TensorType["quant"]>): TensorQuantization => ({
  scale: q.scales,
  zeroPoint: q.zeroPoints,
  ...(q.axis !== undefined && { axis: q.axis }),
});
