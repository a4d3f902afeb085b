import type { Node } from "@tflower/core";
import type { Soc } from "../soc.ts";
import { hasHtp } from "../soc-table.ts";
import { type Examined, examineNode } from "../support/node-verdict.ts";
import type { SupportVerdict } from "../support-verdict.ts";
import { nodeMark } from "./protocol.ts";
import type { QnnProcess } from "./qnn-process.ts";
import { graphWithoutWeights } from "./send-graph.ts";
import { signatureOf, type ValidatorCache } from "./validator-cache.ts";

/** What is known of a node: what the table says, and what the validator says where it was asked. */
export interface Judged {
  readonly table: Examined;
  readonly verdict: SupportVerdict;
}

/**
 * Asks the table about every node, and the validator about those that have a form in QNN. The table decides what the validator cannot
 * know, such as what a system on chip computes with; of everything else the validator knows better.
 */
export async function judgeNodes(
  nodes: readonly Node[],
  soc: Soc,
  qnn: { readonly process: QnnProcess; readonly build: string; readonly cache: ValidatorCache } | undefined,
): Promise<ReadonlyMap<Node, Judged>> {
  const examined = nodes.map((n) => examineNode(n, soc));
  const out = new Map<Node, Judged>();
  if (!qnn) {
    for (const [i, n] of nodes.entries()) out.set(n, { table: examined[i]!, verdict: examined[i]!.verdict });
    return out;
  }
  const { process, build, cache } = qnn;
  const open = new Map<string, number>();
  examined.forEach(({ graph }, i) => {
    if (!graph) return;
    const key = signatureOf(graph);
    if (!cache.get(key) && !open.has(key)) open.set(key, i);
  });
  const asked = [...open];
  if (asked.length) {
    const { codes, log } = await process.validate(asked.map(([, i]) => graphWithoutWeights(examined[i]!.graph!)));
    const messages = byNode(log);
    asked.forEach(([key, i], g) => {
      const bad = codes[g]!.findIndex((c) => c !== 0);
      const type = examined[i]!.graph!.nodes[bad]?.type;
      cache.set(
        key,
        bad < 0
          ? { supported: true }
          : { supported: false, reason: reasonOf(type!, codes[g]![bad]!, messages.get(nodeMark(g, bad)) ?? []) },
      );
    });
  }
  nodes.forEach((n, i) => {
    const table = examined[i]!;
    const known = table.graph && cache.get(signatureOf(table.graph));
    const source = { kind: "qnn-validator", sdk: build } as const;
    // the validator knows nothing of systems
    const bySystem = (!soc.float16 || !hasHtp(soc)) && !table.verdict.supported;
    if (!known || bySystem) out.set(n, { table, verdict: table.verdict });
    else if (known.supported)
      out.set(n, {
        table,
        verdict: { supported: true, qnnOps: [...new Set(table.graph!.nodes.map((x) => x.type))], source },
      });
    else out.set(n, { table, verdict: { supported: false, reason: known.reason!, source } });
  });
  return out;
}

/** What was logged after each mark. */
function byNode(log: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of log) {
    if (line.startsWith("#tflower-node")) {
      current = [];
      out.set(line.trim(), current);
    } else current.push(line.trim());
  }
  return out;
}

/** The validator's own words, without those that say only that something failed. */
function reasonOf(type: string, code: number, lines: readonly string[]): string {
  const said = lines
    .filter((l) => l.startsWith("<E>") && !/validateNativeOps|validateOpConfig failed|Failed to validate op/.test(l))
    .map((l) => l.replace(/^<E>\s*/, ""));
  const text = [...new Set(said)].join("; ").slice(0, 300);
  return `${type} is rejected with error ${code}${text ? `: ${text}` : ""}`;
}
