import {
  type Attrs,
  allocate,
  CompileError,
  countOf,
  type Diagnostic,
  type Dim,
  dataConstant,
  type Graph,
  type Location,
  mapOperands,
  type OpDef,
  type Operands,
  Rewriter,
  staticShape,
  symbolsOf,
  type TensorType,
  Value,
  wrap,
} from "@tflower/core";
import type { Operator, Subgraph, Tensor } from "../file/tflite-file.ts";
import { TfliteError } from "../schema/tflite-error.ts";
import { withAccumulatorScales } from "./accumulator-scales.ts";
import { opaqueCustom, opOfBuiltin } from "./builtin-ops.ts";
import { FileProblem, problemAt } from "./file-problem.ts";
import type { BufferConstants } from "./import-constant.ts";
import { importCustomOptions, importOptions } from "./import-options.ts";
import { type GivenParameter, importParameters } from "./import-parameters.ts";
import { type FreshSymbols, importType } from "./import-type.ts";
import { settleTypes } from "./settle-types.ts";

/** What all subgraphs of a file share. */
export interface FileContext {
  /** Names of the graphs, by index of subgraph. */
  readonly graphs: readonly string[];
  readonly constants: BufferConstants;
  readonly symbols: FreshSymbols;
  /** Declared custom ops by their names in the file. */
  readonly customOps: ReadonlyMap<string, OpDef>;
  readonly problems: Diagnostic[];
}

/** Names of the symbols in an attribute that is an extent or a list of them. */
const symbolsIn = (v: unknown): string[] => [v].flat().flatMap((d) => [...symbolsOf(d as Dim)]);

type Slots = Record<string, Value | undefined | readonly (Value | undefined)[]>;

/** Fills a graph with the operators of a subgraph. Problems are gathered: one run names them all. */
export class GraphImport {
  private readonly graph: Graph;
  private readonly source: Subgraph;
  private readonly file: FileContext;
  private readonly rewriter: Rewriter;
  private readonly values = new Map<number, Value>();
  private readonly types = new Map<number, TensorType>();
  private readonly outputs: ReadonlySet<number>;

  constructor(graph: Graph, source: Subgraph, file: FileContext) {
    this.graph = graph;
    this.source = source;
    this.file = file;
    this.rewriter = new Rewriter(graph);
    this.outputs = new Set(source.outputs);
  }

  run(inputNames: readonly (string | undefined)[]): void {
    for (const [i, index] of this.source.inputs.entries()) {
      const type = this.attempt(`input ${i} of @${this.graph.name}`, () => this.typeOf(index));
      if (type) this.values.set(index, this.graph.input(type, inputNames[i] ?? this.tensor(index).name));
    }
    for (const [i, operator] of this.source.operators.entries()) {
      const name = operator.customCode ?? operator.builtin;
      const made = this.attempt(
        `operator ${i} (${name}) of @${this.graph.name}${this.named(operator)}`,
        () => this.operator(operator),
        `tfl.${name.toLowerCase()}`,
      );
      // what reads a result that could not be made is looked at all the same
      if (!made)
        for (const index of operator.outputs)
          if (!this.values.has(index)) this.values.set(index, new Value(this.typeOrNothing(index)));
    }
    this.attempt(`the outputs of @${this.graph.name}`, () => {
      this.graph.outputs = this.source.outputs.map((index) => this.value(index));
    });
  }

  private attempt<T>(where: string, f: () => T, op?: string): T | undefined {
    try {
      return f();
    } catch (e) {
      if (e instanceof FileProblem) this.file.problems.push(problemAt(where, e, op));
      else if (e instanceof TfliteError)
        this.file.problems.push(problemAt(where, new FileProblem("TFL0033", e.message), op));
      else if (e instanceof CompileError)
        for (const d of e.diagnostics) this.file.problems.push({ ...d, message: `${where}: ${d.message}` });
      else throw e;
      return undefined;
    }
  }
  private named({ outputs }: Operator): string {
    const name = outputs[0] === undefined ? undefined : this.tensor(outputs[0]).name;
    return name ? `, which gives "${name}"` : "";
  }
  private tensor = (index: number): Tensor => this.source.tensors[index]!;

  private typeOf(index: number): TensorType {
    let type = this.types.get(index);
    if (!type) {
      type = importType(this.tensor(index), this.source.tensors, this.file.symbols);
      this.types.set(index, type);
    }
    return type;
  }
  private typeOrNothing(index: number): TensorType {
    return (
      this.attempt(`tensor ${index} of @${this.graph.name}`, () => this.typeOf(index)) ?? { dtype: "f32", shape: [] }
    );
  }

  /** The value of a tensor that an operator before has made, or that the file holds. */
  private value(index: number): Value {
    const known = this.values.get(index);
    if (known) return known;
    const t = this.tensor(index);
    const where = `tensor ${index}${t.name ? ` "${t.name}"` : ""}`;
    if (t.externalBuffer)
      throw new FileProblem(
        "TFL0032",
        `the data of ${where} lies in another file ("${t.externalBuffer.group}")`,
        "put the weights into the .tflite itself",
      );
    if (t.isVariable)
      throw new FileProblem(
        "TFL0032",
        `${where} is kept from one run to the next, where "${this.graph.name}" has no op that says so`,
      );
    if (!t.buffer) throw new FileProblem("TFL0032", `${where} is computed by no operator before it is read`);
    const v = this.graph.constant(this.file.constants.of(this.typeOf(index), t.buffer), t.name);
    this.values.set(index, v);
    return v;
  }
  /** What a tensor that the op owns starts from. */
  private variable(index: number): Value {
    const t = this.tensor(index);
    if (!t.isVariable) return this.value(index);
    const type = this.typeOf(index);
    return this.graph.constant(
      dataConstant(wrap(type, allocate(type.dtype, countOf(staticShape(type.shape))))),
      t.name,
    );
  }

  private operator(operator: Operator): true {
    const { builtin, customCode } = operator;
    const op =
      customCode === undefined
        ? opOfBuiltin(builtin)
        : (this.file.customOps.get(customCode) ?? opaqueCustom(customCode));
    if (!op)
      throw new FileProblem(
        "TFL0031",
        `the tfl dialect does not declare ${builtin}`,
        "declare it with defineTfl, or have the model made without it",
      );
    if (operator.intermediates?.some((i) => i >= 0))
      throw new FileProblem("TFL0033", "its inner values are quantized by tensors of their own");
    if (customCode !== undefined && operator.version !== 1)
      throw new FileProblem(
        "TFL0033",
        `it asks for version ${operator.version} of its kernel; custom ops are written with version 1`,
      );
    const again = operator.outputs.find((i) => this.values.has(i));
    if (again !== undefined) throw new FileProblem("TFL0033", `its result is tensor ${again}, which is there already`);

    const { operands: given, parameters } = this.operands(op, operator.inputs);
    const results = operator.outputs.map((i) => this.typeOf(i));
    const found = importParameters(op, parameters, this.file.symbols, results[0]?.shape.length ?? 0);
    const operands = withAccumulatorScales(op, { ...given, ...found.operands }, this.graph);
    const types = mapOperands(operands, (v) => v.type);
    const is16Bit = operator.inputs.some((i) => i >= 0 && this.tensor(i).dtype === "i16");
    const options =
      customCode === undefined
        ? importOptions(op, operator, this.file.graphs, is16Bit)
        : { attrs: importCustomOptions(op, operator.customOptions), rest: new Map<string, unknown>() };
    // without a table of options, kernels go by the type of the result
    if (!operator.options)
      for (const [k, spec] of Object.entries(op.attrs as Attrs))
        if (spec.kind === "dtype" && results.length) options.attrs[k] = results.at(-1)!.dtype;
    const attrs = this.withDefaults(op, { ...found.attrs, ...options.attrs });
    const settled = settleTypes({ op, operands: types, attrs, results, unknown: found.unknown }, this.file.symbols);
    const derived = op.traits.tfl!.derived?.({ operands: types, attrs: settled.attrs, results: settled.results }) ?? {};
    for (const [k, v] of options.rest)
      if (!(k in derived))
        throw new FileProblem("TFL0033", `its option "${k}" is ${JSON.stringify(v)}, and tflower has no place for it`);
    for (const k in op.traits.tfl!.parameters)
      if (!parameters[k] && symbolsIn(settled.attrs[k]).some((s) => found.unknown.has(s)))
        throw new FileProblem("TFL0033", `its "${k}" is not there, and its result does not say what it is`);

    const { locations, names } = this.names(operator.outputs);
    const node = this.rewriter.create(op, operands as never, settled.attrs, { types: settled.results, locations });
    node.results.forEach((r, i) => {
      r.name = names[i];
      this.values.set(operator.outputs[i]!, r);
    });
    return true;
  }

  /** Attributes that `infer` looks at before a node has filled them in. */
  private withDefaults(op: OpDef, attrs: Record<string, unknown>): Record<string, unknown> {
    const out = { ...attrs };
    for (const [k, spec] of Object.entries(op.attrs as Attrs))
      if (out[k] === undefined && spec.hasDefault) out[k] = spec.default;
    return out;
  }

  /** Inputs by name: those after a list of any length are counted from the end. */
  private operands(
    op: OpDef,
    inputs: readonly number[],
  ): { operands: Slots; parameters: Record<string, GivenParameter | undefined> } {
    const info = op.traits.tfl!;
    const specs = op.operands as Operands;
    const list = info.file.findIndex((name) => specs[name]?.kind.startsWith("variadic"));
    const fixed = info.file.length - (list < 0 ? 0 : 1);
    if (list < 0 && inputs.slice(fixed).some((i) => i >= 0))
      throw new FileProblem("TFL0033", `it has ${inputs.length} operands, and "${op.name}" takes ${fixed}`);
    if (list >= 0 && inputs.length < fixed)
      throw new FileProblem("TFL0033", `it has ${inputs.length} operands, and "${op.name}" takes at least ${fixed}`);
    const operands: Slots = {};
    const parameters: Record<string, GivenParameter | undefined> = {};
    info.file.forEach((name, k) => {
      if (k === list) {
        operands[name] = inputs
          .slice(list, inputs.length - (fixed - list))
          .map((i) => (i < 0 ? undefined : this.value(i)));
        return;
      }
      const index = inputs[list >= 0 && k > list ? inputs.length - (info.file.length - k) : k] ?? -1;
      if (name in info.parameters) parameters[name] = index < 0 ? undefined : this.parameter(index);
      else if (index >= 0) operands[name] = info.variables?.includes(name) ? this.variable(index) : this.value(index);
    });
    return { operands, parameters };
  }
  private parameter(index: number): GivenParameter {
    const tensor = this.tensor(index);
    const constant = !this.values.has(index) && tensor.buffer instanceof Uint8Array;
    return { tensor, value: constant ? undefined : this.value(index) };
  }

  /** Tensors are called `module/name` by our writer, and by others: the module is where the node comes from. */
  private names(outputs: readonly number[]): {
    locations: readonly Location[];
    names: readonly (string | undefined)[];
  } {
    const names = outputs.map((i) => this.tensor(i).name);
    // outputs bear the names of the signature, which say nothing about the module
    const inner = names.filter((_, i) => !this.outputs.has(outputs[i]!));
    const module = inner[0]?.slice(0, Math.max(0, inner[0].lastIndexOf("/")));
    if (!module || !inner.every((n) => n?.startsWith(`${module}/`))) return { locations: [], names };
    return {
      locations: [{ module }],
      names: names.map((n) => (n?.startsWith(`${module}/`) ? n.slice(module.length + 1) : n)),
    };
  }
}
