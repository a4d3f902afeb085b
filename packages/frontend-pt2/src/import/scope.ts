import { type Dim, type DType, dtypes, type TensorType, tensor, type Value } from "@tflower/core";
import type { ReadCode } from "../import-error.ts";
import type { TensorSubclass } from "../program.ts";
import type { ExportGraph, ExportNode, TensorMeta } from "../schema/exported-program.ts";
import type { SymNode } from "../schema/sym-expr.ts";
import { showExpr } from "./conditions.ts";
import type { ImportCode } from "./import-codes.ts";
import { exprToDim, toDim } from "./to-dim.ts";

/** Why one node cannot be imported; whoever imports it knows where it stands. */
export class ImportProblem extends Error {
  override readonly name = "ImportProblem";
  readonly code: ImportCode | ReadCode;
  readonly help: string | undefined;
  constructor(code: ImportCode | ReadCode, message: string, help?: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}

/** Names of tensors that an argument of any form gives or takes. */
export function tensorNames(arg: ExportNode["outputs"][number]): readonly string[] {
  if (arg.kind === "tensor") return [arg.name];
  if (arg.kind === "tensors") return arg.names;
  if (arg.kind === "optionalTensors") return arg.names.filter((n) => n !== null);
  if (arg.kind === "nestedTensors") return arg.names.flat();
  return [];
}

/** What the names of one graph stand for. Every name is defined once, and before it is read. */
export class Scope {
  readonly graph: ExportGraph;
  private readonly values = new Map<string, Value>();
  /** Lists of values under one name, as `split` gives them. */
  private readonly lists = new Map<string, readonly Value[]>();
  private readonly subclasses = new Map<string, TensorSubclass>();
  /** The node that defines each name that no input has. */
  private readonly definers = new Map<string, ExportNode>();

  constructor(graph: ExportGraph) {
    this.graph = graph;
    for (const node of graph.nodes)
      for (const o of node.outputs) for (const n of tensorNames(o)) this.definers.set(n, node);
  }

  define(name: string, value: Value): void {
    if (this.values.has(name) || this.subclasses.has(name))
      throw new ImportProblem("IMP0109", `it defines "${name}", which is defined already`);
    this.values.set(name, value);
  }
  defineList(name: string, values: readonly Value[]): void {
    this.lists.set(name, values);
  }
  defineSubclass(name: string, value: TensorSubclass): void {
    this.subclasses.set(name, value);
  }
  has(name: string): boolean {
    return this.values.has(name);
  }
  listOf(name: string): readonly Value[] | undefined {
    return this.lists.get(name);
  }
  subclassOf(name: string): TensorSubclass | undefined {
    return this.subclasses.get(name);
  }

  /** The value called `name`. */
  valueOf(name: string): Value {
    const v = this.values.get(name);
    if (v) return v;
    const subclass = this.subclasses.get(name);
    if (subclass)
      throw new ImportProblem(
        "IMP0110",
        `it reads "${name}", which is a ${subclass.class}: not one tensor but several (${[...subclass.inner.keys()].join(", ")})`,
        "export the module with plain tensors: torch.export of a module unwrapped by torchao.utils.unwrap_tensor_subclass",
      );
    const definer = this.definers.get(name);
    throw new ImportProblem(
      "IMP0108",
      definer
        ? `it reads "${name}", which only a later node defines ("${definer.name || definer.target}"): the nodes are out of order, or go in a circle`
        : `it reads "${name}", which nothing in the graph defines`,
    );
  }
  typeOf(meta: TensorMeta): TensorType {
    if (!Object.hasOwn(dtypes, meta.dtype))
      throw new ImportProblem(
        "IMP0100",
        `its dtype ${meta.dtype} has no counterpart in tflower`,
        "convert it to another dtype before exporting",
      );
    return tensor(meta.dtype as DType, meta.sizes.map(toDim));
  }
  /** The type that the graph states for a tensor. */
  typeNamed(name: string): TensorType {
    const meta = this.graph.tensorValues.get(name);
    if (!meta) throw new ImportProblem("IMP0108", `the graph does not state the type of "${name}"`);
    return this.typeOf(meta);
  }
  dimOf = (name: string): Dim => {
    const v = this.graph.symIntValues.get(name);
    if (v === undefined)
      throw new ImportProblem("IMP0108", `it reads the size "${name}", which the graph does not state`);
    return typeof v === "object" ? exprToDim(v.expr) : Number(v);
  };
  /** A float that the program computes from sizes: known only where it turns out not to depend on them. */
  floatOf = (name: string): number => {
    const v = this.graph.symFloatValues.get(name);
    if (v === undefined)
      throw new ImportProblem("IMP0108", `it reads the number "${name}", which the graph does not state`);
    if (typeof v === "number") return v;
    if (v.expr.kind === "float" || v.expr.kind === "int") return Number(v.expr.value);
    throw new ImportProblem(
      "IMP0100",
      `it takes the number ${showExpr(v.expr)}, which depends on the program's inputs`,
      "export the program with these sizes fixed",
    );
  };
  boolOf = (name: string): boolean => {
    const expr = this.conditionOf(name);
    if (expr.kind === "bool") return expr.value;
    throw new ImportProblem(
      "IMP0100",
      `it depends on whether ${showExpr(expr)}, which only a run knows`,
      "export the program with these sizes fixed",
    );
  };
  /** The expression behind a truth value. */
  conditionOf(name: string): SymNode {
    const v = this.graph.symBoolValues.get(name);
    if (v === undefined)
      throw new ImportProblem("IMP0108", `it reads the truth value "${name}", which the graph does not state`);
    return typeof v === "object" ? v.expr : { kind: "bool", value: v };
  }
}
