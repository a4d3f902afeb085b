import {
  type AnyOperands,
  type Attrs,
  type Compiler,
  type DType,
  isStatic,
  type Location,
  type OpDef,
  type Operands,
  type Rewriter,
  scalarData,
  tensorData,
  type Value,
} from "@tflower/core";
import type { Argument, ExportGraph, ExportNode } from "../schema/exported-program.ts";
import { ImportProblem, type Scope, tensorNames } from "./scope.ts";
import { fillsAttr, numberDType, readAttr, toRawAttr } from "./to-attr.ts";

/** Operands and attributes for a node of an op. */
export interface Bound {
  readonly operands: AnyOperands<Value>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** What binding needs from around it. */
export interface Binding {
  readonly scope: Scope;
  readonly compiler: Compiler;
  readonly rewriter: Rewriter;
  readonly location: Location;
  /** Imports a sub-graph and gives its name in the module. */
  readonly subgraph: (name: string, graph: ExportGraph) => string;
}

/** Sorts a node's arguments into operands and attributes as its op declares them. */
export function bindArguments(op: OpDef, node: ExportNode, b: Binding): Bound {
  // higher-order ops name no arguments
  if (node.inputs.length && node.inputs.every((i) => !i.name) && !op.traits.opaque) return byPosition(op, node, b);
  const operands: Record<string, Value | undefined | readonly (Value | undefined)[]> = {};
  const attrs: Record<string, unknown> = {};
  const beside = firstTensor(node, b.scope);
  node.inputs.forEach((input, i) => {
    const key = input.name || `arg${i}`;
    const operand = (op.operands as Operands)[key];
    const attr = (op.attrs as Attrs)[key];
    if (operand) operands[key] = operandOf(input.arg, operand.kind, beside, b);
    else if (attr && input.arg.kind === "graph") attrs[key] = b.subgraph(input.arg.name, input.arg.graph);
    else if (attr && fillsAttr(input.arg)) attrs[key] = readAttr(attr, toRawAttr(input.arg, b.scope));
    else {
      const declared = [...Object.keys(op.operands as Operands), ...Object.keys(op.attrs as Attrs)];
      throw new RangeError(
        `argument "${key}" is ${attr ? "a tensor, and should be a number" : `not one of ${declared.join(", ")}`}`,
      );
    }
  });
  for (const [k, spec] of Object.entries(op.operands as Operands))
    if ((spec.kind === "variadic" || spec.kind === "variadicOptional") && !operands[k]) operands[k] = [];
  return { operands, attrs };
}

/** Each argument goes to the next slot of its kind, and single tensors gather in the last, variadic one. */
function byPosition(op: OpDef, node: ExportNode, b: Binding): Bound {
  const operands: Record<string, Value | readonly Value[]> = {};
  const attrs: Record<string, unknown> = {};
  const specs = Object.entries(op.operands as Operands);
  const single = specs.filter(([, o]) => o.kind !== "variadic").map(([k]) => k);
  const lists = specs.filter(([, o]) => o.kind === "variadic").map(([k]) => k);
  const graphs = Object.entries(op.attrs as Attrs).filter(([, a]) => a.kind === "graph");
  const others = Object.entries(op.attrs as Attrs).filter(([, a]) => a.kind !== "graph");
  const gathered = lists.at(-1);
  for (const k of lists) operands[k] = [];
  // a list of tensors may name sizes as well
  const one = (name: string): Value =>
    b.scope.graph.symIntValues.has(name) ? sizeValue(name, "i64", b) : b.scope.valueOf(name);
  for (const { arg } of node.inputs) {
    if (arg.kind === "graph") {
      const slot = graphs.shift();
      if (!slot) throw new RangeError("it has more graphs than tflower expects");
      attrs[slot[0]] = b.subgraph(arg.name, arg.graph);
    } else if (arg.kind === "tensors" && lists.length) operands[lists.shift()!] = arg.names.map(one);
    else if (arg.kind === "tensor" || arg.kind === "symInt") {
      const slot = single.shift();
      if (slot) operands[slot] = one(arg.name);
      else if (gathered !== undefined)
        operands[gathered] = [...(operands[gathered] as readonly Value[]), one(arg.name)];
      else throw new RangeError("it has more tensor arguments than tflower expects");
    } else if (fillsAttr(arg) && others.length) {
      const [key, spec] = others.shift()!;
      attrs[key] = readAttr(spec, toRawAttr(arg, b.scope));
    } else
      throw new ImportProblem(
        "IMP0100",
        `it has an argument of kind "${arg.kind}" where tflower expects tensors`,
        "write the program so that control flow depends on tensors only",
      );
  }
  return { operands, attrs };
}

function firstTensor(node: ExportNode, scope: Scope): { dtype: DType; rank: number } | undefined {
  for (const { arg } of node.inputs) {
    const name = tensorNames(arg)[0];
    if (name !== undefined && scope.has(name)) {
      const { type } = scope.valueOf(name);
      return { dtype: type.dtype, rank: type.shape.length };
    }
  }
  return undefined;
}

function operandOf(
  arg: Argument,
  kind: string,
  beside: { dtype: DType; rank: number } | undefined,
  b: Binding,
): Value | undefined | readonly (Value | undefined)[] {
  const { scope, rewriter } = b;
  switch (arg.kind) {
    case "none":
      return undefined;
    case "tensor":
      return kind.startsWith("variadic")
        ? (scope.listOf(arg.name) ?? [scope.valueOf(arg.name)])
        : scope.valueOf(arg.name);
    case "tensors":
      return arg.names.map((n) => scope.valueOf(n));
    case "optionalTensors":
      return arg.names.map((n) => (n === null ? undefined : scope.valueOf(n)));
    case "int":
    case "float":
    case "bool":
      return rewriter.constant(scalarData(numberDType(arg.kind, beside), arg.value));
    case "symFloat":
      if (scope.has(arg.name)) return numberValue(arg.name, numberDType("float", beside), b);
      return rewriter.constant(scalarData(numberDType("float", beside), scope.floatOf(arg.name)));
    case "complex":
      return rewriter.constant(tensorData(numberDType("complex", beside), [], [arg.real, arg.imag]));
    case "symInt":
      return sizeValue(arg.name, numberDType("int", beside), b);
    default:
      throw new RangeError(`an argument of kind "${arg.kind}" cannot be a tensor`);
  }
}

/** A number that the program has read out of a tensor, as one of rank 0. */
function numberValue(name: string, dtype: DType, { scope, compiler, rewriter, location }: Binding): Value {
  const value = scope.valueOf(name);
  const cast = compiler.knownOps.get("aten._to_copy");
  if (value.type.dtype === dtype || !cast) return value;
  return rewriter.create(cast, { self: value } as never, { dtype }, { locations: [location] }).results[0]!;
}

/** A size as a tensor of rank 0. */
export function sizeValue(
  name: string,
  dtype: DType,
  { scope, compiler, rewriter, location }: Omit<Binding, "subgraph">,
): Value {
  const op = (wanted: string): OpDef => {
    const found = compiler.knownOps.get(wanted);
    if (!found) throw new RangeError(`it takes a size as a tensor, and no dialect in use declares ${wanted}`);
    return found;
  };
  const place = { locations: [location] };
  // the body of control flow gets sizes as inputs
  const d = scope.has(name) ? undefined : scope.dimOf(name);
  if (d !== undefined && isStatic(d)) return rewriter.constant(scalarData(dtype, d));
  const size =
    d === undefined ? scope.valueOf(name) : rewriter.create(op("core.dim"), {}, { expr: d }, place).results[0]!;
  return dtype === size.type.dtype
    ? size
    : rewriter.create(op("aten._to_copy"), { self: size } as never, { dtype }, place).results[0]!;
}
