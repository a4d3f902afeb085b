import { importError, quote, type Where } from "./import-error.ts";
import { isKind, type PickleValue, pythonType } from "./pickle/pickle-value.ts";
import type { TorchSave } from "./pickle/torch-save.ts";
import type { SampleValue } from "./program.ts";
import type { TreeSpec } from "./schema/tree-spec.ts";

/** Flattens sample inputs, a pair of positional and keyword arguments, the way `spec` says. */
export function flattenSamples(saved: TorchSave, spec: TreeSpec | undefined, where: Where): readonly SampleValue[] {
  const out: SampleValue[] = [];
  const misfit = (expected: string, value: PickleValue) =>
    importError(
      "IMP0015",
      where,
      `the sample inputs do not fit the program's signature: expected ${expected}, got ${quote(pythonType(value))}`,
      "export the program again, or give inputs of your own",
    );
  const walk = (value: PickleValue, node: TreeSpec): void => {
    if (node.kind === "leaf") {
      out.push(leaf(saved, value, where));
      return;
    }
    if (isKind(value, "list") || isKind(value, "tuple")) {
      if (value.items.length !== node.children.length) throw misfit(`${node.children.length} items`, value);
      for (const [i, child] of node.children.entries()) walk(value.items[i]!, child.spec);
    } else if (isKind(value, "dict")) {
      const byKey = new Map(value.entries.map(([k, v]) => [keyText(k), v]));
      for (const child of node.children) {
        const item = byKey.get(child.key);
        if (item === undefined) throw misfit(`a dict with the key ${quote(child.key)}`, value);
        walk(item, child.spec);
      }
    } else throw misfit(`a ${node.type} with ${node.children.length} items`, value);
  };
  if (!spec)
    throw importError(
      "IMP0015",
      where,
      "the program does not say how its sample inputs are to be flattened",
      "give inputs of your own",
    );
  walk(saved.value, spec);
  return out;
}

function leaf(saved: TorchSave, value: PickleValue, where: Where): SampleValue {
  if (value === null) return { kind: "none" };
  if (typeof value === "boolean") return { kind: "bool", value };
  if (typeof value === "number" || typeof value === "bigint") return { kind: "int", value };
  if (typeof value === "string") return { kind: "string", value };
  if ("kind" in value) {
    if (value.kind === "float") return { kind: "float", value: value.value };
    if (value.kind === "tensor") return { kind: "tensor", tensor: saved.describe(value, where) };
  }
  return { kind: "other", what: pythonType(value) };
}

/** Keys as a tree spec shows them: JSON has its own words for Python's constants. */
const keyText = (key: PickleValue): string => (typeof key === "string" ? key.slice(0, 128) : String(key));
