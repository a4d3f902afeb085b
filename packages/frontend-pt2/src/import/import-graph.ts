import {
  type AnyOperands,
  type Attrs,
  CompileError,
  type Compiler,
  compatibleType,
  type Diagnostic,
  type Dim,
  type DType,
  dtypes,
  type Graph,
  inferTypes,
  type Location,
  type Node,
  type OpDef,
  type Operands,
  Rewriter,
  showType,
  type TensorType,
  tensor,
  scalarData,
  tensorData,
  type Value,
} from "@tflower/core";
import type { Argument, ExportGraph, ExportNode, TensorMeta } from "../schema/exported-program.ts";
import { isViewOf } from "./is-view-of.ts";
import { opaqueOp, opNameOf } from "./opaque-op.ts";
import { fillsAttr, numberDType, readAttr, toRawAttr } from "./to-attr.ts";
import { exprToDim, toDim } from "./to-dim.ts";
import { toLocation } from "./to-location.ts";

/** What importing a graph needs from around it. */
export interface GraphImport {
  readonly compiler: Compiler;
  readonly report: (d: Diagnostic) => void;
  /** Imports a sub-graph and gives its name in the module. */
  readonly subgraph: (name: string, graph: ExportGraph) => string;
}

/** Nodes that only compute with sizes: the file states the results as expressions, so nothing is left to do. */
const sizeArithmetic =
  /^(_operator\.(?!getitem)|math\.|torch\.sym_|builtins\.|torch\.ops\.aten\.sym_(size|stride|numel|storage_offset))/;

/** Nodes that only assert. */
const guards = /^torch\.ops\.aten\.(_assert_scalar|sym_constrain_range|sym_constrain_range_for_size)\./;

/** Turns the nodes of one graph of the file into IR. `env` holds its inputs already. */
export class GraphImporter {
  private readonly rewriter: Rewriter;
  private readonly from: ExportGraph;
  private readonly env: Map<string, Value>;
  /** Lists of values under one name, as `split` gives them. */
  private readonly lists = new Map<string, readonly (Value | undefined)[]>();
  private readonly context: GraphImport;

  constructor(graph: Graph, from: ExportGraph, env: Map<string, Value>, context: GraphImport) {
    this.rewriter = new Rewriter(graph);
    this.from = from;
    this.env = env;
    this.context = context;
  }

  run(): void {
    for (const node of this.from.nodes) {
      if (sizeArithmetic.test(node.target)) continue;
      const location = toLocation(node);
      if (guards.test(node.target) && this.guardsSizes(node, location)) continue;
      try {
        this.importNode(node, location);
      } catch (e) {
        const problems: readonly Diagnostic[] =
          e instanceof CompileError
            ? e.diagnostics
            : [
                {
                  severity: "error",
                  code: "IMP0100",
                  message: `"${opNameOf(node.target)}" cannot be imported: ${(e as Error).message}`,
                },
              ];
        for (const d of problems) this.context.report({ op: opNameOf(node.target), location, ...d });
        this.invent(node);
      }
    }
  }

  /**
   * A guard on sizes states what the program takes as input, which the symbols' ranges say too; one on a value computed from data
   * can only be dropped, and the user is told. Guards on tensors stay, for their lowering to decide.
   */
  private guardsSizes(node: ExportNode, location: Location): boolean {
    const condition = node.inputs[0]?.arg;
    if (condition?.kind === "tensor") return false;
    const value = condition?.kind === "symBool" ? this.from.symBoolValues.get(condition.name) : undefined;
    const text = typeof value === "object" ? value.text : condition?.kind === "symBool" ? condition.name : "";
    // unbacked symbols are u0, u1, ...: they come from the contents of a tensor
    if (/\bu\d+\b/.test(text))
      this.context.report({
        severity: "warning",
        code: "IMP0107",
        message: `the program asserts ${text} about a value that it computes; a .tflite has no asserts, so this one is dropped`,
        op: opNameOf(node.target),
        location,
      });
    return true;
  }

  /** Gives the results of a node that failed types anyway, so that the rest is still checked. */
  private invent(node: ExportNode): void {
    for (const out of node.outputs) {
      const make = (name: string): Value => {
        const meta = this.from.tensorValues.get(name);
        let type = tensor("f32", []);
        try {
          if (meta) type = this.typeOf(meta);
        } catch {
          // the type itself was the problem
        }
        const v = this.rewriter.constant(tensorData("f32", [], [0]));
        v.type = type;
        return v;
      };
      if (out.kind === "tensor") this.env.set(out.name, make(out.name));
      if (out.kind === "tensors") for (const n of out.names) this.env.set(n, make(n));
    }
  }

  /** The value called `name`. */
  valueOf(name: string): Value {
    const v = this.env.get(name);
    if (!v) throw new RangeError(`it reads "${name}", which nothing in the graph defines`);
    return v;
  }
  typeOf(meta: TensorMeta): TensorType {
    if (!Object.hasOwn(dtypes, meta.dtype))
      throw new RangeError(`its dtype ${meta.dtype} has no counterpart in tflower`);
    return tensor(meta.dtype as DType, meta.sizes.map(toDim));
  }
  dimOf = (name: string): Dim => {
    const v = this.from.symIntValues.get(name);
    if (v === undefined) throw new RangeError(`it reads the size "${name}", which the graph does not state`);
    return typeof v === "object" ? exprToDim(v.expr) : Number(v);
  };

  private importNode(node: ExportNode, location: Location): void {
    if (node.target === "_operator.getitem") return this.importGetItem(node);
    const name = opNameOf(node.target);
    const op = this.context.compiler.knownOps.get(name) ?? opaqueOp(name, node);
    const { operands, attrs } = this.bindArguments(op, node);
    const types = this.resultTypes(node);
    const made = this.rewriter.create(op, operands as never, attrs, {
      locations: [location],
      ...((types.length || !op.infer) && { types }),
    }) as unknown as Node;
    if (types.length) this.checkTypes(made, types, location);
    this.bindResults(node, this.copies(node, made) ? this.copyOf(made, location) : made);
  }

  /** Whether a view that may copy has copied: then what is written to it later does not reach its base. */
  private copies(node: ExportNode, made: Node): boolean {
    const { view, maybeCopies } = made.op.traits;
    if (!view || !maybeCopies) return false;
    const from = node.inputs.find((i) => i.name === view.operand)?.arg;
    const to = node.outputs[0];
    const before = from?.kind === "tensor" ? this.from.tensorValues.get(from.name) : undefined;
    const after = to?.kind === "tensor" ? this.from.tensorValues.get(to.name) : undefined;
    return before !== undefined && after !== undefined && before.dtype === after.dtype && !isViewOf(before, after);
  }
  private copyOf(made: Node, location: Location): Node {
    const clone = this.context.compiler.knownOps.get("aten.clone");
    return clone
      ? (this.rewriter.create(clone, { self: made.result } as never, {}, { locations: [location] }) as unknown as Node)
      : made;
  }

  private importGetItem(node: ExportNode): void {
    const [list, index] = node.inputs.map((i) => i.arg);
    const out = node.outputs[0];
    const k = index?.kind === "int" ? Number(index.value) : -1;
    const values =
      list?.kind === "tensor"
        ? this.lists.get(list.name)
        : list?.kind === "tensors"
          ? list.names.map((n) => this.env.get(n))
          : undefined;
    const v = values?.[k];
    if (!v || out?.kind !== "tensor") throw new RangeError("it picks something that is no tensor of a list");
    this.env.set(out.name, v);
  }

  /** Sorts a node's arguments into operands and attributes as its op declares them. */
  private bindArguments(op: OpDef, node: ExportNode): { operands: AnyOperands<Value>; attrs: Record<string, unknown> } {
    const operands: Record<string, Value | undefined | readonly (Value | undefined)[]> = {};
    const attrs: Record<string, unknown> = {};
    const declared = [...Object.keys(op.operands as Operands), ...Object.keys(op.attrs as Attrs)];
    const beside = this.firstTensor(node);
    if (node.inputs.length && node.inputs.every((i) => !i.name) && !op.traits.opaque)
      return this.bindByPosition(op, node);
    node.inputs.forEach((input, i) => {
      const key = input.name || `arg${i}`;
      const spec = (op.operands as Operands)[key];
      if (spec) operands[key] = this.operandOf(input.arg, spec.kind, beside);
      else if ((op.attrs as Attrs)[key] && input.arg.kind === "graph")
        attrs[key] = this.context.subgraph(input.arg.name, input.arg.graph);
      else if ((op.attrs as Attrs)[key] && fillsAttr(input.arg))
        attrs[key] = readAttr((op.attrs as Attrs)[key]!, toRawAttr(input.arg, this.dimOf));
      else throw new RangeError(`argument "${key}" is not one of ${declared.join(", ")}`);
    });
    for (const [k, spec] of Object.entries(op.operands as Operands))
      if ((spec.kind === "variadic" || spec.kind === "variadicOptional") && !operands[k]) operands[k] = [];
    return { operands, attrs };
  }

  /** Higher-order ops name no arguments: each goes to the next slot of its kind, and single tensors gather in the last, variadic one. */
  private bindByPosition(
    op: OpDef,
    node: ExportNode,
  ): { operands: AnyOperands<Value>; attrs: Record<string, unknown> } {
    const operands: Record<string, Value | readonly Value[]> = {};
    const attrs: Record<string, unknown> = {};
    const slots = Object.entries(op.operands as Operands).map(([name, o]) => ({ name, list: o.kind === "variadic" }));
    const graphs = Object.entries(op.attrs as Attrs).filter(([, a]) => a.kind === "graph");
    const others = Object.entries(op.attrs as Attrs).filter(([, a]) => a.kind !== "graph");
    for (const s of slots) if (s.list) operands[s.name] = [];
    const next = (list: boolean): string => {
      const at = slots.findIndex((s) => s.list === list && (list || !(s.name in operands)));
      const slot = at < 0 ? slots.at(-1) : slots[at];
      if (!slot) throw new RangeError("it has more tensor arguments than tflower expects");
      return slot.name;
    };
    for (const { arg } of node.inputs) {
      if (arg.kind === "graph") {
        const slot = graphs.shift();
        if (!slot) throw new RangeError("it has more graphs than tflower expects");
        attrs[slot[0]] = this.context.subgraph(arg.name, arg.graph);
      } else if (arg.kind === "tensors") {
        const name = next(true);
        operands[name] = arg.names.map((n) => this.valueOf(n));
        slots.splice(
          slots.findIndex((s) => s.name === name),
          1,
        );
      } else if (arg.kind === "tensor") {
        const name = slots.some((s) => !s.list && !(s.name in operands)) ? next(false) : next(true);
        const before = operands[name];
        operands[name] = Array.isArray(before) ? [...before, this.valueOf(arg.name)] : this.valueOf(arg.name);
      } else {
        const slot = others.shift();
        if (slot) attrs[slot[0]] = readAttr(slot[1], toRawAttr(arg, this.dimOf));
      }
    }
    return { operands, attrs };
  }

  private firstTensor(node: ExportNode): { dtype: DType; rank: number } | undefined {
    for (const { arg } of node.inputs) {
      const name = arg.kind === "tensor" ? arg.name : arg.kind === "tensors" ? arg.names[0] : undefined;
      const v = name === undefined ? undefined : this.env.get(name);
      if (v) return { dtype: v.type.dtype, rank: v.type.shape.length };
    }
    return undefined;
  }

  private operandOf(
    arg: Argument,
    kind: string,
    beside: { dtype: DType; rank: number } | undefined,
  ): Value | undefined | readonly (Value | undefined)[] {
    switch (arg.kind) {
      case "none":
        return undefined;
      case "tensor":
        return kind.startsWith("variadic")
          ? (this.lists.get(arg.name) ?? [this.valueOf(arg.name)])
          : this.valueOf(arg.name);
      case "tensors":
        return arg.names.map((n) => this.valueOf(n));
      case "optionalTensors":
        return arg.names.map((n) => (n === null ? undefined : this.valueOf(n)));
      case "int":
      case "float":
      case "bool": {
        const dtype = numberDType(arg, beside);
        return this.rewriter.constant(scalarData(dtype, arg.value));
      }
      case "complex":
        return this.rewriter.constant(tensorData(numberDType(arg, beside), [], [arg.real, arg.imag]));
      case "symInt": {
        const size = this.context.compiler.knownOps.get("core.dim");
        if (!size) throw new RangeError("it takes a size as a tensor, and no dialect in use declares core.dim");
        const d = this.dimOf(arg.name);
        if (typeof d === "number") return this.rewriter.constant(scalarData(numberDType(arg, beside), d));
        return this.rewriter.create(size, {}, { expr: d }).results[0]!;
      }
      default:
        throw new RangeError(`an argument of kind "${arg.kind}" cannot be a tensor`);
    }
  }

  /** Types that the file states for a node's results, in their order. */
  private resultTypes(node: ExportNode): TensorType[] {
    const out: TensorType[] = [];
    const add = (name: string): void => {
      const meta = this.from.tensorValues.get(name);
      if (!meta) throw new RangeError(`the graph does not state the type of its result "${name}"`);
      out.push(this.typeOf(meta));
    };
    for (const o of node.outputs) {
      if (o.kind === "tensor") add(o.name);
      else if (o.kind === "tensors") o.names.forEach(add);
      else if (o.kind === "optionalTensors") o.names.forEach((n) => n !== null && add(n));
    }
    return out;
  }

  /** What we infer must be what PyTorch has recorded: a difference is a mistake in a declaration, found before it can do harm. */
  private checkTypes(made: Node, types: readonly TensorType[], location: Location): void {
    const inferred = inferTypes(made);
    if (!inferred) return;
    if ("problem" in inferred) throw new CompileError([inferred.problem]);
    types.forEach((t, i) => {
      const ours = inferred[i];
      if (!ours || !compatibleType(ours, t))
        this.context.report({
          severity: "error",
          code: "IMP0101",
          message: `"${made.op.name}" result ${i} is ${showType(t)} in the program, but tflower infers ${ours ? showType(ours) : "nothing"}`,
          op: made.op.name,
          subject: made.describe(),
          location,
          help: "this is a mistake in the op's declaration; please report it",
        });
    });
  }

  private bindResults(node: ExportNode, made: Node): void {
    let k = 0;
    const next = (name: string): void => {
      const v = made.results[k++]!;
      v.name = name;
      this.env.set(name, v);
    };
    for (const o of node.outputs) {
      if (o.kind === "tensor") next(o.name);
      else if (o.kind === "tensors") o.names.forEach(next);
      else if (o.kind === "optionalTensors") o.names.forEach((n) => n !== null && next(n));
    }
    const only = node.outputs.length === 1 && node.outputs[0]!.kind === "tensors" ? node.name : undefined;
    if (only) this.lists.set(only, made.results);
  }
}
