import type { QnnGraph, QnnNode } from "../graph/qnn-graph.ts";
import { mostAxes } from "../graph/qnn-graph-builder.ts";
import type { Soc } from "../soc.ts";
import { htpAxes, htpTypes } from "./generated/htp-types.ts";

/** Why a node is refused, and what would help. */
export interface Objection {
  readonly reason: string;
  readonly fix?: string;
}

const combinations: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  Object.entries(htpTypes).map(([op, all]) => [
    op,
    all
      .split(" ")
      .filter((c) => c)
      .map((c) => c.split("/")),
  ]),
);

/** Operations have names that people know better than their numbers. */
const describe = (node: QnnNode): string =>
  node.scalars["operation"] ? `${node.type} (operation ${node.scalars["operation"].value})` : node.type;

/** What the table has against a node of QNN on a system; nothing where it takes it. */
export function objectionTo(graph: QnnGraph, node: QnnNode, soc: Soc): Objection | undefined {
  const all = [...node.inputs, ...node.outputs].map((i) => graph.tensors[i]!);
  if (!soc.float16 && all.some((t) => t.dataType === "float32" || t.dataType === "float16"))
    return {
      reason: `${soc.name} has a Hexagon ${soc.hexagon}, which computes with integers only, and this ${node.type} has floats`,
      fix: "quantize the model (--quantize int8), or target a system with Hexagon v69 or later",
    };
  const operation = node.scalars["operation"]?.value;
  const key = operation === undefined ? node.type : `${node.type}:${operation}`;
  const most = htpAxes[key] ?? mostAxes;
  const deep = all.find((t) => t.dims.length > most);
  if (deep)
    return {
      reason: `${node.type} takes tensors of up to ${most} axes, and this one has ${deep.dims.length}: [${deep.dims.join(",")}]`,
      fix: "join axes by a reshape before it",
    };
  const known = combinations.get(key);
  if (!known) return { reason: `${describe(node)} is not among the HTP's ops that tflower knows` };
  const inputs = node.inputs.map((i) => graph.tensors[i]!.dataType);
  const output = graph.tensors[node.outputs[0]!]!.dataType;
  const fits = (c: readonly string[]): boolean =>
    c.at(-1) === output && inputs.every((d, i) => c[Math.min(i, c.length - 2)] === d);
  if (known.some(fits)) return undefined;
  const have = [...inputs, output];
  return {
    reason: `${describe(node)} takes ${known.map((c) => c.join("/")).join(", ") || "nothing"}, and this one has ${have.join("/")}`,
    ...(have.includes("int64")
      ? { fix: "use 32-bit integers (--int64 narrow-io at the interface)" }
      : { fix: "cast or quantize its operands to one of these" }),
  };
}
