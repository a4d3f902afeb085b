import { type Compiler, CompileError, type Constant, type Diagnostic, type Graph, Rewriter, type Value } from "@tflower/core";
import { importError, type Where, within } from "../import-error.ts";
import type { NamedTensor, Pt2Program, TensorData, TensorSubclass } from "../program.ts";
import type { InputSpec } from "../schema/exported-program.ts";
import type { ImportCode } from "./import-codes.ts";
import { extentOf, importConstant, placeOf } from "./import-constants.ts";
import type { GraphImporter } from "./import-graph.ts";
import { mayBeWritten } from "./may-be-written.ts";

type NamedInput = Extract<InputSpec, { readonly kind: "parameter" | "buffer" | "tensorConstant" }>;
const isNamed = (s: InputSpec): s is NamedInput => s.kind === "parameter" || s.kind === "buffer" || s.kind === "tensorConstant";

/** Constants of a program, by the tensors they come from. */
export async function loadConstants(program: Pt2Program): Promise<ReadonlyMap<TensorData, Constant>> {
  const wanted = new Map<TensorData, string>();
  const addInner = (s: TensorSubclass, name: string): void => {
    for (const [k, v] of s.inner) {
      if ("inner" in v) addInner(v, `${name}.${k}`);
      else wanted.set(v, `${name}.${k}`);
    }
  };
  for (const s of program.signature.inputs) {
    if (!isNamed(s)) continue;
    const t = program.tensors.get(s.fqn);
    if (t) wanted.set(t, s.fqn);
    const subclass = program.subclasses.get(s.fqn);
    if (subclass) addInner(subclass, s.fqn);
  }
  const out = new Map<TensorData, Constant>();
  const problems: Diagnostic[] = [];
  for (const [t, name] of wanted)
    try {
      out.set(t, await importConstant(program.file, t, name));
    } catch (e) {
      if (!(e instanceof CompileError)) throw e;
      problems.push(...e.diagnostics);
    }
  if (problems.length) throw new CompileError(problems);
  return out;
}

/** Gives every input of the program its value: tensors of the caller, constants, and state where the signature says that it changes. */
export class InputImporter {
  private readonly program: Pt2Program;
  private readonly graph: Graph;
  private readonly importer: GraphImporter;
  private readonly constants: ReadonlyMap<TensorData, Constant>;
  private readonly compiler: Compiler;
  private readonly report: (d: Diagnostic) => void;
  private readonly where: Where;
  /** Values of parameters, buffers and constants, by where their elements lie: tied ones are one value. */
  private readonly byPlace = new Map<string, Value>();
  private readonly byName = new Map<string, Value>();

  constructor(
    from: { readonly program: Pt2Program; readonly constants: ReadonlyMap<TensorData, Constant>; readonly where: Where },
    to: { readonly graph: Graph; readonly importer: GraphImporter; readonly compiler: Compiler; readonly report: (d: Diagnostic) => void },
  ) {
    this.program = from.program;
    this.constants = from.constants;
    this.where = from.where;
    this.graph = to.graph;
    this.importer = to.importer;
    this.compiler = to.compiler;
    this.report = to.report;
  }

  async run(): Promise<void> {
    await this.bindOverlapping();
    let user = 0;
    for (const spec of this.program.signature.inputs) {
      const label = spec.kind === "userInput" || spec.kind === "constantInput" ? (this.program.inputNames[user++] ?? `args_${user - 1}`) : "name" in spec ? spec.name : "";
      this.importer.attempt(`input "${label}"`, {}, () => this.bind(spec, label));
      // what was refused is said once
      const name = isNamed(spec) ? spec.name : spec.kind === "userInput" && spec.arg.kind === "tensor" ? spec.arg.name : undefined;
      if (name !== undefined && !this.importer.scope.subclassOf(name)) this.importer.inventValue(name);
    }
  }
  /** The value of a parameter, buffer or constant. */
  valueOf(fqn: string): Value | undefined {
    return this.byName.get(fqn);
  }

  private bind(spec: InputSpec, label: string): void {
    const { scope } = this.importer;
    if (isNamed(spec)) return this.bindNamed(spec);
    if (spec.kind === "customObject" || spec.kind === "token") {
      const what = spec.kind === "token" ? "token of an effectful op" : `custom object (${spec.classFqn})`;
      return this.refuse("IMP0104", label, `it is a ${what}, which a .tflite has nothing for`, "rewrite the module so that it holds tensors only");
    }
    if (spec.kind === "constantInput") return;
    const { arg } = spec;
    switch (arg.kind) {
      case "tensor":
        return scope.define(arg.name, this.graph.input(scope.typeNamed(arg.name), label));
      case "none":
      case "int":
      case "float":
      case "bool":
      case "string":
        return; // baked into the program: None and Python constants leave the order of inputs
      case "customObject":
        return this.refuse("IMP0104", label, `it is a custom object (${arg.classFqn}), which a .tflite has nothing for`, "rewrite the module so that it takes tensors only");
      default:
        return this.refuse("IMP0103", label, "it is a number that the program keeps symbolic, and a .tflite takes tensors", "pass it as a tensor, or export with a fixed value");
    }
  }

  private bindNamed(spec: NamedInput): void {
    const { scope } = this.importer;
    const { program, graph } = this;
    const t = program.tensors.get(spec.fqn);
    if (!t) {
      const subclass = program.subclasses.get(spec.fqn);
      if (subclass) return scope.defineSubclass(spec.name, subclass);
      return this.refuse("IMP0018", spec.fqn, "the program reads this tensor, but the archive holds no data for it", "export the program again with its weights");
    }
    let v = this.byPlace.get(placeOf(t));
    if (!v) {
      const initial = this.constants.get(t)!;
      if (this.mutates(spec.fqn)) {
        v = graph.state(initial, spec.fqn);
        graph.states.push({ name: spec.fqn, value: v, next: v, initial });
      } else v = graph.constant(initial, spec.fqn);
      this.byPlace.set(placeOf(t), v);
    }
    this.byName.set(spec.fqn, v);
    scope.define(spec.name, v);
  }

  /** Whether the signature says that a run changes the tensor `fqn`, or one tied to it. */
  private mutates(fqn: string): boolean {
    const place = (name: string): string | undefined => {
      const t = this.program.tensors.get(name);
      return t && placeOf(t);
    };
    return this.program.signature.outputs.some((o) => (o.kind === "bufferMutation" || o.kind === "parameterMutation") && place(o.fqn) === place(fqn));
  }

  /**
   * Tensors that lie in one storage without being the same are constants of their own, unless one of them may be written: then they
   * become views of one constant, so that a write is seen through all of them.
   */
  private async bindOverlapping(): Promise<void> {
    const { program } = this;
    for (const group of overlapping(program)) {
      const names = new Set(group.map((g) => g.spec.name));
      const stated = group.some((g) => this.mutates(g.spec.fqn));
      if (!stated && !mayBeWritten(program.graph, names, this.compiler.knownOps)) continue;
      const fqns = [...new Set(group.map((g) => g.spec.fqn))];
      const asStrided = this.compiler.knownOps.get("aten.as_strided");
      const first = group[0]!.tensor;
      if (stated || !asStrided || group.some((g) => g.tensor.dtype !== first.dtype)) {
        this.refuse("IMP0112", fqns.join(", "), "one of these tensors is written, and they share memory with each other", "give each of them memory of its own: register_buffer(name, tensor.clone())");
        continue;
      }
      const from = Math.min(...group.map((g) => extentOf(g.tensor).from));
      const to = Math.max(...group.map((g) => extentOf(g.tensor).to));
      const whole: TensorData = { ...first, sizes: [to - from], strides: [1], storageOffset: from };
      const base = this.graph.constant(await importConstant(program.file, whole, fqns.join("+")), fqns.join("+"));
      const rewriter = new Rewriter(this.graph);
      for (const { tensor: t } of group) {
        const attrs = { size: t.sizes, stride: t.strides, storage_offset: t.storageOffset - from };
        this.byPlace.set(placeOf(t), rewriter.create(asStrided, { self: base } as never, attrs).results[0]!);
      }
    }
  }

  private refuse(code: ImportCode | "IMP0018", part: string, message: string, help: string): void {
    for (const d of importError(code, within(this.where, part), message, help).diagnostics) this.report(d);
  }
}

interface Member {
  readonly spec: NamedInput;
  readonly tensor: NamedTensor;
}
/** Tensors of the signature that share elements without lying in the same place. */
function overlapping(program: Pt2Program): readonly (readonly Member[])[] {
  const byStorage = new Map<string, Member[]>();
  for (const spec of program.signature.inputs) {
    const t = isNamed(spec) ? program.tensors.get(spec.fqn) : undefined;
    if (!t || !isNamed(spec)) continue;
    const members = byStorage.get(t.storage.id) ?? [];
    members.push({ spec, tensor: t });
    byStorage.set(t.storage.id, members);
  }
  return [...byStorage.values()].flatMap(groupsWithin);
}
function groupsWithin(members: readonly Member[]): readonly (readonly Member[])[] {
  const sorted = [...members].sort((a, b) => extentOf(a.tensor).from - extentOf(b.tensor).from);
  const groups: Member[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const m of sorted) {
    const { from, to } = extentOf(m.tensor);
    if (from >= end) groups.push([]);
    groups.at(-1)!.push(m);
    end = Math.max(end, to);
  }
  return groups.filter((g) => new Set(g.map((m) => placeOf(m.tensor))).size > 1);
}
