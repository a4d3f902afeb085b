import { CompileError, type Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Dim } from "../ir/dim.ts";
import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { showType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import { compatibleType, verifyGraph } from "../op/verify.ts";
import type { Settings } from "../settings.ts";
import type { Emit, Rejection } from "./define-lowering.ts";
import { emitInto } from "./emit-into.ts";
import { Rewriter } from "./rewriter.ts";

/** What a lowering hook gets. */
export interface LowerContext {
  readonly emit: Emit;
  /** Undoes what `by` has emitted, and notes why it declined. */
  rejected(by: string, why: Rejection): void;
}

/** What conversion needs to know. */
export interface ConvertOptions {
  /** Whether a node may stay as it is. */
  readonly legal: (node: Node) => boolean;
  /** The values that replace `node`, or `undefined` when every candidate declined. */
  readonly lower: (node: Node, context: LowerContext) => readonly Value[] | undefined;
  /** Makes a rank-0 int32 value of an extent before `node`. */
  readonly dim: (d: Dim, emit: Emit, node: Node) => Value;
  readonly settings: Settings;
}

/** Rounds of lowering what lowerings emitted; a cycle of decompositions ends here. */
const maxDepth = 32;

/**
 * Full conversion: every node ends up legal, or a diagnostic says why each candidate declined.
 * What a lowering emits is lowered in turn. All problems are gathered; the graph is then partly converted.
 */
export function convertGraph(graph: Graph, o: ConvertOptions): Diagnostic[] {
  return convertAt(graph, o, 0);
}

/** {@link convertGraph} of a graph that a lowering has made, which may be inside others. */
function convertAt(graph: Graph, o: ConvertOptions, outer: number): Diagnostic[] {
  const rewriter = new Rewriter(graph);
  const problems: Diagnostic[] = [];
  const visit = (node: Node, depth: number): void => {
    if (o.legal(node)) return;
    const made: Node[] = [];
    const bodies: Graph[] = [];
    const tried: string[] = [];
    const emit: Emit = emitInto(rewriter, {
      place: { before: node, locations: node.locations },
      settings: o.settings,
      dim: (d) => o.dim(d, emit, node),
      made: (n) => made.push(n),
      body: (g) => bodies.push(g),
    });
    const undo = (): void => {
      for (const n of made.splice(0).reverse()) rewriter.erase(n);
      for (const g of bodies.splice(0)) removeGraph(g);
    };
    const location = node.locations[0];
    const where = { op: node.op.name, subject: node.describe(), ...(location && { location }) };
    let values: readonly Value[] | undefined;
    try {
      values = o.lower(node, {
        emit,
        rejected(by, why) {
          undo();
          tried.push(`${by}: ${why.reason}`);
        },
      });
    } catch (e) {
      undo();
      problems.push({
        severity: "error",
        code: "LOW0003",
        message: `lowering of "${node.op.name}" failed: ${(e as Error).message}`,
        ...where,
        help: "this is a bug in the lowering; please report it with the node above",
      });
      return;
    }
    if (!values) {
      problems.push({
        severity: "error",
        code: "LOW0001",
        message: `no lowering for "${node.op.name}"`,
        ...where,
        notes: tried.length
          ? tried
          : [node.op.traits.opaque ? "no dialect in use declares this op" : "no lowering of this op is registered"],
        help: node.op.traits.opaque
          ? `tflower does not know this op: declare it and add a lowering in a plugin (compiler.ops, compiler.lower), or rewrite the program without it`
          : tried.length
            ? "change the program so that one of the lowerings above applies, or add one in a plugin"
            : `add a lowering in a plugin: compiler.lower(defineLowering(op, ...)) for "${node.op.name}"`,
      });
      return;
    }
    const wrong = node.results.findIndex((r, k) => !values[k] || !compatibleType(values[k]!.type, r.type));
    if (wrong >= 0 || values.length !== node.results.length) {
      const k = Math.max(wrong, 0);
      const got = values[k] ? showType(values[k]!.type) : "nothing";
      undo();
      problems.push({
        severity: "error",
        code: "LOW0002",
        message: `lowering of "${node.op.name}" changed result ${k} from ${node.results[k] ? showType(node.results[k]!.type) : "nothing"} to ${got}`,
        ...where,
        help: "this is a bug in the lowering; please report it with the node above",
      });
      return;
    }
    rewriter.replace(node, values);
    if (depth > maxDepth)
      throw new CompileError([
        {
          severity: "error",
          code: "LOW0001",
          message: `lowering of "${node.op.name}" does not come to an end: ${maxDepth} rounds of decomposition`,
          ...where,
        },
      ]);
    for (const body of bodies) problems.push(...convertAt(body, o, depth + 1), ...verifyGraph(body));
    for (const n of made) if (n.graph) visit(n, depth + 1);
    rewriter.eraseDead(made.flatMap((n) => (n.graph ? n.results : [])));
  };
  for (const node of [...graph.nodes]) if (node.graph) visit(node, outer);
  return problems;
}

/** Takes a graph away, and with it what its nodes are to the values they read. */
function removeGraph(graph: Graph): void {
  const rewriter = new Rewriter(graph);
  graph.outputs = [];
  for (const n of [...graph.nodes].reverse()) rewriter.erase(n);
  graph.module.remove(graph.name);
}
