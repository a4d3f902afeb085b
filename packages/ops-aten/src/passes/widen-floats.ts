import {
  type Attrs,
  appliedConstant,
  type Constant,
  type Diagnostic,
  type DType,
  definePass,
  type Graph,
  mapOperands,
  type Node,
  type OpDef,
  Rewriter,
  showType,
  type TensorType,
  type Value,
  withDType,
} from "@tflower/core";
import type { AtenCode } from "../codes.ts";

declare module "@tflower/core" {
  interface Settings {
    /** Keeps float16 inputs and outputs float16 in the file, with casts behind and before them. */
    readonly float16Io?: boolean;
  }
}

/** Half precisions are computed in float32, which is at least as exact; float64 has no kernels, and becomes float32 too. */
const widened: Readonly<Partial<Record<DType, DType>>> = {
  f16: "f32",
  bf16: "f32",
  f64: "f32",
  c32: "c64",
  c128: "c64",
};
const isWidened = (t: TensorType): boolean => widened[t.dtype] !== undefined;
const widen = (t: TensorType): TensorType => withDType(t, widened[t.dtype] ?? t.dtype);

/**
 * Makes a program compute in float32 where it asks for a float type that LiteRT's kernels lack. Constants are cast lazily.
 * Explicit casts to half precision inside a float32 program are widened as well: the result is then closer to real arithmetic than PyTorch's.
 */
export const widenFloats = definePass({
  name: "widen-floats",
  summary: "Computes float16, bfloat16 and float64 programs in float32.",
  scope: "graph",
  run(graph, { compiler, report }) {
    if (!needsWidening(graph)) return;
    const isEntry = graph.module.signatures.some((s) => s.graph === graph.name);
    const keepsHalves = isEntry && compiler.settings.float16Io === true;
    const keeps = (t: TensorType): boolean => keepsHalves && t.dtype === "f16";
    const cast = compiler.knownOps.get("aten._to_copy");
    if (!cast)
      return report({
        severity: "error",
        code: "IR0007",
        message: "aten._to_copy is not declared, and constants cannot be widened without it",
      });
    if (isEntry) for (const d of notes(graph, keeps)) report(d);
    const rewriter = new Rewriter(graph);
    const halves = graph.outputs.map((v) => keeps(v.type));
    for (const v of graph.inputs)
      if (keeps(v.type))
        rewriter.putBehindInput(v, (place) => rewriter.emit(cast, { self: v }, place, { dtype: "f32" }));
    for (const v of [...graph.inputs, ...graph.states.map((s) => s.value)])
      if (isWidened(v.type) && !(keeps(v.type) && graph.inputs.includes(v))) v.type = widen(v.type);
    graph.states.splice(0, Infinity, ...graph.states.map((s) => ({ ...s, initial: widenConstant(s.initial, cast) })));
    const constants = new Map<Value, Value>();
    const constant = (v: Value): Value => {
      if (!v.constant || !isWidened(v.type)) return v;
      const w = constants.get(v) ?? rewriter.constant(widenConstant(v.constant, cast), v.name);
      constants.set(v, w);
      return w;
    };
    for (const node of [...graph.nodes]) {
      if (node.op.traits.readsBits && [...node.inputs, ...node.results].some((v) => isWidened(v.type)))
        report(bitsProblem(node));
      const made = rewriter.create(node.op, mapOperands(node.operands_, constant) as never, widenAttrs(node), {
        before: node,
        locations: node.locations,
        types: node.results.map((r) => widen(r.type)),
      });
      rewriter.replace(node, made.results);
    }
    graph.outputs = graph.outputs.map(constant);
    graph.outputs = graph.outputs.map((v, i) =>
      halves[i] && v.type.dtype === "f32" ? rewriter.emit(cast, { self: v }, {}, { dtype: "f16" }) : v,
    );
    for (const s of graph.states) s.next = constant(s.next);
    for (const m of graph.inputMutations) m.next = constant(m.next);
  },
});

/** A lazy constant, however large: a cast of weights at run time would cost more than it saves in the file. */
function widenConstant(c: Constant, cast: OpDef): Constant {
  if (!isWidened(c.type)) return c;
  const type = widen(c.type);
  return appliedConstant(cast, { self: c }, { dtype: type.dtype }, type);
}

function needsWidening(graph: Graph): boolean {
  const values = [
    ...graph.inputs,
    ...graph.outputs,
    ...graph.states.flatMap((s) => [s.value, s.next]),
    ...graph.inputMutations.map((m) => m.next),
  ];
  if (values.some((v) => isWidened(v.type))) return true;
  for (const n of graph.nodes) if ([...n.inputs, ...n.results].some((v) => isWidened(v.type))) return true;
  return false;
}

/** What callers of the program see of it. */
function notes(graph: Graph, keeps: (t: TensorType) => boolean): Diagnostic[] {
  const changes = (v: Value): boolean => isWidened(v.type) && !keeps(v.type);
  const seen = [
    ...graph.inputs.filter(changes).map((v) => `input "${v.name}" (${showType(v.type)})`),
    ...graph.outputs.flatMap((v, i) =>
      changes(v) ? [`output "${graph.outputNames[i] ?? i}" (${showType(v.type)})`] : [],
    ),
  ];
  if (seen.length === 0) return [];
  return [
    {
      severity: "note",
      code: "FLT0001" satisfies AtenCode,
      message: `${seen.join(", ")}: float32 in the file, as is all that is computed with it`,
    },
  ];
}

function bitsProblem(node: Node): Diagnostic {
  const location = node.locations[0];
  return {
    severity: "error",
    code: "FLT0002" satisfies AtenCode,
    message: `"${node.op.name}" reads the bits of ${node.inputs.map((v) => showType(v.type)).join(", ")} as ${node.results.map((r) => showType(r.type)).join(", ")}, and such floats are computed in float32`,
    op: node.op.name,
    subject: node.describe(),
    ...(location && { location }),
    help: "convert to float32 or to an integer type with .to() in place of .view()",
  };
}

function widenAttrs(node: Node): Record<string, unknown> {
  const out: Record<string, unknown> = { ...(node.attrs as Record<string, unknown>) };
  for (const [k, spec] of Object.entries(node.op.attrs as Attrs)) {
    const dtype =
      (spec.kind === "optional" ? spec.of : spec)!.kind === "dtype" ? (out[k] as DType | undefined) : undefined;
    if (dtype && widened[dtype]) out[k] = widened[dtype];
  }
  return out;
}
