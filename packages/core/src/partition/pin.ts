import type { Node } from "../ir/node.ts";

/** Nodes that the user keeps from a delegate. A pin with several fields means nodes that fit all of them. */
export interface Pin {
  /** Name of an op, with its dialect or without, in any case: `tfl.softmax`, `SOFTMAX`. `*` stands for any text. */
  readonly op?: string;
  /** Module path: `encoder.layers.3` means everything in it. `*` stands for any text. */
  readonly module?: string;
  /** Anything else. */
  readonly node?: (node: Node) => boolean;
}

const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
const matchesOp = (pattern: string, name: string): boolean =>
  new RegExp(`^([^.]*\\.)?${escaped(pattern)}$`, "i").test(name);
const matchesModule = (pattern: string, path: string): boolean =>
  new RegExp(`^${escaped(pattern)}(\\..*)?$`).test(path);

const fits = (pin: Pin, node: Node): boolean =>
  (pin.op === undefined || matchesOp(pin.op, node.op.name)) &&
  (pin.module === undefined ||
    node.locations.some((l) => l.module !== undefined && matchesModule(pin.module!, l.module))) &&
  (pin.node === undefined || pin.node(node));

/** What of `pins` keeps a node, in words; `undefined` where nothing does. */
export function keptBy(pins: readonly Pin[], node: Node): string | undefined {
  const pin = pins.find((p) => fits(p, node));
  if (!pin) return undefined;
  const words = [
    pin.op !== undefined && `op "${pin.op}"`,
    pin.module !== undefined && `module "${pin.module}"`,
    pin.node && "a predicate",
  ].filter((w) => typeof w === "string");
  return words.join(" in ") || "all nodes";
}
