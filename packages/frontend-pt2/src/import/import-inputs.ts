import {
  CompileError,
  type Compiler,
  type Constant,
  type Diagnostic,
  type Graph,
  Rewriter,
  type Value,
} from "@tflower/core";
import type { NamedTensor, Pt2Program, TensorData, TensorSubclass } from "../program.ts";
import type { InputSpec } from "../schema/exported-program.ts";
import { extentOf, importConstant, placeOf } from "./import-constants.ts";
import type { GraphImporter } from "./import-graph.ts";
import { isBakedIn } from "./is-baked-in.ts";
import { mayBeWritten } from "./may-be-written.ts";
import { ImportProblem } from "./scope.ts";

type NamedInput = Extract<InputSpec, { readonly kind: "parameter" | "buffer" | "tensorConstant" }>;
const isNamed = (s: InputSpec): s is NamedInput =>
  s.kind === "parameter" || s.kind === "buffer" || s.kind === "tensorConstant";

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
  /** Values of parameters, buffers and constants, by where their elements lie: tied ones are one value. */
  private readonly byPlace = new Map<string, Value>();
  private readonly byName = new Map<string, Value>();

  constructor(
    program: Pt2Program,
    constants: ReadonlyMap<TensorData, Constant>,
    graph: Graph,
    importer: GraphImporter,
    compiler: Compiler,
  ) {
    this.program = program;
    this.constants = constants;
    this.graph = graph;
    this.importer = importer;
    this.compiler = compiler;
  }

  async run(): Promise<void> {
    await this.bindOverlapping();
    let user = 0;
    for (const spec of this.program.signature.inputs) {
      const label =
        spec.kind === "userInput" || spec.kind === "constantInput"
          ? (this.program.inputNames[user++] ?? `args_${user - 1}`)
          : "name" in spec
            ? spec.name
            : "";
      this.importer.attempt(`input "${label}"`, {}, () => this.bind(spec, label));
      // what was refused is said once
      const name = isNamed(spec)
        ? spec.name
        : spec.kind === "userInput" && spec.arg.kind === "tensor"
          ? spec.arg.name
          : undefined;
      if (name !== undefined && !this.importer.scope.subclassOf(name)) this.importer.inventValue(name);
    }
  }
  /** The value of a parameter, buffer or constant. */
  valueOf(fqn: string): Value | undefined {
    return this.byName.get(fqn);
  }

  private bind(spec: InputSpec, label: string): void {
    const { scope } = this.importer;
    if (isNamed(spec)) this.bindNamed(spec);
    else if (spec.kind === "token") throw noCounterpart("a token of an effectful op");
    else if (spec.kind === "customObject") throw noCounterpart(`a custom object (${spec.classFqn})`);
    else if (spec.kind === "userInput") {
      const { arg } = spec;
      if (arg.kind === "tensor") scope.define(arg.name, this.graph.input(scope.typeNamed(arg.name), label));
      else if (arg.kind === "customObject") throw noCounterpart(`a custom object (${arg.classFqn})`);
      // baked into the program: None and Python constants leave the order of inputs
      else if (!isBakedIn(arg))
        throw new ImportProblem(
          "IMP0103",
          "it is a number that the program keeps symbolic, and a .tflite takes tensors",
          "pass it as a tensor, or export with a fixed value",
        );
    }
  }

  private bindNamed(spec: NamedInput): void {
    const { program, graph, importer } = this;
    const t = program.tensors.get(spec.fqn);
    const subclass = program.subclasses.get(spec.fqn);
    if (subclass) {
      importer.scope.defineSubclass(spec.name, subclass);
      return;
    }
    if (!t)
      throw new ImportProblem(
        "IMP0018",
        `the program reads "${spec.fqn}", but the archive holds no data for it`,
        "export the program again with its weights",
      );
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
    importer.scope.define(spec.name, v);
  }

  /** Whether the signature says that a run changes the tensor `fqn`, or one tied to it. */
  private mutates(fqn: string): boolean {
    const place = (name: string): string | undefined => {
      const t = this.program.tensors.get(name);
      return t && placeOf(t);
    };
    return this.program.signature.outputs.some(
      (o) => (o.kind === "bufferMutation" || o.kind === "parameterMutation") && place(o.fqn) === place(fqn),
    );
  }

  /**
   * Tensors that lie in one storage without being the same are constants of their own, unless one of them may be written: then they
   * become views of one constant, so that a write is seen through all of them.
   */
  private async bindOverlapping(): Promise<void> {
    const { program, compiler } = this;
    for (const group of overlapping(program)) {
      const names = new Set(group.map((g) => g.spec.name));
      const stated = group.some((g) => this.mutates(g.spec.fqn));
      if (!stated && !mayBeWritten(program.graph, names, compiler.knownOps)) continue;
      const fqns = [...new Set(group.map((g) => g.spec.fqn))].join("+");
      const from = Math.min(...group.map((g) => extentOf(g.tensor).from));
      const to = Math.max(...group.map((g) => extentOf(g.tensor).to));
      const whole: TensorData = { ...group[0]!.tensor, sizes: [to - from], strides: [1], storageOffset: from };
      const base = this.graph.constant(await importConstant(program.file, whole, fqns), fqns);
      const asStrided = compiler.knownOps.get("aten.as_strided");
      this.importer.attempt(fqns, {}, () => {
        if (stated || !asStrided || group.some((g) => g.tensor.dtype !== whole.dtype))
          throw new ImportProblem(
            "IMP0112",
            "one of these tensors is written, and they share memory with each other",
            "give each of them memory of its own: register_buffer(name, tensor.clone())",
          );
        const rewriter = new Rewriter(this.graph);
        for (const { tensor: t } of group) {
          const attrs = { size: t.sizes, stride: t.strides, storage_offset: t.storageOffset - from };
          this.byPlace.set(placeOf(t), rewriter.create(asStrided, { self: base } as never, attrs).results[0]!);
        }
      });
    }
  }
}

const noCounterpart = (what: string): ImportProblem =>
  new ImportProblem(
    "IMP0104",
    `it is ${what}, which a .tflite has nothing for`,
    "rewrite the module so that it holds and takes tensors only",
  );

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
