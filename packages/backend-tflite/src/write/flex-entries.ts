import { type Attr, type Attrs, compileError, type Node, showAttr } from "@tflower/core";
import type { FlexValue } from "./flex-buffer.ts";

/** A custom op's attributes, as its kernel reads them from the FlexBuffer map; parameters are tensors, and not among them. */
export function flexEntries(node: Node): Record<string, FlexValue> {
  const { attrs, traits } = node.op as { readonly attrs: Attrs; readonly traits: Node["op"]["traits"] };
  const given = node.attrs as Readonly<Record<string, unknown>>;
  const out: Record<string, FlexValue> = {};
  for (const [k, spec] of Object.entries(attrs)) {
    if (given[k] === undefined || traits.tfl!.parameters[k]) continue;
    out[k] = toFlex(spec, given[k], (why) => {
      throw compileError("IR0005", `"${node.op.name}" has "${k}" = ${showAttr(spec, given[k])}, ${why}`, {
        op: node.op.name,
      });
    });
  }
  return out;
}

/** The pairs of an attribute that the file keeps as a FlexBuffer map. */
export function flexPairs(node: Node, name: string, value: unknown): Record<string, FlexValue> {
  const fail = (why: string): never => {
    throw compileError("IR0005", `"${node.op.name}" has an entry in "${name}" ${why}`, { op: node.op.name });
  };
  const pairs = (value as readonly unknown[]).map((p) =>
    Array.isArray(p) && p.length === 2 && typeof p[0] === "string"
      ? ([p[0], rawToFlex(p[1], fail)] as const)
      : fail("that is no pair of a name and a value"),
  );
  if (new Set(pairs.map(([k]) => k)).size < pairs.length) fail("whose name comes twice");
  return Object.fromEntries(pairs);
}

/** Integers and floats differ in a FlexBuffer; which a number is, the declaration says. */
function toFlex(spec: Attr<any>, v: unknown, fail: (why: string) => never): FlexValue {
  switch (spec.kind) {
    case "int":
    case "dim":
      return typeof v === "number" ? BigInt(v) : fail("a symbolic extent, which options cannot hold");
    case "list":
      return (v as readonly unknown[]).map((x) => toFlex(spec.of!, x, fail));
    case "optional":
      return v === undefined ? fail("a list with gaps, which options cannot hold") : toFlex(spec.of!, v, fail);
    case "graph":
      return fail("a graph, which the options of a custom op cannot name");
    default:
      return rawToFlex(v, fail);
  }
}

function rawToFlex(v: unknown, fail: (why: string) => never): FlexValue {
  if (typeof v === "boolean" || typeof v === "bigint" || typeof v === "number" || typeof v === "string") return v;
  return Array.isArray(v)
    ? v.map((x) => rawToFlex(x, fail))
    : fail("which is no number, boolean, string or list of them");
}
