import type { Lowering, OpDef } from "@tflower/core";
import { atenLowerings, atenOps, complexRules } from "@tflower/ops-aten";

/** What is known of one overload. */
interface Overload {
  readonly op: OpDef;
  /** As `Tensor` of `aten.add.Tensor`; `default` where there is none. */
  readonly name: string;
  readonly lowering: Lowering<any> | undefined;
}

/**
 * The table of ops, as Markdown: a row for each op, with its overloads, and which of them have reference semantics, a lowering and a
 * property. `withoutProperty` says of which lowerings nothing is proven, and why.
 */
export function opsTable(withoutProperty: Readonly<Record<string, string>>): string {
  const lowerings = new Map(atenLowerings().map((l) => [l.op.name, l]));
  const ops = atenOps();
  const rows = new Map<string, Overload[]>();
  for (const op of ops) {
    if (op.traits.inplace) continue;
    const [base, name] = split(op.name);
    rows.set(base, [...(rows.get(base) ?? []), { op, name, lowering: lowerings.get(op.name) }]);
  }
  const isLowered = (o: Overload): boolean => o.lowering !== undefined && o.lowering.refuses === undefined;
  const isProven = (o: Overload): boolean =>
    isLowered(o) && o.op.evaluate !== undefined && withoutProperty[o.lowering!.name] === undefined;
  // the order of exports is the loader's business
  for (const overloads of rows.values()) overloads.sort((a, b) => (a.name < b.name ? -1 : 1));
  const all = [...rows.values()].flat();
  const count = (f: (o: Overload) => boolean): number => all.filter(f).length;
  const line = ([base, overloads]: readonly [string, readonly Overload[]]): string => {
    const cells = [
      `\`${base}\``,
      overloads.map((o) => o.name).join(", "),
      some(overloads, (o) => o.op.evaluate !== undefined || o.op.run !== undefined),
      some(overloads, isLowered),
      some(overloads, isProven),
      notes(overloads, withoutProperty),
    ];
    return `| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`;
  };
  return `<!-- biome-ignore-all format: generated, and its widest notes would widen every row -->

# Ops

Every op of PyTorch that is declared, by \`node scripts/ops-doc.mjs\`: ${all.length} overloads of ${rows.size} ops, of which ${count((o) => o.op.evaluate !== undefined || o.op.run !== undefined)} have reference
semantics, ${count(isLowered)} a lowering, ${count((o) => o.lowering?.refuses !== undefined)} a reason why they cannot have one, and ${count(isProven)} a property that compares the lowering with the
semantics on random applications, evaluated and on LiteRT.

A list names the overloads that have what the column says. Ops that write in place become these before they are lowered.

| op | overloads | evaluated | lowered | proven | notes |
| -- | --------- | --------- | ------- | ------ | ----- |
${[...rows]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(line)
  .join("\n")}
`;
}

function split(name: string): readonly [string, string] {
  const [namespace, op, ...overload] = name.split(".");
  return [`${namespace}.${op}`, overload.join(".") || "default"];
}
function some(overloads: readonly Overload[], holds: (o: Overload) => boolean): string {
  const names = overloads.filter(holds).map((o) => o.name);
  return names.length === overloads.length ? "yes" : names.length ? names.join(", ") : "-";
}
const complex = new Set<OpDef>(complexRules.map((r) => r.op));
/** Each thing to know once, and of which overloads, where it is not all of them. */
function notes(overloads: readonly Overload[], withoutProperty: Readonly<Record<string, string>>): string {
  const by = new Map<string, string[]>();
  for (const o of overloads)
    for (const note of notesOf(o, withoutProperty)) by.set(note, [...(by.get(note) ?? []), o.name]);
  return [...by]
    .map(([note, names]) => (names.length === overloads.length ? note : `${names.join(", ")}: ${note}`))
    .join("; ");
}
function notesOf({ op, lowering }: Overload, withoutProperty: Readonly<Record<string, string>>): string[] {
  const { traits } = op;
  return [
    ...(traits.aliasOf ? [`another name of \`${traits.aliasOf.name}\``] : []),
    ...(lowering?.refuses === undefined ? [] : [`refused: ${lowering.refuses}`]),
    ...(lowering && withoutProperty[lowering.name] !== undefined
      ? [`without a property: ${withoutProperty[lowering.name]}`]
      : []),
    ...(complex.has(op) ? ["complex numbers are computed as two real ones"] : []),
    ...(traits.wraps ? ["inlined"] : []),
    ...(traits.assertion ? ["dropped with a warning, refused when strict"] : []),
    ...(traits.countsElements ? ["as long as data says: native LiteRT only, no delegates"] : []),
    ...(traits.view && !traits.aliasOf ? ["a view"] : []),
  ];
}
