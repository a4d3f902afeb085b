import type { Node, Support } from "@tflower/core";

/** Why a delegate refuses a node, and what to do about it. */
export interface Refusal {
  /** What stands in the way, as "its filter is computed at run time". */
  readonly reason: string;
  /** A change that would let the delegate take it. */
  readonly help?: string;
}

/** One condition of a delegate: why `node` does not meet it, or `undefined` where it does. */
export type Check = (node: Node) => Refusal | undefined;

/** What a delegate takes, by name of the builtin: facts about a delegate, not about ops. All checks of a list must pass. */
export interface DelegateTable {
  /** What messages call it. */
  readonly name: string;
  readonly builtins: Readonly<Record<string, readonly Check[]>>;
  /** By code of a custom op. */
  readonly custom: Readonly<Record<string, readonly Check[]>>;
  /** What holds for every op, after its own checks. */
  readonly always: readonly Check[];
  /** What to do about builtins that it does not have, where that is known. */
  readonly instead: Readonly<Record<string, string>>;
}

const source = "static table";

/** The verdict of a table, as core's `support` hook gives it. Ops of other dialects are none of a table's business. */
export function verdictOfTable(table: DelegateTable): (node: Node) => Support | undefined {
  return (node) => {
    const tfl = node.op.traits.tfl;
    if (!tfl) return undefined;
    const name = tfl.customCode ?? tfl.builtin;
    const checks = tfl.customCode === undefined ? table.builtins[tfl.builtin] : table.custom[tfl.customCode];
    if (!checks) {
      const help = table.instead[name];
      return {
        supported: false,
        reason: `${table.name} has no ${name}`,
        ...(help !== undefined && { help }),
        source,
      };
    }
    for (const check of [...checks, ...table.always]) {
      const refusal = check(node);
      if (refusal) return { supported: false, ...refusal, source };
    }
    return { supported: true, source };
  };
}
