import {
  type Constant,
  dataConstant,
  isStaticShape,
  showDim,
  type TensorType,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import { type QnnDataType, qnnDataTypeOf } from "./data-type.ts";
import { encodingOf, type QnnEncoding } from "./encoding.ts";
import {
  type QnnGraph,
  type QnnNode,
  type QnnScalar,
  type QnnTensor,
  type QnnTensorParameter,
  qnnPackage,
} from "./qnn-graph.ts";
import { refuse } from "./refusal.ts";

export const u32 = (value: number): QnnScalar => ({ dataType: "uint32", value });
export const i32 = (value: number): QnnScalar => ({ dataType: "int32", value });
export const f32 = (value: number): QnnScalar => ({ dataType: "float32", value });
export const bool = (value: boolean): QnnScalar => ({ dataType: "bool8", value: value ? 1 : 0 });
/** A parameter of unsigned numbers, a list unless `dims` says otherwise. */
export const u32s = (values: readonly number[], dims: readonly number[] = [values.length]): QnnTensorParameter => ({
  dataType: "uint32",
  dims,
  values,
});
/** A parameter of signed numbers. */
export const i32s = (values: readonly number[], dims: readonly number[] = [values.length]): QnnTensorParameter => ({
  dataType: "int32",
  dims,
  values,
});

/** What a node is made of beside its inputs and outputs. */
export interface QnnParameters {
  readonly scalars?: Readonly<Record<string, QnnScalar>>;
  readonly tensors?: Readonly<Record<string, QnnTensorParameter>>;
}

/** QNN's ranks: the HTP's kernels go up to five axes. */
export const mostAxes = 5;

/** The same elements along fewer axes, where there are more than the HTP has: ops that are no mere copies join axes of their own. */
function collapsed(shape: readonly number[]): readonly number[] {
  if (shape.length <= mostAxes) return shape;
  const wide = shape.filter((d) => d !== 1);
  const extra = wide.length - mostAxes;
  if (extra <= 0) return wide.length ? wide : [1];
  return [wide.slice(0, extra + 1).reduce((n, d) => n * d, 1), ...wide.slice(extra + 1)];
}

/** The extents of a tensor as QNN takes them. */
export function dimsOf(t: TensorType): readonly number[] {
  if (!isStaticShape(t.shape))
    return refuse(
      `a graph of QNN has fixed extents, and these are [${t.shape.map(showDim).join(",")}]`,
      "export the program with static shapes",
    );
  if (t.shape.some((d) => d === 0)) return refuse("tensors without elements do not exist in QNN");
  return t.shape.length ? collapsed(t.shape) : [1];
}

/** Makes a {@link QnnGraph}: values become tensors once, whoever reads them. */
export class QnnGraphBuilder {
  readonly name: string;
  private readonly tensors: QnnTensor[] = [];
  private readonly nodes: QnnNode[] = [];
  private readonly ids = new Map<Value, number>();
  private readonly statics = new Map<string, number>();
  private readonly inputs: number[] = [];
  private readonly outputs: number[] = [];
  private readonly names = new Set<string>();
  /** Prefix of the names of what is added next. */
  scope = "";

  constructor(name: string) {
    this.name = name;
  }

  /** Declares an input under a name. */
  input(value: Value, name: string): void {
    this.inputs.push(this.bind(value, this.add("in", name, value.type)));
  }
  /** Declares an output under a name; the node that gives it comes later. */
  output(value: Value, name: string): void {
    this.outputs.push(this.bind(value, this.add("out", name, value.type)));
  }
  /** The tensor of a value. */
  of(value: Value): number {
    const known = this.ids.get(value);
    if (known !== undefined) return known;
    if (value.constant) return this.bind(value, this.constant(value.constant, value.type));
    return this.bind(value, this.add("native", value.name ?? "value", value.type));
  }
  /** A static tensor, shared among those who ask for the same elements and type. */
  constant(data: Constant, type: TensorType = data.type, name = "constant"): number {
    const encoding = encodingOf(type);
    const key = `${data.key}|${qnnDataTypeOf(type)}|${type.shape.map(showDim).join(",")}|${JSON.stringify(encoding)}`;
    const known = this.statics.get(key);
    if (known !== undefined) return known;
    const id = this.push({
      kind: "static",
      name: this.unique(name),
      dataType: qnnDataTypeOf(type),
      dims: dimsOf(type),
      ...(encoding && { encoding }),
      data,
    });
    this.statics.set(key, id);
    return id;
  }
  /** A static tensor of plain numbers. */
  numbers(dtype: "f32" | "i32" | "u8" | "bool", dims: readonly number[], values: readonly number[]): number {
    return this.constant(dataConstant(tensorData(dtype, dims, values)));
  }
  /** A tensor between two nodes of one mapping. */
  between(type: TensorType): number {
    return this.add("native", `${this.scope}/between`, type);
  }
  /** One with an element type and encoding of its own. */
  raw(dataType: QnnDataType, dims: readonly number[], encoding?: QnnEncoding): number {
    return this.push({
      kind: "native",
      name: this.unique(`${this.scope}/between`),
      dataType,
      dims,
      ...(encoding && { encoding }),
    });
  }
  /** Adds a node. */
  node(
    type: string,
    inputs: readonly number[],
    outputs: readonly number[],
    { scalars = {}, tensors = {} }: QnnParameters = {},
  ): void {
    const name = this.unique(`${this.scope}/${type}`);
    this.nodes.push({ name, package: qnnPackage, type, inputs, outputs, scalars, tensors });
  }
  /** A tensor by its id. */
  tensor(id: number): QnnTensor {
    return this.tensors[id]!;
  }
  graph(): QnnGraph {
    return {
      name: this.name,
      tensors: this.tensors,
      inputs: this.inputs,
      outputs: this.outputs,
      nodes: this.nodes,
    };
  }

  private bind(value: Value, id: number): number {
    this.ids.set(value, id);
    return id;
  }
  private add(kind: QnnTensor["kind"], name: string, type: TensorType): number {
    const encoding = encodingOf(type);
    return this.push({
      kind,
      // those that a caller binds keep the name it knows them by
      name: kind === "native" ? this.unique(name) : name,
      dataType: qnnDataTypeOf(type),
      dims: dimsOf(type),
      ...(encoding && { encoding }),
    });
  }
  private push(t: Omit<QnnTensor, "id">): number {
    this.names.add(t.name);
    return this.tensors.push({ id: this.tensors.length, ...t }) - 1;
  }
  private unique(name: string): string {
    let free = name;
    for (let i = 1; this.names.has(free); i++) free = `${name}_${i}`;
    this.names.add(free);
    return free;
  }
}

/** A type with other extents. */
export const reshaped = (t: TensorType, shape: readonly number[]): TensorType => tensor(t.dtype, shape, t.quant);
