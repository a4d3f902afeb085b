import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { isStatic } from "../ir/dim.ts";
import type { Graph } from "../ir/graph.ts";
import type { Module } from "../ir/module.ts";
import type { Node } from "../ir/node.ts";
import { sameType, showType, type TensorType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import { calledGraphs } from "./called-graphs.ts";
import { type Attrs, InvalidOp, mapOperands, type Operands } from "./define-op.ts";

/** Whether `a` may stand where `b` is expected: equal but for extents that are symbolic on one side. */
export function compatibleType(a: TensorType, b: TensorType): boolean {
  if (sameType(a, b)) return true;
  return (
    a.dtype === b.dtype &&
    !a.quant === !b.quant &&
    a.shape.length === b.shape.length &&
    a.shape.every((d, i) => d === b.shape[i] || !isStatic(d) || !isStatic(b.shape[i]!))
  );
}

/** What is wrong with one node by itself: operands, attributes, and how they fit. */
export function checkNode(node: Node): Diagnostic[] {
  const out: Diagnostic[] = [];
  const name = node.op.name;
  const location = node.locations[0];
  const say = (code: Diagnostic["code"], message: string): void => {
    out.push({ severity: "error", code, message: `"${name}" ${message}`, op: name, ...(location && { location }) });
  };
  for (const [k, spec] of Object.entries(node.op.operands as Operands)) {
    const v = node.operands_[k];
    if (v === undefined) {
      if (spec.kind !== "optional") say("IR0001", `is missing operand "${k}"`);
      continue;
    }
    const list = (spec.kind === "variadic" || spec.kind === "variadicOptional") as boolean;
    if (Array.isArray(v) !== list) {
      say("IR0001", `operand "${k}" must be ${list ? "a list of values" : "one value"}`);
      continue;
    }
    for (const x of (list ? v : [v]) as readonly (Value | undefined)[]) {
      if (x === undefined) {
        if (spec.kind !== "variadicOptional") say("IR0001", `is missing an element of operand "${k}"`);
      } else if (!spec.accepts(x.type))
        say("IR0002", `operand "${k}" must be ${spec.expected}, got ${showType(x.type)}`);
    }
  }
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  for (const [k, spec] of Object.entries(node.op.attrs as Attrs))
    if (!spec.check(attrs[k]))
      say("IR0005", `attribute "${k}" must be ${spec.expected}, got ${JSON.stringify(attrs[k], bigintText)}`);
  if (!out.length && node.op.verify) {
    const why = node.op.verify(typesOf(node) as never, node.attrs as never);
    if (why) say("IR0006", why);
  }
  return out;
}
const bigintText = (_: string, v: unknown): unknown => (typeof v === "bigint" ? `${v}` : v);

const typesOf = (node: Node): unknown => mapOperands(node.operands_, (v) => v.type);

/** Result types that the op infers; `undefined` when it leaves them to its maker; a diagnostic when operands do not fit together. */
export function inferTypes(node: Node): readonly TensorType[] | undefined | { readonly problem: Diagnostic } {
  if (!node.op.infer) return undefined;
  try {
    const types = node.op.infer(typesOf(node) as never, node.attrs as never) as TensorType | readonly TensorType[];
    return Array.isArray(types) ? types : [types as TensorType];
  } catch (e) {
    const location = node.locations[0];
    const why =
      e instanceof InvalidOp || e instanceof RangeError
        ? e.message
        : `failed to infer its type: ${(e as Error).message}`;
    return {
      problem: {
        severity: "error",
        code: "IR0006",
        message: `"${node.op.name}" ${why}`,
        op: node.op.name,
        ...(location && { location }),
      },
    };
  }
}

/** Everything that is wrong with a graph. */
export function verifyGraph(graph: Graph): Diagnostic[] {
  const out: Diagnostic[] = [];
  const defined = new Set<Value>([...graph.inputs, ...graph.states.map((s) => s.value)]);
  const isDefined = (v: Value): boolean => v.constant !== undefined || defined.has(v);
  for (const node of graph.nodes) {
    const location = node.locations[0];
    const where = { op: node.op.name, subject: node.describe(), ...(location && { location }) };
    const bad = checkNode(node);
    out.push(...bad);
    for (const v of node.inputs) {
      if (!isDefined(v))
        out.push({
          severity: "error",
          code: "IR0003",
          message: `"${node.op.name}" reads a value before it is defined`,
          ...where,
        });
      if (!v.users.has(node))
        out.push({
          severity: "error",
          code: "IR0007",
          message: `"${node.op.name}" is missing from the use list of an operand`,
          ...where,
        });
    }
    for (const name of calledGraphs(node))
      if (!graph.module.find(name))
        out.push({
          severity: "error",
          code: "IR0007",
          message: `"${node.op.name}" refers to graph @${name}, which is not in the module`,
          ...where,
        });
    const misfit = wrappedMisfit(node, graph);
    if (misfit) out.push({ severity: "error", code: "IR0006", message: `"${node.op.name}" ${misfit}`, ...where });
    for (const r of node.results) defined.add(r);
    if (bad.length) continue;
    const inferred = inferTypes(node);
    if (!inferred) continue;
    if ("problem" in inferred) out.push(inferred.problem);
    else
      inferred.forEach((t, i) => {
        const have = node.results[i]?.type;
        if (!have || !compatibleType(t, have))
          out.push({
            severity: "error",
            code: "IR0004",
            message: `"${node.op.name}" result ${i} has type ${have ? showType(have) : "none"}, inferred ${showType(t)}`,
            ...where,
          });
      });
  }
  graph.outputs.forEach((v, i) => {
    if (!isDefined(v))
      out.push({
        severity: "error",
        code: "IR0003",
        message: `output ${i} of @${graph.name} is a value that no node of it defines`,
      });
  });
  for (const s of graph.states)
    if (!isDefined(s.next))
      out.push({
        severity: "error",
        code: "IR0003",
        message: `state "${s.name}" of @${graph.name} gets a value that no node of it defines`,
      });
  return out;
}

/** What a node that only runs a graph gives it and takes from it must be what the graph takes and gives. */
function wrappedMisfit(node: Node, graph: Graph): string | undefined {
  const { wraps } = node.op.traits;
  const body = wraps && graph.module.find((node.attrs as Readonly<Record<string, string>>)[wraps.graph]!);
  if (!body) return undefined;
  const show = (values: readonly Value[]): string => values.map((v) => showType(v.type)).join(", ") || "nothing";
  const fits = (from: readonly Value[], to: readonly Value[]): boolean =>
    from.length === to.length && from.every((v, i) => compatibleType(v.type, to[i]!.type));
  const given = node.operands_[wraps.operands] as readonly Value[];
  if (!fits(given, body.inputs)) return `gives (${show(given)}) to @${body.name}, which takes (${show(body.inputs)})`;
  return fits(body.outputs, node.results)
    ? undefined
    : `has results (${show(node.results)}), and @${body.name} gives (${show(body.outputs)})`;
}

/** Everything that is wrong with a module. */
export function verifyModule(module: Module): Diagnostic[] {
  const out = module.graphs.flatMap(verifyGraph);
  for (const s of module.signatures)
    if (!module.find(s.graph))
      out.push({
        severity: "error",
        code: "IR0007",
        message: `signature "${s.key}" refers to graph @${s.graph}, which is not in the module`,
      });
  return out;
}
