import {
  boundsOf,
  CompileError,
  type Compiler,
  compatibleType,
  type Diagnostic,
  type Graph,
  inferTypes,
  isStatic,
  type Location,
  type Node,
  Rewriter,
  type SymbolRange,
  showType,
  sizeOf,
  type TensorType,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import { importError, type Where, within } from "../import-error.ts";
import type { TensorData, TensorSubclass } from "../program.ts";
import type { Argument, ExportGraph, ExportNode } from "../schema/exported-program.ts";
import { bindArguments, sizeValue } from "./bind-arguments.ts";
import { decide, showExpr, symbolsIn } from "./conditions.ts";
import type { ImportCode } from "./import-codes.ts";
import { opaqueOp, opNameOf } from "./opaque-op.ts";
import { ImportProblem, Scope, tensorNames } from "./scope.ts";
import { sharesMemory } from "./shares-memory.ts";
import { toLocation } from "./to-location.ts";

/** What importing a graph needs from around it. */
export interface GraphImport {
  readonly compiler: Compiler;
  /** The file, and the part of it that holds the graph. */
  readonly where: Where;
  readonly report: (d: Diagnostic) => void;
  /** Imports a sub-graph and gives its name in the module. */
  readonly subgraph: (name: string, graph: ExportGraph) => string;
  /** Bounds of the program's symbols. */
  readonly rangeOf: (symbol: string) => SymbolRange;
  /** A constant over a tensor that a tensor subclass is made of. */
  readonly innerConstant: (t: TensorData, name: string) => Value;
  /** Notes a condition that the program's inputs meet. */
  readonly precondition: (text: string) => void;
}

/** Nodes that only compute with sizes: the file states the results as expressions, so nothing is left to do. */
const sizeArithmetic =
  /^(_operator\.(?!getitem)|math\.|torch\.sym_|builtins\.|torch\.ops\.aten\.sym_(size|stride|numel|storage_offset))/;

/** Nodes that only assert. */
const guards = /^torch\.ops\.aten\.(_assert_scalar|sym_constrain_range|sym_constrain_range_for_size)\./;

/** Takes a tensor subclass apart. */
const innerTensor = "torch.ops.export.access_subclass_inner_tensor.default";

/** Symbols of values that a program computes from the contents of tensors are called u0, u1, ... */
const isUnbacked = (symbol: string): boolean => /^u\d+$/.test(symbol);

/** Turns the nodes of one graph of the file into IR. `scope` holds its inputs already. */
export class GraphImporter {
  readonly scope: Scope;
  private readonly rewriter: Rewriter;
  private readonly context: GraphImport;
  /** What is known of unbacked symbols whatever the program asserts. */
  private readonly extents = new Map<string, SymbolRange>();

  constructor(graph: Graph, from: ExportGraph, context: GraphImport) {
    this.rewriter = new Rewriter(graph);
    this.scope = new Scope(from);
    this.context = context;
  }

  run(): void {
    for (const node of this.scope.graph.nodes) {
      if (sizeArithmetic.test(node.target)) continue;
      const location = toLocation(node);
      this.attempt(`node "${node.name || node.target}"`, { op: opNameOf(node.target), location }, () => {
        if (node.target === "_operator.getitem") this.importGetItem(node);
        else if (node.target === innerTensor) this.importInner(node);
        else if (!guards.test(node.target) || !this.guard(node, location)) this.importNode(node, location);
      }) ?? this.invent(node);
    }
  }

  /** Runs `f`; a problem is reported with the part of the file it is about, and gives `undefined`. */
  attempt(part: string, about: Pick<Diagnostic, "op" | "location">, f: () => void): true | undefined {
    try {
      f();
      return true;
    } catch (e) {
      if (e instanceof CompileError) for (const d of e.diagnostics) this.context.report({ ...about, ...d });
      else {
        const { code, help } = e instanceof ImportProblem ? e : { code: "IMP0100" as const, help: undefined };
        const again = "export the program again; if the message stays, please report it with the program";
        const { diagnostics } = importError(
          code,
          within(this.context.where, part),
          (e as Error).message,
          help ?? again,
        );
        for (const d of diagnostics) this.context.report({ ...about, ...d });
      }
      return undefined;
    }
  }

  /**
   * A guard on sizes states what the program takes as input: what the symbols' ranges do not say becomes a precondition. One on a value
   * computed from data can only be dropped, and the user is told. Guards on tensors stay, for their lowering to decide.
   */
  private guard(node: ExportNode, location: Location): boolean {
    const condition = node.inputs[0]?.arg;
    if (condition?.kind === "tensor") return false;
    // sym_constrain_range repeats what the ranges of the file say
    if (condition?.kind !== "symBool") return true;
    const expr = this.scope.conditionOf(condition.name);
    const holds = decide(expr, (s) =>
      isUnbacked(s) ? (this.extents.get(s) ?? { min: -Infinity, max: Infinity }) : this.context.rangeOf(s),
    );
    if (holds) return true;
    if (![...symbolsIn(expr)].some(isUnbacked)) {
      this.context.precondition(showExpr(expr));
      return true;
    }
    const strict = this.context.compiler.settings.strict === true;
    this.context.report({
      severity: strict ? "error" : "warning",
      code: "IMP0107" satisfies ImportCode,
      message: `the program asserts ${showExpr(expr)} about a value that it computes; a .tflite has no asserts, so this one is dropped`,
      op: opNameOf(node.target),
      location,
      help: "check it before the model runs, or remove it from the program",
    });
    return true;
  }
  /** A value that leaves the graph: a tensor, or a size as a tensor. */
  outputOf(arg: Argument): Value {
    if (arg.kind === "tensor") return this.scope.valueOf(arg.name);
    if (arg.kind === "symInt")
      return sizeValue(arg.name, "i64", {
        scope: this.scope,
        compiler: this.context.compiler,
        rewriter: this.rewriter,
        location: {},
      });
    throw new ImportProblem(
      "IMP0105",
      `it is a ${arg.kind}, and a .tflite gives tensors`,
      "return it as a tensor, as torch.tensor(x.shape[0]) does",
    );
  }

  /** Gives the results of a node that failed types anyway, so that the rest is still checked. */
  private invent(node: ExportNode): void {
    for (const name of node.outputs.flatMap(tensorNames)) this.inventValue(name);
  }
  inventValue(name: string): void {
    if (this.scope.has(name)) return;
    const v = this.rewriter.constant(tensorData("f32", [], [0]));
    try {
      v.type = this.scope.typeNamed(name);
    } catch {
      v.type = tensor("f32", []); // the type itself was the problem
    }
    this.scope.define(name, v);
  }

  private importNode(node: ExportNode, location: Location): void {
    const name = opNameOf(node.target);
    const op = this.context.compiler.knownOps.get(name) ?? opaqueOp(name, node);
    const { compiler, subgraph } = this.context;
    const { operands, attrs } = bindArguments(op, node, {
      scope: this.scope,
      compiler,
      rewriter: this.rewriter,
      location,
      subgraph,
    });
    if (op.traits.viewsStorage) this.checkFillsStorage(node);
    const types = node.outputs.flatMap(tensorNames).map((n) => this.scope.typeNamed(n));
    const made = this.rewriter.create(op, operands as never, attrs, {
      locations: [location],
      ...((types.length || !op.infer) && { types }),
    }) as unknown as Node;
    if (types.length) this.checkTypes(made, types, location);
    this.noteExtents(made);
    this.bindResults(node, this.settleView(node, made, location));
  }

  /** A view that may copy: what is written to a copy later does not reach its base. */
  private settleView(node: ExportNode, made: Node, location: Location): Node {
    const { view, maybeCopies } = made.op.traits;
    if (!view || !maybeCopies) return made;
    const meta = (a: Argument | undefined) =>
      a?.kind === "tensor" ? this.scope.graph.tensorValues.get(a.name) : undefined;
    const before = meta(node.inputs.find((i) => i.name === view.operand)?.arg);
    const after = meta(node.outputs[0]);
    const sharing =
      !before || !after
        ? "unknown"
        : before.dtype !== after.dtype
          ? "view"
          : sharesMemory(before, after, this.context.rangeOf);
    if (sharing === "view") return made;
    const op = this.context.compiler.knownOps.get(sharing === "copy" ? "aten.clone" : "tflower.maybe_copy");
    return op
      ? (this.rewriter.create(op, { self: made.result } as never, {}, { locations: [location] }) as unknown as Node)
      : made;
  }

  /** Strides and offsets that count in a storage are taken to count in the operand, so it must be all of one, in order. */
  private checkFillsStorage(node: ExportNode): void {
    const name = node.inputs.map((i) => tensorNames(i.arg)[0]).find((n) => n !== undefined);
    const meta = name === undefined ? undefined : this.scope.graph.tensorValues.get(name);
    if (!meta) return;
    let step: number | undefined = 1;
    const inOrder = meta.sizes.every((_, k) => {
      const i = meta.sizes.length - 1 - k;
      const [size, stride] = [meta.sizes[i]!, meta.strides[i]!];
      const fits = size === 1 || (step !== undefined && stride === step);
      step = typeof size === "number" && step !== undefined ? step * size : undefined;
      return fits;
    });
    if (inOrder && meta.storageOffset === 0) return;
    throw new ImportProblem(
      "IMP0111",
      `it counts in the storage of "${name}", which that tensor does not fill in order`,
      "use slices, transposes and views in place of as_strided, or call contiguous() before it",
    );
  }

  private importGetItem(node: ExportNode): void {
    const [list, index] = node.inputs.map((i) => i.arg);
    const out = node.outputs[0];
    if (out?.kind === "symInt") return; // an element of a list of sizes, which the graph states
    const values =
      list?.kind === "tensor"
        ? this.scope.listOf(list.name)
        : list?.kind === "tensors"
          ? list.names.map((n) => this.scope.valueOf(n))
          : undefined;
    const k = index?.kind === "int" ? Number(index.value) : Number.NaN;
    const v = values?.at(k);
    if (!v || out?.kind !== "tensor") throw new RangeError("it picks something that is no tensor of a list");
    this.scope.define(out.name, v);
  }

  /** A tensor that a tensor subclass is made of; it may be a subclass itself. */
  private importInner(node: ExportNode): void {
    const from = tensorNames(node.inputs[0]?.arg ?? { kind: "none" })[0];
    const attribute = node.inputs[1]?.arg;
    const out = node.outputs[0];
    const whole = from === undefined ? undefined : this.scope.subclassOf(from);
    if (!whole || attribute?.kind !== "string" || out?.kind !== "tensor")
      throw new RangeError("it takes a part of something that is no tensor subclass");
    const part = whole.inner.get(attribute.value);
    if (!part)
      throw new RangeError(`a ${whole.class} has ${[...whole.inner.keys()].join(", ")}, and no "${attribute.value}"`);
    if (isSubclass(part)) this.scope.defineSubclass(out.name, part);
    else this.scope.define(out.name, this.context.innerConstant(part, `${from}.${attribute.value}`));
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
          code: "IMP0101" satisfies ImportCode,
          message: `"${made.op.name}" result ${i} is ${showType(t)} in the program, but tflower infers ${ours ? showType(ours) : "nothing"}`,
          op: made.op.name,
          subject: made.describe(),
          location,
          help: "this is a mistake in the op's declaration; please report it",
        });
    });
  }

  /** An extent that depends on data is never negative; where it counts elements of an operand there are at most as many. */
  private noteExtents(made: Node): void {
    const first = made.inputs[0];
    for (const r of made.results)
      for (const d of r.type.shape) {
        if (isStatic(d) || !isUnbacked(d.key) || this.extents.has(d.key)) continue;
        const max =
          made.op.traits.countsElements && first
            ? boundsOf(sizeOf(first.type.shape), this.context.rangeOf).max
            : Infinity;
        this.extents.set(d.key, { min: 0, max });
      }
  }

  private bindResults(node: ExportNode, made: Node): void {
    const [number] = node.outputs;
    if (made.op.traits.readsNumber && number?.kind === "symFloat") this.scope.define(number.name, made.result);
    node.outputs.flatMap(tensorNames).forEach((name, k) => {
      const v = made.results[k]!;
      v.name = name;
      this.scope.define(name, v);
    });
    if (node.outputs.length === 1 && node.outputs[0]!.kind === "tensors")
      this.scope.defineList(node.name, made.results);
  }
}

const isSubclass = (t: TensorData | TensorSubclass): t is TensorSubclass => "inner" in t;
