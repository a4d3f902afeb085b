import type { Node, Value } from "@tflower/core";
import * as tfl from "../dialect/index.ts";
import { elementsOf, floatsOrBytes } from "./checks.ts";
import type { Check, Refusal } from "./rule.ts";

interface Use {
  readonly node: Node;
  readonly value: Value;
}

/** Nodes that read or write what a handle names, with the tensor that goes in or out. */
function usesOf(handle: Value): readonly Use[] {
  return [...handle.users].flatMap((node): readonly Use[] =>
    node.is(tfl.readVariable)
      ? [{ node, value: node.result }]
      : node.is(tfl.assignVariable)
        ? [{ node, value: node.operands.value }]
        : [],
  );
}
const shown = (v: Value): string => `[${v.type.shape.join(",")}]`;

/** Why one use keeps to the built-in kernels. */
function refuse(node: Node, value: Value): Refusal | undefined {
  const handle = node.inputs[0]!;
  if (!handle.producer?.is(tfl.varHandle)) return { reason: "its variable comes from another graph" };
  if (!floatsOrBytes.has(value.type))
    return { reason: `its variable holds ${elementsOf(value.type)}`, help: "keep float32 in it" };
  if (node.is(tfl.readVariable) && value.type.shape.length === 0)
    return { reason: "its variable is a scalar", help: "give the buffer one axis of one element" };
  // the first use decides what the variable is
  const [first] = usesOf(handle);
  return first && (first.value.type.dtype !== value.type.dtype || shown(first.value) !== shown(value))
    ? { reason: `its variable is used with other extents elsewhere: ${shown(first.value)} and ${shown(value)}` }
    : undefined;
}

/** A variable is read or written in a form that XNNPACK has. */
export const readsVariable: Check = (node) => refuse(node, node.is(tfl.readVariable) ? node.result : node.inputs[1]!);

/** A handle goes where its first use goes. */
export const takesVariable: Check = (node) =>
  usesOf(node.result).some((u) => refuse(u.node, u.value) === undefined)
    ? undefined
    : { reason: "nothing that uses its variable is taken" };
